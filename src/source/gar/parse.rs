//! The front end: from the text of a chunk to records and faults, over quick-xml events.
//!
//! Holds the order of elements, which attributes there may be and where text may stand to the published schemas
//! ([`super::model`]). A part that is not well-formed costs its own record, never the following ones
//! ([`crate::source::files::lex`] says where they start). Records written the usual way are read by a faster scanner
//! ([`scan`]), with the same calls to the [`Sink`].

mod known;
mod scan;

use quick_xml::events::BytesStart;

use self::known::{Known, KnownRecord, KnownRoot, Schools};
use super::head::{Head, XSI, unescaped};
use super::model;
use crate::rules::model::Degree;
use crate::source::Kind;
use crate::source::feed::{Request, Sink};
use crate::source::files::front::{Front, Grammar, Place, Step};
use crate::source::files::lex::{Bounds, TAG};
use crate::source::files::strict::{self, References};
use crate::source::record::{Buffers, NameId, Names, Record, Span};

/// Where records start and end.
pub static BOUNDS: Bounds = Bounds { names: &model::RECORDS, prefixed: true };
/// Most values of one record; beyond, it is given up.
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
        let roots = known::roots(&names);
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
        self.buffers = run.front.record.into_buffers();
    }

    fn start<'c, 'p, S: Sink + ?Sized>(&'p mut self, text: &'c str, position: Position<'p>, sink: &'p mut S) -> Run<'c, 'p, S> {
        let head = position.head;
        let usual = self.write_tags(head);
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
            front: Front::new(text, sink, record, position.last, self.scans && usual),
            meta: self.meta,
            records,
            root,
            position,
            file: position.file.to_string(),
            expected: 0,
            schools: Vec::new(),
            shift: self.shift,
            at: if position.first { At::Prolog } else { At::Root },
            model: None,
            child: 0,
            inner: 0,
            last: 0,
            open: [Span::of_chunk(0, 0); 3],
            scopes: Vec::new(),
        }
    }
}

struct Run<'c, 'p, S: ?Sized> {
    front: Front<'c, 'p, S>,
    meta: Meta,
    records: Vec<&'p KnownRecord>,
    root: Option<&'p KnownRoot>,
    position: Position<'p>,
    /// Its rank, as text.
    file: String,
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
    open: [Span; 3],
    /// Prefixes bound below the root: depth of the element that binds them, prefix, what they stand for.
    scopes: Vec<(usize, Box<[u8]>, Namespace)>,
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

impl<'c, 'p, S: Sink + ?Sized> Grammar<'c, 'p> for Run<'c, 'p, S> {
    type Sink = S;
    const BOUNDS: &'static Bounds = &BOUNDS;
    const BLANK_REFERENCES: bool = true;

    fn front(&mut self) -> &mut Front<'c, 'p, S> {
        &mut self.front
    }

    fn place(&self) -> Place {
        match self.at {
            At::Prolog => Place::Prolog,
            At::Root => Place::Root,
            At::Record | At::Block => Place::Record,
            At::Text | At::BlockText => Place::Text,
            At::Epilog => Place::Epilog,
        }
    }

    fn reset(&mut self) {
        self.scopes.clear();
        self.at = At::Root;
    }

    fn scan(&mut self) {
        if self.scopes.is_empty() {
            self.scan_records();
        }
    }

    fn ends(&mut self) -> bool {
        let text = self.front.text.trim_end().as_bytes();
        let root = text.strip_suffix(b">").and_then(|t| t.strip_suffix(self.position.head.raw_root.as_slice()));
        root.is_some_and(|t| t.ends_with(b"</"))
    }

