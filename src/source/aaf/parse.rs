//! The front end: from the text of a chunk to records and faults, over quick-xml events.
//!
//! Checks DTD conformance as it goes (aaf.md §2), without reading any DTD or expanding any entity. A
//! part that is not well-formed costs its own request, never the following ones ([`crate::source::files::lex`] says where
//! they start). Requests written the usual way are read by a faster scanner ([`scan`]), with the same calls
//! to the [`Sink`].

mod scan;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::name::Category;
use crate::source::feed::{Fault, Prolog, Request, Sink};
use crate::source::files::lex::{Boundary, Bounds};
use crate::source::files::xml::{Referred, referred};
use crate::source::record::{Buffers, NameId, Names, Record, Span};

/// Where requests start and end.
pub static BOUNDS: Bounds = Bounds { names: &["addRequest", "modifyRequest", "deleteRequest"], prefixed: false };

impl Request {
    fn of(name: &[u8]) -> Option<Self> {
        match name {
            b"addRequest" => Some(Self::Add),
            b"modifyRequest" => Some(Self::Modify),
            b"deleteRequest" => Some(Self::Delete),
            _ => None,
        }
    }

    fn element(self) -> &'static [u8] {
        match self {
            Self::Add => b"addRequest",
            Self::Modify => b"modifyRequest",
            Self::Delete => b"deleteRequest",
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Modify => "modify",
            Self::Delete => "delete",
        }
    }
}

/// The byte order mark, once decoded.
const MARK: &str = "\u{FEFF}";
const ROOT: &[u8] = b"ficAlimMENESR";
/// Elements that are never a root.
const INNER: &[&[u8]] = &[
    b"addRequest",
    b"modifyRequest",
    b"deleteRequest",
    b"operationalAttributes",
    b"identifier",
    b"id",
    b"attributes",
    b"attr",
    b"modifications",
    b"modification",
    b"value",
];
/// Deepest foreign element followed; deeper, the request is given up.
const MAX_DEPTH: usize = 64;
/// Most attributes of one request, and most values before the last of them; beyond, the request is given up.
/// Real ones have about 40.
const MAX_ATTRIBUTES: usize = 1024;
const MAX_VALUES: usize = 1 << 20;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Prolog,
    Root,
    Request,
    Operational,
    OperationalAttr,
    OperationalValue,
    Identifier,
    Id,
    Attributes,
    Attr,
    Value,
    Epilog,
}

/// Where a chunk stands in its file.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// It starts with the prolog.
    pub first: bool,
    /// It ends with the end of the file.
    pub last: bool,
    /// Category of the file: what a request that says nothing is taken for.
    pub category: Option<Category>,
    /// Category in the file's name.
    pub named: Option<Category>,
    /// The root of the file is not that of AAF: its end tag has another name.
    pub other_root: bool,
}

/// The names of members that are about the request.
#[derive(Clone, Copy, Debug)]
struct Meta {
    id: NameId,
    request: NameId,
    category_attribute: NameId,
    category: NameId,
    expected: NameId,
    file_category: NameId,
    repeated: NameId,
}

/// A parser with its buffers, reused from chunk to chunk. One a thread.
#[derive(Debug)]
pub struct Parser {
    names: Names,
    meta: Meta,
    buffers: Buffers,
    /// Attribute names of the previous request: the next one nearly always has the same, in the same order.
    order: Vec<(Box<[u8]>, NameId)>,
    /// Whether requests of the usual shape are scanned: always, but in the test that compares.
    scans: bool,
}

impl Parser {
    /// With the names that requirements mention.
    #[must_use]
    pub fn new(names: Names) -> Self {
        let get = |name: &str| names.get(name);
        let meta = Meta {
            id: get("@id"),
            request: get("@request"),
            category_attribute: get("@categoryAttribute"),
            category: get("@category"),
            expected: get("@expectedCategoryAttribute"),
            file_category: get("@fileCategory"),
            repeated: get("@repeated"),
        };
        Self { names, meta, buffers: Buffers::default(), order: Vec::new(), scans: true }
    }

