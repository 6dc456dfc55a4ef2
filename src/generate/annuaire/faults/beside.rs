//! Faults that a directory alone does not show: beside the AAF or the GAR of the same options.

use super::super::Dialect;
use super::super::entry::{Entry, Kind};
use super::super::naming::SOURCE;
use super::extra::{more, person};
use super::persons::{push, replaced};
use super::{Beside, Change, Effect, FaultInfo, fault};

const KEY: &str = "ENTPersonJointure";

const fn aaf(id: &'static str, requirements: &'static [&'static str], kind: Kind, change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Change(kind, change)).beside(Beside::Aaf)
}

const fn gar(id: &'static str, requirements: &'static [&'static str], kind: Kind, change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Change(kind, change)).beside(Beside::Gar)
}

const fn every(id: &'static str, requirements: &'static [&'static str], kind: Kind, change: Change) -> FaultInfo {
    fault(id, requirements, Effect::Every(kind, change)).beside(Beside::Aaf)
}

/// Gives one person in three the join key of somebody the AAF does not know.
fn lost(entry: &mut Entry) -> bool {
    let sum = entry.dn.bytes().fold(0_u32, |sum, b| sum.wrapping_mul(31).wrapping_add(u32::from(b)));
    sum.is_multiple_of(3) && entry.change(KEY, |key| format!("{key}000"))
}

/// Another name for somebody, and the name of the account with it.
fn renamed(entry: &mut Entry, name: &str) -> bool {
    entry.set(name, if name == "sn" { "DIT AUTREMENT" } else { "Zéphyrine" })
}

/// Gives the first link of a pupil with a relative another text in one of its fields; false when it has that one.
fn linked_otherwise(entry: &mut Entry, rank: usize, from: &str, to: &str) -> bool {
    let first = entry.get("ENTElevePersRelEleve").and_then(|link| link.split('$').nth(rank));
    first == Some(from) && entry.change("ENTElevePersRelEleve", |link| replaced(link, rank, to))
}

/// Another identifier, that nobody has.
fn other_id(id: &str) -> String {
    format!("{}{}", &id[..id.len().saturating_sub(12)], id.chars().rev().take(12).collect::<String>())
}

/// Whether a teacher is known to the GAR and assigns no resources in it, which it would know by name.
fn in_school(entry: &Entry) -> bool {
    let assigns = entry.all("ENTPersonFonctions").any(|f| f.contains("$DIR$") || f.contains("$DOC$"));
    entry.get("ENTPersonGARIdentifiant").is_some() && !assigns
}

fn feed() -> Vec<FaultInfo> {
    let both = [
        every("aaf-eleves-perdus", &["ANN-AAF-ELEVES-PRESENTS", "ANN-AAF-ELEVES-CONNUS"], Kind::Pupil, |e, _| lost(e)),
        every("aaf-responsables-perdus", &["ANN-AAF-RESPONSABLES-PRESENTS", "ANN-AAF-RESPONSABLES-CONNUS"], Kind::Relative, |e, _| lost(e)),
        every("aaf-enseignants-perdus", &["ANN-AAF-PERSONNELS-PRESENTS", "ANN-AAF-ENSEIGNANTS-CONNUS"], Kind::Teacher, |e, _| lost(e)),
        aaf("aaf-eleve-nom", &["ANN-AAF-2D-ELEVE-NOM", "ANN-AAF-1D-ELEVE-NOM"], Kind::Pupil, |e, _| renamed(e, "sn")),
        aaf("aaf-eleve-prenom", &["ANN-AAF-2D-ELEVE-PRENOM", "ANN-AAF-1D-ELEVE-PRENOM"], Kind::Pupil, |e, _| renamed(e, "givenName")),
        aaf("aaf-eleve-naissance", &["ANN-AAF-2D-ELEVE-NAISSANCE", "ANN-AAF-1D-ELEVE-NAISSANCE"], Kind::Pupil, |e, _| {
            e.change("ENTPersonDateNaissance", |d| format!("{}{}", if d.starts_with("11") { "12" } else { "11" }, &d[2..]))
        }),
        aaf("aaf-eleve-ine", &["ANN-AAF-2D-ELEVE-INE", "ANN-AAF-1D-ELEVE-INE"], Kind::Pupil, |e, _| e.set("ENTEleveINE", "000000000AA")),
        aaf("aaf-responsable-nom", &["ANN-AAF-2D-RESPONSABLE-NOM", "ANN-AAF-1D-RESPONSABLE-NOM"], Kind::Relative, |e, _| renamed(e, "sn")),
        aaf("aaf-responsable-prenom", &["ANN-AAF-2D-RESPONSABLE-PRENOM", "ANN-AAF-1D-RESPONSABLE-PRENOM"], Kind::Relative, |e, _| {
            renamed(e, "givenName")
        }),
        aaf("aaf-personnel-nom", &["ANN-AAF-2D-PERSONNEL-NOM", "ANN-AAF-1D-PERSONNEL-NOM"], Kind::Teacher, |e, _| renamed(e, "sn")),
        aaf("aaf-personnel-prenom", &["ANN-AAF-2D-PERSONNEL-PRENOM", "ANN-AAF-1D-PERSONNEL-PRENOM"], Kind::Teacher, |e, _| {
            renamed(e, "givenName")
        }),
        aaf("aaf-personnel-eleve", &["ANN-AAF-PERSONNELS-CATEGORIE"], Kind::Pupil, |e, c| {
            let key = c.facts.all(Kind::Teacher).next().and_then(|o| o.get(KEY)).and_then(|key| key.split('$').nth(1));
            key.is_some_and(|key| push(e, KEY, format!("{SOURCE}-PERSONNELS${key}")))
        }),
        aaf("aaf-eleve-personnel", &["ANN-AAF-ELEVES-CATEGORIE"], Kind::Teacher, |e, c| {
            let key = c.facts.all(Kind::Pupil).next().and_then(|o| o.get(KEY)).and_then(|key| key.split('$').nth(1));
            key.is_some_and(|key| push(e, KEY, format!("{SOURCE}-ELEVES${key}")))
        }),
    ];
    let links = [
        aaf("aaf-eleve-liens-perdus", &["ANN-AAF-2D-ELEVE-LIENS-PERDUS", "ANN-AAF-1D-ELEVE-LIENS-PERDUS"], Kind::Pupil, |e, _| {
            e.remove("ENTElevePersRelEleve")
        }),
        aaf("aaf-lien-perdu", &["ANN-AAF-2D-LIEN-GARDE", "ANN-AAF-1D-LIEN-GARDE", "ANN-REL-RETOUR-ELEVE"], Kind::Pupil, |e, _| {
            let level = |link: &str| link.split('$').nth(3) == Some("1");
            let legal = e.values.iter().filter(|(name, link)| name == "ENTElevePersRelEleve" && level(link)).count();
            let at = e.values.iter().rposition(|(name, link)| name == "ENTElevePersRelEleve" && level(link));
            legal > 1 && at.map(|at| e.values.remove(at)).is_some()
        }),
        aaf(
            "aaf-lien-autre",
            &[
                "ANN-AAF-2D-LIEN-CONNU",
                "ANN-AAF-1D-LIEN-CONNU",
                "ANN-AAF-2D-LIEN-GARDE",
                "ANN-AAF-1D-LIEN-GARDE",
                "ANN-REL-RETOUR-ELEVE",
                "ANN-REL-RETOUR-RESPONSABLE",
            ],
            Kind::Pupil,
            |e, c| {
                let mine: Vec<String> =
                    e.all("ENTElevePersRelEleve").filter_map(|link| link.split('$').next()).map(str::to_owned).collect();
                let other = c.facts.all(Kind::Relative).find(|r| !mine.contains(&r.dn)).map(|r| r.dn.clone());
                e.remove("ENTEleveAdresseRel");
                linked_otherwise(e, 3, "1", "1") && other.is_some_and(|dn| e.change("ENTElevePersRelEleve", |link| replaced(link, 0, &dn)))
            },
        ),
        aaf("aaf-lien-type", &["ANN-AAF-2D-LIEN-TYPE", "ANN-AAF-1D-LIEN-TYPE"], Kind::Pupil, |e, _| linked_otherwise(e, 1, "10", "20")),
    ];
    let lost = [
        aaf("aaf-eleve-ine-perdu", &["ANN-AAF-ELEVE-INE-PERDU"], Kind::Pupil, |e, _| e.remove("ENTEleveINE")),
        aaf("aaf-eleve-civilite", &["ANN-AAF-2D-ELEVE-CIVILITE", "ANN-AAF-1D-ELEVE-CIVILITE"], Kind::Pupil, |e, _| {
            let (title, sex) = if e.get("personalTitle") == Some("Mme") { ("M.", "M") } else { ("Mme", "F") };
            e.set("personalTitle", title) && e.set("ENTPersonSexe", sex)
        }),
        aaf("aaf-personnel-naissance", &["ANN-AAF-PERSONNEL-NAISSANCE"], Kind::Teacher, |e, _| {
            e.set("ENTPersonDateNaissance", "11/11/1971")
        }),
        aaf("aaf-etablissement-secteur", &["ANN-AAF-2D-ETAB-CONTRAT", "ANN-AAF-1D-ETAB-CONTRAT"], Kind::School, |e, _| {
            e.change("ENTEtablissementContrat", |now| if now == "PU" { "PR".to_owned() } else { "PU".to_owned() })
        }),
        aaf("aaf-eleve-etablissement", &["ANN-AAF-ELEVE-ETAB", "ANN-ELV-CLASSE-ETAB"], Kind::Pupil, |e, c| {
            let other = e.get("ENTPersonStructRattach").and_then(|dn| c.facts.other_school(dn)).map(|school| school.dn.clone());
            other.is_some_and(|dn| e.set("ENTPersonStructRattach", dn))
        }),
        fault(
            "depart-suppression",
            &["ANN-PER-DEPART-SUPPRESSION"],
            Effect::Change(Kind::Pupil, |e, _| push(e, "ENTPersonDateSuppression", "20200831")),
        ),
    ];
    let second = [
        aaf("aaf-lien-responsabilite", &["ANN-AAF-2D-LIEN-RESPONSABILITE"], Kind::Pupil, |e, _| linked_otherwise(e, 3, "1", "0")),
        aaf("aaf-classe-membre", &["ANN-AAF-2D-CLASSE-MEMBRE"], Kind::Class, |e, _| {
            let at = e.values.iter().position(|(name, _)| name == "member");
            e.all("member").count() > 1 && at.map(|at| e.values.remove(at)).is_some()
        }),
        aaf(
            "aaf-eleve-classe-dn",
            &["ANN-AAF-2D-ELEVE-CLASSE-DN", "ANN-GRP-CLASSE-CONNUE", "ANN-GRP-CLASSE-ELEVES"],
            Kind::Pupil,
            |e, c| {
                let mine = e.get("ENTEleveClasses").unwrap_or_default().to_owned();
                let school = mine.split('_').next().unwrap_or_default();
                let other =
                    c.facts.all(Kind::Class).find(|class| class.dn != mine && class.dn.starts_with(school)).map(|class| class.dn.clone());
                other.is_some_and(|dn| e.set("ENTEleveClasses", dn))
            },
        )
        .in_dialect(Dialect::GroupDn),
        aaf("aaf-eleve-mef", &["ANN-AAF-2D-ELEVE-MEF", "ANN-ELV-MEF-CLASSE"], Kind::Pupil, |e, _| {
            e.set("ENTEleveMEF", "29990110110") && e.set("ENTEleveLibelleMEF", "FORMATION D'AILLEURS")
        }),
        aaf("aaf-eleve-numero", &["ANN-AAF-2D-ELEVE-STRUCT-ID"], Kind::Pupil, |e, _| e.set("ENTEleveStructRattachId", "999999")),
        aaf("aaf-eleve-matiere", &["ANN-AAF-2D-ELEVE-MATIERES"], Kind::Pupil, |e, _| {
            let at = e.values.iter().position(|(name, _)| name == "ENTEleveCodeEnseignements");
            let label = e.values.iter().position(|(name, _)| name == "ENTEleveEnseignements");
            let (Some(at), Some(label)) = (at, label) else { return false };
            e.values.remove(at.max(label));
            e.values.remove(at.min(label));
            true
        }),
        aaf("aaf-eleve-classe", &["ANN-AAF-2D-ELEVE-CLASSE"], Kind::Pupil, |e, c| {
            let school = e.get("ENTPersonStructRattach").and_then(|dn| c.facts.entry(dn));
            let mine = e.get("ENTEleveClasses").and_then(|v| v.split('$').nth(1)).unwrap_or_default();
            let mut codes = school.into_iter().flat_map(|s| s.all("ENTStructureClasses")).filter_map(|class| class.split('$').next());
            let other = codes.find(|code| *code != mine).map(str::to_owned);
            other.is_some_and(|code| e.change("ENTEleveClasses", |v| replaced(v, 1, &code)))
        }),
        aaf("aaf-eleve-groupes", &["ANN-AAF-2D-ELEVE-GROUPES"], Kind::Pupil, |e, _| {
            let at = e.values.iter().position(|(name, _)| name == "ENTEleveGroupes");
            let several = e.all("ENTEleveGroupes").count() > 1;
            several && at.map(|at| e.values.remove(at)).is_some()
        }),
        aaf("aaf-personnel-fonction", &["ANN-AAF-2D-PERSONNEL-FONCTION"], Kind::Teacher, |e, _| {
            e.change("ENTPersonFonctions", |v| replaced(v, 1, "EDU"))
        }),
        aaf("aaf-personnel-classes", &["ANN-AAF-2D-PERSONNEL-CLASSES"], Kind::Teacher, |e, _| {
            let classes = e.all("ENTAuxEnsClasses").count() > 1 && e.get("ENTAuxEnsClassesPrincipal").is_none();
            let at = e.values.iter().rposition(|(name, _)| name == "ENTAuxEnsClasses").filter(|_| classes);
            at.map(|at| e.values.remove(at)).is_some() && e.remove("ENTAuxEnsClassesMatieres")
        }),
        aaf("aaf-personnel-principal", &["ANN-AAF-2D-PERSONNEL-PRINCIPAL"], Kind::Teacher, |e, _| {
            let all: Vec<String> = e.all("ENTAuxEnsClassesPrincipal").map(str::to_owned).collect();
            let other = e.all("ENTAuxEnsClasses").find(|class| !all.iter().any(|p| p == class)).map(str::to_owned);
            !all.is_empty() && other.is_some_and(|class| e.set("ENTAuxEnsClassesPrincipal", class))
        }),
        aaf(
            "aaf-groupe-absent",
            &["ANN-AAF-2D-ETAB-GROUPES", "ANN-REF-GROUPE-ELEVE-DN", "ANN-REF-GROUPE-ENSEIGNANT-DN"],
            Kind::School,
            |e, _| {
                let at = e.values.iter().position(|(name, _)| name == "ENTStructureGroupes");
                at.map(|at| e.values.remove(at)).is_some()
            },
        ),
        aaf(
            "aaf-classe-absente",
            &["ANN-AAF-2D-ETAB-CLASSES", "ANN-REF-CLASSE-ELEVE-DN", "ANN-REF-CLASSE-ENSEIGNANT-DN"],
            Kind::School,
            |e, _| {
                let at = e.values.iter().position(|(name, _)| name == "ENTStructureClasses");
                let several = e.all("ENTStructureClasses").count() > 1;
                e.remove("ENTStructureGroupes");
                several && at.map(|at| e.values.remove(at)).is_some()
            },
        ),
    ];
    both.into_iter().chain(links).chain(lost).chain(second.map(FaultInfo::second_degree)).collect()
}

fn exports() -> Vec<FaultInfo> {
    let both = [
        gar("gar-eleve-nom", &["ANN-GAR-ELEVE-NOM"], Kind::Pupil, |e, _| renamed(e, "sn")),
        gar("gar-eleve-prenom", &["ANN-GAR-ELEVE-PRENOM"], Kind::Pupil, |e, _| renamed(e, "givenName")),
        gar("gar-eleve-naissance", &["ANN-GAR-ELEVE-NAISSANCE"], Kind::Pupil, |e, _| {
            e.change("ENTPersonDateNaissance", |d| format!("{}{}", if d.starts_with("11") { "12" } else { "11" }, &d[2..]))
        }),
        gar("gar-enseignant-nom", &["ANN-GAR-ENSEIGNANT-NOM"], Kind::Teacher, |e, _| in_school(e) && renamed(e, "sn")),
        gar("gar-enseignant-prenom", &["ANN-GAR-ENSEIGNANT-PRENOM"], Kind::Teacher, |e, _| in_school(e) && renamed(e, "givenName")),
        gar("gar-enseignant-naissance", &["ANN-GAR-ENSEIGNANT-NAISSANCE"], Kind::Teacher, |e, _| {
            in_school(e) && e.set("ENTPersonDateNaissance", "11/11/1971")
        }),
        gar("gar-eleve-enseignant", &["ANN-GAR-ELEVE-ROLE", "ANN-UNQ-GAR-ELEVE-ADULTE"], Kind::Pupil, |e, c| {
            let other = c.facts.all(Kind::Teacher).find_map(|o| o.get("ENTPersonGARIdentifiant")).map(str::to_owned);
            other.is_some_and(|id| e.set("ENTPersonGARIdentifiant", id))
        }),
        gar("gar-enseignant-eleve", &["ANN-GAR-ENSEIGNANT-ROLE", "ANN-UNQ-GAR-ELEVE-ADULTE"], Kind::Teacher, |e, c| {
            let other = c.facts.all(Kind::Pupil).find_map(|o| o.get("ENTPersonGARIdentifiant")).map(str::to_owned);
            other.is_some_and(|id| e.set("ENTPersonGARIdentifiant", id))
        }),
        gar("gar-etablissement-inconnu", &["ANN-GAR-ETAB-CONNU"], Kind::School, |e, c| {
            c.facts.free(c.rank).is_some_and(|free| e.set("ENTStructureUAI", free.uai.as_str()))
        }),
        fault(
            "gar-eleves-renommes",
            &["ANN-GAR-ELEVES-CONNUS"],
            Effect::Every(Kind::Pupil, |e, _| renamed(e, "sn") && e.change("ENTPersonGARIdentifiant", other_id)),
        )
        .beside(Beside::Gar),
        gar("gar-eleve-id", &["ANN-GAR-ELEVE-ID"], Kind::Pupil, |e, _| e.change("ENTPersonGARIdentifiant", other_id)),
        gar("gar-eleve-id-perdu", &["ANN-GAR-ELEVE-ID-PERDU"], Kind::Pupil, |e, _| e.remove("ENTPersonGARIdentifiant")),
        gar("gar-enseignant-id", &["ANN-GAR-ENSEIGNANT-ID"], Kind::Teacher, |e, _| {
            in_school(e) && e.change("ENTPersonGARIdentifiant", other_id)
        }),
    ];
    let second = [
        gar("gar-eleve-mef", &["ANN-GAR-ELEVE-MEF", "ANN-ELV-MEF-CLASSE"], Kind::Pupil, |e, _| {
            e.set("ENTEleveMEF", "29990110110") && e.set("ENTEleveLibelleMEF", "FORMATION D'AILLEURS")
        }),
        fault(
            "gar-entreprise-etablissement",
            &["ANN-GAR-ETAB-ROLE", "ANN-UNQ-UAI"],
            Effect::Extra(|c| {
                let school = c.facts.all(Kind::School).next()?;
                more(super::extra::structure(c, Kind::Office), |e| {
                    let class = e.values.iter_mut().find(|(_, v)| v == "ENTServAc");
                    class.into_iter().for_each(|(_, v)| "ENTEntreprise".clone_into(v));
                    e.remove("ENTServAcAcademie");
                    e.set("ENTStructureUAI", school.get("ENTStructureUAI").unwrap_or_default());
                    e.push("ENTEntrepriseEtabs", school.dn.as_str());
                })
            }),
        )
        .beside(Beside::Gar),
        fault(
            "gar-personnel-double",
            &["ANN-UNQ-GAR-ADULTES"],
            Effect::Extra(|c| {
                let id = c.facts.all(Kind::Staff).find_map(|o| o.get("ENTPersonGARIdentifiant"))?;
                more(person(c, Kind::Staff), |e| _ = e.set("ENTPersonGARIdentifiant", id))
            }),
        ),
    ];
    both.into_iter().chain(second.map(FaultInfo::second_degree)).collect()
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [feed(), exports()].into_iter().flatten().collect()
}
