//! The second degree: six categories.

mod delta;
pub mod etab;
pub mod pupil;
pub mod relative;
pub mod school;
pub mod staff;

use super::delivery::Delivery;
use super::family::Siblings;
use super::record::{Kind, Record, Request};
use super::world::World;
use super::{GenerateError, Mode};

/// Writes every category.
pub fn write(world: &World, delivery: &mut Delivery) -> Result<(), GenerateError> {
    let mut record = Record::default();
    etab::write(world, delivery, &mut record)?;
    etab::write_subjects(delivery, &mut record)?;
    etab::write_mefs(delivery, &mut record)?;
    if world.options.mode == Mode::Delta {
        return delta::write(world, delivery, &mut record);
    }
    delivery.begin(Kind::Eleve)?;
    for sector in 0..world.sectors.len() {
        let (schools, first, count) = world.sector(sector);
        let siblings = Siblings::new(world.keys, first, count);
        for plan in schools {
            let school = school::School::new(world, plan);
            for position in 0..plan.size {
                let index = plan.first + u64::from(position);
                let pupil = pupil::Pupil { index, position, family: siblings.of(index) };
                pupil::fill(world, &school, &pupil, Request::Add, &mut record);
                delivery.emit(&mut record)?;
            }
        }
    }
    delivery.begin(Kind::Relative)?;
    for sector in 0..world.sectors.len() {
        let (_, first, count) = world.sector(sector);
        let siblings = Siblings::new(world.keys, first, count);
        for rank in 0..siblings.len() {
            let family = siblings.family(rank);
            for link in super::family::links(world, family) {
                relative::fill(world, family, link, Request::Add, &mut record);
                delivery.emit(&mut record)?;
            }
        }
    }
    delivery.begin(Kind::Staff)?;
    staff::each(world, &mut |index, post| {
        staff::fill(world, index, post, Request::Add, &mut record);
        delivery.emit(&mut record)
    })
}