    /// Parses a chunk.
    pub fn chunk(&mut self, text: &str, position: Position, sink: &mut (impl Sink + ?Sized)) {
        let record = Record::over(text, std::mem::take(&mut self.buffers), &self.names);
        let mut run = Run {
            text,
            names: &self.names,
            meta: self.meta,
            order: &mut self.order,
            scans: self.scans,
            sink,
            record,
            position,
            at: if position.first { At::Prolog } else { At::Root },
            request: Request::Add,
            seen: 0,
            attributes: 0,
            added: 0,
            leaf: None,
            operational_name: None,
            operational: Vec::new(),
            ids: Vec::new(),
            repeated: Vec::new(),
            foreign: Vec::new(),
            base: 0,
        };
        run.all();
        self.buffers = run.record.into_buffers();
    }
}

struct Run<'c, 'p, S: ?Sized> {
    text: &'c str,
    names: &'p Names,
    meta: Meta,
    order: &'p mut Vec<(Box<[u8]>, NameId)>,
    scans: bool,
    sink: &'p mut S,
    record: Record<'c>,
    position: Position,
    at: At,
    request: Request,
    /// Bits of the sections of the request already opened.
    seen: u8,
    attributes: usize,
    added: usize,
    /// Text of the leaf element being read.
    leaf: Option<Span>,
    operational_name: Option<Span>,
    operational: Vec<Span>,
    ids: Vec<Span>,
    repeated: Vec<Span>,
    foreign: Vec<Box<[u8]>>,
    /// Where the reader's text starts in the chunk (it starts again after an error).
    base: usize,
}

enum Step {
    On,
    /// Not well-formed.
    Broken,
    /// Beyond the limits of the tool.
    TooLarge,
    /// A request ended: the next one may be of the usual shape.
    Ended,
}

