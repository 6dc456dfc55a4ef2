//! Reads the deliveries of a run, group by group on several threads, joins what workers gathered, reads again
//! what relations found at fault, and has the outcomes drawn.
//!
//! A run is one delivery, or several that requirements reconcile. Must never know a format.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::civil::Date;

use super::outcomes::{Context, Part, domain};
use super::plan::{How, Plan, kind_count};
use super::sighting::Tally;
use super::store::{KeyHasher, Store};
use super::worker::{Entry, Settings, Worker};
use crate::check::schema::{SchemaError, Schemas};
use crate::check::selector::{SelectorError, hash};
use crate::outcome::{Finding, Message, Outcome};
use crate::rules::model::{Degree, Requirement};
use crate::rules::set::RuleSet;
use crate::source::Kind;
use crate::source::feed::{Chunk, Chunks, Facts, Fault, Feed, Notes, Parse, Prolog, Read as FeedRead, Request, Sink};
use crate::source::files::chunk::newlines;
use crate::source::files::encoding::oddities;
use crate::source::files::log::FileLog;
use crate::source::place::Place;
use crate::source::record::{NameId, Record, intern};

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
    /// Sources that the target gives too, and that are read in another run, for nothing says that they go with these.
    pub apart: Vec<&'static str>,
}

/// What a run gives.
#[derive(Debug)]
pub struct Audited {
    /// One a requirement of the set that is about these deliveries.
    pub outcomes: Vec<Outcome>,
    /// The deliveries, in the order given.
    pub parts: Vec<AuditedPart>,
    /// Records by kind.
    pub records: Vec<u64>,
    /// Level audited.
    pub degree: Option<Degree>,
}

/// What is known of one delivery of a run.
#[derive(Debug)]
pub struct AuditedPart {
    /// Its facts.
    pub facts: Facts,
    /// What could not be read.
    pub problems: Vec<Finding>,
    /// Bytes read.
    pub bytes: u64,
}

/// The mask of a chain: entries that a later layer speaks of.
pub(super) type Mask = HashMap<u64, u16, KeyHasher>;

struct Thread<'p> {
    worker: Worker<'p>,
    /// By delivery.
    parsers: Vec<Box<dyn Parse>>,
    /// By delivery.
    notes: Vec<Notes>,
    spoken: Vec<(u64, u16)>,
    /// A record was not of the kind that its file should hold.
    surprised: bool,
}

/// Audits deliveries against the requirements of a set.
///
/// # Errors
/// The set does not compile, or a worker stopped.
pub fn deliveries(feeds: &[&dyn Feed], set: &RuleSet, options: &Options, progress: &AtomicU64) -> Result<Audited, RunError> {
    let degree = options.degree.or(feeds.iter().find_map(|f| f.degree()));
    let domains: Vec<_> = feeds.iter().map(|f| domain(f.prefix())).collect();
    let applies = |r: &&Requirement| domains.contains(&r.domain) && degree.is_none_or(|d| r.degree.contains(&d));
    let given = |r: &&Requirement| super::outcomes::prefixes(&r.check).iter().all(|p| feeds.iter().any(|f| f.prefix() == *p));
    let plan = Plan::new(set.requirements.iter().filter(applies).filter(given))?;
    let schemas = Schemas { vocabulary: set.vocabulary.clone(), ..Schemas::default() };
    let groups =
        reading_order(feeds, &plan).into_iter().flat_map(|part| (0..feeds[part].groups()).map(move |group| (part, group))).collect();
    let reading = Reading { feeds, plan: &plan, schemas: &schemas, options, groups, progress };
    let mut first = reading.all()?;

    let previous = feeds.iter().find(|f| f.prefix().ends_with("precedent")).map(|f| f.date());
    let facts: Vec<Facts> = {
        let (notes, records) = (&first.joined.notes, &first.joined.records);
        let read = |part: usize| FeedRead { notes: &notes[part], degree, today: options.today, records, previous };
        feeds.iter().enumerate().map(|(part, feed)| feed.facts(&read(part))).collect()
    };
    let parts: Vec<Part<'_>> = feeds.iter().zip(&facts).map(|(feed, facts)| Part { feed: *feed, facts }).collect();
    let context = Context { set, plan: &plan, parts: &parts, degree, options, schemas: &schemas };
    let in_vain = context.without_targets(&first.joined);
    first.store.compare(&plan);
    let (known, without_keys) = (first.store.known(&plan), first.store.without_keys(&plan));
    for (tally, (examined, passed_over)) in first.joined.tallies.iter_mut().zip(known) {
        tally.examined += examined;
        tally.passed_over += passed_over;
    }
    reading.locate(&mut first, &in_vain)?;
    let Read { joined, bytes, .. } = first;
    let outcomes = context.outcomes(&joined, &without_keys)?;
    let problems = |feed: &dyn Feed, facts: &Facts| {
        let broken = facts.files.iter().filter_map(|f| f.problem.map(|p| problem(feed.label(), &f.path, p)));
        broken.collect()
    };
    let problems: Vec<Vec<Finding>> = parts.iter().map(|p| problems(p.feed, p.facts)).collect();
    let parts =
        facts.into_iter().zip(problems).zip(bytes).map(|((facts, problems), bytes)| AuditedPart { facts, problems, bytes }).collect();
    Ok(Audited { outcomes, parts, records: joined.records, degree })
}

