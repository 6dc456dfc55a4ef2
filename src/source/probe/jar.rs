//! The cookies of one virtual browser (RFC 6265), and what each `Set-Cookie` said.
//!
//! A clone is another browser with the same past: what replays need. Must never write a value of a cookie anywhere.

use std::net::IpAddr;

use cookie_store::{CookieStore, RawCookie};
use url::{Host, Url};

/// A jar.
#[derive(Clone, Debug, Default)]
pub struct Jar {
    store: CookieStore,
}

/// What a `Set-Cookie` header said, but for its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetCookie {
    /// Name.
    pub name: String,
    /// Value: never shown.
    pub value: String,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`.
    pub http_only: bool,
    /// `SameSite`, in lower case.
    pub same_site: Option<String>,
    /// `Domain`, as written.
    pub domain: Option<String>,
    /// `Path`, as written.
    pub path: Option<String>,
    /// `Max-Age`, in seconds.
    pub max_age: Option<i64>,
    /// `Expires` was given.
    pub expires: bool,
    /// It asks for the cookie to be forgotten: `Max-Age` of 0 or less, or a date that is past.
    pub cleared: bool,
}

impl SetCookie {
    /// Reads a header; `now` in seconds since 1970.
    #[must_use]
    pub fn parse(header: &str, now: i64) -> Option<Self> {
        let raw = RawCookie::parse(header.to_owned()).ok()?;
        let max_age = raw.max_age().map(|d| d.whole_seconds());
        let expires = raw.expires_datetime().map(|d| d.unix_timestamp());
        Some(Self {
            name: raw.name().to_owned(),
            value: raw.value().to_owned(),
            secure: raw.secure().unwrap_or(false),
            http_only: raw.http_only().unwrap_or(false),
            same_site: raw.same_site().map(|s| s.to_string().to_ascii_lowercase()),
            domain: raw.domain().map(str::to_owned),
            path: raw.path().map(str::to_owned),
            max_age,
            expires: expires.is_some(),
            cleared: max_age.map_or_else(|| expires.is_some_and(|at| at <= now), |s| s <= 0),
        })
    }
}

impl Jar {
    /// Keeps what an answer to `url` set.
    pub fn keep<'h>(&mut self, url: &Url, headers: impl Iterator<Item = &'h str>) {
        for header in headers {
            let Ok(mut cookie) = RawCookie::parse(header.to_owned()) else { continue };
            // `Domain=.127.0.0.1` is refused by the RFC (an address has no sub-domains); servers tried on loopback send it
            // and browsers keep the cookie for the host.
            let of_address = cookie.domain().is_some_and(|d| d.trim_start_matches('.').parse::<IpAddr>().is_ok());
            if of_address && matches!(url.host(), Some(Host::Ipv4(_) | Host::Ipv6(_))) {
                cookie.unset_domain();
            }
            let _ = self.store.insert_raw(&cookie, url);
        }
    }

    /// The `Cookie` header for a request.
    #[must_use]
    pub fn header(&self, url: &Url) -> Option<String> {
        let all: Vec<String> = self.store.get_request_values(url).map(|(n, v)| format!("{n}={v}")).collect();
        (!all.is_empty()).then(|| all.join("; "))
    }

    /// Whether a cookie of that name would be sent to `url`.
    #[must_use]
    pub fn holds(&self, url: &Url, name: &str) -> bool {
        self.store.get_request_values(url).any(|(n, _)| n == name)
    }

    /// Puts a cookie there by hand: a session imported from a real browser.
    pub fn put(&mut self, url: &Url, name: &str, value: &str) {
        let _ = self.store.insert_raw(&RawCookie::new(name.to_owned(), value.to_owned()), url);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).expect("url")
    }

    #[test]
    fn a_dotted_loopback_domain_is_survived() {
        let mut jar = Jar::default();
        let here = url("https://127.0.0.1:8443/cas/login");
        jar.keep(&here, ["TGC=a; Domain=.127.0.0.1; Path=/cas; Secure; HttpOnly", "b=c; Path=/"].into_iter());
        assert!(jar.holds(&here, "TGC") && jar.holds(&here, "b"));
        assert!(!jar.holds(&url("https://127.0.0.1:8443/"), "TGC"), "the path is respected");
        jar.keep(&url("https://ent.example/"), ["s=t; Secure"].into_iter());
        assert!(!jar.holds(&url("http://ent.example/"), "s"), "a secure cookie stays on TLS");
        assert_eq!(jar.header(&url("https://other.example/")), None);
        jar.keep(&here, ["TGC=; Path=/cas; Max-Age=0"].into_iter());
        assert!(!jar.holds(&here, "TGC"));
    }

    #[test]
    fn a_header_is_described() {
        let c = SetCookie::parse("TGC=TGC-1; Path=/cas; Secure; HttpOnly; SameSite=Lax; Expires=Thu, 01 Jan 1970 00:00:00 GMT", 10)
            .expect("cookie");
        assert_eq!((c.secure, c.http_only, c.same_site.as_deref(), c.cleared, c.expires), (true, true, Some("lax"), true, true));
        assert!(!SetCookie::parse("a=b", 10).expect("cookie").cleared);
        assert_eq!(SetCookie::parse("=", 10), None);
    }
}
