//! What the loader refuses, each time with file, line and JSON pointer; what `--rules` adds and replaces.

use conforment::rules::library::{Library, LibraryError};
use conforment::rules::set::RuleSet;

use super::{embedded, line_of, write};

const REFERENTIEL: &str = "\
id: essai
title: {fr: Essai, en: Trial}
version: '1'
edition: '1'
published: '2026-01'
statement: {fr: Rien n’a été lu., en: Nothing was read.}
sources:
  code:
    title: Du code
    read: {fr: Tout., en: All of it.}
    location: ici
";

const LIST: &str = "\
id: regimes
title: {fr: Régimes, en: Statuses}
sources: [code]
open: false
codes:
  EXTERNE: externe
";

const REQUIREMENTS: &str = "\
# a comment, so that lines are not ranks
- id: AAF-ESSAI-REGIME
  title: {fr: Le régime est connu, en: The status is known}
  why: {fr: Sinon rien., en: Nothing otherwise.}
  fix: {fr: Corriger., en: Correct it.}
  domain: alimentation
  level: obligatoire
  severity: mineure
  basis: implementation
  sources: [code]
  degree: [2D]
  actor: academie
  strength: prouve
  check:
    records: aaf.Eleve
    assert:
      properties:
        ENTEleveRegime:
          items:
            nomenclature: regimes
  examples:
    pass:
      - {ENTEleveRegime: EXTERNE}
    fail:
      - {ENTEleveRegime: AUTRE}

- id: AAF-ESSAI-ID
  title: {fr: L’identifiant est unique, en: The identifier is unique}
  why: {fr: Sinon rien., en: Nothing otherwise.}
  fix: {fr: Corriger., en: Correct it.}
  domain: alimentation
  level: recommande
  severity: mineure
  basis: implementation
  sources: [code]
  degree: [2D]
  actor: academie
  strength: prouve
  parent: AAF-ESSAI-REGIME
  check:
    records: aaf.Eleve
    unique:
      key: ENTEleveINE
  examples:
    pass:
      - aaf.Eleve: [{ENTEleveINE: A}, {ENTEleveINE: B}]
    fail:
      - aaf.Eleve: [{ENTEleveINE: A}, {ENTEleveINE: A}]
";

fn open(referentiel: &str, list: &str, requirements: &str) -> Result<RuleSet, LibraryError> {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), &[("referentiel.yaml", referentiel), ("nomenclatures/regimes.yaml", list), ("aaf/essai.yaml", requirements)]);
    let mut library = Library::embedded();
    library.add(dir.path()).unwrap();
    RuleSet::open(&library, "essai", None)
}

