//! What a host accepts to agree on before any HTTP: versions of TLS, suites, certificate.
//!
//! The one other place that opens a connection beside [`super::probe::wire`]: it asks the door first, sends handshakes only, few
//! of them and spaced, within bounded time and bytes. What was gathered is a [`Capture`], which can be kept and judged again on
//! another day without a connection; a replay must use that, and never [`gather`].

mod agree;
mod chain;
pub mod hear;
pub mod hello;

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant, SystemTime};

use rustls::pki_types::ServerName;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::{Host, Url};

use super::probe::{Door, Unanswered};
use super::timed::Timed;
use agree::Agreement;
use hear::{Heard, Hello};
use hello::Offer;

/// Least time between two handshakes.
const SPACING: Duration = Duration::from_millis(100);
/// Connections that fail in a row before nothing more is tried.
const PATIENCE: u32 = 3;
/// Handshakes at most.
pub const MOST: u32 = 13;

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

/// Shakes hands with a host: thirteen times at most. `timeout` is for each.
///
/// # Errors
/// Why nothing was gathered.
pub fn gather(door: &Door, url: &Url, timeout: Duration) -> Result<Capture, Unanswered> {
    door.admits(url)?;
    let host = url.host().ok_or(Unanswered::Foreign)?.to_owned();
    // An address written in http is that of a page in clear: there is no TLS to speak of.
    let port = url.port_or_known_default().filter(|_| url.scheme() == "https").ok_or(Unanswered::Protocol)?;
    let addresses = url.socket_addrs(|| Some(port)).map_err(|_| Unanswered::Unreachable)?;
    let name = server_name(&host).ok_or(Unanswered::Foreign)?;
    let mut line = Line { addresses, timeout, last: None, handshakes: 0, failed: 0 };
    let mut capture = Capture { host: host.to_string(), port, ..Capture::default() };
    let mut nonsense = 0;
    for (version, protocol) in [("tls13", &rustls::version::TLS13), ("tls12", &rustls::version::TLS12)] {
        let mut stream = match line.connect() {
            Ok(stream) => stream,
            Err(why) if line.handshakes == 0 => return Err(why),
            Err(_) => continue,
        };
        let (agreement, chain) = agree::agree(&mut stream, &name, protocol);
        if capture.chain.is_empty() {
            capture.chain = chain;
        }
        let refused = Agreed { accepted: false, suite: String::new(), group: String::new() };
        let agreed = match agreement {
            Agreement::Reached { suite, group } => Agreed { accepted: true, suite, group },
            Agreement::Refused => refused,
            Agreement::Silence => continue,
            Agreement::Nonsense => {
                nonsense += 1;
                continue;
            }
        };
        capture.agreed.insert(version.to_owned(), agreed);
    }
    let sni = match &host {
        Host::Domain(domain) => Some(domain.as_str()),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    };
    let mut offered = |offer: &Offer, capture: &mut Capture| {
        let heard = line.offer(offer, sni);
        nonsense += u32::from(heard == Heard::Nonsense);
        let taken = match heard {
            Heard::Hello(hello) => taken(offer, &hello, capture),
            Heard::Refused => Some(Taken::default()),
            Heard::Silence | Heard::Nonsense => None,
        };
        let accepted = taken.as_ref().is_some_and(|t| t.accepted);
        if let Some(taken) = taken {
            capture.offers.insert(offer.name.to_owned(), taken);
        }
        accepted
    };
    offered(&hello::FULL, &mut capture);
    for offer in hello::VERSIONS {
        offered(offer, &mut capture);
    }
    // Without TLS 1.2 there is no suite of it.
    if capture.tls12() != Some(false) {
        for offer in hello::CLASSES {
            offered(offer, &mut capture);
        }
    }
    capture.handshakes = line.handshakes;
    match () {
        () if capture.agreed.values().any(|a| a.accepted) || capture.offers.values().any(|t| t.accepted) => Ok(capture),
        () if nonsense > 0 => Err(Unanswered::Protocol),
        // It refuses whatever is offered: that it refuses what is old says nothing, nor that it refuses what is new.
        () if !capture.agreed.is_empty() || !capture.offers.is_empty() => Err(Unanswered::Tls),
        () => Err(Unanswered::Timeout),
    }
}

/// What a hello says of an offer: `None` when it is about something else than what was offered.
fn taken(offer: &Offer, hello: &Hello, capture: &mut Capture) -> Option<Taken> {
    if hello.version > offer.version || !offer.has(hello.suite) {
        return None;
    }
    if capture.chain.is_empty() {
        capture.chain.clone_from(&hello.chain);
    }
    // An older version than the one offered is another offer's business.
    if hello.version != offer.version {
        return Some(Taken::default());
    }
    let small = hello.curve().and_then(hear::curve_bits);
    Some(Taken {
        // Some servers pay no heed to the curves that are offered, and use a good one.
        accepted: offer.name != "smallCurves" || small.is_some(),
        compression: hello.compression,
        secure_renegotiation: hello.secure_renegotiation,
        encrypt_then_mac: hello.encrypt_then_mac,
        prime_bits: if offer.name == "dhe" { hello.prime_bits() } else { None },
        curve_bits: small,
    })
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

/// Connections to one host.
struct Line {
    addresses: Vec<SocketAddr>,
    timeout: Duration,
    last: Option<Instant>,
    handshakes: u32,
    /// Failures in a row.
    failed: u32,
}

impl Line {
    fn connect(&mut self) -> Result<Timed, Unanswered> {
        if self.failed >= PATIENCE {
            return Err(Unanswered::Unreachable);
        }
        if let Some(rest) = self.last.and_then(|last| SPACING.checked_sub(last.elapsed())) {
            std::thread::sleep(rest);
        }
        let deadline = Instant::now() + self.timeout;
        let mut late = false;
        for address in &self.addresses {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                late = true;
                break;
            }
            match TcpStream::connect_timeout(address, left) {
                Ok(stream) => {
                    (self.handshakes, self.failed, self.last) = (self.handshakes + 1, 0, Some(Instant::now()));
                    return Ok(Timed::new(stream, deadline));
                }
                Err(error) => late |= error.kind() == std::io::ErrorKind::TimedOut,
            }
        }
        self.failed += 1;
        self.last = Some(Instant::now());
        Err(if late { Unanswered::Timeout } else { Unanswered::Unreachable })
    }

    fn offer(&mut self, offer: &Offer, sni: Option<&str>) -> Heard {
        let mut random = [0; 32];
        if getrandom::fill(&mut random).is_err() {
            return Heard::Silence;
        }
        let Ok(mut stream) = self.connect() else { return Heard::Silence };
        if stream.write_all(&offer.bytes(sni, random)).is_err() {
            return Heard::Silence;
        }
        let heard = hear::hear(&mut stream);
        // A farewell (close_notify), then nothing.
        let _ = stream.write_all(&[21, 3, 1, 0, 2, 1, 0]);
        heard
    }
}
