//! Proxy tickets, seen from a service that the tool plays in https: `cas.proxy` (CAS protocol 3.0.3, §2.5.4, §2.6, §2.7).
//!
//! The server is made to call the tool, so nothing is done unless asked (`--intrusive`). What is handed over is concealed and is in no
//! fact: shapes, counts, yes or no.

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use serde_json::{Value, json};
use url::Url;

use super::answer::{self, Seen};
use super::listener::Listening;
use super::session::{Signed, another, sign_in, ticket};
use super::{Audit, busy, lacking, unseen};
use crate::outcome::Message;
use crate::source::login::Driver;
use crate::source::observation::{PROBES, Unseen};
use crate::source::probe::http::Request;
use crate::source::probe::jar::Jar;
use crate::source::probe::{Ask, Unanswered};
use crate::target::live::{Proxying, private_text};

/// How long a call is waited for, once the answer of the validation is there: the server calls before it answers.
const PATIENCE: Duration = Duration::from_millis(500);
/// What only exists once a proxy-granting ticket was handed over.
const AFTER: &[&str] = &["pgt-query", "proxy", "proxied", "proxied-again", "proxied-service", "proxied-validate", "proxy-after-logout"];

/// Observes what a service that acts for its users is given.
pub(super) fn observe(audit: &mut Audit<'_>, signed: &Signed) {
    let all = PROBES.iter().find(|(name, _)| *name == "cas.proxy").map_or(&[][..], |(_, probes)| *probes);
    if !audit.consent.intrusive {
        return audit.blind("cas.proxy", all, &lacking("detail.not_asked.intrusive"));
    }
    if audit.known.get("/proxy") == Some(&false) {
        let absent = Unseen::NotApplicable(Message::new("detail.no_endpoint").with("endpoint", "/proxy"));
        return audit.blind("cas.proxy", all, &absent);
    }
    let Some(spec) = audit.spec.proxy.clone() else { return audit.blind("cas.proxy", all, &lacking("detail.no_proxy")) };
    if audit.door.is_replay() {
        for probe in all {
            let seen = audit.door.noted(probe).ok_or_else(|| unseen(Unanswered::NotRecorded));
            audit.sight("cas.proxy", probe, seen);
        }
        return;
    }
    let Some(service) = spec.service.as_ref().or(audit.spec.service.as_ref()).map(|s| s.url().clone()) else {
        return audit.blind("cas.proxy", all, &lacking("detail.no_service"));
    };
    let host = spec.url.url().host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let (Some(known), Some(unknown)) = (identity(&spec), unknown(&host)) else {
        return audit.blind("cas.proxy", all, &lacking("detail.proxy_identity"));
    };
    let mut browser = signed.anew();
    // Signs in once for all tickets.
    if let Err(why) = ticket(audit, "pgt-untrusted", &mut browser, &service) {
        return audit.blind("cas.proxy", all, &why);
    }
    let mut work = Work { service, browser };
    let callback = spec.url.url().clone();
    let seen = work.granted(audit, "pgt-untrusted", &spec.bind, unknown, &callback).map(|g| g.facts);
    tell(audit, "pgt-untrusted", seen);
    let granted = work.granted(audit, "pgt", &spec.bind, Arc::clone(&known), &callback);
    let granting = granted.as_ref().ok().and_then(|g| g.granting.clone());
    tell(audit, "pgt", granted.map(|g| g.facts));
    match granting {
        Some(granting) => work.proxied(audit, &spec, &known, &granting),
        None => audit.blind("cas.proxy", AFTER, &lacking("detail.no_pgt")),
    }
    let seen = match &spec.unregistered {
        Some(other) => work.granted(audit, "pgt-unregistered", &other.bind, known, other.url.url()).map(|g| g.facts),
        None => Err(lacking("detail.no_unregistered")),
    };
    tell(audit, "pgt-unregistered", seen);
}

/// Writes facts down, and for whoever replays the transcript: nobody calls back then.
fn tell(audit: &mut Audit<'_>, probe: &'static str, seen: Result<Value, Unseen>) {
    if let Ok(facts) = &seen {
        audit.door.note(probe, facts);
    }
    audit.sight("cas.proxy", probe, seen);
}

/// What a validation with a callback gave.
struct Granted {
    facts: Value,
    granting: Option<String>,
}

struct Work {
    service: Url,
    browser: Signed,
}

