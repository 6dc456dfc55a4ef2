//! What a reader looks for first, picked out of a report once for every rendering.
//!
//! Depends on the report model and on `text`. Must never compute a number of its own: it selects,
//! groups and words what the assessment says.

use std::collections::HashMap;

use super::model::{Counts, OverallVerdict, PerimeterOrigin, Report, RequirementResult};
use super::text::Words;
use crate::assess::{MAX_ATTESTED, MIN_COVERAGE};
use crate::outcome::{Evidence, Message, Reason, Verdict};
use crate::rules::model::{Domain, Level, Severity};

/// How a requirement ended, as readers tell results apart: a waived failure is a case of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum State {
    Fail,
    Waived,
    Undetermined,
    Pass,
    NotApplicable,
}

impl State {
    pub const ALL: [Self; 5] = [Self::Fail, Self::Waived, Self::Undetermined, Self::Pass, Self::NotApplicable];

    pub fn of(r: &RequirementResult) -> Self {
        match r.verdict {
            Verdict::Fail if r.waiver.is_some() => Self::Waived,
            Verdict::Fail => Self::Fail,
            Verdict::Undetermined => Self::Undetermined,
            Verdict::Pass => Self::Pass,
            Verdict::NotApplicable => Self::NotApplicable,
        }
    }

    /// End of its catalogue keys, and its value in attributes.
    pub fn key(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Waived => "waived",
            Self::Undetermined => "undetermined",
            Self::Pass => "pass",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// A sign that stands without colour.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Fail => "✗",
            Self::Waived => "≈",
            Self::Undetermined => "?",
            Self::Pass => "✓",
            Self::NotApplicable => "–",
        }
    }

    /// How many requirements of these counts ended so.
    pub fn count(self, counts: Counts) -> u32 {
        match self {
            Self::Fail => counts.fail.saturating_sub(counts.waived),
            Self::Waived => counts.waived,
            Self::Undetermined => counts.undetermined,
            Self::Pass => counts.pass,
            Self::NotApplicable => counts.not_applicable,
        }
    }
}

/// End of the catalogue keys of a verdict.
pub(super) fn verdict_key(verdict: OverallVerdict) -> &'static str {
    match verdict {
        OverallVerdict::Conforme => "conforme",
        OverallVerdict::ConformeSousReserve => "conforme_sous_reserve",
        OverallVerdict::NonConcluant => "non_concluant",
        OverallVerdict::NonConforme => "non_conforme",
    }
}

/// The sign of a verdict.
pub(super) fn verdict_symbol(verdict: OverallVerdict) -> &'static str {
    match verdict {
        OverallVerdict::Conforme => "✓",
        OverallVerdict::ConformeSousReserve => "≈",
        OverallVerdict::NonConcluant => "?",
        OverallVerdict::NonConforme => "✗",
    }
}

/// End of the catalogue key of a reason.
pub(super) fn reason_key(reason: Reason) -> &'static str {
    match reason {
        Reason::Blocked => "blocked",
        // Of what did fail, more is said: see `why_undetermined`.
        Reason::ParentFailed => "parent_unknown",
        Reason::ManualPending => "manual_pending",
        Reason::AttestationExpired => "attestation_expired",
        Reason::Excluded => "excluded",
        Reason::ToolError => "tool_error",
        Reason::OutOfBudget => "out_of_budget",
    }
}

/// End of the catalogue key of an evidence.
pub(super) fn evidence_key(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Automated => "automated",
        Evidence::Live => "live",
        Evidence::Attested => "attested",
    }
}

/// What makes the verdict what it is, in sentences.
pub(super) fn because(report: &Report, w: Words) -> Vec<String> {
    let score = &report.assessment.overall;
    let counts = score.counts.get(&Level::Obligatoire).copied().unwrap_or_default();
    let mut out = Vec::new();
    match report.assessment.verdict {
        OverallVerdict::NonConforme => {
            out.push(w.count("verdict.because.failed", counts.fail.saturating_sub(counts.waived)));
            if counts.waived > 0 {
                out.push(w.count("verdict.because.also_waived", counts.waived));
            }
        }
        OverallVerdict::NonConcluant if score.weight == 0 => out.push(w.t("verdict.because.nothing")),
        OverallVerdict::NonConcluant => {
            let critical = undetermined(report).filter(|r| r.level == Level::Obligatoire && r.severity == Severity::Critique);
            let critical = critical.count() as u64;
            if critical > 0 {
                out.push(w.count("verdict.because.critical", critical));
            }
            if let Some(coverage) = score.coverage.filter(|c| *c < f64::from(MIN_COVERAGE)) {
                let (coverage, min) = (w.percent(coverage), w.percent(f64::from(MIN_COVERAGE)));
                out.push(w.tf("verdict.because.coverage", &[("coverage", &coverage), ("min", &min)]));
            }
        }
        OverallVerdict::ConformeSousReserve => {
            if counts.waived > 0 {
                out.push(w.count("verdict.because.waived", counts.waived));
            }
            if let Some(attested) = score.coverage_attested.filter(|a| *a > f64::from(MAX_ATTESTED)) {
                let (attested, max) = (w.percent(attested), w.percent(f64::from(MAX_ATTESTED)));
                out.push(w.tf("verdict.because.attested", &[("attested", &attested), ("max", &max)]));
            }
        }
        OverallVerdict::Conforme => {
            let coverage = w.percent_or_dash(score.coverage);
            out.push(w.tf("verdict.because.conforme", &[("coverage", &coverage)]));
        }
    }
    out
}

