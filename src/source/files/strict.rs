//! What XML asks for and quick-xml lets through: forbidden characters, the XML declaration, comments, instructions,
//! attributes. A reader that stops at such a fault reads nothing of the file, so none may pass.
//!
//! Looks at what is rare in a sound file, but for one pass over the bytes. Must never interpret what it looks at.

use std::sync::LazyLock;

use memchr::{memchr, memmem};
use regex::bytes::Regex;

use super::encoding::{Encoding, each_control};

/// Whether XML 1.0 forbids a character, as such or by reference (its production Char).
#[must_use]
pub fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// Calls `found` with the place of each character that XML forbids.
pub fn each_forbidden(text: &str, mut found: impl FnMut(usize)) {
    let bytes = text.as_bytes();
    each_control(bytes, &mut found);
    // U+FFFE and U+FFFF.
    memmem::find_iter(bytes, b"\xEF\xBF").filter(|at| matches!(bytes.get(at + 2), Some(0xBE | 0xBF))).for_each(found);
}

/// Whether the file says it is in the encoding of ASCII, which the tool reads as UTF-8.
#[must_use]
pub fn says_ascii(label: Option<&str>) -> bool {
    label.is_some_and(|l| ["us-ascii", "ascii"].iter().any(|a| l.eq_ignore_ascii_case(a)) && Encoding::declared(l) == Encoding::Utf8)
}

/// Whether that is an XML declaration, without `<?` and `?>`.
#[must_use]
pub fn is_declaration(text: &[u8]) -> bool {
    static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let form = r#"^xml S+version S*= S*("1\.[0-9]+"|'1\.[0-9]+')( S+encoding S*= S*("E"|'E'))?( S+standalone S*= S*("(yes|no)"|'(yes|no)'))? S*$"#;
        Regex::new(&form.replace('E', "[A-Za-z][A-Za-z0-9._-]*").replace(" S", "[ \\t\\r\\n]")).ok()
    });
    FORM.as_ref().is_some_and(|form| form.is_match(text))
}

/// Whether that may be the content of a comment.
#[must_use]
pub fn is_comment(text: &[u8]) -> bool {
    !text.ends_with(b"-") && memmem::find(text, b"--").is_none()
}

/// Whether that may be the target of a processing instruction.
#[must_use]
pub fn is_target(name: &[u8]) -> bool {
    is_name(name) && !name.eq_ignore_ascii_case(b"xml")
}

/// Whether that is a name, as far as ASCII goes.
fn is_name(name: &[u8]) -> bool {
    let start = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'_' | b':') || b >= 0x80;
    name.first().is_some_and(|b| start(*b)) && name.iter().all(|b| start(*b) || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

/// What the references of an attribute value are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum References {
    /// All are known.
    Sound,
    /// One is to an entity that nothing declares.
    Undeclared,
    /// One is nothing that XML allows.
    Broken,
}

/// The same.
#[must_use]
pub fn references(value: &[u8]) -> References {
    let mut rest = value;
    let mut worst = References::Sound;
    while let Some(at) = memchr(b'&', rest) {
        let Some(end) = memchr(b';', &rest[at..]) else { return References::Broken };
        match &rest[at + 1..at + end] {
            b"amp" | b"lt" | b"gt" | b"quot" | b"apos" => {}
            [b'#', number @ ..] if character(number).is_some_and(|c| !is_forbidden(c)) => {}
            name if is_name(name) => worst = References::Undeclared,
            _ => return References::Broken,
        }
        rest = &rest[at + end + 1..];
    }
    worst
}

fn character(number: &[u8]) -> Option<char> {
    let (digits, base) = number.strip_prefix(b"x").map_or((number, 10), |hex| (hex, 16));
    let digits = std::str::from_utf8(digits).ok().filter(|d| !d.starts_with('+'))?;
    char::from_u32(u32::from_str_radix(digits, base).ok()?)
}

/// The attributes of a start tag, given what follows the name; `None` when they are not written as XML asks.
#[must_use]
pub fn attributes(mut rest: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut all: Vec<(&[u8], &[u8])> = Vec::new();
    loop {
        let after = blanks(rest);
        if after.is_empty() {
            return Some(all);
        }
        if after.len() == rest.len() {
            return None;
        }
        let name = &after[..memchr(b'=', after)?];
        rest = blanks(&after[name.len() + 1..]);
        let name = name.trim_ascii_end();
        let quote = *rest.first().filter(|b| matches!(b, b'"' | b'\''))?;
        let end = memchr(quote, &rest[1..])?;
        if !is_name(name) || all.iter().any(|(known, _)| *known == name) {
            return None;
        }
        all.push((name, &rest[1..=end]));
        rest = &rest[end + 2..];
    }
}

fn blanks(text: &[u8]) -> &[u8] {
    let blank = text.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')).count();
    &text[blank..]
}

/// A text with the ends of lines that XML gives it; `None` when they are already.
#[must_use]
pub fn lines(text: &str) -> Option<String> {
    memchr(b'\r', text.as_bytes()).map(|_| text.replace("\r\n", "\n").replace('\r', "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn declarations_comments_and_targets() {
        for yes in ["xml version=\"1.0\"", "xml version = '1.0'  encoding='UTF-8' standalone=\"yes\" ", "xml\nversion='1.1'"] {
            assert!(is_declaration(yes.as_bytes()), "{yes}");
        }
        for no in
            ["xml", "xml encoding='UTF-8'", "xml version='1.0'encoding='a'", "xml version=1.0", "xml version='2.0'", "xml version='1.0\""]
        {
            assert!(!is_declaration(no.as_bytes()), "{no}");
        }
        assert!(is_comment(b" a - b ") && is_comment(b"") && !is_comment(b"a--b") && !is_comment(b"a-"));
        assert!(is_target(b"xml-stylesheet") && is_target("é".as_bytes()) && !is_target(b"XML") && !is_target(b"") && !is_target(b"1"));
    }

    #[test]
    fn attributes_as_xml_asks() {
        let read = |text: &'static str| attributes(text.as_bytes()).map(|all| all.len());
        assert_eq!((read(" a='1'\n b = \"'\" "), read(""), read(" ")), (Some(2), Some(0), Some(0)));
        for no in [" a=1", " a", " a='1'b='2'", "a='1'", " a='1' a='2'", " a='", " ='1'", " 1='1'", " a='1'/"] {
            assert_eq!(read(no), None, "{no}");
        }
        assert_eq!(references(b"a&amp;&#233;&#x41;"), References::Sound);
        assert_eq!(references(b"&eacute;&lt;"), References::Undeclared);
        for no in ["&", "&;", "&#0;", "&#xD800;", "&#;", "&#+1;", "& ;"] {
            assert_eq!(references(no.as_bytes()), References::Broken, "{no}");
        }
    }

    #[test]
    fn forbidden_characters_and_ends_of_lines() {
        let mut all = Vec::new();
        each_forbidden("a\u{1}\u{7F}\u{85}\u{FFFD}\u{FFFE}\t\u{FFFF}\0", |at| all.push(at));
        assert_eq!(all, [1, 15, 8, 12]);
        assert_eq!((lines("a\nb"), lines("a\r\nb\rc").as_deref()), (None, Some("a\nb\nc")));
        assert!(says_ascii(Some("US-ASCII")) && !says_ascii(Some("UTF-8")) && !says_ascii(None));
    }
}
