//! What a browser ends on as facts: `cas.page` and `cas.ticket` (rules/AUTHORING.md gives the shapes).
//!
//! Must never hold a text of a page, a ticket, nor an address that the target file does not name.

use serde_json::{Map, Value, json};
use url::Url;

use super::answer::PLANTED;
use super::probes::is_bait;
use crate::source::login::{By, Choice, Form, HopKind, Outcome, Page, Run, choose, token};
use crate::source::probe::Unanswered;

/// A page or a redirection, described.
#[derive(Debug, Default)]
pub struct Seen {
    /// The document, but for its probe.
    pub facts: Map<String, Value>,
    /// Its end.
    pub end: &'static str,
    /// The one-shot token of the login form: compared, never shown.
    pub token: Option<String>,
}

/// Reads the end of a run. `service` is the one asked for.
///
/// # Errors
/// There was no answer.
pub fn read(probe: &str, run: &Run, service: Option<&Url>) -> Result<Seen, Unanswered> {
    if let Outcome::Unanswered { why, .. } = &run.outcome {
        return Err(*why);
    }
    busy(run)?;
    let page = run.outcome.page();
    let last = run.hops.last().map(|h| &h.answer);
    let end = end(&run.outcome, last.map_or(0, |a| a.status));
    let mut facts = Map::new();
    let hop = |h: &crate::source::login::Hop| {
        let to = if Some(h.answer.url.origin()) == run.hops.first().map(|f| f.answer.url.origin()) { "same" } else { "other" };
        json!({"to": to, "status": h.answer.status, "kind": h.kind.as_str()})
    };
    facts.insert("probe".into(), probe.into());
    facts.insert("hops".into(), run.hops.iter().map(hop).collect());
    facts.insert("status".into(), last.map_or(0, |a| a.status).into());
    facts.insert("millis".into(), run.hops.iter().map(|h| h.answer.millis).sum::<u64>().into());
    facts.insert("end".into(), end.into());
    if let Some(redirect) = redirect(run, service) {
        facts.insert("redirect".into(), redirect);
    }
    facts.insert("offsite".into(), offsite(run).into());
    facts.insert("headerInjected".into(), run.hops.iter().any(|h| h.answer.header("x-conforment-injected").is_some()).into());
    let mut out = Seen { end, ..Seen::default() };
    if let Some(page) = page {
        facts.insert("page".into(), page_facts(page, service));
        out.token = login_form(page).and_then(token_value);
        if let Some(kept) = service.and_then(|s| service_kept(page, s)) {
            facts.insert("serviceKept".into(), kept.into());
        }
    }
    let text = last.map(|a| a.text()).unwrap_or_default();
    if text.contains(PLANTED) {
        facts.insert("escaped".into(), (!text.contains(&format!("<{PLANTED}"))).into());
    }
    facts.insert("echoed".into(), page.is_some_and(|p| offered(p).any(|u| is_bait(&u))).into());
    out.facts = facts;
    Ok(out)
}

/// A run that ended because the server was too busy, or on an answer without an end, tells nothing.
fn busy(run: &Run) -> Result<(), Unanswered> {
    let Some(last) = run.hops.last().map(|h| &h.answer) else { return Ok(()) };
    match last.status {
        429 => Err(Unanswered::Throttled),
        503 if last.header("retry-after").is_some() => Err(Unanswered::Throttled),
        _ if last.cut => Err(Unanswered::Protocol),
        _ => Ok(()),
    }
}

fn end(outcome: &Outcome, status: u16) -> &'static str {
    match outcome {
        Outcome::Ticket { url, .. } | Outcome::Returned { url } | Outcome::Session { left: Some(url), .. } if is_bait(url) => "bait",
        Outcome::Ticket { .. } | Outcome::Returned { .. } => "service",
        Outcome::LeftForeign { url, .. } if is_bait(url) => "bait",
        Outcome::LeftForeign { national: true, .. } => "national",
        Outcome::LeftForeign { .. } => "foreign",
        Outcome::Page(_)
        | Outcome::Ambiguous(_)
        | Outcome::WrongCredentials(_)
        | Outcome::FormUnfit(_)
        | Outcome::FormLeadsElsewhere { .. } => "form",
        Outcome::Wayf(_) => "wayf",
        Outcome::NeedsScript(_) => "script",
        Outcome::Endless => "loop",
        Outcome::Refused(_) => "refused",
        _ if status >= 400 => "refused",
        _ => "page",
    }
}

/// The last redirection: where it leads, and whether it carries a ticket.
fn redirect(run: &Run, service: Option<&Url>) -> Option<Value> {
    let last = run.hops.last()?;
    let to = match &run.outcome {
        Outcome::Ticket { url, .. } | Outcome::Returned { url } | Outcome::LeftForeign { url, .. } => Some(url.clone()),
        _ => last.answer.location(),
    }?;
    let class = match service {
        _ if is_bait(&to) => "bait",
        Some(service) if service.origin() == to.origin() && service.path() == to.path() => "service",
        _ if last.answer.url.origin() == to.origin() => "same",
        _ => "foreign",
    };
    let ticket = to.query_pairs().any(|(name, _)| name == "ticket");
    // A redirection by a page (script, refresh) has the status of the page.
    Some(json!({"to": class, "status": last.answer.status, "ticket": ticket, "scheme": to.scheme()}))
}

