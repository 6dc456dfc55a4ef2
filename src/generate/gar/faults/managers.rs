//! Faults of those who assign resources.

use super::super::record::{Kind, Record, field};
use super::{Context, Effect, FaultInfo, fault};

const ID: &str = "GARPersonIdentifiant";
const MAIL: &str = "GARPersonMail";
const SCHOOL: &str = "GARRespAffEtab";

/// A change of one of them.
const fn manager(id: &'static str, change: fn(&mut Record, &mut Context) -> bool) -> FaultInfo {
    fault(id, Effect::Change(Kind::RespAff, change))
}

fn known_as(record: &Record, id: &str) -> Option<Record> {
    let mut out = record.clone();
    let named = out.set("GARPersonNom", "DELEGATION") && out.set("GARPersonPrenom", "Ambre");
    (named && out.set(ID, id)).then_some(out)
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        fault("responsable-double", Effect::Elsewhere(Kind::RespAff, |r, _| Some(r.clone()))),
        fault("responsable-inconnu", Effect::Add(Kind::RespAff, 1, |r, c| known_as(r, c.facts.spares.first()?))),
        fault("responsable-eleve", Effect::Add(Kind::RespAff, 1, |r, c| known_as(r, &c.facts.pupil.id))),
        manager("responsable-etablissement-inconnu", |r, c| r.put_after(&[SCHOOL], field(SCHOOL, c.facts.free_uai.as_str()))),
        manager("responsable-mail-vide", |r, _| r.set(MAIL, "")),
        manager("responsable-mail-forme", |r, _| r.set(MAIL, "chef.etablissement")),
        manager("responsable-mail-fictif", |r, _| r.set(MAIL, "noreply@gar.education.fr")),
        fault("responsables-trop-nombreux", Effect::Add(Kind::RespAff, 51, |r, c| known_as(r, c.facts.spares.get(c.rank)?))),
        fault("etablissement-sans-responsable", Effect::Drop(Kind::RespAff, |r, f| r.all(SCHOOL).all(|uai| uai == f.pupil.uai))),
        manager("responsable-autre-etablissement", |r, c| {
            let candidates = [Some(&c.facts.pupil), c.facts.stranger.as_ref()];
            let uai = candidates.into_iter().flatten().map(|p| p.uai.clone()).find(|uai| !r.all(SCHOOL).any(|s| s == uai));
            uai.is_some_and(|uai| r.put_after(&[SCHOOL], field(SCHOOL, uai)))
        }),
        manager("responsable-date", |r, _| r.put_after(&["GARPersonCivilite"], field("GARPersonDateNaissance", "1975-05-05"))),
        manager("responsable-generique", |r, _| r.set("GARPersonNom", "DIRECTION") && r.set("GARPersonPrenom", "SECRETARIAT")),
    ]
}
