//! What is answered in clear (http): where it leads, and what it should not have done before.

use serde_json::{Value, json};
use url::Url;

use super::cookies;
use super::page::Marks;
use crate::source::probe::http::Answer;

/// Redirections followed.
pub const MOST_HOPS: usize = 5;

/// Where http is to be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// There.
    At(Url),
    /// The port of https is not the usual one: nobody can tell that of http.
    Unknown,
}

/// The address in clear of a page: the one given, else the same on the usual port.
#[must_use]
pub fn start(base: &Url, given: Option<&Url>) -> Start {
    if let Some(url) = given {
        return Start::At(url.clone());
    }
    let mut clear = base.clone();
    if clear.scheme() == "http" {
        return Start::At(clear);
    }
    match clear.port() {
        None if clear.set_scheme("http").is_ok() => Start::At(clear),
        _ => Start::Unknown,
    }
}

/// Facts about the answers in clear, in order: `hops` starts with the answer to the first address.
#[must_use]
pub fn clear(hops: &[Answer], now: i64) -> Value {
    let hop = |answer: &Answer| {
        let to = answer.location();
        let same = to.as_ref().map(|to| to.host_str() == answer.url.host_str());
        let mut seen = json!({"status": answer.status});
        if let Some(to) = &to {
            seen["toScheme"] = json!(if matches!(to.scheme(), "http" | "https") { to.scheme() } else { "other" });
        }
        if let Some(same) = same {
            seen["sameHost"] = json!(same);
        }
        seen
    };
    let to = |answer: &Answer| answer.location();
    let last = hops.last();
    let upgraded = last.and_then(to).is_some_and(|to| to.scheme() == "https");
    let mut facts = json!({
        "probe": "clear",
        "hops": hops.iter().map(hop).collect::<Vec<_>>(),
        "status": hops.first().map(|a| a.status),
        "upgraded": upgraded,
        // A refusal shows nothing either.
        "refused": last.is_some_and(|a| a.status >= 400),
        "sessionCookies": cookies::in_clear(hops, now),
        "credentialsForm": hops.iter().any(|a| a.url.scheme() == "http" && a.status < 400 && Marks::read(a).asks_password()),
    });
    // What the redirection to https is like, when there is one.
    if upgraded && let Some(first) = hops.first() {
        let secure = hops.iter().filter_map(to).next();
        facts["sameHostFirst"] = json!(secure.is_some_and(|to| to.scheme() == "https" && to.host_str() == first.url.host_str()));
        facts["permanent"] = json!(matches!(first.status, 301 | 308));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(url: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let url = Url::parse(url).expect("url");
        Answer { exchange: 1, url, status, headers, body: body.as_bytes().to_vec(), cut: false, millis: 0 }
    }

    #[test]
    fn a_plain_redirection_is_all_that_is_asked() {
        let facts = clear(&[hop("http://ent.example/cas", 301, &[("location", "https://ent.example/cas")], "")], 0);
        assert_eq!((&facts["upgraded"], &facts["sameHostFirst"], &facts["permanent"]), (&json!(true), &json!(true), &json!(true)));
        assert_eq!((&facts["credentialsForm"], &facts["sessionCookies"]), (&json!(false), &json!([])));
    }

    #[test]
    fn another_host_first_is_told() {
        let facts = clear(&[hop("http://ent.example/", 302, &[("location", "https://www.ent.example/")], "")], 0);
        assert_eq!((&facts["sameHostFirst"], &facts["permanent"]), (&json!(false), &json!(false)));
        let other_in_clear = hop("http://ent.example/", 301, &[("location", "http://www.ent.example/")], "");
        let facts = clear(&[other_in_clear, hop("http://www.ent.example/", 301, &[("location", "https://www.ent.example/")], "")], 0);
        assert_eq!((&facts["upgraded"], &facts["sameHostFirst"]), (&json!(true), &json!(false)));
    }

    #[test]
    fn a_form_and_a_cookie_in_clear_are_told() {
        let body = "<form action=\"https://ent.example/login\"><input name=u><input type=password name=p></form>";
        let headers = [("content-type", "text/html"), ("set-cookie", "JSESSIONID=a"), ("set-cookie", "sess2=b; Secure")];
        let facts = clear(&[hop("http://ent.example/cas/login", 200, &headers, body)], 0);
        assert_eq!((&facts["upgraded"], &facts["credentialsForm"]), (&json!(false), &json!(true)), "even when it leads to https");
        assert_eq!(facts["sessionCookies"], json!(["JSESSIONID"]));
        assert!(facts.get("sameHostFirst").is_none());
        let refused = clear(&[hop("http://ent.example/", 403, &[], body)], 0);
        assert_eq!((&refused["refused"], &refused["credentialsForm"]), (&json!(true), &json!(false)));
    }

    #[test]
    fn only_the_usual_port_is_guessed() {
        let at = |url: &str| start(&Url::parse(url).expect("url"), None);
        assert_eq!(at("https://ent.example/cas"), Start::At(Url::parse("http://ent.example/cas").expect("url")));
        assert_eq!(at("https://ent.example:8443/cas"), Start::Unknown);
    }
}
