//! `/login`: asks for credentials, accepts them, sends back to the service with a ticket.
//!
//! Must never let the credentials reach the service, nor tell an unknown account from a wrong password.

use std::time::Instant;

use jiff::Timestamp;

use super::{Params, with_parameter};
use crate::demo::defects::Defect as D;
use crate::demo::http::{Request, Response};
use crate::demo::pages::{self, Form};
use crate::demo::people::Person;
use crate::demo::site::Site;
use crate::demo::state::{Session, Ticket, secret};

/// `GET /login`.
pub fn get(site: &Site, request: &Request) -> Response {
    let params = Params::new(site, request.query());
    let by_get = site.has(D::LoginByGet) || site.has(D::FormByGet);
    if by_get && params.get("username").is_some() && params.get("password").is_some() {
        return post(site, request, &params.all);
    }
    let (service, post) = (params.get("service"), params.get("method") == Some("POST"));
    let gateway = params.is_set("gateway") && !site.has(D::GatewayIgnored);
    let renew = params.is_set("renew") && !(gateway && site.has(D::GatewayBeatsRenew)) && !site.has(D::RenewIgnored);
    if let Some(service) = service
        && site.registered(service).is_none()
        && !site.has(D::UnregisteredServed)
    {
        return pages::refused(site, service);
    }
    let session = site.session(request);
    match (&session, service) {
        _ if renew => {}
        (Some(_), Some(service)) if gateway && site.has(D::GatewayWithoutTicket) => return to(site, 302, service),
        (Some(id), Some(service)) if gateway || !site.has(D::SsoPrompts) => return grant(site, id, service, false, post),
        (Some(_), None) => return pages::opened(),
        (None, Some(service)) if gateway => {
            let status = if site.has(D::GatewayMovedForEver) { 301 } else { 302 };
            let url = if site.has(D::GatewayTicket) { with_parameter(service, "ticket", "ST-invite") } else { service.to_owned() };
            return to(site, status, &url);
        }
        (None, None) if gateway && site.has(D::GatewayServerError) => return pages::message(500, "Erreur", "Une erreur est survenue."),
        _ => {}
    }
    if site.has(D::LoginDelegated) && params.get("idp") != Some("local") {
        return pages::choice(&request.query);
    }
    let callback = params.get("callback").or_else(|| params.get("callBack")).filter(|_| site.has(D::CallbackEchoed));
    let page = form(site, Form { service, renew, post, callback, ..Form::default() });
    if site.has(D::SessionFixed) && request.cookie(site.cookie_name()).is_none() {
        return page.with("Set-Cookie", &cookie(site, &format!("TGT-{}", secret(48))));
    }
    page
}

/// The form, with a new token.
fn form(site: &Site, mut form: Form<'_>) -> Response {
    if !site.has(D::TokenMissing) {
        let token = if site.has(D::TokenConstant) { "LT-1".to_owned() } else { format!("LT-{}", secret(32)) };
        let mut state = site.state();
        state.bound();
        state.tokens.insert(token.clone());
        form.token = Some(token);
    }
    pages::login(site, &form)
}

/// `POST /login`, with the fields of the form.
pub fn post(site: &Site, request: &Request, fields: &[(String, String)]) -> Response {
    let fields = Params::new(site, fields.to_vec());
    let (login, password) = (fields.get("username").unwrap_or_default(), fields.get("password").unwrap_or_default());
    let (service, post) = (fields.get("service"), fields.get("method") == Some("POST"));
    let again = |alert| form(site, Form { service, post, renew: fields.is_set("renew"), alert: Some(alert), ..Form::default() });
    if site.has(D::EmptyServerError) && login.is_empty() {
        return pages::message(500, "Erreur", "Une erreur est survenue.");
    }
    if let Some(service) = service
        && site.registered(service).is_none()
        && !site.has(D::UnregisteredServed)
    {
        return pages::refused(site, service);
    }
    let token = fields.get("lt").unwrap_or_default();
    let known = if site.has(D::TokenReusable) || site.has(D::TokenConstant) {
        site.state().tokens.contains(token)
    } else {
        site.state().tokens.remove(token)
    };
    if !known && !site.has(D::TokenMissing) && !site.has(D::LoginByGet) {
        return again("La page de connexion n’est plus valable : recommencez.");
    }
    let Some(person) = site.person(login, password) else {
        let unknown = !crate::demo::people::PEOPLE.iter().any(|p| p.login == login);
        return match () {
            () if site.has(D::WrongPasswordServerError) => pages::message(500, "Erreur", "Une erreur est survenue."),
            () if site.has(D::AccountOracle) && unknown => again("Ce compte n’existe pas."),
            () => again("Identifiant ou mot de passe incorrect."),
        };
    };
    let id = open(site, request, person);
    let response = match service {
        Some(service) => {
            let leak = format!("{login}&password={password}");
            let to = if site.has(D::PasswordInUrl) { with_parameter(service, "username", &leak) } else { service.to_owned() };
            grant_as(site, &id, service, &to, true, post)
        }
        None if site.has(D::PortalRedirect) => Response::redirect(302, &format!("{}/", site.https)),
        None => pages::opened(),
    };
    response.with("Set-Cookie", &cookie(site, &id))
}

