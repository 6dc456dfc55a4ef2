//! A directory server read like an export: its entries are rendered as LDIF in memory, and go through the same reader.
//!
//! What is read twice is asked once: entries are kept, within bounds. What a limit, a referral or a lost connection hides is
//! said, and never mistaken for the end of the directory. Must never write an entry to a disk.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::civil::Date;
use serde_json::json;

use super::census::Counts;
use super::ldif::Parser;
use super::message::{Entry, Filter, Scope, Search};
use super::model::Model;
use super::session::{Refusal, Session};
use super::{OfChunks, PREFIX, Said, dn, facts};
use crate::rules::directory::Dialect;
use crate::rules::model::Degree;
use crate::source::Kind;
use crate::source::feed::{Chunk, Chunks, Facts, Feed, FileFacts, Parse, Read};
use crate::source::files::chunk::{CHUNK, Cut, MAX_RECORD};
use crate::source::files::delivery::Format;
use crate::source::files::encoding::Encoding;
use crate::source::files::log::{Damage, FileLog};
use crate::source::record::Names;
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
    /// The server refuses, or ends the search, for another reason.
    Refused,
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

/// Pages without any entry, in a row, after which a server that says that there is more is not believed.
const EMPTY_PAGES: u32 = 100;

/// What was read of a server.
#[derive(Debug, Default)]
pub struct Reading {
    /// Whole entries, as LDIF.
    chunks: Vec<Vec<u8>>,
    bytes: usize,
    /// Entries.
    pub entries: u64,
    /// Places that are said to be elsewhere.
    pub referrals: u64,
    /// Why there are others; the first reason.
    pub hidden: Option<Hidden>,
}

impl Reading {
    /// Reads branches to their end, or as far as the server goes.
    pub fn all(&mut self, session: &mut Session, bases: &[String], spec: &LdapSpec, paged: bool) {
        for base in bases {
            let (mut cookie, mut empty) = (Vec::new(), 0);
            loop {
                let filter = Filter::Present("objectClass");
                let all = Search { base, scope: Scope::Subtree, filter, attributes: &["*"], most: 0, names_only: false };
                let page = paged.then_some((spec.page(), cookie.as_slice()));
                let before = self.entries;
                let end = session.search(&all, page, &mut |entry| self.keep(&entry, spec.memory()));
                match end {
                    Ok(end) => {
                        self.referrals += end.referrals;
                        self.hide(Hidden::of_code(end.code));
                        cookie = end.cookie;
                    }
                    Err(refusal) => {
                        self.hide(Some(Hidden::of_refusal(refusal)));
                        return;
                    }
                }
                empty = if self.entries > before { 0 } else { empty + 1 };
                if empty > EMPTY_PAGES {
                    self.hide(Some(Hidden::Protocol));
                }
                if matches!(self.hidden, Some(Hidden::Memory)) {
                    return;
                }
                if cookie.is_empty() || empty > EMPTY_PAGES {
                    break;
                }
            }
        }
        self.hide((self.referrals > 0).then_some(Hidden::Referral));
    }

    fn hide(&mut self, why: Option<Hidden>) {
        self.hidden = self.hidden.or(why);
    }

