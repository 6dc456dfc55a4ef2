//! The front end: from the text of a chunk to records and faults, over quick-xml events.
//!
//! Checks DTD conformance as it goes (aaf.md §2), without reading any DTD or expanding any entity. A
//! part that is not well-formed costs its own request, never the following ones ([`crate::source::files::lex`] says where
//! they start). Requests written the usual way are read by a faster scanner ([`scan`]), with the same calls
//! to the [`Sink`].

mod scan;

use quick_xml::events::BytesStart;

use super::name::Category;
use crate::source::feed::{Prolog, Request, Sink};
use crate::source::files::front::{Front, Grammar, Place, Step};
use crate::source::files::lex::Bounds;
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
        let mut run = self.start(text, position, sink);
        run.all();
        self.buffers = run.front.record.into_buffers();
    }

    fn start<'c, 'p, S: Sink + ?Sized>(&'p mut self, text: &'c str, position: Position, sink: &'p mut S) -> Run<'c, 'p, S> {
        let record = Record::over(text, std::mem::take(&mut self.buffers), &self.names);
        Run {
            front: Front::new(text, sink, record, position.last, self.scans),
            names: &self.names,
            meta: self.meta,
            order: &mut self.order,
            position,
            at: if position.first { At::Prolog } else { At::Root },
            request: Request::Add,
            seen: 0,
            attributes: 0,
            added: 0,
            operational_name: None,
            operational: Vec::new(),
            ids: Vec::new(),
            repeated: Vec::new(),
        }
    }
}

struct Run<'c, 'p, S: ?Sized> {
    front: Front<'c, 'p, S>,
    names: &'p Names,
    meta: Meta,
    order: &'p mut Vec<(Box<[u8]>, NameId)>,
    position: Position,
    at: At,
    request: Request,
    /// Bits of the sections of the request already opened.
    seen: u8,
    attributes: usize,
    added: usize,
    operational_name: Option<Span>,
    operational: Vec<Span>,
    ids: Vec<Span>,
    repeated: Vec<Span>,
}

impl<'c, 'p, S: Sink + ?Sized> Grammar<'c, 'p> for Run<'c, 'p, S> {
    type Sink = S;
    const BOUNDS: &'static Bounds = &BOUNDS;
    const BLANK_REFERENCES: bool = false;

    fn front(&mut self) -> &mut Front<'c, 'p, S> {
        &mut self.front
    }

    fn place(&self) -> Place {
        match self.at {
            At::Prolog => Place::Prolog,
            At::Root => Place::Root,
            At::Value | At::Id | At::OperationalValue => Place::Text,
            At::Epilog => Place::Epilog,
            _ => Place::Record,
        }
    }

    fn reset(&mut self) {
        self.at = At::Root;
    }

    fn scan(&mut self) {
        self.scan_requests();
    }

    fn ends(&mut self) -> bool {
        self.front.text.trim_end().ends_with("</ficAlimMENESR>")
    }

