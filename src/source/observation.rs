//! What a live source gives: facts documents, one a probe, and why a probe gave none.
//!
//! Plain data, there without the feature `live`: requirements name probes, and sets are checked everywhere. Must never hold a
//! requirement or a verdict.

use serde_json::Value;

use crate::outcome::{Finding, Message, Reason};

/// What was observed of one live source.
#[derive(Debug, Default)]
pub struct Observed {
    /// Name in the report.
    pub label: String,
    /// Kind of source: `cas`, `web`…
    pub kind: &'static str,
    /// What the names of its facts start with.
    pub prefixes: &'static [&'static str],
    /// What conditions (`when`) are judged on.
    pub summary: Value,
    /// One document a probe, or more.
    pub sights: Vec<Sight>,
    /// Facts shown of the source: (key of the catalogue, value).
    pub shown: Vec<(String, String)>,
    /// What went wrong on the whole.
    pub problems: Vec<Finding>,
    /// Requests sent.
    pub requests: u32,
}

/// What one probe gave.
#[derive(Clone, Debug)]
pub struct Sight {
    /// Kind of document: `cas.answer`…
    pub facts: &'static str,
    /// Name of the probe.
    pub probe: &'static str,
    /// The document, or why there is none.
    pub seen: Result<Value, Unseen>,
    /// The request that shows it, redacted: how to see it again.
    pub request: Option<String>,
}

/// Why a probe gave no document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// What it is about does not exist here; the message is the evidence.
    NotApplicable(Message),
    /// It could not run, or what came back tells nothing. `blocker` is a key of `blockers` in `referentiel.yaml`.
    Undetermined {
        /// Why.
        reason: Reason,
        /// In words.
        detail: Message,
        /// What stands in the way.
        blocker: Option<&'static str>,
    },
}

/// Facts that live sources give, and the probes that give them (rules/AUTHORING.md describes each).
pub const PROBES: &[(&str, &[&str])] = &[
    ("cas.server", &["inventory", "repeat", "tickets", "session", "releases"]),
    (
        "cas.answer",
        &[
            // without an account
            "no-parameters",
            "no-ticket",
            "no-service",
            "unknown-ticket",
            "foreign-service",
            "unknown-prefix",
            "proxy-ticket",
            "json",
            "format-unknown",
            "validate-empty",
            "validate-unknown",
            "proxy-validate-unknown",
            "proxy-empty",
            "proxy-unknown",
            "p3-unknown",
            "p3-proxy-unknown",
            "saml-unknown",
            "saml-get",
            "upper-case",
            "markup",
            "long-ticket",
            "non-ascii-ticket",
            "twice",
            "clear-validate",
            "clear-service-validate",
            "clear-proxy-validate",
            "clear-p3",
            // with one
            "validated",
            "replayed",
            "mismatch",
            "after-mismatch",
            "path-case",
            "slash",
            "renew-sso",
            "renew-fresh",
            "validate-success",
            "p3-validated",
            "p3-sso",
            "json-validated",
            "saml-validated",
            "saml-clear",
            "saml-replayed",
            "saml-mismatch",
            "after-logout",
            "expired",
            "pgt-clear",
        ],
    ),
    (
        "cas.page",
        &[
            "login",
            "login-again",
            "login-service",
            "login-foreign",
            "gateway",
            "gateway-no-service",
            "gateway-renew",
            "gateway-foreign",
            "gateway-suffix",
            "gateway-userinfo",
            "gateway-query",
            "gateway-fragment",
            "gateway-clear",
            "gateway-double-slash",
            "gateway-back-slash",
            "gateway-slash-back-slash",
            "gateway-javascript",
            "gateway-data",
            "gateway-crlf",
            "gateway-upper",
            "gateway-port",
            "gateway-dot",
            "gateway-path",
            "login-markup",
            "login-get",
            "login-empty-post",
            "logout",
            "logout-foreign",
            "logout-url",
            "logout-destination",
            "logout-redirect",
            "logout-callback",
            "logout-next",
            "logout-relay-state",
            "logout-service",
            "vendor-callback",
            "renew",
            "login-session",
            "logout-session",
            "after-logout-login",
            "portal",
            "wrong-password",
            "unknown-user",
            "token-replayed",
        ],
    ),
    (
        "annuaire.server",
        &[
            "root-dse",
            "anonymous-people",
            "unknown-account",
            "empty-password",
            "clear-bind",
            "passwords",
            "subschema",
            "timestamps",
            "login-search",
            "response-times",
            "read",
            "tls",
        ],
    ),
    ("cas.ticket", &["ticket-login", "ticket-sso", "ticket-query", "ticket-gateway", "ticket-post"]),
    ("cas.release", &["validated", "p3-validated", "json-validated", "saml-validated"]),
    ("cas.slo", &["slo", "slo-slow", "slo-two"]),
    (
        "cas.proxy",
        &[
            "pgt-untrusted",
            "pgt",
            "pgt-query",
            "pgt-unregistered",
            "proxy",
            "proxied",
            "proxied-again",
            "proxied-service",
            "proxied-validate",
            "proxy-after-logout",
        ],
    ),
    ("service.release", &["contract", "second-login", "uai-foreign"]),
    ("tls.host", &["handshake", "consistency"]),
    ("web.page", &["login", "logout", "validation", "portal", "page"]),
    ("web.clear", &["clear"]),
    ("web.host", &["security-txt", "trace", "cors"]),
];

/// Whether the texts of such a document may be shown: words of protocols, never of a person.
#[must_use]
pub fn is_plain(facts: &str) -> bool {
    // What is said of an account is said by names of attributes only.
    PROBES.iter().any(|(name, _)| *name == facts)
}

/// Whether a probe gives facts of that kind.
#[must_use]
pub fn gives(facts: &str, probe: &str) -> bool {
    PROBES.iter().any(|(name, probes)| *name == facts && probes.contains(&probe))
}
