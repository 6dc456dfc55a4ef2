//! Text of the usual shape, read straight from the bytes: what the scanners of the formats share.
//!
//! Each function takes what is without surprise and gives nothing otherwise: the caller then leaves the whole record
//! to quick-xml, which alone finds faults. Must never report a fault.

use crate::source::record::{Record, Span};

/// The text from `start` up to the next tag, and where that is.
#[inline]
pub fn text(all: &str, record: &mut Record<'_>, start: usize) -> Option<(Span, usize)> {
    let bytes = all.as_bytes();
    let end = text_end(bytes, start);
    match bytes.get(end)? {
        b'<' => Some((Span::of_chunk(start, end - start), end)),
        _ => text_with_references(all, record, start, end),
    }
}

/// As [`text`], the first reference being at `at`: decoded into the slab.
fn text_with_references(all: &str, record: &mut Record<'_>, start: usize, mut at: usize) -> Option<(Span, usize)> {
    let bytes = all.as_bytes();
    let mut span = record.store(all.get(start..at)?);
    while bytes.get(at)? == &b'&' {
        let len = bytes[at..].iter().take(12).position(|b| *b == b';')?;
        let c = reference(all.get(at + 1..at + len)?)?;
        span = record.join(span, c.encode_utf8(&mut [0; 4]));
        let from = at + len + 1;
        at = text_end(bytes, from);
        span = record.join(span, all.get(from..at)?);
    }
    Some((span, at))
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
    // Controls, what a wrong decoding leaves (after some letters) and what is no character are for the other path.
    char::from_u32(number).filter(|c| *c >= ' ' && !matches!(c, '\u{7F}'..='\u{BF}' | '\u{FFFD}'..='\u{FFFF}'))
}

/// What follows `wanted` and blanks, when `wanted` is there.
#[inline]
#[must_use]
pub fn tag(bytes: &[u8], at: usize, wanted: &[u8]) -> Option<usize> {
    literal(bytes, at, wanted).map(|end| blank(bytes, end))
}

/// Where `wanted` ends, when it is there.
#[inline]
#[must_use]
pub fn literal(bytes: &[u8], at: usize, wanted: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(wanted).then_some(at + wanted.len())
}

/// The first byte from `at` on that is not blank.
#[inline]
#[must_use]
pub fn blank(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
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
