//! What the integration tests share.
#![allow(dead_code, clippy::unwrap_used, missing_docs)]

pub mod sample_report;
