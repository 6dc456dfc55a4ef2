//! The result model and its renderings, one file each. Sees outcomes, never sources.

pub mod model;
