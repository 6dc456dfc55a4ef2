//! One thread's share of the work: judges records one by one and gathers keys for the relations.
//!
//! Owns its validators (a regex shared between threads scales badly) and its counters; nothing is
//! locked while records go by. Must never keep a value: hashes, places and pseudonyms only.

use super::gathered::Gathered;
use super::plan::{How, Plan, Planned, kind_count};
use super::program::{ACCEPTED, Gather, KindProgram, NO_PROGRAM, Part, Whole};
use super::sighting::{Sighting, Tally};
use super::store::{Pending, Store};
use super::through::Role;
use crate::check::diagnose::{self, Diagnosis};
use crate::check::schema::{SchemaError, Schemas};
use crate::check::selector::{Key, hash};
use crate::outcome::Message;
use crate::privacy::Pseudonyms;
use crate::source::Kind;
use crate::source::place::Place;
use crate::source::record::{NameId, Names, Node, Record, Values, intern};

/// What all workers of a run share.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Seed of the key hashes, drawn for each run.
    pub seed: u64,
    /// Findings kept for each requirement.
    pub cap: usize,
    /// Pseudonyms.
    pub pseudonyms: Pseudonyms,
}

/// What the source knows of a record beside its content.
#[derive(Clone, Copy, Debug, Default)]
pub struct Entry {
    /// Kind.
    pub kind: u8,
    /// A `deleteRequest`.
    pub delete: bool,
    /// A later layer says something else of the same entry: relations pass over it.
    pub superseded: bool,
    /// Layer: 0 for the Complet, then one a Delta.
    pub layer: u16,
}

/// One thread's state.
pub struct Worker<'p> {
    plan: &'p Plan<'p>,
    settings: Settings,
    names: Names,
    schemas: Schemas,
    id: NameId,
    kinds: Vec<KindProgram>,
    epoch: u64,
    /// By check: the last record of which a part was refused.
    suspected: Vec<u64>,
    /// By filter of the kind at hand: what it says of the record at hand, once asked.
    filtered: Vec<Option<bool>>,
    /// Keys of the record at hand, on their way to indexes.
    read: Vec<u64>,
    one_layer: bool,
    /// By index: the checks that examine the keys gathered there.
    counts: Vec<Vec<usize>>,
    /// By check.
    pub tallies: Vec<Tally>,
    /// By check: records that a `count` counted.
    pub counted: Vec<u64>,
    /// For the relations.
    pub gathered: Gathered,
}

