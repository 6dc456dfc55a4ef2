//! Faults of pupils.

use super::super::Dialect;
use super::super::entry::{Entry, Kind};
use super::persons::{push, replaced};
use super::{Change, Context, Effect, FaultInfo, fault};

const LINK: &str = "ENTElevePersRelEleve";
const CLASS: &str = "ENTEleveClasses";
const GROUP: &str = "ENTEleveGroupes";

const fn pupil(id: &'static str, requirements: &'static [&'static str], change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Change(Kind::Pupil, change))
}

fn is_minor(entry: &Entry) -> bool {
    entry.get("ENTEleveMajeur") == Some("N")
}

/// Changes every link to a responsible person.
fn links(entry: &mut Entry, change: fn(&str) -> String) -> bool {
    let mut any = false;
    for (_, value) in entry.values.iter_mut().filter(|(name, _)| name == LINK) {
        *value = change(value);
        any = true;
    }
    any
}

/// The name of the school that a class or a group is of, and what follows.
fn parts(value: &str) -> (&str, &str) {
    value.split_once('$').unwrap_or((value, ""))
}

fn curricula() -> Vec<FaultInfo> {
    vec![
        pupil("mef-forme", &["ANN-ELV-MEF-FORME", "ANN-ELV-MEF-CLASSE"], |e, _| e.set("ENTEleveMEF", "SIXIEME")),
        pupil("mef-annee", &["ANN-ELV-MEF-ANNEE", "ANN-ELV-MEF-CLASSE"], |e, _| {
            let change = |code: &str| format!("{}12{}", &code[..8], &code[10..]);
            e.get("ENTEleveMEF").is_some_and(|code| code.len() == 11 && code.is_ascii()) && e.change("ENTEleveMEF", change)
        }),
        pupil("mef-libelle-autre", &["ANN-ELV-MEF-LIBELLE"], |e, _| e.change("ENTEleveLibelleMEF", |l| format!("{l} BIS"))),
        pupil("mef-niveau-autre", &["ANN-ELV-MEF-NIVEAU"], |e, _| e.change("ENTEleveNivFormation", |l| format!("{l} BIS"))),
        pupil("mef-filiere-autre", &["ANN-ELV-MEF-FILIERE"], |e, _| e.change("ENTEleveFiliere", |l| format!("{l} BIS"))),
        pupil("mef-autre-classe", &["ANN-ELV-MEF-CLASSE"], |e, c| {
            let names = ["ENTEleveMEF", "ENTEleveLibelleMEF", "ENTEleveNivFormation", "ENTEleveFiliere"];
            let school = e.get("ENTPersonStructRattach").and_then(|dn| c.facts.entry(dn));
            let known: Vec<&str> = school.into_iter().flat_map(|s| s.all("ENTStructureClasses")).collect();
            let other = c.facts.all(Kind::Pupil).find(|o| {
                let mef = o.get("ENTEleveMEF").unwrap_or_default();
                !known.iter().any(|class| class.contains(mef)) || (known.is_empty() && mef != e.get("ENTEleveMEF").unwrap_or_default())
            });
            other.is_some_and(|o| names.iter().all(|name| o.get(name).is_some_and(|value| e.set(name, value))))
        }),
        pupil("matiere-forme", &["ANN-ELV-MATIERE-FORME"], |e, _| e.set("ENTEleveCodeEnseignements", "ANGLAIS")).second_degree(),
        pupil("matiere-sans-libelle", &["ANN-ELV-MATIERE-LIBELLES"], |e, _| {
            let at = e.values.iter().position(|(name, _)| name == "ENTEleveEnseignements");
            at.map(|at| e.values.remove(at)).is_some()
        })
        .second_degree(),
    ]
}

fn ages() -> Vec<FaultInfo> {
    vec![
        pupil("ine-forme", &["ANN-ELV-INE-FORME"], |e, _| e.set("ENTEleveINE", "INCONNU")),
        pupil("majeur-a-tort", &["ANN-ELV-MAJEUR"], |e, _| is_minor(e) && e.set("ENTEleveMajeur", "O")),
        pupil("mineur-a-tort", &["ANN-ELV-MINEUR"], |e, _| is_minor(e) && e.set("ENTPersonDateNaissance", "03/02/2000")),
        pupil("naissance-absente", &["ANN-ELV-NAISSANCE"], |e, _| e.remove("ENTPersonDateNaissance")),
        pupil("age-d-un-autre-siecle", &["ANN-ELV-AGE"], |e, _| {
            e.set("ENTPersonDateNaissance", "03/02/1950") && e.set("ENTEleveMajeur", "O")
        }),
    ]
}

fn responsible() -> Vec<FaultInfo> {
    vec![
        pupil("lien-champs", &["ANN-ELV-LIEN-CHAMPS"], |e, _| {
            links(e, |link| link.rsplit_once('$').map_or(link, |(start, _)| start).to_owned())
        }),
        pupil("lien-type", &["ANN-ELV-LIEN-TYPE"], |e, _| e.change(LINK, |link| replaced(link, 1, "99"))),
        pupil("lien-indicateur", &["ANN-ELV-LIEN-INDICATEURS"], |e, _| e.change(LINK, |link| replaced(link, 2, "O"))),
        pupil("lien-niveau", &["ANN-ELV-LIEN-LEGAL", "ANN-ELV-LEGAL-PRESENT"], |e, _| {
            is_minor(e) && links(e, |link| replaced(link, 3, "7"))
        }),
        pupil("responsable-legal-absent", &["ANN-ELV-LEGAL-PRESENT"], |e, _| is_minor(e) && links(e, |link| replaced(link, 3, "3"))),
        pupil("responsables-legaux-trop", &["ANN-ELV-LEGAL-NOMBRE"], |e, _| {
            e.all(LINK).count() > 2 && links(e, |link| replaced(link, 3, "1"))
        })
        .second_degree(),
        pupil("adresse-chez-autrui", &["ANN-ELV-ADRESSE-RESPONSABLE"], |e, c| {
            let strange = |o: &&Entry| !e.all(LINK).any(|link| link.starts_with(&o.dn));
            let other = c.facts.all(Kind::Relative).find(strange).map(|o| o.dn.clone());
            other.is_some_and(|dn| push(e, "ENTEleveAdresseRel", dn))
        }),
        pupil("adresse-inconnue", &["ANN-REF-ADRESSE", "ANN-ELV-ADRESSE-RESPONSABLE"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| push(e, "ENTEleveAdresseRel", free.person()))
        }),
        pupil("responsable-inconnu", &["ANN-REF-ELEVE-RESPONSABLE"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| push(e, LINK, format!("{}$39$0$0$1$0", free.person())))
        }),
        pupil("responsable-sans-retour", &["ANN-REL-RETOUR-RESPONSABLE"], |e, c| {
            let strange = |o: &&Entry| !e.all(LINK).any(|link| link.starts_with(&o.dn));
            let other = c.facts.all(Kind::Relative).find(strange).map(|o| o.dn.clone());
            other.is_some_and(|dn| push(e, LINK, format!("{dn}$39$0$0$1$0")))
        }),
        pupil("eleve-son-responsable", &["ANN-REL-SOI-ELEVE"], |e, _| {
            let own = format!("{}$90$0$0$1$0", e.dn);
            push(e, LINK, own)
        }),
    ]
}

