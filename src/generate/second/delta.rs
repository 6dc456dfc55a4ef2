//! The Delta of the second degree. Structures and nomenclatures are sent again in full before this.

use super::super::GenerateError;
use super::super::change::Change;
use super::super::delivery::Delivery;
use super::super::family::{Family, Siblings, links};
use super::super::record::{Kind, Record, Request};
use super::super::world::World;
use super::pupil::{self, Pupil};
use super::school::School;
use super::{relative, staff};

/// Writes pupils, responsible persons and staff that change.
pub fn write(world: &World, delivery: &mut Delivery, record: &mut Record) -> Result<(), GenerateError> {
    let change = Change::new(world.options.pupils);
    delivery.begin(Kind::Eleve)?;
    for sector in 0..world.sectors.len() {
        let (schools, first, count) = world.sector(sector);
        let siblings = Siblings::new(world.keys, first, count);
        for plan in schools {
            let school = School::new(world, plan);
            for position in 0..plan.size {
                let index = plan.first + u64::from(position);
                let family = siblings.of(index);
                match change.pupil(index, family) {
                    None => continue,
                    Some(Request::Delete) => record.start(Kind::Eleve, Request::Delete, world.pupil_id(index)),
                    Some(request) => pupil::fill(world, &school, &Pupil { index, position, family }, request, record),
                }
                delivery.emit(record)?;
            }
        }
    }
    for index in change.newcomers() {
        let plan = &world.schools[index as usize % world.schools.len()];
        let school = School::new(world, plan);
        let pupil = Pupil { index, position: (index % u64::from(plan.size)) as u32, family: Family::single(index) };
        pupil::fill(world, &school, &pupil, Request::Add, record);
        delivery.emit(record)?;
    }
    delivery.begin(Kind::Relative)?;
    for sector in 0..world.sectors.len() {
        let (_, first, count) = world.sector(sector);
        let siblings = Siblings::new(world.keys, first, count);
        for family in (0..siblings.len()).map(|rank| siblings.family(rank)) {
            let Some(request) = change.family(family) else { continue };
            for link in links(world, family) {
                match request {
                    Request::Delete => record.start(Kind::Relative, Request::Delete, world.relative_id(family.key, link.rank)),
                    _ => relative::fill(world, family, link, request, record),
                }
                delivery.emit(record)?;
            }
        }
    }
    for family in change.newcomers().map(Family::single) {
        for link in links(world, family) {
            relative::fill(world, family, link, Request::Add, record);
            delivery.emit(record)?;
        }
    }
    delivery.begin(Kind::Staff)?;
    staff::each(world, &mut |index, post| {
        match change.staff(index) {
            None => return Ok(()),
            Some(Request::Delete) => record.start(Kind::Staff, Request::Delete, world.staff_id(index)),
            Some(request) => staff::fill(world, index, post, request, record),
        }
        delivery.emit(record)
    })?;
    staff::newcomer(world, change.new_staff(), record);
    delivery.emit(record)
}
