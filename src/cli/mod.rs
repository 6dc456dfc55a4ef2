//! The command line, one file a command. Reads arguments, calls the library, prints.
//!
//! Results go to stdout, progress and problems to stderr. Must never decide a verdict.

mod audit;
mod check;
mod completions;
#[cfg(feature = "live")]
mod demo;
pub mod exit;
mod explain;
mod generate;
mod init;
#[cfg(feature = "live")]
mod live;
mod localised;
mod output;
#[cfg(feature = "live")]
mod plan;
mod render;
mod rules;
mod wrong;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::i18n::{Lang, t, tf};
use crate::rules::library::Library;
use crate::rules::set::RuleSet;
use exit::Exit;

/// Requirement set used when nothing says otherwise.
const DEFAULT_SET: &str = "sdet-6.3";

/// Options of every command. Their help is in the catalogue (`cli.*`).
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    #[arg(long, global = true, value_name = "fr|en", default_value = "fr")]
    lang: LangArg,
    #[arg(id = "rules_dir", long = "rules", global = true, value_name = "DIR")]
    rules: Vec<PathBuf>,
    #[arg(long, global = true, value_name = "SET")]
    ruleset: Option<String>,
    #[arg(long, global = true, value_name = "FILE")]
    tailoring: Option<PathBuf>,
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LangArg {
    Fr,
    En,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Color {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Parser)]
#[command(name = "conforment", version, disable_help_subcommand = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Audit(audit::Args),
    Check(check::Args),
    Explain(explain::Args),
    Rules(rules::Args),
    Render(render::Args),
    Init(init::Args),
    Generate(generate::Args),
    #[cfg(feature = "live")]
    Demo(demo::Args),
    #[cfg(feature = "live")]
    Plan(plan::Args),
    Completions(completions::Args),
}

impl Global {
    fn lang(&self) -> Lang {
        match self.lang {
            LangArg::Fr => Lang::Fr,
            LangArg::En => Lang::En,
        }
    }

    /// The sets at hand, with those of `--rules` and of the target.
    fn library(&self, more: &[PathBuf]) -> Result<Library> {
        let mut library = Library::embedded();
        for dir in self.rules.iter().chain(more) {
            library.add(dir)?;
        }
        Ok(library)
    }

    /// The set asked for: by option, by the target, or the default one.
    fn set(&self, library: &Library, named: Option<&str>, tailoring: Option<&PathBuf>) -> Result<RuleSet> {
        let name = self.ruleset.as_deref().or(named).unwrap_or(DEFAULT_SET);
        let file = self.tailoring.as_ref().or(tailoring);
        let text = file.map(|f| read(f)).transpose()?;
        let tailoring = file.zip(text.as_ref()).map(|(f, t)| (f.as_path(), t.as_str()));
        Ok(RuleSet::open(library, name, tailoring)?)
    }
}

/// Writes a line to stderr; nobody listening is no reason to stop.
fn tell(line: &str) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

fn read(path: &std::path::Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| path.display().to_string())
}

/// Largest target file: one of a territory is a few kilobytes.
const MAX_TARGET: u64 = 4 << 20;

/// A target file. A delivery given in its place is told from it, and not read.
fn read_target(path: &std::path::Path) -> Result<String> {
    let delivery = path.extension().and_then(|e| e.to_str()).is_some_and(|e| {
        let known = ["ldif", "xml", "zip", "gz", "tgz", "tar"];
        known.iter().any(|k| e.eq_ignore_ascii_case(k))
    });
    if delivery || std::fs::metadata(path).is_ok_and(|m| m.is_dir() || m.len() > MAX_TARGET) {
        return Err(wrong::NotTarget(path.display().to_string()).into());
    }
    read(path)
}

/// Runs the command line of the process.
#[must_use]
pub fn main() -> ExitCode {
    let args: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let lang = localised::lang_of(&args);
    std::panic::set_hook(Box::new(move |info| {
        // The payload may quote data: only the place is shown.
        let place = info.location().map_or_else(String::new, ToString::to_string);
        tell(&tf(lang, "cli.panic", &[("place", &place)]));
    }));
    let outcome = std::panic::catch_unwind(|| run(&args, lang));
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) if is_broken_pipe(&error) => Exit::Conforming,
        Ok(Err(error)) => {
            tell(&format!("{} {}", t(lang, "cli.error"), wrong::told(&error, lang)));
            Exit::Usage
        }
        Err(_) => Exit::Internal,
    };
    exit.into()
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|e| e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe))
}

fn run(args: &[std::ffi::OsString], lang: Lang) -> Result<Exit> {
    let matches = match localised::command(lang).try_get_matches_from(args) {
        Ok(matches) => matches,
        Err(e) => return localised::refuse(&e, lang),
    };
    let cli = Cli::from_arg_matches(&matches).map_err(|e| anyhow::anyhow!(e.to_string()))?;
    match cli.global.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match &cli.command {
        Command::Audit(args) => audit::run(args, &cli.global),
        Command::Check(args) => check::run(args, &cli.global),
        Command::Explain(args) => explain::run(args, &cli.global),
        Command::Rules(args) => rules::run(args, &cli.global),
        Command::Render(args) => render::run(args, &cli.global),
        Command::Init(args) => init::run(args, &cli.global),
        Command::Generate(args) => generate::run(args, &cli.global),
        #[cfg(feature = "live")]
        Command::Demo(args) => demo::run(args, &cli.global),
        #[cfg(feature = "live")]
        Command::Plan(args) => plan::run(args, &cli.global),
        Command::Completions(args) => completions::run(args),
    }
}
