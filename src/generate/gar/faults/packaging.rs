//! Faults of names, files and the archive, and of the date.

use super::{ArchiveFault, Category, Effect, FaultInfo, FileFault, fault};

const fn file(id: &'static str, what: FileFault) -> FaultInfo {
    fault(id, Effect::File(what))
}

const fn archive(id: &'static str, what: ArchiveFault) -> FaultInfo {
    fault(id, Effect::Archive(what))
}

/// All of them.
pub fn faults() -> Vec<FaultInfo> {
    vec![
        file("nom-fichier", FileFault::UnknownName),
        file("ident-different", FileFault::OtherIdent),
        file("horodatage-different", FileFault::OtherTime),
        file("horodatage-impossible", FileFault::ImpossibleTime),
        fault("horodatage-futur", Effect::Date(3_650)),
        file("categorie-nom-racine", FileFault::OtherCategory),
        file("niveau-nom-espace", FileFault::OtherLevel),
        file("fichier-etranger", FileFault::Foreign),
        file("sequence-trouee", FileFault::SequenceGap),
        file("sequence-double", FileFault::NoLevel),
        fault("etab-absent", Effect::Absent(Category::Etab)),
        fault("eleve-absent", Effect::Absent(Category::Eleve)),
        fault("enseignant-absent", Effect::Absent(Category::Enseignant)),
        fault("groupe-absent", Effect::Absent(Category::Groupe)),
        fault("respaff-absent", Effect::Absent(Category::RespAff)),
        fault("fichier-trop-long", Effect::Unsplit(Category::Eleve)),
        archive("archive-dossier", ArchiveFault::Folder),
        archive("archive-lien", ArchiveFault::Link),
        archive("archive-remontee", ArchiveFault::Climbing),
        archive("archive-intrus", ArchiveFault::Foreign),
        archive("archive-nom", ArchiveFault::OtherName),
        archive("archive-tronquee", ArchiveFault::Truncated),
        archive("md5-faux", ArchiveFault::WrongDigest),
        archive("md5-absent", ArchiveFault::NoDigest),
        archive("md5-forme", ArchiveFault::LooseDigest),
        archive("md5-illisible", ArchiveFault::NotDigest),
        file("degres-meles", FileFault::OtherDegree),
        fault("livraison-perimee", Effect::Date(-30)),
    ]
}
