//! What a transcript may hold: tickets, cookies, passwords and everything that is known of a person are replaced by letters of
//! the same shape, always the same for the same text, so that a replay gives the same facts and nobody learns anything.
//!
//! Two nets, so that one hole is not a leak: what is known to be secret is replaced wherever it is; and after a login, every text
//! of every answer is, whatever it is, but for what belongs to the protocols.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use regex::Regex;
use sha2::Sha256;
use url::Url;
use url::form_urlencoded;

/// Parameters whose value is never written, in addresses and forms.
const SECRET: &[&str] = &[
    "ticket",
    "pgt",
    "pgtid",
    "pgtiou",
    "samlart",
    "samlresponse",
    "samlrequest",
    "relaystate",
    "lt",
    "execution",
    "csrfmiddlewaretoken",
    "csrf_token",
    "csrf",
    "_csrf",
    "password",
    "passwd",
    "pass",
    "motdepasse",
    "username",
    "user",
    "login",
    "email",
    "j_username",
    "j_password",
    "identifiant",
    "code",
    "state",
    "token",
    "access_token",
    "id_token",
    "session",
    "sessionid",
    "jsessionid",
    "sid",
];

/// Words of the protocols: kept in what is otherwise replaced.
static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"(?x)^(
          | yes | no | true | false | null | OK | N | O
          | [A-Z]{2,}(_[A-Z]+)+                                   # INVALID_TICKET
          | National_[A-Za-z0-9]{1,4}
          | [0-9]{7}[A-Z]                                         # UAI
          | [0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+Zz-]+               # instants
          | urn:[a-z:A-Z0-9_.-]+ | saml1?p?:[A-Za-z]+ | @NOT_USED@ | (https?://[^\s/@?\#]+/?)
        )$",
    )
    .ok()
});

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^([0-9]{2}/[0-9]{2}/[0-9]{4}|[0-9]{4}-[0-9]{2}-[0-9]{2})$").ok());

/// Attributes of mark-up whose value tells structure: kept, secrets apart.
const KEPT_ATTRIBUTES: &[&str] = &[
    "name",
    "type",
    "method",
    "action",
    "href",
    "src",
    "rel",
    "class",
    "id",
    "for",
    "http-equiv",
    "autocomplete",
    "integrity",
    "code",
    "lang",
    "charset",
    "xml:lang",
    "version",
    "encoding",
    "hidden",
    "required",
    "checked",
    "crossorigin",
    "role",
    "enctype",
    "accept-charset",
    "format",
    "issueinstant",
    "notbefore",
    "notonorafter",
    "majorversion",
    "minorversion",
    "authenticationmethod",
    "authenticationinstant",
    "attributenamespace",
    "attributename",
    "recipient",
    "issuer",
];

/// Replaces what must not be written.
pub struct Redactor {
    key: [u8; 32],
    secrets: BTreeSet<String>,
}

