//! Faults of the writing of the file.

use super::super::entry::{Kind, encode};
use super::super::naming::SUFFIX;
use super::extra::{application, more, rendered, text};
use super::{Effect, FaultInfo, FileFault, fault};

const DESCRIPTION: &str = "ENTApplicationDesc: Un outil de plus\n";

/// A description of these bytes, in base 64.
fn encoded(bytes: &[u8]) -> String {
    let mut out = Vec::new();
    encode(bytes, &mut out);
    format!("ENTApplicationDesc:: {}\n", String::from_utf8_lossy(&out))
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        fault("ligne-illisible", &["ANN-LDIF-ENTREES"], Effect::Extra(|c| text(c, |t| t.replace(DESCRIPTION, "une ligne sans nom\n")))),
        fault(
            "base64-faux",
            &["ANN-LDIF-ENTREES"],
            Effect::Extra(|c| text(c, |t| t.replace(DESCRIPTION, "ENTApplicationDesc:: RVhF*VBMRQ\n"))),
        ),
        fault("dn-illisible", &["ANN-LDIF-ENTREES"], Effect::Extra(|c| text(c, |t| t.replacen("dn: ENTApplicationId=", "dn: ", 1)))),
        fault(
            "suppression-melee",
            &["ANN-LDIF-ENTREES"],
            Effect::Extra(|_| Some(format!("dn: ENTApplicationId=ancien,ou=applications,{SUFFIX}\nchangetype: delete\n\n").into_bytes())),
        ),
        fault(
            "changetype-add",
            &["ANN-LDIF-AJOUT"],
            Effect::Extra(|c| text(c, |t| t.replacen("objectClass:", "changetype: add\nobjectClass:", 1))),
        ),
        fault(
            "nom-double",
            &["ANN-LDIF-DN-UNIQUE"],
            Effect::Extra(|_| {
                let role = format!("dn: cn=exploitation,{SUFFIX}\nobjectClass: top\nobjectClass: organizationalRole\ncn: exploitation\n\n");
                Some(role.repeat(2).into_bytes())
            }),
        ),
        fault(
            "branche-double",
            &["ANN-LDIF-BRANCHE-UNIQUE"],
            Effect::Extra(|c| Some(rendered(c.facts.all(Kind::Branch).find(|e| e.dn.starts_with("ou=groupes"))?))),
        ),
        fault(
            "parent-absent",
            &["ANN-LDIF-PARENT"],
            Effect::Extra(|c| more(application(c), |e| e.dn = e.dn.replace("ou=applications", "ou=divers,ou=applications"))),
        ),
        fault(
            "rdn-absent",
            &["ANN-LDIF-RDN"],
            Effect::Extra(|c| more(application(c), |e| e.dn.insert_str("ENTApplicationId=".len(), "autre-"))),
        ),
        fault(
            "espace-perdue",
            &["ANN-LDIF-PLI"],
            Effect::Extra(|c| more(application(c), |e| _ = e.change("ENTApplicationId", |id| id.replacen("outil", "out il", 1)))),
        ),
        fault("valeur-vide", &["ANN-LDIF-VIDE"], Effect::Extra(|c| more(application(c), |e| _ = e.set("ENTApplicationDesc", "")))),
        fault(
            "blanc-en-trop",
            &["ANN-LDIF-BLANCS"],
            Effect::Extra(|c| more(application(c), |e| _ = e.set("ENTApplicationDesc", " Outil "))),
        ),
        fault(
            "texte-latin1",
            &["ANN-LDIF-UTF8"],
            Effect::Extra(|c| text(c, |t| t.replace(DESCRIPTION, &encoded(b"Messagerie \xE9lectronique")))),
        ),
        fault(
            "texte-mal-converti",
            &["ANN-LDIF-MOJIBAKE"],
            Effect::Extra(|c| more(application(c), |e| _ = e.set("ENTApplicationDesc", "Messagerie Ã©lectronique"))),
        ),
        fault(
            "valeur-double",
            &["ANN-LDIF-DOUBLONS"],
            Effect::Extra(|c| more(application(c), |e| e.push("ENTApplicationCatego", "OUTILS"))),
        ),
        fault(
            "valeur-ailleurs",
            &["ANN-LDIF-ADRESSES"],
            Effect::Extra(|c| text(c, |t| t.replace(DESCRIPTION, "userPassword:< file:///srv/ent/secret.txt\n"))),
        ),
        fault(
            "separation-absente",
            &["ANN-LDIF-SEPARATION"],
            Effect::Extra(|c| {
                text(c, |t| {
                    format!("{}{}", t.trim_end_matches('\n'), "\n") + &t.replace("outil-", "outil-de-").replace("Outil ", "Outil de ")
                })
            }),
        ),
        fault("fins-de-ligne", &["ANN-LDIF-FINS-LIGNE"], Effect::File(FileFault::CarriageReturns)),
        fault("version-autre", &["ANN-LDIF-VERSION"], Effect::File(FileFault::OtherVersion)),
        fault(
            "utf-16",
            &["ANN-LDIF-ENCODAGE-CONNU", "ANN-DIT-VIDE", "ANN-DIT-ELEVES", "ANN-DIT-ENSEIGNANTS", "ANN-DIT-ETABLISSEMENTS"],
            Effect::File(FileFault::Utf16),
        ),
    ]
}