/// The mandatory failures, in the order of priorities.
pub(super) fn priorities(report: &Report) -> Vec<&RequirementResult> {
    let by_id: HashMap<&str, &RequirementResult> = report.requirements.iter().map(|r| (r.id.as_str(), r)).collect();
    report.assessment.priorities.iter().filter_map(|id| by_id.get(id.as_str()).copied()).collect()
}

/// Failures of a level, heaviest first.
pub(super) fn failed(report: &Report, level: Level) -> Vec<&RequirementResult> {
    let mut out: Vec<_> = report.requirements.iter().filter(|r| r.level == level && r.verdict == Verdict::Fail).collect();
    out.sort_by_key(|r| (r.waiver.is_some(), std::cmp::Reverse(r.severity.weight())));
    out
}

fn undetermined(report: &Report) -> impl Iterator<Item = &RequirementResult> {
    report.requirements.iter().filter(|r| r.verdict == Verdict::Undetermined)
}

/// Why a group of requirements could not be decided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cause<'a> {
    /// They are consequences of the failure of this one.
    Failed(&'a RequirementResult),
    /// The same reason, in the same words.
    Reason(Reason, Option<&'a Message>),
}

/// Requirements that one thing would make decidable.
#[derive(Debug)]
pub(super) struct Pending<'a> {
    pub cause: Cause<'a>,
    /// Those the cause touches first; none when it is a failure.
    pub direct: Vec<&'a RequirementResult>,
    /// Those that wait on them.
    pub dependents: Vec<&'a RequirementResult>,
}

impl Pending<'_> {
    fn withheld(&self) -> u32 {
        self.direct.iter().chain(&self.dependents).map(|r| r.weight).sum()
    }
}

/// The undetermined, one group a cause, those that withhold most first.
pub(super) fn pending(report: &Report) -> Vec<Pending<'_>> {
    let by_id: HashMap<&str, &RequirementResult> = report.requirements.iter().map(|r| (r.id.as_str(), r)).collect();
    let mut groups: Vec<Pending<'_>> = Vec::new();
    for r in undetermined(report) {
        let root = root(r, &by_id);
        let cause = match root.verdict {
            Verdict::Fail => Cause::Failed(root),
            _ => Cause::Reason(root.reason.unwrap_or(Reason::ToolError), root.detail.as_ref()),
        };
        let found = groups.iter().position(|g| g.cause == cause);
        let at = found.unwrap_or_else(|| {
            groups.push(Pending { cause, direct: Vec::new(), dependents: Vec::new() });
            groups.len() - 1
        });
        if std::ptr::eq(root, r) { &mut groups[at].direct } else { &mut groups[at].dependents }.push(r);
    }
    groups.sort_by_key(|g| std::cmp::Reverse(g.withheld()));
    groups
}

/// The first requirement to look at: up the parents that explain this one. Who left a requirement
/// out, or has yet to attest it, is not explained by its parent.
fn root<'a>(r: &'a RequirementResult, by_id: &HashMap<&str, &'a RequirementResult>) -> &'a RequirementResult {
    let mut root = r;
    // Parents form no cycle in a set that loads; a report read from a file promises nothing.
    for _ in 0..16 {
        let Some(parent) = root.parent.as_deref().and_then(|id| by_id.get(id)).copied() else { break };
        let explains = match (root.verdict, root.reason) {
            (Verdict::Undetermined, Some(Reason::ParentFailed)) => matches!(parent.verdict, Verdict::Fail | Verdict::Undetermined),
            (Verdict::Undetermined, Some(Reason::Blocked)) => parent.reason == Some(Reason::Blocked),
            _ => false,
        };
        if !explains {
            break;
        }
        root = parent;
    }
    root
}

/// End of the catalogue key that says why a requirement is undetermined. What it depends on may have failed, have been
/// left out by the auditor, or not be known itself: only the first is a failure.
pub(super) fn why_undetermined(report: &Report, r: &RequirementResult) -> &'static str {
    let Some(Reason::ParentFailed) = r.reason else { return r.reason.map_or("tool_error", reason_key) };
    let by_id: HashMap<&str, &RequirementResult> = report.requirements.iter().map(|r| (r.id.as_str(), r)).collect();
    match root(r, &by_id) {
        root if root.verdict == Verdict::Fail => "parent_failed",
        root if root.reason == Some(Reason::Excluded) => "parent_excluded",
        _ => reason_key(Reason::ParentFailed),
    }
}

/// Name of a domain, as the set gives it.
pub(super) fn domain(report: &Report, domain: Domain, w: Words) -> String {
    report.ruleset.domains.get(&domain).map_or_else(|| w.t(&format!("domain.{domain}")), |text| w.pick(text))
}

/// Which domains were audited, and who chose them.
pub(super) fn perimeter(report: &Report, w: Words) -> String {
    let names: Vec<String> = report.target.perimeter.iter().map(|d| domain(report, *d, w)).collect();
    let origin = match report.target.perimeter_origin {
        PerimeterOrigin::Declared => "report.perimeter_declared",
        PerimeterOrigin::Implied => "report.perimeter_implied",
    };
    format!("{} ({})", names.join(", "), w.t(origin))
}

/// What share of the whole set the verdict is of.
pub(super) fn share(report: &Report, w: Words) -> String {
    let p = &report.assessment.perimeter;
    let (requirements, domains) = (w.count("report.requirements", p.requirements), w.count("report.domains", p.domains));
    let (of_requirements, of_domains) = (w.number(p.of_requirements), w.number(p.of_domains));
    let args: [(&str, &dyn std::fmt::Display); 4] =
        [("requirements", &requirements), ("of_requirements", &of_requirements), ("domains", &domains), ("of_domains", &of_domains)];
    w.tf("report.share", &args)
}
