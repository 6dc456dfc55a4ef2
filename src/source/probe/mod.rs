//! The only door to the network. Everything live asks through [`Door`]; nothing else opens a connection.
//!
//! The door keeps the promises of DESIGN §6: hosts of the target file only, checked on every request (redirections are never
//! followed here, so that each hop comes back through the door); national sign-in services never; a budget of requests, spaced;
//! bounded time and size; verified TLS; a User-Agent that says who asks; and a transcript of all of it, with nothing secret.
//! Must never know what an answer means.

pub mod http;
pub mod jar;
pub mod redact;
pub mod transcript;
pub mod wire;

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Host, Position, Url};

use http::{Answer, Request};
use jar::Jar;
use redact::Redactor;
use transcript::{Exchange, Transcript};
use wire::Wire;

/// What asks: the door, or a test.
pub trait Ask {
    /// One exchange. Cookies of `jar` that go with the address are sent; those set come back into it.
    ///
    /// # Errors
    /// Why there is no answer.
    fn ask(&mut self, request: &Request, jar: &mut Jar) -> Result<Answer, Unanswered>;

    /// Says that a text must be written nowhere.
    fn conceal(&mut self, secret: &str);

    /// Says that credentials were given: from now on, answers may hold what is known of a person.
    fn authenticated(&mut self);
}

/// Why a request got no answer. The name is that of facts and transcripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum Unanswered {
    /// The target file does not name the host.
    #[error("the target file does not name this host: nothing was sent")]
    Foreign,
    /// The host is that of a national service.
    #[error("national services are never contacted: nothing was sent")]
    National,
    /// The budget of requests is spent.
    #[error("the budget of requests is spent")]
    Budget,
    /// The time of the audit is spent.
    #[error("the time of the audit is spent")]
    OutOfTime,
    /// The server did not answer in time, several times in a row.
    #[error("the server did not answer in time, several times in a row: nothing more is sent")]
    Silent,
    /// The server asked to slow down several times (429, 503).
    #[error("the server asked to slow down: nothing more is sent")]
    Throttled,
    /// No complete answer in time.
    #[error("no complete answer in time")]
    Timeout,
    /// The host has no address, or refuses the connection.
    #[error("the host does not answer")]
    Unreachable,
    /// The certificate is not trusted, or TLS could not be agreed upon.
    #[error("the TLS connection is not trusted")]
    Tls,
    /// What came back is not HTTP, or stops short.
    #[error("what came back is not HTTP")]
    Protocol,
    /// The transcript that is replayed holds no such exchange.
    #[error("the transcript holds no such exchange")]
    NotRecorded,
}

impl Unanswered {
    /// Its name in facts, messages and transcripts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::National => "national",
            Self::Budget => "budget",
            Self::OutOfTime => "out-of-time",
            Self::Silent => "silent",
            Self::Throttled => "throttled",
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Tls => "tls",
            Self::Protocol => "protocol",
            Self::NotRecorded => "not-recorded",
        }
    }

    /// Nothing was sent: it says nothing of the server.
    #[must_use]
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Foreign | Self::National | Self::NotRecorded) || self.is_limit()
    }

    /// A limit was reached: nothing more is sent.
    #[must_use]
    pub fn is_limit(self) -> bool {
        matches!(self, Self::Budget | Self::OutOfTime | Self::Silent | Self::Throttled)
    }
}

/// Limits of a door.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests in all.
    pub requests: u32,
    /// Least time between two requests.
    pub spacing: Duration,
    /// Time for a whole exchange.
    pub timeout: Duration,
    /// Time for all of them.
    pub total: Duration,
    /// Bytes of a body; the rest is not read.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        let (timeout, total) = (Duration::from_secs(20), Duration::from_secs(20 * 60));
        Self { requests: 400, spacing: Duration::from_millis(100), timeout, total, body: 2 << 20 }
    }
}

/// Requests in a row without an answer in time after which a host is asked nothing more.
const SILENCES: u32 = 5;

/// Hosts that are national services: what they are part of is decoded from addresses, and never requested.
const NATIONAL: &[&str] = &["education.gouv.fr", "educagri.fr", "gar.education.fr", "franceconnect.gouv.fr", "data.education.fr"];

/// A host, with its port when it is not that of the scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    host: String,
    port: Option<u16>,
}

impl Allowed {
    /// `ent.example` (ports 80 and 443) or `127.0.0.1:8443`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(&format!("https://{text}/")).ok().filter(|u| u.path() == "/" && u.username().is_empty())?;
        // A port given as 443 reads as none: both mean the usual ports.
        Some(Self { host: url.host_str()?.to_owned(), port: url.port() })
    }

    /// The host and port of an address.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        Some(Self { host: url.host_str()?.to_owned(), port: url.port() })
    }

    fn is(&self, url: &Url) -> bool {
        url.host_str() == Some(&self.host) && url.port().map_or(self.port.is_none(), |port| self.port == Some(port))
    }
}

