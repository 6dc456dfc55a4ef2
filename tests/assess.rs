//! The scoring model `sdet-score/1`, case by case and by properties.
#![allow(clippy::unwrap_used)]

mod common;

use std::sync::LazyLock;

use common::sample_report;
use conforment::assess::{Assessed, Incomparable, Input, MODEL, SetSize, assess, comparable, reassess};
use conforment::outcome::{Evidence, Message, Outcome, Reason, Verdict};
use conforment::report::model::{OverallVerdict, Waiver};
use conforment::rules::model::{Domain, Level, Requirement, Severity};
use jiff::civil::{Date, date};
use proptest::prelude::*;

const TODAY: Date = date(2026, 9, 21);

fn requirement(id: &str, domain: Domain, level: Level, severity: Severity) -> Requirement {
    static TEMPLATE: LazyLock<Requirement> = LazyLock::new(|| sample_report::items()[0].requirement());
    let mut r = TEMPLATE.clone();
    r.id = id.to_owned();
    (r.domain, r.level, r.severity) = (domain, level, severity);
    r
}

fn mandatory(id: &str, severity: Severity) -> Requirement {
    requirement(id, Domain::Alimentation, Level::Obligatoire, severity)
}

fn outcome(id: &str, verdict: Verdict) -> Outcome {
    let mut o = Outcome::new(id, verdict);
    match verdict {
        Verdict::Undetermined => o.reason = Some(Reason::Blocked),
        Verdict::NotApplicable => o.detail = Some(Message::new("finding.required")),
        _ => {}
    }
    o
}

fn waiver(id: &str, until: &str) -> Waiver {
    Waiver { requirement: id.into(), reason: "reprise".into(), approved_by: "service".into(), until: until.into() }
}

fn run(requirements: &[Requirement], outcomes: &[Outcome], waivers: &[Waiver]) -> Assessed {
    assess(&Input {
        requirements: &requirements.iter().collect::<Vec<_>>(),
        tailoring: None,
        outcomes,
        waivers,
        perimeter: &[Domain::Alimentation],
        set: SetSize { requirements: 100, domains: 10 },
        today: TODAY,
    })
}

fn verdict_of(spec: &[(Severity, Verdict)], waived: &[usize]) -> OverallVerdict {
    let requirements: Vec<_> = spec.iter().enumerate().map(|(i, (s, _))| mandatory(&format!("R-{i}"), *s)).collect();
    let outcomes: Vec<_> = spec.iter().enumerate().map(|(i, (_, v))| outcome(&format!("R-{i}"), *v)).collect();
    let waivers: Vec<_> = waived.iter().map(|i| waiver(&format!("R-{i}"), "2027-01-01")).collect();
    run(&requirements, &outcomes, &waivers).assessment.verdict
}

#[test]
fn verdicts_by_precedence() {
    use OverallVerdict::{Conforme, ConformeSousReserve, NonConcluant, NonConforme};
    use Severity::{Critique, Majeure, Mineure};
    use Verdict::{Fail, NotApplicable, Pass, Undetermined};
    assert_eq!(verdict_of(&[(Critique, Pass), (Mineure, Fail)], &[]), NonConforme);
    assert_eq!(verdict_of(&[(Critique, Undetermined), (Mineure, Fail)], &[]), NonConforme, "a failure is said before what is not known");
    assert_eq!(verdict_of(&[(Critique, Undetermined), (Mineure, Fail)], &[1]), NonConcluant);
    assert_eq!(verdict_of(&[(Critique, Pass), (Majeure, Undetermined)], &[]), NonConcluant, "coverage is 67 %");
    assert_eq!(verdict_of(&[(Critique, Pass), (Mineure, Fail)], &[1]), ConformeSousReserve);
    assert_eq!(verdict_of(&[(Critique, Pass), (Mineure, NotApplicable)], &[]), Conforme);
    assert_eq!(verdict_of(&[(Critique, NotApplicable)], &[]), NonConcluant, "nothing was shown");
    assert_eq!(verdict_of(&[], &[]), NonConcluant);
    // 19 of 20 points of weight determined: exactly 95 %.
    let spec = [(Critique, Pass), (Critique, Pass), (Severity::Moyenne, Pass), (Mineure, Pass), (Mineure, Undetermined)];
    assert_eq!(verdict_of(&spec, &[]), Conforme);
    // One critical requirement undetermined among thirty: coverage is above 95 %, and yet.
    let mut many = vec![(Critique, Pass); 30];
    many[7].1 = Undetermined;
    assert_eq!(verdict_of(&many, &[]), NonConcluant);
}

