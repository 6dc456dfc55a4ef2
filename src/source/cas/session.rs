//! What a test account may see: signing in, tickets, their validation, the end of the session.
//!
//! Three sign-ins at most for the first account, one for each other account. A wrong password is tried once, and only when asked for.
//! Values of the account are concealed from the transcript and never enter a fact.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use url::Url;

use super::pages::{self, Issued};
use super::probes::{VISITS, Visit, under};
use super::release::Release;
use super::{Audit, Met, lacking, services, unseen};
use crate::outcome::{Message, Reason};
use crate::source::login::{Credentials, Driver, HopKind, Outcome, Run};
use crate::source::observation::{PROBES, Unseen};
use crate::source::probe::http::origin;
use crate::source::probe::jar::{Jar, SetCookie};
use crate::source::probe::{Ask, Unanswered};
use crate::target::live::Account;

/// Probes of `cas.answer` that come after a validation that succeeded.
pub(super) const AFTER: &[&str] = &[
    "replayed",
    "mismatch",
    "after-mismatch",
    "path-case",
    "slash",
    "renew-sso",
    "renew-fresh",
    "validate-success",
    "p3-validated",
    "p3-sso",
    "json-validated",
    "saml-validated",
    "saml-clear",
    "saml-replayed",
    "saml-mismatch",
    "after-logout",
];

/// Pages that need a session.
const PAGES: &[&str] = &["renew", "login-session", "portal", "logout-session", "after-logout-login"];

/// Tickets that need a session.
const TICKETS: &[&str] = &["ticket-sso", "ticket-query", "ticket-gateway", "ticket-post"];

/// The account at work.
pub(super) struct Signed {
    /// Its browser.
    pub jar: Jar,
    /// Its credentials.
    pub credentials: Credentials,
    /// What must be in no address.
    pub secrets: (String, String),
}

impl Signed {
    /// The same account in a browser that knows nothing of it.
    pub fn anew(&self) -> Self {
        Self { jar: Jar::default(), credentials: self.credentials.clone(), secrets: self.secrets.clone() }
    }
}

/// Observes what an account may see.
pub(super) fn observe(audit: &mut Audit<'_>) {
    let Some(service) = audit.addresses.service().cloned() else { return nothing(audit, &lacking("detail.no_service")) };
    let Some(account) = audit.spec.accounts.first() else { return nothing(audit, &no_account()) };
    let mut signed = match credentials(audit, account) {
        Ok(signed) => signed,
        Err(why) => return nothing(audit, &why),
    };
    let run = match sign_in(audit, "ticket-login", &mut signed, &service, &[]) {
        Ok(run) => run,
        Err(why) => return nothing(audit, &unseen(why)),
    };
    let issued = issued(audit, "ticket-login", &run, &service, &signed);
    let Some(first) = issued else {
        let why = not_signed(&run.outcome);
        return nothing_but(audit, &why, &["ticket-login"]);
    };
    let mut work = Work { service, tickets: vec![first.clone()], first: None, validations: 0, stable: true };
    work.session(audit, &run, &signed);
    work.validations(audit, &mut signed, first);
    work.tickets(audit, &mut signed);
    work.pages(audit, &mut signed);
    Work::planted(audit, &mut signed);
    services::observe(audit, &mut signed, &work);
    work.logout(audit, &mut signed);
    work.intrusive(audit, &signed);
    work.sums(audit);
    super::logout::observe(audit, &signed);
    super::proxy::observe(audit, &signed);
}

/// The probes of a kind of facts.
fn of(facts: &str) -> &'static [&'static str] {
    PROBES.iter().find(|(name, _)| *name == facts).map_or(&[], |(_, probes)| *probes)
}

/// Nothing that needs an account was seen.
fn nothing(audit: &mut Audit<'_>, why: &Unseen) {
    nothing_but(audit, why, &[]);
}

