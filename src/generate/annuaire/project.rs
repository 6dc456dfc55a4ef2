//! From a record of the AAF feed to an entry of the directory, as an ENT fed by the first keeps it.

use jiff::civil::Date;

use super::super::first::school::LEVELS;
use super::super::gar::census::{classes, groups};
use super::super::gar::people::before;
use super::super::record::Record as Aaf;
use super::entry::{Entry, Kind};
use super::naming::{Naming, SOURCE};

const PERSON: &[&str] = &["top", "person", "organizationalPerson", "inetOrgPerson", "ENTPerson"];

/// First value of the first of these attributes that has one.
pub fn one<'r>(record: &'r Aaf, names: &'r [&'r str]) -> &'r str {
    names.iter().find_map(|n| record.values_of(n).next()).unwrap_or_default()
}

/// The curriculum of a level of the first degree, which its feed does not tell: code, of ours with the national shape,
/// label, cycle.
pub fn curriculum(level: &str) -> Option<(&'static str, &'static str, &'static str)> {
    const CODES: &[&str] =
        &["00090010310", "00090010320", "00090010330", "00190020110", "00290020210", "00290020220", "00390020210", "00390020220"];
    let rank = LEVELS.iter().position(|l| l.code == level)?;
    let label = LEVELS[rank].cycle.split('$').nth(1)?;
    Some((CODES.get(rank)?, LEVELS[rank].label, label))
}

/// What is said of anybody, up to the schools.
pub fn person(naming: &Naming, record: &Aaf, kind: Kind, auxiliary: &str) -> Entry {
    let (id, uid) = (&record.id, naming.uid(&record.id));
    let classes: Vec<&str> = PERSON.iter().copied().chain([auxiliary]).collect();
    let mut out = Entry::new(kind, naming.person(id), &classes);
    let (name, first) = (one(record, &["sn", "ENTPersonNom"]), one(record, &["givenName", "ENTPersonPrenom"]));
    let title = one(record, &["personalTitle", "ENTPersonCivilite"]);
    out.add("cn", format!("{name} {first}"));
    out.add("sn", name);
    out.add("givenName", first);
    out.add("displayName", format!("{first} {name}"));
    out.add("personalTitle", title);
    out.add("ENTPersonSexe", if title == "Mme" { "F" } else { "M" });
    out.add("ENTPersonLogin", login(first, name, &uid));
    out.add("uid", uid);
    out.add("ENTPersonJointure", format!("{SOURCE}${id}"));
    out.add("ENTPersonNomPatro", one(record, &["ENTPersonNomPatro"]));
    record.values_of("ENTPersonAutresPrenoms").for_each(|other| out.add("ENTPersonAutresPrenoms", other));
    out.add("ENTPersonDateNaissance", one(record, &["ENTPersonDateNaissance"]));
    out
}

/// The login: initials, then what no other person has.
fn login(first: &str, name: &str, uid: &str) -> String {
    let initial = |text: &str| text.chars().next().filter(char::is_ascii_alphabetic).unwrap_or('e').to_ascii_lowercase();
    format!("{}{}.{}", initial(first), initial(name), uid[1..].to_ascii_lowercase())
}

fn address(out: &mut Entry, record: &Aaf) {
    let lines = one(record, &["ENTPersonAdresse"]);
    if lines.trim_matches('$').is_empty() {
        return;
    }
    for name in ["ENTPersonAdresse", "ENTPersonCodePostal", "ENTPersonVille", "ENTPersonPays"] {
        out.add(name, one(record, &[name]));
    }
}

/// Whether somebody born on that day (`dd/mm/yyyy`) is eighteen.
fn is_adult(birth: &str, today: Date) -> bool {
    let parts: Vec<i16> = birth.split('/').filter_map(|p| p.parse().ok()).collect();
    let [day, month, year] = parts[..] else { return false };
    (today.year() - year, today.month() as i16, today.day() as i16) >= (18, month, day)
}

