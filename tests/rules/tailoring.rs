//! What a tailoring file changes, what it may not say, and that the hash of the set tells.

use std::collections::BTreeSet;
use std::path::Path;

use conforment::generate;
use conforment::outcome::{Reason, Verdict};
use conforment::report::model::Report;
use conforment::rules::library::{Library, LibraryError};
use conforment::rules::model::{Degree, Level, Severity};
use conforment::rules::set::RuleSet;
use conforment::target::Target;

use super::{audited, embedded, line_of};

fn tailored(text: &str) -> Result<RuleSet, LibraryError> {
    RuleSet::open(&Library::embedded(), "sdet-6.3", Some((Path::new("adaptation.yaml"), text)))
}

/// The report of a small conforming delivery under a tailoring.
fn report(text: &str) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("livraison");
    let options = generate::Options {
        pupils: 30,
        degree: Degree::D2,
        mode: generate::Mode::Complet,
        seed: 1,
        faults: Vec::new(),
        date: jiff::civil::date(2026, 9, 1),
        encoding: generate::Encoding::Utf8,
    };
    generate::generate(&options, &out, &mut |_| {}).unwrap();
    let target =
        Target::parse(Path::new("ent.yaml"), &format!("version: 1\nname: ENT\nsources: [{{kind: aaf, path: {out:?}}}]\n")).unwrap();
    audited::audit(&target, &tailored(text).unwrap(), &audited::options(jiff::civil::date(2026, 10, 1)))
}

#[test]
fn the_example_file_applies() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/tailoring-exemple.yaml");
    let set = tailored(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(set.profile.as_deref(), Some("2D"));
    assert_eq!(set.tailored.len(), 5, "{:#?}", set.tailored);
    assert!(set.excluded.contains("AAF-REQ-ATTRIBUT-REPETE"));
}

#[test]
fn level_severity_clause_and_parameter() {
    let text = "requirements:\n  AAF-PKG-NOM: {level: obligatoire, severity: critique, clause: '§ 1', reason: marché}\n  AAF-PKG-CATEGORIE-VIDE: {parameters: {fiches_min: 7}}\n";
    let (before, set) = (embedded("sdet-6.3"), tailored(text).unwrap());
    let (old, new) = (before.get("AAF-PKG-NOM").unwrap(), set.get("AAF-PKG-NOM").unwrap());
    assert_ne!(old.level, Level::Obligatoire);
    assert_eq!((new.level, new.severity, new.clause.as_deref()), (Level::Obligatoire, Severity::Critique, Some("§ 1")));
    assert_eq!(set.parameters["AAF-PKG-CATEGORIE-VIDE"]["fiches_min"], 7);
    assert_ne!(before.parameters["AAF-PKG-CATEGORIE-VIDE"]["fiches_min"], 7);
    // The threshold reached the check itself.
    let check = |set: &RuleSet| serde_json::to_string(&set.get("AAF-PKG-CATEGORIE-VIDE").unwrap().check).unwrap();
    assert_ne!(check(&before), check(&set));
    assert!(!check(&set).contains("$param"));
    assert!(set.tailored.iter().any(|line| line.contains("AAF-PKG-NOM") && line.contains("(marché)")), "{:?}", set.tailored);
}

#[test]
fn an_excluded_requirement_stays_in_the_report() {
    let report = report("requirements:\n  AAF-ETB-UAI: {exclude: true, reason: essai}\n");
    let excluded = report.requirements.iter().find(|r| r.id == "AAF-ETB-UAI").unwrap();
    assert_eq!((excluded.verdict, excluded.reason), (Verdict::Undetermined, Some(Reason::Excluded)));
    assert_eq!(report.requirements.iter().filter(|r| r.reason == Some(Reason::Excluded)).count(), 1);
    // Left out is not passed: the score tells.
    assert!(report.assessment.overall.lo < Some(100.0) && report.assessment.overall.hi == Some(100.0));
    assert!(report.ruleset.tailored.iter().any(|line| line.contains("AAF-ETB-UAI")), "{:?}", report.ruleset.tailored);
}

