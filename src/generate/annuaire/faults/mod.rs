//! Labelled faults of a directory: what can be broken, and which requirements should notice.
//!
//! Every fault touches as little as it can: one entry, one entry more at the end, or the writing of the file. Same
//! options, same place. Two faults never meet in one entry. Each tells causes only: what a requirement explains of
//! others is told by the requirements themselves (`parent`). The tests hold every line against an audit.

mod beside;
mod extra;
mod facts;
mod file;
mod persons;
mod pupils;
mod relatives;
mod schema;
mod staff;
mod structures;
mod tree;
mod unique;

use std::sync::LazyLock;

use super::super::injected::{InjectedFault, all_placed, each_once};
use super::super::listed::{List, Listed};
use super::super::{Degree, GenerateError};
use super::entry::{Entry, Kind};
use super::naming::Naming;
use super::{Dialect, Options};
use crate::i18n::{Lang, catalogue};
use facts::Facts;

/// What a fault knows when it is applied.
pub(super) struct Context<'a> {
    /// Who is in the directory and who is not.
    pub facts: &'a Facts,
    /// What it remembers from one entry to the next.
    pub memory: &'a mut String,
    /// Its rank among all faults: what is invented for it, it alone has.
    pub rank: usize,
}

/// Changes an entry; false when this one cannot carry the fault.
type Change = fn(&mut Entry, &mut Context) -> bool;

/// What a fault does.
pub(super) enum Effect {
    /// Changes the first entry of a kind that can carry it.
    Change(Kind, Change),
    /// Changes every entry of a kind that can carry it.
    Every(Kind, Change),
    /// Leaves out every entry of a kind.
    Drop(Kind),
    /// Writes something more at the end.
    Extra(fn(&mut Context) -> Option<Vec<u8>>),
    /// Changes how the file is written.
    File(FileFault),
}

/// Faults of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained by the description of the fault that uses it")]
pub(super) enum FileFault {
    CarriageReturns,
    OtherVersion,
    Utf16,
}

/// What shows a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// The directory alone.
    Nothing,
    /// The AAF delivery of the same options.
    Aaf,
    /// The GAR delivery of the same options.
    Gar,
}

/// What is known of a fault.
pub struct FaultInfo {
    /// Identifier, stable.
    pub id: &'static str,
    /// Degrees it makes sense in.
    pub degrees: &'static [Degree],
    /// Dialect it makes sense in.
    pub dialect: Dialect,
    /// What must be read with the directory for the fault to show.
    pub beside: Beside,
    requirements: &'static [&'static str],
    effect: Effect,
}

/// A fault that the requirements notice.
const fn fault(id: &'static str, requirements: &'static [&'static str], effect: Effect) -> FaultInfo {
    let degrees = &[Degree::D1, Degree::D2];
    FaultInfo { id, degrees, dialect: Dialect::Dn, beside: Beside::Nothing, requirements, effect }
}

impl FaultInfo {
    const fn second_degree(self) -> Self {
        Self { degrees: &[Degree::D2], ..self }
    }

    const fn in_dialect(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    const fn beside(self, beside: Beside) -> Self {
        Self { beside, ..self }
    }

    /// What it breaks.
    #[must_use]
    pub fn description(&self, lang: Lang) -> &'static str {
        catalogue(lang).get(&format!("generate.fault.annuaire.{}", self.id)).map_or(self.id, String::as_str)
    }

    /// Requirements that should fail in a directory of that degree.
    pub fn requirements(&self, degree: Degree) -> impl Iterator<Item = &'static str> {
        let other = if degree == Degree::D1 { "2D" } else { "1D" };
        self.requirements.iter().copied().filter(move |id| id.split('-').all(|part| part != other))
    }
}

static FAULTS: LazyLock<Vec<FaultInfo>> = LazyLock::new(|| {
    [
        file::faults(),
        schema::faults(),
        tree::faults(),
        persons::faults(),
        pupils::faults(),
        relatives::faults(),
        staff::faults(),
        structures::faults(),
        unique::faults(),
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
pub(super) struct Injector {
    facts: Facts,
    pending: Vec<Pending>,
}

struct Pending {
    fault: Fault,
    /// Still to be applied.
    open: bool,
    memory: String,
    done: InjectedFault,
}

impl Injector {
    /// An injector for the faults asked.
    pub fn new(options: &Options, naming: &Naming) -> Result<Self, GenerateError> {
        let each = each_once(&options.faults).into_iter().map(|fault| {
            let done = InjectedFault::of(fault, fault.info().requirements(options.degree));
            Pending { fault, open: true, memory: String::new(), done }
        });
        let pending: Vec<Pending> = each.collect();
        let facts = if pending.is_empty() { Facts::default() } else { Facts::of(naming, options.today())? };
        Ok(Self { facts, pending })
    }

    /// Whether the file is written in that wrong way.
    pub fn file(&self, fault: FileFault) -> bool {
        self.pending.iter().any(|p| matches!(p.fault.info().effect, Effect::File(f) if f == fault))
    }

    /// Notes the faults of the whole file.
    pub fn opened(&mut self, file: &str) {
        for pending in self.pending.iter_mut().filter(|p| matches!(p.fault.info().effect, Effect::File(_))) {
            pending.done.mark(file, None);
        }
    }

    /// Lets the first fault that can take this entry; what is to be written goes to `out`.
    pub fn entry(&mut self, mut entry: Entry, file: &str, out: &mut Vec<Entry>) {
        for pending in self.pending.iter_mut().filter(|p| p.open) {
            let fault = pending.fault;
            let mut context = Context { facts: &self.facts, memory: &mut pending.memory, rank: fault.rank() };
            let (changed, dropped) = match fault.info().effect {
                Effect::Change(kind, change) if kind == entry.kind => {
                    let changed = change(&mut entry, &mut context);
                    pending.open = !changed;
                    (changed, false)
                }
                Effect::Every(kind, change) if kind == entry.kind => (change(&mut entry, &mut context), false),
                Effect::Drop(kind) if kind == entry.kind => (true, true),
                _ => (false, false),
            };
            if changed {
                pending.done.mark(file, Some(entry.dn.clone()));
            }
            if dropped {
                return;
            }
            if changed {
                break;
            }
        }
        out.push(entry);
    }

    /// What is written at the end.
    pub fn extra(&mut self, file: &str) -> Vec<u8> {
        let mut out = Vec::new();
        for pending in &mut self.pending {
            let Effect::Extra(make) = pending.fault.info().effect else { continue };
            let mut context = Context { facts: &self.facts, memory: &mut pending.memory, rank: pending.fault.rank() };
            let Some(text) = make(&mut context) else { continue };
            out.extend(text);
            pending.done.mark(file, None);
        }
        out
    }

    /// What was put in; an error when a fault found no place.
    pub fn finish(self) -> Result<Vec<InjectedFault>, GenerateError> {
        all_placed(self.pending.into_iter().map(|p| (p.fault, p.done)))
    }
}
