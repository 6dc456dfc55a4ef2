//! One answer of a validation endpoint as facts: `cas.answer` (rules/AUTHORING.md gives the shape).
//!
//! Must never hold a value of an account: words of the protocol, counts, and yes or no.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value, json};
use url::Url;

use super::release::Release;
use super::xml;
use crate::source::probe::http::Answer;

/// What every planted mark-up holds: nothing else has this name.
pub const PLANTED: &str = "x-conforment";

/// Codes that the protocol defines (§2.5.3, §2.7.3).
const CODES: &[&str] = &[
    "INVALID_REQUEST",
    "INVALID_TICKET_SPEC",
    "UNAUTHORIZED_SERVICE_PROXY",
    "INVALID_PROXY_CALLBACK",
    "INVALID_TICKET",
    "INVALID_SERVICE",
    "UNAUTHORIZED_SERVICE",
    "INTERNAL_ERROR",
];

static CODE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("^[A-Za-z][A-Za-z0-9_.-]{1,63}$").ok());
static STACK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"\bat [\w$.]+\([\w$]+\.(java|scala|kt|cs):?\d*\)|Traceback \(most recent call last\)|\bFile \x22[^\x22]+\x22, line \d+|Stack trace:|\bin /[\w/.-]+\.php:\d+|\w+Exception: ").ok()
});
static PATH: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(/(usr|var|home|opt|srv|etc|root)/[\w./-]{3,}|\b[A-Z]:\\[\w\\]{3,})").ok());
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?i)\b(apache tomcat|apache|nginx|jetty|php|django|python|openssl|jboss|wildfly|undertow|express|kestrel|asp\.net)[/ ]v?\d+\.\d+",
    )
    .ok()
});

/// An answer read.
#[derive(Debug, Default)]
pub struct Seen {
    /// The document.
    pub facts: Map<String, Value>,
    /// `success`, `failure`…
    pub result: &'static str,
    /// What a success released.
    pub release: Option<Release>,
    /// The code of a failure.
    pub code: Option<String>,
    /// What stands for a ticket for proxying.
    pub granting: Option<String>,
    /// A proxy ticket.
    pub proxy_ticket: Option<String>,
    /// Through whom a proxy ticket came.
    pub proxies: Vec<String>,
}

impl Seen {
    /// The endpoint is there.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.facts.get("exists") == Some(&Value::Bool(true))
    }

    /// What must be written nowhere.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        let released = self.release.iter().flat_map(Release::all).filter(|v| v.chars().count() > 3);
        released.chain(self.granting.as_deref()).chain(self.proxy_ticket.as_deref())
    }

    /// A ticket was accepted, by whichever protocol.
    #[must_use]
    pub fn accepted(&self) -> bool {
        matches!(self.result, "success" | "yes" | "saml-success" | "proxy-success")
    }
}

