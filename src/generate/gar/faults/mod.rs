//! Labelled faults of a GAR-ENT delivery: what can be broken, and which requirements should notice.
//!
//! Every fault touches as little as it can: one record, one record more, or one empty file more. Same options,
//! same place. Two faults never meet in one record.

mod beside;
mod expected;
mod facts;
mod groups;
mod links;
mod managers;
mod packaging;
mod persons;
mod schema;
mod schools;
mod text;
mod values;

use std::sync::LazyLock;

use super::super::injected::{InjectedFault, all_placed, each_once};
use super::super::listed::{List, Listed};
use super::super::{Degree, GenerateError};
use super::Options;
pub use super::archive::ArchiveFault;
use super::people::{People, Twist};
use super::record::{Category, Kind, Record};
use crate::i18n::{Lang, catalogue};
pub use facts::Facts;

/// What a fault knows when it is applied.
pub struct Context<'a> {
    /// Degree of the delivery.
    pub degree: Degree,
    /// What exists and what does not.
    pub facts: &'a Facts,
    /// What it remembers from one record to the next.
    pub memory: &'a mut String,
    /// How many records it has added.
    pub rank: usize,
}

/// Makes a record from another.
type Make = fn(&Record, &mut Context) -> Option<Record>;

/// What a fault does.
pub(super) enum Effect {
    /// Changes the first record of a kind that can carry it.
    Change(Kind, fn(&mut Record, &mut Context) -> bool),
    /// Changes every record of a kind that can carry it.
    ChangeEvery(Kind, fn(&mut Record, &mut Context) -> bool),
    /// Adds that many records after the first of a kind that allows it.
    Add(Kind, usize, Make),
    /// Adds a record after every one of a kind that allows it.
    AddEvery(Kind, Make),
    /// Adds a record in another file of the same category.
    Elsewhere(Kind, Make),
    /// Drops every record of a kind that it accepts.
    Drop(Kind, fn(&Record, &Facts) -> bool),
    /// Writes the first record of a kind after those of the next kind.
    Late(Kind),
    /// Changes the XML of the first record of a kind.
    Bytes(Kind, fn(&mut String) -> bool),
    /// Adds a file without records, itself at fault.
    File(FileFault),
    /// Leaves out the files of a category.
    Absent(Category),
    /// Does not split the files of a category.
    Unsplit(Category),
    /// Changes the archive or its digest.
    Archive(ArchiveFault),
    /// Changes who is in the delivery.
    Twist(fn(&Facts, &mut Twist)),
    /// Moves the date of the delivery.
    Date(i32),
}

/// Faults of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained by the description of the fault that uses it")]
pub enum FileFault {
    UnknownName,
    OtherIdent,
    OtherTime,
    ImpossibleTime,
    OtherCategory,
    OtherLevel,
    OtherDegree,
    NoLevel,
    Foreign,
    SequenceGap,
    Malformed,
    Truncated,
    StrayText,
    LyingEncoding,
    OtherEncoding,
    OtherNamespace,
    OtherPrefix,
    OtherRoot,
    NoVersion,
    EmptyVersion,
    Doctype,
    Entity,
    UnknownEncoding,
}

/// What is known of a fault.
pub struct FaultInfo {
    /// Identifier, stable.
    pub id: &'static str,
    /// Degrees it makes sense in.
    pub degrees: &'static [Degree],
    effect: Effect,
}

const fn fault(id: &'static str, effect: Effect) -> FaultInfo {
    FaultInfo { id, degrees: &[Degree::D1, Degree::D2], effect }
}

impl FaultInfo {
    const fn first_degree(self) -> Self {
        Self { degrees: &[Degree::D1], ..self }
    }

    const fn second_degree(self) -> Self {
        Self { degrees: &[Degree::D2], ..self }
    }

    /// Whether it is a fault of the archive, which files alone cannot carry.
    #[must_use]
    pub fn needs_archive(&self) -> bool {
        // Two levels in one directory are two deliveries.
        matches!(self.effect, Effect::Archive(_) | Effect::File(FileFault::OtherDegree))
    }

