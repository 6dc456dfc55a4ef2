//! Staff of the second degree: who teaches what to whom, and the others.

use std::collections::BTreeSet;

use super::super::GenerateError;
use super::super::catalogue::{DISCIPLINES, MEFS, SUBJECTS};
use super::super::plan::SchoolKind;
use super::super::record::{Kind, Record, Request};
use super::super::rng::Stream;
use super::super::text::{Sex, first_name, mail, surname};
use super::super::world::{French, World};
use super::school::School;

/// Weekly hours after which another teacher is needed.
const SERVICE_HOURS: u32 = 19;

/// A function: code, label, code of the discipline, label of the discipline.
#[derive(Clone, Copy)]
pub struct Function {
    code: &'static str,
    label: &'static str,
    discipline: &'static str,
    discipline_label: &'static str,
}

const fn function(code: &'static str, label: &'static str, discipline: &'static str, discipline_label: &'static str) -> Function {
    Function { code, label, discipline, discipline_label }
}

const HEAD: Function = function("DIR", "DIRECTION", "D0010", "CHEF D'ETABLISSEMENT");
const DEPUTY: Function = function("DIR", "DIRECTION", "D0011", "ADJOINT AU CHEF D'ETABLISSEMENT");
const LIBRARIAN: Function = function("DOC", "DOCUMENTATION", "L0080", "DOCUMENTATION");
const EDUCATION: Function = function("EDU", "EDUCATION", "E0030", "EDUCATION");
const ASSISTANT: Function = function("AED", "ASSISTANT D'EDUCATION", "-", "SANS OBJET");
const OFFICE: Function = function("ADF", "PERSONNELS ADMINISTRATIFS", "P0000", "PERSONNELS ADMINISTRATIFS");
const LABORATORY: Function = function("LAB", "PERSONNELS DE LABORATOIRE", "-", "SANS OBJET");
const NURSE: Function = function("MDS", "PERSONNELS MEDICO-SOCIAUX", "-", "SANS OBJET");
const PSYCHOLOGIST: Function = function("PSY", "PSYCHOLOGUE DE L'EDUCATION NATIONALE", "Y0010", "CONSEIL EN ORIENTATION");
const NOTHING: Function = function("-", "SANS OBJET", "-", "SANS OBJET");

/// Whom a service is given to.
#[derive(Clone, Copy)]
enum Unit {
    Division(usize),
    Group(usize),
}

/// One subject taught to one class or group.
#[derive(Clone, Copy)]
struct Service {
    unit: Unit,
    subject: u8,
    head_teacher: bool,
}

/// A post held by somebody.
pub struct Post<'a> {
    structure: u64,
    function: Function,
    /// Rank of the discipline of a teacher.
    teacher: Option<u8>,
    school: Option<&'a School>,
    services: &'a [Service],
    /// Another structure where the same function is held.
    also: Option<u64>,
}

type Visit<'v> = &'v mut dyn FnMut(u64, &Post) -> Result<(), GenerateError>;

/// Every post, in order, with its index.
pub fn each(world: &World, visit: Visit) -> Result<(), GenerateError> {
    let mut index = 0;
    let mut next = |post: &Post| {
        index += 1;
        visit(index - 1, post)
    };
    let quarter = world.schools.len() as u32 / 4;
    for rank in 0..world.offices {
        let structure = world.structure_id(rank);
        let plain = |function| Post { structure, function, teacher: None, school: None, services: &[], also: None };
        let (function, count) = match rank {
            0 => (OFFICE, 3 + quarter),
            1 => (OFFICE, 2 + quarter),
            2 => (NOTHING, 1 + quarter),
            _ => (PSYCHOLOGIST, 3),
        };
        for _ in 0..count {
            next(&plain(function))?;
        }
        if rank == 2 {
            for n in 0..=quarter * 3 {
                let discipline = (n % 6) as u8;
                next(&Post { function: teaching(discipline), teacher: Some(discipline), ..plain(function) })?;
            }
        }
    }
    for plan in &world.schools {
        let school = School::new(world, plan);
        let neighbour = world.schools.get(plan.rank as usize + 1).map(|s| world.school_id(s));
        each_of(&school, neighbour, &mut next)?;
    }
    Ok(())
}

