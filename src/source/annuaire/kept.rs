//! The entries of a server as text, kept in memory for the time of an audit: packed by the chunk, because an audit may read them twice and
//! a directory is large.
//!
//! Must never write anything to a disk, nor know what an entry means.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::source::feed::{Chunk, Chunks};
use crate::source::files::chunk::{CHUNK, Cut};
use crate::source::files::encoding::Encoding;

/// No directory packs better than that: what seems to is counted as if it did not, so that no server makes an audit last by repeating itself.
const BEST: usize = 16;

/// Text in chunks of whole entries.
#[derive(Debug, Default)]
pub(super) struct Kept {
    full: Vec<Packed>,
    /// The chunk that grows.
    open: Vec<u8>,
    /// What the full ones count for.
    weight: usize,
}

#[derive(Debug)]
struct Packed {
    bytes: Box<[u8]>,
    /// Of the text.
    length: usize,
}

impl Kept {
    /// Keeps an entry.
    pub(super) fn push(&mut self, text: &[u8]) {
        if self.open.len() + text.len() > CHUNK {
            self.close();
        }
        self.open.extend_from_slice(text);
    }

    /// Packs the chunk that grows: nothing more is expected.
    pub(super) fn close(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let mut packer = DeflateEncoder::new(Vec::with_capacity(self.open.len() / 4), Compression::fast());
        // Into memory, neither fails.
        let packed = packer.write_all(&self.open).and_then(|()| packer.finish());
        let bytes = packed.unwrap_or_default().into_boxed_slice();
        self.weight += bytes.len().max(self.open.len() / BEST);
        self.full.push(Packed { bytes, length: self.open.len() });
        self.open.clear();
    }

    /// Bytes of memory that it counts for.
    pub(super) fn weight(&self) -> usize {
        self.weight + self.open.len()
    }

    /// To be read, by any number of workers, once it is closed.
    pub(super) fn chunks(&self) -> Given<'_> {
        Given { kept: self, next: AtomicUsize::new(0), lost: AtomicBool::new(false) }
    }
}

/// What was kept, chunk by chunk.
pub(super) struct Given<'a> {
    kept: &'a Kept,
    next: AtomicUsize,
    lost: AtomicBool,
}

impl Chunks for Given<'_> {
    fn next(&self, buffer: &mut Vec<u8>) -> Option<Chunk> {
        let rank = self.next.fetch_add(1, Ordering::Relaxed);
        let packed = self.kept.full.get(rank)?;
        buffer.clear();
        buffer.reserve(packed.length);
        let read = DeflateDecoder::new(&packed.bytes[..]).take(packed.length as u64 + 1).read_to_end(buffer);
        if !read.is_ok_and(|read| read == packed.length) {
            self.lost.store(true, Ordering::Relaxed);
            buffer.clear();
        }
        let last = rank + 1 == self.kept.full.len();
        let cut = Cut { chunk: u32::try_from(rank).ok()?, first: rank == 0, last, ..Cut::default() };
        Some(Chunk { file: 0, cut, encoding: Encoding::Utf8, layer: 0 })
    }
    fn ended(self: Box<Self>) -> bool {
        !self.lost.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_weighs_less() {
        let entries: Vec<String> = (0..40_000).map(|i| format!("dn: uid=E{i},dc=ent\nsn: Nom {}\n\n", i * 7919 % 10_007)).collect();
        let mut kept = Kept::default();
        entries.iter().for_each(|e| kept.push(e.as_bytes()));
        kept.close();
        let (chunks, mut buffer, mut all) = (kept.chunks(), Vec::new(), Vec::new());
        let mut ranks = Vec::new();
        while let Some(chunk) = chunks.next(&mut buffer) {
            ranks.push((chunk.cut.chunk, chunk.cut.first, chunk.cut.last));
            assert!(buffer.len() <= CHUNK && buffer.ends_with(b"\n\n"), "whole entries");
            all.extend_from_slice(&buffer);
        }
        assert_eq!(all, entries.concat().as_bytes());
        assert_eq!(ranks, [(0, true, false), (1, false, true)]);
        assert!(kept.weight() * 2 < all.len(), "{} of {}", kept.weight(), all.len());
        assert!(Box::new(chunks).ended());
    }

    #[test]
    fn what_repeats_itself_is_not_kept_for_nothing() {
        let mut kept = Kept::default();
        (0..64).for_each(|_| kept.push(&[b'x'; CHUNK / 2]));
        kept.close();
        assert_eq!(kept.weight(), 32 * CHUNK / BEST);
        assert!(Kept::default().chunks().next(&mut Vec::new()).is_none());
    }
}
