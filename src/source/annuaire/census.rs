//! What is counted while entries go by, to tell the dialect of the directory once all is read: which classes, what comes
//! first in composite values, how profiles are written, where each kind of entry stands in the tree.
//!
//! One count a chunk, so that reading a chunk again changes nothing. Must hold no value of a person: names of classes and
//! attributes, of branches, hashes.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::dn;
use super::kinds::Family;
use crate::check::formats::uai::uai_forme;
use crate::check::selector::hash;

/// Most names of one sort kept: a hostile file cannot make lists grow.
const MAX_NAMES: usize = 400;
/// Seed of the hashes of names: they stay in the process.
const SEED: u64 = 0xD1;

/// What comes first in a composite value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// The name of an entry.
    Dn,
    /// The name of a group (`cn=…`).
    GroupDn,
    /// A UAI.
    Uai,
    /// Something else.
    Id,
}

impl Style {
    /// All of them, with their names in facts.
    pub const ALL: [(Self, &'static str); 4] = [(Self::Dn, "dn"), (Self::GroupDn, "group-dn"), (Self::Uai, "uai"), (Self::Id, "id")];

    /// Of a composite value.
    #[must_use]
    pub fn of(value: &str) -> Self {
        let first = value.split('$').next().unwrap_or_default();
        if first.contains('=') && dn::is_name(first) {
            let kind = first.split('=').next().unwrap_or_default().trim_matches(' ');
            let group = dn::is_common_name(kind);
            return if group { Self::GroupDn } else { Self::Dn };
        }
        if uai_forme(first) { Self::Uai } else { Self::Id }
    }
}

/// How a profile is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `National_ENS`.
    Code,
    /// `National_3`.
    Number,
    /// The name of an entry.
    Dn,
    /// A word.
    Word,
}

impl Profile {
    /// All of them, with their names in facts.
    pub const ALL: [(Self, &'static str); 4] = [(Self::Code, "code"), (Self::Number, "number"), (Self::Dn, "dn"), (Self::Word, "word")];

    /// Of a value.
    #[must_use]
    pub fn of(value: &str) -> Self {
        let national = value.get(..9).filter(|start| start.eq_ignore_ascii_case("National_")).map(|_| &value[9..]);
        match national {
            Some(rest) if !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit()) => Self::Number,
            Some(_) => Self::Code,
            None if value.contains('=') && dn::is_name(value) => Self::Dn,
            None => Self::Word,
        }
    }
}

/// Counts by name, bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(pub BTreeMap<String, u64>);

impl Names {
    /// Counts a name, when it looks like one.
    pub fn add(&mut self, name: &str, count: u64) {
        if let Some(known) = self.0.get_mut(name) {
            *known += count;
        } else if self.0.len() < MAX_NAMES && is_name(name) {
            self.0.insert(name.to_owned(), count);
        }
    }

    /// The most frequent, the first in the alphabet when several are.
    #[must_use]
    pub fn first(&self) -> Option<&str> {
        self.0.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(name, _)| name.as_str())
    }
}

/// A name of a class, of an attribute or of a branch, and nothing that could tell of a person.
fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b'=' | b';') || b.is_ascii_digit();
    !name.is_empty() && name.len() <= 64 && name.bytes().all(plain) && name.bytes().filter(u8::is_ascii_digit).count() <= 4
}

/// Entries that name one parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Children {
    /// How deep the parent stands.
    pub depth: u32,
    /// How many entries.
    pub count: u64,
    /// Line, in its chunk, of the first.
    pub line: u32,
}

/// What one chunk holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Entries.
    pub entries: u64,
    /// Lines that end with a carriage return and a line feed, with a line feed alone.
    pub endings: [u64; 2],
    /// `version:`, as written, when it is a number.
    pub version: Option<String>,
    /// `changetype: add`.
    pub adds: u64,
    /// By class, as the model writes it, superiors left out.
    pub classes: Names,
    /// Classes that the model does not have.
    pub local_classes: Names,
    /// Attributes that the model does not have.
    pub local_attributes: Names,
    /// Attributes that the model has, by entry: an export of chosen attributes lacks some altogether.
    pub attributes: Names,
    /// By attribute of the ministry's model that names people, how many values are names of entries, and how many are not.
    pub people: BTreeMap<String, [u64; 2]>,
    /// By [`Style`].
    pub styles: [u64; 4],
    /// The same, of values that name a class or a group only.
    pub groupings: [u64; 4],
    /// By [`Profile`].
    pub profiles: [u64; 4],
    /// By family, types of the RDN.
    pub naming: BTreeMap<Family, Names>,
    /// By family, first RDN of the parent.
    pub branches: BTreeMap<Family, Names>,
    /// What all names end with; `None` before any.
    pub suffix: Option<String>,
    /// Hashes of names.
    pub ids: Vec<u64>,
    /// By hash of the parent.
    pub parents: HashMap<u64, Children>,
}

