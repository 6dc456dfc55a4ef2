//! conforment: audits a French school portal (ENT) against the SDET and the standards around it.
//!
//! Data flows one way (docs/architecture.md): target → sources → checks → outcomes → assessment →
//! report → renderings. A renderer never touches a source; a source never knows a requirement.

pub mod assess;
pub mod audit;
pub mod check;
pub mod cli;
#[cfg(feature = "live")]
pub mod demo;
pub mod engine;
pub mod generate;
pub mod i18n;
pub mod outcome;
pub mod privacy;
pub mod report;
pub mod rules;
pub mod source;
pub mod target;
