//! Facts of files and deliveries: small JSON documents (rules/AUTHORING.md gives their shape).
//!
//! Gathered by each worker while it reads, joined at the end. Must hold no value of a person: names of
//! files, header comments, counts and lines.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::encoding::Encoding;
use super::find::Delivery;
use super::input::InputFile;
use super::name::{CATEGORIES, Mode};
use super::parse::Request;
use super::sniff;
use crate::source::place::{LineTable, Place};

/// Places kept for each kind of fault of a file.
const MAX_PLACES: usize = 20;

/// What one worker saw of one file.
#[derive(Clone, Debug, Default)]
pub struct FileLog {
    /// Records.
    pub records: u64,
    /// Requests: add, modify, delete.
    pub requests: [u64; 3],
    faults: BTreeMap<&'static str, (u64, Vec<Place>)>,
    doctype: Option<String>,
    comments: Vec<String>,
    /// By chunk: first id, last id, in increasing order.
    ids: BTreeMap<u32, (u64, u64, bool)>,
}

impl FileLog {
    /// Notes a fault; the first places of each kind are kept.
    pub fn fault(&mut self, fault: &'static str, place: impl FnOnce() -> Place) {
        let (count, places) = self.faults.entry(fault).or_default();
        *count += 1;
        if places.len() < MAX_PLACES {
            places.push(place());
        }
    }

    /// Notes the DOCTYPE.
    pub fn doctype(&mut self, text: &str) {
        self.doctype.get_or_insert_with(|| text.chars().take(4096).collect());
    }

    /// Notes a comment of the prolog.
    pub fn comment(&mut self, text: &str) {
        if self.comments.len() < 20 {
            self.comments.push(text.chars().take(200).collect());
        }
    }

    /// Counts a request and looks at the order of identifiers.
    pub fn request(&mut self, request: Request, chunk: u32, id: Option<&str>) {
        self.records += 1;
        self.requests[request as usize] += 1;
        let Some(id) = id.and_then(|s| s.parse::<u64>().ok()) else { return };
        match self.ids.get_mut(&chunk) {
            None => {
                self.ids.insert(chunk, (id, id, true));
            }
            Some((_, last, increasing)) => {
                *increasing &= id > *last;
                *last = id;
            }
        }
    }

    /// Adds what another worker saw of the same file.
    pub fn absorb(&mut self, other: Self) {
        self.records += other.records;
        for (mine, theirs) in self.requests.iter_mut().zip(other.requests) {
            *mine += theirs;
        }
        for (fault, (count, places)) in other.faults {
            let mine = self.faults.entry(fault).or_default();
            mine.0 += count;
            mine.1.extend(places);
            mine.1.sort();
            mine.1.truncate(MAX_PLACES);
        }
        self.doctype = self.doctype.take().or(other.doctype);
        if self.comments.is_empty() {
            self.comments = other.comments;
        }
        self.ids.extend(other.ids);
    }

    /// What keeps a part of the file from being known.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        if self.faults.contains_key("xmlErrors") || self.faults.contains_key("truncated") {
            return Some(Damage::Malformed);
        }
        self.faults.contains_key("oversized").then_some(Damage::Oversized)
    }

    fn header(&self) -> BTreeMap<String, String> {
        self.comments.iter().filter_map(|c| sniff::header(c)).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
    }

    fn increasing(&self) -> bool {
        let mut last = None;
        self.ids.values().all(|(first, end, inside)| {
            let follows = last.is_none_or(|l| l < *first);
            last = Some(*end);
            *inside && follows
        })
    }
}

/// Why a part of a file is not known, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// It could not be opened or read to its end.
    Unread,
    /// Its encoding is not known: nothing of it was read.
    Undecoded,
    /// Parts that are not well-formed were passed over.
    Malformed,
    /// Parts too large were passed over.
    Oversized,
}

impl Damage {
    /// Of a file, once read.
    #[must_use]
    pub fn of(input: &InputFile, log: Option<&FileLog>) -> Option<Self> {
        if input.problem.is_some() {
            Some(Self::Unread)
        } else if input.head.encoding == Encoding::Unsupported {
            Some(Self::Undecoded)
        } else {
            log.and_then(FileLog::damage)
        }
    }

