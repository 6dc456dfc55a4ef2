//! The front end: from the text of a chunk of LDIF (RFC 2849) to records and faults.
//!
//! A line that is not LDIF costs its own entry, never the following ones: an entry ends at an empty line. Nothing outside
//! of the text is ever read: what `attr:< url` names is refused. Values are borrowed from the chunk but where folding or
//! base64 makes another text of them.

use std::sync::Arc;

use memchr::{memchr, memchr_iter};
use rapidhash::RapidHashMap;

use super::census::{Census, Counts, Recent};
use super::dn;
use super::entry::{ClassList, Meta};
use super::model::Model;
use super::spelling::Spellings;
use crate::source::feed::{Fault, Request, Sink};
use crate::source::files::lex::Bounds;
use crate::source::record::{Buffers, Names, Record, Span};

/// Where entries end.
pub static BOUNDS: Bounds = Bounds { names: &[], prefixed: false };
/// Most values of one entry; beyond, it is given up.
pub(super) const MAX_VALUES: usize = 1 << 20;
/// Most attributes of one entry, each name once: real entries have some tens.
pub(super) const MAX_ATTRIBUTES: usize = 1024;
/// Most lists of classes remembered.
pub(super) const MAX_KNOWN: usize = 4096;

/// Where a chunk stands.
#[derive(Clone, Copy, Debug)]
pub struct Position {
    /// It starts the file.
    pub first: bool,
    /// Rank of the file.
    pub file: u32,
    /// Rank in the file.
    pub chunk: u32,
    /// The stream broke after it: its last entry may be the half of one.
    pub broken: bool,
}

/// A parser with its buffers, reused from chunk to chunk. One a thread.
#[derive(Debug)]
pub struct Parser {
    pub(super) names: Names,
    pub(super) model: Arc<Model>,
    pub(super) meta: Meta,
    pub(super) spellings: Spellings,
    /// By classes as an entry lists them; how many entries of the chunk list them so.
    pub(super) lists: RapidHashMap<Box<str>, (Arc<ClassList>, u64)>,
    /// By type of an RDN as normal names have it, the name that the model gives it.
    pub(super) types: Vec<(Box<str>, Arc<str>)>,
    /// The classes of the entry at hand, each with a line feed.
    pub(super) classes: String,
    buffers: Buffers,
    counts: Counts,
    /// A line that was folded, in one piece.
    line: String,
    pub(super) bytes: Vec<u8>,
    pub(super) scratch: String,
}

impl Parser {
    /// With the names that requirements mention, the model, and where to count.
    #[must_use]
    pub fn new(names: Names, model: Arc<Model>, counts: Counts) -> Self {
        Self {
            meta: Meta::of(&names),
            names,
            model,
            spellings: Spellings::default(),
            lists: RapidHashMap::default(),
            types: Vec::new(),
            classes: String::new(),
            buffers: Buffers::default(),
            counts,
            line: String::new(),
            bytes: Vec::new(),
            scratch: String::new(),
        }
    }

    /// Parses a chunk.
    pub fn chunk(&mut self, text: &str, position: Position, sink: &mut (impl Sink + ?Sized)) {
        let record = Record::over(text, std::mem::take(&mut self.buffers), &self.names);
        let counts = self.counts.clone();
        let mut run = Run {
            p: self,
            text,
            at: 0,
            sink,
            record,
            census: Census::default(),
            recent: Recent::default(),
            current: None,
            open: State::Between,
            dn: Span::of_chunk(0, 0),
            tagged: false,
            number: 0,
            feeds: 0,
            first: position.first,
            returns: has_lone_returns(text.as_bytes()),
        };
        run.all(position.broken);
        run.count();
        let (record, census) = (run.record, run.census);
        self.buffers = record.into_buffers();
        counts.keep(position.file, position.chunk, census);
    }
}

/// Where the reading of an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the `dn` of one.
    Between,
    /// In one.
    Entry,
    /// In one that is given up, up to the next empty line.
    Lost,
}

pub(super) struct Run<'c, 'p, S: ?Sized> {
    pub(super) p: &'p mut Parser,
    text: &'c str,
    at: usize,
    pub(super) sink: &'p mut S,
    pub(super) record: Record<'c>,
    pub(super) census: Census,
    pub(super) recent: Recent,
    /// The attribute being filled, as it is written.
    pub(super) current: Option<usize>,
    open: State,
    /// The name of the entry.
    dn: Span,
    /// Some attribute of it is given with a tag.
    pub(super) tagged: bool,
    /// The line that the entry starts at, in the chunk.
    number: u32,
    /// Lines read.
    feeds: u32,
    /// Nothing but comments came before in the file, not even an empty line.
    first: bool,
    /// There are carriage returns that end no line: values may hold some.
    returns: bool,
}

