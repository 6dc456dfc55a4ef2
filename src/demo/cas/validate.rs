//! Validation of tickets: `/validate`, `/serviceValidate`, `/proxyValidate` and their `/p3` forms.
//!
//! Must never validate a ticket twice, nor for another service, but for defects.

use jiff::Timestamp;

use super::{Params, proxy, xml};
use crate::demo::defects::Defect as D;
use crate::demo::http::{Request, Response};
use crate::demo::pages;
use crate::demo::people::{Attribute, Contract, PEOPLE, Person, released};
use crate::demo::site::Site;
use crate::demo::state::Ticket;

/// What a validation asks for.
#[derive(Debug, Default)]
pub struct Asked<'a> {
    pub service: Option<&'a str>,
    pub ticket: Option<&'a str>,
    pub renew: bool,
    pub pgt_url: Option<&'a str>,
    /// Whether proxy tickets are accepted.
    pub proxy: bool,
    /// Whether the ticket may have been used, or be for another service: the defect of `/samlValidate`.
    pub careless: bool,
}

/// A ticket that is good.
#[derive(Debug)]
pub struct Success {
    pub user: String,
    pub contract: Contract,
    pub attributes: Vec<Attribute>,
    pub since: Timestamp,
    pub fresh: bool,
    pub granting: Option<String>,
    pub proxies: Vec<String>,
}

/// A refusal: its code, what is said.
#[derive(Debug, Clone, Copy)]
pub struct Refusal(pub &'static str, pub &'static str);

/// Looks at a ticket, which is used thereafter.
pub fn check(site: &Site, asked: &Asked<'_>) -> Result<Success, Refusal> {
    let missing = if site.has(D::RequestCode) { "INVALID_TICKET" } else { "INVALID_REQUEST" };
    let (Some(service), Some(name)) = (asked.service, asked.ticket) else {
        return Err(Refusal(missing, "Les paramètres service et ticket sont nécessaires."));
    };
    let any_proxy = site.has(D::ProxyTicketAnyAccepted) && name.starts_with("PT-");
    let known = site.state().tickets.contains_key(name);
    if !known && (any_proxy || site.has(D::TicketBogusAccepted)) {
        return Ok(success(site, &PEOPLE[0], service, None, "TGT-inconnue"));
    }
    if !known && !name.starts_with("ST-") && !name.starts_with("PT-") {
        let code = if site.has(D::PrefixCode) { "UNAUTHORIZED_SERVICE_PROXY" } else { "INVALID_TICKET_SPEC" };
        return Err(Refusal(code, "Ce n’est pas un ticket de service."));
    }
    if name.starts_with("PT-") && !asked.proxy && !site.has(D::ProxyTicketAccepted) {
        return Err(Refusal("INVALID_TICKET_SPEC", "Un ticket mandaté (PT) n’est pas accepté à cette adresse."));
    }
    let ticket = {
        let mut state = site.state();
        let unknown = Refusal("INVALID_TICKET", "Ticket inconnu, expiré ou déjà présenté.");
        let Some(ticket) = state.tickets.get_mut(name) else { return Err(unknown) };
        let reusable = asked.careless || site.has(D::TicketReusable) || site.has(D::ProxyTicketReusable) && name.starts_with("PT-");
        let expired = ticket.made.elapsed() > site.life && !site.has(D::TicketLongLife);
        if ticket.used && !reusable || expired {
            return Err(unknown);
        }
        if !bound(site, ticket, service) && !asked.careless {
            ticket.used = !site.has(D::TicketSurvivesMismatch);
            return Err(Refusal("INVALID_SERVICE", "Le ticket est pour un autre service."));
        }
        ticket.used = true;
        ticket.clone()
    };
    let fresh = ticket.fresh && !site.has(D::RenewFreshRefused) || site.has(D::RenewSsoAccepted);
    if asked.renew && !fresh {
        return Err(Refusal("INVALID_TICKET", "Le ticket ne vient pas d’une saisie du mot de passe."));
    }
    let granting = asked.pgt_url.map(|url| proxy::grant(site, &ticket, url)).transpose()?;
    let mut out = success(site, ticket.person, service, Some(&ticket), &ticket.session);
    out.granting = granting;
    Ok(out)
}

