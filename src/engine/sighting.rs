//! Failures as workers note them: capped, ordered by place, free of raw values.

use crate::outcome::Message;
use crate::source::Kind;
use crate::source::place::Place;

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
    /// References passed over: their first parts are not known there, so that nothing is to be compared with.
    pub passed_over: u64,
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
        self.passed_over += other.passed_over;
        self.failures += other.failures;
        self.kept.extend(other.kept);
        self.kept.sort_by_key(|s| s.place);
        self.kept.truncate(cap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_exact_and_the_first_places_are_kept() {
        let at = |chunk, line| Sighting {
            place: Place { group: 0, file: 0, chunk, line },
            kind: None,
            subject: None,
            attribute: None,
            message: Message::new("x"),
        };
        let (mut a, mut b) = (Tally::default(), Tally::default());
        for line in 0..5 {
            a.fail(3, || at(1, line));
            b.fail(3, || at(0, line));
        }
        a.absorb(b, 3);
        assert_eq!((a.failures, a.kept.len()), (10, 3));
        assert!(a.kept.iter().all(|s| s.place.chunk == 0));
    }
}
