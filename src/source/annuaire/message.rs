//! The messages of LDAP that an audit needs (RFC 4511): bind, search page by page, StartTLS, and their answers.
//!
//! Nothing that writes to a directory can be said here. Must never connect, nor know what an entry means.

use super::ber::{self, element, put, put_integer, tag};

/// Paged results (RFC 2696).
pub const PAGED: &str = "1.2.840.113556.1.4.319";
/// StartTLS (RFC 4511, 4.14).
pub const START_TLS: &str = "1.3.6.1.4.1.1466.20037";
/// The server ends the conversation (RFC 4511, 4.4.1).
const DISCONNECTION: &[u8] = b"1.3.6.1.4.1.1466.20036";

/// Tags of operations.
mod op {
    pub(super) const BIND: u8 = 0x60;
    pub(super) const BOUND: u8 = 0x61;
    pub(super) const UNBIND: u8 = 0x42;
    pub(super) const SEARCH: u8 = 0x63;
    pub(super) const ENTRY: u8 = 0x64;
    pub(super) const DONE: u8 = 0x65;
    pub(super) const REFERENCE: u8 = 0x73;
    pub(super) const EXTENDED: u8 = 0x77;
    pub(super) const EXTENDED_DONE: u8 = 0x78;
    pub(super) const INTERMEDIATE: u8 = 0x79;
    pub(super) const CONTROLS: u8 = 0xA0;
}

/// An entry as the server gives it: its name, then names of attributes with their values.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Name (DN).
    pub dn: Vec<u8>,
    /// Attributes.
    pub attributes: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
}

impl Entry {
    fn read(body: &[u8]) -> Option<Self> {
        let (dn, rest) = ber::take(tag::OCTETS, body)?;
        let (attributes, _) = ber::take(tag::SEQUENCE, rest)?;
        let attributes = ber::all(tag::SEQUENCE, attributes)?.into_iter().map(|attribute| {
            let (name, rest) = ber::take(tag::OCTETS, attribute)?;
            let (values, _) = ber::take(tag::SET, rest)?;
            Some((name.to_vec(), ber::all(tag::OCTETS, values)?.into_iter().map(<[u8]>::to_vec).collect()))
        });
        Some(Self { dn: dn.to_vec(), attributes: attributes.collect::<Option<_>>()? })
    }

    /// The values of an attribute, as texts.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let of = |(_, values): &(Vec<u8>, Vec<Vec<u8>>)| values.iter().map(|v| String::from_utf8_lossy(v).into_owned()).collect::<Vec<_>>();
        self.attributes.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).flat_map(of).collect()
    }
}

/// How deep a search goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The entry itself.
    Base,
    /// All that is under it too.
    Subtree,
}

/// Which entries a search is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filter<'a> {
    /// Those that have the attribute.
    Present(&'a str),
    /// Those that have it with this value.
    Equal(&'a str, &'a str),
    /// Those that have it with this value or a greater one.
    AtLeast(&'a str, &'a str),
    /// Those of one of these classes.
    OfClass(&'a [&'a str]),
}

impl Filter<'_> {
    fn put(&self, out: &mut Vec<u8>) {
        let pair = |name: &str, value: &str| [element(tag::OCTETS, name.as_bytes()), element(tag::OCTETS, value.as_bytes())].concat();
        match self {
            Self::Present(name) => put(out, 0x87, name.as_bytes()),
            Self::Equal(name, value) => put(out, 0xA3, &pair(name, value)),
            Self::AtLeast(name, value) => put(out, 0xA5, &pair(name, value)),
            Self::OfClass(classes) => {
                let each: Vec<u8> = classes.iter().flat_map(|class| element(0xA3, &pair("objectClass", class))).collect();
                put(out, 0xA1, &each);
            }
        }
    }
}

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// From where.
    pub base: &'a str,
    /// How deep.
    pub scope: Scope,
    /// Which entries.
    pub filter: Filter<'a>,
    /// Which attributes.
    pub attributes: &'a [&'a str],
    /// Entries at most; 0 for all.
    pub most: i32,
    /// Names of attributes only: no value crosses the network.
    pub names_only: bool,
}

fn message(id: i32, op: u8, body: &[u8], controls: Option<Vec<u8>>) -> Vec<u8> {
    let mut inside = Vec::with_capacity(body.len() + 64);
    put_integer(&mut inside, tag::INTEGER, id);
    put(&mut inside, op, body);
    if let Some(control) = controls {
        put(&mut inside, op::CONTROLS, &control);
    }
    element(tag::SEQUENCE, &inside)
}

/// A simple bind.
#[must_use]
pub fn bind(id: i32, dn: &str, password: &str) -> Vec<u8> {
    let mut body = Vec::new();
    put_integer(&mut body, tag::INTEGER, 3);
    put(&mut body, tag::OCTETS, dn.as_bytes());
    put(&mut body, 0x80, password.as_bytes());
    message(id, op::BIND, &body, None)
}

