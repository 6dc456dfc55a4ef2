//! Faults of structures.

use super::super::record::{Kind, Record};
use super::{Edit, Effect, FaultInfo, copies, fault, record};

const UAI: &[&str] = &["ENTStructureUAI"];
const SECTOR: &[&str] = &["ENTEtablissementContrat", "ENTEcoleSecteur"];
const POSTAL: &[&str] = &["postalCode", "ENTStructureCodePostal"];
const CLASSES: &[&str] = &["ENTStructureClasses"];
const GROUPS: &[&str] = &["ENTStructureGroupes"];

fn is_school(e: &mut Edit) -> bool {
    e.first("ENTStructureTypeStruct").is_some_and(|t| t != "SANS OBJET" && !t.starts_with("CIRC"))
}

/// The rectorat (2D), a circonscription (1D).
fn has_staff(record: &Record) -> bool {
    record.attributes().any(|(name, mut values)| {
        name == "ENTEtablissementUAI" || name == "ENTStructureTypeStruct" && values.any(|v| v.starts_with("CIRC"))
    })
}

/// A change of one school.
fn school(id: &'static str, change: fn(&mut Edit) -> bool) -> FaultInfo {
    record(id, Kind::Etab, 1, change)
}

fn both_uai(e: &mut Edit, value: &str) -> bool {
    let value = value.to_owned();
    e.put(&["ENTEtablissementUAI"], &value);
    e.set(UAI, &value)
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    let both = [
        school("uai-cle", |e| {
            let Some(uai) = e.first(UAI[0]).cloned().filter(|_| is_school(e)) else { return false };
            let wrong = if uai.ends_with('A') { 'B' } else { 'A' };
            both_uai(e, &format!("{}{wrong}", &uai[..7]))
        }),
        school("uai-cle-bureau", |e| {
            let Some(uai) = e.first(UAI[0]).cloned().filter(|_| !is_school(e)) else { return false };
            let wrong = if uai.ends_with('A') { 'B' } else { 'A' };
            both_uai(e, &format!("{}{wrong}", &uai[..7]))
        }),
        school("uai-forme", |e| is_school(e) && both_uai(e, "20123")),
        school("uai-absent", |e| is_school(e) && e.clear(UAI)),
        school("uai-double", |e| {
            let memory = std::mem::take(&mut e.memory);
            if memory.is_empty() {
                e.memory = e.first(UAI[0]).cloned().unwrap_or_default();
                return false;
            }
            both_uai(e, &memory)
        }),
        school("siret-luhn", |e| e.set(&["ENTStructureSIREN"], "10000000000000")),
        school("siret-double", |e| e.repeat(&["ENTStructureSIREN"])),
        school("contrat-inconnu", |e| e.set(SECTOR, "OO")),
        school("contrat-absent", |e| is_school(e) && e.clear(SECTOR)),
        school("structure-nom-absent", |e| e.clear(&["ENTStructureNomCourant"])),
        school("structure-nom-parties", |e| e.set(&["ENTStructureNomCourant"], "CLG-BELLEVUE-ac-CORSE")),
        school("structure-type-absent", |e| e.clear(&["ENTStructureTypeStruct"])),
        school("structure-type-inconnu", |e| is_school(e) && e.set(&["ENTStructureTypeStruct"], "ECOLE BUISSONNIERE")),
        school("tutelle-inconnue", |e| {
            e.set(&["ENTEtablissementMinistereTutelle", "ENTEcoleMinistereTutelle"], "MINISTERE DU TEMPS LIBRE")
        }),
        school("tutelle-absente", |e| is_school(e) && e.clear(&["ENTEtablissementMinistereTutelle", "ENTEcoleMinistereTutelle"])),
        school("academie-absente", |e| e.clear(&["ENTServAcAcademie"])),
        school("academie-inconnue", |e| e.set(&["ENTServAcAcademie"], "ATLANTIDE")),
        school("structure-code-postal", |e| e.set(POSTAL, "20-01")),
        school("structure-ville-absente", |e| is_school(e) && e.clear(&["l", "ENTStructureVille"])),
        school("structure-telephone", |e| e.set(&["telephoneNumber", "ENTStructureTelephone"], "04.65")),
        school("structure-mail", |e| e.set(&["ENTStructureMailSI"], "ce.0200000x")),
        school("structure-nom-multiple", |e| e.add(&["ENTStructureTypeStruct"], "COLLEGE")),
        school("attribut-structure-inconnu", |e| e.append("ENTStructureDevise", &["LIBERTE"])),
        copies("structure-double", Kind::Etab, 2),
        fault("structure-manquante", Effect::Copies(Kind::Etab, 0, has_staff)),
    ];
    let second = [
        school("uai-etablissement-absent", |e| e.clear(&["ENTEtablissementUAI"])),
        school("uai-differentes", |e| e.set(&["ENTEtablissementUAI"], "0951099D")),
        school("rattachement-inconnu", |e| e.put(&["ENTEtablissementStructRattachFctl"], "999999")),
        school("bassin-forme", |e| e.set(&["ENTEtablissementBassin"], "BASSIN")),
        school("classe-declaree-champs", |e| e.set(CLASSES, "6EA")),
        school("classe-declaree-mef-forme", |e| e.field(CLASSES, 2, "6EME")),
        school("classe-declaree-mef-inconnu", |e| e.field(CLASSES, 2, "99999999110")),
        school("classe-declaree-double", |e| {
            let again = e.first(CLASSES[0]).cloned();
            again.is_some_and(|v| e.add(CLASSES, &v))
        }),
        school("classe-declaree-longue", |e| e.add(CLASSES, "CLASSE-TRES-LONGUE$$10090010110")),
        school("groupe-declare-champs", |e| e.add(GROUPS, "GROUPE")),
        school("groupe-sans-classe", |e| e.add(GROUPS, "ATELIER$ATELIER THEATRE$")),
        school("groupe-classe-inconnue", |e| e.add(GROUPS, "ATELIER$ATELIER THEATRE$ZZ99")),
    ];
    let first = [
        school("siret-absent", |e| e.clear(&["ENTStructureSIREN"])),
        school("structure-mail-absent", |e| e.clear(&["ENTStructureMailSI"])),
        school("circonscription-absente", |e| is_school(e) && e.clear(&["ENTEcoleCirconscription"])),
        school("circonscription-inconnue", |e| e.set(&["ENTEcoleCirconscription"], "999999")),
        school("commune-absente", |e| e.clear(&["ENTEcoleCommune"])),
        school("commune-champs", |e| e.shorten(&["ENTEcoleCommune"])),
        school("commune-departement", |e| e.field(&["ENTEcoleCommune"], 2, "013") && e.field(&["ENTEcoleCommune"], 0, "13001")),
        school("commune-insee", |e| e.field(&["ENTEcoleCommune"], 0, "13001")),
        school("rpi-forme", |e| e.put(&["ENTEcoleRPI"], "RPI DES VALLEES")),
        school("rpi-departement", |e| e.put(&["ENTEcoleRPI"], "013001$RPI DES VALLEES$020")),
    ];
    let second = second.into_iter().map(FaultInfo::second_degree);
    both.into_iter().chain(second).chain(first.into_iter().map(FaultInfo::first_degree)).collect()
}
