//! Facts of GAR-ENT files and deliveries (rules/AUTHORING.md gives their shape).
//!
//! Must hold no value of a person: names of files, counts and lines.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::model::{self, RECORDS};
use super::name::{CATEGORIES, Name};
use super::{Delivery, InputFile, Said};
use crate::rules::model::Degree;
use crate::source::feed::Read;
use crate::source::files::delivery::SumForm;
use crate::source::files::facts;
use crate::source::files::input::{Entries, Found};
use crate::source::files::log::FileLog;
use crate::source::place::LineTable;

/// Faults of the structure: what the schemas do not allow.
const STRUCTURE: &[&str] = &["unexpectedElement", "wrongOrder", "foreignAttribute", "xsiType", "xsiNil", "strayText", "wrongRoot"];

/// The facts of one file.
#[must_use]
pub fn file(input: &InputFile, log: &FileLog, lines: &LineTable) -> Value {
    let (name, head) = (&input.said.name, &input.said.head);
    let mut out = facts::of_xml(input, log, lines, STRUCTURE);
    order(&mut out, log, lines);
    let mut put = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(key.to_owned(), value);
        }
    };
    put("nameConforms", Some(name.conforms.into()));
    put("ident", name.ident.clone().map(Value::from));
    put("timestamp", name.timestamp.clone().map(Value::from));
    put("date", name.date.map(|d| d.to_string().into()));
    put("level", name.degree.map(|d| d.as_str().into()));
    put("category", name.category.map(Value::from));
    put("sequence", name.sequence.map(Value::from));
    if input.problem.is_none() {
        put("root", head.root.as_deref().filter(|_| head.category().is_some()).map(Value::from));
        put("rootCategory", head.category().map(Value::from));
        put("namespace", head.namespace_known.map(|_| head.degree.map_or("other", Degree::as_str).into()));
        put("version", head.version.clone().map(Value::from));
    }
    Value::Object(out)
}

/// Where a chunk starts with a record that comes before those of the chunk before it: parsers see one chunk each.
fn order(out: &mut Map<String, Value>, log: &FileLog, lines: &LineTable) {
    let chunks: Vec<_> = log.kinds.values().collect();
    let breaks: Vec<u64> = chunks.windows(2).filter(|w| w[1].0 < w[0].2).map(|w| lines.line(w[1].1)).collect();
    let Some(Value::Object(structure)) = out.get_mut("structure").filter(|_| !breaks.is_empty()) else { return };
    let fault = structure.entry("wrongOrder").or_insert_with(|| json!({"count": 0, "places": []}));
    fault["count"] = (fault["count"].as_u64().unwrap_or(0) + breaks.len() as u64).into();
    if let Some(places) = fault["places"].as_array_mut() {
        places.extend(breaks.iter().map(|line| json!({"line": line})));
        places.sort_by_key(|p| p["line"].as_u64());
        places.truncate(20);
    }
}

