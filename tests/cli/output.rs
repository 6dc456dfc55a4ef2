//! What is written, where, and that it does not change from one run to the next.

use std::path::Path;

use regex::Regex;
use tempfile::TempDir;

use super::{Ran, conforment, path, ran, run, run_in};

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// A report with its pseudonyms blanked.
fn blank(report: &str) -> String {
    Regex::new("#[0-9a-f]{10}").unwrap().replace_all(report, "#").into_owned()
}

fn written(dir: &Path, args: &[&str]) -> Ran {
    let ran = run_in(dir, args);
    assert!(ran.code == 0 || ran.code == 1, "{args:?}: {}", ran.err);
    ran
}

#[test]
fn each_extension_gives_its_form() {
    let dir = TempDir::new().unwrap();
    let faulty = path("faulty");
    let ran = written(dir.path(), &["check", &faulty, "-o", "a/r.json", "-o", "r.html", "-o", "r.txt"]);
    assert!(ran.err.contains("Rapport écrit : a/r.json") && ran.err.contains("Rapport écrit : r.html"), "{}", ran.err);
    let json: serde_json::Value = serde_json::from_str(&read(&dir.path().join("a/r.json"))).unwrap();
    assert_eq!((json["format"].as_str(), json["assessment"]["verdict"].as_str()), (Some("conforment-report/1"), Some("non_conforme")));
    let html = read(&dir.path().join("r.html"));
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"fr\">") && html.contains("AAF-ETB-UAI") && html.ends_with("</html>"));
    let text = read(&dir.path().join("r.txt"));
    assert!(text.contains("NON CONFORME") && text.len() > ran.out.len(), "the file is the verbose form");
}

#[test]
fn quiet_says_nothing() {
    for name in ["clean", "faulty"] {
        let ran = run(&["check", &path(name), "--quiet"]);
        assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    }
}

#[test]
fn render_gives_what_the_run_gave() {
    let dir = TempDir::new().unwrap();
    let faulty = path("faulty");
    for lang in ["fr", "en"] {
        let direct = written(dir.path(), &["check", &faulty, "--lang", lang, "-o", "r.json", "-o", "r.html", "-o", "r.txt"]);
        let verbose = run_in(dir.path(), &["render", "r.json", "--lang", lang, "--verbose"]).out;
        let again = run_in(dir.path(), &["render", "r.json", "--lang", lang]);
        assert_eq!((again.code, again.out.as_str()), (0, direct.out.as_str()));
        assert_eq!(run_in(dir.path(), &["render", "r.json", "--lang", lang, "-o", "s.html", "-o", "s.txt"]).code, 0);
        assert_eq!(read(&dir.path().join("s.html")), read(&dir.path().join("r.html")));
        assert_eq!(read(&dir.path().join("s.txt")), read(&dir.path().join("r.txt")));
        assert_eq!(verbose, read(&dir.path().join("r.txt")));
    }
    // A report made in one language is rendered in the other.
    assert!(run_in(dir.path(), &["render", "r.json"]).out.contains("NON CONFORME"));
}

#[test]
fn two_checks_differ_by_their_pseudonyms_only() {
    let dir = TempDir::new().unwrap();
    let faulty = path("faulty");
    for (name, threads) in [("a.json", "1"), ("b.json", "1"), ("c.json", "3")] {
        written(dir.path(), &["check", &faulty, "-q", "--date", "2026-10-01", "--threads", threads, "-o", name]);
    }
    let [a, b, c] = ["a.json", "b.json", "c.json"].map(|name| read(&dir.path().join(name)));
    assert!(a != b, "an ephemeral key gives other pseudonyms");
    assert_eq!(blank(&a), blank(&b));
    assert_eq!(blank(&a), blank(&c), "the number of threads changes the report");
    assert!(a.contains("\"generated\": \"2026-10-01T00:00:00Z\""));
}

#[test]
fn two_audits_are_the_same_bytes() {
    let dir = TempDir::new().unwrap();
    let faulty = path("faulty");
    assert_eq!(run_in(dir.path(), &["init", &faulty]).code, 0);
    for name in ["a", "b"] {
        for ext in ["json", "html", "txt"] {
            written(dir.path(), &["audit", "-q", "--date", "2026-10-01", "-o", &format!("{name}.{ext}")]);
        }
    }
    for ext in ["json", "html", "txt"] {
        let [a, b] = ["a", "b"].map(|name| std::fs::read(dir.path().join(format!("{name}.{ext}"))).unwrap());
        assert!(a == b, "{ext} differs from one audit to the next");
    }
    let key = dir.path().join(".conforment/key");
    assert_eq!(std::fs::metadata(&key).unwrap().len(), 32);
    // Another key, other pseudonyms, and nothing else.
    std::fs::remove_file(key).unwrap();
    written(dir.path(), &["audit", "-q", "--date", "2026-10-01", "-o", "c.json"]);
    let [a, c] = ["a.json", "c.json"].map(|name| read(&dir.path().join(name)));
    assert!(a != c && blank(&a) == blank(&c));
}

#[test]
fn the_date_may_come_from_the_environment() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("r.json");
    let clean = path("clean");
    let args = ["check", &clean, "-q", "-o", file.to_str().unwrap()];
    assert_eq!(ran(conforment().env("SOURCE_DATE_EPOCH", "1790812800").args(args)).code, 0);
    assert!(read(&file).contains("\"generated\": \"2026-10-01T00:00:00Z\""));
}

#[test]
fn totals_do_not_depend_on_what_is_kept() {
    let dir = TempDir::new().unwrap();
    let faulty = path("faulty");
    let counts = |max: &str| {
        written(dir.path(), &["check", &faulty, "-q", "--max-findings", max, "-o", "r.json"]);
        let json: serde_json::Value = serde_json::from_str(&read(&dir.path().join("r.json"))).unwrap();
        let all = json["requirements"].as_array().unwrap();
        let kept = all.iter().map(|r| r["findings"].as_array().unwrap().len()).max().unwrap();
        (all.iter().map(|r| (r["failures"].as_u64(), r["examined"].as_u64())).collect::<Vec<_>>(), kept)
    };
    let (few, many) = (counts("1"), counts("50"));
    assert_eq!(few.0, many.0);
    assert_eq!(few.1, 1);
    assert!(many.1 > 1);
}

#[test]
fn colours_respect_what_is_asked() {
    const ESCAPE: char = '\u{1b}';
    let faulty = path("faulty");
    let colours = |vars: &[(&str, &str)], args: &[&str]| {
        let mut command = conforment();
        command.envs(vars.iter().copied()).args(["check", &faulty]).args(args);
        ran(&mut command).out.contains(ESCAPE)
    };
    assert!(!colours(&[], &[]), "a pipe is not coloured");
    assert!(colours(&[], &["--color", "always"]));
    assert!(colours(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!colours(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(!colours(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
    let help = ran(conforment().env("CLICOLOR_FORCE", "1").env("NO_COLOR", "1").arg("--help")).out;
    assert!(!help.contains(ESCAPE), "{help}");
    // Without colour the state is still said.
    let plain = run(&["check", &faulty]).out;
    assert!(plain.contains("✗  NON CONFORME"), "{plain}");
}
