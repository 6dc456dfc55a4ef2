//! Pupils of the second degree.

use super::super::catalogue::SUBJECTS;
use super::super::family::{Family, links};
use super::super::keys::ine;
use super::super::plan::SchoolKind;
use super::super::record::{Kind, Record, Request};
use super::super::rng::Stream;
use super::super::text::{Sex, address, first_name, surname};
use super::super::world::{French, World};
use super::school::{Choice, School};

const DAY_PUPILS: &[&str] = &[
    "EXTERNE LIBRE",
    "EXTERNE SURVEILLE",
    "DEMI-PENSIONNAIRE AU TICKET",
    "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT",
    "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT",
    "DEMI-PENSIONNAIRE DANS L'ETABLISSEMENT",
];

/// A pupil and where he or she sits.
pub struct Pupil<'a> {
    /// Index in the académie.
    pub index: u64,
    /// Position in the school.
    pub position: u32,
    /// Family.
    pub family: Family<'a>,
}

/// Fills the record of a pupil. A modification changes the boarding status and the transport.
pub fn fill(world: &World, school: &School, pupil: &Pupil, request: Request, record: &mut Record) {
    let (index, id) = (pupil.index, world.pupil_id(pupil.index));
    let mut draw = world.keys.draw(Stream::Pupil, index);
    let division = school.division_of(pupil.position);
    let choice = Choice::draw(school, division, &mut draw);
    let links = links(world, pupil.family);
    let mut shared = world.keys.draw(Stream::Family, pupil.family.key | 1 << 48);
    let (name, home) = (surname(&mut shared), address(&mut shared));
    let sex = Sex::draw(&mut draw);
    let first = first_name(&mut draw, sex);
    let late = if draw.chance(90) { 1 } else { 0 };
    let early = u32::from(late == 0 && draw.chance(25));

    record.start(Kind::Eleve, request, id);
    record.fmt("ENTPersonJointure", format_args!("{id}"));
    record.one("ENTEleveINE", &ine(world.ine_rank(index), [draw.below(10), draw.below(10)]));
    record.fmt("ENTEleveStructRattachId", format_args!("{}", 1_000 + index * 2 + u64::from(draw.below(2))));
    record.fmt("ENTPersonDateNaissance", format_args!("{}", French(world.birth(&mut draw, u32::from(choice.mef.age) + late - early))));
    record.one("ENTPersonNomPatro", &name);
    record.one("sn", &name);
    record.one("givenName", first);
    record.attr("ENTPersonAutresPrenoms");
    record.value(format_args!("{first}"));
    for _ in 0..draw.below(3) {
        record.value(format_args!("{}", first_name(&mut draw, sex)));
    }
    record.one("personalTitle", sex.civility());
    record.attr("ENTElevePersRelEleve");
    for link in &links {
        let person = world.relative_id(pupil.family.key, link.rank);
        let [financial, legal, contact] = [link.financial, link.legal, true].map(u8::from);
        record.value(format_args!("{person}${}${financial}${legal}${contact}${financial}", link.code));
    }
    record.flag("ENTEleveBoursier", draw.chance(200));
    let boarder = matches!(school.plan.kind, SchoolKind::Lp | SchoolKind::Lgt) && draw.chance(120);
    let mut status = if boarder { "INTERNE DANS L'ETABLISSEMENT" } else { draw.pick(DAY_PUPILS) };
    let mut transport = draw.chance(320);
    if request == Request::Modify {
        status = if status == "EXTERNE LIBRE" { "DEMI-PENSIONNAIRE AU TICKET" } else { "EXTERNE LIBRE" };
        transport = !transport;
    }
    record.one("ENTEleveRegime", status);
    record.flag("ENTEleveTransport", transport);
    let town = world.town(school.plan.sector);
    if draw.chance(920) {
        record.one("ENTPersonAdresse", &home);
        record.one("ENTPersonCodePostal", &town.postal);
        record.one("ENTPersonVille", &town.name);
        record.one("ENTPersonPays", "FRANCE");
    } else {
        record.one("ENTPersonAdresse", "$$$");
        record.none("ENTPersonCodePostal");
        record.none("ENTPersonVille");
        record.none("ENTPersonPays");
    }
    record.attr("ENTEleveAdresseRel");
    if let Some(link) = links.first().filter(|_| draw.chance(890)) {
        record.value(format_args!("{}", world.relative_id(pupil.family.key, link.rank)));
    }
    let apprentice = school.plan.kind == SchoolKind::Lp && choice.mef.age >= 16 && draw.chance(60);
    record.one("ENTEleveStatutEleve", if apprentice { "APPRENTI" } else { "SCOLAIRE" });
    record.one("ENTEleveMEF", choice.mef.code);
    record.one("ENTEleveLibelleMEF", choice.mef.label);
    record.one("ENTEleveNivFormation", choice.mef.level);
    record.one("ENTEleveFiliere", choice.mef.stream);
    let subjects = || choice.mef.core.iter().chain(&choice.grouped).map(|s| &SUBJECTS[*s as usize]);
    record.attr("ENTEleveEnseignements");
    for subject in subjects() {
        record.value(format_args!("{}", subject.label));
    }
    record.attr("ENTEleveCodeEnseignements");
    for subject in subjects() {
        record.value(format_args!("{}", subject.code));
    }
    let (structure, class) = (school.id, &school.divisions[division].code);
    record.fmt("ENTPersonStructRattach", format_args!("{structure}"));
    record.fmt("ENTEleveDateEntreeClasses", format_args!("{structure}$01/09/{}${class}", world.year));
    record.none("ENTEleveDateSortieClasses");
    record.fmt("ENTEleveClasses", format_args!("{structure}${class}"));
    record.attr("ENTEleveGroupes");
    for group in choice.grouped.iter().filter_map(|s| school.group(division, *s)) {
        record.value(format_args!("{structure}${}", group.code));
    }
}
