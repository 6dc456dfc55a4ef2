//! Faults of curricula and subjects.

use super::super::record::Kind;
use super::{Edit, FaultInfo, copies, record};

fn mef(id: &'static str, change: fn(&mut Edit) -> bool) -> FaultInfo {
    record(id, Kind::Mef, 1, change).second_degree()
}

fn subject(id: &'static str, change: fn(&mut Edit) -> bool) -> FaultInfo {
    record(id, Kind::Matiere, 1, change).second_degree()
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        mef("mef-annee", |e| e.id.starts_with("24190240220") && e.rename("24190240120")),
        mef("mef-forme", |e| e.rename("6EME")),
        mef("mef-libelle-vide", |e| e.clear(&["ENTLibelleMef"])),
        mef("mef-libelle-long", |e| e.set(&["ENTLibelleMef"], "SIXIEME GENERALE ET TECHNOLOGIQUE ADAPTEE AUX VOYAGES")),
        mef("mef-libelle-double", |e| e.repeat(&["ENTLibelleMef"])),
        mef("mef-rattachement-absent", |e| e.clear(&["ENTMEFRattach"])),
        mef("mef-rattachement-inconnu", |e| e.set(&["ENTMEFRattach"], "99999999110")),
        mef("mef-rattachement-autre", |e| e.repeat(&["ENTMEFRattach"])),
        mef("mef-rattachement-forme", |e| e.set(&["ENTMEFRattach"], "6EME")),
        mef("mef-rattachement-chaine", |e| e.id.ends_with("1330") && e.set(&["ENTMEFRattach"], "1019001133A")),
        mef("mef-stat11-forme", |e| e.set(&["ENTMEFSTAT11"], "2110")),
        mef("mef-stat11-absent", |e| e.clear(&["ENTMEFSTAT11"])),
        mef("mef-stat11-specialite", |e| e.set(&["ENTMEFSTAT11"], "21100199999")),
        mef("mef-niveau-absent", |e| e.clear(&["ENTNivFormation"])),
        mef("mef-filiere-absente", |e| e.clear(&["ENTFiliere"])),
        mef("mef-multiple", |e| e.add(&["ENTLibelleMef"], "AUTRE LIBELLE")),
        mef("attribut-mef-inconnu", |e| e.append("ENTMefCouleur", &["BLEU"])),
        copies("mef-double", Kind::Mef, 2).second_degree(),
        subject("matiere-forme", |e| e.rename("FRANCAIS")),
        subject("matiere-libelle-vide", |e| e.clear(&["ENTLibelleMatiere"])),
        subject("matiere-libelle-long", |e| e.set(&["ENTLibelleMatiere"], "FRANCAIS, LATIN, GREC ET AUTRES LANGUES ANCIENNES")),
        subject("matiere-libelle-double", |e| e.repeat(&["ENTLibelleMatiere"])),
        subject("matiere-rattachement-inconnu", |e| e.set(&["ENTMatiereRattach"], "999999")),
        subject("matiere-rattachement-forme", |e| e.set(&["ENTMatiereRattach"], "FRANCAIS")),
        subject("matiere-multiple", |e| e.add(&["ENTLibelleMatiere"], "AUTRE LIBELLE")),
        subject("attribut-matiere-inconnu", |e| e.append("ENTMatiereCouleur", &["BLEU"])),
        copies("matiere-double", Kind::Matiere, 2).second_degree(),
    ]
}
