//! The facts that every XML file has, and those of numbered files: small JSON documents (rules/AUTHORING.md).
//!
//! Must hold no value of a person: counts, lines, what the prolog declares.

use serde_json::{Map, Value, json};

use super::encoding::Encoding;
use super::input::{InputFile, Says};
use super::log::{Damage, FileLog};
use crate::source::place::LineTable;

/// Faults of the text.
const TEXT: &[&str] = &["controls", "replacements", "mojibake", "undeclaredEntities"];

/// What is known of a file as XML. `structure` are the faults that what is allowed where can have.
#[must_use]
pub fn of_xml<S: Says>(input: &InputFile<S>, log: &FileLog, lines: &LineTable, structure: &[&str]) -> Map<String, Value> {
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    let places = |fault: &str| log.places(fault, lines);
    let (readable, damage) = (input.problem.is_none(), Damage::of(input, Some(log)));
    put("name", input.path.rsplit('/').next().unwrap_or_default().into());
    put("size", input.size.into());
    put("readable", readable.into());
    if readable {
        put("encoding", encoding(&input.said, places("encoding")));
    }
    if readable && input.said.encoding() != Encoding::Unsupported {
        put("records", log.records.into());
        put("truncated", log.has("truncated").into());
        if damage != Some(Damage::Oversized) {
            put("wellFormed", (!log.has("xmlErrors")).into());
            put("xmlErrors", places("xmlErrors"));
        }
        put("doctype", doctype(log.doctype.as_deref()));
        let group = |names: &[&str], all: bool| -> Value {
            names.iter().filter(|n| all || log.has(n)).map(|n| ((*n).to_owned(), places(n))).collect::<Map<_, _>>().into()
        };
        put("structure", group(structure, false));
        put("text", group(TEXT, true));
        put("oversized", places("oversized"));
    }
    out
}

fn encoding<S: Says>(said: &S, mut errors: Value) -> Value {
    let (used, bom) = (said.encoding(), said.bom());
    let supported = used != Encoding::Unsupported;
    let Some(declared) = said.declared() else {
        return json!({"used": used.as_str(), "supported": supported, "bom": bom, "errors": errors});
    };
    if bom && Encoding::declared(declared) != Encoding::Utf8 {
        // The mark is that of UTF-8: the declaration is wrong from the first byte.
        errors = json!({"count": errors["count"].as_u64().unwrap_or(0) + 1, "places": [{"line": 1}]});
    }
    let declared = declared.to_ascii_uppercase();
    json!({"declared": declared, "used": used.as_str(), "supported": supported, "bom": bom, "errors": errors})
}

/// How the files of one category are numbered: layer and number of each.
#[must_use]
pub fn sequences(files: &[(u16, Option<u32>)]) -> Value {
    let newest = files.iter().map(|(layer, _)| *layer).max().unwrap_or(0);
    let (mut missing, mut double, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for layer in 0..=newest {
        let mut numbers: Vec<u32> = files.iter().filter(|(l, _)| *l == layer).filter_map(|(_, n)| *n).collect();
        numbers.sort_unstable();
        double.extend(numbers.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]));
        // Bounded: a number typed wrong does not make a list of millions.
        let top = numbers.last().copied().unwrap_or(0).min(numbers.len() as u32 + 100);
        missing.extend((0..top).filter(|n| numbers.binary_search(n).is_err()));
        all.extend(numbers);
    }
    json!({"files": files.len(), "sequences": all, "missingSequences": missing, "duplicateSequences": double})
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doctype_is_described_not_read() {
        let d = doctype(Some("ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\" [<!ENTITY a \"x\"><!ENTITY b \"y\">]"));
        assert_eq!(
            (d["root"].as_str(), d["system"].as_str(), d["entities"].as_u64()),
            (Some("ficAlimMENESR"), Some("ficAlimMENESR.dtd"), Some(2))
        );
        assert_eq!(doctype(None)["present"], false);
    }
}
