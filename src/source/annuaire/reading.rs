//! Entries asked of a server, branch by branch and page by page, and rendered as LDIF in memory.
//!
//! What a limit, a referral or a lost connection hides is said, and never mistaken for the end of the directory; an entry that is given
//! twice is one. Must never write an entry to a disk.

use std::collections::HashSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::dn;
use super::kept::Kept;
use super::message::{Entry, Filter, Scope, Search};
use super::session::{Refusal, Session};
use crate::check::selector::hash;
use crate::source::files::chunk::MAX_RECORD;
use crate::target::ldap::LdapSpec;

/// Why a part of the directory was not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hidden {
    /// The server gives no more entries (codes 4 and 11).
    Size,
    /// The server searches no longer (code 3).
    Time,
    /// A part is on another server.
    Referral,
    /// A branch that was named does not exist, or is hidden from this account (code 32).
    Branch,
    /// The server refuses the search.
    Refused,
    /// The server has a failure, or is too busy: another time it may answer (codes 1, 2, 51, 52, 76 and 80).
    Failed,
    /// Nothing at all was given, and no reason: empty, or hidden.
    Empty,
    /// A part only of the values of an attribute (`member;range=0-1499`).
    Range,
    /// The connection ended, or no answer came in time.
    Lost,
    /// The time of the whole audit is over.
    OutOfTime,
    /// What came back is not LDAP.
    Protocol,
    /// More than what may be kept in memory.
    Memory,
    /// An entry larger than what is read of any.
    Oversized,
}

impl Hidden {
    /// Its name in facts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Size => "size-limit",
            Self::Time => "time-limit",
            Self::Referral => "referral",
            Self::Branch => "branch",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Empty => "empty",
            Self::Range => "range",
            Self::Lost => "lost",
            Self::OutOfTime => "out-of-time",
            Self::Protocol => "protocol",
            Self::Memory => "memory",
            Self::Oversized => "oversized",
        }
    }

    /// The sentence of the catalogue.
    #[must_use]
    pub fn problem(self) -> &'static str {
        match self {
            Self::Size => "problem.ldap.size",
            Self::Time => "problem.ldap.time",
            Self::Referral => "problem.ldap.referral",
            Self::Branch => "problem.ldap.branch",
            Self::Refused => "problem.ldap.refused",
            Self::Failed => "problem.ldap.failed",
            Self::Empty => "problem.ldap.empty",
            Self::Range => "problem.ldap.range",
            Self::Lost => "problem.ldap.cut",
            Self::OutOfTime => "problem.ldap.out_of_time",
            Self::Protocol => "problem.ldap.protocol",
            Self::Memory => "problem.ldap.memory",
            Self::Oversized => "problem.ldap.oversized",
        }
    }

    fn of_code(code: u32) -> Option<Self> {
        match code {
            0 => None,
            3 => Some(Self::Time),
            4 | 11 => Some(Self::Size),
            9 | 10 => Some(Self::Referral),
            32 => Some(Self::Branch),
            1 | 2 | 51 | 52 | 76 | 80 => Some(Self::Failed),
            _ => Some(Self::Refused),
        }
    }

    fn of_refusal(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Protocol => Self::Protocol,
            Refusal::Oversized => Self::Oversized,
            Refusal::OutOfTime => Self::OutOfTime,
            _ => Self::Lost,
        }
    }
}

/// Pages without any new entry, in a row, after which a server that says that there is more is not believed.
const EMPTY_PAGES: u32 = 100;

/// Entries of a page, where the server refuses those that the target file asks for.
const FEWER: &[i32] = &[100, 10];
/// Seed of the hashes of names: they stay in the process.
const SEED: u64 = 0x1DA9;
/// What remembering the name of an entry costs.
const NAME: usize = 16;

/// A branch that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Branch {
    /// As it was asked for.
    pub base: String,
    /// Entries that it gave and no other branch had given.
    pub entries: u64,
    /// People among them.
    pub people: u64,
}

/// What was read of a server.
#[derive(Debug, Default)]
pub struct Reading {
    pub(super) kept: Kept,
    /// Hashes of the names of entries: what is given twice, because branches stand one in the other or the directory changed
    /// meanwhile, is one entry.
    seen: HashSet<u64>,
    /// The account that reads, under its normal name: it may read its own password, and nothing follows from that.
    own: Option<String>,
    /// Entries.
    pub entries: u64,
    /// Entries given again.
    pub repeated: u64,
    /// People.
    pub people: u64,
    /// Somebody's password was given.
    pub passwords: bool,
    /// Places that are said to be elsewhere.
    pub referrals: u64,
    /// Why there are others; the first reason.
    pub hidden: Option<Hidden>,
    /// By branch; one that stands in another that gave it is not read again.
    pub branches: Vec<Branch>,
    /// Entries of a page, of the branch that was read last; `None` without pages.
    pub page: Option<i32>,
}

impl Reading {
    /// Of the account of that name.
    #[must_use]
    pub fn of(account: Option<&str>) -> Self {
        Self { own: account.and_then(dn::normalised).map(|name| name.into_owned()), ..Self::default() }
    }

