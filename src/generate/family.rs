//! Families: who is whose sibling, and who is responsible for them.
//!
//! Siblings are found inside a sector, across its schools. The table of a sector is small and thrown away;
//! a family is known by the rank of its first place, from which its responsible persons follow.

use super::Degree;
use super::rng::{Keys, Stream};
use super::world::World;

/// The siblings of a sector.
pub struct Siblings {
    first: u64,
    /// Pupils of the sector, family after family.
    members: Vec<u32>,
    /// Where each family begins in `members`, and the end.
    starts: Vec<u32>,
    /// Family of each pupil.
    family: Vec<u32>,
}

impl Siblings {
    /// Draws the families of the `count` pupils from `first` on.
    pub fn new(keys: Keys, first: u64, count: u32) -> Self {
        let mut members: Vec<u32> = (0..count).collect();
        let mut draw = keys.draw(Stream::Siblings, first);
        for i in (1..count).rev() {
            members.swap(i as usize, draw.below(i + 1) as usize);
        }
        let (mut starts, mut family) = (Vec::new(), vec![0; count as usize]);
        let mut start = 0;
        while start < count {
            let size = match draw.below(100) {
                0..74 => 1,
                74..94 => 2,
                _ => 3,
            };
            let end = count.min(start + size);
            for member in &members[start as usize..end as usize] {
                family[*member as usize] = starts.len() as u32;
            }
            starts.push(start);
            start = end;
        }
        starts.push(count);
        Self { first, members, starts, family }
    }

    /// Number of families.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// A family, by its rank in the sector.
    pub fn family(&self, rank: usize) -> Family<'_> {
        let (start, end) = (self.starts[rank], self.starts[rank + 1]);
        Family { key: self.first + u64::from(start), first: self.first, members: &self.members[start as usize..end as usize] }
    }

    /// The family of a pupil of the sector.
    pub fn of(&self, pupil: u64) -> Family<'_> {
        self.family(self.family[(pupil - self.first) as usize] as usize)
    }
}

/// One family.
#[derive(Clone, Copy)]
pub struct Family<'a> {
    /// What everything about it is drawn from; increases along the sector.
    pub key: u64,
    first: u64,
    members: &'a [u32],
}

impl Family<'_> {
    /// The family of one pupil known to no sector (a newcomer of a Delta).
    pub fn single(pupil: u64) -> Family<'static> {
        Family { key: pupil, first: pupil, members: &[0] }
    }

    /// Indexes of the pupils, increasing.
    pub fn pupils(&self) -> impl Iterator<Item = u64> {
        let mut sorted = [u64::MAX; 3];
        for (slot, member) in sorted.iter_mut().zip(self.members) {
            *slot = self.first + u64::from(*member);
        }
        sorted.sort_unstable();
        sorted.into_iter().take(self.members.len())
    }

    /// Number of pupils.
    pub fn len(&self) -> usize {
        self.members.len()
    }
}

/// Codes of the links (nomenclature of 2018 and later).
pub mod link {
    /// Mother.
    pub const MOTHER: u8 = 10;
    /// Father.
    pub const FATHER: u8 = 20;
    /// Ascendant.
    pub const ASCENDANT: u8 = 38;
    /// Other member of the family.
    pub const RELATED: u8 = 39;
    /// Guardian.
    pub const GUARDIAN: u8 = 50;
    /// Other.
    pub const OTHER: u8 = 90;
}

/// How a person is linked to the pupils of a family.
#[derive(Clone, Copy, Debug)]
pub struct Link {
    /// Rank in the family.
    pub rank: u8,
    /// Code of the link.
    pub code: u8,
    /// Pays, is billed, is paid the grant.
    pub financial: bool,
    /// Holds parental authority.
    pub legal: bool,
    /// Lives at the second address of the family.
    pub elsewhere: bool,
}

/// The responsible persons of a family, in increasing order of identifier; none for some pupils of the second degree,
/// where that is asked for.
pub fn links(world: &World, family: Family<'_>) -> Vec<Link> {
    let mut draw = world.keys.draw(Stream::Family, family.key);
    let mut out: Vec<Link> = Vec::with_capacity(4);
    let mut add = |code, legal, elsewhere| {
        out.push(Link { rank: out.len() as u8, code, financial: out.is_empty(), legal, elsewhere });
    };
    let second = world.options.degree == Degree::D2;
    let alone = second && family.len() == 1 && draw.chance(82);
    if alone && world.pupils_alone {
        return out;
    }
    match draw.below(1000) {
        0..650 => {
            add(link::MOTHER, true, false);
            add(link::FATHER, true, false);
        }
        650..720 => {
            add(link::FATHER, true, false);
            add(link::MOTHER, true, true);
        }
        720..815 => {
            add(link::MOTHER, true, false);
            add(link::FATHER, true, true);
        }
        815..940 => add(link::MOTHER, true, false),
        940..975 => add(link::FATHER, true, false),
        975..990 => add(link::GUARDIAN, true, false),
        _ => add(link::ASCENDANT, true, false),
    }
    if second {
        let extras = match draw.below(100) {
            0..8 => 2,
            8..48 => 1,
            _ => 0,
        };
        for _ in 0..extras {
            let code = draw.pick(&[link::ASCENDANT, link::RELATED, link::RELATED, link::OTHER]);
            add(code, false, true);
        }
    }
    out
}
