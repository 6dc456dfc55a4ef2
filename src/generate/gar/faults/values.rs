//! Faults of values that the schemas accept and that say nothing: empty, or with spaces around them.

use super::super::record::{Kind, Record, field};
use super::{Effect, FaultInfo, fault};

const UAI: &str = "GARStructureUAI";
const CODE: &str = "GARGroupeCode";
const STATUS: &str = "GARGroupeStatut";
const ATTACHED: &str = "GARGroupeDivAppartenance";
const SCHOOL: &str = "GARPersonEtab";

fn padded(record: &mut Record, name: &str) -> bool {
    let Some(text) = record.get(name).map(|t| format!("{t} ")) else { return false };
    record.set(name, text)
}

fn empty(record: &Record, name: &str) -> Option<Record> {
    let mut out = record.clone();
    out.set(name, "").then_some(out)
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        fault("uai-vide", Effect::Add(Kind::Etab, 1, |r, _| empty(r, UAI))),
        fault("etablissement-nom-vide", Effect::Change(Kind::Etab, |r, _| r.set("GARStructureNomCourant", ""))),
        fault("etablissement-personne-vide", Effect::Change(Kind::Eleve, |r, _| r.put_after(&[SCHOOL], field(SCHOOL, "")))),
        fault("nom-vide", Effect::Change(Kind::Eleve, |r, _| r.set("GARPersonNom", ""))),
        fault("groupe-code-vide", Effect::Add(Kind::Groupe, 1, |r, _| empty(r, CODE))),
        fault(
            "rattachement-division-vide",
            Effect::Change(Kind::Groupe, |r, _| r.get(STATUS) == Some("GROUPE") && r.put_after(&[ATTACHED], field(ATTACHED, ""))),
        ),
        fault("membre-code-vide", Effect::Add(Kind::PersonGroupe, 1, |r, _| empty(r, CODE))),
        fault("uai-espaces", Effect::Change(Kind::Etab, |r, _| padded(r, UAI))),
        fault("groupe-code-espaces", Effect::Change(Kind::Groupe, |r, _| padded(r, CODE))),
        fault("membre-code-espaces", Effect::Change(Kind::PersonGroupe, |r, _| padded(r, CODE))),
    ]
}
