//! The fast front end: requests written the way real exports write them, read straight from the bytes.
//!
//! Takes an `addRequest` only when it is without fault and of the usual shape (tags without surprise, text,
//! character references); anything else is left whole to quick-xml, which alone finds faults. Both give
//! the same records: a test holds them to it. Must never report a fault, nor hand over half a request.

use super::{Request, Run, Sink};
use crate::source::record::Span;

impl<S: Sink> Run<'_, '_, S> {
    /// Hands over the requests of the usual shape from `base` on, and moves it after the last of them.
    pub(super) fn scan(&mut self) {
        while let Some(end) = self.usual_request() {
            self.base = end;
        }
    }

    /// One request; where it ends.
    fn usual_request(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let start = blank(bytes, self.base);
        let at = tag(bytes, start, b"<addRequest>")?;
        self.begin(Request::Add, start);

        let at = tag(bytes, at, b"<operationalAttributes>")?;
        let (name, at) = name(bytes, literal(bytes, at, b"<attr name=\"")?)?;
        self.operational_name = Some(name);
        let mut at = tag(bytes, at, b"\">")?;
        while let Some(inside) = literal(bytes, at, b"<value>") {
            let (value, end) = self.text(inside)?;
            self.operational.push(value);
            at = tag(bytes, end, b"</value>")?;
        }
        at = tag(bytes, at, b"</attr>")?;
        at = tag(bytes, at, b"</operationalAttributes>")?;

        at = tag(bytes, at, b"<identifier>")?;
        let (id, end) = self.text(literal(bytes, at, b"<id>")?)?;
        self.ids.push(id);
        at = tag(bytes, end, b"</id>")?;
        at = tag(bytes, at, b"</identifier>")?;

        at = tag(bytes, at, b"<attributes>")?;
        while let Some(inside) = literal(bytes, at, b"<attr name=\"") {
            at = self.usual_attribute(at, inside)?;
        }
        let end = tag(bytes, at, b"</attributes>")?;
        at = literal(bytes, end, b"</addRequest>")?;
        // What follows starts a text of its own for quick-xml, which would take a stray mark for its own.
        let follows = bytes.get(at).is_none_or(|b| *b == b'<' || b.is_ascii_whitespace());
        if self.operational.is_empty() || self.attributes == 0 || !follows {
            return None;
        }
        self.seen |= 7;
        self.end_request(end);
        Some(at)
    }

    /// One attribute of which `<attr name="` was read; where the next one may start.
    fn usual_attribute(&mut self, start: usize, inside: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let expected = self.order.get(self.attributes).map(|(known, _)| known.as_ref());
        let predicted = expected.and_then(|known| literal(bytes, inside, known)).filter(|end| bytes.get(*end) == Some(&b'"'));
        let (span, at) = match predicted {
            Some(end) => (Span::of_chunk(inside, end - inside), end),
            None => name(bytes, inside)?,
        };
        let mut at = tag(bytes, at, b"\">")?;
        self.attribute(span, start);
        while let Some(inside) = literal(bytes, at, b"<value>") {
            let (value, end) = self.text(inside)?;
            self.record.push(value);
            self.added += 1;
            at = tag(bytes, end, b"</value>")?;
        }
        if self.added == 0 {
            return None;
        }
        self.record.close(self.added);
        tag(bytes, at, b"</attr>")
    }

    /// The text up to the next tag, and where that is.
    fn text(&mut self, start: usize) -> Option<(Span, usize)> {
        let bytes = self.text.as_bytes();
        let end = text_end(bytes, start);
        match bytes.get(end)? {
            b'<' => Some((Span::of_chunk(start, end - start), end)),
            _ => self.text_with_references(start, end),
        }
    }

    /// As [`Self::text`], the first reference being at `at`: decoded into the slab.
    fn text_with_references(&mut self, start: usize, mut at: usize) -> Option<(Span, usize)> {
        let bytes = self.text.as_bytes();
        let mut span = self.record.store(self.text.get(start..at)?);
        while bytes.get(at)? == &b'&' {
            let len = bytes[at..].iter().take(12).position(|b| *b == b';')?;
            let c = reference(self.text.get(at + 1..at + len)?)?;
            span = self.record.join(span, c.encode_utf8(&mut [0; 4]));
            let from = at + len + 1;
            at = text_end(bytes, from);
            span = self.record.join(span, self.text.get(from..at)?);
        }
        Some((span, at))
    }
}

/// A reference to a character that may stand in a text without fault.
fn reference(name: &str) -> Option<char> {
    match name {
        "amp" => return Some('&'),
        "lt" => return Some('<'),
        "gt" => return Some('>'),
        "apos" => return Some('\''),
        "quot" => return Some('"'),
        _ => {}
    }
    let number = name.strip_prefix('#')?;
    let number = if number.bytes().all(|b| b.is_ascii_digit()) { number.parse().ok()? } else { return None };
    char::from_u32(number).filter(|c| !c.is_control() && !matches!(c, '\u{FFFD}'..='\u{FFFF}'))
}

/// What follows `wanted` and blanks, when `wanted` is there.
#[inline]
fn tag(bytes: &[u8], at: usize, wanted: &[u8]) -> Option<usize> {
    literal(bytes, at, wanted).map(|end| blank(bytes, end))
}

#[inline]
fn literal(bytes: &[u8], at: usize, wanted: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(wanted).then_some(at + wanted.len())
}

#[inline]
fn blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// A name between quotes, from after the first to the second.
fn name(bytes: &[u8], start: usize) -> Option<(Span, usize)> {
    let len = bytes.get(start..)?.iter().position(|b| matches!(b, b'"' | b'&' | b'<' | b'>'))?;
    (bytes[start + len] == b'"').then(|| (Span::of_chunk(start, len), start + len))
}

/// Where the next `<` or `&` is; the end without one. Eight bytes at a time: values have about ten.
#[inline]
fn text_end(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & (ONES << 7);
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let word = u64::from_le_bytes(*eight);
        let found = zeros(word ^ (ONES * b'<' as u64)) | zeros(word ^ (ONES * b'&' as u64));
        if found != 0 {
            // The lowest bit is exact.
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|b| !matches!(b, b'<' | b'&')) {
        at += 1;
    }
    at
}