    /// Reads branches to their end, or as far as the server goes.
    pub fn all(&mut self, session: &mut Session, bases: &[String], spec: &LdapSpec, paged: bool) {
        let before = session.references;
        let mut bases: Vec<&String> = bases.iter().collect();
        // Those that hold others come first.
        bases.sort_by_key(|base| dn::normalised(base).map_or(usize::MAX, |normal| dn::rdns(&normal).count()));
        for base in bases {
            if dn::normalised(base).is_some_and(|normal| self.seen.contains(&hash(SEED, &[&normal]))) {
                continue;
            }
            let (entries, people) = (self.entries, self.people);
            let goes_on = self.branch(session, base, spec, paged);
            let (entries, people) = (self.entries - entries, self.people - people);
            self.branches.push(Branch { base: base.clone(), entries, people });
            if !goes_on {
                break;
            }
        }
        self.referrals += session.references - before;
        self.kept.close();
        self.hide((self.referrals > 0).then_some(Hidden::Referral));
        self.hide((self.entries == 0).then_some(Hidden::Empty));
    }

    /// Reads a branch, by pages of fewer entries, then by none, where the server refuses the first page; false when nothing more can be
    /// asked.
    fn branch(&mut self, session: &mut Session, base: &str, spec: &LdapSpec, paged: bool) -> bool {
        let wanted = spec.page();
        let fewer = FEWER.iter().copied().filter(|fewer| *fewer < wanted);
        let pages = std::iter::once(wanted).chain(fewer).map(Some).filter(|_| paged);
        for page in pages.chain([None]) {
            let before = self.entries + self.repeated;
            let Some(code) = self.pages(session, base, spec, page) else { return false };
            let nothing = self.entries + self.repeated == before;
            if nothing && page.is_some() && matches!(code, 2 | 4 | 11 | 12 | 53) {
                continue;
            }
            self.referrals += u64::from(matches!(code, 9 | 10));
            self.hide(Hidden::of_code(code));
            self.page = page;
            break;
        }
        !matches!(self.hidden, Some(Hidden::Memory))
    }

    /// Page after page: the first code that is not a success, or the last; `None` when nothing more can be asked.
    fn pages(&mut self, session: &mut Session, base: &str, spec: &LdapSpec, page: Option<i32>) -> Option<u32> {
        let (mut cookie, mut empty, mut code) = (Vec::new(), 0, 0);
        loop {
            let filter = Filter::Present("objectClass");
            let all = Search { base, scope: Scope::Subtree, filter, attributes: &["*"], most: 0, names_only: false };
            let before = self.entries;
            match session.search(&all, page.map(|size| (size, cookie.as_slice())), &mut |entry| self.keep(entry, spec.memory())) {
                Ok(end) => {
                    code = if code == 0 { end.code } else { code };
                    cookie = end.cookie;
                }
                Err(refusal) => {
                    self.hide(Some(Hidden::of_refusal(refusal)));
                    return None;
                }
            }
            empty = if self.entries > before { 0 } else { empty + 1 };
            if empty > EMPTY_PAGES {
                self.hide(Some(Hidden::Protocol));
            }
            if cookie.is_empty() || empty > EMPTY_PAGES || matches!(self.hidden, Some(Hidden::Memory)) {
                return Some(code);
            }
        }
    }

    fn hide(&mut self, why: Option<Hidden>) {
        self.hidden = self.hidden.or(why);
    }

    /// Keeps an entry; false when there is no room for any more.
    fn keep(&mut self, mut entry: Entry, most: usize) -> bool {
        if self.kept.weight() + self.seen.len() * NAME >= most {
            self.hide(Some(Hidden::Memory));
            return false;
        }
        let name = String::from_utf8_lossy(&entry.dn);
        let normal = dn::normalised(&name).unwrap_or_else(|| name.clone());
        if !self.seen.insert(hash(SEED, &[&normal])) {
            self.repeated += 1;
            return true;
        }
        if self.own.as_deref() == Some(&*normal) {
            entry.attributes.retain(|(name, _)| !is_password(name));
        }
        if entry.attributes.iter_mut().fold(false, |cut, (name, _)| is_cut(name) | cut) {
            self.hide(Some(Hidden::Range));
        }
        let mut text = Vec::with_capacity(1024);
        if !render(&entry, &mut text) {
            self.hide(Some(Hidden::Protocol));
        } else if text.len() > MAX_RECORD {
            self.hide(Some(Hidden::Oversized));
        } else {
            self.entries += 1;
            self.people += u64::from(is_person(&entry));
            self.passwords |= entry.attributes.iter().any(|(name, values)| is_password(name) && !values.is_empty());
            self.kept.push(&text);
        }
        true
    }
}

fn is_password(name: &[u8]) -> bool {
    name.split(|b| *b == b';').next().is_some_and(|name| name.eq_ignore_ascii_case(b"userPassword"))
}

fn is_person(entry: &Entry) -> bool {
    let classes = entry.attributes.iter().filter(|(name, _)| name.eq_ignore_ascii_case(b"objectClass")).flat_map(|(_, values)| values);
    classes.into_iter().any(|class| [&b"ENTPerson"[..], b"person"].iter().any(|person| class.eq_ignore_ascii_case(person)))
}

