//! Which part of the demonstration ENT answers what, and the headers of every answer.
//!
//! In clear, everything is redirected to https. Must never answer in clear otherwise, but for defects.

use super::defects::Defect as D;
use super::http::{Manner, Request, Response};
use super::pages;
use super::site::{PORTAL_COOKIE, Site};
use super::{cas, state};

/// The answer to a request.
pub fn answer(site: &Site, request: &Request) -> Response {
    let validation = cas::is_validation(&request.path);
    let clear = site.has(D::HttpInClear) || site.has(D::ValidationInClear) && validation;
    let response = if request.secure || clear { route(site, request) } else { moved(site, request) };
    headers(site, request, response)
}

/// To https, same host first.
fn moved(site: &Site, request: &Request) -> Response {
    let host = request.header("host").unwrap_or_default();
    let base = if host.starts_with("localhost:") { site.https.replacen("127.0.0.1", "localhost", 1) } else { site.https.clone() };
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    Response::redirect(308, &format!("{base}{}{query}", request.path))
}

fn route(site: &Site, request: &Request) -> Response {
    let path = request.path.as_str();
    if request.method == "TRACE" && site.has(D::TraceOn) {
        return Response::new(200, "message/http", format!("TRACE {path} HTTP/1.1\r\n"));
    }
    if !matches!(request.method.as_str(), "GET" | "HEAD" | "POST") {
        return pages::message(405, "Méthode refusée", "Cette méthode n’est pas admise.").with("Allow", "GET, HEAD, POST");
    }
    match path {
        "/" => portal(site, request),
        "/portail/" => enter(site, request),
        "/demo.css" => Response::new(200, "text/css; charset=utf-8", pages::STYLE),
        "/cas/envoi.js" => Response::new(200, "text/javascript; charset=utf-8", pages::SENDING),
        "/.well-known/security.txt" if !site.has(D::SecurityTxtAbsent) => security(),
        "/saml/metadata" => metadata(site),
        _ if path.starts_with("/cas/") => cas::route(site, request),
        _ if path.starts_with("/service/") => pages::message(200, "Service de démonstration", "Le service a reçu la demande."),
        _ => pages::message(404, "Page introuvable", "Cette page n’existe pas."),
    }
}

fn portal(site: &Site, request: &Request) -> Response {
    let state = site.state();
    let session = request.cookie(PORTAL_COOKIE).and_then(|id| state.portal.get(id)).and_then(|id| state.sessions.get(id));
    match session {
        Some(session) => pages::portal(site, session.person.prenom),
        None => Response::redirect(302, &format!("{}/cas/login?service={}/portail/", site.https, site.https)),
    }
}

/// The portal as a service of its own CAS server.
fn enter(site: &Site, request: &Request) -> Response {
    let ticket = request.query().into_iter().find(|(n, _)| n == "ticket").map(|(_, v)| v).unwrap_or_default();
    let mut state = site.state();
    let own = format!("{}/portail/", site.https);
    let found = state.tickets.get_mut(&ticket).filter(|t| !t.used && t.service == own);
    let Some(found) = found else { return Response::redirect(302, &format!("{}/", site.https)) };
    found.used = true;
    let (session, id) = (found.session.clone(), state::secret(40));
    state.portal.insert(id.clone(), session);
    let cookie = format!("{PORTAL_COOKIE}={id}; Path=/; Secure; HttpOnly; SameSite=Lax");
    Response::redirect(302, &format!("{}/", site.https)).with("Set-Cookie", &cookie)
}

fn security() -> Response {
    Response::text(200, "Contact: mailto:securite@ent.example\nExpires: 2099-12-31T23:00:00Z\nPreferred-Languages: fr, en\n")
}

fn metadata(site: &Site) -> Response {
    let (base, certificate) = (&site.https, &site.certificate);
    let body = format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="{base}/saml/metadata">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{base}/saml/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"#
    );
    Response::new(200, "application/samlmetadata+xml", body)
}

/// The headers of every answer, and how the body is sent.
fn headers(site: &Site, request: &Request, mut response: Response) -> Response {
    let has = |d| site.has(d);
    let path = request.path.as_str();
    let mut add = |name: &str, value: &str| response.headers.push((name.to_owned(), value.to_owned()));
    if request.secure && !has(D::HstsAbsent) {
        add("Strict-Transport-Security", if has(D::HstsShort) { "max-age=3600" } else { "max-age=31536000" });
    }
    if !has(D::NosniffAbsent) {
        add("X-Content-Type-Options", "nosniff");
    }
    let script = if has(D::CspInline) { "'self' 'unsafe-inline'" } else { "'self'" };
    let frame = if has(D::FramePolicyAbsent) { "" } else { "; frame-ancestors 'none'" };
    if !has(D::FramePolicyAbsent) {
        add("X-Frame-Options", "DENY");
    }
    let forms = site.origins();
    add(
        "Content-Security-Policy",
        &format!("default-src 'none'; script-src {script}; style-src 'self'; form-action 'self'{forms}; base-uri 'none'{frame}"),
    );
    add("Referrer-Policy", if has(D::ReferrerLeaks) { "unsafe-url" } else { "no-referrer" });
    let cacheable = has(D::LoginCacheable) && path == "/cas/login"
        || has(D::ValidationCacheable) && cas::is_validation(path)
        || has(D::PortalCacheable) && path == "/";
    if !cacheable {
        add("Cache-Control", "no-store");
        add("Pragma", "no-cache");
    }
    if has(D::ServerVersion) {
        add("Server", "Apache/2.4.10 (Debian)");
        add("X-Powered-By", "PHP/5.6.40");
    }
    if let Some(origin) = request.header("origin").filter(|_| has(D::CorsReflected)) {
        add("Access-Control-Allow-Origin", origin);
        add("Access-Control-Allow-Credentials", "true");
    }
    if path.starts_with("/cas/") {
        response.manner = match () {
            () if has(D::SlowBody) => Manner::Slow,
            () if has(D::EndlessBody) => Manner::Endless,
            () if has(D::CutBody) => Manner::Cut,
            () => Manner::Plain,
        };
    }
    response
}
