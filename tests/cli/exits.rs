//! Exit codes, each obtained for real, and the gates.

use tempfile::TempDir;

use super::{path, run, run_in};

#[test]
fn zero_is_conforming() {
    let ran = run(&["check", &path("clean")]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("✓  CONFORME\n"), "{}", ran.out);
}

#[test]
fn one_is_non_conforming() {
    let ran = run(&["check", &path("faulty")]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("NON CONFORME") && ran.out.contains("AAF-ETB-UAI"), "{}", ran.out);
}

#[test]
fn two_is_a_wrong_request() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("bad.yaml"), "version: 1\nname: x\nsource: []\n").unwrap();
    std::fs::write(dir.path().join("tailoring.yaml"), "requirements:\n  AAF-ABSENT: {exclude: true}\n").unwrap();
    let clean = path("clean");
    let cases: &[(&[&str], &str)] = &[
        (&["check", "--bogus", "x"], "--bogus"),
        (&["check"], "CHEMIN"),
        (&["chek", "x"], "check"),
        (&["check", "--degree", "3D", "x"], "1D, 2D"),
        (&["--lang", "de", "rules", "list"], "fr, en"),
        (&["audit", "absent.yaml"], "absent.yaml"),
        (&["audit", "bad.yaml"], "bad.yaml:3"),
        (&["check", &clean, "--tailoring", "tailoring.yaml"], "tailoring.yaml:2 (/requirements/AAF-ABSENT)"),
        (&["check", &clean, "--ruleset", "sdet-9"], "sdet-6.3, sdet-6.4"),
        (&["check", &clean, "--rules", "."], "referentiel.yaml"),
        (&["check", &clean, "-q", "-o", "rapport.pdf"], "rapport.pdf"),
        (&["check", &clean, "-q", "--baseline", "absent.json"], "absent.json"),
        (&["render", "bad.yaml"], "bad.yaml"),
        (&["explain", "AAF-ETB-UIA"], "AAF-ETB-UAI"),
        (&["rules", "show", "AAF-ETB-UIA"], "AAF-ETB-UAI"),
        (&["completions", "cmd"], "bash"),
    ];
    for (args, said) in cases {
        let ran = run_in(dir.path(), args);
        assert_eq!(ran.code, 2, "{args:?}: {}", ran.err);
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
        assert!(ran.out.is_empty(), "{args:?}: {}", ran.out);
    }
    assert!(!dir.path().join("rapport.pdf").exists());
}

