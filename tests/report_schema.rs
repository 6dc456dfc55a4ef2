//! `report.json`: its published schema, and that what is written can be read back.
#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use conforment::report::{json, schema};

#[test]
fn the_published_schema_is_that_of_the_types() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report-1.schema.json");
    let generated = schema::report_schema_text();
    if std::env::var_os("UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &generated).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    assert!(published == generated, "{} is out of date: run with UPDATE_SCHEMAS=1", path.display());
}

#[test]
fn a_report_follows_the_schema() {
    let validator = jsonschema::validator_for(&schema::report_schema()).unwrap();
    let report = common::sample_report::sample();
    let value: serde_json::Value = serde_json::from_str(&json::write(&report).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert_eq!(errors, Vec::<String>::new());

    let mut wrong = value.clone();
    wrong["requirements"][0]["verdict"] = "maybe".into();
    assert!(!validator.is_valid(&wrong));
    wrong = value;
    wrong["assessment"]["overall"]["counts"]["obligatoire"]["fail"] = (-1).into();
    assert!(!validator.is_valid(&wrong));
}

#[test]
fn what_is_written_is_read_back() {
    let report = common::sample_report::sample();
    let text = json::write(&report).unwrap();
    let again = json::read(&text).unwrap();
    assert_eq!(again.requirements.len(), report.requirements.len());
    // Through text, a share may differ by its last bit; nothing else may.
    assert_eq!(json::write(&again).unwrap().len(), text.len());
    assert_eq!(again.target, report.target);
    assert_eq!(again.ruleset, report.ruleset);
}

#[test]
fn other_files_are_refused_with_their_reason() {
    let format = json::read(r#"{"format": "conforment-report/9", "anything": 1}"#).unwrap_err().to_string();
    assert!(format.contains("conforment-report/9"), "{format}");
    assert!(json::read("[]").is_err());
    assert!(json::read("").is_err());
    assert!(json::read(r#"{"format": "conforment-report/1"}"#).is_err());
}
