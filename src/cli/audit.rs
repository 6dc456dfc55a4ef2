//! `conforment audit [ent.yaml]`: audits what a target file describes.

use std::path::PathBuf;

use anyhow::{Context, Result};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::exit::Exit;
use super::{Global, output};
use crate::audit::{Options, audit, key_path};
use crate::privacy::Pseudonyms;
use crate::report::model::{PerimeterOrigin, Report};
use crate::target::{SourceSpec, Target};

/// `conforment audit`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "TARGET", default_value = "ent.yaml")]
    target: PathBuf,
    #[command(flatten)]
    pub(super) run: RunArgs,
}

/// What `audit` and `check` share.
#[derive(Debug, Clone, clap::Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub(super) output: output::OutputArgs,
    #[arg(short, long, value_name = "N")]
    threads: Option<usize>,
    #[arg(long, value_name = "N", default_value_t = 50)]
    max_findings: usize,
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Date>,
    #[cfg(feature = "live")]
    #[command(flatten)]
    live: super::live::LiveArgs,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let known = args.run.output.prepare(global.lang())?;
    let text = super::read_target(&args.target)?;
    let target = Target::parse(&args.target, &text)?;
    let pseudonyms = Pseudonyms::kept_in(&key_path(&args.target))?;
    let origin = if target.domains.is_some() { PerimeterOrigin::Declared } else { PerimeterOrigin::Implied };
    args.run.go(&target, known.as_ref(), pseudonyms, origin, global)
}

impl RunArgs {
    /// Audits a target and says how it ends; `known` is the baseline.
    pub(super) fn go(
        &self,
        target: &Target,
        known: Option<&Report>,
        pseudonyms: Pseudonyms,
        origin: PerimeterOrigin,
        global: &Global,
    ) -> Result<Exit> {
        let library = global.library(&target.rules)?;
        let set = global.set(&library, target.ruleset.as_deref(), target.tailoring.as_ref())?;
        let now = output::instant(self.date)?;
        let mut seed = [0; 8];
        getrandom::fill(&mut seed).map_err(|e| anyhow::anyhow!(e.to_string())).context("random seed")?;
        let options = Options {
            threads: self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)).clamp(1, 64),
            max_findings: self.max_findings.clamp(1, 100_000),
            pseudonyms,
            seed: u64::from_ne_bytes(seed),
            today: TimeZone::UTC.to_datetime(now).date(),
            generated: now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            origin,
            #[cfg(feature = "live")]
            live: self.live.open(target, now, global.lang())?,
        };
        let total = target.sources.iter().map(size).sum();
        #[cfg(feature = "live")]
        let asked = || options.live.asked.load(std::sync::atomic::Ordering::Relaxed);
        #[cfg(not(feature = "live"))]
        let asked = || 0;
        let report = output::with_progress(total, &asked, global.lang(), false, |progress| audit(target, &set, &options, progress))?;
        #[cfg(feature = "live")]
        self.live.close(&options.live, &options.generated, global.lang())?;
        self.output.finish(&report, known, global)
    }
}

/// About how many bytes a source holds: the end of the progress bar.
fn size(source: &SourceSpec) -> u64 {
    fn of(path: &std::path::Path, depth: usize) -> u64 {
        match std::fs::metadata(path) {
            Ok(meta) if meta.is_file() => meta.len(),
            Ok(_) if depth > 0 => std::fs::read_dir(path).into_iter().flatten().flatten().map(|e| of(&e.path(), depth - 1)).sum(),
            _ => 0,
        }
    }
    match source {
        SourceSpec::Aaf { path, deltas, .. } => of(path, 4) + deltas.iter().map(|d| of(d, 4)).sum::<u64>(),
        SourceSpec::Annuaire { path, .. } => of(path, 4),
        SourceSpec::Gar { path, previous, .. } => of(path, 4) + previous.as_ref().map_or(0, |p| of(p, 4)),
        #[cfg(feature = "live")]
        SourceSpec::Ldap(_) | SourceSpec::Cas(_) | SourceSpec::Web(_) => 0,
    }
}
