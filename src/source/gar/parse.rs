//! The front end: from the text of a chunk to records and faults, over quick-xml events.
//!
//! Holds the order of elements, which attributes there may be and where text may stand to the published schemas
//! ([`super::model`]). A part that is not well-formed costs its own record, never the following ones
//! ([`crate::source::files::lex`] says where they start). Records written the usual way are read by a faster scanner
//! ([`scan`]), with the same calls to the [`Sink`].

mod scan;

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::head::{Head, XSI, unescaped};
use super::model::{self, Child, Record as Model, Root};
use super::strict::{self, References};
use crate::rules::model::Degree;
use crate::source::Kind;
use crate::source::feed::{Fault, Prolog, Request, Sink};
use crate::source::files::lex::{Boundary, Bounds, TAG};
use crate::source::files::xml::{Referred, referred};
use crate::source::record::{Buffers, NameId, Names, Record, Span};

/// Where records start and end.
pub static BOUNDS: Bounds = Bounds { names: &model::RECORDS, prefixed: true };
/// The byte order mark, once decoded.
const MARK: &str = "\u{FEFF}";
/// Deepest foreign element followed, and most values of one record; beyond, the record is given up.
const MAX_DEPTH: usize = 64;
const MAX_VALUES: usize = 1 << 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    Prolog,
    Root,
    Record,
    Block,
    /// In a child of the record.
    Text,
    /// In a child of a block.
    BlockText,
    Epilog,
}

/// Where a chunk stands.
#[derive(Clone, Copy, Debug)]
pub struct Position<'h> {
    /// It starts with the prolog.
    pub first: bool,
    /// It ends with the end of the file.
    pub last: bool,
    /// Rank of the file.
    pub file: u32,
    /// What the head of the file says.
    pub head: &'h Head,
}

#[derive(Clone, Copy, Debug)]
struct Meta {
    id: NameId,
    root: NameId,
    file: NameId,
    etab: NameId,
    uai: NameId,
    profiles: NameId,
    etabs: NameId,
}

/// A child and what is needed of it while reading.
#[derive(Debug)]
struct Known {
    name: &'static str,
    id: NameId,
    tags: Tags,
    /// Of a block.
    inner: Option<Vec<Known>>,
}

/// The tags of an element as a file with a given prefix writes them: what the scanner expects.
#[derive(Debug, Default)]
struct Tags {
    open: Box<[u8]>,
    close: Box<[u8]>,
}

impl Tags {
    fn of(prefix: &str, name: &str) -> Self {
        Self { open: format!("<{prefix}{name}>").into_bytes().into(), close: format!("</{prefix}{name}>").into_bytes().into() }
    }
}

impl Known {
    fn of(name: &'static str, names: &Names) -> Self {
        Self { name, id: names.get(name), tags: Tags::default(), inner: None }
    }

    fn write_with(&mut self, prefix: &str) {
        self.tags = Tags::of(prefix, self.name);
        self.inner.iter_mut().flatten().for_each(|child| child.write_with(prefix));
    }
}

/// Where the schools a person belongs to are read.
#[derive(Clone, Copy, Debug)]
enum Schools {
    Profiles,
    Etabs,
}

#[derive(Debug)]
struct KnownRecord {
    name: &'static str,
    kind: Kind,
    tags: Tags,
    children: Vec<Known>,
    /// The child it is known by: its person, the code of what has one.
    known_by: Option<NameId>,
    schools: Option<Schools>,
}

impl KnownRecord {
    fn of(model: &Model, names: &Names) -> Option<Self> {
        let child = |child: &Child| Known {
            inner: match child {
                Child::Text(_) => None,
                Child::Block(_, inner) => Some(inner.iter().map(|name| Known::of(name, names)).collect()),
            },
            ..Known::of(child.name(), names)
        };
        let children: Vec<Known> = model.children.iter().map(child).collect();
        // The school comes first wherever there is one, and says of which record only in the record of a school.
        let known_by = children.iter().find(|c| c.name != "GARStructureUAI" || model.name == "GAREtab").map(|c| c.id);
        let schools = match model.name {
            "GAREleve" => Some(Schools::Profiles),
            "GAREnseignant" => Some(Schools::Etabs),
            _ => None,
        };
        Some(Self { name: model.name, kind: model::kind(model.name)?, tags: Tags::default(), children, known_by, schools })
    }