impl Work {
    /// Validates a ticket with a callback, where the tool listens as `shown`.
    fn granted(
        &mut self,
        audit: &mut Audit<'_>,
        probe: &'static str,
        bind: &str,
        shown: Arc<ServerConfig>,
        callback: &Url,
    ) -> Result<Granted, Unseen> {
        let listening = Listening::start(bind, "GET", Some(shown)).map_err(|_| busy(bind))?;
        let ticket = another(audit, probe, &mut self.browser.jar, &self.service)?;
        let query = [("service", self.service.as_str()), ("ticket", ticket.as_str()), ("pgtUrl", callback.as_str())];
        let request = Request::get(audit.addresses.endpoint("/serviceValidate", &query));
        let answer = audit.ask(probe, &request, &mut Jar::default()).map_err(unseen)?;
        let seen = answer::read(probe, "/serviceValidate", &answer);
        seen.secrets().for_each(|secret| audit.door.conceal(secret));
        // A call made to see that the address is there carries nothing: the one that matters does.
        let calls = listening.calls(1, if seen.granting.is_some() { PATIENCE * 10 } else { PATIENCE });
        let asked = |target: &str| Url::parse("https://x").and_then(|base| base.join(target)).ok();
        let called: Vec<Url> = calls.iter().filter_map(|c| asked(&c.target)).collect();
        let of = |url: &Url, name: &str| url.query_pairs().find(|(n, _)| n == name).map(|(_, v)| v.into_owned());
        let handed = called.iter().find(|url| of(url, "pgtId").is_some());
        let (granting, iou) = (handed.and_then(|u| of(u, "pgtId")), handed.and_then(|u| of(u, "pgtIou")));
        let kept = |url: &Url| {
            let given: Vec<_> = url.query_pairs().filter(|(n, _)| n != "pgtId" && n != "pgtIou").collect();
            url.path() == callback.path() && callback.query_pairs().all(|pair| given.contains(&pair))
        };
        let mut facts = ended(probe, &seen);
        facts["callbacks"] = calls.len().into();
        facts["pgtId"] = granting.is_some().into();
        facts["pgtIou"] = iou.is_some().into();
        facts["iouGiven"] = seen.granting.is_some().into();
        if let Some(handed) = handed {
            facts["callbackKept"] = kept(handed).into();
        }
        if let (Some(handed), Some(answered)) = (&iou, &seen.granting) {
            facts["iouAgrees"] = (handed == answered).into();
        }
        if let Some(iou) = &iou {
            facts["iou"] = shape(iou);
            audit.door.conceal(iou);
        }
        if let Some(granting) = &granting {
            facts["granting"] = shape(granting);
            facts["disclosed"] = answer.text().contains(granting.as_str()).into();
            audit.door.conceal(granting);
        }
        Ok(Granted { facts, granting })
    }

    /// What a proxy-granting ticket gives.
    fn proxied(&mut self, audit: &mut Audit<'_>, spec: &Proxying, shown: &Arc<ServerConfig>, granting: &str) {
        let mut queried = spec.url.url().clone();
        queried.query_pairs_mut().append_pair("conforment", "a b&c");
        let seen = self.granted(audit, "pgt-query", &spec.bind, Arc::clone(shown), &queried).map(|g| g.facts);
        tell(audit, "pgt-query", seen);
        let target = spec.target.as_ref().or(spec.service.as_ref()).or(audit.spec.service.as_ref());
        let target = target.map_or_else(|| self.service.clone(), |t| t.url().clone());
        let callback = spec.url.url().as_str().to_owned();
        let proxied = proxy(audit, "proxy", granting, &target);
        let ticket = proxied.as_ref().ok().and_then(|(_, ticket)| ticket.clone());
        tell(audit, "proxy", proxied.map(|(facts, _)| facts));
        if let Some(ticket) = ticket {
            for probe in ["proxied", "proxied-again"] {
                let seen = validated(audit, probe, "/proxyValidate", &target, &ticket, &callback);
                tell(audit, probe, seen);
            }
            // Each with a ticket of its own: a refused one may be spent.
            for (probe, endpoint) in [("proxied-service", "/serviceValidate"), ("proxied-validate", "/validate")] {
                let seen = match audit.known.get(endpoint) {
                    Some(false) => Err(Unseen::NotApplicable(Message::new("detail.no_endpoint").with("endpoint", endpoint))),
                    _ => proxy(audit, probe, granting, &target)
                        .and_then(|(_, ticket)| ticket.ok_or_else(|| lacking("detail.no_pt")))
                        .and_then(|ticket| validated(audit, probe, endpoint, &target, &ticket, &callback)),
                };
                tell(audit, probe, seen);
            }
        } else {
            let left = ["proxied", "proxied-again", "proxied-service", "proxied-validate"];
            audit.blind("cas.proxy", &left, &lacking("detail.no_pt"));
        }
        // That the ticket no longer works after the logout says something only if it worked before.
        let seen = if audit.out.iter().any(|s| s.probe == "proxy" && s.seen.as_ref().is_ok_and(|f| f["result"] == "proxy-success")) {
            let (config, url) = (audit.spec.login.clone(), audit.addresses.endpoint("/logout", &[]));
            let out = audit.run("proxy-after-logout", &Driver::new(&config), &mut self.browser.jar, &url).map_err(unseen);
            out.and_then(|_| proxy(audit, "proxy-after-logout", granting, &target)).map(|(facts, _)| facts)
        } else {
            Err(lacking("detail.no_pt"))
        };
        tell(audit, "proxy-after-logout", seen);
        // The session is over: what follows needs another.
        let service = self.service.clone();
        let _ = sign_in(audit, "pgt-unregistered", &mut self.browser, &service, &[]);
    }
}

