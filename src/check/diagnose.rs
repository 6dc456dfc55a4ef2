//! From a failed schema to a message: where in the record, which word refused, what shape was seen.
//!
//! Runs only for failures that are kept. The validator's own message is never used: it quotes values.

use jsonschema::error::ValidationErrorKind as K;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::i18n;
use crate::outcome::Message;
use crate::privacy;
use crate::source::Kind;
use crate::source::record::{Node, Rec};

/// What is said of a failure.
#[derive(Debug)]
pub struct Diagnosis {
    /// Attribute at fault, where one can be named.
    pub attribute: Option<String>,
    /// Message.
    pub message: Message,
}

/// The first thing a schema refuses in a node. `attribute` is known when the node is its list of values.
#[must_use]
pub fn record(schema: &Validator<Rec>, node: Node<'_>, kind: Kind, attribute: Option<&str>) -> Diagnosis {
    match schema.iter_errors(node).next() {
        Some(error) => of_error(&error, Some(kind), attribute),
        None => about(Message::new("finding.schema"), attribute),
    }
}

/// A message about an attribute, or, when none can be named, about the whole entry (`….entry` in the catalogue).
#[must_use]
pub fn about(message: Message, attribute: Option<&str>) -> Diagnosis {
    let message = match attribute {
        Some(name) => message.with("attribute", name),
        None if message.key.starts_with("finding.member.") => message,
        None => {
            let own = format!("{}.entry", message.key);
            let key = if i18n::has(&own) { own } else { "finding.schema.entry".to_owned() };
            Message { key, ..message }
        }
    };
    Diagnosis { attribute: attribute.map(str::to_owned), message }
}

/// The message for an absent or empty attribute.
#[must_use]
pub fn missing(attribute: &str) -> Diagnosis {
    about(Message::new("finding.required"), Some(attribute))
}

fn of_error(error: &ValidationError<'_>, kind: Option<Kind>, attribute: Option<&str>) -> Diagnosis {
    let path = error.instance_path().to_string();
    let segment = path.split('/').nth(1).filter(|s| !s.is_empty());
    let mut name = attribute.or(segment).map(str::to_owned);
    let word = error.kind().keyword().to_owned();
    let seen = |name: &Option<String>| match error.instance().as_ref() {
        Value::String(text) => privacy::shown(kind, name.as_deref().unwrap_or_default(), text),
        Value::Array(items) => items.len().to_string(),
        _ => String::new(),
    };
    // What is said of one value, and its shape: of a secret, not even that.
    let of_value = |key: &str, name: &Option<String>| match error.instance().as_ref() {
        Value::String(_) if name.as_deref().is_some_and(privacy::is_secret) => Message::new("finding.secret"),
        Value::String(text) if text.is_empty() => Message::new("finding.empty_value"),
        _ => Message::new(key).with("seen", seen(name)),
    };
    let one_value = error.instance().is_string();
    let message = match error.kind() {
        K::Required { property } => {
            name = property.as_str().map(str::to_owned);
            Message::new("finding.required")
        }
        K::MinItems { limit: 1 } => Message::new("finding.required"),
        K::MinItems { limit } => Message::new("finding.min_items").with("limit", limit).with("seen", seen(&name)),
        K::MaxItems { limit: 0 } | K::FalseSchema if !one_value => Message::new("finding.forbidden").with("seen", seen(&name)),
        K::MaxItems { limit } => Message::new("finding.max_items").with("limit", limit).with("seen", seen(&name)),
        K::Format { format } => Message::new(&format!("finding.format.{format}")).with("seen", seen(&name)),
        K::MinLength { limit: 1 } => Message::new("finding.empty_value"),
        K::MinLength { limit } => Message::new("finding.min_length").with("limit", limit).with("seen", seen(&name)),
        K::MaxLength { limit } => Message::new("finding.max_length").with("limit", limit).with("seen", seen(&name)),
        K::Contains => Message::new(match error.schema_path().to_string() {
            path if path.ends_with("/minContains") => "finding.contains",
            path if path.ends_with("/maxContains") => "finding.contains_max",
            _ => "finding.contains_none",
        }),
        K::Custom { message, .. } => {
            let seen = seen(&name);
            custom(&word, message, &mut name, seen)
        }
        K::Pattern { .. } | K::Enum { .. } | K::Constant { .. } => of_value("finding.value", &name),
        // Of several ways to be right, the one that has a name of its own says most.
        K::AnyOf { context } | K::OneOfNotValid { context } if one_value => {
            let told = |e: &&ValidationError<'_>| matches!(e.kind(), K::Format { .. } | K::Custom { .. });
            match context.iter().filter_map(|branch| branch.first()).find(told) {
                Some(first) if !name.as_deref().is_some_and(privacy::is_secret) => return of_error(first, kind, name.as_deref()),
                _ => of_value("finding.value", &name),
            }
        }
        K::AnyOf { context } | K::OneOfNotValid { context } if name.is_none() => {
            if let Some(message) = together(context) {
                return Diagnosis { attribute: None, message };
            }
            Message::new("finding.schema")
        }
        K::Not { .. } if one_value => of_value("finding.excluded", &name),
        K::Not { .. } if error.instance().is_array() => Message::new("finding.excluded_among"),
        _ => Message::new("finding.schema"),
    };
    // Members of a record that start with `@` are about the request or the name of the entry: no attribute bears them.
    if let Some(member) = name.as_deref().and_then(|n| n.strip_prefix('@')) {
        return of_member(member, message, error.instance().as_str());
    }
    about(message, name.map(|n| privacy::attribute_name_or_known(&n)).as_deref())
}

