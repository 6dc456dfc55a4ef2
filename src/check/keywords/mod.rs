//! Keywords of ours, one file each. A keyword judges; it never formats what it saw: a failure leaves
//! here as a path and the name of a keyword.

pub mod age;
pub mod compare;
pub mod directory;
mod hashes;
pub mod known_attributes;
pub mod nomenclature;
pub mod opaque;
pub mod split;

use jsonschema::ValidationError;
use jsonschema::paths::Location;

/// What a keyword's factory returns.
pub type Built<'a, F> = Result<Box<dyn for<'i> jsonschema::Keyword<'i, F>>, ValidationError<'a>>;

/// The error of a keyword that is written wrong in a schema.
pub fn misuse<'a>(why: impl Into<String>) -> ValidationError<'a> {
    ValidationError::custom(why.into())
}

/// The failure of an instance; `at` says where inside it, when the keyword looked inside.
fn failure<'i>(at: &str) -> ValidationError<'i> {
    ValidationError::custom(at)
}

/// Unused but part of every factory's signature.
pub type SchemaPath = Location;