    /// Whether it shows only beside the delivery of an earlier day.
    #[must_use]
    pub fn needs_previous(&self) -> bool {
        beside::SINCE.contains(&self.id)
    }

    /// Whether it shows only beside the AAF delivery of the same options.
    #[must_use]
    pub fn needs_feed(&self) -> bool {
        self.id.starts_with(beside::FEED)
    }

    /// What it breaks.
    #[must_use]
    pub fn description(&self, lang: Lang) -> &'static str {
        catalogue(lang).get(&format!("generate.fault.gar.{}", self.id)).map_or(self.id, String::as_str)
    }

    /// Requirements that should fail in a delivery of that degree.
    pub fn requirements(&self, degree: Degree) -> impl Iterator<Item = &'static str> {
        expected::of(self.id).iter().copied().filter(move |id| expected::applies(id, degree))
    }
}

static FAULTS: LazyLock<Vec<FaultInfo>> = LazyLock::new(|| {
    [
        packaging::faults(),
        text::faults(),
        schools::faults(),
        persons::faults(),
        persons::staff(),
        links::faults(),
        groups::faults(),
        managers::faults(),
        schema::faults(),
        values::faults(),
        beside::faults(),
    ]
    .into_iter()
    .flatten()
    .collect()
});

/// Every fault, in the order in which they are offered.
#[must_use]
pub fn faults() -> &'static [FaultInfo] {
    &FAULTS
}

impl List for FaultInfo {
    fn all() -> &'static [Self] {
        &FAULTS
    }

    fn id(&self) -> &'static str {
        self.id
    }
}

/// One fault of [`faults`].
pub type Fault = Listed<FaultInfo>;

/// Puts faults into what passes.
pub struct Injector {
    degree: Degree,
    facts: Facts,
    pending: Vec<Pending>,
    elsewhere: Vec<Record>,
}

struct Pending {
    fault: Fault,
    /// Still to be applied.
    open: bool,
    memory: String,
    claimed: bool,
    done: InjectedFault,
}

impl Injector {
    /// An injector for the faults asked; those of the whole delivery change the people at once.
    pub fn new(options: &Options, people: &mut People) -> Result<Self, GenerateError> {
        let mut out = Self { degree: options.degree, facts: Facts::default(), pending: Vec::new(), elsewhere: Vec::new() };
        out.pending.extend(each_once(&options.faults).into_iter().map(|fault| {
            let done = InjectedFault::of(fault, fault.info().requirements(options.degree));
            Pending { fault, open: true, memory: String::new(), claimed: false, done }
        }));
        if !out.pending.is_empty() {
            out.facts = Facts::of(people)?;
        }
        for pending in &out.pending {
            if let Effect::Twist(change) = pending.fault.info().effect {
                change(&out.facts, &mut people.twist);
            }
        }
        Ok(out)
    }

    /// Whether records pass as they are.
    pub fn idle(&self) -> bool {
        self.pending.is_empty()
    }

    /// How many days the delivery is moved.
    pub fn days(&self) -> i32 {
        self.pending.iter().map(|p| if let Effect::Date(days) = p.fault.info().effect { days } else { 0 }).sum()
    }

    /// Faults of the archive of that name.
    pub fn archive(&mut self, name: &str) -> Vec<ArchiveFault> {
        let mut out = Vec::new();
        for pending in &mut self.pending {
            if let Effect::Archive(fault) = pending.fault.info().effect {
                pending.done.mark(name, None);
                out.push(fault);
            }
        }
        out
    }

