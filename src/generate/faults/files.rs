//! Faults of whole files. Most touch the file of staff, to which nothing refers.

use super::super::record::Kind;
use super::{Effect, FaultInfo, FileFault, fault};

fn file(id: &'static str, effect: FileFault) -> FaultInfo {
    fault(id, Effect::File(Kind::Staff, effect))
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        file("fichier-tronque", FileFault::Truncated),
        file("xml-mal-forme", FileFault::Malformed),
        file("categorie-absente", FileFault::Absent),
        fault("eleves-absents", Effect::File(Kind::Eleve, FileFault::Absent)),
        fault("responsables-absents", Effect::File(Kind::Relative, FileFault::Absent)),
        fault("structures-absentes", Effect::File(Kind::Etab, FileFault::Absent)),
        fault("mef-absents", Effect::File(Kind::Mef, FileFault::Absent)).second_degree(),
        fault("matieres-absentes", Effect::File(Kind::Matiere, FileFault::Absent)).second_degree(),
        file("sequence-trouee", FileFault::SequenceGap),
        file("nom-sans-date", FileFault::NameWithoutDate),
        file("nom-inconnu", FileFault::UnknownName),
        file("date-differente", FileFault::OtherDate),
        file("prefixe-different", FileFault::OtherPrefix),
        file("mode-different", FileFault::OtherMode),
        file("empreinte-fausse", FileFault::WrongDigest),
        file("marque-octets", FileFault::ByteOrderMark),
        file("encodage-inconnu", FileFault::UnknownEncoding),
        file("doctype-absent", FileFault::NoDoctype),
        file("doctype-autre", FileFault::OtherDoctype),
        file("entite-declaree", FileFault::DeclaredEntity),
        file("entete-absent", FileFault::NoHeader),
        file("entete-version", FileFault::OtherVersion),
        file("entete-degre", FileFault::OtherHeaderDegree),
        file("entete-version-forme", FileFault::VersionShape),
        file("date-neuf-chiffres", FileFault::NineDigitDate),
        file("categorie-vide", FileFault::Empty),
        file("racine-autre", FileFault::WrongRoot),
        file("declaration-absente", FileFault::NoDeclaration),
        file("entete-annexe", FileFault::OtherAnnex),
        file("entete-date", FileFault::OtherHeaderDate),
    ]
}
