//! What parsers of XML share: references to characters, and what is odd about them.

use quick_xml::events::BytesRef;

use crate::source::feed::Fault;

/// What a reference stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Referred {
    /// A character.
    Character(char),
    /// An entity that nothing declares: only the five of XML are known.
    Undeclared,
    /// Nothing that XML allows.
    Broken,
}

/// Resolves a reference. `before` is the last character of the text it stands in; `odd` is told what shows a wrong
/// decoding or may not stand in XML.
pub fn referred(reference: &BytesRef<'_>, before: Option<char>, mut odd: impl FnMut(Fault)) -> Referred {
    match (reference.resolve_char_ref(), &**reference) {
        (Ok(Some(c)), _) => {
            if (c.is_control() && !matches!(c, '\t' | '\n' | '\r')) || matches!(c, '\u{FFFE}' | '\u{FFFF}') {
                odd("controls");
            }
            if c == char::REPLACEMENT_CHARACTER {
                odd("replacements");
            }
            // UTF-8 read as Latin-1, then written as references: « é » is `&#195;&#169;`.
            if matches!(c, '\u{80}'..='\u{BF}') && matches!(before, Some('Ã' | 'Â')) {
                odd("mojibake");
            }
            Referred::Character(c)
        }
        (Err(_), _) => Referred::Broken,
        (_, b"amp") => Referred::Character('&'),
        (_, b"lt") => Referred::Character('<'),
        (_, b"gt") => Referred::Character('>'),
        (_, b"apos") => Referred::Character('\''),
        (_, b"quot") => Referred::Character('"'),
        (_, _) => Referred::Undeclared,
    }
}
