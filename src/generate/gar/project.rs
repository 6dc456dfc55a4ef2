//! From a record of the AAF feed to records of the GAR-ENT files, as an ENT fed by the first writes the second.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Degree;
use super::super::catalogue::{MEFS, SUBJECTS};
use super::super::plan::SchoolPlan;
use super::super::record::Record as Aaf;
use super::census::{Census, classes, curricula, groups};
use super::people::{People, before};
use super::record::{Kind, Record};

const UAI: &str = "GARStructureUAI";
const ID: &str = "GARPersonIdentifiant";
const GROUP: &str = "GARGroupeCode";
const SUBJECT: &str = "GARMatiereCode";

/// First value of the first of these attributes that has one.
fn one<'r>(record: &'r Aaf, names: &'r [&'r str]) -> &'r str {
    names.iter().find_map(|n| record.values_of(n).next()).unwrap_or_default()
}

/// `dd/mm/yyyy` as `yyyy-mm-dd`.
fn iso(date: &str) -> String {
    let parts: Vec<&str> = date.rsplit('/').collect();
    parts.join("-")
}

/// A school.
pub fn school(people: &People, plan: &SchoolPlan, scratch: &mut Aaf) -> Record {
    people.structure(plan, scratch);
    let name: Vec<&str> = one(scratch, &["ENTStructureNomCourant"]).split('$').filter(|p| !p.is_empty()).collect();
    let mut out = Record::of(Kind::Etab, [(UAI, &people.uai(plan)), ("GARStructureNomCourant", &name.join(" "))]);
    let head = people.school(one(scratch, &["ENTEtablissementStructRattachFctl"])).map(|s| people.uai(s));
    out.add_some("GAREtablissementStructRattachFctl", head.as_deref());
    out.add("GARStructureContrat", one(scratch, &["ENTEtablissementContrat", "ENTEcoleSecteur"]));
    out.add("GARStructureTelephone", one(scratch, &["telephoneNumber", "ENTStructureTelephone"]));
    out.add("GARStructureEmail", one(scratch, &["ENTStructureMailSI"]));
    out
}

/// Curricula of a school.
pub fn mefs(census: &Census) -> impl Iterator<Item = Record> {
    MEFS.iter().filter(|m| census.mefs.contains(m.code)).map(|m| {
        let statistics = format!("{}{}", m.statistics, &m.code[3..8]);
        let texts = [
            (UAI, census.uai.as_str()),
            ("GARMEFCode", m.code),
            ("GARMEFLibelle", m.label),
            ("GARMEFRattach", m.national),
            ("GARMEFSTAT11", &statistics),
        ];
        Record::of(Kind::Mef, texts)
    })
}

/// Subjects of a school.
pub fn subjects(census: &Census) -> impl Iterator<Item = Record> {
    SUBJECTS.iter().filter(|s| census.subjects.contains(s.code)).map(|s| {
        let texts = [(UAI, census.uai.as_str()), (SUBJECT, s.code), ("GARMatiereLibelle", s.label)];
        Record::of(Kind::Matiere, texts)
    })
}

/// What pupils and staff have in common, up to the schools.
fn person(people: &People, record: &Aaf, kind: Kind, profiles: &[(String, &str)]) -> Record {
    let mut out = Record::new(kind);
    out.add(ID, people.id(&record.id));
    for (uai, profile) in profiles {
        out.add_block("GARPersonProfils", &[(UAI, uai), ("GARPersonProfil", profile)]);
    }
    let first = one(record, &["givenName", "ENTPersonPrenom"]);
    out.add_some("GARPersonNomPatro", record.values_of("ENTPersonNomPatro").next());
    out.add("GARPersonNom", one(record, &["sn", "ENTPersonNom"]));
    out.add("GARPersonPrenom", first);
    let mut others = vec![first];
    others.extend(record.values_of("ENTPersonAutresPrenoms"));
    for (rank, name) in others.iter().enumerate() {
        if !others[..rank].contains(name) {
            out.add("GARPersonAutresPrenoms", *name);
        }
    }
    out.add("GARPersonCivilite", one(record, &["personalTitle", "ENTPersonCivilite"]));
    let attached = people.school(one(record, &["ENTPersonStructRattach"])).map(|s| people.uai(s));
    out.add_some("GARPersonStructRattach", attached.as_deref());
    let mut schools: Vec<&str> = profiles.iter().map(|(uai, _)| uai.as_str()).collect();
    schools.dedup();
    for uai in schools {
        out.add("GARPersonEtab", uai);
    }
    out.add("GARPersonDateNaissance", iso(one(record, &["ENTPersonDateNaissance"])));
    out
}

