//! From a failed schema to a message: where in the record, which word refused, what shape was seen.
//!
//! Runs only for failures that are kept. The validator's own message is never used: it quotes values.

use jsonschema::error::ValidationErrorKind as K;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

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
        None => Diagnosis { attribute: attribute.map(str::to_owned), message: Message::new("finding.schema") },
    }
}

/// The message for an absent or empty attribute.
#[must_use]
pub fn missing(attribute: &str) -> Diagnosis {
    let message = Message::new("finding.required").with("attribute", attribute);
    Diagnosis { attribute: Some(attribute.to_owned()), message }
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
    let message = match error.kind() {
        K::Required { property } => {
            name = property.as_str().map(str::to_owned);
            Message::new("finding.required")
        }
        K::MinItems { limit: 1 } => Message::new("finding.required"),
        K::MinItems { limit } => Message::new("finding.min_items").with("limit", limit).with("seen", seen(&name)),
        K::MaxItems { limit } => Message::new("finding.max_items").with("limit", limit).with("seen", seen(&name)),
        K::Format { format } => Message::new(&format!("finding.format.{format}")).with("seen", seen(&name)),
        K::MinLength { limit: 1 } => Message::new("finding.empty_value"),
        K::MinLength { limit } => Message::new("finding.min_length").with("limit", limit).with("seen", seen(&name)),
        K::MaxLength { limit } => Message::new("finding.max_length").with("limit", limit).with("seen", seen(&name)),
        K::Contains => Message::new("finding.contains"),
        K::Custom { message, .. } => {
            let seen = seen(&name);
            custom(&word, message, &mut name, seen)
        }
        K::Pattern { .. } | K::Enum { .. } | K::Constant { .. } => Message::new("finding.value").with("seen", seen(&name)),
        _ => Message::new("finding.schema"),
    };
    let shown_name = name.as_deref().map(privacy::attribute_name_or_known);
    let message = match &shown_name {
        Some(shown) => message.with("attribute", shown),
        None => message.with("attribute", "—"),
    };
    Diagnosis { attribute: shown_name, message }
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
        "sameCount" | "subsetOf" | "equalTo" | "distinct" | "knownAttributes" => {
            if let Some(found) = said.strip_prefix('/').filter(|s| !s.is_empty()) {
                *name = Some(found.to_owned());
            }
            Message::new(&format!("finding.{word}"))
        }
        _ => Message::new("finding.schema"),
    }
}

/// What a schema refuses in a facts document: for each error, its places when the document carries
/// some (`{"count": n, "places": [{"line": 12}]}`), one finding without place otherwise.
#[must_use]
pub fn facts(schema: &Validator, document: &Value) -> Vec<FactFailure> {
    let mut failures: Vec<FactFailure> = Vec::new();
    for error in schema.iter_errors(document) {
        let path = error.instance_path().to_string();
        let failure = match ancestor_with_places(document, &path) {
            Some((pointer, holder)) => FactFailure {
                count: holder["count"].as_u64().unwrap_or(1).max(1),
                lines: holder["places"].as_array().into_iter().flatten().filter_map(|p| p["line"].as_u64()).collect(),
                message: Message::new("finding.fact").with("fact", pointer.trim_start_matches('/')),
                pointer,
            },
            None => {
                let mut fact = path.trim_start_matches('/').to_owned();
                if let K::Required { property } = error.kind() {
                    fact = format!("{fact}/{}", property.as_str().unwrap_or_default()).trim_start_matches('/').to_owned();
                }
                let message = match error.kind() {
                    K::Required { .. } => Message::new("finding.fact_missing").with("fact", &fact),
                    _ => Message::new("finding.fact_value").with("fact", &fact).with("seen", fact_value(error.instance())),
                };
                FactFailure { count: 1, lines: Vec::new(), message, pointer: path }
            }
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

fn fact_value(value: &Value) -> String {
    match value {
        Value::String(text) => privacy::shape(text),
        Value::Array(items) => {
            let simple: Option<Vec<String>> = items.iter().map(|i| i.as_u64().map(|n| n.to_string())).collect();
            simple.map_or_else(|| format!("[{}]", items.len()), |n| format!("[{}]", n.join(", ")))
        }
        Value::Object(object) => format!("{{{}}}", object.len()),
        other => other.to_string(),
    }
}
