//! Distinguished names: read after RFC 4514 (escapes, several values in an RDN, the quoted form of LDAPv2 tolerated),
//! compared after RFC 4518 as far as the names of an ENT need it: type without case, value folded, spaces that do not
//! count removed. For comparing only: what is shown of a person is decided elsewhere.

mod normal;
mod place;

use std::borrow::Cow;

pub use normal::{is_name, normal_value, normalised, with_normal};
pub use place::{first_rdn, is_under, parent, rdns, types};

/// Most RDNs read: beyond, it is no name.
const MAX_RDNS: usize = 64;

/// One type and one value of an RDN, as written but for the escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ava<'a> {
    /// The type.
    pub name: &'a str,
    /// The value, without escapes.
    pub value: Cow<'a, str>,
}

/// The RDNs of a name, each a list of types and values. Borrows all that is written without escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dn<'a> {
    /// From the entry to the root.
    pub rdns: Vec<Vec<Ava<'a>>>,
}

impl<'a> Dn<'a> {
    /// Reads a name; `None` when it is not one. The empty text is the root.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let mut dn = Self::default();
        let mut rest = text.trim_matches(' ');
        if rest.is_empty() {
            return Some(dn);
        }
        let mut rdn = Vec::new();
        loop {
            let (ava, end, after) = ava(rest)?;
            rdn.push(ava);
            if end != Some(b'+') {
                dn.rdns.push(std::mem::take(&mut rdn));
            }
            if dn.rdns.len() > MAX_RDNS || rdn.len() > MAX_RDNS {
                return None;
            }
            if end.is_none() {
                return Some(dn);
            }
            rest = after;
        }
    }

    /// How many RDNs it has.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.rdns.len()
    }

    /// The form under which two writings of one name are equal.
    #[must_use]
    pub fn normal(&self) -> String {
        let rdns: Vec<String> = self.rdns.iter().map(|rdn| normal::of_rdn(rdn)).collect();
        rdns.join(",")
    }
}

/// A type and a value, what ends them (`,`, `;` or `+`), and what follows.
fn ava(text: &str) -> Option<(Ava<'_>, Option<u8>, &str)> {
    let equals = text.find('=')?;
    let name = text[..equals].trim_matches(' ');
    if !is_type(name) {
        return None;
    }
    let (value, end) = value(text[equals + 1..].trim_start_matches(' '))?;
    let ava = Ava { name, value };
    Some(match end.as_bytes().first() {
        None => (ava, None, ""),
        Some(separator) => (ava, Some(*separator), &end[1..]),
    })
}

/// A name (`descr`) or an OID.
fn is_type(name: &str) -> bool {
    let bytes = name.as_bytes();
    match bytes.first() {
        Some(b) if b.is_ascii_alphabetic() => bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')),
        Some(b) if b.is_ascii_digit() => name.split('.').all(|arc| !arc.is_empty() && arc.bytes().all(|b| b.is_ascii_digit())),
        _ => false,
    }
}

/// The value at the start of a text, without escapes, and the text from its separator on.
fn value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    if let Some(quoted) = text.strip_prefix('"') {
        return quoted_value(quoted);
    }
    if let Some(value) = text.strip_prefix('#').and_then(encoded_value) {
        return Some(value);
    }
    let bytes = text.as_bytes();
    let stop = bytes.iter().position(|b| matches!(b, b',' | b';' | b'+' | b'\\' | b'"' | b'<' | b'>' | 0));
    let Some(stop) = stop else { return Some((Cow::Borrowed(text.trim_end_matches(' ')), "")) };
    if !matches!(bytes[stop], b'\\') {
        return plain(text, stop);
    }
    let (mut out, mut at) = (text.as_bytes()[..stop].to_vec(), stop);
    // Spaces that are written with an escape count; the others at the end do not.
    let mut kept = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => {
                let (byte, len) = escaped(&bytes[at + 1..])?;
                out.push(byte);
                kept = out.len();
                at += 1 + len;
            }
            b',' | b';' | b'+' => break,
            b'"' | b'<' | b'>' | 0 => return None,
            byte => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    while out.len() > kept && out.last() == Some(&b' ') {
        out.pop();
    }
    Some((Cow::Owned(String::from_utf8(out).ok()?), &text[at..]))
}

