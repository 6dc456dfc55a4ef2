//! `conforment init [PATH…]`: writes a target file to start from.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::exit::Exit;
use super::{Global, tell};
use crate::i18n::{t, tf};
use crate::source::files::find;
use crate::source::{aaf, annuaire, gar};

/// `conforment init`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[arg(short, long, value_name = "FILE", default_value = "ent.yaml")]
    output: PathBuf,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    if args.output.exists() {
        bail!("{}", tf(lang, "init.exists", &[("path", &args.output.display())]));
    }
    let mut sources = String::new();
    let examples = [PathBuf::from("livraison-aaf")];
    for path in if args.paths.is_empty() { &examples[..] } else { &args.paths } {
        // JSON strings are YAML strings: whatever the path holds.
        let kind = if find::find::<gar::Said>(path).is_ok() {
            gar::PREFIX
        } else if find::find::<aaf::Said>(path).is_err() && find::find::<annuaire::Said>(path).is_ok() {
            annuaire::PREFIX
        } else {
            aaf::PREFIX
        };
        sources.push_str(&format!("  - kind: {kind}\n    path: {}\n", serde_json::to_string(&path.display().to_string())?));
    }
    let text = t(lang, "init.template").replace("{sources}", &sources);
    std::fs::write(&args.output, text)?;
    tell(&tf(lang, "init.written", &[("path", &args.output.display())]));
    Ok(Exit::Conforming)
}
