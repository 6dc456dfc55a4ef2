//! What changes from a Complet to the Delta of the day after: who is modified, who leaves, who arrives.
//!
//! Pure arithmetic on indexes, shared by both degrees. Whoever leaves takes the responsible persons along:
//! only pupils without brother or sister leave.

use super::family::Family;
use super::record::Request;

/// How often things change.
#[derive(Clone, Copy)]
pub struct Change {
    pupils: u64,
    period: u64,
}

impl Change {
    /// For an académie of that many pupils: about one pupil in sixty is modified, one in a hundred and twenty
    /// leaves; the smallest académies see some of each.
    pub fn new(pupils: u64) -> Self {
        Self { pupils, period: (pupils / 5).clamp(2, 60) }
    }

    /// What happens to a pupil.
    pub fn pupil(self, index: u64, family: Family<'_>) -> Option<Request> {
        if self.leaves(family) {
            return Some(Request::Delete);
        }
        (index % self.period == 1).then_some(Request::Modify)
    }

    /// What happens to the responsible persons of a family.
    pub fn family(self, family: Family<'_>) -> Option<Request> {
        if self.leaves(family) {
            return Some(Request::Delete);
        }
        (family.key % self.period == 1).then_some(Request::Modify)
    }

    /// What happens to a member of staff.
    pub fn staff(self, index: u64) -> Option<Request> {
        match index % (self.period * 2) {
            1 => Some(Request::Modify),
            2 => Some(Request::Delete),
            _ => None,
        }
    }

    /// Indexes of the newcomers: they follow those of the Complet.
    pub fn newcomers(self) -> impl Iterator<Item = u64> {
        self.pupils..self.pupils + (self.pupils / 150).max(2)
    }

    /// Index of a member of staff who arrives.
    pub fn new_staff(self) -> u64 {
        // Far beyond any real index, so that it cannot meet one.
        500_000 + self.pupils
    }

    fn leaves(self, family: Family<'_>) -> bool {
        family.len() == 1 && family.key.is_multiple_of(self.period * 2)
    }
}
