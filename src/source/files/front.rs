//! What the front ends of the XML formats share: quick-xml events up to a fault, and how reading goes on after one.
//!
//! A format says what its elements are ([`Grammar`]); text, references, comments, declarations and what is not
//! well-formed are the same for all. A part that cannot be followed costs its own record, never the following ones
//! ([`super::lex`] says where they start). Must never know a format.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::lex::{Boundary, Bounds};
use super::strict;
use super::usual;
use super::xml::{Referred, referred};
use crate::source::feed::{Fault, Prolog, Sink};
use crate::source::record::{Record, Span};

/// The byte order mark, once decoded.
const MARK: &str = "\u{FEFF}";
/// Deepest foreign element followed; deeper, the record is given up.
const MAX_DEPTH: usize = 64;

/// What came of one event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It was followed.
    On,
    /// Not well-formed.
    Broken,
    /// Beyond the limits of the tool.
    TooLarge,
    /// A record ended: the next one may be of the usual shape.
    Ended,
}

/// Why quick-xml stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// End of the text.
    End,
    /// A record ended here.
    Record(usize),
    /// What is here cannot be followed.
    Fault(Fault, usize),
}

/// Where a front end stands, foreign elements left aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Before the root.
    Prolog,
    /// In the root, between records.
    Root,
    /// In a record, where only elements may stand.
    Record,
    /// In an element of a record that holds text.
    Text,
    /// After the root.
    Epilog,
}

/// What any front end holds while it reads a chunk.
pub struct Front<'c, 'p, S: ?Sized> {
    /// The chunk.
    pub text: &'c str,
    /// Receives what is read.
    pub sink: &'p mut S,
    /// The record being read, or read last.
    pub record: Record<'c>,
    /// The chunk ends with the end of the file.
    pub last: bool,
    /// Whether records of the usual shape are scanned.
    pub scans: bool,
    /// Text of the element being read.
    pub leaf: Option<Span>,
    /// Names of the open elements that the format does not know.
    pub foreign: Vec<Box<[u8]>>,
    /// Where quick-xml's text starts in the chunk (it starts again after an error).
    pub base: usize,
    /// `]]>` is somewhere in the chunk: no text may hold it.
    brackets: bool,
    /// There is a carriage return somewhere in the chunk.
    returns: bool,
    doctypes: usize,
}

impl<'c, 'p, S: Sink + ?Sized> Front<'c, 'p, S> {
    /// At the start of a chunk, of which the characters that XML forbids are told.
    pub fn new(text: &'c str, sink: &'p mut S, record: Record<'c>, last: bool, scans: bool) -> Self {
        let brackets = memchr::memmem::find(text.as_bytes(), b"]]>").is_some();
        let returns = memchr::memchr(b'\r', text.as_bytes()).is_some();
        strict::each_forbidden(text, |at| sink.fault("xmlErrors", at));
        Self { text, sink, record, last, scans, leaf: None, foreign: Vec::new(), base: 0, brackets, returns, doctypes: 0 }
    }

    /// The text up to the next tag, when it stands for itself in every character, and where it ends.
    #[inline]
    pub fn usual_text(&mut self, start: usize) -> Option<(Span, usize)> {
        let (value, end) = usual::text(self.text, &mut self.record, start)?;
        let written = &self.text.as_bytes()[start..end];
        let plain = (!self.returns || memchr::memchr(b'\r', written).is_none())
            && (!self.brackets || memchr::memmem::find(written, b"]]>").is_none());
        plain.then_some((value, end))
    }

    /// What borrows from the chunk: its place there is its address less the chunk's.
    pub fn span(&self, bytes: &[u8]) -> Span {
        Span::of_chunk(self.address(bytes), bytes.len())
    }

    fn address(&self, bytes: &[u8]) -> usize {
        bytes.as_ptr() as usize - self.text.as_ptr() as usize
    }

    /// The text read since the element opened, which it ends.
    pub fn take_leaf(&mut self) -> Span {
        self.leaf.take().unwrap_or_else(|| Span::of_chunk(0, 0))
    }

    /// Starts a record: what the one before left, a value never closed included, is forgotten.
    pub fn begin(&mut self, offset: usize) {
        self.record.clear();
        self.record.offset = offset as u32;
        self.leaf = None;
    }

    /// What is not well-formed there, and can be passed over.
    pub fn misplaced(&mut self, offset: usize) -> Step {
        self.sink.fault("xmlErrors", offset);
        Step::On
    }

    /// An element that the format does not know there.
    pub fn unexpected(&mut self, name: &[u8], offset: usize) -> Step {
        self.sink.fault("unexpectedElement", offset);
        self.open_foreign(name)
    }

    /// An element in one that the format does not know.
    pub fn open_foreign(&mut self, name: &[u8]) -> Step {
        self.foreign.push(name.into());
        if self.foreign.len() > MAX_DEPTH { Step::TooLarge } else { Step::On }
    }