/// Reads an answer of `endpoint` (what follows the base address).
#[must_use]
pub fn read(probe: &str, endpoint: &str, answer: &Answer) -> Seen {
    let text = answer.text();
    let format = format_of(&text);
    let mut out = Seen { result: "none", ..Seen::default() };
    let mut put = Map::new();
    let exists = !matches!(answer.status, 404 | 405 | 501);
    put.insert("probe".into(), probe.into());
    put.insert("endpoint".into(), endpoint.into());
    put.insert("exists".into(), exists.into());
    put.insert("status".into(), answer.status.into());
    put.insert("millis".into(), answer.millis.into());
    put.insert("cut".into(), answer.cut.into());
    if let Some(kind) = answer.media_type() {
        put.insert("contentType".into(), kind.into());
    }
    if let Some(charset) = answer.charset() {
        put.insert("charset".into(), charset.to_ascii_lowercase().into());
    }
    put.insert("format".into(), format.into());
    match format {
        "xml" => {
            let read = xml::read(&answer.body, answer.charset());
            put.insert("xml".into(), read.facts);
            if let Some(saml) = read.saml {
                put.insert("saml".into(), saml);
            }
            put.insert("message".into(), read.message.into());
            put.insert("pgt".into(), read.granting.is_some().into());
            (out.granting, out.proxy_ticket, out.proxies) = (read.granting, read.proxy_ticket, read.proxies);
            (out.result, out.code, out.release) = (read.result, read.code, read.release);
        }
        "json" => json_body(&text, &mut put, &mut out),
        "text" => plain(&text, &mut put, &mut out),
        _ => {}
    }
    put.insert("result".into(), out.result.into());
    if let Some(code) = &out.code {
        let shown = if CODE.as_ref().is_some_and(|c| c.is_match(code)) { code } else { "?" };
        put.insert("code".into(), shown.into());
        // The statuses of SAML are not codes of CAS.
        if !out.result.starts_with("saml-") {
            put.insert("standardCode".into(), CODES.contains(&code.as_str()).into());
        }
    }
    if let Some(release) = &out.release {
        put.insert("shape".into(), release.shape().into());
        put.insert("session".into(), release.session_facts());
        put.insert("user".into(), release.user.first().is_some_and(|u| !u.is_empty()).into());
    }
    if answer.is_redirect() {
        put.insert("redirect".into(), redirect(&answer.url, answer.location().as_ref()).into());
    }
    put.insert("injected".into(), injected(&text).into());
    put.insert("leaks".into(), leaks(&text).into());
    out.facts = put;
    out
}

/// What a body is, whatever it says.
fn format_of(text: &str) -> &'static str {
    let trimmed = text.trim_start_matches('\u{FEFF}').trim_start();
    let head: String = trimmed.chars().take(2000).collect::<String>().to_ascii_lowercase();
    match trimmed.chars().next() {
        None => "empty",
        Some('<') if head.starts_with("<!doctype html") || head.contains("<html") || head.contains("<body") => "html",
        Some('<') => "xml",
        Some('{' | '[') => "json",
        Some(_) => "text",
    }
}

/// The JSON form of an answer (§2.5.7): the same under `serviceResponse`.
fn json_body(text: &str, put: &mut Map<String, Value>, out: &mut Seen) {
    let parsed: Option<Value> = serde_json::from_str(text).ok();
    put.insert(
        "json".into(),
        json!({"valid": parsed.is_some(), "serviceResponse": parsed.as_ref().is_some_and(|v| v["serviceResponse"].is_object())}),
    );
    let Some(answer) = parsed.as_ref().map(|v| &v["serviceResponse"]) else { return };
    if let Some(code) = answer["authenticationFailure"]["code"].as_str() {
        (out.result, out.code) = ("failure", Some(code.to_owned()));
    } else if answer["authenticationFailure"].is_object() {
        out.result = "failure";
    } else if answer["authenticationSuccess"].is_object() {
        out.result = "success";
        let success = &answer["authenticationSuccess"];
        let mut release = Release { user: success["user"].as_str().map(str::to_owned).into_iter().collect(), ..Release::default() };
        for (name, value) in success["attributes"].as_object().into_iter().flatten() {
            let values: Vec<String> = match value {
                Value::Array(all) => all.iter().map(plain_text).collect(),
                Value::Null => Vec::new(),
                one => vec![plain_text(one)],
            };
            if xml::SESSION.contains(&name.as_str()) {
                release.session.push((name.clone(), values.into_iter().next().unwrap_or_default()));
            } else {
                values.into_iter().for_each(|v| release.add(name, v, super::release::Place::Attributes, false));
            }
        }
        out.release = Some(release);
    }
}

fn plain_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The two lines of CAS 1 (§2.4.2).
fn plain(text: &str, put: &mut Map<String, Value>, out: &mut Seen) {
    let first = text.lines().next().unwrap_or_default().trim_end();
    let lines = text.lines().count();
    (out.result, _) = match first {
        "yes" => ("yes", ()),
        "no" => ("no", ()),
        _ => return,
    };
    if first == "yes" {
        let user = text.lines().nth(1).unwrap_or_default().trim();
        if !user.is_empty() {
            out.release = Some(Release { user: vec![user.to_owned()], ..Release::default() });
        }
    }
    let exact = text == format!("{first}\n") || (first == "yes" && lines == 2 && text.ends_with('\n') && !text.contains('\r'));
    put.insert(
        "plain".into(),
        if exact {
            "exact"
        } else if lines <= 2 {
            "tolerated"
        } else {
            "other"
        }
        .into(),
    );
}

