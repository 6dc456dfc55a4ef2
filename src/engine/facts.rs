//! Checks over facts documents.

use jsonschema::Validator;
use serde_json::Value;

use super::sighting::{Sighting, Tally};
use crate::check::diagnose;
use crate::check::schema::{SchemaError, Schemas};
use crate::rules::model::FactsCheck;
use crate::source::observation;
use crate::source::place::Place;

/// A compiled check over facts.
pub struct FactsProgram {
    probes: Option<Vec<String>>,
    filter: Option<Validator>,
    conclusive: Option<Validator>,
    assert: Validator,
    /// Texts of the documents may be shown: they are words of protocols.
    plain: bool,
}

/// What a document is to a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Not what the check is about.
    LeftOut,
    /// It proves neither.
    Inconclusive,
    /// It satisfies the check.
    Passed,
    /// It does not.
    Failed,
}

impl FactsProgram {
    /// Compiles a check.
    ///
    /// # Errors
    /// A schema that does not compile (a loaded set has none).
    pub fn new(check: &FactsCheck, schemas: &Schemas) -> Result<Self, SchemaError> {
        let compiled = |schema: &Option<Value>| schema.as_ref().map(|s| schemas.facts(s)).transpose();
        Ok(Self {
            probes: check.probe.as_ref().map(|p| p.as_slice().to_vec()),
            filter: compiled(&check.filter)?,
            conclusive: compiled(&check.conclusive)?,
            assert: schemas.facts(&check.assert)?,
            plain: observation::is_plain(&check.facts),
        })
    }

    /// Judges one document; `file` is its rank when it is about a file. Places it carries become findings.
    pub fn judge(&self, document: &Value, file: Option<u32>, cap: usize, tally: &mut Tally) -> Judged {
        let asked = |names: &Vec<String>| document["probe"].as_str().is_some_and(|probe| names.iter().any(|n| n == probe));
        if !self.probes.as_ref().is_none_or(asked) || self.filter.as_ref().is_some_and(|f| !f.is_valid(document)) {
            return Judged::LeftOut;
        }
        if self.conclusive.as_ref().is_some_and(|c| !c.is_valid(document)) {
            return Judged::Inconclusive;
        }
        tally.examined += 1;
        if self.assert.is_valid(document) {
            return Judged::Passed;
        }
        for failure in diagnose::facts(&self.assert, document, self.plain) {
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
        Judged::Failed
    }
}
