//! One audit from end to end: target → sources → outcomes → assessment → report.
//!
//! The library's main entry. Must never print, nor read a clock: dates come from the caller.

#[cfg(feature = "live")]
pub mod live;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;

use jiff::civil::Date;
use regex::Regex;

use crate::assess::{self, SetSize};
use crate::engine::run::{self, Audited, AuditedPart, RunError};
use crate::engine::worker::Settings;
use crate::outcome::{Finding, Message, Outcome, Reason, Verdict};
use crate::privacy::Pseudonyms;
use crate::report::model::{CitedSource, PerimeterOrigin, REPORT_FORMAT, Report, RulesetSummary, SourceSummary, TargetSummary, Tool};
use crate::rules::model::{Check, Degree, Domain, Requirement};
use crate::rules::set::RuleSet;
use crate::source::feed::Feed;
use crate::source::files::delivery::{Delivery, Opened};
use crate::source::files::find::{self, FindError};
use crate::source::{KINDS, KindInfo, aaf, annuaire, gar, observation};
use crate::target::{SourceSpec, Target};

/// How to audit.
#[derive(Clone, Debug)]
pub struct Options {
    /// Threads that judge records.
    pub threads: usize,
    /// Findings kept for each requirement.
    pub max_findings: usize,
    /// Pseudonyms.
    pub pseudonyms: Pseudonyms,
    /// Seed of the key hashes.
    pub seed: u64,
    /// The day of the audit.
    pub today: Date,
    /// When the report is written, RFC 3339.
    pub generated: String,
    /// Whether the perimeter was declared or comes from what was given.
    pub origin: PerimeterOrigin,
    /// How live sources are observed.
    #[cfg(feature = "live")]
    pub live: std::sync::Arc<live::Live>,
}

