//! `split: SCHEMA` on a string: the schema judges the list of its `$`-separated fields.

use jsonschema::{Keyword, ValidationError, Validator};

use crate::source::record::{Node, Rec};

/// The keyword.
pub struct Split {
    fields: Validator<Rec>,
}

impl Split {
    /// From the compiled schema of the list of fields.
    #[must_use]
    pub fn new(fields: Validator<Rec>) -> Self {
        Self { fields }
    }
}

impl<'i> Keyword<'i, Rec> for Split {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        let Node::Str(text) = instance else { return Ok(()) };
        let first = self.fields.iter_errors(Node::Fields(text)).next();
        first.map_or(Ok(()), |e| Err(super::failure(&format!("{}#{}", e.instance_path(), e.kind().keyword()))))
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        match instance {
            Node::Str(text) => self.fields.is_valid(Node::Fields(text)),
            _ => true,
        }
    }
}
