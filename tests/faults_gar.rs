//! Every labelled fault of the GAR generator, through the whole tool: the requirements that should notice it
//! fail, and no other accuses anybody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use conforment::audit::{Options, audit};
use conforment::generate::gar::{self, Fault};
use conforment::generate::{self, Degree, Encoding, Mode};
use conforment::outcome::Verdict;
use conforment::privacy::Pseudonyms;
use conforment::report::model::{PerimeterOrigin, Report};
use conforment::rules::library::Library;
use conforment::rules::set::RuleSet;
use conforment::target::{SourceSpec, Target};
use jiff::civil::{Date, date};

const FIRST_DAY: Date = date(2026, 9, 14);
/// Two days later: a delivery of the first day is recent, that of the second is not of the future.
const TODAY: Date = date(2026, 9, 16);
const PUPILS: u64 = 400;
const SEED: u64 = 7;

/// What a fault may also bring, depending on the record it falls on: true, and not its point.
const CONSEQUENCES: &[(&str, &str)] = &[
    // The classes that are gone are those some groups draw from.
    ("groupes-en-moins", "GAR-GRP-05"),
    ("aaf-groupes-absents", "GAR-GRP-05"),
    // Another school gives the same code its usual label.
    ("mef-libelle-long", "GAR-ETAB-10-MEF"),
    ("matiere-libelle-long", "GAR-ETAB-10-MATIERE"),
];

/// Requirements that no fault of a delivery makes fail, and why.
const WITHOUT_FAULT: &[(&str, &str)] =
    &[("GAR-PKG-02-PROJET", "its default accepts the identifier of every name that conforms: a tailoring names the project")];

/// How many pupils a fault needs: that of the long file takes more than ten thousand records.
fn pupils(fault: &str, degree: Degree) -> u64 {
    match (fault, degree) {
        ("fichier-trop-long", Degree::D1) => 5_100,
        ("fichier-trop-long", Degree::D2) => 1_000,
        _ => PUPILS,
    }
}

fn gar_options(pupils: u64, degree: Degree, seed: u64) -> gar::Options {
    gar::Options { pupils, degree, seed, faults: Vec::new(), date: FIRST_DAY, day: 0, ident: "B0".into(), archive: false }
}

fn write(out: &Path, options: &gar::Options) -> Result<gar::Summary, generate::GenerateError> {
    gar::generate(options, out, &mut |_| ())
}

/// The AAF delivery of the same options: that of the first day, or what has changed since.
fn write_feed(out: &Path, options: &gar::Options, mode: Mode) {
    let options = generate::Options {
        pupils: options.pupils,
        degree: options.degree,
        mode,
        seed: options.seed,
        faults: Vec::new(),
        date: options.date,
        encoding: Encoding::Utf8,
    };
    generate::generate(&options, out, &mut |_| ()).expect("the AAF");
}

/// What is audited.
struct Sources {
    delivery: PathBuf,
    previous: Option<PathBuf>,
    feed: Option<PathBuf>,
    changes: Vec<PathBuf>,
}

fn run(set: &RuleSet, sources: Sources, degree: Degree) -> Report {
    let degree = Some(degree);
    let mut asked = vec![SourceSpec::Gar { path: sources.delivery, previous: sources.previous, degree, label: None }];
    asked.extend(sources.feed.map(|path| SourceSpec::Aaf { path, deltas: sources.changes, degree, label: None }));
    let target = Target { version: 1, name: "test".into(), sources: asked, ..Target::default() };
    let options = Options {
        threads: 1,
        max_findings: 5,
        pseudonyms: Pseudonyms::new([1; 32]),
        seed: 1,
        today: TODAY,
        generated: "2026-09-16T00:00:00Z".into(),
        origin: PerimeterOrigin::Implied,
        #[cfg(feature = "live")]
        live: Default::default(),
    };
    audit(&target, set, &options, &AtomicU64::new(0)).expect("the audit runs")
}

fn with_verdict(report: &Report, verdict: Verdict) -> BTreeSet<String> {
    report.requirements.iter().filter(|r| r.verdict == verdict).map(|r| r.id.clone()).collect()
}

/// The archive of a delivery; its directory when it is files.
fn delivered(out: &Path) -> PathBuf {
    let mut archive = std::fs::read_dir(out).expect("directory").filter_map(Result::ok).map(|e| e.path());
    archive.find(|p| p.extension().is_some_and(|e| e == "gz")).unwrap_or_else(|| out.to_owned())
}

fn failing(report: &Report) -> BTreeSet<String> {
    with_verdict(report, Verdict::Fail)
}

/// What faults are compared with: the clean delivery of the day before, and the AAF.
struct Beside(tempfile::TempDir);

impl Beside {
    fn new() -> Self {
        let out = Self(tempfile::tempdir().expect("temporary directory"));
        for degree in [Degree::D1, Degree::D2] {
            let options = gar_options(PUPILS, degree, SEED);
            write(&out.previous(degree), &options).expect("a clean delivery");
            write_feed(&out.feed(degree), &options, Mode::Complet);
        }
        out
    }

    fn previous(&self, degree: Degree) -> PathBuf {
        self.0.path().join(format!("previous-{degree}"))
    }

    fn feed(&self, degree: Degree) -> PathBuf {
        self.0.path().join(format!("feed-{degree}"))
    }
}

