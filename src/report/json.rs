//! `report.json`: the result file, written and read back.
//!
//! Depends on the report model only. Must never change what it writes: every other rendering, and
//! every later comparison, starts from this file.

use serde::Deserialize;
use thiserror::Error;

use super::model::{REPORT_FORMAT, Report};
use crate::privacy;

/// Why a result file cannot be used.
#[derive(Debug, Error)]
pub enum ReadError {
    /// Not JSON, or not the shape of a report.
    #[error("not a conforment report: {0}")]
    Json(String),
    /// A report of another version of the format.
    #[error("report format {found:.40}, this version reads {REPORT_FORMAT}")]
    Format {
        /// What the file says.
        found: String,
    },
}

impl From<serde_json::Error> for ReadError {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(privacy::without_values(&error.to_string()))
    }
}

/// The result file, indented, with a final newline: it is read by people and compared by `diff` too.
pub fn write(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// Reads a result file. The format is looked at first: a file of another version is told so, rather
/// than blamed for its shape.
pub fn read(text: &str) -> Result<Report, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        format: String,
    }
    let head: Head = serde_json::from_str(text)?;
    if head.format != REPORT_FORMAT {
        return Err(ReadError::Format { found: head.format });
    }
    Ok(serde_json::from_str(text)?)
}
