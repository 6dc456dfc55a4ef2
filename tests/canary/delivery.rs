//! Deliveries in which every attribute of every kind holds a canary, in every form a value can take.

use std::fmt::Write as _;
use std::path::Path;

use conforment::rules::set::RuleSet;

/// One variant a record: what each attribute of that record holds.
const VARIANTS: &[&[&str]] = &[
    &["QZANARI Zoë"],
    &["Qzanàri"],
    &["QZANARI"],
    &["17/03/1913"],
    &["+33 6 98 76 54 32"],
    &["zoe.qzanari@famille.example"],
    &["918273645QZ"],
    &["8273645901"],
    &["0698765432"],
    &["QZANARI$QZANARI$QZANARI$QZANARI$QZANARI$QZANARI"],
    &["1000$QZANARI"],
    &["1000$QZANARI$10010012110"],
    &["1000$8273645$QZANARI$L0100$QZANARI"],
    &["8273645901$QZANARI$1$1$1$1"],
    &["8273645901$1$1$1$1$1"],
    &["1000$17/03/1913$QZANARI"],
    &["QZANARI$DOCUMENTATION$D0010$QZANARI"],
    &["12 RUE QZANARI$$$13000 QZANARI"],
    &["QZANARI", "QZANARI", "QZANARI"],
    &["QZANARI", "17/03/1913", "918273645QZ"],
    &[""],
];

/// Category, operational attribute, its value, code list of the attributes.
const CATEGORIES: [(&str, &str, &str); 6] = [
    ("EtabEducNat", "categorieStructure", "EtabEducNat"),
    ("MefEducNat", "categorieMef", "MefEducNat"),
    ("MatiereEducNat", "categorieMatiere", "MatEducNat"),
    ("PersRelEleve", "categoriePersonne", "PersRelEleve"),
    ("Eleve", "categoriePersonne", "Eleve"),
    ("PersEducNat", "categoriePersonne", "PersEducNat"),
];

const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE ficAlimMENESR SYSTEM \"QZANARI.dtd\">\n<ficAlimMENESR>\n\
<!-- versionAF=\"QZANARI Zoe\" -->\n<!-- versionSDET=\"Annexe QZANARI 8273645\" -->\n<!-- codeAcademieExport=\"QZANARI\" -->\n\
<!-- dateGenerationExport=\"17/03/1913\" -->\n<!-- élève : Qzanàri Zoé, 918273645QZ -->\n";

/// Writes a delivery; the number of canaries in it.
pub fn write(dir: &Path, set: &RuleSet, degree: &str) -> usize {
    std::fs::create_dir_all(dir).unwrap();
    let mut written = 0;
    for (category, operational, value) in CATEGORIES {
        let list = |suffix: &str| set.nomenclatures.get(&format!("attributs-{}{suffix}", category.to_lowercase()));
        let Some(list) = list(&format!("-{degree}")).or_else(|| if degree == "2d" { list("") } else { None }) else { continue };
        let names: Vec<&str> = list.codes.keys().map(String::as_str).collect();
        let mut text = HEADER.to_owned();
        for (i, values) in VARIANTS.iter().enumerate() {
            // The last two share an identifier; one has a name for identifier.
            // That of a structure or a code is public.
            let person = operational == "categoriePersonne";
            let stem = if person { "8273645" } else { "5550" };
            let id = if i == 2 { "QZANARI".to_owned() } else { format!("{stem}{:03}", i.min(VARIANTS.len() - 2)) };
            let operational = if i == 5 {
                format!("<attr name=\"{operational}\"><value>QZANARI</value></attr>")
            } else {
                format!("<attr name=\"{operational}\"><value>{value}</value></attr>")
            };
            open(&mut text, "addRequest", &operational, &id);
            for name in &names {
                attribute(&mut text, name, values);
                written += values.iter().filter(|v| !v.is_empty()).count();
            }
            if i == 0 {
                // Names of attributes that are names of people.
                for name in ["QZANARI", "Qzanàri Zoë", "qzanari.zoe@famille.example", "918273645QZ"] {
                    attribute(&mut text, name, &["QZANARI"]);
                }
            }
            text.push_str("</attributes>\n</addRequest>\n");
        }
        anchors(&mut text, category, operational, value);
        for request in ["modifyRequest", "deleteRequest"] {
            open(&mut text, request, &format!("<attr name=\"{operational}\"><value>{value}</value></attr>"), "8273645999");
            if request == "modifyRequest" {
                attribute(&mut text, names[0], &["QZANARI"]);
            }
            let _ = write!(text, "</attributes>\n</{request}>\n");
        }
        text.push_str("</ficAlimMENESR>\n");
        std::fs::write(dir.join(format!("ENT_Complet_20260901_{category}_0000.xml")), text).unwrap();
    }
    std::fs::write(dir.join("QZANARI Zoë.xml"), "<eleve>QZANARI</eleve>").unwrap();
    std::fs::write(dir.join("QZANARI.md5"), "qzanari  QZANARI.xml\n").unwrap();
    written
}

