//! What a CAS server is asked without an account, as a table: the requests that `conforment plan` prints are these very ones.
//!
//! Planted addresses use reserved names (RFC 2606): were a server to follow one, it leads nowhere. Tickets are made up, and say by
//! whom: none can exist.

use url::Url;

use super::answer::PLANTED;
use crate::source::probe::http::Request;
use crate::target::live::{CasSpec, CasVersion};

/// How much a probe asks of those who run the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A harmless request.
    Get,
    /// A harmless request with something wrong in it.
    Neg,
    /// A real sign-in of the test account.
    Auth,
    /// May lock the test account or make the server call out: only when asked for, on a platform for tests.
    Int,
}

impl Class {
    /// As written.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Neg => "NEG",
            Self::Auth => "AUTH",
            Self::Int => "INT",
        }
    }
}

/// What a probe needs of the target file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// The base address only.
    Nothing,
    /// A registered service.
    Service,
    /// The address in clear.
    Clear,
}

/// What belongs to a version of the protocol, or is optional in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Of every server.
    Always,
    /// Of a version.
    Version(CasVersion),
    /// Optional: `/samlValidate`.
    Optional,
}

/// A request of a validation endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Validation {
    /// Name of the probe.
    pub name: &'static str,
    /// What follows the base address.
    pub endpoint: &'static str,
    /// Class.
    pub class: Class,
    /// What it needs.
    pub needs: Needs,
    /// Whom it is about.
    pub part: Part,
    /// Parameters; `{service}` and the like are filled.
    pub query: &'static [(&'static str, &'static str)],
    /// A SAML request is posted.
    pub saml: bool,
}

const fn ask(
    name: &'static str,
    endpoint: &'static str,
    needs: Needs,
    part: Part,
    query: &'static [(&'static str, &'static str)],
) -> Validation {
    Validation { name, endpoint, class: Class::Neg, needs, part, query, saml: false }
}

/// A service ticket that no server ever gave.
pub const NO_TICKET: &str = "ST-0-conforment0000000000000000000000";
/// A service that cannot be registered.
pub const BAIT: &str = "https://unregistered.example/conforment";
/// Host of planted addresses.
pub const BAIT_HOST: &str = "attacker.example";

const SERVICE: (&str, &str) = ("service", "{service}");
const TICKET: (&str, &str) = ("ticket", NO_TICKET);
const V1: Part = Part::Version(CasVersion::V1);
const V2: Part = Part::Version(CasVersion::V2);
const V3: Part = Part::Version(CasVersion::V3);

