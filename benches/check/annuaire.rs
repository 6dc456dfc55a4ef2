//! The directory part: one LDIF export, beside a bare reading of its lines, `wc -l`, and what a real server does of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use std::sync::atomic::{AtomicU64, Ordering};

use anyhow::{Context, Result, ensure};
use conforment::generate::Degree;
use conforment::generate::annuaire::{Dialect, Options, generate};
use conforment::rules::library::Library;
use conforment::rules::set::RuleSet;
use conforment::source::Kind;
use conforment::source::annuaire::{Export, Said};
use conforment::source::feed::{Fault, Feed, Prolog, Request, Sink};
use conforment::source::files::find;
use conforment::source::record::{Names, Record, intern};

use super::case::{Case, by_round, installed, ratio, run_all};
use super::{Args, made, memory_disk, own_cpu};

/// Bytes of an export that a pupil accounts for, relatives, staff and groups included.
const BYTES_A_PUPIL: u64 = 4_309;
const BARE: &str = "bare reading of lines";

/// Times everything. No goal is about it yet: figures first.
pub fn time(args: &Args) -> Result<()> {
    let dir = args.dir.clone().unwrap_or_else(memory_disk);
    let file = make(&dir, args.annuaire_size_mb)?;
    let size = fs::metadata(&file)?.len();
    println!("\nAnnuaire: one LDIF export, {:.1} MB, in {}", size as f64 / 1e6, file.display());
    let bytes = Some(size);
    let mut lines = Command::new(std::env::current_exe()?);
    lines.arg("--lines").arg(&file);
    let mut wc = Command::new("wc");
    wc.arg("-l").arg(&file);
    let reading = |name: &str, threads: &str| -> Result<Case> {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--threads", threads, "--reading"]).arg(&file);
        Ok(Case { times_itself: true, ..Case::new(name, command, &[0], bytes) })
    };
    let mut cases = vec![
        Case { times_itself: true, ..Case::new(BARE, lines, &[0], bytes) },
        Case::check("whole check, 1 thread", &file, "1", bytes),
        Case::check("whole check, 2 threads", &file, "2", bytes),
        Case::new("wc -l", wc, &[0], bytes),
        reading("reading alone, 1 thread", "1")?,
        reading("reading alone, 2 threads", "2")?,
    ];
    match slapadd(&dir, &file)? {
        Some(command) => cases.push(Case { once: true, ..Case::new("slapadd -u (reads, writes nothing)", command, &[0], bytes) }),
        None => println!("slapadd: not installed, left out"),
    }
    run_all(&mut cases, args.runs)?;
    println!("2 threads, times faster than one, by round: {}", by_round(&cases[1], &cases[2]));
    println!("whole check, 1 thread, against wc -l: {:.1} times as long", ratio(&cases[1].best(), &cases[3].best()));
    for reading in &cases[4..6] {
        println!("{}, of the speed of wc -l: {:.0} %", reading.name, 100.0 * ratio(&cases[3].best(), &reading.best()));
    }
    if let Some(slapadd) = cases.get(6) {
        println!("whole check, 1 thread, times faster than slapadd -u: {:.1}", ratio(&slapadd.best(), &cases[1].best()));
    }
    Ok(())
}

/// `slapadd -u` with the schema of the tests, where it is installed.
fn slapadd(dir: &Path, file: &Path) -> Result<Option<Command>> {
    let places = ["/usr/sbin/slapadd", "slapadd"];
    let Some(program) = places.into_iter().find(|p| Path::new(p).is_absolute() && Path::new(p).exists() || installed(p)) else {
        return Ok(None);
    };
    let database = dir.join("conforment-bench-slapd");
    fs::create_dir_all(&database)?;
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/ent.schema");
    let standard = ["core", "cosine", "inetorgperson"].map(|s| format!("include /etc/ldap/schema/{s}.schema\n")).concat();
    let conf = format!(
        "{standard}include {}\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\ndatabase mdb\nsuffix \"dc=ent-exemple,dc=fr\"\ndirectory {}\n",
        schema.display(),
        database.display()
    );
    let path = database.join("slapd.conf");
    fs::write(&path, conf)?;
    let mut command = Command::new(program);
    command.arg("-u").arg("-f").arg(path).arg("-l").arg(file);
    Ok(Some(command))
}

/// The export of that size.
fn make(dir: &Path, size_mb: u64) -> Result<PathBuf> {
    let options = Options {
        pupils: (size_mb * 1_000_000 / BYTES_A_PUPIL).max(1),
        degree: Degree::D2,
        seed: 63,
        faults: Vec::new(),
        date: jiff::civil::date(2026, 9, 1),
        day: 0,
        dialect: Dialect::Dn,
    };
    let file = dir.join(format!("conforment-bench-{size_mb}.ldif"));
    made::once(&file, size_mb, &options, || Ok(generate(&options, &file, &mut |_| {}).map(drop)?))?;
    Ok(file)
}

/// Finds the end of every line of a file, one thread, from memory, and the colon of each; prints wall and processor seconds.
pub fn lines(file: &Path) -> Result<()> {
    let bytes = fs::read(file).with_context(|| file.display().to_string())?;
    let (start, before) = (std::time::Instant::now(), own_cpu());
    let (mut lines, mut names) = (0_u64, 0_u64);
    for line in bytes.split(|b| *b == b'\n') {
        lines += 1;
        names += u64::from(std::hint::black_box(line.iter().position(|b| *b == b':')).is_some());
    }
    let (wall, cpu) = (start.elapsed(), own_cpu() - before);
    ensure!(lines > names && names > 0, "no line");
    println!("{} {}", wall.as_secs_f64(), cpu as f64 / 1e9);
    Ok(())
}

/// Reads an export as the check does, to records, on so many threads, and judges nothing.
pub fn reading(file: &Path, threads: usize) -> Result<()> {
    let set = RuleSet::open(&Library::embedded(), "sdet-6.3", None)?;
    let model = set.vocabulary.directory();
    model
        .attributes()
        .map(|info| info.name.as_str())
        .chain(["@id", "@dn", "@parent", "@rdn", "@classes"])
        .for_each(|name| _ = intern(name));
    let names = Names::snapshot();
    let mut found = find::find::<Said>(file)?;
    let export = Export::new(found.pop().context("no export")?, model, Default::default());
    let (records, spent) = (AtomicU64::new(0), AtomicU64::new(0));
    let start = std::time::Instant::now();
    let chunks = export.open(0);
    let read = || {
        let before = own_cpu();
        let (mut parser, mut buffer, mut sink) = (export.parser(&names), Vec::new(), Count(0));
        while let Some(chunk) = chunks.next(&mut buffer) {
            parser.chunk(chunk.content(&chunk.encoding.decode(&buffer).0), &chunk, &mut sink);
        }
        records.fetch_add(sink.0, Ordering::Relaxed);
        spent.fetch_add(own_cpu() - before, Ordering::Relaxed);
    };
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(read))));
    let wall = start.elapsed();
    ensure!(records.into_inner() > 0, "no record");
    println!("{} {}", wall.as_secs_f64(), spent.into_inner() as f64 / 1e9);
    Ok(())
}

/// Counts records.
struct Count(u64);

impl Sink for Count {
    fn record(&mut self, record: &Record<'_>, _: Option<Kind>, _: Request) {
        self.0 += u64::from(std::hint::black_box(record).size() > 0);
    }
    fn fault(&mut self, _: Fault, _: usize) {}
    fn prolog(&mut self, _: Prolog<'_>) {}
}
