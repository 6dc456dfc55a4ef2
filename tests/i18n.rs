//! The catalogue and the code say the same: no key without text, no text without key.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use conforment::check::formats::FORMATS;
use conforment::cli::exit::Exit;
use conforment::i18n::{Lang, catalogue, t};
use conforment::rules::library::Library;
use conforment::rules::model::{Actor, Basis, Check, Domain, Level, Severity, Strength};
use conforment::rules::set::RuleSet;
use conforment::source::KINDS;
use regex::Regex;

/// Keys that are put together from parts no literal shows, and where.
const BUILT: &[(&str, &str)] = &[
    // src/cli/localised.rs, from the names of commands and options; a test there finds those that are missing.
    ("cli", "commands and options"),
    // src/generate/faults/mod.rs, from the identifiers of faults; a test of the generator finds those that are missing.
    ("generate.fault.", "faults"),
];

/// Every source file without its unit tests.
fn sources() -> Vec<(String, String)> {
    let (mut found, mut todo) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(dir) = todo.pop() {
        for path in std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()) {
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let code = text.split("#[cfg(test)]").next().unwrap().to_owned();
                // A doc comment may name a key; it does not use it.
                let code = code.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                found.push((path.display().to_string(), code));
            }
        }
    }
    assert!(found.len() > 80, "{} files", found.len());
    found
}

/// First words of the keys of the catalogue.
fn groups() -> BTreeSet<String> {
    catalogue(Lang::Fr).keys().map(|k| k.split('.').next().unwrap().to_owned()).collect()
}

