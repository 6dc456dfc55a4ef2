//! The requirement sets: what the embedded ones hold, what the loader refuses, what a tailoring changes.
#![allow(clippy::unwrap_used)]

#[path = "../common/audited.rs"]
mod audited;

mod contracts;
mod embedded;
mod honesty;
mod refused;
mod tailoring;

use std::path::Path;

use conforment::rules::library::{Library, SetFiles};
use conforment::rules::model::{Check, Requirement};
use conforment::rules::set::RuleSet;
use serde_json::Value;

/// The sets compiled into the binary.
const SETS: [&str; 2] = ["sdet-6.3", "sdet-6.4"];

fn embedded(name: &str) -> RuleSet {
    RuleSet::open(&Library::embedded(), name, None).unwrap()
}

fn files(name: &str) -> SetFiles {
    Library::embedded().open(name).unwrap()
}

fn check(requirement: &Requirement) -> Value {
    serde_json::to_value(&requirement.check).unwrap()
}

/// Calls `f` with every member of every object of a JSON value.
fn members(value: &Value, f: &mut dyn FnMut(&str, &Value)) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, inner)| {
            f(name, inner);
            members(inner, f);
        }),
        Value::Array(items) => items.iter().for_each(|item| members(item, f)),
        _ => {}
    }
}

/// Every text of a requirement that a person reads, with its name.
fn texts(r: &Requirement) -> Vec<(String, &conforment::outcome::Text)> {
    let mut all = vec![("title".to_owned(), &r.title), ("why".to_owned(), &r.why), ("fix".to_owned(), &r.fix)];
    all.extend(r.limits.iter().map(|t| ("limits".to_owned(), t)));
    all.extend(r.parameters.iter().map(|(name, p)| (format!("parameter {name}"), &p.title)));
    if let Check::Attestation(a) = &r.check {
        all.push(("question".to_owned(), &a.attestation.question));
        all.push(("evidence".to_owned(), &a.attestation.evidence));
    }
    all
}

/// Writes the files of a set.
fn write(dir: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// The line, from 1, of the first occurrence of a marker.
fn line_of(text: &str, marker: &str) -> usize {
    let at = text.find(marker).unwrap_or_else(|| panic!("no `{marker}`"));
    text[..at].matches('\n').count() + 1
}