impl<'p> Worker<'p> {
    /// Compiles the checks of a plan for one thread.
    ///
    /// # Errors
    /// A schema that does not compile (a loaded set has none).
    pub fn new(plan: &'p Plan<'p>, schemas: &Schemas, settings: Settings) -> Result<Self, SchemaError> {
        let schemas = Schemas { vocabulary: schemas.vocabulary.clone(), reference: Default::default() };
        let mut kinds: Vec<KindProgram> = Vec::new();
        kinds.resize_with(kind_count(), KindProgram::default);
        for (i, planned) in plan.checks.iter().enumerate() {
            for kind in &planned.kinds {
                let program = &mut kinds[usize::from(kind.0)];
                match (&planned.how, &planned.check.assert) {
                    (How::Assert, Some(schema)) => {
                        program.assert(i, planned.check.filter.as_ref(), schema, planned.sees_deletes, &schemas)?
                    }
                    (How::Count, _) => {
                        let of = planned.check.count.as_ref().and_then(|c| c.of.as_ref());
                        let schema = of.map(|s| schemas.records(s)).transpose()?;
                        let filter = program.filter(planned.check.filter.as_ref(), &schemas)?;
                        program.whole.push(Whole { check: i, filter, schema, guarded: false });
                    }
                    (How::Through(_), _) => {
                        let filter = program.filter(planned.check.filter.as_ref(), &schemas)?;
                        program.through.push((i, filter, Role::Ours));
                    }
                    _ => {
                        let filter = program.filter(planned.check.filter.as_ref(), &schemas)?;
                        program.relations.push((i, filter));
                    }
                }
            }
            if let How::Through(through) = &planned.how {
                let filter = planned.check.references.as_ref().and_then(|r| r.filter.as_ref());
                for kind in &through.to {
                    let program = &mut kinds[usize::from(kind.0)];
                    let filter = program.filter(filter, &schemas)?;
                    program.through.push((i, filter, Role::Theirs));
                }
            }
            if let How::Symmetric { with, .. } = &planned.how {
                kinds[usize::from(with.0)].relations.push((i, None));
            }
        }
        for (table, of) in plan.tables.iter().enumerate() {
            of.kinds.iter().for_each(|kind| kinds[usize::from(kind.0)].tables.push(table));
        }
        for (index, spec) in plan.indexes.iter().enumerate() {
            for kind in &spec.kinds {
                let program = &mut kinds[usize::from(kind.0)];
                let filter = program.filter(spec.filter.as_ref(), &schemas)?;
                let alike = |g: &&mut Gather| {
                    let of = &plan.indexes[g.into[0].0];
                    of.key == spec.key && of.prefix == spec.prefix
                };
                match program.gather.iter_mut().find(alike) {
                    Some(gather) => gather.into.push((index, filter)),
                    None => program.gather.push(Gather { into: vec![(index, filter)] }),
                }
            }
        }
        let mut counts = vec![Vec::new(); plan.indexes.len()];
        for (i, planned) in plan.checks.iter().enumerate() {
            let How::Unique(indexes) = &planned.how else { continue };
            for (_, index) in indexes {
                if !counts[*index].contains(&i) {
                    counts[*index].push(i);
                }
            }
        }
        let id = intern("@id");
        let names = Names::snapshot();
        for program in &mut kinds {
            program.by_name = vec![NO_PROGRAM; names.len()];
            for (i, attribute) in program.attributes.iter().enumerate() {
                program.by_name[names.get(&attribute.name).index()] = i as u16;
            }
        }
        Ok(Self {
            tallies: vec![Tally::default(); plan.checks.len()],
            counted: vec![0; plan.checks.len()],
            gathered: Gathered::new(plan),
            plan,
            settings,
            names,
            schemas,
            id,
            kinds,
            epoch: 0,
            suspected: vec![0; plan.checks.len()],
            filtered: Vec::new(),
            read: Vec::new(),
            one_layer: false,
            counts,
        })
    }

    /// The names that requirements mention: what the front end looks attributes up in.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// Sets the date that ages are counted at.
    pub fn set_reference(&self, date: jiff::civil::Date) {
        self.schemas.reference.set(date);
    }

    /// Says that there is no state before the newest: what looks at it need not be gathered.
    pub fn set_one_layer(&mut self, one_layer: bool) {
        self.one_layer = one_layer;
    }

    /// Takes what was gathered for the relations.
    pub fn take_gathered(&mut self) -> Gathered {
        std::mem::replace(&mut self.gathered, Gathered::new(self.plan))
    }

    /// Judges one record. `place` turns an offset of the chunk into a place; it is called for kept failures only.
    pub fn visit(&mut self, record: &Record<'_>, entry: Entry, store: &Store, place: &dyn Fn(u32) -> Place) {
        let kind = Kind(entry.kind);
        let mut program = std::mem::take(&mut self.kinds[usize::from(entry.kind)]);
        self.epoch += 1;
        self.filtered.clear();
        self.filtered.resize(program.filters.len(), None);
        if !entry.delete {
            program.records += 1;
            program.superseded += u64::from(entry.superseded);
            self.attributes(&mut program, record, kind, place);
        }
        self.whole(&program, record, entry, place);
        if !entry.superseded {
            self.relations(&program, record, entry, store, place);
            self.through(&program, record, entry);
        }
        if !entry.delete {
            self.gather(&program, record, entry);
        }
        self.kinds[usize::from(entry.kind)] = program;
    }