/// A pupil.
pub fn pupil(people: &People, plan: &SchoolPlan, record: &Aaf) -> Record {
    person(people, record, Kind::Eleve, &[(people.uai(plan), "National_elv")])
}

/// Curricula (2D) or levels (1D) of a pupil.
pub fn pupil_mefs(people: &People, plan: &SchoolPlan, record: &Aaf) -> Vec<Record> {
    let (uai, id) = (people.uai(plan), people.id(&record.id));
    curricula(record).map(|code| follows(people, Kind::EleveMef, (&uai, &id), code)).collect()
}

fn follows(people: &People, kind: Kind, (uai, id): (&str, &str), code: &str) -> Record {
    Record::of(kind, [(UAI, uai), (ID, id), (mef_code(people.world.options.degree), code)])
}

/// Name of the element that holds a curriculum (2D) or a level (1D).
pub fn mef_code(degree: Degree) -> &'static str {
    match degree {
        Degree::D1 => "GARMEFSTAT4Code",
        Degree::D2 => "GARMEFCode",
    }
}

/// Subjects of a pupil.
pub fn pupil_subjects(people: &People, plan: &SchoolPlan, record: &Aaf) -> Vec<Record> {
    let (uai, id) = (people.uai(plan), people.id(&record.id));
    let texts = |code| [(UAI, uai.as_str()), (ID, id.as_str()), (SUBJECT, code)];
    record.values_of("ENTEleveCodeEnseignements").map(|code| Record::of(Kind::EleveEnseignement, texts(code))).collect()
}

/// The class and the groups of a pupil.
pub fn pupil_groups(people: &People, plan: &SchoolPlan, record: &Aaf) -> Vec<Record> {
    let (uai, id) = (people.uai(plan), people.id(&record.id));
    classes(record).chain(groups(record)).map(|(code, _)| member(&uai, &id, code)).collect()
}

fn member(uai: &str, id: &str, code: &str) -> Record {
    Record::of(Kind::PersonGroupe, [(UAI, uai), (ID, id), (GROUP, code)])
}

/// Classes, then groups, of a school.
pub fn units(census: &Census) -> Vec<Record> {
    let mut out = Vec::new();
    let lists = [("DIVISION", &census.divisions), ("GROUPE", &census.groups)];
    for (status, (code, unit)) in lists.into_iter().flat_map(|(status, list)| list.iter().map(move |u| (status, u))) {
        let texts = [(GROUP, code.as_str()), (UAI, &census.uai), ("GARGroupeLibelle", &unit.label), ("GARGroupeStatut", status)];
        let mut record = Record::of(Kind::Groupe, texts);
        unit.divisions.iter().for_each(|d| record.add("GARGroupeDivAppartenance", d.as_str()));
        out.push(record);
    }
    out
}

/// A post: school, function, discipline.
struct Post<'r> {
    uai: String,
    function: &'r str,
    discipline: &'r str,
}

fn posts<'r>(people: &People, record: &'r Aaf) -> Vec<Post<'r>> {
    let read = |value: &'r str| {
        let parts: Vec<&str> = value.split('$').collect();
        let [structure, function, _, discipline, ..] = parts[..] else { return None };
        Some(Post { uai: people.uai(people.school(structure)?), function, discipline })
    };
    record.values_of("ENTPersonFonctions").filter_map(read).collect()
}

/// National profiles of a function: a head teacher of the first degree also teaches.
fn profiles(degree: Degree, function: &str) -> &'static [&'static str] {
    match (function, degree) {
        ("ENS", _) => &["National_ens"],
        ("DOC", _) => &["National_doc"],
        ("DIR", Degree::D1) => &["National_dir", "National_ens"],
        ("DIR", Degree::D2) => &["National_dir"],
        ("EDU" | "AED", _) => &["National_evs"],
        _ => &["National_eta"],
    }
}

/// A member of staff.
pub fn staff(people: &People, record: &Aaf) -> Record {
    let degree = people.world.options.degree;
    let posts = posts(people, record);
    let held: Vec<(String, &str)> =
        posts.iter().flat_map(|p| profiles(degree, p.function).iter().map(|profile| (p.uai.clone(), *profile))).collect();
    let mut out = person(people, record, Kind::Enseignant, &held);
    let (list, code) = match degree {
        Degree::D1 => ("GAREnsSpecialitesPostes", "GAREnsSpecialitePosteCode"),
        Degree::D2 => ("GAREnsDisciplinesPostes", "GAREnsDisciplinePosteCode"),
    };
    for post in &posts {
        if post.discipline != "-" && (degree == Degree::D1 || matches!(post.function, "ENS" | "DOC")) {
            out.add_block(list, &[(UAI, &post.uai), (code, post.discipline)]);
        }
    }
    if degree == Degree::D2 {
        out.add("GARPersonMail", one(record, &["mail"]));
    }
    out
}

