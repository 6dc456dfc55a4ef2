//! The performance claims of docs/performance.md, runnable by anyone: `cargo bench --bench aaf -- --help`.
//!
//! Generates a delivery with the tool's own generator, then times the whole check beside a bare parse of the
//! same bytes and other readers, each in a process of its own, round-robin, best run kept. What counts is the
//! ratio to the bare parse: seconds depend on the machine. Must never be part of `cargo test`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;
use conforment::generate::{Degree, Encoding, Mode, Options, generate};

/// Bytes of delivery a pupil accounts for, relatives and staff included.
const BYTES_A_PUPIL: u64 = 5_213;
/// Goals of the project, checked by `--gate`.
const MAX_RATIO: f64 = 3.0;
const MIN_SPEEDUP: f64 = 1.8;
const MAX_MIB: f64 = 100.0;

/// Times the whole check of a synthetic 2D delivery beside other readers of the same bytes.
#[derive(Debug, Parser)]
struct Args {
    /// Size of the delivery, in millions of bytes
    #[arg(long, default_value_t = 666)]
    size_mb: u64,
    /// Runs of each case; the best is kept
    #[arg(long, default_value_t = 3)]
    runs: u32,
    /// Where the delivery is kept, and found again: a memory disk, or times wander
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Time this delivery (a folder of XML files) instead of a generated one
    #[arg(long, conflicts_with = "size_mb")]
    of: Option<PathBuf>,
    /// Other deliveries to check in the same run (folders or archives), for comparison; no goal is about them
    #[arg(long, num_args = 1..)]
    also: Vec<PathBuf>,
    /// Fail when a goal is missed, or could not be measured: 3.0 times the bare parse, 1.8 times faster on two threads, 100 MiB
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
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    if !args.bare.is_empty() {
        bare(&args.bare)?;
        return Ok(ExitCode::SUCCESS);
    }
    let delivery = match &args.of {
        Some(folder) => folder.clone(),
        None => delivery(&args.dir.clone().unwrap_or_else(memory_disk), args.size_mb)?,
    };
    let files = xml_files(&delivery)?;
    let bytes: u64 = files.iter().map(|f| fs::metadata(f).map_or(0, |m| m.len())).sum();
    println!("{} files, {:.1} MB, in {}", files.len(), bytes as f64 / 1e6, delivery.display());

    let mut cases = cases(&args, &delivery, &files)?;
    for run in 1..=args.runs.max(1) {
        for case in &mut cases {
            eprint!("\rrun {run}: {:<40}", case.name);
            case.run()?;
        }
    }
    eprint!("\r{:<52}\r", "");
    print(&cases, bytes);
    let missed = goals(&cases);
    Ok(if args.gate && missed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A memory disk where there is one.
fn memory_disk() -> PathBuf {
    let shm = Path::new("/dev/shm");
    if shm.is_dir() { shm.to_owned() } else { std::env::temp_dir() }
}

/// The delivery of that size, generated unless this build of the tool did already: its generator may have changed.
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
    let (marker, wanted) = (dir.join(format!("conforment-bench-{size_mb}.txt")), format!("{} {options:?}", env!("CARGO_PKG_VERSION")));
    let modified = |path: &Path| fs::metadata(path).and_then(|m| m.modified()).ok();
    let fresh = modified(&marker) > modified(Path::new(env!("CARGO_BIN_EXE_conforment")));
    if fresh && out.is_dir() && fs::read_to_string(&marker).is_ok_and(|found| found == wanted) {
        return Ok(out);
    }
    if out.exists() {
        fs::remove_dir_all(&out).with_context(|| out.display().to_string())?;
    }
    eprint!("generating {size_mb} MB in {}…", out.display());
    fs::create_dir_all(dir)?;
    generate(&options, &out, &mut |_| {})?;
    fs::write(&marker, wanted)?;
    Ok(out)
}

fn xml_files(delivery: &Path) -> Result<Vec<PathBuf>> {
    let mut files: Vec<PathBuf> = fs::read_dir(delivery)?.filter_map(|e| Some(e.ok()?.path())).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "xml"));
    files.sort();
    ensure!(!files.is_empty(), "no XML file in {}", delivery.display());
    Ok(files)
}