#[test]
fn attestations_beyond_a_fifth_make_the_verdict_conditional() {
    let requirements: Vec<_> = (0..5).map(|i| mandatory(&format!("R-{i}"), Severity::Majeure)).collect();
    let attested = |n: usize| -> Vec<Outcome> {
        let evidence = |i| if i < n { Evidence::Attested } else { Evidence::Automated };
        (0..5).map(|i| Outcome { evidence: evidence(i), ..outcome(&format!("R-{i}"), Verdict::Pass) }).collect()
    };
    assert_eq!(run(&requirements, &attested(1), &[]).assessment.verdict, OverallVerdict::Conforme);
    let two = run(&requirements, &attested(2), &[]).assessment;
    assert_eq!(two.verdict, OverallVerdict::ConformeSousReserve);
    assert_eq!((two.overall.coverage_automated, two.overall.coverage_attested), (Some(60.0), Some(40.0)));
}

#[test]
fn an_attestation_answers_only_what_a_person_can_tell() {
    let r = [mandatory("R-1", Severity::Majeure)];
    let said = |verdict| Outcome { evidence: Evidence::Attested, ..outcome("R-1", verdict) };
    let seen = |verdict, reason| Outcome { reason, ..outcome("R-1", verdict) };
    let settled = |seen: Outcome, said: Outcome| {
        let result = run(&r, &[said, seen], &[]).requirements.remove(0);
        (result.verdict, result.evidence)
    };
    let fail = seen(Verdict::Fail, None);
    assert_eq!(settled(fail, said(Verdict::Pass)), (Verdict::Fail, Evidence::Automated));
    let pending = seen(Verdict::Undetermined, Some(Reason::ManualPending));
    assert_eq!(settled(pending, said(Verdict::Pass)), (Verdict::Pass, Evidence::Attested));
    for reason in [Reason::Blocked, Reason::ParentFailed, Reason::Excluded, Reason::ToolError, Reason::OutOfBudget] {
        let seen = seen(Verdict::Undetermined, Some(reason));
        assert_eq!(settled(seen, said(Verdict::Pass)).0, Verdict::Undetermined, "{reason:?}");
    }
    assert_eq!(settled(seen(Verdict::Pass, None), said(Verdict::Fail)), (Verdict::Fail, Evidence::Attested), "an admission counts");
}

#[test]
fn several_sources_give_the_least_favourable_verdict_and_the_sum_of_counts() {
    let r = [mandatory("R-1", Severity::Majeure)];
    let of = |verdict, examined, failures| Outcome { examined, failures, ..outcome("R-1", verdict) };
    let result = run(&r, &[of(Verdict::Pass, 10, 0), of(Verdict::Fail, 20, 3)], &[]).requirements.remove(0);
    assert_eq!((result.verdict, result.examined, result.failures), (Verdict::Fail, 30, 3));
    let result = run(&r, &[of(Verdict::Pass, 10, 0), of(Verdict::Undetermined, 0, 0)], &[]).requirements.remove(0);
    assert_eq!(result.verdict, Verdict::Undetermined);
}

#[test]
fn what_the_engine_forgets_is_a_fault_of_the_tool_never_a_pass() {
    let r = [mandatory("R-1", Severity::Majeure), mandatory("R-2", Severity::Majeure), mandatory("R-3", Severity::Majeure)];
    let outcomes = [Outcome::new("R-2", Verdict::NotApplicable), Outcome::new("R-3", Verdict::Undetermined), outcome("R-9", Verdict::Pass)];
    let assessed = run(&r, &outcomes, &[]);
    assert_eq!(assessed.requirements.len(), 3);
    for result in &assessed.requirements {
        assert_eq!((result.verdict, result.reason), (Verdict::Undetermined, Some(Reason::ToolError)), "{}", result.id);
    }
    assert_eq!(assessed.assessment.overall.lo, Some(0.0));
    assert_eq!(assessed.assessment.overall.hi, Some(100.0));
}

