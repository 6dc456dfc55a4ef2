//! `conforment rules list|show|test`: the requirement sets themselves.

use std::collections::BTreeMap;
use std::io::Write;

use anyhow::{Result, bail};
use clap::Subcommand;

use super::Global;
use super::exit::Exit;
use super::explain::unknown;
use crate::engine::selftest;
use crate::i18n::{t, tf};
use crate::report::text::Words;
use crate::rules::set::RuleSet;

/// `conforment rules`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Clone, Subcommand)]
enum Command {
    List {
        #[arg(long)]
        json: bool,
    },
    Show {
        #[arg(value_name = "ID")]
        id: String,
    },
    Test,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    let w = Words(lang);
    let library = global.library(&[])?;
    let mut out = anstream::stdout().lock();
    match &args.command {
        Command::List { json } => {
            let set = global.set(&library, None, None)?;
            if *json {
                let rows: Vec<_> = set
                    .requirements
                    .iter()
                    .map(|r| serde_json::json!({"id": r.id, "title": r.title, "domain": r.domain, "level": r.level, "severity": r.severity, "degree": r.degree, "actor": r.actor, "basis": r.basis}))
                    .collect();
                writeln!(out, "{}", serde_json::to_string_pretty(&rows)?)?;
                return Ok(Exit::Conforming);
            }
            let r = &set.referentiel;
            writeln!(out, "{} {} ({} {})", r.id, lang.pick(&r.title), t(lang, "rules.edition"), r.edition)?;
            let mut counts: BTreeMap<_, u32> = BTreeMap::new();
            for r in &set.requirements {
                *counts.entry(r.level).or_default() += 1;
                let degrees: Vec<&str> = r.degree.iter().map(|d| d.as_str()).collect();
                writeln!(
                    out,
                    "{:<38} {:<11} {:<8} {:<6} {}",
                    r.id,
                    r.level.as_str(),
                    r.severity.as_str(),
                    degrees.join("+"),
                    lang.pick(&r.title)
                )?;
            }
            let counts: Vec<String> = counts.iter().map(|(level, n)| w.levels(level.as_str(), u64::from(*n))).collect();
            let all = w.count("report.requirements", set.requirements.len() as u64);
            writeln!(out, "{}", tf(lang, "rules.count", &[("requirements", &all), ("levels", &counts.join(", "))]))?;
            let others: Vec<&str> = library.names().collect();
            writeln!(out, "{}", tf(lang, "rules.sets", &[("names", &others.join(", "))]))?;
            Ok(Exit::Conforming)
        }
        Command::Show { id } => {
            let set = global.set(&library, None, None)?;
            let wanted = id.to_ascii_uppercase();
            let Some(requirement) = set.get(&wanted) else { bail!("{}", unknown(&set, &wanted, lang)) };
            writeln!(out, "{}", serde_json::to_string_pretty(requirement)?)?;
            Ok(Exit::Conforming)
        }
        Command::Test => {
            let names: Vec<String> = match &global.ruleset {
                Some(name) => vec![name.clone()],
                None => library.names().map(str::to_owned).collect(),
            };
            let mut whole = true;
            for name in names {
                let set = RuleSet::open(&library, &name, None)?;
                let (count, broken) = selftest::run(&set);
                let requirements = w.count("report.requirements", set.requirements.len() as u64);
                let examples = w.count("rules.examples", count as u64);
                let figures: [(&str, &dyn std::fmt::Display); 4] =
                    [("set", &name), ("requirements", &requirements), ("examples", &examples), ("broken", &broken.len())];
                writeln!(out, "{}", tf(lang, "rules.tested", &figures))?;
                for b in &broken {
                    writeln!(out, "  {} {}: {}", b.requirement, b.example, b.why)?;
                }
                whole &= broken.is_empty();
            }
            Ok(if whole { Exit::Conforming } else { Exit::NonConforming })
        }
    }
}
