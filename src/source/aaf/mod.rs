//! The AAF feed: what an académie delivers to fill the annuaire of an ENT.
//!
//! Recognises its files, reads requests as records and gives facts. Knows the format (aaf.md §1–5), nothing of
//! requirements; finding files and cutting them is [`super::files`]' part.

pub mod facts;
pub mod name;
pub mod parse;
pub mod sniff;

use jiff::civil::Date;
use serde_json::Value;

use self::name::{CATEGORIES, Category, Mode, Name};
use self::parse::{Parser, Position};
use self::sniff::{Head, sniff};
use super::Kind;
use super::feed::{Chunk, Notes, Parse, Read, Sink};
use super::files::delivery::{self, Format, Opened};
use super::files::encoding::Encoding;
use super::files::input::{self, Files, Found, Says, lock};
use super::files::lex::Bounds;
use super::files::log::FileLog;
use super::record::Names;
use crate::rules::model::Degree;

/// What the names of its kinds and facts start with.
pub const PREFIX: &str = "aaf";

/// An AAF delivery.
pub type Delivery = delivery::Delivery<Said>;
/// One of its files.
pub type InputFile = input::InputFile<Said>;

/// What the name and the head of an AAF file say.
#[derive(Clone, Debug)]
pub struct Said {
    /// Its name.
    pub name: Name,
    /// Its first bytes.
    pub head: Head,
    /// Category: of the name, else of the first request.
    pub category: Option<Category>,
}

impl Says for Said {
    const BOUNDS: &'static Bounds = &parse::BOUNDS;

    fn of(name: &str, head: &[u8]) -> Self {
        // The files that an ENT sends to the GAR are named alike.
        let name = if name.contains("_GAR-ENT_") { Name::default() } else { name::parse(name) };
        Self { category: name.category.or_else(|| category_in(head)), head: sniff(head), name }
    }
    fn may_be(name: &str) -> bool {
        input::xml_stem(name).is_some()
    }
    fn is_content(&self) -> bool {
        self.head.aaf
    }
    fn is_named(&self) -> bool {
        self.name.category.is_some()
    }
    fn encoding(&self) -> Encoding {
        self.head.encoding
    }
    fn declared(&self) -> Option<&str> {
        self.head.declared.as_deref()
    }
    fn bom(&self) -> bool {
        self.head.bom
    }
    fn degree(&self) -> Option<Degree> {
        // A header says what it likes: what tells the level is the content, where it does.
        self.head.content_degree.or(self.head.header_degree)
    }
    fn date(&self) -> Option<Date> {
        self.name.date
    }
    fn is_delta(&self) -> bool {
        self.name.mode == Some(Mode::Delta)
    }
    fn kinds(&self) -> Option<Vec<Kind>> {
        self.category.map(|category| vec![category.kind()])
    }
}

/// The category of the first request.
fn category_in(head: &[u8]) -> Option<Category> {
    let text = String::from_utf8_lossy(head);
    let value = text.split_once("<operationalAttributes>")?.1.split_once("<value>")?.1.split_once('<')?.0;
    Category::parse(value)
}

impl Format for Said {
    const PREFIX: &'static str = PREFIX;

    fn all_kinds() -> Vec<Kind> {
        CATEGORIES.into_iter().map(Category::kind).collect()
    }
    fn parser(opened: &Opened<Self>, names: &Names) -> Box<dyn Parse> {
        Box::new(OfFiles { files: opened.files.clone(), parser: Parser::new(names.clone()) })
    }
    fn file_facts(input: &InputFile, log: &FileLog, notes: &Notes) -> Value {
        facts::file(input, log, &notes.lines)
    }
    fn delivery_facts(delivery: &Delivery, found: &Found<Self>, files: &[Value], _: &Read<'_>) -> (Value, bool) {
        let delivery = Delivery { unrecognised: found.unrecognised.clone(), ..delivery.clone() };
        let facts = facts::delivery(&delivery, &found.files, files);
        let delta_alone = facts["mode"] == Mode::Delta.as_str() && !delivery.previous;
        (facts, delta_alone)
    }
}

/// The parser, with what it has to know of the file that a chunk is from.
struct OfFiles {
    files: Files<Said>,
    parser: Parser,
}

impl Parse for OfFiles {
    fn chunk(&mut self, text: &str, chunk: &Chunk, sink: &mut dyn Sink) {
        let (category, named, other_root) = lock(&self.files)
            .files
            .get(chunk.file as usize)
            .map_or((None, None, false), |f| (f.said.category, f.said.name.category, f.said.head.other_root));
        let position = Position { first: chunk.cut.first, last: chunk.cut.last, category, named, other_root };
        self.parser.chunk(text, position, sink);
    }
}
