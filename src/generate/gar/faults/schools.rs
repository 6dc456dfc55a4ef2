//! Faults of schools, curricula and subjects.

use super::super::record::{Kind, Record, field};
use super::{Context, Effect, FaultInfo, fault};

const UAI: &str = "GARStructureUAI";
const HEAD: &str = "GAREtablissementStructRattachFctl";

/// A change of one school.
const fn school(id: &'static str, change: fn(&mut Record, &mut Context) -> bool) -> FaultInfo {
    fault(id, Effect::Change(Kind::Etab, change))
}

/// One record more, like another but for one text.
fn like(record: &Record, name: &str, text: &str) -> Option<Record> {
    let mut out = record.clone();
    out.set(name, text).then_some(out)
}

/// A school more, with nobody in it.
pub(super) fn more(record: &Record, uai: &str) -> Option<Record> {
    let mut out = like(record, UAI, uai)?;
    out.remove(HEAD);
    out.set("GARStructureEmail", "ce.annexe@ac-conforment.example");
    out.set("GARStructureNomCourant", "ANNEXE").then_some(out)
}

fn attach(record: &mut Record, uai: &str) -> bool {
    record.remove(HEAD);
    record.put_after(&["GARStructureNomCourant"], field(HEAD, uai))
}

/// Gives another label to a code seen before.
fn other_label(record: &mut Record, label: &str, c: &mut Context) -> bool {
    if c.memory.is_empty() {
        record.id().clone_into(c.memory);
        return false;
    }
    let Some(text) = record.get(label).map(|l| format!("{l} (BIS)")) else { return false };
    record.id() == c.memory.as_str() && record.set(label, text)
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    let both = [
        fault("uai-double", Effect::Elsewhere(Kind::Etab, |r, _| Some(r.clone()))),
        fault("uai-forme", Effect::Add(Kind::Etab, 1, |r, _| more(r, "20123"))),
        fault(
            "uai-cle",
            Effect::Add(Kind::Etab, 1, |r, c| {
                let (digits, letter) = c.facts.free_uai.split_at(7);
                more(r, &format!("{digits}{}", if letter == "A" { "B" } else { "A" }))
            }),
        ),
        fault("uai-suffixe", Effect::Add(Kind::Etab, 1, |r, c| more(r, &format!("{}-REC", c.facts.free_uai)))),
        fault("etablissement-vide", Effect::Add(Kind::Etab, 1, |r, c| more(r, &c.facts.free_uai))),
        school("contrat-inconnu", |r, _| r.set("GARStructureContrat", "OO")),
        school("telephone-forme", |r, _| r.set("GARStructureTelephone", "voir annuaire")),
        school("etablissement-mail-forme", |r, _| r.set("GARStructureEmail", "ce.0200000x")),
    ];
    let second = [
        school("rattachement-soi-meme", |r, _| {
            let uai = r.id().to_owned();
            attach(r, &uai)
        }),
        school("rattachement-forme", |r, _| attach(r, "CITE")),
        school("rattachement-ailleurs", |r, c| attach(r, &c.facts.free_uai)),
        fault("mef-etablissement-inconnu", Effect::Add(Kind::Mef, 1, |r, c| like(r, UAI, &c.facts.free_uai))),
        fault("matiere-etablissement-inconnu", Effect::Add(Kind::Matiere, 1, |r, c| like(r, UAI, &c.facts.free_uai))),
        fault("mef-double", Effect::Elsewhere(Kind::Mef, |r, _| Some(r.clone()))),
        fault("matiere-double", Effect::Elsewhere(Kind::Matiere, |r, _| Some(r.clone()))),
        fault("mef-forme", Effect::Add(Kind::Mef, 1, |r, _| like(r, "GARMEFCode", "6EME"))),
        fault("matiere-forme", Effect::Add(Kind::Matiere, 1, |r, _| like(r, "GARMatiereCode", "13-020190"))),
        fault("mef-deux-libelles", Effect::Change(Kind::Mef, |r, c| other_label(r, "GARMEFLibelle", c))),
        fault("matiere-deux-libelles", Effect::Change(Kind::Matiere, |r, c| other_label(r, "GARMatiereLibelle", c))),
        fault("mef-inutile", Effect::Add(Kind::Mef, 1, |r, _| like(r, "GARMEFCode", "29990110110"))),
        fault("matiere-inutile", Effect::Add(Kind::Matiere, 1, |r, _| like(r, "GARMatiereCode", "990190"))),
        fault("mef-rattachement-forme", Effect::Change(Kind::Mef, |r, _| r.set("GARMEFRattach", "6EME"))),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}
