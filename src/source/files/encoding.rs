//! From the bytes of a chunk to text: UTF-8, ISO-8859-1, ISO-8859-15, windows-1252.
//!
//! Genuine exports are pure ASCII (aaf.md §1.1): that case costs one look at the bytes and no copy.

use std::borrow::Cow;

/// What a file is decoded as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, also when nothing is declared.
    Utf8,
    /// UTF-8 in lines that may be folded, even within a character (LDIF).
    Utf8Lines,
    /// ISO-8859-1.
    Latin1,
    /// ISO-8859-15.
    Latin9,
    /// windows-1252.
    Windows1252,
    /// UTF-16 or another encoding that is not ASCII-compatible, or unknown: not read.
    Unsupported,
}

impl Encoding {
    /// From the `encoding` of an XML declaration.
    #[must_use]
    pub fn declared(label: &str) -> Self {
        match label.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Self::Utf8,
            "iso-8859-1" | "latin1" | "iso_8859-1" => Self::Latin1,
            "iso-8859-15" | "latin9" | "latin-9" | "iso_8859-15" => Self::Latin9,
            "windows-1252" | "cp1252" => Self::Windows1252,
            _ => Self::Unsupported,
        }
    }

    /// As shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf8 | Self::Utf8Lines => "UTF-8",
            Self::Latin1 => "ISO-8859-1",
            Self::Latin9 => "ISO-8859-15",
            Self::Windows1252 => "windows-1252",
            Self::Unsupported => "?",
        }
    }

    /// The text of a chunk, and the offset of the first byte that is not of this encoding.
    #[must_use]
    pub fn decode(self, bytes: &[u8]) -> (Cow<'_, str>, Option<usize>) {
        if let Ok(text) = std::str::from_utf8(bytes)
            && (matches!(self, Self::Utf8 | Self::Utf8Lines) || bytes.is_ascii())
        {
            return (Cow::Borrowed(text), None);
        }
        match self {
            Self::Utf8 | Self::Unsupported => {
                let wrong = std::str::from_utf8(bytes).err().map(|e| e.valid_up_to());
                (String::from_utf8_lossy(bytes), wrong)
            }
            Self::Utf8Lines => {
                let whole = refolded(bytes);
                let wrong = std::str::from_utf8(&whole).err().map(|e| e.valid_up_to());
                (Cow::Owned(String::from_utf8_lossy(&whole).into_owned()), wrong)
            }
            Self::Latin1 => (encoding_rs::mem::decode_latin1(bytes), None),
            Self::Latin9 => (encoding_rs::ISO_8859_15.decode_without_bom_handling(bytes).0, None),
            Self::Windows1252 => (encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0, None),
        }
    }
}

/// The same lines, folded after characters and not within them: lines keep their rank and their text.
fn refolded(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let folds = memchr::memmem::find_iter(bytes, b"\n ").collect::<Vec<_>>();
    for feed in folds {
        let end = feed - usize::from(feed > 0 && bytes[feed - 1] == b'\r');
        let rest = bytes[feed + 2..].iter().take(3).take_while(|b| (0x80..0xC0).contains(*b)).count();
        // Only what goes on with a character that the line before starts.
        let lead = out[..end].iter().rev().take(3).position(|b| *b >= 0xC0);
        let started = lead.is_some_and(|before| before + 1 < width(out[end - 1 - before]));
        if rest > 0 && started {
            out[end..feed + 2 + rest].rotate_right(rest);
        }
    }
    out
}

/// How many bytes the character takes that starts with this one.
fn width(lead: u8) -> usize {
    match lead {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

const BLOCK: usize = 4096;

/// Calls `found` with the place of each control character of ASCII that no text holds: all but tabs and ends of lines.
pub fn each_control(bytes: &[u8], mut found: impl FnMut(usize)) {
    let control = |b: u8| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // The first look is a loop without exit, which vectorises; the second, only where there is something to see.
    for (rank, block) in bytes.chunks(BLOCK).enumerate() {
        if block.iter().fold(false, |any, b| any | control(*b)) {
            block.iter().enumerate().filter(|(_, b)| control(**b)).for_each(|(i, _)| found(rank * BLOCK + i));
        }
    }
}

/// Places in a text that XML forbids or that show a wrong decoding, by the name they have in facts.
pub fn oddities(text: &str, mut found: impl FnMut(&'static str, usize)) {
    let bytes = text.as_bytes();
    each_control(bytes, |at| found("controls", at));
    if bytes.is_ascii() {
        return;
    }
    let mut previous = '\0';
    for (i, c) in text.char_indices() {
        match c {
            '\u{80}'..='\u{9F}' if !matches!(previous, 'Ã' | 'Â' | 'â') => found("controls", i),
            '\u{FFFD}' => found("replacements", i),
            // UTF-8 read as Latin-1: « é » becomes « Ã© ».
            '\u{80}'..='\u{BF}' if matches!(previous, 'Ã' | 'Â') => found("mojibake", i),
            _ => {}
        }
        previous = c;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_each_encoding() {
        assert_eq!(Encoding::declared("ISO-8859-15").decode(b"\xA4 \xBD").0, "€ œ");
        assert_eq!(Encoding::declared("iso-8859-1").decode(b"\xE9").0, "é");
        assert_eq!(Encoding::declared("windows-1252").decode(b"\x80").0, "€");
        assert!(matches!(Encoding::Utf8.decode("é".as_bytes()), (Cow::Borrowed("é"), None)));
        assert_eq!(Encoding::Utf8.decode(b"ab\xE9").1, Some(2));
        assert_eq!(Encoding::declared("UTF-16"), Encoding::Unsupported);
    }

    #[test]
    fn a_character_may_be_folded() {
        let decoded = |bytes: &[u8]| {
            let (text, wrong) = Encoding::Utf8Lines.decode(bytes);
            (text.into_owned(), wrong)
        };
        assert_eq!(decoded(b"cn: \xC3\n \xA9cole\n"), ("cn: é\n cole\n".to_owned(), None));
        assert_eq!(decoded(b"cn: \xE2\x82\r\n \xAC\r\n"), ("cn: €\r\n \r\n".to_owned(), None));
        assert_eq!(decoded("cn: é\n \u{e9}\n".as_bytes()).1, None);
        // A byte that is wrong stays so.
        assert_eq!(decoded(b"cn: \xC3\n cole\n").1, Some(4));
        assert_eq!(decoded(b"cn: a\n \xA9\n").1, Some(7));
    }

    #[test]
    fn sees_what_a_wrong_decoding_leaves() {
        let all = |text| {
            let mut out = Vec::new();
            oddities(text, |what, at| out.push((what, at)));
            out
        };
        assert_eq!(all("a\u{1}b\n"), [("controls", 1)]);
        assert_eq!(all("Ã©l"), [("mojibake", 2)]);
        assert_eq!(all("x\u{FFFD}"), [("replacements", 1)]);
        assert!(all("Élève à Nîmes, 12 € ÃB").is_empty());
    }
}