    fn write_with(&mut self, prefix: &str) {
        self.tags = Tags::of(prefix, self.name);
        self.children.iter_mut().for_each(|child| child.write_with(prefix));
    }
}

#[derive(Debug)]
struct KnownRoot {
    root: &'static Root,
    degree: Degree,
    records: Vec<KnownRecord>,
}

/// A parser with its buffers, reused from chunk to chunk. One a thread.
#[derive(Debug)]
pub struct Parser {
    names: Names,
    meta: Meta,
    roots: Vec<KnownRoot>,
    buffers: Buffers,
    shift: u8,
    /// The prefix, with its colon, that the tags are written with.
    prefix: Option<String>,
    /// Whether records of the usual shape are scanned: always, but in the test that compares.
    scans: bool,
}

impl Parser {
    /// With the names that requirements mention; kinds are given `shift` further in the list of kinds.
    #[must_use]
    pub fn new(names: Names, shift: u8) -> Self {
        let get = |name: &str| names.get(name);
        let meta = Meta {
            id: get("@id"),
            root: get("@root"),
            file: get("@file"),
            etab: get("@etab"),
            uai: get("GARStructureUAI"),
            profiles: get("GARPersonProfils"),
            etabs: get("GARPersonEtab"),
        };
        let known = |degree: Degree| model::roots(degree).iter().map(move |root| (degree, root)).collect::<Vec<_>>();
        let roots = known(Degree::D2).into_iter().chain(known(Degree::D1));
        let roots = roots
            .map(|(degree, root)| KnownRoot {
                root,
                degree,
                records: root.records.iter().filter_map(|r| KnownRecord::of(r, &names)).collect(),
            })
            .collect();
        Self { names, meta, roots, buffers: Buffers::default(), shift, prefix: None, scans: true }
    }

    /// Writes the tags that the scanner expects the way the root of the file does; false when that is not a way to write
    /// them.
    fn write_tags(&mut self, head: &Head) -> bool {
        let end = memchr::memchr(b':', &head.raw_root).map_or(0, |colon| colon + 1);
        let Ok(prefix) = std::str::from_utf8(&head.raw_root[..end]) else { return false };
        if self.prefix.as_deref() != Some(prefix) {
            self.roots.iter_mut().flat_map(|root| &mut root.records).for_each(|record| record.write_with(prefix));
            self.prefix = Some(prefix.to_owned());
        }
        // No tag that matters is longer than what is looked at to find where records start.
        end < TAG / 4 && head.prefixes.iter().any(|p| p == prefix.trim_end_matches(':'))
    }

    /// Parses a chunk.
    pub fn chunk(&mut self, text: &str, position: Position<'_>, sink: &mut (impl Sink + ?Sized)) {
        let mut run = self.start(text, position, sink);
        run.all();
        self.buffers = run.record.into_buffers();
    }

    fn start<'c, 'p, S: Sink + ?Sized>(&'p mut self, text: &'c str, position: Position<'p>, sink: &'p mut S) -> Run<'c, 'p, S> {
        let head = position.head;
        let usual = self.write_tags(head);
        strict::each_forbidden(text, |at| sink.fault("xmlErrors", at));
        if strict::says_ascii(head.declared.label.as_deref()) && !head.declared.bom {
            text.char_indices().filter(|(_, c)| !c.is_ascii()).for_each(|(at, _)| sink.fault("encoding", at));
        }
        let degree = head.degree.unwrap_or(Degree::D2);
        let root = self.roots.iter().find(|r| r.degree == degree && head.root.as_deref() == Some(r.root.name));
        // Under an unknown root anything that is a record somewhere is read as one.
        let records: Vec<&KnownRecord> = match root {
            Some(root) => root.records.iter().collect(),
            None => self.roots.iter().filter(|r| r.degree == degree).flat_map(|r| &r.records).collect(),
        };
        let record = Record::over(text, std::mem::take(&mut self.buffers), &self.names);
        Run {
            text,
            meta: self.meta,
            records,
            root,
            sink,
            record,
            position,
            file: position.file.to_string(),
            scans: self.scans && usual,
            expected: 0,
            schools: Vec::new(),
            shift: self.shift,
            at: if position.first { At::Prolog } else { At::Root },
            model: None,
            child: 0,
            inner: 0,
            last: 0,
            open: [Span::of_chunk(0, 0); 4],
            leaf: None,
            foreign: Vec::new(),
            scopes: Vec::new(),
            doctypes: 0,
            brackets: memchr::memmem::find(text.as_bytes(), b"]]>").is_some(),
            returns: memchr::memchr(b'\r', text.as_bytes()).is_some(),
            base: 0,
        }
    }
}

