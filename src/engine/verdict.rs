//! From counts to the outcome of each requirement over records, kind by kind completeness included.
//!
//! What was not delivered, or not read to the end, never passes: it is undetermined, with its cause.

use serde_json::Value;

use super::plan::{How, Plan};
use super::sighting::Tally;
use crate::outcome::{Message, Outcome, Reason, Verdict};
use crate::source::Kind;

/// How much of a kind of record was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Coverage {
    /// All of it.
    Whole,
    /// None of it was delivered; the requirement that says so, where one does.
    Absent {
        /// Requirement to blame.
        parent: Option<String>,
        /// Whether that is normal (a Delta need not carry every kind).
        expected: bool,
    },
    /// A part could not be read; the requirement that says so.
    Partial {
        /// Requirement to blame.
        parent: Option<String>,
    },
}

/// What verdicts are drawn from.
pub struct Seen<'a> {
    /// By kind.
    pub coverage: &'a [Coverage],
    /// By kind.
    pub records: &'a [u64],
    /// By check.
    pub tallies: &'a [Tally],
    /// By check, for `count`.
    pub counted: &'a [u64],
    /// By check, whether no target of its references has such a key.
    pub without_keys: &'a [bool],
    /// Set when the delivery is a Delta whose Complet was not given: what it refers to may be in the
    /// receiver's base. The requirement that says so.
    pub delta_alone: Option<String>,
    /// Whether a state before the newest layer is known.
    pub previous_known: bool,
}

