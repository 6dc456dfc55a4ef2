//! National pupil identifiers, the four known shapes (aaf.md §6.3). The key of the RNIE shape is not
//! published: only its alphabet is checked.

use super::{digits, has_key_letter};

pub(super) fn ine(text: &str) -> bool {
    text.len() == 11 && text.is_ascii() && (rnie(text) || has_key_letter(text, 10) || nne(text) || apprentice(text))
}

fn rnie(text: &str) -> bool {
    digits(&text[..9], 9, 9) && text[9..].bytes().all(|b| matches!(b, b'A'..=b'H' | b'J' | b'K'))
}

/// Ten base-36 characters and a digit: the first nine weigh 6, the tenth 1, modulo 10.
fn nne(text: &str) -> bool {
    let value = |b: u8| match b {
        b'0'..=b'9' => Some(u32::from(b - b'0')),
        b'A'..=b'Z' => Some(u32::from(b - b'A') + 10),
        _ => None,
    };
    let b = text.as_bytes();
    let first: Option<u32> = b[..9].iter().map(|c| value(*c)).sum();
    matches!((first, value(b[9])), (Some(sum), Some(last)) if b[10].is_ascii_digit() && (6 * sum + last) % 10 == u32::from(b[10] - b'0'))
}

fn apprentice(text: &str) -> bool {
    digits(&text[..4], 4, 4) && &text[4..5] == "A" && digits(&text[5..10], 5, 5) && text.as_bytes()[10].is_ascii_uppercase()
}

#[test]
fn shapes_and_keys() {
    for good in ["123456789AB", "0123456789M", "1234567890V", "0ABCDEFGHI6", "1234A56789Z"] {
        assert!(ine(good), "{good}");
    }
    for bad in ["", "123456789IB", "0123456789A", "0ABCDEFGHI7", "12345", "éééééé", "123456789ab"] {
        assert!(!ine(bad), "{bad}");
    }
}
