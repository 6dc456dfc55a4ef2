//! Every labelled fault of the generator, through the whole tool: the requirements that should notice it
//! fail, and no other accuses anybody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use conforment::generate::{self, Degree, Encoding, Fault, Mode};
use conforment::report::model::Report;
use conforment::target::SourceSpec;
use jiff::civil::date;

#[path = "common/audited.rs"]
mod audited;
#[path = "common/injected.rs"]
mod injected;
use injected::{each, failing, judge};

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

fn run(path: &Path, deltas: Vec<PathBuf>, degree: Degree) -> Report {
    let source = SourceSpec::Aaf { path: path.to_owned(), deltas, degree: Some(degree), label: None };
    injected::report(vec![source], date(2026, 9, 3))
}

#[test]
fn each_fault_is_found_and_nothing_else_is() {
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
    each(&cases, |(fault, degree, mode)| one(*fault, *degree, *mode));
}

/// What fails when that fault alone is there.
fn one(fault: Fault, degree: Degree, mode: Mode) -> Result<BTreeSet<String>, String> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (complet, delta) = (dir.path().join("complet"), dir.path().join("delta"));
    let report = if mode == Mode::Delta {
        generate(&complet, degree, Mode::Complet, Vec::new()).expect("a clean Complet");
        generate(&delta, degree, mode, vec![fault]).map_err(|e| e.to_string())?;
        run(&complet, vec![delta], degree)
    } else {
        generate(&complet, degree, mode, vec![fault]).map_err(|e| e.to_string())?;
        run(&complet, Vec::new(), degree)
    };
    let known = |id: &str| id == ORDER || CONSEQUENCES.contains(&(fault.id(), id));
    judge(&report, fault.info().requirements(degree), known)
}

#[test]
fn a_clean_delivery_accuses_nobody() {
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
            let alone = run(&complet, Vec::new(), degree);
            assert_eq!(failing(&alone), BTreeSet::new(), "{degree} seed {seed}, Complet");
            assert_eq!(alone.assessment.overall.coverage, Some(100.0));
            let chained = run(&complet, vec![delta], degree);
            assert_eq!(failing(&chained), BTreeSet::new(), "{degree} seed {seed}, Complet and Delta");
        }
    }
}
