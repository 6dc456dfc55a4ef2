//! Facts of LDIF files and of the directory they hold (rules/AUTHORING.md gives their shape).
//!
//! Must hold no value of a person: names of files, of classes and of branches, counts and lines.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::census::{Census, Lost, Names, Profile, Style};
use super::dn;
use super::kinds::Family;
use super::model::is_ent;
use super::{Delivery, InputFile, Said};
use crate::rules::directory::Dialect;
use crate::source::files::input::Found;
use crate::source::files::log::FileLog;
use crate::source::place::{LineTable, Place};

/// Places of lost parents shown.
const MAX_PLACES: usize = 20;

/// Entries from which on a name that is met once tells nothing of the directory.
const MANY: u64 = 50;

/// What may be wrong in a file, by name.
const FAULTS: &[&str] = &[
    "ldifErrors",
    "dnErrors",
    "base64",
    "notUtf8",
    "urls",
    "urlsLost",
    "changes",
    "versionErrors",
    "separator",
    "emptyValues",
    "strayBlanks",
    "oversized",
    "searchEnded",
    "searchReferrals",
];
const TEXT: &[&str] = &["controls", "replacements", "mojibake"];

/// The facts of one file.
#[must_use]
pub fn file(input: &InputFile, log: &FileLog, lines: &LineTable) -> Value {
    let (readable, supported) = (input.problem.is_none(), !input.said.utf16);
    let mut out = Map::new();
    out.insert("name".into(), input.path.rsplit('/').next().unwrap_or_default().into());
    out.insert("size".into(), input.size.into());
    out.insert("readable".into(), readable.into());
    if readable {
        let encoding = json!({"used": if supported { "UTF-8" } else { "?" }, "supported": supported, "bom": input.said.bom,
            "errors": log.places("encoding", lines)});
        out.insert("encoding".into(), encoding);
    }
    if readable && supported {
        out.insert("records".into(), log.records.into());
        for fault in FAULTS {
            out.insert((*fault).to_owned(), log.places(fault, lines));
        }
        let text: Map<String, Value> = TEXT.iter().map(|fault| ((*fault).to_owned(), log.places(fault, lines))).collect();
        out.insert("text".into(), text.into());
    }
    out.into()
}

/// What is wrong in entries that a server answers: what belongs to the writing of a file is left out.
#[cfg(feature = "live")]
#[must_use]
pub fn answered(address: &str, log: &FileLog, lines: &LineTable) -> Value {
    let mut out = Map::new();
    out.insert("name".into(), address.into());
    out.insert("records".into(), log.records.into());
    for fault in ["dnErrors", "notUtf8", "emptyValues", "strayBlanks"] {
        out.insert(fault.to_owned(), log.places(fault, lines));
    }
    let text: Map<String, Value> = TEXT.iter().map(|fault| ((*fault).to_owned(), log.places(fault, lines))).collect();
    out.insert("text".into(), text.into());
    out.into()
}

/// Entries whose parent is nowhere.
#[must_use]
pub fn orphans(lost: &[&Lost], lines: &LineTable) -> Value {
    let line = |l: &&Lost| json!({"line": lines.line(Place { group: 0, file: l.file, chunk: l.chunk, line: l.line })});
    let places: Vec<Value> = lost.iter().take(MAX_PLACES).map(line).collect();
    json!({"count": lost.iter().map(|l| l.count).sum::<u64>(), "places": places})
}

/// What was counted in a file, and the entries of it whose parent is nowhere.
pub fn add_counts(file: &mut Value, census: &Census, lost: &[&Lost], lines: &LineTable) {
    if file.get("records").is_none() {
        return;
    }
    let [crlf, lf] = census.endings;
    let style = match (crlf, lf) {
        (0, 0) => None,
        (_, 0) => Some("crlf"),
        (0, _) => Some("lf"),
        _ => Some("mixed"),
    };
    if let Some(style) = style {
        file["lineEndings"] = json!({"style": style, "crlf": crlf, "lf": lf});
    }
    if let Some(version) = &census.version {
        file["versionLine"] = version.as_str().into();
    }
    file["changetypeAdd"] = census.adds.into();
    file["orphans"] = orphans(lost, lines);
}

/// The facts of an export that its files tell.
#[must_use]
pub fn delivery(delivery: &Delivery, found: &Found<Said>, files: &[Value]) -> Value {
    json!({
        "container": delivery.container,
        "files": files.len(),
        "records": files.iter().filter_map(|f| f["records"].as_u64()).sum::<u64>(),
        "unrecognisedFiles": {"count": found.unrecognised.len(), "places": []},
    })
}