fn plain(text: &str, stop: usize) -> Option<(Cow<'_, str>, &str)> {
    matches!(text.as_bytes()[stop], b',' | b';' | b'+').then(|| (Cow::Borrowed(text[..stop].trim_end_matches(' ')), &text[stop..]))
}

/// `"…"` of RFC 2253 and before.
fn quoted_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let (bytes, mut out, mut at) = (text.as_bytes(), Vec::new(), 0);
    loop {
        match bytes.get(at)? {
            b'"' => break,
            b'\\' => {
                let (byte, len) = escaped(&bytes[at + 1..])?;
                out.push(byte);
                at += 1 + len;
            }
            byte => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    let rest = text[at + 1..].trim_start_matches(' ');
    let ends = rest.is_empty() || rest.starts_with([',', ';', '+']);
    Some((Cow::Owned(String::from_utf8(out).ok().filter(|_| ends)?), rest))
}

/// Whether a type is that which groups are named by.
#[must_use]
pub fn is_common_name(name: &str) -> bool {
    ["cn", "commonName"].iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// The code of a class or group in the name of its entry, after the number of the school and what separates them:
/// `cn=19990001400017_6A,ou=groupes,dc=ent` and `cn=19990001400017$6A,ou=classes,ou=groupes,dc=ent$SCONET` give `6A`
/// (annuaire-ldap.md §4.1). `None` where the name has no such form.
#[must_use]
pub fn group_code(text: &str) -> Option<Cow<'_, str>> {
    let (ava, end, _) = ava(text.trim_start_matches(' '))?;
    let named = is_common_name(ava.name) && end == Some(b',');
    let at = ava
        .value
        .find(['_', '$'])
        .filter(|at| named && ava.value[..*at].len() >= 8 && ava.value[..*at].bytes().all(|b| b.is_ascii_alphanumeric()))?;
    let code = match ava.value {
        Cow::Borrowed(value) => Cow::Borrowed(&value[at + 1..]),
        Cow::Owned(mut value) => Cow::Owned(value.split_off(at + 1)),
    };
    (!code.is_empty()).then_some(code)
}

/// `#…`, the value in BER, where it is a text (RFC 4514, 2.4).
fn encoded_value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let end = text.bytes().position(|b| !b.is_ascii_hexdigit()).unwrap_or(text.len());
    let (digits, rest) = (&text.as_bytes()[..end], text[end..].trim_start_matches(' '));
    let (bytes, []) = digits.as_chunks::<2>() else { return None };
    let bytes: Vec<u8> = bytes.iter().filter_map(|pair| escaped(pair)).map(|(byte, _)| byte).collect();
    let content = match bytes.as_slice() {
        // OCTET STRING, UTF8String, PrintableString, IA5String.
        [0x04 | 0x0C | 0x13 | 0x16, length @ ..0x80, content @ ..] if usize::from(*length) == content.len() => content.to_vec(),
        _ => return None,
    };
    let ends = rest.is_empty() || rest.starts_with([',', ';', '+']);
    Some((Cow::Owned(String::from_utf8(content).ok().filter(|_| ends)?), rest))
}

