//! From requirements to what each record must go through: which checks, which keys to gather.
//!
//! Depends on rules and checks. Immutable once made, shared by all workers.

use super::through::{Passage, Table, Through};
use crate::check::selector::{Key, SelectorError};
use crate::rules::model::{OneOrMany, RecordCheck, References, Requirement};
use crate::source::{KINDS, Kind};

use serde_json::Value;

/// A set of keys to gather.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexSpec {
    /// From which records.
    pub kinds: Vec<Kind>,
    /// Which keys.
    pub key: Key,
    /// Only the first parts of them.
    pub prefix: Option<usize>,
    /// From records that satisfy this only.
    pub filter: Option<Value>,
    /// Gather what existed before the newest layer too, with its age.
    pub previous: bool,
    /// How many records may share a key, where that is looked at.
    pub max: u32,
}

/// One requirement over records.
#[derive(Debug)]
pub struct Planned<'r> {
    /// The requirement.
    pub requirement: &'r Requirement,
    /// Its check.
    pub check: &'r RecordCheck,
    /// The kinds it examines.
    pub kinds: Vec<Kind>,
    /// Whether it looks at the request itself: `deleteRequest`s are shown to those only.
    pub sees_deletes: bool,
    /// How it is decided.
    pub how: How,
}

/// How a requirement is decided.
#[derive(Debug)]
pub enum How {
    /// Record by record.
    Assert,
    /// No key more than so many times: one index a kind, or one for all.
    Unique(Vec<(Kind, usize)>),
    /// Every key in an index.
    References {
        /// Keys here.
        key: Key,
        /// Index of the targets.
        index: usize,
        /// Judge only keys whose first parts are in that index.
        known: Option<(usize, usize)>,
        /// Look before the newest layer.
        previous: bool,
        /// The keys must be absent.
        absent: bool,
        /// What the targets are of, when it is another source.
        elsewhere: Option<&'static str>,
    },
    /// Every key among those of the targets, told through other records or by another key.
    Through(Box<Through>),
    /// The same pairs on both sides.
    Symmetric {
        /// Pairs here.
        key: Key,
        /// Kind of the other side.
        with: Kind,
        /// Pairs there.
        by: Key,
    },
    /// A number of records.
    Count,
    /// One key, one value: parts of the key, then parts of the value.
    Determines {
        /// Key and value.
        both: Key,
        /// Parts of the key.
        key_parts: usize,
    },
}

/// Everything to do on the records of one delivery.
#[derive(Debug, Default)]
pub struct Plan<'r> {
    /// The requirements, in the order of the set.
    pub checks: Vec<Planned<'r>>,
    /// The keys to gather.
    pub indexes: Vec<IndexSpec>,
    /// The records that references pass through.
    pub tables: Vec<Table>,
}

impl<'r> Plan<'r> {
    /// A plan for these requirements; those that are not over records are passed over.
    ///
    /// # Errors
    /// A selector that does not compile (a loaded set has none).
    pub fn new(requirements: impl Iterator<Item = &'r Requirement>) -> Result<Self, SelectorError> {
        let mut plan = Self::default();
        for requirement in requirements {
            if let crate::rules::model::Check::Records(check) = &requirement.check {
                plan.add(requirement, check)?;
            }
        }
        Ok(plan)
    }

