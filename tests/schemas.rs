//! The published JSON Schemas: those of the types, true of our own files, false of wrong ones.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use conforment::i18n::{Lang, t};
use conforment::rules::{schema, yaml};
use jsonschema::Validator;
use serde_json::{Value, json};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn validator(name: &str) -> Validator {
    let (_, text) = schema::published().into_iter().find(|(path, _)| path.ends_with(name)).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

fn parsed(path: &Path) -> Value {
    yaml::value(path, &std::fs::read_to_string(path).unwrap()).unwrap()
}

fn errors(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

/// Every YAML file under `rules/`, with the name of its schema.
fn rule_files() -> Vec<(PathBuf, &'static str)> {
    let (mut found, mut todo) = (Vec::new(), vec![root().join("rules")]);
    while let Some(dir) = todo.pop() {
        for path in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
            let parent = path.parent().unwrap();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                let schema = if path.ends_with("referentiel.yaml") {
                    "referentiel.schema.json"
                } else if parent.ends_with("nomenclatures") {
                    "nomenclature.schema.json"
                } else if parent.ends_with("modele") {
                    "modele.schema.json"
                } else if parent.ends_with("contrats") {
                    "contract.schema.json"
                } else if parent.ends_with("rules") {
                    "tailoring.schema.json"
                } else {
                    "requirements.schema.json"
                };
                found.push((path, schema));
            }
        }
    }
    found
}

#[test]
fn the_published_schemas_are_those_of_the_types() {
    for (path, generated) in schema::published() {
        let path = root().join(path);
        if std::env::var_os("UPDATE_SCHEMAS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &generated).unwrap();
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(published == generated, "{} is out of date: run with UPDATE_SCHEMAS=1", path.display());
    }
}

#[test]
fn every_file_of_the_sets_follows_its_schema() {
    let mut seen = std::collections::BTreeMap::new();
    for (path, name) in rule_files() {
        assert_eq!(errors(&validator(name), &parsed(&path)), Vec::<String>::new(), "{}", path.display());
        *seen.entry(name).or_insert(0) += 1;
    }
    // Each schema was tried on something.
    assert_eq!(seen.len(), 6, "{seen:?}");
    assert_eq!(seen["tailoring.schema.json"], 1);
    assert!(seen["contract.schema.json"] >= 20, "{seen:?}");
    assert!(seen["requirements.schema.json"] >= 10 && seen["nomenclature.schema.json"] >= 10, "{seen:?}");
}

#[test]
fn the_target_that_init_writes_follows_its_schema() {
    for lang in Lang::ALL {
        let text = t(lang, "init.template").replace("{sources}", "  - kind: aaf\n    path: \"livraison\"\n");
        let value = yaml::value(Path::new("ent.yaml"), &text).unwrap();
        assert_eq!(errors(&validator("target-1.schema.json"), &value), Vec::<String>::new());
    }
}

/// The first requirement of a file, to break in one way or another.
fn requirement() -> Value {
    parsed(&root().join("rules/sdet-6.3/alimentation-aaf/eleve-2d.yaml"))[0].clone()
}

#[test]
fn a_wrong_requirement_does_not_follow_the_schema() {
    let requirements = validator("requirements.schema.json");
    assert!(requirements.is_valid(&json!([requirement()])));
    type Break = fn(&mut Value);
    let breaks: [(&str, Break); 12] = [
        ("misspelt member", |r| r["titel"] = "x".into()),
        ("missing member", |r| drop(r.as_object_mut().unwrap().remove("why"))),
        ("lower-case id", |r| r["id"] = "aaf-2d-elv".into()),
        ("unknown level", |r| r["level"] = "mandatory".into()),
        ("unknown severity", |r| r["severity"] = "grave".into()),
        ("unknown domain", |r| r["domain"] = "aaf".into()),
        ("no source", |r| r["sources"] = json!([])),
        ("no degree", |r| r["degree"] = json!([])),
        ("one language", |r| drop(r["title"].as_object_mut().unwrap().remove("en"))),
        ("third language", |r| r["title"]["de"] = "x".into()),
        ("unknown kind of check", |r| r["check"] = json!({"record": "aaf.Eleve", "assert": {}})),
        ("misspelt relation", |r| r["check"] = json!({"records": "aaf.Eleve", "reference": {}})),
    ];
    for (what, change) in breaks {
        let mut wrong = requirement();
        change(&mut wrong);
        assert!(!requirements.is_valid(&json!([wrong])), "{what} is accepted");
    }
    assert!(!requirements.is_valid(&requirement()), "a file is a list");
}

#[test]
fn other_wrong_files_do_not_follow_their_schemas() {
    let list = parsed(&root().join("rules/sdet-6.3/nomenclatures/contrats.yaml"));
    let (mut open, mut codes) = (list.clone(), list);
    open["open"] = "yes".into();
    codes["codes"]["PU"] = 1.into();
    let set = parsed(&root().join("rules/sdet-6.3/referentiel.yaml"));
    let (mut blocker, mut profile) = (set.clone(), set);
    blocker["blockers"]["aaf.Eleve"] = json!(["A", "B"]);
    profile["profiles"]["2D"]["degree"] = json!(["3D"]);
    let contract = json!({"id": "essai", "title": {"fr": "Essai", "en": "Trial"}, "sources": ["code"], "shape": ["A"], "attributes": {}});
    assert!(validator("contract.schema.json").is_valid(&contract));
    let but = |name: &str, value: Value| {
        let mut wrong = contract.clone();
        wrong[name] = value;
        ("contract.schema.json", wrong)
    };
    let wrong = [
        but("id", "Essai".into()),
        but("shape", json!(["D"])),
        but("shape", json!([])),
        but("textLists", "peut-être".into()),
        but("profiles", json!({"professeur": ["National_3"]})),
        but("attributes", json!({"nom": {"requis": true}})),
        ("nomenclature.schema.json", open),
        ("nomenclature.schema.json", codes),
        ("referentiel.schema.json", blocker),
        ("referentiel.schema.json", profile),
        ("tailoring.schema.json", json!({"profil": "2D"})),
        ("tailoring.schema.json", json!({"requirements": {"A-B": {"niveau": "obligatoire"}}})),
        ("tailoring.schema.json", json!({"requirements": {"A-B": {"level": "mandatory"}}})),
        ("target-1.schema.json", json!({"version": 1, "name": "x"})),
        ("target-1.schema.json", json!({"version": 2, "name": "x", "sources": []})),
        ("target-1.schema.json", json!({"version": 1, "name": "x", "sources": [{"kind": "ldif", "path": "x"}]})),
        ("target-1.schema.json", json!({"version": 1, "name": "x", "sources": [{"kind": "aaf", "path": "x", "delta": []}]})),
        ("target-1.schema.json", json!({"version": 1, "name": "x", "sources": [], "environment": "test"})),
    ];
    for (name, value) in wrong {
        assert!(!validator(name).is_valid(&value), "{name} accepts {value}");
    }
}
