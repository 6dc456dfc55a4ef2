//! Deliveries made of files: found in directories and archives, cut into chunks of whole records, decoded.
//!
//! Shared by the formats; what differs between them is what [`delivery::Format`] asks. Must never interpret a record.

pub mod archive;
pub mod chunk;
pub mod delivery;
pub mod encoding;
pub mod facts;
pub mod find;
pub mod front;
pub mod input;
pub mod lex;
pub mod log;
mod paragraph;
pub mod prolog;
pub mod recognise;
pub mod strict;
pub mod usual;
pub mod xml;
