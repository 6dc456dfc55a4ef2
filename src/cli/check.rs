//! `conforment check PATH…`: audits paths without a target file; the kind of each is detected.

use std::path::PathBuf;

use anyhow::Result;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::Global;
use super::audit::RunArgs;
use super::exit::Exit;
use crate::privacy::Pseudonyms;
use crate::report::model::PerimeterOrigin;
use crate::rules::model::Degree;
use crate::target::{SourceSpec, Target};

/// `conforment check`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    delta: Vec<PathBuf>,
    #[arg(long, value_name = "1D|2D", ignore_case = true, value_parser = PossibleValuesParser::new(["1D", "2D"]).map(|d| degree(&d)))]
    degree: Option<Degree>,
    #[command(flatten)]
    run: RunArgs,
}

fn degree(text: &str) -> Degree {
    if text.eq_ignore_ascii_case(Degree::D1.as_str()) { Degree::D1 } else { Degree::D2 }
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let known = args.run.output.prepare(global.lang())?;
    // The report travels: it names what was audited, not where it was on this machine.
    let name = |p: &PathBuf| {
        p.canonicalize().unwrap_or_else(|_| p.clone()).file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned())
    };
    let names: Vec<String> = args.paths.iter().map(name).collect();
    let sources = args.paths.iter().enumerate().map(|(i, path)| SourceSpec::Aaf {
        path: path.clone(),
        // Deltas apply on the first path.
        deltas: if i == 0 { args.delta.clone() } else { Vec::new() },
        degree: args.degree,
        label: None,
    });
    let target = Target { version: 1, name: names.join(", "), sources: sources.collect(), ..Target::default() };
    args.run.go(&target, known.as_ref(), Pseudonyms::ephemeral()?, PerimeterOrigin::Implied, global)
}
