//! `/logout`: ends the session, tells the services, sends back to a registered service or says so.
//!
//! Must never redirect elsewhere, nor wait for a service.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use url::Url;
use url::form_urlencoded::Serializer;

use super::{Params, login};
use crate::demo::client::Call;
use crate::demo::defects::Defect as D;
use crate::demo::http::{Request, Response};
use crate::demo::pages;
use crate::demo::site::Site;
use crate::demo::state::secret;

/// `/logout`.
pub fn answer(site: &Site, request: &Request) -> Response {
    let params = Params::new(site, request.query());
    let session = site.session(request);
    if site.has(D::LogoutServerError) && session.is_none() {
        return pages::message(500, "Erreur", "Une erreur est survenue.");
    }
    if let Some(id) = session {
        end(site, &id);
    }
    let page = match target(site, &params) {
        Some(url) => Response::redirect(302, &url),
        None => pages::message(200, "Déconnexion", "Votre session est fermée."),
    };
    if site.has(D::LogoutKeepsCookie) { page } else { page.with("Set-Cookie", &login::cookie(site, "")) }
}

fn target(site: &Site, params: &Params<'_>) -> Option<String> {
    if let Some(service) = params.get("service")
        && (site.registered(service).is_some() || site.has(D::LogoutRedirectService))
    {
        return Some(service.to_owned());
    }
    let first = |names: &[&str]| names.iter().find_map(|n| params.get(n)).map(str::to_owned);
    let url = first(&["url"]).filter(|_| site.has(D::LogoutRedirectUrl));
    url.or_else(|| first(&["destination", "redirect", "callback", "next", "RelayState"]).filter(|_| site.has(D::LogoutRedirectOther)))
}

fn end(site: &Site, id: &str) {
    if site.has(D::LogoutKeepsSession) {
        return;
    }
    let told = {
        let mut state = site.state();
        let told = state.sessions.remove(id).map(|s| s.told).unwrap_or_default();
        state.portal.retain(|_, session| session != id);
        if !site.has(D::TicketAfterLogout) {
            state.tickets.retain(|_, t| t.session != id);
        }
        if !site.has(D::PgtAfterLogout) {
            state.granting.retain(|_, g| g.session != id);
        }
        told
    };
    if site.has(D::SloAbsent) {
        return;
    }
    // Its own services have nothing to end.
    let told = told.into_iter().filter(|(service, _)| !service.starts_with(&site.https));
    for (service, ticket) in told.take(if site.has(D::SloFirstOnly) { 1 } else { usize::MAX }) {
        let Ok(url) = Url::parse(&service) else { continue };
        let ticket = if site.has(D::SloWrongTicket) { format!("ST-{}", secret(40)) } else { ticket };
        let raw = site.has(D::SloRawBody);
        let xml = request_xml(&ticket);
        let body = if raw { xml } else { Serializer::new(String::new()).append_pair("logoutRequest", &xml).finish() };
        let content_type = if raw { "text/xml; charset=utf-8" } else { "application/x-www-form-urlencoded" };
        let patience = Duration::from_secs(if site.has(D::SloBlocks) { 12 } else { 2 });
        let trust = Arc::clone(&site.trust);
        let call = move || {
            // The protocol asks to ignore what goes wrong.
            let _ = Call { method: "POST", url: &url, content_type, body: &body, patience }.send(&trust);
        };
        if site.has(D::SloBlocks) { call() } else { site.keep(std::thread::spawn(call)) }
    }
}

/// The message of appendix C.
fn request_xml(ticket: &str) -> String {
    let (id, now) = (secret(24), Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default());
    format!(
        r#"<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="LR-{id}" Version="2.0" IssueInstant="{now}"><saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">@NOT_USED@</saml:NameID><samlp:SessionIndex>{ticket}</samlp:SessionIndex></samlp:LogoutRequest>"#
    )
}
