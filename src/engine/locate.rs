//! The second reading, made only when relations found keys at fault: shows where, counts exactly, and
//! confirms with the texts what hashes told.
//!
//! One thread, in the order of the input, so that the same input gives the same findings.

use hashbrown::HashMap;
use jsonschema::Validator;

use super::plan::{How, Plan};
use super::sighting::Tally;
use super::store::{KeyHasher, Keys, Pending};
use super::worker::{Entry, Settings, of_key, reference_message, sighting};
use crate::check::diagnose::{self, Diagnosis};
use crate::check::schema::{SchemaError, Schemas};
use crate::check::selector::{Key, hash};
use crate::outcome::Message;
use crate::source::Kind;
use crate::source::place::Place;
use crate::source::record::{NameId, Names, Node, Rec, Record, intern};

/// Texts kept to confirm that two equal hashes are two equal keys; beyond, the hash is believed.
const CONFIRMED: usize = 100_000;

struct Wanted {
    check: usize,
    keys: Keys,
    filter: Option<Validator<Rec>>,
    /// First sight of each key: its text, its value for `determines`, how often it came again for `unique`.
    first: HashMap<u64, First, KeyHasher>,
}

struct First {
    /// Not kept once there are too many.
    text: Option<Box<str>>,
    value: u64,
}

impl First {
    fn is(&self, text: &str) -> bool {
        self.text.as_deref().is_none_or(|t| t == text)
    }
}

/// The state of a second reading.
pub struct Locator<'p> {
    plan: &'p Plan<'p>,
    settings: Settings,
    names: Names,
    id: NameId,
    wanted: Vec<Wanted>,
    /// By check: what is visited now was judged at the first reading.
    pub judged: Vec<bool>,
    /// By check.
    pub tallies: Vec<Tally>,
}

impl<'p> Locator<'p> {
    /// For the keys at fault of each check; `None` when there is none.
    ///
    /// # Errors
    /// A schema that does not compile (a loaded set has none).
    pub fn new(plan: &'p Plan<'p>, schemas: &Schemas, settings: Settings, at_fault: Vec<Keys>) -> Result<Option<Self>, SchemaError> {
        let mut wanted = Vec::new();
        for (check, keys) in at_fault.into_iter().enumerate().filter(|(_, keys)| !keys.is_empty()) {
            let filter = plan.checks[check].check.filter.as_ref().map(|f| schemas.records(f)).transpose()?;
            wanted.push(Wanted { check, keys, filter, first: HashMap::default() });
        }
        let id = intern("@id");
        let (judged, tallies) = (vec![false; plan.checks.len()], vec![Tally::default(); plan.checks.len()]);
        Ok((!wanted.is_empty()).then(|| Self { plan, settings, names: Names::snapshot(), id, wanted, judged, tallies }))
    }

