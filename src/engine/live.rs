//! From what was observed of a live source to one outcome a requirement.
//!
//! Knows facts and requirements; must never know a protocol nor open a connection.

use super::facts::{FactsProgram, Judged};
use super::run::RunError;
use super::sighting::Tally;
use crate::check::schema::Schemas;
use crate::outcome::{Evidence, Finding, Message, Outcome, Reason, Verdict};
use crate::rules::model::{Check, Domain, FactsCheck, OneOrMany, Requirement};
use crate::rules::set::RuleSet;
use crate::source::observation::{self, Observed, Sight, Unseen};

/// What the names of facts start with: `cas` for `cas.answer`.
#[must_use]
pub fn prefix(check: &FactsCheck) -> &str {
    check.facts.split('.').next().unwrap_or_default()
}

/// One outcome a requirement of these domains that is about this source; at most `cap` findings each.
///
/// # Errors
/// A schema that does not compile (a loaded set has none).
pub fn outcomes(observed: &Observed, set: &RuleSet, domains: &[Domain], cap: usize) -> Result<Vec<Outcome>, RunError> {
    let schemas = Schemas { vocabulary: set.vocabulary.clone(), ..Schemas::default() };
    let mut all = Vec::new();
    for requirement in set.requirements.iter().filter(|r| domains.contains(&r.domain)) {
        let check = match &requirement.check {
            Check::Facts(check) => check,
            Check::Attestation(_) => {
                all.push(Outcome::undetermined(&requirement.id, Reason::ManualPending, Message::new("detail.manual")));
                continue;
            }
            Check::Records(_) => continue,
        };
        // Facts of what a feed gives are judged with its records.
        if observed.prefixes.contains(&prefix(check)) && observation::is_plain(&check.facts) {
            let outcome = judge(observed, set, requirement, check, &schemas, cap)?;
            all.push(Outcome { evidence: Evidence::Live, ..outcome });
        }
    }
    Ok(all)
}

