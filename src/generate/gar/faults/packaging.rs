//! Faults of names, files and the archive, of the date, and between two deliveries.

use super::{ArchiveFault, Category, Effect, FaultInfo, FileFault, fault};

const fn file(id: &'static str, what: FileFault) -> FaultInfo {
    fault(id, Effect::File(what))
}

const fn archive(id: &'static str, what: ArchiveFault) -> FaultInfo {
    fault(id, Effect::Archive(what))
}

/// Faults that only the delivery of an earlier day shows.
pub const SINCE: &[&str] = &["effectifs-en-chute", "etablissement-disparu", "identifiants-changes"];

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
        file("sequence-trouee", FileFault::SequenceGap),
        fault("etab-absent", Effect::Absent(Category::Etab)),
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
        file("degres-meles", FileFault::OtherDegree),
        fault("livraison-anterieure", Effect::Date(-30)),
        fault("effectifs-en-chute", Effect::Twist(|_, twist| twist.fewer = true)),
        fault("etablissement-disparu", Effect::Twist(|facts, twist| twist.gone = facts.stranger.as_ref().map(|p| p.school))),
        fault("identifiants-changes", Effect::Twist(|facts, twist| twist.renewed = Some(facts.pupil.school))),
    ]
}