/// By what the planted address would be reached.
fn offsite(run: &Run) -> Vec<&'static str> {
    let mut ways = Vec::new();
    let located = run.hops.iter().any(|h| h.answer.location().is_some_and(|to| is_bait(&to)));
    let raw = |h: &crate::source::login::Hop| {
        h.answer.is_redirect()
            && h.answer.header("location").is_some_and(|l| l.trim_start().to_ascii_lowercase().starts_with("javascript:"))
    };
    if located || run.hops.iter().any(raw) {
        ways.push("location");
    }
    let left = match &run.outcome {
        Outcome::LeftForeign { url, by, .. } if is_bait(url) => Some(*by),
        _ => None,
    };
    let page = run.outcome.page();
    let any = |mut urls: Box<dyn Iterator<Item = &Url> + '_>| urls.any(is_bait);
    if page.is_some_and(|p| any(Box::new(p.forms.iter().filter_map(|f| f.action.as_ref())))) {
        ways.push("form");
    }
    if page.is_some_and(|p| any(Box::new(p.links.iter().map(|l| &l.url)))) {
        ways.push("link");
    }
    if left == Some(HopKind::Refresh) || page.is_some_and(|p| any(Box::new(p.refresh.iter().map(|(_, u)| u)))) {
        ways.push("refresh");
    }
    if left == Some(HopKind::Script) || page.is_some_and(|p| any(Box::new(p.jumps.iter()))) {
        ways.push("script");
    }
    if left == Some(HopKind::Message) {
        ways.push("form");
    }
    ways
}

/// Addresses that a page offers, those in hidden fields included.
fn offered(page: &Page) -> impl Iterator<Item = Url> {
    let written = page.forms.iter().flat_map(|f| f.fields.iter()).filter(|f| f.kind == "hidden").filter_map(|f| Url::parse(&f.value).ok());
    // A form sent to the page itself has the parameters that we put in its address: the page says nothing by it.
    let mut here = page.url.clone();
    here.set_fragment(None);
    let actions = page.forms.iter().filter_map(|f| f.action.clone()).filter(move |a| *a != here);
    let queries = actions.clone().flat_map(|a| a.query_pairs().filter_map(|(_, v)| Url::parse(&v).ok()).collect::<Vec<_>>());
    let links = page.links.iter().map(|l| l.url.clone());
    let all: Vec<Url> = written.chain(actions).chain(queries).chain(links).collect();
    all.into_iter()
}

/// The form to log in with.
#[must_use]
pub fn login_form(page: &Page) -> Option<&Form> {
    match choose(page) {
        Choice::Form { form, .. } => page.forms.get(form),
        _ => None,
    }
}

fn token_value(form: &Form) -> Option<String> {
    let name = token(form)?;
    form.fields.iter().find(|f| f.name == name).map(|f| f.value.clone()).filter(|v| !v.is_empty())
}

/// Whether the form remembers the service asked for; `None` when it says nothing of a service (it may be remembered elsewhere).
fn service_kept(page: &Page, service: &Url) -> Option<bool> {
    let form = login_form(page)?;
    let field = form.fields.iter().find(|f| f.name == "service").map(|f| f.value.clone());
    let action = form.action.as_ref().and_then(|a| a.query_pairs().find(|(n, _)| n == "service").map(|(_, v)| v.into_owned()));
    let written = field.or(action)?;
    Some(Url::parse(&written).ok().as_ref() == Some(service) || written == service.as_str())
}

fn page_facts(page: &Page, service: Option<&Url>) -> Value {
    let whole = page.to_facts();
    let mut facts = json!({
        "forms": page.forms.len(), "errorWords": page.words.error, "lang": page.lang, "needsScript": page.needs_script,
        "logoutLink": page.links.iter().any(|l| leaves(l.url.path()) || leaves(&l.said)),
        "serviceLink": service.is_some_and(|s| page.links.iter().any(|l| &l.url == s)),
        "scripts": {"thirdParty": whole["scripts"]["thirdParty"], "withoutIntegrity": whole["scripts"]["withoutIntegrity"]},
    });
    let Some(form) = login_form(page) else { return facts };
    let told = &whole["login"];
    let action = form.action.as_ref();
    let same = action.is_none_or(|a| a.origin() == page.url.origin());
    let password = &told["password"];
    let mut login = json!({
        "method": if form.post { "post" } else { "get" },
        "sameOrigin": same,
        "secure": action.map_or(page.url.scheme(), Url::scheme) == "https",
        "username": !told["user"].is_null(),
        "password": true,
        "token": token(form).is_some(),
        "labelled": password["labelled"],
    });
    if let Some(autocomplete) = password["autocomplete"].as_str() {
        login["passwordAutocomplete"] = autocomplete.to_ascii_lowercase().into();
    }
    if told["remember"]["present"] == true {
        login["rememberMe"] = if told["remember"]["checked"] == true { "checked" } else { "unchecked" }.into();
    }
    facts["login"] = login;
    facts
}