fn bound(site: &Site, ticket: &Ticket, service: &str) -> bool {
    let caseless = site.has(D::TicketServiceCaseless) && ticket.service.eq_ignore_ascii_case(service);
    ticket.service == service || caseless || site.has(D::TicketNotBound)
}

fn success(site: &Site, person: &'static Person, service: &str, ticket: Option<&Ticket>, session: &str) -> Success {
    let contract = site.registered(service).unwrap_or(Contract::Generic);
    let uai = url::Url::parse(service).ok().and_then(|u| u.query_pairs().find(|(n, _)| n == "UAI").map(|(_, v)| v.into_owned()));
    let user = match () {
        () if site.has(D::UserEmpty) => String::new(),
        () if site.has(D::UserChanges) => format!("{}-{}", person.id, session.chars().rev().take(8).collect::<String>()),
        () => person.id.to_owned(),
    };
    Success {
        user,
        contract,
        attributes: released(person, contract, uai.as_deref(), &|d| site.has(d)),
        since: ticket.map_or_else(Timestamp::now, |t| t.since),
        fresh: ticket.is_some_and(|t| t.fresh) || site.has(D::NewLoginConstant),
        granting: None,
        proxies: ticket.map(|t| t.proxies.clone()).unwrap_or_default(),
    }
}

/// What a request asks for.
fn asked<'a>(params: &'a Params<'_>, proxy: bool) -> Asked<'a> {
    let once = |name: &str| if params.repeated(name) { None } else { params.get(name) };
    Asked {
        service: once("service"),
        ticket: once("ticket"),
        renew: params.is_set("renew"),
        pgt_url: params.get("pgtUrl"),
        proxy,
        careless: false,
    }
}

/// `/validate`, of CAS 1.0.
pub fn plain(site: &Site, request: &Request) -> Response {
    let params = Params::new(site, request.query());
    let asked = Asked { pgt_url: None, ..asked(&params, false) };
    let body = match check(site, &asked) {
        Ok(_) if site.has(D::ValidateYesBody) => "OK".to_owned(),
        Ok(success) if site.has(D::ValidateTwoLines) => format!("yes\n{}\n", success.user),
        Ok(_) => "yes\n".to_owned(),
        Err(_) if site.has(D::ValidateNoBody) => "no: invalid ticket".to_owned(),
        Err(_) => "no\n".to_owned(),
    };
    Response::text(200, &body)
}

/// The addresses that answer XML or JSON.
pub fn xml(site: &Site, request: &Request, proxy: bool, p3: bool) -> Response {
    let params = Params::new(site, request.query());
    let error = || pages::message(500, "Erreur", "Une erreur est survenue.");
    if site.has(D::LongTicketServerError) && params.get("ticket").is_some_and(|t| t.len() > 1000) {
        return error();
    }
    let format = params.get("format").map(str::to_ascii_uppercase);
    let json = match format.as_deref() {
        Some("JSON") => !site.has(D::JsonIgnored),
        None | Some("XML") => false,
        Some(_) if site.has(D::FormatServerError) => return error(),
        Some(_) if site.has(D::FormatAccepted) => false,
        Some(_) => return xml::refusal(site, Refusal("INVALID_REQUEST", "Ce format n’est pas proposé."), None, false),
    };
    match check(site, &asked(&params, proxy)) {
        Ok(success) => xml::success(site, &success, p3, json),
        Err(refusal) => refuse(site, refusal, &params, p3, json),
    }
}

fn refuse(site: &Site, refusal: Refusal, params: &Params<'_>, p3: bool, json: bool) -> Response {
    let refusals = {
        let mut state = site.state();
        state.refusals += 1;
        state.refusals
    };
    if site.has(D::ValidationLockout) && refusals > 10 {
        return pages::message(429, "Trop de demandes", "Réessayez plus tard.");
    }
    if site.has(D::RefusalServerError) {
        return pages::message(500, "Erreur", "Une erreur est survenue.");
    }
    if site.has(D::RefusalAsPage) {
        return pages::message(200, "Ticket refusé", refusal.1);
    }
    let code = match () {
        () if site.has(D::UnknownCode) => "INVALID_SESSION",
        () if site.has(D::P3Differs) && p3 => "INTERNAL_ERROR",
        () => refusal.0,
    };
    xml::refusal(site, Refusal(code, refusal.1), params.get("ticket"), json)
}
