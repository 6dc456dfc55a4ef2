//! What third-party services are told, against their contracts: `service.release` (rules/AUTHORING.md gives the shape).
//!
//! A contract is data; what is said here is which of its names are missing, malformed or too many. Never a value.

use serde_json::{Value, json};
use url::Url;

use super::answer;
use super::release::Release;
use super::session::{Signed, Work, credentials, not_signed, sign_in};
use super::{Audit, lacking, unseen};
use crate::check::schema::Schemas;
use crate::outcome::Message;
use crate::rules::contract::{Account as Profile, Contract, TextLists};
use crate::source::login::Outcome;
use crate::source::observation::Unseen;
use crate::source::probe::Ask;
use crate::source::probe::http::Request;
use crate::source::probe::jar::Jar;
use crate::target::live::ServiceSpec;

/// A school that does not exist, whose code has the right form: nobody is attached to it.
const NO_SCHOOL: &str = "9999999L";

/// Observes every contract for every account.
pub(super) fn observe(audit: &mut Audit<'_>, signed: &mut Signed, work: &Work) {
    if audit.spec.services.is_empty() {
        audit.blind("service.release", &["contract", "uai-foreign"], &lacking("detail.no_contract"));
    }
    let services = audit.spec.services.clone();
    for (rank, account) in audit.spec.accounts.clone().iter().enumerate() {
        let profile = account.profile.as_deref();
        if rank == 0 {
            services.iter().for_each(|service| one(audit, signed, service, profile));
            services.iter().for_each(|service| foreign_school(audit, signed, service));
            continue;
        }
        match credentials(audit, account) {
            Ok(mut other) => services.iter().for_each(|service| one(audit, &mut other, service, profile)),
            Err(why) => audit.blind("service.release", &["contract"], &why),
        }
    }
    second_login(audit, signed, work);
}

/// A ticket for a service, and what its validation releases.
fn told(audit: &mut Audit<'_>, probe: &str, signed: &mut Signed, url: &Url, shapes: &[&str]) -> Result<(bool, answer::Seen), Unseen> {
    let run = sign_in(audit, probe, signed, url, &[]).map_err(unseen)?;
    let ticket = match &run.outcome {
        Outcome::Ticket { ticket, .. } => ticket.clone(),
        Outcome::Unanswered { why, .. } => return Err(unseen(*why)),
        // Not entitled: a page that says so is what the protocol asks for.
        Outcome::Refused(_) | Outcome::Other(_) => return Ok((false, answer::Seen { result: "none", ..answer::Seen::default() })),
        other => return Err(not_signed(other)),
    };
    audit.door.conceal(&ticket);
    let third = shapes == ["C"] && audit.known.get("/p3/serviceValidate") == Some(&true);
    let endpoint = if third { "/p3/serviceValidate" } else { "/serviceValidate" };
    let request = Request::get(audit.addresses.endpoint(endpoint, &[("service", url.as_str()), ("ticket", &ticket)]));
    let answer = audit.ask(probe, &request, &mut Jar::default()).map_err(unseen)?;
    let seen = answer::read(probe, endpoint, &answer);
    if let Some(release) = &seen.release {
        release.all().filter(|v| v.chars().count() > 3).for_each(|v| audit.door.conceal(v));
    }
    Ok((true, seen))
}

fn one(audit: &mut Audit<'_>, signed: &mut Signed, service: &ServiceSpec, profile: Option<&str>) {
    let Some(contract) = audit.contracts.get(&service.contract) else {
        let why = Unseen::NotApplicable(Message::new("detail.unknown_contract").with("contract", &service.contract));
        return audit.blind("service.release", &["contract"], &why);
    };
    let contract = contract.clone();
    let shapes: Vec<&str> = contract.shape.iter().map(|s| s.as_str()).collect();
    let seen = told(audit, "contract", signed, service.url.url(), &shapes).map(|(issued, seen)| {
        let mut facts =
            json!({"probe": "contract", "contract": contract.id, "issued": issued, "result": seen.result, "expectedShape": shapes});
        if let Some(profile) = profile {
            facts["profile"] = profile.into();
        }
        if let (Some(release), Value::Object(facts)) = (&seen.release, &mut facts) {
            facts.extend(held(&contract, release, profile));
        }
        facts
    });
    audit.sight("service.release", "contract", seen);
}

