//! The command, run as a user runs it.
#![allow(clippy::unwrap_used)]

#[path = "../common/archive.rs"]
mod archive;

mod commands;
mod detection;
mod exits;
mod language;
mod output;

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use assert_cmd::Command;
use conforment::generate::{self, Encoding, Fault, Mode, Options};
use conforment::rules::model::Degree;
use tempfile::TempDir;

/// The command, in an environment of its own.
fn conforment() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_conforment"));
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "SOURCE_DATE_EPOCH", "COLUMNS"] {
        command.env_remove(name);
    }
    command.env("CI", "1");
    command
}

/// What a run gave.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run_in(dir: &Path, args: &[&str]) -> Ran {
    ran(conforment().current_dir(dir).args(args))
}

fn run(args: &[&str]) -> Ran {
    ran(conforment().args(args))
}

fn ran(command: &mut Command) -> Ran {
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().expect("ended by itself"),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Small deliveries, made once: a conforming one, one with mandatory faults, one with a recommended fault only.
struct Deliveries {
    dir: TempDir,
}

static DELIVERIES: LazyLock<Deliveries> = LazyLock::new(|| {
    let dir = TempDir::new().unwrap();
    for (name, faults) in
        [("clean", &[][..]), ("faulty", &["uai-absent", "nom-absent", "ine-double"][..]), ("advised", &["regime-inconnu"][..])]
    {
        let options = Options {
            pupils: 60,
            degree: Degree::D2,
            mode: Mode::Complet,
            seed: 7,
            faults: faults.iter().map(|id| id.parse::<Fault>().unwrap()).collect(),
            date: jiff::civil::date(2026, 9, 1),
            encoding: Encoding::Utf8,
        };
        generate::generate(&options, &dir.path().join(name), &mut |_| {}).unwrap();
    }
    Deliveries { dir }
});

fn delivery(name: &str) -> PathBuf {
    DELIVERIES.dir.path().join(name)
}

fn path(name: &str) -> String {
    delivery(name).display().to_string()
}