#[test]
fn a_profile_leaves_out_what_it_says() {
    let (plain, profiled) = (report("requirements: {}\n"), report("profile: agricole\nrequirements: {}\n"));
    assert_eq!(profiled.ruleset.profile.as_deref(), Some("agricole"));
    let verdict = |report: &Report, id: &str| report.requirements.iter().find(|r| r.id == id).unwrap().verdict;
    for id in ["AAF-PKG-MEFEDUCNAT", "AAF-PKG-MATIEREEDUCNAT"] {
        assert_eq!((verdict(&plain, id), verdict(&profiled, id)), (Verdict::Pass, Verdict::NotApplicable), "{id}");
    }
    let left_out = |r: &&conforment::report::model::RequirementResult| verdict(&plain, &r.id) != r.verdict;
    assert_eq!(profiled.requirements.iter().filter(left_out).count(), 2);
    let first = report("profile: 1D\nrequirements: {}\n");
    let about: BTreeSet<_> = first.requirements.iter().filter(|r| r.verdict != Verdict::NotApplicable).map(|r| r.degree.clone()).collect();
    assert!(about.iter().all(|degrees| degrees.contains(&Degree::D1)), "{about:?}");
}

#[test]
fn the_hash_tells_what_decides_a_verdict() {
    let plain = tailored("requirements: {}\n").unwrap();
    assert_eq!(plain.hash, embedded("sdet-6.3").hash);
    let changes = [
        "profile: agricole\nrequirements: {}\n",
        "requirements: {AAF-PKG-NOM: {level: obligatoire}}\n",
        "requirements: {AAF-PKG-NOM: {severity: critique}}\n",
        "requirements: {AAF-PKG-NOM: {exclude: true}}\n",
        "requirements: {AAF-PKG-CATEGORIE-VIDE: {parameters: {fiches_min: 7}}}\n",
        "requirements: {AAF-PKG-CATEGORIE-VIDE: {parameters: {fiches_min: 8}}}\n",
    ];
    let mut hashes: BTreeSet<String> = changes.iter().map(|text| tailored(text).unwrap().hash).collect();
    hashes.insert(plain.hash.clone());
    assert_eq!(hashes.len(), changes.len() + 1, "two different tailorings share a hash");
    // Words change no verdict.
    assert_eq!(tailored("author: x\nrequirements: {AAF-PKG-NOM: {reason: essai, clause: essai}}\n").unwrap().hash, plain.hash);
}

#[test]
fn what_does_not_exist_is_refused_where_it_is_written() {
    let cases = [
        ("profile: 3D\nrequirements: {}\n", "3D", "/profile", "no such profile"),
        ("# x\nrequirements:\n  AAF-ABSENT: {exclude: true}\n", "AAF-ABSENT", "/requirements/AAF-ABSENT", "no such requirement"),
        (
            "requirements:\n  AAF-PKG-NOM:\n    parameters:\n      seuil: 3\n",
            "seuil",
            "/requirements/AAF-PKG-NOM/parameters/seuil",
            "no such parameter",
        ),
        ("requirements:\n  AAF-PKG-NOM:\n    level: fort\n", "level", "/requirements/AAF-PKG-NOM/level", "obligatoire"),
        ("requirements:\n  AAF-PKG-NOM:\n    niveau: fort\n", "niveau", "/requirements/AAF-PKG-NOM/niveau", "`niveau`"),
        ("profil: 2D\n", "profil", "/profil", "`profil`"),
    ];
    for (text, marker, pointer, why) in cases {
        let Err(LibraryError::Files(errors)) = tailored(text) else { panic!("accepted: {text}") };
        assert_eq!(errors.len(), 1, "{errors:#?}");
        let e = &errors[0];
        assert_eq!(
            (e.file.to_str(), e.line as usize, e.pointer.as_str()),
            (Some("adaptation.yaml"), line_of(text, marker), pointer),
            "{e}"
        );
        assert!(e.why.contains(why), "{e}");
    }
    let Err(LibraryError::Files(both)) = tailored("profile: 3D\nrequirements:\n  AAF-A: {exclude: true}\n  AAF-B: {exclude: true}\n")
    else {
        panic!("accepted")
    };
    assert_eq!(both.len(), 3, "{both:#?}");
}