/// A pupil of a structure, on that day.
pub fn pupil(naming: &Naming, rank: u32, record: &Aaf, today: Date) -> Entry {
    let mut out = person(naming, record, Kind::Pupil, "ENTEleve");
    let birth = out.get("ENTPersonDateNaissance").unwrap_or_default();
    let adult = if is_adult(birth, today) { "O" } else { "N" };
    out.add("ENTPersonGARIdentifiant", naming.people.id(&record.id));
    out.add("ENTPersonStructRattach", naming.structure(rank));
    out.add("ENTPersonProfils", naming.profile(rank, "ELV"));
    address(&mut out, record);
    out.add("ENTEleveINE", one(record, &["ENTEleveINE"]));
    out.add("ENTEleveStructRattachId", one(record, &["ENTEleveStructRattachId"]));
    out.add("ENTEleveMajeur", adult);
    let status = one(record, &["ENTEleveStatutEleve"]);
    out.add("ENTEleveStatutEleve", if status.is_empty() { "SCOLAIRE" } else { status });
    let level = curriculum(before(one(record, &["ENTEleveNiveau"])));
    for (name, of_level) in [
        ("ENTEleveMEF", level.map(|l| l.0)),
        ("ENTEleveLibelleMEF", level.map(|l| l.1)),
        ("ENTEleveNivFormation", level.map(|l| l.2)),
        ("ENTEleveFiliere", level.map(|l| l.1)),
    ] {
        out.add(name, of_level.unwrap_or(one(record, &[name])));
    }
    for name in ["ENTEleveBoursier", "ENTEleveRegime", "ENTEleveTransport"] {
        out.add(name, one(record, &[name]));
    }
    for name in ["ENTEleveEnseignements", "ENTEleveCodeEnseignements"] {
        record.values_of(name).for_each(|value| out.add(name, value));
    }
    classes(record).for_each(|(code, _)| out.add("ENTEleveClasses", naming.unit(rank, code)));
    groups(record).for_each(|(code, _)| out.add("ENTEleveGroupes", naming.unit(rank, code)));
    for (id, rest) in record.values_of("ENTElevePersRelEleve").filter_map(|v| v.split_once('$')) {
        out.add("ENTElevePersRelEleve", format!("{}${rest}", naming.person(id)));
    }
    // The first degree tells who holds authority and nothing of money; everybody may be called.
    for (id, link) in record.values_of("ENTEleveAutoriteParentale").filter_map(|v| v.split_once('$')) {
        out.add("ENTElevePersRelEleve", format!("{}${link}$0$1$1$0", naming.person(id)));
    }
    record.values_of("ENTEleveAdresseRel").for_each(|id| out.add("ENTEleveAdresseRel", naming.person(id)));
    out
}

/// Identifiers in the AAF of the responsible persons of a pupil.
pub fn relatives_of(record: &Aaf) -> impl Iterator<Item = &str> {
    ["ENTElevePersRelEleve", "ENTEleveAutoriteParentale"].into_iter().flat_map(|name| record.values_of(name)).map(before)
}

/// A responsible person; `rank` is that of the school of a pupil.
pub fn relative(naming: &Naming, record: &Aaf, rank: u32) -> Entry {
    let mut out = person(naming, record, Kind::Relative, "ENTAuxPersRelEleve");
    out.add("ENTPersonProfils", naming.profile(rank, "TUT"));
    address(&mut out, record);
    out.add("ENTPersonAdresseDiffusion", one(record, &["ENTPersonAdresseDiffusion"]));
    for (name, from) in [
        ("homePhone", &["homePhone", "ENTPersonTelPerso"][..]),
        ("telephoneNumber", &["telephoneNumber", "ENTPersRelEleveTelPro"]),
        ("mobile", &["mobile", "ENTPersRelEleveTelMobile"]),
        ("mail", &["mail", "ENTPersonMail"]),
        ("ENTPersonMobileSMS", &["ENTPersonMobileSMS"]),
    ] {
        out.add(name, one(record, from));
    }
    for id in record.values_of("ENTAuxPersRelEleveEleve").chain(record.values_of("ENTPersRelEleveEleve")) {
        out.add("ENTAuxPersRelEleveEleve", naming.person(id));
    }
    out
}

