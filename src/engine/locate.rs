//! The second reading, made only when relations found keys at fault: shows where, counts exactly, and
//! confirms with the texts what hashes told.
//!
//! Threads look for the keys; what they hit is settled chunk by chunk in the order of the input, so that the same input
//! gives the same findings.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use jsonschema::Validator;

use super::plan::{How, Plan};
use super::sighting::{Sighting, Tally};
use super::store::{KeyHasher, Keys, Pending};
use super::worker::{Entry, Settings, of_key, reference_message};
use crate::check::diagnose::{self, Diagnosis};
use crate::check::schema::{SchemaError, Schemas};
use crate::check::selector::{Key, hash};
use crate::outcome::Message;
use crate::source::Kind;
use crate::source::files::chunk::newlines;
use crate::source::place::Place;
use crate::source::record::{NameId, Node, Rec, Record, intern};

/// Texts kept to confirm that two equal hashes are two equal keys; beyond, the hash is believed.
const CONFIRMED: usize = 100_000;

/// The keys at fault of a check.
pub struct Wanted {
    check: usize,
    keys: Keys,
}

impl Wanted {
    /// Of each check that has some.
    #[must_use]
    pub fn of(at_fault: Vec<Keys>) -> Vec<Self> {
        let each = at_fault.into_iter().enumerate().filter(|(_, keys)| !keys.is_empty());
        each.map(|(check, keys)| Self { check, keys }).collect()
    }

    /// The kinds to read again.
    #[must_use]
    pub fn kinds(all: &[Self], plan: &Plan<'_>) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for wanted in all {
            let planned = &plan.checks[wanted.check];
            kinds.extend(&planned.kinds);
            if let How::Symmetric { with, .. } = &planned.how {
                kinds.push(*with);
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }
}

/// A key at fault, met in a record.
struct Hit {
    wanted: usize,
    kind: Kind,
    place: Place,
    subject: Option<Box<str>>,
    /// On the other side of a symmetric relation.
    theirs: bool,
    met: Option<Met>,
}

/// A key that other records have to be compared with.
struct Met {
    hash: u64,
    text: String,
    /// Of what it determines.
    value: u64,
}

/// Looks for keys at fault in records. One a thread.
pub struct Seeker<'p> {
    plan: &'p Plan<'p>,
    seed: u64,
    id: NameId,
    wanted: &'p [Wanted],
    filters: Vec<Option<Validator<Rec>>>,
    hits: Vec<Hit>,
}

/// Where records of a chunk stand: they come in order.
pub struct Lines<'t> {
    text: &'t str,
    place: Place,
    at: usize,
}

impl<'t> Lines<'t> {
    /// Of a chunk that starts there.
    #[must_use]
    pub fn new(text: &'t str, place: Place) -> Self {
        Self { text, place, at: 0 }
    }

    /// The place of an offset, that of a record which comes after those asked before.
    fn record(&mut self, offset: usize) -> Place {
        self.place.line += newlines(&self.text.as_bytes()[self.at.min(offset)..offset]) as u32;
        self.at = self.at.max(offset);
        self.place
    }
}

impl<'p> Seeker<'p> {
    /// For the keys at fault of each check.
    ///
    /// # Errors
    /// A schema that does not compile (a loaded set has none).
    pub fn new(plan: &'p Plan<'p>, schemas: &Schemas, seed: u64, wanted: &'p [Wanted]) -> Result<Self, SchemaError> {
        let filter = |w: &Wanted| plan.checks[w.check].check.filter.as_ref().map(|f| schemas.records(f)).transpose();
        let filters = wanted.iter().map(filter).collect::<Result<_, _>>()?;
        Ok(Self { plan, seed, id: intern("@id"), wanted, filters, hits: Vec::new() })
    }

