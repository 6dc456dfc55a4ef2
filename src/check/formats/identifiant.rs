//! Identifiers of AAF entries (aaf.md §3: 1 to 10 digits; consumers parse 32 or 64-bit integers).

pub(super) fn aaf_id(text: &str) -> bool {
    super::digits(text, 1, 10)
}

#[test]
fn shapes() {
    assert!(aaf_id("0") && aaf_id("1234567890"));
    assert!(!aaf_id("") && !aaf_id("12345678901") && !aaf_id("12 3") && !aaf_id("é1"));
}