    /// Keeps an entry; false when there is no room for any more.
    fn keep(&mut self, entry: &Entry, most: usize) -> bool {
        if self.bytes >= most {
            self.hide(Some(Hidden::Memory));
            return false;
        }
        let mut text = Vec::with_capacity(1024);
        if !render(entry, &mut text) {
            self.hide(Some(Hidden::Protocol));
        } else if text.len() > MAX_RECORD {
            self.hide(Some(Hidden::Oversized));
        } else {
            (self.entries, self.bytes) = (self.entries + 1, self.bytes + text.len());
            match self.chunks.last_mut().filter(|last| last.len() + text.len() <= CHUNK) {
                Some(last) => last.extend(text),
                None => self.chunks.push(text),
            }
        }
        true
    }
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

/// A server that was read, to be judged.
#[derive(Debug)]
pub struct Directory {
    reading: Reading,
    label: String,
    address: String,
    /// Branches read.
    branches: usize,
    model: Arc<Model>,
    counts: Counts,
    declared: Dialect,
}

impl Directory {
    /// Of what was read.
    #[must_use]
    pub fn new(reading: Reading, spec: &LdapSpec, branches: usize, model: Arc<Model>) -> Self {
        let declared = spec.dialect.clone().unwrap_or_default();
        Self { reading, label: spec.shown(), address: spec.url.to_string(), branches, model, counts: Counts::default(), declared }
    }
}

impl Feed for Directory {
    fn prefix(&self) -> &'static str {
        PREFIX
    }
    fn label(&self) -> &str {
        &self.label
    }
    fn degree(&self) -> Option<Degree> {
        None
    }
    fn date(&self) -> Option<Date> {
        None
    }
    fn layers(&self) -> u16 {
        1
    }
    fn groups(&self) -> usize {
        1
    }
    fn kinds(&self, _: usize) -> Vec<Kind> {
        Said::all_kinds()
    }
    fn open(&self, _: usize) -> Box<dyn Chunks + '_> {
        Box::new(Kept { chunks: &self.reading.chunks, next: AtomicUsize::new(0) })
    }
    fn parser(&self, names: &Names) -> Box<dyn Parse> {
        Box::new(OfChunks(Parser::new(names.clone(), self.model.clone(), self.counts.clone())))
    }
    fn facts(&self, read: &Read<'_>) -> Facts {
        let nothing = FileLog::default();
        let log = read.notes.logs.get(&0).unwrap_or(&nothing);
        let census = self.counts.of(None);
        let suffix = facts::suffix(&self.declared, &census);
        let mut answered = facts::answered(&self.address, log, &read.notes.lines);
        // Of branches read apart, what is above is not known.
        if self.branches == 1 {
            let lost = self.counts.lost(suffix.as_deref().map_or(0, |s| dn::rdns(s).count()));
            answered["orphans"] = facts::orphans(&lost.iter().collect::<Vec<_>>(), &read.notes.lines);
        }
        let mut delivery =
            json!({"container": "ldap", "files": 0, "records": log.records, "unrecognisedFiles": {"count": 0, "places": []}});
        facts::add_dialect(&mut delivery, &census, suffix, &self.declared);
        delivery["declared"] = self.model.declared().into();
        let damage = if self.reading.hidden.is_some() { Some(Damage::Incomplete) } else { log.damage() };
        let file = FileFacts {
            path: self.address.clone(),
            facts: answered,
            damage,
            kinds: None,
            streamed: false,
            answered: true,
            problem: self.reading.hidden.map(Hidden::problem),
        };
        Facts { delivery, files: vec![file], delta_alone: false }
    }
}

/// What was kept, chunk by chunk.
struct Kept<'a> {
    chunks: &'a [Vec<u8>],
    next: AtomicUsize,
}

impl Chunks for Kept<'_> {
    fn next(&self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        let rank = self.next.fetch_add(1, Ordering::Relaxed);
        let chunk = self.chunks.get(rank)?;
        buffer.clear();
        buffer.extend(chunk);
        let cut = Cut { chunk: u32::try_from(rank).ok()?, first: rank == 0, last: rank + 1 == self.chunks.len(), ..Cut::default() };
        Some(Chunk { file: 0, cut, encoding: Encoding::Utf8, layer: 0 })
    }
    fn ended(self: Box<Self>) -> bool {
        true
    }
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

    #[test]
    fn what_does_not_fit_is_said_to_be_hidden() {
        let entry = Entry { dn: b"uid=a,dc=ent".to_vec(), attributes: Vec::new() };
        let mut reading = Reading::default();
        assert_eq!([(); 3].map(|()| reading.keep(&entry, 20)), [true, true, false]);
        assert_eq!((reading.entries, reading.hidden), (2, Some(Hidden::Memory)));
        assert_eq!(Hidden::of_code(4), Some(Hidden::Size));
        assert_eq!(Hidden::of_code(0), None);
    }
}
