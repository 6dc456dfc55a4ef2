//! Faults of requests and of the XML they are written in.

use memchr::memmem;

use super::super::record::{Kind, Request};
use super::{Effect, FaultInfo, copies, fault, record};

/// Changes the XML of one request of staff: nobody refers to staff.
fn xml(id: &'static str, change: fn(&mut Vec<u8>) -> bool) -> FaultInfo {
    fault(id, Effect::Bytes(Kind::Staff, change))
}

fn replace(request: &mut Vec<u8>, from: &str, to: &[u8]) -> bool {
    let Some(at) = memmem::find(request, from.as_bytes()) else { return false };
    request.splice(at..at + from.len(), to.iter().copied());
    true
}

/// Puts something in front of the first name (which is free text in both degrees).
fn in_text(request: &mut Vec<u8>, what: &[u8]) -> bool {
    let found = ["name=\"givenName\"", "name=\"ENTPersonPrenom\""].iter().find_map(|n| memmem::find(request, n.as_bytes()));
    let Some(value) = found.and_then(|at| memmem::find(&request[at..], b"<value>").map(|v| at + v + 7)) else { return false };
    request.splice(value..value, what.iter().copied());
    true
}

fn swap_identifier(request: &mut Vec<u8>) -> bool {
    let (Some(first), Some(end)) = (memmem::find(request, b"<operationalAttributes>"), memmem::find(request, b"<identifier>")) else {
        return false;
    };
    let operational: Vec<u8> = request.drain(first..end).collect();
    let Some(after) = memmem::find(request, b"</identifier>\n").map(|at| at + 14) else { return false };
    request.splice(after..after, operational);
    true
}

