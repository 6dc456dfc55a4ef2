//! The GAR-ENT part: one file of pupils and their links, and a whole delivery, beside the validation of the published schema.

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use conforment::generate::Degree;
use conforment::generate::gar::{Options, generate};

use super::case::{Case, by_round, installed, ratio, run_all, tell};
use super::{Args, made, memory_disk, xml_files};

/// Bytes that a pupil and his links take in the file of pupils.
const BYTES_A_PUPIL: u64 = 3_690;
/// Goals of the project, checked by `--gate`.
const MIN_RATIO: f64 = 10.0;
const MAX_GROWTH: f64 = 1.15;
/// What the file of a generated delivery ends with.
const END: &str = "</men:GAR-ENT-Eleve>";

/// A file and the delivery that it was made of.
struct Made {
    /// A folder with the one file.
    alone: PathBuf,
    delivery: PathBuf,
}

/// Times everything; true when a goal is missed.
pub fn time(args: &Args) -> Result<bool> {
    let dir = args.dir.clone().unwrap_or_else(memory_disk);
    let schema = schema();
    let xmllint = match &schema {
        _ if args.no_xmllint => None,
        Some(schema) if installed("xmllint") => Some(schema),
        Some(_) => {
            println!("xmllint: not installed, left out");
            None
        }
        None => {
            println!("GAR-ENT.xsd: not found; CONFORMENT_GAR_XSD says in which folder it is. xmllint left out");
            None
        }
    };
    let validate = |files: &[PathBuf], bytes: u64| {
        xmllint.map(|schema| {
            let mut command = Command::new("xmllint");
            command.args(["--noout", "--stream", "--schema"]).arg(schema).args(files);
            Case { once: true, ..Case::new("xmllint --stream --schema", command, &[0], Some(bytes)) }
        })
    };

    let full = make(&dir, args.gar_size_mb)?;
    let (files, bytes) = sized(&full.alone)?;
    println!("\nGAR-ENT: one file of pupils, {:.1} MB, in {}", bytes as f64 / 1e6, full.alone.display());
    let mut cases = vec![Case::bare(&files, Some(bytes))?];
    for size in [args.gar_size_mb / 5, args.gar_size_mb / 2] {
        let made = make(&dir, size)?;
        let bytes = sized(&made.alone)?.1;
        cases.push(Case::check(format!("{size} MB, whole check, 1 thread"), &made.alone, "1", Some(bytes)));
    }
    cases.push(Case::check("whole check, 1 thread", &full.alone, "1", Some(bytes)));
    cases.push(Case::check("whole check, 2 threads", &full.alone, "2", Some(bytes)));
    cases.extend(validate(&files, bytes));
    run_all(&mut cases, args.runs)?;
    let (one, beside) = (&cases[3], cases.get(5));
    let mut goals = vec![match beside {
        Some(xmllint) => {
            let faster = ratio(&xmllint.best(), &one.best());
            (
                faster >= MIN_RATIO,
                format!("whole check, 1 thread, times faster than xmllint --stream --schema: {faster:.1} (at least {MIN_RATIO:.0})"),
            )
        }
        None => (false, format!("times faster than xmllint --stream --schema: not measured (at least {MIN_RATIO:.0})")),
    }];
    for smaller in &cases[1..3] {
        let sizes = bytes as f64 / smaller.bytes.unwrap_or(bytes) as f64;
        let growth = ratio(&one.best(), &smaller.best()) / sizes;
        let name = smaller.name.split(',').next().unwrap_or_default();
        let said = format!("linear: time from {name} on grows {growth:.2} times as much as the size (at most {MAX_GROWTH:.2})");
        goals.push((growth <= MAX_GROWTH, said));
    }
    println!("2 threads, times faster than one, by round: {}", by_round(one, &cases[4]));
    let missed = tell(&goals);

    let (files, bytes) = sized(&full.delivery)?;
    println!("\nGAR-ENT: whole delivery, {} files, {:.1} MB, in {}", files.len(), bytes as f64 / 1e6, full.delivery.display());
    let mut cases = vec![Case::bare(&files, Some(bytes))?];
    cases.extend(["1", "2"].map(|threads| Case::check(format!("whole check, threads: {threads}"), &full.delivery, threads, Some(bytes))));
    cases.extend(validate(&files, bytes));
    run_all(&mut cases, args.runs)?;
    if let Some(xmllint) = cases.get(3) {
        println!("whole check, 1 thread, times faster than xmllint, file by file: {:.1}", ratio(&xmllint.best(), &cases[1].best()));
    }
    Ok(missed)
}

/// The schema of the secondary level, which is published by the GAR and not ours to give.
fn schema() -> Option<PathBuf> {
    let folder = std::env::var_os("CONFORMENT_GAR_XSD").map_or_else(|| PathBuf::from("/work/shared/data/gar/xsd"), PathBuf::from);
    Some(folder.join("GAR-ENT.xsd")).filter(|path| path.is_file())
}

fn sized(folder: &Path) -> Result<(Vec<PathBuf>, u64)> {
    let files = xml_files(folder)?;
    let bytes = files.iter().map(|f| fs::metadata(f).map_or(0, |m| m.len())).sum();
    Ok((files, bytes))
}

/// A delivery and the file that its files of pupils make together.
fn make(dir: &Path, size_mb: u64) -> Result<Made> {
    let options = Options {
        pupils: (size_mb * 1_000_000 / BYTES_A_PUPIL).max(1),
        degree: Degree::D2,
        seed: 63,
        faults: Vec::new(),
        date: jiff::civil::date(2026, 9, 1),
        day: 0,
        ident: "B0".to_owned(),
        archive: false,
    };
    let root = dir.join(format!("conforment-bench-gar-{size_mb}"));
    let made = Made { alone: root.join("alone"), delivery: root.join("delivery") };
    made::once(&root, size_mb, &options, || {
        fs::create_dir_all(&made.alone)?;
        generate(&options, &made.delivery, &mut |_| {})?;
        join(&made)
    })?;
    Ok(made)
}

/// Puts the records of all files of pupils under the root of the first: they come in the order that the schema asks for.
fn join(made: &Made) -> Result<()> {
    let mut files = xml_files(&made.delivery)?;
    files.retain(|f| f.file_name().is_some_and(|name| name.to_string_lossy().contains("_Eleve_")));
    let first = files.first().and_then(|f| f.file_name()).context("no file of pupils")?;
    let mut out = BufWriter::new(fs::File::create(made.alone.join(first))?);
    for (rank, file) in files.iter().enumerate() {
        let text = fs::read_to_string(file)?;
        let end = text.rfind(END).context("no end of root")?;
        let root = text.find("<men:GAR-ENT-Eleve").context("no root")?;
        let start = if rank == 0 { 0 } else { root + text[root..].find('>').context("no root")? + 1 };
        ensure!(start <= end, "{}: no record", file.display());
        out.write_all(&text.as_bytes()[start..end])?;
    }
    writeln!(out, "{END}")?;
    Ok(out.flush()?)
}
