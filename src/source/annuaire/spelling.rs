//! Names of attributes as files write them: looked up once for each spelling.
//!
//! The model gives the usual spelling, which is that of records. Must never look at a value.

use rapidhash::RapidHashMap;

use super::kinds::{Family, kind_of};
use super::ldif::MAX_KNOWN;
use super::model::{AttributeInfo, Model, is_ent};
use crate::rules::directory::Syntax;
use crate::source::record::{NameId, Names};

/// What is done with the values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing more than keep them.
    Plain,
    /// They tell the kind.
    ObjectClass,
    /// They tell how profiles are written.
    Profiles,
    /// They tell what comes first in composite values.
    Composite,
    /// The same, of those that name a class or a group: where there are some, they tell.
    Grouping,
    /// They name people: tells whether by the name of their entry.
    Person,
}

/// What is known of an attribute, for one way of writing its name.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// Its id among the names that requirements mention.
    pub id: NameId,
    /// What its values tell.
    pub role: Role,
    /// Its values are texts, by the model.
    pub text: bool,
    /// The model does not have it.
    pub local: bool,
    /// And nobody declared it.
    pub unknown: bool,
    /// Nothing is asked of its values but what is asked of any text.
    pub plain: bool,
    /// It has options, which make a part of an attribute of it: a language, a private tag.
    pub tagged: bool,
}

/// One way of writing a name.
#[derive(Debug)]
struct Spelling {
    /// With its colon.
    written: Box<str>,
    /// The last eight bytes of that, as a number, where there are so many: names that start alike end otherwise.
    end: Option<u64>,
    /// The name that the model gives it, where it is written otherwise.
    name: Option<Box<str>>,
    known: Known,
    /// The spelling that came after it the last time: entries of one kind list the same attributes.
    next: usize,
    /// Entries of the chunk that have it.
    entries: u64,
}

impl Spelling {
    fn new(written: &str, name: Option<String>, known: Known) -> Self {
        let written = format!("{written}:");
        let end = written.as_bytes().last_chunk().map(|end| u64::from_le_bytes(*end));
        Self { written: written.into(), end, name: name.map(String::into_boxed_str), known, next: usize::MAX, entries: 0 }
    }

    fn name(&self) -> &str {
        &self.written[..self.written.len() - 1]
    }

    /// Whether a line starts with it.
    #[inline]
    fn starts(&self, line: &[u8]) -> bool {
        let written = self.written.as_bytes();
        let Some(start) = line.get(..written.len()) else { return false };
        let other = self.end.is_some_and(|end| start.last_chunk().is_some_and(|last| u64::from_le_bytes(*last) != end));
        !other && start == written
    }
}

/// What is known, by spelling.
#[derive(Debug, Default)]
pub struct Spellings {
    all: Vec<Spelling>,
    ranks: RapidHashMap<Box<str>, usize>,
}

impl Spellings {
    /// The rank of a spelling, which came after that of rank `before`; `None` when it is no name of an attribute.
    pub fn rank(&mut self, written: &str, before: Option<usize>, model: &Model, names: &Names) -> Option<usize> {
        let expected = before.and_then(|b| self.all.get(b)).map(|b| b.next);
        if let Some(rank) = expected.filter(|rank| self.is(*rank, written)) {
            return Some(rank);
        }
        let rank = match self.ranks.get(written) {
            Some(rank) => *rank,
            None if !is_description(written) => return None,
            None => self.add(written, model, names),
        };
        if let Some(before) = before.and_then(|b| self.all.get_mut(b)) {
            before.next = rank;
        }
        Some(rank)
    }

    /// Whether a rank is that of a spelling.
    #[must_use]
    pub fn is(&self, rank: usize, written: &str) -> bool {
        self.all.get(rank).is_some_and(|s| s.name() == written)
    }