/// What is said of a member that no attribute bears: its own sentence, where the keyword has none.
fn of_member(member: &str, message: Message, seen: Option<&str>) -> Diagnosis {
    let said = about(message, None);
    if said.message.key != "finding.schema.entry" {
        return said;
    }
    let own = format!("finding.member.{member}");
    // The words of `@rdnIn` are ours: the catalogue has them, and nothing else.
    let key = seen.map(|word| format!("finding.member.{member}.{word}")).filter(|key| i18n::has(key)).unwrap_or(own);
    match i18n::has(&key) {
        true => Diagnosis { attribute: None, message: Message::new(&key) },
        false => said,
    }
}

/// Attributes that no branch of a choice accepts as they are: none is there, or they do not agree.
fn together(branches: &[Vec<ValidationError<'static>>]) -> Option<Message> {
    let (mut names, mut missing) = (Vec::new(), true);
    for error in branches.iter().flatten() {
        let path = error.instance_path().to_string();
        let name = match error.kind() {
            K::Required { property } if path.is_empty() => property.as_str().unwrap_or_default(),
            _ => path.split('/').nth(1).unwrap_or_default(),
        };
        missing &= matches!(error.kind(), K::Required { .. } | K::MinItems { limit: 1 });
        let shown = privacy::attribute_name_or_known(name);
        if !name.is_empty() && !name.starts_with('@') && !names.contains(&shown) {
            names.push(shown);
        }
    }
    let key = if missing { "finding.none_of" } else { "finding.together" };
    (!names.is_empty()).then(|| Message::new(key).with("attributes", names.join(", ")))
}

/// What our own keywords say in their errors: a path, and for `split` the word that refused a field.
fn custom(word: &str, said: &str, name: &mut Option<String>, seen: String) -> Message {
    match word {
        "split" => {
            let (path, inner) = said.split_once('#').unwrap_or((said, ""));
            let field = path.split('/').nth(1).and_then(|n| n.parse::<u32>().ok());
            match (field, inner) {
                (Some(field), _) => Message::new("finding.field").with("field", field + 1).with("seen", seen),
                (None, "minItems" | "maxItems") => {
                    Message::new("finding.fields").with("count", seen.matches('$').count() + 1).with("seen", seen)
                }
                _ => Message::new("finding.value").with("seen", seen),
            }
        }
        "nomenclature" | "nomenclatureLabel" => Message::new("finding.nomenclature").with("seen", seen),
        "age" | "notFuture" => Message::new("finding.age"),
        "monthsPast" => Message::new("finding.monthsPast"),
        "directory" | "directorySyntax" => {
            let (path, asked) = said.split_once('#').unwrap_or((said, ""));
            *name = path.strip_prefix('/').map(str::to_owned);
            let own = format!("finding.{word}.{asked}");
            match asked {
                "must" | "mustEnt" | "mustStandard" => Message::new("finding.required"),
                _ if i18n::has(&own) => Message::new(&own),
                _ => Message::new(&format!("finding.{word}")),
            }
        }
        "sameCount" | "subsetOf" | "equalTo" | "disjoint" | "distinct" | "knownAttributes" | "opaque" => {
            if let Some(found) = said.strip_prefix('/').filter(|s| !s.is_empty()) {
                *name = Some(found.to_owned());
            }
            Message::new(&format!("finding.{word}"))
        }
        _ => Message::new("finding.schema"),
    }
}

/// What a schema refuses in a facts document: for each error, its places when the document carries
/// some (`{"count": n, "places": [{"line": 12}]}`), one finding without place otherwise. Texts are shown as they are
/// when `plain`, by their shape otherwise.
#[must_use]
pub fn facts(schema: &Validator, document: &Value, plain: bool) -> Vec<FactFailure> {
    let mut failures: Vec<FactFailure> = Vec::new();
    for error in schema.iter_errors(document) {
        let path = error.instance_path().to_string();
        let failure = match ancestor_with_places(document, &path) {
            Some((pointer, holder)) => FactFailure {
                count: holder["count"].as_u64().unwrap_or(1).max(1),
                lines: holder["places"].as_array().into_iter().flatten().filter_map(|p| p["line"].as_u64()).collect(),
                message: told(fact_path(&pointer), "").unwrap_or_else(|| Message::new("finding.fact").with("fact", written(&pointer))),
                pointer,
            },
            None => FactFailure { count: 1, lines: Vec::new(), message: fact_message(&error, &path, plain), pointer: path },
        };
        if !failures.iter().any(|f| f.pointer == failure.pointer && f.message == failure.message) {
            failures.push(failure);
        }
    }
    failures
}

/// A failure of a facts document.
#[derive(Debug)]
pub struct FactFailure {
    /// How many times.
    pub count: u64,
    /// The first lines it happened at.
    pub lines: Vec<u64>,
    /// What.
    pub message: Message,
    pointer: String,
}

fn ancestor_with_places<'v>(document: &'v Value, path: &str) -> Option<(String, &'v Value)> {
    let mut path = path.to_owned();
    loop {
        let value = document.pointer(&path)?;
        if value.get("places").is_some() {
            return Some((path, value));
        }
        path.truncate(path.rfind('/')?);
    }
}

