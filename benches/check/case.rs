//! One thing to time: a process of its own, run several times, the best kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

pub const BARE: &str = "bare quick-xml 0.41 parse";

/// What one run gave.
#[derive(Clone, Copy, Debug)]
pub struct Timed {
    pub wall: Duration,
    /// Of all threads; absent where the system does not tell.
    pub cpu: Option<Duration>,
    pub peak_mib: Option<f64>,
}

pub struct Case {
    pub name: String,
    pub command: Command,
    /// The process times itself: reading the files is not counted.
    pub times_itself: bool,
    /// Bytes read, where a rate says something.
    pub bytes: Option<u64>,
    pub accepted: &'static [i32],
    /// Once is enough: it is slow, and no goal is close.
    pub once: bool,
    pub runs: Vec<Timed>,
}

impl Case {
    pub fn new(name: impl Into<String>, command: Command, accepted: &'static [i32], bytes: Option<u64>) -> Self {
        Self { name: name.into(), command, times_itself: false, bytes, accepted, once: false, runs: Vec::new() }
    }

    /// The whole check. Exit codes of a check that ran to its end: conforming, non-conforming, inconclusive.
    pub fn check(name: impl Into<String>, path: &Path, threads: &str, bytes: Option<u64>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_conforment"));
        command.args(["check", "--quiet", "--threads", threads]).arg(path);
        Self::new(name, command, &[0, 1, 3], bytes)
    }

    /// All events of these files, in a process of its own.
    pub fn bare(files: &[PathBuf], bytes: Option<u64>) -> Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--bare").args(files);
        Ok(Self { times_itself: true, ..Self::new(BARE, command, &[0], bytes) })
    }

    pub fn run(&mut self) -> Result<()> {
        if self.once && !self.runs.is_empty() {
            return Ok(());
        }
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

    pub fn best(&self) -> Timed {
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

fn print(cases: &[Case]) {
    let bare = cases[0].best();
    println!(
        "{:<48} {:>8} {:>8} {:>8} {:>14} {:>14} {:>9} {:>7}",
        "", "wall s", "CPU s", "MB/s", "× bare (wall)", "× bare (CPU)", "peak MiB", "noise"
    );
    for case in cases {
        let best = case.best();
        let wall = best.wall.as_secs_f64();
        let of = |d: Option<Duration>| d.map_or("—".to_owned(), |d| format!("{:.2}", d.as_secs_f64()));
        let rate = case.bytes.map_or("—".to_owned(), |bytes| format!("{:.0}", bytes as f64 / 1e6 / wall));
        let ratio = best.cpu.zip(bare.cpu).map_or("—".to_owned(), |(a, b)| format!("{:.2}", a.as_secs_f64() / b.as_secs_f64()));
        println!(
            "{:<48} {:>8.3} {:>8} {:>8} {:>14.2} {:>14} {:>9} {:>6.0}%",
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

/// Runs the cases in turns, and prints what was found, the first being what others are compared with.
pub fn run_all(cases: &mut [Case], runs: u32) -> Result<()> {
    for run in 1..=runs.max(1) {
        for case in cases.iter_mut() {
            eprint!("\rrun {run}: {:<48}", case.name);
            case.run()?;
        }
    }
    eprint!("\r{:<60}\r", "");
    print(cases);
    Ok(())
}

/// Whether a program answers.
pub fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

/// Says what was found of each goal; true when one is missed.
pub fn tell(goals: &[(bool, String)]) -> bool {
    for (held, said) in goals {
        println!("{} {said}", if *held { "held  " } else { "MISSED" });
    }
    goals.iter().any(|(held, _)| !held)
}

/// How much longer one took than the other, round by round.
pub fn by_round(a: &Case, b: &Case) -> String {
    let all: Vec<String> = a.runs.iter().zip(&b.runs).map(|(a, b)| format!("{:.2}", ratio(a, b))).collect();
    all.join(" ")
}

pub fn ratio(a: &Timed, b: &Timed) -> f64 {
    a.wall.as_secs_f64() / b.wall.as_secs_f64()
}
