//! The other commands, and readers that go away.

use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::{path, run, run_in};

#[test]
fn generate_writes_what_check_accepts() {
    let dir = TempDir::new().unwrap();
    for (degree, mode) in [("2D", "complet"), ("1D", "complet")] {
        let name = format!("{degree}-{mode}");
        let ran = run_in(dir.path(), &["generate", "aaf", "--out", &name, "--pupils", "60", "--degree", degree, "--mode", mode]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        let labels: Value =
            serde_json::from_str(&std::fs::read_to_string(dir.path().join(format!("{name}.labels.json"))).unwrap()).unwrap();
        assert_eq!(labels["faults"], serde_json::json!([]));
        let checked = run_in(dir.path(), &["check", &name]);
        assert_eq!(checked.code, 0, "{}", checked.out);
        assert!(checked.out.contains(degree), "{}", checked.out);
    }
    // Nothing is written over.
    assert_eq!(run_in(dir.path(), &["generate", "aaf", "--out", "2D-complet", "--pupils", "60"]).code, 2);
    let unknown = run_in(dir.path(), &["generate", "aaf", "--out", "x", "--fault", "absente"]);
    assert!(unknown.code == 2 && unknown.err.contains("absente"), "{}", unknown.err);
    assert!(!dir.path().join("x").exists());
}

#[test]
fn a_delta_is_checked_with_its_complet() {
    let dir = TempDir::new().unwrap();
    for (mode, out) in [("complet", "c"), ("delta", "d")] {
        assert_eq!(run_in(dir.path(), &["generate", "aaf", "--out", out, "--pupils", "80", "--mode", mode]).code, 0);
    }
    let whole = run_in(dir.path(), &["check", "c", "--delta", "d", "-q", "-o", "r.json"]);
    assert_eq!(whole.code, 0, "{}", run_in(dir.path(), &["render", "r.json"]).out);
    let alone = run_in(dir.path(), &["check", "d"]);
    assert_ne!(alone.code, 1, "a Delta alone accuses nobody: {}", alone.out);
}

#[test]
fn rules_are_listed_shown_and_tested() {
    let rows: Value = serde_json::from_str(&run(&["rules", "list", "--json"]).out).unwrap();
    let rows = rows.as_array().unwrap();
    assert!(rows.len() >= 150);
    let list = run(&["rules", "list"]).out;
    for row in rows {
        assert!(list.contains(row["id"].as_str().unwrap()), "{row}");
    }
    // Thousands are set apart.
    assert!(list.replace('\u{202f}', "").contains(&format!("{} exigences", rows.len())), "{list}");
    let newer: Value = serde_json::from_str(&run(&["rules", "list", "--json", "--ruleset", "sdet-6.4"]).out).unwrap();
    assert!(newer.as_array().unwrap().len() > rows.len());

    let shown: Value = serde_json::from_str(&run(&["rules", "show", "aaf-etb-uai"]).out).unwrap();
    assert_eq!((shown["id"].as_str(), shown["check"]["records"].as_str()), (Some("AAF-ETB-UAI"), Some("aaf.EtabEducNat")));

    let tested = run(&["rules", "test"]);
    assert_eq!(tested.code, 0, "{}", tested.out);
    assert_eq!(tested.out.lines().filter(|l| l.ends_with(" 0 en défaut")).count(), 2, "{}", tested.out);
}

#[test]
fn rules_of_a_directory_are_tested_too() {
    let dir = TempDir::new().unwrap();
    let set = |fail: &str| {
        std::fs::write(dir.path().join("referentiel.yaml"), "id: essai\ntitle: {fr: a, en: b}\nversion: '1'\nedition: '1'\npublished: '2026-01'\nstatement: {fr: a, en: b}\nsources: {code: {title: x, read: {fr: a, en: b}, location: x}}\n").unwrap();
        std::fs::create_dir_all(dir.path().join("aaf")).unwrap();
        let text = format!(
            "- id: AAF-ESSAI\n  title: {{fr: a, en: b}}\n  why: {{fr: a, en: b}}\n  fix: {{fr: a, en: b}}\n  domain: alimentation\n  level: recommande\n  severity: mineure\n  basis: schema\n  sources: [code]\n  degree: [2D]\n  actor: academie\n  strength: prouve\n  check: {{records: aaf.Eleve, assert: {{required: [sn]}}}}\n  examples: {{pass: [{{sn: A}}], fail: [{{{fail}: B}}]}}\n"
        );
        std::fs::write(dir.path().join("aaf/essai.yaml"), text).unwrap();
        run_in(dir.path(), &["rules", "test", "--rules", ".", "--ruleset", "essai"])
    };
    let (good, bad) = (set("givenName"), set("sn"));
    assert_eq!(good.code, 0, "{}{}", good.out, good.err);
    assert_eq!(bad.code, 1, "{}{}", bad.out, bad.err);
    assert!(bad.out.contains("AAF-ESSAI examples/fail/0: passes and should fail"), "{}", bad.out);
}

#[test]
fn a_set_of_the_user_judges_a_delivery() {
    let dir = TempDir::new().unwrap();
    std::fs::create_dir_all(dir.path().join("mien/aaf")).unwrap();
    std::fs::write(dir.path().join("mien/referentiel.yaml"), "id: mien\nextends: sdet-6.3\ntitle: {fr: Le mien, en: Mine}\nversion: '1'\nedition: '1'\npublished: '2026-01'\nstatement: {fr: a, en: b}\n").unwrap();
    let ran = run_in(dir.path(), &["check", &path("clean"), "--rules", "mien", "--ruleset", "mien"]);
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("Le mien, édition 1"), "{}", ran.out);
}

