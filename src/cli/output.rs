//! What `audit`, `check` and `render` share: where reports go, gates, progress.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::exit::Exit;
use super::{Color, Global, is_broken_pipe, tell};
use crate::i18n::{Lang, t, tf};
use crate::outcome::Verdict;
use crate::report::model::Report;
use crate::report::text::Words;
use crate::report::{html, json, terminal};
use crate::rules::model::Level;

/// Where to write, and when to fail.
#[derive(Debug, Clone, clap::Args)]
pub struct OutputArgs {
    #[arg(short, long, value_name = "FILE")]
    output: Vec<PathBuf>,
    #[arg(short, long)]
    verbose: bool,
    #[arg(short, long)]
    quiet: bool,
    #[arg(long, value_name = "PERCENT")]
    min_score: Option<f64>,
    #[arg(long, value_name = "PERCENT")]
    min_coverage: Option<f64>,
    #[arg(long, value_enum)]
    fail_on: Option<FailOn>,
    #[arg(long, value_name = "REPORT")]
    baseline: Option<PathBuf>,
}

/// Which failures make a gate fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum FailOn {
    /// Mandatory ones.
    Obligatoire,
    /// Recommended ones too.
    Recommande,
    /// None: only the report matters.
    Jamais,
}

impl OutputArgs {
    /// What can be refused before hours of audit: a form of report that is not known, a baseline that cannot be read.
    /// Gives the baseline, as it is before any report is written over it.
    pub(super) fn prepare(&self, lang: Lang) -> Result<Option<Report>> {
        self.output.iter().try_for_each(|path| form(path, lang).map(drop))?;
        self.baseline.as_deref().map(read).transpose()
    }

    /// Writes a report everywhere it is asked for; the exit code it calls for.
    pub(super) fn finish(&self, report: &Report, known: Option<&Report>, global: &Global) -> Result<Exit> {
        let lang = global.lang();
        for path in &self.output {
            write(path, report, lang)?;
            if !self.quiet {
                tell(&tf(lang, "cli.written", &[("path", &path.display())]));
            }
        }
        if !self.quiet {
            // That nobody reads the summary to its end changes nothing to how the run ends.
            print(report, global, self.verbose).or_else(|e| if is_broken_pipe(&e) { Ok(()) } else { Err(e) })?;
        }
        self.gates(report, known, lang)
    }

    fn gates(&self, report: &Report, known: Option<&Report>, lang: Lang) -> Result<Exit> {
        let overall = &report.assessment.overall;
        let mut broken = Vec::new();
        let mut at_least = |asked: Option<f64>, got: Option<f64>, key: &str| {
            if let Some(asked) = asked.filter(|asked| got.unwrap_or(0.0) < *asked) {
                // Rounded down: what falls short never looks like what was asked for.
                let got = (got.unwrap_or(0.0) * 10.0).floor() / 10.0;
                broken.push(tf(lang, key, &[("got", &Words(lang).percent(got)), ("asked", &Words(lang).percent(asked))]));
            }
        };
        at_least(self.min_score, overall.lo, "cli.gate.score");
        at_least(self.min_coverage, overall.coverage, "cli.gate.coverage");
        let counted = |level: Level| match self.fail_on {
            Some(FailOn::Jamais) => false,
            Some(FailOn::Recommande) => level != Level::Information,
            Some(FailOn::Obligatoire) | None => level == Level::Obligatoire,
        };
        let failing = |r: &Report| -> Vec<String> {
            r.requirements
                .iter()
                .filter(|q| q.verdict == Verdict::Fail && q.waiver.is_none() && counted(q.level))
                .map(|q| q.id.clone())
                .collect()
        };
        if let Some(known) = known {
            let before = failing(known);
            let new: Vec<String> = failing(report).into_iter().filter(|id| !before.contains(id)).collect();
            if !new.is_empty() {
                broken.push(tf(lang, "cli.gate.new", &[("ids", &new.join(", "))]));
            }
        } else if self.fail_on == Some(FailOn::Recommande) {
            let ids = failing(report);
            if !ids.is_empty() {
                broken.push(tf(lang, "cli.gate.failures", &[("count", &ids.len())]));
            }
        }
        for line in &broken {
            tell(&format!("{} {line}", t(lang, "cli.gate")));
        }
        if !broken.is_empty() {
            return Ok(Exit::Gate);
        }
        // With a baseline or `jamais`, known failures do not fail the run.
        if known.is_some() || self.fail_on == Some(FailOn::Jamais) { Ok(Exit::Conforming) } else { Ok(Exit::of(report.assessment.verdict)) }
    }
}

/// Reads a `report.json`.
pub(super) fn read(path: &Path) -> Result<Report> {
    let text = super::read(path)?;
    json::read(&text).with_context(|| path.display().to_string())
}

