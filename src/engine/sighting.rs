//! Failures as workers note them: capped, ordered by place, free of raw values.

use std::collections::BTreeMap;

use crate::outcome::Message;
use crate::source::Kind;

/// Where in the input: orders as the input does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Rank of the file.
    pub file: u32,
    /// Rank of the chunk in the file.
    pub chunk: u32,
    /// Line in the chunk, from 0.
    pub line: u32,
}

/// One failure.
#[derive(Clone, Debug)]
pub struct Sighting {
    /// Where.
    pub place: Place,
    /// Kind of record.
    pub kind: Option<Kind>,
    /// Pseudonym of the record.
    pub subject: Option<String>,
    /// Attribute at fault.
    pub attribute: Option<String>,
    /// What was seen.
    pub message: Message,
}

/// The failures of one requirement: an exact total, the first places.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Records, values or documents looked at.
    pub examined: u64,
    /// Failures, all of them.
    pub failures: u64,
    /// The first ones.
    pub kept: Vec<Sighting>,
}

impl Tally {
    /// Counts a failure; `describe` is called only while places are still kept.
    pub fn fail(&mut self, cap: usize, describe: impl FnOnce() -> Sighting) {
        self.failures += 1;
        if self.kept.len() < cap {
            self.kept.push(describe());
        }
    }

    /// Adds what another worker counted. Workers meet places in increasing order, so that the first of
    /// each are the first of all.
    pub fn absorb(&mut self, other: Self, cap: usize) {
        self.examined += other.examined;
        self.failures += other.failures;
        self.kept.extend(other.kept);
        self.kept.sort_by_key(|s| s.place);
        self.kept.truncate(cap);
    }
}

/// Lines that start each chunk of each file: what turns a [`Place`] into a line number.
#[derive(Clone, Debug, Default)]
pub struct LineTable {
    newlines: BTreeMap<(u32, u32), u64>,
}

impl LineTable {
    /// Notes how many lines end in a chunk.
    pub fn note(&mut self, file: u32, chunk: u32, newlines: u64) {
        self.newlines.insert((file, chunk), newlines);
    }

    /// Adds what another worker noted.
    pub fn absorb(&mut self, other: Self) {
        self.newlines.extend(other.newlines);
    }

    /// The line number of a place, from 1.
    #[must_use]
    pub fn line(&self, place: Place) -> u64 {
        let before: u64 = self.newlines.range((place.file, 0)..(place.file, place.chunk)).map(|(_, n)| n).sum();
        before + u64::from(place.line) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_exact_and_the_first_places_are_kept() {
        let at = |chunk, line| Sighting { place: Place { file: 0, chunk, line }, kind: None, subject: None, attribute: None, message: Message::new("x") };
        let (mut a, mut b) = (Tally::default(), Tally::default());
        for line in 0..5 {
            a.fail(3, || at(1, line));
            b.fail(3, || at(0, line));
        }
        a.absorb(b, 3);
        assert_eq!((a.failures, a.kept.len()), (10, 3));
        assert!(a.kept.iter().all(|s| s.place.chunk == 0));
    }

    #[test]
    fn lines_add_up_over_chunks() {
        let mut table = LineTable::default();
        table.note(0, 0, 10);
        table.note(0, 1, 5);
        table.note(1, 0, 100);
        assert_eq!(table.line(Place { file: 0, chunk: 2, line: 3 }), 19);
        assert_eq!(table.line(Place { file: 1, chunk: 0, line: 0 }), 1);
    }
}