#[test]
fn a_waiver_holds_until_its_last_day_and_excuses_nothing_else() {
    let r = [mandatory("R-1", Severity::Majeure), mandatory("R-2", Severity::Majeure)];
    let outcomes = [outcome("R-1", Verdict::Fail), outcome("R-2", Verdict::Pass)];
    let with = |waivers: &[Waiver]| run(&r, &outcomes, waivers);
    let today = with(&[waiver("R-1", "2026-09-21")]);
    assert_eq!(today.assessment.verdict, OverallVerdict::ConformeSousReserve);
    assert_eq!(today.assessment.overall.lo, Some(50.0), "a waived failure stays a failure");
    assert_eq!(today.assessment.overall.lo_adjusted, Some(100.0));
    assert_eq!(today.assessment.overall.counts[&Level::Obligatoire].fail, 1);
    assert_eq!(today.assessment.overall.counts[&Level::Obligatoire].waived, 1);
    let expired = with(&[waiver("R-1", "2026-09-20")]);
    assert_eq!(expired.assessment.verdict, OverallVerdict::NonConforme);
    assert!(expired.requirements[0].waiver.is_none() && expired.requirements[0].expired_waiver.is_some());
    let renewed = with(&[waiver("R-1", "2026-09-20"), waiver("R-1", "2026-12-31")]);
    assert_eq!(renewed.requirements[0].waiver.as_ref().unwrap().until, "2026-12-31");
    for unusable in ["demain", "", "2026-13-01"] {
        assert_eq!(with(&[waiver("R-1", unusable)]).assessment.verdict, OverallVerdict::NonConforme, "{unusable:?}");
    }
    assert!(with(&[waiver("R-2", "2027-01-01")]).requirements[1].waiver.is_none());
}

#[test]
fn recommended_requirements_compensate_nothing() {
    let r = [
        mandatory("R-1", Severity::Majeure),
        requirement("R-2", Domain::Alimentation, Level::Recommande, Severity::Majeure),
        requirement("R-3", Domain::Alimentation, Level::Recommande, Severity::Mineure),
        requirement("R-4", Domain::Alimentation, Level::Information, Severity::Critique),
    ];
    let outcomes = [
        outcome("R-1", Verdict::Pass),
        outcome("R-2", Verdict::Fail),
        outcome("R-3", Verdict::Pass),
        outcome("R-4", Verdict::Undetermined),
    ];
    let assessed = run(&r, &outcomes, &[]);
    assert_eq!(assessed.assessment.verdict, OverallVerdict::Conforme);
    assert_eq!(assessed.assessment.overall.lo, Some(100.0));
    assert_eq!(assessed.assessment.overall.recommended, Some(20.0));
    assert!(assessed.requirements[1..].iter().all(|r| r.weight == 0 && r.contribution == 0.0));
}

#[test]
fn domains_where_nothing_applies_are_vacuous_and_never_absent() {
    let r = [mandatory("R-1", Severity::Majeure), requirement("R-2", Domain::Gar, Level::Obligatoire, Severity::Critique)];
    let outcomes = [outcome("R-1", Verdict::Pass), outcome("R-2", Verdict::NotApplicable)];
    let assessed = assess(&Input {
        requirements: &[&r[0], &r[1]],
        tailoring: None,
        outcomes: &outcomes,
        waivers: &[],
        perimeter: &[Domain::Rgpd, Domain::Gar, Domain::Alimentation],
        set: SetSize { requirements: 214, domains: 10 },
        today: TODAY,
    })
    .assessment;
    let domains: Vec<_> = assessed.domains.iter().map(|d| (d.domain, d.vacuous, d.score.lo)).collect();
    assert_eq!(
        domains,
        [(Domain::Alimentation, false, Some(100.0)), (Domain::Gar, true, None), (Domain::Rgpd, true, None)],
        "in the order of the scheme"
    );
    let share = &assessed.perimeter;
    assert_eq!((share.requirements, share.of_requirements, share.domains, share.of_domains), (2, 214, 3, 10));
    assert_eq!(assessed.model, MODEL);
}