#[test]
fn what_cannot_be_written_is_refused_before_anything_is_read() {
    let dir = TempDir::new().unwrap();
    // The target does not exist: it is the report that is refused, and nothing is made.
    let cases: [&[&str]; 4] = [
        &["audit", "absent.yaml", "-o", "a.json", "-o", "rapport.pdf"],
        &["check", "absent", "-o", "a.json", "-o", "rapport.pdf"],
        &["audit", "absent.yaml", "-o", "a.json", "--baseline", "rapport.pdf"],
        &["render", "absent.json", "-o", "a.json", "-o", "rapport.pdf"],
    ];
    for args in cases {
        let ran = run_in(dir.path(), args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {}", ran.err);
        assert!(ran.err.contains("rapport.pdf") && !ran.err.contains("absent"), "{args:?}: {}", ran.err);
    }
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_is_no_feed_accuses_nobody_and_is_named() {
    let dir = TempDir::new().unwrap();
    let files: [(&str, &[u8]); 6] = [
        ("page.xml", b"<?xml version=\"1.0\"?><html><body/></html>"),
        ("page.html", b"<!DOCTYPE html><html></html>"),
        ("vide.xml", b""),
        ("image.xml", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xfe\0\0"),
        ("programme", b"\x7fELF\x02\x01\x01\0\0\0"),
        ("document.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"),
    ];
    let said = [
        ("fr", ["aucun fichier AAF trouvé", "donner le dossier ou l’archive de la livraison", "NON CONCLUANT"]),
        ("en", ["no AAF file found", "give the folder or the archive of the delivery", "INCONCLUSIVE"]),
    ];
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
        for (lang, words) in said {
            let ran = run_in(dir.path(), &["check", name, "--lang", lang]);
            // Lines are cut where the terminal ends.
            let out = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(ran.code, 3, "{name}: {}", ran.err);
            assert!(out.contains(name) && words.iter().all(|w| out.contains(w)), "{name}: {out}");
            assert!(!ran.out.contains("✗ AAF-") && !ran.out.contains("✗  "), "{name}: {}", ran.out);
        }
    }
}

#[test]
fn what_depends_on_a_requirement_left_out_is_no_failure() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("tailoring.yaml"), "requirements:\n  AAF-PKG-ELEVE: {exclude: true}\n").unwrap();
    let delivery = dir.path().join("livraison");
    let delivery = delivery.to_str().unwrap();
    assert_eq!(run(&["generate", "aaf", "--out", delivery, "--pupils", "30", "--fault", "eleves-absents"]).code, 0);
    let said = [
        ("fr", "écartée par l’auditeur", "n’est pas satisfaite", "conséquence d’un autre échec"),
        ("en", "left out by the auditor", "is not met", "consequence of another failure"),
    ];
    let child = [("fr", "dépend d’une exigence écartée par l’auditeur"), ("en", "depends on a requirement the auditor left out")];
    for ((lang, group, failed, consequence), (_, child)) in said.into_iter().zip(child) {
        let ran = run_in(dir.path(), &["check", delivery, "--tailoring", "tailoring.yaml", "--lang", lang, "-o", "r.html"]);
        let html = std::fs::read_to_string(dir.path().join("r.html")).unwrap().to_lowercase();
        assert!(ran.out.to_lowercase().contains(group) && !ran.out.contains(failed), "{lang}: {}", ran.out);
        // The page on method says what a failure is: only what is said of a requirement counts.
        assert!(html.contains(child) && !html.contains(&format!("</a> {failed}")) && !html.contains(consequence), "{lang}");
    }
    // Once it is judged, it did fail, and the others say so.
    run_in(dir.path(), &["check", delivery, "-q", "-o", "r.html"]);
    assert!(std::fs::read_to_string(dir.path().join("r.html")).unwrap().contains("Conséquence d’un autre échec"));
}

#[test]
fn a_directory_in_a_file_is_conforming_without_what_only_a_server_shows() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("ci.yaml"), "author: moi\nprofile: annuaire-fichier\n").unwrap();
    assert_eq!(run_in(dir.path(), &["generate", "annuaire", "--out", "a.ldif", "--pupils", "40"]).code, 0);
    assert_eq!(run_in(dir.path(), &["check", "a.ldif"]).code, 3);
    let ran = run_in(dir.path(), &["check", "a.ldif", "--tailoring", "ci.yaml", "--lang", "en"]);
    assert_eq!(ran.code, 0, "{}", ran.out);
    assert!(ran.out.contains("Directory given as a file") || ran.out.contains("annuaire-fichier"), "{}", ran.out);
}

#[test]
fn a_missing_declaration_is_one_case() {
    let dir = TempDir::new().unwrap();
    let (delivery, report) = (dir.path().join("livraison"), dir.path().join("r.json"));
    let (delivery, report) = (delivery.to_str().unwrap(), report.to_str().unwrap());
    assert_eq!(run(&["generate", "aaf", "--out", delivery, "--pupils", "30", "--fault", "doctype-absent"]).code, 0);
    run(&["check", delivery, "-q", "-o", report]);
    let report = conforment::report::json::read(&std::fs::read_to_string(report).unwrap()).unwrap();
    let failing: Vec<_> = report.requirements.iter().filter(|r| r.failures > 0).map(|r| (r.id.as_str(), r.failures)).collect();
    assert_eq!(failing, [("AAF-XML-DOCTYPE", 1)]);
}

