//! An audit, as the tests run it: the choices that most of them are not about are made here, once.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use conforment::audit::Options;
use conforment::privacy::Pseudonyms;
use conforment::report::model::{PerimeterOrigin, Report, RequirementResult};
use conforment::rules::library::Library;
use conforment::rules::set::RuleSet;
use conforment::target::{SourceSpec, Target};
use jiff::civil::{Date, date};

/// The day of an audit whose day does not matter: what tests invent is a few days old by then.
pub const DAY: Date = date(2026, 9, 20);

/// The set of the tool, as it comes.
pub fn set() -> &'static RuleSet {
    static SET: OnceLock<RuleSet> = OnceLock::new();
    SET.get_or_init(|| RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap())
}

/// How to audit on that day. A server is met as it is now: its certificates are of today.
pub fn options(today: Date) -> Options {
    Options {
        threads: 2,
        max_findings: 50,
        pseudonyms: Pseudonyms::new([7; 32]),
        seed: 42,
        today,
        generated: format!("{today}T00:00:00Z"),
        origin: PerimeterOrigin::Implied,
        #[cfg(feature = "live")]
        live: std::sync::Arc::new(conforment::audit::live::Live { now: now(), ..Default::default() }),
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

pub fn audit(target: &Target, set: &RuleSet, options: &Options) -> Report {
    conforment::audit::audit(target, set, options, &AtomicU64::new(0)).unwrap()
}

/// What an audit of these sources says.
pub fn report(sources: Vec<SourceSpec>, set: &RuleSet, options: &Options) -> Report {
    audit(&Target { version: 1, name: "essai".into(), sources, ..Target::default() }, set, options)
}

pub fn result<'a>(report: &'a Report, id: &str) -> &'a RequirementResult {
    report.requirements.iter().find(|r| r.id == id).unwrap_or_else(|| panic!("no requirement {id}"))
}

/// Does the same to each, so many at a time; what came of them, in no order.
pub fn spread<C: Sync, R: Send>(threads: usize, cases: &[C], one: impl Fn(&C) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || std::iter::from_fn(|| cases.get(next.fetch_add(1, Ordering::Relaxed))).map(&one).collect::<Vec<R>>();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}
