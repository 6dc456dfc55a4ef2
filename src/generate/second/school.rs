//! The inside of one school: classes, groups, and who takes what.
//!
//! Computed when the school is written, then thrown away.

use std::fmt::Write as _;

use super::super::catalogue::{Level, MEFS, Mef, SUBJECTS, levels};
use super::super::plan::{SchoolKind, SchoolPlan};
use super::super::rng::Draw;
use super::super::world::World;

/// A class.
pub struct Division {
    /// Code, unique in the school.
    pub code: String,
    /// Rank of its level.
    pub level: usize,
    /// Position of its first pupil.
    pub first: u32,
}

/// A group: one subject for some classes of a level.
pub struct Group {
    /// Code, unique in the school.
    pub code: String,
    /// Rank of the subject.
    pub subject: u8,
    /// Ranks of its classes.
    pub divisions: std::ops::Range<usize>,
}

/// A school with its classes and groups.
pub struct School {
    /// Where it stands in the plan.
    pub plan: SchoolPlan,
    /// Identifier of the structure.
    pub id: u64,
    /// Levels.
    pub levels: &'static [Level],
    /// Classes, in the order of pupils.
    pub divisions: Vec<Division>,
    /// Groups.
    pub groups: Vec<Group>,
}

impl School {
    /// The school of a plan.
    pub fn new(world: &World, plan: &SchoolPlan) -> Self {
        let (levels, capacity) = levels(plan.kind);
        let mut school = Self { plan: *plan, id: world.school_id(plan), levels, divisions: Vec::new(), groups: Vec::new() };
        let (mut first, mut share) = (0, 0);
        for (rank, level) in levels.iter().enumerate() {
            share += level.share;
            let end = if rank + 1 == levels.len() { plan.size } else { plan.size * share / 1000 };
            school.add_level(rank, level, first, end - first, capacity);
            first = end;
        }
        school
    }

    fn add_level(&mut self, rank: usize, level: &Level, first: u32, size: u32, capacity: u32) {
        let classes = size.div_ceil(capacity);
        let begin = self.divisions.len();
        for n in 0..classes {
            let from = size * n / classes;
            let code = match self.plan.kind {
                SchoolKind::College | SchoolKind::Segpa => format!("{}{}", level.prefix, char::from(b'A' + n as u8 % 26)),
                _ => format!("{}{}", level.prefix, n + 1),
            };
            self.divisions.push(Division { code, level: rank, first: first + from });
        }
        let mef = &MEFS[level.mefs[0] as usize];
        let subjects = mef.language.iter().chain(mef.specialities.1).copied().chain(mef.options.iter().map(|o| o.0));
        for subject in subjects {
            let width = if mef.options.iter().any(|o| o.0 == subject) { usize::MAX } else { 3 };
            let (mut from, mut n) = (begin, 1);
            while from < self.divisions.len() {
                let to = self.divisions.len().min(from.saturating_add(width));
                let code = format!("{}{}{}", level.tag, n, SUBJECTS[subject as usize].short);
                self.groups.push(Group { code, subject, divisions: from..to });
                (from, n) = (to, n + 1);
            }
        }
    }

    /// Rank of the class of the pupil at a position.
    pub fn division_of(&self, position: u32) -> usize {
        self.divisions.partition_point(|d| d.first <= position) - 1
    }

    /// Level of a class.
    pub fn level(&self, division: usize) -> &'static Level {
        &self.levels[self.divisions[division].level]
    }

    /// The group of a class for a subject.
    pub fn group(&self, division: usize, subject: u8) -> Option<&Group> {
        self.groups.iter().find(|g| g.subject == subject && g.divisions.contains(&division))
    }

    /// `code$label$class…`, as the structure declares a group.
    pub fn group_declaration(&self, group: &Group) -> String {
        let mut out = format!("{}${} GR", group.code, SUBJECTS[group.subject as usize].label);
        for division in &self.divisions[group.divisions.clone()] {
            let _ = write!(out, "${}", division.code);
        }
        out
    }
}

/// The curriculum of a pupil, and the subjects chosen in groups.
pub struct Choice {
    /// Curriculum.
    pub mef: &'static Mef,
    /// Subjects in groups.
    pub grouped: Vec<u8>,
}

impl Choice {
    /// Draws what a pupil of a class follows.
    pub fn draw(school: &School, division: usize, draw: &mut Draw) -> Self {
        let mefs = school.level(division).mefs;
        let rank = if mefs.len() > 1 && draw.chance(150) { mefs[1] } else { mefs[0] };
        let mef = &MEFS[rank as usize];
        let mut grouped = Vec::with_capacity(6);
        if !mef.language.is_empty() {
            grouped.push(if draw.chance(650) { mef.language[0] } else { draw.pick(mef.language) });
        }
        let (count, list) = mef.specialities;
        let offset = draw.below(list.len().max(1) as u32) as usize;
        // Two or three steps of at most 2 over eight specialities never meet.
        let step = draw.between(1, 2) as usize;
        grouped.extend((0..usize::from(count)).map(|i| list[(offset + i * step) % list.len()]));
        grouped.extend(mef.options.iter().filter(|o| draw.chance(u32::from(o.1))).map(|o| o.0));
        Self { mef, grouped }
    }
}
