//! Staff of the first degree: one teacher a class, a director a school, inspectors and replacements.

use super::super::GenerateError;
use super::super::record::{Kind, Record, Request};
use super::super::rng::Stream;
use super::super::text::{Sex, first_name, mail, surname};
use super::super::world::{French, World};
use super::school::School;

const SPECIALITIES: &[(&str, &str)] = &[
    ("G0000", "SANS SPECIALITE"),
    ("G0145", "OPTION D"),
    ("G0143", "OPTION C"),
    ("G0163", "ACCUEIL PRIMO ARRIVANTS"),
    ("G0400", "LANGUE VIVANTE ETRANGERE"),
];

/// A post held by somebody.
#[derive(Clone, Copy)]
pub struct Post {
    structure: u64,
    director: bool,
    /// Another school where the same person teaches.
    also: Option<u64>,
    /// Not tied to a structure: replacements.
    mobile: bool,
    /// Identifier of the class taught.
    pub class: Option<u64>,
}

/// Every post, in order, with its index.
pub fn each(world: &World, visit: &mut dyn FnMut(u64, Post) -> Result<(), GenerateError>) -> Result<(), GenerateError> {
    let mut index = 0;
    let mut next = |post| {
        index += 1;
        visit(index - 1, post)
    };
    for rank in 3..world.offices {
        for _ in 0..6 {
            next(Post { structure: world.structure_id(rank), director: false, also: None, mobile: true, class: None })?;
        }
    }
    for plan in &world.schools {
        let school = School::new(world, plan);
        let neighbour = world.schools.get(plan.rank as usize + 1).map(|s| world.school_id(s));
        for class in 0..school.classes() {
            let also = neighbour.filter(|_| class == 2);
            next(Post { structure: school.id, director: class == 0, also, mobile: false, class: Some(school.class_id(class)) })?;
        }
        if plan.size > 150 {
            next(Post { structure: school.id, director: false, also: None, mobile: true, class: None })?;
        }
    }
    Ok(())
}

/// Fills the record of somebody who arrives in the first school.
pub fn newcomer(world: &World, index: u64, record: &mut Record) {
    let post = Post { structure: world.structure_id(world.offices), director: false, also: None, mobile: false, class: None };
    fill(world, index, post, Request::Add, record);
}

/// Fills the record of a member of staff. A modification changes the mail address.
pub fn fill(world: &World, index: u64, post: Post, request: Request, record: &mut Record) {
    let id = world.staff_id(index);
    let mut draw = world.keys.draw(Stream::Staff, index);
    let sex = if draw.chance(830) { Sex::F } else { Sex::M };
    let (name, first) = (surname(&mut draw), first_name(&mut draw, sex));
    let birth_name = if sex == Sex::F && draw.chance(350) { surname(&mut draw) } else { name.clone() };
    let age = draw.between(25, 62);
    let structure = post.structure;
    record.start(Kind::Staff, request, id);
    record.fmt("ENTPersonJointure", format_args!("{id}"));
    record.fmt("ENTPersonDateNaissance", format_args!("{}", French(world.birth(&mut draw, age))));
    record.one("ENTPersonAutresPrenoms", first);
    record.one("ENTPersonCivilite", sex.civility());
    record.attr("ENTPersonStructRattach");
    if !post.mobile || draw.chance(400) {
        record.value(format_args!("{structure}"));
    }
    let (code, label) = if draw.chance(860) { SPECIALITIES[0] } else { draw.pick(SPECIALITIES) };
    let functions = || {
        let first = if post.director { ("DIR", "DIRECTION", "D0000", "DIRECTION") } else { ("ENS", "ENSEIGNEMENT", code, label) };
        let second = post.also.map(|place| (place, ("ENS", "ENSEIGNEMENT", code, label)));
        std::iter::once((structure, first)).chain(second)
    };
    record.attr("ENTPersonFonctions");
    for (place, (function, text, discipline, discipline_label)) in functions() {
        record.value(format_args!("{place}${function}${text}${discipline}${discipline_label}"));
    }
    record.flag("ENTPersonCategorieEnseignant", true);
    record.attr("ENTEnsFonctionDir");
    if post.director {
        record.value(format_args!("{structure}"));
    }
    record.attr("ENTEnsSpecialites");
    for (_, (_, _, discipline, discipline_label)) in functions() {
        record.value(format_args!("{discipline}${discipline_label}"));
    }
    record.one("ENTPersonNomPatro", &birth_name);
    record.one("ENTPersonNom", &name);
    record.one("ENTPersonPrenom", first);
    let domain = if request == Request::Modify { "ac-conforment-bis.example" } else { "ac-conforment.example" };
    record.one("ENTPersonMail", &mail(first, &name, index % 97, domain));
}