/// Audits a target against a set.
///
/// # Errors
/// The set does not run. What a source lacks is not an error: it makes requirements undetermined.
pub fn audit(target: &Target, set: &RuleSet, options: &Options, progress: &AtomicU64) -> Result<Report, RunError> {
    let perimeter = target.perimeter();
    let set = &*declaring(target, set);
    let inside: Vec<&Requirement> = set.requirements.iter().filter(|r| perimeter.contains(&r.domain)).collect();
    let (mut outcomes, mut sources) = (Vec::new(), Vec::new());
    let mut units = Vec::new();
    #[cfg(feature = "live")]
    let mut servers: Vec<SourceSummary> = Vec::new();
    for spec in &target.sources {
        #[cfg(feature = "live")]
        if let Some(observed) = observed(spec, set, options) {
            match observed {
                Ok(observed) => {
                    outcomes.extend(crate::engine::live::outcomes(&observed, set, spec.domains(), options.max_findings)?);
                    sources.push(live_summary(observed));
                }
                Err(problem) => {
                    let concerned = inside.iter().filter(|r| spec.domains().contains(&r.domain));
                    outcomes.extend(concerned.map(|r| Outcome::undetermined(&r.id, Reason::Blocked, problem.clone())));
                    sources.push(unread(spec, problem));
                }
            }
            continue;
        }
        #[cfg(feature = "live")]
        if let SourceSpec::Ldap(ldap) = spec {
            let step = || {
                options.live.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            };
            let key = options.pseudonyms.derived("transcript");
            let (observed, read) = live::ldap(ldap, set.vocabulary.directory(), &options.live, key, &step);
            outcomes.extend(crate::engine::live::outcomes(&observed, set, spec.domains(), options.max_findings)?);
            match read {
                Ok(directory) => {
                    servers.push(live_summary(observed));
                    units.push(Unit { feeds: vec![Box::new(directory)], degree: None });
                }
                Err(problem) => {
                    let concerned = inside.iter().filter(|r| spec.domains().contains(&r.domain) && !is_observed(r));
                    outcomes.extend(concerned.map(|r| Outcome::undetermined(&r.id, Reason::Blocked, problem.clone())));
                    sources.push(SourceSummary { facts: live_summary(observed).facts, ..unread(spec, problem) });
                }
            }
            continue;
        }
        match opened(spec, set) {
            Ok(opened) => units.extend(opened),
            Err(problem) => {
                let concerned = inside.iter().filter(|r| spec.domains().contains(&r.domain));
                outcomes.extend(concerned.map(|r| Outcome::undetermined(&r.id, Reason::Blocked, problem.clone())));
                sources.push(unread(spec, problem));
            }
        }
    }
    let given: Vec<&'static str> = units.iter().flat_map(|u| u.feeds.iter().map(|f| f.prefix())).collect();
    for unit in joined(units) {
        let settings = Settings { seed: options.seed, cap: options.max_findings, pseudonyms: options.pseudonyms.clone() };
        let feeds: Vec<&dyn Feed> = unit.feeds.iter().map(|f| &**f).collect();
        let apart = given.iter().copied().filter(|p| !feeds.iter().any(|f| f.prefix() == *p)).collect();
        let run_options = run::Options { threads: options.threads, settings, today: options.today, degree: unit.degree, apart };
        let audited = run::deliveries(&feeds, set, &run_options, progress)?;
        sources.extend(feeds.iter().zip(&audited.parts).map(|(feed, part)| summary(*feed, part, &audited)));
        outcomes.extend(audited.outcomes);
    }
    // What was seen of a server stands with the directory that it gave.
    #[cfg(feature = "live")]
    for server in servers {
        let its = sources.iter_mut().find(|s| s.kind == annuaire::PREFIX && s.label == server.label && s.files == 0);
        if let Some(summary) = its {
            summary.facts.splice(0..0, server.facts);
        }
    }
    for requirement in &inside {
        if set.excluded.contains(&requirement.id) {
            outcomes.retain(|o| o.requirement != requirement.id);
            outcomes.push(Outcome::undetermined(&requirement.id, Reason::Excluded, Message::new("detail.excluded")));
        } else if !set.in_profile(requirement) {
            outcomes.retain(|o| o.requirement != requirement.id);
            let detail = Message::new("detail.profile").with("profile", set.profile.as_deref().unwrap_or_default());
            outcomes.push(Outcome { detail: Some(detail), ..Outcome::new(&requirement.id, Verdict::NotApplicable) });
        } else if !outcomes.iter().any(|o| o.requirement == requirement.id) && no_source(target, requirement) {
            outcomes.push(Outcome::undetermined(&requirement.id, Reason::Blocked, Message::new("detail.no_source")));
        }
    }
    let input = assess::Input {
        requirements: &inside,
        tailoring: set.tailoring.as_ref(),
        outcomes: &outcomes,
        waivers: &target.waivers,
        perimeter: &perimeter,
        set: SetSize { requirements: set.requirements.len() as u32, domains: Domain::ALL.len() as u32 },
        today: options.today,
    };
    let assessed = assess::assess(&input);
    Ok(Report {
        format: REPORT_FORMAT.to_owned(),
        tool: Tool { name: env!("CARGO_PKG_NAME").to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() },
        generated: options.generated.clone(),
        target: TargetSummary { name: target.name.clone(), perimeter, perimeter_origin: options.origin, sources },
        ruleset: ruleset(set, &inside),
        assessment: assessed.assessment,
        requirements: assessed.requirements,
    })
}

/// The set, knowing what the directories of the target have beside its model.
fn declaring<'s>(target: &Target, set: &'s RuleSet) -> Cow<'s, RuleSet> {
    let mut set = Cow::Borrowed(set);
    for local in target.sources.iter().filter_map(SourceSpec::local) {
        let vocabulary = set.vocabulary.clone().declaring(local);
        set.to_mut().vocabulary = vocabulary;
    }
    set
}

/// Whether a requirement is about what probes of a server give.
fn is_observed(requirement: &Requirement) -> bool {
    matches!(&requirement.check, Check::Facts(c) if observation::is_plain(&c.facts))
}

/// Whether none of the sources gives what a requirement is about.
fn no_source(target: &Target, requirement: &Requirement) -> bool {
    // A server that is only observed is of the domain of hygiene too, and gives nothing to the requirements about records of it.
    let about_records = !matches!(&requirement.check, Check::Attestation(_));
    let gives = |s: &SourceSpec| s.domains().contains(&requirement.domain) && (!about_records || s.gives_records());
    is_observed(requirement) || !target.sources.iter().any(gives)
}

