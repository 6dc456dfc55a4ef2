//! From a schema written in a requirement to a validator: parameters filled, every word known.
//!
//! JSON Schema ignores keywords it does not know; here a misspelt one is an error, for a check that
//! cannot fail is worse than none.

use std::collections::BTreeMap;
use std::sync::Arc;

use jsonschema::json::Json;
use jsonschema::{PatternOptions, ValidationOptions, Validator};
use serde_json::{Map, Value};

use super::formats::FORMATS;
use super::keywords::age::{Age, MonthsPast, ReferenceDate};
use super::keywords::compare::{Compare, Relation};
use super::keywords::directory::{Directory, Word};
use super::keywords::known_attributes::KnownAttributes;
use super::keywords::nomenclature::{CodeList, Nomenclature};
use super::keywords::opaque::Opaque;
use super::keywords::split::Split;
use super::keywords::{Built, misuse};
use super::selector::Key;
use crate::rules::directory::{DirectoryModel, Local};
use crate::rules::model::{self, OneOrMany};
use crate::source::annuaire::model::Model;
use crate::source::record::Rec;

/// A schema that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{pointer}: {why}")]
pub struct SchemaError {
    /// JSON pointer inside the schema.
    pub pointer: String,
    /// What is wrong.
    pub why: String,
}

/// The code lists of a set, ready for the keywords.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    lists: Arc<BTreeMap<String, Arc<CodeList>>>,
    directory: Arc<Model>,
}

impl Vocabulary {
    /// From the nomenclatures of a set.
    #[must_use]
    pub fn new<'a>(lists: impl Iterator<Item = &'a model::Nomenclature>) -> Self {
        let list = |n: &model::Nomenclature| {
            let (codes, labels) = (n.codes.keys().cloned().collect(), n.codes.values().cloned().collect());
            (n.id.clone(), Arc::new(CodeList { codes, labels }))
        };
        Self { lists: Arc::new(lists.map(list).collect()), directory: Arc::default() }
    }

    /// With the reference model of the directory.
    #[must_use]
    pub fn with_directory<'a>(self, parts: impl Iterator<Item = &'a DirectoryModel>) -> Self {
        Self { directory: Arc::new(Model::new(parts)), ..self }
    }

    /// With what a target declares of its directory beside the model.
    #[must_use]
    pub fn declaring(self, local: &Local) -> Self {
        Self { directory: Arc::new(self.directory.declaring(local)), ..self }
    }

    /// The reference model of the directory.
    #[must_use]
    pub fn directory(&self) -> Arc<Model> {
        self.directory.clone()
    }
}

/// Builds validators.
#[derive(Clone, Debug, Default)]
pub struct Schemas {
    /// Code lists.
    pub vocabulary: Vocabulary,
    /// Date of the delivery.
    pub reference: ReferenceDate,
}

/// Keywords whose value is one schema.
const ONE: &[&str] = &["items", "contains", "not", "if", "then", "else", "propertyNames", "additionalProperties", "split"];
/// Keywords whose value is a list of schemas.
const LIST: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
/// Keywords whose value maps names to schemas.
const MAP: &[&str] = &["properties", "patternProperties", "dependentSchemas"];
/// Keywords whose value holds no schema.
const PLAIN: &[&str] = &[
    "type",
    "enum",
    "const",
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minContains",
    "maxContains",
    "required",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "nomenclature",
    "nomenclatureLabel",
    "age",
    "notFuture",
    "monthsPast",
    "sameCount",
    "subsetOf",
    "equalTo",
    "disjoint",
    "distinct",
    "knownAttributes",
    "opaque",
    "directory",
    "directorySyntax",
];