/// The outcome of one check, without its findings.
#[must_use]
pub fn outcome(plan: &Plan<'_>, check: usize, seen: &Seen<'_>) -> Outcome {
    let planned = &plan.checks[check];
    let tally = &seen.tallies[check];
    let mut outcome = Outcome::new(&planned.requirement.id, Verdict::Pass);
    outcome.examined = tally.examined;
    outcome.failures = tally.failures;

    let cover = |kind: &Kind| &seen.coverage[usize::from(kind.0)];
    let own: Vec<&Coverage> = planned.kinds.iter().map(cover).collect();
    let needs = plan.needs(check);
    let targets: Vec<(&Kind, &Coverage)> = needs[planned.kinds.len()..].iter().map(|k| (k, cover(k))).collect();
    let present: Vec<&&Coverage> = own.iter().filter(|c| !matches!(c, Coverage::Absent { .. })).collect();

    if present.is_empty() {
        return absent(outcome, own.first().copied(), &planned.kinds);
    }
    if let How::Count = planned.how {
        let partial = own.iter().find_map(|c| match c {
            Coverage::Partial { parent } => Some(parent.clone()),
            _ => None,
        });
        return match partial {
            Some(parent) => unknown(outcome, Reason::ParentFailed, parent, Message::new("detail.partial")),
            None => count(outcome, planned.check.count.as_ref(), seen.counted[check]),
        };
    }
    if let How::References { previous, absent: must_be_absent, .. } = &planned.how {
        if *previous && !seen.previous_known {
            return unknown(outcome, Reason::ParentFailed, seen.delta_alone.clone(), Message::new("detail.no_previous"));
        }
        if !must_be_absent {
            let missing = targets.iter().find(|(_, c)| matches!(c, Coverage::Absent { .. }));
            if let Some((kind, Coverage::Absent { parent, .. })) = missing
                && targets.iter().all(|(_, c)| matches!(c, Coverage::Absent { .. }))
            {
                return unknown(outcome, Reason::ParentFailed, parent.clone(), kind_message("detail.target_absent", kind));
            }
        }
    }
    if let How::Through(through) = &planned.how {
        let to = through.to.iter().map(|kind| (kind, cover(kind)));
        let mut to = to.filter_map(|(kind, c)| if let Coverage::Absent { parent, .. } = c { Some((kind, parent.clone())) } else { None });
        if let (Some((kind, parent)), true) = (to.next(), to.count() + 1 == through.to.len()) {
            return unknown(outcome, Reason::ParentFailed, parent, kind_message("detail.target_absent", kind));
        }
    }
    if let How::Symmetric { .. } = planned.how
        && let Some((kind, Coverage::Absent { parent, .. })) = targets.iter().find(|(_, c)| matches!(c, Coverage::Absent { .. }))
    {
        return unknown(outcome, Reason::ParentFailed, parent.clone(), kind_message("detail.target_absent", kind));
    }
    let relation = matches!(planned.how, How::References { absent: false, .. } | How::Through(_) | How::Symmetric { .. });
    if let (true, true, Some(parent)) = (relation, outcome.failures > 0, &seen.delta_alone) {
        return unknown(outcome, Reason::ParentFailed, Some(parent.clone()), Message::new("detail.delta_alone"));
    }
    let partial_target = targets.iter().find_map(|(k, c)| match c {
        Coverage::Partial { parent } => Some((*k, parent.clone())),
        _ => None,
    });
    // A key missing from a file that was not read to the end, or not delivered, accuses nobody; a key found where
    // it should not be is a fact.
    if let (true, true, Some((kind, parent))) = (relation, outcome.failures > 0, partial_target.clone()) {
        return unknown(outcome, Reason::ParentFailed, parent, kind_message("detail.target_partial", kind));
    }
    if let (true, true, Some((kind, Coverage::Absent { parent, .. }))) =
        (relation, outcome.failures > 0, targets.iter().find(|(_, c)| matches!(c, Coverage::Absent { .. })))
    {
        return unknown(outcome, Reason::ParentFailed, parent.clone(), kind_message("detail.target_absent", kind));
    }
    if let (1.., Some(most)) = (outcome.failures, tolerated(planned.check)) {
        let percent = 100.0 * outcome.failures as f64 / outcome.examined.max(1) as f64;
        let (count, of) = (outcome.failures, outcome.examined);
        outcome.detail =
            Some(Message::new("detail.missing_share").with("count", count).with("of", of).with("percent", format!("{percent:.1}")));
        if percent <= most {
            outcome.failures = 0;
        }
    }
    if let (1.., Some(least)) = (outcome.failures, kept(planned.check)) {
        let (held, of) = (outcome.examined.saturating_sub(outcome.failures), outcome.examined);
        let percent = 100.0 * held as f64 / of.max(1) as f64;
        if percent < least {
            outcome.failures = 0;
            outcome.verdict = Verdict::NotApplicable;
            outcome.detail =
                Some(Message::new("detail.not_kept").with("count", held).with("of", of).with("percent", format!("{percent:.1}")));
            return outcome;
        }
    }
    if outcome.failures > 0 {
        outcome.verdict = Verdict::Fail;
        return outcome;
    }
    if let Some(Coverage::Partial { parent }) = own.iter().find(|c| matches!(c, Coverage::Partial { .. })) {
        return unknown(outcome, Reason::ParentFailed, parent.clone(), Message::new("detail.partial"));
    }
    // What was not read may hold what is forbidden, what makes a key known, or one side of a pair.
    let settled = matches!(planned.how, How::References { absent: false, known: None, .. });
    if let (false, Some((kind, parent))) = (settled, partial_target) {
        return unknown(outcome, Reason::ParentFailed, parent, kind_message("detail.target_partial", kind));
    }
    if outcome.examined == 0 && tally.passed_over > 0 {
        let said = |key| Message::new(key).with("count", tally.passed_over);
        if !seen.without_keys[check] {
            return unknown(outcome, Reason::Blocked, None, said("detail.nothing_known"));
        }
        outcome.verdict = Verdict::NotApplicable;
        outcome.detail = Some(said("detail.nothing_there"));
    } else if outcome.examined == 0 {
        outcome.verdict = Verdict::NotApplicable;
        let key = if planned.kinds.iter().all(is_entry) { "detail.nothing.annuaire" } else { "detail.nothing" };
        let records: u64 = planned.kinds.iter().map(|k| seen.records[usize::from(k.0)]).sum();
        outcome.detail = Some(Message::new(key).with("records", records));
    }
    outcome
}

