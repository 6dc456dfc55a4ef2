//! The form under which two writings of one name, or of one value, are equal.
//!
//! Nearly all names are plain ASCII without escapes, and lower case is all their normal form asks for: they are read in one
//! pass and copied nowhere but to the stack. Must give what [`Dn::normal`] gives, whichever way it goes.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::{Ava, Dn, MAX_RDNS};

/// Short names of the types that have a long one as well (RFC 4519).
const ALIASES: &[(&str, &str)] = &[
    ("commonname", "cn"),
    ("countryname", "c"),
    ("domaincomponent", "dc"),
    ("localityname", "l"),
    ("organizationname", "o"),
    ("organizationalunitname", "ou"),
    ("stateorprovincename", "st"),
    ("streetaddress", "street"),
    ("surname", "sn"),
    ("userid", "uid"),
];
/// The same types by their numbers: a name may be written with them (RFC 4514).
const NUMBERS: &[(&str, &str)] = &[
    ("2.5.4.3", "cn"),
    ("2.5.4.4", "sn"),
    ("2.5.4.6", "c"),
    ("2.5.4.7", "l"),
    ("2.5.4.8", "st"),
    ("2.5.4.9", "street"),
    ("2.5.4.10", "o"),
    ("2.5.4.11", "ou"),
    ("0.9.2342.19200300.100.1.1", "uid"),
    ("0.9.2342.19200300.100.1.25", "dc"),
];
/// No long name is as short as this.
const SHORT: usize = 5;
/// Names up to this length are put in lower case on the stack.
const ON_STACK: usize = 256;

/// The type under which names are compared.
fn normal_type(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let known = ALIASES.iter().chain(NUMBERS).find(|(long, _)| *long == lower);
    known.map_or(lower, |(_, short)| (*short).to_owned())
}

/// A value as it is compared: compatibility forms and case folded, spaces collapsed and trimmed.
#[must_use]
pub fn normal_value(value: &str) -> Cow<'_, str> {
    match is_tidy(value.as_bytes()) {
        Some(true) => return Cow::Borrowed(value),
        Some(false) => return Cow::Owned(value.to_ascii_lowercase()),
        None => {}
    }
    let mut out = String::with_capacity(value.len());
    let mut put = |c: char| match c {
        // What RFC 4518 maps to nothing.
        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}' => {}
        c if c.is_control() && !c.is_whitespace() => {}
        // Letters that case folding brings together and lower case does not.
        'ß' | 'ẞ' => out.push_str("ss"),
        'ς' => out.push('σ'),
        c if c.is_whitespace() && (out.is_empty() || out.ends_with(' ')) => {}
        c if c.is_whitespace() => out.push(' '),
        c => out.extend(c.to_lowercase()),
    };
    if value.is_ascii() {
        value.chars().for_each(&mut put);
    } else {
        value.nfkc().for_each(&mut put);
        // Lower case may undo the composition of some letters.
        out = out.nfkc().collect();
    }
    out.truncate(out.trim_end_matches(' ').len());
    Cow::Owned(out)
}

/// Whether a value is ASCII without controls, its spaces single and between words, so that lower case alone makes it normal:
/// `Some(true)` when it is normal already. Without a branch a byte: it is asked of every value there is.
fn is_tidy(bytes: &[u8]) -> Option<bool> {
    let (mut wrong, mut upper) = (false, false);
    for byte in bytes {
        wrong |= !matches!(byte, b' '..=b'~');
        upper |= byte.is_ascii_uppercase();
    }
    wrong |= bytes.first() == Some(&b' ') || bytes.last() == Some(&b' ');
    for (byte, next) in bytes.iter().zip(bytes.iter().skip(1)) {
        wrong |= *byte == b' ' && *next == b' ';
    }
    (!wrong).then_some(!upper)
}

