//! What relations know of the whole: keys of every index, references still to be judged, pairs.
//!
//! Keys are seeded 64-bit hashes (about 13 bytes each), never texts. Read by all workers during a
//! phase, changed between phases only.

use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};

use super::gathered::Gathered;
use super::plan::{How, Plan};
use super::through::{Given, Judged, Passed};
use crate::source::Kind;

/// The hasher of keys that are hashes already.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyHasher;

/// Its state: the key itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Identity(u64);

impl BuildHasher for KeyHasher {
    type Hasher = Identity;
    fn build_hasher(&self) -> Identity {
        Identity(0)
    }
}

impl Hasher for Identity {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |h, b| h.rotate_left(8) ^ u64::from(*b));
    }
    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// A set of key hashes.
pub type Keys = HashSet<u64, KeyHasher>;

/// Into how many parts an index is cut, by key: they are taken in side by side, and one index is most of what some phases gather.
const PARTS: usize = 4;

/// The part of a key: by bits that neither its place in a set nor its tag there rests on.
fn part_of(key: u64) -> usize {
    (key >> 40) as usize % PARTS
}

#[derive(Debug, Default)]
struct Index {
    parts: [Part; PARTS],
    complete: bool,
}

impl Index {
    fn has(&self, key: u64) -> bool {
        self.parts[part_of(key)].keys.contains(&key)
    }
}

#[derive(Debug, Default)]
struct Part {
    keys: Keys,
    /// Those met more often than allowed.
    twice: Keys,
    /// How often keys were met after the first time, where more than one is allowed.
    again: HashMap<u64, u32, KeyHasher>,
    /// For those that look at the previous state: the first layer a key is in.
    layers: HashMap<u64, u16, KeyHasher>,
}

/// What a part of an index has to take in, among what workers gathered for the whole of it: keys, and their layers.
struct Job<'s> {
    part: &'s mut Part,
    rank: usize,
    keys: Arc<[(Vec<u64>, Vec<u16>)]>,
    unique: bool,
    previous: bool,
    max: u32,
}

impl Job<'_> {
    fn size(&self) -> usize {
        self.keys.iter().map(|(k, _)| k.len()).sum()
    }

    fn run(self) {
        self.part.keys.reserve(self.size() / PARTS);
        for (keys, layers) in self.keys.iter() {
            if self.previous {
                for (key, layer) in keys.iter().zip(layers).filter(|(key, _)| part_of(**key) == self.rank) {
                    self.part.layers.entry(*key).and_modify(|l| *l = (*l).min(*layer)).or_insert(*layer);
                }
            }
            for key in keys.iter().copied().filter(|key| part_of(*key) == self.rank) {
                if self.part.keys.insert(key) || !self.unique {
                    continue;
                }
                if self.max > 1 {
                    let again = self.part.again.entry(key).or_insert(0);
                    *again += 1;
                    if *again < self.max {
                        continue;
                    }
                }
                self.part.twice.insert(key);
            }
        }
    }
}

/// A piece of work on what was gathered, and about how much it is.
struct Task<'s> {
    size: usize,
    run: Box<dyn FnOnce() + Send + 's>,
}

/// What one worker gathered for one check.
pub struct Rest {
    /// References that could not be judged yet.
    pub waiting: Keys,
    /// The same, with more about them.
    pub pending: HashMap<u64, Pending, KeyHasher>,
    /// Pairs of each side.
    pub pairs: [Vec<u64>; 2],
    /// Values by key, and keys of two values.
    pub determined: Determined,
    /// What passes through other records.
    pub through: Passed,
}

/// Values by key, and keys that came with two values.
pub type Determined = (HashMap<u64, u64, KeyHasher>, Keys);

impl Rest {
    fn into_all(
        self,
        waiting: &mut Keys,
        pending: &mut HashMap<u64, Pending, KeyHasher>,
        pairs: &mut [Vec<u64>; 2],
        determined: &mut Determined,
        through: &mut Passed,
    ) {
        through.absorb(self.through);
        if waiting.is_empty() {
            *waiting = self.waiting;
        } else {
            waiting.extend(self.waiting);
        }
        for (at, met) in self.pending {
            pending.entry(at).and_modify(|p| p.times += met.times).or_insert(met);
        }
        for (mine, theirs) in pairs.iter_mut().zip(self.pairs) {
            mine.extend(theirs);
        }
        let (values, conflicts) = self.determined;
        determined.1.extend(conflicts);
        for (key, value) in values {
            if *determined.0.entry(key).or_insert(value) != value {
                determined.1.insert(key);
            }
        }
    }
}

/// A reference that could not be judged yet.
#[derive(Clone, Copy, Debug)]
pub struct Pending {
    /// The key.
    pub key: u64,
    /// Its first parts, which must be known.
    pub prefix: u64,
    /// The layer it is in.
    pub layer: u16,
    /// How often it was met.
    pub times: u32,
}

