//! Audits one AAF delivery: reads it group by group on several threads, joins what workers gathered,
//! reads again what relations found at fault, draws the outcomes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::civil::Date;
use serde_json::Value;

use super::facts::FactsProgram;
use super::locate::Locator;
use super::plan::{Plan, kind_count};
use super::sighting::{Sighting, Tally};
use super::store::{KeyHasher, Store};
use super::verdict::{self, Coverage, Seen};
use super::worker::{Entry, Settings, Worker};
use crate::check::schema::{SchemaError, Schemas};
use crate::check::selector::{SelectorError, hash};
use crate::outcome::{Finding, Message, Outcome, Reason, Verdict};
use crate::rules::model::{Check, Degree, FactsCheck, Requirement};
use crate::rules::set::RuleSet;
use crate::source::aaf::chunk::newlines;
use crate::source::aaf::encoding::oddities;
use crate::source::aaf::facts::{self, Damage, FileLog};
use crate::source::aaf::find::Delivery;
use crate::source::aaf::input::{Chunk, Files, Found, Group, InputFile, Place as InputPlace, Source};
use crate::source::aaf::name::{CATEGORIES, Category, Mode};
use crate::source::aaf::parse::{Fault, Parser, Position, Prolog, Request, Sink};
use crate::source::place::{LineTable, Place};
use crate::source::record::{NameId, Record, intern};
use crate::source::{KINDS, Kind};

/// Why a run could not be made at all.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A schema of the set.
    #[error(transparent)]
    Schema(#[from] SchemaError),
    /// A selector of the set.
    #[error(transparent)]
    Selector(#[from] SelectorError),
    /// A worker stopped: a bug of the tool.
    #[error("a worker stopped unexpectedly")]
    Worker,
}

/// How to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that judge records.
    pub threads: usize,
    /// Shared settings.
    pub settings: Settings,
    /// Date of the audit: for deliveries whose date is unknown.
    pub today: Date,
    /// Level, when the target declares it.
    pub degree: Option<Degree>,
}

/// What an audit of one delivery gives.
#[derive(Debug)]
pub struct Audited {
    /// One a requirement of the set that can be about a delivery.
    pub outcomes: Vec<Outcome>,
    /// Facts of the delivery.
    pub delivery: Value,
    /// Facts of its files.
    pub files: Vec<Value>,
    /// What could not be read.
    pub problems: Vec<Finding>,
    /// Records by kind.
    pub records: Vec<u64>,
    /// Bytes read.
    pub bytes: u64,
    /// Level audited.
    pub degree: Option<Degree>,
}

/// The mask of a chain: entries that a later layer speaks of.
type Mask = HashMap<u64, u16, KeyHasher>;

struct Thread<'p> {
    worker: Worker<'p>,
    parser: Parser,
    logs: HashMap<u32, FileLog>,
    lines: LineTable,
    spoken: Vec<(u64, u16)>,
    /// A record was not of the category of its file.
    surprised: bool,
}

