//! Places in a source read by chunks, and the line numbers they stand for.

use std::collections::BTreeMap;

/// Where in the input: orders as the input does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Rank of the group of files: groups are read one after the other.
    pub group: u32,
    /// Rank of the file.
    pub file: u32,
    /// Rank of the chunk in the file.
    pub chunk: u32,
    /// Line in the chunk, from 0.
    pub line: u32,
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
    fn lines_add_up_over_chunks() {
        let mut table = LineTable::default();
        table.note(0, 0, 10);
        table.note(0, 1, 5);
        table.note(1, 0, 100);
        assert_eq!(table.line(Place { group: 0, file: 0, chunk: 2, line: 3 }), 19);
        assert_eq!(table.line(Place { group: 1, file: 1, chunk: 0, line: 0 }), 1);
    }
}
