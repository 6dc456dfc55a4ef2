//! Facts of files and deliveries: small JSON documents (rules/AUTHORING.md gives their shape).
//!
//! Gathered by each worker while it reads, joined at the end. Must hold no value of a person: names of
//! files, header comments, counts and lines.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::name::{CATEGORIES, Mode};
use super::{Delivery, InputFile, sniff};
use crate::source::files::encoding::Encoding;
use crate::source::files::facts;
use crate::source::files::log::FileLog;
use crate::source::place::LineTable;

/// Faults of the structure: what the DTD does not allow.
const STRUCTURE: &[&str] = &[
    "unexpectedElement",
    "missingElement",
    "wrongOrder",
    "repeatedElement",
    "missingName",
    "unexpectedXmlAttribute",
    "badOperation",
    "emptyElement",
    "strayText",
    "wrongRoot",
];
/// The facts of one file.
#[must_use]
pub fn file(input: &InputFile, log: &FileLog, lines: &LineTable) -> Value {
    let (name, head) = (&input.said.name, &input.said.head);
    let mut out = facts::of_xml(input, log, lines, STRUCTURE);
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    put("nameConforms", Some(name.conforms.into()));
    put("prefix", name.prefix.clone().map(Value::from));
    put("mode", name.mode.map(|m| m.as_str().into()));
    put("date", name.date.map(|d| d.to_string().into()));
    put("nameDateDigits", name.date_digits.map(Value::from));
    put("category", input.said.category.map(|c| c.name().into()));
    put("sequence", name.sequence.map(Value::from));
    if input.problem.is_none() && head.encoding != Encoding::Unsupported {
        put("requests", Some(json!({"add": log.requests[0], "modify": log.requests[1], "delete": log.requests[2]})));
        put("idsIncreasing", Some(log.increasing().into()));
        let header = header(log);
        let mut shown: Map<String, Value> = Map::new();
        for key in ["versionAF", "versionSDET", "degre", "codeAcademieExport", "dateGenerationExport"] {
            if let Some(value) = header.get(key) {
                let value = if key == "dateGenerationExport" { iso(value).unwrap_or_else(|| value.clone()) } else { value.clone() };
                shown.insert(key.to_owned(), value.into());
            }
        }
        // A date written another way than the known one says nothing.
        if let (Some(exported), Some(named)) = (header.get("dateGenerationExport").and_then(|d| iso(d)), name.date) {
            put("headerDateAgrees", Some((exported == named.to_string()).into()));
        }
        put("header", Some(shown.into()));
    }
    Value::Object(out)
}

fn header(log: &FileLog) -> BTreeMap<String, String> {
    log.comments.iter().filter_map(|c| sniff::header(c)).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

fn iso(date: &str) -> Option<String> {
    crate::check::formats::date_fr::parse(date).map(|d| d.to_string())
}

/// The facts of a delivery, once it is read. `files` are the facts of its files, in the same order.
#[must_use]
pub fn delivery(delivery: &Delivery, inputs: &[InputFile], files: &[Value]) -> Value {
    let distinct = |pointer: &str, layer: Option<u16>| -> Vec<Value> {
        let of = inputs.iter().zip(files).filter(|(i, _)| layer.is_none_or(|l| i.layer == l));
        let mut all: Vec<String> = of.filter_map(|(_, f)| f.pointer(pointer)?.as_str()).map(str::to_owned).collect();
        all.sort();
        all.dedup();
        all.into_iter().map(Value::from).collect()
    };
    // The layers of a chain were delivered one after the other: what is said of "the delivery" is said of
    // the newest one, unless an older one disagrees more within itself.
    let texts = |pointer: &str| -> Vec<Value> {
        if !delivery.chained {
            return distinct(pointer, None);
        }
        (0..delivery.layers).map(|l| distinct(pointer, Some(l))).max_by_key(Vec::len).unwrap_or_default()
    };
    let modes = texts("/mode");
    let mode = match modes.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        // A Complet and its Deltas in one directory are read as a chain.
        _ if delivery.previous => Some(Mode::Delta.as_str().into()),
        _ => Some("mixed".into()),
    };
    let mut categories = Map::new();
    for category in CATEGORIES {
        let of: Vec<(&InputFile, &Value)> = inputs.iter().zip(files).filter(|(i, _)| i.said.category == Some(category)).collect();
        if of.is_empty() {
            continue;
        }
        let ranks: Vec<(u16, Option<u32>)> = of.iter().map(|(i, _)| (i.layer, i.said.name.sequence)).collect();
        let mut facts = facts::sequences(&ranks);
        // Of a file in an encoding that is not read, nobody knows how many records it holds.
        if of.iter().all(|(_, f)| f.pointer("/encoding/supported") != Some(&Value::Bool(false))) {
            facts["records"] = of.iter().filter_map(|(_, f)| f["records"].as_u64()).sum::<u64>().into();
        }
        categories.insert(category.name().to_owned(), facts);
    }
    let mismatch = delivery.checksums.iter().filter(|c| c.matches == Some(false)).count();
    let mut out = json!({
        "modes": modes, "dates": texts("/date"), "prefixes": texts("/prefix"), "feedVersions": texts("/header/versionAF"),
        "sdetVersions": texts("/header/versionSDET"), "headerDegrees": texts("/header/degre"), "container": delivery.container,
        "previous": delivery.previous, "categories": categories,
        "unrecognisedFiles": {"count": delivery.unrecognised.len(), "places": []},
        "checksums": {"present": delivery.checksums.len(), "unreadable": delivery.checksums.iter().filter(|c| c.matches.is_none()).count(),
                      "mismatch": {"count": mismatch, "places": []}},
    });
    if let Some(mode) = mode {
        out["mode"] = mode;
    }
    if let Some(degree) = delivery.degree {
        out["degree"] = degree.as_str().into();
    }
    let contents: Vec<_> = inputs.iter().filter_map(|i| i.said.head.content_degree).collect();
    if let Some(first) = contents.first() {
        out["contentDegree"] = if contents.iter().all(|c| c == first) { first.as_str().into() } else { "mixed".into() };
    }
    if let Some(period) = period(&out) {
        out["period"] = period.into();
    }
    out
}

/// `yyyymm`: of the feed version, else of the file names.
fn period(facts: &Value) -> Option<u32> {
    let version =
        facts["feedVersions"].as_array()?.iter().filter_map(|v| v.as_str()?.strip_prefix("AAF-VE")?.get(..4)?.parse::<u32>().ok()).max();
    let from_version = version.filter(|v| (1..=12).contains(&(v % 100))).map(|v| 200_000 + v);
    from_version.or_else(|| {
        let date = facts["dates"].as_array()?.iter().filter_map(Value::as_str).max()?;
        date.get(..7)?.replace('-', "").parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_period_comes_from_the_version_else_from_the_date() {
        assert_eq!(period(&json!({"feedVersions": ["AAF-VE2407"], "dates": ["2020-01-01"]})), Some(202_407));
        assert_eq!(period(&json!({"feedVersions": [], "dates": ["2020-01-01"]})), Some(202_001));
        assert_eq!(period(&json!({"feedVersions": ["AAF-VE9999"], "dates": []})), None);
    }
}
