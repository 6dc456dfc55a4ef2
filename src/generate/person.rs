//! A responsible person, before the degree gives the attributes their names.

use super::family::{Family, Link, link};
use super::rng::{Draw, Stream};
use super::text::{Sex, address, first_name, surname};
use super::world::World;

/// What both degrees say of a responsible person.
pub struct Person {
    /// Civility.
    pub sex: Sex,
    /// Name in use.
    pub name: String,
    /// Birth name.
    pub birth_name: String,
    /// First name.
    pub first: &'static str,
    /// Address.
    pub address: String,
    /// Remaining draws.
    pub draw: Draw,
}

impl Person {
    /// The person of a link of a family.
    pub fn new(world: &World, family: Family<'_>, link: Link) -> Self {
        let mut shared = world.keys.draw(Stream::Family, family.key | 1 << 48);
        let (family_name, home) = (surname(&mut shared), address(&mut shared));
        let mut draw = world.keys.draw(Stream::Relative, family.key * 4 + u64::from(link.rank));
        let sex = match link.code {
            link::MOTHER => Sex::F,
            link::FATHER => Sex::M,
            _ => Sex::draw(&mut draw),
        };
        let own = surname(&mut draw);
        let (name, birth_name) = match link.code {
            link::FATHER => (family_name.clone(), family_name),
            link::MOTHER if link.elsewhere || draw.chance(300) => (own.clone(), own),
            link::MOTHER => (family_name, own),
            _ => (own.clone(), own),
        };
        let first = first_name(&mut draw, sex);
        let address = if link.elsewhere { address(&mut draw) } else { home };
        Self { sex, name, birth_name, first, address, draw }
    }
}

/// The sector whose town the family lives in, from its key.
pub fn sector_of(world: &World, key: u64) -> u32 {
    let rank = world.schools.partition_point(|s| s.first <= key);
    world.schools.get(rank.saturating_sub(1)).map_or(0, |s| s.sector)
}
