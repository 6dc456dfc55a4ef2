//! Every labelled fault of the generator, through the whole tool: the requirements that should notice it
//! fail, and no other accuses anybody.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use conforment::audit::{Options, audit};
use conforment::generate::{self, Degree, Encoding, Fault, Mode};
use conforment::outcome::Verdict;
use conforment::privacy::Pseudonyms;
use conforment::report::model::{PerimeterOrigin, Report};
use conforment::rules::library::Library;
use conforment::rules::set::RuleSet;
use conforment::target::{SourceSpec, Target};
use jiff::civil::date;

const PUPILS: u64 = 120;

/// What a fault may also bring, depending on the record it falls on: true, and not its point.
const CONSEQUENCES: &[(&str, &str)] = &[
    ("structure-double", "AAF-ETB-SIRET-UNIQUE"),
    ("structure-jointure-absente", "AAF-PEN-FONCTIONS-STRUCTURE-REF"),
    ("structure-jointure-absente", "AAF-PEN-RATTACHEMENT-REF"),
];
/// An identifier that is changed or repeated is out of order too.
const ORDER: &str = "AAF-XML-IDS-CROISSANTS";

fn generate(out: &Path, degree: Degree, mode: Mode, faults: Vec<Fault>) -> Result<generate::Summary, generate::GenerateError> {
    let options = generate::Options { pupils: PUPILS, degree, mode, seed: 7, faults, date: date(2026, 9, 1), encoding: Encoding::Utf8 };
    generate::generate(&options, out, &mut |_| ())
}

fn run(set: &RuleSet, path: &Path, deltas: Vec<std::path::PathBuf>, degree: Degree) -> Report {
    let source = SourceSpec::Aaf { path: path.to_owned(), deltas, degree: Some(degree), label: None };
    let target = Target { version: 1, name: "test".into(), sources: vec![source], ..Target::default() };
    let options = Options {
        threads: 1,
        max_findings: 5,
        pseudonyms: Pseudonyms::new([1; 32]),
        seed: 1,
        today: date(2026, 9, 3),
        generated: "2026-09-03T00:00:00Z".into(),
        origin: PerimeterOrigin::Implied,
        #[cfg(feature = "live")]
        live: Default::default(),
    };
    audit(&target, set, &options, &AtomicU64::new(0)).expect("the audit runs")
}

fn failing(report: &Report) -> BTreeSet<String> {
    report.requirements.iter().filter(|r| r.verdict == Verdict::Fail).map(|r| r.id.clone()).collect()
}

#[test]
fn each_fault_is_found_and_nothing_else_is() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    let mut cases = Vec::new();
    for fault in Fault::all() {
        for degree in [Degree::D1, Degree::D2] {
            for mode in [Mode::Complet, Mode::Delta] {
                if fault.info().applies(degree, mode) {
                    cases.push((fault, degree, mode));
                }
            }
        }
    }
    assert!(cases.len() > 300, "{} cases", cases.len());
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((fault, degree, mode)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(why) = one(&set, *fault, *degree, *mode) {
                        let line = format!("{} {degree} {mode:?}: {why}", fault.id());
                        wrong.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

fn one(set: &RuleSet, fault: Fault, degree: Degree, mode: Mode) -> Option<String> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (complet, delta) = (dir.path().join("complet"), dir.path().join("delta"));
    let report = if mode == Mode::Delta {
        generate(&complet, degree, Mode::Complet, Vec::new()).expect("a clean Complet");
        generate(&delta, degree, mode, vec![fault]).map_err(|e| e.to_string()).ok()?;
        run(set, &complet, vec![delta], degree)
    } else {
        if let Err(e) = generate(&complet, degree, mode, vec![fault]) {
            return Some(e.to_string());
        }
        run(set, &complet, Vec::new(), degree)
    };
    let found = failing(&report);
    let expected: BTreeSet<String> = fault.info().requirements(degree).map(str::to_owned).collect();
    let missed: Vec<&String> = expected.difference(&found).collect();
    let parent_fails = |id: &String| {
        report.requirements.iter().any(|r| r.id == *id && set.get(id).and_then(|q| q.parent.clone()).is_some_and(|p| found.contains(&p)))
    };
    let known = |id: &str| id == ORDER || CONSEQUENCES.contains(&(fault.id(), id));
    let unexpected: Vec<&String> = found.difference(&expected).filter(|id| !parent_fails(id) && !known(id)).collect();
    if missed.is_empty() && unexpected.is_empty() {
        return None;
    }
    Some(format!("missed {missed:?}, unexpected {unexpected:?}"))
}

#[test]
fn a_clean_delivery_accuses_nobody() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    for degree in [Degree::D1, Degree::D2] {
        for seed in 1..=3 {
            let dir = tempfile::tempdir().expect("temporary directory");
            let (complet, delta) = (dir.path().join("complet"), dir.path().join("delta"));
            for (out, mode) in [(&complet, Mode::Complet), (&delta, Mode::Delta)] {
                let options = generate::Options {
                    pupils: 200 * seed,
                    degree,
                    mode,
                    seed,
                    faults: Vec::new(),
                    date: date(2026, 9, 1),
                    encoding: Encoding::Iso885915,
                };
                generate::generate(&options, out, &mut |_| ()).expect("generated");
            }
            let alone = run(&set, &complet, Vec::new(), degree);
            assert_eq!(failing(&alone), BTreeSet::new(), "{degree} seed {seed}, Complet");
            assert_eq!(alone.assessment.overall.coverage, Some(100.0));
            let chained = run(&set, &complet, vec![delta], degree);
            assert_eq!(failing(&chained), BTreeSet::new(), "{degree} seed {seed}, Complet and Delta");
        }
    }
}
