//! From what was read to one outcome a requirement: what applies, what is known, where failures are.
//!
//! Must never read a source: it sees facts, counts and sightings only.

use std::collections::HashMap;

use serde_json::Value;

use super::facts::FactsProgram;
use super::plan::Plan;
use super::run::{Joined, Options, RunError};
use super::sighting::{Sighting, Tally};
use super::verdict::{self, Coverage, Seen};
use crate::check::schema::Schemas;
use crate::i18n;
use crate::outcome::{Finding, Message, Outcome, Reason, Verdict};
use crate::rules::model::{Check, Degree, Domain, FactsCheck, Requirement};
use crate::rules::set::RuleSet;
use crate::source::feed::{Facts, Feed, FileFacts};
use crate::source::files::log::Damage;
use crate::source::{KINDS, Kind, aaf, annuaire, gar, observation};

/// A delivery of the run, read.
pub struct Part<'a> {
    /// The delivery.
    pub feed: &'a dyn Feed,
    /// Its facts.
    pub facts: &'a Facts,
}

/// What outcomes are drawn from.
pub struct Context<'a> {
    /// The set.
    pub set: &'a RuleSet,
    /// The plan that was run.
    pub plan: &'a Plan<'a>,
    /// The deliveries.
    pub parts: &'a [Part<'a>],
    /// School level of the run.
    pub degree: Option<Degree>,
    /// As the run was asked for.
    pub options: &'a Options,
    /// How schemas are compiled.
    pub schemas: &'a Schemas,
}

/// The sources that a check is about, by the prefix of their kinds and facts, its own first.
#[must_use]
pub fn prefixes(check: &Check) -> Vec<&str> {
    let mut all: Vec<&str> = match check {
        Check::Attestation(_) => Vec::new(),
        Check::Facts(c) => vec![prefix(&c.facts)],
        Check::Records(c) => {
            let targets = c.references.as_ref().map(|r| r.to.as_slice()).unwrap_or_default();
            let with = c.symmetric.as_ref().map(|s| std::slice::from_ref(&s.with)).unwrap_or_default();
            c.records.as_slice().iter().chain(targets).chain(with).map(|name| prefix(name)).collect()
        }
    };
    let mut rank = 0;
    let written = all.clone();
    all.retain(|p| {
        rank += 1;
        !written[..rank - 1].contains(p)
    });
    all
}

fn prefix(name: &str) -> &str {
    name.split_once('.').map_or(name, |(prefix, _)| prefix)
}

/// The domain whose requirements a source is judged by.
#[must_use]
pub fn domain(prefix: &str) -> Domain {
    match prefix {
        aaf::PREFIX => Domain::Alimentation,
        annuaire::PREFIX => Domain::Annuaire,
        _ => Domain::Gar,
    }
}

