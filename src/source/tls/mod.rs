//! What a host accepts to agree on before any HTTP: versions of TLS, suites, certificate.
//!
//! The one other place that opens a connection beside [`super::probe::wire`]: it asks the door first, sends handshakes only, few
//! of them and spaced, within bounded time and bytes. What was gathered is a [`Capture`], which can be kept and judged again on
//! another day without a connection; a replay must use that, and never [`gather`].

mod agree;
mod chain;
mod gather;
pub mod hear;
pub mod hello;

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use rustls::pki_types::ServerName;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};

use super::probe::{Door, Unanswered};
pub use gather::gather;

/// Handshakes with a host that answers.
pub const USUAL: u32 = 13;
/// Handshakes at most, with one that hangs up instead of refusing: all but the first that it takes are tried twice, between two others.
pub const MOST: u32 = 2 * USUAL + 1;

/// What was heard of one host, before anything is made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// Host.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Handshakes carried through, by version (`tls12`, `tls13`).
    pub agreed: BTreeMap<String, Agreed>,
    /// Offers by name (`tls10`, `rc4`…), and what was made of them. One that is missing is not known.
    pub offers: BTreeMap<String, Taken>,
    /// Certificates in DER, base64, that of the server first.
    #[serde(with = "base64_list")]
    pub chain: Vec<Vec<u8>>,
    /// Handshakes.
    pub handshakes: u32,
}

/// A handshake that came to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreed {
    /// Whether it was agreed to; what follows is empty otherwise.
    pub accepted: bool,
    /// Suite.
    pub suite: String,
    /// Group of the key exchange.
    pub group: String,
}

/// What was made of an offer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// Whether it was agreed to; what follows is about that.
    pub accepted: bool,
    /// Compression.
    pub compression: bool,
    /// Secure renegotiation announced.
    pub secure_renegotiation: bool,
    /// `encrypt_then_mac` announced.
    pub encrypt_then_mac: bool,
    /// Bits of the prime of Diffie-Hellman.
    pub prime_bits: Option<usize>,
    /// Bits of a curve of less than 256.
    pub curve_bits: Option<u16>,
}

mod base64_list {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(list: &[Vec<u8>], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(list.iter().map(|bytes| STANDARD.encode(bytes)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Vec<u8>>, D::Error> {
        let list = Vec::<String>::deserialize(from)?;
        list.iter().map(|text| STANDARD.decode(text).map_err(serde::de::Error::custom)).collect()
    }
}

/// Facts `tls.host` of the host and port of an address, today.
///
/// # Errors
/// Why nothing was gathered; nothing is sent to a host that the door does not admit.
pub fn observe(door: &Door, url: &Url, authority: Option<&[u8]>, timeout: Duration) -> Result<Value, Unanswered> {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |d| d.as_secs());
    gather(door, url, timeout).map(|capture| facts(&capture, authority, i64::try_from(now).unwrap_or(i64::MAX)))
}

impl Capture {
    fn accepted(&self, offer: &str) -> Option<bool> {
        self.offers.get(offer).map(|t| t.accepted)
    }

    fn tls12(&self) -> Option<bool> {
        let classes = hello::CLASSES.iter().map(|c| c.name).chain(["full"]);
        let seen = self.agreed.get("tls12").is_some_and(|a| a.accepted) || classes.filter_map(|c| self.accepted(c)).any(|a| a);
        match (seen, self.accepted("full")) {
            (true, _) => Some(true),
            (false, full) => full.filter(|_| self.agreed.contains_key("tls12")),
        }
    }
}

/// Facts `tls.host` of a capture, on a given day (seconds since 1970). Members that are not known are absent.
#[must_use]
pub fn facts(capture: &Capture, authority: Option<&[u8]>, at: i64) -> Value {
    let (tls12, tls13) = (capture.tls12(), capture.agreed.get("tls13").map(|a| a.accepted));
    let mut versions = serde_json::Map::new();
    let old = hello::VERSIONS.iter().map(|o| (o.name, capture.accepted(o.name)));
    for (name, accepted) in old.chain([("tls12", tls12), ("tls13", tls13)]) {
        versions.extend(accepted.map(|a| (name.to_owned(), json!(a))));
    }
    let mut facts = json!({"probe": "handshake", "port": capture.port, "handshakes": capture.handshakes, "versions": versions});
    let modern = match (tls12, tls13) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    };
    let known = |facts: &mut Value, name: &str, value: Option<Value>| {
        if let Some(value) = value {
            facts[name] = value;
        }
    };
    known(&mut facts, "modern", modern.map(Value::from));
    let mut suites = serde_json::Map::new();
    for class in hello::CLASSES.iter().map(|c| c.name).filter(|name| *name != "smallCurves") {
        let accepted = if tls12 == Some(false) { Some(false) } else { capture.accepted(class) };
        // CBC with the code computed after encryption has not its weakness.
        let mended = class == "cbc" && capture.offers.get(class).is_some_and(|t| t.encrypt_then_mac);
        suites.extend(accepted.map(|a| (class.to_owned(), json!(a && !mended))));
    }
    facts["suites"] = Value::Object(suites);
    let reached: Vec<(&String, &Agreed)> = capture.agreed.iter().filter(|(_, a)| a.accepted).collect();
    facts["negotiated"] = reached.iter().map(|(v, a)| ((*v).clone(), json!({"suite": a.suite, "group": a.group}))).collect();
    known(&mut facts, "dhBits", capture.offers.get("dhe").and_then(|t| t.prime_bits).map(Value::from));
    let small = capture.offers.get("smallCurves");
    known(&mut facts, "smallCurve", small.map(|t| json!(t.accepted)));
    known(&mut facts, "curveBits", small.and_then(|t| t.curve_bits).map(Value::from));
    let full = capture.offers.get("full");
    known(&mut facts, "compression", full.map(|t| json!(t.accepted && t.compression)));
    known(&mut facts, "secureRenegotiation", full.filter(|t| t.accepted).map(|t| json!(t.secure_renegotiation)));
    let name = Host::parse(&capture.host).ok().and_then(|h| server_name(&h));
    known(&mut facts, "certificate", name.and_then(|n| chain::facts(&capture.chain, &n, authority, at)));
    facts
}

/// The same facts, when a session was opened with that version (`tls12`, `tls13`) beside: what was done can be done, whatever a host said to
/// offers.
pub fn spoken(facts: &mut Value, version: &str) {
    facts["modern"] = true.into();
    facts["versions"][version] = true.into();
}

/// Facts of the probe `consistency`: whether hosts of one source, each with its facts, are held alike. `None` below two hosts.
#[must_use]
pub fn consistency(hosts: &[Value]) -> Option<Value> {
    let alike = |part: fn(&Value) -> Value| hosts.windows(2).all(|pair| part(&pair[0]) == part(&pair[1]));
    (hosts.len() > 1).then(|| {
        json!({"probe": "consistency", "hosts": hosts.len(), "sameVersions": alike(|h| h["versions"].clone()),
               "sameTrust": alike(|h| h["certificate"]["trusted"].clone())})
    })
}

fn server_name(host: &Host<impl AsRef<str>>) -> Option<ServerName<'static>> {
    Some(match host {
        Host::Domain(domain) => ServerName::try_from(domain.as_ref().trim_end_matches('.').to_owned()).ok()?,
        Host::Ipv4(address) => ServerName::IpAddress(std::net::IpAddr::V4(*address).into()),
        Host::Ipv6(address) => ServerName::IpAddress(std::net::IpAddr::V6(*address).into()),
    })
}
