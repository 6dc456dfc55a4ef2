//! Tickets of a test account, validated in every way: once and again, for another service, at each endpoint, in each form.
//!
//! Values of the account are concealed from the transcript and never enter a fact.

use serde_json::Value;
use url::Url;

use super::answer::{self, Seen};
use super::probes::saml_request;
use super::release::Release;
use super::session::{AFTER, Signed, Work, ticket};
use super::{Audit, lacking, unseen};
use crate::check::text::other_case;
use crate::outcome::Message;
use crate::source::observation::Unseen;
use crate::source::probe::Ask;
use crate::source::probe::http::Request;
use crate::source::probe::jar::Jar;

impl Work {
    /// Validates a ticket at an endpoint.
    pub(super) fn validate(
        &mut self,
        audit: &mut Audit<'_>,
        probe: &str,
        endpoint: &str,
        service: &Url,
        ticket: &str,
        more: &[(&str, &str)],
    ) -> Result<Seen, Unseen> {
        let query = [&[("service", service.as_str()), ("ticket", ticket)], more].concat();
        let request = Request::get(audit.addresses.endpoint(endpoint, &query));
        self.asked(audit, probe, endpoint, &request)
    }

    pub(super) fn asked(&mut self, audit: &mut Audit<'_>, probe: &str, endpoint: &str, request: &Request) -> Result<Seen, Unseen> {
        let answer = audit.ask(probe, request, &mut Jar::default()).map_err(unseen)?;
        let mut seen = answer::read(probe, endpoint, &answer);
        seen.secrets().for_each(|secret| audit.door.conceal(secret));
        if let Some(release) = &seen.release
            && let (true, Some(first)) = (seen.accepted(), &self.first)
        {
            self.validations += 1;
            let same = release.user == first.user;
            self.stable &= same;
            seen.facts.insert("sameUser".into(), same.into());
            let of = |r: &Release| {
                let mut all: Vec<(String, Vec<String>)> = r.attributes.iter().map(|a| (a.name.clone(), a.values.clone())).collect();
                all.sort();
                all
            };
            seen.facts.insert("sameAttributes".into(), (of(release) == of(first)).into());
        }
        Ok(seen)
    }

    /// Writes an answer down.
    pub(super) fn say(audit: &mut Audit<'_>, probe: &'static str, seen: Result<Seen, Unseen>) -> Option<Seen> {
        match seen {
            Ok(seen) => {
                audit.sight("cas.answer", probe, Ok(Value::Object(seen.facts.clone())));
                Some(seen)
            }
            Err(why) => {
                audit.sight("cas.answer", probe, Err(why));
                None
            }
        }
    }

    /// What was released, by names.
    fn release(audit: &mut Audit<'_>, probe: &'static str, seen: Option<&Seen>) {
        let facts = seen.and_then(|s| s.release.as_ref()).map(|release| {
            let mut facts = release.facts();
            facts.insert("probe".into(), probe.into());
            Value::Object(facts)
        });
        audit.sight("cas.release", probe, facts.ok_or_else(|| lacking("detail.no_success")));
    }

    /// Whether an endpoint was seen; `Err` is what to say of the probes about it.
    pub(super) fn there(audit: &Audit<'_>, endpoint: &str) -> Result<(), Unseen> {
        match audit.known.get(endpoint) {
            Some(true) => Ok(()),
            _ => Err(Unseen::NotApplicable(Message::new("detail.no_endpoint").with("endpoint", endpoint))),
        }
    }

