//! Keyed pseudo-random draws: everything about an entity follows from (seed, stream, index).
//!
//! That is what lets the generator stream: nobody is kept in memory, anybody can be computed again.
//! Must never depend on the platform, the time, or the order in which entities are asked for.

use rand_pcg::Pcg32;
use rand_pcg::rand_core::{Rng, SeedableRng};

/// What a draw is about; two streams of the same index are independent.
#[derive(Clone, Copy, Debug)]
pub enum Stream {
    /// The list of schools.
    Plan = 1,
    /// A structure.
    Structure,
    /// Which pupils of a sector are siblings.
    Siblings,
    /// What a family is like.
    Family,
    /// A responsible person.
    Relative,
    /// A pupil.
    Pupil,
    /// A member of staff.
    Staff,
    /// A town.
    Town,
    /// An identifier.
    Id,
    /// Where faults go.
    Fault,
    /// A basin, a circonscription.
    Area,
}

/// Makes draws for one seed.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    seed: u64,
}

impl Keys {
    /// Keys of a seed. Both degrees of a same seed differ.
    pub fn new(seed: u64) -> Self {
        Self { seed: Pcg32::seed_from_u64(seed).next_u64() }
    }

    /// The draws of one entity, always the same.
    pub fn draw(self, stream: Stream, index: u64) -> Draw {
        let key = self.seed.wrapping_add((stream as u64) << 56).wrapping_add(index);
        Draw(Pcg32::seed_from_u64(key))
    }
}

/// A sequence of draws.
pub struct Draw(Pcg32);

impl Draw {
    /// A number below `n` (0 when `n` is 0). The bias of the multiplication is without importance here.
    pub fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.0.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high - low + 1)
    }

    /// True that many times in a thousand.
    pub fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of a list that is not empty.
    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u32) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_seed_stream_and_index_only() {
        let first = |seed, stream, index| Keys::new(seed).draw(stream, index).below(u32::MAX);
        assert_eq!(first(1, Stream::Pupil, 7), first(1, Stream::Pupil, 7));
        assert_ne!(first(1, Stream::Pupil, 7), first(2, Stream::Pupil, 7));
        assert_ne!(first(1, Stream::Pupil, 7), first(1, Stream::Relative, 7));
        assert_ne!(first(1, Stream::Pupil, 7), first(1, Stream::Pupil, 8));
    }

    #[test]
    fn neighbouring_indexes_are_not_correlated() {
        let keys = Keys::new(42);
        let hits = (0..10_000).filter(|i| keys.draw(Stream::Pupil, *i).chance(200)).count();
        assert!((1_850..2_150).contains(&hits), "{hits}");
    }

    #[test]
    fn the_sequence_is_pinned() {
        let mut draw = Keys::new(1).draw(Stream::Pupil, 0);
        let seen: Vec<u32> = (0..4).map(|_| draw.below(1_000_000)).collect();
        assert_eq!(seen, PINNED);
    }

    const PINNED: [u32; 4] = [813_487, 888_531, 858_218, 227_366];
}
