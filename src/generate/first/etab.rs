//! Structures of the first degree.

use super::super::GenerateError;
use super::super::delivery::Delivery;
use super::super::keys::{DEPARTMENT, siret, uai};
use super::super::plan::{SchoolKind, SchoolPlan};
use super::super::record::{Kind, Record, Request};
use super::super::rng::Stream;
use super::super::text::{SCHOOL_NAMES, landline, street};
use super::super::world::{ACADEMY, World};

/// Writes the offices and circonscriptions, then the schools.
pub fn write(world: &World, delivery: &mut Delivery, record: &mut Record) -> Result<(), GenerateError> {
    delivery.begin(Kind::Etab)?;
    for rank in 0..world.offices {
        office(world, rank, record);
        delivery.emit(record)?;
    }
    for plan in &world.schools {
        fill(world, plan, record);
        delivery.emit(record)?;
    }
    Ok(())
}

/// Fills the record of an office.
pub fn office(world: &World, rank: u32, record: &mut Record) {
    let (acronym, name, kind, parent) = match rank {
        0 => ("RECTORAT", "RECTORAT D'ACADEMIE", "SANS OBJET", None),
        1 => ("DSDEN", "DIRECTION DES SERVICES DEPARTEMENTAUX", "SANS OBJET", None),
        2 => ("IA", "INSPECTION ACADEMIQUE", "SANS OBJET", None),
        _ => ("IEN", "CIRCONSCRIPTION", "CIRCONSCRIPTIONS INSPECTION EDUC NAT", Some(rank)),
    };
    let place = Place { rank, sector: rank * 5, private: false, parent, grouped: false };
    structure(world, record, &place, (acronym, name), kind);
}

/// Fills the record of a school.
pub fn fill(world: &World, plan: &SchoolPlan, record: &mut Record) {
    let (acronym, kind) = match plan.kind {
        SchoolKind::Maternelle => ("E.M.PU", "ECOLE MATERNELLE"),
        SchoolKind::Elementaire => ("E.E.PU", "ECOLE DE NIVEAU ELEMENTAIRE"),
        _ => ("E.P.PU", "ECOLE DE NIVEAU ELEMENTAIRE"),
    };
    let acronym = if plan.private { acronym.replace("PU", "PR") } else { acronym.to_owned() };
    let mut draw = world.keys.draw(Stream::Area, u64::from(plan.rank));
    let name = if draw.chance(150) { "" } else { draw.pick(SCHOOL_NAMES) };
    let place = Place {
        rank: world.school_rank(plan),
        sector: plan.sector,
        private: plan.private,
        parent: Some(world.office_of(plan.sector)),
        grouped: draw.chance(50),
    };
    structure(world, record, &place, (&acronym, name), kind);
}

struct Place {
    rank: u32,
    sector: u32,
    private: bool,
    parent: Option<u32>,
    grouped: bool,
}

fn structure(world: &World, record: &mut Record, place: &Place, (acronym, name): (&str, &str), kind: &str) {
    let mut draw = world.keys.draw(Stream::Structure, u64::from(place.rank));
    let (id, number) = (world.structure_id(place.rank), world.uai_number(place.rank));
    let (town, uai) = (world.town(place.sector), uai(number));
    record.start(Kind::Etab, Request::Add, id);
    record.fmt("ENTStructureJointure", format_args!("{id}"));
    record.one("ENTStructureUAI", &uai);
    record.one("ENTStructureSIREN", &siret(number));
    record.fmt("ENTStructureNomCourant", format_args!("{acronym}${name}${}", town.name));
    record.one("ENTStructureTypeStruct", kind);
    record.one("ENTEcoleMinistereTutelle", "MINISTERE DE L'EDUCATION NATIONALE");
    record.one("ENTEcoleSecteur", if place.private { "PR" } else { "PU" });
    record.attr("ENTEcoleCirconscription");
    if let Some(rank) = place.parent {
        record.value(format_args!("{}", world.structure_id(rank)));
    }
    record.fmt("ENTEcoleCommune", format_args!("{}${}${DEPARTMENT}", town.insee, town.name));
    record.attr("ENTEcoleRPI");
    if place.grouped {
        record.value(format_args!("{DEPARTMENT}{:03}$RPI DE {}${DEPARTMENT}", place.sector % 1000, town.name));
    }
    record.one("ENTServAcAcademie", ACADEMY);
    record.one("ENTStructureAdresse", &street(&mut draw));
    record.attr("ENTStructureBoitePostale");
    if draw.chance(100) {
        record.value(format_args!("BP {}", draw.between(10, 999)));
    }
    record.one("ENTStructureCodePostal", &town.postal);
    record.one("ENTStructureVille", &town.name);
    record.one("ENTStructureTelephone", &landline(&mut draw));
    record.attr("ENTStructureFax");
    if draw.chance(210) {
        record.value(format_args!("{}", landline(&mut draw)));
    }
    record.fmt("ENTStructureMailSI", format_args!("ce.{}@ac-conforment.example", uai.to_ascii_lowercase()));
}