/// The facts of a delivery, once it is read.
#[must_use]
pub fn delivery(delivery: &Delivery, found: &Found<Said>, files: &[Value], read: &Read<'_>) -> Value {
    let distinct = |key: &str| -> Vec<&str> {
        let mut all: Vec<&str> = files.iter().filter_map(|f| f[key].as_str()).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let mut categories = Map::new();
    for category in CATEGORIES {
        let of: Vec<(&InputFile, &Value)> = found.files.iter().zip(files).filter(|(i, _)| i.said.category() == Some(category)).collect();
        if of.is_empty() {
            continue;
        }
        let ranks: Vec<(u16, Option<u32>)> = of.iter().map(|(i, _)| (0, i.said.name.sequence)).collect();
        let mut facts = facts::sequences(&ranks);
        facts["records"] = of.iter().filter_map(|(_, f)| f["records"].as_u64()).sum::<u64>().into();
        categories.insert(category.to_owned(), facts);
    }
    let names: Vec<&Name> = found.files.iter().map(|f| &f.said.name).collect();
    let newest = names.iter().filter_map(|n| n.date).max();
    let stamped: Vec<&&Name> = names.iter().filter(|n| n.timestamp.is_some()).collect();
    let mut levels: Vec<&str> = found.files.iter().filter_map(|f| f.said.head.degree).map(Degree::as_str).collect();
    levels.sort_unstable();
    levels.dedup();
    let mut out = json!({
        "degrees": levels, "idents": distinct("ident"), "timestamps": distinct("timestamp"), "dates": distinct("date"),
        "container": delivery.container, "categories": categories, "records": records(read),
        "unrecognisedFiles": {"count": found.unrecognised.len(), "places": []},
    });
    if !stamped.is_empty() {
        out["timestampValid"] = stamped.iter().all(|n| n.date.is_some() && n.exact).into();
    }
    if let Some(date) = newest {
        let age = days(date, read.today);
        out["ageDays"] = age.max(0).into();
        out["future"] = (age < 0).into();
    }
    if delivery.container == "tar.gz" {
        out["archive"] = archive(delivery, &names, found.entries, found.files.iter().all(|f| f.problem.is_none()));
        out["checksum"] = checksum(delivery);
    }
    if let Some(before) = read.previous {
        out["previous"] = json!({"change": change(read)});
        if let (Some(before), Some(date)) = (before, newest) {
            out["previous"]["newer"] = (date > before).into();
        }
    }
    out
}

fn days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

/// How many records of each element of the level there are.
fn records(read: &Read<'_>) -> Value {
    let count = |name: &str, shift: u8| model::kind(name).and_then(|k| read.records.get(usize::from(k.0 + shift))).copied().unwrap_or(0);
    RECORDS.iter().filter(|n| of_level(n, read.degree)).map(|n| ((*n).to_owned(), Value::from(count(n, 0)))).collect::<Map<_, _>>().into()
}

fn of_level(record: &str, degree: Option<Degree>) -> bool {
    let has = |degree| model::roots(degree).iter().any(|root| root.records.iter().any(|r| r.name == record));
    degree.is_none_or(has)
}

/// How much each number changed since the previous delivery, in percent, to a tenth.
fn change(read: &Read<'_>) -> Value {
    let count = |kind: u8| read.records.get(usize::from(kind)).copied().unwrap_or(0) as f64;
    let mut out = Map::new();
    for name in RECORDS {
        let Some(kind) = model::kind(name) else { continue };
        let (now, before) = (count(kind.0), count(kind.0 + super::PREVIOUS.shift));
        if before > 0.0 {
            out.insert(name.to_owned(), ((1000.0 * (now - before) / before).round() / 10.0).into());
        }
    }
    out.into()
}

fn archive(delivery: &Delivery, names: &[&Name], entries: Entries, complete: bool) -> Value {
    let name = delivery.tars.first().and_then(|(path, _)| path.file_name()).unwrap_or_default().to_string_lossy().into_owned();
    let base = name.trim_end_matches(".tar.gz").trim_end_matches(".tgz");
    let based: Vec<&String> = names.iter().filter_map(|n| n.base.as_ref()).collect();
    let fact = |count: u64| json!({"count": count, "places": []});
    let mut out = json!({
        "nested": fact(entries.nested), "irregular": fact(entries.irregular), "unsafe": fact(entries.escaping),
        "foreign": fact(entries.foreign), "complete": complete,
    });
    if !based.is_empty() {
        out["agrees"] = based.iter().all(|b| *b == base).into();
    }
    out["name"] = name.into();
    out
}

fn checksum(delivery: &Delivery) -> Value {
    let Some(sum) = delivery.checksums.first() else { return json!({"present": false}) };
    let form = match sum.form {
        SumForm::Exact => "exact",
        SumForm::Lenient => "lenient",
        SumForm::Wrong => "wrong",
    };
    let mut out = json!({"present": true, "form": form});
    if let Some(matches) = sum.matches {
        out["matches"] = matches.into();
    }
    out
}