/// Audits a delivery against the requirements of a set.
///
/// # Errors
/// The set does not compile, or a worker stopped.
pub fn delivery(delivery: &Delivery, set: &RuleSet, options: &Options, progress: &AtomicU64) -> Result<Audited, RunError> {
    let degree = options.degree.or(delivery.degree);
    let applies = |r: &&Requirement| degree.is_none_or(|d| r.degree.contains(&d));
    let plan = Plan::new(set.requirements.iter().filter(applies))?;
    let schemas = Schemas { vocabulary: set.vocabulary.clone(), ..Schemas::default() };
    let files: Files = Arc::new(Mutex::new(Found { files: delivery.files.clone(), unrecognised: delivery.unrecognised.clone() }));
    let reading = Reading { delivery, plan: &plan, schemas: &schemas, options, files: &files, groups: delivery.groups(), progress };
    let Read { joined, bytes, .. } = reading.located()?;

    let found = files.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let delivery = &Delivery { unrecognised: found.unrecognised, ..delivery.clone() };
    let inputs = found.files;
    let nothing = FileLog::default();
    let log = |i: usize| joined.logs.get(&(i as u32)).unwrap_or(&nothing);
    let file_facts: Vec<Value> = inputs.iter().enumerate().map(|(i, input)| facts::file(input, log(i), &joined.lines)).collect();
    let damages: Vec<Option<Damage>> = inputs.iter().enumerate().map(|(i, input)| Damage::of(input, Some(log(i)))).collect();
    let mut delivery_facts = facts::delivery(delivery, &inputs, &file_facts);
    if let Some(degree) = degree {
        delivery_facts["degree"] = degree.as_str().into();
    }
    let context = Context {
        set,
        plan: &plan,
        delivery,
        inputs: &inputs,
        file_facts: &file_facts,
        damages: &damages,
        delivery_facts: &delivery_facts,
        degree,
        options,
        schemas: &schemas,
    };
    let outcomes = context.outcomes(&joined)?;
    let problems = inputs.iter().filter_map(|f| f.problem.map(|p| problem(delivery, f, p))).collect();
    Ok(Audited { outcomes, delivery: delivery_facts, files: file_facts, problems, records: joined.records, bytes, degree })
}

/// One delivery being read.
struct Reading<'a> {
    delivery: &'a Delivery,
    plan: &'a Plan<'a>,
    schemas: &'a Schemas,
    options: &'a Options,
    files: &'a Files,
    groups: Vec<Group>,
    progress: &'a AtomicU64,
}

/// What a reading gives.
struct Read {
    joined: Joined,
    store: Store,
    mask: Mask,
    /// By group, by check: the references were judged as records went by.
    judged: Vec<Vec<bool>>,
    /// Some records are not of the category of their file.
    surprised: bool,
    bytes: u64,
}

impl Reading<'_> {
    /// Reads all groups. Records that are not of the category of their file come at another time than expected:
    /// when there are some, everything is read again without relying on any order.
    fn all(&self) -> Result<Read, RunError> {
        let read = self.once(None)?;
        if read.surprised && self.groups.len() > 1 { self.once(Some(read.mask)) } else { Ok(read) }
    }

    fn once(&self, known: Option<Mask>) -> Result<Read, RunError> {
        let (plan, options, id) = (self.plan, self.options, intern("@id"));
        let one = || -> Result<Thread<'_>, RunError> {
            let mut worker = Worker::new(plan, self.schemas, options.settings.clone())?;
            worker.set_reference(reference_date(self.delivery, options.today));
            worker.set_one_layer(self.delivery.layers == 1);
            let parser = Parser::new(worker.names().clone());
            let (logs, lines, spoken) = (HashMap::new(), LineTable::default(), Vec::new());
            Ok(Thread { worker, parser, logs, lines, spoken, surprised: false })
        };
        let mut threads: Vec<Thread<'_>> = std::thread::scope(|scope| {
            let made: Vec<_> = (0..options.threads.max(1)).map(|_| scope.spawn(one)).collect();
            made.into_iter().map(|m| m.join().unwrap_or(Err(RunError::Worker))).collect::<Result<_, _>>()
        })?;
        let in_order = known.is_none();
        let (mut store, mut mask, bytes) = (Store::new(plan), known.unwrap_or_default(), AtomicU64::new(0));
        let mut judged = Vec::new();
        for (rank, group) in self.groups.iter().enumerate() {
            judged.push(plan.checks.iter().map(|c| store.judges(&c.how)).collect());
            let source = Source::open(self.files, group, self.delivery.chunk);
            let (layers, seed) = (self.delivery.layers, options.settings.seed);
            let shared =
                Shared { group: rank as u32, store: &store, mask: &mask, seed, layers, id, bytes: &bytes, progress: self.progress };
            std::thread::scope(|scope| {
                let running: Vec<_> = threads.iter_mut().map(|t| scope.spawn(|| t.read(&source, &shared))).collect();
                running.into_iter().try_for_each(|r| r.join().map_err(|_| RunError::Worker))
            })?;
            if !source.ended() {
                return Err(RunError::Worker);
            }
            store.absorb(plan, threads.iter_mut().map(|t| t.worker.take_gathered()).collect());
            for thread in &mut threads {
                for (key, layer) in thread.spoken.drain(..) {
                    mask.entry(key).and_modify(|l| *l = (*l).max(layer)).or_insert(layer);
                }
            }
            let left: Vec<Kind> = self.groups[rank + 1..].iter().flat_map(|g| kinds_of(g, self.files)).collect();
            store.complete(plan, |kind| left.is_empty() || (in_order && !left.contains(&kind)));
        }
        let surprised = threads.iter().any(|t| t.surprised);
        let joined = Joined::of(threads, plan, options.settings.cap);
        Ok(Read { joined, store, mask, judged, surprised, bytes: bytes.into_inner() })
    }
}