/// What a live source gives; `None` for a source of files.
#[cfg(feature = "live")]
fn observed(spec: &SourceSpec, set: &RuleSet, options: &Options) -> Option<Result<observation::Observed, Message>> {
    let step = || {
        options.live.asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    };
    let key = options.pseudonyms.derived("transcript");
    match spec {
        SourceSpec::Cas(spec) => Some(live::cas(spec, &set.contracts, &options.live, key, &step)),
        SourceSpec::Web(spec) => Some(live::web(spec, &options.live, key, &step)),
        _ => None,
    }
}

#[cfg(feature = "live")]
fn live_summary(observed: observation::Observed) -> SourceSummary {
    let mut facts = observed.shown;
    facts.push(("source.requests".to_owned(), observed.requests.to_string()));
    SourceSummary {
        label: observed.label,
        kind: observed.kind.to_owned(),
        degree: None,
        facts,
        files: 0,
        bytes: 0,
        records: BTreeMap::new(),
        problems: observed.problems,
    }
}

/// Deliveries read in one run.
struct Unit {
    feeds: Vec<Box<dyn Feed>>,
    /// As the target declares it.
    degree: Option<Degree>,
}

impl Unit {
    fn level(&self) -> Option<Degree> {
        self.degree.or_else(|| self.feeds.iter().find_map(|f| f.degree()))
    }

    fn is(&self, prefix: &str) -> bool {
        self.feeds.len() == 1 + usize::from(self.feeds.iter().any(|f| f.prefix() == gar::PREVIOUS.prefix))
            && self.feeds[0].prefix() == prefix
    }
}

/// The deliveries of a source, one unit each.
fn opened(spec: &SourceSpec, set: &RuleSet) -> Result<Vec<Unit>, Message> {
    match spec {
        SourceSpec::Aaf { path, deltas, degree, label } => {
            let found = named(find::chain::<aaf::Said>(path, deltas), path, label.as_deref())?;
            Ok(found.into_iter().map(|d| Unit { feeds: vec![Box::new(Opened::new(d))], degree: *degree }).collect())
        }
        SourceSpec::Gar { path, previous, degree, label } => {
            let found = named(find::find::<gar::Said>(path), path, label.as_deref())?;
            let mut before = match previous {
                Some(path) => named(find::find::<gar::Said>(path), path, None)?,
                None => Vec::new(),
            };
            let unit = |delivery: gar::Delivery| {
                let same = before.iter().position(|p| p.degree == delivery.degree || p.degree.is_none() || delivery.degree.is_none());
                let previous = same.map(|i| before.swap_remove(i));
                let mut feeds: Vec<Box<dyn Feed>> = vec![Box::new(Opened::new(delivery))];
                feeds.extend(previous.map(|p| Box::new(Opened::as_previous(p, gar::PREVIOUS)) as Box<dyn Feed>));
                Unit { feeds, degree: *degree }
            };
            Ok(found.into_iter().map(unit).collect())
        }
        SourceSpec::Annuaire { path, dialect, degree, label, .. } => {
            let found = named(find::find::<annuaire::Said>(path), path, label.as_deref())?;
            let export = |d| annuaire::Export::new(d, set.vocabulary.directory(), dialect.clone().unwrap_or_default());
            Ok(found.into_iter().map(|d| Unit { feeds: vec![Box::new(export(d))], degree: *degree }).collect())
        }
        #[cfg(feature = "live")]
        SourceSpec::Ldap(_) | SourceSpec::Cas(_) | SourceSpec::Web(_) => Ok(Vec::new()),
    }
}

/// What was found under a path, under the names of the report.
fn named<S>(found: Result<Vec<Delivery<S>>, FindError>, path: &std::path::Path, label: Option<&str>) -> Result<Vec<Delivery<S>>, Message> {
    let mut found = found.map_err(|error| match error {
        FindError::Read { source, .. } => Message::new(find::problem(path, &source)),
        FindError::Nothing(_) => Message::new("problem.nothing"),
    })?;
    let name = label.map_or_else(|| shown(path), str::to_owned);
    let several = found.len() > 1;
    for delivery in &mut found {
        delivery.label = if several { format!("{name} — {}", delivery.label) } else { name.clone() };
    }
    Ok(found)
}