/// The validation endpoints, without an account.
pub const VALIDATIONS: &[Validation] = &[
    ask("unknown-ticket", "/serviceValidate", Needs::Service, V2, &[SERVICE, TICKET]),
    ask("no-parameters", "/serviceValidate", Needs::Nothing, V2, &[]),
    ask("no-ticket", "/serviceValidate", Needs::Service, V2, &[SERVICE]),
    ask("no-service", "/serviceValidate", Needs::Nothing, V2, &[TICKET]),
    ask("foreign-service", "/serviceValidate", Needs::Nothing, V2, &[("service", BAIT), TICKET]),
    ask("unknown-prefix", "/serviceValidate", Needs::Service, V2, &[SERVICE, ("ticket", "XX-0-conforment0000000000000000000000")]),
    ask("proxy-ticket", "/serviceValidate", Needs::Service, V2, &[SERVICE, ("ticket", "PT-0-conforment0000000000000000000000")]),
    ask("json", "/serviceValidate", Needs::Service, V3, &[SERVICE, TICKET, ("format", "JSON")]),
    ask("format-unknown", "/serviceValidate", Needs::Service, V3, &[SERVICE, TICKET, ("format", "YAML")]),
    ask("upper-case", "/serviceValidate", Needs::Service, V2, &[("SERVICE", "{service}"), ("TICKET", NO_TICKET)]),
    ask(
        "markup",
        "/serviceValidate",
        Needs::Service,
        V2,
        &[("service", "{service}?<x-conforment>&]]>\"'"), ("ticket", "ST-0-conforment<x-conforment>&]]>\"'")],
    ),
    ask("long-ticket", "/serviceValidate", Needs::Service, V2, &[SERVICE, ("ticket", "{long}")]),
    ask("non-ascii-ticket", "/serviceValidate", Needs::Service, V2, &[SERVICE, ("ticket", "ST-0-conforment-éà€\u{1F511}")]),
    ask(
        "twice",
        "/serviceValidate",
        Needs::Service,
        V2,
        &[("service", BAIT), SERVICE, TICKET, ("ticket", "ST-0-conforment1111111111111111111111")],
    ),
    ask("validate-empty", "/validate", Needs::Nothing, V1, &[]),
    ask("validate-unknown", "/validate", Needs::Service, V1, &[SERVICE, TICKET]),
    ask("proxy-validate-unknown", "/proxyValidate", Needs::Service, V2, &[SERVICE, TICKET]),
    ask("proxy-empty", "/proxy", Needs::Nothing, V2, &[]),
    ask(
        "proxy-unknown",
        "/proxy",
        Needs::Service,
        V2,
        &[("pgt", "PGT-0-conforment0000000000000000000000"), ("targetService", "{service}")],
    ),
    ask("p3-unknown", "/p3/serviceValidate", Needs::Service, V3, &[SERVICE, TICKET]),
    ask("p3-proxy-unknown", "/p3/proxyValidate", Needs::Service, V3, &[SERVICE, TICKET]),
    Validation { saml: true, ..ask("saml-unknown", "/samlValidate", Needs::Service, Part::Optional, &[("TARGET", "{service}")]) },
    ask("saml-get", "/samlValidate", Needs::Nothing, Part::Optional, &[]),
    ask("clear-validate", "/validate", Needs::Clear, V1, &[SERVICE, TICKET]),
    ask("clear-service-validate", "/serviceValidate", Needs::Clear, V2, &[SERVICE, TICKET]),
    ask("clear-proxy-validate", "/proxyValidate", Needs::Clear, V2, &[SERVICE, TICKET]),
    ask("clear-p3", "/p3/serviceValidate", Needs::Clear, V3, &[SERVICE, TICKET]),
];

/// What a browser is made to ask for.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'q> {
    /// Name of the probe.
    pub name: &'static str,
    /// `/login` or `/logout`.
    pub endpoint: &'static str,
    /// Class.
    pub class: Class,
    /// What it needs.
    pub needs: Needs,
    /// Parameters.
    pub query: &'q [(&'q str, &'q str)],
    /// It plants an address: reaching it would be a fault.
    pub planted: bool,
    /// It is about `gateway`: proves nothing on a server that ignores it.
    pub gateway: bool,
}

const fn visit(
    name: &'static str,
    endpoint: &'static str,
    class: Class,
    needs: Needs,
    query: &'static [(&'static str, &'static str)],
) -> Visit<'static> {
    Visit { name, endpoint, class, needs, query, planted: false, gateway: false }
}

const fn gateway(name: &'static str, needs: Needs, query: &'static [(&'static str, &'static str)]) -> Visit<'static> {
    Visit { gateway: true, ..visit(name, "/login", Class::Neg, needs, query) }
}