#[test]
fn three_is_inconclusive() {
    let dir = TempDir::new().unwrap();
    std::fs::write(dir.path().join("tailoring.yaml"), "requirements:\n  AAF-ETB-UAI: {exclude: true}\n").unwrap();
    std::fs::create_dir(dir.path().join("vide")).unwrap();
    let clean = path("clean");
    let cases: [&[&str]; 3] = [&["check", "absent"], &["check", "vide"], &["check", &clean, "--tailoring", "tailoring.yaml"]];
    for args in cases {
        let ran = run_in(dir.path(), args);
        assert_eq!(ran.code, 3, "{args:?}: {}{}", ran.out, ran.err);
        assert!(ran.out.contains("NON CONCLUANT"), "{args:?}: {}", ran.out);
    }
}

#[test]
fn four_is_a_gate_that_failed() {
    let (clean, faulty, advised) = (path("clean"), path("faulty"), path("advised"));
    let gate = |args: &[&str], code: i32, said: &str| {
        let ran = run(args);
        assert_eq!(ran.code, code, "{args:?}: {}", ran.err);
        match said {
            "" => assert!(!ran.err.contains("seuil :"), "{args:?}: {}", ran.err),
            said => assert!(ran.err.contains("seuil :") && ran.err.contains(said), "{args:?}: {}", ran.err),
        }
    };
    gate(&["check", &clean, "-q", "--min-score", "100", "--min-coverage", "100"], 0, "");
    gate(&["check", &faulty, "-q", "--min-score", "99"], 4, "score obligatoire");
    gate(&["check", &faulty, "-q", "--min-score", "99.5"], 4, "au lieu d’au moins 99,5\u{a0}%");
    let english = run(&["check", &faulty, "-q", "--min-score", "99.5", "--lang", "en"]);
    assert!(english.err.contains("instead of at least 99.5%"), "{}", english.err);
    gate(&["check", &faulty, "-q", "--min-score", "10"], 1, "");
    gate(&["check", "absent", "-q", "--min-coverage", "50"], 4, "couverture");
    gate(&["check", "absent", "-q", "--min-coverage", "0"], 3, "");
    gate(&["check", &advised, "-q"], 0, "");
    gate(&["check", &advised, "-q", "--fail-on", "recommande"], 4, "non satisfaites : 1");
    gate(&["check", &clean, "-q", "--fail-on", "recommande"], 0, "");
    gate(&["check", &faulty, "-q", "--fail-on", "obligatoire"], 1, "");
    gate(&["check", &faulty, "-q", "--fail-on", "jamais"], 0, "");
}

#[test]
fn a_baseline_lets_only_new_failures_fail() {
    let dir = TempDir::new().unwrap();
    let report = |name: &str| {
        let file = dir.path().join(format!("{name}.json")).display().to_string();
        run(&["check", &path(name), "-q", "-o", &file]);
        file
    };
    let (clean, faulty) = (report("clean"), report("faulty"));
    assert_eq!(run(&["check", &path("faulty"), "-q", "--baseline", &faulty]).code, 0);
    assert_eq!(run(&["check", &path("clean"), "-q", "--baseline", &faulty]).code, 0);
    let new = run(&["check", &path("faulty"), "-q", "--baseline", &clean]);
    assert_eq!(new.code, 4);
    assert!(new.err.contains("nouvelles non-conformités") && new.err.contains("AAF-ETB-UAI"), "{}", new.err);
    // What is only recommended is new too, when asked.
    assert_eq!(run(&["check", &path("advised"), "-q", "--baseline", &clean]).code, 0);
    assert_eq!(run(&["check", &path("advised"), "-q", "--baseline", &clean, "--fail-on", "recommande"]).code, 4);
    assert_eq!(run(&["check", &path("advised"), "-q", "--baseline", &clean, "--fail-on", "jamais"]).code, 0);
}
