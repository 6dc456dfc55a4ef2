//! The live sources of an audit: opens the door that the target file describes, observes, keeps the transcript.
//!
//! Must never judge, nor ask anything that [`crate::target`] does not name.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use url::Url;

use crate::outcome::{Finding, Message, Reason};
use crate::rules::contract::Contract;
use crate::source::annuaire::live::Directory;
use crate::source::annuaire::model::Model;
use crate::source::annuaire::{self, server};
use crate::source::cas::{self, Consent, Met};
use crate::source::observation::{Observed, Sight, Unseen};
use crate::source::probe::http::{Answer, origin};
use crate::source::probe::redact::Redactor;
use crate::source::probe::transcript::Transcript;
use crate::source::probe::wire::Wire;
use crate::source::probe::{Door, Unanswered};
use crate::source::{tls, web};
use crate::target::ldap::LdapSpec;
use crate::target::live::{CasSpec, Network, WebSpec};

/// How live sources are observed.
#[derive(Debug, Default)]
pub struct Live {
    /// What was agreed to.
    pub consent: Consent,
    /// Transcripts to replay, in the order of the live sources: nothing is asked of anybody.
    pub replay: Option<Mutex<std::vec::IntoIter<Transcript>>>,
    /// Where transcripts are kept, when they are wanted.
    pub kept: Option<Mutex<Vec<Transcript>>>,
    /// Seconds since 1970 of the observation: that of the recording when one is replayed.
    pub now: i64,
    /// How many things were asked so far.
    pub asked: AtomicU64,
}

/// What the names of facts of TLS and of pages start with.
const HYGIENE: &[&str] = &["tls", "web"];

/// What a CAS source gives, all prefixes.
const CAS: &[&str] = &["cas", "service", "tls", "web"];

/// Observes a CAS server, then the TLS and the pages of its hosts.
///
/// # Errors
/// Nothing could be asked: the certificate authority, the transcript.
pub fn cas(
    spec: &CasSpec,
    contracts: &BTreeMap<String, Contract>,
    live: &Live,
    key: [u8; 32],
    step: &dyn Fn(),
) -> Result<Observed, Message> {
    let addresses = [Some(&spec.url), spec.clear_url.as_ref()].into_iter().flatten().map(|w| w.url().clone());
    let origins = spec.accounts.iter().filter_map(|a| a.origin.as_ref()).map(|o| o.url().clone());
    let named: Vec<Url> = addresses.chain(origins).collect();
    let mut opened = Opened::new(spec.url.url(), &named, &spec.network, live, key)?;
    let (mut observed, met) = cas::observe(spec, contracts, live.consent, &mut opened.door, step);
    observed.prefixes = CAS;
    let base = spec.url.url();
    let context = web::Context { now: live.now };
    observed.sights.extend(met.iter().map(|m| page(&opened.door, m, live.now)));
    let seen: Vec<&str> = met.iter().map(|m| m.page).collect();
    let missing: Vec<&'static str> = ["login", "logout", "validation", "portal"].into_iter().filter(|p| !seen.contains(p)).collect();
    // The forms of the login page are told by `cas.page`.
    let told = Unseen::NotApplicable(Message::new("detail.nothing.live"));
    observed.sights.push(Sight { facts: "web.page", probe: "page", seen: Err(told), request: None });
    let why = first_reason(&observed);
    observed.sights.extend(missing.into_iter().map(|probe| Sight { facts: "web.page", probe, seen: Err(why.clone()), request: None }));
    opened.door.anonymous();
    let login = cas::probes::under(base, "/login", &[]);
    let clear = spec.clear_url.as_ref().map(|c| cas::probes::under(c.url(), "/login", &[]));
    observed.sights.push(web::observe_clear(&mut opened.door, &login, clear.as_ref(), &context));
    let validation = cas::probes::under(base, "/serviceValidate", &[]);
    observed.sights.extend(web::observe_host(&mut opened.door, base, &[validation], &context));
    step();
    let hosts = std::iter::once(base.clone()).chain(spec.accounts.iter().filter_map(|a| a.origin.as_ref()).map(|o| o.url().clone()));
    observed.sights.extend(opened.hosts(hosts.collect(), live));
    observed.requests = opened.door.sent();
    opened.close(live);
    Ok(observed)
}

