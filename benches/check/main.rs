//! The performance claims of docs/performance.md, runnable by anyone: `cargo bench --bench check -- --help`.
//!
//! Generates deliveries with the tool's own generator, then times the whole check beside a bare parse of the
//! same bytes and other readers, each in a process of its own, round-robin, best run kept. What counts is the
//! ratio to the bare parse: seconds depend on the machine. Must never be part of `cargo test`.

mod annuaire;
mod case;
mod gar;
mod made;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use case::{BARE, Case, by_round, installed, ratio, run_all, tell};
use clap::Parser;
use conforment::generate::{Degree, Encoding, Mode, Options, generate};

/// Bytes of delivery a pupil accounts for, relatives and staff included.
const BYTES_A_PUPIL: u64 = 5_213;
/// Goals of the project, checked by `--gate`.
const MAX_RATIO: f64 = 3.0;
const MIN_SPEEDUP: f64 = 1.8;
const MAX_MIB: f64 = 100.0;

/// Which feed to time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Of {
    Aaf,
    Gar,
    Annuaire,
}

/// Times the whole check of synthetic 2D deliveries, AAF, GAR-ENT, then the directory, beside other readers of the same bytes.
#[derive(Debug, Parser)]
struct Args {
    /// Time one feed only
    #[arg(long, value_enum)]
    feed: Option<Of>,
    /// Size of the AAF delivery, in millions of bytes
    #[arg(long, default_value_t = 666)]
    size_mb: u64,
    /// Size of the single GAR-ENT file, in millions of bytes; a half and a fifth of it are timed too
    #[arg(long, default_value_t = 500)]
    gar_size_mb: u64,
    /// Size of the LDIF export, in millions of bytes
    #[arg(long, default_value_t = 300)]
    annuaire_size_mb: u64,
    /// Runs of each case; the best is kept
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Where the delivery is kept, and found again: a memory disk, or times wander
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Time this AAF delivery (a folder of XML files) instead of a generated one
    #[arg(long, conflicts_with = "size_mb")]
    of: Option<PathBuf>,
    /// Other deliveries to check in the same run (folders or archives), for comparison; no goal is about them
    #[arg(long, num_args = 1..)]
    also: Vec<PathBuf>,
    /// Fail when a goal is missed, or could not be measured: see docs/performance.md
    #[arg(long)]
    gate: bool,
    /// Leave out xmllint, the slowest
    #[arg(long)]
    no_xmllint: bool,
    /// Given by cargo
    #[arg(long, hide = true)]
    bench: bool,
    /// The bare parse of these files, in this process
    #[arg(long, hide = true, num_args = 1..)]
    bare: Vec<PathBuf>,
    /// The bare reading of the lines of this file, in this process
    #[arg(long, hide = true)]
    lines: Option<PathBuf>,
    /// The reading of this export without judging it, in this process
    #[arg(long, hide = true)]
    reading: Option<PathBuf>,
    #[arg(long, hide = true, default_value_t = 1)]
    threads: usize,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    if !args.bare.is_empty() {
        bare(&args.bare)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = &args.lines {
        annuaire::lines(file)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(file) = &args.reading {
        annuaire::reading(file, args.threads)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut missed = false;
    let asked = |feed: Of| args.feed.is_none_or(|only| only == feed);
    if asked(Of::Aaf) {
        missed |= aaf(&args)?;
    }
    if asked(Of::Gar) && args.of.is_none() {
        missed |= gar::time(&args)?;
    }
    if asked(Of::Annuaire) && args.of.is_none() {
        annuaire::time(&args)?;
    }
    Ok(if args.gate && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Times the AAF delivery; true when a goal is missed.
fn aaf(args: &Args) -> Result<bool> {
    let delivery = match &args.of {
        Some(folder) => folder.clone(),
        None => delivery(&args.dir.clone().unwrap_or_else(memory_disk), args.size_mb)?,
    };
    let files = xml_files(&delivery)?;
    let bytes: u64 = files.iter().map(|f| fs::metadata(f).map_or(0, |m| m.len())).sum();
    println!("{} files, {:.1} MB, in {}", files.len(), bytes as f64 / 1e6, delivery.display());

    let mut cases = cases(args, &delivery, &files, bytes)?;
    run_all(&mut cases, args.runs)?;
    Ok(goals(&cases))
}

/// A memory disk where there is one.
fn memory_disk() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() }
}

/// The delivery of that size.
fn delivery(dir: &Path, size_mb: u64) -> Result<PathBuf> {
    let options = Options {
        pupils: (size_mb * 1_000_000 / BYTES_A_PUPIL).max(1),
        degree: Degree::D2,
        mode: Mode::Complet,
        seed: 63,
        faults: Vec::new(),
        date: jiff::civil::date(2026, 9, 1),
        encoding: Encoding::Utf8,
    };
    let out = dir.join(format!("conforment-bench-{size_mb}"));
    made::once(&out, size_mb, &options, || Ok(generate(&options, &out, &mut |_| {}).map(drop)?))?;
    Ok(out)
}

fn xml_files(delivery: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(delivery)?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "xml"));
    files.sort();
    ensure!(!files.is_empty(), "no XML file in {}", delivery.display());
    Ok(files)
}

const ONE: &str = "whole check, 1 thread";
const TWO: &str = "whole check, 2 threads";

fn cases(args: &Args, delivery: &Path, files: &[PathBuf], bytes: u64) -> Result<Vec<Case>> {
    let bytes = Some(bytes);
    let mut wc = Command::new("wc");
    wc.arg("-l").args(files);
    let mut all = vec![Case::bare(files, bytes)?, Case::check(ONE, delivery, "1", bytes), Case::check(TWO, delivery, "2", bytes)];
    for path in &args.also {
        let name = path.file_name().unwrap_or(path.as_os_str()).display();
        let other = |threads: &str, said: &str| Case::check(format!("{name}, {said}"), path, threads, None);
        all.extend([other("1", "1 thread"), other("2", "2 threads")]);
    }
    for (name, mut command) in [("wc -l", wc), ("xmllint --stream --valid", Command::new("xmllint"))] {
        let xmllint = command.get_program() == "xmllint";
        if xmllint && args.no_xmllint {
            continue;
        }
        if !installed(if xmllint { "xmllint" } else { "wc" }) {
            println!("{name}: not installed, left out");
            continue;
        }
        if xmllint {
            command.args(["--stream", "--valid", "--noout"]).args(files);
        }
        all.push(Case::new(name, command, &[0], bytes));
    }
    Ok(all)
}

/// Prints each goal with what was found, best against best, then round by round; true when one is missed.
fn goals(cases: &[Case]) -> bool {
    let case = |name: &str| cases.iter().find(|c| c.name == name);
    let (Some(bare), Some(one), Some(two)) = (case(BARE), case(ONE), case(TWO)) else { return true };
    let (slower, faster) = (ratio(&one.best(), &bare.best()), ratio(&one.best(), &two.best()));
    let peak = one.best().peak_mib.zip(two.best().peak_mib).map(|(a, b)| a.max(b));
    let goals = [
        (
            slower <= MAX_RATIO,
            format!("whole check / bare parse, 1 thread: {slower:.2} (at most {MAX_RATIO:.1}); by round: {}", by_round(one, bare)),
        ),
        (
            faster >= MIN_SPEEDUP,
            format!("2 threads, times faster: {faster:.2} (at least {MIN_SPEEDUP:.1}); by round: {}", by_round(one, two)),
        ),
        match peak {
            Some(peak) => (peak <= MAX_MIB, format!("peak memory: {peak:.0} MiB (at most {MAX_MIB:.0})")),
            None => (false, format!("peak memory: not measured (at most {MAX_MIB:.0} MiB)")),
        },
    ];
    tell(&goals)
}

/// Parses every event of the files, one thread, from memory; prints wall and processor seconds of the parse only.
fn bare(files: &[PathBuf]) -> Result<()> {
    use quick_xml::Reader;
    use quick_xml::events::Event;
    let (mut wall, mut cpu, mut events) = (Duration::ZERO, 0, 0_u64);
    for file in files {
        let bytes = fs::read(file).with_context(|| file.display().to_string())?;
        let (start, before) = (Instant::now(), own_cpu());
        let mut reader = Reader::from_reader(bytes.as_slice());
        loop {
            match std::hint::black_box(reader.read_event().context("not well-formed")?) {
                Event::Eof => break,
                _ => events += 1,
            }
        }
        wall += start.elapsed();
        cpu += own_cpu() - before;
    }
    ensure!(events > 0, "no event");
    println!("{} {}", wall.as_secs_f64(), cpu as f64 / 1e9);
    Ok(())
}

/// Nanoseconds this thread ran for, where Linux tells.
fn own_cpu() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split_whitespace().next().and_then(|s| s.parse().ok()).unwrap_or(0)
}