/// The deliveries in the order they are read: first those that most requirements about others refer to, so that few references wait.
fn reading_order(feeds: &[&dyn Feed], plan: &Plan<'_>) -> Vec<usize> {
    let refers = |how: &How, prefix: &str| matches!(how, How::References { elsewhere: Some(to), .. } if *to == prefix);
    let referred = |part: &usize| plan.checks.iter().filter(|c| refers(&c.how, feeds[*part].prefix())).count();
    let mut order: Vec<usize> = (0..feeds.len()).collect();
    order.sort_by_key(|part| Reverse(referred(part)));
    order
}

/// The deliveries of a run being read.
pub(super) struct Reading<'a> {
    pub(super) feeds: &'a [&'a dyn Feed],
    pub(super) plan: &'a Plan<'a>,
    pub(super) schemas: &'a Schemas,
    pub(super) options: &'a Options,
    /// Delivery and group in it, in the order they are read.
    pub(super) groups: Vec<(usize, usize)>,
    progress: &'a AtomicU64,
}

/// What a reading gives.
pub(super) struct Read {
    pub(super) joined: Joined,
    pub(super) store: Store,
    pub(super) mask: Mask,
    /// By group, by check: the references were judged as records went by.
    pub(super) judged: Vec<Vec<bool>>,
    /// Some records are not of the kind that their file should hold.
    pub(super) surprised: bool,
    /// By delivery.
    bytes: Vec<u64>,
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
            worker.set_reference(self.feeds.first().and_then(|f| f.date()).unwrap_or(options.today));
            worker.set_one_layer(self.feeds.iter().all(|f| f.layers() == 1));
            let parsers = self.feeds.iter().map(|f| f.parser(worker.names())).collect();
            let notes = self.feeds.iter().map(|_| Notes::default()).collect();
            Ok(Thread { worker, parsers, notes, spoken: Vec::new(), surprised: false })
        };
        let mut threads: Vec<Thread<'_>> = std::thread::scope(|scope| {
            let made: Vec<_> = (0..options.threads.max(1)).map(|_| scope.spawn(one)).collect();
            made.into_iter().map(|m| m.join().unwrap_or(Err(RunError::Worker))).collect::<Result<_, _>>()
        })?;
        let in_order = known.is_none();
        let (mut store, mut mask) = (Store::new(plan), known.unwrap_or_default());
        let bytes: Vec<AtomicU64> = self.feeds.iter().map(|_| AtomicU64::new(0)).collect();
        let mut judged = Vec::new();
        let kinds: Vec<Vec<Kind>> = self.groups.iter().map(|(part, group)| self.feeds[*part].kinds(*group)).collect();
        for (rank, (part, group)) in self.groups.iter().enumerate() {
            judged.push(plan.checks.iter().map(|c| store.judges(&c.how)).collect());
            let feed = self.feeds[*part];
            let source = feed.open(*group);
            let (layers, seed, bytes) = (feed.layers(), options.settings.seed, &bytes[*part]);
            let shared = Shared {
                group: rank as u32,
                part: *part,
                kinds: &kinds[rank],
                store: &store,
                mask: &mask,
                seed,
                layers,
                id,
                bytes,
                progress: self.progress,
                feed,
            };
            std::thread::scope(|scope| {
                let running: Vec<_> = threads.iter_mut().map(|t| scope.spawn(|| t.read(&*source, &shared))).collect();
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
            let left = &kinds[rank + 1..];
            store.complete(plan, |kind| left.is_empty() || (in_order && !left.iter().any(|kinds| kinds.contains(&kind))));
        }
        let surprised = threads.iter().any(|t| t.surprised);
        let parts = self.groups.iter().map(|(part, _)| *part).collect();
        let joined = Joined::of(threads, plan, parts, self.feeds.len(), options.settings.cap);
        Ok(Read { joined, store, mask, judged, surprised, bytes: bytes.into_iter().map(AtomicU64::into_inner).collect() })
    }
}

