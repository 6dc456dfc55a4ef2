//! Every labelled fault of the directory generator, through the whole tool: the requirements that should notice it fail,
//! and no other that is mandatory or recommended accuses anybody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use conforment::audit::{Options, audit};
use conforment::generate::annuaire::faults::Beside;
use conforment::generate::annuaire::{self, Dialect, Fault};
use conforment::generate::{self, Degree, Encoding, Mode, gar};
use conforment::outcome::Verdict;
use conforment::privacy::Pseudonyms;
use conforment::report::model::{PerimeterOrigin, Report};
use conforment::rules::library::Library;
use conforment::rules::model::Level;
use conforment::rules::set::RuleSet;
use conforment::target::{SourceSpec, Target};
use jiff::civil::{Date, date};

const FIRST_DAY: Date = date(2026, 9, 14);
const TODAY: Date = date(2026, 9, 16);
const PUPILS: u64 = 110;
const SEED: u64 = 7;

/// What a fault may also bring, depending on the entry it falls on: true, and not its point.
const CONSEQUENCES: &[(&str, &str)] = &[
    // The other class is of another level, unless the school has two of the same.
    ("classe-double", "ANN-ELV-MEF-CLASSE"),
    ("aaf-eleve-classe", "ANN-ELV-MEF-CLASSE"),
    // One in so few is more than one in twenty.
    ("gar-enseignant-nom", "ANN-GAR-ENSEIGNANTS-CONNUS"),
    ("gar-enseignant-prenom", "ANN-GAR-ENSEIGNANTS-CONNUS"),
];

fn options(pupils: u64, degree: Degree, seed: u64, dialect: Dialect) -> annuaire::Options {
    annuaire::Options { pupils, degree, seed, faults: Vec::new(), date: FIRST_DAY, day: 0, dialect }
}

fn write(out: &Path, options: &annuaire::Options) -> Result<annuaire::Summary, generate::GenerateError> {
    annuaire::generate(options, out, &mut |_| ())
}

