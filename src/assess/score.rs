//! The four numbers of `sdet-score/1`, their split by domain, and what each requirement brings.
//!
//! Depends on the report model only. Verdicts are decided on whole counts and weights, never on
//! rounded percentages. Must never let the volume of records, a waiver or a recommended requirement
//! change a mandatory number.

use std::collections::BTreeMap;

use super::{MAX_ATTESTED, MIN_COVERAGE};
use crate::outcome::{Evidence, Verdict};
use crate::report::model::{Counts, DomainScore, OverallVerdict, RequirementResult, Score};
use crate::rules::model::{Domain, Level, Severity};

/// Mandatory weight by how it ended.
#[derive(Clone, Copy, Debug, Default)]
struct Weights {
    passed: u32,
    failed: u32,
    waived: u32,
    undetermined: u32,
    attested: u32,
    critical_undetermined: bool,
}

impl Weights {
    fn of<'a>(results: impl Iterator<Item = &'a RequirementResult>) -> Self {
        let mut sum = Self::default();
        for r in results {
            let weight = weight(r);
            match r.verdict {
                Verdict::Pass => sum.passed += weight,
                Verdict::Fail => sum.failed += weight,
                Verdict::Undetermined => sum.undetermined += weight,
                Verdict::NotApplicable => {}
            }
            if r.verdict == Verdict::Fail && r.waiver.is_some() {
                sum.waived += weight;
            }
            if determined(r) && r.evidence == Evidence::Attested {
                sum.attested += weight;
            }
            sum.critical_undetermined |= weight > 0 && r.verdict == Verdict::Undetermined && r.severity == Severity::Critique;
        }
        sum
    }

    /// M: the mandatory weight that applies.
    fn total(self) -> u32 {
        self.passed + self.failed + self.undetermined
    }

    fn determined(self) -> u32 {
        self.passed + self.failed
    }
}

/// Weight in M: that of the severity for a mandatory requirement that applies, else 0.
fn weight(r: &RequirementResult) -> u32 {
    if r.level == Level::Obligatoire && r.verdict != Verdict::NotApplicable { r.severity.weight() } else { 0 }
}

fn determined(r: &RequirementResult) -> bool {
    matches!(r.verdict, Verdict::Pass | Verdict::Fail)
}

/// A share in percent; none of nothing.
fn percent(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) * 100.0 / f64::from(whole))
}

/// The verdict, from counts. When nothing mandatory applies, nothing was shown: `non_concluant`.
#[must_use]
pub fn verdict(results: &[RequirementResult]) -> OverallVerdict {
    let w = Weights::of(results.iter());
    let total = w.total();
    if w.failed > w.waived {
        OverallVerdict::NonConforme
    } else if total == 0 || w.critical_undetermined || w.determined() * 100 < total * MIN_COVERAGE {
        OverallVerdict::NonConcluant
    } else if w.waived > 0 || w.attested * 100 > total * MAX_ATTESTED {
        OverallVerdict::ConformeSousReserve
    } else {
        OverallVerdict::Conforme
    }
}

/// The numbers of a set of results.
#[must_use]
pub fn score<'a>(results: impl Iterator<Item = &'a RequirementResult> + Clone) -> Score {
    let w = Weights::of(results.clone());
    let total = w.total();
    let mut counts: BTreeMap<Level, Counts> = Level::ALL.iter().map(|level| (*level, Counts::default())).collect();
    let (mut recommended, mut recommended_passed) = (0, 0);
    for r in results {
        let count = counts.entry(r.level).or_default();
        match r.verdict {
            Verdict::Pass => count.pass += 1,
            Verdict::Fail => count.fail += 1,
            Verdict::Undetermined => count.undetermined += 1,
            Verdict::NotApplicable => count.not_applicable += 1,
        }
        if r.verdict == Verdict::Fail && r.waiver.is_some() {
            count.waived += 1;
        }
        if r.level == Level::Recommande && determined(r) {
            recommended += r.severity.weight();
            if r.verdict == Verdict::Pass {
                recommended_passed += r.severity.weight();
            }
        }
    }
    Score {
        weight: total,
        lo: percent(w.passed, total),
        hi: percent(w.passed + w.undetermined, total),
        lo_adjusted: percent(w.passed, total - w.waived),
        coverage: percent(w.determined(), total),
        coverage_automated: percent(w.determined() - w.attested, total),
        coverage_attested: percent(w.attested, total),
        recommended: percent(recommended_passed, recommended),
        counts,
    }
}

/// The numbers of each domain of the perimeter, in the order of the scheme. A domain of the perimeter
/// without requirement is there too, vacuous: its absence would look like a clean result.
pub(super) fn domains(results: &[RequirementResult], perimeter: &[Domain]) -> Vec<DomainScore> {
    Domain::ALL
        .iter()
        .filter(|domain| perimeter.contains(domain) || results.iter().any(|r| r.domain == **domain))
        .map(|&domain| {
            let of_domain = results.iter().filter(move |r| r.domain == domain);
            DomainScore { domain, vacuous: of_domain.clone().all(|r| r.verdict == Verdict::NotApplicable), score: score(of_domain) }
        })
        .collect()
}

/// Writes on each result what it weighs, brings, loses and would give.
pub fn points(results: &mut [RequirementResult]) {
    let total = Weights::of(results.iter()).total();
    for r in results {
        r.weight = weight(r);
        let points = percent(r.weight, total).unwrap_or(0.0);
        let when = |condition: bool| if condition { points } else { 0.0 };
        r.contribution = when(r.verdict == Verdict::Pass);
        r.lost = when(r.verdict == Verdict::Fail);
        r.gain_if_fixed = when(matches!(r.verdict, Verdict::Fail | Verdict::Undetermined));
    }
}

/// Mandatory failures, most costly first, waived ones last; the order of the set between equals.
pub(super) fn priorities(results: &[RequirementResult]) -> Vec<String> {
    let mut failed: Vec<&RequirementResult> =
        results.iter().filter(|r| r.level == Level::Obligatoire && r.verdict == Verdict::Fail).collect();
    failed.sort_by_key(|r| (r.waiver.is_some(), std::cmp::Reverse(r.severity.weight())));
    failed.into_iter().map(|r| r.id.clone()).collect()
}