    fn comment(&mut self, text: &[u8]) {
        if self.position.first && self.seen == 0 && matches!(self.at, At::Prolog | At::Root) {
            self.front.sink.prolog(Prolog::Comment(std::str::from_utf8(text).unwrap_or_default()));
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        let name = tag.name();
        let name = name.as_ref();
        if memchr::memchr(b'<', tag).is_some() {
            return Step::Broken;
        }
        if let Some(request) = Request::of(name) {
            self.before_record(offset);
            return self.open_request(request, tag, offset);
        }
        if !self.front.foreign.is_empty() {
            return self.front.open_foreign(name);
        }
        match (self.at, name) {
            (At::Attributes, b"attr") if self.request != Request::Modify => return self.open_attribute(tag, offset),
            (At::Attributes, b"modification") if self.request == Request::Modify => return self.open_attribute(tag, offset),
            (At::Attr, b"value") => self.at = At::Value,
            (At::Request, _) => return self.open_section(name, tag, offset),
            (At::Operational, b"attr") => {
                if self.operational_name.is_some() {
                    self.front.sink.fault("repeatedElement", offset);
                }
                let Some(name) = self.xml_name(tag, offset) else { return Step::Broken };
                self.operational_name = Some(name);
                self.at = At::OperationalAttr;
                return Step::On;
            }
            (At::OperationalAttr, b"value") => self.at = At::OperationalValue,
            (At::Identifier, b"id") => {
                if !self.ids.is_empty() {
                    self.front.sink.fault("repeatedElement", offset);
                }
                self.at = At::Id;
            }
            (At::Prolog, _) => {
                self.at = At::Root;
                if name != ROOT {
                    self.front.sink.fault("wrongRoot", offset);
                    return Step::On;
                }
            }
            (At::Epilog, _) => {
                // A second root: a fault, and what it holds is worth reading.
                self.at = At::Root;
                return self.front.misplaced(offset);
            }
            _ => return self.front.unexpected(name, offset),
        }
        self.front.leaf = None;
        self.no_xml_attribute(tag, offset)
    }

    fn close(&mut self, name: &[u8], offset: usize) -> Step {
        if memchr::memchr(b'<', name).is_some() {
            return Step::Broken;
        }
        if let Some(step) = self.front.close_foreign(name) {
            return step;
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
                let value = self.front.take_leaf();
                self.front.record.push(value);
                self.added += 1;
                false
            }
            At::Attr => {
                self.front.record.close(self.added);
                self.added == 0
            }
            At::Attributes => self.attributes == 0,
            At::Id => {
                let id = self.front.take_leaf();
                self.ids.push(id);
                false
            }
            At::Identifier => self.ids.is_empty(),
            At::OperationalValue => {
                let value = self.front.take_leaf();
                self.operational.push(value);
                false
            }
            At::OperationalAttr => self.operational.is_empty(),
            At::Operational => self.operational_name.is_none(),
            _ => false,
        };
        if empty {
            self.front.sink.fault("emptyElement", offset);
        }
        let ended = self.at == At::Request;
        if ended {
            self.end_request(offset);
        }
        self.at = parent;
        if ended { Step::Ended } else { Step::On }
    }
}

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    /// The start tag should have no XML attribute.
    fn no_xml_attribute(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        if tag[tag.name().as_ref().len()..].iter().all(u8::is_ascii_whitespace) {
            return Step::On;
        }
        self.front.sink.fault("unexpectedXmlAttribute", offset);
        if tag.attributes().all(|a| a.is_ok()) { Step::On } else { Step::Broken }
    }

    fn open_request(&mut self, request: Request, tag: &BytesStart<'_>, offset: usize) -> Step {
        self.begin(request, offset);
        self.at = At::Request;
        self.no_xml_attribute(tag, offset)
    }

    /// Forgets the previous request.
    fn begin(&mut self, request: Request, offset: usize) {
        self.front.begin(offset);
        self.request = request;
        self.seen = 0x80;
        self.attributes = 0;
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
            _ => return self.front.unexpected(name, offset),
        };
        if self.seen & bit != 0 {
            self.front.sink.fault("repeatedElement", offset);
        } else if self.seen & 0x7F > bit {
            self.front.sink.fault("wrongOrder", offset);
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
        self.attributes >= MAX_ATTRIBUTES || self.front.record.size() > MAX_VALUES
    }

    /// Starts an attribute of that name.
    fn attribute(&mut self, span: Span, offset: usize) {
        let rank = self.attributes;
        self.attributes += 1;
        self.added = 0;
        let name = self.front.record.str(span);
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
        if self.front.record.open(id, span, offset) {
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
            return Some(self.front.span(name));
        }
        let modification = self.at == At::Attributes && self.request == Request::Modify;
        let (mut found, mut replaces) = (None, false);
        for attribute in tag.attributes() {
            let attribute = attribute.ok()?;
            match attribute.key.as_ref() {
                b"name" => {
                    let written = std::str::from_utf8(&attribute.value).unwrap_or_default();
                    let text = quick_xml::escape::unescape(written).unwrap_or_else(|_| {
                        self.front.sink.fault("undeclaredEntities", offset);
                        written.into()
                    });
                    found = Some(self.front.record.store(&text));
                }
                b"operation" if modification => replaces = attribute.value.as_ref() == b"replace",
                _ => self.front.sink.fault("unexpectedXmlAttribute", offset),
            }
        }
        if modification && !replaces {
            self.front.sink.fault("badOperation", offset);
        }
        Some(found.unwrap_or_else(|| {
            self.front.sink.fault("missingName", offset);
            self.front.record.store("")
        }))
    }

    fn end_request(&mut self, offset: usize) {
        let wanted = if self.request == Request::Delete { 3 } else { 7 };
        if self.seen & wanted != wanted {
            self.front.sink.fault("missingElement", offset);
        }
        let said = self.operational.first().and_then(|s| Category::parse(self.front.record.str(*s)));
        let category = said.or(self.position.category);
        let (meta, r) = (self.meta, &mut self.front.record);
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
        self.front.sink.record(&self.front.record, category.map(Category::kind), self.request);
    }
}
