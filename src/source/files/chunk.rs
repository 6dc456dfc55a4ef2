//! Cuts a stream of bytes into chunks of whole records, in bounded memory.
//!
//! A chunk ends just before the start of a record, never inside a comment or a CDATA section. A record
//! larger than [`MAX_RECORD`] is skipped and said so: one bad part never loses the rest. Must never
//! interpret what it cuts.

use std::io::{self, Read};

use super::lex::{Boundary, Bounds, TAG};

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
    /// The stream broke here: what the chunk ends with may be the half of something.
    pub broken: bool,
    /// This chunk stands for a request too large to be kept: it is empty, and had that many line feeds.
    pub skipped: Option<u64>,
}

/// The cutter.
#[derive(Debug)]
pub struct Chunker<R> {
    input: R,
    bounds: &'static Bounds,
    size: usize,
    carry: Vec<u8>,
    next: u32,
    ended: bool,
    failed: Option<io::Error>,
}

impl<R: Read> Chunker<R> {
    /// Over a stream, read by `size` bytes.
    pub fn new(input: R, bounds: &'static Bounds, size: usize) -> Self {
        Self { input, bounds, size: size.max(1), carry: Vec::new(), next: 0, ended: false, failed: None }
    }

    /// Puts the next chunk into `out`; `None` at the end.
    ///
    /// # Errors
    /// Those of the stream, once what was read before them has been given.
    pub fn next(&mut self, out: &mut Vec<u8>) -> io::Result<Option<Cut>> {
        out.clear();
        if let Some(error) = self.failed.take_if(|_| self.carry.is_empty()) {
            self.ended = true;
            return Err(error);
        }
        if self.ended {
            return Ok(None);
        }
        std::mem::swap(out, &mut self.carry);
        self.carry.clear();
        let mut cut = Cut { chunk: self.next, first: self.next == 0, ..Cut::default() };
        self.next += 1;
        let mut searched = 0;
        loop {
            if self.fill(out) == 0 {
                // After an error of the stream, its next call says so: this chunk is not the end of the file.
                self.ended = self.failed.is_none();
                (cut.last, cut.broken) = (self.ended, !self.ended);
                break;
            }
            let mut end = self.bounds.last_start(out, searched);
            searched = out.len().saturating_sub(TAG);
            if out.len() > MAX_RECORD {
                // Until now no request started but the first: it is too large, or something that nothing closes
                // hides the others.
                let known = self.boundary(out, 1).filter(|first| *first <= MAX_RECORD).or_else(|| self.bounds.late_start(out));
                let Some(first) = known else {
                    cut.first = false;
                    cut.skipped = Some(self.skip(out));
                    break;
                };
                end = end.or(Some(first));
            }
            if let Some(end) = end {
                self.carry.extend_from_slice(&out[end..]);
                out.truncate(end);
                break;
            }
        }
        Ok(Some(cut))
    }

    /// Drops bytes until a request ends or another starts, and keeps what follows for the next chunk; the number of
    /// lines dropped.
    fn skip(&mut self, out: &mut Vec<u8>) -> u64 {
        let (mut lines, mut from) = (0, 1);
        loop {
            let next = self.boundary(out, from);
            let dropped = next.unwrap_or(out.len().saturating_sub(TAG));
            lines += newlines(&out[..dropped]);
            out.drain(..dropped);
            if next.is_some() {
                self.carry = std::mem::take(out);
                return lines;
            }
            from = 0;
            if self.fill(out) == 0 {
                lines += newlines(out);
                out.clear();
                return lines;
            }
        }
    }

    fn boundary(&self, bytes: &[u8], from: usize) -> Option<usize> {
        self.bounds.next_boundary(bytes, from).map(|(Boundary::Start(at) | Boundary::End(at))| at)
    }

    /// Reads up to `size` bytes; 0 at the end, or at an error, which is kept.
    fn fill(&mut self, out: &mut Vec<u8>) -> usize {
        let before = out.len();
        out.resize(before + self.size, 0);
        let mut filled = before;
        while filled < out.len() && self.failed.is_none() {
            match self.input.read(&mut out[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => self.failed = Some(e),
            }
        }
        out.truncate(filled);
        filled - before
    }
}

/// Number of line feeds.
#[must_use]
pub fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    static AAF: Bounds = Bounds { names: &["addRequest", "modifyRequest", "deleteRequest"], prefixed: false };

