//! The JSON Schema of `report.json`, generated from the types so that it cannot drift from them.
//!
//! Depends on the report model only. Published as `schemas/report-1.schema.json`; a test compares.

use serde_json::Value;

use super::model::Report;

/// The schema (2020-12) of a report.
#[must_use]
pub fn report_schema() -> Value {
    schemars::schema_for!(Report).to_value()
}

/// The schema as the published file: indented, with a final newline.
#[must_use]
pub fn report_schema_text() -> String {
    format!("{:#}\n", report_schema())
}
