//! One audit from end to end: target → sources → outcomes → assessment → report.
//!
//! The library's main entry. Must never print, nor read a clock: dates come from the caller.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;

use jiff::civil::Date;
use regex::Regex;

use crate::assess::{self, SetSize};
use crate::engine::run::{self, Audited, RunError};
use crate::engine::worker::Settings;
use crate::outcome::{Finding, Message, Outcome, Reason, Verdict};
use crate::privacy::Pseudonyms;
use crate::report::model::{CitedSource, PerimeterOrigin, REPORT_FORMAT, Report, RulesetSummary, SourceSummary, TargetSummary, Tool};
use crate::rules::model::{Domain, Requirement};
use crate::rules::set::RuleSet;
use crate::source::KINDS;
use crate::source::aaf::find::{self, Delivery};
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
}

/// Audits a target against a set.
///
/// # Errors
/// The set does not run. What a source lacks is not an error: it makes requirements undetermined.
pub fn audit(target: &Target, set: &RuleSet, options: &Options, progress: &AtomicU64) -> Result<Report, RunError> {
    let perimeter = target.perimeter();
    let inside: Vec<Requirement> = set.requirements.iter().filter(|r| perimeter.contains(&r.domain)).cloned().collect();
    let (mut outcomes, mut sources) = (Vec::new(), Vec::new());
    for spec in &target.sources {
        let SourceSpec::Aaf { path, deltas, degree, label } = spec;
        let name = label.clone().unwrap_or_else(|| shown(path));
        match find::chain(path, deltas) {
            Ok(deliveries) => {
                let several = deliveries.len() > 1;
                for mut delivery in deliveries {
                    delivery.label = if several { format!("{name} — {}", delivery.label) } else { name.clone() };
                    let settings = Settings { seed: options.seed, cap: options.max_findings, pseudonyms: options.pseudonyms.clone() };
                    let run_options = run::Options { threads: options.threads, settings, today: options.today, degree: *degree };
                    let audited = run::delivery(&delivery, set, &run_options, progress)?;
                    sources.push(summary(&delivery, &audited));
                    outcomes.extend(audited.outcomes);
                }
            }
            Err(error) => {
                let problem = match error {
                    find::FindError::Read { .. } => Message::new("problem.open"),
                    find::FindError::Nothing(_) => Message::new("problem.nothing"),
                };
                outcomes.extend(
                    inside
                        .iter()
                        .filter(|r| r.domain == spec.domain())
                        .map(|r| Outcome::undetermined(&r.id, Reason::Blocked, problem.clone())),
                );
                sources.push(unread(&name, problem));
            }
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
        } else if !target.sources.iter().any(|s| s.domain() == requirement.domain) {
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

/// The end of a path: enough for a reader, nothing of the machine.
fn shown(path: &std::path::Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

fn unread(label: &str, problem: Message) -> SourceSummary {
    let finding =
        Finding { source: Some(label.to_owned()), file: None, line: None, record: None, subject: None, attribute: None, message: problem };
    SourceSummary {
        label: label.to_owned(),
        kind: "aaf".to_owned(),
        degree: None,
        facts: Vec::new(),
        files: 0,
        bytes: 0,
        records: BTreeMap::new(),
        problems: vec![finding],
    }
}

fn summary(delivery: &Delivery, audited: &Audited) -> SourceSummary {
    let mut facts = Vec::new();
    for (key, pointer) in [
        ("source.modes", "/mode"),
        ("source.dates", "/date"),
        ("source.feed", "/header/versionAF"),
        ("source.annex", "/header/versionSDET"),
    ] {
        let shown = |text: &&str| !pointer.starts_with("/header/") || names_a_version(text);
        let mut texts: Vec<&str> = audited.files.iter().filter_map(|f| f.pointer(pointer)?.as_str()).filter(shown).collect();
        texts.sort_unstable();
        texts.dedup();
        facts.extend(texts.into_iter().take(6).map(|text| (key.to_owned(), text.to_owned())));
    }
    SourceSummary {
        label: delivery.label.clone(),
        kind: "aaf".to_owned(),
        degree: audited.degree,
        facts,
        files: audited.files.len() as u64,
        bytes: audited.bytes,
        records: KINDS.iter().zip(&audited.records).filter(|(_, n)| **n > 0).map(|(k, n)| (k.name.to_owned(), *n)).collect(),
        problems: audited.problems.clone(),
    }
}

/// Header comments are free text, where anything may have been written: only the known forms of a version are shown.
fn names_a_version(text: &str) -> bool {
    static KNOWN: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(AAF-VE[0-9]{2,6}|(Annexe [0-9]{1,2}(bis|ter)? )?(version )?[0-9]{1,2}\.[0-9]{1,2})$").ok());
    KNOWN.as_ref().is_some_and(|known| known.is_match(text))
}

fn ruleset(set: &RuleSet, inside: &[Requirement]) -> RulesetSummary {
    let referentiel = &set.referentiel;
    let cited = |key: &String| inside.iter().any(|r| r.sources.contains(key));
    let source = |(key, s): (&String, &crate::rules::model::SourceRef)| {
        let cited = CitedSource { title: s.title.clone(), date: s.date.clone(), read: s.read.clone(), location: s.location.clone() };
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
