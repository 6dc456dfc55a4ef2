//! `conforment completions SHELL`.

use std::io::Write;

use anyhow::Result;
use clap::CommandFactory;

use super::Cli;
use super::exit::Exit;

/// `conforment completions`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "SHELL", value_enum)]
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &Args) -> Result<Exit> {
    // Through memory: the crate panics where nobody reads.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "conforment", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Exit::Conforming)
}