/// Whether an address belongs to a national service.
#[must_use]
pub fn is_national(url: &Url) -> bool {
    let Some(Host::Domain(host)) = url.host() else { return false };
    let host = host.trim_end_matches('.');
    NATIONAL.iter().any(|n| host.strip_suffix(n).is_some_and(|before| before.is_empty() || before.ends_with('.')))
}

/// How answers come.
enum Way {
    Live(Wire),
    /// Exchanges of a transcript, by probe, in the order they took place.
    Replay(HashMap<String, std::vec::IntoIter<Exchange>>),
}

/// The door.
pub struct Door {
    allowed: Vec<Allowed>,
    limits: Limits,
    way: Way,
    sent: u32,
    started: Instant,
    last: Option<Instant>,
    /// Requests in a row without an answer in time, by host and port.
    silent: HashMap<String, u32>,
    /// Answers in a row that asked to slow down.
    slow: u32,
    probe: String,
    private: bool,
    redactor: Redactor,
    kept: Vec<Exchange>,
    /// What was observed beside exchanges, by probe.
    notes: BTreeMap<String, Value>,
}

impl Door {
    /// A door to real servers.
    #[must_use]
    pub fn live(allowed: Vec<Allowed>, limits: Limits, wire: Wire, redactor: Redactor) -> Self {
        Self::new(allowed, limits, Way::Live(wire), redactor)
    }

    /// A door that only answers what a transcript holds: no connection is ever opened.
    #[must_use]
    pub fn replay(allowed: Vec<Allowed>, limits: Limits, transcript: Transcript, redactor: Redactor) -> Self {
        let mut by_probe: HashMap<String, Vec<Exchange>> = HashMap::new();
        for exchange in transcript.exchanges {
            by_probe.entry(exchange.probe.clone()).or_default().push(exchange);
        }
        let by_probe = by_probe.into_iter().map(|(probe, all)| (probe, all.into_iter())).collect();
        let limits = Limits { spacing: Duration::ZERO, ..limits };
        Self { notes: transcript.notes, ..Self::new(allowed, limits, Way::Replay(by_probe), redactor) }
    }

    fn new(allowed: Vec<Allowed>, limits: Limits, way: Way, redactor: Redactor) -> Self {
        Self {
            allowed,
            limits,
            way,
            sent: 0,
            started: Instant::now(),
            last: None,
            silent: HashMap::new(),
            slow: 0,
            probe: String::new(),
            private: false,
            redactor,
            kept: Vec::new(),
            notes: BTreeMap::new(),
        }
    }

    /// Whether a transcript answers rather than servers.
    #[must_use]
    pub fn is_replay(&self) -> bool {
        matches!(self.way, Way::Replay(_))
    }

    /// Keeps facts that no exchange of the transcript would give again. They must hold nothing secret.
    pub fn note(&mut self, probe: &str, facts: &Value) {
        self.notes.insert(probe.to_owned(), facts.clone());
    }

    /// The facts that a replayed transcript kept for a probe.
    #[must_use]
    pub fn noted(&self, probe: &str) -> Option<Value> {
        self.notes.get(probe).cloned()
    }

    /// What follows is asked for that probe.
    pub fn probing(&mut self, probe: &str) {
        self.probe = probe.to_owned();
    }

    /// What follows is asked by somebody unknown to the server again: its answers hold nothing of a person.
    pub fn anonymous(&mut self) {
        self.private = false;
    }