fn schools() -> Vec<FaultInfo> {
    vec![
        pupil("classe-double", &["ANN-ELV-CLASSE-UNIQUE"], |e, c| {
            let Some((school, code)) = e.get(CLASS).map(parts) else { return false };
            let classes = c.facts.entry(school).into_iter().flat_map(|s| s.all("ENTStructureClasses"));
            let other = classes.map(|class| parts(class).0).find(|other| *other != code).map(|other| format!("{school}${other}"));
            other.is_some_and(|value| push(e, CLASS, value))
        }),
        pupil("rattachement-ailleurs", &["ANN-ELV-CLASSE-ETAB"], |e, c| {
            let own = e.get("ENTPersonStructRattach").unwrap_or_default();
            let other = c.facts.other_school(own).map(|s| s.dn.clone());
            other.is_some_and(|dn| e.set("ENTPersonStructRattach", dn))
        }),
        pupil("rattachement-inconnu", &["ANN-REF-RATTACHEMENT", "ANN-ELV-CLASSE-ETAB"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| e.set("ENTPersonStructRattach", free.structure()))
        }),
        pupil("rattachement-a-une-personne", &["ANN-REF-RATTACHEMENT", "ANN-REF-CIBLE-RATTACHEMENT", "ANN-ELV-CLASSE-ETAB"], |e, c| {
            let other = c.facts.all(Kind::Relative).next().map(|o| o.dn.clone());
            other.is_some_and(|dn| e.set("ENTPersonStructRattach", dn))
        }),
        pupil("classe-inconnue", &["ANN-REF-CLASSE-ELEVE-DN"], |e, _| e.change(CLASS, |class| replaced(class, 1, "ZZ99"))),
        pupil("classe-d-un-inconnu", &["ANN-REF-ELEVE-CLASSES", "ANN-ELV-CLASSE-ETAB"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| e.change(CLASS, |class| replaced(class, 0, &free.structure())))
        }),
        pupil("classe-sans-code", &["ANN-CMP-ELEVE-CLASSES"], |e, _| e.change(CLASS, |class| parts(class).0.to_owned())),
        pupil("classe-par-uai", &["ANN-CMP-ELEVES-DN", "ANN-ELV-CLASSE-ETAB"], by_uai),
        pupil("groupe-inconnu", &["ANN-REF-GROUPE-ELEVE-DN"], |e, _| {
            let value = e.get(CLASS).map(|class| format!("{}$ZZ98", parts(class).0));
            value.is_some_and(|value| push(e, GROUP, value))
        })
        .second_degree(),
        pupil("groupe-d-un-inconnu", &["ANN-REF-ELEVE-GROUPES"], |e, c| {
            c.facts.free(c.rank).is_some_and(|free| push(e, GROUP, format!("{}$1GR", free.structure())))
        }),
        pupil("groupe-sans-code", &["ANN-CMP-ELEVE-GROUPES"], |e, _| {
            let value = e.get(CLASS).map(|class| parts(class).0.to_owned());
            value.is_some_and(|value| push(e, GROUP, value))
        }),
    ]
}

