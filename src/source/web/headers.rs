//! Headers of an answer that tell browsers what to protect.
//!
//! Reads as browsers do; where they differ, as the most lenient of them.

use serde_json::{Value, json};

use crate::source::probe::http::Answer;

/// HSTS (RFC 6797, 6.1): `None` without a header that a browser would heed. The first header only counts.
pub fn hsts(answer: &Answer) -> Option<Value> {
    let header = answer.header("strict-transport-security")?;
    let mut age = None;
    let mut sub_domains = false;
    for directive in header.split(';').map(str::trim) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.trim().eq_ignore_ascii_case("max-age") {
            age = value.trim().trim_matches('"').parse::<u64>().ok();
        } else if name.trim().eq_ignore_ascii_case("includeSubDomains") {
            sub_domains = true;
        }
    }
    age.map(|age| json!({"maxAge": age, "includeSubDomains": sub_domains}))
}

/// Policies of content, as lists of directives: several headers, or several separated by commas, all hold.
fn policies(answer: &Answer) -> Vec<Vec<(String, Vec<String>)>> {
    let directive = |text: &str| {
        let mut words = text.split_ascii_whitespace().map(str::to_ascii_lowercase);
        words.next().map(|name| (name, words.collect()))
    };
    let all = answer.all("content-security-policy").flat_map(|h| h.split(','));
    all.map(|policy| policy.split(';').filter_map(directive).collect()).filter(|p: &Vec<_>| !p.is_empty()).collect()
}

fn sources<'p>(policy: &'p [(String, Vec<String>)], name: &str) -> Option<&'p Vec<String>> {
    // The first of a name counts, the others are passed over.
    policy.iter().find(|(n, _)| n == name).map(|(_, sources)| sources)
}

/// Who may show the page in a frame: `none`, `self`, `listed` or `any`. `frame-ancestors` counts before `X-Frame-Options`.
pub fn frames(answer: &Answer) -> &'static str {
    let open = |s: &String| matches!(s.as_str(), "*" | "https:" | "http:" | "https://*" | "http://*");
    let policies = policies(answer);
    let ancestors: Vec<&Vec<String>> = policies.iter().filter_map(|p| sources(p, "frame-ancestors")).collect();
    if !ancestors.is_empty() {
        let closed = |list: &&Vec<String>| !list.iter().any(open);
        return match ancestors.into_iter().find(closed) {
            None => "any",
            Some(list) if list.iter().all(|s| s == "'none'") => "none",
            Some(list) if list.iter().all(|s| s == "'self'") => "self",
            Some(_) => "listed",
        };
    }
    let options: Vec<String> = answer.all("x-frame-options").flat_map(|h| h.split(',')).map(|o| o.trim().to_ascii_lowercase()).collect();
    // Browsers refuse frames when values conflict, as long as one of them is known.
    match () {
        () if options.iter().any(|o| o == "deny") => "none",
        () if options.iter().any(|o| o == "sameorigin") => "self",
        () => "any",
    }
}

/// What the policy of content says of scripts: absent without a policy.
pub fn csp(answer: &Answer) -> Option<Value> {
    let policies = policies(answer);
    let inline = |policy: &Vec<(String, Vec<String>)>| {
        let Some(list) = sources(policy, "script-src").or_else(|| sources(policy, "default-src")) else { return true };
        let keyed = list.iter().any(|s| s.starts_with("'nonce-") || s.starts_with("'sha") || s == "'strict-dynamic'");
        !keyed && list.iter().any(|s| s == "'unsafe-inline'")
    };
    (!policies.is_empty()).then(|| json!({"inlineScripts": policies.iter().all(inline)}))
}

/// The policy of referrers that a browser ends with: the last word it knows. Absent without one.
pub fn referrer(answer: &Answer) -> Option<&'static str> {
    const KNOWN: &[&str] = &[
        "no-referrer",
        "same-origin",
        "strict-origin",
        "strict-origin-when-cross-origin",
        "origin",
        "origin-when-cross-origin",
        "no-referrer-when-downgrade",
        "unsafe-url",
    ];
    let words: Vec<String> = answer.all("referrer-policy").flat_map(|h| h.split(',')).map(|w| w.trim().to_ascii_lowercase()).collect();
    words.iter().rev().find_map(|w| KNOWN.iter().find(|k| *k == w).copied())
}

/// Directives of `Cache-Control`.
pub fn no_store(answer: &Answer) -> bool {
    answer.all("cache-control").flat_map(|h| h.split(',')).any(|d| d.trim().eq_ignore_ascii_case("no-store"))
}