    pub(super) fn validations(&mut self, audit: &mut Audit<'_>, signed: &mut Signed, ticket: String) {
        let service = self.service.clone();
        let endpoint =
            ["/serviceValidate", "/p3/serviceValidate"].into_iter().find(|e| Self::there(audit, e).is_ok()).unwrap_or("/serviceValidate");
        let validated = self.validate(audit, "validated", endpoint, &service, &ticket, &[]);
        let success = validated.as_ref().is_ok_and(Seen::accepted);
        let validated = Self::say(audit, "validated", validated);
        Self::release(audit, "validated", validated.as_ref());
        self.first = validated.and_then(|v| v.release);
        if !success {
            audit.blind("cas.answer", AFTER, &lacking("detail.no_success"));
            audit.blind("cas.release", &["p3-validated", "json-validated", "saml-validated"], &lacking("detail.no_success"));
            return;
        }
        self.validations = 1;
        let replayed = self.validate(audit, "replayed", endpoint, &service, &ticket, &[]);
        Self::say(audit, "replayed", replayed);

        // One ticket tried on another service, then on its own.
        let other = audit
            .spec
            .other_service
            .as_ref()
            .map_or_else(|| service.join("/conforment-autre-service").unwrap_or_else(|_| service.clone()), |o| o.url().clone());
        match self.fresh(audit, "mismatch", &mut signed.jar, &service) {
            Ok(ticket) => {
                let mismatch = self.validate(audit, "mismatch", endpoint, &other, &ticket, &[]);
                Self::say(audit, "mismatch", mismatch);
                let after = self.validate(audit, "after-mismatch", endpoint, &service, &ticket, &[]);
                Self::say(audit, "after-mismatch", after);
            }
            Err(why) => audit.blind("cas.answer", &["mismatch", "after-mismatch"], &why),
        }
        self.spelt(audit, signed, "path-case", endpoint, flipped(&service));
        self.spelt(audit, signed, "slash", endpoint, slashed(&service));
        let renewed = self.fresh(audit, "renew-sso", &mut signed.jar, &service);
        let renewed = renewed.and_then(|t| self.validate(audit, "renew-sso", endpoint, &service, &t, &[("renew", "true")]));
        Self::say(audit, "renew-sso", renewed);
        self.others(audit, signed, endpoint);
        self.second(audit, signed, endpoint);
        self.saml(audit, signed);
    }

    /// The ticket of a service, validated for the same one written otherwise.
    fn spelt(&mut self, audit: &mut Audit<'_>, signed: &mut Signed, probe: &'static str, endpoint: &str, other: Option<Url>) {
        let service = self.service.clone();
        let seen = match other {
            None => Err(Unseen::NotApplicable(Message::new("detail.nothing.live"))),
            Some(other) => {
                let ticket = self.fresh(audit, probe, &mut signed.jar, &service);
                ticket.and_then(|t| self.validate(audit, probe, endpoint, &other, &t, &[]))
            }
        };
        Self::say(audit, probe, seen);
    }

    /// The other endpoints and forms, with tickets of the session.
    fn others(&mut self, audit: &mut Audit<'_>, signed: &mut Signed, endpoint: &str) {
        let service = self.service.clone();
        for (probe, endpoint, more) in [
            ("validate-success", "/validate", &[][..]),
            ("p3-sso", "/p3/serviceValidate", &[]),
            ("json-validated", endpoint, &[("format", "JSON")]),
        ] {
            // JSON is of version 3: on a server that has not got it, XML comes back, and proves nothing.
            let wanted = if probe == "json-validated" { "/p3/serviceValidate" } else { endpoint };
            let seen = Self::there(audit, wanted)
                .and_then(|()| self.fresh(audit, probe, &mut signed.jar, &service))
                .and_then(|ticket| self.validate(audit, probe, endpoint, &service, &ticket, more));
            let seen = Self::say(audit, probe, seen);
            if probe == "json-validated" {
                Self::release(audit, probe, seen.as_ref());
            }
        }
    }