/// The end of the conversation.
#[must_use]
pub fn unbind(id: i32) -> Vec<u8> {
    message(id, op::UNBIND, &[], None)
}

/// Asks for TLS.
#[must_use]
pub fn start_tls(id: i32) -> Vec<u8> {
    message(id, op::EXTENDED, &element(0x80, START_TLS.as_bytes()), None)
}

/// A search, or one page of it: so many entries, from this cookie on.
#[must_use]
pub fn search(id: i32, search: &Search<'_>, page: Option<(i32, &[u8])>) -> Vec<u8> {
    let mut body = element(tag::OCTETS, search.base.as_bytes());
    let scope = if search.scope == Scope::Base { 0 } else { 2 };
    // Aliases are not followed: what they name is read where it stands.
    [scope, 0].into_iter().for_each(|n| put_integer(&mut body, tag::ENUMERATED, n));
    [search.most, 0].into_iter().for_each(|n| put_integer(&mut body, tag::INTEGER, n));
    put(&mut body, tag::BOOLEAN, &[if search.names_only { 0xFF } else { 0 }]);
    search.filter.put(&mut body);
    let attributes: Vec<u8> = search.attributes.iter().flat_map(|name| element(tag::OCTETS, name.as_bytes())).collect();
    put(&mut body, tag::SEQUENCE, &attributes);
    let control = page.map(|(size, cookie)| {
        let mut value = Vec::new();
        put_integer(&mut value, tag::INTEGER, size);
        put(&mut value, tag::OCTETS, cookie);
        let value = element(tag::OCTETS, &element(tag::SEQUENCE, &value));
        element(tag::SEQUENCE, &[element(tag::OCTETS, PAGED.as_bytes()), value].concat())
    });
    message(id, op::SEARCH, &body, control)
}

/// What a server says.
#[derive(Debug, PartialEq, Eq)]
pub enum Answer {
    /// An entry.
    Entry(Entry),
    /// A part that is elsewhere.
    Reference,
    /// Something in between, to be passed over.
    Intermediate,
    /// The end of a search: code, and where to go on when there is more.
    Done(u32, Vec<u8>),
    /// The result of a bind.
    Bound(u32),
    /// The result of another request, or what nobody asked for.
    Extended(u32),
    /// The server ends the conversation.
    Disconnection,
}

/// The number and what is said of a message; `None` when it is none.
#[must_use]
pub fn read(bytes: &[u8]) -> Option<(u32, Answer)> {
    let (inside, _) = ber::take(tag::SEQUENCE, bytes)?;
    let (id, rest) = ber::take(tag::INTEGER, inside)?;
    let (op, body, rest) = ber::next(rest)?;
    let code = || ber::take(tag::ENUMERATED, body).and_then(|(code, _)| ber::natural(code));
    let answer = match op {
        op::ENTRY => Answer::Entry(Entry::read(body)?),
        op::REFERENCE => Answer::Reference,
        op::INTERMEDIATE => Answer::Intermediate,
        op::DONE => Answer::Done(code()?, cookie(rest).unwrap_or_default()),
        op::BOUND => Answer::Bound(code()?),
        op::EXTENDED_DONE if named(body) == Some(DISCONNECTION) => Answer::Disconnection,
        op::EXTENDED_DONE => Answer::Extended(code()?),
        _ => return None,
    };
    Some((ber::natural(id)?, answer))
}

/// What an extended answer says that it is: its name comes after code, name of entry, text and referrals.
fn named(body: &[u8]) -> Option<&[u8]> {
    let mut rest = body;
    loop {
        let (tag, content, after) = ber::next(rest)?;
        if tag == 0x8A {
            return Some(content);
        }
        rest = after;
    }
}