fn drop_between(request: &mut Vec<u8>, from: &str, to: &str) -> bool {
    let Some(first) = memmem::find(request, from.as_bytes()) else { return false };
    let Some(end) = memmem::find(&request[first..], to.as_bytes()).map(|at| first + at + to.len()) else { return false };
    request.drain(first..end);
    true
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        record("jointure-differente", Kind::Staff, 2, |e| {
            e.id.push('9');
            true
        }),
        record("structure-jointure-differente", Kind::Etab, 1, |e| {
            e.id.push('9');
            true
        }),
        record("mef-jointure-differente", Kind::Mef, 1, |e| {
            e.id.replace_range(..1, "9");
            true
        })
        .second_degree(),
        record("matiere-jointure-differente", Kind::Matiere, 1, |e| {
            e.id.replace_range(..1, "9");
            true
        })
        .second_degree(),
        record("eleve-jointure-absente", Kind::Eleve, 1, |e| e.clear(&["ENTPersonJointure"])),
        record("responsable-jointure-absente", Kind::Relative, 1, |e| e.clear(&["ENTPersonJointure"])),
        record("structure-jointure-absente", Kind::Etab, 1, |e| e.clear(&["ENTStructureJointure"])),
        record("eleve-identifiant-forme", Kind::Eleve, 1, |e| e.rename("ELEVE-12")),
        record("responsable-identifiant-forme", Kind::Relative, 1, |e| e.rename("RESPONSABLE-12")),
        record("identifiant-responsable-personnel", Kind::Staff, 1, |e| {
            let relative = e.relative.clone();
            e.rename(&relative)
        }),
        record("jointure-absente", Kind::Staff, 2, |e| e.clear(&["ENTPersonJointure"])),
        record("identifiant-forme", Kind::Staff, 1, |e| e.rename("PERSONNEL-12")),
        record("identifiant-vide", Kind::Staff, 1, |e| {
            e.id.clear();
            true
        }),
        record("categorie-inconnue", Kind::Staff, 1, |e| {
            e.operational.1 = "PersTerritoriale".to_owned();
            true
        }),
        record("categorie-autre-fichier", Kind::Staff, 1, |e| {
            e.operational.1 = "PersRelEleve".to_owned();
            true
        }),
        record("attribut-operationnel", Kind::Staff, 1, |e| {
            e.operational.0 = "categorieStructure".to_owned();
            true
        }),
        record("attribut-repete", Kind::Staff, 2, |e| e.append("ENTPersonNomPatro", &["AUTRE"])),
        record("valeur-vide-melee", Kind::Staff, 2, |e| e.add(&["ENTPersonFonctions"], "")),
        record("identifiant-eleve-adulte", Kind::Relative, 1, |e| {
            let pupil = e.named(&["ENTAuxPersRelEleveEleve", "ENTPersRelEleveEleve"]).and_then(|n| e.first(n)).cloned();
            pupil.is_some_and(|id| e.rename(&id))
        }),
        copies("identifiant-double", Kind::Staff, 2),
        copies("eleve-double", Kind::Eleve, 2),
        copies("responsable-double", Kind::Relative, 2),
        copies("responsable-absent", Kind::Relative, 0),
        record("complet-modification", Kind::Staff, 1, |e| {
            e.request = Request::Modify;
            true
        }),
        record("complet-suppression", Kind::Staff, 1, |e| {
            e.request = Request::Delete;
            true
        }),
        xml("ordre-dtd", swap_identifier),
        xml("element-inconnu", |r| replace(r, "<attributes>\n", b"<attributes>\n<commentaire>ajout</commentaire>\n")),
        xml("element-manquant", |r| drop_between(r, "<operationalAttributes>", "</operationalAttributes>\n")),
        xml("element-repete", |r| replace(r, "<identifier>", b"<identifier><id>1</id></identifier>\n<identifier>")),
        xml("attribut-xml", |r| replace(r, "<addRequest>", b"<addRequest source=\"annuaire\">")),
        xml("nom-manquant", |r| replace(r, "<attributes>\n", b"<attributes>\n<attr><value>sans nom</value></attr>\n")),
        xml("element-vide", |r| replace(r, "<attributes>\n", b"<attributes>\n<attr name=\"ENTPersonStructRattachDate\"></attr>\n")),
        xml("texte-isole", |r| replace(r, "<attributes>\n", b"<attributes>\ntexte\n")),
        xml("entite-inconnue", |r| in_text(r, b"&eacute;")),
        xml("caractere-controle", |r| in_text(r, b"&#133;")),
        xml("caractere-remplace", |r| in_text(r, b"&#65533;")),
        xml("mojibake", |r| in_text(r, b"&#195;&#169;")),
        xml("mojibake-octets", |r| in_text(r, b"\xC3\x83\xC2\xA9")),
        xml("encodage-menteur", |r| in_text(r, b"\xE9\xE8 ")),
        record("modification-partielle", Kind::Eleve, 2, |e| {
            let modify = e.request == Request::Modify;
            modify && e.remove(&["sn", "ENTPersonNom", "givenName", "ENTPersonPrenom", "ENTPersonDateNaissance"])
        })
        .delta(),
        record("modification-inconnue", Kind::Staff, 1, |e| e.request == Request::Modify && e.rename("399999999")).delta(),
        record("suppression-inconnue", Kind::Staff, 1, |e| {
            let delete = e.request == Request::Delete;
            if delete {
                "399999998".clone_into(&mut e.id);
            }
            delete
        })
        .delta(),
        record("structure-modifiee", Kind::Etab, 1, |e| {
            e.request = Request::Modify;
            true
        })
        .delta(),
        record("ajout-structure-inconnue", Kind::Eleve, 1, |e| e.request == Request::Add && e.set(&["ENTPersonStructRattach"], "999999"))
            .delta(),
        record("ajout-sans-responsable", Kind::Eleve, 1, |e| {
            e.request == Request::Add && e.clear(&["ENTElevePersRelEleve", "ENTEleveAutoriteParentale"])
        })
        .delta(),
        fault("ajout-responsable-manquant", Effect::Copies(Kind::Relative, 0, |r| r.request == Request::Add)).delta(),
        record("identifiants-decroissants", Kind::Staff, 1, |e| {
            let first = e.memory.is_empty();
            "vu".clone_into(&mut e.memory);
            !first && e.rename("7")
        }),
        record("valeur-demesuree", Kind::Staff, 1, |e| {
            let long = "X".repeat(12_000_000);
            e.set(&["ENTPersonNomPatro"], &long)
        }),
        fault("operation-inconnue", Effect::Bytes(Kind::Eleve, |r| replace(r, "operation=\"replace\"", b"operation=\"delete\""))).delta(),
    ]
}
