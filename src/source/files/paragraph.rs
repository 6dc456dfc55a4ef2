//! Where the records of a text are when empty lines stand between them, as in LDIF: what the chunker cuts by.
//!
//! A line is empty when nothing stands in it, not even a space. Must never look at anything else.

use memchr::{memchr_iter, memmem, memrchr_iter};

/// Whether the line that the line feed at `at` ends is empty; the very first line of the bytes does not count, for
/// nothing tells what comes before.
fn ends_empty_line(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[..at], [.., b'\n'] | [.., b'\n', b'\r'])
}

/// The end of the last empty line, past 0 and not before `from`.
pub fn last_end(bytes: &[u8], from: usize) -> Option<usize> {
    let feeds = memrchr_iter(b'\n', bytes).take_while(|at| at + 1 >= from.max(1));
    feeds.filter(|at| ends_empty_line(bytes, *at)).map(|at| at + 1).next()
}

/// The end of the first empty line, past 0 and not before `from`.
pub fn next_end(bytes: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(1);
    let feeds = memchr_iter(b'\n', bytes.get(start..)?).map(|i| start + i);
    feeds.filter(|at| ends_empty_line(bytes, *at)).map(|at| at + 1).next()
}

/// The last line that names an entry, where the empty lines between entries are missing: not the first line of the bytes.
pub fn late_start(bytes: &[u8]) -> Option<usize> {
    memmem::rfind(bytes, b"\ndn:").map(|at| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_lines_end_records() {
        let text = b"dn: a\r\n\r\ndn: b\n\n\ndn: c\n \nx";
        assert_eq!(next_end(text, 0), Some(9));
        assert_eq!(next_end(text, 10), Some(16));
        assert_eq!(last_end(text, 0), Some(17));
        assert_eq!((last_end(text, 18), next_end(text, 18)), (None, None));
        assert_eq!((late_start(b"dn: a\ndn: b\ndn:: Yw==\nx: y"), late_start(b"dn: a\n dn: b")), (Some(12), None));
        assert_eq!((last_end(b"\n", 0), next_end(b"", 0), next_end(b"", 4)), (None, None, None));
    }

    #[test]
    fn both_directions_agree() {
        let text = b"\n\na\n\r\n\r\nb\n\n";
        let all: Vec<usize> = (0..=text.len()).filter(|i| next_end(text, *i) == Some(*i)).collect();
        assert_eq!(all, [2, 6, 8, 11]);
        assert_eq!(last_end(text, 0), Some(11));
        assert_eq!(last_end(&text[..10], 0), Some(8));
    }
}