    /// What stands in the way, as the set names it.
    #[must_use]
    pub fn blocker(self) -> &'static str {
        match self {
            Self::Unread => "aaf.unreadable",
            Self::Undecoded => "aaf.undecoded",
            Self::Malformed => "aaf.malformed",
            Self::Oversized => "aaf.oversized",
        }
    }

    /// Whether that member of the facts of such a file tells less than the file holds.
    #[must_use]
    pub fn hides(self, member: &str) -> bool {
        match member {
            "records" | "requests" | "structure" | "text" | "idsIncreasing" => true,
            "xmlErrors" | "wellFormed" => self != Self::Malformed,
            "truncated" | "doctype" | "header" | "headerDateAgrees" | "oversized" => self <= Self::Undecoded,
            "encoding" => self == Self::Unread,
            _ => false,
        }
    }
}

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
/// Faults of the text.
const TEXT: &[&str] = &["controls", "replacements", "mojibake", "undeclaredEntities"];

/// The facts of one file.
#[must_use]
pub fn file(input: &InputFile, log: &FileLog, lines: &LineTable) -> Value {
    let places = |fault: &str| {
        let (count, places) = log.faults.get(fault).cloned().unwrap_or_default();
        let places: Vec<Value> = places.iter().map(|p| json!({"line": lines.line(*p)})).collect();
        json!({"count": count, "places": places})
    };
    let mut out = Map::new();
    let base = input.path.rsplit('/').next().unwrap_or_default();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    };
    let supported = input.head.encoding != Encoding::Unsupported;
    let (readable, damage) = (input.problem.is_none(), Damage::of(input, Some(log)));
    put("name", Some(base.into()));
    put("nameConforms", Some(input.name.conforms.into()));
    put("prefix", input.name.prefix.clone().map(Value::from));
    put("mode", input.name.mode.map(|m| m.as_str().into()));
    put("date", input.name.date.map(|d| d.to_string().into()));
    put("nameDateDigits", input.name.date_digits.map(Value::from));
    put("category", input.category.map(|c| c.name().into()));
    put("sequence", input.name.sequence.map(Value::from));
    put("size", Some(input.size.into()));
    put("readable", Some(readable.into()));
    if readable {
        put("encoding", Some(encoding(input, places("encoding"))));
    }
    if readable && supported {
        put("records", Some(log.records.into()));
        put("requests", Some(json!({"add": log.requests[0], "modify": log.requests[1], "delete": log.requests[2]})));
        put("truncated", Some(log.faults.contains_key("truncated").into()));
        if damage != Some(Damage::Oversized) {
            put("wellFormed", Some((!log.faults.contains_key("xmlErrors")).into()));
            put("xmlErrors", Some(places("xmlErrors")));
        }
        put("doctype", Some(doctype(log.doctype.as_deref())));
        let group = |names: &[&str], all: bool| -> Value {
            names.iter().filter(|n| all || log.faults.contains_key(*n)).map(|n| ((*n).to_owned(), places(n))).collect::<Map<_, _>>().into()
        };
        put("structure", Some(group(STRUCTURE, false)));
        put("text", Some(group(TEXT, true)));
        put("oversized", Some(places("oversized")));
        put("idsIncreasing", Some(log.increasing().into()));
        let header = log.header();
        let mut shown: Map<String, Value> = Map::new();
        for key in ["versionAF", "versionSDET", "degre", "codeAcademieExport", "dateGenerationExport"] {
            if let Some(value) = header.get(key) {
                let value = if key == "dateGenerationExport" { iso(value).unwrap_or_else(|| value.clone()) } else { value.clone() };
                shown.insert(key.to_owned(), value.into());
            }
        }
        // A date written another way than the known one says nothing.
        if let (Some(exported), Some(named)) = (header.get("dateGenerationExport").and_then(|d| iso(d)), input.name.date) {
            put("headerDateAgrees", Some((exported == named.to_string()).into()));
        }
        put("header", Some(shown.into()));
    }
    Value::Object(out)
}

fn encoding(input: &InputFile, mut errors: Value) -> Value {
    let head = &input.head;
    let supported = head.encoding != Encoding::Unsupported;
    let Some(declared) = &head.declared else {
        return json!({"used": head.encoding.as_str(), "supported": supported, "bom": head.bom, "errors": errors});
    };
    if head.bom && Encoding::declared(declared) != Encoding::Utf8 {
        // The mark is that of UTF-8: the declaration is wrong from the first byte.
        errors = json!({"count": errors["count"].as_u64().unwrap_or(0) + 1, "places": [{"line": 1}]});
    }
    let declared = declared.to_ascii_uppercase();
    json!({"declared": declared, "used": head.encoding.as_str(), "supported": supported, "bom": head.bom, "errors": errors})
}

fn iso(date: &str) -> Option<String> {
    crate::check::formats::date_fr::parse(date).map(|d| d.to_string())
}

