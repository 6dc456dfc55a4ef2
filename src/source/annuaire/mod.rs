//! The directory of an ENT, as an LDIF export or behind a server: entries, whatever vendor wrote them.
//!
//! Recognises its files, reads entries, tells the dialect, and gives facts. Knows LDIF and the names of classes
//! (annuaire-ldap.md), nothing of requirements; what the classes allow is data of the set ([`model`]).

#[cfg(feature = "live")]
mod ber;
pub mod census;
pub mod dn;
mod entry;
pub mod facts;
#[cfg(feature = "live")]
mod kept;
pub mod kinds;
pub mod ldif;
#[cfg(feature = "live")]
pub mod live;
#[cfg(feature = "live")]
pub mod message;
pub mod model;
#[cfg(feature = "live")]
mod planned;
#[cfg(feature = "live")]
mod reading;
#[cfg(feature = "live")]
mod searches;
#[cfg(feature = "live")]
pub mod server;
#[cfg(feature = "live")]
pub mod session;
mod spelling;
mod values;

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use self::census::Counts;
use self::ldif::{Parser, Position};
use self::model::Model;
use super::feed::{Chunk, Chunks, Facts, Feed, Notes, Parse, Read, Sink};
use super::files::chunk::Cut;
use super::files::delivery::{self, Format, Opened};
use super::files::encoding::Encoding;
use super::files::input::{self, Found, Says};
use super::files::lex::Bounds;
use super::files::log::FileLog;
use super::record::Names;
use super::{KINDS, Kind};
use crate::rules::directory::Dialect;
use crate::rules::model::Degree;

/// What the names of its kinds and facts start with.
pub const PREFIX: &str = "annuaire";

/// The files of an export.
pub type Delivery = delivery::Delivery<Said>;
/// One of them.
pub type InputFile = input::InputFile<Said>;

/// What the name and the first bytes of an LDIF file say.
#[derive(Clone, Debug)]
pub struct Said {
    named: bool,
    content: bool,
    bom: bool,
    utf16: bool,
}

/// Whether the name of a file ends with `.ldif`, in any case.
fn is_ldif(name: &str) -> bool {
    let at = name.len().saturating_sub(5);
    name.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(".ldif"))
}

/// Whether the first lines that are not comments start an export.
fn starts(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.trim_start_matches('\u{FEFF}').lines().map(str::trim_end);
    // A folded comment goes on with a space.
    let first = lines.find(|line| !line.is_empty() && !line.starts_with(['#', ' ']));
    let starts = |name: &str| first.and_then(|line| line.get(..name.len())).is_some_and(|start| start.eq_ignore_ascii_case(name));
    starts("dn:") || starts("version:")
}

impl Says for Said {
    const BOUNDS: &'static Bounds = &ldif::BOUNDS;

    fn of(name: &str, head: &[u8]) -> Self {
        let utf16 = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
        Self { named: is_ldif(name), content: starts(head), bom: head.starts_with(b"\xEF\xBB\xBF"), utf16 }
    }
    fn may_be(name: &str) -> bool {
        is_ldif(name)
    }
    fn is_content(&self) -> bool {
        self.content
    }
    fn is_named(&self) -> bool {
        self.named
    }
    fn encoding(&self) -> Encoding {
        if self.utf16 { Encoding::Unsupported } else { Encoding::Utf8Lines }
    }
    fn declared(&self) -> Option<&str> {
        None
    }
    fn bom(&self) -> bool {
        self.bom
    }
    fn degree(&self) -> Option<Degree> {
        None
    }
    fn date(&self) -> Option<Date> {
        None
    }
    fn is_delta(&self) -> bool {
        false
    }
    fn kinds(&self) -> Option<Vec<Kind>> {
        None
    }
}

impl Format for Said {
    const PREFIX: &'static str = PREFIX;

    fn all_kinds() -> Vec<Kind> {
        KINDS.iter().filter(|k| k.name.split('.').next() == Some(PREFIX)).filter_map(|k| Kind::named(k.name)).collect()
    }
    fn parser(_: &Opened<Self>, names: &Names) -> Box<dyn Parse> {
        Box::new(OfChunks(Parser::new(names.clone(), Arc::default(), Counts::default())))
    }
    fn file_facts(input: &InputFile, log: &FileLog, notes: &Notes) -> Value {
        facts::file(input, log, &notes.lines)
    }
    fn delivery_facts(delivery: &Delivery, found: &Found<Self>, files: &[Value], _: &Read<'_>) -> (Value, bool) {
        (facts::delivery(delivery, found, files), false)
    }
}

/// An export being read, with the model of the set and what is counted.
#[derive(Debug)]
pub struct Export {
    opened: Opened<Said>,
    model: Arc<Model>,
    counts: Counts,
    declared: Dialect,
}

impl Export {
    /// To be read. What the target declares of the dialect is believed.
    #[must_use]
    pub fn new(delivery: Delivery, model: Arc<Model>, declared: Dialect) -> Self {
        Self { opened: Opened::new(delivery), model, counts: Counts::default(), declared }
    }
}

impl Feed for Export {
    fn prefix(&self) -> &'static str {
        PREFIX
    }
    fn label(&self) -> &str {
        self.opened.label()
    }
    fn degree(&self) -> Option<Degree> {
        None
    }
    fn date(&self) -> Option<Date> {
        None
    }
    fn layers(&self) -> u16 {
        1
    }
    fn groups(&self) -> usize {
        self.opened.groups()
    }
    fn kinds(&self, group: usize) -> Vec<Kind> {
        self.opened.kinds(group)
    }
    fn open(&self, group: usize) -> Box<dyn Chunks + '_> {
        self.opened.open(group)
    }
    fn parser(&self, names: &Names) -> Box<dyn Parse> {
        Box::new(OfChunks(Parser::new(names.clone(), self.model.clone(), self.counts.clone())))
    }
    fn is_remark(&self, line: &[u8]) -> bool {
        line.starts_with(b"#")
    }
    fn facts(&self, read: &Read<'_>) -> Facts {
        let mut all = self.opened.facts(read);
        let census = self.counts.of(None);
        let suffix = facts::suffix(&self.declared, &census);
        let lost = self.counts.lost(suffix.as_deref().map_or(0, |s| dn::rdns(s).count()));
        for (rank, file) in all.files.iter_mut().enumerate() {
            let of = |child: &&census::Lost| child.file == rank as u32;
            let lost: Vec<&census::Lost> = lost.iter().filter(of).collect();
            facts::add_counts(&mut file.facts, &self.counts.of(Some(rank as u32)), &lost, &read.notes.lines);
        }
        facts::add_dialect(&mut all.delivery, &census, suffix, &self.declared);
        all.delivery["declared"] = self.model.declared().into();
        all
    }
}

/// The parser, chunk by chunk.
struct OfChunks(Parser);

impl Parse for OfChunks {
    fn chunk(&mut self, text: &str, chunk: &Chunk, sink: &mut dyn Sink) {
        let Cut { first, chunk: rank, broken, .. } = chunk.cut;
        let position = Position { first, file: chunk.file, chunk: rank, broken };
        self.0.chunk(text, position, sink);
    }
}

#[cfg(test)]
mod tests;