#[test]
fn init_then_audit() {
    let dir = TempDir::new().unwrap();
    let clean = path("clean");
    let init = run_in(dir.path(), &["init", &clean, "-o", "cible.yaml"]);
    assert_eq!(init.code, 0, "{}", init.err);
    let text = std::fs::read_to_string(dir.path().join("cible.yaml")).unwrap();
    assert!(text.contains(&clean) && text.contains("ruleset: sdet-6.3"), "{text}");
    let audit = run_in(dir.path(), &["audit", "cible.yaml"]);
    assert_eq!(audit.code, 0, "{}{}", audit.out, audit.err);
    assert!(audit.out.starts_with("Nom de l’ENT\n"), "{}", audit.out);
    // What exists is not written over.
    let again = run_in(dir.path(), &["init", "-o", "cible.yaml"]);
    assert!(again.code == 2 && again.err.contains("cible.yaml existe déjà"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(dir.path().join("cible.yaml")).unwrap(), text);
}

#[cfg(feature = "live")]
#[test]
fn init_with_servers_then_plan() {
    let dir = TempDir::new().unwrap();
    let init = run_in(dir.path(), &["init", "https://ent.example/cas", "ldaps://annuaire.ent.example"]);
    assert_eq!(init.code, 0, "{}", init.err);
    let plan = run_in(dir.path(), &["plan", "ent.yaml"]);
    assert_eq!(plan.code, 0, "{}{}", plan.out, plan.err);
    assert!(plan.out.contains("GET https://ent.example/cas/login") && plan.out.contains("annuaire.ent.example"), "{}", plan.out);
    // What is only suggested must be right too, once it is no longer a comment.
    let text = std::fs::read_to_string(dir.path().join("ent.yaml")).unwrap();
    let suggested = text.lines().map(|l| if l.starts_with("    #") { l.replacen("# ", "", 1) } else { l.to_owned() });
    // What is said of deliveries comes after the sources.
    let of_files = ["degree:", "deltas:", "previous:"];
    let kept: Vec<String> = suggested.filter(|l| !of_files.iter().any(|k| l.contains(k))).collect();
    assert!(kept.iter().filter(|l| l.contains("_env:")).count() == 4, "{kept:?}");
    std::fs::write(dir.path().join("ent.yaml"), kept.join("\n")).unwrap();
    let plan = run_in(dir.path(), &["plan", "ent.yaml"]);
    assert_eq!(plan.code, 0, "{}{}\n{}", plan.out, plan.err, kept.join("\n"));
}

#[test]
fn init_of_a_directory_suggests_what_it_may_say() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("annuaire.ldif"), "version: 1\n\ndn: dc=fr\nobjectClass: top\nobjectClass: domain\ndc: fr\n").unwrap();
    assert_eq!(run_in(dir.path(), &["init", "annuaire.ldif"]).code, 0);
    let text = std::fs::read_to_string(dir.path().join("ent.yaml")).unwrap();
    assert!(text.contains("- kind: annuaire") && text.contains("[alimentation, gar, annuaire]"), "{text}");
    for word in ["degree", "dialect", "local"] {
        assert!(text.contains(&format!("    # {word}: ")), "{word}: {text}");
    }
    assert!(!text.contains("deltas"), "what is said of feeds is said of feeds: {text}");
    // The suggestions are right once they are no longer comments.
    let asked: Vec<String> = text.lines().map(|l| if l.starts_with("    # ") { l.replacen("# ", "", 1) } else { l.to_owned() }).collect();
    std::fs::write(dir.path().join("ent.yaml"), asked.join("\n")).unwrap();
    let audit = run_in(dir.path(), &["audit", "ent.yaml", "-q"]);
    assert!(audit.code != 2, "{}", audit.err);
}

#[cfg(feature = "live")]
#[test]
fn the_plan_of_a_directory_speaks_of_directories() {
    let dir = TempDir::new().unwrap();
    assert_eq!(run_in(dir.path(), &["init", "ldaps://annuaire.ent.example"]).code, 0);
    let plan = run_in(dir.path(), &["plan", "ent.yaml"]).out;
    assert!(plan.contains("Sans compte : ") && plan.contains("Les renvois vers un autre serveur") && plan.contains("comme [5]"), "{plan}");
    assert!(!plan.contains("GET —") && !plan.contains("redirections") && !plan.contains("compte d’essai"), "{plan}");
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(&["completions", shell]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        for word in ["audit", "check", "explain", "generate", "--tailoring"] {
            assert!(ran.out.contains(word.trim_start_matches('-')), "{shell}: no {word}");
        }
    }
}

#[test]
fn the_version_is_that_of_the_package() {
    assert_eq!(run(&["--version"]).out, format!("conforment {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
#[cfg(unix)]
fn a_reader_that_goes_away_is_no_bug() {
    let (faulty, help) = (path("faulty"), "--help");
    let cases: [(&[&str], i32); 9] = [
        (&["rules", "list"], 0),
        (&["rules", "show", "AAF-ETB-UAI"], 0),
        (&["explain", "AAF-ETB-UAI"], 0),
        (&["completions", "bash"], 0),
        (&["generate", "aaf", "--list-faults"], 0),
        (&[help], 0),
        (&["check", &faulty, "--verbose"], 1),
        (&["check", &faulty, "--min-score", "99.9"], 4),
        (&["check", "--bogus"], 2),
    ];
    for (args, code) in cases {
        for both in [false, true] {
            let mut child = Command::new(env!("CARGO_BIN_EXE_conforment"));
            let mut child = child.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
            drop(child.stdout.take());
            if both {
                drop(child.stderr.take());
            }
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(code), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
            assert!(!String::from_utf8_lossy(&output.stderr).contains("interne"), "{args:?}");
        }
    }
}
