//! Nothing of a person leaves in any output: deliveries full of unmistakable values, every output searched.
//!
//! Names of files and directories are the auditor's own and are shown as they are; everything inside is not.
#![allow(clippy::unwrap_used)]

mod delivery;
mod gar;
mod search;

use std::path::Path;
use std::process::Command;

use conforment::rules::library::Library;
use conforment::rules::model::Degree;
use conforment::rules::set::RuleSet;
use serde_json::Value;
use tempfile::TempDir;

use search::{found, proofread};

/// Runs the command and keeps all it says.
fn run(dir: &Path, args: &[&str]) -> (Option<i32>, Vec<u8>) {
    let output = Command::new(env!("CARGO_BIN_EXE_conforment")).current_dir(dir).args(args).env("CI", "1").output().unwrap();
    (output.status.code(), [output.stdout, output.stderr].concat())
}

/// Searches everything a check and an audit of a delivery write; gives the report.
fn audited(dir: &Path) -> Value {
    of_sources(dir, "{kind: aaf, path: livraison}", &[])
}

/// The same with any sources; `more` are what `check` is given beside the first of them.
fn of_sources(dir: &Path, sources: &str, more: &[&str]) -> Value {
    std::fs::write(dir.join("ent.yaml"), format!("version: 1\nname: ENT\nsources: [{sources}]\n")).unwrap();
    let mut outputs: Vec<(String, Vec<u8>)> = Vec::new();
    for lang in ["fr", "en"] {
        for (command, target) in [("check", "livraison"), ("audit", "ent.yaml")] {
            for extra in [&["--verbose", "--max-findings", "100000"][..], &["--color", "always"][..]] {
                let files = ["json", "html", "txt"].map(|ext| format!("{command}-{lang}.{ext}"));
                let mut args = vec![command, target, "--lang", lang];
                args.extend(files.iter().flat_map(|f| ["-o", f.as_str()]));
                args.extend(extra);
                args.extend(more.iter().filter(|_| command == "check"));
                let (code, said) = run(dir, &args);
                assert!(code.is_some_and(|c| (0..=3).contains(&c) && c != 2), "{args:?}: {}", String::from_utf8_lossy(&said));
                outputs.push((args.join(" "), said));
                outputs.extend(files.iter().map(|f| (f.clone(), std::fs::read(dir.join(f)).unwrap())));
            }
        }
    }
    for (name, bytes) in &outputs {
        assert!(bytes.len() > 1000, "{name} says nothing");
        assert_eq!(found(bytes), Vec::<String>::new(), "in {name}");
    }
    // All the findings are in the first report.
    let all = [&["check", "livraison", "-q", "--max-findings", "100000", "-o", "all.json"][..], more].concat();
    let (_, said) = run(dir, &all);
    assert!(said.is_empty(), "{}", String::from_utf8_lossy(&said));
    let bytes = std::fs::read(dir.join("all.json")).unwrap();
    assert_eq!(found(&bytes), Vec::<String>::new(), "in all.json");
    serde_json::from_slice(&bytes).unwrap()
}

fn failing(report: &Value) -> Vec<&Value> {
    report["requirements"].as_array().unwrap().iter().filter(|r| r["verdict"] == "fail").collect()
}

/// Attributes of people that some finding names.
fn attributes(report: &Value) -> std::collections::BTreeSet<&str> {
    let findings = failing(report).into_iter().flat_map(|r| r["findings"].as_array().unwrap());
    findings.filter(|f| f["subject"].as_str().is_some_and(|s| s.starts_with('#'))).filter_map(|f| f["attribute"].as_str()).collect()
}

#[test]
fn the_search_finds_what_it_is_for() {
    proofread();
}

#[test]
fn secondary_deliveries_leak_nothing() {
    let (set, dir) = (RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap(), TempDir::new().unwrap());
    let written = delivery::write(&dir.path().join("livraison"), &set, "2d");
    let report = audited(dir.path());
    let (failures, attributes) = (failing(&report), attributes(&report));
    println!("{written} values, {} requirements failed, {} attributes named", failures.len(), attributes.len());
    assert!(written > 1500, "{written} canaries");
    assert!(failures.len() >= 80, "only {} requirements failed", failures.len());
    assert!(attributes.len() >= 40, "{attributes:?}");
    // Values were shown, as shapes: the search had something to find.
    let text = report.to_string();
    assert!(text.contains("AAAAAAA") && text.contains("Aaaaaaa") && text.contains("99/99/9999"));
}

