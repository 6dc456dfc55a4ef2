//! The AAF feed: what an académie delivers to fill the annuaire of an ENT.
//!
//! Finds deliveries in directories and archives, reads them in chunks on several threads, gives records
//! and facts. Knows the format (aaf.md §1–5), nothing of requirements.

pub mod chunk;
pub mod encoding;
pub mod facts;
pub mod find;
pub mod input;
pub mod lex;
pub mod name;
pub mod parse;
pub mod sniff;
