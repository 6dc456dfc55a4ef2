//! Structures and nomenclatures of the second degree.

use super::super::GenerateError;
use super::super::catalogue::{MEFS, SUBJECTS};
use super::super::delivery::Delivery;
use super::super::keys::{siret, uai};
use super::super::plan::{SchoolKind, SchoolPlan};
use super::super::record::{Kind, Record, Request};
use super::super::rng::Stream;
use super::super::text::{SCHOOL_NAMES, landline, street};
use super::super::world::{ACADEMY, ACADEMY_CODE, World};
use super::school::School;

/// Writes the offices, then the schools.
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
    let (acronym, name) = match rank {
        0 => ("RECTORAT", "RECTORAT D'ACADEMIE"),
        1 => ("DSDEN", "DIRECTION DES SERVICES DEPARTEMENTAUX"),
        2 => ("ZR", "ZONE DE REMPLACEMENT"),
        _ => ("CIO", ""),
    };
    head(world, record, rank, rank * 5, (acronym, name), "SANS OBJET", false);
    record.none("ENTEtablissementStructRattachFctl");
    record.none("ENTEtablissementBassin");
    record.one("ENTServAcAcademie", ACADEMY);
    record.none("ENTStructureClasses");
    record.none("ENTStructureGroupes");
}

/// Fills the record of a school.
pub fn fill(world: &World, plan: &SchoolPlan, record: &mut Record) {
    let school = School::new(world, plan);
    let (acronym, kind) = match plan.kind {
        SchoolKind::College => ("CLG", "COLLEGE"),
        SchoolKind::Segpa => ("SEGPA", "SECTION ENSEIGNT GEN. ET PROF. ADAPTE"),
        SchoolKind::Lp => ("LP", "LYCEE PROFESSIONNEL"),
        _ => ("LGT", "LYCEE ENSEIGNT GENERAL ET TECHNOLOGIQUE"),
    };
    let named = plan.attached.unwrap_or(plan.rank);
    let name = world.keys.draw(Stream::Area, u64::from(named)).pick(SCHOOL_NAMES);
    head(world, record, world.school_rank(plan), plan.sector, (acronym, name), kind, plan.private);
    record.attr("ENTEtablissementStructRattachFctl");
    if let Some(rank) = plan.attached {
        record.value(format_args!("{}", world.structure_id(world.offices + rank)));
    }
    let basin = plan.sector / 6;
    record.fmt("ENTEtablissementBassin", format_args!("{ACADEMY_CODE}{:03}$BASSIN DE {}", basin % 1000 + 1, world.town(basin * 6).name));
    record.one("ENTServAcAcademie", ACADEMY);
    record.attr("ENTStructureClasses");
    for (rank, division) in school.divisions.iter().enumerate() {
        let mefs: Vec<&str> = school.level(rank).mefs.iter().map(|m| MEFS[*m as usize].code).collect();
        record.value(format_args!("{}$CLASSE DE {}${}", division.code, division.code, mefs.join("$")));
    }
    record.attr("ENTStructureGroupes");
    for group in &school.groups {
        record.value(format_args!("{}", school.group_declaration(group)));
    }
}

fn head(world: &World, record: &mut Record, rank: u32, sector: u32, (acronym, name): (&str, &str), kind: &str, private: bool) {
    let mut draw = world.keys.draw(Stream::Structure, u64::from(rank));
    let (id, number, town) = (world.structure_id(rank), world.uai_number(rank), world.town(sector));
    let uai = uai(number);
    record.start(Kind::Etab, Request::Add, id);
    record.fmt("ENTStructureJointure", format_args!("{id}"));
    record.one("ENTStructureUAI", &uai);
    record.one("ENTEtablissementUAI", &uai);
    record.one("ENTStructureSIREN", if draw.chance(900) { siret(number) } else { String::new() }.as_str());
    record.fmt("ENTStructureNomCourant", format_args!("{acronym}${name}${}", town.name));
    record.one("ENTStructureTypeStruct", kind);
    record.one("ENTEtablissementMinistereTutelle", "MINISTERE DE L'EDUCATION NATIONALE");
    record.one("ENTEtablissementContrat", if private { "PR" } else { "PU" });
    record.attr("postOfficeBox");
    if draw.chance(100) {
        record.value(format_args!("BP {}", draw.between(10, 999)));
    }
    record.one("street", &street(&mut draw));
    record.one("postalCode", &town.postal);
    record.one("l", &town.name);
    record.one("telephoneNumber", &landline(&mut draw));
    record.one("facsimileTelephoneNumber", if draw.chance(370) { landline(&mut draw) } else { String::new() }.as_str());
    record.fmt("ENTStructureMailSI", format_args!("ce.{}@ac-conforment.example", uai.to_ascii_lowercase()));
}

/// Writes the subjects.
pub fn write_subjects(delivery: &mut Delivery, record: &mut Record) -> Result<(), GenerateError> {
    delivery.begin(Kind::Matiere)?;
    for subject in SUBJECTS {
        record.start(Kind::Matiere, Request::Add, subject.code);
        record.one("ENTMatJointure", subject.code);
        record.one("ENTLibelleMatiere", subject.label);
        record.one("ENTMatiereRattach", subject.code);
        delivery.emit(record)?;
    }
    Ok(())
}

/// Writes the curricula.
pub fn write_mefs(delivery: &mut Delivery, record: &mut Record) -> Result<(), GenerateError> {
    delivery.begin(Kind::Mef)?;
    for mef in MEFS {
        record.start(Kind::Mef, Request::Add, mef.code);
        record.one("ENTMefJointure", mef.code);
        record.one("ENTLibelleMef", mef.label);
        record.one("ENTMEFRattach", mef.national);
        record.fmt("ENTMEFSTAT11", format_args!("{}{}", mef.statistics, &mef.code[3..8]));
        record.one("ENTNivFormation", mef.level);
        record.one("ENTFiliere", mef.stream);
        delivery.emit(record)?;
    }
    Ok(())
}