    fn add(&mut self, requirement: &'r Requirement, check: &'r RecordCheck) -> Result<(), SelectorError> {
        let kinds = kinds(&check.records);
        let how = if let Some(u) = &check.unique {
            let key = Key::compile(&u.key)?;
            let max = u.max.as_ref().and_then(Value::as_u64).map_or(1, |n| u32::try_from(n).unwrap_or(u32::MAX));
            let index = |kind: &Kind| {
                let (filter, fed) = (check.filter.clone(), if u.across { kinds.clone() } else { vec![*kind] });
                (*kind, self.index(IndexSpec { kinds: fed, key: key.clone(), prefix: None, filter, previous: false, max }))
            };
            How::Unique(kinds.iter().map(index).collect())
        } else if let Some(r) = check.references.as_ref().filter(|r| r.or.is_some() || !r.through.is_empty()) {
            How::Through(Box::new(self.through(r, &kinds)?))
        } else if let Some(r) = &check.references {
            let by = Key::compile(&r.by)?;
            let spec = |prefix| IndexSpec {
                kinds: self::kinds(&r.to),
                key: by.clone(),
                prefix,
                filter: r.filter.clone(),
                previous: r.previous,
                max: 1,
            };
            let index = self.index(spec(None));
            // What is kept is asked of targets of the same key, whatever `where` says of them.
            let all = by.parts();
            let whole = || IndexSpec { filter: None, ..spec(Some(all)) };
            let known = match &r.kept {
                Some(_) => Some((all, self.index(whole()))),
                None => r.known_first.map(|n| (n, self.index(spec(Some(n))))),
            };
            let of = self.indexes[index].kinds.first().and_then(source);
            let elsewhere = of.filter(|_| kinds.first().and_then(source) != of);
            How::References { key: Key::compile(&r.key)?, index, known, previous: r.previous, absent: r.absent, elsewhere }
        } else if let Some(s) = &check.symmetric {
            let with = self::kinds(&OneOrMany::One(s.with.clone())).first().copied().unwrap_or(Kind(0));
            How::Symmetric { key: Key::compile(&s.key)?, with, by: Key::compile(&s.by)? }
        } else if let Some(d) = &check.determines {
            let key_parts = Key::compile(&d.key)?.parts();
            let both: Vec<String> = d.key.as_slice().iter().chain(d.value.as_slice()).cloned().collect();
            How::Determines { both: Key::compile(&OneOrMany::Many(both))?, key_parts }
        } else if check.count.is_some() {
            How::Count
        } else {
            How::Assert
        };
        let written = serde_json::to_string(check).unwrap_or_default();
        self.checks.push(Planned { requirement, check, kinds, sees_deletes: written.contains("@request"), how });
        Ok(())
    }

    fn index(&mut self, spec: IndexSpec) -> usize {
        self.indexes.iter().position(|i| *i == spec).unwrap_or_else(|| {
            self.indexes.push(spec);
            self.indexes.len() - 1
        })
    }

    /// A reference that its key alone does not tell: each passage is of the side whose source it is of.
    fn through(&mut self, r: &References, kinds: &[Kind]) -> Result<Through, SelectorError> {
        let (key, to) = (Key::compile(&r.key)?, self::kinds(&r.to));
        let ours = kinds.first().and_then(source);
        let mut passages = [None, None];
        for passage in &r.through {
            let one = |selector: &String| Key::compile(&OneOrMany::One(selector.clone()));
            let kinds = self::kinds(&passage.records);
            let side = usize::from(kinds.first().and_then(source) != ours);
            let part = passage.part.unwrap_or(key.parts() - 1);
            let table = self.table(Table { kinds, by: one(&passage.by)?, give: one(&passage.give)? });
            passages[side] = Some(Passage { table, part });
        }
        let other = r.or.as_ref().map(|or| Ok::<_, SelectorError>((Key::compile(&or.key)?, Key::compile(&or.by)?))).transpose()?;
        let elsewhere = to.first().and_then(source).filter(|of| ours != Some(*of));
        Ok(Through { by: Key::compile(&r.by)?, known: r.known_first.unwrap_or(0), key, to, elsewhere, other, passages })
    }

    fn table(&mut self, table: Table) -> usize {
        self.tables.iter().position(|t| *t == table).unwrap_or_else(|| {
            self.tables.push(table);
            self.tables.len() - 1
        })
    }

    /// The kinds whose records a check needs, its own first, then its targets.
    #[must_use]
    pub fn needs(&self, check: usize) -> Vec<Kind> {
        let planned = &self.checks[check];
        let mut kinds = planned.kinds.clone();
        match &planned.how {
            How::References { index, .. } => kinds.extend(&self.indexes[*index].kinds),
            How::Through(through) => {
                kinds.extend(&through.to);
                through.passages.iter().flatten().for_each(|p| kinds.extend(&self.tables[p.table].kinds));
            }
            How::Symmetric { with, .. } => kinds.push(*with),
            _ => {}
        }
        kinds
    }
}

/// The source that a kind is of.
fn source(kind: &Kind) -> Option<&'static str> {
    kind.info().name.split('.').next()
}

fn kinds(names: &OneOrMany) -> Vec<Kind> {
    names.as_slice().iter().flat_map(|n| Kind::meant(n)).collect()
}

/// Number of kinds, for tables by kind.
#[must_use]
pub fn kind_count() -> usize {
    KINDS.len()
}