#[test]
fn priorities_are_mandatory_failures_heaviest_first_waived_last() {
    let r = [
        mandatory("R-1", Severity::Mineure),
        mandatory("R-2", Severity::Critique),
        mandatory("R-3", Severity::Critique),
        mandatory("R-4", Severity::Majeure),
        requirement("R-5", Domain::Alimentation, Level::Recommande, Severity::Critique),
    ];
    let outcomes: Vec<_> = (1..=5).map(|i| outcome(&format!("R-{i}"), Verdict::Fail)).collect();
    let assessed = run(&r, &outcomes, &[waiver("R-2", "2027-01-01")]);
    assert_eq!(assessed.assessment.priorities, ["R-3", "R-4", "R-1", "R-2"]);
}

#[test]
fn thresholds_are_shown_as_used() {
    let mut r = mandatory("R-1", Severity::Mineure);
    let title = r.title.clone();
    r.parameters.insert("taux".into(), conforment::rules::model::Parameter { default: 60.into(), title });
    let tailoring = serde_json::json!({"requirements": {"R-1": {"parameters": {"taux": 80}}}});
    let tailoring = serde_json::from_value(tailoring).unwrap();
    let input = Input {
        requirements: &[&r],
        tailoring: Some(&tailoring),
        outcomes: &[],
        waivers: &[],
        perimeter: &[],
        set: SetSize::default(),
        today: TODAY,
    };
    let used = &assess(&input).requirements[0].parameters["taux"];
    assert_eq!((used.value.as_str(), used.default.as_str()), ("80", "60"));
}

#[test]
fn failures_are_counted_in_what_they_are() {
    use conforment::report::model::Counted::{Cases, Places, Records};
    let counted = |check: serde_json::Value| {
        let mut r = mandatory("R-1", Severity::Mineure);
        r.check = serde_json::from_value(check).unwrap();
        let result = run(&[r], &[], &[]).requirements.remove(0);
        (result.examines.len(), result.counted)
    };
    let on = "aaf.Eleve";
    assert_eq!(
        counted(serde_json::json!({"records": on, "assert": {"required": ["sn"], "properties": {"sn": {"minItems": 1}}}})),
        (1, Records)
    );
    assert_eq!(
        counted(serde_json::json!({"records": on, "assert": {"required": ["sn", "givenName"]}})),
        (1, Cases),
        "a pupil may lack both"
    );
    assert_eq!(counted(serde_json::json!({"records": on, "assert": {"sameCount": ["A", "B"]}})), (1, Records));
    assert_eq!(counted(serde_json::json!({"records": on, "unique": {"key": "@id"}})), (1, Cases));
    assert_eq!(counted(serde_json::json!({"records": on, "count": {"min": 1}})), (1, Places));
    assert_eq!(counted(serde_json::json!({"records": on, "symmetric": {"key": "a", "with": "aaf.PersRelEleve", "by": "b"}})), (2, Places));
    assert_eq!(counted(serde_json::json!({"facts": "aaf.file", "assert": {}})), (1, Places));
}

#[test]
fn reports_of_different_sets_models_profiles_or_perimeters_do_not_compare() {
    let a = sample_report::sample();
    let mut b = a.clone();
    b.target.perimeter.reverse();
    assert_eq!(comparable(&a, &b), []);
    b.ruleset.hash = "other".into();
    b.ruleset.profile = Some("1d".into());
    b.assessment.model = "sdet-score/2".into();
    b.target.perimeter.pop();
    assert_eq!(comparable(&a, &b), [Incomparable::Ruleset, Incomparable::Model, Incomparable::Profile, Incomparable::Perimeter]);
}

#[test]
fn a_report_replays_to_the_same_assessment() {
    let report = sample_report::sample();
    let mut results = report.requirements.clone();
    let again = reassess(&mut results, &report.target.perimeter, SetSize { requirements: 214, domains: 10 });
    assert_eq!(again, report.assessment);
    assert_eq!(results, report.requirements);
}

