//! `conforment generate`: a synthetic académie and what its ENT sends to the GAR, to try the tool and to test with.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, bail};
use clap::Subcommand;
use jiff::civil::Date;

use super::exit::Exit;
use super::{Global, output, tell};
use crate::generate::{self, Encoding, Fault, Mode, Options, annuaire, gar};
use crate::i18n::{Lang, tf};
use crate::report::text::Words;
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
    Gar(Gar),
    Annuaire(Annuaire),
}

/// What all ask for.
#[derive(Debug, Clone, clap::Args)]
struct Common {
    #[arg(short, long, value_name = "DIR", required_unless_present = "list_faults")]
    out: Option<PathBuf>,
    #[arg(long, value_name = "N", default_value_t = 500)]
    pupils: u64,
    #[arg(long, value_enum, default_value_t = DegreeArg::D2)]
    degree: DegreeArg,
    #[arg(long, value_name = "S", default_value_t = 1)]
    seed: u64,
    #[arg(long, value_name = "ID", num_args = 1..)]
    fault: Vec<String>,
    #[arg(long)]
    list_faults: bool,
    #[arg(long, value_name = "YYYY-MM-DD", default_value = "2026-09-01")]
    date: Date,
}

#[derive(Debug, Clone, clap::Args)]
struct Aaf {
    #[command(flatten)]
    common: Common,
    #[arg(long, value_enum, default_value_t = ModeArg::Complet)]
    mode: ModeArg,
    #[arg(long, value_enum, default_value_t = EncodingArg::Utf8)]
    encoding: EncodingArg,
}

#[derive(Debug, Clone, clap::Args)]
struct Gar {
    #[command(flatten)]
    common: Common,
    #[arg(long, value_name = "N", default_value_t = 0)]
    day: u16,
    #[arg(long, value_name = "ID", default_value = "B0")]
    ident: String,
    #[arg(long)]
    archive: bool,
}

