//! The audit of the demonstration ENT: conforming, it is accused of nothing; with a defect, of what that defect breaks.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use conforment::audit::Options;
use conforment::audit::live::Live;
use conforment::demo::{Defect, Ent, target};
use conforment::outcome::Verdict;
use conforment::report::model::{OverallVerdict, Report};
use conforment::rules::model::Level;
use conforment::source::cas::Consent;
use conforment::source::probe::transcript::Transcript;
use conforment::target::Target;
use jiff::civil::date;

#[path = "common/audited.rs"]
mod audited;
use audited::{now, spread};

/// What the conforming ENT is told of, and why it is no fault.
const TOLD: &[(&str, &str)] = &[
    ("CAS-105-TRENTE-DEUX", "information: a ticket of more than 32 characters, which clients are only advised to take"),
    ("SVC-001-TICKET", "information: a parent has no right to one of the services"),
];

/// Defects that the audit cannot see, and why.
const UNSEEN: &[(&str, &str)] = &[
    ("ticket-long-life", "a ticket is waited for with --slow only"),
    ("format-accepted", "a ticket that does not exist is refused whatever the format"),
    ("saml-by-get", "GET is tried without a ticket"),
    ("duplicates-last-wins", "information: which of two values wins is not a fault"),
    ("validation-lockout", "a server that says 429 is left alone: undetermined"),
    ("service-lost", "the form does not show the service; the sign-in then ends elsewhere"),
    ("password-shown", "a page without a password field is no login form: undetermined"),
    ("saml-attributes-in-clear", "the services of the demonstration are in https"),
    ("cookie-no-samesite", "browsers hold a cookie without SameSite to Lax"),
    ("portal-redirect", "information"),
    ("trace-on", "the demonstration echoes the request line only, the audit looks for its own header"),
    ("one-school-only", "attested by a person"),
    ("not-entitled-served", "attested by a person"),
    ("hsts-absent", "HSTS does not hold for an address in figures"),
    ("hsts-short", "HSTS does not hold for an address in figures"),
    ("certificate-ends-soon", "certificates that live less than sixty days are renewed by machines"),
];

/// What the audit says, and what it kept.
fn audit(target: &Target, live: Live) -> (Report, Arc<Live>) {
    let live = Arc::new(live);
    let options = Options { threads: 1, max_findings: 5, live: Arc::clone(&live), ..audited::options(date(2026, 11, 23)) };
    (audited::audit(target, audited::set(), &options), live)
}

/// The report of an ENT of its own.
fn report(defects: Vec<Defect>, live: Live) -> Report {
    let callbacks = target::Callbacks::draw().expect("ports");
    let ent = Ent::start(callbacks.options(defects)).expect("ent");
    let private = tempfile::tempdir().expect("dir");
    let target = target::of(&ent, &callbacks, private.path(), "demo").expect("target");
    audit(&target, live).0
}

fn failed(report: &Report) -> BTreeSet<&str> {
    report.requirements.iter().filter(|r| r.verdict == Verdict::Fail).map(|r| r.id.as_str()).collect()
}

#[test]
fn a_conforming_ent_is_accused_of_nothing() {
    let live = Live { consent: Consent { intrusive: true, slow: false }, now: now(), ..Live::default() };
    let report = report(Vec::new(), live);
    assert_eq!(report.assessment.verdict, OverallVerdict::Conforme);
    assert_eq!(failed(&report), TOLD.iter().map(|(id, _)| *id).collect());
    for r in report.requirements.iter().filter(|r| r.verdict == Verdict::Undetermined) {
        let why = r.detail.as_ref().map(|d| d.key.as_str());
        assert!(matches!(why, Some("detail.manual" | "detail.not_asked.slow")), "{} {why:?}", r.id);
    }
}