impl Pending {
    /// What it is kept under: where the state before a layer matters, one key of two layers is two references.
    #[must_use]
    pub fn at(key: u64, layer: u16, previous: bool) -> u64 {
        if previous { key.rotate_left(17) ^ u64::from(layer).wrapping_mul(0x9E37_79B9_7F4A_7C15) } else { key }
    }
}

/// The keys gathered so far.
#[derive(Debug, Default)]
pub struct Store {
    indexes: Vec<Index>,
    /// By index: whether a key met twice is of interest.
    unique: Vec<bool>,
    waiting: Vec<Keys>,
    pending: Vec<HashMap<u64, Pending, KeyHasher>>,
    pairs: Vec<[Vec<u64>; 2]>,
    determined: Vec<Determined>,
    through: Vec<Passed>,
    tables: Vec<Given>,
    /// By check: what came out of these, once all was read.
    judged: Vec<Judged>,
}

impl Store {
    /// An empty store for a plan.
    #[must_use]
    pub fn new(plan: &Plan<'_>) -> Self {
        let mut new = Self::default();
        new.indexes.resize_with(plan.indexes.len(), Index::default);
        new.unique.resize(plan.indexes.len(), false);
        for planned in &plan.checks {
            if let How::Unique(indexes) = &planned.how {
                indexes.iter().for_each(|(_, index)| new.unique[*index] = true);
            }
        }
        new.waiting.resize_with(plan.checks.len(), Keys::default);
        new.pending.resize_with(plan.checks.len(), HashMap::default);
        new.pairs.resize_with(plan.checks.len(), Default::default);
        new.determined.resize_with(plan.checks.len(), Default::default);
        new.through.resize_with(plan.checks.len(), Passed::default);
        new.tables.resize_with(plan.tables.len(), Given::default);
        new.judged.resize_with(plan.checks.len(), Judged::default);
        new
    }

    /// Whether every record that feeds an index was seen.
    #[must_use]
    pub fn is_complete(&self, index: usize) -> bool {
        self.indexes[index].complete
    }

    /// Whether references of that check are judged as records go by.
    #[must_use]
    pub fn judges(&self, how: &How) -> bool {
        match how {
            How::References { index, known, previous, .. } => {
                !previous && self.is_complete(*index) && known.is_none_or(|(_, i)| self.is_complete(i))
            }
            _ => false,
        }
    }

    /// Whether an index has that key.
    #[must_use]
    pub fn has(&self, index: usize, key: u64) -> bool {
        self.indexes[index].has(key)
    }

    /// Adds what workers gathered during a phase, part by part of each index, check by check, on as many threads.
    pub fn absorb(&mut self, plan: &Plan<'_>, mut gathered: Vec<Gathered>) {
        let threads = gathered.len();
        let mut tasks: Vec<Task<'_>> = Vec::new();
        for (i, index) in self.indexes.iter_mut().enumerate() {
            let taken = gathered.iter_mut().map(|g| (std::mem::take(&mut g.keys[i]), std::mem::take(&mut g.layers[i])));
            let keys: Arc<[(Vec<u64>, Vec<u16>)]> = taken.collect();
            let (unique, spec) = (self.unique[i], &plan.indexes[i]);
            for (rank, part) in index.parts.iter_mut().enumerate() {
                let job = Job { part, rank, keys: Arc::clone(&keys), unique, previous: spec.previous, max: spec.max };
                tasks.push(Task { size: job.size() / PARTS, run: Box::new(move || job.run()) });
            }
        }
        for (i, table) in self.tables.iter_mut().enumerate() {
            let learned: Vec<_> = gathered.iter_mut().map(|g| std::mem::take(&mut g.tables[i])).collect();
            let size = learned.iter().map(Vec::len).sum();
            tasks.push(Task { size, run: Box::new(move || learned.into_iter().for_each(|l| table.absorb(l))) });
        }
        let checks = self.waiting.iter_mut().zip(&mut self.pending).zip(&mut self.pairs).zip(&mut self.determined).zip(&mut self.through);
        for (i, ((((waiting, pending), pairs), determined), through)) in checks.enumerate() {
            let taken: Vec<Rest> = gathered.iter_mut().map(|g| g.rest(i)).collect();
            let size = taken.iter().map(|r| r.waiting.len() + r.pending.len() + r.determined.0.len() + r.through.size()).sum();
            tasks.push(Task {
                size,
                run: Box::new(move || taken.into_iter().for_each(|r| r.into_all(waiting, pending, pairs, determined, through))),
            });
        }
        // The largest last: they are taken from the end, and what was gathered goes away with the last part of an index.
        tasks.sort_by_key(|task| task.size);
        let tasks = Mutex::new(tasks);
        let next = || tasks.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let work = || std::iter::from_fn(next).for_each(|task| (task.run)());
        std::thread::scope(|scope| {
            for _ in 1..threads {
                scope.spawn(work);
            }
            work();
        });
    }

