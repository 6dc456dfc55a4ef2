//! Checks over facts documents.

use jsonschema::Validator;
use serde_json::Value;

use super::sighting::{Sighting, Tally};
use crate::check::diagnose;
use crate::check::schema::{SchemaError, Schemas};
use crate::rules::model::FactsCheck;
use crate::source::place::Place;

/// A compiled check over facts.
pub struct FactsProgram {
    filter: Option<Validator>,
    assert: Validator,
}

impl FactsProgram {
    /// Compiles a check.
    ///
    /// # Errors
    /// A schema that does not compile (a loaded set has none).
    pub fn new(check: &FactsCheck, schemas: &Schemas) -> Result<Self, SchemaError> {
        let filter = check.filter.as_ref().map(|f| schemas.facts(f)).transpose()?;
        Ok(Self { filter, assert: schemas.facts(&check.assert)? })
    }

    /// Judges one document; `file` is its rank when it is about a file. Places it carries become findings.
    pub fn judge(&self, document: &Value, file: Option<u32>, cap: usize, tally: &mut Tally) {
        if self.filter.as_ref().is_some_and(|f| !f.is_valid(document)) {
            return;
        }
        tally.examined += 1;
        if self.assert.is_valid(document) {
            return;
        }
        for failure in diagnose::facts(&self.assert, document) {
            let sighting = |line: Option<u64>| Sighting {
                // Lines of facts are lines of the file: kept whole in the place's first chunk.
                place: Place { group: 0, file: file.unwrap_or(u32::MAX), chunk: 0, line: line.map_or(u32::MAX, |l| (l.max(1) - 1) as u32) },
                kind: None,
                subject: None,
                attribute: None,
                message: failure.message.clone(),
            };
            if failure.lines.is_empty() {
                tally.fail(cap, || sighting(None));
            }
            for line in &failure.lines {
                tally.fail(cap, || sighting(Some(*line)));
            }
            tally.failures += failure.count.saturating_sub(failure.lines.len().max(1) as u64);
        }
    }
}
