//! Faults of classes and groups.

use super::super::record::{Kind, Record, field};
use super::{Context, Effect, FaultInfo, fault};

const UAI: &str = "GARStructureUAI";
const ID: &str = "GARPersonIdentifiant";
const CODE: &str = "GARGroupeCode";
const STATUS: &str = "GARGroupeStatut";
const LABEL: &str = "GARGroupeLibelle";
const ATTACHED: &str = "GARGroupeDivAppartenance";
const SUBJECT: &str = "GARMatiereCode";

fn is(record: &Record, status: &str) -> bool {
    record.get(STATUS) == Some(status)
}

/// A class or group more, that nobody is in.
fn more(record: &Record, status: &str) -> Option<Record> {
    let mut out = record.clone();
    out.remove(ATTACHED);
    (out.set(CODE, "ATELIER") && out.set(LABEL, "ATELIER THEATRE") && out.set(STATUS, status)).then_some(out)
}

fn like(record: &Record, name: &str, text: &str) -> Option<Record> {
    let mut out = record.clone();
    out.set(name, text).then_some(out)
}

/// A subject said to be taught to the wrong kind of unit: both are real.
fn moved(record: Option<&Record>, kind: Kind) -> Option<Record> {
    record.map(|r| Record { kind, fields: r.fields.clone() })
}

fn same_label(record: &mut Record, c: &mut Context) -> bool {
    let (uai, label) = (record.get(UAI).unwrap_or_default(), record.get(LABEL).unwrap_or_default());
    if c.memory.is_empty() {
        if is(record, "DIVISION") {
            *c.memory = format!("{uai}${label}");
        }
        return false;
    }
    let wanted = c.memory.split_once('$').filter(|(place, _)| is(record, "GROUPE") && *place == uai).map(|(_, label)| label.to_owned());
    if wanted.is_none() && is(record, "DIVISION") {
        *c.memory = format!("{uai}${label}");
    }
    wanted.is_some_and(|label| record.set(LABEL, label))
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    let both = [
        fault("groupe-statut", Effect::Add(Kind::Groupe, 1, |r, _| more(r, "CLASSE"))),
        fault("groupe-etablissement-inconnu", Effect::Add(Kind::Groupe, 1, |r, c| like(&more(r, "GROUPE")?, UAI, &c.facts.free_uai))),
        fault("groupe-double", Effect::Elsewhere(Kind::Groupe, |r, _| Some(r.clone()))),
        fault(
            "groupe-code-de-division",
            Effect::Elsewhere(Kind::Groupe, |r, _| {
                let mut out = r.clone();
                (is(r, "DIVISION") && out.set(STATUS, "GROUPE") && out.set(LABEL, "GROUPE CLASSE")).then_some(out)
            }),
        ),
        fault(
            "division-rattachee",
            Effect::Change(Kind::Groupe, |r, _| {
                let code = r.id().to_owned();
                is(r, "DIVISION") && r.put_after(&[STATUS], field(ATTACHED, code))
            }),
        ),
        fault(
            "rattachement-division-inconnue",
            Effect::Change(Kind::Groupe, |r, _| is(r, "GROUPE") && r.put_after(&[ATTACHED], field(ATTACHED, "ZZ99"))),
        ),
        fault(
            "groupe-vide",
            Effect::Add(Kind::Groupe, 1, |r, _| {
                let mut out = more(r, "GROUPE")?;
                out.add(ATTACHED, r.id());
                is(r, "DIVISION").then_some(out)
            }),
        ),
        fault("division-vide", Effect::Add(Kind::Groupe, 1, |r, _| more(r, "DIVISION"))),
        fault("membre-groupe-inconnu", Effect::Add(Kind::PersonGroupe, 1, |r, _| like(r, CODE, "ZZ99"))),
        fault("membre-inconnu", Effect::Add(Kind::PersonGroupe, 1, |r, c| like(r, ID, c.facts.spares.first()?))),
        fault(
            "membre-autre-etablissement",
            Effect::Add(Kind::PersonGroupe, 1, |r, c| {
                let other = [Some(&c.facts.pupil), c.facts.stranger.as_ref()];
                let other = other.into_iter().flatten().find(|p| r.get(UAI) != Some(p.uai.as_str()))?;
                like(r, ID, &other.id)
            }),
        ),
        fault("membre-double", Effect::Elsewhere(Kind::PersonGroupe, |r, _| Some(r.clone()))),
        fault("libelles-egaux", Effect::Change(Kind::Groupe, same_label)),
    ];
    let second = [
        fault(
            "service-groupe-sur-division",
            Effect::Add(Kind::EnsGroupeMatiere, 1, |_, c| moved(c.facts.class_subject.as_ref(), Kind::EnsGroupeMatiere)),
        ),
        fault(
            "service-division-sur-groupe",
            Effect::Add(Kind::EnsClasseMatiere, 1, |_, c| moved(c.facts.group_subject.as_ref(), Kind::EnsClasseMatiere)),
        ),
        fault("service-groupe-inconnu", Effect::Add(Kind::EnsGroupeMatiere, 1, |r, _| like(r, CODE, "ZZ99"))),
        fault("service-division-inconnue", Effect::Add(Kind::EnsClasseMatiere, 1, |r, _| like(r, CODE, "ZZ99"))),
        fault(
            "service-par-un-eleve",
            Effect::Add(Kind::EnsClasseMatiere, 1, |r, c| {
                let pupil = &c.facts.pupil;
                let subject = r.get(SUBJECT)?;
                let known = r.get(UAI) == Some(pupil.uai.as_str());
                let texts = [(UAI, pupil.uai.as_str()), (ID, &pupil.id), (CODE, &pupil.division), (SUBJECT, subject)];
                known.then(|| Record::of(Kind::EnsClasseMatiere, texts))
            }),
        ),
        fault(
            "service-matiere-non-declaree",
            Effect::Change(Kind::EnsClasseMatiere, |r, _| r.put_after(&[SUBJECT], field(SUBJECT, "990190"))),
        ),
        fault(
            "service-matiere-repetee",
            Effect::Change(Kind::EnsClasseMatiere, |r, _| {
                let Some(subject) = r.get(SUBJECT).map(str::to_owned) else { return false };
                r.put_after(&[SUBJECT], field(SUBJECT, subject))
            }),
        ),
        fault(
            "service-sans-appartenance",
            Effect::Drop(Kind::PersonGroupe, |r, f| {
                f.class_subject.as_ref().is_some_and(|t| t.id() == r.id() && t.get(CODE) == r.get(CODE))
            }),
        ),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}