    /// Looks for keys at fault in one record. `judged`, by check: it was judged at the first reading.
    pub fn visit(&mut self, record: &Record<'_>, entry: Entry, judged: &[bool], lines: &mut Lines<'_>) {
        if entry.superseded {
            return;
        }
        let kind = Kind(entry.kind);
        for (rank, wanted) in self.wanted.iter().enumerate() {
            let planned = &self.plan.checks[wanted.check];
            if entry.delete && !planned.sees_deletes {
                continue;
            }
            let ours = planned.kinds.contains(&kind) && self.filters[rank].as_ref().is_none_or(|f| f.is_valid(Node::Object(record)));
            let (seed, id, hits) = (self.seed, self.id, &mut self.hits);
            let mut hit = |key: &Key, theirs: bool, met: Option<Met>| {
                let start = lines.record(record.offset as usize);
                let offset = key.attribute().map_or(record.offset, |a| record.offset_of(a));
                let more = lines.text.get(record.offset as usize..offset as usize).map_or(0, |text| newlines(text.as_bytes()));
                let place = Place { line: start.line + more as u32, ..start };
                let subject = record.values(id).and_then(|v| v.get(0)).filter(|s| !s.is_empty()).map(Into::into);
                hits.push(Hit { wanted: rank, kind, place, subject, theirs, met });
            };
            match &planned.how {
                How::References { key, previous, .. } if ours && !judged[wanted.check] => {
                    key.each_hash(record, seed, |h| {
                        if wanted.keys.contains(&Pending::at(h, entry.layer, *previous)) {
                            hit(key, false, None);
                        }
                    });
                }
                How::Through(through) if ours => through.key.each_hash(record, seed, |h| {
                    if wanted.keys.contains(&h) {
                        hit(&through.key, false, None);
                    }
                }),
                How::Unique(indexes) if ours => {
                    let Some((_, index)) = indexes.iter().find(|(k, _)| *k == kind) else { continue };
                    let spec = &self.plan.indexes[*index];
                    // One key of two kinds that are counted apart is two keys.
                    let apart = if spec.kinds.len() > 1 { 0 } else { u64::from(kind.0) };
                    // Twice in one record is a duplicate too.
                    spec.key.each(record, |parts| {
                        let h = hash(seed, parts);
                        if wanted.keys.contains(&h) {
                            hit(&spec.key, false, Some(Met { hash: h.wrapping_add(apart), text: parts.join("$"), value: 0 }));
                        }
                    });
                }
                How::Symmetric { key, with, by } => {
                    for (key, theirs, asked) in [(key, false, ours), (by, true, kind == *with)] {
                        if !asked {
                            continue;
                        }
                        // Once, however often the record has it.
                        let mut seen = Keys::default();
                        key.each_hash(record, seed, |h| {
                            if wanted.keys.contains(&h) && seen.insert(h) {
                                hit(key, theirs, None);
                            }
                        });
                    }
                }
                How::Determines { both, key_parts } if ours => both.each(record, |parts| {
                    let h = hash(seed, &parts[..*key_parts]);
                    if wanted.keys.contains(&h) {
                        let (text, value) = (parts[..*key_parts].join("$"), hash(seed, &parts[*key_parts..]));
                        hit(both, false, Some(Met { hash: h, text, value }));
                    }
                }),
                _ => {}
            }
        }
    }

    /// What was hit since it was last asked.
    pub fn take(&mut self) -> Hits {
        Hits(std::mem::take(&mut self.hits))
    }
}

/// What was hit in a chunk.
pub struct Hits(Vec<Hit>);

/// The first sight of a key.
struct First {
    /// Not kept once there are too many.
    text: Option<Box<str>>,
    /// For `determines` what it came with, for `unique` how often it came again.
    value: u64,
}

impl First {
    fn is(&self, text: &str) -> bool {
        self.text.as_deref().is_none_or(|t| t == text)
    }
}

/// Settles what was hit: chunks are numbered in the order of the input, and come in any.
pub struct Locator<'p> {
    plan: &'p Plan<'p>,
    settings: Settings,
    wanted: &'p [Wanted],
    /// By wanted: first sight of each key.
    first: Vec<HashMap<u64, First, KeyHasher>>,
    /// The chunk to settle next, and those that came before their turn.
    next: u64,
    early: BTreeMap<u64, Hits>,
    /// By check.
    pub tallies: Vec<Tally>,
}

