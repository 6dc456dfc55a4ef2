//! Bad input: each ends in a clear message and a verdict for everything else; nothing panics, nothing is lost.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../common/archive.rs"]
mod archive;

#[path = "../common/audited.rs"]
mod audited;

#[path = "../common/delivery.rs"]
mod delivery;

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
