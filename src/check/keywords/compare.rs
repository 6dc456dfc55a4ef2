//! Keywords that compare attributes of one record: `sameCount`, `subsetOf`, `equalTo`, `distinct`.

use jsonschema::{Keyword, ValidationError};

use crate::check::selector::{Key, hash};
use crate::source::record::{Node, Rec, Record};

/// What is asked of the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// As many keys on each side.
    SameCount,
    /// Every key of the first among those of the second.
    SubsetOf,
    /// The same set of keys, where both give some.
    EqualTo,
    /// No key twice.
    Distinct,
}

/// The keyword.
pub struct Compare {
    relation: Relation,
    keys: Vec<Key>,
}

impl Compare {
    /// Over the compiled selectors, one for `distinct`, two otherwise.
    #[must_use]
    pub fn new(relation: Relation, keys: Vec<Key>) -> Self {
        Self { relation, keys }
    }

    fn hashes<'a>(&self, side: usize, record: &'a Record<'a>) -> Vec<u64> {
        let mut all = Vec::new();
        // Within one record a fixed seed is fine: there is nothing to flood.
        self.keys[side].each(record, |parts| all.push(hash(0x5EED, parts)));
        all
    }

    fn holds<'a>(&self, record: &'a Record<'a>) -> bool {
        let mut left = self.hashes(0, record);
        match self.relation {
            Relation::SameCount => (1..self.keys.len()).all(|i| left.len() == self.hashes(i, record).len()),
            Relation::Distinct => {
                left.sort_unstable();
                left.windows(2).all(|w| w[0] != w[1])
            }
            Relation::SubsetOf => {
                if left.is_empty() {
                    return true;
                }
                within(&left, &sorted(self.hashes(1, record)))
            }
            Relation::EqualTo => {
                let (left, right) = (sorted(left), sorted(self.hashes(1, record)));
                left.is_empty() || right.is_empty() || (within(&left, &right) && within(&right, &left))
            }
        }
    }
}

fn sorted(mut keys: Vec<u64>) -> Vec<u64> {
    keys.sort_unstable();
    keys
}

fn within(some: &[u64], all: &[u64]) -> bool {
    some.iter().all(|k| all.binary_search(k).is_ok())
}

impl<'i> Keyword<'i, Rec> for Compare {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            return Ok(());
        }
        let name = self.keys.iter().find_map(Key::attribute).unwrap_or_default();
        Err(super::failure(&format!("/{name}")))
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        match instance {
            Node::Object(record) => self.holds(record),
            _ => true,
        }
    }
}
