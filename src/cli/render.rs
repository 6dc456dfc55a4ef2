//! `conforment render report.json`: the same report, in another form or language.

use std::path::PathBuf;

use anyhow::Result;

use super::exit::Exit;
use super::{Global, output};

/// `conforment render`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "REPORT")]
    report: PathBuf,
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[arg(short, long)]
    verbose: bool,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    args.output.iter().try_for_each(|path| output::form(path, global.lang()).map(drop))?;
    let report = output::read(&args.report)?;
    for path in &args.output {
        output::write(path, &report, global.lang())?;
    }
    if args.output.is_empty() {
        output::print(&report, global, args.verbose)?;
    }
    Ok(Exit::Conforming)
}
