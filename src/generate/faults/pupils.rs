//! Faults of pupils.

use super::super::Degree;
use super::super::record::{Kind, Record};
use super::{Edit, Effect, FaultInfo, fault, record};

const NAME: &[&str] = &["sn", "ENTPersonNom"];
const CIVILITY: &[&str] = &["personalTitle", "ENTPersonCivilite"];
const BIRTH: &[&str] = &["ENTPersonDateNaissance"];
const LINKS: &[&str] = &["ENTElevePersRelEleve", "ENTEleveAutoriteParentale"];
const CLASSES: &[&str] = &["ENTEleveClasses", "ENTPersonClasses"];

fn pupil(id: &'static str, change: fn(&mut Edit) -> bool) -> FaultInfo {
    record(id, Kind::Eleve, 3, change)
}

fn has_none(record: &Record, names: &[&str]) -> bool {
    record.attributes().any(|(name, mut values)| names.contains(&name) && values.next().is_none())
}

/// Faults seen in one record.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        pupil("ine-forme", |e| e.set(&["ENTEleveINE"], &format!("{}AB", e.id))),
        pupil("ine-cle", |e| e.set(&["ENTEleveINE"], &format!("{:0>10}I", e.id))),
        pupil("ine-absent", |e| e.clear(&["ENTEleveINE"])),
        record("ine-double", Kind::Eleve, 1, |e| e.repeat(&["ENTEleveINE"])),
        record("numero-eleve-double", Kind::Eleve, 1, |e| e.repeat(&["ENTEleveStructRattachId"])).second_degree(),
        pupil("numero-eleve-absent", |e| e.clear(&["ENTEleveStructRattachId"])).second_degree(),
        pupil("numero-eleve-forme", |e| e.set(&["ENTEleveStructRattachId"], &format!("A-{}", e.id))).second_degree(),
        pupil("date-impossible", |e| e.set(BIRTH, "31/02/2012")),
        pupil("date-future", |e| e.set(BIRTH, "01/01/2099")),
        pupil("date-absente", |e| e.clear(BIRTH)),
        pupil("age-eleve", |e| e.set(BIRTH, "05/03/1950")),
        pupil("nom-absent", |e| e.clear(NAME)),
        pupil("prenom-absent", |e| e.clear(&["givenName", "ENTPersonPrenom"])),
        pupil("nom-naissance-absent", |e| e.clear(&["ENTPersonNomPatro"])),
        pupil("nom-multiple", |e| e.add(NAME, "DUPLICATA")),
        pupil("civilite-absente", |e| e.clear(CIVILITY)),
        pupil("civilite-inconnue", |e| e.set(CIVILITY, "Dr")),
        pupil("boursier-oui", |e| e.set(&["ENTEleveBoursier"], "Oui")).second_degree(),
        pupil("boursier-absent", |e| e.clear(&["ENTEleveBoursier"])).second_degree(),
        pupil("regime-inconnu", |e| e.set(&["ENTEleveRegime"], "AU PAIR")).second_degree(),
        pupil("regime-absent", |e| e.clear(&["ENTEleveRegime"])).second_degree(),
        pupil("transport-absent", |e| e.clear(&["ENTEleveTransport"])).second_degree(),
        pupil("statut-inconnu", |e| e.set(&["ENTEleveStatutEleve"], "AUDITEUR LIBRE")).second_degree(),
        pupil("statut-absent", |e| e.clear(&["ENTEleveStatutEleve"])).second_degree(),
        pupil("adresse-trois-lignes", |e| e.shorten(&["ENTPersonAdresse"])).second_degree(),
        pupil("code-postal", |e| e.set(&["ENTPersonCodePostal"], "20-01")).second_degree(),
        pupil("mef-absent", |e| e.clear(&["ENTEleveMEF"])).second_degree(),
        pupil("mef-libelle-absent", |e| e.clear(&["ENTEleveLibelleMEF"])).second_degree(),
        pupil("niveau-formation-absent", |e| e.clear(&["ENTEleveNivFormation"])).second_degree(),
        pupil("filiere-absente", |e| e.clear(&["ENTEleveFiliere"])).second_degree(),
        pupil("mef-eleve-forme", |e| e.set(&["ENTEleveMEF"], "6EME")).second_degree(),
        pupil("codes-enseignements-decales", |e| e.values("ENTEleveCodeEnseignements").is_some_and(|v| v.pop().is_some())).second_degree(),
        pupil("enseignement-double", double_subject).second_degree(),
        pupil("enseignements-absents", |e| e.clear(&["ENTEleveEnseignements"]) && e.clear(&["ENTEleveCodeEnseignements"])).second_degree(),
        pupil("matiere-eleve-forme", |e| e.set_in("ENTEleveCodeEnseignements", "MATHS")).second_degree(),
        pupil("classe-absente", |e| e.clear(CLASSES)),
        pupil("classe-champs", |e| e.shorten(CLASSES)),
        pupil("classe-double", |e| {
            let same = e.named(CLASSES).and_then(|n| e.first(n)).map(|c| format!("{c}X"));
            same.is_some_and(|c| e.add(CLASSES, &c))
        }),
        pupil("groupe-champs", |e| match e.degree {
            Degree::D2 => e.shorten(&["ENTEleveGroupes"]),
            Degree::D1 => group(e, "$40$REGROUPEMENT$199999"),
        }),
        pupil("structure-absente", |e| e.clear(&["ENTPersonStructRattach"])),
        pupil("date-entree-champs", |e| e.shorten(&["ENTEleveDateEntreeClasses"])),
        pupil("date-entree-impossible", |e| e.field(&["ENTEleveDateEntreeClasses"], 1, "31/09/2026")),
        pupil("attribut-eleve-inconnu", |e| e.append("ENTEleveCouleurCartable", &["BLEU"])),
        pupil("service-oui", |e| e.set(&["ENTEleveRestaurantScolaire"], "Oui")).first_degree(),
        pupil("service-absent", |e| e.clear(&["ENTEleveGarderieMatin"])).first_degree(),
        pupil("niveau-absent", |e| e.clear(&["ENTEleveNiveau"])).first_degree(),
        pupil("niveau-inconnu", |e| e.set(&["ENTEleveNiveau"], "1199$SIXIEME")).first_degree(),
        pupil("niveau-libelle", |e| e.field(&["ENTEleveNiveau"], 1, "NIVEAU")).first_degree(),
        pupil("niveau-champs", |e| e.shorten(&["ENTEleveNiveau"])).first_degree(),
        pupil("cycle-absent", |e| e.clear(&["ENTEleveCycle"])).first_degree(),
        pupil("cycle-incoherent", wrong_cycle).first_degree(),
        pupil("cycle-inconnu", |e| e.set(&["ENTEleveCycle"], "9$CYCLE IX")).first_degree(),
        pupil("type-classe-absent", |e| e.clear(&["ENTEleveTypeClasse"])).first_degree(),
        pupil("type-classe-inconnu", |e| e.set(&["ENTEleveTypeClasse"], "99$EXTRAORDINAIRE")).first_degree(),
        pupil("structure-eleve-forme", |e| e.set(&["ENTPersonStructRattach"], "MON ECOLE")),
        pupil("eleve-mail-malforme", |e| e.append(if e.degree == Degree::D2 { "mail" } else { "ENTPersonMail" }, &["pas une adresse"])),
        pupil("eleve-telephone-malforme", |e| e.append("homePhone", &["0639980000 -"])).second_degree(),
        pupil("parents-obsoletes", |e| {
            let parent = e.first("ENTElevePersRelEleve").and_then(|l| l.split('$').next().map(str::to_owned));
            parent.is_some_and(|id| e.append("ENTEleveParents", &[&id]))
        })
        .second_degree(),
        pupil("parents-incoherents", |e| e.append("ENTElevePere", &["999999999"])).second_degree(),
        pupil("adresse-responsable-forme", |e| e.set(&["ENTEleveAdresseRel"], "CHEZ SA MERE")).second_degree(),
        pupil("date-rattachement-impossible", |e| e.append("ENTEleveDateEntreeStructRattach", &["31/09/2026"])),
        pupil("date-entree-absente", |e| e.clear(&["ENTEleveDateEntreeClasses"])).first_degree(),
        pupil("classe-nom-long", |e| e.name_class("LA CLASSE DES ELEVES QUI ONT CHOISI UN NOM VRAIMENT BEAUCOUP TROP LONG")).first_degree(),
        record("classe-nom-personne", Kind::Eleve, 1, |e| e.name_class("CLASSE DE MME X")).first_degree(),
        pupil("groupe-deux-noms", |e| {
            let name = format!("$40$REGROUPEMENT$199999$GROUPE {}", e.id);
            group(e, &name)
        })
        .first_degree(),
        fault("eleves-sans-responsable", Effect::World(Kind::Eleve, |r| has_none(r, LINKS))).second_degree(),
    ]
}

