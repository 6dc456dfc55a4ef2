//! Faults of responsible persons.

use super::super::record::{Kind, Record};
use super::{Edit, Effect, FaultInfo, fault, record};

const PUPILS: &[&str] = &["ENTAuxPersRelEleveEleve", "ENTPersRelEleveEleve"];
const MOBILE: &[&str] = &["mobile", "ENTPersRelEleveTelMobile"];
const PHONES: &[&str] =
    &["homePhone", "telephoneNumber", "mobile", "ENTPersonTelPerso", "ENTPersRelEleveTelMobile", "ENTPersRelEleveTelPro"];

fn relative(id: &'static str, change: fn(&mut Edit) -> bool) -> FaultInfo {
    record(id, Kind::Relative, 3, change)
}

fn unreachable_by_phone(record: &Record) -> bool {
    record.attributes().filter(|(name, _)| PHONES.contains(name)).all(|(_, mut values)| values.next().is_none())
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        relative("responsable-nom-absent", |e| e.clear(&["sn", "ENTPersonNom"])),
        relative("responsable-prenom-absent", |e| e.clear(&["givenName", "ENTPersonPrenom"])),
        relative("responsable-civilite-inconnue", |e| e.set(&["personalTitle", "ENTPersonCivilite"], "Maître")),
        relative("responsable-civilite-absente", |e| e.clear(&["personalTitle", "ENTPersonCivilite"])),
        relative("responsable-nom-multiple", |e| e.add(&["sn", "ENTPersonNom"], "DUPLICATA")),
        relative("telephone-malforme", |e| e.set(MOBILE, "0639980000 -")),
        relative("mail-malforme", |e| e.set(&["mail", "ENTPersonMail"], "pas une adresse")),
        relative("sms-different", |e| e.set(&["ENTPersonMobileSMS"], "+33 6 39 98 00 00")).second_degree(),
        relative("diffusion-oui", |e| e.set(&["ENTPersonAdresseDiffusion"], "Oui")),
        relative("diffusion-absente", |e| e.clear(&["ENTPersonAdresseDiffusion"])),
        relative("responsable-adresse-lignes", |e| e.shorten(&["ENTPersonAdresse"])),
        relative("responsable-code-postal", |e| e.set(&["ENTPersonCodePostal"], "2A")),
        relative("responsable-naissance-impossible", |e| e.put(&["ENTPersonDateNaissance"], "30/02/1980")).second_degree(),
        relative("responsable-pays", |e| e.set(&["ENTPersonPays"], "France")),
        relative("eleve-forme", |e| e.named(PUPILS).and_then(|n| e.values(n)).map(|v| v.push("ELEVE".to_owned())).is_some()),
        relative("responsable-orphelin", |e| e.clear(PUPILS)),
        relative("eleve-inconnu", |e| e.add(PUPILS, "999999999")),
        relative("attribut-responsable-inconnu", |e| e.append("ENTPersRelProfession", &["INVENTEUR"])),
        fault("responsables-injoignables", Effect::World(Kind::Relative, unreachable_by_phone)),
    ]
}