    /// Lets the first fault that can take this record. What is to be written now goes to `out`; what is to be
    /// written late is returned.
    pub fn record(&mut self, mut record: Record, file: &str, out: &mut Vec<Record>) -> Option<Record> {
        let kind = record.kind;
        let mut added = Vec::new();
        for pending in self.pending.iter_mut().filter(|p| p.open) {
            let mut context = Context { degree: self.degree, facts: &self.facts, memory: &mut pending.memory, rank: 0 };
            let id = record.id().to_owned();
            match pending.fault.info().effect {
                Effect::Change(k, change) if k == kind => {
                    if !change(&mut record, &mut context) {
                        continue;
                    }
                    pending.open = false;
                    pending.done.mark(file, Some(id));
                }
                Effect::ChangeEvery(k, change) if k == kind => {
                    if !change(&mut record, &mut context) {
                        continue;
                    }
                    pending.done.mark(file, Some(id));
                }
                Effect::Add(k, times, make) if k == kind => {
                    for rank in 0..times {
                        context.rank = rank;
                        added.extend(make(&record, &mut context));
                    }
                    if added.is_empty() {
                        continue;
                    }
                    pending.open = false;
                    added.iter().for_each(|a| pending.done.mark(file, Some(a.id().to_owned())));
                }
                Effect::AddEvery(k, make) if k == kind => {
                    added.extend(make(&record, &mut context));
                    if added.is_empty() {
                        continue;
                    }
                    added.iter().for_each(|a| pending.done.mark(file, Some(a.id().to_owned())));
                }
                Effect::Elsewhere(k, make) if k == kind => {
                    let Some(other) = make(&record, &mut context) else { continue };
                    pending.open = false;
                    pending.done.mark(file, Some(other.id().to_owned()));
                    self.elsewhere.push(other);
                }
                Effect::Drop(k, accepts) if k == kind && accepts(&record, &self.facts) => {
                    pending.done.mark(file, Some(id));
                    return None;
                }
                Effect::Late(k) if k == kind => {
                    pending.open = false;
                    pending.done.mark(file, Some(id));
                    return Some(record);
                }
                Effect::Bytes(k, _) if k == kind => {
                    pending.open = false;
                    pending.claimed = true;
                }
                _ => continue,
            }
            break;
        }
        out.push(record);
        out.append(&mut added);
        None
    }

    /// Changes the XML of the record just written, from `start` on, where a fault claimed it.
    pub fn bytes(&mut self, record: &Record, out: &mut String, start: usize, file: &str) {
        for pending in self.pending.iter_mut().filter(|p| p.claimed) {
            pending.claimed = false;
            let Effect::Bytes(_, change) = pending.fault.info().effect else { continue };
            let mut xml = out.split_off(start);
            if change(&mut xml) {
                pending.done.mark(file, Some(record.id().to_owned()));
            }
            out.push_str(&xml);
        }
    }

    /// Records to be written in another file of the category that ends.
    pub fn elsewhere(&mut self) -> Vec<Record> {
        std::mem::take(&mut self.elsewhere)
    }

    /// Faults that are a file more.
    pub fn files(&self) -> Vec<FileFault> {
        self.pending.iter().filter_map(|p| if let Effect::File(f) = p.fault.info().effect { Some(f) } else { None }).collect()
    }

    /// Whether a file is left out.
    pub fn absent(&mut self, category: Category, file: &str) -> bool {
        self.whole(file, |e| matches!(e, Effect::Absent(c) if *c == category))
    }

    /// Whether a file that is full goes on.
    pub fn unsplit(&mut self, category: Category, file: &str) -> bool {
        self.whole(file, |e| matches!(e, Effect::Unsplit(c) if *c == category))
    }

    fn whole(&mut self, file: &str, is: impl Fn(&Effect) -> bool) -> bool {
        let Some(pending) = self.pending.iter_mut().find(|p| is(&p.fault.info().effect)) else { return false };
        if pending.done.files.last().is_none_or(|f| f != file) {
            pending.done.mark(file, None);
        }
        true
    }

    /// Notes the faults of a file that was opened, and once those of the whole delivery.
    pub fn opened(&mut self, category: Category, file: &str, fault: Option<FileFault>) {
        for pending in &mut self.pending {
            match pending.fault.info().effect {
                Effect::File(f) if Some(f) == fault => pending.done.mark(file, None),
                Effect::Twist(_) if category == Category::Eleve && pending.done.count == 0 => pending.done.mark(file, None),
                Effect::Date(_) if pending.done.count == 0 => pending.done.mark(file, None),
                _ => {}
            }
        }
    }

    /// What was put in; an error when a fault found no place.
    pub fn finish(self) -> Result<Vec<InjectedFault>, GenerateError> {
        all_placed(self.pending.into_iter().map(|p| (p.fault, p.done)))
    }
}