fn nothing_but(audit: &mut Audit<'_>, why: &Unseen, but: &[&str]) {
    let left = |names: &[&'static str]| names.iter().copied().filter(|n| !but.contains(n)).collect::<Vec<_>>();
    audit.blind("cas.ticket", &left(&[&["ticket-login"], TICKETS].concat()), why);
    audit.blind("cas.answer", &[&["validated"], AFTER].concat(), why);
    audit.blind("cas.page", PAGES, why);
    audit.blind("cas.release", of("cas.release"), why);
    audit.blind("cas.server", &["tickets", "session", "releases"], why);
    audit.blind("cas.slo", of("cas.slo"), why);
    audit.blind("service.release", of("service.release"), why);
    let proxying = if audit.consent.intrusive { why.clone() } else { lacking("detail.not_asked.intrusive") };
    audit.blind("cas.proxy", of("cas.proxy"), &proxying);
    for (facts, probe) in [
        ("cas.answer", "expired"),
        ("cas.answer", "pgt-clear"),
        ("cas.page", "wrong-password"),
        ("cas.page", "unknown-user"),
        ("cas.page", "token-replayed"),
    ] {
        let asked = if probe == "expired" { audit.consent.slow } else { audit.consent.intrusive };
        let not_asked = lacking(if probe == "expired" { "detail.not_asked.slow" } else { "detail.not_asked.intrusive" });
        audit.blind(facts, &[probe], if asked { why } else { &not_asked });
    }
}

fn no_account() -> Unseen {
    Unseen::Undetermined { reason: Reason::Blocked, detail: Message::new("detail.no_account"), blocker: Some("cas.account") }
}

/// Credentials, from where the target file says.
pub(super) fn credentials(audit: &Audit<'_>, account: &Account) -> Result<Signed, Unseen> {
    let wrong = |what: String| Unseen::Undetermined {
        reason: Reason::Blocked,
        detail: Message::new("problem.credentials").with("what", what),
        blocker: Some("cas.account"),
    };
    // Whoever replays a transcript has not got the credentials, and nothing needs them.
    let nobody = || ("conforment-rejeu".to_owned(), "conforment-rejeu".to_owned());
    let secret = if audit.door.is_replay() { Ok(nobody()) } else { account.secret() };
    let (user, password) = secret.map_err(|e| wrong(e.to_string()))?;
    let declared = account.origin.as_ref().map_or_else(|| audit.addresses.base().clone(), |o| o.url().clone());
    let credentials = Credentials::new(&origin(&declared), &user, &password).map_err(|e| wrong(e.to_string()))?;
    Ok(Signed { jar: Jar::default(), credentials, secrets: (user, password) })
}

/// Asks for a ticket, filling the form where there is one.
pub(super) fn sign_in(
    audit: &mut Audit<'_>,
    probe: &str,
    signed: &mut Signed,
    service: &Url,
    more: &[(&str, &str)],
) -> Result<Run, Unanswered> {
    let url = login(audit, service, more);
    let driver = Driver::new(&audit.spec.login).service(service).credentials(&signed.credentials);
    audit.run(probe, &driver, &mut signed.jar, &url)
}

/// Signs in for a service; the ticket, which is written nowhere.
pub(super) fn ticket(audit: &mut Audit<'_>, probe: &str, browser: &mut Signed, service: &Url) -> Result<String, Unseen> {
    let run = sign_in(audit, probe, browser, service, &[]).map_err(unseen)?;
    let Outcome::Ticket { ticket, .. } = run.outcome else { return Err(not_signed(&run.outcome)) };
    audit.door.conceal(&ticket);
    Ok(ticket)
}

/// One more ticket from the session that a browser holds.
pub(super) fn another(audit: &mut Audit<'_>, probe: &str, jar: &mut Jar, service: &Url) -> Result<String, Unseen> {
    let run = look(audit, probe, jar, service, &[]).map_err(unseen)?;
    match run.outcome {
        Outcome::Ticket { ticket, .. } if !ticket.is_empty() => {
            audit.door.conceal(&ticket);
            Ok(ticket)
        }
        // A form: the session did not hold. `ticket-sso` says so.
        Outcome::Page(_) => Err(lacking("detail.no_success")),
        other => Err(not_signed(&other)),
    }
}

/// Asks for a ticket with the session as it is: a form that comes is not filled.
pub(super) fn look(audit: &mut Audit<'_>, probe: &str, jar: &mut Jar, service: &Url, more: &[(&str, &str)]) -> Result<Run, Unanswered> {
    let url = login(audit, service, more);
    let driver = Driver::new(&audit.spec.login).service(service);
    audit.run(probe, &driver, jar, &url)
}

fn login(audit: &Audit<'_>, service: &Url, more: &[(&str, &str)]) -> Url {
    let query = [&[("service", service.as_str())], more].concat();
    audit.addresses.endpoint("/login", &query)
}

/// Why signing in gave no ticket.
pub(super) fn not_signed(outcome: &Outcome) -> Unseen {
    let why = match outcome {
        Outcome::WrongCredentials(_) => "wrong",
        Outcome::FormLeadsElsewhere { .. } | Outcome::CarriesPassword { .. } | Outcome::FormUnfit(_) => "elsewhere",
        Outcome::LeftForeign { national: true, .. } => "national",
        Outcome::LeftForeign { .. } => "foreign",
        Outcome::NeedsScript(_) => "script",
        Outcome::Interactive { .. } => "interactive",
        Outcome::Ambiguous(_) => "ambiguous",
        Outcome::Endless | Outcome::Broken { .. } => "loop",
        Outcome::Step(_) => "step",
        Outcome::Wayf(_) => "wayf",
        Outcome::Refused(_) => "refused",
        Outcome::Unanswered { why, .. } => return unseen(*why),
        _ => "other",
    };
    let detail = Message::new(&format!("detail.login.{why}"));
    Unseen::Undetermined { reason: Reason::Blocked, detail, blocker: Some("cas.account") }
}

/// Writes the ticket of a run down; gives it.
fn issued(audit: &mut Audit<'_>, probe: &'static str, run: &Run, service: &Url, signed: &Signed) -> Option<String> {
    let secrets = [signed.secrets.0.as_str(), signed.secrets.1.as_str()];
    match pages::ticket(probe, run, service, &secrets) {
        Ok(Issued { facts, ticket }) => {
            // A sign-in that was delegated, scripted or interactive proves nothing of the server; nor does a page without a form.
            let ended = match run.outcome {
                Outcome::Page(_) | Outcome::Returned { .. } => true,
                Outcome::Session { .. } | Outcome::Other(_) => run.submitted,
                _ => false,
            };
            let proves = ticket.is_some() || ended;
            audit.sight("cas.ticket", probe, if proves { Ok(facts) } else { Err(not_signed(&run.outcome)) });
            if let Some(ticket) = &ticket {
                audit.door.conceal(ticket);
            }
            ticket
        }
        Err(why) => {
            audit.sight("cas.ticket", probe, Err(unseen(why)));
            None
        }
    }
}

/// What was gathered about the first account.
pub(super) struct Work {
    pub service: Url,
    /// Every ticket it was given.
    pub tickets: Vec<String>,
    /// What the first validation released.
    pub first: Option<Release>,
    /// How many succeeded.
    pub validations: u32,
    /// The same user came out of all of them.
    pub stable: bool,
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| i64::try_from(d.as_secs()).unwrap_or(i64::MAX))
}

