//! Synthetic GAR-ENT deliveries: what the ENT of the AAF académie of the same options would export.
//!
//! Same schools, same people, same curricula, subjects, classes and services: see [`super`]. Nobody in it exists.
//! Same options, same bytes; memory does not grow with the number of pupils. Must never read a real delivery, nor
//! write over anything.

mod archive;
pub(super) mod census;
mod delivery;
pub mod faults;
pub(super) mod people;
mod project;
mod record;
mod write;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rng::{Keys, Stream};
use super::world::World;
use super::{Degree, GenerateError, InjectedFault};
pub use faults::{Fault, FaultInfo, faults};
use faults::{FileFault, Injector};
use people::People;
use record::Category;

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
    /// Identifier of the ENT project, as the names of files begin.
    pub ident: String,
    /// A `.tar.gz` and its `.md5` rather than files.
    pub archive: bool,
}

impl Options {
    /// About how many records will be written: the end of a progress bar.
    #[must_use]
    pub fn expected_records(&self) -> u64 {
        match self.degree {
            Degree::D1 => self.pupils * 16 / 5,
            Degree::D2 => self.pupils * 22,
        }
    }

    /// The options of the AAF Complet that everything is drawn from.
    fn aaf(&self) -> super::Options {
        super::Options::complet(self.pupils, self.degree, self.seed, self.date)
    }

    fn check(&self) -> Result<(), GenerateError> {
        self.aaf().check()?;
        let sound = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
        if self.ident.is_empty() || self.ident.len() > 16 || !self.ident.chars().all(sound) {
            return Err(GenerateError::Ident { ident: self.ident.clone() });
        }
        for fault in &self.faults {
            if !fault.info().degrees.contains(&self.degree) {
                return Err(GenerateError::OtherDegree { fault: fault.id(), degree: self.degree });
            }
            if fault.info().needs_archive() && !self.archive {
                return Err(GenerateError::NeedsArchive { fault: fault.id() });
            }
        }
        Ok(())
    }

    /// Date and time in the names of the files: an hour of the evening, the same every day, `days` away.
    fn stamp(&self, days: i32) -> String {
        let date = self.date.saturating_add((i32::from(self.day) + days).days());
        let mut draw = Keys::new(self.seed).draw(Stream::Id, u64::MAX);
        format!("{}_{:02}{:02}{:02}", date.strftime("%Y%m%d"), draw.between(21, 23), draw.below(60), draw.below(60))
    }

    fn file_name(&self, stamp: &str, category: Category, sequence: u32, fault: Option<FileFault>) -> String {
        let (mut ident, mut stamp) = (self.ident.clone(), stamp.to_owned());
        let (mut level, mut sequence) = (self.degree, sequence);
        match fault {
            Some(FileFault::UnknownName) => ident.push('_'),
            Some(FileFault::OtherIdent) => ident.push('0'),
            Some(FileFault::OtherTime) => stamp.replace_range(9.., "200000"),
            Some(FileFault::ImpossibleTime) => stamp.replace_range(4.., "1332_250000"),
            Some(FileFault::OtherLevel | FileFault::OtherDegree) => {
                level = if level == Degree::D1 { Degree::D2 } else { Degree::D1 };
            }
            Some(FileFault::SequenceGap) => sequence += 1,
            Some(FileFault::NoLevel) => return format!("{ident}_GAR-ENT_Complet_{stamp}_{}_0000.xml", category.name()),
            Some(FileFault::Foreign) => return "inventaire.xml".to_owned(),
            _ => {}
        }
        format!("{ident}_GAR-ENT_Complet_{stamp}_{level}_{}_{sequence:04}.xml", category.name())
    }
}

/// What was written, and the faults in it: the key to a delivery used as a test.
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
    /// Identifier of the ENT project.
    pub ident: String,
    /// Pupils asked for.
    pub pupils: u64,
    /// Files written.
    pub files: u64,
    /// Their size.
    pub bytes: u64,
    /// Records by element.
    pub records: BTreeMap<String, u64>,
    /// The faults put in.
    pub faults: Vec<InjectedFault>,
}

/// Writes a delivery into `out`, which must be absent or empty: five kinds of XML files, or an archive and its
/// digest. `progress` is told how many records are written so far.
///
/// # Errors
/// See [`GenerateError`].
pub fn generate(options: &Options, out: &Path, progress: &mut dyn FnMut(u64)) -> Result<Summary, GenerateError> {
    options.check()?;
    let aaf = options.aaf();
    let world = World::new(&aaf);
    let mut people = People::new(&world, options.day, people::Twist::default());
    let injector = Injector::new(options, &mut people)?;
    let mut delivery = delivery::Delivery::create(options, injector, out, progress)?;
    write::write(&people, &mut delivery)?;
    delivery.finish()
}
