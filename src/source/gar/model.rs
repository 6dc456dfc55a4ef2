//! What may stand where in a GAR-ENT file, in which order: the part of the two published schemas that records do not
//! show (gar.md §1.2; schema 1.7 of the secondary level, 1.4 of the primary one and the later one whose teachers have mail).
//!
//! How many of each, how long, which dates and which keys are requirements, not here.

use crate::rules::model::Degree;
use crate::source::Kind;

/// A file's root element.
#[derive(Debug)]
pub struct Root {
    /// Local name.
    pub name: &'static str,
    /// Category in file names.
    pub category: &'static str,
    /// Its records, in order.
    pub records: &'static [Record],
}

/// A record: a child of the root.
#[derive(Debug)]
pub struct Record {
    /// Local name.
    pub name: &'static str,
    /// Its children, in order.
    pub children: &'static [Child],
}

/// A child of a record.
#[derive(Clone, Copy, Debug)]
pub enum Child {
    /// Text.
    Text(&'static str),
    /// A block, with its own children in order.
    Block(&'static str, &'static [&'static str]),
}

impl Child {
    /// Local name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text(name) | Self::Block(name, _) => name,
        }
    }
}

/// The records, in the order of their kinds; no root has two of them in another order.
pub const RECORDS: [&str; 13] = [
    "GAREtab",
    "GARMEF",
    "GARMatiere",
    "GAREleve",
    "GAREnseignant",
    "GARRespAff",
    "GARPersonMEF",
    "GARPersonMEFSTAT4",
    "GAREleveEnseignement",
    "GARGroupe",
    "GARPersonGroupe",
    "GAREnsGroupeMatiere",
    "GAREnsClasseMatiere",
];
/// How many kinds come before those of the GAR.
const BEFORE: u8 = 6;

/// The kind of a record.
#[must_use]
pub fn kind(name: &str) -> Option<Kind> {
    RECORDS.iter().position(|r| *r == name).and_then(|i| u8::try_from(i).ok()).map(|i| Kind(BEFORE + i))
}

/// Namespaces of the two levels.
pub const NAMESPACES: [(&str, Degree); 2] =
    [("http://data.education.fr/ns/gar", Degree::D2), ("http://data.education.fr/ns/gar/1d", Degree::D1)];

/// The roots of a level.
#[must_use]
pub fn roots(degree: Degree) -> &'static [Root] {
    match degree {
        Degree::D1 => &FIRST,
        Degree::D2 => &SECOND,
    }
}

use Child::{Block, Text};

const PROFILES: Child = Block("GARPersonProfils", &["GARStructureUAI", "GARPersonProfil"]);
/// What a pupil and a teacher have in common.
const PERSON: [Child; 11] = [
    Text("GARPersonIdentifiant"),
    PROFILES,
    Text("GARPersonIdSecondaire"),
    Text("GARPersonNomPatro"),
    Text("GARPersonNom"),
    Text("GARPersonPrenom"),
    Text("GARPersonAutresPrenoms"),
    Text("GARPersonCivilite"),
    Text("GARPersonStructRattach"),
    Text("GARPersonEtab"),
    Text("GARPersonDateNaissance"),
];
const ELEVE: Record = Record { name: "GAREleve", children: &PERSON };

/// A teacher: a person, the posts that the level has, a mail. Schema 1.4 of the primary level has no mail; the one after
/// it, which producers use, has one (a requirement says so).
const fn teacher(posts: Child) -> [Child; PERSON.len() + 2] {
    let mut children = [posts; PERSON.len() + 2];
    let mut rank = 0;
    while rank < PERSON.len() {
        children[rank] = PERSON[rank];
        rank += 1;
    }
    children[PERSON.len() + 1] = Text("GARPersonMail");
    children
}
const TEACHER_2D: [Child; PERSON.len() + 2] = teacher(Block("GAREnsDisciplinesPostes", &["GARStructureUAI", "GAREnsDisciplinePosteCode"]));
const TEACHER_1D: [Child; PERSON.len() + 2] = teacher(Block("GAREnsSpecialitesPostes", &["GARStructureUAI", "GAREnsSpecialitePosteCode"]));
const RESP_AFF: Root = Root {
    name: "GAR-ENT-RespAff",
    category: "RespAff",
    records: &[Record {
        name: "GARRespAff",
        children: &[
            Text("GARPersonIdentifiant"),
            Text("GARPersonNom"),
            Text("GARPersonPrenom"),
            Text("GARPersonCivilite"),
            Text("GARPersonMail"),
            Text("GARRespAffEtab"),
        ],
    }],
};
const GROUPE: Record = Record {
    name: "GARGroupe",
    children: &[
        Text("GARGroupeCode"),
        Text("GARStructureUAI"),
        Text("GARGroupeLibelle"),
        Text("GARGroupeStatut"),
        Text("GARGroupeDivAppartenance"),
    ],
};
const PERSON_GROUPE: Record = link("GARPersonGroupe", &[Text("GARStructureUAI"), Text("GARPersonIdentifiant"), Text("GARGroupeCode")]);
const PERSON_MEF: Record = link("GARPersonMEF", &[Text("GARStructureUAI"), Text("GARPersonIdentifiant"), Text("GARMEFCode")]);
const PERSON_MEFSTAT4: Record =
    link("GARPersonMEFSTAT4", &[Text("GARStructureUAI"), Text("GARPersonIdentifiant"), Text("GARMEFSTAT4Code")]);
