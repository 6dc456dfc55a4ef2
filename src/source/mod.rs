//! Where observations come from: one module a source, all giving records or facts.
//!
//! A source knows formats and nothing of requirements, verdicts or reports.

pub mod aaf;
pub mod annuaire;
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
mod timed;
#[cfg(feature = "live")]
pub mod tls;
#[cfg(feature = "live")]
pub mod web;

use std::path::Path;

use self::files::recognise::{self, Recogniser};

/// The formats of files that a path may hold, in the order they are named.
const FORMATS: &[Recogniser] = &[Recogniser::of::<aaf::Said>(), Recogniser::of::<gar::Said>(), Recogniser::of::<annuaire::Said>()];

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
    KindInfo::of("annuaire.ENTEtablissement", false, "annuaire.structures"),
    KindInfo::of("annuaire.ENTServAc", false, "annuaire.structures"),
    KindInfo::of("annuaire.ENTCollLoc", false, "annuaire.structures"),
    KindInfo::of("annuaire.ENTEntreprise", false, "annuaire.structures"),
    KindInfo::of("annuaire.ENTStructure", false, "annuaire.structures"),
    KindInfo::of("annuaire.ENTEleve", true, "annuaire.personnes.eleves"),
    KindInfo::of("annuaire.ENTAuxEnseignant", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTAuxNonEnsEtab", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTAuxNonEnsServAc", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTAuxNonEnsCollLoc", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTAuxPersExt", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTAuxTuteurStage", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTAuxRespEntrp", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTPerson", true, "annuaire.personnes.personnels"),
    KindInfo::of("annuaire.ENTAuxPersRelEleve", true, "annuaire.personnes.relations"),
    KindInfo::of("annuaire.ENTClasse", true, "annuaire.groupes"),
    KindInfo::of("annuaire.ENTGroupe", true, "annuaire.groupes"),
    KindInfo::of("annuaire.ENTGroupementEtabs", false, "annuaire.groupes"),
    KindInfo::of("annuaire.ENTProfil", true, "annuaire.groupes"),
    KindInfo::of("annuaire.ENTRoleAppli", true, "annuaire.groupes"),
    KindInfo::of("annuaire.ENTRelEleve", true, "annuaire.groupes"),
    KindInfo::of("annuaire.groupOfNames", true, "annuaire.groupes"),
    KindInfo::of("annuaire.ENTApplication", true, "annuaire.autres"),
    KindInfo::of("annuaire.organizationalUnit", false, "annuaire.autres"),
    KindInfo::of("annuaire.Autre", true, "annuaire.autres"),
];

/// What is known of a kind of record.
#[derive(Debug)]
pub struct KindInfo {
    /// Name in requirement files.
    pub name: &'static str,
    /// Whether it describes a person: nothing of it is ever shown but pseudonyms and shapes.
    pub personal: bool,
    /// Kinds that are delivered together: none of one where there are some of another is what the delivery says.
    /// Requirements may name the family, or what its name starts with, for all its kinds.
    pub family: &'static str,
}

impl KindInfo {
    const fn new(name: &'static str, personal: bool) -> Self {
        Self { name, personal, family: name }
    }

    const fn of(name: &'static str, personal: bool, family: &'static str) -> Self {
        Self { name, personal, family }
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

    /// The kinds that a requirement means by a name: one kind, or all those of a family; none when there is no such name.
    #[must_use]
    pub fn meant(name: &str) -> Vec<Self> {
        if let Some(one) = Self::named(name) {
            return vec![one];
        }
        let of = |family: &str| family.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        let families = KINDS.iter().enumerate().filter(|(_, k)| k.family != k.name && of(k.family));
        families.filter_map(|(i, _)| u8::try_from(i).ok()).map(Self).collect()
    }

    /// What is known of it.
    #[must_use]
    pub fn info(self) -> &'static KindInfo {
        &KINDS[usize::from(self.0)]
    }
}