    fn attributes(&mut self, program: &mut KindProgram, record: &Record<'_>, kind: Kind, place: &dyn Fn(u32) -> Place) {
        let epoch = self.epoch;
        for (id, values) in record.members() {
            let node = Node::List(values);
            let slot = program.by_name.get(id.index()).copied().unwrap_or(NO_PROGRAM);
            let attribute = program.attributes.get_mut(usize::from(slot));
            let fingerprint = fingerprint(self.settings.seed, values);
            let mut accepted = true;
            if let Some(attribute) = attribute {
                attribute.seen = epoch;
                attribute.filled += u64::from(!values.is_empty());
                if attribute.accepted[fingerprint as usize % ACCEPTED] == fingerprint {
                    continue;
                }
                for (check, schema) in &attribute.checks {
                    if schema.is_valid(node) {
                        continue;
                    }
                    accepted = false;
                    let said = || diagnose::record(schema, node, kind, Some(&attribute.name));
                    self.fail(*check, record, kind, place, said);
                }
                accepted &= suspect(&mut self.suspected, epoch, &attribute.parts, node);
            }
            accepted &= suspect(&mut self.suspected, epoch, &program.every, node);
            if let (true, Some(attribute)) = (accepted, program.attributes.get_mut(usize::from(slot))) {
                attribute.accepted[fingerprint as usize % ACCEPTED] = fingerprint;
            }
        }
        for attribute in program.attributes.iter().filter(|a| a.seen != epoch) {
            for check in &attribute.needed_by {
                self.suspected[*check] = epoch;
            }
            for check in &attribute.required_by {
                self.fail(*check, record, kind, place, || diagnose::missing(&attribute.name));
            }
        }
    }

    /// Whether a record satisfies a filter of its kind; each is judged once a record.
    fn passes(&mut self, program: &KindProgram, filter: Option<usize>, record: &Record<'_>) -> bool {
        let Some(filter) = filter else { return true };
        *self.filtered[filter].get_or_insert_with(|| program.filters[filter].1.is_valid(Node::Object(record)))
    }

    fn whole(&mut self, program: &KindProgram, record: &Record<'_>, entry: Entry, place: &dyn Fn(u32) -> Place) {
        let (kind, node) = (Kind(entry.kind), Node::Object(record));
        for whole in &program.whole {
            let planned = &self.plan.checks[whole.check];
            if (entry.delete && !planned.sees_deletes) || !self.passes(program, whole.filter, record) {
                continue;
            }
            self.tallies[whole.check].examined += 1;
            if whole.guarded && !entry.delete && self.suspected[whole.check] != self.epoch {
                continue;
            }
            let holds = whole.schema.as_ref().is_none_or(|s| s.is_valid(node));
            match (&planned.how, &whole.schema) {
                (How::Count, _) => self.counted[whole.check] += u64::from(holds && !entry.superseded),
                (_, Some(schema)) if !holds => {
                    self.fail(whole.check, record, kind, place, || diagnose::record(schema, node, kind, None));
                }
                _ => {}
            }
        }
    }

