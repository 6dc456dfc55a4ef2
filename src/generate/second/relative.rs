//! Responsible persons of the second degree.

use super::super::family::{Family, Link};
use super::super::person::{Person, sector_of};
use super::super::record::{Kind, Record, Request};
use super::super::rng::Draw;
use super::super::text::{landline, mail, mobile};
use super::super::world::World;

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
    let (home, work) = (number(660, landline), number(500, landline));
    let needed = home.is_empty() && work.is_empty() && !world.no_telephone;
    record.one("homePhone", &home);
    record.one("telephoneNumber", &work);
    record.one("ENTPersonAdresse", &address);
    record.one("ENTPersonCodePostal", &town.postal);
    record.one("ENTPersonVille", &town.name);
    record.one("ENTPersonPays", "FRANCE");
    record.flag("ENTPersonAdresseDiffusion", draw.chance(550));
    let changed = request == Request::Modify;
    let portable = if draw.chance(960) || changed || needed { mobile(&mut draw) } else { String::new() };
    record.one("mobile", &portable);
    record.attr("mail");
    if changed || draw.chance(505) {
        record.value(format_args!("{}", mail(first, &name, id % 1000, if changed { "nouveau.example" } else { "famille.example" })));
    }
    record.one("ENTPersonMobileSMS", if draw.chance(170) { &portable } else { "" });
}