/// Asks for a proxy ticket: the document, and the ticket.
fn proxy(audit: &mut Audit<'_>, probe: &'static str, granting: &str, target: &Url) -> Result<(Value, Option<String>), Unseen> {
    let request = Request::get(audit.addresses.endpoint("/proxy", &[("pgt", granting), ("targetService", target.as_str())]));
    let answer = audit.ask(probe, &request, &mut Jar::default()).map_err(unseen)?;
    let seen = answer::read(probe, "/proxy", &answer);
    let mut facts = ended(probe, &seen);
    if let Some(ticket) = &seen.proxy_ticket {
        audit.door.conceal(ticket);
        facts["ticket"] = shape(ticket);
    }
    Ok((facts, seen.proxy_ticket))
}

/// Validates a proxy ticket.
fn validated(
    audit: &mut Audit<'_>,
    probe: &'static str,
    endpoint: &str,
    target: &Url,
    ticket: &str,
    callback: &str,
) -> Result<Value, Unseen> {
    let request = Request::get(audit.addresses.endpoint(endpoint, &[("service", target.as_str()), ("ticket", ticket)]));
    let answer = audit.ask(probe, &request, &mut Jar::default()).map_err(unseen)?;
    let seen = answer::read(probe, endpoint, &answer);
    seen.secrets().for_each(|secret| audit.door.conceal(secret));
    let mut facts = ended(probe, &seen);
    facts["ticketAccepted"] = seen.accepted().into();
    if seen.accepted() {
        facts["proxies"] = json!({"count": seen.proxies.len(), "first": seen.proxies.first().is_some_and(|p| p == callback)});
    }
    Ok(facts)
}

/// How an answer ends: what all documents begin with.
fn ended(probe: &str, seen: &Seen) -> Value {
    let mut facts = json!({"probe": probe, "result": seen.result});
    if let Some(code) = seen.facts.get("code") {
        facts["code"] = code.clone();
    }
    facts
}

/// What a ticket looks like (§3): never the ticket.
fn shape(ticket: &str) -> Value {
    let prefix = ["PGTIOU-", "PGT-", "PT-", "ST-"].into_iter().find(|p| ticket.starts_with(p)).unwrap_or("other");
    json!({"prefix": prefix, "length": ticket.chars().count(),
           "charset": ticket.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')})
}

/// What the listener shows: the certificate and the key of the target file.
fn identity(spec: &Proxying) -> Option<Arc<ServerConfig>> {
    let chain = std::fs::read(&spec.certificate).ok().filter(|pem| pem.len() < 1 << 20)?;
    let chain: Vec<CertificateDer<'_>> = CertificateDer::pem_slice_iter(&chain).collect::<Result<_, _>>().ok()?;
    let key = PrivateKeyDer::from_pem_slice(private_text(&spec.key)?.as_bytes()).ok()?;
    config(chain.into_iter().map(CertificateDer::into_owned).collect(), key)
}

/// What nobody trusts: a certificate that signs itself, drawn now.
fn unknown(host: &str) -> Option<Arc<ServerConfig>> {
    let drawn = rcgen::generate_simple_self_signed(vec![host.to_owned()]).ok()?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(drawn.signing_key.serialize_der()));
    config(vec![drawn.cert.der().clone()], key)
}

fn config(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Option<Arc<ServerConfig>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    builder.with_no_client_auth().with_single_cert(chain, key).ok().map(Arc::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_hold_nothing_of_a_ticket() {
        assert_eq!(shape("PGTIOU-12-abc"), json!({"prefix": "PGTIOU-", "length": 13, "charset": true}));
        assert_eq!(shape("TGT_é"), json!({"prefix": "other", "length": 5, "charset": false}));
    }
}