/// The AAF delivery of the same options: that of the first day, or what has changed since.
fn write_feed(out: &Path, options: &annuaire::Options, mode: Mode) {
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

/// The GAR delivery of the same options.
fn write_gar(out: &Path, options: &annuaire::Options) {
    let &annuaire::Options { pupils, degree, seed, date, day, .. } = options;
    let options = gar::Options { pupils, degree, seed, faults: Vec::new(), date, day, ident: "B0".into(), archive: false };
    gar::generate(&options, out, &mut |_| ()).expect("the GAR");
}

/// What is audited.
#[derive(Default)]
struct Sources {
    directory: PathBuf,
    feed: Option<PathBuf>,
    changes: Vec<PathBuf>,
    gar: Option<PathBuf>,
}

fn run(set: &RuleSet, sources: Sources, degree: Degree) -> Report {
    let degree = Some(degree);
    let mut asked = vec![SourceSpec::Annuaire { path: sources.directory, dialect: None, degree: None, local: None, label: None }];
    asked.extend(sources.feed.map(|path| SourceSpec::Aaf { path, deltas: sources.changes, degree, label: None }));
    asked.extend(sources.gar.map(|path| SourceSpec::Gar { path, previous: None, degree, label: None }));
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

/// The requirements that fail, and those of them that accuse.
fn failing(report: &Report) -> (BTreeSet<String>, BTreeSet<String>) {
    let fail = || report.requirements.iter().filter(|r| r.verdict == Verdict::Fail);
    let accuses = fail().filter(|r| r.level != Level::Information);
    (fail().map(|r| r.id.clone()).collect(), accuses.map(|r| r.id.clone()).collect())
}

/// What faults are compared with.
struct Others(tempfile::TempDir);

impl Others {
    fn new() -> Self {
        let out = Self(tempfile::tempdir().expect("temporary directory"));
        for degree in [Degree::D1, Degree::D2] {
            let options = options(PUPILS, degree, SEED, Dialect::Dn);
            write_feed(&out.place("feed", degree), &options, Mode::Complet);
            write_gar(&out.place("gar", degree), &options);
        }
        out
    }

    fn place(&self, name: &str, degree: Degree) -> PathBuf {
        self.0.path().join(format!("{name}-{degree}"))
    }
}

#[test]
fn each_fault_is_found_and_nothing_else_is() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    let cases: Vec<(Fault, Degree)> = Fault::all().flat_map(|fault| degrees(fault).iter().map(move |degree| (fault, *degree))).collect();
    assert!(cases.len() > 250, "{} cases", cases.len());
    let others = Others::new();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((fault, degree)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let why = one(&set, &others, *fault, *degree).err();
                    wrong.lock().unwrap_or_else(PoisonError::into_inner).extend(why.map(|why| format!("{fault:?} {degree}: {why}")));
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap_or_else(PoisonError::into_inner);
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// The degrees that a fault is tried in: both where other deliveries tell, which differ; one after the other where the
/// directory alone does, which is the same.
fn degrees(fault: Fault) -> &'static [Degree] {
    let (info, rank) = (fault.info(), fault.rank());
    if info.beside == Beside::Nothing && info.degrees.len() > 1 { &info.degrees[rank % 2..=rank % 2] } else { info.degrees }
}

/// Whether that fault alone makes fail what it should, and nothing else.
fn one(set: &RuleSet, others: &Others, fault: Fault, degree: Degree) -> Result<(), String> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (info, directory) = (fault.info(), dir.path().join("annuaire.ldif"));
    write(&directory, &annuaire::Options { faults: vec![fault], ..options(PUPILS, degree, SEED, info.dialect) })
        .map_err(|e| e.to_string())?;
    let beside = |what| info.beside == what;
    let sources = Sources {
        directory,
        feed: beside(Beside::Aaf).then(|| others.place("feed", degree)),
        gar: beside(Beside::Gar).then(|| others.place("gar", degree)),
        ..Sources::default()
    };
    let (found, accused) = failing(&run(set, sources, degree));
    let expected: BTreeSet<String> = info.requirements(degree).map(str::to_owned).collect();
    let missed: Vec<&String> = expected.difference(&found).collect();
    let parent_fails = |id: &str| set.get(id).and_then(|r| r.parent.as_ref()).is_some_and(|p| found.contains(p));
    let known = |id: &str| CONSEQUENCES.contains(&(fault.id(), id));
    let unexpected: Vec<&String> = accused.difference(&expected).filter(|id| !parent_fails(id) && !known(id)).collect();
    if expected.is_empty() {
        return Err("no requirement is expected to notice".to_owned());
    }
    if missed.is_empty() && unexpected.is_empty() { Ok(()) } else { Err(format!("missed {missed:?}, unexpected {unexpected:?}")) }
}

#[test]
fn a_clean_directory_accuses_nobody() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    // What only passes where the dialect was recognised.
    let told: [(Dialect, &[&str]); 4] = [
        (Dialect::Dn, &["ANN-CMP-ELEVES-DN", "ANN-PER-PROFIL-LISTE", "ANN-REF-CLASSE-ELEVE-DN"]),
        (Dialect::Uai, &["ANN-CMP-ELEVES-UAI", "ANN-REF-PROFIL", "ANN-REF-CLASSE-ELEVE-UAI"]),
        (Dialect::GroupDn, &["ANN-CMP-GROUPES-DN", "ANN-REF-PROFIL", "ANN-GRP-CLASSE-CONNUE"]),
        (Dialect::Id, &["ANN-CMP-ELEVE-CLASSES"]),
    ];
    for degree in [Degree::D1, Degree::D2] {
        for (rank, (dialect, passing)) in (0..).zip(told) {
            let dir = tempfile::tempdir().expect("temporary directory");
            let place = |name: &str| dir.path().join(name);
            // Each dialect another académie, the second day for every other one.
            let first = options(PUPILS + 70 * rank, degree, 1 + rank, dialect);
            let today = annuaire::Options { day: (rank % 2) as u16, ..first.clone() };
            write(&place("annuaire.ldif"), &today).expect("a directory");
            write_feed(&place("feed"), &first, Mode::Complet);
            write_feed(&place("changes"), &first, Mode::Delta);
            write_gar(&place("gar"), &today);
            for (feed, gar) in [(false, false), (true, false), (true, true)] {
                let sources = Sources {
                    directory: place("annuaire.ldif"),
                    feed: feed.then(|| place("feed")),
                    changes: if feed && today.day > 0 { vec![place("changes")] } else { Vec::new() },
                    gar: gar.then(|| place("gar")),
                };
                let report = run(&set, sources, degree);
                let case = format!("{degree} {} AAF: {feed}, GAR: {gar}", dialect.as_str());
                assert_eq!(failing(&report).1, BTreeSet::new(), "{case}");
                let verdict = |id: &str| report.requirements.iter().find(|r| r.id == id).map(|r| r.verdict);
                for id in passing {
                    assert_eq!(verdict(id), Some(Verdict::Pass), "{case}: {id}");
                }
                if dialect != Dialect::Dn {
                    assert_eq!(verdict("ANN-CMP-ELEVES-DN"), Some(Verdict::NotApplicable), "{case}");
                }
                if feed && gar {
                    for id in ["ANN-AAF-ELEVES-PRESENTS", "ANN-GAR-ELEVE-NOM", "ANN-GAR-AFFECTATEURS-CONNUS"] {
                        assert_eq!(verdict(id), Some(Verdict::Pass), "{case}: {id}");
                    }
                }
            }
        }
    }
}

#[test]
fn expected_requirements_are_of_the_degree() {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).expect("the set opens");
    for fault in Fault::all() {
        for degree in fault.info().degrees.iter().copied() {
            for id in fault.info().requirements(degree) {
                let requirement = set.get(id).unwrap_or_else(|| panic!("{fault:?}: no requirement {id}"));
                assert!(requirement.degree.contains(&degree), "{fault:?}: {id} is not of {degree}");
            }
        }
    }
}
