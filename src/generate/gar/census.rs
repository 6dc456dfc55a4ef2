//! What one school of the delivery holds: the classes, groups, curricula and subjects that somebody really has.
//!
//! Counted from its pupils, so that nothing is declared that nobody uses and no group is empty.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Degree;
use super::super::plan::SchoolPlan;
use super::super::record::Record;
use super::people::People;

/// A class, or a group and the classes it draws from.
#[derive(Default)]
pub struct Unit {
    /// Label.
    pub label: String,
    /// Classes of a group.
    pub divisions: BTreeSet<String>,
    /// Levels of the pupils (1D).
    pub levels: BTreeSet<String>,
}

/// What a school holds, by code.
#[derive(Default)]
pub struct Census {
    /// UAI.
    pub uai: String,
    /// Curricula.
    pub mefs: BTreeSet<String>,
    /// Subjects.
    pub subjects: BTreeSet<String>,
    /// Classes.
    pub divisions: BTreeMap<String, Unit>,
    /// Groups.
    pub groups: BTreeMap<String, Unit>,
}

impl Census {
    /// A school nobody was counted in.
    pub fn new(people: &People, plan: &SchoolPlan) -> Self {
        Self { uai: people.uai(plan), ..Self::default() }
    }

    /// Counts a pupil.
    pub fn count(&mut self, pupil: &Record) {
        self.mefs.extend(curricula(pupil).map(str::to_owned));
        self.subjects.extend(pupil.values_of("ENTEleveCodeEnseignements").map(str::to_owned));
        let mut mine = BTreeSet::new();
        for (code, label) in classes(pupil) {
            let unit = self.divisions.entry(code.to_owned()).or_default();
            label.clone_into(&mut unit.label);
            unit.levels.extend(curricula(pupil).map(str::to_owned));
            mine.insert(code.to_owned());
        }
        for (code, label) in groups(pupil) {
            let unit = self.groups.entry(code.to_owned()).or_default();
            label.clone_into(&mut unit.label);
            unit.divisions.extend(mine.iter().cloned());
        }
    }

    /// Adds what the school itself says of its classes and groups (2D).
    pub fn finish(mut self, people: &People, plan: &SchoolPlan) -> Self {
        if people.world.options.degree == Degree::D1 {
            return self;
        }
        let mut record = Record::default();
        people.structure(plan, &mut record);
        for mut parts in record.values_of("ENTStructureClasses").map(|v| v.split('$')) {
            if let (Some(unit), Some(label)) = (parts.next().and_then(|c| self.divisions.get_mut(c)), parts.next()) {
                label.clone_into(&mut unit.label);
            }
        }
        for mut parts in record.values_of("ENTStructureGroupes").map(|v| v.split('$')) {
            if let (Some(unit), Some(label)) = (parts.next().and_then(|c| self.groups.get_mut(c)), parts.next()) {
                label.clone_into(&mut unit.label);
                unit.divisions.extend(parts.filter(|d| self.divisions.contains_key(*d)).map(str::to_owned));
            }
        }
        self
    }

    /// Whether a class or a group has that code.
    pub fn has(&self, code: &str) -> bool {
        self.divisions.contains_key(code) || self.groups.contains_key(code)
    }
}

/// Curricula of a pupil (2D), levels (1D).
pub fn curricula(pupil: &Record) -> impl Iterator<Item = &str> {
    pupil.values_of("ENTEleveMEF").chain(pupil.values_of("ENTEleveNiveau").filter_map(|v| v.split('$').next()))
}

/// Code and label of the class of a pupil; the label is empty in the second degree, where the school tells it.
pub fn classes(pupil: &Record) -> impl Iterator<Item = (&str, &str)> {
    placed(pupil, "ENTEleveClasses", "ENTPersonClasses")
}

/// Code and label of the groups of a pupil.
pub fn groups(pupil: &Record) -> impl Iterator<Item = (&str, &str)> {
    placed(pupil, "ENTEleveGroupes", "ENTPersonGroupes")
}

/// `structure$code` (2D), `structure$type$label of the type$code$label` (1D).
fn placed<'r>(pupil: &'r Record, second: &'r str, first: &'r str) -> impl Iterator<Item = (&'r str, &'r str)> {
    let short = pupil.values_of(second).filter_map(|v| v.split('$').nth(1)).map(|code| (code, ""));
    let long = pupil.values_of(first).filter_map(|v| {
        let mut parts = v.split('$').skip(3);
        Some((parts.next()?, parts.next()?))
    });
    short.chain(long)
}
