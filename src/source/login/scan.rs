//! What is read in the text of a page: known words, redirections of scripts, `Refresh`, encoding.
//!
//! Must keep nothing of the text.

use std::sync::LazyLock;

use encoding_rs::{Encoding, UTF_8};
use regex::Regex;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use url::Url;

use crate::source::probe::http::Answer;

/// Addresses given to `location`; an address that is computed is not read.
static JUMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r#"(?x)(?:^|[^\w.$]) (?:(?:window|document|self|top|parent)\s*\.\s*){0,2} location
        (?: \s*(?:\.\s*href)?\s*=\s* | \s*\.\s*(?:replace|assign)\s*\(\s* )
        (?: "([^"\\\s<>]+)" | '([^'\\\s<>]+)' ) \s* (?:[;)}\n\r]|$)"#,
    )
    .ok()
});

/// A `charset` in the head of a page.
static CHARSET: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)<meta[^>]{0,200}charset\s*=\s*["']?\s*([a-z0-9_:-]{2,40})"#).ok());

/// In lower case, without accents, blanks made one.
pub(super) fn plain(text: &str) -> String {
    let folded: String = text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
    folded.replace('\u{2019}', "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn says(text: &str, words: &[&str]) -> bool {
    words.iter().any(|w| text.contains(w))
}

pub(super) fn captcha(text: &str) -> bool {
    says(text, &["captcha", "challenges.cloudflare.com", "je ne suis pas un robot", "not a robot"])
}

pub(super) fn code(text: &str) -> bool {
    let said = &[
        "code de verification",
        "code de securite",
        "code a usage unique",
        "code recu par",
        "double authentification",
        "verification code",
        "one-time code",
        "one time password",
        "authenticator",
    ];
    says(text, said) || text.split(|c: char| !c.is_alphanumeric()).any(|w| matches!(w, "otp" | "totp"))
}

pub(super) fn terms(text: &str) -> bool {
    let what = says(text, &["conditions generales", "conditions d'utilisation", "charte", "terms of use", "terms and conditions"]);
    what && says(text, &["accepte", "acceptez", "j'ai lu", "accept"])
}

pub(super) fn failure(text: &str) -> bool {
    let said = &[
        "incorrect",
        "invalide",
        "invalid",
        "errone",
        "non autorise",
        "not authorized",
        "not authorised",
        "unauthorized",
        "acces refuse",
        "access denied",
        "service inconnu",
        "une erreur",
        "an error",
        "echec de",
    ];
    says(text, said)
}

/// Addresses that a script sends the browser to.
pub(super) fn jumps(script: &str) -> Vec<String> {
    let Some(jump) = JUMP.as_ref() else { return Vec::new() };
    let found = jump.captures_iter(script).take(20);
    found.filter_map(|c| c.get(1).or(c.get(2))).filter(|m| m.len() <= 4096).map(|m| m.as_str().replace("&amp;", "&")).collect()
}

/// `5; url=/next`. One with no address reloads the page: it leads nowhere.
pub(super) fn refresh(content: &str, base: &Url) -> Option<(u32, Url)> {
    let (delay, rest) = content.split_once([';', ','])?;
    let delay = delay.trim().split('.').next()?.parse().ok()?;
    let rest = rest.trim();
    let to = match rest.get(..3) {
        Some(head) if head.eq_ignore_ascii_case("url") => rest[3..].trim_start().strip_prefix('=')?.trim(),
        _ => rest,
    };
    let url = base.join(to.trim_matches(['"', '\'']).trim()).ok()?;
    matches!(url.scheme(), "http" | "https").then_some((delay, url))
}

/// Encoding of an answer: byte order mark, header, `meta`, else UTF-8.
pub(super) fn encoding(answer: &Answer) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(&answer.body) {
        return encoding;
    }
    if let Some(encoding) = answer.charset().and_then(|label| Encoding::for_label(label.as_bytes())) {
        return encoding;
    }
    let head = String::from_utf8_lossy(&answer.body[..answer.body.len().min(2048)]);
    let found = CHARSET.as_ref().and_then(|c| c.captures(&head)).and_then(|c| Encoding::for_label(c[1].as_bytes()));
    found.unwrap_or(UTF_8).output_encoding()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirections_of_scripts_are_read_when_they_are_plain() {
        assert_eq!(jumps("window.location.href = \"/a?b=c\";"), ["/a?b=c"]);
        assert_eq!(jumps("location.replace('https://ent.example/x')"), ["https://ent.example/x"]);
        assert_eq!(jumps("top.location='/y'\n document.location.assign(\"z\");"), ["/y", "z"]);
        for none in ["location = '/a' + token;", "var mylocation = '/a';", "x.relocation.href='/a';", "location == '/a';"] {
            assert!(jumps(none).is_empty(), "{none}");
        }
    }

    #[test]
    fn a_refresh_is_read_leniently() {
        let base = Url::parse("https://ent.example/a/").expect("url");
        let to = |c: &str| refresh(c, &base).map(|(d, u)| (d, u.to_string()));
        assert_eq!(to("0; URL='b'"), Some((0, "https://ent.example/a/b".to_owned())));
        assert_eq!(to("3,https://x.example/"), Some((3, "https://x.example/".to_owned())));
        assert_eq!(to("600"), None);
        assert_eq!(to("0;url=javascript:alert(1)"), None);
    }

    #[test]
    fn words_are_known_whatever_the_accents() {
        assert!(code(&plain("Saisissez le code de vérification")) && !code(&plain("Mot de passe oublié ? Hôtpital")));
        assert!(terms(&plain("J’accepte les conditions générales")) && !terms(&plain("Conditions générales")));
        assert!(failure(&plain("Identifiant ou mot de passe erroné")) && !failure(&plain("Bienvenue")));
    }
}