fn problem(label: &str, path: &str, what: &str) -> Finding {
    let message = Message::new(what);
    Finding {
        source: Some(label.to_owned()),
        file: Some(path.to_owned()),
        line: None,
        record: None,
        subject: None,
        attribute: None,
        message,
    }
}

struct Shared<'a> {
    group: u32,
    part: usize,
    /// What the files of the group should hold.
    kinds: &'a [Kind],
    store: &'a Store,
    mask: &'a Mask,
    seed: u64,
    layers: u16,
    id: NameId,
    bytes: &'a AtomicU64,
    progress: &'a AtomicU64,
    feed: &'a dyn Feed,
}

impl Thread<'_> {
    fn read(&mut self, source: &dyn Chunks, shared: &Shared<'_>) {
        let mut buffer = Vec::new();
        while let Some(chunk) = source.next(&mut buffer) {
            shared.bytes.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            shared.progress.fetch_add(buffer.len() as u64, Ordering::Relaxed);
            let Notes { logs, lines } = &mut self.notes[shared.part];
            let log = logs.entry(chunk.file).or_default();
            let at = |bytes: &[u8], offset: usize| Place {
                group: shared.group,
                file: chunk.file,
                chunk: chunk.cut.chunk,
                line: newlines(&bytes[..offset.min(bytes.len())]) as u32,
            };
            lines.note(chunk.file, chunk.cut.chunk, chunk.cut.skipped.unwrap_or_else(|| newlines(&buffer)));
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
                        let line = memchr::memrchr(b'\n', &buffer[..from]).map_or(0, |feed| feed + 1);
                        if !piece.invalid().is_empty() && !shared.feed.is_remark(&buffer[line..]) {
                            log.fault("encoding", || at(&buffer, from));
                        }
                        from += piece.invalid().len();
                    }
                }
            }
            let text = chunk.content(&text);
            let (spoken, surprised) = (&mut self.spoken, &mut self.surprised);
            let mut sink = Judge { worker: &mut self.worker, log, spoken, surprised, shared, chunk, text, entry: Entry::default() };
            self.parsers[shared.part].chunk(text, &chunk, &mut sink);
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

fn line_in(text: &str, offset: usize) -> u32 {
    newlines(&text.as_bytes()[..offset.min(text.len())]) as u32
}

impl Sink for Judge<'_, '_> {
    fn record(&mut self, record: &Record<'_>, kind: Option<Kind>, request: Request) {
        let id = record.values(self.shared.id).and_then(|v| v.get(0));
        let (group, file, chunk, text) = (self.shared.group, self.chunk.file, self.chunk.cut.chunk, self.text);
        let place = |offset: u32| Place { group, file, chunk, line: line_in(text, offset as usize) };
        self.log.record(kind, request, chunk, id, || place(record.offset));
        let Some(kind) = kind else { return };
        *self.surprised |= !self.shared.kinds.contains(&kind);
        self.entry = Entry { kind: kind.0, delete: request == Request::Delete, superseded: false, layer: self.chunk.layer };
        if let (2.., Some(id)) = (self.shared.layers, id) {
            let key = mask_key(self.shared.seed, kind, id);
            self.spoken.push((key, self.chunk.layer));
            self.entry.superseded = self.shared.mask.get(&key).is_some_and(|newest| *newest > self.chunk.layer);
        }
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

pub(super) fn mask_key(seed: u64, kind: Kind, id: &str) -> u64 {
    hash(seed, &[kind.info().name, id])
}

/// What all workers saw.
pub struct Joined {
    /// By check.
    pub tallies: Vec<Tally>,
    /// By check.
    pub counted: Vec<u64>,
    /// By kind.
    pub records: Vec<u64>,
    /// By delivery.
    pub notes: Vec<Notes>,
    /// By group, the delivery it is of.
    parts: Vec<usize>,
}

impl Joined {
    fn of(threads: Vec<Thread<'_>>, plan: &Plan<'_>, parts: Vec<usize>, feeds: usize, cap: usize) -> Self {
        let checks = plan.checks.len();
        let mut all = Self {
            tallies: vec![Tally::default(); checks],
            counted: vec![0; checks],
            records: vec![0; kind_count()],
            notes: (0..feeds).map(|_| Notes::default()).collect(),
            parts,
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
            for (mine, theirs) in all.notes.iter_mut().zip(thread.notes) {
                for (file, log) in theirs.logs {
                    mine.logs.entry(file).or_default().absorb(log);
                }
                mine.lines.absorb(theirs.lines);
            }
        }
        all
    }

    /// The delivery that a group is of.
    #[must_use]
    pub fn part_of(&self, group: u32) -> usize {
        self.parts.get(group as usize).copied().unwrap_or(0)
    }
}