/// `file:line (pointer): why`, for each error.
fn errors(result: Result<RuleSet, LibraryError>) -> Vec<(String, u64, String, String)> {
    match result {
        Ok(_) => Vec::new(),
        Err(LibraryError::Files(errors)) => {
            errors.into_iter().map(|e| (e.file.file_name().unwrap().to_string_lossy().into_owned(), e.line, e.pointer, e.why)).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

/// One change to the requirements is refused, at a line, with a pointer, for a reason.
fn refused(from: &str, to: &str, marker: &str, pointer: &str, why: &str) {
    assert!(REQUIREMENTS.contains(from), "no `{from}` in the model");
    let text = REQUIREMENTS.replacen(from, to, 1);
    let found = errors(open(REFERENTIEL, LIST, &text));
    let line = line_of(&text, marker) as u64;
    let hit = found.iter().any(|(f, l, p, w)| f == "essai.yaml" && *l == line && p == pointer && w.contains(why));
    assert!(hit, "`{to}`: expected essai.yaml:{line} ({pointer}) … {why}, got {found:#?}");
    assert_eq!(found.len(), 1, "`{to}` is one fault: {found:#?}");
}

#[test]
fn the_model_itself_is_accepted() {
    let set = open(REFERENTIEL, LIST, REQUIREMENTS).unwrap();
    assert_eq!(set.requirements.len(), 2);
    assert_eq!(conforment::engine::selftest::run(&set), (4, Vec::new()));
}

#[test]
fn words_of_schemas() {
    let at = "/0/check/assert/properties/ENTEleveRegime/items";
    let word = "nomenclature: regimes";
    refused(word, "patern: '[A-Z]'", "patern", &format!("{at}/patern"), "`patern` is not a word of the vocabulary");
    refused(word, "$ref: '#/a'", "$ref", &format!("{at}/$ref"), "`$ref` is not a word of the vocabulary");
    refused(word, "format: date-us", "format: date-us", &format!("{at}/format"), "date-us");
    refused(word, "nomenclature: inconnue", "nomenclature: inconnue", &format!("{at}/nomenclature"), "no nomenclature is named `inconnue`");
    refused(word, "pattern: '['", "pattern: '['", &format!("{at}/pattern"), "");
    refused(word, "minLength: court", "minLength: court", &format!("{at}/minLength"), "");
    refused(word, "split: {minimumItems: 2}", "split:", &format!("{at}/split/minimumItems"), "`minimumItems` is not a word");
    let text = REQUIREMENTS.replacen(word, "maxLength: {$param: longueur}", 1);
    let found = errors(open(REFERENTIEL, LIST, &text));
    assert!(found.iter().any(|e| e.2 == "/0/check" && e.3.contains("no parameter is named `longueur`")), "{found:#?}");
}

#[test]
fn checks() {
    refused("records: aaf.Eleve", "records: aaf.Eleves", "records: aaf.Eleves", "/0/check/records", "no source gives records `aaf.Eleves`");
    refused("records: aaf.Eleve", "records: []", "records: []", "/0/check/records", "at least one kind");
    refused(
        "    unique:\n      key: ENTEleveINE",
        "    unique:\n      key: ENTEleveINE$x",
        "key: ENTEleveINE$x",
        "/1/check/unique/key",
        "",
    );
    refused(
        "    unique:\n      key: ENTEleveINE",
        "    unique:\n      key: ENTEleveINE\n    count: {min: 1}",
        "  check:\n    records: aaf.Eleve\n    unique",
        "/1/check",
        "exactly one of",
    );
    refused("    unique:\n      key: ENTEleveINE", "    count: {}", "count: {}", "/1/check/count", "a bound is expected");
    refused("    unique:\n      key: ENTEleveINE", "    unic: {key: A}", "  check:\n    records: aaf.Eleve\n    unic", "/1/check", "unic");
    refused(
        "    unique:\n      key: ENTEleveINE",
        "    unique: {clef: A}",
        "  check:\n    records: aaf.Eleve\n    unique",
        "/1/check",
        "clef",
    );
    refused(
        "    unique:\n      key: ENTEleveINE",
        "    references: {key: [A, B], to: aaf.MefEducNat, by: C}",
        "references:",
        "/1/check/references",
        "the same number of parts",
    );
    refused(
        "    records: aaf.Eleve\n    unique",
        "    record: aaf.Eleve\n    unique",
        "  check:\n    record: aaf.Eleve",
        "/1/check",
        "a check has `records`",
    );
}

#[test]
fn facts() {
    let model = "  check:\n    records: aaf.Eleve\n    assert:\n      properties:\n        ENTEleveRegime:\n          items:\n            nomenclature: regimes\n";
    let check = |body: &str| format!("  check:\n{body}\n");
    refused(model, &check("    facts: aaf.files\n    assert: {}"), "aaf.files", "/0/check/facts", "no source gives `aaf.files`");
    let text = check("    facts: aaf.file\n    assert:\n      properties:\n        name: {patern: x}");
    refused(model, &text, "patern", "/0/check/assert/properties/name/patern", "`patern` is not a word");
    refused(
        "  actor: academie\n",
        "  actor: academie\n  when: {minimun: 3}\n",
        "minimun",
        "/0/when/minimun",
        "`minimun` is not a word of the vocabulary",
    );
}

#[test]
fn members_of_requirements() {
    refused("  why: {fr: Sinon rien., en: Nothing otherwise.}\n", "", "- id: AAF-ESSAI-REGIME", "/0", "why");
    refused("  actor: academie\n", "  actor: academie\n  acteur: x\n", "acteur", "/0/acteur", "`acteur`");
    refused("level: obligatoire", "level: mandatory", "level: mandatory", "/0/level", "obligatoire");
    refused("severity: mineure", "severity: grave", "severity: grave", "/0/severity", "mineure");
    refused("degree: [2D]", "degree: []", "degree: []", "/0/degree", "");
    refused("sources: [code]", "sources: []", "sources: []", "/0/sources", "");
    refused("sources: [code]", "sources: [livre]", "sources: [livre]", "/0/sources", "no source `livre`");
    refused("id: AAF-ESSAI-REGIME", "id: aaf-essai-regime", "id: aaf", "/0/id", "");
    refused("basis: implementation", "basis: bonne-pratique", "level: obligatoire", "/0/level", "a good practice is never mandatory");
    refused("parent: AAF-ESSAI-REGIME", "parent: AAF-AUTRE", "parent: AAF-AUTRE", "/1/parent", "`AAF-AUTRE`");
    refused("parent: AAF-ESSAI-REGIME", "parent: AAF-ESSAI-ID", "parent: AAF-ESSAI-ID", "/1/parent", "`AAF-ESSAI-ID`");
    // The second one is then its own parent too: both are told.
    let twice = errors(open(REFERENTIEL, LIST, &REQUIREMENTS.replace("id: AAF-ESSAI-ID", "id: AAF-ESSAI-REGIME")));
    assert!(twice.iter().any(|e| e.2 == "/1/id" && e.3.contains("already used")), "{twice:#?}");
    refused("en: The status is known}", "en: ''}", "title: {fr: Le régime", "/0/title", "both languages");
}

#[test]
fn a_requirement_without_examples_of_both_kinds() {
    let both = "at least one passing and one failing example";
    refused("    pass:\n      - {ENTEleveRegime: EXTERNE}\n", "", "  examples:", "/0/examples", both);
    refused("    fail:\n      - {ENTEleveRegime: AUTRE}\n", "", "  examples:", "/0/examples", both);
    refused("    fail:\n      - {ENTEleveRegime: AUTRE}\n", "    fail: []\n", "  examples:", "/0/examples", both);
    let without = "  examples:\n    pass:\n      - {ENTEleveRegime: EXTERNE}\n    fail:\n      - {ENTEleveRegime: AUTRE}\n";
    refused(without, "", "- id: AAF-ESSAI-REGIME", "/0", "examples");
}

#[test]
fn every_error_of_every_file_is_told_at_once() {
    let text =
        REQUIREMENTS.replacen("level: obligatoire", "level: x", 1).replacen("actor: academie\n", "actor: academie\n  acteur: y\n", 2);
    let found = errors(open(REFERENTIEL, &LIST.replace("open: false", "open: peut-être"), &text));
    let places: Vec<(&str, &str)> = found.iter().map(|(f, _, p, _)| (f.as_str(), p.as_str())).collect();
    for place in [("essai.yaml", "/0/level"), ("essai.yaml", "/0/acteur"), ("essai.yaml", "/1/acteur"), ("regimes.yaml", "/open")] {
        assert!(places.contains(&place), "{place:?} is not among {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
}

#[test]
fn other_files_of_a_set() {
    let wrong = |from: &str, to: &str| errors(open(&REFERENTIEL.replace(from, to), LIST, REQUIREMENTS));
    let one = |found: Vec<(String, u64, String, String)>| {
        assert_eq!(found.len(), 1, "{found:#?}");
        (found[0].0.clone(), found[0].1, found[0].2.clone())
    };
    assert_eq!(one(wrong("version: '1'", "versoin: '1'\nversion: '1'")), ("referentiel.yaml".into(), 3, "/versoin".into()));
    assert_eq!(one(wrong("version: '1'\n", "")), ("referentiel.yaml".into(), 1, String::new()));
    assert_eq!(
        one(wrong("id: essai\n", "id: essai\nblockers: {aaf.Eleve: A-B}\n")),
        ("referentiel.yaml".into(), 2, "/blockers/aaf.Eleve".into())
    );
    let profile = "id: essai\nprofiles:\n  p:\n    title: {fr: a, en: b}\n    excludes:\n      - A-B\n";
    assert_eq!(one(wrong("id: essai\n", profile)), ("referentiel.yaml".into(), 6, "/profiles/p/excludes/0".into()));
    let list = errors(open(REFERENTIEL, &LIST.replace("  EXTERNE: externe", "  EXTERNE: [externe]"), REQUIREMENTS));
    assert_eq!(one(list), ("regimes.yaml".into(), 6, "/codes/EXTERNE".into()));
    assert_eq!(errors(open(REFERENTIEL, LIST, "id: x\n"))[0].3, "a list of requirements is expected");
    let broken = errors(open(REFERENTIEL, LIST, "- id: [\n"));
    assert_eq!((broken.len(), broken[0].0.as_str()), (1, "essai.yaml"));
}

#[test]
fn a_directory_adds_a_set_or_replaces_one() {
    let dir = tempfile::tempdir().unwrap();
    let extended = REFERENTIEL.replace("id: essai\n", "id: essai\nextends: sdet-6.3\nretires: [AAF-PKG-NOM]\n");
    let replaced = REFERENTIEL.replace("id: essai\n", "id: sdet-6.4\n");
    write(
        dir.path(),
        &[
            ("a/referentiel.yaml", extended.as_str()),
            ("a/nomenclatures/regimes.yaml", LIST),
            ("a/aaf/essai.yaml", REQUIREMENTS),
            ("b/referentiel.yaml", replaced.as_str()),
            ("b/nomenclatures/regimes.yaml", LIST),
            ("b/aaf/essai.yaml", REQUIREMENTS),
            ("c/lisez-moi.yaml", "not a set"),
        ],
    );
    let mut library = Library::embedded();
    library.add(dir.path()).unwrap();
    assert_eq!(library.names().collect::<Vec<_>>(), ["essai", "sdet-6.3", "sdet-6.4"]);

    let (base, essai) = (embedded("sdet-6.3"), RuleSet::open(&library, "essai", None).unwrap());
    assert_eq!(essai.requirements.len(), base.requirements.len() - 1 + 2);
    assert!(essai.get("AAF-PKG-NOM").is_none() && essai.get("AAF-ESSAI-ID").is_some() && essai.get("AAF-ETB-UAI").is_some());
    // Its own list replaces that of the set it extends.
    assert_eq!(essai.nomenclatures["regimes"].codes.len(), 1);
    assert!(base.nomenclatures["regimes"].codes.len() > 1);

    let replaced = RuleSet::open(&library, "sdet-6.4", None).unwrap();
    assert_eq!(replaced.requirements.len(), 2);
    assert_ne!(replaced.hash, embedded("sdet-6.4").hash);
}

#[test]
fn a_requirement_of_the_same_id_replaces_that_of_the_set_it_extends() {
    let text = REQUIREMENTS.replace("AAF-ESSAI-REGIME", "AAF-PKG-NOM");
    let set = open(&REFERENTIEL.replace("id: essai\n", "id: essai\nextends: sdet-6.3\n"), LIST, &text).unwrap();
    let base = embedded("sdet-6.3");
    assert_eq!(set.requirements.len(), base.requirements.len() + 1);
    let rank = |set: &RuleSet| set.requirements.iter().position(|r| r.id == "AAF-PKG-NOM").unwrap();
    assert_eq!(rank(&set), rank(&base));
    assert_eq!(set.get("AAF-PKG-NOM").unwrap().title.fr, "Le régime est connu");
}

#[test]
fn directories_and_names_that_give_no_set() {
    let dir = tempfile::tempdir().unwrap();
    let mut library = Library::embedded();
    assert!(matches!(library.add(dir.path()), Err(LibraryError::NoSet(_))));
    assert!(matches!(library.add(&dir.path().join("absent")), Err(LibraryError::Read { .. })));
    let unknown = RuleSet::open(&library, "sdet-9", None).unwrap_err().to_string();
    assert!(unknown.contains("sdet-9") && unknown.contains("sdet-6.3, sdet-6.4"), "{unknown}");
    let circle = open(&REFERENTIEL.replace("id: essai\n", "id: essai\nextends: essai\n"), LIST, REQUIREMENTS);
    assert!(matches!(circle, Err(LibraryError::Circle(_))));
    let orphan = open(&REFERENTIEL.replace("id: essai\n", "id: essai\nextends: absent\n"), LIST, REQUIREMENTS);
    assert!(matches!(orphan, Err(LibraryError::Unknown { .. })));
}