impl<'p> Locator<'p> {
    /// For the keys at fault of each check.
    #[must_use]
    pub fn new(plan: &'p Plan<'p>, settings: Settings, wanted: &'p [Wanted]) -> Self {
        let first = wanted.iter().map(|_| HashMap::default()).collect();
        Self { plan, settings, wanted, first, next: 0, early: BTreeMap::new(), tallies: vec![Tally::default(); plan.checks.len()] }
    }

    /// Takes what was hit in a chunk.
    pub fn take(&mut self, chunk: u64, hits: Hits) {
        self.early.insert(chunk, hits);
        while let Some(Hits(hits)) = self.early.remove(&self.next) {
            self.next += 1;
            hits.into_iter().for_each(|hit| self.settle(hit));
        }
    }

    fn settle(&mut self, hit: Hit) {
        let check = self.wanted[hit.wanted].check;
        let first = &mut self.first[hit.wanted];
        let said = match (&self.plan.checks[check].how, hit.met) {
            (How::References { .. } | How::Through(_), _) => reference_message(&self.plan.checks[check]),
            (How::Symmetric { key, by, .. }, _) => asymmetric(if hit.theirs { by } else { key }),
            (How::Unique(indexes), Some(met)) => {
                let Some((_, index)) = indexes.iter().find(|(k, _)| *k == hit.kind) else { return };
                let spec = &self.plan.indexes[*index];
                let Some(said) = one_too_many(first, met, spec.max, &spec.key) else { return };
                said
            }
            (How::Determines { both, .. }, Some(met)) => {
                let Some(said) = other_value(first, met, both) else { return };
                said
            }
            _ => return,
        };
        let pseudonyms = &self.settings.pseudonyms;
        self.tallies[check].fail(self.settings.cap, || Sighting {
            place: hit.place,
            kind: Some(hit.kind),
            subject: hit.subject.map(|s| pseudonyms.subject(hit.kind, &s)),
            attribute: said.attribute,
            message: said.message,
        });
    }
}

fn remember(first: &mut HashMap<u64, First, KeyHasher>, met: Met) {
    let text = (first.len() < CONFIRMED).then(|| met.text.into());
    first.insert(met.hash, First { text, value: met.value });
}

/// A key met `max` times before with the same text: one too many.
fn one_too_many(first: &mut HashMap<u64, First, KeyHasher>, met: Met, max: u32, key: &Key) -> Option<Diagnosis> {
    let Some(known) = first.get_mut(&met.hash) else {
        remember(first, met);
        return None;
    };
    // Two texts, one hash: not a duplicate.
    if !known.is(&met.text) {
        return None;
    }
    known.value += 1;
    let message = if max > 1 { Message::new("finding.too_many").with("limit", max) } else { Message::new("finding.duplicate") };
    (known.value >= u64::from(max)).then(|| of_key(message, key))
}

/// A key whose value differs from the one it first came with.
fn other_value(first: &mut HashMap<u64, First, KeyHasher>, met: Met, both: &Key) -> Option<Diagnosis> {
    let Some(known) = first.get(&met.hash) else {
        remember(first, met);
        return None;
    };
    let other = known.is(&met.text) && known.value != met.value;
    other.then(|| diagnose::about(Message::new("finding.determines"), both.attribute()))
}

fn asymmetric(key: &Key) -> Diagnosis {
    diagnose::about(Message::new("finding.asymmetric"), key.attribute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_follow_the_records() {
        let at = Place { group: 1, file: 2, chunk: 3, line: 0 };
        let mut lines = Lines::new("a\nb\n\nc\n", at);
        assert_eq!([0, 2, 2, 5].map(|offset| lines.record(offset).line), [0, 1, 1, 3]);
        assert_eq!(lines.record(5), Place { line: 3, ..at });
    }
}