/// Whether there is a carriage return that no line feed follows: LDIF has none (RFC 2849, SAFE-CHAR and SEP).
fn has_lone_returns(bytes: &[u8]) -> bool {
    memchr_iter(b'\r', bytes).any(|at| bytes.get(at + 1) != Some(&b'\n'))
}

/// One line: where it starts, where it ends without its line ending, whether others continue it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line {
    pub(super) start: usize,
    end: usize,
    pub(super) folded: bool,
    /// Rank in the chunk.
    number: u32,
}

/// What a line says.
pub(super) enum Said {
    Text,
    Base64,
    Url,
}

/// Whether a text ends with an empty line.
fn has_empty_end(text: &str) -> bool {
    text.ends_with("\n\n") || text.ends_with("\n\r\n")
}

impl<'c, S: Sink + ?Sized> Run<'c, '_, S> {
    fn all(&mut self, broken: bool) {
        // What a parser does not hold: the line it works on, so that a folded one can be read from it.
        let mut folded = std::mem::take(&mut self.p.line);
        loop {
            self.usual();
            let Some(line) = self.next_line(&mut folded) else { break };
            // The half of a line says nothing.
            if broken && self.at == self.text.len() && !self.text.ends_with('\n') {
                break;
            }
            if line.start == line.end && !line.folded {
                self.end();
                // Chunks may be cut here: what comes first stands before any empty line.
                (self.open, self.first) = (State::Between, false);
                continue;
            }
            if self.text.as_bytes()[line.start] == b'#' || self.open == State::Lost {
                continue;
            }
            if self.returns && memchr(b'\r', &self.text.as_bytes()[line.start..line.end]).is_some() {
                self.broken(line.start);
                continue;
            }
            let whole = if line.folded { folded.as_str() } else { &self.text[line.start..line.end] };
            self.line(line, whole);
        }
        if !broken || has_empty_end(self.text) {
            self.end();
        }
        self.p.line = folded;
    }

    /// Reads lines as long as they are as most lines are: `name: value` in one piece, of the attribute before or of the one that came
    /// after it the last time.
    fn usual(&mut self) {
        let (Some(mut before), text, false) = (self.current, self.text, self.returns) else { return };
        let (bytes, mut at, mut lines, mut returns) = (text.as_bytes(), self.at, 0, 0);
        while self.open == State::Entry {
            let line = &bytes[at..];
            let Some((rank, head)) = self.p.spellings.ahead(before, line) else { break };
            let [b' ', first, ..] = line[head..] else { break };
            let Some(feed) = memchr(b'\n', &line[head..]).map(|i| head + i) else { break };
            if matches!(first, b' ' | b'\r' | b'\n') || line.get(feed + 1) == Some(&b' ') {
                break;
            }
            let returned = line[feed - 1] == b'\r';
            let (start, end) = (at, at + feed - usize::from(returned));
            (at, before, lines, returns) = (at + feed + 1, rank, lines + 1, returns + u32::from(returned));
            let (name, span) = (&text[start..start + head - 1], Span::of_chunk(start + head + 1, end - start - head - 1));
            let known = self.p.spellings.known(rank);
            self.fill(rank, known, name, start, false);
            if !known.plain || first == b'\t' || matches!(bytes[end - 1], b' ' | b'\t') {
                self.note(known, rank, name, span, start);
            }
            self.add(span, start);
        }
        (self.at, self.feeds) = (at, self.feeds + lines);
        self.census.endings[0] += u64::from(returns);
        self.census.endings[1] += u64::from(lines - returns);
    }

    /// The next line; the text of a folded one is put together in `folded`.
    fn next_line(&mut self, folded: &mut String) -> Option<Line> {
        let bytes = self.text.as_bytes();
        if self.at >= bytes.len() {
            return None;
        }
        let (start, number) = (self.at, self.feeds);
        let end = self.physical();
        let mut line = Line { start, end, folded: false, number };
        // An empty line ends an entry, whatever follows.
        while line.end > start && bytes.get(self.at) == Some(&b' ') {
            if !line.folded {
                line.folded = true;
                folded.clear();
                folded.push_str(&self.text[start..end]);
            }
            let from = self.at + 1;
            let to = self.physical();
            folded.push_str(&self.text[from.min(to)..to]);
        }
        Some(line)
    }

    /// Goes past a physical line; where it ends, without its line ending.
    fn physical(&mut self) -> usize {
        let bytes = self.text.as_bytes();
        let feed = memchr(b'\n', &bytes[self.at..]).map(|i| self.at + i);
        let end = feed.unwrap_or(bytes.len());
        let returned = end > self.at && bytes[end - 1] == b'\r';
        if feed.is_some() {
            self.census.endings[usize::from(!returned)] += 1;
            self.feeds += 1;
        }
        self.at = feed.map_or(bytes.len(), |feed| feed + 1);
        end - usize::from(returned)
    }

    fn line(&mut self, line: Line, whole: &str) {
        let Some(colon) = memchr(b':', whole.as_bytes()) else { return self.broken(line.start) };
        let (name, rest) = (&whole[..colon], &whole[colon + 1..]);
        let (said, skipped) = match rest.as_bytes().first() {
            Some(b':') => (Said::Base64, 1),
            Some(b'<') => (Said::Url, 1),
            _ => (Said::Text, 0),
        };
        let spaces = rest.as_bytes()[skipped..].iter().take_while(|b| **b == b' ').count();
        let value = &rest[skipped + spaces..];
        let value_at = whole.len() - value.len();
        if name.len() == 2 && name.eq_ignore_ascii_case("dn") {
            return self.start(line, said, value, value_at);
        }
        let first = std::mem::replace(&mut self.first, false);
        if self.open == State::Between {
            if self.is_of_search(name, value, line.start) {
                return;
            }
            if name.eq_ignore_ascii_case("version") {
                if first && value == "1" {
                    self.census.version = Some("1".to_owned());
                } else {
                    self.sink.fault("versionErrors", line.start);
                }
                return;
            }
            return self.broken(line.start);
        }
        if name.eq_ignore_ascii_case("changetype") {
            match value.trim_end().eq_ignore_ascii_case("add") {
                true => self.census.adds += 1,
                false => self.lose("changes", line.start),
            }
            return;
        }
        if name.eq_ignore_ascii_case("control") {
            return;
        }
        self.attribute(line, name, said, value, value_at);
    }

    /// What `ldapsearch` writes beside entries when it is not told otherwise: how the search ended, and where the rest is said to be.
    /// It is no entry, and tells whether there are others.
    fn is_of_search(&mut self, name: &str, value: &str, at: usize) -> bool {
        match name {
            "search" => return true,
            "result" if value.starts_with("0 ") || value == "0" => {}
            "result" if value.starts_with(|c: char| c.is_ascii_digit()) => self.sink.fault("searchEnded", at),
            "ref" if value.contains("://") => self.sink.fault("searchReferrals", at),
            _ => return false,
        }
        // To the next empty line.
        self.open = State::Lost;
        true
    }

    /// The line that names an entry.
    fn start(&mut self, line: Line, said: Said, value: &str, value_at: usize) {
        self.first = false;
        if self.open == State::Entry {
            // The empty line before it is missing: both entries are there.
            self.sink.fault("separator", line.start);
            self.end();
        }
        self.record.clear();
        (self.record.offset, self.number, self.current, self.tagged) = (line.start as u32, line.number, None, false);
        self.p.classes.clear();
        let dn = match said {
            Said::Text if line.folded => Some(self.record.store(value)),
            Said::Text => Some(Span::of_chunk(line.start + value_at, value.len())),
            Said::Base64 => self.decoded(value, true, line.start),
            Said::Url => None,
        };
        match dn {
            Some(dn) => (self.open, self.dn) = (State::Entry, dn),
            None => self.broken(line.start),
        }
    }

    pub(super) fn broken(&mut self, at: usize) {
        self.first = false;
        self.lose("ldifErrors", at);
    }

    /// Gives the entry up.
    pub(super) fn lose(&mut self, fault: Fault, at: usize) {
        self.sink.fault(fault, at);
        self.record.clear();
        self.current = None;
        self.open = State::Lost;
    }

    /// Whether it is what a server says of itself under the empty name (root DSE, RFC 4512, 5.1): no entry of the directory.
    fn is_root(&self) -> bool {
        let told = ["namingContexts", "supportedLDAPVersion", "subschemaSubentry"];
        self.record.str(self.dn).trim().is_empty() && told.iter().any(|name| self.record.named(name).next().is_some())
    }

    /// Hands over the entry that ends here.
    fn end(&mut self) {
        if std::mem::replace(&mut self.open, State::Between) != State::Entry {
            return;
        }
        self.current = None;
        self.record.gather();
        let mut normal = std::mem::take(&mut self.p.scratch);
        normal.clear();
        let named = dn::with_normal(self.record.str(self.dn), |name| normal.push_str(name)).is_some() && !normal.is_empty();
        if named {
            let kind = self.finish(self.dn, &normal, self.number);
            self.sink.record(&self.record, kind, Request::Add);
        } else if !self.is_root() {
            self.sink.fault("dnErrors", self.record.offset as usize);
        }
        self.p.scratch = normal;
        self.record.clear();
    }
}
