//! Faults of XML, of the schema and of characters.

use super::super::record::{Kind, Record, field};
use super::{Effect, FaultInfo, FileFault, fault};

const fn file(id: &'static str, what: FileFault) -> FaultInfo {
    fault(id, Effect::File(what))
}

const LABEL: &str = "GARGroupeLibelle";
const BIRTH: &str = "GARPersonDateNaissance";

fn group_label(record: &mut Record, change: fn(&str) -> String) -> bool {
    let Some(text) = record.get(LABEL).map(change) else { return false };
    record.set(LABEL, text)
}

fn exchange(record: &mut Record, one: &str, other: &str) -> bool {
    let place = |name| record.fields.iter().position(|f| f.name == name);
    let (Some(a), Some(b)) = (place(one), place(other)) else { return false };
    record.fields.swap(a, b);
    true
}

/// Puts something after the first tag of a record.
fn insert(xml: &mut String, text: &str) -> bool {
    let Some(end) = xml.find('\n') else { return false };
    xml.insert_str(end, text);
    true
}

/// Gives the first element of that name an attribute.
fn attribute(xml: &mut String, element: &str, text: &str) -> bool {
    let Some(start) = xml.find(element) else { return false };
    xml.insert_str(start + element.len(), text);
    true
}

/// Puts something before the first tag of that form.
fn before(xml: &mut String, tag: &str, text: &str) -> bool {
    let Some(start) = xml.find(tag) else { return false };
    xml.insert_str(start, text);
    true
}

const XSI: &str = " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        file("xml-mal-forme", FileFault::Malformed),
        file("xml-tronque", FileFault::Truncated),
        file("encodage-menteur", FileFault::LyingEncoding),
        file("encodage-autre", FileFault::OtherEncoding),
        file("espace-de-noms", FileFault::OtherNamespace),
        file("prefixe-non-declare", FileFault::OtherPrefix),
        file("racine-inconnue", FileFault::OtherRoot),
        file("version-absente", FileFault::NoVersion),
        file("version-vide", FileFault::EmptyVersion),
        fault("element-inconnu", Effect::Change(Kind::Eleve, |r, _| r.put_after(&[BIRTH], field("GARPersonSurnom", "Zou")))),
        fault("element-absent", Effect::Change(Kind::Enseignant, |r, _| r.remove("GARPersonAutresPrenoms"))),
        fault("elements-desordre", Effect::Change(Kind::Enseignant, |r, _| exchange(r, "GARPersonNom", "GARPersonPrenom"))),
        fault("fiches-desordre", Effect::Late(Kind::Groupe)),
        fault("libelle-long", Effect::Change(Kind::Groupe, |r, _| group_label(r, |_| "CLASSE ".repeat(40)))),
        fault("date-impossible", Effect::Change(Kind::Eleve, |r, _| r.set(BIRTH, "2015-02-30"))),
        fault("date-vide", Effect::Change(Kind::Eleve, |r, _| r.set(BIRTH, ""))),
        fault("date-francaise", Effect::Change(Kind::Eleve, |r, _| r.set(BIRTH, "28/02/2015"))),
        fault(
            "date-espaces",
            Effect::Change(Kind::Eleve, |r, _| {
                let Some(text) = r.get(BIRTH).map(|d| format!(" {d} ")) else { return false };
                r.set(BIRTH, text)
            }),
        ),
        fault("cle-repetee", Effect::Add(Kind::EnsGroupeMatiere, 1, |r, _| Some(r.clone()))).second_degree(),
        fault("cle-repetee-niveau", Effect::Add(Kind::EleveMef, 1, |r, _| Some(r.clone()))).first_degree(),
        fault("libelle-vide", Effect::Change(Kind::Groupe, |r, _| group_label(r, |_| String::new()))),
        fault(
            "code-espaces",
            Effect::Change(Kind::Enseignant, |r, _| {
                let Some(last) = r.fields.iter_mut().find(|f| f.name.ends_with("Postes")).and_then(|f| f.inner.last_mut()) else {
                    return false;
                };
                last.1.push(' ');
                true
            }),
        ),
        fault("attribut-etranger", Effect::Bytes(Kind::RespAff, |x| attribute(x, "<men:GARRespAff", " id=\"1\""))),
        fault("texte-perdu", Effect::Bytes(Kind::RespAff, |x| insert(x, "chef"))),
        file("texte-perdu-racine", FileFault::StrayText),
        fault("xsi-nil", Effect::Bytes(Kind::RespAff, |x| attribute(x, "<men:GARPersonCivilite", &format!("{XSI} xsi:nil=\"true\"")))),
        fault(
            "xsi-type",
            Effect::Bytes(Kind::RespAff, |x| attribute(x, "<men:GARPersonCivilite", &format!("{XSI} xsi:type=\"men:civilite\""))),
        ),
        file("doctype", FileFault::Doctype),
        file("doctype-entite", FileFault::Entity),
        file("encodage-inconnu", FileFault::UnknownEncoding),
        fault("entite-inconnue", Effect::Bytes(Kind::RespAff, |x| before(x, "</men:GARPersonNom>", "&eacute;"))),
        fault("caractere-commande", Effect::Change(Kind::Groupe, |r, _| group_label(r, |l| format!("{l}\u{81}")))),
        fault("caractere-remplacement", Effect::Change(Kind::Groupe, |r, _| group_label(r, |l| format!("{l} \u{fffd}")))),
        fault("mojibake", Effect::Change(Kind::Groupe, |r, _| group_label(r, |l| format!("{l} RENFORCÃ©E")))),
    ]
}
