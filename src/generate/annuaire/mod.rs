//! Synthetic directories: the LDIF export of the ENT that the AAF académie of the same options would feed.
//!
//! Same schools, same people, same classes, groups and services as the AAF, same identifiers as the GAR: see [`super`]. Beside
//! them, a few that an ENT keeps by hand: see [`beside_school`] and [`roles`].
//! Nobody in it exists, nobody has a password. Same options, same bytes; memory grows with the schools and the staff, a few
//! bytes each, not with the pupils. Must never read a real directory, nor write over anything.

mod beside_school;
mod chosen;
mod delivery;
mod entry;
pub mod faults;
mod naming;
mod project;
mod roles;
mod structures;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gar::people::{People, Twist};
use super::world::World;
use super::{Degree, GenerateError, InjectedFault};
use faults::Injector;
pub use faults::{Fault, FaultInfo, faults};
use naming::Naming;

/// How a directory is written, where public implementations differ. Each is one that somebody has been seen to write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Dialect {
    /// Composite values begin with the name of the structure, profiles are codes.
    #[default]
    Dn,
    /// Composite values begin with the UAI, which names the structure; profiles are groups.
    Uai,
    /// Classes and groups are the names of their entries; profiles are groups.
    GroupDn,
    /// Composite values begin with the identifier of the AAF, profiles are words.
    Id,
}

impl Dialect {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Dn, Self::Uai, Self::GroupDn, Self::Id];

    /// As the command line and target files write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dn => "dn",
            Self::Uai => "uai",
            Self::GroupDn => "group-dn",
            Self::Id => "id",
        }
    }

    /// Whether profiles are entries.
    fn has_profiles(self) -> bool {
        matches!(self, Self::Uai | Self::GroupDn)
    }
}

/// What to generate.
#[derive(Clone, Debug)]
pub struct Options {
    /// Number of pupils of the first day, at least 1.
    pub pupils: u64,
    /// Primary or secondary.
    pub degree: Degree,
    /// Everything follows from it.
    pub seed: u64,
    /// Faults to put in.
    pub faults: Vec<Fault>,
    /// Date of the first day: that of the AAF Complet.
    pub date: Date,
    /// How many days later. From the first on, what the AAF Delta of these options says has happened.
    pub day: u16,
    /// How it is written.
    pub dialect: Dialect,
}

impl Options {
    /// About how many entries will be written: the end of a progress bar.
    #[must_use]
    pub fn expected_entries(&self) -> u64 {
        self.pupils * 3
    }

    /// The options of the AAF Complet that everything is drawn from.
    fn aaf(&self) -> super::Options {
        super::Options::complet(self.pupils, self.degree, self.seed, self.date)
    }

    /// The day of the export.
    fn today(&self) -> Date {
        self.date.saturating_add(i32::from(self.day).days())
    }

    fn check(&self) -> Result<(), GenerateError> {
        self.aaf().check()?;
        for fault in &self.faults {
            if !fault.info().degrees.contains(&self.degree) {
                return Err(GenerateError::OtherDegree { fault: fault.id(), degree: self.degree });
            }
            if fault.info().dialect != self.dialect {
                return Err(GenerateError::OtherDialect { fault: fault.id(), dialect: fault.info().dialect.as_str() });
            }
        }
        Ok(())
    }
}

/// What was written, and the faults in it: the key to a directory used as a test.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Degree.
    pub degree: Degree,
    /// Date of the first day.
    pub date: String,
    /// Days since.
    pub day: u16,
    /// Seed.
    pub seed: u64,
    /// How it is written.
    pub dialect: Dialect,
    /// Pupils asked for.
    pub pupils: u64,
    /// Size of the file.
    pub bytes: u64,
    /// Entries by the class that tells most.
    pub entries: BTreeMap<String, u64>,
    /// The faults put in.
    pub faults: Vec<InjectedFault>,
}

/// Writes the export into the file `out`, which must not exist. `progress` is told how many entries are written so far.
///
/// # Errors
/// See [`GenerateError`].
pub fn generate(options: &Options, out: &Path, progress: &mut dyn FnMut(u64)) -> Result<Summary, GenerateError> {
    options.check()?;
    let aaf = options.aaf();
    let world = World::new(&aaf);
    let people = People::new(&world, options.day, Twist::default());
    let naming = Naming::new(&people, options.dialect);
    let injector = Injector::new(options, &naming)?;
    let mut delivery = delivery::Delivery::create(injector, out, progress)?;
    write::write(&naming, options.today(), &mut |entry| delivery.emit(entry))?;
    delivery.finish(options)
}