/// A form of report.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    Json,
    Html,
    Text,
}

/// The form that the extension of a path names.
pub(super) fn form(path: &Path, lang: Lang) -> Result<Form> {
    match path.extension().and_then(|e| e.to_str()) {
        Some("json") => Ok(Form::Json),
        Some("html") => Ok(Form::Html),
        Some("txt") => Ok(Form::Text),
        _ => bail!("{}", tf(lang, "cli.error.format", &[("path", &path.display())])),
    }
}

/// Writes a report in the form that the extension names.
pub(super) fn write(path: &Path, report: &Report, lang: Lang) -> Result<()> {
    let text = match form(path, lang)? {
        Form::Json => json::write(report)?,
        Form::Html => html::render(report, lang),
        Form::Text => terminal::render(report, lang, terminal::TerminalOptions { width: 100, color: false, verbose: true }),
    };
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(parent).with_context(|| parent.display().to_string())?;
    }
    std::fs::write(path, text).with_context(|| path.display().to_string())
}

/// Columns of the summary: as the user says, else those of the terminal, else what a file is written with. What is too
/// narrow or too wide to be read is brought back within bounds where lines are made.
fn width(columns: Option<&str>, terminal: Option<u16>) -> usize {
    let said = columns.and_then(|c| c.trim().parse::<usize>().ok()).filter(|c| *c > 0);
    said.or(terminal.map(usize::from)).unwrap_or(100)
}

/// Prints the summary.
pub(super) fn print(report: &Report, global: &Global, verbose: bool) -> Result<()> {
    let width = width(std::env::var("COLUMNS").ok().as_deref(), terminal_size::terminal_size_of(std::io::stdout()).map(|(w, _)| w.0));
    let color = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never,
    };
    let text = terminal::render(report, global.lang(), terminal::TerminalOptions { width, color, verbose });
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// The instant of the report: `--date`, `SOURCE_DATE_EPOCH`, or now.
pub(super) fn instant(date: Option<jiff::civil::Date>) -> Result<Timestamp> {
    if let Some(date) = date {
        return Ok(TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0))?);
    }
    match std::env::var("SOURCE_DATE_EPOCH").ok().and_then(|s| s.parse().ok()) {
        Some(seconds) => Ok(Timestamp::from_second(seconds)?),
        None => Ok(Timestamp::now()),
    }
}

/// Shows progress on stderr while `work` runs; nothing when nobody watches.
pub(super) fn with_progress<T>(
    total: u64,
    asked: &(dyn Fn() -> u64 + Sync),
    lang: Lang,
    quiet: bool,
    work: impl FnOnce(&AtomicU64) -> T,
) -> T {
    let done = AtomicU64::new(0);
    let watched = !quiet && std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
    if !watched {
        return work(&done);
    }
    let bar = ProgressBar::new(total);
    // Files have a size; how much a server will be asked is not known before it has answered.
    let template = match total {
        0 => "{spinner} {msg}".to_owned(),
        _ => format!("{} [{{bar:30}}] {{read}} / {{whole}}  {{speed}}  {{eta}} {{msg}}", t(lang, "cli.reading")),
    };
    if let Ok(style) = ProgressStyle::with_template(&template) {
        // Sizes as the reader of either language writes them, in the units of the report.
        let w = Words(lang);
        let told = move |out: &mut dyn std::fmt::Write, bytes: u64, after: &str| {
            let _ = write!(out, "{}{after}", w.bytes(bytes));
        };
        // A speed is of no precision: what is cut is less than a byte.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let style = style
            .with_key("read", move |state: &ProgressState, out: &mut dyn std::fmt::Write| told(out, state.pos(), ""))
            .with_key("whole", move |state: &ProgressState, out: &mut dyn std::fmt::Write| told(out, state.len().unwrap_or(0), ""))
            .with_key("speed", move |state: &ProgressState, out: &mut dyn std::fmt::Write| told(out, state.per_sec() as u64, "/s"));
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                let read = done.load(Ordering::Relaxed);
                bar.set_length(total.max(read));
                bar.set_position(read);
                let asked = asked();
                if asked > 0 {
                    bar.set_message(tf(lang, "cli.asked", &[("count", &asked)]));
                    bar.tick();
                }
                std::thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let out = work(&done);
        over.store(true, Ordering::Relaxed);
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_is_as_wide_as_asked() {
        assert_eq!(width(Some("80"), Some(120)), 80, "what the user says comes first");
        assert_eq!(width(Some("wide"), Some(72)), 72);
        assert_eq!(width(Some("0"), None), 100);
        assert_eq!(width(None, None), 100, "not a terminal");
    }
}