/// Faults that take two records to be seen.
pub fn references() -> Vec<FaultInfo> {
    vec![
        pupil("mef-inconnu", |e| e.set(&["ENTEleveMEF"], "99999999110")).second_degree(),
        pupil("mef-libelle-different", |e| e.set(&["ENTEleveLibelleMEF"], "UN AUTRE LIBELLE")).second_degree(),
        pupil("mef-hors-classe", |e| {
            let other = if e.first("ENTEleveMEF").is_some_and(|m| m == "10090010110") {
                ("20090110110", "2NDE GENERALE ET TECHNOLOGIQUE")
            } else {
                ("10090010110", "6EME")
            };
            e.set(&["ENTEleveMEF"], other.0) && e.set(&["ENTEleveLibelleMEF"], other.1)
        })
        .second_degree(),
        pupil("matiere-inconnue", |e| e.set_in("ENTEleveCodeEnseignements", "999999")).second_degree(),
        pupil("matiere-libelle-different", |e| e.set_in("ENTEleveEnseignements", "UN AUTRE LIBELLE")).second_degree(),
        pupil("structure-inconnue", |e| e.set(&["ENTPersonStructRattach"], "999999")),
        pupil("structure-bureau", |e| {
            let office = e.office.clone();
            e.set(&["ENTPersonStructRattach"], &office)
                && e.field(CLASSES, 0, &office)
                && e.field(&["ENTEleveDateEntreeClasses"], 0, &office)
        })
        .first_degree(),
        pupil("classe-inconnue", |e| e.field(&["ENTEleveClasses"], 1, "ZZ99")).second_degree(),
        pupil("classe-structure-inconnue", |e| e.field(CLASSES, 0, "999999")),
        pupil("groupe-inconnu", |e| e.field(&["ENTEleveGroupes"], 1, "ZZ99GR")).second_degree(),
        pupil("groupe-structure-inconnue", |e| match e.degree {
            Degree::D2 => e.field(&["ENTEleveGroupes"], 0, "999999"),
            Degree::D1 => e.put(&["ENTPersonGroupes"], "999999$40$REGROUPEMENT$199999$SOUTIEN"),
        }),
        pupil("date-entree-classe", |e| e.field(&["ENTEleveDateEntreeClasses"], 2, "999998")),
        pupil("classe-deux-noms", |e| e.field(&["ENTPersonClasses"], 4, "LES PETITS LOUPS")).first_degree(),
        pupil("classe-deux-ecoles", |e| {
            e.field(&["ENTPersonClasses"], 3, "200064") && e.field(&["ENTEleveDateEntreeClasses"], 2, "200064")
        })
        .first_degree(),
        pupil("classe-type-inconnu", |e| e.field(&["ENTPersonClasses"], 1, "99")).first_degree(),
        pupil("responsable-inconnu", |e| e.field(LINKS, 0, "999999999")),
        pupil("responsable-repete", |e| {
            let again = e.named(LINKS).and_then(|n| e.first(n)).cloned();
            again.is_some_and(|v| e.add(LINKS, &v))
        }),
        pupil("relation-asymetrique", |e| {
            let Some(values) = e.named(LINKS).and_then(|n| e.values(n)).filter(|v| v.len() > 1) else { return false };
            values.pop();
            true
        }),
        pupil("relation-champs", |e| e.shorten(LINKS)),
        pupil("lien-inconnu", |e| e.field(LINKS, 1, "99")),
        record("lien-ancien", Kind::Eleve, 1, |e| e.field(LINKS, 1, "2")),
        record("liens-anciens", Kind::Eleve, 1, |e| every_link(e, 1, "2")).second_degree(),
        pupil("financier-double", |e| every_link(e, 2, "1")).second_degree(),
        pupil("financier-absent", |e| every_link(e, 2, "0")).second_degree(),
        pupil("payeur-double", |e| every_link(e, 5, "1")).second_degree(),
        pupil("payeur-absent", |e| every_link(e, 5, "0")).second_degree(),
        pupil("legal-absent", |e| every_link(e, 3, "0")).second_degree(),
        pupil("legal-inconnu", |e| e.field(LINKS, 3, "7")).second_degree(),
        pupil("legal-trois", |e| e.filled("ENTElevePersRelEleve").is_some_and(|v| v.len() > 2) && every_link(e, 3, "1")).second_degree(),
        pupil("contact-inconnu", |e| e.field(LINKS, 4, "X")).second_degree(),
        pupil("adresse-responsable-etranger", |e| e.set(&["ENTEleveAdresseRel"], "20000000")).second_degree(),
        pupil("adresse-responsable-inconnu", |e| e.set(&["ENTEleveAdresseRel"], "999999999")).second_degree(),
    ]
}