/// Some servers give a part of many values, and say which in an option of the attribute; it is taken off. Whether there are others.
fn is_cut(name: &mut Vec<u8>) -> bool {
    let Some(at) = name.to_ascii_lowercase().windows(7).position(|w| w == b";range=") else { return false };
    let whole = name[at..].ends_with(b"=0-*");
    name.truncate(at);
    !whole
}

/// An entry as LDIF, with an empty line after it; false when the name of an attribute is none.
fn render(entry: &Entry, out: &mut Vec<u8>) -> bool {
    line(b"dn", &entry.dn, out);
    for (name, values) in &entry.attributes {
        if name.is_empty() || !name.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b';' | b'.' | b'_')) {
            return false;
        }
        values.iter().for_each(|value| line(name, value, out));
    }
    out.push(b'\n');
    true
}

fn line(name: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend(name);
    let starts_well = value.first().is_none_or(|b| !matches!(b, b' ' | b':' | b'<'));
    let plain = starts_well && value.last() != Some(&b' ') && !value.iter().any(|b| matches!(b, 0 | b'\n' | b'\r'));
    if plain && std::str::from_utf8(value).is_ok() {
        out.extend(b": ");
        out.extend(value);
    } else {
        out.extend(b":: ");
        out.extend(STANDARD.encode(value).as_bytes());
    }
    if value.is_empty() {
        out.pop();
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(attributes: &[(&str, &[&[u8]])]) -> Option<String> {
        let attributes = attributes.iter().map(|(n, v)| (n.as_bytes().to_vec(), v.iter().map(|v| v.to_vec()).collect())).collect();
        let mut out = Vec::new();
        let sound = render(&Entry { dn: b"uid=a,dc=ent".to_vec(), attributes }, &mut out);
        sound.then(|| String::from_utf8(out).expect("text"))
    }

    #[test]
    fn an_entry_is_rendered_so_that_it_reads_back() {
        let text = rendered(&[("sn", &["Zoé".as_bytes(), b" x", b":y", b"", b"a\nb"]), ("photo;binary", &[&[0xFF, 0x00]])]);
        let expected = "dn: uid=a,dc=ent\nsn: Zoé\nsn:: IHg=\nsn:: Onk=\nsn:\nsn:: YQpi\nphoto;binary:: /wA=\n\n";
        assert_eq!(text.as_deref(), Some(expected));
    }

    #[test]
    fn the_name_of_an_attribute_cannot_write_lines() {
        assert_eq!(rendered(&[("sn\ndn", &[b"x"])]), None);
        assert_eq!(rendered(&[("", &[b"x"])]), None);
    }

    fn of(dn: &str, attributes: &[(&str, &str)]) -> Entry {
        let attributes = attributes.iter().map(|(n, v)| (n.as_bytes().to_vec(), vec![v.as_bytes().to_vec()])).collect();
        Entry { dn: dn.as_bytes().to_vec(), attributes }
    }

    #[test]
    fn what_does_not_fit_is_said_to_be_hidden() {
        let mut reading = Reading::default();
        assert_eq!(["uid=a,dc=ent", "uid=b,dc=ent", "uid=c,dc=ent"].map(|dn| reading.keep(of(dn, &[]), 60)), [true, true, false]);
        assert_eq!((reading.entries, reading.hidden), (2, Some(Hidden::Memory)));
        assert_eq!(Hidden::of_code(4), Some(Hidden::Size));
        assert_eq!(Hidden::of_code(0), None);
    }

    #[test]
    fn what_is_given_twice_is_one_entry() {
        let mut reading = Reading::default();
        ["uid=a,dc=ent", "UID=A, DC=ENT", "uid=b,dc=ent"]
            .iter()
            .for_each(|dn| _ = reading.keep(of(dn, &[("objectClass", "PERSON")]), 1 << 20));
        assert_eq!((reading.entries, reading.repeated, reading.people, reading.hidden), (2, 1, 2, None));
    }

    #[test]
    fn the_password_of_the_account_that_reads_says_nothing() {
        let mut reading = Reading::of(Some("cn=Lecture, dc=ent"));
        reading.keep(of("CN=lecture,dc=ent", &[("userPassword;x-a", "{SSHA}x")]), 1 << 20);
        assert!(!reading.passwords);
        reading.keep(of("uid=a,dc=ent", &[("USERPASSWORD", "{SSHA}x")]), 1 << 20);
        assert!(reading.passwords);
    }

    #[test]
    fn a_part_of_the_values_is_said_to_be_one() {
        let mut reading = Reading::default();
        reading.keep(of("cn=a,dc=ent", &[("member;range=0-*", "uid=a,dc=ent")]), 1 << 20);
        assert_eq!((reading.entries, reading.hidden), (1, None));
        reading.keep(of("cn=b,dc=ent", &[("member;Range=0-1499", "uid=a,dc=ent")]), 1 << 20);
        assert_eq!((reading.entries, reading.hidden), (2, Some(Hidden::Range)));
    }
}
