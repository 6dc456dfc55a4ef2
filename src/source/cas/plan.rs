//! What would be asked of a CAS server, without asking: `conforment plan`.
//!
//! Requests without an account are those of the table, filled in. What a sign-in leads to is not known before: it is told in words.

use super::Consent;
use super::probes::{Addresses, Class, VALIDATIONS, VISITS};
use crate::source::tls;
use crate::target::live::{CasSpec, WebSpec};

/// What one probe would do.
#[derive(Debug, Clone)]
pub struct Planned {
    /// Its name.
    pub probe: String,
    /// `GET`, `NEG`, `AUTH`, `INT` or `TLS`.
    pub class: &'static str,
    /// Requests, as they would be sent.
    pub requests: Vec<String>,
    /// What else to know: a key of the catalogue.
    pub note: Option<&'static str>,
    /// Why it would not run: a key of the catalogue.
    pub missing: Option<&'static str>,
    /// About how many requests.
    pub count: usize,
}

/// What an audit of a CAS server would ask.
#[must_use]
pub fn planned(spec: &CasSpec, consent: Consent) -> Vec<Planned> {
    let a = Addresses::of(spec);
    let mut all = Vec::new();
    let line = |request: &crate::source::probe::http::Request| {
        let text = format!("{} {}", request.method.as_str(), request.url);
        match text.char_indices().nth(220) {
            Some((cut, _)) => format!("{}…", &text[..cut]),
            None => text,
        }
    };
    for p in VALIDATIONS {
        let missing = a.lacks(p.needs);
        let requests = if missing.is_some() { Vec::new() } else { vec![line(&a.validation(p))] };
        all.push(Planned { probe: p.name.to_owned(), class: p.class.as_str(), requests, note: None, missing, count: 1 });
    }
    for v in VISITS {
        let missing = a.lacks(v.needs);
        let requests = if missing.is_some() { Vec::new() } else { vec![line(&a.visit(v))] };
        all.push(Planned { probe: v.name.to_owned(), class: v.class.as_str(), requests, note: None, missing, count: 2 });
    }
    let empty = a.endpoint("/login", &[]);
    all.push(Planned {
        probe: "login-empty-post".to_owned(),
        class: Class::Neg.as_str(),
        requests: vec![format!("POST {empty}")],
        note: None,
        missing: None,
        count: 1,
    });
    let service = a.service().is_none().then_some("detail.no_service");
    let words = |probe: &str, class: Class, note, missing, count| Planned {
        probe: probe.to_owned(),
        class: class.as_str(),
        requests: Vec::new(),
        note: Some(note),
        missing,
        count,
    };
    all.push(words("repeat", Class::Neg, "plan.note.repeat", service, 20));
    let account = service.or_else(|| spec.accounts.is_empty().then_some("detail.no_account"));
    all.push(words("ticket-login", Class::Auth, "plan.note.sign_in", account, 5));
    all.push(words("validated…", Class::Auth, "plan.note.validations", account, 45));
    all.push(words("renew, portal…", Class::Auth, "plan.note.pages", account, 12));
    let contracts = account.or_else(|| spec.services.is_empty().then_some("detail.no_contract"));
    all.push(words("contract", Class::Auth, "plan.note.contracts", contracts, 4 * spec.services.len() * spec.accounts.len().max(1)));
    all.push(words("logout-session", Class::Auth, "plan.note.logout", account, 5));
    let slow = account.or_else(|| (!consent.slow).then_some("detail.not_asked.slow"));
    all.push(words("expired", Class::Auth, "plan.note.expired", slow, 2));
    let listener = spec.listener.is_none().then_some("detail.no_listener");
    all.push(words("slo", Class::Auth, "plan.note.slo", account.or(listener), 15));
    let intrusive = account.or_else(|| (!consent.intrusive).then_some("detail.not_asked.intrusive"));
    all.push(words("wrong-password", Class::Int, "plan.note.wrong_password", intrusive, 6));
    all.push(words("token-replayed", Class::Int, "plan.note.token_replayed", intrusive, 4));
    all.push(words("pgt-clear", Class::Int, "plan.note.pgt", intrusive.or(listener), 4));
    let proxy = intrusive.or_else(|| spec.proxy.is_none().then_some("detail.no_proxy"));
    all.push(words("pgt, proxy…", Class::Int, "plan.note.proxy", proxy, 25));
    all.extend(hygiene(spec.url.url(), spec.clear_url.as_ref().map(|c| c.url())));
    all
}

/// What an audit of a page would ask.
#[must_use]
pub fn web(spec: &WebSpec) -> Vec<Planned> {
    let page = Planned {
        probe: "page".to_owned(),
        class: Class::Get.as_str(),
        requests: vec![format!("GET {}", spec.url.url())],
        note: None,
        missing: None,
        count: 2,
    };
    std::iter::once(page).chain(hygiene(spec.url.url(), spec.clear_url.as_ref().map(|c| c.url()))).collect()
}

fn hygiene(base: &url::Url, clear: Option<&url::Url>) -> Vec<Planned> {
    let mut all = Vec::new();
    let in_clear = match crate::source::web::start(base, clear) {
        crate::source::web::Start::At(url) => Ok(url),
        crate::source::web::Start::Unknown => Err("detail.no_clear"),
    };
    all.push(Planned {
        probe: "clear".to_owned(),
        class: Class::Get.as_str(),
        requests: in_clear.as_ref().map(|u| format!("GET {u}")).into_iter().collect(),
        note: None,
        missing: in_clear.err(),
        count: 1,
    });
    for (probe, request) in crate::source::web::host::requests(base, &[]) {
        let requests = vec![format!("{} {}", request.method.as_str(), request.url)];
        all.push(Planned { probe: probe.to_owned(), class: Class::Neg.as_str(), requests, note: None, missing: None, count: 1 });
    }
    let https = (base.scheme() != "https").then_some("plan.note.no_tls");
    let origin = crate::source::probe::http::origin(base);
    let requests = vec![format!("{origin} × {}–{}", tls::USUAL, tls::MOST)];
    all.push(Planned { probe: "handshake".to_owned(), class: "TLS", requests, note: Some("plan.note.tls"), missing: https, count: 0 });
    all
}
