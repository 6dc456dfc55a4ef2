//! GAR-ENT deliveries: what an ENT sends to the GAR every night so that its users find their resources.
//!
//! Recognises its files, reads records, blocks included, and gives facts. Knows the format (gar.md §1), nothing of
//! requirements; finding files and cutting them is [`super::files`]' part.

pub mod facts;
pub mod head;
pub mod model;
pub mod name;
pub mod parse;

use jiff::civil::Date;
use serde_json::Value;

use self::head::Head;
use self::name::Name;
use self::parse::{Parser, Position};
use super::Kind;
use super::feed::{Chunk, Notes, Parse, Read, Sink};
use super::files::delivery::{self, Format, Opened, Previous};
use super::files::encoding::Encoding;
use super::files::input::{self, Files, Found, Says, lock};
use super::files::lex::Bounds;
use super::files::log::FileLog;
use super::record::Names;
use crate::rules::model::Degree;

/// What the names of its kinds and facts start with.
pub const PREFIX: &str = "gar";
/// The same for the delivery before the one that is judged.
pub const PREVIOUS: Previous = Previous { prefix: "gar-precedent", shift: model::RECORDS.len() as u8 };

/// A GAR-ENT delivery.
pub type Delivery = delivery::Delivery<Said>;
/// One of its files.
pub type InputFile = input::InputFile<Said>;

/// What the name and the head of a GAR-ENT file say.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its name.
    pub name: Name,
    /// Its first bytes.
    pub head: Head,
}

impl Said {
    /// Category: of the name, else of the root.
    #[must_use]
    pub fn category(&self) -> Option<&'static str> {
        self.name.category.or_else(|| self.head.category())
    }
}

impl Says for Said {
    const BOUNDS: &'static Bounds = &parse::BOUNDS;

    fn of(name: &str, head: &[u8]) -> Self {
        Self { name: name::parse(name), head: Head::of(head) }
    }
    fn may_be(name: &str) -> bool {
        input::xml_stem(name).is_some()
    }
    fn is_content(&self) -> bool {
        self.head.category().is_some() || self.head.degree.is_some()
    }
    fn is_named(&self) -> bool {
        self.name.category.is_some()
    }
    fn encoding(&self) -> Encoding {
        self.head.declared.encoding
    }
    fn declared(&self) -> Option<&str> {
        self.head.declared.label.as_deref()
    }
    fn bom(&self) -> bool {
        self.head.declared.bom
    }
    fn degree(&self) -> Option<Degree> {
        self.head.degree
    }
    fn date(&self) -> Option<Date> {
        self.name.date
    }
    fn is_delta(&self) -> bool {
        false
    }
    fn kinds(&self) -> Option<Vec<Kind>> {
        // What is inside decides, where the head tells it.
        let category = self.head.category().or(self.name.category)?;
        let levels = self.head.degree.map_or_else(|| vec![Degree::D2, Degree::D1], |degree| vec![degree]);
        let roots = levels.into_iter().flat_map(model::roots).filter(|root| root.category == category);
        let mut kinds: Vec<Kind> = roots.flat_map(|root| root.records).filter_map(|r| model::kind(r.name)).collect();
        kinds.sort_unstable();
        kinds.dedup();
        Some(kinds)
    }
}

impl Format for Said {
    const PREFIX: &'static str = PREFIX;

    fn all_kinds() -> Vec<Kind> {
        model::RECORDS.iter().filter_map(|name| model::kind(name)).collect()
    }
    fn parser(opened: &Opened<Self>, names: &Names) -> Box<dyn Parse> {
        let shift = opened.as_previous.map_or(0, |p| p.shift);
        Box::new(OfFiles { files: opened.files.clone(), parser: Parser::new(names.clone(), shift), current: None })
    }
    fn file_facts(input: &InputFile, log: &FileLog, notes: &Notes) -> Value {
        facts::file(input, log, &notes.lines)
    }
    fn delivery_facts(delivery: &Delivery, found: &Found<Self>, files: &[Value], read: &Read<'_>) -> (Value, bool) {
        (facts::delivery(delivery, found, files, read), false)
    }
}

/// The parser, with the head of the file that was read last.
struct OfFiles {
    files: Files<Said>,
    parser: Parser,
    current: Option<(u32, Head)>,
}

impl Parse for OfFiles {
    fn chunk(&mut self, text: &str, chunk: &Chunk, sink: &mut dyn Sink) {
        if self.current.as_ref().is_none_or(|(file, _)| *file != chunk.file) {
            let head = lock(&self.files).files.get(chunk.file as usize).map(|f| f.said.head.clone());
            self.current = head.map(|head| (chunk.file, head));
        }
        let Some((_, head)) = &self.current else { return };
        let position = Position { first: chunk.cut.first, last: chunk.cut.last, file: chunk.file, head };
        self.parser.chunk(text, position, sink);
    }
}