fn teaching(discipline: u8) -> Function {
    let d = &DISCIPLINES[discipline as usize];
    function("ENS", "ENSEIGNEMENT", d.code, d.label)
}

fn each_of(school: &School, neighbour: Option<u64>, next: &mut dyn FnMut(&Post) -> Result<(), GenerateError>) -> Result<(), GenerateError> {
    let size = school.plan.size;
    let lycee = matches!(school.plan.kind, SchoolKind::Lgt | SchoolKind::Lp);
    let attached = u32::from(school.plan.attached.is_some());
    for (function, count) in [
        (HEAD, 1 - attached),
        (DEPUTY, size / 400 + attached),
        (LIBRARIAN, 1 - attached),
        (EDUCATION, size.div_ceil(450) - attached),
        (ASSISTANT, size / 140),
        (OFFICE, 1 + size / 220),
        (LABORATORY, if lycee { size / 450 } else { 0 }),
        (NURSE, size / 420),
    ] {
        for _ in 0..count {
            next(&Post { structure: school.id, function, teacher: None, school: None, services: &[], also: None })?;
        }
    }
    let services = services(school);
    let mut rest = services.as_slice();
    let mut rank = 0_u32;
    while let Some(first) = rest.first() {
        let discipline = SUBJECTS[first.subject as usize].discipline;
        let (mut hours, mut taken) = (0, 0);
        for service in rest {
            let subject = &SUBJECTS[service.subject as usize];
            hours += u32::from(subject.hours);
            if subject.discipline != discipline || (taken > 0 && hours > SERVICE_HOURS) {
                break;
            }
            taken += 1;
        }
        rank += 1;
        let also = neighbour.filter(|_| rank % 23 == 7);
        let (mine, others) = rest.split_at(taken);
        next(&Post {
            structure: school.id,
            function: teaching(discipline),
            teacher: Some(discipline),
            school: Some(school),
            services: mine,
            also,
        })?;
        rest = others;
    }
    Ok(())
}

/// Everything taught in a school, discipline by discipline.
fn services(school: &School) -> Vec<Service> {
    let mut out = Vec::new();
    for division in 0..school.divisions.len() {
        let core = MEFS[school.level(division).mefs[0] as usize].core;
        let head = division % core.len();
        out.extend(core.iter().enumerate().map(|(i, s)| Service { unit: Unit::Division(division), subject: *s, head_teacher: i == head }));
    }
    out.extend(school.groups.iter().enumerate().map(|(i, g)| Service { unit: Unit::Group(i), subject: g.subject, head_teacher: false }));
    out.sort_by_key(|s| SUBJECTS[s.subject as usize].discipline);
    out
}

/// Fills the record of somebody who arrives in the first school.
pub fn newcomer(world: &World, index: u64, record: &mut Record) {
    let structure = world.structure_id(world.offices);
    let post = Post { structure, function: EDUCATION, teacher: None, school: None, services: &[], also: None };
    fill(world, index, &post, Request::Add, record);
}

