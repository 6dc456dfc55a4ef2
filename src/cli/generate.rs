//! `conforment generate aaf`: a synthetic académie, to try the tool and to test with.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use jiff::civil::Date;

use super::exit::Exit;
use super::{Global, output, tell};
use crate::generate::{self, Encoding, Fault, Mode, Options};
use crate::i18n::tf;
use crate::rules::model::Degree;

/// `conforment generate`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Subcommand)]
enum What {
    Aaf(Aaf),
}

#[derive(Debug, Clone, clap::Args)]
struct Aaf {
    #[arg(short, long, value_name = "DIR", required_unless_present = "list_faults")]
    out: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 500)]
    pupils: u64,
    #[arg(long, value_enum, default_value_t = DegreeArg::D2)]
    degree: DegreeArg,
    #[arg(long, value_enum, default_value_t = ModeArg::Complet)]
    mode: ModeArg,
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    #[arg(long, value_name = "ID", num_args = 1..)]
    fault: Vec<String>,
    #[arg(long)]
    list_faults: bool,
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "2026-09-01")]
    date: Date,
    #[arg(long, value_enum, default_value_t = EncodingArg::Utf8)]
    encoding: EncodingArg,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum DegreeArg {
    #[value(name = "1D", alias = "1d")]
    D1,
    #[value(name = "2D", alias = "2d")]
    D2,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum ModeArg {
    Complet,
    Delta,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum EncodingArg {
    #[value(name = "utf-8")]
    Utf8,
    #[value(name = "iso-8859-15")]
    Latin9,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let What::Aaf(args) = &args.what;
    let lang = global.lang();
    if args.list_faults {
        let mut out = anstream::stdout().lock();
        for fault in generate::faults() {
            writeln!(out, "{:<34} {}", fault.id, fault.description(lang))?;
        }
        return Ok(Exit::Conforming);
    }
    let Some(out) = &args.out else { bail!("--out") };
    let faults: Vec<Fault> =
        args.fault.iter().map(|id| id.parse::<Fault>().map_err(|e| anyhow::anyhow!(e.to_string()))).collect::<Result<_>>()?;
    let options = Options {
        pupils: args.pupils,
        degree: match args.degree {
            DegreeArg::D1 => Degree::D1,
            DegreeArg::D2 => Degree::D2,
        },
        mode: match args.mode {
            ModeArg::Complet => Mode::Complet,
            ModeArg::Delta => Mode::Delta,
        },
        seed: args.seed,
        faults,
        date: args.date,
        encoding: match args.encoding {
            EncodingArg::Utf8 => Encoding::Utf8,
            EncodingArg::Latin9 => Encoding::Iso885915,
        },
    };
    let summary = output::with_progress(options.expected_records(), lang, false, |done| {
        generate::generate(&options, out, &mut |records| done.store(records, std::sync::atomic::Ordering::Relaxed))
    })?;
    let labels = labels_path(out);
    std::fs::write(&labels, serde_json::to_string_pretty(&summary)? + "\n").with_context(|| labels.display().to_string())?;
    let records: u64 = summary.records.values().sum();
    let figures: [(&str, &dyn std::fmt::Display); 5] = [
        ("files", &summary.files),
        ("records", &records),
        ("bytes", &summary.bytes),
        ("path", &out.display()),
        ("labels", &labels.display()),
    ];
    tell(&tf(lang, "generate.done", &figures));
    Ok(Exit::Conforming)
}

/// Beside the delivery, so that the delivery holds nothing but what an académie would send.
fn labels_path(out: &std::path::Path) -> PathBuf {
    let name = out.file_name().map_or_else(|| "livraison".to_owned(), |n| n.to_string_lossy().into_owned());
    out.with_file_name(format!("{name}.labels.json"))
}
