//! `nomenclature: NAME` and `nomenclatureLabel: NAME` on a string: it is a code (a label) of that list.

use std::sync::Arc;

use jsonschema::json::{Json, Node};
use jsonschema::{Keyword, ValidationError};
use rapidhash::RapidHashSet;

/// A list as the keyword uses it.
#[derive(Debug, Default)]
pub struct CodeList {
    /// Codes.
    pub codes: RapidHashSet<String>,
    /// Labels.
    pub labels: RapidHashSet<String>,
}

/// The keyword.
pub struct Nomenclature {
    list: Arc<CodeList>,
    labels: bool,
}

impl Nomenclature {
    /// On codes, or on labels.
    #[must_use]
    pub fn new(list: Arc<CodeList>, labels: bool) -> Self {
        Self { list, labels }
    }
}

impl<'i, F: Json> Keyword<'i, F> for Nomenclature {
    fn validate(&self, instance: F::Node<'i>) -> Result<(), ValidationError<'i>> {
        if Keyword::<F>::is_valid(self, instance) { Ok(()) } else { Err(super::failure("")) }
    }

    fn is_valid(&self, instance: F::Node<'i>) -> bool {
        let set = if self.labels { &self.list.labels } else { &self.list.codes };
        instance.as_string().is_none_or(|s| set.contains(s.as_ref()))
    }
}
