//! A CAS server: what is asked of it, and what it answers, as facts.
//!
//! Three parts: what needs no account ([`probes`] is the table), what a test account may see ([`session`]), and what third-party
//! services are told ([`services`]). Everything goes through the door. Must never judge: requirements do.

pub mod answer;
mod intrusive;
mod listener;
mod logout;
pub mod pages;
pub mod plan;
pub mod probes;
mod proxy;
pub mod release;
mod saml;
mod services;
mod session;
mod validations;
pub mod xml;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use url::Url;

use self::answer::Seen;
use self::probes::{Addresses, Part, VALIDATIONS, VISITS, Validation};
use crate::outcome::{Message, Reason};
use crate::rules::contract::Contract;
use crate::source::login::{Driver, Run};
use crate::source::observation::{Observed, Sight, Unseen};
use crate::source::probe::http::{Answer, Request};
use crate::source::probe::jar::Jar;
use crate::source::probe::{Ask, Door, Unanswered};
use crate::target::live::CasSpec;

/// What the names of facts of this source start with.
pub const PREFIXES: &[&str] = &["cas", "service"];

/// What those who run the audit agreed to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Consent {
    /// Probes that may lock the test account or make the server call out.
    pub intrusive: bool,
    /// Probes that wait for minutes.
    pub slow: bool,
}

/// An answer that says something of HTTP beside CAS: pages of login, of logout, a validation.
#[derive(Debug)]
pub struct Met {
    /// `login`, `logout`, `validation` or `portal`.
    pub page: &'static str,
    /// All the exchanges, the last one being the page.
    pub hops: Vec<Answer>,
}

/// Observes a server. `contracts` are those of the set; `step` is told each time something was asked.
pub fn observe(
    spec: &CasSpec,
    contracts: &BTreeMap<String, Contract>,
    consent: Consent,
    door: &mut Door,
    step: &dyn Fn(),
) -> (Observed, Vec<Met>) {
    let addresses = Addresses::of(spec);
    let mut audit =
        Audit { spec, contracts, consent, door, step, addresses, out: Vec::new(), met: Vec::new(), known: BTreeMap::new(), down: None };
    audit.validations();
    audit.visits();
    audit.repeat();
    audit.inventory();
    session::observe(&mut audit);
    let (sights, met) = (audit.out, audit.met);
    let host = spec.url.url().host_str().unwrap_or_default();
    let observed = Observed {
        label: spec.label.clone().unwrap_or_else(|| host.to_owned()),
        kind: "cas",
        prefixes: PREFIXES,
        summary: json!({"versions": spec.versions.iter().map(|v| v.as_str()).collect::<Vec<_>>()}),
        sights,
        shown: vec![("source.url".to_owned(), spec.url.url().to_string())],
        problems: Vec::new(),
        requests: door.sent(),
    };
    (observed, met)
}

/// An observation under way.
struct Audit<'a> {
    spec: &'a CasSpec,
    contracts: &'a BTreeMap<String, Contract>,
    consent: Consent,
    door: &'a mut Door,
    step: &'a dyn Fn(),
    addresses: Addresses,
    out: Vec<Sight>,
    met: Vec<Met>,
    /// Whether endpoints exist, as far as was seen.
    known: BTreeMap<&'static str, bool>,
    /// The server cannot be asked at all.
    down: Option<Unanswered>,
}

/// Why there is no document, from why there was no answer.
#[must_use]
pub fn unseen(why: Unanswered) -> Unseen {
    let reason = if why.is_limit() { Reason::OutOfBudget } else { Reason::Blocked };
    let blocker = match why {
        Unanswered::Tls => Some("cas.untrusted"),
        Unanswered::Unreachable => Some("cas.unreachable"),
        _ => None,
    };
    Unseen::Undetermined { reason, detail: Message::new(&format!("detail.unanswered.{}", why.as_str())), blocker }
}

/// An answer that tells something: not that the server is too busy, nor one that has no end.
fn told(answer: Answer) -> Result<Answer, Unanswered> {
    match answer.status {
        429 => Err(Unanswered::Throttled),
        503 if answer.header("retry-after").is_some() => Err(Unanswered::Throttled),
        _ if answer.cut => Err(Unanswered::Protocol),
        _ => Ok(answer),
    }
}

/// The tool cannot listen where the target file says.
fn busy(bind: &str) -> Unseen {
    let detail = Message::new("detail.listener_busy").with("bind", bind);
    Unseen::Undetermined { reason: Reason::Blocked, detail, blocker: None }
}

/// Something the target file would have to say.
fn lacking(key: &str) -> Unseen {
    Unseen::Undetermined { reason: Reason::Blocked, detail: Message::new(key), blocker: None }
}

