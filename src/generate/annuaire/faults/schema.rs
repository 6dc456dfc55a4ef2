//! Faults of classes and attributes.

use super::super::entry::{Entry, Kind};
use super::super::naming::SUFFIX;
use super::extra::{application, more, rendered};
use super::{Effect, FaultInfo, fault};

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        fault(
            "classe-ent-inconnue",
            &["ANN-SCH-CLASSES-ENT"],
            Effect::Extra(|c| more(application(c), |e| e.push("objectClass", "ENTOutil"))),
        ),
        fault(
            "attribut-ent-inconnu",
            &["ANN-SCH-ATTRIBUTS-ENT"],
            Effect::Extra(|c| more(application(c), |e| e.push("ENTApplicationCouleur", "bleu"))),
        ),
        fault(
            "classe-locale",
            &["ANN-SCH-CLASSES-LOCALES"],
            Effect::Extra(|c| more(application(c), |e| e.push("objectClass", "outilLocal"))),
        ),
        fault("nom-absent", &["ANN-SCH-OBLIGATOIRES-NORME"], Effect::Change(Kind::Relative, |e, _| e.remove("sn"))),
        fault("connexion-absente", &["ANN-SCH-OBLIGATOIRES"], Effect::Change(Kind::Relative, |e, _| e.remove("ENTPersonLogin"))),
        fault(
            "attribut-non-admis",
            &["ANN-SCH-PERMIS"],
            Effect::Change(Kind::Relative, |e, _| {
                e.push("ENTEleveRegime", "EXTERNE");
                true
            }),
        ),
        fault(
            "valeur-unique-repetee",
            &["ANN-SCH-UNIQUES"],
            Effect::Change(Kind::Relative, |e, _| {
                e.push("ENTPersonNomPatro", "VALMARD");
                true
            }),
        ),
        fault("indicateur-long", &["ANN-SCH-LONGUEUR"], Effect::Change(Kind::Relative, |e, _| e.set("ENTPersonAdresseDiffusion", "OUI"))),
        fault(
            "deux-natures",
            &["ANN-SCH-STRUCTURELLE-UNIQUE"],
            Effect::Extra(|c| {
                more(application(c), |e| {
                    e.push("objectClass", "organizationalRole");
                    e.push("objectClass", "applicationProcess");
                    e.push("cn", "Outil");
                })
            }),
        ),
        fault(
            "deux-natures-ent",
            &["ANN-SCH-NATURE-UNIQUE"],
            Effect::Extra(|c| {
                more(application(c), |e| {
                    e.push("objectClass", "organizationalRole");
                    e.push("cn", "Outil");
                })
            }),
        ),
        fault(
            "sans-nature",
            &["ANN-SCH-STRUCTURELLE"],
            Effect::Extra(|_| {
                let mut entry = Entry::new(Kind::Branch, format!("uid=divers,ou=applications,{SUFFIX}"), &["top", "uidObject"]);
                entry.push("uid", "divers");
                Some(rendered(&entry))
            }),
        ),
        fault(
            "dn-attendu",
            &["ANN-SCH-DN"],
            Effect::Change(Kind::Relative, |e, _| {
                e.push("ENTAuxPersRelEleveEleve", "LE GRAND FRERE");
                true
            }),
        ),
        fault(
            "contact-en-toutes-lettres",
            &["ANN-SCH-DN-PERSONNES"],
            // All of them: where most are names of entries, one that is not is worse.
            Effect::Every(Kind::School, |e, _| {
                e.remove("ENTStructureContactENT");
                e.push("ENTStructureContactENT", "LE SECRETARIAT");
                true
            }),
        ),
        fault(
            "rattachement-en-toutes-lettres",
            &["ANN-SCH-DN-STRUCTURES"],
            Effect::Change(Kind::Relative, |e, _| {
                e.push("ENTPersonStructRattach", "LE COLLEGE");
                true
            }),
        ),
        fault(
            "membre-en-toutes-lettres",
            &["ANN-SCH-DN-GROUPES"],
            Effect::Change(Kind::Class, |e, _| {
                e.push("member", "LE DELEGUE");
                true
            }),
        ),
        fault("uuid-attendu", &["ANN-SCH-UUID"], Effect::Change(Kind::Pupil, |e, _| e.set("ENTPersonGARIdentifiant", "42"))),
        fault("adresse-accentuee", &["ANN-SCH-ASCII"], Effect::Change(Kind::Relative, |e, _| e.set("mail", "zélie@famille.example"))),
        fault(
            "classe-superieure-tue",
            &["ANN-SCH-SUPERIEURES"],
            Effect::Change(Kind::Relative, |e, _| {
                e.values.retain(|(_, v)| v != "inetOrgPerson");
                true
            }),
        ),
        fault(
            "attribut-deprecie",
            &["ANN-SCH-DEPRECIES"],
            Effect::Change(Kind::Pupil, |e, _| {
                e.push("ENTEleveVilleNaissance", "VALFAU");
                true
            }),
        ),
    ]
}