    /// Marks the indexes fed by these kinds only as complete.
    pub fn complete(&mut self, plan: &Plan<'_>, done: impl Fn(Kind) -> bool) {
        for (index, spec) in self.indexes.iter_mut().zip(&plan.indexes) {
            index.complete = spec.kinds.iter().all(|k| done(*k));
        }
    }

    /// Compares what passes through other records: all was read.
    pub fn compare(&mut self, plan: &Plan<'_>) {
        self.tables.iter_mut().for_each(Given::settle);
        for ((planned, passed), judged) in plan.checks.iter().zip(&mut self.through).zip(&mut self.judged) {
            if let How::Through(through) = &planned.how {
                *judged = std::mem::take(passed).judge(through, &self.tables);
            }
        }
        self.tables.clear();
    }

    /// By check, how many of the references that waited can be judged, and how many have nothing to be compared with.
    #[must_use]
    pub fn known(&self, plan: &Plan<'_>) -> Vec<(u64, u64)> {
        let each = plan.checks.iter().zip(&self.pending).zip(&self.judged).map(|((planned, pending), judged)| {
            let How::References { known, .. } = &planned.how else { return (judged.examined, judged.passed_over) };
            let is_known = |p: &Pending| known.is_none_or(|(_, index)| self.indexes[index].has(p.prefix));
            pending.values().fold((0, 0), |(yes, no), p| {
                let times = u64::from(p.times);
                if is_known(p) { (yes + times, no) } else { (yes, no + times) }
            })
        });
        each.collect()
    }

    /// By check, whether references have no target at all: none has such a key.
    #[must_use]
    pub fn without_keys(&self, plan: &Plan<'_>) -> Vec<bool> {
        let empty = |index: usize| self.indexes[index].parts.iter().all(|part| part.keys.is_empty());
        let none = |(planned, judged): (&super::plan::Planned<'_>, &Judged)| match planned.how {
            How::References { index, .. } => empty(index),
            _ => judged.nothing,
        };
        plan.checks.iter().zip(&self.judged).map(none).collect()
    }

    /// By check, the keys at fault that the records themselves do not tell yet: to be looked for in a
    /// second reading. `layers` is how many layers there are.
    #[must_use]
    pub fn at_fault(&mut self, plan: &Plan<'_>) -> Vec<Keys> {
        let mut all = Vec::with_capacity(plan.checks.len());
        for (i, planned) in plan.checks.iter().enumerate() {
            all.push(match &planned.how {
                How::Unique(indexes) => {
                    let parts = indexes.iter().flat_map(|(_, index)| &self.indexes[*index].parts);
                    parts.flat_map(|part| part.twice.iter().copied()).collect()
                }
                How::References { index, known, previous, absent, .. } => {
                    let targets = &self.indexes[*index];
                    let there = |key: u64, layer: u16| match previous {
                        true => targets.parts[part_of(key)].layers.get(&key).is_some_and(|first| *first < layer),
                        false => targets.has(key),
                    };
                    let judged = |prefix: u64| known.is_none_or(|(_, k)| self.indexes[k].has(prefix));
                    let wrong = |p: &Pending| judged(p.prefix) && there(p.key, p.layer) == *absent;
                    let plain = self.waiting[i].iter().filter(|key| targets.has(**key) == *absent).copied();
                    self.pending[i].iter().filter(|(_, p)| wrong(p)).map(|(at, _)| *at).chain(plain).collect()
                }
                How::Symmetric { .. } => {
                    let [ours, theirs] = &mut self.pairs[i];
                    std::thread::scope(|scope| {
                        scope.spawn(|| sort(ours));
                        sort(theirs);
                    });
                    one_sided(ours, theirs)
                }
                How::Determines { .. } => std::mem::take(&mut self.determined[i].1),
                How::Through(_) => std::mem::take(&mut self.judged[i].wrong),
                How::Assert | How::Count => Keys::default(),
            });
        }
        self.pairs.clear();
        all
    }
}

fn sort(side: &mut Vec<u64>) {
    side.sort_unstable();
    side.dedup();
}

/// What only one of two sorted lists has.
fn one_sided(a: &[u64], b: &[u64]) -> Keys {
    let (mut i, mut j, mut out) = (0, 0, Keys::default());
    while i < a.len() || j < b.len() {
        match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) if x == y => (i, j) = (i + 1, j + 1),
            (Some(x), y) if y.is_none_or(|y| x < y) => {
                out.insert(*x);
                i += 1;
            }
            (_, Some(y)) => {
                out.insert(*y);
                j += 1;
            }
            (Some(_), None) | (None, None) => break,
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_one_side_lacks() {
        let mut out: Vec<u64> = one_sided(&[1, 2, 4, 9], &[2, 3, 4]).into_iter().collect();
        out.sort_unstable();
        assert_eq!(out, [1, 3, 9]);
        assert!(one_sided(&[5], &[5]).is_empty() && one_sided(&[], &[]).is_empty());
    }
}
