//! The five categories, one after the other, in the order in which the records of a file must come.
//!
//! Every kind of record is a walk through the people: nobody is kept.

use super::super::GenerateError;
use super::super::record::Record as Aaf;
use super::delivery::Delivery;
use super::people::{People, Walk};
use super::project::{self, Teaching};
use super::record::{Category, Record};

/// Writes everything.
pub fn write(people: &People, delivery: &mut Delivery) -> Result<(), GenerateError> {
    etab(people, delivery)?;
    eleve(people, delivery)?;
    enseignant(people, delivery)?;
    groupe(people, delivery)?;
    managers(people, delivery)
}

fn second(people: &People) -> bool {
    people.world.options.degree == super::Degree::D2
}

fn emit_all(delivery: &mut Delivery, records: impl IntoIterator<Item = Record>) -> Result<(), GenerateError> {
    records.into_iter().try_for_each(|record| delivery.emit(record))
}

fn etab(people: &People, delivery: &mut Delivery) -> Result<(), GenerateError> {
    delivery.begin(Category::Etab)?;
    let mut scratch = Aaf::default();
    for plan in people.schools() {
        delivery.emit(project::school(people, plan, &mut scratch))?;
    }
    if second(people) {
        let mut walk = Walk::default();
        for plan in people.schools() {
            emit_all(delivery, project::mefs(walk.census(people, plan)?))?;
        }
        for plan in people.schools() {
            emit_all(delivery, project::subjects(walk.census(people, plan)?))?;
        }
    }
    delivery.end()
}

fn eleve(people: &People, delivery: &mut Delivery) -> Result<(), GenerateError> {
    delivery.begin(Category::Eleve)?;
    people.each_pupil(&mut |plan, pupil| delivery.emit(project::pupil(people, plan, pupil)))?;
    people.each_pupil(&mut |plan, pupil| emit_all(delivery, project::pupil_mefs(people, plan, pupil)))?;
    if second(people) {
        people.each_pupil(&mut |plan, pupil| emit_all(delivery, project::pupil_subjects(people, plan, pupil)))?;
    }
    delivery.end()
}

/// What every member of staff teaches.
pub fn each_teaching(people: &People, visit: &mut dyn FnMut(Teaching) -> Result<(), GenerateError>) -> Result<(), GenerateError> {
    let mut walk = Walk::default();
    people.each_member(&mut |class, member| {
        let Some(plan) = project::home(people, member) else { return Ok(()) };
        let census = walk.census(people, plan)?;
        visit(Teaching::new(people, (plan, census), member, class))
    })
}

fn enseignant(people: &People, delivery: &mut Delivery) -> Result<(), GenerateError> {
    delivery.begin(Category::Enseignant)?;
    people.each_member(&mut |_, member| delivery.emit(project::staff(people, member)))?;
    each_teaching(people, &mut |teaching| emit_all(delivery, teaching.mefs(people)))?;
    delivery.end()
}

fn groupe(people: &People, delivery: &mut Delivery) -> Result<(), GenerateError> {
    delivery.begin(Category::Groupe)?;
    let mut walk = Walk::default();
    for plan in people.schools() {
        emit_all(delivery, project::units(walk.census(people, plan)?))?;
    }
    people.each_pupil(&mut |plan, pupil| emit_all(delivery, project::pupil_groups(people, plan, pupil)))?;
    each_teaching(people, &mut |teaching| emit_all(delivery, teaching.members()))?;
    if second(people) {
        each_teaching(people, &mut |teaching| emit_all(delivery, teaching.group_subjects()))?;
        each_teaching(people, &mut |teaching| emit_all(delivery, teaching.class_subjects()))?;
    }
    delivery.end()
}

/// Those who lead a school or its library, and in any case the first of its staff: no school is without anybody.
fn managers(people: &People, delivery: &mut Delivery) -> Result<(), GenerateError> {
    delivery.begin(Category::RespAff)?;
    let mut next = 0;
    people.each_member(&mut |_, member| {
        let Some(plan) = project::home(people, member) else { return Ok(()) };
        let first = plan.rank >= next;
        next = next.max(plan.rank + 1);
        if first || project::leads(member) { delivery.emit(project::manager(people, member)) } else { Ok(()) }
    })?;
    delivery.end()
}