/// The name that all entries are under: as declared, or what all names end with.
#[must_use]
pub fn suffix(declared: &Dialect, census: &Census) -> Option<String> {
    let declared = declared.suffix.as_deref().and_then(dn::normalised).map(Cow::into_owned);
    // Of one entry alone, the suffix would be its own name.
    let detected = census.suffix.as_deref().and_then(|all| if census.entries == 1 { dn::parent(all) } else { Some(all) });
    declared.or_else(|| detected.map(str::to_owned))
}

/// What the entries tell: dialect, tree, classes.
pub fn add_dialect(delivery: &mut Value, census: &Census, suffix: Option<String>, declared: &Dialect) {
    let mut dialect = Map::new();
    let styles = named(&census.styles, &Style::ALL.map(|s| s.1));
    let profiles = named(&census.profiles, &Profile::ALL.map(|p| p.1));
    let mut tell = |name: &str, declared: Option<&str>, detected: Option<&str>| {
        if let Some(word) = declared.or(detected) {
            dialect.insert(name.to_owned(), word.into());
        }
    };
    // Where classes and groups are named by their entries, functions and subjects still start with the school.
    let telling = if census.groupings == [0; 4] { &census.styles } else { &census.groupings };
    tell("composites", declared.composites.map(|c| c.as_str()), main(telling, &Style::ALL.map(|s| s.1)));
    tell("profiles", declared.profiles.map(|p| p.as_str()), main(&census.profiles, &Profile::ALL.map(|p| p.1)));
    let first = |family: Family, of: &BTreeMap<Family, Names>| of.get(&family).and_then(Names::first).map(str::to_owned);
    for (family, rdn, branch) in [
        (Family::Person, "personRdn", "personBranch"),
        (Family::Structure, "structureRdn", "structureBranch"),
        (Family::Group, "groupRdn", "groupBranch"),
    ] {
        tell(rdn, None, first(family, &census.naming).as_deref());
        tell(branch, None, first(family, &census.branches).as_deref());
    }
    if let Some(suffix) = suffix {
        delivery["suffix"] = suffix.into();
    }
    let way = |counts: &[u64; 2]| main(counts, &["dn", "other"]).map(Value::from);
    let people: Map<String, Value> = census.people.iter().filter_map(|(name, counts)| Some((name.clone(), way(counts)?))).collect();
    if !people.is_empty() {
        dialect.insert("people".to_owned(), people.into());
    }
    delivery["dialect"] = dialect.into();
    let told = [("composites", declared.composites.is_some()), ("profiles", declared.profiles.is_some())];
    delivery["dialectDeclared"] = told.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect::<Vec<_>>().into();
    delivery["composites"] = styles;
    delivery["profiles"] = profiles;
    let counted = |names: &Names| names.0.iter().map(|(name, count)| (name.clone(), Value::from(*count))).collect::<Map<_, _>>();
    delivery["attributes"] = counted(&census.attributes).into();
    delivery["classes"] = counted(&census.classes).into();
    // Those named ENT… are told entry by entry: a name that the model does not have is a fault there, and once is enough.
    let ours = |names: &Names| Names(names.0.iter().filter(|(name, _)| !is_ent(name)).map(|(n, c)| (n.clone(), *c)).collect());
    delivery["localClasses"] = of_names(&ours(&census.local_classes), census.entries);
    delivery["localAttributes"] = of_names(&ours(&census.local_attributes), census.entries);
}

/// Names with their counts. What is met once only, in an export of many entries, may be a text that a broken line passes off as a name:
/// it is counted, not shown.
fn of_names(names: &Names, entries: u64) -> Value {
    let (shown, once): (Vec<_>, Vec<_>) = names.0.iter().partition(|(_, count)| **count > 1 || entries < MANY);
    let mut out: Map<String, Value> = shown.into_iter().map(|(name, count)| (name.clone(), Value::from(*count))).collect();
    if !once.is_empty() {
        out.insert("…".to_owned(), once.len().into());
    }
    out.into()
}

fn named(counts: &[u64; 4], names: &[&str; 4]) -> Value {
    names.iter().zip(counts).map(|(name, count)| ((*name).to_owned(), Value::from(*count))).collect::<Map<_, _>>().into()
}

/// The way most values are written; none when there is no value, or no way is that of more than half of them.
fn main<const N: usize>(counts: &[u64; N], names: &[&'static str; N]) -> Option<&'static str> {
    let total: u64 = counts.iter().sum();
    let (at, most) = counts.iter().enumerate().max_by_key(|(_, n)| **n)?;
    if total == 0 {
        return None;
    }
    Some(if most * 2 > total { names[at] } else { "mixed" })
}