    /// The end tag of an element that the format does not know, if one is open.
    pub fn close_foreign(&mut self, name: &[u8]) -> Option<Step> {
        let open = self.foreign.pop()?;
        Some(if *open == *name { Step::On } else { Step::Broken })
    }
}

/// A format, as its front end reads it; the provided methods are the reading.
pub trait Grammar<'c, 'p> {
    /// What receives.
    type Sink: Sink + ?Sized + 'p;
    /// Where records start and end.
    const BOUNDS: &'static Bounds;
    /// A reference to a blank between elements is one more blank, as XML Schema has it; a DTD says no.
    const BLANK_REFERENCES: bool;

    /// What is shared.
    fn front(&mut self) -> &mut Front<'c, 'p, Self::Sink>;
    /// Where reading stands.
    fn place(&self) -> Place;
    /// Stands between records again, whatever was open.
    fn reset(&mut self);
    /// Hands over the records of the usual shape from `base` on, and moves it after the last of them.
    fn scan(&mut self);
    /// Whether the text ends with the end tag of the root.
    fn ends(&mut self) -> bool;
    /// A start tag.
    fn open(&mut self, tag: &BytesStart<'_>, offset: usize) -> Step;
    /// An end tag.
    fn close(&mut self, name: &[u8], offset: usize) -> Step;
    /// A comment.
    fn comment(&mut self, _text: &[u8]) {}

    /// Reads the chunk.
    fn all(&mut self) {
        let text = self.front().text;
        let bytes = text.as_bytes();
        loop {
            if self.front().scans && self.is_between() {
                self.scan();
            }
            self.marks();
            let (fault, at) = match self.read() {
                Stop::End => break,
                Stop::Record(end) => {
                    self.front().base = end;
                    continue;
                }
                Stop::Fault(fault, at) => (fault, at),
            };
            // Start again at the next record.
            self.front().sink.fault(fault, at);
            let again = Self::BOUNDS.is_start(bytes, at);
            let opened = matches!(self.place(), Place::Record | Place::Text) && self.front().record.offset as usize == at;
            if again && !opened {
                self.before_record(at);
            }
            self.front().foreign.clear();
            self.reset();
            self.front().base = match Self::BOUNDS.next_boundary(bytes, at + usize::from(again)) {
                Some(Boundary::Start(next) | Boundary::End(next)) => next,
                None => {
                    // The file ends in a part that is not well-formed: whether it was cut short cannot be told apart.
                    if self.front().last && !self.ends() {
                        self.front().sink.fault("truncated", text.len());
                    }
                    return;
                }
            };
        }
        match self.place() {
            _ if !self.front().last => self.before_record(text.len()),
            Place::Epilog => {}
            Place::Prolog => self.front().sink.fault("xmlErrors", 0),
            _ => {
                self.front().sink.fault("xmlErrors", text.len());
                self.front().sink.fault("truncated", text.len());
            }
        }
    }

    /// Whether nothing is open but the root.
    fn is_between(&mut self) -> bool {
        self.place() == Place::Root && self.front().foreign.is_empty()
    }

    /// Passes over the byte order marks at hand, which quick-xml would drop without counting their bytes: that of the
    /// file is right, any other is text.
    fn marks(&mut self) {
        loop {
            let Front { text, base, .. } = *self.front();
            if !text[base..].starts_with(MARK) {
                return;
            }
            if base > 0 {
                self.characters(MARK.as_bytes(), base);
            }
            self.front().base += MARK.len();
        }
    }

    /// A record starts at `offset`, whatever is open: says what should have been closed, or opened, before.
    fn before_record(&mut self, offset: usize) {
        let place = self.place();
        let front = self.front();
        match place {
            Place::Root if front.foreign.is_empty() => {}
            Place::Prolog => front.sink.fault("wrongRoot", offset),
            _ => front.sink.fault("xmlErrors", offset),
        }
        front.foreign.clear();
        self.reset();
    }

    /// Reads up to the end of a record, or of the text, or to what cannot be followed.
    fn read(&mut self) -> Stop {
        let Front { text: all, base, scans, brackets, .. } = *self.front();
        let mut reader = Reader::from_str(&all[base..]);
        let config = reader.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        loop {
            let before = reader.buffer_position() as usize;
            let offset = base + before;
            let step = match reader.read_event() {
                Ok(Event::Text(text)) => {
                    if brackets && memchr::memmem::find(&text, b"]]>").is_some() {
                        self.front().sink.fault("xmlErrors", offset);
                    }
                    self.characters(&text, offset)
                }
                Ok(Event::Start(tag)) => self.open(&tag, offset),
                Ok(Event::Empty(tag)) => match self.open(&tag, offset) {
                    Step::On => self.close(tag.name().as_ref(), offset),
                    other => other,
                },
                Ok(Event::End(tag)) => self.close(tag.name().as_ref(), offset),
                Ok(Event::CData(_)) if self.is_outside() => self.front().misplaced(offset),
                Ok(Event::CData(text)) => self.characters(&text, offset),
                Ok(Event::GeneralRef(reference)) => self.reference(&reference, offset),
                Ok(Event::Comment(text)) if !strict::is_comment(&text) => self.front().misplaced(offset),
                Ok(Event::Comment(text)) => {
                    self.comment(&text);
                    Step::On
                }
                Ok(Event::DocType(text)) => self.doctype(&text, offset),
                Ok(Event::Decl(_)) if !matches!(&all[..offset], "" | MARK) => self.front().misplaced(offset),
                Ok(Event::Decl(text)) if !strict::is_declaration(&text) => self.front().misplaced(offset),
                Ok(Event::PI(text)) if !strict::is_target(text.target()) => self.front().misplaced(offset),
                Ok(Event::Decl(_) | Event::PI(_)) => Step::On,
                Ok(Event::Eof) => return Stop::End,
                Err(_) => {
                    let at = (reader.error_position() as usize).clamp(before, all.len() - base);
                    return Stop::Fault("xmlErrors", base + at);
                }
            };
            match step {
                Step::On => {}
                Step::Broken => return Stop::Fault("xmlErrors", offset),
                Step::Ended => {
                    let end = base + reader.buffer_position() as usize;
                    // quick-xml would take a byte order mark that starts its text for its own.
                    if scans && !all[end..].starts_with(MARK) {
                        return Stop::Record(end);
                    }
                }
                Step::TooLarge => return Stop::Fault("oversized", offset),
            }
        }
    }

    /// A declaration of the document's type.
    fn doctype(&mut self, text: &[u8], offset: usize) -> Step {
        let place = self.place();
        let front = self.front();
        // A record always starts a record, even in there; the `>` of its tag may be what ended the declaration.
        let end = front.address(text) + text.len() + 1;
        if Self::BOUNDS.runs_over(front.text.as_bytes().get(offset..end).unwrap_or_default()) {
            return Step::Broken;
        }
        front.doctypes += 1;
        let odd = front.doctypes > 1 || !front.text[offset..].starts_with("<!DOCTYPE");
        if place != Place::Prolog || odd {
            return front.misplaced(offset);
        }
        front.sink.prolog(Prolog::Doctype(std::str::from_utf8(text).unwrap_or_default()));
        Step::On
    }

    /// Whether what is read is a value.
    fn in_text(&mut self) -> bool {
        self.place() == Place::Text && self.front().foreign.is_empty()
    }

    /// Whether what is read stands before or after the root.
    fn is_outside(&self) -> bool {
        matches!(self.place(), Place::Prolog | Place::Epilog)
    }

    /// Text, as such or in a CDATA section.
    fn characters(&mut self, bytes: &[u8], offset: usize) -> Step {
        if self.in_text() {
            let Ok(text) = std::str::from_utf8(bytes) else { return Step::Broken };
            let normal = strict::lines(text);
            let front = self.front();
            front.leaf = Some(match (front.leaf, &normal) {
                (None, None) => front.span(bytes),
                (None, Some(text)) => front.record.store(text),
                (Some(span), normal) => front.record.join(span, normal.as_deref().unwrap_or(text)),
            });
        } else if self.front().foreign.is_empty()
            && let Some(first) = bytes.iter().position(|b| !b.is_ascii_whitespace())
        {
            return self.stray(offset + first);
        }
        Step::On
    }

    /// Text where only elements may stand.
    fn stray(&mut self, offset: usize) -> Step {
        if self.is_outside() {
            return self.front().misplaced(offset);
        }
        self.front().sink.fault("strayText", offset);
        Step::On
    }

    /// A reference to a character or an entity.
    fn reference(&mut self, reference: &BytesRef<'_>, offset: usize) -> Step {
        let in_text = self.in_text();
        let front = self.front();
        let before = front.leaf.filter(|_| in_text).and_then(|leaf| front.record.str(leaf).chars().next_back());
        let c = match referred(reference, before, |odd| front.sink.fault(odd, offset)) {
            Referred::Character(c) => c,
            Referred::Broken => return Step::Broken,
            Referred::Undeclared => {
                front.sink.fault("undeclaredEntities", offset);
                char::REPLACEMENT_CHARACTER
            }
        };
        if strict::is_forbidden(c) {
            front.sink.fault("xmlErrors", offset);
        }
        if in_text {
            let start = front.leaf.unwrap_or_else(|| front.record.store(""));
            front.leaf = Some(front.record.join(start, c.encode_utf8(&mut [0; 4])));
            return Step::On;
        }
        let blank = Self::BLANK_REFERENCES && matches!(c, ' ' | '\t' | '\r' | '\n');
        if self.is_outside() || (self.front().foreign.is_empty() && !blank) { self.stray(offset) } else { Step::On }
    }
}