/// Opens a session; what hung on the session it replaces hangs on it, or ends with it.
fn open(site: &Site, request: &Request, person: &'static Person) -> String {
    let old = request.cookie(site.cookie_name()).unwrap_or_default().to_owned();
    let mut state = site.state();
    let kept = site.has(D::SessionFixed) && old.starts_with("TGT-");
    let id = if kept { old.clone() } else { format!("TGT-{}", secret(48)) };
    let mut session = Session { person, since: Timestamp::now(), told: Vec::new() };
    if let Some(before) = state.sessions.remove(&old) {
        let same = before.person.login == person.login;
        if same {
            session.told = before.told;
            state.tickets.values_mut().filter(|t| t.session == old).for_each(|t| t.session.clone_from(&id));
            state.granting.values_mut().filter(|g| g.session == old).for_each(|g| g.session.clone_from(&id));
            state.portal.values_mut().filter(|s| **s == old).for_each(|s| s.clone_from(&id));
        } else {
            state.tickets.retain(|_, t| t.session != old);
            state.granting.retain(|_, g| g.session != old);
        }
    }
    state.sessions.insert(id.clone(), session);
    id
}

/// The `Set-Cookie` of a session; of its end, when the identifier is empty.
pub fn cookie(site: &Site, id: &str) -> String {
    let has = |d| site.has(d);
    let mut out = format!("{}={id}; Path={}", site.cookie_name(), if has(D::CookieWidePath) { "/" } else { "/cas" });
    if !has(D::CookieNotSecure) {
        out.push_str("; Secure");
    }
    if !has(D::CookieReadable) {
        out.push_str("; HttpOnly");
    }
    if !has(D::CookieNoSameSite) {
        out.push_str("; SameSite=Lax");
    }
    if id.is_empty() {
        out.push_str("; Max-Age=0");
    } else if has(D::CookiePersistent) {
        out.push_str("; Max-Age=31536000");
    }
    out
}

fn to(site: &Site, status: u16, url: &str) -> Response {
    if site.has(D::RedirectCrlf) { Response::text(status, "").with_raw("Location", url) } else { Response::redirect(status, url) }
}

fn grant(site: &Site, id: &str, service: &str, fresh: bool, post: bool) -> Response {
    grant_as(site, id, service, service, fresh, post)
}

/// Gives a ticket for a service, at that URL.
fn grant_as(site: &Site, id: &str, service: &str, url: &str, fresh: bool, post: bool) -> Response {
    let ticket = {
        let mut state = site.state();
        state.bound();
        let Some(session) = state.sessions.get(id).cloned() else { return pages::opened() };
        if let Some(contract) = site.registered(service)
            && !contract.entitles(session.person)
            && !site.has(D::NotEntitledServed)
        {
            return pages::message(403, "Accès refusé", "Votre compte ne donne pas accès à ce service.");
        }
        state.count += 1;
        let ticket = name(site, state.count);
        if let Some(session) = state.sessions.get_mut(id) {
            session.told.push((service.to_owned(), ticket.clone()));
        }
        let (person, since) = (session.person, session.since);
        let service = service.to_owned();
        let made = Instant::now();
        let value = Ticket { person, session: id.to_owned(), service, since, made, fresh, used: false, proxies: Vec::new() };
        state.tickets.insert(ticket.clone(), value);
        ticket
    };
    if post && !site.has(D::MethodPostIgnored) {
        return pages::carrier(url, &ticket);
    }
    let base = if site.has(D::QueryLost) { url.split('?').next().unwrap_or(url) } else { url };
    if site.has(D::TicketMissing) { to(site, 302, base) } else { to(site, 302, &with_parameter(base, "ticket", &ticket)) }
}

/// The name of a new ticket.
fn name(site: &Site, count: u64) -> String {
    let has = |d| site.has(d);
    match () {
        () if has(D::TicketPrefix) => secret(40),
        () if has(D::TicketCharset) => format!("ST-{}_{}.demo", count, secret(32)),
        () if has(D::TicketTooLong) => format!("ST-{}", secret(400)),
        () if has(D::TicketPredictable) => format!("ST-{count:08}-DemonstrationDemonstration"),
        () if has(D::TicketUuid) => {
            let hex: String = secret(32).bytes().map(|b| char::from(b"0123456789abcdef"[usize::from(b % 16)])).collect();
            format!("ST-{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
        }
        () => format!("ST-{count}-{}", secret(40)),
    }
}