/// Where to go on, of the control of paged results.
fn cookie(controls: &[u8]) -> Option<Vec<u8>> {
    let (controls, _) = ber::take(op::CONTROLS, controls)?;
    let of = |control: &[u8]| {
        let (oid, mut rest) = ber::take(tag::OCTETS, control)?;
        if let Some((_, after)) = ber::take(tag::BOOLEAN, rest) {
            rest = after;
        }
        let (value, _) = ber::take(tag::OCTETS, rest).filter(|_| oid == PAGED.as_bytes())?;
        let (value, _) = ber::take(tag::SEQUENCE, value)?;
        let (_, value) = ber::take(tag::INTEGER, value)?;
        ber::take(tag::OCTETS, value).map(|(cookie, _)| cookie.to_vec())
    };
    ber::all(tag::SEQUENCE, controls)?.into_iter().find_map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_those_of_the_standard() {
        // By hand, after RFC 4511; a real server reads them in tests/live_ldap.rs.
        assert_eq!(bind(1, "cn=a", "b"), [&[0x30, 17, 2, 1, 1, 0x60, 12, 2, 1, 3, 4, 4][..], b"cn=a", &[0x80, 1, b'b']].concat());
        assert_eq!(unbind(300), [0x30, 6, 2, 2, 1, 44, 0x42, 0]);
        let all =
            Search { base: "", scope: Scope::Base, filter: Filter::Present("objectClass"), attributes: &["*"], most: 0, names_only: false };
        let plain = search(2, &all, None);
        assert_eq!(plain[..8], [0x30, 40, 2, 1, 2, 0x63, 35, 4]);
        assert_eq!(plain[plain.len() - 5..], [0x30, 3, 4, 1, b'*']);
        let paged = search(2, &all, Some((500, b"xy")));
        assert_eq!(paged[paged.len() - 8..], [2, 2, 1, 0xF4, 4, 2, b'x', b'y']);
        let equal = Search { filter: Filter::Equal("uid", "a*)(b"), ..all.clone() };
        assert!(search(2, &equal, None).windows(14).any(|w| w == *b"\xA3\x0C\x04\x03uid\x04\x05a*)(b"));
    }

    fn done(controls: &[u8]) -> Vec<u8> {
        element(tag::SEQUENCE, &[&[2, 1, 7, op::DONE, 7, 10, 1, 0, 4, 0, 4, 0][..], controls].concat())
    }

    #[test]
    fn the_cookie_of_a_page_is_read() {
        let control = |oid: &str, value: &[u8]| {
            let value = element(tag::OCTETS, &element(tag::SEQUENCE, value));
            element(tag::SEQUENCE, &[element(tag::OCTETS, oid.as_bytes()), vec![tag::BOOLEAN, 1, 0], value].concat())
        };
        let with = |control: Vec<u8>| read(&done(&element(op::CONTROLS, &control)));
        let of = |cookie: &[u8]| Some((7, Answer::Done(0, cookie.to_vec())));
        assert_eq!(with(control(PAGED, &[2, 1, 0, 4, 2, 7, 8])), of(&[7, 8]));
        assert_eq!(with([control("1.2.3", &[4, 1, 9]), control(PAGED, &[2, 1, 0, 4, 1, 5])].concat()), of(&[5]));
        for none in [control(PAGED, &[2, 1, 0, 4, 0]), control("1.2.3", &[2, 1, 0, 4, 1, 5]), control(PAGED, &[]), vec![0x30, 9]] {
            assert_eq!(with(none), of(&[]));
        }
        assert_eq!(read(&done(&[])), of(&[]));
    }

    #[test]
    fn the_end_of_the_conversation_is_told_from_other_notices() {
        let notice = |oid: &str| {
            let body = [&[10, 1, 52, 4, 0, 4, 0][..], &element(0x8A, oid.as_bytes())].concat();
            read(&element(tag::SEQUENCE, &[&[2, 1, 0][..], &element(op::EXTENDED_DONE, &body)].concat()))
        };
        assert_eq!(notice("1.3.6.1.4.1.1466.20036"), Some((0, Answer::Disconnection)));
        assert_eq!(notice("1.3.6.1.1.21.4"), Some((0, Answer::Extended(52))));
        assert_eq!(read(&[0x30, 10, 2, 1, 1, op::EXTENDED_DONE, 5, 10, 1, 0, 4, 9]), Some((1, Answer::Extended(0))), "cut short");
    }

    #[test]
    fn an_entry_is_read_and_what_is_none_is_not() {
        let attribute =
            element(tag::SEQUENCE, &[element(4, b"sn"), element(tag::SET, &[element(4, b"A"), element(4, b"")].concat())].concat());
        let body = [element(4, b"uid=a"), element(tag::SEQUENCE, &attribute)].concat();
        let of = |op: u8, body: &[u8]| element(tag::SEQUENCE, &[&[2, 1, 3][..], &element(op, body)].concat());
        let bytes = of(op::ENTRY, &body);
        let Some((3, Answer::Entry(entry))) = read(&bytes) else { panic!("an entry") };
        assert_eq!((entry.dn.as_slice(), entry.texts("SN")), (&b"uid=a"[..], vec!["A".to_owned(), String::new()]));
        for bad in
            [of(op::ENTRY, &[4, 9]), of(op::ENTRY, &element(4, b"uid=a")), of(0x6F, &[]), of(op::DONE, &[10, 1]), vec![0x30, 0], vec![]]
        {
            assert_eq!(read(&bad), None, "{bad:?}");
        }
        // Cut anywhere, it is none; bytes changed anywhere, nothing worse happens.
        assert!((0..bytes.len()).all(|n| read(&bytes[..n]).is_none()));
        for at in 0..bytes.len() {
            for byte in [0, 0x30, 0x7F, 0x80, 0x84, 0xFF] {
                let mut bytes = bytes.clone();
                bytes[at] = byte;
                let _ = read(&bytes);
            }
        }
    }
}