/// Observes a page: its TLS, its headers.
///
/// # Errors
/// As [`cas`].
pub fn web(spec: &WebSpec, live: &Live, key: [u8; 32], step: &dyn Fn()) -> Result<Observed, Message> {
    let named: Vec<Url> = [Some(&spec.url), spec.clear_url.as_ref()].into_iter().flatten().map(|w| w.url().clone()).collect();
    let mut opened = Opened::new(spec.url.url(), &named, &spec.network, live, key)?;
    let base = spec.url.url();
    let mut sights = web::observe(&mut opened.door, base, spec.clear_url.as_ref().map(|c| c.url()), &web::Context { now: live.now });
    step();
    sights.extend(opened.hosts(vec![base.clone()], live));
    let label = spec.label.clone().unwrap_or_else(|| base.host_str().unwrap_or_default().to_owned());
    let shown = vec![("source.url".to_owned(), base.to_string())];
    let requests = opened.door.sent();
    opened.close(live);
    Ok(Observed { label, kind: "web", prefixes: HYGIENE, summary: Value::Null, sights, shown, problems: Vec::<Finding>::new(), requests })
}

/// Observes a directory server and reads its directory.
pub fn ldap(spec: &LdapSpec, model: Arc<Model>, live: &Live, key: [u8; 32], step: &dyn Fn()) -> (Observed, Result<Directory, Message>) {
    let nothing = |why: Message| {
        let label = spec.shown();
        (Observed { label, kind: "ldap", prefixes: &[annuaire::PREFIX], ..Observed::default() }, Err(why))
    };
    // What a directory holds is kept in no recording: there is nothing to replay.
    if live.replay.is_some() {
        return nothing(Message::new("problem.ldap.replay"));
    }
    let Ok(authority) = spec.ca.as_ref().map(std::fs::read).transpose() else { return nothing(Message::new("problem.authority")) };
    let server::Met { mut observed, read, tls: version } = server::observe(spec, authority.as_deref(), model, step);
    // A certificate is met now, whatever the day that the directory is judged on.
    let now = jiff::Timestamp::now().as_second();
    let seen = if spec.url.tls {
        let hosts = vec![format!("{}:{}", spec.url.host(), spec.url.port())];
        let timeout_s = u32::try_from(spec.timeout().as_secs()).ok();
        let network = Network { hosts, ca: spec.ca.clone(), timeout_s, ..Network::default() };
        match Opened::new(spec.url.web(), &[], &network, live, key) {
            Ok(mut opened) => match opened.capture(spec.url.web()) {
                Ok(capture) => {
                    observed.requests += capture.handshakes;
                    Ok(tls::facts(&capture, authority.as_deref(), now))
                }
                Err(_) if version.is_some() => Ok(json!({"port": spec.url.port(), "versions": {}})),
                Err(why) => Err(web::unseen(why)),
            },
            Err(why) => Err(Unseen::Undetermined { reason: Reason::Blocked, detail: why, blocker: None }),
        }
    } else {
        Err(Unseen::NotApplicable(Message::new("detail.ldap.starttls")))
    };
    let seen = seen.map(|mut facts| {
        version.into_iter().for_each(|version| tls::spoken(&mut facts, version));
        facts
    });
    observed.sights.push(server::tls_sight(&spec.url, seen));
    (observed, read)
}

/// Why the first thing asked was not seen: what is said of what could not even be tried.
fn first_reason(observed: &Observed) -> Unseen {
    let reason = observed.sights.iter().find_map(|s| s.seen.as_ref().err().cloned());
    reason.unwrap_or_else(|| Unseen::NotApplicable(Message::new("detail.nothing.live")))
}

fn page(door: &Door, met: &Met, now: i64) -> Sight {
    let last = met.hops.last();
    let seen = last.map(|answer: &Answer| web::page(met.page, answer, &met.hops, now));
    let request = last.and_then(|a| Some(format!("#{} {}", a.exchange, door.shown(a.exchange)?)));
    let nothing = || Unseen::NotApplicable(Message::new("detail.nothing.live"));
    Sight { facts: "web.page", probe: met.page, seen: seen.ok_or_else(nothing), request }
}

