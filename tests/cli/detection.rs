//! What `check` and `init` take a path for.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::archive::{Tar, Zip};
use super::{path, run_in};

/// A directory with `clean`'s GAR counterpart beside it.
fn with_gar() -> TempDir {
    let dir = TempDir::new().unwrap();
    let made = run_in(dir.path(), &["generate", "gar", "--out", "gar", "--pupils", "60", "--seed", "7"]);
    assert_eq!(made.code, 0, "{}", made.err);
    dir
}

fn tarred(from: &Path) -> Vec<u8> {
    let mut files: Vec<_> =
        std::fs::read_dir(from).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().unwrap() == "xml").collect();
    files.sort();
    let add = |tar: Tar, file: &std::path::PathBuf| tar.file(file.file_name().unwrap().to_str().unwrap(), &std::fs::read(file).unwrap());
    files.iter().fold(Tar::default(), add).gz()
}

/// The kinds of the sources that `check` finds under those paths.
fn kinds(dir: &Path, paths: &[&str]) -> Vec<String> {
    let args: Vec<&str> = ["check"].iter().chain(paths).chain(&["-q", "-o", "r.json"]).copied().collect();
    let ran = run_in(dir, &args);
    assert!(ran.code < 5 && ran.err.is_empty(), "{}", ran.err);
    let report: Value = serde_json::from_str(&std::fs::read_to_string(dir.join("r.json")).unwrap()).unwrap();
    report["target"]["sources"].as_array().unwrap().iter().map(|s| s["kind"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_truncated_archive_is_of_the_format_of_its_first_file() {
    let dir = with_gar();
    for (kind, from) in [("aaf", path("clean")), ("gar", dir.path().join("gar").display().to_string())] {
        let whole = tarred(Path::new(&from));
        for (name, len) in [("half.tgz", whole.len() / 2), ("head.tgz", 1000), ("whole.tar.gz", whole.len())] {
            std::fs::write(dir.path().join(name), &whole[..len]).unwrap();
            assert_eq!(kinds(dir.path(), &[name]), [kind], "{name} of {from}");
        }
    }
}

#[test]
fn what_nothing_tells_is_one_source_that_cannot_be_read() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("a.zip"), b"PK\x03\x04").unwrap();
    std::fs::write(dir.path().join("b.xml"), b"<html/>").unwrap();
    for path in ["a.zip", "b.xml", "absent"] {
        assert_eq!(kinds(dir.path(), &[path]), ["aaf"], "{path}");
    }
}

#[test]
fn both_deliveries_of_one_path_are_found() {
    let dir = with_gar();
    let zip = std::fs::read_dir(dir.path().join("gar")).unwrap().map(|e| e.unwrap().path());
    let zip = zip.fold(Zip::default(), |zip, p| zip.file(p.file_name().unwrap().to_str().unwrap(), &std::fs::read(&p).unwrap()));
    std::fs::create_dir_all(dir.path().join("all/aaf")).unwrap();
    std::fs::write(dir.path().join("all/gar.zip"), zip.bytes()).unwrap();
    for file in std::fs::read_dir(path("clean")).unwrap().map(|e| e.unwrap().path()) {
        std::fs::copy(&file, dir.path().join("all/aaf").join(file.file_name().unwrap())).unwrap();
    }
    assert_eq!(kinds(dir.path(), &["all"]), ["aaf", "gar"]);
    assert_eq!(kinds(dir.path(), &["all/gar.zip"]), ["gar"]);
    assert_eq!(kinds(dir.path(), &["all/aaf"]), ["aaf"]);
    let init = run_in(dir.path(), &["init", "all"]);
    let target = std::fs::read_to_string(dir.path().join("ent.yaml")).unwrap();
    assert!(
        init.code == 0 && target.contains("- kind: aaf\n    path: \"all\"") && target.contains("- kind: gar\n    path: \"all\""),
        "{target}"
    );
}
