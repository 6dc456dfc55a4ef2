//! Responsible persons of the first degree.

use super::super::family::{Family, Link};
use super::super::person::{Person, sector_of};
use super::super::record::{Kind, Record, Request};
use super::super::rng::Draw;
use super::super::text::{landline, mail, mobile};
use super::super::world::World;

/// Fills the record of a responsible person. A modification changes the mobile number and the mail address.
pub fn fill(world: &World, family: Family<'_>, link: Link, request: Request, record: &mut Record) {
    let id = world.relative_id(family.key, link.rank);
    let Person { sex, name, birth_name, first, address, mut draw } = Person::new(world, family, link);
    let town = world.town(sector_of(world, family.key));
    let changed = request == Request::Modify;
    record.start(Kind::Relative, request, id);
    record.fmt("ENTPersonJointure", format_args!("{id}"));
    record.one("ENTPersonCivilite", sex.civility());
    record.attr("ENTPersRelEleveEleve");
    for pupil in family.pupils() {
        record.value(format_args!("{}", world.pupil_id(pupil)));
    }
    record.one("ENTPersonAdresse", &address);
    record.one("ENTPersonCodePostal", &town.postal);
    record.one("ENTPersonVille", &town.name);
    record.one("ENTPersonPays", "FRANCE");
    record.flag("ENTPersonAdresseDiffusion", draw.chance(400));
    let mut number = |share, make: fn(&mut Draw) -> String| if draw.chance(share) { make(&mut draw) } else { String::new() };
    let (home, work, portable) = (number(130, landline), number(90, landline), number(760, mobile));
    let needed = home.is_empty() && work.is_empty() && portable.is_empty() && !world.no_telephone;
    record.one("ENTPersonTelPerso", &home);
    record.one("ENTPersRelEleveTelMobile", &if needed || changed { mobile(&mut draw) } else { portable });
    record.one("ENTPersRelEleveTelPro", &work);
    record.attr("ENTPersonMail");
    if changed || draw.chance(320) {
        record.value(format_args!("{}", mail(first, &name, id % 1000, if changed { "nouveau.example" } else { "famille.example" })));
    }
    record.one("ENTPersonNomPatro", &birth_name);
    record.one("ENTPersonNom", &name);
    record.one("ENTPersonPrenom", first);
    record.one("ENTPersonAutresPrenoms", first);
}