fn judge(
    observed: &Observed,
    set: &RuleSet,
    requirement: &Requirement,
    check: &FactsCheck,
    schemas: &Schemas,
    cap: usize,
) -> Result<Outcome, RunError> {
    if let Some(when) = &requirement.when
        && !schemas.facts(when)?.is_valid(&observed.summary)
    {
        let detail = Some(Message::new("detail.when.live"));
        return Ok(Outcome { detail, ..Outcome::new(&requirement.id, Verdict::NotApplicable) });
    }
    let program = FactsProgram::new(check, schemas)?;
    let asked = check.probe.as_ref().map(OneOrMany::as_slice);
    let about = |s: &&Sight| s.facts == check.facts && asked.is_none_or(|names| names.iter().any(|n| n == s.probe));
    let sights: Vec<&Sight> = observed.sights.iter().filter(about).collect();
    let (mut outcome, mut tally) = (Outcome::new(&requirement.id, Verdict::Pass), Tally::default());
    let (mut inconclusive, mut unseen) = (0, Vec::new());
    for sight in &sights {
        let document = match &sight.seen {
            Ok(document) => document,
            Err(why) => {
                unseen.push(why);
                continue;
            }
        };
        let kept = tally.kept.len();
        if program.judge(document, None, cap, &mut tally) == Judged::Inconclusive {
            inconclusive += 1;
        }
        outcome.findings.extend(tally.kept[kept..].iter().map(|s| Finding {
            source: Some(observed.label.clone()),
            file: sight.request.clone(),
            line: None,
            record: None,
            subject: None,
            attribute: None,
            message: s.message.clone(),
        }));
    }
    (outcome.examined, outcome.failures) = (tally.examined, tally.failures);
    if tally.failures > 0 {
        outcome.verdict = Verdict::Fail;
        return Ok(outcome);
    }
    // A probe that was named and could not run leaves a doubt; without names, what was seen is what is judged.
    let missing = asked.is_some_and(|names| names.iter().any(|n| !sights.iter().any(|s| s.probe == n)));
    let doubt = unseen.iter().find_map(|u| match u {
        Unseen::Undetermined { reason, detail, blocker } if asked.is_some() || tally.examined == 0 => {
            Some((*reason, detail.clone(), *blocker))
        }
        _ => None,
    });
    if let Some((reason, detail, blocker)) = doubt {
        let named = blocker.and_then(|b| set.referentiel.blockers.get(b)).filter(|id| **id != requirement.id);
        let undetermined = Outcome::undetermined(&requirement.id, if named.is_some() { Reason::ParentFailed } else { reason }, detail);
        return Ok(Outcome { parent: named.cloned(), examined: tally.examined, ..undetermined });
    }
    if inconclusive > 0 && (asked.is_some() || tally.examined == 0) {
        let undetermined = Outcome::undetermined(&requirement.id, Reason::Blocked, Message::new("detail.inconclusive"));
        return Ok(Outcome { examined: tally.examined, ..undetermined });
    }
    if tally.examined == 0 {
        if missing && unseen.is_empty() && sights.is_empty() {
            return Ok(Outcome::undetermined(&requirement.id, Reason::Blocked, Message::new("detail.not_probed")));
        }
        // Documents that the requirement leaves out speak for themselves; otherwise, what says that there is none does.
        let left_out = sights.len() > unseen.len();
        let evidence = unseen.iter().filter(|_| !left_out).find_map(|u| match u {
            Unseen::NotApplicable(message) => Some(message.clone()),
            Unseen::Undetermined { .. } => None,
        });
        outcome.verdict = Verdict::NotApplicable;
        outcome.detail = Some(evidence.unwrap_or_else(|| Message::new("detail.nothing.live")));
    }
    Ok(outcome)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::library::Library;
    use serde_json::{Value, json};

    /// The outcome of the one requirement of a set whose check is `check`.
    fn judged(check: Value, sights: Vec<Sight>) -> Outcome {
        let library = Library::embedded();
        let mut set = RuleSet::open(&library, "sdet-6.3", None).expect("set");
        let mut requirement = set.requirements.remove(0);
        requirement.id = "CAS-ESSAI".to_owned();
        requirement.domain = Domain::SsoCas;
        requirement.when = None;
        requirement.check = serde_json::from_value(check).expect("check");
        set.requirements = vec![requirement];
        set.referentiel.blockers.insert("cas.account".to_owned(), "CAS-PARENT".to_owned());
        let observed = Observed { label: "cas".to_owned(), kind: "cas", prefixes: &["cas"], sights, ..Observed::default() };
        outcomes(&observed, &set, &[Domain::SsoCas], 10).expect("outcomes").remove(0)
    }

    fn sight(probe: &'static str, seen: Result<Value, Unseen>) -> Sight {
        Sight { facts: "cas.answer", probe, seen, request: Some("#1 GET https://ent.example/".to_owned()) }
    }

    fn no_account() -> Unseen {
        Unseen::Undetermined { reason: Reason::Blocked, detail: Message::new("detail.no_account"), blocker: Some("cas.account") }
    }

    fn seen(probe: &'static str, code: &str) -> Sight {
        sight(probe, Ok(json!({"probe": probe, "code": code, "sure": code != "?"})))
    }

    #[test]
    fn what_was_seen_is_judged_and_what_was_not_is_not_a_pass() {
        let check =
            json!({"facts": "cas.answer", "probe": ["no-ticket", "no-service"], "assert": {"properties": {"code": {"const": "A"}}}});
        assert_eq!(judged(check.clone(), vec![seen("no-ticket", "A"), seen("no-service", "A")]).verdict, Verdict::Pass);
        let failed = judged(check.clone(), vec![seen("no-ticket", "A"), seen("no-service", "B")]);
        assert_eq!((failed.verdict, failed.failures, failed.evidence), (Verdict::Fail, 1, Evidence::Live));
        assert_eq!(failed.findings[0].file.as_deref(), Some("#1 GET https://ent.example/"));
        let blind = judged(check.clone(), vec![seen("no-ticket", "A"), sight("no-service", Err(no_account()))]);
        assert_eq!(
            (blind.verdict, blind.reason, blind.parent.as_deref()),
            (Verdict::Undetermined, Some(Reason::ParentFailed), Some("CAS-PARENT"))
        );
        let never = judged(check, Vec::new());
        assert_eq!((never.verdict, never.reason), (Verdict::Undetermined, Some(Reason::Blocked)));
    }

    #[test]
    fn what_does_not_exist_here_is_not_applicable_with_its_evidence() {
        let check = json!({"facts": "cas.answer", "probe": "p3-unknown", "assert": {"required": ["code"]}});
        let absent = judged(check, vec![sight("p3-unknown", Err(Unseen::NotApplicable(Message::new("detail.no_endpoint"))))]);
        assert_eq!((absent.verdict, absent.detail.map(|d| d.key)), (Verdict::NotApplicable, Some("detail.no_endpoint".to_owned())));
    }

    #[test]
    fn what_proves_nothing_is_undetermined() {
        let check = json!({"facts": "cas.answer", "probe": "no-ticket", "conclusive": {"properties": {"sure": {"const": true}}},
                           "assert": {"properties": {"code": {"const": "A"}}}});
        assert_eq!(judged(check.clone(), vec![seen("no-ticket", "?")]).verdict, Verdict::Undetermined);
        assert_eq!(judged(check, vec![seen("no-ticket", "A")]).verdict, Verdict::Pass);
    }

    #[test]
    fn without_names_all_that_was_seen_is_judged() {
        let check = json!({"facts": "cas.answer", "assert": {"properties": {"code": {"const": "A"}}}});
        let some = vec![seen("no-ticket", "A"), sight("validated", Err(no_account()))];
        assert_eq!(judged(check.clone(), some).verdict, Verdict::Pass);
        assert_eq!(judged(check.clone(), vec![sight("validated", Err(no_account()))]).verdict, Verdict::Undetermined);
        assert_eq!(judged(check, vec![seen("no-ticket", "A"), seen("p3-unknown", "C")]).verdict, Verdict::Fail);
    }
}