    fn open(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step {
        let name = tag.name();
        let name = name.as_ref();
        if memchr::memchr(b'<', tag).is_some() {
            return Step::Broken;
        }
        if BOUNDS.is_start(self.front.text.as_bytes(), offset) {
            self.before_record(offset);
            self.bind(tag);
            return self.open_record(tag, name, offset);
        }
        self.bind(tag);
        if !self.front.foreign.is_empty() {
            return self.front.open_foreign(name);
        }
        let local = self.local(name);
        match self.at {
            At::Prolog => {
                self.at = At::Root;
                if self.root.is_none() {
                    self.front.sink.fault("wrongRoot", offset);
                }
            }
            At::Epilog => {
                // A second root: a fault, and what it holds is worth reading.
                self.at = At::Root;
                return self.front.misplaced(offset);
            }
            At::Record => {
                let Some(model) = self.model else { return self.front.unexpected(name, offset) };
                let expected = self.child.saturating_sub(1);
                let found = local.and_then(|local| position(&model.children, expected, |c| c.name.as_bytes() == local));
                let Some(rank) = found else { return self.front.unexpected(name, offset) };
                if rank + 1 < self.child {
                    self.front.sink.fault("wrongOrder", offset);
                }
                self.child = rank + 1;
                let span = self.front.span(name);
                self.open[1] = span;
                let id = model.children[rank].id;
                if !self.is_open_member(id) {
                    let local = span.last(model.children[rank].name.len());
                    self.front.record.open(id, local, offset);
                }
                if model.children[rank].inner.is_some() {
                    self.front.record.open_block();
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
                let Some(rank) = found else { return self.front.unexpected(name, offset) };
                if rank + 1 < self.inner {
                    self.front.sink.fault("wrongOrder", offset);
                }
                self.inner = rank + 1;
                self.open[2] = self.front.span(name);
                self.at = At::BlockText;
            }
            At::Root | At::Text | At::BlockText => return self.front.unexpected(name, offset),
        }
        self.front.leaf = None;
        if self.front.record.size() > MAX_VALUES { Step::TooLarge } else { self.attributes(tag, offset) }
    }

    fn close(&mut self, name: &[u8], _offset: usize) -> Step {
        if memchr::memchr(b'<', name).is_some() {
            return Step::Broken;
        }
        if !self.scopes.is_empty() {
            let depth = self.depth();
            self.scopes.retain(|(bound, ..)| *bound < depth);
        }
        if let Some(step) = self.front.close_foreign(name) {
            return step;
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
        if name != self.front.record.str(self.open[depth]).as_bytes() {
            return Step::Broken;
        }
        match self.at {
            At::Text => {
                let value = self.front.take_leaf();
                self.front.record.push(value);
            }
            At::BlockText => {
                let value = self.front.take_leaf();
                let child = self.model.and_then(|m| m.children.get(self.child - 1)).and_then(|c| c.inner.as_ref()?.get(self.inner - 1));
                if let Some(child) = child {
                    let name = self.open[2].last(child.name.len());
                    self.front.record.push_child(child.id, name, self.front.record.offset as usize, value);
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
}

impl<S: Sink + ?Sized> Run<'_, '_, S> {
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
        depth + self.front.foreign.len()
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

    /// Whether the member being filled is that child: the same element came just before.
    fn is_open_member(&self, id: NameId) -> bool {
        id != NameId::OTHER && self.front.record.last_member() == Some(id)
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
                References::Undeclared => self.front.sink.fault("undeclaredEntities", offset),
                References::Broken => return Step::Broken,
            }
            let (prefix, local) = split(name);
            match (prefix, local) {
                _ if name.len() > local.len() && (prefix.is_empty() || local.is_empty() || local.contains(&b':')) => {
                    self.front.sink.fault("foreignAttribute", offset);
                }
                (b"xmlns", _) | (b"", b"xmlns") => {}
                (b"", b"Version") if in_root => {}
                (b"", _) => self.front.sink.fault("foreignAttribute", offset),
                _ if self.namespace(prefix) != Namespace::Xsi => self.front.sink.fault("foreignAttribute", offset),
                (_, b"schemaLocation" | b"noNamespaceSchemaLocation") => {}
                (_, b"type") => self.front.sink.fault("xsiType", offset),
                (_, b"nil") => self.front.sink.fault("xsiNil", offset),
                _ => self.front.sink.fault("foreignAttribute", offset),
            }
        }
        Step::On
    }

    fn open_record(&mut self, tag: &BytesStart<'_>, name: &[u8], offset: usize) -> Step {
        self.front.begin(offset);
        let local = self.local(name);
        let found = local.and_then(|local| self.records.iter().find(|r| r.name.as_bytes() == local)).copied();
        let Some(model) = found else { return self.front.unexpected(name, offset) };
        self.model = Some(model);
        (self.child, self.inner) = (0, 0);
        self.open[0] = self.front.span(name);
        self.at = At::Record;
        self.attributes(tag, offset)
    }

    fn end_record(&mut self, model: &KnownRecord) {
        // Records that were read to their end only: the facts of the file compare those of one chunk to the next.
        if model.kind.0 < self.last {
            self.front.sink.fault("wrongOrder", self.front.record.offset as usize);
        }
        self.last = model.kind.0;
        let (meta, r) = (self.meta, &mut self.front.record);
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
        self.front.sink.record(&self.front.record, Some(Kind(model.kind.0 + self.shift)), Request::Add);
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