#[test]
fn each_fault_is_found_and_nothing_else_is() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    let cases: Vec<(Fault, Degree)> =
        Fault::all().flat_map(|fault| fault.info().degrees.iter().map(move |degree| (fault, *degree))).collect();
    assert!(cases.len() > 400, "{} cases", cases.len());
    let beside = Beside::new();
    let (next, wrong, met) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Mutex::new(BTreeSet::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((fault, degree)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = match one(&set, &beside, *fault, *degree) {
                        Ok(report) => report,
                        Err(why) => {
                            wrong.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{fault:?} {degree}: {why}"));
                            continue;
                        }
                    };
                    if let Some(why) = judge(&set, *fault, *degree, &found) {
                        wrong.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{fault:?} {degree}: {why}"));
                    }
                    met.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));

    let met = met.into_inner().unwrap_or_else(PoisonError::into_inner);
    let without: Vec<&str> =
        set.requirements.iter().map(|r| r.id.as_str()).filter(|id| id.starts_with("GAR-") && !met.contains(*id)).collect();
    let accepted: Vec<&str> = WITHOUT_FAULT.iter().map(|(id, _)| *id).collect();
    assert_eq!(without, accepted, "requirements that no fault makes fail");
}

/// What fails when that fault alone is there.
fn one(set: &RuleSet, beside: &Beside, fault: Fault, degree: Degree) -> Result<BTreeSet<String>, String> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let info = fault.info();
    let options = gar::Options {
        faults: vec![fault],
        archive: info.needs_archive(),
        day: u16::from(info.needs_previous()),
        ..gar_options(pupils(fault.id(), degree), degree, SEED)
    };
    write(dir.path(), &options).map_err(|e| e.to_string())?;
    let sources = Sources {
        delivery: delivered(dir.path()),
        previous: info.needs_previous().then(|| beside.previous(degree)),
        feed: info.needs_feed().then(|| beside.feed(degree)),
        changes: Vec::new(),
    };
    Ok(failing(&run(set, sources, degree)))
}

fn judge(set: &RuleSet, fault: Fault, degree: Degree, found: &BTreeSet<String>) -> Option<String> {
    let expected: BTreeSet<String> = fault.info().requirements(degree).map(str::to_owned).collect();
    let missed: Vec<&String> = expected.difference(found).collect();
    let parent_fails = |id: &str| set.get(id).and_then(|r| r.parent.as_ref()).is_some_and(|p| found.contains(p));
    let known = |id: &str| CONSEQUENCES.contains(&(fault.id(), id));
    let unexpected: Vec<&String> = found.difference(&expected).filter(|id| !parent_fails(id) && !known(id)).collect();
    if expected.is_empty() {
        return Some("no requirement is expected to notice".to_owned());
    }
    (!missed.is_empty() || !unexpected.is_empty()).then(|| format!("missed {missed:?}, unexpected {unexpected:?}"))
}

#[test]
fn a_clean_delivery_accuses_nobody() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    for degree in [Degree::D1, Degree::D2] {
        for seed in 1..=3 {
            let dir = tempfile::tempdir().expect("temporary directory");
            let place = |name: &str| dir.path().join(name);
            let first = gar_options(PUPILS + 100 * seed, degree, seed);
            write(&place("previous"), &first).expect("the first day");
            write(&place("directory"), &gar::Options { day: 1, ..first.clone() }).expect("a directory");
            write(&place("archive"), &gar::Options { day: 1, archive: true, ..first.clone() }).expect("an archive");
            write_feed(&place("feed"), &first, Mode::Complet);
            write_feed(&place("changes"), &first, Mode::Delta);
            for delivery in ["directory", "archive"] {
                for (previous, feed) in [(false, false), (true, false), (false, true), (true, true)] {
                    let sources = Sources {
                        delivery: delivered(&place(delivery)),
                        previous: previous.then(|| place("previous")),
                        feed: feed.then(|| place("feed")),
                        changes: if feed { vec![place("changes")] } else { Vec::new() },
                    };
                    let report = run(&set, sources, degree);
                    let case = format!("{degree} seed {seed} {delivery}, previous: {previous}, AAF: {feed}");
                    assert_eq!(failing(&report), BTreeSet::new(), "{case}");
                    // What compares with something that was not given.
                    let missing = |id: &String| {
                        !previous && ["GAR-PREC-", "GAR-PKG-14-ANCIENNE", "GAR-PKG-15-"].iter().any(|p| id.starts_with(p))
                            || !feed && id.starts_with("GAR-AAF-")
                    };
                    let undetermined = with_verdict(&report, Verdict::Undetermined);
                    let unexplained: Vec<&String> = undetermined.iter().filter(|id| !missing(id)).collect();
                    assert!(unexplained.is_empty(), "{case}: {unexplained:?}");
                }
            }
        }
    }
}

#[test]
fn expected_requirements_are_of_the_degree() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    for fault in Fault::all() {
        for degree in [Degree::D1, Degree::D2] {
            for id in fault.info().requirements(degree) {
                let requirement = set.get(id).unwrap_or_else(|| panic!("{fault:?}: no requirement {id}"));
                assert!(requirement.degree.contains(&degree), "{fault:?}: {id} is not of {degree}");
            }
        }
    }
}
