//! Requirement sets: model, loading, tailoring, self-test. Data in, data out; never a source.

pub mod contract;
pub mod directory;
pub mod library;
pub mod model;
pub mod schema;
pub mod set;
pub mod yaml;
