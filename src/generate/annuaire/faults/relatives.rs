//! Faults of responsible persons.

use super::super::entry::{Entry, Kind};
use super::persons::push;
use super::{Change, Context, Effect, FaultInfo, fault};

const PUPIL: &str = "ENTAuxPersRelEleveEleve";

const fn relative(id: &'static str, requirements: &'static [&'static str], change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Change(Kind::Relative, change))
}

/// An entry of that kind that this one does not name.
fn strange(entry: &Entry, c: &Context, kind: Kind) -> Option<String> {
    c.facts.all(kind).map(|o| &o.dn).find(|dn| **dn != entry.dn && !entry.all(PUPIL).any(|p| p == *dn)).cloned()
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        relative("enfant-adulte", &["ANN-REL-ELEVE"], |e, c| strange(e, c, Kind::Relative).is_some_and(|dn| push(e, PUPIL, dn))),
        relative("enfant-sans-retour", &["ANN-REL-RETOUR-ELEVE"], |e, c| strange(e, c, Kind::Pupil).is_some_and(|dn| push(e, PUPIL, dn))),
        relative("responsable-de-soi", &["ANN-REL-SOI", "ANN-REL-ELEVE"], |e, _| {
            let own = e.dn.clone();
            push(e, PUPIL, own)
        }),
        relative("enfant-inconnu", &["ANN-REF-RESPONSABLE-ELEVE"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| push(e, PUPIL, free.person()))
        }),
        relative("enfants-sans-nombre", &["ANN-REL-NOMBRE", "ANN-REL-RETOUR-ELEVE"], |e, c| {
            let all: Vec<String> = c.facts.all(Kind::Pupil).map(|o| o.dn.clone()).filter(|dn| !e.all(PUPIL).any(|p| p == dn)).collect();
            all.len() > 25 && all.into_iter().all(|dn| push(e, PUPIL, dn))
        }),
    ]
}
