//! Responsible persons of the first degree.

use super::super::family::{Family, Link};
use super::super::person::{Person, sector_of};
use super::super::record::{Kind, Record, Request};
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
    record.attr("ENTPersonTelPerso");
    if draw.chance(130) {
        record.value(format_args!("{}", landline(&mut draw)));
    }
    record.attr("ENTPersRelEleveTelMobile");
    if changed || draw.chance(760) {
        record.value(format_args!("{}", mobile(&mut draw)));
    }
    record.attr("ENTPersRelEleveTelPro");
    if draw.chance(90) {
        record.value(format_args!("{}", landline(&mut draw)));
    }
    record.attr("ENTPersonMail");
    if changed || draw.chance(320) {
        record.value(format_args!("{}", mail(first, &name, id % 1000, if changed { "nouveau.example" } else { "famille.example" })));
    }
    record.one("ENTPersonNomPatro", &birth_name);
    record.one("ENTPersonNom", &name);
    record.one("ENTPersonPrenom", first);
    record.one("ENTPersonAutresPrenoms", first);
}