fn problem(delivery: &Delivery, file: &InputFile, what: &str) -> Finding {
    let message = Message::new(what);
    Finding {
        source: Some(delivery.label.clone()),
        file: Some(file.path.clone()),
        line: None,
        record: None,
        subject: None,
        attribute: None,
        message,
    }
}

/// The date ages are counted at: that of the newest file, else today.
fn reference_date(delivery: &Delivery, today: Date) -> Date {
    delivery.files.iter().filter_map(|f| f.name.date).chain(delivery.date).max().unwrap_or(today)
}

fn kinds_of(group: &Group, files: &Files) -> Vec<Kind> {
    let all = || CATEGORIES.into_iter().map(Category::kind).collect();
    match group {
        Group::Tar(..) => all(),
        Group::Files(ranks) => {
            let files = files.lock().unwrap_or_else(PoisonError::into_inner);
            let categories: Vec<Option<Category>> = ranks.iter().filter_map(|r| files.files.get(*r as usize)).map(|f| f.category).collect();
            // A file of no known category may hold anything.
            if categories.contains(&None) { all() } else { categories.into_iter().flatten().map(Category::kind).collect() }
        }
    }
}

struct Shared<'a> {
    group: u32,
    store: &'a Store,
    mask: &'a Mask,
    seed: u64,
    layers: u16,
    id: NameId,
    bytes: &'a AtomicU64,
    progress: &'a AtomicU64,
}

impl Thread<'_> {
    fn read(&mut self, source: &Source, shared: &Shared<'_>) {
        let mut buffer = Vec::new();
        while let Some(chunk) = source.next(&mut buffer) {
            shared.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            shared.progress.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            let log = self.logs.entry(chunk.file).or_default();
            let at = |bytes: &[u8], offset: usize| Place {
                group: shared.group,
                file: chunk.file,
                chunk: chunk.cut.chunk,
                line: newlines(&bytes[..offset.min(bytes.len())]) as u32,
            };
            self.lines.note(chunk.file, chunk.cut.chunk, chunk.cut.skipped.unwrap_or_else(|| newlines(&buffer)));
            if chunk.cut.skipped.is_some() {
                log.fault("oversized", || at(&[], 0));
                continue;
            }
            let (text, wrong) = chunk.encoding.decode(&buffer);
            match wrong {
                None => oddities(&text, |fault, offset| log.fault(fault, || at(text.as_bytes(), offset))),
                Some(_) => {
                    // What replaces wrong bytes is ours: only what is right is looked at.
                    let mut from = 0;
                    for piece in buffer.utf8_chunks() {
                        oddities(piece.valid(), |fault, offset| log.fault(fault, || at(&buffer, from + offset)));
                        from += piece.valid().len();
                        if !piece.invalid().is_empty() {
                            log.fault("encoding", || at(&buffer, from));
                        }
                        from += piece.invalid().len();
                    }
                }
            }
            let text = text.strip_prefix('\u{FEFF}').filter(|_| chunk.cut.first).unwrap_or(&text);
            let (spoken, surprised) = (&mut self.spoken, &mut self.surprised);
            let mut sink = Judge { worker: &mut self.worker, log, spoken, surprised, shared, chunk, text, entry: Entry::default() };
            let position = position(&chunk);
            self.parser.chunk(text, position, &mut sink);
        }
    }
}