    /// Whether a request to this address would be sent.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, url: &Url) -> Result<(), Unanswered> {
        if is_national(url) {
            return Err(Unanswered::National);
        }
        let web = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        if web && self.allowed.iter().any(|a| a.is(url)) { Ok(()) } else { Err(Unanswered::Foreign) }
    }

    /// How many requests were sent.
    #[must_use]
    pub fn sent(&self) -> u32 {
        self.sent
    }

    /// The number of the last exchange.
    #[must_use]
    pub fn last_exchange(&self) -> u32 {
        self.kept.last().map_or(0, |e| e.number)
    }

    /// One exchange of the transcript as it may be shown: `GET https://…`.
    #[must_use]
    pub fn shown(&self, exchange: u32) -> Option<String> {
        let found = self.kept.get(usize::try_from(exchange).ok()?.checked_sub(1)?)?;
        Some(format!("{} {}", found.request.method, self.redactor.brief(&found.request.url)))
    }

    /// The transcript, with nothing secret in it.
    #[must_use]
    pub fn transcript(&self) -> Transcript {
        let exchanges = self.kept.iter().map(|e| e.redacted(&self.redactor)).collect();
        Transcript { exchanges, notes: self.notes.clone(), ..Transcript::default() }
    }

    fn exchange(&mut self, request: &Request, jar: &Jar) -> Result<Answer, Unanswered> {
        self.admits(&request.url)?;
        if let Way::Replay(recorded) = &mut self.way {
            let next = recorded.get_mut(&self.probe).and_then(Iterator::next).ok_or(Unanswered::NotRecorded)?;
            return next.replayed(self.kept.len() as u32 + 1, &request.url);
        }
        if self.sent >= self.limits.requests {
            return Err(Unanswered::Budget);
        }
        if self.started.elapsed() >= self.limits.total {
            return Err(Unanswered::OutOfTime);
        }
        let host = request.url[Position::BeforeHost..Position::AfterPort].to_owned();
        let silent = self.silent.entry(host).or_default();
        if *silent >= SILENCES {
            return Err(Unanswered::Silent);
        }
        if self.slow >= 3 {
            return Err(Unanswered::Throttled);
        }
        // Back-off: each request to slow down in a row doubles the pause, and then doubles it again.
        let pause = self.limits.spacing * 4u32.pow(self.slow);
        if let Some(rest) = self.last.and_then(|last| pause.checked_sub(last.elapsed())) {
            std::thread::sleep(rest);
        }
        self.sent += 1;
        let cookies = jar.header(&request.url);
        let Way::Live(wire) = &self.way else { return Err(Unanswered::NotRecorded) };
        let answer = wire.send(request, cookies.as_deref(), &self.limits, self.kept.len() as u32 + 1);
        self.last = Some(Instant::now());
        *silent = if matches!(answer, Err(Unanswered::Timeout)) { *silent + 1 } else { 0 };
        if let Ok(answer) = &answer {
            self.slow = if matches!(answer.status, 429 | 503) { self.slow + 1 } else { 0 };
        }
        answer
    }
}

impl Ask for Door {
    fn ask(&mut self, request: &Request, jar: &mut Jar) -> Result<Answer, Unanswered> {
        let answer = self.exchange(request, jar);
        if let Ok(answer) = &answer {
            jar.keep(&answer.url, answer.all("set-cookie"));
            for header in answer.all("set-cookie") {
                self.redactor.cookie(header);
            }
        }
        // What was never sent has no place among what was exchanged.
        if answer.as_ref().err().is_none_or(|e| !e.is_ours()) {
            let number = self.kept.len() as u32 + 1;
            self.kept.push(Exchange::kept(number, &self.probe, self.private, request, answer.as_ref()));
        }
        answer
    }

    fn conceal(&mut self, secret: &str) {
        self.redactor.conceal(secret);
    }

    fn authenticated(&mut self) {
        self.private = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("url")
    }

    fn door(hosts: &[&str]) -> Door {
        let allowed = hosts.iter().map(|h| Allowed::parse(h).expect("host")).collect();
        Door::replay(allowed, Limits::default(), Transcript::default(), Redactor::new([0; 32]))
    }

    #[test]
    fn only_named_hosts_are_admitted() {
        let door = door(&["ent.example", "127.0.0.1:8443", "idp.ent.example:443"]);
        for good in [
            "https://ent.example/cas",
            "http://ent.example/",
            "https://127.0.0.1:8443/x",
            "https://ENT.example/",
            "https://idp.ent.example",
        ] {
            assert_eq!(door.admits(&url(good)), Ok(()), "{good}");
        }
        for bad in [
            "https://ent.example.attacker.example/",
            "https://ent.example:8443/",
            "https://127.0.0.1/",
            "https://sub.ent.example/",
            "https://ent.example@attacker.example/",
            "https://user:secret@ent.example/",
            "ftp://ent.example/",
            "javascript:alert(1)",
        ] {
            assert_eq!(door.admits(&url(bad)), Err(Unanswered::Foreign), "{bad}");
        }
    }

    #[test]
    fn national_services_are_never_contacted_even_when_named() {
        let door = door(&["educonnect.education.gouv.fr", "cas.educagri.fr", "noteducagri.fr"]);
        assert_eq!(door.admits(&url("https://educonnect.education.gouv.fr/idp")), Err(Unanswered::National));
        assert_eq!(door.admits(&url("https://cas.educagri.fr./cas")), Err(Unanswered::National));
        assert_eq!(door.admits(&url("https://noteducagri.fr/")), Ok(()));
    }

    #[test]
    fn what_was_not_recorded_is_not_answered() {
        let mut door = door(&["ent.example"]);
        let asked = door.ask(&Request::get(url("https://ent.example/cas/login")), &mut Jar::default());
        assert_eq!(asked, Err(Unanswered::NotRecorded));
        assert_eq!((door.sent(), door.transcript().exchanges.len()), (0, 0));
    }
}
