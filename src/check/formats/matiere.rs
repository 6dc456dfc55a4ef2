//! Subject codes, 6 characters (aaf.md §6.5).

pub(super) fn matiere(text: &str) -> bool {
    let b = text.as_bytes();
    b.len() == 6 && b.iter().enumerate().all(|(i, c)| c.is_ascii_digit() || (matches!(i, 2 | 3) && c.is_ascii_uppercase()))
}

#[test]
fn shape() {
    assert!(matiere("061300") && matiere("03X201") && matiere("03A201"));
    assert!(!matiere("61300") && !matiere("A61300") && !matiere("06130A"));
}
