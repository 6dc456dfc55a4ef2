//! The result model and its renderings, one file each. Sees outcomes, never sources.

pub mod html;
pub mod json;
pub mod model;
pub mod schema;
pub mod terminal;

mod digest;
pub(crate) mod text;
