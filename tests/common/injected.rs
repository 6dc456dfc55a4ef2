//! Labelled faults of generated deliveries, through the whole tool: what is held of each, whatever the generator.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::{Path, PathBuf};

use conforment::audit::Options;
use conforment::generate::{self, Degree, Encoding, GenerateError, Mode, gar};
use conforment::outcome::Verdict;
use conforment::report::model::Report;
use conforment::target::SourceSpec;
use jiff::civil::{Date, date};

use crate::audited::{self, set};

pub const FIRST_DAY: Date = date(2026, 9, 14);
/// Two days later: a delivery of the first day is recent, that of the second is not of the future.
pub const TODAY: Date = date(2026, 9, 16);

/// The AAF of that many pupils: that of the first day, or what has changed since.
pub fn write_feed(out: &Path, pupils: u64, degree: Degree, seed: u64, mode: Mode) {
    let options = generate::Options { pupils, degree, mode, seed, faults: Vec::new(), date: FIRST_DAY, encoding: Encoding::Utf8 };
    generate::generate(&options, out, &mut |_| ()).expect("the AAF");
}

/// The options of the sound GAR delivery of the first day.
pub fn gar_options(pupils: u64, degree: Degree, seed: u64) -> gar::Options {
    gar::Options { pupils, degree, seed, faults: Vec::new(), date: FIRST_DAY, day: 0, ident: "B0".into(), archive: false }
}

pub fn write_gar(out: &Path, options: &gar::Options) -> Result<gar::Summary, GenerateError> {
    gar::generate(options, out, &mut |_| ())
}

/// What faults are compared with: sound deliveries of each degree.
pub struct Others(tempfile::TempDir);

impl Others {
    pub fn new(write: impl Fn(&Self, Degree)) -> Self {
        let out = Self(tempfile::tempdir().expect("temporary directory"));
        [Degree::D1, Degree::D2].iter().for_each(|degree| write(&out, *degree));
        out
    }

    pub fn place(&self, name: &str, degree: Degree) -> PathBuf {
        self.0.path().join(format!("{name}-{degree}"))
    }
}

/// What the audit says on that day. One thread: the cases have the others.
pub fn report(sources: Vec<SourceSpec>, today: Date) -> Report {
    audited::report(sources, set(), &Options { threads: 1, max_findings: 5, ..audited::options(today) })
}

pub fn with_verdict(report: &Report, verdict: Verdict) -> BTreeSet<String> {
    report.requirements.iter().filter(|r| r.verdict == verdict).map(|r| r.id.clone()).collect()
}

pub fn failing(report: &Report) -> BTreeSet<String> {
    with_verdict(report, Verdict::Fail)
}

/// What fails, where it is all that is expected, and besides only what follows from that or is `known`; else what is wrong.
pub fn judge(
    report: &Report,
    expected: impl Iterator<Item = &'static str>,
    known: impl Fn(&str) -> bool,
) -> Result<BTreeSet<String>, String> {
    let (found, expected) = (failing(report), expected.map(str::to_owned).collect::<BTreeSet<_>>());
    let missed: Vec<&String> = expected.difference(&found).collect();
    let parent_fails = |id: &str| set().get(id).and_then(|r| r.parent.as_ref()).is_some_and(|p| found.contains(p));
    let unexpected: Vec<&String> = found.difference(&expected).filter(|id| !parent_fails(id) && !known(id)).collect();
    if expected.is_empty() {
        return Err("no requirement is expected to notice".to_owned());
    }
    if missed.is_empty() && unexpected.is_empty() { Ok(found) } else { Err(format!("missed {missed:?}, unexpected {unexpected:?}")) }
}

/// Tries every case, on all processors: none may go wrong. Gives all that failed in one or another.
pub fn each<C: Debug + Sync>(cases: &[C], one: impl Fn(&C) -> Result<BTreeSet<String>, String> + Sync) -> BTreeSet<String> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let named = |case: &C| one(case).map_err(|why| format!("{case:?}: {why}"));
    let (mut met, mut wrong) = (BTreeSet::new(), Vec::new());
    for ended in audited::spread(threads, cases, named) {
        match ended {
            Ok(found) => met.extend(found),
            Err(why) => wrong.push(why),
        }
    }
    wrong.sort();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    met
}

/// What is expected to notice a fault exists, and is asked of that degree.
pub fn exist(fault: impl Debug, degree: Degree, expected: impl Iterator<Item = &'static str>) {
    for id in expected {
        let requirement = set().get(id).unwrap_or_else(|| panic!("{fault:?}: no requirement {id}"));
        assert!(requirement.degree.contains(&degree), "{fault:?}: {id} is not of {degree}");
    }
}