/// A structure, a MEF and a subject that exist, so that references fail on people and not for want of targets.
fn anchors(text: &mut String, category: &str, operational: &str, value: &str) {
    let (id, jointure) = match category {
        "EtabEducNat" => ("1000", "ENTStructureJointure"),
        "MefEducNat" => ("10010012110", "ENTMefJointure"),
        "MatiereEducNat" => ("061300", "ENTMatJointure"),
        _ => return,
    };
    open(text, "addRequest", &format!("<attr name=\"{operational}\"><value>{value}</value></attr>"), id);
    attribute(text, jointure, &[id]);
    text.push_str("</attributes>\n</addRequest>\n");
}

fn open(text: &mut String, request: &str, operational: &str, id: &str) {
    let _ = write!(
        text,
        "<{request}>\n<operationalAttributes>{operational}</operationalAttributes>\n<identifier><id>{id}</id></identifier>\n<attributes>\n"
    );
}

fn attribute(text: &mut String, name: &str, values: &[&str]) {
    let _ = write!(text, "<attr name=\"{name}\">");
    for value in values {
        let _ = write!(text, "<value>{value}</value>");
    }
    text.push_str("</attr>\n");
}

/// Breaks each file in a way of its own, a canary at the break.
pub fn damage(dir: &Path) {
    let file = |category: &str| dir.join(format!("ENT_Complet_20260901_{category}_0000.xml"));
    let change = |category: &str, f: &dyn Fn(String) -> Vec<u8>| {
        let path = file(category);
        std::fs::write(&path, f(std::fs::read_to_string(&path).unwrap())).unwrap();
    };
    // Cut in the middle of a value.
    change("Eleve", &|text| text.as_bytes()[..text.rfind("QZANARI").unwrap() + 4].to_vec());
    // Elements, XML attributes, text, entities and tags that have no place there.
    change("PersRelEleve", &|text| {
        let text =
            text.replacen("<attributes>", "<qzanari zoe=\"QZANARI\">QZANARI</qzanari>\n<attributes qzanari=\"918273645QZ\">QZANARI", 3);
        text.replacen("<value>QZANARI", "<value>&qzanari;&QZANARI;", 2).into_bytes()
    });
    change("PersEducNat", &|text| text.replacen("</attr>", "</qzanari>", 1).into_bytes());
    // Bytes that are not UTF-8, control characters.
    change("EtabEducNat", &|text| {
        text.replacen("QZANARI", "QZAN\u{1}ARI", 1)
            .replacen("Qzanàri", "Qzan@ri", 1)
            .into_bytes()
            .iter()
            .map(|b| if *b == b'@' { 0xE0 } else { *b })
            .collect()
    });
    change("MefEducNat", &|text| text.replacen("encoding=\"UTF-8\"", "encoding=\"QZANARI\"", 1).into_bytes());
    change("MatiereEducNat", &|text| {
        text.replacen("SYSTEM \"QZANARI.dtd\"", "SYSTEM \"QZANARI.dtd\" [<!ENTITY qzanari \"QZANARI Zoë\">]", 1).into_bytes()
    });
}
