//! Faults of structures, groups and applications: each in an entry more, sound otherwise.

use super::super::entry::{Entry, Kind};
use super::super::naming::SUFFIX;
use super::extra::{application, more, structure};
use super::persons::push;
use super::tree::group;
use super::{Context, Effect, FaultInfo, fault};

/// An academic service more.
fn office(c: &Context, change: impl FnOnce(&mut Entry)) -> Option<Vec<u8>> {
    more(structure(c, Kind::Office), change)
}

/// A school more, without the pupils of the one it is like.
fn school(c: &Context, change: impl FnOnce(&mut Entry)) -> Option<Vec<u8>> {
    let mut entry = structure(c, Kind::School)?;
    for name in [
        "ENTStructureClasses",
        "ENTStructureGroupes",
        "ENTStructureResponsable",
        "ENTEtablissementStructRattachAdmin",
        "ENTEtablissementStructRattachFctl",
    ] {
        entry.remove(name);
    }
    entry.push("ENTStructureClasses", "ATA$ATELIER A$10090010110");
    more(Some(entry), change)
}

/// Somebody of that kind.
fn somebody(c: &Context, kind: Kind) -> Option<String> {
    c.facts.all(kind).next().map(|e| e.dn.clone())
}

fn own(e: &mut Entry, name: &'static str) {
    let dn = e.dn.clone();
    e.push(name, dn);
}

fn values() -> Vec<FaultInfo> {
    vec![
        fault("siren-forme", &["ANN-STR-SIREN-FORME"], Effect::Extra(|c| office(c, |e| renumbered(e, &c.rank.to_string())))),
        fault(
            "siret-cle",
            &["ANN-STR-SIRET-CLE"],
            Effect::Extra(|c| {
                office(c, |e| {
                    let siret = e.get("ENTStructureSIREN").unwrap_or_default().to_owned();
                    let last = if siret.ends_with('9') { "8" } else { "9" };
                    renumbered(e, &format!("{}{last}", &siret[..siret.len().saturating_sub(1)]));
                })
            }),
        ),
        fault(
            "uai-forme",
            &["ANN-STR-UAI-FORME"],
            Effect::Extra(|c| office(c, |e| _ = e.set("ENTStructureUAI", format!("RECTORAT{}", c.rank)))),
        ),
        fault(
            "uai-cle",
            &["ANN-STR-UAI-CLE"],
            Effect::Extra(|c| {
                office(c, |e| _ = e.change("ENTStructureUAI", |uai| format!("{}{}", &uai[..7], if uai.ends_with('A') { "B" } else { "A" })))
            }),
        ),
        fault(
            "structure-jointure-sans-source",
            &["ANN-STR-JOINTURE-FORME"],
            Effect::Extra(|c| office(c, |e| _ = e.change("ENTStructureJointure", |j| j.replace('$', "-")))),
        ),
        fault(
            "structure-jointure-deux-cles",
            &["ANN-STR-JOINTURE-SOURCE"],
            Effect::Extra(|c| {
                office(c, |e| {
                    let other = e.get("ENTStructureJointure").map(|j| format!("{j}0")).unwrap_or_default();
                    e.push("ENTStructureJointure", other);
                })
            }),
        ),
        fault(
            "structure-nom-compose",
            &["ANN-STR-NOM"],
            Effect::Extra(|c| office(c, |e| _ = e.set("ENTStructureNomCourant", "CIO$DES TILLEULS$VALFAU"))),
        ),
        fault("structure-type-absent", &["ANN-STR-TYPE"], Effect::Extra(|c| office(c, |e| _ = e.remove("ENTStructureTypeStruct")))),
        fault(
            "structure-telephone-forme",
            &["ANN-STR-TELEPHONE"],
            Effect::Extra(|c| office(c, |e| _ = e.set("telephoneNumber", "poste 12 au standard"))),
        ),
        fault(
            "structure-telephone-court",
            &["ANN-STR-TELEPHONE-LONGUEUR"],
            Effect::Extra(|c| office(c, |e| _ = e.set("telephoneNumber", "04 65 71 00"))),
        ),
        fault(
            "structure-mel-forme",
            &["ANN-STR-MEL"],
            Effect::Extra(|c| office(c, |e| e.push("ENTStructureEmail", "contact.ent.example"))),
        ),
        fault("etablissement-sans-uai", &["ANN-ETB-UAI"], Effect::Extra(|c| school(c, |e| _ = e.remove("ENTStructureUAI")))),
        fault(
            "etablissement-secteur",
            &["ANN-ETB-CONTRAT"],
            Effect::Extra(|c| school(c, |e| _ = e.set("ENTEtablissementContrat", "PUBLIC"))),
        ),
        fault(
            "etablissement-classe-forme",
            &["ANN-ETB-CLASSE-FORME"],
            Effect::Extra(|c| school(c, |e| e.push("ENTStructureClasses", "ATB$ATELIER B$SIXIEME"))),
        ),
        fault(
            "etablissement-groupe-forme",
            &["ANN-ETB-GROUPE-FORME"],
            Effect::Extra(|c| school(c, |e| e.push("ENTStructureGroupes", "GRA"))),
        ),
        fault(
            "etablissement-groupe-classes",
            &["ANN-ETB-GROUPE-CLASSES"],
            Effect::Extra(|c| school(c, |e| e.push("ENTStructureGroupes", "GRA$GROUPE A$ATZ"))),
        ),
        fault(
            "etablissement-classe-double",
            &["ANN-ETB-CLASSE-DOUBLE"],
            Effect::Extra(|c| school(c, |e| e.push("ENTStructureClasses", "ATA$ATELIER BIS$10090010110"))),
        ),
        fault(
            "etablissement-groupe-double",
            &["ANN-ETB-GROUPE-DOUBLE"],
            Effect::Extra(|c| {
                school(c, |e| {
                    e.push("ENTStructureGroupes", "GRA$GROUPE A$ATA");
                    e.push("ENTStructureGroupes", "GRA$GROUPE BIS$ATA");
                })
            }),
        ),
        fault(
            "classe-et-groupe",
            &["ANN-REF-CLASSE-GROUPE"],
            Effect::Extra(|c| school(c, |e| e.push("ENTStructureGroupes", "ATA$ATELIER A$ATA"))),
        ),
    ]
}

