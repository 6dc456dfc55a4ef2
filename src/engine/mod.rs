//! Runs a plan over records: workers judge and gather, the store joins, verdicts are drawn.
//!
//! Knows records and requirements; must never know a format of file nor a renderer.

mod again;
pub mod facts;
pub mod gathered;
pub mod live;
pub mod locate;
pub mod outcomes;
pub mod plan;
mod program;
pub mod run;
pub mod selftest;
pub mod sighting;
pub mod store;
pub mod through;
pub mod verdict;
pub mod worker;
