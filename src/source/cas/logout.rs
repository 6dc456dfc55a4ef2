//! Single logout, seen from a service that the tool plays: `cas.slo` (CAS protocol 3.0.3, §2.3.3 and appendix C).

use std::time::{Duration, Instant};

use roxmltree::Document;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::listener::{Call, Listening};
use super::session::{Signed, ticket};
use super::{Audit, busy, lacking, unseen};
use crate::source::login::{Driver, Outcome};
use crate::source::observation::Unseen;
use crate::source::probe::http::Request;
use crate::source::probe::jar::Jar;

/// How long a notification is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
const PROBES: &[&str] = &["slo", "slo-slow", "slo-two"];

/// Signs in for the tool's own service, signs out, and tells what came.
pub(super) fn observe(audit: &mut Audit<'_>, signed: &Signed) {
    let Some(spec) = audit.spec.listener.clone() else { return audit.blind("cas.slo", PROBES, &lacking("detail.no_listener")) };
    if audit.door.is_replay() {
        for probe in PROBES {
            let seen = audit.door.noted(probe).ok_or_else(|| unseen(crate::source::probe::Unanswered::NotRecorded));
            audit.sight("cas.slo", probe, seen);
        }
        return;
    }
    let Ok(listening) = Listening::start(&spec.bind, "POST", None) else {
        return audit.blind("cas.slo", PROBES, &busy(&spec.bind));
    };
    let first = spec.url.url().clone();
    let second = super::probes::under(&first, "/deux", &[]);
    for (probe, services, delay) in [
        ("slo", vec![first.clone()], Duration::ZERO),
        ("slo-two", vec![first.clone(), second], Duration::ZERO),
        ("slo-slow", vec![first], Duration::from_secs(30)),
    ] {
        listening.clear();
        listening.delay(delay);
        let seen = one(audit, probe, signed, &services, &listening);
        if let Ok(facts) = &seen {
            audit.door.note(probe, facts);
        }
        audit.sight("cas.slo", probe, seen);
    }
}

fn one(audit: &mut Audit<'_>, probe: &'static str, signed: &Signed, services: &[Url], listening: &Listening) -> Result<Value, Unseen> {
    let mut browser = signed.anew();
    let mut tickets = Vec::new();
    for service in services {
        let ticket = ticket(audit, probe, &mut browser, service)?;
        // Some servers only notify services that came for their ticket.
        let request = Request::get(audit.addresses.endpoint("/serviceValidate", &[("service", service.as_str()), ("ticket", &ticket)]));
        audit.ask(probe, &request, &mut Jar::default()).map_err(unseen)?;
        tickets.push(ticket);
    }
    let (config, url) = (audit.spec.login.clone(), audit.addresses.endpoint("/logout", &[]));
    let asked = Instant::now();
    let run = audit.run(probe, &Driver::new(&config), &mut browser.jar, &url).map_err(unseen)?;
    let logout = asked.elapsed();
    if let Outcome::Unanswered { why, .. } = &run.outcome {
        // A logout that waits for a slow service until it is too late: that is what is looked for.
        let slow = probe == "slo-slow" && *why == crate::source::probe::Unanswered::Timeout;
        if !slow {
            return Err(unseen(*why));
        }
    }
    let calls = listening.calls(services.len(), PATIENCE);
    // One more than expected would come at once.
    std::thread::sleep(Duration::from_millis(200));
    let calls = if calls.len() < services.len() { calls } else { listening.calls(usize::MAX, Duration::ZERO) };
    let mut facts = json!({"probe": probe, "received": calls.len(), "services": services.len(), "logoutMillis": u64::try_from(logout.as_millis()).unwrap_or(u64::MAX)});
    if let Some(call) = calls.first() {
        facts["millis"] = u64::try_from(call.at.duration_since(asked).as_millis()).unwrap_or(u64::MAX).into();
        described(call, &tickets, &mut facts);
    }
    Ok(facts)
}

fn described(call: &Call, tickets: &[String], facts: &mut Value) {
    let form = form_urlencoded::parse(call.body.as_bytes()).find(|(name, _)| name == "logoutRequest").map(|(_, value)| value.into_owned());
    let transport = if form.is_some() {
        "form"
    } else if call.body.trim_start().starts_with('<') {
        "raw"
    } else {
        "other"
    };
    facts["transport"] = transport.into();
    let text = form.unwrap_or_else(|| call.body.clone());
    let Ok(document) = Document::parse(text.trim_start()) else {
        facts["xml"] = json!({"wellFormed": false});
        return;
    };
    let root = document.root_element();
    let inside = |name: &str| root.descendants().find(|n| n.is_element() && n.tag_name().name() == name).map(super::xml::text_of);
    let index = inside("SessionIndex");
    facts["xml"] = json!({
        "wellFormed": true,
        "root": super::xml::known(root.tag_name().name()),
        "saml2": root.tag_name().namespace() == Some("urn:oasis:names:tc:SAML:2.0:protocol"),
        "version": root.attribute("Version").map(super::xml::known),
        "id": root.attribute("ID").is_some_and(|id| !id.is_empty()),
        "issueInstant": root.attribute("IssueInstant").is_some_and(|i| i.parse::<jiff::Timestamp>().is_ok()),
        "nameId": inside("NameID").is_some(),
        "sessionIndexIsTicket": index.is_some_and(|i| tickets.contains(&i)),
    });
}
