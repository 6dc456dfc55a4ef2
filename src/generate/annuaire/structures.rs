//! What is not a person: the root, the branches, structures, classes, groups, profiles.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Degree;
use super::super::gar::census::Census;
use super::super::plan::SchoolPlan;
use super::super::record::Record as Aaf;
use super::entry::{Entry, Kind};
use super::naming::{Naming, SOURCE, SUFFIX};
use super::project::{curriculum, one};
use super::roles;

/// The root and the branches.
pub fn tree() -> Vec<Entry> {
    let mut root = Entry::new(Kind::Root, SUFFIX.to_owned(), &["top", "dcObject", "organization"]);
    root.add("o", "ENT DE SYNTHESE");
    root.add("dc", "ent-exemple");
    let branch = |name: &str| {
        let mut out = Entry::new(Kind::Branch, format!("ou={name},{SUFFIX}"), &["top", "organizationalUnit"]);
        out.add("ou", name);
        out
    };
    [root].into_iter().chain(["structures", "personnes", "groupes", "applications"].map(branch)).collect()
}

/// A structure, up to what makes it an academic service or a school.
fn structure(naming: &Naming, rank: u32, record: &Aaf, kind: Kind, class: &str) -> Entry {
    let mut out = Entry::new(kind, naming.structure(rank), &["top", "organizationalUnit", "ENTStructure", class]);
    let name: Vec<&str> = one(record, &["ENTStructureNomCourant"]).split('$').filter(|p| !p.is_empty()).collect();
    let name = name.join(" ");
    let (uai, siret) = (naming.uai(rank), naming.siret(rank));
    out.add("ou", if out.dn.starts_with("ou=") { uai.as_str() } else { name.as_str() });
    out.add("ENTStructureNomCourant", name.as_str());
    out.add("ENTStructureSIREN", siret);
    out.add("ENTStructureUAI", uai);
    out.add("ENTStructureJointure", format!("{SOURCE}${}", record.id));
    out.add("ENTStructureTypeStruct", one(record, &["ENTStructureTypeStruct"]));
    out.add("ENTStructureMailSI", one(record, &["ENTStructureMailSI"]));
    for (name, from) in [
        ("postOfficeBox", &["postOfficeBox", "ENTStructureBoitePostale"][..]),
        ("street", &["street", "ENTStructureAdresse"]),
        ("postalCode", &["postalCode", "ENTStructureCodePostal"]),
        ("l", &["l", "ENTStructureVille"]),
        ("telephoneNumber", &["telephoneNumber", "ENTStructureTelephone"]),
        ("facsimileTelephoneNumber", &["facsimileTelephoneNumber", "ENTStructureFax"]),
    ] {
        out.add(name, one(record, from));
    }
    out
}

/// An academic service.
pub fn office(naming: &Naming, rank: u32, record: &Aaf) -> Entry {
    let mut out = structure(naming, rank, record, Kind::Office, "ENTServAc");
    out.add("ENTServAcAcademie", one(record, &["ENTServAcAcademie"]));
    out
}

/// Who speaks for a school.
#[derive(Clone, Copy, Default)]
pub struct Faces<'f> {
    /// Its head.
    pub head: Option<&'f str>,
    /// Whom to ask about the ENT.
    pub contact: Option<&'f str>,
}

/// A school, with its head, and its classes and groups where only its pupils tell them.
pub fn school(naming: &Naming, plan: &SchoolPlan, record: &Aaf, faces: Faces, census: &Census) -> Entry {
    let world = naming.people.world;
    let own = world.school_rank(plan);
    let mut out = structure(naming, own, record, Kind::School, "ENTEtablissement");
    out.add("ENTStructureSiteWeb", format!("https://etab-{}.ent.example/", naming.uai(own).to_ascii_lowercase()));
    out.add("ENTEtablissementMinistereTutelle", one(record, &["ENTEtablissementMinistereTutelle", "ENTEcoleMinistereTutelle"]));
    out.add("ENTEtablissementContrat", one(record, &["ENTEtablissementContrat", "ENTEcoleSecteur"]));
    out.add("ENTEtablissementBassin", one(record, &["ENTEtablissementBassin"]));
    if let Some(rank) = naming.rank(one(record, &["ENTEtablissementStructRattachFctl"])) {
        out.add("ENTEtablissementStructRattachFctl", naming.structure(rank));
    }
    if roles::is_grouped(naming, own) {
        out.add("ENTEtablissementStructRattachFctl", roles::grouping_dn());
    }
    // The feed of the second degree does not tell: the services of the department.
    let services = (world.options.degree == Degree::D2).then_some(1);
    if let Some(rank) = naming.rank(one(record, &["ENTEcoleCirconscription"])).or(services) {
        out.add("ENTEtablissementStructRattachAdmin", naming.structure(rank));
    }
    for (name, who) in [("ENTStructureResponsable", faces.head), ("ENTStructureContactENT", faces.contact)] {
        out.add(name, who.map(|id| naming.person(id)).unwrap_or_default());
    }
    for name in ["ENTStructureClasses", "ENTStructureGroupes"] {
        record.values_of(name).for_each(|value| out.add(name, value));
    }
    if world.options.degree == Degree::D1 {
        for (code, unit) in &census.divisions {
            let mefs = unit.levels.iter().filter_map(|l| curriculum(l)).map(|(code, ..)| code);
            let parts: Vec<&str> = [code.as_str(), &unit.label].into_iter().chain(mefs).collect();
            out.add("ENTStructureClasses", parts.join("$"));
        }
        for (code, unit) in &census.groups {
            let parts: Vec<&str> = [code, &unit.label].into_iter().chain(&unit.divisions).map(String::as_str).collect();
            out.add("ENTStructureGroupes", parts.join("$"));
        }
    }
    out
}

/// Who is in what, of one school.
#[derive(Default)]
pub struct Members {
    /// Pupils, by the code of their class: identifiers in the AAF.
    pub classes: BTreeMap<String, Vec<u64>>,
    /// Pupils, by the code of their groups.
    pub groups: BTreeMap<String, Vec<u64>>,
    /// People, by profile.
    pub profiles: BTreeMap<&'static str, BTreeSet<u64>>,
}

/// Classes, groups and profiles of a structure, none of which is empty.
pub fn groups(naming: &Naming, rank: u32, members: &Members) -> Vec<Entry> {
    let mut out = Vec::new();
    let units = |kind, class: &'static str, list: &BTreeMap<String, Vec<u64>>, out: &mut Vec<Entry>| {
        for (code, ids) in list {
            out.push(group(naming, (kind, class), (rank, code), &mut ids.iter()));
        }
    };
    units(Kind::Class, "ENTClasse", &members.classes, &mut out);
    units(Kind::Group, "ENTGroupe", &members.groups, &mut out);
    for (profile, ids) in &members.profiles {
        out.push(group(naming, (Kind::Profile, "ENTProfil"), (rank, profile), &mut ids.iter()));
    }
    out
}

fn group(naming: &Naming, (kind, class): (Kind, &str), (rank, code): (u32, &str), ids: &mut dyn Iterator<Item = &u64>) -> Entry {
    let mut out = Entry::new(kind, naming.group(rank, code), &["top", "groupOfNames", class]);
    out.add("cn", naming.group_cn(rank, code));
    out.add("owner", naming.structure(rank));
    if kind == Kind::Profile {
        out.add("ENTProfilPeuplement", "implicite");
    }
    // Nobody is there twice: to look for it again would take the square of the number.
    ids.for_each(|id| out.push("member", naming.person(&id.to_string())));
    out
}
