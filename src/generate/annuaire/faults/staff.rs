//! Faults of staff: services, composite values, where they work.

use super::super::entry::{Entry, Kind};
use super::extra::{more, person};
use super::persons::{push, replaced};
use super::{Change, Context, Effect, FaultInfo, fault};

const CLASSES: &str = "ENTAuxEnsClasses";
const GROUPS: &str = "ENTAuxEnsGroupes";
const IN_CLASSES: &str = "ENTAuxEnsClassesMatieres";
const IN_GROUPS: &str = "ENTAuxEnsGroupesMatieres";
const FUNCTION: &str = "ENTPersonFonctions";

const fn teacher(id: &'static str, requirements: &'static [&'static str], change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Change(Kind::Teacher, change))
}

/// The school of the first function.
fn school(entry: &Entry) -> Option<&str> {
    entry.get(FUNCTION)?.split('$').next()
}

/// A value more about the school of somebody who teaches classes.
fn about(entry: &mut Entry, name: &'static str, rest: &str) -> bool {
    let value = school(entry).filter(|_| entry.get(CLASSES).is_some()).map(|school| format!("{school}${rest}"));
    value.is_some_and(|value| push(entry, name, value))
}

/// A value more about a structure that does not exist.
fn nowhere(entry: &mut Entry, c: &Context, name: &'static str, rest: &str) -> bool {
    c.facts.free(c.rank).is_some_and(|free| push(entry, name, format!("{}${rest}", free.structure())))
}

/// Gives the value about a school the UAI of the school.
fn by_uai(entry: &mut Entry, c: &Context, name: &'static str) -> bool {
    let uai = school(entry).and_then(|dn| c.facts.entry(dn)).and_then(|s| s.get("ENTStructureUAI"));
    uai.is_some_and(|uai| entry.change(name, |value| replaced(value, 0, uai)))
}

fn services() -> Vec<FaultInfo> {
    let both = [
        teacher("classe-enseignant-inconnue", &["ANN-REF-CLASSE-ENSEIGNANT-DN"], |e, _| about(e, CLASSES, "ZZ97")),
        teacher("principal-sans-la-classe", &["ANN-ENS-PRINCIPAL"], |e, _| about(e, "ENTAuxEnsClassesPrincipal", "ZZ95")),
        teacher("classe-d-un-etablissement-inconnu", &["ANN-REF-ENS-CLASSES", "ANN-ENS-FONCTION-CLASSES"], |e, c| {
            nowhere(e, c, CLASSES, "6EA")
        }),
        teacher("groupe-d-un-etablissement-inconnu", &["ANN-REF-ENS-GROUPES", "ANN-ENS-FONCTION-GROUPES"], |e, c| {
            nowhere(e, c, GROUPS, "1GR")
        }),
        teacher("matiere-d-un-etablissement-inconnu", &["ANN-REF-ENS-MATIERES"], |e, c| {
            nowhere(e, c, "ENTAuxEnsMatiereEnseignEtab", "FRANCAIS")
        }),
        teacher("formation-d-un-etablissement-inconnu", &["ANN-REF-ENS-MEF"], |e, c| nowhere(e, c, "ENTAuxEnsMEF", "10090010110$6EME")),
        teacher("fonction-dans-une-structure-inconnue", &["ANN-REF-FONCTIONS"], |e, c| {
            nowhere(e, c, FUNCTION, "ENS$ENSEIGNEMENT$L0290$LETTRES")
        }),
        teacher("matiere-classe-champs", &["ANN-ENS-TRIPLET-CLASSE"], |e, _| {
            let class = e.get(CLASSES).map(str::to_owned);
            class.is_some_and(|class| push(e, IN_CLASSES, class))
        }),
        teacher("matiere-classe-etrangere", &["ANN-ENS-TRIPLET-CLASSE-CONNU"], |e, _| about(e, IN_CLASSES, "ZZ94$001290")),
        teacher("matiere-classe-forme", &["ANN-ENS-TRIPLET-CLASSE-MATIERE"], |e, _| {
            let class = e.get(CLASSES).map(|class| format!("{class}$ANGLAIS"));
            class.is_some_and(|value| push(e, IN_CLASSES, value))
        }),
        teacher("formation-enseignee-forme", &["ANN-ENS-MEF-FORME"], |e, _| about(e, "ENTAuxEnsMEF", "6EME$SIXIEME")),
        teacher("discipline-forme", &["ANN-ENS-DISCIPLINE-FORME"], |e, _| push(e, "ENTAuxEnsCategoDiscipline", "LETTRES")),
        teacher("fonction-ailleurs", &["ANN-ENS-FONCTION-CLASSES"], |e, c| {
            let other = school(e).and_then(|dn| c.facts.other_school(dn)).map(|s| s.dn.clone());
            let teaches = e.get(CLASSES).is_some() && e.get(GROUPS).is_none() && e.all(FUNCTION).count() == 1;
            teaches && other.is_some_and(|dn| e.change(FUNCTION, |value| replaced(value, 0, &dn)))
        }),
        teacher("stage-eleve-inconnu", &["ANN-REF-RESP-STAGE-ELEVE"], |e, c| {
            let free = c.facts.free(c.rank).filter(|_| e.get("ENTAuxEnsRespStage").is_none());
            free.is_some_and(|free| push(e, "ENTAuxEnsRespStage", free.person()))
        }),
    ];
    let second = [
        teacher("groupe-enseignant-inconnu", &["ANN-REF-GROUPE-ENSEIGNANT-DN"], |e, _| e.get(GROUPS).is_some() && about(e, GROUPS, "ZZ96")),
        teacher("matiere-groupe-champs", &["ANN-ENS-TRIPLET-GROUPE"], |e, _| {
            let group = e.get(GROUPS).map(str::to_owned);
            group.is_some_and(|group| push(e, IN_GROUPS, group))
        }),
        teacher("matiere-groupe-etranger", &["ANN-ENS-TRIPLET-GROUPE-CONNU"], |e, _| {
            e.get(GROUPS).is_some() && about(e, IN_GROUPS, "ZZ93$001290")
        }),
        teacher("matiere-groupe-forme", &["ANN-ENS-TRIPLET-GROUPE-MATIERE"], |e, _| {
            let group = e.get(GROUPS).map(|group| format!("{group}$ANGLAIS"));
            group.is_some_and(|value| push(e, IN_GROUPS, value))
        }),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}

fn composites() -> Vec<FaultInfo> {
    vec![
        teacher("classe-enseignant-sans-code", &["ANN-CMP-ENS-CLASSES"], |e, _| {
            let school = school(e).filter(|_| e.get(CLASSES).is_some()).map(str::to_owned);
            school.is_some_and(|school| push(e, CLASSES, school))
        }),
        teacher("classe-enseignant-par-uai", &["ANN-CMP-ENSEIGNANTS-DN"], |e, c| by_uai(e, c, CLASSES)),
        teacher("fonction-par-uai", &["ANN-CMP-FONCTIONS-DN"], |e, c| {
            e.get(CLASSES).is_none() && e.get(GROUPS).is_none() && by_uai(e, c, FUNCTION)
        }),
        teacher("champ-blanc", &["ANN-CMP-BLANCS"], |e, _| {
            let labelled = e.get(FUNCTION).is_some_and(|value| value.contains("$ENSEIGNEMENT$"));
            labelled && e.change(FUNCTION, |value| value.replacen("$ENSEIGNEMENT$", "$ENSEIGNEMENT $", 1))
        }),
        fault(
            "agent-en-etablissement",
            &["ANN-NEN-ACADEMIE"],
            Effect::Change(Kind::Agent, |e, c| {
                let school = c.facts.all(Kind::School).next().map(|s| s.dn.clone());
                school.is_some_and(|dn| e.set("ENTPersonStructRattach", dn))
            }),
        )
        .second_degree(),
        fault(
            "personnel-au-rectorat",
            &["ANN-NEN-ETABLISSEMENT"],
            Effect::Extra(|c| {
                let office = &c.facts.all(Kind::Office).next()?.dn;
                more(person(c, Kind::Staff), |e| _ = e.set("ENTPersonStructRattach", office.as_str()))
            }),
        )
        .second_degree(),
    ]
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [services(), composites()].into_iter().flatten().collect()
}
