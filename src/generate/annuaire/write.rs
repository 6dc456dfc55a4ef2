//! The entries, one after the other: a parent comes before what is under it, whoever is named may come later.
//!
//! Every kind is a walk through the people: nobody is kept but the staff of each structure, by identifier.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::super::gar::census::{classes, groups};
use super::super::gar::people::Walk;
use super::super::record::Record as Aaf;
use super::super::{Degree, GenerateError};
use super::chosen::Chosen;
use super::entry::Entry;
use super::naming::Naming;
use super::structures::{self, Faces, Members};
use super::{beside_school, project, roles};

/// What is done with every entry.
pub type Sink<'s> = &'s mut dyn FnMut(Entry) -> Result<(), GenerateError>;

/// What must be known of the staff before structures are written.
#[derive(Default)]
struct Staffing {
    /// The head of each structure.
    heads: BTreeMap<u32, String>,
    /// Whom to ask about the ENT in each structure: somebody who teaches only where everybody does.
    contacts: BTreeMap<u32, String>,
    /// The staff of each structure, by profile.
    profiles: BTreeMap<u32, BTreeMap<&'static str, BTreeSet<u64>>>,
}

impl Staffing {
    fn of(naming: &Naming, chosen: &mut Chosen) -> Result<Self, GenerateError> {
        let first = naming.people.world.options.degree == Degree::D1;
        let mut out = Self::default();
        naming.people.each_staff(&mut |_, record| {
            for post in project::posts(naming, record) {
                if post.1 == "DIR" {
                    out.heads.entry(post.0).or_insert_with(|| record.id.clone());
                }
                if first || !matches!(post.1, "DIR" | "ENS" | "DOC") {
                    out.contacts.entry(post.0).or_insert_with(|| record.id.clone());
                }
                project::profiles(naming, post).iter().for_each(|profile| chosen.meet(naming, record, profile));
                if naming.dialect.has_profiles() {
                    let of_structure = out.profiles.entry(post.0).or_default();
                    for profile in project::profiles(naming, post) {
                        of_structure.entry(profile).or_default().extend(record.id.parse::<u64>());
                    }
                }
            }
            Ok(())
        })?;
        Ok(out)
    }
}

/// Writes everything, as it is on that day.
pub fn write(naming: &Naming, today: Date, emit: Sink) -> Result<(), GenerateError> {
    let (people, world) = (naming.people, naming.people.world);
    let mut chosen = Chosen::of(naming)?;
    let staffing = Staffing::of(naming, &mut chosen)?;
    structures::tree().into_iter().try_for_each(&mut *emit)?;
    let mut record = Aaf::default();
    for rank in 0..world.offices {
        people.office(rank, &mut record);
        emit(structures::office(naming, rank, &record))?;
    }
    let mut walk = Walk::default();
    for plan in people.schools() {
        let census = walk.census(people, plan)?;
        people.structure(plan, &mut record);
        let rank = world.school_rank(plan);
        let faces =
            Faces { head: staffing.heads.get(&rank).map(String::as_str), contact: staffing.contacts.get(&rank).map(String::as_str) };
        emit(structures::school(naming, plan, &record, faces, census))?;
    }
    beside_school::structures(naming, &chosen).into_iter().try_for_each(&mut *emit)?;
    people.each_pupil(&mut |plan, pupil| {
        let mut entry = project::pupil(naming, world.school_rank(plan), pupil, today);
        chosen.pupil(naming, &pupil.id, &mut entry);
        emit(entry)
    })?;
    people.each_relative(&mut |relative| {
        let pupil = project::one(relative, &["ENTAuxPersRelEleveEleve", "ENTPersRelEleveEleve"]);
        let school = world.school_of_pupil(pupil).map_or(world.offices, |plan| world.school_rank(plan));
        let mut entry = project::relative(naming, relative, school);
        chosen.relative(naming, &relative.id, &mut entry);
        emit(entry)
    })?;
    people.each_staff(&mut |class, member| {
        let mut entry = project::staff(naming, member, class);
        chosen.member(naming, &member.id, &mut entry);
        emit(entry)
    })?;
    beside_school::people(naming, &chosen).into_iter().try_for_each(&mut *emit)?;
    units(naming, staffing, &mut *emit)?;
    roles::groups(naming, &chosen).into_iter().try_for_each(&mut *emit)?;
    roles::applications(naming, &chosen).into_iter().try_for_each(emit)
}

/// Classes, groups and profiles, structure by structure.
fn units(naming: &Naming, mut staffing: Staffing, emit: Sink) -> Result<(), GenerateError> {
    let world = naming.people.world;
    let mut flush = |rank: u32, members: Members| {
        let mut members = members;
        for (profile, ids) in staffing.profiles.remove(&rank).unwrap_or_default() {
            members.profiles.entry(profile).or_default().extend(ids);
        }
        structures::groups(naming, rank, &members).into_iter().try_for_each(&mut *emit)
    };
    (0..world.offices).try_for_each(|rank| flush(rank, Members::default()))?;
    let mut current = (world.offices, Members::default());
    naming.people.each_pupil(&mut |plan, pupil| {
        let rank = world.school_rank(plan);
        while current.0 < rank {
            flush(current.0, std::mem::take(&mut current.1))?;
            current.0 += 1;
        }
        let (members, id) = (&mut current.1, pupil.id.parse::<u64>().unwrap_or_default());
        classes(pupil).for_each(|(code, _)| members.classes.entry(code.to_owned()).or_default().push(id));
        groups(pupil).for_each(|(code, _)| members.groups.entry(code.to_owned()).or_default().push(id));
        if naming.dialect.has_profiles() {
            members.profiles.entry("ELV").or_default().insert(id);
            let relatives = project::relatives_of(pupil).filter_map(|r| r.parse::<u64>().ok());
            members.profiles.entry("TUT").or_default().extend(relatives);
        }
        Ok(())
    })?;
    let schools = world.offices + world.schools.len() as u32;
    let (first, mut members) = current;
    (first..schools).try_for_each(|rank| flush(rank, std::mem::take(&mut members)))
}
