//! Pupils of the first degree.

use super::super::family::{Family, links};
use super::super::keys::ine;
use super::super::record::{Kind, Record, Request};
use super::super::rng::Stream;
use super::super::text::{Sex, first_name, surname};
use super::super::world::{French, World};
use super::school::School;

/// Fills the record of a pupil, known by index and position in the school. A modification changes the services used.
pub fn fill(world: &World, school: &School, (index, position): (u64, u32), family: Family<'_>, request: Request, record: &mut Record) {
    let id = world.pupil_id(index);
    let mut draw = world.keys.draw(Stream::Pupil, index);
    let name = surname(&mut world.keys.draw(Stream::Family, family.key | 1 << 48));
    let sex = Sex::draw(&mut draw);
    let first = first_name(&mut draw, sex);
    let level = school.level(position);
    let class = school.class_of(position);
    let (structure, class_id, class_name) = (school.id, school.class_id(class), school.class_name(class));
    let late = u32::from(level.age > 6 && draw.chance(30));

    record.start(Kind::Eleve, request, id);
    record.fmt("ENTPersonJointure", format_args!("{id}"));
    record.one("ENTEleveINE", &ine(world.ine_rank(index), [draw.below(10), draw.below(10)]));
    record.fmt("ENTPersonDateNaissance", format_args!("{}", French(world.birth(&mut draw, level.age + late))));
    record.one("ENTPersonCivilite", sex.civility());
    record.fmt("ENTPersonStructRattach", format_args!("{structure}"));
    record.attr("ENTEleveAutoriteParentale");
    for link in links(world, family) {
        record.value(format_args!("{}${}", world.relative_id(family.key, link.rank), link.code));
    }
    let changed = request == Request::Modify;
    record.flag("ENTEleveRestaurantScolaire", draw.chance(620) ^ changed);
    record.flag("ENTEleveTransport", draw.chance(140) ^ changed);
    record.flag("ENTEleveGarderieMatin", draw.chance(180));
    record.flag("ENTEleveGarderieSoir", draw.chance(260));
    record.flag("ENTEleveEtudesSurveillees", draw.chance(120));
    record.fmt("ENTEleveNiveau", format_args!("{}${}", level.code, level.label));
    record.one("ENTEleveCycle", level.cycle);
    record.one("ENTEleveTypeClasse", "11$ORDINAIRE");
    record.fmt("ENTEleveDateEntreeClasses", format_args!("{structure}$01/09/{}${class_id}", world.year));
    record.none("ENTEleveDateSortieClasses");
    record.fmt("ENTPersonClasses", format_args!("{structure}$11$ORDINAIRE${class_id}${class_name}"));
    record.attr("ENTPersonGroupes");
    if draw.chance(17) {
        record.value(format_args!("{structure}$40$REGROUPEMENT${}$SOUTIEN", school.group_id()));
    }
    record.one("ENTPersonNomPatro", &name);
    record.one("ENTPersonNom", &name);
    record.one("ENTPersonPrenom", first);
    record.attr("ENTPersonAutresPrenoms");
    record.value(format_args!("{first}"));
    if draw.chance(500) {
        record.value(format_args!("{}", first_name(&mut draw, sex)));
    }
}