fn doctype(text: Option<&str>) -> Value {
    let Some(text) = text else { return json!({"present": false, "internalSubset": false, "entities": 0}) };
    let (outside, inside) = text.split_once('[').map_or((text, None), |(o, i)| (o, Some(i)));
    let mut out =
        json!({"present": true, "internalSubset": inside.is_some(), "entities": inside.map_or(0, |i| i.matches("<!ENTITY").count())});
    if let Some(root) = outside.split_whitespace().next() {
        out["root"] = root.into();
    }
    if let Some(system) = outside.split_once("SYSTEM").and_then(|(_, s)| s.trim().split(['"', '\'']).nth(1)) {
        out["system"] = system.into();
    }
    out
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
        let of: Vec<(&InputFile, &Value)> = inputs.iter().zip(files).filter(|(i, _)| i.category == Some(category)).collect();
        if of.is_empty() {
            continue;
        }
        let newest = of.iter().map(|(i, _)| i.layer).max().unwrap_or(0);
        let (mut missing, mut double, mut all) = (Vec::new(), Vec::new(), Vec::new());
        for layer in 0..=newest {
            let mut sequences: Vec<u32> = of.iter().filter(|(i, _)| i.layer == layer).filter_map(|(i, _)| i.name.sequence).collect();
            sequences.sort_unstable();
            double.extend(sequences.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]));
            // Bounded: a number typed wrong does not make a list of millions.
            let top = sequences.last().copied().unwrap_or(0).min(sequences.len() as u32 + 100);
            missing.extend((0..top).filter(|n| sequences.binary_search(n).is_err()));
            all.extend(sequences);
        }
        let mut facts = json!({"files": of.len(), "sequences": all, "missingSequences": missing, "duplicateSequences": double});
        // Of a file in an encoding that is not read, nobody knows how many records it holds.
        if of.iter().all(|(_, f)| f.pointer("/encoding/supported") != Some(&Value::Bool(false))) {
            facts["records"] = of.iter().filter_map(|(_, f)| f["records"].as_u64()).sum::<u64>().into();
        }
        categories.insert(category.name().to_owned(), facts);
    }
    let mismatch = delivery.checksums.iter().filter(|(_, ok)| *ok == Some(false)).count();
    let mut out = json!({
        "modes": modes, "dates": texts("/date"), "prefixes": texts("/prefix"), "feedVersions": texts("/header/versionAF"),
        "sdetVersions": texts("/header/versionSDET"), "headerDegrees": texts("/header/degre"), "container": delivery.container,
        "previous": delivery.previous, "categories": categories,
        "unrecognisedFiles": {"count": delivery.unrecognised.len(), "places": []},
        "checksums": {"present": delivery.checksums.len(), "unreadable": delivery.checksums.iter().filter(|(_, ok)| ok.is_none()).count(),
                      "mismatch": {"count": mismatch, "places": []}},
    });
    if let Some(mode) = mode {
        out["mode"] = mode;
    }
    if let Some(degree) = delivery.degree {
        out["degree"] = degree.as_str().into();
    }
    let contents: Vec<_> = inputs.iter().filter_map(|i| i.head.content_degree).collect();
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
    fn identifiers_increase_within_and_across_chunks() {
        let log = |chunks: &[&[&str]]| {
            let mut log = FileLog::default();
            for (i, ids) in chunks.iter().enumerate() {
                for id in *ids {
                    log.request(Request::Add, i as u32, Some(id));
                }
            }
            log.increasing()
        };
        assert!(log(&[&["1", "2"], &["3", "10"]]));
        assert!(!log(&[&["1", "2"], &["2", "3"]]));
        assert!(!log(&[&["2", "1"]]));
        assert!(!log(&[&["2", "2"]]));
    }

    #[test]
    fn a_doctype_is_described_not_read() {
        let d = doctype(Some("ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\" [<!ENTITY a \"x\"><!ENTITY b \"y\">]"));
        assert_eq!(
            (d["root"].as_str(), d["system"].as_str(), d["entities"].as_u64()),
            (Some("ficAlimMENESR"), Some("ficAlimMENESR.dtd"), Some(2))
        );
        assert_eq!(doctype(None)["present"], false);
    }

    #[test]
    fn the_period_comes_from_the_version_else_from_the_date() {
        assert_eq!(period(&json!({"feedVersions": ["AAF-VE2407"], "dates": ["2020-01-01"]})), Some(202_407));
        assert_eq!(period(&json!({"feedVersions": [], "dates": ["2020-01-01"]})), Some(202_001));
        assert_eq!(period(&json!({"feedVersions": ["AAF-VE9999"], "dates": []})), None);
    }
}