fn leaves(text: &str) -> bool {
    let text = text.to_lowercase();
    ["logout", "signout", "sign-out", "déconnexion", "deconnexion", "disconnect", "se déconnecter", "log out", "sign out", "quitter"]
        .iter()
        .any(|w| text.contains(w))
}

/// A ticket, or its absence.
#[derive(Debug)]
pub struct Issued {
    /// `cas.ticket`, whole.
    pub facts: Value,
    /// The ticket.
    pub ticket: Option<String>,
}

/// Reads a run that asked for a ticket for `service`. `secrets` must be in no address.
///
/// # Errors
/// There was no answer.
pub fn ticket(probe: &str, run: &Run, service: &Url, secrets: &[&str]) -> Result<Issued, Unanswered> {
    if let Outcome::Unanswered { why, .. } = &run.outcome {
        return Err(*why);
    }
    busy(run)?;
    let prompted = run.submitted || run.outcome.page().is_some_and(|p| login_form(p).is_some());
    let holds = |url: &Url| url.query_pairs().any(|(_, v)| secrets.iter().any(|s| v == *s));
    let hops = run.hops.iter().any(|h| holds(&h.answer.url));
    let mut facts = json!({"probe": probe, "issued": false, "prompted": prompted, "credentialsInUrl": hops});
    let Outcome::Ticket { url, ticket, by } = &run.outcome else { return Ok(Issued { facts, ticket: None }) };
    let asked: Vec<(String, String)> = service.query_pairs().into_owned().collect();
    let given: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let tickets = given.iter().filter(|(n, _)| n == "ticket").count();
    // A ticket in a form leaves the address of the service as it was.
    let kept = given.iter().filter(|(n, _)| n != "ticket").eq(asked.iter());
    let prefix = if ticket.starts_with("ST-") {
        "ST-"
    } else if ticket.is_empty() {
        "none"
    } else {
        "other"
    };
    for (name, value) in [
        ("issued", Value::from(!ticket.is_empty())),
        (
            "by",
            match by {
                By::Redirect => "location",
                By::Form => "form",
                By::Header => "header",
            }
            .into(),
        ),
        ("count", tickets.into()),
        ("empty", ticket.is_empty().into()),
        ("prefix", prefix.into()),
        ("charset", ticket.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-').into()),
        ("length", ticket.chars().count().into()),
        ("queryKept", kept.into()),
        ("ticketInUrl", (*by != By::Form).into()),
        ("credentialsInUrl", (hops || holds(url)).into()),
    ] {
        facts[name] = value;
    }
    Ok(Issued { facts, ticket: Some(ticket.clone()).filter(|t| !t.is_empty()) })
}

/// How many characters vary between tickets, once what they have in common at both ends, and numbers that only grow, are left
/// aside: about what there is to guess.
#[must_use]
pub fn varying(tickets: &[String]) -> usize {
    let Some(first) = tickets.first().filter(|_| tickets.len() > 1) else { return 0 };
    let common = |pairs: &dyn Fn(&str) -> Vec<char>| {
        let reference = pairs(first);
        let same = |t: &String| pairs(t).iter().zip(&reference).take_while(|(a, b)| a == b).count();
        tickets.iter().map(same).min().unwrap_or(0)
    };
    let start = common(&|t| t.chars().collect());
    let end = common(&|t| t.chars().rev().collect());
    let inner = |t: &String| {
        let all: Vec<char> = t.chars().collect();
        let middle: String = all.get(start..all.len().saturating_sub(end).max(start)).unwrap_or_default().iter().collect();
        // `ST-12-…`: the counter of some servers tells nothing.
        let after = middle.trim_start_matches(|c: char| c.is_ascii_digit());
        if after.len() < middle.len() && after.starts_with('-') {
            after.len() - 1
        } else if after.is_empty() && middle.len() < 8 {
            0
        } else {
            middle.chars().count()
        }
    };
    tickets.iter().map(inner).min().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_guessed_does_not_count() {
        let of = |all: &[&str]| varying(&all.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>());
        assert_eq!(of(&["ST-1-abcdefgh-cas01", "ST-2-zyxwvuts-cas01"]), 8);
        assert_eq!(of(&["ST-0001", "ST-0002", "ST-0003"]), 0);
        assert_eq!(of(&["ST-x"]), 0);
        assert!(of(&["ST-qsdkfjqsdmlfkjqsdflkj", "ST-azeproiazueroaizeuroiz"]) >= 16);
    }
}
