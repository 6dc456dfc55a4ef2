//! From outcomes to a verdict and its numbers: the scoring model `sdet-score/1` (docs/architecture.md).
//!
//! A pure function of requirements, outcomes, waivers and a date; it may be replayed from a report.
//! Depends on the requirement model, outcomes and the report model. Must never read a source, a file
//! or a clock, and must never let a requirement of the perimeter disappear.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::outcome::{Evidence, Message, Outcome, Reason, Verdict};
use crate::report::model::{Assessment, Counted, PerimeterShare, RequirementResult, UsedParameter, Waiver};
use crate::rules::model::{Check, Domain, Requirement, Tailoring};

mod compare;
mod score;
mod settle;

pub use compare::{Incomparable, comparable};
pub use score::{points, score, verdict};

/// Name of the scoring model: two runs with different models do not compare.
pub const MODEL: &str = "sdet-score/1";

/// Share of the mandatory weight that must be determined for a favourable verdict, in percent.
pub const MIN_COVERAGE: u32 = 95;

/// Share of the mandatory weight beyond which attestations alone make the verdict conditional, in percent.
pub const MAX_ATTESTED: u32 = 20;

/// Size of the whole set, to say what share of it was audited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SetSize {
    /// Requirements of the set.
    pub requirements: u32,
    /// Domains of the scheme.
    pub domains: u32,
}

/// What an assessment is made from.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The requirements of the perimeter, after tailoring, in the order of the set.
    pub requirements: &'a [&'a Requirement],
    /// The tailoring applied, for the thresholds it changed.
    pub tailoring: Option<&'a Tailoring>,
    /// What the checks and the attestations said, in any order. Several outcomes of one requirement
    /// are settled into one; those of other requirements are ignored.
    pub outcomes: &'a [Outcome],
    /// Waivers, expired ones included.
    pub waivers: &'a [Waiver],
    /// Domains audited.
    pub perimeter: &'a [Domain],
    /// The whole set.
    pub set: SetSize,
    /// The day of the audit.
    pub today: Date,
}

/// The assessment and the requirements it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Assessed {
    /// Verdict and numbers.
    pub assessment: Assessment,
    /// One result a requirement, in the order of the input.
    pub requirements: Vec<RequirementResult>,
}

/// Assesses one audit.
#[must_use]
pub fn assess(input: &Input<'_>) -> Assessed {
    let mut by_requirement: HashMap<&str, Vec<&Outcome>> = HashMap::new();
    for outcome in input.outcomes {
        by_requirement.entry(&outcome.requirement).or_default().push(outcome);
    }
    let mut results: Vec<RequirementResult> = input
        .requirements
        .iter()
        .map(|requirement| {
            let outcomes = by_requirement.get(requirement.id.as_str()).map_or(&[][..], Vec::as_slice);
            let mut result = result(requirement, input.tailoring, settle::settle(&requirement.id, outcomes));
            waive(&mut result, input.waivers, input.today);
            result
        })
        .collect();
    let assessment = reassess(&mut results, input.perimeter, input.set);
    Assessed { assessment, requirements: results }
}

/// Computes the numbers of results whose verdicts are settled, and writes each one's share of them.
/// This is what replays a report, or answers "what if this one were fixed".
#[must_use]
pub fn reassess(results: &mut [RequirementResult], perimeter: &[Domain], set: SetSize) -> Assessment {
    points(results);
    let overall = score(results.iter());
    let domains = score::domains(results, perimeter);
    Assessment {
        model: MODEL.to_owned(),
        verdict: verdict(results),
        perimeter: PerimeterShare {
            requirements: u32::try_from(results.len()).unwrap_or(u32::MAX),
            of_requirements: set.requirements,
            domains: u32::try_from(domains.len()).unwrap_or(u32::MAX),
            of_domains: set.domains,
        },
        overall,
        domains,
        priorities: score::priorities(results),
    }
}

