//! The inside of one primary school: levels and classes. Classes exist only through their pupils.

use std::ops::RangeInclusive;

use super::super::plan::{SchoolKind, SchoolPlan};
use super::super::world::World;

/// A level: code, label, cycle, age.
pub struct Level {
    /// Four digits.
    pub code: &'static str,
    /// Label.
    pub label: &'static str,
    /// Cycle, `code$label`.
    pub cycle: &'static str,
    /// Age its pupils turn in the year the school year begins.
    pub age: u32,
}

const fn level(code: &'static str, label: &'static str, cycle: &'static str, age: u32) -> Level {
    Level { code, label, cycle, age }
}

/// From the first year of the maternelle to the last of the primary school.
pub const LEVELS: &[Level] = &[
    level("1111", "PS", "1$CYCLE I", 3),
    level("1112", "MS", "1$CYCLE I", 4),
    level("1113", "GS", "1$CYCLE I", 5),
    level("1121", "CP", "2$CYCLE II", 6),
    level("1122", "CE1", "2$CYCLE II", 7),
    level("1123", "CE2", "2$CYCLE II", 8),
    level("1124", "CM1", "3$CYCLE III", 9),
    level("1125", "CM2", "3$CYCLE III", 10),
];

/// Most classes and groups of a school; identifiers of classes are taken from as many.
const SLOTS: u64 = 64;

/// A primary school.
pub struct School {
    /// Where it stands in the plan.
    pub plan: SchoolPlan,
    /// Identifier of the structure.
    pub id: u64,
    levels: RangeInclusive<usize>,
}

impl School {
    /// The school of a plan.
    pub fn new(world: &World, plan: &SchoolPlan) -> Self {
        let levels = match plan.kind {
            SchoolKind::Maternelle => 0..=2,
            SchoolKind::Elementaire => 3..=7,
            _ => 0..=7,
        };
        Self { plan: *plan, id: world.school_id(plan), levels }
    }

    /// Number of classes.
    pub fn classes(&self) -> u32 {
        self.plan.size.div_ceil(24)
    }

    /// Level of the pupil at a position: pupils stand in the order of levels.
    pub fn level(&self, position: u32) -> &'static Level {
        let count = (self.levels.end() - self.levels.start() + 1) as u32;
        &LEVELS[self.levels.start() + (position * count / self.plan.size) as usize]
    }

    /// Rank of the class of the pupil at a position.
    pub fn class_of(&self, position: u32) -> u32 {
        position * self.classes() / self.plan.size
    }

    /// Identifier of a class, unique in the académie.
    pub fn class_id(&self, class: u32) -> u64 {
        200_000 + u64::from(self.plan.rank) * SLOTS + u64::from(class) % (SLOTS - 1)
    }

    /// Name of a class: its levels and a number.
    pub fn class_name(&self, class: u32) -> String {
        let first = (class * self.plan.size).div_ceil(self.classes());
        let last = ((class + 1) * self.plan.size).div_ceil(self.classes()).saturating_sub(1);
        let (from, to) = (self.level(first).label, self.level(last.max(first)).label);
        if from == to { format!("{from} {}", class + 1) } else { format!("{from}-{to} {}", class + 1) }
    }

    /// Identifier of the only group of the school.
    pub fn group_id(&self) -> u64 {
        200_000 + u64::from(self.plan.rank) * SLOTS + SLOTS - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_levels() {
        let plan = SchoolPlan { rank: 3, kind: SchoolKind::Primaire, first: 0, size: 170, sector: 0, private: false, attached: None };
        let school = School { plan, id: 1, levels: 0..=7 };
        assert_eq!(school.classes(), 8);
        assert_eq!((school.level(0).label, school.level(169).label), ("PS", "CM2"));
        for position in 0..170 {
            let name = school.class_name(school.class_of(position));
            assert!(position > 0 && position < 169 || name.starts_with("PS") || name.contains("CM2"), "{name}");
        }
    }
}
