//! Faults of what pupils follow and staff teach.

use super::super::project::mef_code;
use super::super::record::{Kind, Record};
use super::{Effect, FaultInfo, fault};

const UAI: &str = "GARStructureUAI";
const ID: &str = "GARPersonIdentifiant";

fn like(record: &Record, name: &str, text: &str) -> Option<Record> {
    let mut out = record.clone();
    out.set(name, text).then_some(out)
}

/// The curriculum, or the subject, given to a pupil of another school.
fn strange(record: &Record, facts: &super::Facts) -> Option<Record> {
    let pupils = [Some(&facts.pupil), facts.stranger.as_ref()];
    let other = pupils.into_iter().flatten().find(|p| record.get(UAI) != Some(p.uai.as_str()))?;
    like(record, ID, &other.id)
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    let both = [
        fault("mef-eleve-etablissement-inconnu", Effect::Add(Kind::EleveMef, 1, |r, c| like(r, UAI, &c.facts.free_uai))),
        fault("mef-personnel-etablissement-inconnu", Effect::Add(Kind::EnseignantMef, 1, |r, c| like(r, UAI, &c.facts.free_uai))),
        fault("mef-eleve-personne-inconnue", Effect::Add(Kind::EleveMef, 1, |r, c| like(r, ID, c.facts.spares.first()?))),
        fault("mef-personnel-personne-inconnue", Effect::Add(Kind::EnseignantMef, 1, |r, c| like(r, ID, c.facts.spares.first()?))),
        fault("mef-eleve-autre-etablissement", Effect::Add(Kind::EleveMef, 1, |r, c| strange(r, c.facts))),
        fault("mef-eleve-double", Effect::Elsewhere(Kind::EleveMef, |r, _| Some(r.clone()))),
    ];
    let second = [
        fault("mef-eleve-non-declare", Effect::Add(Kind::EleveMef, 1, |r, c| like(r, mef_code(c.degree), "29990110110"))),
        fault("mef-personnel-non-declare", Effect::Add(Kind::EnseignantMef, 1, |r, c| like(r, mef_code(c.degree), "29990110110"))),
        fault("enseignement-etablissement-inconnu", Effect::Add(Kind::EleveEnseignement, 1, |r, c| like(r, UAI, &c.facts.free_uai))),
        fault("enseignement-non-declare", Effect::Add(Kind::EleveEnseignement, 1, |r, _| like(r, "GARMatiereCode", "990190"))),
        fault("enseignement-eleve-inconnu", Effect::Add(Kind::EleveEnseignement, 1, |r, c| like(r, ID, c.facts.spares.first()?))),
        fault("enseignement-autre-etablissement", Effect::Add(Kind::EleveEnseignement, 1, |r, c| strange(r, c.facts))),
        fault(
            "produit-cartesien",
            Effect::AddEvery(Kind::EnseignantMef, |r, c| {
                let (id, from, to) = c.facts.itinerant.as_ref()?;
                if r.id() != id || r.get(UAI) != Some(from) {
                    return None;
                }
                like(r, UAI, to)
            }),
        ),
    ];
    let first = [fault("niveau-forme", Effect::Add(Kind::EleveMef, 1, |r, c| like(r, mef_code(c.degree), "CE1")))];
    let second = second.map(FaultInfo::second_degree);
    both.into_iter().chain(second).chain(first.map(FaultInfo::first_degree)).collect()
}
