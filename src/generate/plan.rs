//! The schools of the académie, grouped in sectors, and how many pupils each has.
//!
//! A few dozen bytes a school: the only thing that is kept for the whole run.

use std::ops::Range;

use super::rng::{Keys, Stream};
use super::{Degree, Options};

/// Kind of school.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchoolKind {
    /// Collège.
    College,
    /// Section d'enseignement général et professionnel adapté, attached to a collège.
    Segpa,
    /// Lycée général et technologique.
    Lgt,
    /// Lycée professionnel.
    Lp,
    /// École maternelle.
    Maternelle,
    /// École élémentaire.
    Elementaire,
    /// École primaire (maternelle and élémentaire).
    Primaire,
}

/// One school.
#[derive(Clone, Copy, Debug)]
pub struct SchoolPlan {
    /// Rank among the schools.
    pub rank: u32,
    /// Kind.
    pub kind: SchoolKind,
    /// Index of its first pupil.
    pub first: u64,
    /// Number of pupils.
    pub size: u32,
    /// Sector it belongs to.
    pub sector: u32,
    /// Private school under contract.
    pub private: bool,
    /// Rank of the school it is attached to.
    pub attached: Option<u32>,
}

/// Schools whose pupils may be siblings: neighbours in the list.
pub type Sector = Range<usize>;

const SECOND: &[(SchoolKind, u32)] = &[
    (SchoolKind::College, 500),
    (SchoolKind::Segpa, 60),
    (SchoolKind::Lgt, 920),
    (SchoolKind::College, 540),
    (SchoolKind::Lp, 380),
    (SchoolKind::College, 460),
];
const FIRST: &[(SchoolKind, u32)] = &[
    (SchoolKind::Primaire, 170),
    (SchoolKind::Elementaire, 165),
    (SchoolKind::Maternelle, 110),
    (SchoolKind::Primaire, 150),
    (SchoolKind::Primaire, 175),
    (SchoolKind::Elementaire, 180),
];

/// The list of schools and of sectors. A small académie keeps the variety of a large one: its schools are smaller.
pub fn plan(keys: Keys, options: &Options) -> (Vec<SchoolPlan>, Vec<Sector>) {
    let model = match options.degree {
        Degree::D1 => FIRST,
        Degree::D2 => SECOND,
    };
    let whole: u64 = model.iter().map(|(_, n)| u64::from(*n)).sum();
    let (mut schools, mut sectors) = (Vec::<SchoolPlan>::new(), Vec::new());
    let mut first = 0;
    while first < options.pupils {
        let begin = schools.len();
        let mut college = None;
        for (kind, mean) in model {
            let rank = schools.len() as u32;
            let mut draw = keys.draw(Stream::Plan, u64::from(rank));
            let percent = u64::from(draw.between(70, 130));
            let scaled = u64::from(*mean) * options.pupils.min(whole) / whole;
            let wanted = (scaled * percent / 100).max(12);
            let last = *mean == model[model.len() - 1].1 && options.pupils < whole;
            let left = options.pupils - first;
            let size = if last || left < wanted + 12 { left } else { wanted } as u32;
            if *kind == SchoolKind::College && college.is_none() {
                college = Some(rank);
            }
            let attached = if *kind == SchoolKind::Segpa { college } else { None };
            let private = attached.is_none() && draw.chance(180);
            schools.push(SchoolPlan { rank, kind: *kind, first, size, sector: sectors.len() as u32, private, attached });
            first += u64::from(size);
            if first >= options.pupils {
                break;
            }
        }
        sectors.push(begin..schools.len());
    }
    (schools, sectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(pupils: u64, degree: Degree) -> Options {
        let date = jiff::civil::date(2026, 9, 1);
        Options::complet(pupils, degree, 5, date)
    }

    #[test]
    fn every_pupil_has_one_school() {
        for degree in [Degree::D1, Degree::D2] {
            for pupils in [1, 11, 60, 277, 2_859, 2_860, 10_000, 100_001] {
                let (schools, sectors) = plan(Keys::new(5), &options(pupils, degree));
                let mut next = 0;
                for school in &schools {
                    assert_eq!(school.first, next);
                    assert!(school.size > 0);
                    next += u64::from(school.size);
                }
                assert_eq!(next, pupils);
                assert_eq!(sectors.iter().map(ExactSizeIterator::len).sum::<usize>(), schools.len());
            }
        }
    }

    #[test]
    fn the_largest_academies_keep_within_the_department() {
        for degree in [Degree::D1, Degree::D2] {
            let (schools, sectors) = plan(Keys::new(5), &options(Options::max_pupils(degree), degree));
            assert!(schools.len() + sectors.len() < 4_990, "{degree} {}", schools.len());
        }
    }
}