/// What one run gave.
#[derive(Clone, Copy, Debug)]
struct Timed {
    wall: Duration,
    /// Of all threads; absent where the system does not tell.
    cpu: Option<Duration>,
    peak_mib: Option<f64>,
}

struct Case {
    name: String,
    command: Command,
    /// The process times itself: reading the files is not counted.
    times_itself: bool,
    /// It reads the delivery that is timed, not another.
    same_bytes: bool,
    accepted: &'static [i32],
    runs: Vec<Timed>,
}

const BARE: &str = "bare quick-xml 0.41 parse";
const ONE: &str = "whole check, 1 thread";
const TWO: &str = "whole check, 2 threads";

fn cases(args: &Args, delivery: &Path, files: &[PathBuf]) -> Result<Vec<Case>> {
    let case = |name: &str, command, accepted| Case {
        times_itself: name == BARE,
        name: name.to_owned(),
        command,
        same_bytes: true,
        accepted,
        runs: Vec::new(),
    };
    // Exit codes of a check that ran to its end: conforming, non-conforming, inconclusive.
    let check = |name: &str, path: &Path, threads: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conforment"));
        command.args(["check", "--quiet", "--threads", threads]).arg(path);
        case(name, command, &[0, 1, 3])
    };
    let mut bare = Command::new(std::env::current_exe()?);
    bare.arg("--bare").args(files);
    let mut wc = Command::new("wc");
    wc.arg("-l").args(files);
    let mut all = vec![case(BARE, bare, &[0][..]), check(ONE, delivery, "1"), check(TWO, delivery, "2")];
    for path in &args.also {
        let name = path.file_name().unwrap_or(path.as_os_str()).display();
        let other = |threads: &str, said: &str| Case { same_bytes: false, ..check(&format!("{name}, {said}"), path, threads) };
        all.extend([other("1", "1 thread"), other("2", "2 threads")]);
    }
    for (name, mut command) in [("wc -l", wc), ("xmllint --stream --valid", Command::new("xmllint"))] {
        let xmllint = command.get_program() == "xmllint";
        if xmllint && args.no_xmllint {
            continue;
        }
        if Command::new(command.get_program()).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
            println!("{name}: not installed, left out");
            continue;
        }
        if xmllint {
            command.args(["--stream", "--valid", "--noout"]).args(files);
        }
        all.push(case(name, command, &[0]));
    }
    Ok(all)
}