/// An AAF delivery and a GAR delivery of the same level are read in one run, so that requirements reconcile them: where
/// there is one of each, for nothing says which of several goes with which.
fn joined(units: Vec<Unit>) -> Vec<Unit> {
    let pairs: Vec<(usize, usize)> = [Degree::D1, Degree::D2]
        .into_iter()
        .filter_map(|degree| {
            let only = |prefix: &str| {
                let mut all = units.iter().enumerate().filter(|(_, u)| u.is(prefix) && u.level() == Some(degree)).map(|(i, _)| i);
                all.next().filter(|_| all.next().is_none())
            };
            Some((only(aaf::PREFIX)?, only(gar::PREFIX)?))
        })
        .collect();
    let mut units: Vec<Option<Unit>> = units.into_iter().map(Some).collect();
    for (first, second) in pairs {
        let Some(other) = units[second].take() else { continue };
        if let Some(unit) = &mut units[first] {
            unit.feeds.extend(other.feeds);
            unit.degree = unit.degree.or(other.degree);
        }
    }
    with_directory(units.into_iter().flatten().collect())
}

/// A directory is read with the deliveries of the same ENT: those of the school level that the target declares of it. Where
/// it declares none, there must be one directory and deliveries of one level, for nothing says which of its entries are
/// of which.
fn with_directory(mut units: Vec<Unit>) -> Vec<Unit> {
    let (directories, others): (Vec<usize>, Vec<usize>) = (0..units.len()).partition(|i| units[*i].is(annuaire::PREFIX));
    let pairs: Vec<(usize, usize)> = directories
        .iter()
        .filter_map(|directory| {
            let declared = units[*directory].degree;
            let rivals = directories.iter().filter(|d| declared.is_none() || units[**d].degree.is_none_or(|l| Some(l) == declared));
            let fits = |other: &&usize| declared.is_none() || units[**other].level().is_none_or(|l| Some(l) == declared);
            let fitting: Vec<usize> = others.iter().filter(fits).copied().collect();
            // Of several feeds nothing says which is whose; what goes to the GAR comes from the directory alone.
            let mut outgoing = fitting.iter().copied().filter(|other| units[*other].is(gar::PREFIX));
            let other = match fitting.as_slice() {
                [only] => Some(*only),
                _ => outgoing.next().filter(|_| outgoing.next().is_none()),
            };
            Some((*directory, other.filter(|_| rivals.count() == 1)?))
        })
        .collect();
    for (directory, other) in &pairs {
        let feeds = std::mem::take(&mut units[*directory].feeds);
        units[*other].feeds.extend(feeds);
    }
    units.retain(|unit| !unit.feeds.is_empty());
    units
}