struct Run<'c, 'p, S: ?Sized> {
    text: &'c str,
    meta: Meta,
    records: Vec<&'p KnownRecord>,
    root: Option<&'p KnownRoot>,
    sink: &'p mut S,
    record: Record<'c>,
    position: Position<'p>,
    /// Its rank, as text.
    file: String,
    scans: bool,
    /// Rank of the record that was scanned last.
    expected: usize,
    /// The schools of the person at hand.
    schools: Vec<Span>,
    shift: u8,
    at: At,
    model: Option<&'p KnownRecord>,
    /// Rank of the child being read, or read last; one more than its rank once one was read.
    child: usize,
    inner: usize,
    /// Rank of the record before in the order of kinds.
    last: u8,
    /// Names of the open start tags: record, child, child of a block.
    open: [Span; 4],
    leaf: Option<Span>,
    foreign: Vec<Box<[u8]>>,
    /// Prefixes bound below the root: depth of the element that binds them, prefix, what they stand for.
    scopes: Vec<(usize, Box<[u8]>, Namespace)>,
    doctypes: usize,
    /// `]]>` is somewhere in the chunk: no text may hold it.
    brackets: bool,
    /// There is a carriage return somewhere in the chunk.
    returns: bool,
    base: usize,
}

/// What a prefix stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Namespace {
    /// The namespace of the root.
    Own,
    /// That of the attributes XML Schema allows everywhere.
    Xsi,
    Other,
}

enum Step {
    On,
    Broken,
    TooLarge,
    /// A record ended: the next one may be of the usual shape.
    Ended,
}

/// Why quick-xml stopped.
enum Stop {
    /// End of the text.
    End,
    /// A record ended here.
    Record(usize),
    /// What is here cannot be followed.
    Fault(Fault, usize),
}

