//! Labelled faults: what can be broken in a delivery, and which requirements should notice.
//!
//! Every fault is applied to a small known number of records or to one file, always the same for the same options.
//! Two faults never meet in one record. Depends on [`super::record`] only.

mod edit;
mod expected;
mod files;
mod nomenclatures;
mod pupils;
mod relatives;
mod requests;
mod staff;
mod structures;

use std::sync::LazyLock;

use super::injected::{InjectedFault, all_placed, each_once};
use super::listed::{List, Listed};
use super::record::{Kind, Record};
use super::rng::{Keys, Stream};
use super::{Degree, GenerateError, Mode, Options};
use crate::i18n::{Lang, catalogue};

pub use edit::{Edit, Places};

/// What a fault does.
pub(super) enum Effect {
    /// Changes that many records of a kind; the function says whether the record could carry it.
    Record(Kind, u64, fn(&mut Edit) -> bool),
    /// Writes one record of a kind, among those it accepts, that many times.
    Copies(Kind, u32, fn(&Record) -> bool),
    /// Changes nothing in records: the whole académie is made so, and those that show it are counted.
    World(Kind, fn(&Record) -> bool),
    /// Changes the XML of one request of a kind.
    Bytes(Kind, fn(&mut Vec<u8>) -> bool),
    /// Changes the files of a category.
    File(Kind, FileFault),
}

/// Faults of a whole file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained by the description of the fault that uses it")]
pub enum FileFault {
    Absent,
    Truncated,
    Malformed,
    WrongDigest,
    OtherDate,
    OtherPrefix,
    OtherMode,
    SequenceGap,
    NameWithoutDate,
    UnknownName,
    ByteOrderMark,
    UnknownEncoding,
    DeclaredEntity,
    OtherDoctype,
    NoDoctype,
    OtherAnnex,
    OtherVersion,
    NoHeader,
    NineDigitDate,
    Empty,
    WrongRoot,
    NoDeclaration,
    OtherHeaderDegree,
    OtherHeaderDate,
    VersionShape,
}

/// What is known of a fault.
pub struct FaultInfo {
    /// Identifier, stable.
    pub id: &'static str,
    /// Degrees it makes sense in.
    pub degrees: &'static [Degree],
    /// Modes it makes sense in.
    pub modes: &'static [Mode],
    effect: Effect,
}

const fn fault(id: &'static str, effect: Effect) -> FaultInfo {
    FaultInfo { id, degrees: &[Degree::D1, Degree::D2], modes: &[Mode::Complet], effect }
}

/// One record of a kind, written that many times.
const fn copies(id: &'static str, kind: Kind, times: u32) -> FaultInfo {
    fault(id, Effect::Copies(kind, times, |_| true))
}

/// A change of that many records.
const fn record(id: &'static str, kind: Kind, times: u64, change: fn(&mut Edit) -> bool) -> FaultInfo {
    fault(id, Effect::Record(kind, times, change))
}

impl FaultInfo {
    const fn first_degree(self) -> Self {
        Self { degrees: &[Degree::D1], ..self }
    }

    const fn second_degree(self) -> Self {
        Self { degrees: &[Degree::D2], ..self }
    }

    const fn delta(self) -> Self {
        Self { modes: &[Mode::Delta], ..self }
    }

    /// Whether it can be put in such a delivery.
    #[must_use]
    pub fn applies(&self, degree: Degree, mode: Mode) -> bool {
        self.degrees.contains(&degree) && self.modes.contains(&mode)
    }

    /// What it breaks.
    #[must_use]
    pub fn description(&self, lang: Lang) -> &'static str {
        catalogue(lang).get(&format!("generate.fault.{}", self.id)).map_or(self.id, String::as_str)
    }

    /// Requirements of `sdet-6.3` that should fail in a delivery of that degree.
    pub fn requirements(&self, degree: Degree) -> impl Iterator<Item = &'static str> {
        let other = match degree {
            Degree::D1 => "AAF-2D-",
            Degree::D2 => "AAF-1D-",
        };
        expected::of(self.id).iter().copied().filter(move |id| !id.starts_with(other))
    }
}