/// What follows a backslash: the byte it stands for, and how many it takes.
fn escaped(after: &[u8]) -> Option<(u8, usize)> {
    let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8);
    match after {
        [high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => Some((digit(*high)? * 16 + digit(*low)?, 2)),
        [special, ..] if b" \"#+,;<=>\\".contains(special) => Some((*special, 1)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(text: &str) -> Option<String> {
        let fast = normalised(text).map(Cow::into_owned);
        assert_eq!(fast, Dn::parse(text).map(|dn| dn.normal()), "{text}");
        assert_eq!((fast.clone(), fast.is_some()), (with_normal(text, str::to_owned), is_name(text)), "{text}");
        fast
    }

    #[test]
    fn two_writings_of_one_name_are_equal() {
        for (a, b) in [
            ("UID=F1700k3r, OU=Personnes,dc=ENT, dc=fr", "uid=f1700K3R,ou=personnes,dc=ent,dc=fr"),
            ("ou=a\\,b,dc=x", "OU=A\\2Cb , dc=X"),
            ("cn=\"a,b\",dc=x", "cn=a\\,b,dc=x"),
            ("cn=É\u{63}ole,dc=x", "cn=e\u{301}cole,DC=x"),
            ("cn=a  b,dc=x", "cn=A b,dc=x"),
            ("cn=a+uid=b,dc=x", "userid=B + commonName=A,domainComponent=x"),
            ("cn=\\#1\\ ,dc=x", "cn=\\231,dc=x"),
            ("cn=\\C3\\A9,dc=x", "cn=É,dc=x"),
            ("ou=a;dc=x", "ou=a,dc=x"),
            ("uid=#040161,dc=x", "uid=a,dc=x"),
            ("cn=Strauß ςσ,dc=x", "cn=STRAUSS ΣΣ,dc=x"),
            ("cn=a\\01b,dc=x", "cn=ab,dc=x"),
            ("0.9.2342.19200300.100.1.1=b,2.5.4.11=x", "uid=B,ou=x"),
        ] {
            assert_eq!(normal(a), normal(b), "{a} {b}");
            assert!(normal(a).is_some(), "{a}");
        }
        assert_ne!(normal("cn=a\\,b"), normal("cn=a,b=c"));
        assert_eq!(normal(""), Some(String::new()));
    }

    #[test]
    fn what_is_not_a_name_is_refused() {
        for wrong in [
            "0991234A",
            "uid",
            "=x",
            "uid=a,",
            "uid=a,,dc=b",
            "1a=b",
            "uid=a\\",
            "uid=a\\zz",
            "uid=\"a",
            "uid=\"a\"b,c=d",
            "u d=a",
            "uid=a<b",
            "cn;lang-fr=a",
            "cn=\\FF",
        ] {
            assert_eq!(normal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_group_has_its_code_in_its_name() {
        for (name, code) in [
            ("cn=19990001400017_6A,ou=groupes,dc=ent", Some("6A")),
            ("CN = 0990001N_2GT_1,ou=groupes", Some("2GT_1")),
            ("cn=19990001400017$1S7,ou=classes,ou=groups,dc=ent$SCONET", Some("1S7")),
            ("cn=19990001400017_a\\2Cb,ou=groupes", Some("a,b")),
            ("cn=esco:Etablissements:6A,ou=groups", None),
            ("cn=6_A,ou=groupes", None),
            ("cn=19990001400017_,ou=groupes", None),
            ("uid=19990001400017_6A,ou=personnes", None),
            ("0990001N$6A", None),
        ] {
            assert_eq!(group_code(name).as_deref(), code, "{name}");
        }
    }

    #[test]
    fn a_name_has_a_place_in_the_tree() {
        let name = "uid=a,ou=x\\,y,dc=ent,dc=fr";
        assert_eq!(parent(name), Some("ou=x\\,y,dc=ent,dc=fr"));
        assert_eq!(rdns(name).collect::<Vec<_>>(), ["uid=a", "ou=x\\,y", "dc=ent", "dc=fr"]);
        assert!(is_under(name, "dc=ent,dc=fr") && is_under(name, "") && !is_under(name, name) && !is_under(name, "c=nt,dc=fr"));
        assert!(!is_under(name, "y,dc=ent,dc=fr"), "inside an escaped comma");
        assert_eq!((parent("dc=fr"), parent("")), (Some(""), None));
        assert_eq!(Dn::parse(name).expect("name").depth(), 4);
    }
}
