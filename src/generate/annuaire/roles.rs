//! What people and schools are grouped by beside classes and groups: national profiles, roles in an application, groupings of
//! schools, elected parents; and the applications.

use super::beside_school::{AGENT, agents, person_dn};
use super::chosen::Chosen;
use super::entry::{Entry, Kind};
use super::naming::{Naming, SUFFIX};
use super::{Dialect, beside_school};

/// The nine national profiles, and what tells who has it where profiles are plain words.
const PROFILES: [&str; 9] = ["ELV", "TUT", "ENS", "DIR", "EVS", "ETA", "ACA", "DOC", "COL"];
/// How many schools are grouped.
const GROUPED: u32 = 3;
const MANAGER: &str = "messagerie_ADMINISTRATEUR";
const WRITER: &str = "cahier-de-textes_REDACTEUR";

fn dn(cn: &str) -> String {
    format!("cn={cn},ou=groupes,{SUFFIX}")
}

/// Name of the entry of a national profile.
pub fn national_dn(code: &str) -> String {
    dn(&format!("National_{code}"))
}

/// Name of the grouping of schools.
pub fn grouping_dn() -> String {
    dn("groupement-1")
}

/// Name of the entry of the elected parents of a school.
pub fn elected_dn(naming: &Naming, school: u32) -> String {
    naming.group(school, "REPRESENTANTS")
}

/// Whether a structure is one of the schools that are grouped.
pub fn is_grouped(naming: &Naming, rank: u32) -> bool {
    let first = naming.people.world.offices;
    (first..first + GROUPED).contains(&rank)
}

/// The rule that makes the members of a national profile, as the dialect writes profiles.
fn rule(naming: &Naming, code: &str) -> String {
    match naming.dialect {
        Dialect::Dn => format!("(ENTPersonProfils=National_{code})"),
        Dialect::Uai | Dialect::GroupDn => format!("(ENTPersonProfils=cn=*_{code},ou=groupes,{SUFFIX})"),
        // One word for several profiles: nothing but the ENT tells.
        Dialect::Id => "implicite".to_owned(),
    }
}

/// Profiles, roles, the grouping and the elected parents; none of which is empty.
pub fn groups(naming: &Naming, chosen: &Chosen) -> Vec<Entry> {
    let group = |kind, class, cn: &str, members: Vec<String>| {
        let mut out = Entry::new(kind, dn(cn), &["top", "groupOfNames", class]);
        out.add("cn", cn);
        members.into_iter().for_each(|member| out.add("member", member));
        out
    };
    let holder = |code: &str| chosen.holders.get(code).map(|id| naming.person(id));
    let mut out = Vec::new();
    for code in PROFILES {
        // The rule makes the members; an entry wants one all the same: the first who has the profile.
        let members = if code == "COL" { agents(naming).collect() } else { holder(code).into_iter().collect::<Vec<_>>() };
        if !members.is_empty() {
            let mut profile = group(Kind::Profile, "ENTProfil", &format!("National_{code}"), members);
            profile.add("ENTProfilPeuplement", rule(naming, code));
            out.push(profile);
        }
    }
    out.push(group(Kind::Role, "ENTRoleAppli", MANAGER, vec![person_dn(naming, AGENT)]));
    if let Some(teacher) = holder("ENS") {
        out.push(group(Kind::Role, "ENTRoleAppli", WRITER, vec![teacher]));
    }
    let world = naming.people.world;
    let schools = naming.people.schools().map(|plan| world.school_rank(plan)).filter(|rank| is_grouped(naming, *rank));
    let mut grouping = group(Kind::Grouping, "ENTGroupementEtabs", "groupement-1", schools.map(|rank| naming.structure(rank)).collect());
    grouping.add("description", "GROUPEMENT DE SYNTHESE");
    out.push(grouping);
    if !chosen.parents.is_empty() {
        let parents = chosen.parents.iter().map(|id| naming.person(id)).collect();
        let mut elected = group(Kind::Elected, "ENTRelEleve", &naming.group_cn(chosen.school, "REPRESENTANTS"), parents);
        elected.add("owner", naming.structure(chosen.school));
        out.push(elected);
    }
    out
}

/// Two applications of the ENT, kept by an agent of the collectivité.
pub fn applications(naming: &Naming, chosen: &Chosen) -> Vec<Entry> {
    let application = |id: &str, name: &str, category: &str, role: Option<&str>, profiles: &[&str]| {
        let mut out = Entry::new(Kind::Application, format!("ENTApplicationId={id},ou=applications,{SUFFIX}"), &["top", "ENTApplication"]);
        out.add("ENTApplicationId", id);
        out.add("ENTApplicationNom", name);
        out.add("ENTApplicationDesc", format!("{name} de l'ENT"));
        out.add("ENTApplicationCatego", category);
        out.add("ENTApplicationProprietaire", beside_school::person_dn(naming, AGENT));
        let there = profiles.iter().filter(|code| **code == "COL" || chosen.holders.contains_key(**code));
        there.for_each(|code| out.add("ENTApplicationProfils", national_dn(code)));
        role.into_iter().for_each(|role| out.add("ENTApplicationRolesAppli", dn(role)));
        out
    };
    let writer = chosen.holders.contains_key("ENS").then_some(WRITER);
    vec![
        application("messagerie", "Messagerie", "Communication", Some(MANAGER), &PROFILES),
        application("cahier-de-textes", "Cahier de textes", "Vie scolaire", writer, &["ELV", "TUT", "ENS"]),
    ]
}