    /// The spelling that a line starts with, its colon included, when it is that of rank `before` again, or the one that came
    /// after it the last time; the length of it.
    #[must_use]
    pub fn ahead(&self, before: usize, line: &[u8]) -> Option<(usize, usize)> {
        let of = self.all.get(before)?;
        if of.starts(line) {
            return Some((before, of.written.len()));
        }
        self.all.get(of.next).filter(|next| next.starts(line)).map(|next| (of.next, next.written.len()))
    }

    /// One more entry has it.
    pub fn see(&mut self, rank: usize) {
        self.all[rank].entries += 1;
    }

    /// The names, as the model has them, that entries had since the last time, and how many.
    pub fn seen(&mut self, model: &Model, mut f: impl FnMut(&str, u64)) {
        for spelling in self.all.iter_mut().filter(|s| s.entries > 0) {
            let entries = std::mem::take(&mut spelling.entries);
            if let Some(info) = model.attribute(spelling.name()) {
                f(&info.name, entries);
            }
        }
    }

    /// What is known of it.
    #[must_use]
    pub fn known(&self, rank: usize) -> Known {
        self.all[rank].known
    }

    /// The name that the model gives it, where it is written otherwise.
    #[must_use]
    pub fn name(&self, rank: usize) -> Option<&str> {
        self.all[rank].name.as_deref()
    }

    fn add(&mut self, written: &str, model: &Model, names: &Names) -> usize {
        let info = model.attribute(written);
        let (base, options) = written.split_once(';').map_or((written, None), |(base, options)| (base, Some(options)));
        let canonical = info.map(|i| i.name.as_str());
        // An option makes another attribute: what has one is kept apart, under its base name in the usual spelling.
        let name = match (canonical, options) {
            (Some(name), None) if name != base => Some(name.to_owned()),
            (Some(name), Some(options)) => Some(format!("{name};{}", options.to_ascii_lowercase())),
            _ => None,
        };
        let binary = options.is_some_and(|o| o.split(';').any(|o| o.eq_ignore_ascii_case("binary")));
        let role = match canonical {
            _ if options.is_some() => Role::Plain,
            Some("objectClass") => Role::ObjectClass,
            Some("ENTPersonProfils") => Role::Profiles,
            Some(name) if info.is_some_and(|i| i.attribute.composite) => {
                if name.contains("Classes") || name.contains("Groupes") {
                    Role::Grouping
                } else {
                    Role::Composite
                }
            }
            _ if info.is_some_and(names_people) => Role::Person,
            None if written.eq_ignore_ascii_case("objectClass") => Role::ObjectClass,
            _ => Role::Plain,
        };
        let known = Known {
            id: names.get(name.as_deref().unwrap_or(written)),
            role,
            text: !binary && info.is_some_and(|i| i.attribute.syntax != Syntax::Octets),
            local: info.is_none(),
            unknown: !model.knows_attribute(written),
            plain: false,
            tagged: options.is_some() && !binary,
        };
        let known = Known { plain: role == Role::Plain && known.text && !known.unknown, ..known };
        let spelling = Spelling::new(written, name, known);
        if self.all.len() <= MAX_KNOWN {
            self.all.push(spelling);
        } else {
            // The last one is not remembered: it stands where the next of its sort will.
            self.all[MAX_KNOWN] = spelling;
        }
        let rank = self.all.len() - 1;
        if rank < MAX_KNOWN {
            self.ranks.insert(written.into(), rank);
        }
        rank
    }
}

/// Whether an attribute of the ministry's model names people and nothing else.
fn names_people(info: &AttributeInfo) -> bool {
    let person = |class: &String| kind_of(std::iter::once(class.as_str())).is_some_and(|kind| Family::of(kind) == Family::Person);
    let to = &info.attribute.to;
    is_ent(&info.name) && info.attribute.syntax == Syntax::Dn && !to.is_empty() && to.iter().all(person)
}

/// The name of an attribute, with its options: an OID or a name.
fn is_description(name: &str) -> bool {
    let bytes = name.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphanumeric)
        && bytes.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b';' | b'_'))
}
