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
use crate::source::{self, aaf, annuaire, gar};
use crate::target::{SourceSpec, Target};

/// `conforment check`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    delta: Vec<PathBuf>,
    #[arg(long, value_name = "PATH")]
    previous: Option<PathBuf>,
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
    let mut sources = Vec::new();
    let (mut deltas, mut previous) = (args.delta.clone(), args.previous.clone());
    for path in &args.paths {
        // What nothing tells is reported as an AAF delivery that cannot be read. Deltas and the previous delivery go with
        // the first path of their kind.
        let mut kinds = source::recognised(path);
        if kinds.is_empty() {
            kinds.push(aaf::PREFIX);
        }
        for kind in kinds {
            let (path, degree, label) = (path.clone(), args.degree, None);
            sources.push(match kind {
                gar::PREFIX => SourceSpec::Gar { path, previous: previous.take(), degree, label },
                annuaire::PREFIX => SourceSpec::Annuaire { path, dialect: None, degree, local: None, label },
                _ => SourceSpec::Aaf { path, deltas: std::mem::take(&mut deltas), degree, label },
            });
        }
    }
    let target = Target { version: 1, name: names.join(", "), sources, ..Target::default() };
    args.run.go(&target, known.as_ref(), Pseudonyms::ephemeral()?, PerimeterOrigin::Implied, global)
}
