//! The result file: `report.json`, versioned, published as a JSON Schema, enough to render every view.
//!
//! Depends on outcomes and on the vocabulary of requirements. Must never hold a source, a path of
//! the user's machine beyond what the user named, nor a value of a person.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::outcome::{Evidence, Finding, Message, Reason, Text, Verdict};
use crate::rules::model::{Actor, Basis, Degree, Domain, Level, Severity, Strength};

/// Version of this format: `report.json` says which one it follows.
pub const REPORT_FORMAT: &str = "conforment-report/1";

/// One audit, complete.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// [`REPORT_FORMAT`].
    pub format: String,
    /// The tool that wrote it.
    pub tool: Tool,
    /// When, RFC 3339 (`--date` or `SOURCE_DATE_EPOCH` make it reproducible).
    pub generated: String,
    /// What was audited.
    pub target: TargetSummary,
    /// Against what.
    pub ruleset: RulesetSummary,
    /// Verdict and numbers.
    pub assessment: Assessment,
    /// Every requirement of the perimeter, in the order of the set.
    pub requirements: Vec<RequirementResult>,
}

/// The tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `conforment`.
    pub name: String,
    /// Version.
    pub version: String,
}

/// What was audited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetSummary {
    /// Name given by the target file, or the path given on the command line.
    pub name: String,
    /// Domains audited: the verdict is of these only.
    pub perimeter: Vec<Domain>,
    /// Where the perimeter comes from: `declared` by the target file, or `implied` by what was given.
    pub perimeter_origin: PerimeterOrigin,
    /// The sources that were read.
    pub sources: Vec<SourceSummary>,
}

/// Who chose the perimeter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PerimeterOrigin {
    /// The target file.
    Declared,
    /// What was given to `check`.
    Implied,
}

/// One source as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceSummary {
    /// Short name used by findings.
    pub label: String,
    /// `aaf`…
    pub kind: String,
    /// School level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degree: Option<Degree>,
    /// A few facts for the reader, in order: (catalogue key, value), e.g. (`source.mode`, `Complet`).
    pub facts: Vec<(String, String)>,
    /// Number of files read.
    pub files: u64,
    /// Bytes read, uncompressed.
    pub bytes: u64,
    /// Records by kind, e.g. `aaf.Eleve` → 277.
    pub records: BTreeMap<String, u64>,
    /// What prevented reading it whole.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Finding>,
}

/// The requirement set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RulesetSummary {
    /// Identifier.
    pub id: String,
    /// Name.
    pub title: Text,
    /// Version of the scheme.
    pub version: String,
    /// Edition of the files.
    pub edition: String,
    /// Date of the scheme.
    pub published: String,
    /// SHA-256 of the requirements as used, tailoring included: runs with different hashes do not compare.
    pub hash: String,
    /// Profile, where one was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What of the official text was read and what was not.
    pub statement: Text,
    /// Names of the domains.
    pub domains: BTreeMap<Domain, Text>,
    /// Titles of the sources that the requirements of this report cite.
    pub sources: BTreeMap<String, CitedSource>,
    /// Changes made by the tailoring file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tailored: Vec<String>,
}

/// A cited source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CitedSource {
    /// Title.
    pub title: String,
    /// Title in English, where it is not that of a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// Date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What of it was read.
    pub read: Text,
    /// Where.
    pub location: String,
    /// The same in English, where it is words and no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_en: Option<String>,
}

/// Overall verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OverallVerdict {
    /// Everything mandatory holds.
    Conforme,
    /// Holds, with waived failures or much that is only attested.
    ConformeSousReserve,
    /// Too little could be determined.
    NonConcluant,
    /// At least one mandatory requirement fails, not waived.
    NonConforme,
}

/// The four numbers and what they rest on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assessment {
    /// Scoring model, `sdet-score/1`.
    pub model: String,
    /// 1. The verdict.
    pub verdict: OverallVerdict,
    /// 2–4, over the perimeter.
    pub overall: Score,
    /// The same a domain, in the order of the set.
    pub domains: Vec<DomainScore>,
    /// The perimeter as a share of the whole set.
    pub perimeter: PerimeterShare,
    /// Mandatory failures, most costly first: what to fix, and what fixing it gives.
    pub priorities: Vec<String>,
}