/// By check, whether it is undetermined whatever its references miss, since all they refer to is: there is no use in looking
/// for them.
#[must_use]
pub fn without_targets(plan: &Plan<'_>, coverage: &[Coverage]) -> Vec<bool> {
    let missing = |kind: &Kind| matches!(coverage[usize::from(kind.0)], Coverage::Absent { .. });
    let without = |(check, planned): (usize, &super::plan::Planned<'_>)| {
        matches!(planned.how, How::References { absent: false, .. }) && plan.needs(check)[planned.kinds.len()..].iter().all(missing)
    };
    plan.checks.iter().enumerate().map(without).collect()
}

/// The share of keys that a reference may lack, in percent.
fn tolerated(check: &crate::rules::model::RecordCheck) -> Option<f64> {
    check.references.as_ref()?.max_percent.as_ref()?.as_f64()
}

/// The share of targets that hold a value, in percent, from which others are held to have lost it.
fn kept(check: &crate::rules::model::RecordCheck) -> Option<f64> {
    check.references.as_ref()?.kept.as_ref()?.as_f64()
}

/// The category as file names write it: `Eleve` of `aaf.Eleve`.
fn category(kind: &Kind) -> &'static str {
    let name = kind.info().name;
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether a kind is of the directory: it has entries, where a delivery has files by category.
fn is_entry(kind: &Kind) -> bool {
    kind.info().name.starts_with("annuaire.")
}

fn kind_message(key: &str, kind: &Kind) -> Message {
    let key = match (key, is_entry(kind)) {
        ("detail.absent", true) => "detail.absent.annuaire",
        ("detail.target_absent", true) => "detail.target_absent.annuaire",
        ("detail.target_partial", true) => "detail.target_partial.annuaire",
        (key, _) => key,
    };
    Message::new(key).with("kind", category(kind))
}

fn unknown(mut outcome: Outcome, reason: Reason, parent: Option<String>, detail: Message) -> Outcome {
    outcome.verdict = Verdict::Undetermined;
    outcome.reason = Some(if parent.is_some() { reason } else { Reason::Blocked });
    outcome.parent = parent;
    outcome.detail = Some(detail);
    outcome.failures = 0;
    outcome
}

fn absent(mut outcome: Outcome, coverage: Option<&Coverage>, kinds: &[Kind]) -> Outcome {
    let kind = kinds.first().map_or("", category);
    let nothing = || kinds.first().map_or_else(|| Message::new("detail.absent").with("kind", kind), |k| kind_message("detail.absent", k));
    match coverage {
        Some(Coverage::Absent { expected: true, .. }) => {
            outcome.verdict = Verdict::NotApplicable;
            outcome.detail = Some(Message::new("detail.not_in_delta").with("kind", kind));
            outcome
        }
        Some(Coverage::Absent { parent, .. }) => unknown(outcome, Reason::ParentFailed, parent.clone(), nothing()),
        _ => unknown(outcome, Reason::Blocked, None, nothing()),
    }
}

fn count(mut outcome: Outcome, bounds: Option<&crate::rules::model::Count>, counted: u64) -> Outcome {
    let number = |v: &Option<Value>| v.as_ref().and_then(Value::as_f64);
    let Some(bounds) = bounds else { return outcome };
    let (n, total) = (counted as f64, outcome.examined as f64);
    let percent = if total > 0.0 { Some(100.0 * n / total) } else { None };
    let relative = number(&bounds.min_percent).is_some() || number(&bounds.max_percent).is_some();
    if relative && percent.is_none() {
        outcome.verdict = Verdict::NotApplicable;
        outcome.detail = Some(Message::new("detail.nothing").with("records", 0));
        return outcome;
    }
    let share = percent.unwrap_or(0.0);
    let out = number(&bounds.min).is_some_and(|m| n < m)
        || number(&bounds.max).is_some_and(|m| n > m)
        || number(&bounds.min_percent).is_some_and(|m| share < m)
        || number(&bounds.max_percent).is_some_and(|m| share > m);
    if out {
        outcome.verdict = Verdict::Fail;
        outcome.failures = 1;
        outcome.detail = Some(match percent {
            Some(p) if relative => {
                Message::new("detail.share").with("count", counted).with("of", outcome.examined).with("percent", format!("{p:.1}"))
            }
            _ => Message::new("detail.count").with("count", counted),
        });
    }
    outcome
}