const VERDICTS: [Verdict; 4] = [Verdict::Pass, Verdict::Fail, Verdict::NotApplicable, Verdict::Undetermined];
const DOMAINS: [Domain; 3] = [Domain::Alimentation, Domain::Gar, Domain::Rgpd];

prop_compose! {
    /// Requirements with an outcome each, attested or not, and which of them a waiver covers.
    fn audits()(spec in prop::collection::vec((0..3_usize, 0..3_usize, 0..4_usize, 0..4_usize, prop::bool::ANY, prop::bool::ANY), 0..40))
        -> (Vec<Requirement>, Vec<Outcome>, Vec<Waiver>) {
        let mut audit = (vec![], vec![], vec![]);
        for (i, (domain, level, severity, verdict, attested, waived)) in spec.into_iter().enumerate() {
            let id = format!("R-{i}");
            audit.0.push(requirement(&id, DOMAINS[domain], Level::ALL[level], Severity::ALL[severity]));
            let evidence = if attested { Evidence::Attested } else { Evidence::Automated };
            audit.1.push(Outcome { evidence, ..outcome(&id, VERDICTS[verdict]) });
            if waived {
                audit.2.push(waiver(&id, "2027-01-01"));
            }
        }
        audit
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_interval_is_as_wide_as_what_is_not_covered((requirements, outcomes, waivers) in audits()) {
        let assessed = run(&requirements, &outcomes, &waivers);
        let scores = assessed.assessment.domains.iter().map(|d| &d.score).chain([&assessed.assessment.overall]);
        for s in scores {
            prop_assert_eq!(s.weight == 0, s.lo.is_none());
            let (Some(lo), Some(hi), Some(coverage)) = (s.lo, s.hi, s.coverage) else { continue };
            prop_assert!(close(hi - lo, 100.0 - coverage));
            prop_assert!(0.0 <= lo && lo <= hi && hi <= 100.0);
            prop_assert!(close(s.coverage_automated.unwrap() + s.coverage_attested.unwrap(), coverage));
            prop_assert!(s.lo_adjusted.is_none_or(|adjusted| adjusted >= lo));
        }
    }

    #[test]
    fn contributions_add_up_to_the_lower_bound((requirements, outcomes, waivers) in audits()) {
        let assessed = run(&requirements, &outcomes, &waivers);
        let sum: f64 = assessed.requirements.iter().map(|r| r.contribution).sum();
        prop_assert!(close(sum, assessed.assessment.overall.lo.unwrap_or(0.0)));
        let lost: f64 = assessed.requirements.iter().map(|r| r.lost).sum();
        prop_assert!(close(lost, assessed.assessment.overall.hi.map_or(0.0, |hi| 100.0 - hi)));
    }

    #[test]
    fn fixing_one_gives_what_was_announced((requirements, outcomes, waivers) in audits()) {
        let before = run(&requirements, &outcomes, &waivers);
        for (i, result) in before.requirements.iter().enumerate().filter(|(_, r)| r.gain_if_fixed > 0.0) {
            let mut fixed = outcomes.clone();
            fixed[i] = outcome(&result.id, Verdict::Pass);
            let after = run(&requirements, &fixed, &waivers);
            let gain = after.assessment.overall.lo.unwrap() - before.assessment.overall.lo.unwrap();
            prop_assert!(close(gain, result.gain_if_fixed));
        }
    }

    #[test]
    fn unplugging_a_source_never_pays((requirements, outcomes, waivers) in audits(), unplugged in prop::collection::vec(prop::bool::ANY, 40)) {
        let before = run(&requirements, &outcomes, &waivers).assessment.overall;
        let less: Vec<Outcome> = outcomes
            .iter()
            .zip(&unplugged)
            .map(|(o, gone)| if *gone { outcome(&o.requirement, Verdict::Undetermined) } else { o.clone() })
            .collect();
        let after = run(&requirements, &less, &waivers).assessment.overall;
        if let (Some(lo), Some(hi)) = (before.lo, before.hi) {
            prop_assert!(after.lo.unwrap() <= lo + 1e-9);
            prop_assert!(after.hi.unwrap() >= hi - 1e-9);
        }
    }

    #[test]
    fn unplugging_one_of_two_sources_never_pays((requirements, outcomes, waivers) in audits(), others in prop::collection::vec((0..4_usize, prop::bool::ANY), 40)) {
        // A second source for every requirement, and an attestation in favour of each.
        let second = outcomes.iter().zip(&others).map(|(o, (v, _))| outcome(&o.requirement, VERDICTS[*v]));
        let attested = outcomes.iter().map(|o| Outcome { evidence: Evidence::Attested, ..outcome(&o.requirement, Verdict::Pass) });
        let automated = outcomes.iter().map(|o| Outcome { evidence: Evidence::Automated, ..o.clone() });
        let all: Vec<Outcome> = automated.chain(attested).chain(second.clone()).collect();
        let gone = second.zip(&others).map(|(o, (_, gone))| if *gone { outcome(&o.requirement, Verdict::Undetermined) } else { o });
        let less: Vec<Outcome> = all[..2 * outcomes.len()].iter().cloned().chain(gone).collect();
        let (before, after) = (run(&requirements, &all, &waivers).assessment.overall, run(&requirements, &less, &waivers).assessment.overall);
        if let (Some(lo), Some(hi)) = (before.lo, before.hi) {
            prop_assert!(after.lo.unwrap() <= lo + 1e-9);
            prop_assert!(after.hi.unwrap() >= hi - 1e-9);
        }
    }

    #[test]
    fn the_order_of_outcomes_does_not_matter((requirements, outcomes, waivers) in audits(), extra in audits(), seed in any::<prop::sample::Index>()) {
        let mut all = [outcomes, extra.1].concat();
        let straight = run(&requirements, &all, &waivers);
        all.reverse();
        if !all.is_empty() {
            let middle = seed.index(all.len());
            all.rotate_left(middle);
        }
        prop_assert_eq!(straight, run(&requirements, &all, &waivers));
    }

    #[test]
    fn a_waiver_never_changes_a_raw_number((requirements, outcomes, waivers) in audits()) {
        let with = run(&requirements, &outcomes, &waivers);
        let without = run(&requirements, &outcomes, &[]);
        let raw = |a: &Assessed| {
            let mut score = a.assessment.overall.clone();
            score.lo_adjusted = None;
            score.counts.values_mut().for_each(|c| c.waived = 0);
            score
        };
        prop_assert_eq!(raw(&with), raw(&without));
        for (a, b) in with.requirements.iter().zip(&without.requirements) {
            prop_assert_eq!((a.verdict, a.contribution, a.lost), (b.verdict, b.contribution, b.lost));
        }
        prop_assert!(with.assessment.verdict <= without.assessment.verdict);
    }

    #[test]
    fn turning_a_pass_into_a_failure_never_improves_the_verdict((requirements, outcomes, waivers) in audits(), pick in any::<prop::sample::Index>()) {
        let passed: Vec<usize> = (0..outcomes.len()).filter(|i| outcomes[*i].verdict == Verdict::Pass).collect();
        prop_assume!(!passed.is_empty());
        let mut worse = outcomes.clone();
        worse[passed[pick.index(passed.len())]].verdict = Verdict::Fail;
        let (before, after) = (run(&requirements, &outcomes, &waivers), run(&requirements, &worse, &waivers));
        prop_assert!(after.assessment.verdict >= before.assessment.verdict);
    }

    #[test]
    fn a_domain_where_nothing_applies_is_vacuous((requirements, outcomes, waivers) in audits()) {
        let assessed = run(&requirements, &outcomes, &waivers);
        for d in &assessed.assessment.domains {
            let of_domain = assessed.requirements.iter().filter(|r| r.domain == d.domain);
            prop_assert_eq!(d.vacuous, of_domain.clone().all(|r| r.verdict == Verdict::NotApplicable));
            prop_assert!(!d.vacuous || d.score.lo.is_none());
        }
        prop_assert_eq!(assessed.requirements.len(), requirements.len());
    }
}
