//! What every part of the demonstration ENT shares: its addresses, its defects, its registered services.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::ClientConfig;
use url::{Host, Url};

use super::defects::Defect;
use super::http::Request;
use super::people::{Contract, PEOPLE, Person};
use super::state::{State, secret};
use super::tls::{self, Identity};
use super::{Error, Options};

/// The name of the cookie that holds the ticket-granting ticket.
pub const COOKIE: &str = "TGC-DEMO";
/// The name of the cookie of the portal page.
pub const PORTAL_COOKIE: &str = "portal-session";

/// The demonstration ENT.
pub struct Site {
    pub https: String,
    pub http: String,
    pub authority: String,
    pub certificate: String,
    pub passwords: Vec<String>,
    pub trust: Arc<ClientConfig>,
    pub life: Duration,
    defects: Vec<Defect>,
    services: Vec<(String, Contract)>,
    others: Vec<String>,
    state: Mutex<State>,
    callouts: Mutex<Vec<JoinHandle<()>>>,
}

impl Site {
    pub fn new(options: Options, (clear, tls): (u16, u16), identity: Identity) -> Result<Self, Error> {
        let https = format!("https://127.0.0.1:{tls}");
        let mut services: Vec<(String, Contract)> = Contract::PATHS.iter().map(|(path, c)| (format!("{https}{path}"), *c)).collect();
        for service in &options.services {
            let url = Url::parse(service).ok().filter(|u| u.as_str() == service && service.ends_with('/') && loopback(u));
            services.push((url.ok_or_else(|| Error::Service(service.clone()))?.into(), Contract::Generic));
        }
        let mut authorities = options.trust;
        authorities.push(identity.authority.clone());
        Ok(Self {
            https,
            http: format!("http://127.0.0.1:{clear}"),
            trust: tls::trust(&authorities, options.defects.contains(&Defect::PgtUrlUntrusted))?,
            authority: identity.authority,
            certificate: identity.certificate,
            passwords: PEOPLE.iter().map(|_| secret(16)).collect(),
            life: options.ticket_life.unwrap_or(Duration::from_secs(300)),
            defects: options.defects,
            services,
            others: options.services,
            state: Mutex::default(),
            callouts: Mutex::default(),
        })
    }

    /// Whether it has that defect.
    pub fn has(&self, defect: Defect) -> bool {
        self.defects.contains(&defect)
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a thread that calls out, to be joined at the end.
    pub fn keep(&self, thread: JoinHandle<()>) {
        let mut all = self.callouts.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|t| !t.is_finished());
        all.push(thread);
    }

    /// Waits for the call-outs, which are short.
    pub fn join(&self) {
        let all = std::mem::take(&mut *self.callouts.lock().unwrap_or_else(PoisonError::into_inner));
        all.into_iter().for_each(|t| drop(t.join()));
    }

    /// The person whose login and password these are.
    pub fn person(&self, login: &str, password: &str) -> Option<&'static Person> {
        let found = PEOPLE.iter().zip(&self.passwords).find(|(p, _)| p.login == login)?;
        (found.1 == password).then_some(found.0)
    }

    /// The single sign-on session of a request: its identifier.
    pub fn session(&self, request: &Request) -> Option<String> {
        let id = request.cookie(self.cookie_name())?;
        self.state().sessions.contains_key(id).then(|| id.to_owned())
    }

    pub fn cookie_name(&self) -> &'static str {
        if self.has(Defect::CookieName) { "sid" } else { COOKIE }
    }

    /// The contract of a registered service: the longest prefix, compared as it is written.
    pub fn registered(&self, service: &str) -> Option<Contract> {
        let safe = service.bytes().all(|b| b.is_ascii_graphic() && !b"\\\"<>^`{}|".contains(&b));
        let path = service.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
        let straight = Url::parse(service).is_ok() && !["%2f", "%2e", "%5c", "/../", "/./"].iter().any(|s| path.contains(s));
        let strict = (safe && straight && !path.ends_with("/..")).then(|| self.prefixed(service)).flatten();
        strict.or_else(|| self.loosely(service).then_some(Contract::Generic))
    }

    fn prefixed(&self, service: &str) -> Option<Contract> {
        let fitting = self.services.iter().filter(|(prefix, _)| service.starts_with(prefix.as_str()));
        fitting.max_by_key(|(prefix, _)| prefix.len()).map(|(_, contract)| *contract)
    }

    /// What the defects of matching let through.
    fn loosely(&self, service: &str) -> bool {
        let web = service.starts_with("https://") || service.starts_with("http://");
        let after_host = service.strip_prefix("https://127.0.0.1");
        let first = |c: char| after_host.is_some_and(|rest| rest.starts_with(c));
        let authority = service.strip_prefix("https://").and_then(|s| s.split('/').next()).unwrap_or_default();
        let one_line = service.split(['\r', '\n']).next().unwrap_or_default();
        self.has(Defect::RedirectAny) && web
            || self.has(Defect::RedirectSuffix) && first('.')
            || self.has(Defect::RedirectUserinfo) && authority.starts_with("127.0.0.1") && authority.contains('@')
            || self.has(Defect::RedirectSubstring) && web && self.services.iter().any(|(prefix, _)| service.contains(prefix.as_str()))
            || self.has(Defect::RedirectInClear) && self.prefixed(&service.replacen("http://", "https://", 1)).is_some()
            || self.has(Defect::RedirectRelative) && ["//", "/\\", "https:/\\"].iter().any(|s| service.starts_with(s))
            || self.has(Defect::RedirectScript) && ["javascript:", "data:"].iter().any(|s| service.starts_with(s))
            || self.has(Defect::RedirectCrlf) && one_line.len() < service.len() && self.prefixed(one_line).is_some()
            || self.has(Defect::RedirectOffPath) && service.starts_with(&format!("{}/", self.https))
    }

    /// Whether a callback may be given a proxy-granting ticket: a service registered by the options, or one of ours.
    pub fn may_proxy(&self, callback: &Url) -> bool {
        let url = callback.as_str();
        self.others.iter().any(|prefix| url.starts_with(prefix.as_str())) || url.starts_with(&format!("{}/service/", self.https))
    }

    /// The origins of the registered services, for the policy of forms.
    pub fn origins(&self) -> String {
        let all = self.others.iter().filter_map(|s| Url::parse(s).ok()).map(|u| format!(" {}", u.origin().ascii_serialization()));
        all.collect()
    }
}

fn loopback(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https") && matches!(url.host(), Some(Host::Ipv4(ip)) if ip.is_loopback())
}