const fn planted(visit: Visit<'static>) -> Visit<'static> {
    Visit { planted: true, ..visit }
}

const GATEWAY: (&str, &str) = ("gateway", "true");

/// The pages, without an account. `gateway` comes first of its family: the others are read in its light.
pub const VISITS: &[Visit<'static>] = &[
    visit("login", "/login", Class::Get, Needs::Nothing, &[]),
    visit("login-again", "/login", Class::Get, Needs::Nothing, &[]),
    visit("login-service", "/login", Class::Get, Needs::Service, &[SERVICE]),
    planted(visit("login-foreign", "/login", Class::Neg, Needs::Nothing, &[("service", BAIT)])),
    Visit { gateway: true, ..visit("gateway", "/login", Class::Get, Needs::Service, &[SERVICE, GATEWAY]) },
    visit("gateway-no-service", "/login", Class::Get, Needs::Nothing, &[GATEWAY]),
    Visit { gateway: true, ..visit("gateway-renew", "/login", Class::Get, Needs::Service, &[SERVICE, GATEWAY, ("renew", "true")]) },
    planted(gateway("gateway-foreign", Needs::Nothing, &[("service", BAIT), GATEWAY])),
    planted(gateway("gateway-suffix", Needs::Service, &[("service", "{scheme}://{host}.attacker.example/"), GATEWAY])),
    planted(gateway("gateway-userinfo", Needs::Service, &[("service", "{scheme}://{authority}@attacker.example/"), GATEWAY])),
    planted(gateway("gateway-query", Needs::Service, &[("service", "https://attacker.example/?u={service}"), GATEWAY])),
    planted(gateway("gateway-fragment", Needs::Service, &[("service", "https://attacker.example/#{service}"), GATEWAY])),
    gateway("gateway-clear", Needs::Service, &[("service", "{clear-service}"), GATEWAY]),
    planted(gateway("gateway-double-slash", Needs::Nothing, &[("service", "//attacker.example/"), GATEWAY])),
    planted(gateway("gateway-back-slash", Needs::Nothing, &[("service", "https:/\\attacker.example"), GATEWAY])),
    planted(gateway("gateway-slash-back-slash", Needs::Nothing, &[("service", "/\\attacker.example"), GATEWAY])),
    planted(gateway("gateway-javascript", Needs::Nothing, &[("service", "javascript:alert('attacker.example')"), GATEWAY])),
    planted(gateway("gateway-data", Needs::Nothing, &[("service", "data:text/html,attacker.example"), GATEWAY])),
    gateway("gateway-crlf", Needs::Service, &[("service", "{service}\r\nX-Conforment-Injected: 1"), GATEWAY]),
    gateway("gateway-upper", Needs::Service, &[("service", "{upper-service}"), GATEWAY]),
    gateway("gateway-port", Needs::Service, &[("service", "{port-service}"), GATEWAY]),
    gateway("gateway-dot", Needs::Service, &[("service", "{dot-service}"), GATEWAY]),
    gateway("gateway-path", Needs::Service, &[("service", "{path-service}"), GATEWAY]),
    visit("login-markup", "/login", Class::Neg, Needs::Nothing, &[("service", "\"><x-conforment>")]),
    visit("login-get", "/login", Class::Neg, Needs::Nothing, &[("username", "conforment-inconnu"), ("password", "conforment-inconnu")]),
    planted(visit(
        "vendor-callback",
        "/login",
        Class::Neg,
        Needs::Nothing,
        &[("callback", "https://attacker.example/"), ("callBack", "https://attacker.example/")],
    )),
    visit("logout", "/logout", Class::Get, Needs::Nothing, &[]),
    planted(visit("logout-foreign", "/logout", Class::Neg, Needs::Nothing, &[("service", BAIT)])),
    planted(visit("logout-url", "/logout", Class::Neg, Needs::Nothing, &[("url", BAIT)])),
    planted(visit("logout-destination", "/logout", Class::Neg, Needs::Nothing, &[("destination", BAIT)])),
    planted(visit("logout-redirect", "/logout", Class::Neg, Needs::Nothing, &[("redirect", BAIT)])),
    planted(visit("logout-callback", "/logout", Class::Neg, Needs::Nothing, &[("callback", BAIT)])),
    planted(visit("logout-next", "/logout", Class::Neg, Needs::Nothing, &[("next", BAIT)])),
    planted(visit("logout-relay-state", "/logout", Class::Neg, Needs::Nothing, &[("RelayState", BAIT)])),
    visit("logout-service", "/logout", Class::Get, Needs::Service, &[SERVICE]),
];

/// Whether an address is a planted one.
#[must_use]
pub fn is_bait(url: &Url) -> bool {
    matches!(url.scheme(), "javascript" | "data")
        || url.host_str().is_some_and(|h| h == "unregistered.example" || h == BAIT_HOST || h.ends_with(".attacker.example"))
}

/// Addresses of a CAS server.
#[derive(Clone, Debug)]
pub struct Addresses {
    base: Url,
    clear: Option<Url>,
    service: Option<Url>,
}

impl Addresses {
    /// Those of a target.
    #[must_use]
    pub fn of(spec: &CasSpec) -> Self {
        let mut base = spec.url.url().clone();
        base.set_query(None);
        base.set_fragment(None);
        let clear = spec.clear_url.as_ref().map(|c| c.url().clone()).or_else(|| {
            // Known only where the ports are the usual ones.
            let mut clear = base.clone();
            (base.scheme() == "https" && base.port().is_none() && clear.set_scheme("http").is_ok()).then_some(clear)
        });
        Self { base, clear, service: spec.service.as_ref().map(|s| s.url().clone()) }
    }

    /// The base.
    #[must_use]
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The base in clear.
    #[must_use]
    pub fn clear(&self) -> Option<&Url> {
        self.clear.as_ref()
    }

    /// The registered service.
    #[must_use]
    pub fn service(&self) -> Option<&Url> {
        self.service.as_ref()
    }

    /// An endpoint with its parameters.
    #[must_use]
    pub fn endpoint(&self, endpoint: &str, query: &[(&str, &str)]) -> Url {
        under(&self.base, endpoint, query)
    }

    /// What is missing to run a probe: `None` when nothing is.
    #[must_use]
    pub fn lacks(&self, needs: Needs) -> Option<&'static str> {
        match needs {
            Needs::Nothing => None,
            Needs::Service => self.service.is_none().then_some("detail.no_service"),
            Needs::Clear => self.clear.is_none().then_some("detail.no_clear"),
        }
    }

    /// The request of a validation probe.
    #[must_use]
    pub fn validation(&self, probe: &Validation) -> Request {
        let base = if probe.needs == Needs::Clear { self.clear.as_ref().unwrap_or(&self.base) } else { &self.base };
        let url = self.filled(base, probe.endpoint, probe.query);
        if probe.saml { Request::post(url, "text/xml", saml_request(NO_TICKET)) } else { Request::get(url) }
    }

    /// The request of a page.
    #[must_use]
    pub fn visit(&self, visit: &Visit<'_>) -> Request {
        Request::get(self.filled(&self.base, visit.endpoint, visit.query))
    }

    /// The service as a probe writes it.
    #[must_use]
    pub fn service_of(&self, visit: &Visit<'_>) -> Option<Url> {
        let written = visit.query.iter().find(|(name, _)| *name == "service")?.1;
        Url::parse(&self.fill(written)).ok()
    }

    fn filled(&self, base: &Url, endpoint: &str, query: &[(&str, &str)]) -> Url {
        let values: Vec<(&str, String)> = query.iter().map(|(name, value)| (*name, self.fill(value))).collect();
        let borrowed: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
        under(base, endpoint, &borrowed)
    }

    fn fill(&self, value: &str) -> String {
        if !value.contains('{') {
            return value.to_owned();
        }
        // Where no service is declared, one that cannot exist stands in: such probes run without one only when they need none.
        let unknown = Url::parse(BAIT).ok();
        let Some(service) = self.service.as_ref().or(unknown.as_ref()) else { return value.to_owned() };
        let changed = |change: &dyn Fn(&mut Url)| {
            let mut url = service.clone();
            change(&mut url);
            url.to_string()
        };
        let host = service.host_str().unwrap_or_default();
        let authority = service.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let spelt = |new: &str| service.as_str().replacen(&authority, new, 1);
        let port = service.port_or_known_default().unwrap_or(443);
        let dot = service.port().map_or_else(|| format!("{host}."), |port| format!("{host}.:{port}"));
        let slash = if service.path().ends_with('/') { "" } else { "/" };
        let fillings = [
            ("{service}", service.to_string()),
            ("{scheme}", service.scheme().to_owned()),
            ("{host}", host.to_owned()),
            ("{authority}", authority.clone()),
            (
                "{clear-service}",
                changed(&|u| {
                    let _ = u.set_scheme("http");
                }),
            ),
            ("{upper-service}", spelt(&authority.to_ascii_uppercase())),
            ("{port-service}", spelt(&format!("{host}:{port}"))),
            ("{dot-service}", spelt(&dot)),
            ("{path-service}", format!("{}{slash}..%2fconforment", service.as_str().split(['?', '#']).next().unwrap_or_default())),
            ("{long}", format!("ST-0-conforment{}", "0".repeat(4096 - 15))),
        ];
        fillings.iter().fold(value.to_owned(), |text, (name, with)| text.replace(name, with))
    }
}