impl Redactor {
    /// Under a key of this audit.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key, secrets: BTreeSet::new() }
    }

    /// Says that a text is written nowhere. One or two letters cannot be told from any others: those are left to the other net.
    pub fn conceal(&mut self, secret: &str) {
        if secret.chars().count() > 2 {
            self.secrets.insert(secret.to_owned());
            let escaped: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            self.secrets.insert(escaped);
        }
    }

    /// Conceals the value of a `Set-Cookie`; the protocols' own words apart.
    pub fn cookie(&mut self, header: &str) {
        if let Some((_, value)) = header.split(';').next().and_then(|pair| pair.split_once('=')) {
            let value = value.trim().trim_matches('"');
            if value.len() > 5 {
                self.conceal(value);
            }
        }
    }

    /// Something of the same shape: letters for letters, digits for digits, in the same case, accents lost; the rest as it is.
    fn surrogate(&self, text: &str) -> String {
        if KNOWN.as_ref().is_some_and(|known| known.is_match(text)) {
            return text.to_owned();
        }
        if DATE.as_ref().is_some_and(|date| date.is_match(text)) {
            return if text.contains('/') { "01/01/2000".to_owned() } else { "2000-01-01".to_owned() };
        }
        let prefix = ["ST-", "PT-", "PGT-", "PGTIOU-", "TGC-", "TGT-", "LT-"].into_iter().find(|p| text.starts_with(p)).unwrap_or("");
        let mut stream = Stream::new(&self.key, text);
        let shaped = text[prefix.len()..].chars().map(|c| match c {
            '0'..='9' => char::from(b'0' + stream.next() % 10),
            c if c.is_uppercase() => char::from(b'A' + stream.next() % 26),
            c if c.is_alphabetic() => char::from(b'a' + stream.next() % 26),
            c => c,
        });
        prefix.chars().chain(shaped).collect()
    }

    /// Replaces the secrets of a text, wherever they are.
    fn known(&self, text: &str) -> String {
        // The longest first: one secret may hold another.
        let mut all: Vec<&String> = self.secrets.iter().filter(|s| text.contains(s.as_str())).collect();
        all.sort_unstable_by_key(|s| std::cmp::Reverse(s.len()));
        all.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), &self.surrogate(secret)))
    }

    fn parameters(&self, query: &str) -> String {
        self.rewritten(query, &|secret| self.surrogate(secret))
    }

    /// An address to be read by a person: secrets are not imitated but left out.
    #[must_use]
    pub fn brief(&self, url: &str) -> String {
        let url = url.split('#').next().unwrap_or_default();
        let Some((before, query)) = url.split_once('?') else { return self.known(&self.path(url)) };
        let left_out = |secret: &str| match secret.split_once('-') {
            Some((prefix @ ("ST" | "PT" | "PGT" | "PGTIOU"), _)) => format!("{prefix}-…"),
            _ => "…".to_owned(),
        };
        let query = self.rewritten(query, &left_out).replace("%E2%80%A6", "…");
        let cut: String = query.chars().take(300).collect();
        let more = if cut.len() < query.len() { "…" } else { "" };
        format!("{}?{cut}{more}", self.known(&self.path(before)))
    }

    fn rewritten(&self, query: &str, secret: &dyn Fn(&str) -> String) -> String {
        let mut out = form_urlencoded::Serializer::new(String::new());
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let lower = name.to_ascii_lowercase();
            // Tickets that we made up are evidence, not secrets.
            let ours = value.contains("conforment");
            let shown = match SECRET.contains(&lower.as_str()) && !ours {
                true => secret(&value),
                // An address inside an address: `service=https://…?ticket=…`.
                false if value.contains("://") => self.url(&value),
                false => self.known(&value),
            };
            out.append_pair(&name, &shown);
        }
        out.finish()
    }

    /// An address.
    #[must_use]
    pub fn url(&self, url: &str) -> String {
        let (before, rest) = url.split_once('?').map_or((url, None), |(b, r)| (b, Some(r)));
        let Some(rest) = rest else { return self.known(&self.path(url)) };
        let (query, fragment) = rest.split_once('#').map_or((rest, None), |(q, f)| (q, Some(f)));
        let mut out = format!("{}?{}", self.known(&self.path(before)), self.parameters(query));
        if let Some(fragment) = fragment {
            out.push('#');
            out.push_str(&self.known(fragment));
        }
        out
    }

    /// `;jsessionid=…` in a path.
    fn path(&self, path: &str) -> String {
        let Some((before, session)) = path.split_once(";jsessionid=") else { return path.to_owned() };
        format!("{before};jsessionid={}", self.surrogate(session))
    }

    /// Headers.
    pub(super) fn headers(&self, headers: &[(String, String)]) -> Vec<(String, String)> {
        let shown = |(name, value): &(String, String)| {
            let value = match name.to_ascii_lowercase().as_str() {
                "set-cookie" => match value.split_once('=') {
                    Some((cookie, rest)) => {
                        let (content, attributes) = rest.split_once(';').map_or((rest, ""), |(c, a)| (c, a));
                        let separator = if rest.contains(';') { ";" } else { "" };
                        format!("{cookie}={}{separator}{attributes}", self.surrogate(content))
                    }
                    None => self.surrogate(value),
                },
                "cookie" | "authorization" | "proxy-authorization" => return None,
                "location" | "refresh" | "referer" => self.url(value),
                _ => self.known(value),
            };
            Some((name.clone(), value))
        };
        headers.iter().filter_map(shown).collect()
    }

    /// The body of a request: a form, or a document.
    pub(super) fn form(&self, body: &str) -> String {
        if body.starts_with('<') {
            self.body(body, true)
        } else if body.contains('=') {
            self.parameters(body)
        } else {
            self.known(body)
        }
    }

    /// The body of an answer; `private` when it may speak of somebody.
    #[must_use]
    pub fn body(&self, body: &str, private: bool) -> String {
        let known = self.known(body);
        if !private {
            return known;
        }
        match known.trim_start().chars().next() {
            Some('<') => self.markup(&known),
            Some('{' | '[') => match serde_json::from_str(&known) {
                Ok(value) => self.json(value).to_string(),
                Err(_) => self.words(&known),
            },
            _ => self.words(&known),
        }
    }

    fn json(&self, value: serde_json::Value) -> serde_json::Value {
        use serde_json::Value;
        match value {
            Value::String(text) => Value::String(self.words(&text)),
            Value::Array(all) => Value::Array(all.into_iter().map(|v| self.json(v)).collect()),
            Value::Object(all) => Value::Object(all.into_iter().map(|(k, v)| (k, self.json(v))).collect()),
            Value::Number(n) if n.to_string().len() > 2 => self.surrogate(&n.to_string()).parse().map_or(Value::Null, Value::Number),
            other => other,
        }
    }

    /// Every word of a text, the spaces kept.
    fn words(&self, text: &str) -> String {
        if text.contains("://") && Url::parse(text.trim()).is_ok() {
            return self.url(text);
        }
        text.split_inclusive(char::is_whitespace)
            .map(|word| {
                let bare = word.trim_end();
                self.surrogate(bare) + &word[bare.len()..]
            })
            .collect()
    }

    /// Mark-up: tags stay, with the attributes that tell structure; texts and other values are replaced. Lenient on purpose: what
    /// is not well-formed is replaced too.
    fn markup(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find('<') {
            out.push_str(&self.text(&rest[..at]));
            rest = &rest[at..];
            let Some(end) = rest.find('>') else { break };
            let tag = &rest[..=end];
            if tag.starts_with("<!--") {
                let end = rest.find("-->").map_or(rest.len(), |e| e + 3);
                out.push_str("<!-- -->");
                rest = &rest[end..];
                continue;
            }
            out.push_str(&self.tag(tag));
            rest = &rest[end + 1..];
        }
        if rest.starts_with('<') {
            // A tag that does not end: its name only.
            let name = rest.find(|c: char| c.is_whitespace()).map_or(rest, |e| &rest[..e]);
            out.push_str(name);
        } else {
            out.push_str(&self.text(rest));
        }
        out
    }

    /// A text between tags; entities stay as they are.
    fn text(&self, text: &str) -> String {
        text.split_inclusive('&')
            .enumerate()
            .map(|(rank, piece)| match piece.find(';').filter(|at| rank > 0 && *at < 10) {
                Some(at) => format!("{}{}", &piece[..=at], self.words(&piece[at + 1..])),
                None => self.words(piece),
            })
            .collect()
    }

    fn tag(&self, tag: &str) -> String {
        static ATTRIBUTE: LazyLock<Option<Regex>> =
            LazyLock::new(|| Regex::new(r#"(?s)([A-Za-z_:][-A-Za-z0-9_:.]*)(\s*=\s*)("[^"]*"|'[^']*'|[^\s"'>]+)"#).ok());
        let Some(attribute) = ATTRIBUTE.as_ref() else { return "<?>".to_owned() };
        let replaced = attribute.replace_all(tag, |found: &regex::Captures<'_>| {
            let (name, value) = (&found[1], &found[3]);
            let lower = name.to_ascii_lowercase();
            let (quote, bare) = match value.chars().next() {
                Some(q @ ('"' | '\'')) => (q.to_string(), &value[1..value.len() - 1]),
                _ => (String::new(), value),
            };
            let shown = match lower.as_str() {
                "action" | "href" | "src" => self.url(&bare.replace("&amp;", "&")).replace('&', "&amp;"),
                _ if lower.starts_with("xmlns") || lower.starts_with("xsi:") || KEPT_ATTRIBUTES.contains(&lower.as_str()) => {
                    self.known(bare)
                }
                _ => self.words(bare),
            };
            format!("{name}{}{quote}{shown}{quote}", &found[2])
        });
        replaced.into_owned()
    }
}

