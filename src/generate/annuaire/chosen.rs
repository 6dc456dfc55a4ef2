//! Whom a few entries single out: the pupils in placement and those who follow them, the elected parents, a first holder of
//! every profile.
//!
//! Chosen before anything is written, in one school: a few identifiers of the AAF, whatever the number of pupils.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::super::catalogue::MEFS;
use super::super::gar::census::classes;
use super::super::plan::SchoolKind;
use super::super::record::Record as Aaf;
use super::super::{Degree, GenerateError};
use super::beside_school::{self, TUTOR};
use super::entry::Entry;
use super::naming::Naming;
use super::{project, roles};

/// How many pupils are in placement: one for each tutor of a company.
pub const PLACEMENTS: usize = 3;
/// How many parents are elected.
const PARENTS: usize = 2;

/// A pupil in placement.
pub struct Placement {
    /// The pupil.
    pub pupil: String,
    class: String,
    /// Who teaches the class: the first is responsible for the placement, the last tutors it.
    teachers: Vec<String>,
}

/// Those who were chosen.
pub struct Chosen {
    /// Rank among the structures of the school they are in.
    pub school: u32,
    /// Pupils in placement: none in the first degree.
    pub placements: Vec<Placement>,
    /// Elected parents.
    pub parents: Vec<String>,
    /// The first holder of each national profile.
    pub holders: BTreeMap<&'static str, String>,
}

impl Chosen {
    /// Chooses among the pupils of one school: the oldest classes, for in the others nobody is in placement.
    pub fn of(naming: &Naming) -> Result<Self, GenerateError> {
        let (people, world) = (naming.people, naming.people.world);
        let plan = people.schools().min_by_key(|p| (!matches!(p.kind, SchoolKind::Lgt | SchoolKind::Lp), p.rank));
        let mut out = Self { school: world.offices, placements: Vec::new(), parents: Vec::new(), holders: BTreeMap::new() };
        let Some(plan) = plan else { return Ok(out) };
        out.school = world.school_rank(plan);
        let mut best: Vec<(Reverse<u8>, Placement)> = Vec::with_capacity(PLACEMENTS + 1);
        people.each_pupil_of(plan, &mut |_, pupil| {
            out.holders.entry("ELV").or_insert_with(|| pupil.id.clone());
            for relative in project::relatives_of(pupil) {
                if out.parents.len() < PARENTS && !out.parents.iter().any(|p| p == relative) {
                    out.parents.push(relative.to_owned());
                }
            }
            let code = project::one(pupil, &["ENTEleveMEF"]);
            let age = MEFS.iter().find(|m| m.code == code).map_or(0, |m| m.age);
            if world.options.degree == Degree::D2 && (best.len() < PLACEMENTS || best.last().is_some_and(|b| age > b.0.0)) {
                let class = classes(pupil).next().map_or_else(String::new, |(code, _)| code.to_owned());
                best.push((Reverse(age), Placement { pupil: pupil.id.clone(), class, teachers: Vec::new() }));
                best.sort_by_key(|(age, _)| *age);
                best.truncate(PLACEMENTS);
            }
            Ok(())
        })?;
        if let Some(parent) = out.parents.first() {
            out.holders.insert("TUT", parent.clone());
        }
        out.placements = best.into_iter().map(|(_, placement)| placement).collect();
        Ok(out)
    }

    /// A member of staff passes: remembers who teaches pupils in placement, and who is the first of a profile.
    pub fn meet(&mut self, naming: &Naming, member: &Aaf, profile: &'static str) {
        self.holders.entry(profile).or_insert_with(|| member.id.clone());
        for (structure, code) in member.values_of("ENTAuxEnsClasses").filter_map(|v| v.split_once('$')) {
            let school = naming.rank(structure) == Some(self.school);
            for placement in self.placements.iter_mut().filter(|p| school && p.class == code && p.teachers.len() < 2) {
                if !placement.teachers.contains(&member.id) {
                    placement.teachers.push(member.id.clone());
                }
            }
        }
    }

    /// What the entry of a pupil says more.
    pub fn pupil(&self, naming: &Naming, id: &str, out: &mut Entry) {
        let Some(at) = self.placements.iter().position(|p| p.pupil == id) else { return };
        let teachers = &self.placements[at].teachers;
        if let (Some(first), Some(last)) = (teachers.first(), teachers.last()) {
            out.add("ENTEleveEnsRespStage", naming.person(first));
            out.add("ENTEleveEnsTutStage", naming.person(last));
        }
        out.add("ENTEleveEntrTutStage", beside_school::person_dn(naming, TUTOR + at));
        if at == 0 {
            out.add("ENTEleveEntrAutres", beside_school::person_dn(naming, beside_school::HEAD));
        }
    }

    /// What the entry of a responsible person says more.
    pub fn relative(&self, naming: &Naming, id: &str, out: &mut Entry) {
        if self.parents.iter().any(|p| p == id) {
            out.add("ENTAuxPersRelEleveRepresentant", roles::elected_dn(naming, self.school));
        }
    }

    /// What the entry of a member of staff says more.
    pub fn member(&self, naming: &Naming, id: &str, out: &mut Entry) {
        let mut follows = |name, of: fn(&Placement) -> Option<&String>| {
            for placement in self.placements.iter().filter(|p| of(p).is_some_and(|t| t == id)) {
                out.add(name, naming.person(&placement.pupil));
            }
        };
        follows("ENTAuxEnsRespStage", |p| p.teachers.first());
        follows("ENTAuxEnsTutStage", |p| p.teachers.last());
    }
}
