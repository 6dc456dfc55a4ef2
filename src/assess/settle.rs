//! Several outcomes of one requirement, settled into one.
//!
//! Depends on outcomes only. Must never turn a failure, or something that could not be decided, into
//! a pass because another source was kinder; the order in which outcomes come must not matter.

use super::tool_error;
use crate::outcome::{Evidence, Outcome, Reason, Verdict};

/// The outcome of a requirement: a requirement without one is a bug of ours, shown as such.
pub(super) fn settle(id: &str, outcomes: &[&Outcome]) -> Outcome {
    let (attested, observed): (Vec<&Outcome>, Vec<&Outcome>) = outcomes.iter().partition(|o| o.evidence == Evidence::Attested);
    let settled = match (worst(&observed), worst(&attested)) {
        (Some(seen), Some(said)) => if_attested(seen, said),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => return tool_error(id, "verdict.no_outcome"),
    };
    sound(settled)
}

/// What holds when the tool and a person both spoke. A person answers what only a person can tell, and
/// may admit a failure; a person never beats what was seen, nor stands in for a source that is
/// missing: leaving a source out must never pay.
fn if_attested(seen: Outcome, said: Outcome) -> Outcome {
    match (seen.verdict, said.verdict) {
        (Verdict::Fail, _) => seen,
        (_, Verdict::Fail) => said,
        (Verdict::Undetermined, Verdict::Pass) => match seen.reason {
            Some(Reason::ManualPending | Reason::AttestationExpired) => said,
            _ => seen,
        },
        _ => seen,
    }
}

/// One outcome from those of several sources: the least favourable verdict, the counts added up.
fn worst(outcomes: &[&Outcome]) -> Option<Outcome> {
    let [first, others @ ..] = outcomes else { return None };
    if others.is_empty() {
        return Some((*first).clone());
    }
    let mut sorted: Vec<(String, &Outcome)> = outcomes.iter().map(|o| (serde_json::to_string(o).unwrap_or_default(), *o)).collect();
    sorted.sort_by(|(a, x), (b, y)| rank(x.verdict).cmp(&rank(y.verdict)).then_with(|| a.cmp(b)));
    let mut kept = sorted.first()?.1.clone();
    for (_, other) in &sorted[1..] {
        kept.examined = kept.examined.saturating_add(other.examined);
        kept.failures = kept.failures.saturating_add(other.failures);
        kept.findings.extend(other.findings.iter().cloned());
    }
    Some(kept)
}

/// Least favourable first.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fail => 0,
        Verdict::Undetermined => 1,
        Verdict::Pass => 2,
        Verdict::NotApplicable => 3,
    }
}

/// Holds an outcome to its contract: "not applicable" comes with its evidence, "undetermined" with a
/// reason. Anything less is a fault of the tool, and never favourable.
fn sound(outcome: Outcome) -> Outcome {
    match outcome.verdict {
        Verdict::NotApplicable if outcome.detail.is_none() => tool_error(&outcome.requirement, "verdict.no_evidence"),
        Verdict::Undetermined if outcome.reason.is_none() => Outcome { reason: Some(Reason::ToolError), ..outcome },
        _ => outcome,
    }
}
