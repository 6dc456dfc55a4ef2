//! What is asked of a host once: `security.txt`, the method TRACE, and what it shares with pages of other origins.

use serde_json::{Value, json};
use url::Url;

use crate::source::probe::http::{Answer, Method, Request};

/// An origin that cannot exist (RFC 2606).
pub const FOREIGN: &str = "https://origine.conforment.example";
/// A header that TRACE sends back.
const MARK: (&str, &str) = ("X-Conforment-Trace", "conforment-4f1c");

/// The requests, by probe. `endpoints` are the addresses whose sharing matters: one probe `cors` each.
#[must_use]
pub fn requests(base: &Url, endpoints: &[Url]) -> Vec<(&'static str, Request)> {
    let mut all = Vec::new();
    if let Ok(url) = base.join("/.well-known/security.txt") {
        all.push(("security-txt", Request::get(url)));
    }
    let trace = Request { method: Method::Trace, ..Request::get(base.clone()) };
    all.push(("trace", trace.with(MARK.0, MARK.1)));
    all.extend(endpoints.iter().map(|url| ("cors", Request::get(url.clone()).with("Origin", FOREIGN))));
    all
}

/// Facts of one answer.
#[must_use]
pub fn facts(probe: &str, answer: &Answer, now: i64) -> Value {
    match probe {
        "security-txt" => security_txt(answer, now),
        "trace" => json!({"probe": probe, "status": answer.status, "traceEchoed": echoed(answer)}),
        _ => cors(answer),
    }
}

/// RFC 9116: a text with a contact. A page that answers everything with its home is none.
fn security_txt(answer: &Answer, now: i64) -> Value {
    let text = answer.text();
    let field = |name: &str| {
        let mut fields = text.lines().filter_map(|l| l.split_once(':'));
        fields.find(|(n, _)| n.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let html = answer.media_type().is_some_and(|t| t.contains("html"));
    let present = answer.status == 200 && !html && field("contact").is_some_and(|c| !c.is_empty());
    let mut facts = json!({"probe": "security-txt", "status": answer.status, "published": present});
    let expires = field("expires").and_then(|e| e.parse::<jiff::Timestamp>().ok()).filter(|_| present);
    if let Some(expires) = expires {
        facts["outOfDate"] = json!(expires.as_second() <= now);
    }
    facts
}

fn echoed(answer: &Answer) -> bool {
    answer.status == 200 && answer.text().to_ascii_lowercase().contains(&format!("{}: {}", MARK.0, MARK.1).to_ascii_lowercase())
}

/// Whom the answer may be read by: `none`, `any` (`*`), `reflected` (whoever asks), `null` or `listed`.
fn cors(answer: &Answer) -> Value {
    let origin = match answer.header("access-control-allow-origin").map(str::trim) {
        None => "none",
        Some("*") => "any",
        Some("null") => "null",
        Some(origin) if origin.eq_ignore_ascii_case(FOREIGN) => "reflected",
        Some(_) => "listed",
    };
    let credentials = answer.header("access-control-allow-credentials").is_some_and(|v| v.trim() == "true");
    json!({"probe": "cors", "status": answer.status, "origin": origin, "credentials": credentials,
           "openWithCredentials": credentials && origin == "reflected", "anyWithCredentials": credentials && origin == "any"})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(probe: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Value {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let url = Url::parse("https://ent.example/").expect("url");
        facts(probe, &Answer { exchange: 1, url, status, headers, body: body.as_bytes().to_vec(), cut: false, millis: 0 }, 1_800_000_000)
    }

    #[test]
    fn a_contact_makes_a_security_txt() {
        let text = "Contact: mailto:securite@ent.example\nExpires: 2030-01-01T00:00:00Z\n";
        let seen = of("security-txt", 200, &[("content-type", "text/plain")], text);
        assert_eq!((&seen["published"], &seen["outOfDate"]), (&json!(true), &json!(false)));
        let old = of("security-txt", 200, &[], "Contact: x\r\nExpires: 2020-01-01T00:00:00Z\r\n");
        assert_eq!(old["outOfDate"], json!(true));
        assert_eq!(of("security-txt", 200, &[("content-type", "text/html")], text)["published"], json!(false));
        assert_eq!(of("security-txt", 404, &[], text)["published"], json!(false));
    }

    #[test]
    fn a_trace_is_an_echo_of_what_was_sent() {
        assert_eq!(of("trace", 200, &[], "TRACE / HTTP/1.1\r\nx-conforment-trace: conforment-4f1c\r\n")["traceEchoed"], json!(true));
        assert_eq!(of("trace", 200, &[], "<html>home</html>")["traceEchoed"], json!(false), "some servers treat it as a GET");
        assert_eq!(of("trace", 405, &[], "")["traceEchoed"], json!(false));
    }

    #[test]
    fn only_a_reflected_origin_with_credentials_opens_the_door() {
        let origin = |o: &str, c: &str| {
            of("cors", 200, &[("access-control-allow-origin", o), ("access-control-allow-credentials", c)], "")["openWithCredentials"]
                .clone()
        };
        assert_eq!(origin(FOREIGN, "true"), json!(true));
        for (o, c) in [(FOREIGN, "false"), ("*", "true"), ("https://portail.ent.example", "true")] {
            assert_eq!(origin(o, c), json!(false), "{o} {c}");
        }
        assert_eq!(of("cors", 200, &[], "")["origin"], json!("none"));
    }

    #[test]
    fn nothing_but_reading_is_asked() {
        let base = Url::parse("https://ent.example/cas/login").expect("url");
        let asked = requests(&base, std::slice::from_ref(&base));
        let written: Vec<String> = asked.iter().map(|(p, r)| format!("{p} {} {}", r.method.as_str(), r.url.path())).collect();
        assert_eq!(written, ["security-txt GET /.well-known/security.txt", "trace TRACE /cas/login", "cors GET /cas/login"]);
        assert!(asked.iter().all(|(_, r)| r.body.is_empty()));
    }
}