impl Schemas {
    /// A validator of records.
    ///
    /// # Errors
    /// A word that is not of the vocabulary, or a schema that JSON Schema refuses.
    pub fn records(&self, schema: &Value) -> Result<Validator<Rec>, SchemaError> {
        check_words(schema, &mut String::new())?;
        not_on_records(schema)?;
        let this = self.clone();
        let mut options = self.common(jsonschema::options_for::<Rec>());
        options = options.with_keyword("split", move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, Rec> {
            let fields = this.records(schema).map_err(|e| misuse(e.to_string()))?;
            Ok(Box::new(Split::new(fields)))
        });
        let relations = [
            ("sameCount", Relation::SameCount),
            ("subsetOf", Relation::SubsetOf),
            ("equalTo", Relation::EqualTo),
            ("disjoint", Relation::Disjoint),
            ("distinct", Relation::Distinct),
        ];
        for (name, relation) in relations {
            options = options.with_keyword(name, move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, Rec> {
                Ok(Box::new(Compare::new(relation, keys(relation, schema).map_err(misuse)?)))
            });
        }
        let vocabulary = self.vocabulary.clone();
        options = options.with_keyword("knownAttributes", move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, Rec> {
            let list = find(&vocabulary, schema).map_err(misuse)?;
            Ok(Box::new(KnownAttributes::new(list.codes.iter())))
        });
        for (name, syntax) in [("directory", false), ("directorySyntax", true)] {
            let model = self.vocabulary.directory();
            options = options.with_keyword(name, move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, Rec> {
                let word = schema.as_str().and_then(|word| Word::named(word, syntax));
                let word = word.ok_or_else(|| misuse(format!("{name}: one of {} is expected", Word::all(syntax))))?;
                if model.is_empty() {
                    return Err(misuse(format!("{name}: the set has no model of the directory")));
                }
                Ok(Box::new(Directory::new(model.clone(), word)))
            });
        }
        options = options.with_keyword("opaque", |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, Rec> {
            Ok(Box::new(opaque(schema).map_err(misuse)?))
        });
        options.build(schema).map_err(|e| error(&e))
    }

    /// A validator of facts.
    ///
    /// # Errors
    /// As [`Self::records`].
    pub fn facts(&self, schema: &Value) -> Result<Validator, SchemaError> {
        check_words(schema, &mut String::new())?;
        self.common(jsonschema::options()).build(schema).map_err(|e| error(&e))
    }

    fn common<'i, F: Json>(
        &self,
        options: ValidationOptions<'i, Arc<dyn jsonschema::Retrieve>, F>,
    ) -> ValidationOptions<'i, Arc<dyn jsonschema::Retrieve>, F> {
        let mut options = options
            .with_draft(jsonschema::Draft::Draft202012)
            .with_pattern_options(PatternOptions::regex())
            .should_validate_formats(true)
            .should_ignore_unknown_formats(false);
        for (name, accepts) in FORMATS {
            options = options.with_format(*name, *accepts);
        }
        for (name, labels) in [("nomenclature", false), ("nomenclatureLabel", true)] {
            let vocabulary = self.vocabulary.clone();
            options = options.with_keyword(name, move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, F> {
                Ok(Box::new(Nomenclature::new(find(&vocabulary, schema).map_err(misuse)?, labels)))
            });
        }
        let reference = self.reference.clone();
        options = options.with_keyword("age", move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, F> {
            let bound = |name: &str, default: i32| match schema.get(name) {
                None => Ok(default),
                Some(v) => v.as_i64().and_then(|n| i32::try_from(n).ok()).ok_or_else(|| misuse("age: whole years are expected")),
            };
            Ok(Box::new(Age::new(bound("min", i32::MIN)?, bound("max", i32::MAX)?, reference.clone())))
        });
        let reference = self.reference.clone();
        options = options.with_keyword("monthsPast", move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, F> {
            let bound = |name: &str| match schema.get(name) {
                None => Ok(None),
                Some(v) => {
                    let months = v.as_i64().and_then(|n| i32::try_from(n).ok());
                    months.map(Some).ok_or_else(|| misuse("monthsPast: whole months are expected"))
                }
            };
            match (bound("over")?, bound("max")?) {
                (None, None) => Err(misuse("monthsPast: {over: months} or {max: months} is expected")),
                (over, max) => Ok(Box::new(MonthsPast::new(over, max, reference.clone()))),
            }
        });
        let reference = self.reference.clone();
        options.with_keyword("notFuture", move |_: &Map<String, Value>, schema: &Value, _| -> Built<'_, F> {
            match schema {
                Value::Bool(true) => Ok(Box::new(Age::new(0, i32::MAX, reference.clone()))),
                _ => Err(misuse("notFuture: only `true` has a meaning")),
            }
        })
    }
}

fn find(vocabulary: &Vocabulary, schema: &Value) -> Result<Arc<CodeList>, String> {
    let name = schema.as_str().ok_or("the name of a nomenclature is expected")?;
    vocabulary.lists.get(name).cloned().ok_or_else(|| format!("no nomenclature is named `{name}`"))
}