/// Hands each record to the worker.
struct Judge<'a, 'p> {
    worker: &'a mut Worker<'p>,
    log: &'a mut FileLog,
    spoken: &'a mut Vec<(u64, u16)>,
    surprised: &'a mut bool,
    shared: &'a Shared<'a>,
    chunk: Chunk,
    text: &'a str,
    entry: Entry,
}

fn position(chunk: &Chunk) -> Position {
    let Chunk { cut, category, named, other_root, .. } = *chunk;
    Position { first: cut.first, last: cut.last, category, named, other_root }
}

fn line_in(text: &str, offset: usize) -> u32 {
    newlines(&text.as_bytes()[..offset.min(text.len())]) as u32
}

impl Sink for Judge<'_, '_> {
    fn record(&mut self, record: &Record<'_>, category: Option<Category>, request: Request) {
        let id = record.values(self.shared.id).and_then(|v| v.get(0));
        self.log.request(request, self.chunk.cut.chunk, id);
        let Some(category) = category else { return };
        *self.surprised |= Some(category) != self.chunk.category;
        self.entry = Entry { kind: category.kind().0, delete: request == Request::Delete, superseded: false, layer: self.chunk.layer };
        if let (2.., Some(id)) = (self.shared.layers, id) {
            let key = mask_key(self.shared.seed, category, id);
            self.spoken.push((key, self.chunk.layer));
            self.entry.superseded = self.shared.mask.get(&key).is_some_and(|newest| *newest > self.chunk.layer);
        }
        let (group, file, chunk, text) = (self.shared.group, self.chunk.file, self.chunk.cut.chunk, self.text);
        let place = |offset: u32| Place { group, file, chunk, line: line_in(text, offset as usize) };
        self.worker.visit(record, self.entry, self.shared.store, &place);
    }

    fn fault(&mut self, fault: Fault, offset: usize) {
        let (group, file, chunk, text) = (self.shared.group, self.chunk.file, self.chunk.cut.chunk, self.text);
        self.log.fault(fault, || Place { group, file, chunk, line: line_in(text, offset) });
    }

    fn prolog(&mut self, prolog: Prolog<'_>) {
        match prolog {
            Prolog::Doctype(text) => self.log.doctype(text),
            Prolog::Comment(text) => self.log.comment(text),
        }
    }
}

fn mask_key(seed: u64, category: Category, id: &str) -> u64 {
    hash(seed, &[category.name(), id])
}

/// What all workers saw.
struct Joined {
    tallies: Vec<Tally>,
    counted: Vec<u64>,
    records: Vec<u64>,
    logs: HashMap<u32, FileLog>,
    lines: LineTable,
}

impl Joined {
    fn of(threads: Vec<Thread<'_>>, plan: &Plan<'_>, cap: usize) -> Self {
        let checks = plan.checks.len();
        let mut all = Self {
            tallies: vec![Tally::default(); checks],
            counted: vec![0; checks],
            records: vec![0; kind_count()],
            logs: HashMap::new(),
            lines: LineTable::default(),
        };
        for mut thread in threads {
            for (mine, theirs) in all.records.iter_mut().zip(thread.worker.finish()) {
                *mine += theirs;
            }
            for (mine, theirs) in all.tallies.iter_mut().zip(std::mem::take(&mut thread.worker.tallies)) {
                mine.absorb(theirs, cap);
            }
            for (mine, theirs) in all.counted.iter_mut().zip(&thread.worker.counted) {
                *mine += theirs;
            }
            for (file, log) in thread.logs {
                all.logs.entry(file).or_default().absorb(log);
            }
            all.lines.absorb(thread.lines);
        }
        all
    }
}