/// A release against a contract.
fn held(contract: &Contract, release: &Release, profile: Option<&str>) -> serde_json::Map<String, Value> {
    let mut facts = release.facts();
    let schemas = Schemas::default();
    let holds = |schema: &Value, values: &[&str]| schemas.facts(schema).map(|s| s.is_valid(&json!(values))).unwrap_or(true);
    let (mut missing, mut malformed, mut many, mut personal) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for (name, attribute) in &contract.attributes {
        let values = release.values(name);
        let filled = values.iter().any(|v| !v.is_empty());
        if attribute.required && !filled {
            missing.push(name.as_str());
        }
        personal += usize::from(attribute.personal && filled);
        let Some(schema) = attribute.values.as_ref().filter(|_| !values.is_empty()) else { continue };
        if !holds(schema, &values) {
            // One value alone would do: there are too many of them, none is wrong.
            let each = values.iter().all(|v| holds(schema, &[v]));
            if each && values.len() > 1 { many.push(name.as_str()) } else { malformed.push(name.as_str()) }
        }
    }
    let users: Vec<&str> = release.user.iter().map(String::as_str).collect();
    if contract.user.as_ref().is_some_and(|schema| !holds(schema, &users)) {
        malformed.push("user");
    }
    let undeclared = if contract.open { Vec::new() } else { release.named(|a| !contract.attributes.contains_key(&a.name)) };
    let lists: Vec<String> = facts["textLists"].as_array().into_iter().flatten().filter_map(|n| n.as_str().map(str::to_owned)).collect();
    let unexpected = if contract.text_lists == TextLists::Allowed { Vec::new() } else { lists };
    if let (Some(profile), Some(attribute)) = (profile, &contract.profile_attribute)
        && let Some((_, words)) = contract.profiles.iter().find(|(p, _)| Profile::as_str(**p) == profile)
    {
        let said = release.values(attribute);
        let agrees = said.iter().any(|v| words.iter().any(|w| v.split([';', ',', '[', ']', '"', ' ']).any(|piece| piece == w)));
        facts.insert("profileAgrees".into(), agrees.into());
    }
    for (name, value) in [
        ("missing", json!(missing)),
        ("malformed", json!(malformed)),
        ("tooMany", json!(many)),
        ("undeclared", json!(undeclared)),
        ("personal", json!(personal)),
        ("unexpectedTextLists", json!(unexpected)),
    ] {
        facts.insert(name.into(), value);
    }
    facts
}

/// A service that names a school in its address, to which the account does not belong.
fn foreign_school(audit: &mut Audit<'_>, signed: &mut Signed, service: &ServiceSpec) {
    let tells = |name: &str| ["UAI", "RNE"].iter().any(|w| name.to_ascii_uppercase().contains(w));
    let about = audit.contracts.get(&service.contract).is_some_and(|c| c.attributes.keys().any(|n| tells(n)));
    if !about {
        return audit.blind("service.release", &["uai-foreign"], &Unseen::NotApplicable(Message::new("detail.nothing.live")));
    }
    let mut url = service.url.url().clone();
    let others: Vec<(String, String)> =
        url.query_pairs().filter(|(n, _)| !n.eq_ignore_ascii_case("uai")).map(|(n, v)| (n.into_owned(), v.into_owned())).collect();
    url.query_pairs_mut().clear().extend_pairs(others).append_pair("UAI", NO_SCHOOL);
    let seen = told(audit, "uai-foreign", signed, &url, &[]).map(|(issued, seen)| {
        let asserted = seen.release.as_ref().is_some_and(|r| r.all().any(|v| v.contains(NO_SCHOOL)));
        json!({"probe": "uai-foreign", "contract": service.contract, "issued": issued, "result": seen.result, "asserted": asserted})
    });
    audit.sight("service.release", "uai-foreign", seen);
}

/// The same account signs in once more: the same user comes out.
fn second_login(audit: &mut Audit<'_>, signed: &Signed, work: &Work) {
    let Some(first) = &work.first else { return audit.blind("service.release", &["second-login"], &lacking("detail.no_success")) };
    let Some(service) = audit.addresses.service().cloned() else { return };
    let mut browser = signed.anew();
    let seen = told(audit, "second-login", &mut browser, &service, &[]).and_then(|(issued, seen)| {
        let Some(release) = seen.release.as_ref().filter(|_| seen.accepted()) else { return Err(lacking("detail.no_success")) };
        Ok(json!({"probe": "second-login", "issued": issued, "result": seen.result, "sameUser": release.user == first.user}))
    });
    audit.sight("service.release", "second-login", seen);
}