    /// A second browser signs in, and a third: what a new login changes.
    fn second(&mut self, audit: &mut Audit<'_>, signed: &Signed, endpoint: &str) {
        let service = self.service.clone();
        let again = |audit: &mut Audit<'_>, work: &mut Self, probe: &str| -> Result<String, Unseen> {
            let ticket = ticket(audit, probe, &mut signed.anew(), &service)?;
            work.tickets.push(ticket.clone());
            Ok(ticket)
        };
        let p3 = Self::there(audit, "/p3/serviceValidate").and_then(|()| again(audit, self, "p3-validated"));
        let p3 = p3.and_then(|t| self.validate(audit, "p3-validated", "/p3/serviceValidate", &service, &t, &[]));
        let p3 = Self::say(audit, "p3-validated", p3);
        Self::release(audit, "p3-validated", p3.as_ref());
        let fresh = again(audit, self, "renew-fresh");
        let fresh = fresh.and_then(|t| self.validate(audit, "renew-fresh", endpoint, &service, &t, &[("renew", "true")]));
        Self::say(audit, "renew-fresh", fresh);
    }

    /// `/samlValidate`.
    fn saml(&mut self, audit: &mut Audit<'_>, signed: &mut Signed) {
        const ALL: &[&str] = &["saml-validated", "saml-replayed", "saml-mismatch", "saml-clear"];
        if let Err(why) = Self::there(audit, "/samlValidate") {
            audit.blind("cas.answer", ALL, &why);
            audit.blind("cas.release", &["saml-validated"], &why);
            return;
        }
        let service = self.service.clone();
        let post = |audit: &Audit<'_>, target: &Url, ticket: &str| {
            Request::post(audit.addresses.endpoint("/samlValidate", &[("TARGET", target.as_str())]), "text/xml", saml_request(ticket))
        };
        match self.fresh(audit, "saml-validated", &mut signed.jar, &service) {
            Ok(ticket) => {
                let request = post(audit, &service, &ticket);
                let seen = self.asked(audit, "saml-validated", "/samlValidate", &request);
                let seen = Self::say(audit, "saml-validated", seen);
                Self::release(audit, "saml-validated", seen.as_ref());
                let seen = self.asked(audit, "saml-replayed", "/samlValidate", &request);
                Self::say(audit, "saml-replayed", seen);
            }
            Err(why) => {
                audit.blind("cas.answer", &["saml-validated", "saml-replayed"], &why);
                audit.blind("cas.release", &["saml-validated"], &why);
            }
        }
        let other = service.join("/conforment-autre-service").unwrap_or_else(|_| service.clone());
        let ticket = self.fresh(audit, "saml-mismatch", &mut signed.jar, &service);
        let request = ticket.map(|t| post(audit, &other, &t));
        let seen = request.and_then(|r| self.asked(audit, "saml-mismatch", "/samlValidate", &r));
        Self::say(audit, "saml-mismatch", seen);
        // Of a service in clear, when the server gives it tickets at all.
        let mut clear = service.clone();
        let clear = (service.scheme() == "http" || clear.set_scheme("http").is_ok()).then_some(clear);
        let ticket = clear.as_ref().ok_or_else(|| lacking("detail.nothing.live")).and_then(|c| {
            match self.fresh(audit, "saml-clear", &mut signed.jar, c) {
                Err(_) => Err(Unseen::NotApplicable(Message::new("detail.nothing.live"))),
                ticket => ticket,
            }
        });
        let request = ticket.and_then(|t| clear.as_ref().map(|c| post(audit, c, &t)).ok_or_else(|| lacking("detail.nothing.live")));
        let seen = request.and_then(|r| self.asked(audit, "saml-clear", "/samlValidate", &r));
        Self::say(audit, "saml-clear", seen);
    }
}

/// The same address, its path in the other case; `None` when the path has no letter.
fn flipped(service: &Url) -> Option<Url> {
    let mut other = service.clone();
    other.set_path(&other_case(service.path()));
    (other != *service).then_some(other)
}

/// The same address, with its last slash or without.
fn slashed(service: &Url) -> Option<Url> {
    let mut other = service.clone();
    let path = service.path();
    other.set_path(&if path.len() > 1 && path.ends_with('/') { path.trim_end_matches('/').to_owned() } else { format!("{path}/") });
    (other != *service).then_some(other)
}
