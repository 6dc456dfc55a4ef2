//! What holds for any input.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../common/archive.rs"]
mod archive;
#[path = "../common/feed.rs"]
mod feed;

mod chunks;
mod mutations;
mod records;
mod relations;
mod values;
