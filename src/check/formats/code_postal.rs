//! French postal codes (aaf.md §3); foreign codes occur in real exports.

pub(super) fn code_postal(text: &str) -> bool {
    super::digits(text, 5, 5)
}

#[test]
fn five_digits() {
    assert!(code_postal("01000") && !code_postal("1000") && !code_postal("2A004"));
}