/// Whether what was planted came back as mark-up.
fn injected(text: &str) -> bool {
    text.contains(&format!("<{PLANTED}"))
}

/// What an answer says of the machine behind it.
fn leaks(text: &str) -> Vec<&'static str> {
    let seen = |p: &LazyLock<Option<Regex>>| p.as_ref().is_some_and(|p| p.is_match(text));
    [("stack-trace", &STACK), ("path", &PATH), ("version", &VERSION)].into_iter().filter(|(_, p)| seen(p)).map(|(name, _)| name).collect()
}

/// Where a redirection of a validation leads.
fn redirect(asked: &Url, to: Option<&Url>) -> &'static str {
    match to {
        Some(to) if to.host_str() != asked.host_str() => "foreign",
        Some(to) if asked.scheme() == "http" && to.scheme() == "https" => "secure",
        Some(to) if to.scheme() == asked.scheme() => "same",
        _ => "foreign",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(body: &str) -> Seen {
        let url = Url::parse("https://ent.example/cas/serviceValidate").expect("url");
        let answer = Answer { exchange: 1, url, status: 200, headers: Vec::new(), body: body.as_bytes().to_vec(), cut: false, millis: 3 };
        read("unknown-ticket", "/serviceValidate", &answer)
    }

    #[test]
    fn bodies_are_what_they_are() {
        let format = |body: &str| seen(body).facts["format"].clone();
        for (body, expected) in
            [("", "empty"), ("<!DOCTYPE html><p>", "html"), ("\n <html>", "html"), ("<a/>", "xml"), ("{}", "json"), ("no\n", "text")]
        {
            assert_eq!(format(body), expected, "{body}");
        }
    }

    #[test]
    fn the_two_lines_of_the_first_protocol() {
        let plain = |body: &str| (seen(body).result, seen(body).facts.get("plain").and_then(Value::as_str).map(str::to_owned));
        assert_eq!(plain("no\n"), ("no", Some("exact".to_owned())));
        assert_eq!(plain("no\r\n"), ("no", Some("tolerated".to_owned())));
        assert_eq!(plain("no\n\n"), ("no", Some("tolerated".to_owned())));
        assert_eq!(plain("yes\nzoe\n"), ("yes", Some("exact".to_owned())));
        assert_eq!(plain("nope\n"), ("none", None));
        assert_eq!(seen("yes\nzoe\n").release.expect("release").user, ["zoe"]);
    }

    #[test]
    fn json_is_read_like_xml() {
        let failure = seen(r#"{"serviceResponse":{"authenticationFailure":{"code":"INVALID_TICKET","description":"x"}}}"#);
        assert_eq!((failure.result, failure.code.as_deref()), ("failure", Some("INVALID_TICKET")));
        let success =
            seen(r#"{"serviceResponse":{"authenticationSuccess":{"user":"u","attributes":{"a":["1","2"],"isFromNewLogin":[true]}}}}"#);
        let release = success.release.expect("release");
        assert_eq!((release.values("a"), release.session_facts()), (vec!["1", "2"], json!({"isFromNewLogin": "true"})));
        assert_eq!(seen("{").facts["json"]["valid"], false);
    }

    #[test]
    fn what_is_told_of_the_machine_is_noticed() {
        let leaks = |body: &str| seen(body).facts["leaks"].clone();
        assert_eq!(leaks("java.lang.NullPointerException: x\n at org.apereo.cas.Foo.bar(Foo.java:12)"), json!(["stack-trace"]));
        assert_eq!(leaks("<address>Apache/2.4.57 at host</address>"), json!(["version"]));
        assert_eq!(leaks("open(/var/www/cas/config.php)"), json!(["path"]));
        assert_eq!(leaks("INVALID_TICKET: le ticket ST-1 est inconnu"), json!([]));
    }
}
