//! Cuts a stream of bytes into chunks of whole records, in bounded memory.
//!
//! A chunk ends after the end tag of a request, never inside a comment or a CDATA section. A request
//! larger than [`MAX_RECORD`] is skipped and said so: one bad part never loses the rest. Must never
//! interpret what it cuts.

use std::io::{self, Read};

use memchr::memmem;

/// Bytes read at a time.
pub const CHUNK: usize = 1 << 20;
/// Largest request kept; real ones are about 3 kB (aaf.md §8.1).
pub const MAX_RECORD: usize = 8 << 20;

/// What a chunk is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Rank in the file.
    pub chunk: u32,
    /// Starts with the prolog.
    pub first: bool,
    /// Ends with the end of the file.
    pub last: bool,
    /// Lines skipped just before this chunk, with a request too large to be kept.
    pub skipped_lines: Option<u64>,
}

/// The cutter.
#[derive(Debug)]
pub struct Chunker<R> {
    input: R,
    carry: Vec<u8>,
    next: u32,
    ended: bool,
}

impl<R: Read> Chunker<R> {
    /// Over a stream.
    pub fn new(input: R) -> Self {
        Self { input, carry: Vec::new(), next: 0, ended: false }
    }

    /// Puts the next chunk into `out`; `None` at the end.
    ///
    /// # Errors
    /// Those of the stream; what was read before is lost, what comes after too.
    pub fn next(&mut self, out: &mut Vec<u8>) -> io::Result<Option<Cut>> {
        out.clear();
        if self.ended {
            return Ok(None);
        }
        std::mem::swap(out, &mut self.carry);
        self.carry.clear();
        let mut cut = Cut { first: self.next == 0, ..Cut::default() };
        let mut searched = 0;
        loop {
            let read = fill(&mut self.input, out)?;
            if read == 0 {
                self.ended = true;
                cut.last = true;
                break;
            }
            // An end tag may straddle two reads.
            if let Some(end) = last_end(out, searched) {
                self.carry.extend_from_slice(&out[end..]);
                out.truncate(end);
                break;
            }
            searched = out.len().saturating_sub(64);
            if out.len() > MAX_RECORD {
                if let Some(start) = first_start(out).filter(|start| cut.first && *start > 0) {
                    // The prolog is a chunk of its own; the request too large is met again at the next call.
                    self.carry.extend_from_slice(&out[start..]);
                    out.truncate(start);
                    break;
                }
                cut.skipped_lines = Some(self.skip(out)?);
                cut.first = false;
                // The lines skipped count as a chunk of their own.
                self.next += 1;
                cut.last = self.ended;
                if self.ended {
                    break;
                }
                searched = 0;
            }
        }
        cut.chunk = self.next;
        self.next += 1;
        Ok(Some(cut))
    }

    /// Drops bytes until a request ends, keeping what follows; the number of lines dropped.
    fn skip(&mut self, out: &mut Vec<u8>) -> io::Result<u64> {
        let mut lines = 0;
        loop {
            if let Some(end) = first_end(out) {
                lines += newlines(&out[..end]);
                out.drain(..end);
                return Ok(lines);
            }
            let keep = out.len().saturating_sub(64);
            lines += newlines(&out[..keep]);
            out.drain(..keep);
            if fill(&mut self.input, out)? == 0 {
                self.ended = true;
                lines += newlines(out);
                out.clear();
                return Ok(lines);
            }
        }
    }
}

/// Number of line feeds.
#[must_use]
pub fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

fn fill(input: &mut impl Read, out: &mut Vec<u8>) -> io::Result<usize> {
    let before = out.len();
    out.resize(before + CHUNK, 0);
    let mut filled = before;
    while filled < out.len() {
        match input.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => {
                out.truncate(filled);
                return Err(e);
            }
        }
    }
    out.truncate(filled);
    Ok(filled - before)
}

const TAGS: [&[u8]; 3] = [b"</add", b"</modify", b"</delete"];

/// The end of the end tag whose `Request` starts at `at`, if it is one.
fn end_tag(bytes: &[u8], at: usize) -> Option<usize> {
    let named = TAGS.iter().any(|t| bytes[..at].ends_with(t));
    let rest = &bytes[at + b"Request".len()..];
    let blank = rest.iter().take_while(|b| b.is_ascii_whitespace()).count();
    (named && rest.get(blank) == Some(&b'>')).then_some(at + b"Request".len() + blank + 1)
}

