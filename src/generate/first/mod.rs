//! The first degree: four categories.

mod delta;
pub mod etab;
pub mod pupil;
pub mod relative;
pub mod school;
pub mod staff;

use super::delivery::Delivery;
use super::family::{Siblings, links};
use super::record::{Kind, Record, Request};
use super::world::World;
use super::{GenerateError, Mode};

/// Writes every category.
pub fn write(world: &World, delivery: &mut Delivery) -> Result<(), GenerateError> {
    let mut record = Record::default();
    etab::write(world, delivery, &mut record)?;
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
                pupil::fill(world, &school, (index, position), siblings.of(index), Request::Add, &mut record);
                delivery.emit(&mut record)?;
            }
        }
    }
    delivery.begin(Kind::Relative)?;
    for sector in 0..world.sectors.len() {
        let (_, first, count) = world.sector(sector);
        let siblings = Siblings::new(world.keys, first, count);
        for family in (0..siblings.len()).map(|rank| siblings.family(rank)) {
            for link in links(world, family) {
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
