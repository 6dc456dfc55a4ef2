//! Proxy tickets: the callback that hands a proxy-granting ticket over, and `/proxy`.
//!
//! Must never call what is not registered, nor hand a granting ticket over in clear, but for defects.

use std::time::{Duration, Instant};

use url::Url;

use super::validate::Refusal;
use super::{Params, xml};
use crate::demo::client::Call;
use crate::demo::defects::Defect as D;
use crate::demo::http::{Request, Response};
use crate::demo::site::Site;
use crate::demo::state::{Granting, Ticket, secret};

/// Hands a granting ticket over to a callback; what the answer of the validation says of it.
pub fn grant(site: &Site, ticket: &Ticket, callback: &str) -> Result<String, Refusal> {
    let refused = Refusal("INVALID_PROXY_CALLBACK", "L’adresse de rappel n’a pas pu être vérifiée.");
    let url = Url::parse(callback).map_err(|_| refused)?;
    if url.scheme() != "https" && !site.has(D::PgtUrlInClear) {
        return Err(refused);
    }
    if !site.may_proxy(&url) && !site.has(D::PgtUrlUnregistered) {
        return Err(Refusal("UNAUTHORIZED_SERVICE_PROXY", "Ce service n’est pas autorisé à agir en mandataire."));
    }
    let prefix = if site.has(D::PgtPrefix) { "GT_" } else { "PGT-" };
    let (id, iou) = (format!("{prefix}{}", secret(48)), format!("PGTIOU-{}", secret(40)));
    let mut call = url.clone();
    if site.has(D::PgtUrlQueryLost) {
        call.set_query(None);
    }
    call.query_pairs_mut().append_pair("pgtId", &id).append_pair("pgtIou", &iou);
    let call = Call { method: "GET", url: &call, content_type: "text/plain", body: "", patience: Duration::from_secs(2) };
    match call.send(&site.trust) {
        Ok(200) => {}
        _ => return Err(refused),
    }
    let proxies = std::iter::once(callback.to_owned()).chain(ticket.proxies.iter().cloned()).collect();
    let granting = Granting { person: ticket.person, session: ticket.session.clone(), since: ticket.since, proxies };
    site.state().granting.insert(id.clone(), granting);
    Ok(if site.has(D::PgtDisclosed) { id } else { iou })
}

/// `/proxy`.
pub fn answer(site: &Site, request: &Request) -> Response {
    let params = Params::new(site, request.query());
    match issue(site, params.get("pgt"), params.get("targetService")) {
        Ok(ticket) => xml::response(site, &format!("<cas:proxySuccess><cas:proxyTicket>{ticket}</cas:proxyTicket></cas:proxySuccess>")),
        Err(Refusal(code, said)) => {
            xml::response(site, &format!("<cas:proxyFailure code=\"{code}\">{}</cas:proxyFailure>", xml::escape(said)))
        }
    }
}

fn issue(site: &Site, granting: Option<&str>, target: Option<&str>) -> Result<String, Refusal> {
    let (Some(granting), Some(target)) = (granting, target) else {
        let code = if site.has(D::ProxyRequestCode) { "INTERNAL_ERROR" } else { "INVALID_REQUEST" };
        return Err(Refusal(code, "Les paramètres pgt et targetService sont nécessaires."));
    };
    let ticket = format!("PT-{}", secret(40));
    let mut state = site.state();
    let Some(found) = state.granting.get(granting).cloned() else {
        let unknown = Refusal("INVALID_TICKET", "Ticket inconnu ou expiré.");
        return if site.has(D::ProxyBogusAccepted) { Ok(ticket) } else { Err(unknown) };
    };
    if site.registered(target).is_none() || site.has(D::ProxyRefused) {
        return Err(Refusal("UNAUTHORIZED_SERVICE", "Ce service ne peut pas recevoir de ticket mandaté."));
    }
    let Granting { person, session, since, proxies } = found;
    let service = target.to_owned();
    state
        .tickets
        .insert(ticket.clone(), Ticket { person, session, service, since, made: Instant::now(), fresh: false, used: false, proxies });
    Ok(ticket)
}