    fn relations(&mut self, program: &KindProgram, record: &Record<'_>, entry: Entry, store: &Store, place: &dyn Fn(u32) -> Place) {
        let (kind, seed) = (Kind(entry.kind), self.settings.seed);
        for (check, filter) in &program.relations {
            let (check, planned) = (*check, &self.plan.checks[*check]);
            if (entry.delete && !planned.sees_deletes) || !self.passes(program, *filter, record) {
                continue;
            }
            match &planned.how {
                How::References { key, index, known, previous, absent, .. } => {
                    let (mut examined, mut passed_over, mut missing) = (0, 0, 0);
                    let (waiting, pending) = (&mut self.gathered.waiting[check], &mut self.gathered.pending[check]);
                    let ready = store.judges(&planned.how);
                    let mut judge = |full: u64, prefix: u64| {
                        if !ready && known.is_none() && !previous {
                            examined += 1;
                            waiting.insert(full);
                        } else if !ready {
                            // Counted with those that are known.
                            let layer = entry.layer;
                            let met = Pending { key: full, prefix, layer, times: 0 };
                            pending.entry(Pending::at(full, layer, *previous)).or_insert(met).times += 1;
                        } else if known.is_some_and(|(_, i)| !store.has(i, prefix)) {
                            passed_over += 1;
                        } else {
                            examined += 1;
                            missing += u64::from(store.has(*index, full) == *absent);
                        }
                    };
                    match known {
                        None => key.each_hash(record, seed, |full| judge(full, 0)),
                        Some((n, _)) => key.each_prefixed(record, seed, *n, judge),
                    }
                    self.tallies[check].examined += examined;
                    self.tallies[check].passed_over += passed_over;
                    for _ in 0..missing {
                        let said = || reference_message(planned);
                        self.fail(check, record, kind, place, said);
                    }
                }
                How::Symmetric { key, with, by } => {
                    let [ours, theirs] = &mut self.gathered.pairs[check];
                    if planned.kinds.contains(&kind) {
                        key.each_hash(record, seed, |h| ours.push(h));
                    }
                    if kind == *with {
                        by.each_hash(record, seed, |h| theirs.push(h));
                    }
                    self.tallies[check].examined += 1;
                }
                How::Determines { both, key_parts } => {
                    let (values, conflicts) = &mut self.gathered.determined[check];
                    let mut examined = 0;
                    both.each(record, |parts| {
                        examined += 1;
                        let (k, v) = (hash(seed, &parts[..*key_parts]), hash(seed, &parts[*key_parts..]));
                        if *values.entry(k).or_insert(v) != v {
                            conflicts.insert(k);
                        }
                    });
                    self.tallies[check].examined += examined;
                }
                // Counted as the keys are gathered, or apart.
                How::Through(_) | How::Unique(_) | How::Assert | How::Count => {}
            }
        }
    }

    fn through(&mut self, program: &KindProgram, record: &Record<'_>, entry: Entry) {
        for (check, filter, role) in &program.through {
            let planned = &self.plan.checks[*check];
            if (!entry.delete || planned.sees_deletes)
                && let How::Through(through) = &planned.how
                && self.passes(program, *filter, record)
            {
                self.gathered.through[*check].take(through, *role, record, self.settings.seed);
            }
        }
        for table in program.tables.iter().filter(|_| !entry.delete) {
            self.plan.tables[*table].take(&mut self.gathered.tables[*table], record, self.settings.seed);
        }
    }

    fn gather(&mut self, program: &KindProgram, record: &Record<'_>, entry: Entry) {
        for Gather { into } in &program.gather {
            let mut read = false;
            for (index, filter) in into {
                let spec = &self.plan.indexes[*index];
                let useless = if spec.previous { self.one_layer } else { entry.superseded };
                if useless || !self.passes(program, *filter, record) {
                    continue;
                }
                if !std::mem::replace(&mut read, true) {
                    let (read, seed) = (&mut self.read, self.settings.seed);
                    read.clear();
                    match spec.prefix {
                        None => spec.key.each_hash(record, seed, |h| read.push(h)),
                        Some(n) => spec.key.each_prefixed(record, seed, n, |_, first| read.push(first)),
                    }
                }
                let keys = &mut self.gathered.keys[*index];
                keys.extend_from_slice(&self.read);
                for check in &self.counts[*index] {
                    self.tallies[*check].examined += self.read.len() as u64;
                }
                if spec.previous {
                    self.gathered.layers[*index].resize(keys.len(), entry.layer);
                }
            }
        }
    }

