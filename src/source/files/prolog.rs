//! What the first bytes of an XML file say of its encoding.

use super::encoding::Encoding;

/// The encoding of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// As declared.
    pub label: Option<String>,
    /// As used.
    pub encoding: Encoding,
    /// Starts with the mark of UTF-8.
    pub bom: bool,
    /// Looks like UTF-16.
    pub utf16: bool,
}

impl Declared {
    /// From the first bytes.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        let bom = head.starts_with(b"\xEF\xBB\xBF");
        let utf16 = [&b"\xFF\xFE"[..], b"\xFE\xFF", b"<\0", b"\0<"].iter().any(|start| head.starts_with(start));
        let label = declared(&String::from_utf8_lossy(head));
        let encoding = match &label {
            // The mark tells the bytes, whatever is declared.
            _ if bom => Encoding::Utf8,
            _ if utf16 => Encoding::Unsupported,
            Some(label) => Encoding::declared(label),
            None => Encoding::Utf8,
        };
        Self { label, encoding, bom, utf16 }
    }
}

fn declared(text: &str) -> Option<String> {
    let declaration = text.trim_start_matches('\u{FEFF}').strip_prefix("<?xml")?.split_once("?>")?.0;
    let rest = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    rest[1..].split_once(quote).map(|(label, _)| label.to_owned())
}
