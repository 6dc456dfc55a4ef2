//! The values of an entry, one line after the other: under which attribute, decoded, noted for what they tell of the directory.
//!
//! Knows no line but the one at hand. Must never judge: what is wrong is told, and costs its entry where it cannot be read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::ldif::{Line, MAX_ATTRIBUTES, MAX_VALUES, Run, Said};
use super::spelling::{Known, Role};
use crate::source::feed::Sink;
use crate::source::files::encoding::oddities;
use crate::source::record::{NameId, Span};

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    pub(super) fn attribute(&mut self, line: Line, name: &str, said: Said, value: &str, value_at: usize) {
        let p = &mut *self.p;
        let again = self.current.filter(|rank| p.spellings.is(*rank, name));
        // Spellings past the last one that is remembered share a rank: another name is another attribute.
        let before = std::mem::replace(&mut self.current, again);
        let Some(rank) = again.or_else(|| p.spellings.rank(name, before, &p.model, &p.names)) else { return self.broken(line.start) };
        let known = p.spellings.known(rank);
        let span = match said {
            Said::Text if line.folded => self.record.store(value),
            Said::Text => Span::of_chunk(line.start + value_at, value.len()),
            Said::Base64 => match self.decoded(value, known.text, line.start) {
                Some(span) => span,
                None => return self.lose("base64", line.start),
            },
            Said::Url => {
                self.sink.fault("urls", line.start);
                // A picture is passed over; without a text, the entry is not known.
                if known.text || (known.local && known.id != NameId::OTHER) {
                    self.lose("urlsLost", line.start);
                }
                return;
            }
        };
        self.fill(rank, known, name, line.start, line.folded);
        self.note(known, rank, name, span, line.start);
        self.add(span, line.start);
    }

    /// The attribute whose values come now, as it is written.
    pub(super) fn fill(&mut self, rank: usize, known: Known, name: &str, at: usize, folded: bool) {
        if self.current == Some(rank) {
            return;
        }
        let written = match self.p.spellings.name(rank) {
            Some(name) => self.record.store(name),
            None if folded => self.record.store(name),
            None => Span::of_chunk(at, name.len()),
        };
        self.record.open_again(known.id, written, at);
        self.current = Some(rank);
        self.p.spellings.see(rank);
        self.tagged |= known.tagged;
        if self.record.attributes_len() > MAX_ATTRIBUTES {
            self.lose("oversized", at);
        }
    }

    /// One more value of it.
    pub(super) fn add(&mut self, span: Span, at: usize) {
        self.record.push(span);
        if self.record.size() > MAX_VALUES {
            self.lose("oversized", at);
        }
    }

    pub(super) fn note(&mut self, known: Known, rank: usize, name: &str, span: Span, at: usize) {
        if span.is_empty() {
            self.sink.fault("emptyValues", at);
        }
        let value = self.record.str(span);
        let blank = |b: Option<&u8>| b.is_some_and(|b| matches!(b, b' ' | b'\t'));
        if known.text && (blank(value.as_bytes().first()) || blank(value.as_bytes().last())) {
            self.sink.fault("strayBlanks", at);
        }
        match known.role {
            Role::Composite => self.census.composite(value, false),
            Role::Grouping => self.census.composite(value, true),
            Role::Profiles => self.census.profile(value),
            Role::Person => self.census.person(self.p.spellings.name(rank).unwrap_or(name), value),
            Role::ObjectClass => {
                self.p.classes.push_str(value);
                self.p.classes.push('\n');
            }
            Role::Plain => {}
        }
        if known.unknown {
            self.census.local_attributes.add(name, 1);
        }
    }

    /// A value in base64; `None` when it is not base64. A text that is not UTF-8 is a fault, and what can be read of it is
    /// kept; other bytes are kept as they are written.
    pub(super) fn decoded(&mut self, value: &str, text: bool, at: usize) -> Option<Span> {
        let trimmed = value.trim_end_matches(' ');
        let mut bytes = std::mem::take(&mut self.p.bytes);
        bytes.clear();
        let sound = STANDARD.decode_vec(trimmed, &mut bytes).is_ok();
        let span = sound.then(|| match std::str::from_utf8(&bytes) {
            Ok(decoded) => {
                if text {
                    // The text of the file does not show them; a line break may be meant.
                    let sink = &mut *self.sink;
                    oddities(decoded, |fault, _| {
                        if fault != "controls" {
                            sink.fault(fault, at)
                        }
                    });
                }
                self.record.store(decoded)
            }
            Err(_) if text => {
                self.sink.fault("notUtf8", at);
                self.record.store(&String::from_utf8_lossy(&bytes))
            }
            Err(_) => self.record.store(trimmed),
        });
        self.p.bytes = bytes;
        span
    }
}