/// Where the first request starts.
fn first_start(bytes: &[u8]) -> Option<usize> {
    const STARTS: [&[u8]; 3] = [b"<addRequest", b"<modifyRequest", b"<deleteRequest"];
    STARTS.iter().filter_map(|start| memmem::find(bytes, start)).min()
}

fn first_end(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, b"Request").find_map(|at| end_tag(bytes, at))
}

/// The end of the last request of `bytes` that is not inside a comment, CDATA section or instruction.
/// Before `from` there is none.
fn last_end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut until = bytes.len();
    loop {
        let end = memmem::rfind_iter(&bytes[..until], b"Request").take_while(|at| *at >= from).find_map(|at| end_tag(bytes, at))?;
        match opaque_at(bytes, end) {
            None => return Some(end),
            Some(start) => until = start,
        }
    }
}

/// Where the comment, CDATA section or instruction that holds `place` starts.
fn opaque_at(bytes: &[u8], place: usize) -> Option<usize> {
    const OPENINGS: [(&[u8], &[u8]); 3] = [(b"<!--", b"-->"), (b"<![CDATA[", b"]]>"), (b"<?", b"?>")];
    let mut at = 0;
    while let Some(found) = memchr::memchr2_iter(b'!', b'?', &bytes[at..place]).map(|i| at + i).find(|i| *i > 0 && bytes[i - 1] == b'<') {
        let start = found - 1;
        let Some((open, close)) = OPENINGS.iter().find(|(open, _)| bytes[start..].starts_with(open)) else {
            at = found + 1;
            continue;
        };
        match memmem::find(&bytes[start + open.len()..], close) {
            Some(len) if start + open.len() + len + close.len() <= place => at = start + open.len() + len + close.len(),
            _ => return Some(start),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut_all(bytes: &[u8]) -> Vec<(Cut, Vec<u8>)> {
        let (mut chunker, mut buffer, mut all) = (Chunker::new(bytes), Vec::new(), Vec::new());
        while let Some(cut) = chunker.next(&mut buffer).expect("no error") {
            all.push((cut, buffer.clone()));
        }
        all
    }

    #[test]
    fn cuts_after_requests_and_loses_nothing() {
        let one = format!("<addRequest>{}</addRequest>\n", "x".repeat(700_000));
        let text = format!("<a>{}</a>", one.repeat(5));
        let chunks = cut_all(text.as_bytes());
        assert!(chunks.len() > 2);
        assert_eq!(chunks.concat_bytes(), text.as_bytes());
        assert!(chunks[0].0.first && chunks.last().expect("some").0.last);
        for (cut, bytes) in &chunks[..chunks.len() - 1] {
            assert!(bytes.ends_with(b"</addRequest>"), "chunk {}", cut.chunk);
        }
    }

    trait Concat {
        fn concat_bytes(&self) -> Vec<u8>;
    }
    impl Concat for Vec<(Cut, Vec<u8>)> {
        fn concat_bytes(&self) -> Vec<u8> {
            self.iter().flat_map(|(_, b)| b.clone()).collect()
        }
    }

    #[test]
    fn never_cuts_inside_a_comment() {
        let text = format!(
            "<addRequest></addRequest><!-- {} </addRequest> {} -->{}",
            "y".repeat(600_000),
            "z".repeat(900_000),
            "<addRequest/>".repeat(3)
        );
        let chunks = cut_all(text.as_bytes());
        assert_eq!(chunks[0].1, b"<addRequest></addRequest>");
        assert_eq!(chunks.concat_bytes(), text.as_bytes());
    }

    #[test]
    fn skips_a_request_too_large_and_goes_on() {
        let text = format!("<r><addRequest>{}</addRequest >\n<addRequest>ok</addRequest></r>", "line\n".repeat(MAX_RECORD / 2));
        let chunks = cut_all(text.as_bytes());
        let skipped: Vec<_> = chunks.iter().filter_map(|(c, _)| c.skipped_lines).collect();
        assert_eq!(skipped, [(MAX_RECORD / 2) as u64]);
        assert!(chunks[0].0.first && chunks[0].1 == b"<r>", "the prolog is kept");
        assert!(String::from_utf8_lossy(&chunks.concat_bytes()).contains("ok"));
    }

    #[test]
    fn a_file_without_request_is_one_chunk() {
        assert_eq!(cut_all(b"").len(), 1);
        let chunks = cut_all(b"<ficAlimMENESR/>");
        assert!(chunks.len() == 1 && chunks[0].0.first && chunks[0].0.last);
    }
}