const TEACHES: &[Child] = &[Text("GARStructureUAI"), Text("GARPersonIdentifiant"), Text("GARGroupeCode"), Text("GARMatiereCode")];

const fn link(name: &'static str, children: &'static [Child]) -> Record {
    Record { name, children }
}

static SECOND: [Root; 5] = [
    Root {
        name: "GAR-ENT-Etab",
        category: "Etab",
        records: &[
            Record {
                name: "GAREtab",
                children: &[
                    Text("GARStructureUAI"),
                    Text("GARStructureNomCourant"),
                    Text("GAREtablissementStructRattachFctl"),
                    Text("GARStructureContrat"),
                    Text("GARStructureTelephone"),
                    Text("GARStructureEmail"),
                ],
            },
            Record {
                name: "GARMEF",
                children: &[
                    Text("GARStructureUAI"),
                    Text("GARMEFCode"),
                    Text("GARMEFLibelle"),
                    Text("GARMEFRattach"),
                    Text("GARMEFSTAT11"),
                ],
            },
            Record { name: "GARMatiere", children: &[Text("GARStructureUAI"), Text("GARMatiereCode"), Text("GARMatiereLibelle")] },
        ],
    },
    Root {
        name: "GAR-ENT-Eleve",
        category: "Eleve",
        records: &[
            ELEVE,
            PERSON_MEF,
            Record {
                name: "GAREleveEnseignement",
                children: &[Text("GARStructureUAI"), Text("GARPersonIdentifiant"), Text("GARMatiereCode")],
            },
        ],
    },
    Root {
        name: "GAR-ENT-Enseignant",
        category: "Enseignant",
        records: &[Record { name: "GAREnseignant", children: &TEACHER_2D }, PERSON_MEF],
    },
    Root {
        name: "GAR-ENT-Groupe",
        category: "Groupe",
        records: &[GROUPE, PERSON_GROUPE, link("GAREnsGroupeMatiere", TEACHES), link("GAREnsClasseMatiere", TEACHES)],
    },
    RESP_AFF,
];

static FIRST: [Root; 5] = [
    Root {
        name: "GAR-ENT-Etab",
        category: "Etab",
        records: &[Record {
            name: "GAREtab",
            children: &[
                Text("GARStructureUAI"),
                Text("GARStructureNomCourant"),
                Text("GARStructureContrat"),
                Text("GARStructureTelephone"),
                Text("GARStructureEmail"),
            ],
        }],
    },
    Root { name: "GAR-ENT-Eleve", category: "Eleve", records: &[ELEVE, PERSON_MEFSTAT4] },
    Root {
        name: "GAR-ENT-Enseignant",
        category: "Enseignant",
        records: &[Record { name: "GAREnseignant", children: &TEACHER_1D }, PERSON_MEFSTAT4],
    },
    Root { name: "GAR-ENT-Groupe", category: "Groupe", records: &[GROUPE, PERSON_GROUPE] },
    RESP_AFF,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_in_the_order_of_records() {
        for name in RECORDS {
            let kind = kind(name).expect("a kind");
            assert_eq!(kind.info().name, format!("gar.{name}"));
            let before = Kind(kind.0 + crate::source::gar::PREVIOUS.shift);
            assert_eq!(before.info().name, format!("gar-precedent.{name}"));
        }
    }

    #[test]
    fn roots_have_their_records_in_the_order_of_kinds() {
        for root in SECOND.iter().chain(&FIRST) {
            let kinds: Vec<_> = root.records.iter().map(|r| kind(r.name).expect("a kind")).collect();
            assert!(kinds.is_sorted(), "{}", root.name);
        }
    }
}