#[test]
fn primary_deliveries_leak_nothing() {
    let (set, dir) = (RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap(), TempDir::new().unwrap());
    let written = delivery::write(&dir.path().join("livraison"), &set, "1d");
    let report = audited(dir.path());
    let (failures, attributes) = (failing(&report), attributes(&report));
    println!("{written} values, {} requirements failed, {} attributes named", failures.len(), attributes.len());
    assert!(written > 800, "{written} canaries");
    assert!(failures.len() >= 60, "only {} requirements failed", failures.len());
    assert!(attributes.len() >= 25, "{attributes:?}");
}

#[test]
fn gar_deliveries_leak_nothing() {
    for degree in [Degree::D2, Degree::D1] {
        let (set, dir) = (RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap(), TempDir::new().unwrap());
        let written = gar::write(&dir.path().join("livraison"), degree, "20260902");
        gar::write(&dir.path().join("hier"), degree, "20260901");
        delivery::write(&dir.path().join("aaf"), &set, if degree == Degree::D2 { "2d" } else { "1d" });
        let sources = "{kind: gar, path: livraison, previous: hier}, {kind: aaf, path: aaf}";
        let report = of_sources(dir.path(), sources, &["aaf", "--previous", "hier"]);
        let failures = failing(&report);
        let gar = failures.iter().filter(|r| r["id"].as_str().unwrap().starts_with("GAR-")).count();
        let attributes = attributes(&report);
        println!("{written} values, {gar} requirements failed, {} attributes named", attributes.len());
        assert!(written > 400, "{written} canaries");
        assert!(gar >= 60, "only {gar} requirements failed");
        assert!(attributes.iter().filter(|a| a.starts_with("GAR")).count() >= 8, "{attributes:?}");
    }
}

#[test]
fn broken_files_leak_nothing() {
    let (set, dir) = (RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap(), TempDir::new().unwrap());
    let livraison = dir.path().join("livraison");
    delivery::write(&livraison, &set, "2d");
    delivery::damage(&livraison);
    let report = audited(dir.path());
    let failed: Vec<&str> = failing(&report).iter().map(|r| r["id"].as_str().unwrap()).collect();
    for id in ["AAF-XML-BIEN-FORME", "AAF-XML-DOCTYPE"] {
        assert!(failed.iter().any(|f| f.starts_with(id)), "{id} is not among {failed:?}");
    }
}

#[test]
fn a_data_file_given_in_the_wrong_place_is_not_quoted() {
    let (set, dir) = (RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap(), TempDir::new().unwrap());
    delivery::write(&dir.path().join("livraison"), &set, "2d");
    let eleves = "livraison/ENT_Complet_20260901_Eleve_0000.xml";
    std::fs::write(dir.path().join("noms.yaml"), "Zoé QZANARI: \"17/03/1913\"\n- QZANARI: [\n").unwrap();
    std::fs::write(dir.path().join("noms.csv"), "QZANARI;Zoé;17/03/1913\nQzanari;918273645QZ;+33 6 98 76 54 32\n").unwrap();
    std::fs::write(dir.path().join("liste.yaml"), "version: QZANARI Zoé\nname: [918273645QZ]\nsources: qzanari\n").unwrap();
    std::fs::write(dir.path().join("noms.json"), "{\"format\": [\"QZANARI Zoé\"]}").unwrap();
    std::fs::write(dir.path().join("rapport.json"), "{\"format\": \"conforment-report/1\", \"tool\": \"QZANARI Zoé\"}").unwrap();
    for file in [eleves, "noms.yaml", "noms.csv", "liste.yaml", "noms.json", "rapport.json"] {
        for args in [
            &["audit", file][..],
            &["render", file],
            &["check", "livraison", "-q", "--tailoring", file],
            &["check", "livraison", "-q", "--baseline", file],
        ] {
            let (code, said) = run(dir.path(), args);
            assert_eq!(code, Some(2), "{args:?}: {}", String::from_utf8_lossy(&said));
            assert_eq!(found(&said), Vec::<String>::new(), "{args:?}: {}", String::from_utf8_lossy(&said));
        }
    }
}
