//! Faults of people, whoever they are.

use super::super::entry::{Entry, Kind};
use super::super::naming::SOURCE;
use super::extra::{more, person};
use super::{Context, Effect, FaultInfo, fault};

const PASSWORD: &str = "{SSHA512}3q2+78r+uq3vyv66re/K/rqt78r+uq3vyv66re/K/rqt78r+uq3vyv66re/K/rqt78r+uq3vyv66re/K/g==";

/// A fault of somebody responsible for pupils.
const fn relative(id: &'static str, requirements: &'static [&'static str], change: fn(&mut Entry, &mut Context) -> bool) -> FaultInfo {
    fault(id, requirements, Effect::Change(Kind::Relative, change))
}

/// A fault of a pupil.
const fn pupil(id: &'static str, requirements: &'static [&'static str], change: fn(&mut Entry, &mut Context) -> bool) -> FaultInfo {
    fault(id, requirements, Effect::Change(Kind::Pupil, change))
}

/// A value more.
pub(super) fn push(entry: &mut Entry, name: &'static str, value: impl Into<String>) -> bool {
    entry.push(name, value);
    true
}

/// Somebody of the staff more, sound but for that.
fn member(c: &Context, change: impl FnOnce(&mut Entry)) -> Option<Vec<u8>> {
    more(person(c, Kind::Staff), change)
}

/// Links an account to another, and tells nothing to the other.
fn linked(entry: &mut Entry, attribute: &'static str, other: String) -> bool {
    push(entry, "objectClass", "ENTPersonRelation") && push(entry, attribute, other)
}

/// Gives two people one link each: the first to somebody who says nothing of it, the second to the first.
fn unanswered(entry: &mut Entry, c: &mut Context, first: &'static str, second: &'static str) -> bool {
    if !c.memory.is_empty() {
        return linked(entry, second, c.memory.clone());
    }
    if let Some(other) = c.facts.all(Kind::Relative).last().map(|o| o.dn.clone()).filter(|dn| *dn != entry.dn) {
        entry.dn.clone_into(c.memory);
        linked(entry, first, other);
    }
    false
}

fn accounts() -> Vec<FaultInfo> {
    const MAIN: &str = "ENTPersRelRapprochPrincipal";
    const SECONDARY: &str = "ENTPersRelRapprochSecondaire";
    const KEPT: &str = "ENTPersRelFusionPrincipal";
    const MERGED: &str = "ENTPersRelFusionSecondaire";
    vec![
        relative("rapprochement-sans-retour", &["ANN-PER-RAPPROCHEMENT-PRINCIPAL"], |e, c| unanswered(e, c, SECONDARY, MAIN)),
        relative("rapprochement-tu", &["ANN-PER-RAPPROCHEMENT-SECONDAIRE"], |e, c| unanswered(e, c, MAIN, SECONDARY)),
        relative("rapprochement-avec-soi", &["ANN-PER-RAPPROCHEMENT-SOI"], |e, _| {
            let own = e.dn.clone();
            linked(e, MAIN, own.clone()) && push(e, SECONDARY, own)
        }),
        relative("rapprochement-inconnu", &["ANN-REF-RAPPROCHEMENT"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| linked(e, MAIN, free.person()))
        }),
        relative("fusion-sans-retour", &["ANN-PER-FUSION-PRINCIPAL"], |e, c| unanswered(e, c, MERGED, KEPT)),
        relative("fusion-tue", &["ANN-PER-FUSION-SECONDAIRE"], |e, c| unanswered(e, c, KEPT, MERGED)),
        relative("fusion-avec-soi", &["ANN-PER-FUSION-SOI"], |e, _| {
            let own = e.dn.clone();
            linked(e, KEPT, own.clone()) && push(e, MERGED, own)
        }),
        relative("fusion-encore-active", &["ANN-PER-FUSION-INACTIF", "ANN-SEC-EXPORT"], |e, c| {
            let other = c.facts.all(Kind::Relative).map(|o| &o.dn).find(|dn| **dn != e.dn).cloned();
            other.is_some_and(|other| linked(e, KEPT, other)) && push(e, "userPassword", PASSWORD)
        }),
        relative("fusion-inconnue", &["ANN-REF-FUSION"], |e, c| c.facts.free(c.rank).is_some_and(|free| linked(e, KEPT, free.person()))),
    ]
}

fn profiles() -> Vec<FaultInfo> {
    vec![
        relative("profil-absent", &["ANN-PER-PROFIL"], |e, _| e.remove("ENTPersonProfils")),
        relative("profil-inconnu", &["ANN-PER-PROFIL-LISTE"], |e, _| push(e, "ENTPersonProfils", "National_AMI")),
        relative("profil-numero-faux", &["ANN-PER-PROFIL-ACCORD"], |e, _| push(e, "ENTPersonProfils", "National_5")),
        pupil("eleve-profil-responsable", &["ANN-PER-PROFIL-ELEVE"], |e, _| e.set("ENTPersonProfils", "National_TUT")),
        fault(
            "enseignant-profil-administratif",
            &["ANN-PER-PROFIL-ENSEIGNANT"],
            Effect::Change(Kind::Teacher, |e, _| e.all("ENTPersonProfils").count() == 1 && e.set("ENTPersonProfils", "National_ETA")),
        ),
        relative("responsable-profil-vie-scolaire", &["ANN-PER-PROFIL-RESPONSABLE"], |e, _| e.set("ENTPersonProfils", "National_EVS")),
        fault(
            "agent-profil-documentaliste",
            &["ANN-PER-PROFIL-ACADEMIE"],
            Effect::Change(Kind::Agent, |e, _| e.set("ENTPersonProfils", "National_DOC")),
        )
        .second_degree(),
        relative("adulte-profil-eleve", &["ANN-PER-PROFIL-ELEVE-SEUL"], |e, _| push(e, "ENTPersonProfils", "National_ELV")),
        fault(
            "categorie-absente",
            &["ANN-PER-CATEGORIE"],
            Effect::Extra(|c| member(c, |e| e.values.retain(|(_, v)| v != "ENTAuxNonEnsEtab"))),
        )
        .second_degree(),
        pupil("eleve-et-personnel", &["ANN-PER-ELEVE-PERSONNEL"], |e, _| push(e, "objectClass", "ENTAuxNonEnsEtab")),
    ]
}

fn values() -> Vec<FaultInfo> {
    vec![
        relative("connexion-espace", &["ANN-PER-LOGIN-FORME"], |e, _| e.change("ENTPersonLogin", |l| l.replace('.', " "))),
        fault(
            "personne-sans-entperson",
            &["ANN-PER-ENTPERSON", "ANN-SCH-PERMIS"],
            Effect::Extra(|c| member(c, |e| e.values.retain(|(_, v)| v != "ENTPerson"))),
        )
        .second_degree(),
        relative("uid-double", &["ANN-PER-UID"], |e, c| c.facts.free(c.rank).is_some_and(|free| push(e, "uid", free.uid.as_str()))),
        relative("prenom-absent", &["ANN-PER-PRENOM"], |e, _| e.remove("givenName")),
        relative("affichage-absent", &["ANN-PER-AFFICHAGE"], |e, _| e.remove("displayName")),
        pupil("eleve-sans-rattachement", &["ANN-PER-RATTACHEMENT-ELEVE"], |e, _| e.remove("ENTPersonStructRattach")),
        fault(
            "personnel-sans-rattachement",
            &["ANN-PER-RATTACHEMENT-PERSONNEL"],
            Effect::Change(Kind::Teacher, |e, _| e.remove("ENTPersonStructRattach")),
        ),
        relative("jointure-sans-source", &["ANN-PER-JOINTURE-FORME"], |e, _| e.change("ENTPersonJointure", |j| j.replace('$', "-"))),
        relative("jointure-factice", &["ANN-PER-JOINTURE-FACTICE"], |e, _| e.set("ENTPersonJointure", "ENT$INCONNU")),
        relative("jointure-deux-cles", &["ANN-PER-JOINTURE-SOURCE"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| push(e, "ENTPersonJointure", format!("{SOURCE}${}", free.aaf)))
        }),
        pupil("naissance-forme", &["ANN-PER-NAISSANCE-FORME"], |e, _| e.set("ENTPersonDateNaissance", "2015-02-03")),
        pupil("naissance-a-venir", &["ANN-PER-NAISSANCE-PASSEE", "ANN-ELV-AGE"], |e, _| e.set("ENTPersonDateNaissance", "03/02/2099")),
        fault(
            "adulte-enfant",
            &["ANN-PER-NAISSANCE-ADULTE"],
            Effect::Change(Kind::Teacher, |e, _| e.set("ENTPersonDateNaissance", "03/02/2020")),
        ),
        relative("sexe-inconnu", &["ANN-PER-SEXE"], |e, _| e.set("ENTPersonSexe", "X")),
        relative("civilite-inconnue", &["ANN-PER-CIVILITE"], |e, _| e.set("personalTitle", "Docteur")),
        relative("civilite-contraire", &["ANN-PER-CIVILITE-SEXE"], |e, _| {
            let other = if e.get("ENTPersonSexe") == Some("F") { "M" } else { "F" };
            e.set("ENTPersonSexe", other)
        }),
        relative("civilite-double", &["ANN-PER-CIVILITE-UNIQUE"], |e, _| {
            let other = if e.get("ENTPersonSexe") == Some("F") { "Mlle" } else { "M" };
            push(e, "personalTitle", other)
        }),
        relative("mel-forme", &["ANN-PER-MEL"], |e, _| e.change("mail", |m| m.replace('@', ".arobase."))),
        relative("telephone-forme", &["ANN-PER-TELEPHONE"], |e, _| e.set("mobile", "en journée")),
        relative("code-postal-forme", &["ANN-PER-CODE-POSTAL"], |e, _| e.set("ENTPersonCodePostal", "2A")),
        relative("indicateur-inconnu", &["ANN-PER-INDICATEURS"], |e, _| e.set("ENTPersonAdresseDiffusion", "X")),
        fault(
            "fonction-sans-code",
            &["ANN-PER-FONCTION-CHAMPS"],
            Effect::Extra(|c| member(c, |e| _ = e.change("ENTPersonFonctions", |f| f.split('$').next().unwrap_or_default().to_owned()))),
        )
        .second_degree(),
        fault(
            "fonction-minuscules",
            &["ANN-PER-FONCTION-CODE"],
            Effect::Extra(|c| member(c, |e| _ = e.change("ENTPersonFonctions", |f| replaced(f, 1, "surveillant")))),
        )
        .second_degree(),
        fault("fonction-absente", &["ANN-PER-FONCTION-PRESENTE"], Effect::Extra(|c| member(c, |e| _ = e.remove("ENTPersonFonctions"))))
            .second_degree(),
    ]
}

/// A composite value with another field at that rank.
pub(super) fn replaced(value: &str, rank: usize, field: &str) -> String {
    let fields = value.split('$').enumerate().map(|(i, text)| if i == rank { field } else { text });
    fields.collect::<Vec<_>>().join("$")
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [values(), profiles(), accounts()].into_iter().flatten().collect()
}
