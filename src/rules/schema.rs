//! JSON Schemas of the files people write, generated from the types so that they cannot drift from them.
//!
//! Published in `rules/schema/` and `schemas/` for editors; a test compares. The loader holds what a user
//! wrote against them, to say everything that is wrong at once. Must never decide what a file means: types do.

use std::path::Path;

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind as K;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::contract::Contract;
use super::directory::DirectoryModel;
use super::model::{Nomenclature, Referentiel, Requirement, Tailoring};
use super::yaml::{self, FileError};
use crate::target::Target;

/// The published schemas: path in the repository, text of the file.
#[must_use]
pub fn published() -> Vec<(&'static str, String)> {
    vec![
        ("rules/schema/requirements.schema.json", text_of::<Vec<Requirement>>("Requirements")),
        ("rules/schema/referentiel.schema.json", text_of::<Referentiel>("Referentiel")),
        ("rules/schema/nomenclature.schema.json", text_of::<Nomenclature>("Nomenclature")),
        ("rules/schema/contract.schema.json", text_of::<Contract>("Contract")),
        ("rules/schema/modele.schema.json", text_of::<DirectoryModel>("DirectoryModel")),
        ("rules/schema/tailoring.schema.json", text_of::<Tailoring>("Tailoring")),
        ("schemas/target-1.schema.json", text_of::<Target>("Target")),
    ]
}

fn text_of<T: JsonSchema>(title: &str) -> String {
    let mut schema = schema_of::<T>();
    schema["title"] = title.into();
    format!("{schema:#}\n")
}

fn schema_of<T: JsonSchema>() -> Value {
    schemars::SchemaGenerator::default().into_root_schema_for::<T>().to_value()
}

/// The compiled schema of a type.
#[derive(Debug)]
pub struct Shape(Validator);

impl Shape {
    /// Of that type.
    #[must_use]
    pub fn of<T: JsonSchema>() -> Self {
        // Our own types, compiled by a test: an error here is a bug of ours.
        Self(jsonschema::validator_for(&schema_of::<T>()).expect("schema of a type"))
    }

    /// Everything the schema refuses, but for choices between several shapes, which types explain better.
    fn errors(&self, file: &Path, text: &str, value: &Value, pointer: &str) -> Vec<FileError> {
        let mut errors = Vec::new();
        for error in self.0.iter_errors(value) {
            let at = format!("{pointer}{}", error.instance_path());
            let mut push = |at: &str, why: &str| errors.push(yaml::error_at(file, text, at, why));
            match error.kind() {
                K::AdditionalProperties { unexpected } => {
                    for name in unexpected {
                        push(&format!("{at}/{name}"), &format!("`{name}` is not a member that is known here"));
                    }
                }
                K::Required { property } => push(&at, &format!("{property} is missing")),
                K::OneOfNotValid { context } => {
                    if let Some(words) = words(context) {
                        push(&at, &format!("one of {words} is expected"));
                    }
                }
                K::AnyOf { .. } | K::OneOfMultipleValid { .. } => {}
                _ => push(&at, &error.masked().to_string()),
            }
        }
        errors
    }
}

/// The words of a closed list, when the branches of a choice are nothing else.
fn words(branches: &[Vec<jsonschema::ValidationError<'_>>]) -> Option<String> {
    let word = |branch: &Vec<jsonschema::ValidationError<'_>>| match branch.first().map(|e| e.kind()) {
        Some(K::Constant { expected_value }) => Some(expected_value.to_string()),
        _ => None,
    };
    branches.iter().map(word).collect::<Option<Vec<String>>>().map(|words| words.join(", "))
}

/// Types a part of a file; `pointer` says which. With a shape, every error is told and not only the first.
///
/// # Errors
/// What is not of that type.
pub fn typed<T: DeserializeOwned>(
    shape: Option<&Shape>,
    file: &Path,
    text: &str,
    value: Value,
    pointer: &str,
) -> Result<T, Vec<FileError>> {
    let mut errors = shape.map_or_else(Vec::new, |s| s.errors(file, text, &value, pointer));
    match yaml::from_value(file, text, value, pointer) {
        Ok(typed) if errors.is_empty() => Ok(typed),
        Ok(_) => Err(errors),
        Err(first) => {
            // The same fault, said by both, is said once.
            if !errors.iter().any(|e| e.line == first.line || e.pointer.starts_with(&first.pointer)) {
                errors.push(first);
            }
            Err(errors)
        }
    }
}
