//! What one worker gathers for the relations, on its way to the store: hashes only, never texts.

use hashbrown::{HashMap, HashSet};

use super::plan::Plan;
use super::store::{KeyHasher, Pending, Rest};
use super::through::{Learned, Passed};

/// What a worker gathered for the relations since it was last asked.
#[derive(Debug, Default)]
pub struct Gathered {
    /// By index: keys.
    pub keys: Vec<Vec<u64>>,
    /// By index that looks at the previous state: the layer of each of these keys.
    pub layers: Vec<Vec<u16>>,
    /// By check: references that could not be judged yet.
    pub waiting: Vec<HashSet<u64, KeyHasher>>,
    /// By check: the same, with what they need known, and their layer, where that matters.
    pub pending: Vec<HashMap<u64, Pending, KeyHasher>>,
    /// By check: pairs of each side.
    pub pairs: Vec<[Vec<u64>; 2]>,
    /// By check: key → value, and the keys that came with two values.
    pub determined: Vec<(HashMap<u64, u64, KeyHasher>, HashSet<u64, KeyHasher>)>,
    /// By check: what passes through other records.
    pub through: Vec<Passed>,
    /// By table: what those records give.
    pub tables: Vec<Learned>,
}

impl Gathered {
    /// Takes what is of one check.
    pub fn rest(&mut self, check: usize) -> Rest {
        Rest {
            waiting: std::mem::take(&mut self.waiting[check]),
            pending: std::mem::take(&mut self.pending[check]),
            pairs: std::mem::take(&mut self.pairs[check]),
            determined: std::mem::take(&mut self.determined[check]),
            through: std::mem::take(&mut self.through[check]),
        }
    }

    /// Nothing yet, for a plan.
    #[must_use]
    pub fn new(plan: &Plan<'_>) -> Self {
        let checks = plan.checks.len();
        let mut new = Self::default();
        new.keys.resize_with(plan.indexes.len(), Vec::new);
        new.layers.resize_with(plan.indexes.len(), Vec::new);
        new.waiting.resize_with(checks, HashSet::default);
        new.pending.resize_with(checks, HashMap::default);
        new.pairs.resize_with(checks, Default::default);
        new.determined.resize_with(checks, Default::default);
        new.through.resize_with(checks, Passed::default);
        new.tables.resize_with(plan.tables.len(), Learned::default);
        new
    }
}