impl Context<'_> {
    /// One outcome a requirement that is about these deliveries.
    ///
    /// # Errors
    /// A schema that does not compile (a loaded set has none).
    pub fn outcomes(&self, joined: &Joined, without_keys: &[bool]) -> Result<Vec<Outcome>, RunError> {
        let coverage = self.coverage(joined);
        let ranks: HashMap<&str, usize> = self.plan.checks.iter().enumerate().map(|(i, c)| (c.requirement.id.as_str(), i)).collect();
        let domains: Vec<Domain> = self.parts.iter().map(|p| domain(p.feed.prefix())).collect();
        let mut outcomes = Vec::new();
        let observed = |r: &&Requirement| matches!(&r.check, Check::Facts(c) if observation::is_plain(&c.facts));
        for requirement in self.set.requirements.iter().filter(|r| domains.contains(&r.domain) && !observed(r)) {
            if let Some(degree) = self.degree.filter(|d| !requirement.degree.contains(d)) {
                outcomes.push(self.not_applicable(requirement, Message::new("detail.other_degree").with("degree", degree)));
                continue;
            }
            let about = prefixes(&requirement.check);
            if let Some(missing) = about.iter().find(|p| self.part(p).is_none()) {
                let why = if self.options.apart.contains(missing) { Message::new("detail.apart") } else { no_source(missing) };
                outcomes.push(Outcome::undetermined(&requirement.id, Reason::Blocked, why));
                continue;
            }
            let part = about.first().and_then(|p| self.part(p));
            if let Some(outcome) = self.condition(requirement, part)? {
                outcomes.push(outcome);
                continue;
            }
            outcomes.push(match (&requirement.check, part) {
                (Check::Facts(check), Some(part)) => self.facts(requirement, check, part)?,
                (Check::Records(_), Some(part)) => {
                    let check = ranks[requirement.id.as_str()];
                    let delta_alone = if part.facts.delta_alone { self.blocker(part.feed.prefix(), "previous") } else { None };
                    let seen = Seen {
                        coverage: &coverage,
                        records: &joined.records,
                        tallies: &joined.tallies,
                        counted: &joined.counted,
                        without_keys,
                        delta_alone,
                        previous_known: part.feed.layers() > 1,
                    };
                    let mut outcome = verdict::outcome(self.plan, check, &seen);
                    // Of several sources that are added up, a share is told with the name of its own.
                    let shared = |d: &&mut Message| matches!(d.key.as_str(), "detail.missing_share" | "detail.share" | "detail.count");
                    if let Some(detail) = outcome.detail.as_mut().filter(shared) {
                        detail.args.insert("source".to_owned(), part.feed.label().to_owned());
                    }
                    if outcome.verdict == Verdict::Fail && requirement.absence && part.facts.files.iter().any(|f| f.answered) {
                        let detail = Message::new("detail.hidden").with("count", outcome.failures);
                        let unknown = Outcome::undetermined(&requirement.id, Reason::Blocked, detail);
                        outcome = Outcome { examined: outcome.examined, ..unknown };
                    }
                    if outcome.verdict == Verdict::Fail {
                        outcome.findings = joined.tallies[check].kept.iter().map(|s| self.finding(s, joined)).collect();
                    }
                    outcome
                }
                _ => Outcome::undetermined(&requirement.id, Reason::ManualPending, Message::new("detail.manual")),
            });
        }
        Ok(outcomes)
    }

    /// By check, whether nothing that references miss can change the outcome.
    #[must_use]
    pub fn without_targets(&self, joined: &Joined) -> Vec<bool> {
        verdict::without_targets(self.plan, &self.coverage(joined))
    }

    fn part(&self, prefix: &str) -> Option<&Part<'_>> {
        self.parts.iter().find(|p| p.feed.prefix() == prefix)
    }

    fn facts(&self, requirement: &Requirement, check: &FactsCheck, part: &Part<'_>) -> Result<Outcome, RunError> {
        let (program, mut tally) = (FactsProgram::new(check, self.schemas)?, Tally::default());
        if check.facts.ends_with(".delivery") {
            program.judge(&part.facts.delivery, None, self.options.settings.cap, &mut tally);
        } else {
            let mut members = Vec::new();
            check.filter.iter().chain([&check.assert]).for_each(|schema| members_of(schema, &mut members));
            // What a server answers has nothing of what only files have.
            let about = |f: &FileFacts| !f.answered || members.iter().any(|m| f.facts.get(*m).is_some());
            for (rank, file) in part.facts.files.iter().enumerate().filter(|(_, f)| about(f)) {
                program.judge(&file.facts, Some(rank as u32), self.options.settings.cap, &mut tally);
            }
        }
        Ok(self.facts_outcome(requirement, check, part, tally))
    }
    /// The requirement of the set that says what stands in the way.
    fn blocker(&self, prefix: &str, what: &str) -> Option<String> {
        self.set.referentiel.blockers.get(&format!("{prefix}.{what}")).cloned()
    }

    fn not_applicable(&self, requirement: &Requirement, detail: Message) -> Outcome {
        Outcome { detail: Some(detail), ..Outcome::new(&requirement.id, Verdict::NotApplicable) }
    }

    /// Whether the requirement is about this delivery: `None` when it is.
    fn condition(&self, requirement: &Requirement, part: Option<&Part<'_>>) -> Result<Option<Outcome>, RunError> {
        let (Some(when), Some(part)) = (&requirement.when, part) else { return Ok(None) };
        let facts = &part.facts.delivery;
        if self.schemas.facts(when)?.is_valid(facts) {
            return Ok(None);
        }
        if when.to_string().contains("\"previous\"") && part.feed.prefix() == gar::PREFIX && facts.get("previous").is_none() {
            return Ok(Some(Outcome::undetermined(&requirement.id, Reason::Blocked, no_source(gar::PREVIOUS.prefix))));
        }
        if part.feed.prefix() != aaf::PREFIX {
            let of_files = facts["container"] == "ldap" && when.to_string().contains("\"container\"");
            let said = match part.feed.prefix() {
                annuaire::PREFIX if of_files => Message::new("detail.when.file"),
                annuaire::PREFIX if when.to_string().contains("\"attributes\"") => Message::new("detail.when.attributes"),
                annuaire::PREFIX => other_writing(when, facts),
                _ => Message::new("detail.when.gar"),
            };
            return Ok(Some(self.not_applicable(requirement, said)));
        }
        let about_period = when.to_string().contains("\"period\"");
        if about_period && facts.get("period").is_none() {
            return Ok(Some(Outcome::undetermined(&requirement.id, Reason::Blocked, Message::new("detail.no_period"))));
        }
        let period = facts["period"].as_u64().map_or("?".to_owned(), |p| p.to_string());
        let mode = facts["mode"].as_str().unwrap_or("?").to_owned();
        Ok(Some(self.not_applicable(requirement, Message::new("detail.when").with("period", period).with("mode", mode))))
    }

    fn facts_outcome(&self, requirement: &Requirement, check: &FactsCheck, part: &Part<'_>, tally: Tally) -> Outcome {
        let mut outcome = Outcome::new(&requirement.id, Verdict::Pass);
        outcome.examined = tally.examined;
        outcome.failures = tally.failures;
        if tally.failures > 0 {
            if let Some(explained) = self.explained(requirement, check, part) {
                return explained;
            }
            outcome.verdict = Verdict::Fail;
            outcome.findings = tally.kept.iter().map(|s| fact_finding(s, part)).collect();
        } else if let Some(unknown) = self.unknown(requirement, check, part) {
            return Outcome { examined: outcome.examined, ..unknown };
        } else if tally.examined == 0 {
            outcome.verdict = Verdict::NotApplicable;
            outcome.detail = Some(Message::new("detail.nothing").with("records", 0));
        }
        outcome
    }

    /// A delivery that fails for want of what a file holds, when that file could not be read: the requirement that
    /// says so is the one it names as its parent.
    fn explained(&self, requirement: &Requirement, check: &FactsCheck, part: &Part<'_>) -> Option<Outcome> {
        let blocker = |damage: Damage| self.blocker(part.feed.prefix(), damage.blocker());
        let about_reading = requirement.parent.is_some() && requirement.parent == blocker(Damage::Unread);
        let unread = part.facts.files.iter().filter_map(|f| f.damage).filter(|d| *d <= Damage::Undecoded).min()?;
        (check.facts.ends_with(".delivery") && about_reading).then(|| self.undetermined(requirement, blocker(unread)))
    }

    /// Files that show no failure but were not wholly read, where that matters to the check.
    fn unknown(&self, requirement: &Requirement, check: &FactsCheck, part: &Part<'_>) -> Option<Outcome> {
        let mut members = Vec::new();
        check.filter.iter().chain([&check.assert]).for_each(|schema| members_of(schema, &mut members));
        let damages = part.facts.files.iter().filter_map(|f| f.damage);
        // Of all that is not known of a file, a delivery counts its records only; that of a directory is counted from its entries.
        let directory = part.feed.prefix() == annuaire::PREFIX;
        let counted = |m: &str| !matches!(m, "container" | "files" | "unrecognisedFiles");
        let hides = |d: Damage, m: &str| match check.facts.ends_with(".delivery") {
            true if directory => counted(m),
            true => m == "records" && d.hides(m),
            false => d.hides(m),
        };
        let hidden = damages.filter(|d| members.iter().any(|m| hides(*d, m))).min()?;
        let parent = self.blocker(part.feed.prefix(), hidden.blocker());
        Some(self.undetermined(requirement, parent.filter(|id| *id != requirement.id)))
    }

    fn undetermined(&self, requirement: &Requirement, parent: Option<String>) -> Outcome {
        let reason = if parent.is_some() { Reason::ParentFailed } else { Reason::Blocked };
        Outcome { parent, ..Outcome::undetermined(&requirement.id, reason, Message::new("detail.partial")) }
    }

    fn finding(&self, s: &Sighting, joined: &Joined) -> Finding {
        let part = joined.part_of(s.place.group);
        let (feed, facts) = (self.parts[part].feed, self.parts[part].facts);
        Finding {
            source: Some(feed.label().to_owned()),
            file: facts.files.get(s.place.file as usize).map(|f| f.path.clone()),
            line: (!answered(facts, s)).then(|| joined.notes[part].lines.line(s.place)),
            record: s.kind.map(|k| k.info().name.to_owned()),
            subject: s.subject.clone(),
            attribute: s.attribute.clone(),
            message: s.message.clone(),
        }
    }

    /// How much of each kind was seen.
    fn coverage(&self, joined: &Joined) -> Vec<Coverage> {
        let mut coverage = vec![Coverage::Absent { parent: None, expected: false }; KINDS.len()];
        for part in self.parts {
            let prefix = part.feed.prefix();
            // A file whose kinds are unknown, or an archive cut short, may have held anything.
            let anywhere = part.facts.files.iter().filter_map(|f| {
                let cut_short = f.streamed && f.damage == Some(Damage::Unread);
                f.damage.filter(|_| f.kinds.is_none() || cut_short)
            });
            let anywhere = anywhere.min();
            for (slot, info) in KINDS.iter().enumerate().filter(|(_, k)| self::prefix(k.name) == prefix) {
                let kind = Kind(slot as u8);
                let holds = |f: &&FileFacts| f.kinds.as_ref().is_some_and(|kinds| kinds.contains(&kind));
                let damages = part.facts.files.iter().filter(holds).map(|f| f.damage).collect::<Vec<_>>();
                let damage = damages.iter().copied().flatten().chain(anywhere).min();
                coverage[slot] = if let Some(damage) = damage {
                    Coverage::Partial { parent: self.blocker(prefix, damage.blocker()) }
                } else if damages.is_empty() && family(info.family, &joined.records) == 0 {
                    let expected = part.facts.delta_alone;
                    let named = self.set.referentiel.blockers.get(info.name).cloned();
                    Coverage::Absent { parent: named.filter(|_| !expected), expected }
                } else {
                    Coverage::Whole
                };
            }
        }
        coverage
    }
}