static FAULTS: LazyLock<Vec<FaultInfo>> = LazyLock::new(|| {
    [
        pupils::faults(),
        pupils::references(),
        relatives::faults(),
        staff::faults(),
        structures::faults(),
        nomenclatures::faults(),
        requests::faults(),
        files::faults(),
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
    places: Places,
    pending: Vec<Pending>,
}

struct Pending {
    fault: Fault,
    /// Records left alone before the first one.
    skip: u64,
    /// Records still to change.
    left: u64,
    /// What the function remembers from one record to the next.
    memory: String,
    /// The change was made to the record and is waiting for its bytes.
    claimed: bool,
    done: InjectedFault,
}

impl Injector {
    /// An injector for the faults asked; `places` are identifiers they may use.
    pub fn new(options: &Options, places: Places) -> Self {
        let keys = Keys::new(options.seed);
        let each = each_once(&options.faults).into_iter().map(|fault| {
            let info = fault.info();
            let spread = match options.mode {
                Mode::Complet => (options.pupils / 40).min(400) as u32,
                Mode::Delta => 0,
            };
            let (skip, left) = match info.effect {
                Effect::Record(kind, times, _) => (skip(keys, fault, kind, spread), times),
                Effect::Copies(kind, ..) | Effect::Bytes(kind, _) => (skip(keys, fault, kind, spread), 1),
                Effect::File(..) | Effect::World(..) => (0, 0),
            };
            let done = InjectedFault::of(fault, info.requirements(options.degree));
            Pending { fault, skip, left, memory: String::new(), claimed: false, done }
        });
        Self { degree: options.degree, places, pending: each.collect() }
    }

    /// Lets the first fault that can take this record; returns how many times to write it.
    pub fn record(&mut self, record: &mut Record, file: &str) -> u32 {
        if self.file(record.kind, 0, FileFault::Empty) {
            return 0;
        }
        for pending in &mut self.pending {
            if let Effect::World(kind, shows) = pending.fault.info().effect
                && kind == record.kind
                && shows(record)
            {
                pending.mark(file, None);
            }
        }
        for pending in self.pending.iter_mut().filter(|p| p.left > 0) {
            let (kind, copies) = match &pending.fault.info().effect {
                Effect::Record(kind, ..) | Effect::Bytes(kind, _) => (*kind, 1),
                Effect::Copies(kind, copies, _) => (*kind, *copies),
                Effect::File(..) | Effect::World(..) => continue,
            };
            if kind != record.kind {
                continue;
            }
            if pending.skip > 0 {
                pending.skip -= 1;
                continue;
            }
            let identifier = record.id.clone();
            match pending.fault.info().effect {
                Effect::Record(_, _, change) => {
                    let mut edit = Edit::new(record, self.degree, &self.places, std::mem::take(&mut pending.memory));
                    let changed = change(&mut edit);
                    pending.memory = std::mem::take(&mut edit.memory);
                    if !changed {
                        continue;
                    }
                    edit.apply(record);
                }
                Effect::Bytes(..) => {
                    pending.claimed = true;
                    return copies;
                }
                Effect::Copies(_, _, accepts) if !accepts(record) => continue,
                _ => {}
            }
            pending.mark(file, Some(identifier));
            return copies;
        }
        1
    }

    /// Changes the XML of the record just written, from `start` on, where a fault claimed it.
    pub fn bytes(&mut self, record: &Record, out: &mut Vec<u8>, start: usize, file: &str) {
        for pending in self.pending.iter_mut().filter(|p| p.claimed) {
            pending.claimed = false;
            let Effect::Bytes(_, change) = pending.fault.info().effect else { continue };
            let mut request = out.split_off(start);
            if change(&mut request) {
                pending.mark(file, Some(record.id.clone()));
            }
            out.append(&mut request);
        }
    }

    /// Whether a file carries a fault. Those of a name or a category touch all its files, the others the first.
    pub fn file(&self, kind: Kind, sequence: u32, fault: FileFault) -> bool {
        let whole = matches!(fault, FileFault::Absent | FileFault::SequenceGap | FileFault::UnknownName | FileFault::Empty);
        (sequence == 0 || whole)
            && self.pending.iter().any(|p| matches!(p.fault.info().effect, Effect::File(k, f) if k == kind && f == fault))
    }

    /// Notes the faults of a file that was opened.
    pub fn opened(&mut self, kind: Kind, sequence: u32, file: &str) {
        let touched: Vec<Fault> = self.pending.iter().map(|p| p.fault).collect();
        for (rank, fault) in touched.into_iter().enumerate() {
            if let Effect::File(k, effect) = fault.info().effect
                && k == kind
                && self.file(kind, sequence, effect)
            {
                self.pending[rank].mark(file, None);
            }
        }
    }

    /// What was put in; an error when a fault found no place.
    pub fn finish(self) -> Result<Vec<InjectedFault>, GenerateError> {
        all_placed(self.pending.into_iter().map(|p| (p.fault, p.done)))
    }
}

impl Pending {
    fn mark(&mut self, file: &str, record: Option<String>) {
        self.left = self.left.saturating_sub(1);
        self.done.mark(file, record);
    }
}

fn skip(keys: Keys, fault: Fault, kind: Kind, spread: u32) -> u64 {
    let bound = match kind {
        Kind::Eleve | Kind::Relative => spread,
        Kind::Staff => spread / 10,
        _ => 0,
    };
    u64::from(keys.draw(Stream::Fault, fault.rank() as u64).below(bound + 1))
}