/// What is said of a fact without places: its own sentence where the catalogue has one.
fn fact_message(error: &ValidationError<'_>, path: &str, plain: bool) -> Message {
    match error.kind() {
        K::Required { property } => {
            let path = format!("{path}/{}", property.as_str().unwrap_or_default());
            told(fact_path(&path), ".missing").unwrap_or_else(|| Message::new("finding.fact_missing").with("fact", written(&path)))
        }
        // Facts that contradict each other: all those that no branch accepts, in the order of the alphabet.
        K::AnyOf { context } => {
            let mut paths: Vec<String> = context.iter().flatten().map(|e| fact_path(&e.instance_path().to_string()).0).collect();
            paths.sort();
            paths.dedup();
            told((paths.join("-"), None), "").unwrap_or_else(|| Message::new("finding.fact_together").with("fact", paths.join(", ")))
        }
        _ => {
            let seen = match (error.kind(), &**error.instance()) {
                // Names are what there are too many of.
                (K::MaxProperties { .. }, Value::Object(object)) => {
                    object.keys().take(20).map(String::as_str).collect::<Vec<_>>().join(", ")
                }
                (_, instance) => fact_value(instance, plain),
            };
            let own = told(fact_path(path), "").map(|m| m.with("seen", &seen));
            own.unwrap_or_else(|| Message::new("finding.fact_value").with("fact", written(path)).with("seen", &seen))
        }
    }
}