fn keys(relation: Relation, schema: &Value) -> Result<Vec<Key>, String> {
    let sides: Vec<OneOrMany> = match (relation, schema) {
        (Relation::Distinct, one) => vec![serde_json::from_value(one.clone()).map_err(|_| "a selector is expected")?],
        (_, Value::Array(sides)) if sides.len() >= 2 => {
            serde_json::from_value(Value::Array(sides.clone())).map_err(|_| "selectors are expected")?
        }
        _ => return Err("two selectors are expected".to_owned()),
    };
    sides.iter().map(|s| Key::compile(s).map_err(|e| e.to_string())).collect()
}

fn opaque(schema: &Value) -> Result<Opaque, String> {
    let wrong = || "{id: SELECTOR, of: [SELECTOR…], min: letters} is expected".to_owned();
    let key = |v: &Value| Key::compile(&OneOrMany::One(v.as_str().ok_or_else(wrong)?.to_owned())).map_err(|e| e.to_string());
    let of = schema.get("of").and_then(Value::as_array).filter(|of| !of.is_empty()).ok_or_else(wrong)?;
    let min = schema.get("min").and_then(Value::as_u64).filter(|n| (1..=64).contains(n)).ok_or_else(wrong)?;
    Ok(Opaque::new(key(schema.get("id").ok_or_else(wrong)?)?, of.iter().map(key).collect::<Result<_, _>>()?, min as usize))
}

fn error(e: &jsonschema::ValidationError<'_>) -> SchemaError {
    SchemaError { pointer: e.instance_path().to_string(), why: e.to_string() }
}

fn check_words(schema: &Value, at: &mut String) -> Result<(), SchemaError> {
    let object = match schema {
        Value::Bool(_) => return Ok(()),
        Value::Object(object) => object,
        _ => return Err(SchemaError { pointer: at.clone(), why: "a schema is an object or a boolean".into() }),
    };
    for (word, value) in object {
        let len = at.len();
        at.push('/');
        at.push_str(word);
        if ONE.contains(&word.as_str()) {
            check_words(value, at)?;
        } else if LIST.contains(&word.as_str()) {
            for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                nested(at, &i.to_string(), item)?;
            }
        } else if MAP.contains(&word.as_str()) {
            for (name, item) in value.as_object().into_iter().flatten() {
                nested(at, name, item)?;
            }
        } else if !PLAIN.contains(&word.as_str()) {
            let why = format!("`{word}` is not a word of the vocabulary (rules/AUTHORING.md)");
            return Err(SchemaError { pointer: at.clone(), why });
        }
        at.truncate(len);
    }
    Ok(())
}

/// Words that would count or name the `@` members of a record among its attributes.
fn not_on_records(schema: &Value) -> Result<(), SchemaError> {
    const REFUSED: &[&str] = &["propertyNames", "additionalProperties", "minProperties", "maxProperties"];
    match REFUSED.iter().find(|word| schema.get(**word).is_some()) {
        None => Ok(()),
        Some(word) => Err(SchemaError {
            pointer: format!("/{word}"),
            why: format!("`{word}` does not judge records; `knownAttributes: NOMENCLATURE` judges their attributes"),
        }),
    }
}

fn nested(at: &mut String, name: &str, schema: &Value) -> Result<(), SchemaError> {
    let len = at.len();
    at.push('/');
    at.push_str(name);
    check_words(schema, at)?;
    at.truncate(len);
    Ok(())
}

/// Puts its value at the place of each `{$param: name}` of a schema.
///
/// # Errors
/// The name of a parameter that does not exist.
pub fn fill_parameters(schema: &mut Value, parameters: &BTreeMap<String, Value>) -> Result<(), String> {
    match schema {
        Value::Object(object) => {
            if let (Some(Value::String(name)), 1) = (object.get("$param"), object.len()) {
                let value = parameters.get(name).ok_or_else(|| format!("no parameter is named `{name}`"))?.clone();
                *schema = value;
                return Ok(());
            }
            object.values_mut().try_for_each(|inner| fill_parameters(inner, parameters))
        }
        Value::Array(items) => items.iter_mut().try_for_each(|inner| fill_parameters(inner, parameters)),
        _ => Ok(()),
    }
}
