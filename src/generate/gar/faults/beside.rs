//! Faults that a delivery alone does not show: beside that of an earlier day, or beside the AAF of the same options.

use super::super::project::mef_code;
use super::super::record::{Kind, Record};
use super::persons::named;
use super::schools::more;
use super::{Effect, FaultInfo, fault};

const NAME: &str = "GARPersonNom";
const CODE: &str = "GARGroupeCode";
const POSTS: &[&str] = &["GAREnsDisciplinesPostes", "GAREnsSpecialitesPostes"];

/// Faults that only the delivery of an earlier day shows.
pub const SINCE: &[&str] = &[
    "livraison-anterieure",
    "effectifs-en-chute",
    "personnels-en-chute",
    "etablissement-disparu",
    "etablissements-en-chute",
    "mefs-en-moins",
    "matieres-en-moins",
    "liens-mef-en-moins",
    "responsables-en-moins",
    "groupes-en-moins",
    "services-divisions-en-moins",
    "services-groupes-en-moins",
    "identifiants-changes",
    "identifiant-personnel-change",
    "identifiant-reattribue",
    "identifiant-de-personnel",
    "identifiant-d-eleve",
];
/// How the names of faults begin that only the AAF shows.
pub const FEED: &str = "aaf-";

/// About so many records in seven, the same for one text.
fn some(text: &str, in_seven: u32) -> bool {
    text.bytes().fold(0, |sum, b| (sum * 31 + u32::from(b)) % 7) < in_seven
}

fn like(record: &Record, name: &str, text: &str) -> Option<Record> {
    let mut out = record.clone();
    out.set(name, text).then_some(out)
}

/// Another name, of somebody the AAF does not know.
fn unknown(record: &mut Record, in_seven: u32) -> bool {
    let name = record.get(NAME).map(|n| format!("{n} DIT AUTREMENT"));
    some(record.id(), in_seven) && name.is_some_and(|name| record.set(NAME, name))
}

fn since() -> Vec<FaultInfo> {
    let both = [
        fault("livraison-anterieure", Effect::Date(-1)),
        fault("effectifs-en-chute", Effect::Twist(|_, twist| twist.fewer = true)),
        fault("personnels-en-chute", Effect::Twist(|_, twist| twist.fewer_staff = true)),
        fault("etablissement-disparu", Effect::Twist(|facts, twist| twist.gone = facts.stranger.as_ref().map(|p| p.school))),
        fault("etablissements-en-chute", Effect::Twist(|_, twist| twist.fewer_schools = true)),
        fault("liens-mef-en-moins", Effect::Drop(Kind::EleveMef, |r, _| some(r.id(), 3))),
        fault("responsables-en-moins", Effect::Drop(Kind::RespAff, |r, _| some(r.id(), 3))),
        fault("groupes-en-moins", Effect::Drop(Kind::Groupe, |r, _| some(r.id(), 3))),
        fault("identifiants-changes", Effect::Twist(|facts, twist| twist.renewed = Some(facts.pupil.school))),
        fault(
            "identifiant-personnel-change",
            Effect::Twist(|f, t| t.named = f.member.as_ref().and_then(|m| Some((m.aaf.clone(), f.spares.first()?.clone())))),
        ),
        fault("identifiant-reattribue", Effect::Change(Kind::Eleve, |r, _| named(r, ["REATTRIBUTION", "Ambre", "2014-03-03"]))),
        fault("identifiant-de-personnel", Effect::Twist(|f, t| t.named = f.member.as_ref().map(|m| (f.pupil.aaf.clone(), m.id.clone())))),
        fault("identifiant-d-eleve", Effect::Twist(|f, t| t.named = f.member.as_ref().map(|m| (m.aaf.clone(), f.pupil.id.clone())))),
    ];
    let second = [
        fault("mefs-en-moins", Effect::Drop(Kind::Mef, |r, _| some(r.id(), 3))),
        fault("matieres-en-moins", Effect::Drop(Kind::Matiere, |r, _| some(r.id(), 3))),
        fault("services-divisions-en-moins", Effect::Drop(Kind::EnsClasseMatiere, |r, _| some(r.id(), 3))),
        fault("services-groupes-en-moins", Effect::Drop(Kind::EnsGroupeMatiere, |r, _| some(r.id(), 3))),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}

fn feed() -> Vec<FaultInfo> {
    let both = [
        fault("aaf-etablissement-inconnu", Effect::Add(Kind::Etab, 1, |r, c| more(r, &c.facts.free_uai))),
        fault("aaf-etablissement-absent", Effect::Twist(|facts, twist| twist.gone = facts.stranger.as_ref().map(|p| p.school))),
        fault("aaf-eleves-absents", Effect::Twist(|_, twist| twist.fewer = true)),
        fault("aaf-eleves-inconnus", Effect::ChangeEvery(Kind::Eleve, |r, _| unknown(r, 1))),
        fault("aaf-personnels-inconnus", Effect::ChangeEvery(Kind::Enseignant, |r, _| unknown(r, 4))),
        fault(
            "aaf-eleve-personnel",
            Effect::Change(Kind::Eleve, |r, c| c.facts.member.as_ref().is_some_and(|m| named(r, m.told.each_ref().map(String::as_str)))),
        ),
        fault(
            "aaf-personnel-eleve",
            Effect::Change(Kind::Enseignant, |r, c| {
                c.facts.child.as_ref().is_some_and(|told| named(r, told.each_ref().map(String::as_str)))
            }),
        ),
        fault(
            "aaf-poste-inconnu",
            Effect::Change(Kind::Enseignant, |r, _| {
                let code = r.fields.iter_mut().find(|f| POSTS.contains(&f.name)).and_then(|f| f.inner.last_mut());
                code.map(|(_, text)| "Z9999".clone_into(text)).is_some()
            }),
        ),
        fault("aaf-responsable-mail", Effect::Change(Kind::RespAff, |r, _| r.set("GARPersonMail", "ambre.inconnue@ent.example"))),
    ];
    let second = [
        fault("aaf-mef-inconnue", Effect::Add(Kind::Mef, 1, |r, _| like(r, "GARMEFCode", "29990110110"))),
        fault("aaf-mef-statistique", Effect::Change(Kind::Mef, |r, _| r.set("GARMEFSTAT11", "99999999999"))),
        fault("aaf-mef-rattachement", Effect::Change(Kind::Mef, |r, _| r.set("GARMEFRattach", "29990110110"))),
        fault("aaf-mefs-absents", Effect::Drop(Kind::Mef, |r, _| some(r.id(), 3))),
        fault("aaf-matiere-inconnue", Effect::Add(Kind::Matiere, 1, |r, _| like(r, "GARMatiereCode", "990190"))),
        fault("aaf-matieres-absentes", Effect::Drop(Kind::Matiere, |r, _| some(r.id(), 3))),
        fault(
            "aaf-division-inconnue",
            Effect::Add(Kind::Groupe, 1, |r, _| {
                let known = r.get("GARGroupeStatut") == Some("DIVISION");
                like(&like(r, CODE, "ZZ98")?, "GARGroupeLibelle", "ZZ98").filter(|_| known)
            }),
        ),
        fault("aaf-groupes-absents", Effect::Drop(Kind::Groupe, |r, _| some(r.id(), 3))),
    ];
    let first = [fault("aaf-niveau-inconnu", Effect::Add(Kind::EleveMef, 1, |r, c| like(r, mef_code(c.degree), "9999")))];
    let second = second.map(FaultInfo::second_degree);
    both.into_iter().chain(second).chain(first.map(FaultInfo::first_degree)).collect()
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [since(), feed()].into_iter().flatten().collect()
}