/// Puts a pupil of the first degree, where groups are rare, in a group of the school.
fn group(e: &mut Edit, rest: &str) -> bool {
    let Some(school) = e.first("ENTPersonStructRattach").cloned() else { return false };
    e.put(&["ENTPersonGroupes"], &format!("{school}{rest}"))
}

fn double_subject(e: &mut Edit) -> bool {
    ["ENTEleveEnseignements", "ENTEleveCodeEnseignements"].into_iter().all(|name| {
        let first = e.first(name).cloned();
        first.is_some_and(|v| e.add(&[name], &v))
    })
}

fn wrong_cycle(e: &mut Edit) -> bool {
    let other = if e.first("ENTEleveCycle").is_some_and(|c| c.starts_with('1')) { "3$CYCLE III" } else { "1$CYCLE I" };
    e.set(&["ENTEleveCycle"], other)
}

/// Sets a field of all the relations of a pupil who has at least two.
fn every_link(e: &mut Edit, field: usize, value: &str) -> bool {
    let Some(values) = e.filled("ENTElevePersRelEleve").filter(|v| v.len() > 1) else { return false };
    for link in values {
        let mut fields: Vec<&str> = link.split('$').collect();
        if let Some(slot) = fields.get_mut(field) {
            *slot = value;
        }
        *link = fields.join("$");
    }
    true
}
