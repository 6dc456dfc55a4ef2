//! What the engine asks of a delivery, whatever its format: chunks to share between threads, a parser of
//! chunks, and, once all is read, facts.
//!
//! A format implements [`Feed`]; the engine knows nothing else of it. Must never name a requirement.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::Value;

use super::Kind;
use super::files::chunk::Cut;
use super::files::encoding::Encoding;
use super::files::log::{Damage, FileLog};
use super::place::LineTable;
use super::record::{Names, Record};
use crate::rules::model::Degree;

/// What is wrong in a file, by the name it has in facts.
pub type Fault = &'static str;

/// Receives what a parser reads.
pub trait Sink {
    /// One record; `None` when nothing tells its kind.
    fn record(&mut self, record: &Record<'_>, kind: Option<Kind>, request: Request);
    /// Something wrong at an offset of the chunk.
    fn fault(&mut self, fault: Fault, offset: usize);
    /// Something of the prolog.
    fn prolog(&mut self, prolog: Prolog<'_>);
}

/// A piece of the prolog.
#[derive(Debug)]
pub enum Prolog<'a> {
    /// `<!DOCTYPE …>`, without the mark-up.
    Doctype(&'a str),
    /// A comment before the first record.
    Comment(&'a str),
}

/// What is asked of the receiver. Formats without deltas only add.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `addRequest`.
    Add,
    /// `modifyRequest`.
    Modify,
    /// `deleteRequest`.
    Delete,
}

/// A chunk handed to a worker, beside its bytes.
#[derive(Clone, Copy, Debug)]
pub struct Chunk {
    /// Rank of the file in its delivery.
    pub file: u32,
    /// Where it stands in the file.
    pub cut: Cut,
    /// How to decode it.
    pub encoding: Encoding,
    /// Layer of the file: 0 for a full delivery, then one a delta.
    pub layer: u16,
}

impl Chunk {
    /// What is parsed of its text once decoded: the mark of byte order that a file may start with is left out.
    #[must_use]
    pub fn content<'t>(&self, text: &'t str) -> &'t str {
        text.strip_prefix('\u{FEFF}').filter(|_| self.cut.first).unwrap_or(text)
    }
}

/// Gives chunks to any number of workers.
pub trait Chunks: Sync {
    /// Puts the next chunk into `buffer`.
    fn next(&self, buffer: &mut Vec<u8>) -> Option<Chunk>;
    /// Ends the reading: false when the thread that read did not come to its end, and chunks may be missing.
    fn ended(self: Box<Self>) -> bool;
}

/// Parses chunks. One a thread.
pub trait Parse: Send {
    /// Hands over all that the text of a chunk holds.
    fn chunk(&mut self, text: &str, chunk: &Chunk, sink: &mut dyn Sink);
}

/// What workers noted of the files of one delivery.
#[derive(Debug, Default)]
pub struct Notes {
    /// By rank of file.
    pub logs: HashMap<u32, FileLog>,
    /// Lines of chunks.
    pub lines: LineTable,
}

/// A delivery that can be read.
pub trait Feed: Sync {
    /// What the names of its kinds and facts start with: `aaf`, `gar`…
    fn prefix(&self) -> &'static str;
    /// Name in the report.
    fn label(&self) -> &str;
    /// School level, where the files tell it.
    fn degree(&self) -> Option<Degree>;
    /// The date ages are counted at.
    fn date(&self) -> Option<Date>;
    /// How many states it describes: 1, and one more a delta.
    fn layers(&self) -> u16;
    /// How many groups of files there are; each is read to its end before the next one starts.
    fn groups(&self) -> usize;
    /// The kinds of record that the files of a group may hold.
    fn kinds(&self, group: usize) -> Vec<Kind>;
    /// Starts reading a group.
    fn open(&self, group: usize) -> Box<dyn Chunks + '_>;
    /// A parser that knows these names.
    fn parser(&self, names: &Names) -> Box<dyn Parse>;
    /// The facts, once everything was read.
    fn facts(&self, read: &Read<'_>) -> Facts;
    /// Whether a line of its files says nothing of records: what bytes it is made of does not matter.
    fn is_remark(&self, line: &[u8]) -> bool {
        let _ = line;
        false
    }
}

/// What is known once everything was read.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// What workers noted of this delivery.
    pub notes: &'a Notes,
    /// School level that the audit uses.
    pub degree: Option<Degree>,
    /// The day of the audit.
    pub today: Date,
    /// Records by kind, those of the other deliveries of the run included.
    pub records: &'a [u64],
    /// The day of the previous delivery, as far as it tells, when one was given beside.
    pub previous: Option<Option<Date>>,
}

/// The facts of a delivery.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Of the delivery.
    pub delivery: Value,
    /// Of its files, by rank.
    pub files: Vec<FileFacts>,
    /// It only tells what changed since a state that is not known.
    pub delta_alone: bool,
}

/// The facts of a file.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Path shown.
    pub path: String,
    /// The document.
    pub facts: Value,
    /// Why a part of it is not known.
    pub damage: Option<Damage>,
    /// Kinds of record it holds; `None` when it may hold any.
    pub kinds: Option<Vec<Kind>>,
    /// It is, or stands for, a part of an archive read as a stream: what it hides may be anything.
    pub streamed: bool,
    /// It is what a server answered: there is no file, its facts carry no more than what entries tell, and lines mean nothing.
    pub answered: bool,
    /// Why it could not be read to its end: a key of the catalogue.
    pub problem: Option<&'static str>,
}
