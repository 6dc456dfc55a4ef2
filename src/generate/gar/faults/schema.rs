//! Faults that the schemas forbid, one a kind of record: an element missing or repeated, a value too long, a key
//! given twice in one file.

use super::super::project::mef_code;
use super::super::record::{Kind, Record, field};
use super::persons::somebody_else;
use super::{Context, Effect, FaultInfo, fault};

const CODE: &str = "GARGroupeCode";
const SUBJECT: &str = "GARMatiereCode";
const SCHOOL: &str = "GARPersonEtab";
const OTHERS: &str = "GARPersonAutresPrenoms";
const POSTS: &[&str] = &["GAREnsDisciplinesPostes", "GAREnsSpecialitesPostes"];

fn without(record: &Record, name: &str) -> Option<Record> {
    let mut out = record.clone();
    out.remove(name).then_some(out)
}

/// Longer than any code may be.
fn long_code() -> String {
    "9".repeat(256)
}

/// Longer than any name may be.
fn long_name() -> String {
    "Zoé ".repeat(126)
}

fn with(record: &Record, name: &str, text: String) -> Option<Record> {
    let mut out = record.clone();
    out.set(name, text).then_some(out)
}

/// What is inside the first block of posts of somebody.
fn post(record: &mut Record, change: fn(&mut Vec<(&'static str, String)>)) -> bool {
    let Some(found) = record.fields.iter_mut().find(|f| POSTS.contains(&f.name)) else { return false };
    change(&mut found.inner);
    true
}

fn same(record: &Record, _: &mut Context) -> Option<Record> {
    Some(record.clone())
}

fn elements() -> Vec<FaultInfo> {
    let both = [
        fault("etablissement-element-absent", Effect::Change(Kind::Etab, |r, _| r.remove("GARStructureNomCourant"))),
        fault(
            "eleve-element-repete",
            Effect::Change(Kind::Eleve, |r, _| r.put_after(&["GARPersonCivilite"], field("GARPersonCivilite", "M."))),
        ),
        fault("eleve-sans-etablissement", Effect::Change(Kind::Eleve, |r, _| r.remove(SCHOOL))),
        fault(
            "personnel-sans-etablissement",
            Effect::Add(Kind::Enseignant, 1, |r, c| without(&somebody_else(r, c.facts.spares.first()?)?, SCHOOL)),
        ),
        fault(
            "poste-element-absent",
            Effect::Change(Kind::Enseignant, |r, _| post(r, |inner| inner.retain(|(n, _)| *n == "GARStructureUAI"))),
        ),
        fault("mef-eleve-element-absent", Effect::Add(Kind::EleveMef, 1, |r, c| without(r, mef_code(c.degree)))),
        fault("groupe-element-absent", Effect::Change(Kind::Groupe, |r, _| r.remove("GARGroupeLibelle"))),
        fault("membre-element-absent", Effect::Add(Kind::PersonGroupe, 1, |r, _| without(r, CODE))),
        fault("responsable-element-absent", Effect::Change(Kind::RespAff, |r, _| r.remove("GARPersonPrenom"))),
    ];
    let second = [
        fault("mef-element-absent", Effect::Change(Kind::Mef, |r, _| r.remove("GARMEFLibelle"))),
        fault("matiere-element-absent", Effect::Change(Kind::Matiere, |r, _| r.remove("GARMatiereLibelle"))),
        fault("enseignement-element-absent", Effect::Add(Kind::EleveEnseignement, 1, |r, _| without(r, SUBJECT))),
        fault("service-groupe-element-absent", Effect::Add(Kind::EnsGroupeMatiere, 1, |r, _| without(r, CODE))),
        fault("service-division-element-absent", Effect::Add(Kind::EnsClasseMatiere, 1, |r, _| without(r, CODE))),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}

fn lengths() -> Vec<FaultInfo> {
    let both = [
        fault("etablissement-nom-long", Effect::Change(Kind::Etab, |r, _| r.set("GARStructureNomCourant", long_name().trim()))),
        fault("eleve-prenom-long", Effect::Change(Kind::Eleve, |r, _| r.put_after(&[OTHERS], field(OTHERS, long_name().trim())))),
        fault("personnel-prenom-long", Effect::Change(Kind::Enseignant, |r, _| r.put_after(&[OTHERS], field(OTHERS, long_name().trim())))),
        fault(
            "poste-code-long",
            Effect::Change(Kind::Enseignant, |r, _| {
                post(r, |inner| {
                    if let Some((_, code)) = inner.last_mut() {
                        *code = long_code();
                    }
                })
            }),
        ),
        fault(
            "fiche-demesuree",
            Effect::Add(Kind::RespAff, 1, |r, _| {
                let mut out = r.clone();
                let school = out.fields.last().cloned()?;
                out.fields.resize(70_000, school);
                Some(out)
            }),
        ),
        fault("membre-code-long", Effect::Add(Kind::PersonGroupe, 1, |r, _| with(r, CODE, long_code()))),
        fault("mef-eleve-code-long", Effect::Add(Kind::EleveMef, 1, |r, c| with(r, mef_code(c.degree), long_code()))),
        fault("responsable-prenom-long", Effect::Change(Kind::RespAff, |r, _| r.set("GARPersonPrenom", long_name().trim()))),
    ];
    let second = [
        fault("mef-libelle-long", Effect::Change(Kind::Mef, |r, _| r.set("GARMEFLibelle", long_name().trim()))),
        fault("matiere-libelle-long", Effect::Change(Kind::Matiere, |r, _| r.set("GARMatiereLibelle", long_name().trim()))),
        fault("enseignement-code-long", Effect::Add(Kind::EleveEnseignement, 1, |r, _| with(r, SUBJECT, long_code()))),
        fault(
            "service-groupe-code-long",
            Effect::Change(Kind::EnsGroupeMatiere, |r, _| r.put_after(&[SUBJECT], field(SUBJECT, long_code()))),
        ),
        fault(
            "service-division-code-long",
            Effect::Change(Kind::EnsClasseMatiere, |r, _| r.put_after(&[SUBJECT], field(SUBJECT, long_code()))),
        ),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}

fn keys() -> Vec<FaultInfo> {
    let both = [
        fault("cle-repetee-etablissement", Effect::Add(Kind::Etab, 1, same)),
        fault("cle-repetee-eleve", Effect::Add(Kind::Eleve, 1, |r, _| somebody_else(r, r.id()))),
        fault("cle-repetee-personnel", Effect::Add(Kind::Enseignant, 1, |r, _| somebody_else(r, r.id()))),
        fault("cle-repetee-mef-personnel", Effect::Add(Kind::EnseignantMef, 1, same)),
        fault("cle-repetee-groupe", Effect::Add(Kind::Groupe, 1, same)),
        fault("cle-repetee-membre", Effect::Add(Kind::PersonGroupe, 1, same)),
        fault("cle-repetee-responsable", Effect::Add(Kind::RespAff, 1, same)),
    ];
    let second = [
        fault("cle-repetee-mef", Effect::Add(Kind::Mef, 1, same)),
        fault("cle-repetee-matiere", Effect::Add(Kind::Matiere, 1, same)),
        fault("cle-repetee-mef-eleve", Effect::Add(Kind::EleveMef, 1, same)),
        fault("cle-repetee-enseignement", Effect::Add(Kind::EleveEnseignement, 1, same)),
        fault("cle-repetee-service-division", Effect::Add(Kind::EnsClasseMatiere, 1, same)),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [elements(), lengths(), keys()].into_iter().flatten().collect()
}