impl Audit<'_> {
    fn sight(&mut self, facts: &'static str, probe: &'static str, seen: Result<Value, Unseen>) {
        let request = seen.is_ok().then(|| self.door.last_exchange()).and_then(|n| Some(format!("#{n} {}", self.door.shown(n)?)));
        self.out.push(Sight { facts, probe, seen, request });
    }

    fn blind(&mut self, facts: &'static str, probes: &[&'static str], why: &Unseen) {
        for probe in probes {
            self.out.push(Sight { facts, probe, seen: Err(why.clone()), request: None });
        }
    }

    /// One exchange for a probe; once a server cannot be asked, it is not asked again.
    fn ask(&mut self, probe: &str, request: &Request, jar: &mut Jar) -> Result<Answer, Unanswered> {
        if let Some(why) = self.down {
            return Err(why);
        }
        self.door.probing(probe);
        let answer = self.door.ask(request, jar).and_then(told);
        (self.step)();
        if let Err(why @ (Unanswered::Tls | Unanswered::Unreachable)) = answer
            && request.url.origin() == self.addresses.base().origin()
        {
            self.down = Some(why);
        }
        answer
    }

    /// A run of the login driver for a probe.
    fn run(&mut self, probe: &str, driver: &Driver<'_>, jar: &mut Jar, url: &Url) -> Result<Run, Unanswered> {
        if let Some(why) = self.down {
            return Err(why);
        }
        self.door.probing(probe);
        let run = driver.run(self.door, jar, url);
        (self.step)();
        if let crate::source::login::Outcome::Unanswered { url, why: why @ (Unanswered::Tls | Unanswered::Unreachable) } = &run.outcome
            && url.origin() == self.addresses.base().origin()
        {
            self.down = Some(*why);
        }
        Ok(run)
    }

    /// What is missing of the version an endpoint is of: absent and not declared, it is about nothing.
    fn not_here(&self, part: Part, endpoint: &str) -> Option<Unseen> {
        let declared = match part {
            Part::Always => true,
            Part::Version(version) => self.spec.versions.iter().any(|v| *v >= version),
            Part::Optional => false,
        };
        (!declared).then(|| Unseen::NotApplicable(Message::new("detail.no_endpoint").with("endpoint", endpoint)))
    }

    /// The validation endpoints, without an account.
    fn validations(&mut self) {
        let mut reference: Option<(&'static str, Option<String>)> = None;
        for probe in VALIDATIONS {
            let seen = self.validation(probe);
            let sight = match seen {
                Ok((answer, mut seen)) => {
                    if probe.needs != probes::Needs::Clear {
                        let exists = self.known.entry(probe.endpoint).or_insert(false);
                        *exists |= seen.exists();
                    }
                    if probe.name == "unknown-ticket" {
                        reference = Some((seen.result, seen.code.clone()));
                        self.met.push(Met { page: "validation", hops: vec![answer] });
                    }
                    if let (true, Some(reference)) = (probe.name.starts_with("p3-"), &reference) {
                        seen.facts.insert("agrees".into(), (*reference == (seen.result, seen.code.clone())).into());
                    }
                    match self.not_here(probe.part, probe.endpoint).filter(|_| self.known.get(probe.endpoint) != Some(&true)) {
                        Some(absent) => Err(absent),
                        None => Ok(Value::Object(seen.facts)),
                    }
                }
                Err(why) => Err(why),
            };
            self.sight("cas.answer", probe.name, sight);
        }
    }

    fn validation(&mut self, probe: &Validation) -> Result<(Answer, Seen), Unseen> {
        if let Some(key) = self.addresses.lacks(probe.needs) {
            return Err(lacking(key));
        }
        let request = self.addresses.validation(probe);
        match self.ask(probe.name, &request, &mut Jar::default()) {
            Ok(answer) => {
                let seen = answer::read(probe.name, probe.endpoint, &answer);
                Ok((answer, seen))
            }
            Err(Unanswered::Unreachable | Unanswered::Timeout | Unanswered::Protocol)
                if probe.needs == probes::Needs::Clear && self.down.is_none() =>
            {
                // Nothing listens in clear: that is an answer, and a good one.
                let facts = json!({"probe": probe.name, "endpoint": probe.endpoint, "exists": false, "refused": true, "result": "none",
                                   "leaks": [], "injected": false});
                let facts = facts.as_object().cloned().unwrap_or_default();
                let answer =
                    Answer { exchange: 0, url: request.url, status: 0, headers: Vec::new(), body: Vec::new(), cut: false, millis: 0 };
                Ok((answer, Seen { facts, result: "none", ..Seen::default() }))
            }
            Err(why) => Err(unseen(why)),
        }
    }

    /// The pages, without an account.
    fn visits(&mut self) {
        let (mut honoured, mut token) = (false, None);
        for visit in VISITS {
            let sight = match self.addresses.lacks(visit.needs) {
                Some(key) => Err(lacking(key)),
                None => {
                    let service = self.addresses.service_of(visit).filter(|_| !visit.planted);
                    let driver = Driver::new(&self.spec.login);
                    let driver = match &service {
                        Some(service) => driver.service(service),
                        None => driver,
                    };
                    let url = self.addresses.visit(visit).url;
                    let run = self.run(visit.name, &driver, &mut Jar::default(), &url);
                    run.and_then(|run| pages::read(visit.name, &run, service.as_ref()).map(|seen| (run, seen))).map_err(unseen)
                }
            };
            let sight = sight.map(|(run, mut seen)| {
                if visit.name == "gateway" {
                    honoured = seen.end == "service" && seen.facts.get("redirect").is_some_and(|r| r["ticket"] == false);
                }
                if visit.gateway {
                    seen.facts.insert("gatewayHonoured".into(), honoured.into());
                }
                if visit.name == "login-again"
                    && let (Some(first), Some(second)) = (&token, &seen.token)
                {
                    seen.facts.insert("tokenDiffers".into(), (first != second).into());
                }
                if matches!(visit.name, "login" | "logout") {
                    self.met.push(Met { page: visit.name, hops: run.hops.into_iter().map(|h| h.answer).collect() });
                    let exists = !matches!(seen.facts.get("status").and_then(Value::as_u64), Some(404 | 405 | 501));
                    self.known.insert(visit.endpoint, exists);
                }
                if visit.name == "login" {
                    token = seen.token;
                }
                Value::Object(seen.facts)
            });
            self.sight("cas.page", visit.name, sight);
        }
        self.empty_post();
    }

    /// The login form posted with nothing in it, and without its token.
    fn empty_post(&mut self) {
        let url = self.addresses.endpoint("/login", &[]);
        let fields = [("username".to_owned(), String::new()), ("password".to_owned(), String::new())];
        let mut jar = Jar::default();
        let seen = self.ask("login-empty-post", &Request::form(url, &fields), &mut jar).map(|answer| {
            let page = crate::source::login::Page::read(&answer);
            let ticket = answer.location().is_some_and(|to| to.query_pairs().any(|(n, _)| n == "ticket"));
            let end = match () {
                () if answer.is_redirect() => "page",
                () if answer.status >= 400 => "refused",
                () if pages::login_form(&page).is_some() => "form",
                () => "page",
            };
            let mut facts = json!({"probe": "login-empty-post", "hops": [], "status": answer.status, "end": end, "offsite": [], "millis": answer.millis,
                                   "page": {"forms": page.forms.len(), "errorWords": page.words.error}});
            if answer.is_redirect() {
                facts["redirect"] = json!({"to": "same", "status": answer.status, "ticket": ticket, "scheme": answer.url.scheme()});
            }
            facts
        });
        self.sight("cas.page", "login-empty-post", seen.map_err(unseen));
    }

    /// The same refusal, twenty times: does it change, does it slow down?
    fn repeat(&mut self) {
        const TIMES: usize = 20;
        if self.addresses.service().is_none() {
            self.blind("cas.server", &["repeat"], &lacking("detail.no_service"));
            return;
        }
        let Some(probe) = VALIDATIONS.iter().find(|p| p.name == "unknown-ticket") else { return };
        let request = self.addresses.validation(probe);
        let (mut seen, mut millis) = (Vec::new(), Vec::new());
        for _ in 0..TIMES {
            self.door.probing("repeat");
            let answer = match self.down {
                Some(why) => Err(why),
                None => self.door.ask(&request, &mut Jar::default()),
            };
            (self.step)();
            match answer {
                Ok(answer) => {
                    let read = answer::read("repeat", probe.endpoint, &answer);
                    seen.push((answer.status, read.result, read.code));
                    millis.push(answer.millis);
                }
                Err(why) => {
                    self.sight("cas.server", "repeat", Err(unseen(why)));
                    return;
                }
            }
        }
        let constant = seen.windows(2).all(|w| w[0] == w[1]);
        let facts = json!({"probe": "repeat", "count": TIMES, "constant": constant, "slowed": seen.iter().any(|s| matches!(s.0, 429 | 503)),
                           "millis": {"min": millis.iter().min(), "max": millis.iter().max()}});
        self.sight("cas.server", "repeat", Ok(facts));
    }

    /// Which endpoints exist.
    fn inventory(&mut self) {
        if let Some(why) = self.down {
            self.blind("cas.server", &["inventory"], &unseen(why));
            return;
        }
        let is = |endpoint: &str| self.known.get(endpoint).copied();
        let of = |here: bool| self.known.iter().filter(|(_, known)| **known == here).map(|(name, _)| *name).collect::<Vec<_>>();
        let part = |endpoint: &str| VALIDATIONS.iter().find(|p| p.endpoint == endpoint).map_or(Part::Always, |p| p.part);
        let declared = |endpoint: &&&str| match part(endpoint) {
            Part::Version(version) => self.spec.versions.iter().any(|v| *v >= version),
            Part::Always => true,
            Part::Optional => false,
        };
        let absent = of(false);
        let missing: Vec<&str> = absent.iter().filter(declared).copied().collect();
        let versions: Vec<&str> = self.spec.versions.iter().map(|v| v.as_str()).collect();
        let facts = json!({"probe": "inventory", "declared": versions, "present": of(true), "absent": absent, "missing": missing,
                           "unknown": VALIDATIONS.iter().filter(|p| is(p.endpoint).is_none()).count()});
        self.sight("cas.server", "inventory", Ok(facts));
    }
}