impl<'p, S: Sink + ?Sized> Run<'_, 'p, S> {
    fn all(&mut self) {
        let bytes = self.text.as_bytes();
        loop {
            if self.at == At::Root && self.foreign.is_empty() && self.scopes.is_empty() && self.scans {
                self.scan();
            }
            self.marks();
            let mut reader = Reader::from_str(&self.text[self.base..]);
            let config = reader.config_mut();
            config.check_end_names = false;
            config.allow_unmatched_ends = true;
            let (fault, at) = match self.read(&mut reader) {
                Stop::End => break,
                Stop::Record(end) => {
                    self.base = end;
                    continue;
                }
                Stop::Fault(fault, at) => (fault, at),
            };
            // Start again at the next record.
            self.sink.fault(fault, at);
            let again = BOUNDS.is_start(bytes, at);
            let opened = self.at != At::Root && self.record.offset as usize == at;
            if again && !opened {
                self.before_record(at);
            }
            self.foreign.clear();
            self.scopes.clear();
            self.at = At::Root;
            self.base = match BOUNDS.next_boundary(bytes, at + usize::from(again)) {
                Some(Boundary::Start(next) | Boundary::End(next)) => next,
                None => {
                    if self.position.last && !self.ends() {
                        self.sink.fault("truncated", self.text.len());
                    }
                    return;
                }
            };
        }
        match self.at {
            _ if !self.position.last => self.before_record(self.text.len()),
            At::Epilog => {}
            At::Prolog => self.sink.fault("xmlErrors", 0),
            _ => {
                self.sink.fault("xmlErrors", self.text.len());
                self.sink.fault("truncated", self.text.len());
            }
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

    /// The text ends with the end tag of the root.
    fn ends(&self) -> bool {
        let root = &self.position.head.raw_root;
        let text = self.text.trim_end().as_bytes();
        text.strip_suffix(b">").and_then(|t| t.strip_suffix(root.as_slice())).is_some_and(|t| t.ends_with(b"</"))
    }

    /// A record starts at `offset`, whatever is open: says what should have been closed, or opened, before.
    fn before_record(&mut self, offset: usize) {
        match self.at {
            At::Root if self.foreign.is_empty() => {}
            At::Prolog => self.sink.fault("wrongRoot", offset),
            _ => self.sink.fault("xmlErrors", offset),
        }
        self.foreign.clear();
        self.scopes.clear();
        self.at = At::Root;
    }

    /// Reads up to the end of a record, or of the text, or to what cannot be followed.
    fn read(&mut self, reader: &mut Reader<&[u8]>) -> Stop {
        loop {
            let before = reader.buffer_position() as usize;
            let offset = self.base + before;
            let step = match reader.read_event() {
                Ok(Event::Text(text)) => {
                    if self.brackets && memchr::memmem::find(&text, b"]]>").is_some() {
                        self.sink.fault("xmlErrors", offset);
                    }
                    self.characters(&text, offset)
                }
                Ok(Event::Start(tag)) => self.open(&tag, offset),
                Ok(Event::Empty(tag)) => match self.open(&tag, offset) {
                    Step::On => self.close(tag.name().as_ref()),
                    other => other,
                },
                Ok(Event::End(tag)) => self.close(tag.name().as_ref()),
                Ok(Event::CData(_)) if matches!(self.at, At::Prolog | At::Epilog) => self.misplaced(offset),
                Ok(Event::CData(text)) => self.characters(&text, offset),
                Ok(Event::GeneralRef(reference)) => self.reference(&reference, offset),
                Ok(Event::Comment(text)) if !strict::is_comment(&text) => self.misplaced(offset),
                Ok(Event::Comment(_)) => Step::On,
                Ok(Event::DocType(text)) => self.doctype(&text, offset),
                Ok(Event::Decl(_)) if !matches!(&self.text[..offset], "" | MARK) => self.misplaced(offset),
                Ok(Event::Decl(text)) if !strict::is_declaration(&text) => self.misplaced(offset),
                Ok(Event::PI(text)) if !strict::is_target(text.target()) => self.misplaced(offset),
                Ok(Event::Decl(_) | Event::PI(_)) => Step::On,
                Ok(Event::Eof) => return Stop::End,
                Err(_) => {
                    let at = (reader.error_position() as usize).clamp(before, self.text.len() - self.base);
                    return Stop::Fault("xmlErrors", self.base + at);
                }
            };
            match step {
                Step::On => {}
                Step::Broken => return Stop::Fault("xmlErrors", offset),
                Step::Ended => {
                    let end = self.base + reader.buffer_position() as usize;
                    // quick-xml would take a byte order mark that starts its text for its own.
                    if self.scans && !self.text[end..].starts_with(MARK) {
                        return Stop::Record(end);
                    }
                }
                Step::TooLarge => return Stop::Fault("oversized", offset),
            }
        }
    }

    fn misplaced(&mut self, offset: usize) -> Step {
        self.sink.fault("xmlErrors", offset);
        Step::On
    }

    fn doctype(&mut self, text: &[u8], offset: usize) -> Step {
        // A record always starts a record, even in there; the `>` of its tag may be what ended the declaration.
        let end = text.as_ptr() as usize - self.text.as_ptr() as usize + text.len() + 1;
        if BOUNDS.runs_over(self.text.as_bytes().get(offset..end).unwrap_or_default()) {
            return Step::Broken;
        }
        self.doctypes += 1;
        if self.at != At::Prolog || self.doctypes > 1 || !self.text[offset..].starts_with("<!DOCTYPE") {
            return self.misplaced(offset);
        }
        self.sink.prolog(Prolog::Doctype(std::str::from_utf8(text).unwrap_or_default()));
        Step::On
    }

    fn in_text(&self) -> bool {
        matches!(self.at, At::Text | At::BlockText) && self.foreign.is_empty()
    }

    fn characters(&mut self, bytes: &[u8], offset: usize) -> Step {
        if self.in_text() {
            let Ok(text) = std::str::from_utf8(bytes) else { return Step::Broken };
            let normal = strict::lines(text);
            self.leaf = Some(match (self.leaf, &normal) {
                // The event borrows from the chunk: its place there is its address less the chunk's.
                (None, None) => self.span(bytes),
                (None, Some(text)) => self.record.store(text),
                (Some(span), normal) => self.record.join(span, normal.as_deref().unwrap_or(text)),
            });
        } else if let Some(first) = bytes.iter().position(|b| !b.is_ascii_whitespace()).filter(|_| self.foreign.is_empty()) {
            if matches!(self.at, At::Prolog | At::Epilog) {
                return self.misplaced(offset + first);
            }
            self.sink.fault("strayText", offset + first);
        }
        Step::On
    }

    fn span(&self, bytes: &[u8]) -> Span {
        Span::of_chunk(bytes.as_ptr() as usize - self.text.as_ptr() as usize, bytes.len())
    }

    fn reference(&mut self, reference: &BytesRef<'_>, offset: usize) -> Step {
        let before = self.leaf.filter(|_| self.in_text()).and_then(|leaf| self.record.str(leaf).chars().next_back());
        let c = match referred(reference, before, |odd| self.sink.fault(odd, offset)) {
            Referred::Character(c) => c,
            Referred::Broken => return Step::Broken,
            Referred::Undeclared => {
                self.sink.fault("undeclaredEntities", offset);
                char::REPLACEMENT_CHARACTER
            }
        };
        if strict::is_forbidden(c) {
            self.sink.fault("xmlErrors", offset);
        }
        if self.in_text() {
            let start = self.leaf.unwrap_or_else(|| self.record.store(""));
            self.leaf = Some(self.record.join(start, c.encode_utf8(&mut [0; 4])));
        } else if matches!(self.at, At::Prolog | At::Epilog) {
            return self.misplaced(offset);
        } else if self.foreign.is_empty() && !matches!(c, ' ' | '\t' | '\r' | '\n') {
            self.sink.fault("strayText", offset);
        }
        Step::On
    }

    /// The name without its prefix, when the prefix stands for the namespace of the root.
    fn local<'n>(&self, name: &'n [u8]) -> Option<&'n [u8]> {
        let (prefix, local) = split(name);
        (self.namespace(prefix) == Namespace::Own).then_some(local)
    }

    fn namespace(&self, prefix: &[u8]) -> Namespace {
        let head = self.position.head;
        let is = |p: &String| p.as_bytes() == prefix;
        match self.scopes.iter().rev().find(|(_, bound, _)| **bound == *prefix) {
            Some((_, _, namespace)) => *namespace,
            None if head.prefixes.iter().any(is) => Namespace::Own,
            None if head.xsi.iter().any(is) => Namespace::Xsi,
            None => Namespace::Other,
        }
    }

    /// How deep the element being read is.
    fn depth(&self) -> usize {
        let depth = match self.at {
            At::Prolog | At::Epilog => 0,
            At::Root => 1,
            At::Record => 2,
            At::Text | At::Block => 3,
            At::BlockText => 4,
        };
        depth + self.foreign.len()
    }

    /// Takes note of the prefixes that an element below the root binds.
    fn bind(&mut self, tag: &BytesStart<'_>) {
        let rest = &tag[tag.name().as_ref().len()..];
        if rest.len() < 6 || self.at == At::Prolog || memchr::memmem::find(rest, b"xmlns").is_none() {
            return;
        }
        for (name, value) in strict::attributes(rest).unwrap_or_default() {
            let Some(prefix) = name.strip_prefix(b"xmlns").map(|p| p.strip_prefix(b":").unwrap_or(p)) else { continue };
            let uri = unescaped(value);
            let namespace = match self.position.head.namespace.as_deref() {
                Some(own) if own == uri => Namespace::Own,
                _ if uri == XSI => Namespace::Xsi,
                _ => Namespace::Other,
            };
            self.scopes.push((self.depth() + 1, prefix.into(), namespace));
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        let name = tag.name();
        let name = name.as_ref();
        if memchr::memchr(b'<', tag).is_some() {
            return Step::Broken;
        }
        if BOUNDS.is_start(self.text.as_bytes(), offset) {
            self.before_record(offset);
            self.bind(tag);
            return self.open_record(tag, name, offset);
        }
        self.bind(tag);
        if !self.foreign.is_empty() {
            return self.open_foreign(name);
        }
        let local = self.local(name);
        match self.at {
            At::Prolog => {
                self.at = At::Root;
                if self.root.is_none() {
                    self.sink.fault("wrongRoot", offset);
                }
            }
            At::Epilog => {
                // A second root: a fault, and what it holds is worth reading.
                self.at = At::Root;
                return self.misplaced(offset);
            }
            At::Record => {
                let Some(model) = self.model else { return self.unexpected(name, offset) };
                let expected = self.child.saturating_sub(1);
                let found = local.and_then(|local| position(&model.children, expected, |c| c.name.as_bytes() == local));
                let Some(rank) = found else { return self.unexpected(name, offset) };
                if rank + 1 < self.child {
                    self.sink.fault("wrongOrder", offset);
                }
                self.child = rank + 1;
                let span = self.span(name);
                self.open[1] = span;
                let id = model.children[rank].id;
                if !self.is_open_member(id) {
                    let local = self.local_span(span, model.children[rank].name);
                    self.record.open(id, local, offset);
                }
                if model.children[rank].inner.is_some() {
                    self.record.open_block();
                    self.inner = 0;
                    self.at = At::Block;
                } else {
                    self.at = At::Text;
                }
            }
            At::Block => {
                let block = self.model.and_then(|m| m.children.get(self.child.wrapping_sub(1))).and_then(|c| c.inner.as_ref());
                let expected = self.inner.saturating_sub(1);
                let found = block.zip(local).and_then(|(b, local)| position(b, expected, |c| c.name.as_bytes() == local));
                let Some(rank) = found else { return self.unexpected(name, offset) };
                if rank + 1 < self.inner {
                    self.sink.fault("wrongOrder", offset);
                }
                self.inner = rank + 1;
                self.open[2] = self.span(name);
                self.at = At::BlockText;
            }
            At::Root | At::Text | At::BlockText => return self.unexpected(name, offset),
        }
        self.leaf = None;
        if self.record.size() > MAX_VALUES { Step::TooLarge } else { self.attributes(tag, offset) }
    }

    /// Whether the member being filled is that child: the same element came just before.
    fn is_open_member(&self, id: NameId) -> bool {
        id != NameId::OTHER && self.record.last_member() == Some(id)
    }

    /// The part of a name without its prefix.
    fn local_span(&self, name: Span, local: &str) -> Span {
        name.last(local.len())
    }

    /// Start tags have no XML attribute, but for those that XML Schema itself and namespaces bring.
    fn attributes(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        let rest = &tag[tag.name().as_ref().len()..];
        if rest.iter().all(u8::is_ascii_whitespace) {
            return Step::On;
        }
        let in_root = self.at == At::Root;
        let Some(all) = strict::attributes(rest) else { return Step::Broken };
        for (name, value) in all {
            match strict::references(value) {
                References::Sound => {}
                References::Undeclared => self.sink.fault("undeclaredEntities", offset),
                References::Broken => return Step::Broken,
            }
            let (prefix, local) = split(name);
            match (prefix, local) {
                _ if name.len() > local.len() && (prefix.is_empty() || local.is_empty() || local.contains(&b':')) => {
                    self.sink.fault("foreignAttribute", offset);
                }
                (b"xmlns", _) | (b"", b"xmlns") => {}
                (b"", b"Version") if in_root => {}
                (b"", _) => self.sink.fault("foreignAttribute", offset),
                _ if self.namespace(prefix) != Namespace::Xsi => self.sink.fault("foreignAttribute", offset),
                (_, b"schemaLocation" | b"noNamespaceSchemaLocation") => {}
                (_, b"type") => self.sink.fault("xsiType", offset),
                (_, b"nil") => self.sink.fault("xsiNil", offset),
                _ => self.sink.fault("foreignAttribute", offset),
            }
        }
        Step::On
    }

    fn open_record(&mut self, tag: &BytesStart<'_>, name: &[u8], offset: usize) -> Step {
        self.record.clear();
        self.record.offset = offset as u32;
        self.leaf = None;
        let local = self.local(name);
        let found = local.and_then(|local| self.records.iter().find(|r| r.name.as_bytes() == local)).copied();
        let Some(model) = found else { return self.unexpected(name, offset) };
        self.model = Some(model);
        (self.child, self.inner) = (0, 0);
        self.open[0] = self.span(name);
        self.at = At::Record;
        self.attributes(tag, offset)
    }

    fn unexpected(&mut self, name: &[u8], offset: usize) -> Step {
        self.sink.fault("unexpectedElement", offset);
        self.open_foreign(name)
    }

    fn open_foreign(&mut self, name: &[u8]) -> Step {
        self.foreign.push(name.into());
        if self.foreign.len() > MAX_DEPTH { Step::TooLarge } else { Step::On }
    }

    fn close(&mut self, name: &[u8]) -> Step {
        if memchr::memchr(b'<', name).is_some() {
            return Step::Broken;
        }
        if !self.scopes.is_empty() {
            let depth = self.depth();
            self.scopes.retain(|(bound, ..)| *bound < depth);
        }
        if let Some(open) = self.foreign.pop() {
            return if *open == *name { Step::On } else { Step::Broken };
        }
        let (depth, parent) = match self.at {
            At::Record => (0, At::Root),
            At::Text | At::Block => (1, At::Record),
            At::BlockText => (2, At::Block),
            At::Root => {
                self.at = At::Epilog;
                return if name == self.position.head.raw_root.as_slice() { Step::On } else { Step::Broken };
            }
            At::Prolog | At::Epilog => return Step::Broken,
        };
        if name != self.record.str(self.open[depth]).as_bytes() {
            return Step::Broken;
        }
        match self.at {
            At::Text => {
                let value = self.leaf.take().unwrap_or_else(|| Span::of_chunk(0, 0));
                self.record.push(value);
            }
            At::BlockText => {
                let value = self.leaf.take().unwrap_or_else(|| Span::of_chunk(0, 0));
                let child = self.model.and_then(|m| m.children.get(self.child - 1)).and_then(|c| c.inner.as_ref()?.get(self.inner - 1));
                if let Some(child) = child {
                    let name = self.open[2].last(child.name.len());
                    self.record.push_child(child.id, name, self.record.offset as usize, value);
                }
            }
            At::Record => {
                self.at = parent;
                if let Some(model) = self.model.take() {
                    self.end_record(model);
                }
                return Step::Ended;
            }
            _ => {}
        }
        self.at = parent;
        Step::On
    }

    fn end_record(&mut self, model: &KnownRecord) {
        // Records that were read to their end only: the facts of the file compare those of one chunk to the next.
        if model.kind.0 < self.last {
            self.sink.fault("wrongOrder", self.record.offset as usize);
        }
        self.last = model.kind.0;
        let (meta, r) = (self.meta, &mut self.record);
        let id = model.known_by.and_then(|id| r.spans(id).first().copied());
        r.push_meta(meta.id, "@id", id.as_slice());
        if let Some(root) = self.root {
            r.push_meta_text(meta.root, "@root", root.root.category);
        }
        r.push_meta_text(meta.file, "@file", &self.file);
        if let Some(schools) = model.schools.filter(|_| meta.etab != NameId::OTHER) {
            self.schools.clear();
            match schools {
                Schools::Profiles => distinct(r, r.child_spans(meta.profiles, meta.uai), &mut self.schools),
                Schools::Etabs => distinct(r, r.spans(meta.etabs).iter().copied(), &mut self.schools),
            }
            r.push_meta(meta.etab, "@etab", &self.schools);
        }
        self.sink.record(&self.record, Some(Kind(model.kind.0 + self.shift)), Request::Add);
    }
}

/// Prefix and local name; no prefix is an empty one.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    memchr::memchr(b':', name).map_or((&b""[..], name), |at| (&name[..at], &name[at + 1..]))
}

/// The spans whose texts differ.
fn distinct(record: &Record<'_>, spans: impl Iterator<Item = Span>, out: &mut Vec<Span>) {
    for span in spans {
        if !out.iter().any(|known| record.str(*known) == record.str(span)) {
            out.push(span);
        }
    }
}

/// The rank of what satisfies `is`, looked for from `from` on first: elements come in order.
fn position<T>(all: &[T], from: usize, is: impl Fn(&T) -> bool) -> Option<usize> {
    let from = from.min(all.len());
    all[from..].iter().position(&is).map(|i| from + i).or_else(|| all[..from].iter().position(&is))
}