/// Fills the record of a member of staff. A modification changes the mail address.
pub fn fill(world: &World, index: u64, post: &Post, request: Request, record: &mut Record) {
    let id = world.staff_id(index);
    let mut draw = world.keys.draw(Stream::Staff, index);
    let sex = Sex::draw(&mut draw);
    let (name, first) = (surname(&mut draw), first_name(&mut draw, sex));
    let birth_name = if sex == Sex::F && draw.chance(350) { surname(&mut draw) } else { name.clone() };
    let age = draw.between(25, 63);
    let (structure, teaches) = (post.structure, !post.services.is_empty());
    record.start(Kind::Staff, request, id);
    record.fmt("ENTPersonJointure", format_args!("{id}"));
    record.fmt("ENTPersonDateNaissance", format_args!("{}", French(world.birth(&mut draw, age))));
    record.one("ENTPersonNomPatro", &birth_name);
    record.one("sn", &name);
    record.one("givenName", first);
    record.one("personalTitle", sex.civility());
    let domain = if request == Request::Modify { "ac-conforment-bis.example" } else { "ac-conforment.example" };
    record.one("mail", &mail(first, &name, index % 97, domain));
    record.attr("ENTPersonStructRattach");
    if !(post.teacher.is_some() && draw.chance(110)) {
        record.value(format_args!("{structure}"));
    }
    let discipline = post.teacher.map(|d| &DISCIPLINES[d as usize]);
    record.attr("ENTAuxEnsCategoDiscipline");
    if let Some(d) = discipline {
        record.value(format_args!("{}${}", d.category, d.category_label));
    }
    record.attr("ENTAuxEnsDisciplinesPoste");
    if let Some(d) = discipline.filter(|_| teaches) {
        record.value(format_args!("{}${}", d.category_label, d.category));
    }
    fill_services(post, record);
    let function = post.function;
    record.attr("ENTPersonFonctions");
    for place in std::iter::once(structure).chain(post.also) {
        let Function { code, label, discipline, discipline_label } = function;
        record.value(format_args!("{place}${code}${label}${discipline}${discipline_label}"));
    }
    record.flag("ENTPersonCategorieEnseignant", matches!(function.code, "ENS" | "DOC" | "-"));
    record.flag("PersEducNatPresenceDevantEleves", teaches);
}

fn fill_services(post: &Post, record: &mut Record) {
    let (structure, services) = (post.structure, post.services);
    let empty = [
        "ENTAuxEnsMEF",
        "ENTAuxEnsMatiereEnseignEtab",
        "ENTAuxEnsClasses",
        "ENTAuxEnsGroupes",
        "ENTAuxEnsClassesMatieres",
        "ENTAuxEnsGroupesMatieres",
        "ENTAuxEnsClassesPrincipal",
    ];
    let Some(school) = post.school else { return empty.into_iter().for_each(|name| record.none(name)) };
    let division_of = |service: &Service| match service.unit {
        Unit::Division(d) => d,
        Unit::Group(g) => school.groups[g].divisions.start,
    };
    let mefs: BTreeSet<u8> = services.iter().flat_map(|s| school.level(division_of(s)).mefs).copied().collect();
    record.attr(empty[0]);
    for mef in mefs.iter().map(|m| &MEFS[*m as usize]) {
        record.value(format_args!("{structure}${}${}", mef.code, mef.label));
    }
    let subjects: BTreeSet<u8> = services.iter().map(|s| s.subject).collect();
    record.attr(empty[1]);
    for subject in &subjects {
        record.value(format_args!("{structure}${}", SUBJECTS[*subject as usize].label));
    }
    let classes = || {
        services.iter().filter_map(|s| match s.unit {
            Unit::Division(d) => Some((&school.divisions[d].code, s)),
            Unit::Group(_) => None,
        })
    };
    let groups = || {
        services.iter().filter_map(|s| match s.unit {
            Unit::Group(g) => Some((&school.groups[g].code, s)),
            Unit::Division(_) => None,
        })
    };
    record.attr(empty[2]);
    classes().for_each(|(code, _)| record.value(format_args!("{structure}${code}")));
    record.attr(empty[3]);
    groups().for_each(|(code, _)| record.value(format_args!("{structure}${code}")));
    record.attr(empty[4]);
    classes().for_each(|(code, s)| record.value(format_args!("{structure}${code}${}", SUBJECTS[s.subject as usize].code)));
    record.attr(empty[5]);
    groups().for_each(|(code, s)| record.value(format_args!("{structure}${code}${}", SUBJECTS[s.subject as usize].code)));
    record.attr(empty[6]);
    classes().filter(|(_, s)| s.head_teacher).for_each(|(code, _)| record.value(format_args!("{structure}${code}")));
}
