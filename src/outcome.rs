//! What the engine says of one requirement: the only thing assessment and reports ever see.
//!
//! Depends on nothing but serde. Must never hold a value of a person: a finding carries places,
//! pseudonyms and shapes, all produced by [`crate::privacy`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text in both languages of the tool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// French, the default.
    pub fr: String,
    /// English.
    pub en: String,
}

/// How a requirement ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Examined and satisfied.
    Pass,
    /// Examined and not satisfied.
    Fail,
    /// Nothing in the perimeter that the requirement speaks of; `detail` gives the evidence.
    NotApplicable,
    /// Could not be decided; `reason` says why.
    Undetermined,
}

/// Why a requirement is [`Verdict::Undetermined`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The source it needs is missing or unreadable.
    Blocked,
    /// A requirement it depends on failed; `parent` names it.
    ParentFailed,
    /// Only a person can attest it, and nobody has yet.
    ManualPending,
    /// Was attested, for a period that is over.
    AttestationExpired,
    /// Left out by the user (tailoring).
    Excluded,
    /// The tool itself failed.
    ToolError,
    /// A limit of time, memory or requests was reached first.
    OutOfBudget,
}

/// Where the verdict comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Computed from files.
    Automated,
    /// Observed on a running server.
    Live,
    /// Declared by a person.
    Attested,
}

/// A message of the catalogue (`i18n`) with its arguments; rendered in either language later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Key in the catalogue, e.g. `finding.format`.
    pub key: String,
    /// Arguments: counts, shapes, pseudonyms, names of attributes; never a raw personal value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub args: BTreeMap<String, String>,
}

impl Message {
    /// A message without arguments.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self { key: key.to_owned(), args: BTreeMap::new() }
    }

    /// Adds one argument.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }
}

/// One observed failure, at one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Label of the source (a delivery, a server) as in [`crate::report::model::SourceSummary`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// File, relative to the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in that file, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Kind of record, e.g. `aaf.Eleve`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// Keyed pseudonym of the record's identifier (the identifier itself for structures and codes).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Attribute at fault, where one can be named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// What was seen.
    pub message: Message,
}

/// The result of one requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// Identifier of the requirement.
    pub requirement: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, when undetermined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The requirement whose failure explains this one (`parent_failed`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Where the verdict comes from.
    pub evidence: Evidence,
    /// One sentence of explanation: the evidence of a `not_applicable`, the cause of an `undetermined`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Message>,
    /// How many records, values or documents were looked at.
    pub examined: u64,
    /// How many of them failed: exact, whatever the number of findings kept.
    pub failures: u64,
    /// The first failures, in the order of the sources; capped.
    pub findings: Vec<Finding>,
}

impl Outcome {
    /// An outcome without findings.
    #[must_use]
    pub fn new(requirement: &str, verdict: Verdict) -> Self {
        Self {
            requirement: requirement.to_owned(),
            verdict,
            reason: None,
            parent: None,
            evidence: Evidence::Automated,
            detail: None,
            examined: 0,
            failures: 0,
            findings: Vec::new(),
        }
    }

    /// An undetermined outcome with its reason.
    #[must_use]
    pub fn undetermined(requirement: &str, reason: Reason, detail: Message) -> Self {
        Self { reason: Some(reason), detail: Some(detail), ..Self::new(requirement, Verdict::Undetermined) }
    }
}