/// Gives a structure another SIREN, which names it.
fn renumbered(entry: &mut Entry, siren: &str) {
    entry.set("ENTStructureSIREN", siren);
    entry.dn = format!("ENTStructureSIREN={siren},ou=structures,{SUFFIX}");
}

fn references() -> Vec<FaultInfo> {
    vec![
        fault(
            "chef-parent",
            &["ANN-STR-CHEF"],
            Effect::Extra(|c| {
                let dn = somebody(c, Kind::Relative)?;
                office(c, |e| e.push("ENTStructureResponsable", dn))
            }),
        ),
        fault(
            "chef-eleve",
            &["ANN-REF-CIBLE-CHEF"],
            Effect::Extra(|c| {
                let dn = somebody(c, Kind::Pupil)?;
                school(c, |e| e.push("ENTStructureResponsable", dn))
            }),
        ),
        fault(
            "service-chef-eleve",
            &["ANN-REF-CIBLE-CHEF-SERVICE"],
            Effect::Extra(|c| {
                let dn = somebody(c, Kind::Pupil)?;
                office(c, |e| e.push("ENTStructureResponsable", dn))
            }),
        ),
        fault(
            "chef-inconnu",
            &["ANN-REF-CHEF"],
            Effect::Extra(|c| {
                let dn = c.facts.free(c.rank)?.person();
                office(c, |e| e.push("ENTStructureResponsable", dn))
            }),
        ),
        fault(
            "contact-eleve",
            &["ANN-STR-CONTACT"],
            Effect::Extra(|c| {
                let dn = somebody(c, Kind::Pupil)?;
                office(c, |e| e.push("ENTStructureContactENT", dn))
            }),
        ),
        fault(
            "contact-inconnu",
            &["ANN-REF-CONTACT"],
            Effect::Extra(|c| {
                let dn = c.facts.free(c.rank)?.person();
                office(c, |e| e.push("ENTStructureContactENT", dn))
            }),
        ),
        fault(
            "etablissement-rattache-a-soi",
            &["ANN-ETB-SOI-FCTL"],
            Effect::Extra(|c| school(c, |e| own(e, "ENTEtablissementStructRattachFctl"))),
        ),
        fault(
            "etablissement-sous-soi",
            &["ANN-ETB-SOI-ADMIN"],
            Effect::Extra(|c| school(c, |e| own(e, "ENTEtablissementStructRattachAdmin"))),
        ),
        fault(
            "rattachement-fonctionnel-inconnu",
            &["ANN-REF-RATTACHEMENT-FCTL"],
            Effect::Extra(|c| {
                let dn = c.facts.free(c.rank + 300)?.structure();
                school(c, |e| e.push("ENTEtablissementStructRattachFctl", dn))
            }),
        ),
        fault(
            "rattachement-administratif-inconnu",
            &["ANN-REF-RATTACHEMENT-ADMIN"],
            Effect::Extra(|c| {
                let dn = c.facts.free(c.rank + 300)?.structure();
                school(c, |e| e.push("ENTEtablissementStructRattachAdmin", dn))
            }),
        ),
    ]
}