/// A door, and what goes with it.
struct Opened {
    door: Door,
    authority: Option<Vec<u8>>,
    network: Network,
    source: String,
    /// TLS of the transcript that is replayed.
    replayed: Option<(Vec<tls::Capture>, Vec<Unanswered>)>,
    captured: Vec<tls::Capture>,
    unanswered: Vec<Unanswered>,
}

impl Opened {
    fn new(base: &Url, named: &[Url], network: &Network, live: &Live, key: [u8; 32]) -> Result<Self, Message> {
        // The usual ports go together: an address in https lets the same host be asked in clear.
        let allowed = network.allowed(named.iter()).map_err(|_| Message::new("problem.url"))?;
        let (limits, redactor) = (network.limits(), Redactor::new(key));
        let authority = network.ca.as_ref().map(std::fs::read).transpose().map_err(|_| Message::new("problem.authority"))?;
        let source = base.to_string();
        let (door, replayed) = match &live.replay {
            Some(replay) => {
                let next = replay.lock().ok().and_then(|mut all| all.next()).filter(|t| t.source == source);
                let mut transcript = next.ok_or_else(|| Message::new("problem.transcript"))?;
                let heard = (std::mem::take(&mut transcript.tls), std::mem::take(&mut transcript.tls_unanswered));
                (Door::replay(allowed, limits, transcript, redactor), Some(heard))
            }
            None => {
                let agent = match &network.contact {
                    Some(contact) => format!("conforment/{} (audit ENT; {})", env!("CARGO_PKG_VERSION"), header_safe(contact)),
                    None => format!("conforment/{} (audit ENT)", env!("CARGO_PKG_VERSION")),
                };
                let wire = Wire::new(authority.as_deref(), &agent, &limits).map_err(|_| Message::new("problem.authority"))?;
                (Door::live(allowed, limits, wire, redactor), None)
            }
        };
        let (captured, unanswered) = (Vec::new(), Vec::new());
        Ok(Self { door, authority, network: network.clone(), source, replayed, captured, unanswered })
    }

    /// The TLS of each host, once.
    fn hosts(&mut self, mut urls: Vec<Url>, live: &Live) -> Vec<Sight> {
        urls.retain(|u| u.scheme() == "https");
        urls.sort_by_key(origin);
        urls.dedup_by_key(|u| origin(u));
        if urls.is_empty() {
            let why = Unseen::NotApplicable(Message::new("detail.nothing.live"));
            return vec![Sight { facts: "tls.host", probe: "handshake", seen: Err(why), request: None }];
        }
        let (mut sights, mut facts) = (Vec::new(), Vec::new());
        for url in urls {
            let seen = match self.capture(&url) {
                Ok(capture) => {
                    let seen = tls::facts(&capture, self.authority.as_deref(), live.now);
                    facts.push(seen.clone());
                    self.captured.push(capture);
                    Ok(seen)
                }
                Err(why) => {
                    self.unanswered.push(why);
                    Err(web::unseen(why))
                }
            };
            sights.push(Sight { facts: "tls.host", probe: "handshake", seen, request: Some(format!("TLS {}", origin(&url))) });
        }
        if let Some(all) = tls::consistency(&facts) {
            sights.push(Sight { facts: "tls.host", probe: "consistency", seen: Ok(all), request: None });
        } else {
            let why = Unseen::NotApplicable(Message::new("detail.one_host"));
            sights.push(Sight { facts: "tls.host", probe: "consistency", seen: Err(why), request: None });
        }
        sights
    }

    fn capture(&mut self, url: &Url) -> Result<tls::Capture, Unanswered> {
        let Some((heard, unanswered)) = &mut self.replayed else {
            return tls::gather(&self.door, url, self.network.limits().timeout);
        };
        let is = |c: &tls::Capture| Some(c.host.as_str()) == url.host_str() && Some(c.port) == url.port_or_known_default();
        let found = heard.iter().position(is).map(|at| heard.swap_remove(at));
        found.ok_or_else(|| unanswered.pop().unwrap_or(Unanswered::NotRecorded))
    }

    fn close(self, live: &Live) {
        let Some(kept) = &live.kept else { return };
        let transcript = Transcript { source: self.source, tls: self.captured, tls_unanswered: self.unanswered, ..self.door.transcript() };
        if let Ok(mut kept) = kept.lock() {
            kept.push(transcript);
        }
    }
}

/// A contact as a header may carry it.
fn header_safe(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').take(120).collect()
}
