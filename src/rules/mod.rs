//! Requirement sets: model, loading, tailoring, self-test. Data in, data out; never a source.

pub mod model;
