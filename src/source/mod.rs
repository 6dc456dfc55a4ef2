//! Where observations come from: one module a source, all giving records or facts.
//!
//! A source knows formats and nothing of requirements, verdicts or reports.

pub mod aaf;
#[cfg(feature = "live")]
pub mod cas;
pub mod feed;
pub mod files;
pub mod gar;
#[cfg(feature = "live")]
pub mod login;
pub mod observation;
pub mod place;
#[cfg(feature = "live")]
pub mod probe;
pub mod record;
#[cfg(feature = "live")]
pub mod tls;
#[cfg(feature = "live")]
pub mod web;

use std::path::Path;

use self::files::recognise::{self, Recogniser};

/// The formats of files that a path may hold, in the order they are named.
const FORMATS: &[Recogniser] = &[Recogniser::of::<aaf::Said>(), Recogniser::of::<gar::Said>()];

/// The formats of the files under a path, by the prefixes of their kinds; empty when nothing tells.
#[must_use]
pub fn recognised(path: &Path) -> Vec<&'static str> {
    recognise::recognised(path, FORMATS)
}

/// Kinds of record that sources give, by name. A [`Kind`] is an index into this list.
pub const KINDS: &[KindInfo] = &[
    KindInfo::new("aaf.EtabEducNat", false),
    KindInfo::new("aaf.MefEducNat", false),
    KindInfo::new("aaf.MatiereEducNat", false),
    KindInfo::new("aaf.PersRelEleve", true),
    KindInfo::new("aaf.Eleve", true),
    KindInfo::new("aaf.PersEducNat", true),
    KindInfo::new("gar.GAREtab", false),
    KindInfo::new("gar.GARMEF", false),
    KindInfo::new("gar.GARMatiere", false),
    KindInfo::new("gar.GAREleve", true),
    KindInfo::new("gar.GAREnseignant", true),
    KindInfo::new("gar.GARRespAff", true),
    KindInfo::new("gar.GARPersonMEF", true),
    KindInfo::new("gar.GARPersonMEFSTAT4", true),
    KindInfo::new("gar.GAREleveEnseignement", true),
    KindInfo::new("gar.GARGroupe", false),
    KindInfo::new("gar.GARPersonGroupe", true),
    KindInfo::new("gar.GAREnsGroupeMatiere", true),
    KindInfo::new("gar.GAREnsClasseMatiere", true),
    KindInfo::new("gar-precedent.GAREtab", false),
    KindInfo::new("gar-precedent.GARMEF", false),
    KindInfo::new("gar-precedent.GARMatiere", false),
    KindInfo::new("gar-precedent.GAREleve", true),
    KindInfo::new("gar-precedent.GAREnseignant", true),
    KindInfo::new("gar-precedent.GARRespAff", true),
    KindInfo::new("gar-precedent.GARPersonMEF", true),
    KindInfo::new("gar-precedent.GARPersonMEFSTAT4", true),
    KindInfo::new("gar-precedent.GAREleveEnseignement", true),
    KindInfo::new("gar-precedent.GARGroupe", false),
    KindInfo::new("gar-precedent.GARPersonGroupe", true),
    KindInfo::new("gar-precedent.GAREnsGroupeMatiere", true),
    KindInfo::new("gar-precedent.GAREnsClasseMatiere", true),
];

/// What is known of a kind of record.
#[derive(Debug)]
pub struct KindInfo {
    /// Name in requirement files.
    pub name: &'static str,
    /// Whether it describes a person: nothing of it is ever shown but pseudonyms and shapes.
    pub personal: bool,
}

impl KindInfo {
    const fn new(name: &'static str, personal: bool) -> Self {
        Self { name, personal }
    }
}

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind(pub u8);

impl Kind {
    /// The kind of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        KINDS.iter().position(|k| k.name == name).and_then(|i| u8::try_from(i).ok()).map(Self)
    }

    /// What is known of it.
    #[must_use]
    pub fn info(self) -> &'static KindInfo {
        &KINDS[usize::from(self.0)]
    }
}