#[test]
fn without_being_asked_nothing_intrusive_is_done_and_the_verdict_stands() {
    let report = report(Vec::new(), Live { now: now(), ..Live::default() });
    assert_eq!(report.assessment.verdict, OverallVerdict::Conforme);
    let left: Vec<&str> = report
        .requirements
        .iter()
        .filter(|r| r.detail.as_ref().is_some_and(|d| d.key == "detail.not_asked.intrusive"))
        .map(|r| r.id.as_str())
        .collect();
    assert!(left.iter().any(|id| id.starts_with("CAS-135")) && left.len() >= 5, "{left:?}");
    assert!(report.requirements.iter().all(|r| r.level != Level::Obligatoire || !left.contains(&r.id.as_str())));
}

#[test]
fn a_replayed_transcript_gives_the_same_verdicts_and_says_nothing_of_anybody() {
    let callbacks = target::Callbacks::draw().expect("ports");
    let ent = Ent::start(callbacks.options(Vec::new())).expect("ent");
    let private = tempfile::tempdir().expect("dir");
    let target = target::of(&ent, &callbacks, private.path(), "demo").expect("target");
    let at = now();
    let (first, live) = audit(&target, Live { now: at, kept: Some(Mutex::default()), ..Live::default() });
    let kept: Vec<Transcript> = std::mem::take(&mut *live.kept.as_ref().expect("kept").lock().expect("lock"));
    let text = serde_json::to_string(&kept).expect("json");
    for account in ent.accounts() {
        assert!(!text.contains(&account.password) && !text.contains(&account.login), "credentials in the transcript");
    }
    for secret in conforment::demo::known_values() {
        assert!(!text.contains(secret), "{secret} in the transcript");
    }
    drop(ent);
    let read: Vec<Transcript> = serde_json::from_str(&text).expect("transcript");
    let (second, _) = audit(&target, Live { now: at, replay: Some(Mutex::new(read.into_iter())), ..Live::default() });
    let verdicts = |r: &Report| r.requirements.iter().map(|r| (r.id.clone(), r.verdict)).collect::<Vec<_>>();
    let (a, b) = (verdicts(&first), verdicts(&second));
    let differ: Vec<_> = a.iter().zip(&b).filter(|(x, y)| x != y).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

/// Every defect, on its own server: at least one of the rows it breaks is told as failed, and a tolerance accuses nobody of
/// anything mandatory.
#[test]
fn each_defect_is_found() {
    let wrong: Vec<String> = spread(12, Defect::ALL, |defect| unlike(*defect)).into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as it should be in the audit of an ENT with that defect.
fn unlike(defect: Defect) -> Option<String> {
    let started = std::time::Instant::now();
    let live = Live { consent: Consent { intrusive: true, slow: false }, now: now(), ..Live::default() };
    let report = report(vec![defect], live);
    // Whatever a server does, its audit ends: a test that hangs would say nothing.
    assert!(started.elapsed() < std::time::Duration::from_secs(300), "{}: {:?}", defect.name(), started.elapsed());
    let failed = failed(&report);
    let rows = defect.breaks();
    let hit = rows.iter().any(|row| failed.iter().any(|id| id.starts_with(row)));
    let mandatory: Vec<&str> =
        report.requirements.iter().filter(|r| r.verdict == Verdict::Fail && r.level == Level::Obligatoire).map(|r| r.id.as_str()).collect();
    let excused = UNSEEN.iter().any(|(name, _)| *name == defect.name());
    match (rows.is_empty(), hit, excused) {
        (true, _, _) if !mandatory.is_empty() => Some(format!("{}: a tolerance, yet {mandatory:?}", defect.name())),
        (false, false, false) => {
            let verdicts = report.requirements.iter().filter(|r| rows.iter().any(|row| r.id.starts_with(row)));
            let told: Vec<_> = verdicts.map(|r| (r.id.as_str(), r.verdict, r.detail.as_ref().map(|d| d.key.as_str()))).collect();
            Some(format!("{}: none of {rows:?} failed: {told:?}, but {failed:?}", defect.name()))
        }
        (false, true, true) => Some(format!("{}: found, and listed as unseen", defect.name())),
        _ => None,
    }
}