/// Every literal that looks like a key: whole ones, and templates with `{…}`.
fn literals() -> (BTreeSet<(String, String)>, BTreeSet<String>) {
    let literal = Regex::new(r#""([a-z_]+(?:\.[A-Za-z0-9_{}-]+)+)""#).unwrap();
    let (groups, mut keys, mut templates) = (groups(), BTreeSet::new(), BTreeSet::new());
    for (file, code) in sources() {
        for found in literal.captures_iter(&code).map(|c| c[1].to_owned()) {
            if !groups.contains(found.split('.').next().unwrap()) || found.ends_with(".json") || found.ends_with(".yaml") {
                continue;
            }
            if found.contains('{') {
                templates.insert(found)
            } else {
                keys.insert((file.clone(), found))
            };
        }
    }
    (keys, templates)
}

fn exists(key: &str) -> bool {
    Lang::ALL.iter().all(|lang| catalogue(*lang).contains_key(key))
}

/// Present as it is, or as a count of one and of many.
fn told(key: &str) -> bool {
    exists(key) || (exists(&format!("{key}.one")) && exists(&format!("{key}.many")))
}

#[test]
fn every_literal_key_has_a_text() {
    let (keys, _) = literals();
    assert!(keys.len() > 200, "{} keys found", keys.len());
    let untold: Vec<_> = keys.iter().filter(|(_, key)| !told(key)).collect();
    assert!(untold.is_empty(), "{untold:#?}");
}

#[test]
fn every_call_names_a_key_that_has_a_text() {
    let call = Regex::new(
        r#"(?:\bt\(\s*[a-z.]+,|\btf\(\s*[a-z.]+,|\bMessage::new\(|\bw\.tf?\(|\bw\.count(?:_with)?\(|\.field\(|\.title\()\s*"([^"]+)""#,
    )
    .unwrap();
    let mut seen = 0;
    for (file, code) in sources() {
        // What is written for those who debug is not of the catalogue.
        let code: String = code.lines().filter(|line| !line.contains("debug_struct")).collect::<Vec<_>>().join("\n");
        for key in call.captures_iter(&code).map(|c| c[1].to_owned()) {
            seen += 1;
            assert!(told(&key), "{file}: no text for `{key}`");
        }
    }
    assert!(seen > 150, "{seen} calls found");
}

#[test]
fn every_key_made_from_a_list_has_a_text() {
    let mut keys: Vec<String> = FORMATS.iter().map(|(name, _)| format!("finding.format.{name}")).collect();
    keys.extend(Exit::ALL.iter().map(|e| e.key().to_owned()));
    for word in ["sameCount", "subsetOf", "equalTo", "disjoint", "distinct", "knownAttributes"] {
        keys.push(format!("finding.{word}"));
    }
    keys.extend(Level::ALL.iter().flat_map(|w| [format!("level.{w}"), format!("level.{w}.many")]));
    keys.extend(Severity::ALL.iter().flat_map(|w| [format!("severity.{w}"), format!("severity.{w}.means")]));
    keys.extend(Strength::ALL.iter().flat_map(|w| [format!("strength.{w}"), format!("strength.{w}.means")]));
    keys.extend(Basis::ALL.iter().map(|w| format!("basis.{w}")));
    keys.extend(Actor::ALL.iter().map(|w| format!("actor.{w}")));
    keys.extend(Domain::ALL.iter().map(|w| format!("domain.{w}")));
    for kind in KINDS.iter().map(|k| k.name).chain(["aaf.delivery", "aaf.file", "case", "other"]) {
        keys.extend([format!("record.{kind}.one"), format!("record.{kind}.many")]);
    }
    keys.extend(KINDS.iter().map(|k| format!("record.{}.name", k.name)));
    keys.extend((1..=12).map(|m| format!("report.month.{m}")));
    keys.extend((0..=4).map(|u| format!("report.unit.{u}")));
    for word in ["pass", "fail", "waived", "undetermined", "not_applicable"] {
        keys.extend([format!("verdict.state.{word}"), format!("verdict.states.{word}")]);
    }
    let wire = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    use conforment::outcome::{Evidence, Reason};
    use conforment::report::model::OverallVerdict as O;
    for reason in [
        Reason::Blocked,
        Reason::ParentFailed,
        Reason::ManualPending,
        Reason::AttestationExpired,
        Reason::Excluded,
        Reason::ToolError,
        Reason::OutOfBudget,
    ] {
        keys.push(format!("reason.{}", wire(serde_json::to_value(reason).unwrap())));
    }
    for evidence in [Evidence::Automated, Evidence::Live, Evidence::Attested] {
        keys.push(format!("evidence.{}", wire(serde_json::to_value(evidence).unwrap())));
    }
    for verdict in [O::Conforme, O::ConformeSousReserve, O::NonConcluant, O::NonConforme] {
        keys.push(format!("verdict.{}", wire(serde_json::to_value(verdict).unwrap())));
    }
    let untold: Vec<&String> = keys.iter().filter(|k| !exists(k)).collect();
    assert!(untold.is_empty(), "{untold:#?}");
    assert_eq!(t(Lang::Fr, "no.such.key"), "no.such.key", "a missing text would be seen");
}

#[test]
fn no_text_is_left_unused() {
    let (keys, templates) = literals();
    let whole: BTreeSet<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
    let hole = Regex::new(r"\\\{[a-z_]*\\\}").unwrap();
    let patterns: Vec<Regex> = templates
        .iter()
        .map(|template| Regex::new(&format!("^{}$", hole.replace_all(&regex::escape(template), r"[A-Za-z0-9_.-]+"))).unwrap())
        .collect();
    let used = |key: &str| {
        let base = key.strip_suffix(".one").or_else(|| key.strip_suffix(".many")).unwrap_or(key);
        let literal = whole.contains(key) || whole.contains(base);
        literal || patterns.iter().any(|p| p.is_match(key)) || BUILT.iter().any(|(prefix, _)| key.starts_with(prefix))
    };
    let mut unused: Vec<&String> = catalogue(Lang::Fr).keys().filter(|k| !used(k)).collect();
    unused.sort();
    assert!(unused.is_empty(), "{unused:#?}");
}

#[test]
fn no_key_is_written_twice_in_a_language() {
    // Files are read one after the other: a second text would replace the first without a word.
    let key = Regex::new(r#"(?m)^["']?([A-Za-z][A-Za-z0-9_.-]*)["']?:"#).unwrap();
    for lang in ["fr", "en"] {
        let (mut seen, mut twice) = (std::collections::BTreeMap::new(), Vec::new());
        for file in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/i18n").join(lang)).unwrap() {
            let path = file.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for found in key.captures_iter(&text).map(|c| c[1].to_owned()) {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                if let Some(first) = seen.insert(found.clone(), name.clone()) {
                    twice.push(format!("{found}: {first} and {name}"));
                }
            }
        }
        assert!(twice.is_empty(), "{twice:#?}");
        assert_eq!(seen.len(), catalogue(if lang == "fr" { Lang::Fr } else { Lang::En }).len(), "keys that the test does not see");
    }
}

#[test]
fn help_texts_are_about_commands_and_options_that_exist() {
    let code: String = sources().into_iter().filter(|(file, _)| file.contains("/cli/")).map(|(_, code)| code.to_lowercase()).collect();
    for key in catalogue(Lang::Fr).keys().filter(|k| k.starts_with("cli.")) {
        let last = key.rsplit('.').next().unwrap().to_lowercase();
        let word = Regex::new(&format!(r"\b{}\b", regex::escape(&last))).unwrap();
        assert!(word.is_match(&code) || last == "more", "{key} is about nothing");
    }
}

#[test]
fn sentences_about_facts_are_about_facts_that_requirements_look_at() {
    fn named(schema: &serde_json::Value, out: &mut BTreeSet<String>) {
        match schema {
            serde_json::Value::Object(object) => object.iter().for_each(|(word, inner)| {
                out.insert(word.clone());
                named(inner, out);
            }),
            serde_json::Value::Array(items) => items.iter().for_each(|item| named(item, out)),
            serde_json::Value::String(text) => drop(out.insert(text.clone())),
            _ => {}
        }
    }
    let mut known = BTreeSet::new();
    for set in ["sdet-6.3", "sdet-6.4"] {
        for r in RuleSet::open(&Library::embedded(), set, None).unwrap().requirements {
            if let Check::Facts(check) = r.check {
                named(&check.assert, &mut known);
            }
        }
    }
    // `xmlErrors`, `structure` and the like are looked at as a whole: their members are those of the facts.
    let facts = include_str!("../src/source/aaf/facts.rs");
    let mut looked_at = 0;
    for key in catalogue(Lang::Fr).keys().filter_map(|k| k.strip_prefix("finding.fact.")) {
        let path = key.strip_suffix(".missing").unwrap_or(key);
        for segment in path.split(['.', '-']).filter(|s| *s != "item") {
            looked_at += 1;
            let listed = facts.contains(&format!("\"{segment}\""));
            assert!(known.contains(segment) || listed, "finding.fact.{key}: no requirement looks at `{segment}`");
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}
