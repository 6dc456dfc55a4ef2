//! MEF codes, 11 characters (aaf.md §6.4): digits but for the characters 7 and 10, counted from 0.

pub(super) fn mef(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 11 && b.iter().enumerate().all(|(i, c)| c.is_ascii_digit() || (matches!(i, 7 | 10) && c.is_ascii_uppercase()))
}

/// The current year (character 9) does not exceed the duration (character 8). Judges MEFs only.
pub(super) fn mef_annee(text: &str) -> bool {
    !mef(text) || text.as_bytes()[9] <= text.as_bytes()[8]
}

#[test]
fn shape_and_year() {
    assert!(mef("10010012110") && !mef("2411A0A211A") && mef("2411000A21A"));
    assert!(mef_annee("10010012110") && !mef_annee("10010012120") && mef_annee("pas un MEF"));
}
