//! The command line, one file a command. Reads arguments, calls the library, prints.

mod rules;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Options of every command.
#[derive(Debug, clap::Args)]
pub struct Global {
    /// Directory of requirement sets, added to those of the binary (repeatable)
    #[arg(long, global = true, value_name = "DIR")]
    rules: Vec<PathBuf>,
    /// Requirement set
    #[arg(long, global = true, value_name = "NAME")]
    ruleset: Option<String>,
}

#[derive(Debug, Parser)]
#[command(name = "conforment", version)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Requirement sets
    Rules(rules::Args),
}

/// Runs the command.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let done = match &cli.command {
        Command::Rules(args) => rules::run(args, &cli.global),
    };
    match done {
        Ok(code) => code,
        Err(e) => {
            eprintln!("{e:#}");
            ExitCode::from(2)
        }
    }
}
