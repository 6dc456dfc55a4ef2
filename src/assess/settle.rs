//! Several outcomes of one requirement, settled into one.
//!
//! Depends on outcomes only. Must never turn a failure, or something that could not be decided, into
//! a pass because another source was kinder; the order in which outcomes come must not matter.

use super::tool_error;
use crate::outcome::{Evidence, Message, Outcome, Reason, Verdict};

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
    kept.detail = shares(&kept, &sorted).or(kept.detail);
    for (_, other) in &sorted[1..] {
        kept.examined = kept.examined.saturating_add(other.examined);
        kept.failures = kept.failures.saturating_add(other.failures);
        kept.findings.extend(other.findings.iter().cloned());
    }
    Some(kept)
}

/// What each source says of a failure that is told as a share: the counts of the outcome are those of all of them, and a
/// share without the name of its source would seem to be of all.
fn shares(kept: &Outcome, all: &[(String, &Outcome)]) -> Option<Message> {
    let key = kept.detail.as_ref()?.key.as_str();
    let alike: Vec<&Message> =
        all.iter().filter(|(_, o)| o.verdict == kept.verdict).filter_map(|(_, o)| o.detail.as_ref()).filter(|d| d.key == key).collect();
    let told = |d: &&Message| Some((d.args.get("source")?.clone(), d.args.get("count")?.clone(), d.args.get("of").cloned()));
    let mut told: Vec<_> = alike.iter().filter_map(told).collect();
    let (one, several) = match key {
        "detail.missing_share" => ("detail.missing_share.source", "detail.missing_shares"),
        "detail.share" => ("detail.share.source", "detail.shares"),
        "detail.count" => ("detail.count.source", "detail.counts"),
        _ => return None,
    };
    if let ([_], [detail]) = (told.as_slice(), alike.as_slice()) {
        return Some(Message { key: one.to_owned(), args: detail.args.clone() });
    }
    told.sort();
    let share = |(source, count, of): &(String, String, Option<String>)| match of {
        Some(of) => format!("{source} {count}/{of}"),
        None => format!("{source} {count}"),
    };
    let shares: Vec<String> = told.iter().map(share).collect();
    (!shares.is_empty()).then(|| Message::new(several).with("shares", shares.join(", ")))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, message};

    fn failed(source: &str, count: u64, of: u64) -> Outcome {
        let share = Message::new("detail.missing_share").with("count", count).with("of", of).with("percent", "23.1");
        let detail = Some(share.with("source", source));
        Outcome { examined: of, failures: count, detail, ..Outcome::new("X", Verdict::Fail) }
    }

    #[test]
    fn a_share_is_told_with_the_name_of_its_source() {
        let (first, second) = (failed("Alimentation 2D", 25, 108), failed("Alimentation 1D", 5, 17));
        let passed = Outcome { verdict: Verdict::Pass, failures: 0, ..second.clone() };
        let said = |outcomes: &[&Outcome]| message(Lang::Fr, &settle("X", outcomes).detail.expect("a detail"));
        assert_eq!(said(&[&first]), "25 sur 108 n’ont pas de correspondant, soit 23,1 %", "alone, it is what the counts are of");
        assert_eq!(said(&[&first, &passed]), "Alimentation 2D : 25 sur 108 n’ont pas de correspondant, soit 23,1 %");
        assert_eq!(said(&[&first, &second]), "sans correspondant, source par source : Alimentation 1D 5/17, Alimentation 2D 25/108");
        assert_eq!(settle("X", &[&first, &second]).failures, 30);
    }
}
