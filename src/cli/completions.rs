//! `conforment completions SHELL`.

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
    clap_complete::generate(args.shell, &mut Cli::command(), "conforment", &mut std::io::stdout());
    Ok(Exit::Conforming)
}
