//! The values of one record, as hashes to compare: without allocation for most records.

use rapidhash::RapidHashSet;

/// Most kept without allocation.
const FEW: usize = 24;

/// The hashes.
#[derive(Default)]
pub struct Hashes {
    few: [u64; FEW],
    len: usize,
    /// All of them, once there are more than a few.
    many: Vec<u64>,
}

impl Hashes {
    /// Adds one.
    pub fn push(&mut self, hash: u64) {
        if let Some(slot) = self.few.get_mut(self.len) {
            *slot = hash;
        } else {
            if self.many.is_empty() {
                self.many.extend_from_slice(&self.few);
            }
            self.many.push(hash);
        }
        self.len += 1;
    }

    fn all(&self) -> &[u64] {
        if self.many.is_empty() { &self.few[..self.len] } else { &self.many }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether none is there twice.
    pub fn are_distinct(mut self) -> bool {
        let all = if self.many.is_empty() { &mut self.few[..self.len] } else { &mut self.many[..] };
        all.sort_unstable();
        all.windows(2).all(|w| w[0] != w[1])
    }

    /// Whether each is among others.
    pub fn are_all_in(&self, other: &Self) -> bool {
        self.are_in(other, true)
    }

    /// Whether none is among others.
    pub fn are_none_in(&self, other: &Self) -> bool {
        self.are_in(other, false)
    }

    fn are_in(&self, other: &Self, expected: bool) -> bool {
        if self.len <= FEW || other.len <= FEW {
            return self.all().iter().all(|h| other.all().contains(h) == expected);
        }
        let other: RapidHashSet<u64> = other.all().iter().copied().collect();
        self.all().iter().all(|h| other.contains(h) == expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(all: impl Iterator<Item = u64>) -> Hashes {
        let mut hashes = Hashes::default();
        all.for_each(|h| hashes.push(h));
        hashes
    }

    #[test]
    fn few_or_many_are_compared_alike() {
        for n in [1, 3, 24, 25, 300] {
            assert!(of(0..n).are_distinct() && !of((0..n).chain([n - 1])).are_distinct(), "{n}");
            assert!(of(0..n).are_all_in(&of((0..n).rev())) && !of(0..n + 1).are_all_in(&of(0..n)), "{n}");
            assert!(of(0..n).are_none_in(&of(n..2 * n)) && !of(0..n).are_none_in(&of(n - 1..2 * n)), "{n}");
        }
        assert!(of(0..0).is_empty() && of(0..0).are_distinct() && of(0..0).are_all_in(&of(0..1)));
    }
}