/// `X-Content-Type-Options: nosniff`.
pub fn nosniff(answer: &Answer) -> bool {
    let first = answer.header("x-content-type-options").and_then(|h| h.split(',').next());
    first.is_some_and(|v| v.trim().eq_ignore_ascii_case("nosniff"))
}

/// Names of the headers that tell a version in detail (`Apache/2.4.57`): a digit, a point, a digit.
pub fn versions(answer: &Answer) -> Vec<&'static str> {
    let detailed = |value: &str| value.as_bytes().windows(3).any(|w| w[0].is_ascii_digit() && w[1] == b'.' && w[2].is_ascii_digit());
    let told = ["server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator"];
    told.into_iter().filter(|name| answer.all(name).any(detailed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use url::Url;

    fn answer(headers: &[(&str, &str)]) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let url = Url::parse("https://ent.example/").expect("url");
        Answer { exchange: 1, url, status: 200, headers, body: Vec::new(), cut: false, millis: 0 }
    }

    fn one(name: &str, value: &str) -> Answer {
        answer(&[(name, value)])
    }

    #[test]
    fn hsts_is_read_as_browsers_do() {
        let age = |v: &str| hsts(&one("strict-transport-security", v)).map(|h| h["maxAge"].as_u64());
        assert_eq!(age("max-age=15552000; includeSubDomains; preload"), Some(Some(15_552_000)));
        assert_eq!(age("MAX-AGE=\"300\""), Some(Some(300)));
        assert_eq!((age("includeSubDomains"), age("max-age=x"), hsts(&answer(&[]))), (None, None, None));
    }

    #[test]
    fn frames_follow_the_policy_then_the_option() {
        let csp = |v: &str| frames(&answer(&[("content-security-policy", v), ("x-frame-options", "DENY")]));
        assert_eq!(csp("frame-ancestors 'self'"), "self");
        assert_eq!(csp("default-src 'self'; frame-ancestors 'none'"), "none");
        assert_eq!(csp("frame-ancestors 'self' https://portail.ent.example"), "listed");
        assert_eq!(csp("frame-ancestors *"), "any", "the policy counts before the option");
        assert_eq!(csp("frame-ancestors *, frame-ancestors 'self'"), "self", "both hold");
        assert_eq!(csp("frame-ancestors"), "none", "an empty list is nobody");
        assert_eq!(csp("default-src 'self'"), "none");
        let option = |v: &str| frames(&one("x-frame-options", v));
        assert_eq!((option("SAMEORIGIN, SAMEORIGIN"), option("ALLOW-FROM https://a.example"), option("x")), ("self", "any", "any"));
    }

    #[test]
    fn a_policy_of_content_may_let_inline_scripts_run() {
        let inline = |v: &str| csp(&one("content-security-policy", v)).map(|c| c["inlineScripts"] == true);
        assert_eq!(inline("script-src 'self'"), Some(false));
        assert_eq!(inline("default-src 'self' 'unsafe-inline'"), Some(true));
        assert_eq!(inline("default-src 'unsafe-inline'; script-src 'self'"), Some(false));
        assert_eq!(inline("script-src 'unsafe-inline' 'nonce-abc'"), Some(false), "a nonce overrides it");
        assert_eq!(inline("frame-ancestors 'self'"), Some(true), "nothing is said of scripts");
        assert_eq!((inline(""), inline(" ; ")), (None, None));
    }

    #[test]
    fn the_last_known_word_of_a_referrer_policy_counts() {
        let policy = |v: &str| referrer(&one("referrer-policy", v));
        assert_eq!(policy("no-referrer, strict-origin-when-cross-origin"), Some("strict-origin-when-cross-origin"));
        assert_eq!((policy("unsafe-url, wat"), policy("wat")), (Some("unsafe-url"), None));
    }

    #[test]
    fn caching_sniffing_and_versions() {
        assert!(no_store(&one("cache-control", "no-cache, No-Store")) && !no_store(&one("cache-control", "no-cache")));
        assert!(nosniff(&one("x-content-type-options", "NoSniff")) && !nosniff(&one("x-content-type-options", "sniff")));
        let told = answer(&[("server", "Apache/2.4.57 (Debian)"), ("x-powered-by", "PHP")]);
        assert_eq!(versions(&told), ["server"]);
        assert!(versions(&answer(&[("server", "nginx"), ("x-powered-by", "Express 4")])).is_empty());
    }
}