/// The end of a path: enough for a reader, nothing of the machine.
fn shown(path: &std::path::Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

fn unread(spec: &SourceSpec, problem: Message) -> SourceSummary {
    let (kind, name, label) = match spec {
        SourceSpec::Aaf { path, label, .. } => (aaf::PREFIX, shown(path), label),
        SourceSpec::Gar { path, label, .. } => (gar::PREFIX, shown(path), label),
        SourceSpec::Annuaire { path, label, .. } => (annuaire::PREFIX, shown(path), label),
        #[cfg(feature = "live")]
        SourceSpec::Ldap(spec) => (annuaire::PREFIX, spec.url.host().to_owned(), &spec.label),
        #[cfg(feature = "live")]
        SourceSpec::Cas(spec) => ("cas", spec.url.url().host_str().unwrap_or_default().to_owned(), &spec.label),
        #[cfg(feature = "live")]
        SourceSpec::Web(spec) => ("web", spec.url.url().host_str().unwrap_or_default().to_owned(), &spec.label),
    };
    let label = label.clone().unwrap_or(name);
    let finding =
        Finding { source: Some(label.clone()), file: None, line: None, record: None, subject: None, attribute: None, message: problem };
    SourceSummary {
        label,
        kind: kind.to_owned(),
        degree: None,
        facts: Vec::new(),
        files: 0,
        bytes: 0,
        records: BTreeMap::new(),
        problems: vec![finding],
    }
}

/// Facts shown of a source: key of the catalogue, and where they are in the facts of its files.
const SHOWN: &[(&str, &str)] = &[
    ("source.modes", "/mode"),
    ("source.ident", "/ident"),
    ("source.dates", "/date"),
    ("source.feed", "/header/versionAF"),
    ("source.annex", "/header/versionSDET"),
    ("source.version", "/version"),
];

fn summary(feed: &dyn Feed, part: &AuditedPart, audited: &Audited) -> SourceSummary {
    let mut facts = Vec::new();
    for (key, pointer) in SHOWN {
        let shown = |text: &&str| match *pointer {
            p if p.starts_with("/header/") || p == "/version" => names_a_version(text),
            "/ident" => text.len() <= 16 && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()),
            _ => true,
        };
        let mut texts: Vec<&str> = part.facts.files.iter().filter_map(|f| f.facts.pointer(pointer)?.as_str()).filter(shown).collect();
        texts.sort_unstable();
        texts.dedup();
        facts.extend(texts.into_iter().take(6).map(|text| ((*key).to_owned(), text.to_owned())));
    }
    // What was detected of a directory, or declared, is told: requirements adapt to it.
    for (key, pointer) in [("source.composites", "/dialect/composites"), ("source.profiles", "/dialect/profiles")] {
        let word = part.facts.delivery.pointer(pointer).and_then(serde_json::Value::as_str);
        facts.extend(word.map(|word| (key.to_owned(), word.to_owned())));
        let name = pointer.rsplit('/').next().unwrap_or_default();
        let declared = part.facts.delivery["dialectDeclared"].as_array().is_some_and(|all| all.iter().any(|d| d == name));
        facts.extend(word.filter(|_| declared).map(|_| (format!("{key}.declared"), "true".to_owned())));
    }
    let declared = part.facts.delivery["declared"].as_array().into_iter().flatten().filter_map(serde_json::Value::as_str);
    let declared: Vec<&str> = declared.collect();
    if !declared.is_empty() {
        facts.push(("source.local".to_owned(), declared.join(", ")));
    }
    let ours = |(kind, n): &(&KindInfo, &u64)| **n > 0 && kind.name.split('.').next() == Some(feed.prefix());
    SourceSummary {
        label: feed.label().to_owned(),
        kind: feed.prefix().to_owned(),
        degree: audited.degree,
        facts,
        files: part.facts.files.iter().filter(|f| !f.answered).count() as u64,
        bytes: part.bytes,
        records: KINDS.iter().zip(&audited.records).filter(ours).map(|(k, n)| (k.name.to_owned(), *n)).collect(),
        problems: part.problems.clone(),
    }
}

/// Header comments are free text, where anything may have been written: only the known forms of a version are shown.
fn names_a_version(text: &str) -> bool {
    static KNOWN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(AAF-VE[0-9]{2,6}|(Annexe [0-9]{1,2}(bis|ter)? )?(version )?[0-9]{1,2}\.[0-9]{1,2})$").ok());
    KNOWN.as_ref().is_some_and(|known| known.is_match(text))
}

fn ruleset(set: &RuleSet, inside: &[&Requirement]) -> RulesetSummary {
    let referentiel = &set.referentiel;
    let cited = |key: &String| inside.iter().any(|r| r.sources.contains(key));
    let source = |(key, s): (&String, &crate::rules::model::SourceRef)| {
        let s = s.clone();
        let (title, title_en, location, location_en) = (s.title, s.title_en, s.location, s.location_en);
        let cited = CitedSource { title, title_en, date: s.date, read: s.read, location, location_en };
        (key.clone(), cited)
    };
    RulesetSummary {
        id: referentiel.id.clone(),
        title: referentiel.title.clone(),
        version: referentiel.version.clone(),
        edition: referentiel.edition.clone(),
        published: referentiel.published.clone(),
        hash: set.hash.clone(),
        profile: set.profile.clone(),
        statement: referentiel.statement.clone(),
        domains: referentiel.domains.clone(),
        sources: referentiel.sources.iter().filter(|(k, _)| cited(k)).map(source).collect(),
        tailored: set.tailored.clone(),
    }
}

/// Where the key of pseudonyms is kept: beside the target.
#[must_use]
pub fn key_path(target: &std::path::Path) -> PathBuf {
    target.parent().unwrap_or(std::path::Path::new("")).join(".conforment").join("key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_shows_versions_and_nothing_else() {
        for shown in ["AAF-VE2407", "Annexe 4bis version 6.4", "Annexe 1 version 6.3", "6.3"] {
            assert!(names_a_version(shown), "{shown}");
        }
        for hidden in
            ["Jean Dupont", "DUPONT", "Annexe Dupont", "AAF-VE DUPONT", "0612345678", "06 12 34 56 78", "2012-03-12", "jean@exemple.fr"]
        {
            assert!(!names_a_version(hidden), "{hidden}");
        }
    }
}
