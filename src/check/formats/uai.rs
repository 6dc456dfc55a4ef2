//! UAI, formerly RNE (aaf.md §6.1): 7 digits and a key letter, the number modulo 23.

/// 7 digits and the right letter.
pub(super) fn uai(text: &str) -> bool {
    super::has_key_letter(text, 7)
}

/// 7 digits and a capital letter, right or not.
#[must_use]
pub fn uai_forme(text: &str) -> bool {
    text.is_ascii() && text.len() == 8 && super::digits(&text[..7], 7, 7) && text.as_bytes()[7].is_ascii_uppercase()
}

/// The letter that 7 digits call for.
#[must_use]
pub fn key_letter(number: u32) -> char {
    char::from(super::KEY_LETTERS[(number % 23) as usize])
}

#[test]
fn key() {
    for good in ["0951099D", "0352318E", "0291595B", "0290009C", "0562038L", "0460745K", "0011363B", "0753639Y"] {
        assert!(uai(good) && uai_forme(good), "{good}");
    }
    for bad in ["0690000X", "0123456A", "0000000V"] {
        assert!(!uai(bad) && uai_forme(bad), "{bad}");
    }
    for bad in ["", "0690000", "069000xx", "é690000X", "06900000X"] {
        assert!(!uai(bad) && !uai_forme(bad), "{bad}");
    }
    assert_eq!(key_letter(951_099), 'D');
}