/// An address under a base, whether or not the base ends with a slash.
#[must_use]
pub fn under(base: &Url, endpoint: &str, query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{endpoint}", base.path().trim_end_matches('/')));
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}

/// A SAML 1.1 request for a ticket (CAS §4.2).
#[must_use]
pub fn saml_request(ticket: &str) -> Vec<u8> {
    let ticket = ticket.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\"><SOAP-ENV:Header/><SOAP-ENV:Body>\
         <samlp:Request xmlns:samlp=\"urn:oasis:names:tc:SAML:1.0:protocol\" MajorVersion=\"1\" MinorVersion=\"1\" RequestID=\"_conforment-{:08x}\" IssueInstant=\"{}\">\
         <samlp:AssertionArtifact>{ticket}</samlp:AssertionArtifact></samlp:Request></SOAP-ENV:Body></SOAP-ENV:Envelope>",
        ticket.len(),
        // Servers that look at it want a recent one; it is no fact.
        jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    .into_bytes()
}

/// What the planted mark-up would be.
#[must_use]
pub fn planted_markup() -> String {
    format!("<{PLANTED}>")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::observation::gives;

    fn addresses(service: &str) -> Addresses {
        let spec: CasSpec =
            serde_json::from_value(serde_json::json!({"url": "https://ent.example/cas/", "service": service})).expect("spec");
        Addresses::of(&spec)
    }

    #[test]
    fn every_probe_of_the_table_is_one_that_requirements_may_name() {
        assert!(VALIDATIONS.iter().all(|p| gives("cas.answer", p.name)));
        assert!(VISITS.iter().all(|p| gives("cas.page", p.name)));
    }

    #[test]
    fn addresses_are_made_from_the_target() {
        let a = addresses("https://app.example:8443/x?a=b");
        let service = |name: &str| a.service_of(VISITS.iter().find(|v| v.name == name).expect("visit")).map(|u| u.to_string());
        assert_eq!(a.endpoint("/login", &[]).as_str(), "https://ent.example/cas/login");
        assert_eq!(a.clear().map(Url::as_str), Some("http://ent.example/cas/"));
        assert_eq!(service("gateway-suffix").as_deref(), Some("https://app.example.attacker.example/"));
        assert_eq!(service("gateway-userinfo").as_deref(), Some("https://app.example:8443@attacker.example/"));
        assert_eq!(service("gateway-clear").as_deref(), Some("http://app.example:8443/x?a=b"));
        let path = VISITS.iter().find(|v| v.name == "gateway-path").expect("visit");
        assert!(a.visit(path).url.as_str().contains("..%252fconforment"), "{}", a.visit(path).url);
        let long = a.validation(VALIDATIONS.iter().find(|v| v.name == "long-ticket").expect("probe"));
        assert!(long.url.query_pairs().any(|(n, v)| n == "ticket" && v.len() == 4096));
    }

    #[test]
    fn planted_addresses_are_recognised() {
        let a = addresses("https://app.example/x");
        for visit in VISITS.iter().filter(|v| v.planted && v.name.starts_with("gateway")) {
            if let Some(url) = a.service_of(visit) {
                assert!(is_bait(&url), "{} {url}", visit.name);
            }
        }
        assert!(!is_bait(&Url::parse("https://app.example/x").expect("url")));
    }
}
