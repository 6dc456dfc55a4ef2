//! The account of the faults that were put in: what the injectors of all kinds of delivery share.
//!
//! Must never know what a fault does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::GenerateError;
use super::listed::{List, Listed};

/// A fault as it was put in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InjectedFault {
    /// Identifier of the fault.
    pub fault: String,
    /// Requirements of `sdet-6.3` that should fail because of it.
    pub requirements: Vec<String>,
    /// Files that carry it.
    pub files: Vec<String>,
    /// How many records, or files, carry it.
    pub count: u64,
    /// Identifiers of the records (nobody exists).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub records: Vec<String>,
}

impl InjectedFault {
    /// A fault that is nowhere yet, and what should notice it.
    pub(super) fn of<I: List>(fault: Listed<I>, requirements: impl Iterator<Item = &'static str>) -> Self {
        let requirements = requirements.map(str::to_owned).collect();
        Self { fault: fault.id().to_owned(), requirements, files: Vec::new(), count: 0, records: Vec::new() }
    }

    /// Notes one more place, in a file, of a record where it is one.
    pub(super) fn mark(&mut self, file: &str, record: Option<String>) {
        self.count += 1;
        if self.files.last().is_none_or(|f| f != file) {
            self.files.push(file.to_owned());
        }
        self.records.extend(record);
    }
}

/// The faults asked for, each once.
pub(super) fn each_once<I: List>(asked: &[Listed<I>]) -> Vec<Listed<I>> {
    let first = |(rank, fault): &(usize, &Listed<I>)| !asked[..*rank].contains(fault);
    asked.iter().enumerate().filter(first).map(|(_, fault)| *fault).collect()
}

/// What was put in; an error when a fault found no place.
pub(super) fn all_placed<I: List>(each: impl Iterator<Item = (Listed<I>, InjectedFault)>) -> Result<Vec<InjectedFault>, GenerateError> {
    let placed = |(fault, done): (Listed<I>, InjectedFault)| {
        if done.count == 0 { Err(GenerateError::NotInjected { fault: fault.id() }) } else { Ok(done) }
    };
    each.map(placed).collect()
}
