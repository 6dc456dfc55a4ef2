//! `opaque: {id: A, of: [B, C], min: 4}` on a record: no part of that many letters or more of the values of B and C is
//! found in the values of A.
//!
//! Case and accents do not count. Parts made only of the letters a to f are passed over: a number written in base 16
//! may hold them by chance.

use jsonschema::{Keyword, ValidationError};

use crate::check::selector::Key;
use crate::check::text::folded;
use crate::source::record::{Node, Rec, Record};

/// The keyword.
pub struct Opaque {
    id: Key,
    of: Vec<Key>,
    min: usize,
}

impl Opaque {
    /// Over compiled selectors; parts shorter than `min` letters are not looked for.
    #[must_use]
    pub fn new(id: Key, of: Vec<Key>, min: usize) -> Self {
        Self { id, of, min }
    }

    fn holds<'a>(&self, record: &'a Record<'a>) -> bool {
        let mut ids = Vec::new();
        self.id.each(record, |parts| ids.extend(parts.iter().map(|p| folded(p))));
        let mut told = false;
        for key in &self.of {
            key.each(record, |parts| {
                let words = parts.iter().flat_map(|p| p.split(|c: char| !c.is_alphabetic())).map(folded);
                told |= words.filter(|w| self.counts(w)).any(|w| ids.iter().any(|id| id.contains(&w)));
            });
        }
        !told
    }

    fn counts(&self, word: &str) -> bool {
        word.chars().count() >= self.min && !word.bytes().all(|b| matches!(b, b'A'..=b'F'))
    }
}

impl<'i> Keyword<'i, Rec> for Opaque {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) { Ok(()) } else { Err(super::failure(&format!("/{}", self.id.attribute().unwrap_or_default()))) }
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        match instance {
            Node::Object(record) => self.holds(record),
            _ => true,
        }
    }
}
