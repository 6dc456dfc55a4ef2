//! Faults of staff.

use super::super::record::Kind;
use super::{Edit, FaultInfo, record};

const FUNCTIONS: &[&str] = &["ENTPersonFonctions"];
const CLASS_SUBJECTS: &[&str] = &["ENTAuxEnsClassesMatieres"];
const GROUP_SUBJECTS: &[&str] = &["ENTAuxEnsGroupesMatieres"];

fn staff(id: &'static str, change: fn(&mut Edit) -> bool) -> FaultInfo {
    record(id, Kind::Staff, 2, change)
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    let second = [
        staff("presence-oui", |e| e.set(&["PersEducNatPresenceDevantEleves"], "Oui")),
        staff("presence-sans-service", |e| {
            e.filled("ENTAuxEnsClasses").is_none()
                && e.filled("ENTAuxEnsGroupes").is_none()
                && e.set(&["PersEducNatPresenceDevantEleves"], "O")
        }),
        staff("discipline-fonction", |e| {
            e.first(FUNCTIONS[0]).is_some_and(|f| f.contains("$DIR$"))
                && e.field(FUNCTIONS, 3, "L1390")
                && e.field(FUNCTIONS, 4, "MATHEMATIQUES")
        }),
        staff("categorie-discipline-champs", |e| e.shorten(&["ENTAuxEnsCategoDiscipline"])),
        staff("categorie-discipline-inconnue", |e| e.field(&["ENTAuxEnsCategoDiscipline"], 0, "ZZ")),
        staff("categorie-discipline-libelle", |e| e.field(&["ENTAuxEnsCategoDiscipline"], 1, "AUTRE LIBELLE")),
        staff("poste-champs", |e| e.shorten(&["ENTAuxEnsDisciplinesPoste"])),
        staff("poste-autre-categorie", |e| {
            e.field(&["ENTAuxEnsDisciplinesPoste"], 1, "85") && !e.first("ENTAuxEnsCategoDiscipline").is_some_and(|c| c.starts_with("85"))
        }),
        staff("mef-enseigne-champs", |e| e.shorten(&["ENTAuxEnsMEF"])),
        staff("mef-enseigne-inconnu", |e| e.field(&["ENTAuxEnsMEF"], 1, "99999999110")),
        staff("mef-enseigne-libelle", |e| e.field(&["ENTAuxEnsMEF"], 2, "AUTRE LIBELLE")),
        staff("mef-enseigne-structure", |e| e.field(&["ENTAuxEnsMEF"], 0, "999999")),
        staff("matiere-enseignee-champs", |e| e.shorten(&["ENTAuxEnsMatiereEnseignEtab"])),
        staff("matiere-enseignee-inconnue", |e| e.field(&["ENTAuxEnsMatiereEnseignEtab"], 1, "MAGIE")),
        staff("matiere-enseignee-structure", |e| e.field(&["ENTAuxEnsMatiereEnseignEtab"], 0, "999999")),
        staff("classe-enseignee-champs", |e| e.shorten(&["ENTAuxEnsClasses"])),
        staff("enseignement-champs", |e| e.shorten(CLASS_SUBJECTS)),
        staff("matiere-classe-forme", |e| e.field(CLASS_SUBJECTS, 2, "MATHS")),
        staff("matiere-classe-inconnue", |e| e.field(CLASS_SUBJECTS, 2, "999999")),
        staff("matiere-groupe-inconnue", |e| e.field(GROUP_SUBJECTS, 2, "999999")),
        staff("classe-enseignee-inconnue", |e| e.field(CLASS_SUBJECTS, 1, "ZZ99")),
        staff("groupe-enseigne-inconnu", |e| e.field(GROUP_SUBJECTS, 1, "ZZ99GR")),
        staff("classe-enseignee-structure", |e| e.field(CLASS_SUBJECTS, 0, "999999")),
        staff("groupe-enseigne-structure", |e| e.field(GROUP_SUBJECTS, 0, "999999")),
        staff("classes-matieres-decalees", |e| e.filled("ENTAuxEnsClasses").is_some_and(|v| v.pop().is_some())),
        staff("principal-autre-classe", |e| {
            let taught = e.first("ENTAuxEnsClassesPrincipal").cloned();
            taught.is_some_and(|class| {
                let prefix = format!("{class}$");
                let keeps = |v: &mut Vec<String>, drop: &dyn Fn(&str) -> bool| v.retain(|x| !drop(x));
                e.values("ENTAuxEnsClassesMatieres").map(|v| keeps(v, &|x| x.starts_with(&prefix))).is_some()
                    && e.values("ENTAuxEnsClasses").map(|v| keeps(v, &|x| x == class)).is_some()
            })
        }),
        staff("principal-classe-inconnue", |e| e.field(&["ENTAuxEnsClassesPrincipal"], 1, "ZZ99")),
        staff("direction-inconnue", |e| e.append("ENTEnsFonctionDir", &["999999"])),
    ];
    let first = [
        staff("specialites-decalees", |e| e.add(&["ENTEnsSpecialites"], "G0000$SANS SPECIALITE")),
        staff("specialite-champs", |e| e.shorten(&["ENTEnsSpecialites"])),
        staff("specialite-inconnue", |e| e.field(&["ENTEnsSpecialites"], 0, "G9999")),
        staff("specialite-libelle", |e| e.field(&["ENTEnsSpecialites"], 1, "AUTRE LIBELLE")),
        staff("directeur-sans-fonction", |e| {
            e.filled("ENTEnsFonctionDir").is_some() && e.field(FUNCTIONS, 3, "G0000") && e.field(FUNCTIONS, 4, "SANS SPECIALITE")
        }),
        staff("direction-ecole-inconnue", |e| e.set(&["ENTEnsFonctionDir"], "999999")),
        staff("rattachement-hors-fonctions", |e| {
            let office = e.office.clone();
            e.first(FUNCTIONS[0]).is_some_and(|f| !f.starts_with(&office)) && e.set(&["ENTPersonStructRattach"], &office)
        }),
        staff("specialites-absentes", |e| e.clear(&["ENTEnsSpecialites"])),
    ];
    let both = [
        staff("personnel-nom-absent", |e| e.clear(&["sn", "ENTPersonNom"])),
        staff("personnel-nom-naissance-absent", |e| e.clear(&["ENTPersonNomPatro"])),
        staff("personnel-nom-multiple", |e| e.add(&["sn", "ENTPersonNom"], "DUPLICATA")),
        staff("personnel-civilite-inconnue", |e| e.set(&["personalTitle", "ENTPersonCivilite"], "Prof.")),
        staff("personnel-mail-malforme", |e| e.set(&["mail", "ENTPersonMail"], "pas une adresse")),
        staff("personnel-civilite-absente", |e| e.clear(&["personalTitle", "ENTPersonCivilite"])),
        staff("personnel-mail-absent", |e| e.clear(&["mail", "ENTPersonMail"])),
        staff("personnel-date-absente", |e| e.clear(&["ENTPersonDateNaissance"])),
        staff("personnel-date-impossible", |e| e.set(&["ENTPersonDateNaissance"], "00/13/1980")),
        staff("personnel-age", |e| e.set(&["ENTPersonDateNaissance"], "01/05/2015")),
        staff("personnel-sans-affectation", |e| e.clear(&["ENTPersonStructRattach"]) && e.clear(FUNCTIONS)),
        staff("personnel-structure-inconnue", |e| e.set(&["ENTPersonStructRattach"], "999999")),
        staff("fonction-champs", |e| e.shorten(FUNCTIONS)),
        staff("fonction-inconnue", |e| e.field(FUNCTIONS, 1, "ZZZ")),
        staff("fonction-libelle", |e| e.first(FUNCTIONS[0]).is_some_and(|f| f.contains("$ENS$")) && e.field(FUNCTIONS, 2, "AUTRE LIBELLE")),
        staff("fonction-structure-inconnue", |e| e.field(FUNCTIONS, 0, "999999")),
        staff("discipline-malformee", |e| e.field(FUNCTIONS, 3, "MATHS")),
        staff("discipline-libelle", |e| {
            e.first(FUNCTIONS[0]).is_some_and(|f| !f.contains("$-$")) && e.field(FUNCTIONS, 4, "AUTRE LIBELLE")
        }),
        staff("categorie-enseignant-absente", |e| e.clear(&["ENTPersonCategorieEnseignant"])),
        staff("categorie-enseignant-oui", |e| e.set(&["ENTPersonCategorieEnseignant"], "Oui")),
        staff("enseignant-non-declare", |e| {
            e.first(FUNCTIONS[0]).is_some_and(|f| f.contains("$ENS$")) && e.set(&["ENTPersonCategorieEnseignant"], "N")
        }),
        staff("attribut-personnel-inconnu", |e| e.append("ENTPersonGrade", &["PREMIER"])),
    ];
    let second = second.into_iter().map(FaultInfo::second_degree);
    both.into_iter().chain(second).chain(first.into_iter().map(FaultInfo::first_degree)).collect()
}
