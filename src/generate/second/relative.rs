//! Responsible persons of the second degree.

use super::super::family::{Family, Link, link};
use super::super::record::{Kind, Record, Request};
use super::super::rng::{Draw, Stream};
use super::super::text::{Sex, address, first_name, landline, mail, mobile, surname};
use super::super::world::World;

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

/// Fills the record of a responsible person. A modification changes the numbers and the mail address.
pub fn fill(world: &World, family: Family<'_>, link: Link, request: Request, record: &mut Record) {
    let id = world.relative_id(family.key, link.rank);
    let Person { sex, name, birth_name, first, address, mut draw } = Person::new(world, family, link);
    let town = world.town(sector_of(world, family.key));
    record.start(Kind::Relative, request, id);
    record.fmt("ENTPersonJointure", format_args!("{id}"));
    record.none("ENTPersonDateNaissance");
    record.one("ENTPersonNomPatro", &birth_name);
    record.one("sn", &name);
    record.one("givenName", first);
    record.one("personalTitle", sex.civility());
    record.attr("ENTAuxPersRelEleveEleve");
    for pupil in family.pupils() {
        record.value(format_args!("{}", world.pupil_id(pupil)));
    }
    let mut number = |share, make: fn(&mut Draw) -> String| if draw.chance(share) { make(&mut draw) } else { String::new() };
    record.one("homePhone", &number(660, landline));
    record.one("telephoneNumber", &number(500, landline));
    record.one("ENTPersonAdresse", &address);
    record.one("ENTPersonCodePostal", &town.postal);
    record.one("ENTPersonVille", &town.name);
    record.one("ENTPersonPays", "FRANCE");
    record.flag("ENTPersonAdresseDiffusion", draw.chance(550));
    let changed = request == Request::Modify;
    let portable = if changed || draw.chance(960) { mobile(&mut draw) } else { String::new() };
    record.one("mobile", &portable);
    record.attr("mail");
    if changed || draw.chance(505) {
        record.value(format_args!("{}", mail(first, &name, id % 1000, if changed { "nouveau.example" } else { "famille.example" })));
    }
    record.one("ENTPersonMobileSMS", if draw.chance(170) { &portable } else { "" });
}
