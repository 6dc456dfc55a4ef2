//! Addresses since SDET v5 (2015): exactly four `$`-separated lines (aaf.md §3).

pub(super) fn quatre_lignes(text: &str) -> bool {
    memchr::memchr_iter(b'$', text.as_bytes()).count() == 3
}

#[test]
fn lines() {
    assert!(quatre_lignes("$$$") && quatre_lignes("$$12 RUE X$"));
    assert!(!quatre_lignes("12 RUE X") && !quatre_lignes("$$$$"));
}
