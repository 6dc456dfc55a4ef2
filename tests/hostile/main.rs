//! Bad input: each ends in a clear message and a verdict for everything else; nothing panics, nothing is lost.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../common/delivery.rs"]
mod delivery;

#[path = "../common/archive.rs"]
mod archive;

mod archives;
mod chains;
mod cut_short;
mod encodings;
mod gar;
mod lines;
mod places;
mod sizes;
mod structure;
mod syntax;