/// Somebody who assigns resources in the schools where he or she holds a post.
pub fn manager(people: &People, record: &Aaf) -> Record {
    let mut out = Record::of(
        Kind::RespAff,
        [
            (ID, &people.id(&record.id)),
            ("GARPersonNom", one(record, &["sn", "ENTPersonNom"])),
            ("GARPersonPrenom", one(record, &["givenName", "ENTPersonPrenom"])),
            ("GARPersonCivilite", one(record, &["personalTitle", "ENTPersonCivilite"])),
            ("GARPersonMail", one(record, &["mail", "ENTPersonMail"])),
        ],
    );
    for post in posts(people, record) {
        out.add("GARRespAffEtab", post.uai);
    }
    out
}

/// The first school where a member of staff holds a post.
pub fn home<'w>(people: &People<'w>, record: &Aaf) -> Option<&'w SchoolPlan> {
    record.values_of("ENTPersonFonctions").find_map(|f| people.school(before(f)))
}

/// Whether the function of a member of staff is to lead the school or its library.
pub fn leads(record: &Aaf) -> bool {
    record.values_of("ENTPersonFonctions").any(|f| matches!(f.split('$').nth(1), Some("DIR" | "DOC")))
}

/// What a member of staff teaches, in the school of the first post: curricula or levels, classes and groups.
pub struct Teaching {
    uai: String,
    id: String,
    mefs: BTreeSet<String>,
    divisions: BTreeMap<String, Vec<String>>,
    groups: BTreeMap<String, Vec<String>>,
}

impl Teaching {
    /// What is taught of what the school holds; `class` is that of a teacher of the first degree.
    pub fn new(people: &People, (plan, census): (&SchoolPlan, &Census), record: &Aaf, class: Option<u64>) -> Self {
        let here = people.world.school_id(plan).to_string();
        let services = |name| {
            let mut out = BTreeMap::<String, Vec<String>>::new();
            for value in record.values_of(name).filter(|v| before(v) == here) {
                let mut parts = value.split('$').skip(1);
                let (Some(code), Some(subject)) = (parts.next(), parts.next()) else { continue };
                if census.has(code) && census.subjects.contains(subject) {
                    out.entry(code.to_owned()).or_default().push(subject.to_owned());
                }
            }
            out
        };
        let declared = record.values_of("ENTAuxEnsMEF").filter(|v| before(v) == here).filter_map(|v| v.split('$').nth(1));
        let mut out = Self {
            uai: census.uai.clone(),
            id: people.id(&record.id),
            mefs: declared.filter(|m| census.mefs.contains(*m)).map(str::to_owned).collect(),
            divisions: services("ENTAuxEnsClassesMatieres"),
            groups: services("ENTAuxEnsGroupesMatieres"),
        };
        if let Some((code, unit)) = class.and_then(|c| census.divisions.get_key_value(&c.to_string())) {
            out.mefs.extend(unit.levels.iter().cloned());
            out.divisions.insert(code.clone(), Vec::new());
        }
        out
    }

    /// Curricula or levels taught.
    pub fn mefs(&self, people: &People) -> Vec<Record> {
        self.mefs.iter().map(|code| follows(people, Kind::EnseignantMef, (&self.uai, &self.id), code)).collect()
    }

    /// Classes and groups taught.
    pub fn members(&self) -> Vec<Record> {
        self.divisions.keys().chain(self.groups.keys()).map(|code| member(&self.uai, &self.id, code)).collect()
    }

    /// Subjects taught to groups.
    pub fn group_subjects(&self) -> Vec<Record> {
        self.taught(Kind::EnsGroupeMatiere, &self.groups)
    }

    /// Subjects taught to classes.
    pub fn class_subjects(&self) -> Vec<Record> {
        self.taught(Kind::EnsClasseMatiere, &self.divisions)
    }

    fn taught(&self, kind: Kind, units: &BTreeMap<String, Vec<String>>) -> Vec<Record> {
        let mut out = Vec::new();
        for (code, subjects) in units.iter().filter(|(_, s)| !s.is_empty()) {
            let mut record = Record::of(kind, [(UAI, &self.uai), (ID, &self.id), (GROUP, code)]);
            subjects.iter().for_each(|s| record.add(SUBJECT, s.as_str()));
            out.push(record);
        }
        out
    }
}