/// The sentence of the catalogue about a fact, `finding.fact.<path><suffix>`, where one was written.
fn told((path, name): (String, Option<String>), suffix: &str) -> Option<Message> {
    let key = format!("finding.fact.{path}{suffix}");
    let message = i18n::has(&key).then(|| Message::new(&key))?;
    Some(match name {
        Some(name) => message.with("name", name),
        None => message,
    })
}

/// A JSON pointer as the catalogue writes it: dots, `item` for a rank in a list, the name of a category apart.
fn fact_path(pointer: &str) -> (String, Option<String>) {
    let (mut path, mut name) = (Vec::new(), None);
    for segment in pointer.split('/').skip(1) {
        if path.last() == Some(&"categories") && name.is_none() {
            name = Some(segment.to_owned());
        } else {
            path.push(if segment.parse::<usize>().is_ok() { "item" } else { segment });
        }
    }
    (path.join("."), name)
}

/// A JSON pointer as a requirement's author knows it.
fn written(pointer: &str) -> &str {
    pointer.trim_start_matches('/')
}

fn fact_value(value: &Value, plain: bool) -> String {
    match value {
        Value::String(text) if plain => text.chars().take(120).collect(),
        Value::String(text) => privacy::shape(text),
        Value::Array(items) => {
            let one = |i: &Value| i.as_u64().map(|n| n.to_string()).or_else(|| i.as_str().filter(|_| plain).map(str::to_owned));
            let simple: Option<Vec<String>> = items.iter().take(20).map(one).collect();
            simple.map_or_else(|| items.len().to_string(), |n| n.join(", "))
        }
        Value::Object(object) => format!("{{{}}}", object.len()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, message};
    use serde_json::json;

    fn told_of(schema: &Value, document: &Value) -> Vec<String> {
        let schema = jsonschema::validator_for(schema).expect("schema");
        facts(&schema, document, false).iter().map(|f| message(Lang::En, &f.message)).collect()
    }

    #[test]
    fn facts_are_told_in_sentences() {
        let absent = json!({"properties": {"categories": {"required": ["Eleve"]}}});
        assert_eq!(told_of(&absent, &json!({"categories": {}})), ["no Eleve file in the delivery"]);
        let gap = json!({"properties": {"categories": {"additionalProperties": {"properties": {"missingSequences": {"maxItems": 0}}}}}});
        assert_eq!(
            told_of(&gap, &json!({"categories": {"Eleve": {"missingSequences": [1, 3]}}})),
            ["numbers missing from the sequence of Eleve files: 1, 3"]
        );
        let degree = json!({"anyOf": [{"properties": {"degree": {"const": "2D"}, "contentDegree": {"const": "2D"}}},
                                      {"properties": {"degree": {"const": "1D"}, "contentDegree": {"const": "1D"}}}]});
        assert_eq!(
            told_of(&degree, &json!({"degree": "2D", "contentDegree": "1D"})),
            ["the attributes delivered are not those of the school level audited"]
        );
    }

    #[test]
    fn a_fact_without_a_sentence_is_named() {
        let schema = json!({"required": ["a"], "properties": {"b": {"const": 1}, "c": {"properties": {"count": {"const": 0}}}}});
        let told = told_of(&schema, &json!({"b": "Paul 2", "c": {"count": 2, "places": [{"line": 4}]}}));
        assert_eq!(told.len(), 3);
        assert!(told.iter().any(|t| t == "a is missing"), "{told:?}");
        assert!(told.iter().any(|t| t == "b is Aaaa 9"), "{told:?}");
        assert!(told.iter().any(|t| t == "seen in the file: c"), "{told:?}");
    }

    #[test]
    fn without_an_attribute_the_entry_is_spoken_of() {
        let seen = about(Message::new("finding.duplicate"), None);
        assert_eq!((seen.attribute, seen.message.key.as_str()), (None, "finding.duplicate.entry"));
        assert_eq!(about(Message::new("finding.contains"), None).message.key, "finding.schema.entry");
    }
}
