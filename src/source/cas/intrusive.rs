//! What may lock the account or make the server call out: done when asked for only, on a platform for tests.
//!
//! A wrong password is tried once for each of two users. Must never be run on what is in service.

use serde_json::{Value, json};

use super::listener::Listening;
use super::pages;
use super::probes::under;
use super::session::{Signed, Work, look, not_signed, sign_in, ticket};
use super::{Audit, busy, lacking, unseen};
use crate::outcome::Message;
use crate::source::login::Credentials;
use crate::source::observation::Unseen;
use crate::source::probe::Ask;
use crate::source::probe::http::{Answer, Request, origin};
use crate::source::probe::jar::Jar;

impl Work {
    /// What may lock the account or make the server call out.
    pub(super) fn intrusive(&mut self, audit: &mut Audit<'_>, signed: &Signed) {
        const ALL: &[&str] = &["wrong-password", "unknown-user", "token-replayed"];
        if !audit.consent.intrusive {
            audit.blind("cas.page", ALL, &lacking("detail.not_asked.intrusive"));
            audit.blind("cas.answer", &["pgt-clear"], &lacking("detail.not_asked.intrusive"));
            return;
        }
        let service = self.service.clone();
        let at = origin(&audit.account_origin());
        let mut pages_seen = Vec::new();
        for (probe, user) in [("wrong-password", signed.secrets.0.as_str()), ("unknown-user", "conforment-inconnu")] {
            let Ok(credentials) = Credentials::new(&at, user, "conforment-mot-de-passe-faux") else { continue };
            let mut other = Signed { jar: Jar::default(), credentials, secrets: (user.to_owned(), String::new()) };
            let run = sign_in(audit, probe, &mut other, &service, &[]);
            let last = run.as_ref().ok().and_then(|r| r.hops.last()).map(|h| (h.answer.status, words(&h.answer, user)));
            let same = last.is_some() && pages_seen.first().is_some_and(|first| Some(first) == last.as_ref());
            pages_seen.extend(last);
            let seen = run.and_then(|run| pages::read(probe, &run, Some(&service)).map(|s| (run.submitted, s))).map_err(unseen);
            let seen = seen.and_then(|(submitted, mut seen)| {
                if !submitted {
                    return Err(lacking("detail.login.other"));
                }
                if probe == "unknown-user" {
                    seen.facts.insert("sameAsWrongPassword".into(), same.into());
                }
                Ok(Value::Object(seen.facts))
            });
            audit.sight("cas.page", probe, seen);
        }
        self.token_replayed(audit, signed);
        // In clear, to the tool's own service: a server that does not check calls it, and says that it did.
        let Some(listener) = audit.spec.listener.clone() else {
            return audit.blind("cas.answer", &["pgt-clear"], &lacking("detail.no_listener"));
        };
        let mut to = under(listener.url.url(), "/pgt", &[]);
        let in_clear = to.scheme() == "http" || to.set_scheme("http").is_ok();
        let listening = if audit.door.is_replay() { None } else { Listening::start(&listener.bind, "GET", None).ok() };
        if !in_clear || (listening.is_none() && !audit.door.is_replay()) {
            return audit.blind("cas.answer", &["pgt-clear"], &busy(&listener.bind));
        }
        let called = ticket(audit, "pgt-clear", &mut signed.anew(), &service);
        let called = called.and_then(|t| self.validate(audit, "pgt-clear", "/serviceValidate", &service, &t, &[("pgtUrl", to.as_str())]));
        Self::say(audit, "pgt-clear", called);
    }

    /// The form of a login that succeeded, posted once more by another browser.
    fn token_replayed(&mut self, audit: &mut Audit<'_>, signed: &Signed) {
        let service = self.service.clone();
        let mut jar = Jar::default();
        let form = look(audit, "token-replayed", &mut jar, &service, &[]).map_err(unseen);
        let before = jar.clone();
        let post = form.and_then(|run| {
            let page = run.outcome.page().cloned().ok_or_else(|| not_signed(&run.outcome))?;
            let form = pages::login_form(&page).ok_or_else(|| lacking("detail.login.other"))?;
            let action = form
                .action
                .clone()
                .filter(|a| origin(a) == origin(&audit.account_origin()))
                .ok_or_else(|| lacking("detail.login.elsewhere"))?;
            crate::source::login::token(form).ok_or_else(|| Unseen::NotApplicable(Message::new("detail.nothing.live")))?;
            let (mut named, mut fields) = (false, Vec::new());
            for field in &form.fields {
                let value = match field.kind.as_str() {
                    "password" => signed.secrets.1.clone(),
                    "text" | "email" | "" if !named => {
                        named = true;
                        signed.secrets.0.clone()
                    }
                    "checkbox" | "radio" if !field.checked => continue,
                    _ => field.value.clone(),
                };
                fields.push((field.name.clone(), value));
            }
            fields.extend(form.buttons.first().filter(|b| !b.name.is_empty()).map(|b| (b.name.clone(), b.value.clone())));
            let request = Request::form(action, &fields).with("Referer", page.url.as_str()).with("Origin", &origin(&page.url));
            Ok(request)
        });
        let seen = post.and_then(|request| {
            audit.door.authenticated();
            let ticket = |a: &Answer| a.location().is_some_and(|to| to.query_pairs().any(|(n, _)| n == "ticket"));
            let first = audit.ask("token-replayed", &request, &mut jar).map_err(unseen)?;
            if !ticket(&first) {
                return Err(lacking("detail.no_success"));
            }
            // Where the identifier of the session stays the same at login, the session itself would give a ticket: it ends first.
            let out = Request::get(audit.addresses.endpoint("/logout", &[]));
            audit.ask("token-replayed", &out, &mut jar).map_err(unseen)?;
            let mut replay = before;
            let second = audit.ask("token-replayed", &request, &mut replay).map_err(unseen)?;
            let accepted = ticket(&second);
            Ok(json!({"probe": "token-replayed", "hops": [], "status": second.status, "end": if accepted { "service" } else { "form" },
                      "offsite": [], "millis": second.millis, "accepted": accepted}))
        });
        audit.sight("cas.page", "token-replayed", seen);
    }
}

/// The words of a page, the user name and tokens apart: to compare two refusals.
fn words(answer: &Answer, user: &str) -> Vec<String> {
    let text = answer.text().replace(user, "");
    let body = scraper::Html::parse_document(&text);
    let visible = body.root_element().text().flat_map(str::split_whitespace).map(str::to_owned);
    visible.take(2000).collect()
}