/// How many records there are of all the kinds of a family.
fn family(name: &str, records: &[u64]) -> u64 {
    KINDS.iter().zip(records).filter(|(k, _)| k.family == name).map(|(_, n)| n).sum()
}

/// Whether a server told it, whose answers have no lines.
fn answered(facts: &Facts, s: &Sighting) -> bool {
    facts.files.get(s.place.file as usize).is_some_and(|f| f.answered)
}

/// Why a requirement is not about a directory: the writing that it looks at is not this one.
fn other_writing(when: &Value, facts: &Value) -> Message {
    let asked = when.to_string();
    let about = ["composites", "profiles"].into_iter().find(|about| asked.contains(&format!("\"{about}\"")));
    let own = about.map(|about| {
        let written = facts["dialect"][about].as_str().unwrap_or("none");
        format!("detail.when.annuaire.{about}.{written}")
    });
    let own = own.filter(|key| i18n::has(key));
    Message::new(own.as_deref().unwrap_or("detail.when.annuaire"))
}

/// That a source was not given.
fn no_source(prefix: &str) -> Message {
    Message::new(match prefix {
        aaf::PREFIX => "detail.no_source.aaf",
        gar::PREFIX => "detail.no_source.gar",
        annuaire::PREFIX => "detail.no_source.annuaire",
        _ => "detail.no_source.previous",
    })
}

fn fact_finding(s: &Sighting, part: &Part<'_>) -> Finding {
    Finding {
        source: Some(part.feed.label().to_owned()),
        file: part.facts.files.get(s.place.file as usize).map(|f| f.path.clone()),
        line: (s.place.line != u32::MAX && !answered(part.facts, s)).then(|| u64::from(s.place.line) + 1),
        record: None,
        subject: None,
        attribute: None,
        message: s.message.clone(),
    }
}

/// The members of a document that a schema looks at.
fn members_of<'s>(schema: &'s Value, members: &mut Vec<&'s str>) {
    let Some(object) = schema.as_object() else { return };
    for (word, inner) in object {
        match (word.as_str(), inner) {
            ("properties", Value::Object(properties)) => members.extend(properties.keys().map(String::as_str)),
            ("required", Value::Array(names)) => members.extend(names.iter().filter_map(Value::as_str)),
            ("anyOf" | "allOf" | "oneOf", Value::Array(schemas)) => schemas.iter().for_each(|s| members_of(s, members)),
            ("not" | "if" | "then" | "else", schema) => members_of(schema, members),
            _ => {}
        }
    }
}