/// Bytes that depend on a key and a text only.
struct Stream {
    key: [u8; 32],
    block: Vec<u8>,
    at: usize,
}

impl Stream {
    fn new(key: &[u8; 32], text: &str) -> Self {
        Self { key: *key, block: digest(key, text.as_bytes()), at: 0 }
    }

    fn next(&mut self) -> u8 {
        if self.at == self.block.len() {
            self.block = digest(&self.key, &self.block);
            self.at = 0;
        }
        let byte = self.block.get(self.at).copied().unwrap_or_default();
        self.at += 1;
        byte
    }
}

fn digest(key: &[u8; 32], bytes: &[u8]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return vec![0; 32] };
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redactor() -> Redactor {
        Redactor::new([7; 32])
    }

    #[test]
    fn tickets_keep_their_shape() {
        let r = redactor();
        let url = r.url("https://app.example/x?a=b&ticket=ST-12-aBcD");
        assert!(url.starts_with("https://app.example/x?a=b&ticket=ST-"), "{url}");
        assert!(!url.contains("aBcD") && url.len() == "https://app.example/x?a=b&ticket=ST-12-aBcD".len(), "{url}");
        assert_eq!(url, r.url("https://app.example/x?a=b&ticket=ST-12-aBcD"), "always the same");
        assert_ne!(url, Redactor::new([8; 32]).url("https://app.example/x?a=b&ticket=ST-12-aBcD"), "another audit, other letters");
        let nested = r.url("https://cas.example/login?service=https%3A%2F%2Fapp.example%2F%3Fticket%3DST-secret");
        assert!(!nested.contains("secret"), "{nested}");
    }

    #[test]
    fn what_a_person_reads_has_no_imitation_of_a_secret() {
        let brief =
            redactor().brief("https://cas.example/serviceValidate?service=https%3A%2F%2Fapp.example%2F&ticket=ST-12-aBcD&pgt=PGT-x");
        assert_eq!(brief, "https://cas.example/serviceValidate?service=https%3A%2F%2Fapp.example%2F&ticket=ST-…&pgt=PGT-…");
        assert!(brief.len() < 500 && redactor().brief(&format!("https://a.example/?x={}", "y".repeat(5000))).chars().count() < 400);
    }

    #[test]
    fn an_answer_about_somebody_says_nothing_of_them() {
        let r = redactor();
        let body = r#"<cas:serviceResponse xmlns:cas="http://www.yale.edu/tp/cas"><cas:authenticationSuccess><cas:user>zoe.dupont</cas:user>
            <cas:attributes><cas:isFromNewLogin>true</cas:isFromNewLogin><cas:naissance>12/03/2011</cas:naissance><cas:nom>Dupont &amp; Fils</cas:nom>
            <cas:attribute name="uid" value="zoe"/><cas:profil>National_ELV</cas:profil><cas:uai>0990001N</cas:uai></cas:attributes>"#;
        let shown = r.body(body, true);
        for hidden in ["zoe", "dupont", "Dupont", "Fils", "12/03/2011"] {
            assert!(!shown.contains(hidden), "{hidden} in {shown}");
        }
        for kept in
            ["http://www.yale.edu/tp/cas", "<cas:user>", ">true<", ">01/01/2000<", "&amp;", "name=\"uid\"", "National_ELV", "0990001N"]
        {
            assert!(shown.contains(kept), "{kept} not in {shown}");
        }
        assert!(!r.body("yes\nzoe.dupont\n", true).contains("zoe") && r.body("yes\nzoe\n", true).starts_with("yes\n"));
        let json = r.body(r#"{"serviceResponse":{"authenticationSuccess":{"user":"zoe","attributes":{"n":["Dupont"]}}}}"#, true);
        assert!(json.contains("authenticationSuccess") && !json.contains("zoe") && !json.contains("Dupont"), "{json}");
    }

    #[test]
    fn what_is_known_to_be_secret_is_written_nowhere() {
        let mut r = redactor();
        r.conceal("m0t de passe");
        r.cookie("TGC=TGC-abcdef; Path=/");
        for text in ["x m0t de passe y", "p=m0t+de+passe&q", "TGC-abcdef"] {
            let shown = r.body(text, false);
            assert!(!shown.contains("passe") && !shown.contains("abcdef"), "{shown}");
        }
        let headers = [("set-cookie".to_owned(), "a=secret; Path=/; HttpOnly".to_owned()), ("cookie".to_owned(), "a=secret".to_owned())];
        let shown = r.headers(&headers);
        assert_eq!(shown.len(), 1);
        assert!(shown[0].1.ends_with("; Path=/; HttpOnly") && !shown[0].1.contains("secret"), "{shown:?}");
    }

    #[test]
    fn nothing_is_taken_for_mark_up_that_is_not() {
        let r = redactor();
        for odd in ["<", "<a", "<a b='", "a<b", "<!-- Zoé", "&amp", "<a b=Zoé>Zoé</a>", "<p title=\"Zoé\">"] {
            assert!(!r.body(odd, true).contains("Zoé"), "{odd}");
        }
    }
}