/// A requirement with its settled outcome, not yet counted.
fn result(requirement: &Requirement, tailoring: Option<&Tailoring>, outcome: Outcome) -> RequirementResult {
    let r = requirement.clone();
    let changed = tailoring.and_then(|t| t.requirements.get(&r.id));
    let (examines, counted) = examined(&r.check);
    let parameters = r
        .parameters
        .into_iter()
        .map(|(name, p)| {
            let used = changed.and_then(|c| c.parameters.get(&name)).unwrap_or(&p.default);
            let used = UsedParameter { title: p.title, value: text(used), default: text(&p.default) };
            (name, used)
        })
        .collect::<BTreeMap<_, _>>();
    RequirementResult {
        id: r.id,
        title: r.title,
        why: r.why,
        fix: r.fix,
        limits: r.limits,
        domain: r.domain,
        level: r.level,
        severity: r.severity,
        basis: r.basis,
        sources: r.sources,
        clause: r.clause,
        degree: r.degree,
        actor: r.actor,
        strength: r.strength,
        parameters,
        question: match r.check {
            Check::Attestation(a) => Some(a.attestation.question),
            Check::Records(_) | Check::Facts(_) => None,
        },
        examines,
        counted,
        verdict: outcome.verdict,
        reason: outcome.reason,
        parent: outcome.parent,
        evidence: outcome.evidence,
        detail: outcome.detail,
        examined: outcome.examined,
        failures: outcome.failures,
        findings: outcome.findings,
        waiver: None,
        expired_waiver: None,
        weight: 0,
        contribution: 0.0,
        lost: 0.0,
        gain_if_fixed: 0.0,
    }
}

/// What a check looks at, and in what its failures are counted: a report that says "12 pupils" must
/// be right that they are pupils.
fn examined(check: &Check) -> (Vec<String>, Counted) {
    match check {
        Check::Records(c) => {
            let mut kinds = c.records.as_slice().to_vec();
            let counted = match (&c.assert, &c.symmetric) {
                (Some(schema), _) if attributes(schema) <= 1 => Counted::Records,
                (_, Some(symmetric)) => {
                    kinds.push(symmetric.with.clone());
                    Counted::Places
                }
                _ if c.count.is_some() => Counted::Places,
                _ => Counted::Cases,
            };
            (kinds, counted)
        }
        Check::Facts(c) => (vec![c.facts.clone()], Counted::Places),
        Check::Attestation(_) => (Vec::new(), Counted::Cases),
    }
}

/// How many attributes a schema judges one by one; 0 when it judges records whole.
fn attributes(schema: &serde_json::Value) -> usize {
    let Some(members) = schema.as_object() else { return 0 };
    if members.keys().any(|k| k != "properties" && k != "required") {
        return 0;
    }
    let properties = schema["properties"].as_object().into_iter().flat_map(|p| p.keys().map(String::as_str));
    let required = schema["required"].as_array().into_iter().flatten().filter_map(|r| r.as_str());
    properties.chain(required).collect::<std::collections::BTreeSet<_>>().len()
}

/// A threshold as a reader writes it.
fn text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Attaches the waiver that covers a failure today, or the last one that did. The verdict stays `fail`.
fn waive(result: &mut RequirementResult, waivers: &[Waiver], today: Date) {
    if result.verdict != Verdict::Fail {
        return;
    }
    // A waiver whose date cannot be read holds for nothing: silence must not excuse a failure.
    let last = waivers
        .iter()
        .filter(|w| w.requirement == result.id)
        .filter_map(|w| Some((w.until.parse::<Date>().ok()?, w)))
        .max_by(|(a, v), (b, w)| a.cmp(b).then_with(|| (&v.reason, &v.approved_by).cmp(&(&w.reason, &w.approved_by))));
    match last {
        Some((until, waiver)) if until >= today => result.waiver = Some(waiver.clone()),
        Some((_, waiver)) => result.expired_waiver = Some(waiver.clone()),
        None => {}
    }
}

/// An undetermined outcome that tells of a fault of the tool, never of the ENT.
fn tool_error(id: &str, key: &str) -> Outcome {
    Outcome { evidence: Evidence::Automated, ..Outcome::undetermined(id, Reason::ToolError, Message::new(key)) }
}