impl Work {
    /// A ticket from the session.
    pub(super) fn fresh(&mut self, audit: &mut Audit<'_>, probe: &str, jar: &mut Jar, service: &Url) -> Result<String, Unseen> {
        let ticket = another(audit, probe, jar, service)?;
        self.tickets.push(ticket.clone());
        Ok(ticket)
    }

    /// Tickets given otherwise.
    fn tickets(&mut self, audit: &mut Audit<'_>, signed: &mut Signed) {
        let service = self.service.clone();
        let mut queried = service.clone();
        queried.query_pairs_mut().append_pair("conforment", "1").append_pair("lien", "a b&c");
        let all: [(&'static str, &Url, &[(&str, &str)]); 4] = [
            ("ticket-sso", &service, &[]),
            ("ticket-query", &queried, &[]),
            ("ticket-gateway", &service, &[("gateway", "true")]),
            ("ticket-post", &service, &[("method", "POST")]),
        ];
        for (probe, service, more) in all {
            match look(audit, probe, &mut signed.jar, service, more) {
                Ok(run) => self.tickets.extend(issued(audit, probe, &run, service, signed)),
                Err(why) => audit.sight("cas.ticket", probe, Err(unseen(why))),
            }
        }
    }

    /// A server that ignores `gateway` shows where it would redirect to those who are signed in only: the planted addresses are
    /// asked for again, with the session. They are never followed.
    fn planted(audit: &mut Audit<'_>, signed: &mut Signed) {
        let honoured = audit.out.iter().any(|s| s.probe == "gateway" && s.seen.as_ref().is_ok_and(|f| f["gatewayHonoured"] == true));
        if honoured {
            return;
        }
        for visit in VISITS.iter().filter(|v| v.planted && v.gateway) {
            let query: Vec<(&str, &str)> = visit.query.iter().copied().filter(|(name, _)| *name != "gateway").collect();
            let url = audit.addresses.visit(&Visit { query: &query, ..*visit }).url;
            let run = audit.run(visit.name, &Driver::new(&audit.spec.login), &mut signed.jar, &url);
            let Ok(Ok(mut seen)) = run.map(|run| pages::read(visit.name, &run, None)) else { continue };
            seen.facts.insert("signedIn".into(), true.into());
            seen.facts.insert("gatewayHonoured".into(), false.into());
            audit.out.retain(|s| s.facts != "cas.page" || s.probe != visit.name);
            audit.sight("cas.page", visit.name, Ok(Value::Object(seen.facts)));
        }
    }

    /// Pages that a session changes.
    fn pages(&mut self, audit: &mut Audit<'_>, signed: &mut Signed) {
        let service = self.service.clone();
        let renew = look(audit, "renew", &mut signed.jar, &service, &[("renew", "true")]);
        page(audit, "renew", renew, Some(&service));
        let driver = Driver::new(&audit.spec.login);
        let login = audit.addresses.endpoint("/login", &[]);
        let run = audit.run("login-session", &driver, &mut signed.jar, &login);
        page(audit, "login-session", run, None);
        let home = login.join("/").unwrap_or(login);
        let run = audit.run("portal", &driver, &mut signed.jar, &home);
        if let Ok(run) = &run {
            audit.met.push(Met { page: "portal", hops: run.hops.iter().map(|h| h.answer.clone()).collect() });
        }
        page(audit, "portal", run, None);
    }

    /// The end of the session, and what it ends.
    fn logout(&mut self, audit: &mut Audit<'_>, signed: &mut Signed) {
        let service = self.service.clone();
        if self.first.is_none() {
            audit.blind("cas.page", &["logout-session", "after-logout-login"], &lacking("detail.no_success"));
            return;
        }
        let kept = self.fresh(audit, "after-logout", &mut signed.jar, &service);
        let slow = if audit.consent.slow {
            self.fresh(audit, "expired", &mut signed.jar, &service)
        } else {
            Err(lacking("detail.not_asked.slow"))
        };
        if slow.is_ok() {
            std::thread::sleep(Duration::from_secs(301));
        }
        let expired = slow.and_then(|t| self.validate(audit, "expired", "/serviceValidate", &service, &t, &[]));
        Self::say(audit, "expired", expired);
        let before = signed.jar.clone();
        let driver = Driver::new(&audit.spec.login);
        let url = audit.addresses.endpoint("/logout", &[]);
        let run = audit.run("logout-session", &driver, &mut signed.jar, &url);
        let cleared = run.as_ref().ok().map(|run| cleared(run, &before, &signed.jar, audit.addresses.base()));
        page(audit, "logout-session", run, None);
        if let (Some(cleared), Some(session)) = (cleared, audit.out.iter_mut().find(|s| s.facts == "cas.server" && s.probe == "session"))
            && let Ok(facts) = &mut session.seen
        {
            facts["cleared"] = cleared.into();
        }
        let after = kept.and_then(|t| self.validate(audit, "after-logout", "/serviceValidate", &service, &t, &[]));
        Self::say(audit, "after-logout", after);
        // The browser as it was: a server that only asks the browser to forget has ended nothing.
        let mut old = before;
        let run = look(audit, "after-logout-login", &mut old, &service, &[]);
        page(audit, "after-logout-login", run, Some(&service));
    }

    /// The cookie that the session rests on.
    fn session(&self, audit: &mut Audit<'_>, run: &Run, signed: &Signed) {
        let at = run.hops.iter().position(|h| matches!(h.kind, HopKind::Login | HopKind::Step)).unwrap_or(0);
        let set = |hops: &[crate::source::login::Hop]| -> Vec<SetCookie> {
            hops.iter()
                .flat_map(|h| h.answer.all("set-cookie").filter_map(|c| SetCookie::parse(c, now())).collect::<Vec<_>>())
                .filter(|c| !c.cleared)
                .collect()
        };
        let (before, after) = (set(&run.hops[..at]), set(&run.hops[at..]));
        let upper = |c: &&SetCookie| {
            let name = c.name.to_ascii_uppercase();
            name.starts_with("TGC") || name.starts_with("CASTGC")
        };
        let session = |c: &&SetCookie| {
            let name = c.name.to_ascii_lowercase();
            ["sess", "sid", "login", "auth", "oneid", "lemonldap"].iter().any(|w| name.contains(w)) && !name.contains("csrf")
        };
        let ticket = after.iter().find(upper).or_else(|| after.iter().find(session));
        let mut facts = json!({"probe": "session", "credentialsInUrls": 0});
        let holds =
            |url: &Url| url.query_pairs().any(|(_, v)| v == signed.secrets.1 || (v == signed.secrets.0 && url.path().contains("login")));
        facts["credentialsInUrls"] = run.hops.iter().filter(|h| holds(&h.answer.url)).count().into();
        if let Some(c) = ticket {
            let base = audit.addresses.base().path().trim_end_matches('/');
            let wide =
                c.path.as_deref().is_some_and(|p| p != "/" && !p.starts_with(base)) || (c.path.as_deref() == Some("/") && !base.is_empty());
            let name: String = c.name.chars().filter(|ch| ch.is_ascii_alphanumeric() || "-_.".contains(*ch)).take(40).collect();
            facts["ticketCookie"] = json!({
                "name": name, "prefix": upper(&c), "charset": c.value.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
                "secure": c.secure, "httpOnly": c.http_only, "sameSite": c.same_site, "persistent": c.max_age.is_some() || c.expires,
                "path": c.path, "pathWide": wide, "length": c.value.len(),
            });
            // A cookie that only a login gives is new by itself.
            let known = before.iter().find(|b| b.name == c.name);
            facts["identifierChanged"] = known.is_none_or(|b| b.value != c.value).into();
        } else if let Some(kept) = before.iter().find(session) {
            facts["identifierChanged"] = after.iter().any(|a| a.name == kept.name && a.value != kept.value).into();
        }
        audit.sight("cas.server", "session", Ok(facts));
    }

    /// What only all of it together tells.
    fn sums(&self, audit: &mut Audit<'_>) {
        let mut distinct = self.tickets.clone();
        distinct.sort();
        distinct.dedup();
        let facts = json!({"probe": "tickets", "issued": self.tickets.len(), "distinct": distinct.len() == self.tickets.len(),
                           "varying": pages::varying(&self.tickets)});
        audit.sight("cas.server", "tickets", Ok(facts));
        let facts = json!({"probe": "releases", "validations": self.validations, "stableUser": self.stable});
        audit.sight("cas.server", "releases", if self.validations > 1 { Ok(facts) } else { Err(lacking("detail.no_success")) });
    }
}

impl Audit<'_> {
    /// Where the first account's credentials may go.
    pub(super) fn account_origin(&self) -> Url {
        let declared = self.spec.accounts.first().and_then(|a| a.origin.as_ref());
        declared.map_or_else(|| self.addresses.base().clone(), |o| o.url().clone())
    }
}

/// Writes a page down.
fn page(audit: &mut Audit<'_>, probe: &'static str, run: Result<Run, Unanswered>, service: Option<&Url>) {
    let seen = run.and_then(|run| pages::read(probe, &run, service)).map(|s| Value::Object(s.facts)).map_err(unseen);
    audit.sight("cas.page", probe, seen);
}

/// Whether a logout took away, or replaced, what the browser held.
fn cleared(run: &Run, before: &Jar, after: &Jar, base: &Url) -> bool {
    let said = run.hops.iter().flat_map(|h| h.answer.all("set-cookie").filter_map(|c| SetCookie::parse(c, now())).collect::<Vec<_>>());
    let at = under(base, "/login", &[]);
    said.into_iter()
        .any(|c| before.holds(&at, &c.name) && (c.cleared || !after.holds(&at, &c.name) || before.header(&at) != after.header(&at)))
}
