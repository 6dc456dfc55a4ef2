//! The forms under which two writings of one text are one key: `|fold`, `|date`, `|trim`, `|dn`, `|dn$`, `|groupe` of a selector.
//!
//! Texts in, texts out, copied only where the form asks for it. Must never decide what is compared with what.

use std::borrow::Cow;

use super::text::{day, folded};
use crate::source::annuaire::dn;

/// What a selector may name.
pub const EXPECTED: &str = "a form is |fold, |date, |trim, |dn, |dn$ or |groupe";

/// The form under which a part is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    Written,
    Folded,
    Day,
    Trimmed,
    /// The name of an entry, under its normal form; what is not a name gives no key.
    Named,
    /// The code of a class or group in the name of its entry, where that has the number of the school before it.
    Group,
    /// The same, when fields come after the name: what follows a `$` in its last RDN is left out.
    NamedFirst,
}

impl Form {
    /// The form of that name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "fold" => Self::Folded,
            "date" => Self::Day,
            "trim" => Self::Trimmed,
            "dn" => Self::Named,
            "dn$" => Self::NamedFirst,
            "groupe" => Self::Group,
            _ => return None,
        })
    }
}

/// A text under a form; none when it has no such form, or nothing is left of it.
pub fn formed(text: &str, form: Form) -> Option<Cow<'_, str>> {
    let text = match form {
        Form::Written => Cow::Borrowed(text),
        Form::Trimmed => Cow::Borrowed(trimmed(text)),
        Form::Folded => Cow::Owned(folded(text)),
        Form::Day => Cow::Owned(day(text)?),
        Form::Named => dn::normalised(text)?,
        Form::Group => dn::group_code(text)?,
        Form::NamedFirst => dn::normalised(name_first(text))?,
    };
    (!text.is_empty()).then_some(text)
}

/// A composite value that starts with a name, up to what follows it: a `$` before the last comma is part of the name.
fn name_first(text: &str) -> &str {
    let last = text.rfind(',').map_or(0, |comma| comma + 1);
    text[last..].find('$').map_or(text, |dollar| &text[..last + dollar])
}

/// Nearly all texts start and end with a letter or a digit.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}
