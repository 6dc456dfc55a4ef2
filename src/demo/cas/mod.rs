//! The CAS server of the demonstration ENT (protocol 1.0, 2.0, 3.0), under `/cas`.
//!
//! Must never give a ticket to a service that is not registered, nor validate one twice, but for defects.

mod login;
mod logout;
mod proxy;
mod saml;
mod validate;
mod xml;

use super::defects::Defect as D;
use super::http::{Request, Response};
use super::pages;
use super::site::Site;

/// The addresses that validate tickets.
const VALIDATION: &[&str] = &[
    "/cas/validate",
    "/cas/serviceValidate",
    "/cas/proxyValidate",
    "/cas/p3/serviceValidate",
    "/cas/p3/proxyValidate",
    "/cas/samlValidate",
    "/cas/proxy",
];

/// Whether that path validates tickets.
pub fn is_validation(path: &str) -> bool {
    VALIDATION.contains(&path)
}

/// The answer of the CAS server.
pub fn route(site: &Site, request: &Request) -> Response {
    if site.has(D::TooManyRequests) {
        return pages::message(429, "Trop de demandes", "Réessayez plus tard.").with("Retry-After", "1");
    }
    let missing = || pages::message(404, "Page introuvable", "Cette page n’existe pas.");
    match request.path.strip_prefix("/cas").unwrap_or_default() {
        "/login" if site.has(D::LoginMissing) => missing(),
        "/login" if site.has(D::LoginUnavailable) => pages::message(503, "Service indisponible", "Le service est en maintenance."),
        "/login" if site.has(D::LoginRedirectLoop) => Response::redirect(302, &format!("{}/cas/login?{}", site.https, request.query)),
        "/login" if request.method == "POST" => login::post(site, request, &request.form()),
        "/login" => login::get(site, request),
        "/logout" => logout::answer(site, request),
        "/validate" => validate::plain(site, request),
        "/p3/serviceValidate" | "/p3/proxyValidate" if site.has(D::P3Missing) => missing(),
        "/serviceValidate" => validate::xml(site, request, false, false),
        "/proxyValidate" => validate::xml(site, request, true, false),
        "/p3/serviceValidate" => validate::xml(site, request, false, true),
        "/p3/proxyValidate" => validate::xml(site, request, true, true),
        "/proxy" => proxy::answer(site, request),
        "/samlValidate" => saml::answer(site, request),
        _ => missing(),
    }
}

/// Parameters of a request, by their exact names.
struct Params<'a> {
    site: &'a Site,
    all: Vec<(String, String)>,
}

impl<'a> Params<'a> {
    fn new(site: &'a Site, all: Vec<(String, String)>) -> Self {
        Self { site, all }
    }

    fn values(&self, name: &str) -> impl DoubleEndedIterator<Item = &str> {
        let caseless = self.site.has(D::ParametersCaseless);
        self.all.iter().filter(move |(n, _)| n == name || caseless && n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }

    /// The value, unless empty.
    fn get(&self, name: &str) -> Option<&str> {
        let last = self.site.has(D::DuplicatesLastWins);
        let found = if last { self.values(name).next_back() } else { self.values(name).next() };
        found.filter(|v| !v.is_empty())
    }

    fn repeated(&self, name: &str) -> bool {
        !self.site.has(D::DuplicatesLastWins) && self.values(name).count() > 1
    }

    /// A switch: set, unless to `false`.
    fn is_set(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| !v.eq_ignore_ascii_case("false"))
    }
}

/// An URL with one more parameter, before its fragment.
fn with_parameter(url: &str, name: &str, value: &str) -> String {
    let (base, fragment) = url.split_once('#').map_or((url, String::new()), |(b, f)| (b, format!("#{f}")));
    let sign = if base.contains('?') { '&' } else { '?' };
    format!("{base}{sign}{name}={value}{fragment}")
}
