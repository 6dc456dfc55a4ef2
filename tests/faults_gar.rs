//! Every labelled fault of the GAR generator, through the whole tool: the requirements that should notice it
//! fail, and no other accuses anybody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use conforment::generate::gar::{self, Fault};
use conforment::generate::{Degree, Mode};
use conforment::outcome::Verdict;
use conforment::report::model::Report;
use conforment::target::SourceSpec;

#[path = "common/audited.rs"]
mod audited;
#[path = "common/injected.rs"]
mod injected;
use audited::set;
use injected::{Others, TODAY, each, failing, gar_options, judge, with_verdict, write_feed, write_gar};

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

/// What is audited.
struct Sources {
    delivery: PathBuf,
    previous: Option<PathBuf>,
    feed: Option<PathBuf>,
    changes: Vec<PathBuf>,
}

fn run(sources: Sources, degree: Degree) -> Report {
    let degree = Some(degree);
    let mut asked = vec![SourceSpec::Gar { path: sources.delivery, previous: sources.previous, degree, label: None }];
    asked.extend(sources.feed.map(|path| SourceSpec::Aaf { path, deltas: sources.changes, degree, label: None }));
    injected::report(asked, TODAY)
}

/// The archive of a delivery; its directory when it is files.
fn delivered(out: &Path) -> PathBuf {
    let mut archive = std::fs::read_dir(out).expect("directory").filter_map(Result::ok).map(|e| e.path());
    archive.find(|p| p.extension().is_some_and(|e| e == "gz")).unwrap_or_else(|| out.to_owned())
}

/// The clean delivery of the day before, and the AAF.
fn others() -> Others {
    Others::new(|others, degree| {
        write_gar(&others.place("previous", degree), &gar_options(PUPILS, degree, SEED)).expect("a clean delivery");
        write_feed(&others.place("feed", degree), PUPILS, degree, SEED, Mode::Complet);
    })
}

#[test]
fn each_fault_is_found_and_nothing_else_is() {
    let cases: Vec<(Fault, Degree)> =
        Fault::all().flat_map(|fault| fault.info().degrees.iter().map(move |degree| (fault, *degree))).collect();
    assert!(cases.len() > 400, "{} cases", cases.len());
    let others = others();
    let met = each(&cases, |(fault, degree)| one(&others, *fault, *degree));
    let without: Vec<&str> =
        set().requirements.iter().map(|r| r.id.as_str()).filter(|id| id.starts_with("GAR-") && !met.contains(*id)).collect();
    let accepted: Vec<&str> = WITHOUT_FAULT.iter().map(|(id, _)| *id).collect();
    assert_eq!(without, accepted, "requirements that no fault makes fail");
}

/// What fails when that fault alone is there.
fn one(others: &Others, fault: Fault, degree: Degree) -> Result<BTreeSet<String>, String> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let info = fault.info();
    let options = gar::Options {
        faults: vec![fault],
        archive: info.needs_archive(),
        day: u16::from(info.needs_previous()),
        ..gar_options(pupils(fault.id(), degree), degree, SEED)
    };
    write_gar(dir.path(), &options).map_err(|e| e.to_string())?;
    let sources = Sources {
        delivery: delivered(dir.path()),
        previous: info.needs_previous().then(|| others.place("previous", degree)),
        feed: info.needs_feed().then(|| others.place("feed", degree)),
        changes: Vec::new(),
    };
    judge(&run(sources, degree), info.requirements(degree), |id| CONSEQUENCES.contains(&(fault.id(), id)))
}

#[test]
fn a_clean_delivery_accuses_nobody() {
    for degree in [Degree::D1, Degree::D2] {
        for seed in 1..=3 {
            let dir = tempfile::tempdir().expect("temporary directory");
            let place = |name: &str| dir.path().join(name);
            let pupils = PUPILS + 100 * seed;
            let first = gar_options(pupils, degree, seed);
            write_gar(&place("previous"), &first).expect("the first day");
            write_gar(&place("directory"), &gar::Options { day: 1, ..first.clone() }).expect("a directory");
            write_gar(&place("archive"), &gar::Options { day: 1, archive: true, ..first.clone() }).expect("an archive");
            write_feed(&place("feed"), pupils, degree, seed, Mode::Complet);
            write_feed(&place("changes"), pupils, degree, seed, Mode::Delta);
            for delivery in ["directory", "archive"] {
                for (previous, feed) in [(false, false), (true, false), (false, true), (true, true)] {
                    let sources = Sources {
                        delivery: delivered(&place(delivery)),
                        previous: previous.then(|| place("previous")),
                        feed: feed.then(|| place("feed")),
                        changes: if feed { vec![place("changes")] } else { Vec::new() },
                    };
                    let report = run(sources, degree);
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
    for fault in Fault::all() {
        for degree in [Degree::D1, Degree::D2] {
            injected::exist(fault, degree, fault.info().requirements(degree));
        }
    }
}