fn by_uai(entry: &mut Entry, c: &mut Context) -> bool {
    let uai = entry.get("ENTPersonStructRattach").and_then(|dn| c.facts.entry(dn)).and_then(|s| s.get("ENTStructureUAI"));
    uai.is_some_and(|uai| entry.change(CLASS, |class| replaced(class, 0, uai)))
}

/// Somebody who does not exist.
fn nobody(c: &Context) -> Option<String> {
    c.facts.free(c.rank).map(|free| free.person())
}

/// A value more for somebody who is not in placement.
fn placed(entry: &mut Entry, name: &'static str, value: Option<String>) -> bool {
    let value = value.filter(|_| entry.get("ENTEleveEntrTutStage").is_none());
    value.is_some_and(|value| push(entry, name, value))
}

fn placements() -> Vec<FaultInfo> {
    vec![
        pupil("stage-responsable-inconnu", &["ANN-REF-ENS-RESP-STAGE"], |e, c| placed(e, "ENTEleveEnsRespStage", nobody(c))),
        pupil("stage-tuteur-inconnu", &["ANN-REF-ENS-TUT-STAGE"], |e, c| placed(e, "ENTEleveEnsTutStage", nobody(c))),
        pupil("stage-entreprise-inconnue", &["ANN-REF-ENTR-TUT-STAGE"], |e, c| placed(e, "ENTEleveEntrTutStage", nobody(c))),
        pupil("stage-tuteur-eleve", &["ANN-REF-CIBLE-STAGE-ENSEIGNANT"], |e, c| {
            let other = c.facts.all(Kind::Pupil).find(|o| o.dn != e.dn).map(|o| o.dn.clone());
            placed(e, "ENTEleveEnsTutStage", other)
        }),
    ]
}

/// What shows only where composite values begin otherwise.
fn dialects() -> Vec<FaultInfo> {
    vec![
        pupil("classe-uai-cle", &["ANN-CMP-UAI-CLE", "ANN-REF-UAI-ELEVE"], |e, _| {
            let other = |uai: &str| if uai.ends_with('A') { "B" } else { "A" };
            e.change(CLASS, |class| format!("{}{}${}", &class[..7], other(parts(class).0), parts(class).1))
        })
        .in_dialect(Dialect::Uai),
        pupil("rattachement-uai-inconnu", &["ANN-REF-UAI-RATTACHEMENT", "ANN-ELV-CLASSE-ETAB-UAI"], |e, c| {
            let uai = c.facts.free(c.rank).map(|free| free.uai.clone());
            uai.is_some_and(|uai| e.set("ENTPersonStructRattach", uai))
        })
        .in_dialect(Dialect::Uai),
        pupil("profil-inexistant", &["ANN-REF-PROFIL"], |e, _| e.change("ENTPersonProfils", |dn| dn.replacen("_ELV,", "_AMI,", 1)))
            .in_dialect(Dialect::Uai),
        pupil("classe-sans-entree", &["ANN-REF-CLASSE-ENTREE", "ANN-GRP-CLASSE-ELEVES"], |e, _| {
            e.change(CLASS, |dn| dn.replacen(',', "ZZ,", 1))
        })
        .in_dialect(Dialect::GroupDn),
    ]
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [curricula(), ages(), responsible(), schools(), placements(), dialects()].into_iter().flatten().collect()
}