fn groups() -> Vec<FaultInfo> {
    vec![
        fault(
            "membre-inconnu",
            &["ANN-REF-MEMBRE"],
            Effect::Change(Kind::Class, |e, c| c.facts.free(c.rank).is_some_and(|free| push(e, "member", free.person()))),
        ),
        fault(
            "proprietaire-inconnu",
            &["ANN-REF-PROPRIETAIRE"],
            Effect::Change(Kind::Class, |e, c| c.facts.free(c.rank).is_some_and(|free| e.set("owner", free.structure()))),
        ),
        fault("groupe-membre-de-soi", &["ANN-GRP-SOI"], Effect::Extra(|c| more(group(c), |e| own(e, "member")))),
        fault(
            "classe-membre-structure",
            &["ANN-GRP-CLASSE-MEMBRES"],
            Effect::Extra(|c| {
                let dn = somebody(c, Kind::School)?;
                more(group(c), |e| e.push("member", dn))
            }),
        ),
        fault(
            "classe-homonyme",
            &["ANN-GRP-CLASSE-NOM"],
            Effect::Extra(|c| {
                let other = c.facts.all(Kind::Class).next()?;
                more(group(c), |e| e.push("cn", other.get("cn").unwrap_or_default().to_owned()))
            }),
        ),
        fault(
            "appartenance-inconnue",
            &["ANN-GRP-APPARTENANCE", "ANN-SCH-ATTRIBUTS-LOCAUX"],
            Effect::Change(Kind::Relative, |e, _| push(e, "isMemberOf", "groupe:inconnu")),
        ),
        fault(
            "appartenance-sans-retour",
            &["ANN-GRP-APPARTENANCE-RETOUR", "ANN-SCH-ATTRIBUTS-LOCAUX"],
            Effect::Change(Kind::Relative, |e, c| {
                let class = c.facts.all(Kind::Class).next().and_then(|g| g.get("cn")).map(str::to_owned);
                class.is_some_and(|cn| push(e, "isMemberOf", cn))
            }),
        ),
        fault(
            "membres-mal-comptes",
            &["ANN-GRP-HASMEMBER", "ANN-SCH-ATTRIBUTS-LOCAUX"],
            Effect::Extra(|c| {
                more(group(c), |e| {
                    for n in 0..=e.all("member").count() {
                        e.push("hasMember", format!("E0hm0{n:03}"));
                    }
                })
            }),
        ),
        fault(
            "application-proprietaire-eleve",
            &["ANN-APP-PROPRIETAIRE"],
            Effect::Extra(|c| {
                let dn = somebody(c, Kind::Pupil)?;
                more(application(c), |e| e.push("ENTApplicationProprietaire", dn))
            }),
        ),
        fault(
            "application-profil-inconnu",
            &["ANN-REF-APPLICATION-PROFILS"],
            Effect::Extra(|c| more(application(c), |e| e.push("ENTApplicationProfils", format!("cn=inconnu,ou=groupes,{SUFFIX}")))),
        ),
    ]
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    [values(), references(), groups()].into_iter().flatten().collect()
}