/// The normal form of an RDN.
pub(super) fn of_rdn(rdn: &[Ava<'_>]) -> String {
    let mut parts: Vec<String> = rdn.iter().map(|ava| format!("{}={}", normal_type(ava.name), escape(&normal_value(&ava.value)))).collect();
    parts.sort_unstable();
    parts.join("+")
}

/// Escapes that keep a normal value in one piece.
fn escape(value: &str) -> Cow<'_, str> {
    let special = |c: char| matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';' | '\0');
    if !value.contains(special) && !value.starts_with(['#', ' ']) && !value.ends_with(' ') {
        return Cow::Borrowed(value);
    }
    let (mut out, last) = (String::with_capacity(value.len() + 4), value.len().saturating_sub(1));
    for (i, c) in value.char_indices() {
        match c {
            '\0' => out.push_str("\\00"),
            c if special(c) || (i == 0 && matches!(c, '#' | ' ')) || (i == last && c == ' ') => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// The normal form of a written name, `None` when it is not one.
#[must_use]
pub fn normalised(text: &str) -> Option<Cow<'_, str>> {
    match usual(text) {
        Some(true) => Some(Cow::Borrowed(text)),
        Some(false) => Some(Cow::Owned(text.to_ascii_lowercase())),
        None => Dn::parse(text).map(|dn| Cow::Owned(dn.normal())),
    }
}

/// What `f` makes of the normal form of a written name, `None` when it is not one: without allocation for nearly all.
pub fn with_normal<R>(text: &str, f: impl FnOnce(&str) -> R) -> Option<R> {
    match usual(text) {
        Some(true) => return Some(f(text)),
        Some(false) if text.len() <= ON_STACK => {}
        Some(false) => return Some(f(&text.to_ascii_lowercase())),
        None => return Dn::parse(text).map(|dn| f(&dn.normal())),
    }
    let mut lower = [0; ON_STACK];
    let lower = &mut lower[..text.len()];
    lower.copy_from_slice(text.as_bytes());
    lower.make_ascii_lowercase();
    std::str::from_utf8(lower).ok().map(f)
}

/// Whether a text is a name.
#[must_use]
pub fn is_name(text: &str) -> bool {
    usual(text).is_some() || Dn::parse(text).is_some()
}

/// What a byte may be in a name that is written as usual.
const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const VALUE: u8 = 4;
const SPACE: u8 = 8;
static BYTES: [u8; 256] = {
    let (mut table, mut byte) = ([0; 256], 0_usize);
    while byte < 256 {
        let b = byte as u8;
        table[byte] = match b {
            _ if b.is_ascii_alphabetic() => LETTER | VALUE,
            _ if b.is_ascii_digit() => DIGIT | VALUE,
            b'-' | b'_' | b'.' | b'\'' | b'@' | b'$' | b':' | b'/' => VALUE,
            b' ' => VALUE | SPACE,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Whether a name is written so that lower case alone makes it normal: `Some(true)` when it is normal already.
fn usual(text: &str) -> Option<bool> {
    let bytes = text.as_bytes();
    let of = |at: usize, mask: u8| bytes.get(at).is_some_and(|b| BYTES[usize::from(*b)] & mask != 0);
    let (mut at, mut rdns) = (0, 0);
    loop {
        let name = at;
        while of(at, LETTER | DIGIT) {
            at += 1;
        }
        let long = at - name > SHORT && ALIASES.iter().any(|(long, _)| bytes[name..at].eq_ignore_ascii_case(long.as_bytes()));
        if long || !of(name, LETTER) || bytes.get(at) != Some(&b'=') {
            return None;
        }
        at += 1;
        let (value, mut blank) = (at, true);
        while of(at, VALUE) {
            // A single space between two words stays.
            let space = of(at, SPACE);
            if space && blank {
                return None;
            }
            blank = space;
            at += 1;
        }
        rdns += 1;
        if at == value || blank || rdns > MAX_RDNS {
            return None;
        }
        match bytes.get(at) {
            None => break,
            Some(b',') => at += 1,
            Some(_) => return None,
        }
    }
    Some(!bytes.iter().fold(false, |upper, b| upper | b.is_ascii_uppercase()))
}