impl Case {
    fn run(&mut self) -> Result<()> {
        let start = Instant::now();
        let mut child =
            self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context(self.name.clone())?;
        let (mut cpu, mut peak_mib) = (None, None);
        let wall = loop {
            // A process that ended and was not waited for still tells its processor time.
            match Seen::of(&child) {
                Some(seen) if seen.ended => {
                    cpu = Some(seen.cpu);
                    break start.elapsed();
                }
                Some(seen) => peak_mib = seen.peak_mib.or(peak_mib),
                None if child.try_wait()?.is_some() => break start.elapsed(),
                None => {}
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let mut said = String::new();
        if let Some(mut out) = child.stdout.take() {
            std::io::Read::read_to_string(&mut out, &mut said)?;
        }
        let status = child.wait()?;
        let code = status.code().unwrap_or(-1);
        ensure!(self.accepted.contains(&code), "{}: exit code {code}", self.name);
        let mut timed = Timed { wall, cpu, peak_mib };
        if self.times_itself {
            let seconds: Vec<f64> = said.split_whitespace().filter_map(|s| s.parse().ok()).collect();
            let [wall, cpu] = seconds[..] else { bail!("{}: no times", self.name) };
            timed = Timed { wall: Duration::from_secs_f64(wall), cpu: (cpu > 0.0).then(|| Duration::from_secs_f64(cpu)), peak_mib };
        }
        self.runs.push(timed);
        Ok(())
    }

    fn best(&self) -> Timed {
        Timed {
            wall: self.runs.iter().map(|r| r.wall).min().unwrap_or_default(),
            cpu: self.runs.iter().filter_map(|r| r.cpu).min(),
            peak_mib: self.runs.iter().filter_map(|r| r.peak_mib).reduce(f64::max),
        }
    }

    /// How much longer the worst run took.
    fn noise(&self) -> f64 {
        let worst = self.runs.iter().map(|r| r.wall).max().unwrap_or_default();
        100.0 * (worst.as_secs_f64() / self.best().wall.as_secs_f64() - 1.0)
    }
}

/// What Linux tells of a process; elsewhere only wall time is shown.
struct Seen {
    ended: bool,
    cpu: Duration,
    peak_mib: Option<f64>,
}

impl Seen {
    fn of(child: &Child) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        // State, then user and system time in hundredths of a second.
        let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
        Some(Self { ended: fields.first() == Some(&"Z"), cpu: Duration::from_millis(10 * ticks), peak_mib: peak.map(|k| k / 1024.0) })
    }
}

fn print(cases: &[Case], bytes: u64) {
    let bare = cases[0].best();
    println!(
        "{:<40} {:>8} {:>8} {:>8} {:>14} {:>14} {:>9} {:>7}",
        "", "wall s", "CPU s", "MB/s", "× bare (wall)", "× bare (CPU)", "peak MiB", "noise"
    );
    for case in cases {
        let best = case.best();
        let wall = best.wall.as_secs_f64();
        let of = |d: Option<Duration>| d.map_or("—".to_owned(), |d| format!("{:.2}", d.as_secs_f64()));
        let rate = if case.same_bytes { format!("{:.0}", bytes as f64 / 1e6 / wall) } else { "—".to_owned() };
        let ratio = best.cpu.zip(bare.cpu).map_or("—".to_owned(), |(a, b)| format!("{:.2}", a.as_secs_f64() / b.as_secs_f64()));
        println!(
            "{:<40} {:>8.3} {:>8} {:>8} {:>14.2} {:>14} {:>9} {:>6.0}%",
            case.name,
            wall,
            of(best.cpu),
            rate,
            wall / bare.wall.as_secs_f64(),
            ratio,
            best.peak_mib.map_or("—".to_owned(), |m| format!("{m:.0}")),
            case.noise()
        );
    }
}

/// Prints each goal with what was found, best against best, then round by round; true when one is missed.
fn goals(cases: &[Case]) -> bool {
    let case = |name: &str| cases.iter().find(|c| c.name == name);
    let (Some(bare), Some(one), Some(two)) = (case(BARE), case(ONE), case(TWO)) else { return true };
    let of = |a: &Timed, b: &Timed| a.wall.as_secs_f64() / b.wall.as_secs_f64();
    let rounds = |a: &Case, b: &Case| {
        let all: Vec<String> = a.runs.iter().zip(&b.runs).map(|(a, b)| format!("{:.2}", of(a, b))).collect();
        all.join(" ")
    };
    let (ratio, speedup) = (of(&one.best(), &bare.best()), of(&one.best(), &two.best()));
    let peak = one.best().peak_mib.zip(two.best().peak_mib).map(|(a, b)| a.max(b));
    let goals = [
        (
            ratio <= MAX_RATIO,
            format!("whole check / bare parse, 1 thread: {ratio:.2} (at most {MAX_RATIO:.1}); by round: {}", rounds(one, bare)),
        ),
        (
            speedup >= MIN_SPEEDUP,
            format!("2 threads, times faster: {speedup:.2} (at least {MIN_SPEEDUP:.1}); by round: {}", rounds(one, two)),
        ),
        match peak {
            Some(peak) => (peak <= MAX_MIB, format!("peak memory: {peak:.0} MiB (at most {MAX_MIB:.0})")),
            None => (false, format!("peak memory: not measured (at most {MAX_MIB:.0} MiB)")),
        },
    ];
    for (held, said) in &goals {
        println!("{} {said}", if *held { "held  " } else { "MISSED" });
    }
    goals.iter().any(|(held, _)| !held)
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