#[derive(Debug, Clone, clap::Args)]
struct Annuaire {
    #[command(flatten)]
    common: Common,
    #[arg(long, value_name = "N", default_value_t = 0)]
    day: u16,
    #[arg(long, value_enum, default_value_t = DialectArg::Dn)]
    dialect: DialectArg,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum DialectArg {
    Dn,
    Uai,
    GroupDn,
    Id,
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

impl From<DegreeArg> for Degree {
    fn from(degree: DegreeArg) -> Self {
        match degree {
            DegreeArg::D1 => Self::D1,
            DegreeArg::D2 => Self::D2,
        }
    }
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    match &args.what {
        What::Aaf(args) if args.common.list_faults => list(generate::faults().iter().map(|f| (f.id, f.description(lang)))),
        What::Gar(args) if args.common.list_faults => list(gar::faults().iter().map(|f| (f.id, f.description(lang)))),
        What::Annuaire(args) if args.common.list_faults => list(annuaire::faults().iter().map(|f| (f.id, f.description(lang)))),
        What::Aaf(args) => aaf(args, lang),
        What::Gar(args) => gar(args, lang),
        What::Annuaire(args) => annuaire(args, lang),
    }
}

fn list(faults: impl Iterator<Item = (&'static str, &'static str)>) -> Result<Exit> {
    let mut out = anstream::stdout().lock();
    for (id, description) in faults {
        writeln!(out, "{id:<34} {description}")?;
    }
    Ok(Exit::Conforming)
}

/// The faults of these identifiers.
fn asked<F: std::str::FromStr<Err = generate::GenerateError>>(ids: &[String]) -> Result<Vec<F>> {
    ids.iter().map(|id| Ok(id.parse()?)).collect()
}

fn aaf(args: &Aaf, lang: Lang) -> Result<Exit> {
    let Some(out) = &args.common.out else { bail!("--out") };
    let options = Options {
        pupils: args.common.pupils,
        degree: args.common.degree.into(),
        mode: match args.mode {
            ModeArg::Complet => Mode::Complet,
            ModeArg::Delta => Mode::Delta,
        },
        seed: args.common.seed,
        faults: asked::<Fault>(&args.common.fault)?,
        date: args.common.date,
        encoding: match args.encoding {
            EncodingArg::Utf8 => Encoding::Utf8,
            EncodingArg::Latin9 => Encoding::Iso885915,
        },
    };
    let summary = output::with_progress(options.expected_records(), &|| 0, lang, false, |done| {
        generate::generate(&options, out, &mut |records| done.store(records, Ordering::Relaxed))
    })?;
    told(&summary, (summary.files, summary.bytes), summary.records.values().sum(), out, lang)
}

fn gar(args: &Gar, lang: Lang) -> Result<Exit> {
    let Some(out) = &args.common.out else { bail!("--out") };
    let options = gar::Options {
        pupils: args.common.pupils,
        degree: args.common.degree.into(),
        seed: args.common.seed,
        faults: asked::<gar::Fault>(&args.common.fault)?,
        date: args.common.date,
        day: args.day,
        ident: args.ident.clone(),
        archive: args.archive,
    };
    let summary = output::with_progress(options.expected_records(), &|| 0, lang, false, |done| {
        gar::generate(&options, out, &mut |records| done.store(records, Ordering::Relaxed))
    })?;
    told(&summary, (summary.files, summary.bytes), summary.records.values().sum(), out, lang)
}

fn annuaire(args: &Annuaire, lang: Lang) -> Result<Exit> {
    let Some(out) = &args.common.out else { bail!("--out") };
    let degree = Degree::from(args.common.degree);
    let options = annuaire::Options {
        pupils: args.common.pupils,
        degree,
        seed: args.common.seed,
        faults: asked::<annuaire::Fault>(&args.common.fault)?,
        date: args.common.date,
        day: args.day,
        dialect: match args.dialect {
            DialectArg::Dn => annuaire::Dialect::Dn,
            DialectArg::Uai => annuaire::Dialect::Uai,
            DialectArg::GroupDn => annuaire::Dialect::GroupDn,
            DialectArg::Id => annuaire::Dialect::Id,
        },
    };
    let is_file = out.extension().is_some_and(|e| e.eq_ignore_ascii_case("ldif"));
    let file = if is_file { out.clone() } else { out.join(format!("annuaire-{}.ldif", degree.to_string().to_lowercase())) };
    let summary = output::with_progress(options.expected_entries(), &|| 0, lang, false, |done| {
        annuaire::generate(&options, &file, &mut |entries| done.store(entries, Ordering::Relaxed))
    })?;
    told(&summary, (1, summary.bytes), summary.entries.values().sum(), out, lang)
}

/// Writes the labels and says what was written.
fn told(summary: &impl serde::Serialize, (files, bytes): (u64, u64), records: u64, out: &Path, lang: Lang) -> Result<Exit> {
    let labels = labels_path(out);
    std::fs::write(&labels, serde_json::to_string_pretty(summary)? + "\n").with_context(|| labels.display().to_string())?;
    let w = Words(lang);
    let (files, records, bytes) = (w.count("report.files", files), w.count("generate.records", records), w.count("generate.bytes", bytes));
    let figures: [(&str, &dyn std::fmt::Display); 5] =
        [("files", &files), ("records", &records), ("bytes", &bytes), ("path", &out.display()), ("labels", &labels.display())];
    tell(&tf(lang, "generate.done", &figures));
    Ok(Exit::Conforming)
}

/// Beside the delivery, so that the delivery holds nothing but what would be sent.
fn labels_path(out: &Path) -> PathBuf {
    let name = out.file_name().map_or_else(|| "livraison".to_owned(), |n| n.to_string_lossy().into_owned());
    let name = name.strip_suffix(".ldif").unwrap_or(&name);
    out.with_file_name(format!("{name}.labels.json"))
}
