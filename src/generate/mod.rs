//! The synthetic académie: deliveries with valid keys and realistic shares, and faults on demand.
//!
//! Same options, same bytes, on every platform. Nobody in it exists: names are assembled from syllables,
//! telephone numbers are those kept for fiction, structures carry a department number no school has used since
//! 1976. Memory does not grow with the number of pupils: every person is computed from an index.
//! Depends on nothing of the project but the words of [`crate::rules::model`] and the catalogue of messages.
//! Must never read a real delivery, nor write over anything.

pub mod annuaire;
mod catalogue;
mod change;
mod delivery;
mod family;
pub mod faults;
mod first;
pub mod gar;
mod injected;
mod keys;
pub mod listed;
mod person;
mod plan;
mod record;
mod rng;
mod second;
mod text;
mod world;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use faults::{Fault, FaultInfo, faults};
pub use injected::InjectedFault;

use crate::outcome::Message;
pub use crate::rules::model::Degree;

/// A full delivery, or what changed the day after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Mode {
    /// Everything.
    Complet,
    /// Dated one day later; applies on the Complet of the same options.
    Delta,
}

/// Encoding of the files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Declared UTF-8, pure ASCII: accents are numeric references, as in real exports.
    #[default]
    Utf8,
    /// ISO-8859-15, accents written as bytes.
    Iso885915,
}

/// What to generate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of pupils of the Complet, at least 1.
    pub pupils: u64,
    /// Primary or secondary.
    pub degree: Degree,
    /// Complet or Delta.
    pub mode: Mode,
    /// Everything follows from it.
    pub seed: u64,
    /// Faults to put in.
    pub faults: Vec<Fault>,
    /// Date of the Complet; a Delta is dated the day after.
    pub date: Date,
    /// Encoding of the files.
    pub encoding: Encoding,
}

impl Options {
    /// A Complet without faults: what exports of the same académie are drawn from.
    fn complet(pupils: u64, degree: Degree, seed: u64, date: Date) -> Self {
        Self { pupils, degree, mode: Mode::Complet, seed, faults: Vec::new(), date, encoding: Encoding::Utf8 }
    }

    /// The most pupils an académie of that degree can have: beyond it, UAI of one department run out.
    #[must_use]
    pub fn max_pupils(degree: Degree) -> u64 {
        match degree {
            Degree::D1 => 600_000,
            Degree::D2 => 2_000_000,
        }
    }

    /// About how many records will be written: the end of a progress bar.
    #[must_use]
    pub fn expected_records(&self) -> u64 {
        match self.mode {
            Mode::Complet => self.pupils + self.pupils * 17 / 10 + self.pupils / 10,
            Mode::Delta => self.pupils / 20,
        }
    }

    /// The date in the names of the files.
    #[must_use]
    pub fn delivery_date(&self) -> Date {
        match self.mode {
            Mode::Complet => self.date,
            Mode::Delta => self.date.tomorrow().unwrap_or(self.date),
        }
    }

    fn check(&self) -> Result<(), GenerateError> {
        let max = Self::max_pupils(self.degree);
        if self.pupils == 0 || self.pupils > max {
            return Err(GenerateError::Pupils { pupils: self.pupils, max });
        }
        if !(1990..=2100).contains(&self.date.year()) {
            return Err(GenerateError::Date { date: self.date });
        }
        for fault in &self.faults {
            if !fault.info().applies(self.degree, self.mode) {
                return Err(GenerateError::NotApplicable { fault: fault.id(), degree: self.degree, mode: self.mode });
            }
            if self.encoding != Encoding::Utf8
                && matches!(fault.id(), "encodage-menteur" | "encodage-inconnu" | "declaration-absente" | "marque-octets")
            {
                return Err(GenerateError::NeedsUtf8 { fault: fault.id() });
            }
        }
        Ok(())
    }
}

/// What was written, and the faults in it: the key to a delivery used as a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Degree.
    pub degree: Degree,
    /// Complet or Delta.
    pub mode: Mode,
    /// Date of the Complet.
    pub date: String,
    /// Seed.
    pub seed: u64,
    /// Pupils asked for.
    pub pupils: u64,
    /// XML files written.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Requests by category.
    pub records: BTreeMap<String, u64>,
    /// The faults put in.
    pub faults: Vec<InjectedFault>,
}