impl Reading<'_> {
    /// The second reading, for what relations found at fault.
    fn located(&self) -> Result<Read, RunError> {
        let mut read = self.all()?;
        let at_fault = std::mem::take(&mut read.store).at_fault(self.plan);
        let settings = &self.options.settings;
        let Some(mut locator) = Locator::new(self.plan, self.schemas, settings.clone(), at_fault)? else { return Ok(read) };
        let mut parser = Parser::new(locator.names().clone());
        let (kinds, id) = (locator.kinds(), intern("@id"));
        let mut buffer = Vec::new();
        for (rank, group) in self.groups.iter().enumerate() {
            if !read.surprised && !kinds_of(group, self.files).iter().any(|k| kinds.contains(k)) {
                continue;
            }
            locator.judged = std::mem::take(&mut read.judged[rank]);
            let source = Source::open(self.files, group, self.delivery.chunk);
            while let Some(chunk) = source.next(&mut buffer) {
                let text = chunk.encoding.decode(&buffer).0;
                let text = text.strip_prefix('\u{FEFF}').filter(|_| chunk.cut.first).unwrap_or(&text);
                let (seed, layers) = (settings.seed, self.delivery.layers);
                let mask = &read.mask;
                let mut sink = Find { locator: &mut locator, mask, seed, layers, id, group: rank as u32, chunk, text };
                parser.chunk(text, position(&chunk), &mut sink);
            }
            if !source.ended() {
                return Err(RunError::Worker);
            }
        }
        for (mine, theirs) in read.joined.tallies.iter_mut().zip(locator.tallies) {
            mine.absorb(theirs, settings.cap);
        }
        Ok(read)
    }
}

/// Looks for keys at fault.
struct Find<'a, 'p> {
    locator: &'a mut Locator<'p>,
    mask: &'a Mask,
    seed: u64,
    layers: u16,
    id: NameId,
    group: u32,
    chunk: Chunk,
    text: &'a str,
}

impl Sink for Find<'_, '_> {
    fn record(&mut self, record: &Record<'_>, category: Option<Category>, request: Request) {
        let (Some(category), chunk) = (category, self.chunk) else { return };
        let id = record.values(self.id).and_then(|v| v.get(0)).filter(|_| self.layers > 1);
        let newest = id.and_then(|id| self.mask.get(&mask_key(self.seed, category, id)).copied());
        let superseded = newest.is_some_and(|n| n > chunk.layer);
        let entry = Entry { kind: category.kind().0, delete: request == Request::Delete, superseded, layer: chunk.layer };
        let text = self.text;
        let place =
            |offset: u32| Place { group: self.group, file: chunk.file, chunk: chunk.cut.chunk, line: line_in(text, offset as usize) };
        self.locator.visit(record, entry, &place);
    }
    fn fault(&mut self, _: Fault, _: usize) {}
    fn prolog(&mut self, _: Prolog<'_>) {}
}

struct Context<'a> {
    set: &'a RuleSet,
    plan: &'a Plan<'a>,
    delivery: &'a Delivery,
    inputs: &'a [InputFile],
    file_facts: &'a [Value],
    damages: &'a [Option<Damage>],
    delivery_facts: &'a Value,
    degree: Option<Degree>,
    options: &'a Options,
    schemas: &'a Schemas,
}

