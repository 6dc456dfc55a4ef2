//! What is asked of a server and what it answers, as plain values: the same whether the exchange is live or replayed.
//!
//! Must never open a connection: [`super::Door`] does.

use std::borrow::Cow;

use encoding_rs::Encoding;
use url::Url;
use url::form_urlencoded::Serializer;

/// Methods that probes use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// OPTIONS.
    Options,
    /// TRACE.
    Trace,
}

impl Method {
    /// As written in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Options => "OPTIONS",
            Self::Trace => "TRACE",
        }
    }
}

/// A request, before the door adds its User-Agent and the cookies of the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Method.
    pub method: Method,
    /// Absolute address; a fragment is never sent.
    pub url: Url,
    /// Headers beside those of the door.
    pub headers: Vec<(String, String)>,
    /// Body, empty for none.
    pub body: Vec<u8>,
}

impl Request {
    /// A GET.
    #[must_use]
    pub fn get(url: Url) -> Self {
        Self { method: Method::Get, url, headers: Vec::new(), body: Vec::new() }
    }

    /// A form posted the way a browser does (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(url: Url, fields: &[(String, String)]) -> Self {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(url, "application/x-www-form-urlencoded", body.into_bytes())
    }

    /// A POST.
    #[must_use]
    pub fn post(url: Url, content_type: &str, body: Vec<u8>) -> Self {
        Self { method: Method::Post, url, headers: vec![("Content-Type".to_owned(), content_type.to_owned())], body }
    }

    /// Adds a header.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Number of the exchange in the transcript, from 1.
    pub exchange: u32,
    /// What was asked.
    pub url: Url,
    /// Status.
    pub status: u16,
    /// Headers in their order, names in lower case, values as ISO-8859-1 where they are not ASCII (RFC 9110, 5.5).
    pub headers: Vec<(String, String)>,
    /// Body, up to the limit of the door.
    pub body: Vec<u8>,
    /// The body was longer than the limit, or did not come to its end.
    pub cut: bool,
    /// From the request to the end of the body, in milliseconds.
    pub millis: u64,
}

impl Answer {
    /// The first header of that name (in lower case).
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All headers of that name (in lower case).
    pub fn all<'a, 'n>(&'a self, name: &'n str) -> impl Iterator<Item = &'a str> + use<'a, 'n> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// Media type of the content, in lower case and without parameters.
    #[must_use]
    pub fn media_type(&self) -> Option<String> {
        let written = self.header("content-type")?.split(';').next().unwrap_or_default().trim();
        (!written.is_empty()).then(|| written.to_ascii_lowercase())
    }

    /// Charset that the content type declares, as written.
    #[must_use]
    pub fn charset(&self) -> Option<&str> {
        let parameters = self.header("content-type")?.split(';').skip(1);
        let charset = parameters.filter_map(|p| p.split_once('=')).find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
        charset.map(|(_, value)| value.trim().trim_matches('"'))
    }

    /// The body as text: a byte order mark first, then the declared charset, else UTF-8; what cannot be read is replaced.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        let declared = self.charset().and_then(|name| Encoding::for_label(name.as_bytes()));
        declared.unwrap_or(encoding_rs::UTF_8).decode(&self.body).0
    }

    /// Where a redirection leads: `Location` resolved against the address asked. `None` without one, or when it is no address.
    #[must_use]
    pub fn location(&self) -> Option<Url> {
        let to = self.header("location").filter(|_| self.is_redirect())?;
        self.url.join(to.trim()).ok()
    }

    /// 301, 302, 303, 307 or 308.
    #[must_use]
    pub fn is_redirect(&self) -> bool {
        matches!(self.status, 301 | 302 | 303 | 307 | 308)
    }
}

/// Scheme, host and port of an address, as text: `https://ent.example:8443`.
#[must_use]
pub fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let url = Url::parse("https://ent.example/cas/login?service=x").expect("url");
        Answer { exchange: 1, url, status: 302, headers, body: body.to_vec(), cut: false, millis: 0 }
    }

    #[test]
    fn a_content_type_is_read_leniently() {
        let a = answer(&[("content-type", "Text/HTML ; Charset=\"ISO-8859-1\"")], b"\xe9l\xe8ve");
        assert_eq!((a.media_type().as_deref(), a.charset(), &*a.text()), (Some("text/html"), Some("ISO-8859-1"), "élève"));
        assert_eq!(answer(&[], "élève".as_bytes()).text(), "élève");
    }

    #[test]
    fn a_location_may_be_relative() {
        let to = |l: &str| answer(&[("location", l)], b"").location().map(|u| u.to_string());
        assert_eq!(to("/x?a=b").as_deref(), Some("https://ent.example/x?a=b"));
        assert_eq!(to("//attacker.example/").as_deref(), Some("https://attacker.example/"));
        assert_eq!(to("http://[bad"), None);
    }
}