/// Entries that came one after the other with the same place, which is looked up once for all.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    family: Family,
    /// Type of their RDN.
    kind: String,
    /// First RDN of their parent.
    branch: String,
    /// Hash of the parent.
    parent: u64,
    depth: u32,
    count: u64,
    /// Line, in its chunk, of the first.
    line: u32,
}

impl Census {
    /// Counts the place of an entry: its normal name. What `recent` holds is counted by [`Self::settle`].
    pub fn place(&mut self, normal: &str, family: Family, line: u32, recent: &mut Recent) {
        self.entries += 1;
        self.ids.push(hash(SEED, &[normal]));
        let (rdn, above) = dn::first_rdn(normal);
        let (kind, parent) = (rdn.split('=').next().unwrap_or_default(), hash(SEED, &[above]));
        if recent.count == 0 || recent.parent != parent || recent.family != family || recent.kind != kind {
            self.settle(recent);
            let depth = dn::rdns(above).count() as u32;
            let branch = dn::first_rdn(above).0.to_owned();
            *recent = Recent { family, kind: kind.to_owned(), branch, parent, depth, count: 0, line };
        }
        recent.count += 1;
        self.end_with(normal);
    }

    /// Counts the entries that came last.
    pub fn settle(&mut self, recent: &mut Recent) {
        let Recent { family, kind, branch, parent, depth, count, line } = std::mem::take(recent);
        if count == 0 {
            return;
        }
        self.naming.entry(family).or_default().add(&kind, count);
        self.branches.entry(family).or_default().add(&branch, count);
        self.parents.entry(parent).or_insert(Children { depth, count: 0, line }).count += count;
    }

    fn end_with(&mut self, normal: &str) {
        match &mut self.suffix {
            None => self.suffix = Some(normal.to_owned()),
            // Nearly all names end with it.
            Some(suffix) if *suffix == normal || dn::is_under(normal, suffix) => {}
            Some(suffix) => *suffix = common(suffix, normal),
        }
    }

    /// Counts a composite value, and whether it names a class or a group.
    pub fn composite(&mut self, value: &str, grouping: bool) {
        let style = Style::of(value) as usize;
        self.styles[style] += 1;
        self.groupings[style] += u64::from(grouping);
    }

    /// Counts a value of an attribute that names somebody.
    pub fn person(&mut self, attribute: &str, value: &str) {
        if !self.people.contains_key(attribute) {
            self.people.insert(attribute.to_owned(), [0, 0]);
        }
        if let Some(counts) = self.people.get_mut(attribute) {
            counts[usize::from(!value.contains('='))] += u64::from(!value.is_empty());
        }
    }

    /// Counts a profile.
    pub fn profile(&mut self, value: &str) {
        self.profiles[Profile::of(value) as usize] += 1;
    }

    /// Adds another chunk.
    pub fn absorb(&mut self, other: &Self) {
        self.entries += other.entries;
        self.adds += other.adds;
        for (mine, theirs) in [
            (&mut self.endings[..], &other.endings[..]),
            (&mut self.styles, &other.styles),
            (&mut self.groupings, &other.groupings),
            (&mut self.profiles, &other.profiles),
        ] {
            mine.iter_mut().zip(theirs).for_each(|(m, t)| *m += t);
        }
        for (attribute, counts) in &other.people {
            let mine = self.people.entry(attribute.clone()).or_default();
            mine.iter_mut().zip(counts).for_each(|(m, t)| *m += t);
        }
        self.version = self.version.take().or_else(|| other.version.clone());
        let lists = [
            (&mut self.classes, &other.classes),
            (&mut self.local_classes, &other.local_classes),
            (&mut self.local_attributes, &other.local_attributes),
            (&mut self.attributes, &other.attributes),
        ];
        lists.into_iter().for_each(|(mine, theirs)| mine.absorb(theirs));
        for (mine, theirs) in [(&mut self.naming, &other.naming), (&mut self.branches, &other.branches)] {
            theirs.iter().for_each(|(family, names)| mine.entry(*family).or_default().absorb(names));
        }
        self.suffix = match (self.suffix.take(), &other.suffix) {
            (Some(mine), Some(theirs)) => Some(common(&mine, theirs)),
            (mine, theirs) => mine.or_else(|| theirs.clone()),
        };
    }
}