impl Context<'_> {
    fn outcomes(&self, joined: &Joined) -> Result<Vec<Outcome>, RunError> {
        let coverage = self.coverage(joined);
        let delta_alone = self.delivery_facts["mode"] == Mode::Delta.as_str() && !self.delivery.previous;
        let seen = Seen {
            coverage: &coverage,
            records: &joined.records,
            tallies: &joined.tallies,
            counted: &joined.counted,
            delta_alone: if delta_alone { self.blocker("aaf.previous") } else { None },
            previous_known: self.delivery.layers > 1,
        };
        let ranks: HashMap<&str, usize> = self.plan.checks.iter().enumerate().map(|(i, c)| (c.requirement.id.as_str(), i)).collect();
        let mut outcomes = Vec::new();
        for requirement in &self.set.requirements {
            if let Some(degree) = self.degree.filter(|d| !requirement.degree.contains(d)) {
                outcomes.push(self.not_applicable(requirement, Message::new("detail.other_degree").with("degree", degree)));
                continue;
            }
            if let Some(outcome) = self.condition(requirement)? {
                outcomes.push(outcome);
                continue;
            }
            outcomes.push(match &requirement.check {
                Check::Attestation(_) => Outcome::undetermined(&requirement.id, Reason::ManualPending, Message::new("detail.manual")),
                Check::Facts(check) => {
                    let (program, mut tally) = (FactsProgram::new(check, self.schemas)?, Tally::default());
                    if check.facts == "aaf.delivery" {
                        program.judge(self.delivery_facts, None, self.options.settings.cap, &mut tally);
                    } else {
                        for (rank, facts) in self.file_facts.iter().enumerate() {
                            program.judge(facts, Some(rank as u32), self.options.settings.cap, &mut tally);
                        }
                    }
                    self.facts_outcome(requirement, check, tally)
                }
                Check::Records(_) => {
                    let check = ranks[requirement.id.as_str()];
                    let mut outcome = verdict::outcome(self.plan, check, &seen);
                    if outcome.verdict == Verdict::Fail {
                        outcome.findings = joined.tallies[check].kept.iter().map(|s| self.finding(s, &joined.lines)).collect();
                    }
                    outcome
                }
            });
        }
        Ok(outcomes)
    }

    /// The requirement of the set that says what stands in the way.
    fn blocker(&self, what: &str) -> Option<String> {
        self.set.referentiel.blockers.get(what).cloned()
    }

    fn not_applicable(&self, requirement: &Requirement, detail: Message) -> Outcome {
        Outcome { detail: Some(detail), ..Outcome::new(&requirement.id, Verdict::NotApplicable) }
    }

    /// Whether the requirement is about this delivery: `None` when it is.
    fn condition(&self, requirement: &Requirement) -> Result<Option<Outcome>, RunError> {
        let Some(when) = &requirement.when else { return Ok(None) };
        if self.schemas.facts(when)?.is_valid(self.delivery_facts) {
            return Ok(None);
        }
        let about_period = when.to_string().contains("\"period\"");
        if about_period && self.delivery_facts.get("period").is_none() {
            return Ok(Some(Outcome::undetermined(&requirement.id, Reason::Blocked, Message::new("detail.no_period"))));
        }
        let period = self.delivery_facts["period"].as_u64().map_or("?".to_owned(), |p| p.to_string());
        let mode = self.delivery_facts["mode"].as_str().unwrap_or("?").to_owned();
        Ok(Some(self.not_applicable(requirement, Message::new("detail.when").with("period", period).with("mode", mode))))
    }

    fn facts_outcome(&self, requirement: &Requirement, check: &FactsCheck, tally: Tally) -> Outcome {
        let mut outcome = Outcome::new(&requirement.id, Verdict::Pass);
        outcome.examined = tally.examined;
        outcome.failures = tally.failures;
        if tally.failures > 0 {
            if let Some(explained) = self.explained(requirement, check) {
                return explained;
            }
            outcome.verdict = Verdict::Fail;
            outcome.findings = tally.kept.iter().map(|s| self.fact_finding(s)).collect();
        } else if let Some(unknown) = self.unknown(requirement, check) {
            return Outcome { examined: outcome.examined, ..unknown };
        } else if tally.examined == 0 {
            outcome.verdict = Verdict::NotApplicable;
            outcome.detail = Some(Message::new("detail.nothing").with("records", 0));
        }
        outcome
    }

    /// A delivery that fails for want of what a file holds, when that file could not be read: the requirement that
    /// says so is the one it names as its parent.
    fn explained(&self, requirement: &Requirement, check: &FactsCheck) -> Option<Outcome> {
        let about_reading = requirement.parent.is_some() && requirement.parent == self.blocker(Damage::Unread.blocker());
        let unread = self.damages.iter().flatten().filter(|d| **d <= Damage::Undecoded).min()?;
        (check.facts == "aaf.delivery" && about_reading).then(|| self.undetermined(requirement, self.blocker(unread.blocker())))
    }

    /// Files that show no failure but were not wholly read, where that matters to the check.
    fn unknown(&self, requirement: &Requirement, check: &FactsCheck) -> Option<Outcome> {
        if check.facts != "aaf.file" {
            return None;
        }
        let mut members = Vec::new();
        check.filter.iter().chain([&check.assert]).for_each(|schema| members_of(schema, &mut members));
        let hidden = self.damages.iter().flatten().filter(|d| members.iter().any(|m| d.hides(m))).min()?;
        Some(self.undetermined(requirement, self.blocker(hidden.blocker()).filter(|id| *id != requirement.id)))
    }

    fn undetermined(&self, requirement: &Requirement, parent: Option<String>) -> Outcome {
        let reason = if parent.is_some() { Reason::ParentFailed } else { Reason::Blocked };
        Outcome { parent, ..Outcome::undetermined(&requirement.id, reason, Message::new("detail.partial")) }
    }

    fn finding(&self, s: &Sighting, lines: &LineTable) -> Finding {
        Finding {
            source: Some(self.delivery.label.clone()),
            file: self.inputs.get(s.place.file as usize).map(|f| f.path.clone()),
            line: Some(lines.line(s.place)),
            record: s.kind.map(|k| k.info().name.to_owned()),
            subject: s.subject.clone(),
            attribute: s.attribute.clone(),
            message: s.message.clone(),
        }
    }

    fn fact_finding(&self, s: &Sighting) -> Finding {
        Finding {
            source: Some(self.delivery.label.clone()),
            file: self.inputs.get(s.place.file as usize).map(|f| f.path.clone()),
            line: (s.place.line != u32::MAX).then(|| u64::from(s.place.line) + 1),
            record: None,
            subject: None,
            attribute: None,
            message: s.message.clone(),
        }
    }

    /// How much of each kind was seen.
    fn coverage(&self, joined: &Joined) -> Vec<Coverage> {
        let mut coverage = vec![Coverage::Whole; KINDS.len()];
        let delta = self.delivery_facts["mode"] == Mode::Delta.as_str() && !self.delivery.previous;
        // A file whose category is unknown, or an archive cut short, may have held anything.
        let anywhere = self.inputs.iter().zip(self.damages).filter_map(|(f, d)| {
            let streamed = matches!(f.place, InputPlace::Tar(..)) && *d == Some(Damage::Unread);
            d.filter(|_| f.category.is_none() || streamed)
        });
        let anywhere = anywhere.min();
        for category in CATEGORIES {
            let slot = usize::from(category.kind().0);
            let of: Vec<Option<Damage>> =
                self.inputs.iter().zip(self.damages).filter(|(f, _)| f.category == Some(category)).map(|(_, d)| *d).collect();
            let damage = of.iter().copied().flatten().chain(anywhere).min();
            coverage[slot] = if let Some(damage) = damage {
                Coverage::Partial { parent: self.blocker(damage.blocker()) }
            } else if of.is_empty() && joined.records[slot] == 0 {
                let parent = self.blocker(category.kind().info().name).filter(|_| !delta);
                Coverage::Absent { parent, expected: delta }
            } else {
                Coverage::Whole
            };
        }
        coverage
    }
}

/// The members of a document that a schema looks at.
fn members_of<'s>(schema: &'s Value, members: &mut Vec<&'s str>) {
    let Some(object) = schema.as_object() else { return };
    for (word, inner) in object {
        match (word.as_str(), inner) {
            ("properties", Value::Object(properties)) => members.extend(properties.keys().map(String::as_str)),
            ("required", Value::Array(names)) => members.extend(names.iter().filter_map(Value::as_str)),
            ("anyOf" | "allOf" | "oneOf", Value::Array(schemas)) => schemas.iter().for_each(|s| members_of(s, members)),
            ("not" | "if" | "then" | "else", schema) => members_of(schema, members),
            _ => {}
        }
    }
}
