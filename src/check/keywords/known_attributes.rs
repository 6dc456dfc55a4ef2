//! `knownAttributes: NAME` on a record: every attribute is named in that nomenclature.

use jsonschema::{Keyword, ValidationError};

use crate::source::record::{NameId, Node, Rec, intern};

/// The keyword.
pub struct KnownAttributes(Vec<bool>);

impl KnownAttributes {
    /// From the names of the list.
    pub fn new<'a>(names: impl Iterator<Item = &'a String>) -> Self {
        let mut table = Vec::new();
        for id in names.map(|name| intern(name).index()) {
            table.resize(table.len().max(id + 1), false);
            table[id] = true;
        }
        Self(table)
    }

    fn knows(&self, id: NameId) -> bool {
        self.0.get(id.index()).copied().unwrap_or(false)
    }
}

impl<'i> Keyword<'i, Rec> for KnownAttributes {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        let Node::Object(record) = instance else { return Ok(()) };
        match record.named_members().find(|(id, name, _)| !self.knows(*id) && !name.is_empty()) {
            None => Ok(()),
            Some((_, name, _)) => Err(super::failure(&format!("/{name}"))),
        }
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        match instance {
            // An attribute without name is a fault of the XML, said there.
            Node::Object(record) => record.members().all(|(id, _)| self.knows(id)) || self.validate(instance).is_ok(),
            _ => true,
        }
    }
}
