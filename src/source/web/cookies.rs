//! What `Set-Cookie` headers say, by the names of cookies: never by their values.
//!
//! Which cookie is that of a session is told by its name, as MDN's HTTP Observatory does (it holds `sess` or `login`), and which
//! protects forms too (`csrf`, and `xsrf`, which other frameworks write). Cookies that are cleared are passed over.

use std::net::IpAddr;

use serde_json::{Value, json};
use url::Url;

use crate::source::probe::http::Answer;
use crate::source::probe::jar::SetCookie;

/// What a cookie is for, by its name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Session,
    Csrf,
    Other,
}

fn used_for(name: &str) -> Use {
    let name = name.to_ascii_lowercase();
    let holds = |word: &str| name.contains(word);
    if holds("csrf") || holds("xsrf") {
        Use::Csrf
    } else if holds("sess") || holds("login") || name == "tgc" || name.starts_with("castgc") || name.starts_with("tgc-") {
        Use::Session
    } else {
        Use::Other
    }
}

/// A name fit to be shown: some servers put identifiers in names. Runs of letters and digits that hold many digits are hidden.
fn shown(name: &str) -> String {
    let hide = |run: &str| run.len() >= 8 && run.bytes().filter(u8::is_ascii_digit).count() >= 4;
    let kept = |c: char| c.is_ascii_graphic() && c != '@';
    let mut out = String::new();
    for run in name.split_inclusive(|c: char| !c.is_ascii_alphanumeric()) {
        let word = run.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        out.push_str(if hide(word) { "…" } else { word });
        out.extend(run[word.len()..].chars().map(|c| if kept(c) { c } else { '?' }));
    }
    out.chars().take(60).collect()
}

/// Facts about the cookies that answers set, the last word on a name first.
pub fn facts(answers: &[Answer], now: i64) -> Value {
    let mut kept: Vec<(SetCookie, &Url)> = Vec::new();
    for answer in answers {
        for cookie in answer.all("set-cookie").filter_map(|h| SetCookie::parse(h, now)) {
            kept.retain(|(k, _)| k.name != cookie.name);
            kept.push((cookie, &answer.url));
        }
    }
    kept.retain(|(c, _)| !c.cleared);
    let names = |keep: &dyn Fn(&SetCookie, &Url, Use) -> bool| {
        let mut names: Vec<String> = kept.iter().filter(|(c, url)| keep(c, url, used_for(&c.name))).map(|(c, _)| shown(&c.name)).collect();
        names.sort();
        names.dedup();
        names
    };
    let none = |c: &SetCookie| c.same_site.as_deref() == Some("none");
    json!({
        "names": names(&|_, _, _| true),
        "session": names(&|_, _, u| u == Use::Session),
        "antiForgery": names(&|_, _, u| u == Use::Csrf),
        "notSecure": names(&|c, _, u| u == Use::Session && !c.secure),
        "readable": names(&|c, _, u| u == Use::Session && !c.http_only),
        "withoutSameSite": names(&|c, _, u| u != Use::Other && c.same_site.is_none()),
        "noneNotSecure": names(&|c, _, _| none(c) && !c.secure),
        "wide": names(&|c, url, u| u == Use::Session && wide(c, url)),
        "persistent": names(&|c, _, u| u == Use::Session && (c.expires || c.max_age.is_some())),
    })
}

/// Names of the cookies of session that answers set for addresses in clear: those with `Secure` are dropped by browsers there.
pub fn in_clear(answers: &[Answer], now: i64) -> Vec<String> {
    let all = answers.iter().filter(|a| a.url.scheme() == "http").flat_map(|a| a.all("set-cookie"));
    let all = all.filter_map(|h| SetCookie::parse(h, now));
    let mut names: Vec<String> =
        all.filter(|c| !c.cleared && !c.secure && used_for(&c.name) == Use::Session).map(|c| shown(&c.name)).collect();
    names.sort();
    names.dedup();
    names
}

/// Sent to the neighbours of the host too: `Domain` is a parent of it. `www` and the name without it are one.
fn wide(cookie: &SetCookie, url: &Url) -> bool {
    let (Some(domain), Some(host)) = (&cookie.domain, url.host_str()) else { return false };
    let domain = domain.trim().trim_start_matches('.').to_ascii_lowercase();
    if domain.is_empty() || domain.parse::<IpAddr>().is_ok() {
        return false;
    }
    let own = host.strip_prefix("www.").unwrap_or(host);
    own.strip_suffix(&domain).is_some_and(|before| before.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[&str]) -> Value {
        let headers = headers.iter().map(|v| ("set-cookie".to_owned(), (*v).to_owned())).collect();
        let url = Url::parse("https://cas.ent.example/login").expect("url");
        facts(&[Answer { exchange: 1, url, status: 200, headers, body: Vec::new(), cut: false, millis: 0 }], 1_000)
    }

    #[test]
    fn a_careful_server_has_nothing_held_against_it() {
        let seen = of(&[
            "JSESSIONID=secret; Path=/cas; Secure; HttpOnly; SameSite=Lax",
            "XSRF-TOKEN=secret; Path=/; Secure; SameSite=Strict",
            "theme=dark; Max-Age=1000",
            "oldSession=; Max-Age=0",
            "oneSessionId=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
        ]);
        assert_eq!(seen["session"], json!(["JSESSIONID"]));
        assert_eq!(seen["antiForgery"], json!(["XSRF-TOKEN"]), "read by scripts, and that is what it is for");
        for fault in ["notSecure", "readable", "withoutSameSite", "noneNotSecure", "wide", "persistent"] {
            assert_eq!(seen[fault], json!([]), "{fault}");
        }
        assert!(!seen.to_string().contains("secret"));
    }

    #[test]
    fn each_fault_has_its_list() {
        let seen = of(&["PHPSESSID=a; Domain=.ent.example; Max-Age=3600", "x=y; SameSite=None", "csrftoken=a; Secure"]);
        assert_eq!((&seen["notSecure"], &seen["readable"]), (&json!(["PHPSESSID"]), &json!(["PHPSESSID"])));
        assert_eq!((&seen["wide"], &seen["persistent"]), (&json!(["PHPSESSID"]), &json!(["PHPSESSID"])));
        assert_eq!((&seen["withoutSameSite"], &seen["noneNotSecure"]), (&json!(["PHPSESSID", "csrftoken"]), &json!(["x"])));
    }

    #[test]
    fn the_last_word_on_a_name_counts() {
        let seen = of(&["JSESSIONID=a", "JSESSIONID=b; Secure; HttpOnly; SameSite=Lax"]);
        assert_eq!(seen["notSecure"], json!([]));
    }

    #[test]
    fn its_own_host_is_not_wide() {
        let wide_for = |domain: &str, url: &str| {
            let cookie = SetCookie::parse(&format!("sess=a; Domain={domain}"), 0).expect("cookie");
            wide(&cookie, &Url::parse(url).expect("url"))
        };
        assert!(!wide_for("cas.ent.example", "https://cas.ent.example/") && wide_for(".ent.example", "https://cas.ent.example/"));
        assert!(!wide_for("ent.example", "https://www.ent.example/") && !wide_for("127.0.0.1", "https://127.0.0.1/"));
    }

    #[test]
    fn identifiers_in_names_are_hidden() {
        assert_eq!(shown("_shibsession_64656661756c7468747470"), "_shibsession_…");
        assert_eq!(shown("oneSessionId"), "oneSessionId");
        assert_eq!(shown("session-jean@ac.example"), "session-jean?ac.example");
    }
}