    /// The kinds to read again.
    #[must_use]
    pub fn kinds(&self) -> Vec<Kind> {
        let mut kinds = Vec::new();
        for wanted in &self.wanted {
            let planned = &self.plan.checks[wanted.check];
            kinds.extend(&planned.kinds);
            if let How::Symmetric { with, .. } = &planned.how {
                kinds.push(*with);
            }
        }
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// The names that requirements mention.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Looks for keys at fault in one record.
    pub fn visit(&mut self, record: &Record<'_>, entry: Entry, place: &dyn Fn(u32) -> Place) {
        if entry.superseded {
            return;
        }
        let kind = Kind(entry.kind);
        for wanted in &mut self.wanted {
            let planned = &self.plan.checks[wanted.check];
            if entry.delete && !planned.sees_deletes {
                continue;
            }
            let ours = planned.kinds.contains(&kind);
            let filtered = wanted.filter.as_ref().is_some_and(|f| !f.is_valid(Node::Object(record)));
            let mut found = Vec::new();
            match &planned.how {
                How::References { key, absent, previous, .. } if ours && !filtered && !self.judged[wanted.check] => {
                    key.each_hash(record, self.settings.seed, |h| {
                        if wanted.keys.contains(&Pending::at(h, entry.layer, *previous)) {
                            found.push(reference_message(key, *absent));
                        }
                    });
                }
                How::Unique(indexes) if ours && !filtered => {
                    let index = indexes.iter().find(|(k, _)| *k == kind).map(|(_, i)| *i);
                    if let Some(index) = index {
                        let spec = &self.plan.indexes[index];
                        let apart = if spec.kinds.len() > 1 { 0 } else { u64::from(kind.0) };
                        wanted.duplicates(&spec.key, apart, spec.max, self.settings.seed, record, &mut found);
                    }
                }
                How::Symmetric { key, with, by } => {
                    if ours && !filtered {
                        wanted.matching(key, self.settings.seed, record, || found.push(asymmetric(key)));
                    }
                    if kind == *with {
                        wanted.matching(by, self.settings.seed, record, || found.push(asymmetric(by)));
                    }
                }
                How::Determines { both, key_parts } if ours && !filtered => {
                    wanted.conflicts(both, *key_parts, self.settings.seed, record, &mut found);
                }
                _ => {}
            }
            for said in found {
                let (cap, pseudonyms) = (self.settings.cap, &self.settings.pseudonyms);
                self.tallies[wanted.check].fail(cap, || sighting(record, kind, self.id, pseudonyms, place, said));
            }
        }
    }
}

impl Wanted {
    /// Calls `f` for each key at fault, once however often the record has it.
    fn matching<'a>(&self, key: &Key, seed: u64, record: &'a Record<'a>, mut f: impl FnMut()) {
        let mut seen = Keys::default();
        key.each_hash(record, seed, |h| {
            if self.keys.contains(&h) && seen.insert(h) {
                f();
            }
        });
    }

    fn remember(&mut self, h: u64, text: String, value: u64) {
        let text = (self.first.len() < CONFIRMED).then(|| text.into());
        self.first.insert(h, First { text, value });
    }

    /// A key met `max` times before with the same text: one too many.
    fn duplicates<'a>(&mut self, key: &Key, apart: u64, max: u32, seed: u64, record: &'a Record<'a>, found: &mut Vec<Diagnosis>) {
        let mut hits: Vec<(u64, String)> = Vec::new();
        // Twice in one record is a duplicate too.
        key.each(record, |parts| {
            let h = hash(seed, parts);
            if self.keys.contains(&h) {
                // One key of two kinds that are counted apart is two keys.
                hits.push((h.wrapping_add(apart), parts.join("$")));
            }
        });
        for (h, text) in hits {
            match self.first.get_mut(&h) {
                Some(first) if first.is(&text) => {
                    first.value += 1;
                    if first.value >= u64::from(max) {
                        let message =
                            if max > 1 { Message::new("finding.too_many").with("limit", max) } else { Message::new("finding.duplicate") };
                        found.push(of_key(message, key));
                    }
                }
                Some(_) => {} // two texts, one hash: not a duplicate
                None => self.remember(h, text, 0),
            }
        }
    }

    /// A key whose value differs from the one it first came with.
    fn conflicts<'a>(&mut self, both: &Key, key_parts: usize, seed: u64, record: &'a Record<'a>, found: &mut Vec<Diagnosis>) {
        let mut hits: Vec<(u64, u64, String)> = Vec::new();
        both.each(record, |parts| {
            let h = hash(seed, &parts[..key_parts]);
            if self.keys.contains(&h) {
                hits.push((h, hash(seed, &parts[key_parts..]), parts[..key_parts].join("$")));
            }
        });
        for (h, value, text) in hits {
            match self.first.get(&h) {
                Some(first) if first.is(&text) && first.value != value => {
                    found.push(diagnose::about(Message::new("finding.determines"), both.attribute()));
                }
                Some(_) => {}
                None => self.remember(h, text, value),
            }
        }
    }
}

fn asymmetric(key: &Key) -> Diagnosis {
    diagnose::about(Message::new("finding.asymmetric"), key.attribute())
}