/// What two normal names both end with.
fn common(a: &str, b: &str) -> String {
    let (a, b): (Vec<&str>, Vec<&str>) = (dn::rdns(a).collect(), dn::rdns(b).collect());
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    a[a.len() - same..].join(",")
}

impl Names {
    fn absorb(&mut self, other: &Self) {
        other.0.iter().for_each(|(name, count)| self.add(name, *count));
    }
}

/// The counts of a delivery, by file and chunk; shared by those who read.
#[derive(Clone, Debug, Default)]
pub struct Counts(Arc<Mutex<BTreeMap<(u32, u32), Census>>>);

impl Counts {
    /// Keeps the count of a chunk.
    pub fn keep(&self, file: u32, chunk: u32, census: Census) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((file, chunk), census);
    }

    /// That of the chunks of one file, or of all.
    #[must_use]
    pub fn of(&self, file: Option<u32>) -> Census {
        let mut all = Census::default();
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().filter(|((f, _), _)| file.is_none_or(|wanted| wanted == *f)).for_each(|(_, census)| all.absorb(census));
        all
    }

    /// Entries whose parent is not in the export and stands below what all names end with, which has that many RDNs;
    /// once for each parent and chunk.
    #[must_use]
    pub fn lost(&self, suffix: usize) -> Vec<Lost> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let ids: HashSet<u64> = kept.values().flat_map(|c| c.ids.iter().copied()).collect();
        let mut all = Vec::new();
        for ((file, chunk), census) in kept.iter() {
            let lost = census.parents.iter().filter(|(hash, c)| c.depth as usize > suffix && !ids.contains(*hash));
            all.extend(lost.map(|(_, c)| Lost { file: *file, chunk: *chunk, line: c.line, count: c.count }));
        }
        all.sort_unstable();
        all
    }
}

/// Entries whose parent is nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lost {
    /// Rank of the file.
    pub file: u32,
    /// Rank of the chunk.
    pub chunk: u32,
    /// Line in the chunk of the first of them.
    pub line: u32,
    /// How many.
    pub count: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_first_is_recognised() {
        for (value, style) in [
            ("ENTStructureSIREN=19990001400017,ou=structures,dc=ent$6A", Style::Dn),
            ("cn=19990001400017$6A,ou=classes,ou=groups,dc=ent", Style::GroupDn),
            ("cn=19990001400017_6A,ou=groupes,dc=ent", Style::GroupDn),
            ("commonName = 19990001400017_6A,ou=groupes,dc=ent", Style::GroupDn),
            ("0990001A$6A", Style::Uai),
            ("3000$6A", Style::Id),
        ] {
            assert_eq!(Style::of(value), style, "{value}");
        }
        assert_eq!(
            ["National_ENS", "National_3", "cn=Enseignant,ou=profils", "enseignant", "National_"].map(Profile::of),
            [Profile::Code, Profile::Number, Profile::Dn, Profile::Word, Profile::Code]
        );
    }

    #[test]
    fn the_suffix_is_what_all_names_end_with() {
        let (mut census, mut recent) = (Census::default(), Recent::default());
        for name in ["uid=a,ou=personnes,dc=ent,dc=fr", "uid=b,ou=personnes,dc=ent,dc=fr", "ou=structures,dc=ent,dc=fr"] {
            census.place(name, Family::Person, 0, &mut recent);
        }
        census.settle(&mut recent);
        assert_eq!(census.suffix.as_deref(), Some("dc=ent,dc=fr"));
        let counts = Counts::default();
        counts.keep(0, 0, census.clone());
        // The branch of people is not there.
        assert_eq!(counts.lost(2), [Lost { file: 0, chunk: 0, line: 0, count: 2 }]);
        let mut more = Census::default();
        more.place("ou=personnes,dc=ent,dc=fr", Family::Other, 3, &mut recent);
        more.settle(&mut recent);
        counts.keep(0, 1, more);
        counts.keep(0, 0, census);
        assert_eq!((counts.lost(2).len(), counts.of(None).entries), (0, 4));
    }

    #[test]
    fn names_are_bounded_and_are_names() {
        let mut names = Names::default();
        ["posixAccount", "Jean Dupont", "0612345678", ""].into_iter().for_each(|name| names.add(name, 1));
        assert_eq!(names.0.keys().collect::<Vec<_>>(), ["posixAccount"]);
        (0..9).for_each(|i| (0..99).for_each(|j| names.add(&format!("a{i}-{j}"), 1)));
        assert_eq!(names.0.len(), MAX_NAMES);
    }
}