/// Scores of a set of requirements. Percentages are 0 to 100.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Score {
    /// Applicable mandatory weight (M).
    pub weight: u32,
    /// Lower bound of the mandatory score: passed / M. `None` when nothing mandatory applies.
    pub lo: Option<f64>,
    /// Upper bound: (passed + undetermined) / M.
    pub hi: Option<f64>,
    /// Lower bound when waived failures are left aside.
    pub lo_adjusted: Option<f64>,
    /// Determined weight / M.
    pub coverage: Option<f64>,
    /// Part of the coverage decided by the tool.
    pub coverage_automated: Option<f64>,
    /// Part of the coverage that rests on attestations.
    pub coverage_attested: Option<f64>,
    /// Recommended index: passed / determined weight of `recommande` requirements.
    pub recommended: Option<f64>,
    /// Counts by level and verdict.
    pub counts: BTreeMap<Level, Counts>,
}

/// How many requirements ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Counts {
    /// Passed.
    pub pass: u32,
    /// Failed, waived or not.
    pub fail: u32,
    /// Failed and waived.
    pub waived: u32,
    /// Undetermined.
    pub undetermined: u32,
    /// Not applicable.
    pub not_applicable: u32,
}

/// One domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DomainScore {
    /// Which.
    pub domain: Domain,
    /// Nothing in it applies: no score is given.
    pub vacuous: bool,
    /// Its scores.
    pub score: Score,
}

/// What part of the set the perimeter is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PerimeterShare {
    /// Requirements of the perimeter.
    pub requirements: u32,
    /// Requirements of the whole set.
    pub of_requirements: u32,
    /// Domains of the perimeter.
    pub domains: u32,
    /// Domains of the scheme.
    pub of_domains: u32,
}

/// One requirement with its outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequirementResult {
    /// Identifier.
    pub id: String,
    /// Title.
    pub title: Text,
    /// Why it matters.
    pub why: Text,
    /// What to do.
    pub fix: Text,
    /// What the check cannot see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Text>,
    /// Domain.
    pub domain: Domain,
    /// Level, after tailoring.
    pub level: Level,
    /// Severity.
    pub severity: Severity,
    /// Where it comes from.
    pub basis: Basis,
    /// Cited sources.
    pub sources: Vec<String>,
    /// Section of the official text, where a reader has filled it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// School levels.
    pub degree: Vec<Degree>,
    /// Who can fix it.
    pub actor: Actor,
    /// What a failure proves.
    pub strength: Strength,
    /// Thresholds used, by name, as text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, UsedParameter>,
    /// For an attestation: the question asked of a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Text>,
    /// Kinds of record or document it looks at, e.g. `aaf.Eleve`; none for an attestation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examines: Vec<String>,
    /// What `examined` and `failures` count.
    pub counted: Counted,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, when undetermined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The requirement whose failure explains this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Automated, live or attested.
    pub evidence: Evidence,
    /// Explanation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Message>,
    /// How many records, values or documents were examined.
    pub examined: u64,
    /// How many failed, exactly.
    pub failures: u64,
    /// The first failures.
    pub findings: Vec<Finding>,
    /// The waiver that covers a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiver: Option<Waiver>,
    /// A waiver that covered this failure and no longer does: whoever wrote it should know why the
    /// verdict changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expired_waiver: Option<Waiver>,
    /// Weight, 0 when not counted (not mandatory or not applicable).
    pub weight: u32,
    /// Points of the lower bound that it brings: Σ over the perimeter = `lo`.
    pub contribution: f64,
    /// Points lost by failing: Σ over the perimeter = 100 − `hi`.
    pub lost: f64,
    /// Points of `lo` gained by making it pass, alone: what a failure lost, or what an undetermined
    /// requirement withholds.
    pub gain_if_fixed: f64,
}

/// What a requirement counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Records or documents: "12 pupils" may be said of them.
    #[default]
    Records,
    /// Keys, pairs or answers, of which a record may hold none or several.
    Cases,
    /// Failures are places; documents are examined, and one may hold several places.
    Places,
}

/// A threshold as used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UsedParameter {
    /// Its meaning.
    pub title: Text,
    /// Value used.
    pub value: String,
    /// Value of the set.
    pub default: String,
}

/// A failure accepted for a time. It stays a failure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// Requirement.
    pub requirement: String,
    /// Why it is accepted.
    pub reason: String,
    /// Who accepted it.
    pub approved_by: String,
    /// Last day it holds, `YYYY-MM-DD`.
    pub until: String,
}