/// Why quick-xml stopped.
enum Stop {
    /// End of the text.
    End,
    /// A request ended here.
    Request(usize),
    /// What is here cannot be followed.
    Fault(Fault, usize),
}

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    fn all(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            if self.at == At::Root && self.foreign.is_empty() && self.scans {
                self.scan();
            }
            self.marks();
            let mut reader = Reader::from_str(&self.text[self.base..]);
            let config = reader.config_mut();
            config.check_end_names = false;
            config.allow_unmatched_ends = true;
            let (fault, at) = match self.read(&mut reader) {
                Stop::End => break,
                Stop::Request(end) => {
                    self.base = end;
                    continue;
                }
                Stop::Fault(fault, at) => (fault, at),
            };
            // Start again at the next request.
            self.sink.fault(fault, at);
            let again = BOUNDS.is_start(bytes, at);
            let opened = self.at == At::Request && self.record.offset as usize == at;
            if again && !opened {
                self.before_request(at);
            }
            self.foreign.clear();
            self.at = At::Root;
            self.base = match BOUNDS.next_boundary(bytes, at + usize::from(again)) {
                Some(Boundary::Start(next) | Boundary::End(next)) => next,
                None if self.position.last => return self.end_of_broken(),
                None => return,
            };
        }
        if self.position.last {
            self.end();
        } else {
            self.before_request(self.text.len());
        }
    }

    /// Passes over the byte order marks at hand, which quick-xml would drop without counting their bytes: that of the
    /// file is right, any other is text.
    fn marks(&mut self) {
        while self.text[self.base..].starts_with(MARK) {
            if self.base > 0 {
                self.characters(MARK.as_bytes(), self.base);
            }
            self.base += MARK.len();
        }
    }

    /// The file ends in a part that is not well-formed: whether it was cut short cannot be told apart.
    fn end_of_broken(&mut self) {
        if !self.text.trim_end().ends_with("</ficAlimMENESR>") {
            self.sink.fault("truncated", self.text.len());
        }
    }

    fn end(&mut self) {
        match self.at {
            At::Epilog => {}
            At::Prolog => self.sink.fault("xmlErrors", 0),
            _ => {
                self.sink.fault("xmlErrors", self.text.len());
                self.sink.fault("truncated", self.text.len());
            }
        }
    }

    /// A request starts at `offset`, whatever is open: says what should have been closed, or opened, before.
    fn before_request(&mut self, offset: usize) {
        match self.at {
            At::Root if self.foreign.is_empty() => {}
            At::Prolog => self.sink.fault("wrongRoot", offset),
            _ => self.sink.fault("xmlErrors", offset),
        }
        self.foreign.clear();
        self.at = At::Root;
    }

    /// Reads up to the end of a request, or of the text, or to what cannot be followed.
    fn read(&mut self, reader: &mut Reader<&[u8]>) -> Stop {
        loop {
            let before = reader.buffer_position() as usize;
            let offset = self.base + before;
            let step = match reader.read_event() {
                Ok(Event::Text(text)) => self.characters(&text, offset),
                Ok(Event::Start(tag)) => self.open(&tag, offset),
                Ok(Event::Empty(tag)) => match self.open(&tag, offset) {
                    Step::On => self.close(tag.name().as_ref(), offset),
                    other => other,
                },
                Ok(Event::End(tag)) => self.close(tag.name().as_ref(), offset),
                Ok(Event::CData(text)) => self.characters(&text, offset),
                Ok(Event::GeneralRef(reference)) => self.reference(&reference, offset),
                Ok(Event::Comment(text)) => {
                    if self.position.first && self.seen == 0 && matches!(self.at, At::Prolog | At::Root) {
                        self.sink.prolog(Prolog::Comment(std::str::from_utf8(&text).unwrap_or_default()));
                    }
                    Step::On
                }
                Ok(Event::DocType(text)) => self.doctype(&text, offset),
                Ok(Event::Decl(_)) if !matches!(&self.text[..offset], "" | MARK) => self.misplaced(offset),
                Ok(Event::Decl(_) | Event::PI(_)) => Step::On,
                Ok(Event::Eof) => return Stop::End,
                Err(_) => {
                    return Stop::Fault(
                        "xmlErrors",
                        self.base + (reader.error_position() as usize).clamp(before, self.text.len() - self.base),
                    );
                }
            };
            match step {
                Step::On => {}
                Step::Broken => return Stop::Fault("xmlErrors", offset),
                Step::Ended => {
                    let end = self.base + reader.buffer_position() as usize;
                    // quick-xml would take a byte order mark that starts its text for its own.
                    if self.scans && !self.text[end..].starts_with(MARK) {
                        return Stop::Request(end);
                    }
                }
                Step::TooLarge => return Stop::Fault("oversized", offset),
            }
        }
    }

    /// What is not well-formed there, and can be passed over.
    fn misplaced(&mut self, offset: usize) -> Step {
        self.sink.fault("xmlErrors", offset);
        Step::On
    }

    fn doctype(&mut self, text: &[u8], offset: usize) -> Step {
        // A request always starts a request, even in there; the `>` of its tag may be what ended the declaration.
        let end = text.as_ptr() as usize - self.text.as_ptr() as usize + text.len() + 1;
        if BOUNDS.runs_over(self.text.as_bytes().get(offset..end).unwrap_or_default()) {
            return Step::Broken;
        }
        if self.at != At::Prolog {
            return self.misplaced(offset);
        }
        self.sink.prolog(Prolog::Doctype(std::str::from_utf8(text).unwrap_or_default()));
        Step::On
    }

    fn characters(&mut self, bytes: &[u8], offset: usize) -> Step {
        if matches!(self.at, At::Value | At::Id | At::OperationalValue) && self.foreign.is_empty() {
            let Ok(text) = std::str::from_utf8(bytes) else { return Step::Broken };
            self.leaf = Some(match self.leaf {
                // The event borrows from the chunk: its place there is its address less the chunk's.
                None => Span::of_chunk(bytes.as_ptr() as usize - self.text.as_ptr() as usize, bytes.len()),
                Some(span) => self.record.join(span, text),
            });
        } else if let Some(first) = bytes.iter().position(|b| !b.is_ascii_whitespace()).filter(|_| self.foreign.is_empty()) {
            if matches!(self.at, At::Prolog | At::Epilog) {
                return self.misplaced(offset + first);
            }
            self.sink.fault("strayText", offset + first);
        }
        Step::On
    }

    fn reference(&mut self, reference: &quick_xml::events::BytesRef<'_>, offset: usize) -> Step {
        let in_text = matches!(self.at, At::Value | At::Id | At::OperationalValue) && self.foreign.is_empty();
        let before = self.leaf.filter(|_| in_text).and_then(|leaf| self.record.str(leaf).chars().next_back());
        let c = match referred(reference, before, |odd| self.sink.fault(odd, offset)) {
            Referred::Character(c) => c,
            Referred::Broken => return Step::Broken,
            Referred::Undeclared => {
                self.sink.fault("undeclaredEntities", offset);
                char::REPLACEMENT_CHARACTER
            }
        };
        let mut character = [0; 4];
        let text: &str = c.encode_utf8(&mut character);
        if in_text {
            let start = self.leaf.unwrap_or_else(|| self.record.store(""));
            self.leaf = Some(self.record.join(start, text));
        } else if matches!(self.at, At::Prolog | At::Epilog) {
            return self.misplaced(offset);
        } else if self.foreign.is_empty() {
            self.sink.fault("strayText", offset);
        }
        Step::On
    }

    fn open(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        let name = tag.name();
        let name = name.as_ref();
        if memchr::memchr(b'<', tag).is_some() {
            return Step::Broken;
        }
        if let Some(request) = Request::of(name) {
            self.before_request(offset);
            return self.open_request(request, tag, offset);
        }
        if !self.foreign.is_empty() {
            return self.open_foreign(name);
        }
        match (self.at, name) {
            (At::Attributes, b"attr") if self.request != Request::Modify => return self.open_attribute(tag, offset),
            (At::Attributes, b"modification") if self.request == Request::Modify => return self.open_attribute(tag, offset),
            (At::Attr, b"value") => self.at = At::Value,
            (At::Request, _) => return self.open_section(name, tag, offset),
            (At::Operational, b"attr") => {
                if self.operational_name.is_some() {
                    self.sink.fault("repeatedElement", offset);
                }
                let Some(name) = self.xml_name(tag, offset) else { return Step::Broken };
                self.operational_name = Some(name);
                self.at = At::OperationalAttr;
                return Step::On;
            }
            (At::OperationalAttr, b"value") => self.at = At::OperationalValue,
            (At::Identifier, b"id") => {
                if !self.ids.is_empty() {
                    self.sink.fault("repeatedElement", offset);
                }
                self.at = At::Id;
            }
            (At::Prolog, _) => {
                self.at = At::Root;
                if name != ROOT {
                    self.sink.fault("wrongRoot", offset);
                    return Step::On;
                }
            }
            (At::Epilog, _) => {
                // A second root: a fault, and what it holds is worth reading.
                self.at = At::Root;
                return self.misplaced(offset);
            }
            _ => return self.unexpected(name, offset),
        }
        self.leaf = None;
        self.no_xml_attribute(tag, offset)
    }

    /// The start tag should have no XML attribute.
    fn no_xml_attribute(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        if tag[tag.name().as_ref().len()..].iter().all(u8::is_ascii_whitespace) {
            return Step::On;
        }
        self.sink.fault("unexpectedXmlAttribute", offset);
        if tag.attributes().all(|a| a.is_ok()) { Step::On } else { Step::Broken }
    }

    fn open_request(&mut self, request: Request, tag: &BytesStart<'_>, offset: usize) -> Step {
        self.begin(request, offset);
        self.at = At::Request;
        self.no_xml_attribute(tag, offset)
    }

    /// Forgets the previous request.
    fn begin(&mut self, request: Request, offset: usize) {
        self.record.clear();
        self.record.offset = offset as u32;
        // A value that was never closed may be in what was just forgotten.
        self.leaf = None;
        self.request = request;
        self.seen = 0x80;
        self.attributes = 0;
        // A value that the request before left open was in what `clear` emptied.
        self.leaf = None;
        self.operational_name = None;
        self.operational.clear();
        self.ids.clear();
        self.repeated.clear();
    }

    fn open_section(&mut self, name: &[u8], tag: &BytesStart<'_>, offset: usize) -> Step {
        let (bit, at) = match (name, self.request) {
            (b"operationalAttributes", _) => (1, At::Operational),
            (b"identifier", _) => (2, At::Identifier),
            (b"attributes", Request::Add) | (b"modifications", Request::Modify) => (4, At::Attributes),
            _ => return self.unexpected(name, offset),
        };
        if self.seen & bit != 0 {
            self.sink.fault("repeatedElement", offset);
        } else if self.seen & 0x7F > bit {
            self.sink.fault("wrongOrder", offset);
        }
        self.seen |= bit;
        self.at = at;
        self.no_xml_attribute(tag, offset)
    }

    fn open_attribute(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        if self.is_full() {
            return Step::TooLarge;
        }
        let Some(span) = self.xml_name(tag, offset) else { return Step::Broken };
        self.attribute(span, offset);
        self.at = At::Attr;
        Step::On
    }

    /// Whether the request holds all that one may.
    fn is_full(&self) -> bool {
        self.attributes >= MAX_ATTRIBUTES || self.record.size() > MAX_VALUES
    }

    /// Starts an attribute of that name.
    fn attribute(&mut self, span: Span, offset: usize) {
        let rank = self.attributes;
        self.attributes += 1;
        self.added = 0;
        let name = self.record.str(span);
        let id = match self.order.get(rank) {
            Some((known, id)) if known.as_ref() == name.as_bytes() => *id,
            _ => {
                let id = self.names.get(name);
                let entry = (name.as_bytes().into(), id);
                if rank < self.order.len() {
                    self.order[rank] = entry;
                } else {
                    self.order.push(entry);
                }
                id
            }
        };
        if self.record.open(id, span, offset) {
            self.repeated.push(span);
        }
    }

    /// The `name` of an `attr` or `modification`, and the faults of its other XML attributes; `None` when they are
    /// not well-formed.
    fn xml_name(&mut self, tag: &BytesStart<'_>, offset: usize) -> Option<Span> {
        let bytes: &[u8] = tag;
        if let Some(name) = bytes.strip_prefix(b"attr name=\"").and_then(|b| b.strip_suffix(b"\""))
            && !name.iter().any(|b| matches!(b, b'"' | b'&'))
        {
            return Some(Span::of_chunk(name.as_ptr() as usize - self.text.as_ptr() as usize, name.len()));
        }
        let modification = self.at == At::Attributes && self.request == Request::Modify;
        let (mut found, mut replaces) = (None, false);
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            match attribute.key.as_ref() {
                b"name" => {
                    let written = std::str::from_utf8(&attribute.value).unwrap_or_default();
                    let text = quick_xml::escape::unescape(written).unwrap_or_else(|_| {
                        self.sink.fault("undeclaredEntities", offset);
                        written.into()
                    });
                    found = Some(self.record.store(&text));
                }
                b"operation" if modification => replaces = attribute.value.as_ref() == b"replace",
                _ => self.sink.fault("unexpectedXmlAttribute", offset),
            }
        }
        if modification && !replaces {
            self.sink.fault("badOperation", offset);
        }
        Some(found.unwrap_or_else(|| {
            self.sink.fault("missingName", offset);
            self.record.store("")
        }))
    }

    fn unexpected(&mut self, name: &[u8], offset: usize) -> Step {
        self.sink.fault("unexpectedElement", offset);
        self.open_foreign(name)
    }

    fn open_foreign(&mut self, name: &[u8]) -> Step {
        self.foreign.push(name.into());
        if self.foreign.len() > MAX_DEPTH { Step::TooLarge } else { Step::On }
    }

    fn close(&mut self, name: &[u8], offset: usize) -> Step {
        if memchr::memchr(b'<', name).is_some() {
            return Step::Broken;
        }
        if let Some(open) = self.foreign.pop() {
            return if *open == *name { Step::On } else { Step::Broken };
        }
        let (expected, parent): (&[u8], At) = match self.at {
            At::Value => (b"value", At::Attr),
            At::Attr if self.request == Request::Modify => (b"modification", At::Attributes),
            At::Attr => (b"attr", At::Attributes),
            At::Attributes if self.request == Request::Modify => (b"modifications", At::Request),
            At::Attributes => (b"attributes", At::Request),
            At::Id => (b"id", At::Identifier),
            At::Identifier => (b"identifier", At::Request),
            At::OperationalValue => (b"value", At::OperationalAttr),
            At::OperationalAttr => (b"attr", At::Operational),
            At::Operational => (b"operationalAttributes", At::Request),
            At::Request => (self.request.element(), At::Root),
            At::Root => (ROOT, At::Epilog),
            At::Prolog | At::Epilog => return Step::Broken,
        };
        // A root of another name was reported where it was opened.
        let other_root = self.at == At::Root && self.position.other_root && !INNER.contains(&name);
        if name != expected && !other_root {
            return Step::Broken;
        }
        let empty = match self.at {
            At::Value => {
                let value = self.take_leaf();
                self.record.push(value);
                self.added += 1;
                false
            }
            At::Attr => {
                self.record.close(self.added);
                self.added == 0
            }
            At::Attributes => self.attributes == 0,
            At::Id => {
                let id = self.take_leaf();
                self.ids.push(id);
                false
            }
            At::Identifier => self.ids.is_empty(),
            At::OperationalValue => {
                let value = self.take_leaf();
                self.operational.push(value);
                false
            }
            At::OperationalAttr => self.operational.is_empty(),
            At::Operational => self.operational_name.is_none(),
            _ => false,
        };
        if empty {
            self.sink.fault("emptyElement", offset);
        }
        let ended = self.at == At::Request;
        if ended {
            self.end_request(offset);
        }
        self.at = parent;
        if ended { Step::Ended } else { Step::On }
    }

    fn take_leaf(&mut self) -> Span {
        self.leaf.take().unwrap_or_else(|| Span::of_chunk(0, 0))
    }

    fn end_request(&mut self, offset: usize) {
        let wanted = if self.request == Request::Delete { 3 } else { 7 };
        if self.seen & wanted != wanted {
            self.sink.fault("missingElement", offset);
        }
        let said = self.operational.first().and_then(|s| Category::parse(self.record.str(*s)));
        let category = said.or(self.position.category);
        let (meta, r) = (self.meta, &mut self.record);
        r.push_meta(meta.id, "@id", &self.ids);
        r.push_meta_text(meta.request, "@request", self.request.as_str());
        r.push_meta(meta.category_attribute, "@categoryAttribute", self.operational_name.as_slice());
        r.push_meta(meta.category, "@category", &self.operational);
        if let Some(category) = category {
            r.push_meta_text(meta.expected, "@expectedCategoryAttribute", category.operational_attribute());
        }
        if let Some(category) = self.position.named {
            r.push_meta_text(meta.file_category, "@fileCategory", category.operational());
        }
        r.push_meta(meta.repeated, "@repeated", &self.repeated);
        self.sink.record(&self.record, category.map(Category::kind), self.request);
    }
}