/// Why nothing usable was generated.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    /// The number of pupils cannot be served.
    #[error("the number of pupils must be between 1 and {max}, not {pupils}")]
    Pupils {
        /// Asked.
        pupils: u64,
        /// Largest.
        max: u64,
    },
    /// The date is out of range.
    #[error("the date must be between 1990 and 2100, not {date}")]
    Date {
        /// Asked.
        date: Date,
    },
    /// No fault has that identifier.
    #[error("unknown fault {id}")]
    UnknownFault {
        /// Asked.
        id: String,
    },
    /// The fault makes no sense in that delivery.
    #[error("the fault {fault} does not apply to a {mode:?} delivery of degree {degree}")]
    NotApplicable {
        /// Identifier of the fault.
        fault: &'static str,
        /// Degree asked.
        degree: Degree,
        /// Mode asked.
        mode: Mode,
    },
    /// The fault takes a declared UTF-8: every byte is a character of ISO-8859-15.
    #[error("the fault {fault} takes UTF-8 files")]
    NeedsUtf8 {
        /// Identifier of the fault.
        fault: &'static str,
    },
    /// The delivery is too small to hold the fault.
    #[error("no record of this delivery can carry the fault {fault}: ask for more pupils")]
    NotInjected {
        /// Identifier of the fault.
        fault: &'static str,
    },
    /// The fault makes no sense in a GAR delivery of that degree.
    #[error("the fault {fault} does not apply to a delivery of degree {degree}")]
    OtherDegree {
        /// Identifier of the fault.
        fault: &'static str,
        /// Degree asked.
        degree: Degree,
    },
    /// The fault makes no sense in a directory of another dialect.
    #[error("the fault {fault} takes the dialect {dialect}")]
    OtherDialect {
        /// Identifier of the fault.
        fault: &'static str,
        /// Dialect it takes.
        dialect: &'static str,
    },
    /// The fault is one of an archive, and files were asked for.
    #[error("the fault {fault} takes an archive")]
    NeedsArchive {
        /// Identifier of the fault.
        fault: &'static str,
    },
    /// The identifier of the ENT project cannot begin the name of a file.
    #[error("the identifier of the ENT project is 1 to 16 capitals and digits, not {ident}")]
    Ident {
        /// Asked.
        ident: String,
    },
    /// The directory already holds something.
    #[error("{path} is not empty")]
    NotEmpty {
        /// The directory.
        path: PathBuf,
    },
    /// The file is already there.
    #[error("{path} already exists")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The disk refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl GenerateError {
    /// The same, for the catalogue.
    #[must_use]
    pub fn message(&self) -> Message {
        let say = |key: &str| Message::new(&format!("generate.error.{key}"));
        match self {
            Self::Pupils { pupils, max } => say("pupils").with("pupils", pupils).with("max", max),
            Self::Date { date } => say("date").with("date", date),
            Self::UnknownFault { id } => say("unknown-fault").with("fault", id),
            Self::NotApplicable { fault, degree, mode } => {
                say("not-applicable").with("fault", fault).with("degree", degree).with("mode", format!("{mode:?}"))
            }
            Self::NeedsUtf8 { fault } => say("needs-utf8").with("fault", fault),
            Self::OtherDegree { fault, degree } => say("other-degree").with("fault", fault).with("degree", degree),
            Self::OtherDialect { fault, dialect } => say("other-dialect").with("fault", fault).with("dialect", dialect),
            Self::Exists { path } => say("exists").with("path", path.display()),
            Self::NeedsArchive { fault } => say("needs-archive").with("fault", fault),
            Self::Ident { ident } => say("ident").with("ident", ident),
            Self::NotInjected { fault } => say("not-injected").with("fault", fault),
            Self::NotEmpty { path } => say("not-empty").with("path", path.display()),
            Self::Io { path, source } => say("io").with("path", path.display()).with("cause", source),
        }
    }
}

/// Writes a delivery into `out`, which must be absent or empty. `progress` is told how many records are written
/// so far. Nothing but the files of the delivery and its DTD goes into `out`: labels are returned.
///
/// # Errors
/// See [`GenerateError`].
pub fn generate(options: &Options, out: &Path, progress: &mut dyn FnMut(u64)) -> Result<Summary, GenerateError> {
    options.check()?;
    let world = world::World::new(options);
    let mut delivery = delivery::Delivery::create(&world, out, progress)?;
    match options.degree {
        Degree::D2 => second::write(&world, &mut delivery)?,
        Degree::D1 => first::write(&world, &mut delivery)?,
    }
    delivery.finish()
}
