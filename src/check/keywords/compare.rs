//! Keywords that compare attributes of one record: `sameCount`, `subsetOf`, `equalTo`, `disjoint`, `distinct`.

use jsonschema::{Keyword, ValidationError};

use super::hashes::Hashes;
use crate::check::selector::Key;
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
    /// No key of the first among those of the second.
    Disjoint,
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

    fn hashes<'a>(&self, side: usize, record: &'a Record<'a>) -> Hashes {
        let mut all = Hashes::default();
        // Within one record a fixed seed is fine: there is nothing to flood.
        self.keys[side].each_hash(record, 0x5EED, |h| all.push(h));
        all
    }

    fn holds<'a>(&self, record: &'a Record<'a>) -> bool {
        let lacks = |side: usize| self.keys[side].lacks_any(record);
        match self.relation {
            Relation::SameCount => {
                let first = self.keys[0].count(record);
                self.keys[1..].iter().all(|k| k.count(record) == first)
            }
            Relation::Distinct => self.hashes(0, record).are_distinct(),
            Relation::SubsetOf => lacks(0) || self.hashes(0, record).are_all_in(&self.hashes(1, record)),
            Relation::Disjoint => lacks(0) || self.hashes(0, record).are_none_in(&self.hashes(1, record)),
            Relation::EqualTo if lacks(0) || lacks(1) => true,
            Relation::EqualTo => {
                let (left, right) = (self.hashes(0, record), self.hashes(1, record));
                left.is_empty() || right.is_empty() || (left.are_all_in(&right) && right.are_all_in(&left))
            }
        }
    }
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