    fn cut_by(size: usize, bytes: &[u8]) -> Vec<(Cut, Vec<u8>)> {
        let (mut chunker, mut buffer, mut all) = (Chunker::new(bytes, &AAF, size), Vec::new(), Vec::new());
        while let Some(cut) = chunker.next(&mut buffer).expect("no error") {
            all.push((cut, buffer.clone()));
        }
        all
    }

    fn joined(chunks: &[(Cut, Vec<u8>)]) -> Vec<u8> {
        chunks.iter().flat_map(|(_, b)| b.clone()).collect()
    }

    #[test]
    fn cuts_before_requests_and_loses_nothing() {
        let one = format!("<addRequest>{}</addRequest>\n", "x".repeat(700));
        let text = format!("<a>{}</a>", one.repeat(5));
        for size in [1, 7, 64, 1000, CHUNK] {
            let chunks = cut_by(size, text.as_bytes());
            assert_eq!(joined(&chunks), text.as_bytes());
            assert!(chunks[0].0.first && chunks.last().expect("some").0.last);
            for (i, (cut, bytes)) in chunks.iter().enumerate() {
                assert!(i == 0 || bytes.starts_with(b"<addRequest>"), "chunk {}", cut.chunk);
                assert_eq!((cut.chunk, cut.first), (i as u32, i == 0));
            }
        }
        assert!(cut_by(1000, text.as_bytes()).len() > 2);
    }

    #[test]
    fn never_cuts_inside_a_comment() {
        let text =
            format!("<addRequest></addRequest><!-- {} <addRequest> {} -->{}", "y".repeat(600), "z".repeat(900), "<addRequest/>".repeat(3));
        let chunks = cut_by(64, text.as_bytes());
        assert!(chunks[0].1.starts_with(b"<addRequest></addRequest><!-- yyy") && memchr::memmem::find(&chunks[0].1, b"-->").is_some());
        assert_eq!(joined(&chunks), text.as_bytes());
    }

    #[test]
    fn skips_a_request_too_large_and_goes_on() {
        let huge = "line\n".repeat(MAX_RECORD / 2);
        let text = format!("<r>\n<addRequest>{huge}</addRequest >\n<addRequest>{huge}<addRequest>ok</addRequest></r>");
        let chunks = cut_by(CHUNK, text.as_bytes());
        let skipped: Vec<_> = chunks.iter().filter_map(|(c, _)| c.skipped).collect();
        assert_eq!(skipped, [(MAX_RECORD / 2) as u64; 2]);
        assert_eq!(joined(&chunks), b"<r>\n\n<addRequest>ok</addRequest></r>");
        assert!(chunks[0].0.first && chunks[0].1 == b"<r>\n");
    }

    #[test]
    fn a_file_without_request_is_one_chunk() {
        assert_eq!(cut_by(CHUNK, b"").len(), 1);
        let chunks = cut_by(CHUNK, b"<ficAlimMENESR/>");
        assert!(chunks.len() == 1 && chunks[0].0.first && chunks[0].0.last);
        let endless = cut_by(CHUNK, &vec![b' '; 3 * MAX_RECORD]);
        assert!(endless[0].0.skipped.is_some() && endless.last().expect("some").0.last && joined(&endless).is_empty());
    }

    #[test]
    fn what_comes_before_an_error_is_given() {
        struct Breaks(usize);
        impl Read for Breaks {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let text = b"<r><addRequest>1</addRequest><addRequest>2";
                let rest = &text[self.0.min(text.len())..];
                if rest.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let n = rest.len().min(buffer.len());
                buffer[..n].copy_from_slice(&rest[..n]);
                self.0 += n;
                Ok(n)
            }
        }
        let (mut chunker, mut buffer, mut all) = (Chunker::new(Breaks(0), &AAF, CHUNK), Vec::new(), Vec::new());
        let error = loop {
            match chunker.next(&mut buffer) {
                Ok(cut) => {
                    assert!(!cut.expect("not the end").last);
                    all.extend_from_slice(&buffer);
                }
                Err(e) => break e,
            }
        };
        assert_eq!(
            (error.kind(), all.as_slice()),
            (io::ErrorKind::UnexpectedEof, b"<r><addRequest>1</addRequest><addRequest>2".as_slice())
        );
        assert!(chunker.next(&mut buffer).expect("ended").is_none());
    }
}
