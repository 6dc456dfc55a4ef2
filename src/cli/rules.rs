//! `conforment rules list|show|test`.

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::Global;
use crate::engine::selftest;
use crate::rules::library::Library;
use crate::rules::set::RuleSet;

/// `conforment rules`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the examples of every requirement
    Test,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<ExitCode> {
    let mut library = if global.rules.is_empty() { Library::embedded() } else { Library::default() };
    for dir in &global.rules {
        library.add(dir)?;
    }
    match args.command {
        Command::Test => {
            let mut ok = true;
            for name in library.names() {
                let set = RuleSet::open(&library, name, None)?;
                let (count, broken) = selftest::run(&set);
                println!("{name}: {} requirements, {count} examples, {} broken", set.requirements.len(), broken.len());
                for b in &broken {
                    println!("  {} {}: {}", b.requirement, b.example, b.why);
                }
                ok &= broken.is_empty();
            }
            Ok(if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
    }
}