    fn fail(&mut self, check: usize, record: &Record<'_>, kind: Kind, place: &dyn Fn(u32) -> Place, said: impl FnOnce() -> Diagnosis) {
        let (cap, pseudonyms, id) = (self.settings.cap, &self.settings.pseudonyms, self.id);
        self.tallies[check].fail(cap, || sighting(record, kind, id, pseudonyms, place, said()));
    }

    /// Ends the run: counts, by check, what attributes were examined; the records of each kind once layers are applied.
    pub fn finish(&mut self) -> Vec<u64> {
        for program in &self.kinds {
            for attribute in &program.attributes {
                for (check, _) in &attribute.checks {
                    let required = attribute.required_by.contains(check);
                    self.tallies[*check].examined += if required { program.records } else { attribute.filled };
                }
            }
        }
        self.kinds.iter().map(|k| k.records - k.superseded).collect()
    }
}

/// A kept failure of a record.
fn sighting(
    record: &Record<'_>,
    kind: Kind,
    id: NameId,
    pseudonyms: &Pseudonyms,
    place: &dyn Fn(u32) -> Place,
    said: Diagnosis,
) -> Sighting {
    let offset = said.attribute.as_deref().map_or(record.offset, |a| record.offset_of(a));
    let subject = record.values(id).and_then(|v| v.get(0)).filter(|s| !s.is_empty());
    Sighting {
        place: place(offset),
        kind: Some(kind),
        subject: subject.map(|s| pseudonyms.subject(kind, s)),
        attribute: said.attribute,
        message: said.message,
    }
}

/// What is said of a reference that is not where it should be, or is where it should not.
pub fn reference_message(planned: &Planned<'_>) -> Diagnosis {
    let references = planned.check.references.as_ref();
    let (key, elsewhere) = match &planned.how {
        How::References { key, elsewhere, .. } => (key, elsewhere),
        How::Through(through) => (&through.key, &through.elsewhere),
        _ => return diagnose::about(Message::new("finding.reference"), None),
    };
    let absent = references.is_some_and(|r| r.absent);
    let known = references.and_then(|r| r.known_first);
    if let (Some(source), Some(lost)) = (elsewhere, references.filter(|r| r.kept.is_some())) {
        return diagnose::about(Message::new("finding.across.lost").with("across", source), asked(lost.filter.as_ref()));
    }
    let (message, known) = match (elsewhere, known) {
        (None, _) => (Message::new(if absent { "finding.present" } else { "finding.reference" }), 0),
        (Some(source), _) if absent => (Message::new("finding.across.present").with("across", source), 0),
        (Some(source), None) => (Message::new("finding.across.missing").with("across", source), 0),
        (Some(source), Some(known)) => (Message::new("finding.across.differs").with("across", source), known),
    };
    of_parts(message, key, known)
}

/// The first attribute that a schema asks for.
fn asked(schema: Option<&serde_json::Value>) -> Option<&str> {
    schema?.get("required")?.get(0)?.as_str()
}

/// A message about a key: it names all its attributes, and is shown where the first of them is.
pub fn of_key(message: Message, key: &Key) -> Diagnosis {
    of_parts(message, key, 0)
}

/// A message about the parts of a key from `first` on.
fn of_parts(message: Message, key: &Key, first: usize) -> Diagnosis {
    let mut said = diagnose::about(message, key.name_from(first).as_deref());
    said.attribute = key.attribute_from(first).map(str::to_owned);
    said
}

fn fingerprint(seed: u64, values: Values<'_>) -> u64 {
    let mut all = seed;
    values.each_text(&mut |text| all = hash(all, &[text]));
    all | 1
}

/// Marks the checks of which a part refuses these values; whether there is none.
fn suspect(suspected: &mut [u64], epoch: u64, parts: &[Part], node: Node<'_>) -> bool {
    let mut none = true;
    for (check, part) in parts {
        if !part.is_valid(node) {
            suspected[*check] = epoch;
            none = false;
        }
    }
    none
}
