//! The vocabulary of checks: JSON Schema over records and facts, with our formats and keywords, and
//! the selectors that relations read keys with.
//!
//! Depends on the record representation and the rule model. Must never know a source or a verdict.

pub mod diagnose;
mod form;
pub mod formats;
pub mod keywords;
pub mod schema;
pub mod selector;
pub mod text;