/// A post: rank of the structure, function.
pub fn posts<'r>(naming: &Naming, record: &'r Aaf) -> Vec<(u32, &'r str)> {
    let read = |value: &'r str| {
        let mut parts = value.split('$');
        Some((naming.rank(parts.next()?)?, parts.next()?))
    };
    record.values_of("ENTPersonFonctions").filter_map(read).collect()
}

/// Profiles of a post, by their three letters. Those of a head teacher of the first degree, who also teaches, are two.
pub fn profiles(naming: &Naming, (rank, function): (u32, &str)) -> &'static [&'static str] {
    let first = naming.people.world.options.degree == super::Degree::D1;
    match function {
        "ENS" => &["ENS"],
        "DOC" => &["DOC"],
        _ if rank < naming.people.world.offices => &["ACA"],
        "DIR" if first => &["DIR", "ENS"],
        "DIR" => &["DIR"],
        "EDU" | "AED" => &["EVS"],
        _ => &["ETA"],
    }
}

/// A member of staff, with the identifier of the class taught in the first degree.
pub fn staff(naming: &Naming, record: &Aaf, class: Option<u64>) -> Entry {
    let posts = posts(naming, record);
    let world = naming.people.world;
    let teaches = posts.iter().any(|(_, function)| matches!(*function, "ENS" | "DOC")) || class.is_some();
    let in_school = posts.iter().any(|(rank, _)| *rank >= world.offices);
    let (kind, auxiliary) = match (teaches, in_school) {
        (true, _) => (Kind::Teacher, "ENTAuxEnseignant"),
        (false, true) => (Kind::Staff, "ENTAuxNonEnsEtab"),
        (false, false) => (Kind::Agent, "ENTAuxNonEnsServAc"),
    };
    let mut out = person(naming, record, kind, auxiliary);
    if in_school {
        out.add("ENTPersonGARIdentifiant", naming.people.id(&record.id));
    }
    let attached = naming.rank(one(record, &["ENTPersonStructRattach"])).or(posts.first().map(|p| p.0));
    if let Some(rank) = attached {
        out.add("ENTPersonStructRattach", naming.structure(rank));
    }
    for post in &posts {
        profiles(naming, *post).iter().for_each(|profile| out.add("ENTPersonProfils", naming.profile(post.0, profile)));
    }
    out.add("mail", one(record, &["mail", "ENTPersonMail"]));
    for name in ["ENTPersonFonctions", "ENTAuxEnsMEF", "ENTAuxEnsMatiereEnseignEtab"] {
        record.values_of(name).filter_map(|v| naming.composite(v)).for_each(|value| out.add(name, value));
    }
    record.values_of("ENTAuxEnsCategoDiscipline").for_each(|value| out.add("ENTAuxEnsCategoDiscipline", value));
    for name in
        ["ENTAuxEnsClasses", "ENTAuxEnsGroupes", "ENTAuxEnsClassesMatieres", "ENTAuxEnsGroupesMatieres", "ENTAuxEnsClassesPrincipal"]
    {
        record.values_of(name).filter_map(|v| naming.composite_unit(v)).for_each(|value| out.add(name, value));
    }
    if let (Some(class), Some((rank, _))) = (class, posts.first()) {
        out.add("ENTAuxEnsClasses", naming.unit(*rank, &class.to_string()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eighteen_is_a_birthday() {
        let today = jiff::civil::date(2026, 9, 1);
        assert!(is_adult("01/09/2008", today) && is_adult("31/12/2007", today));
        assert!(!is_adult("02/09/2008", today) && !is_adult("", today));
    }

    #[test]
    fn every_level_has_its_curriculum() {
        for level in LEVELS {
            let (code, label, _) = curriculum(level.code).expect("a curriculum");
            assert!(code.len() == 11 && code.as_bytes()[9] <= code.as_bytes()[8] && label == level.label, "{code}");
        }
        assert_eq!(curriculum("9999"), None);
    }
}
