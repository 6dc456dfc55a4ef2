//! Telephone numbers as real exports write them (aaf.md §3).

pub(super) fn telephone(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('+') else { return false };
    french(rest) || super::digits(rest, 8, 15)
}

fn french(rest: &str) -> bool {
    let b = rest.as_bytes();
    b.len() == 16
        && rest.starts_with("33 ")
        && matches!(b[3], b'1'..=b'9')
        && b[4..].chunks(3).all(|c| c[0] == b' ' && c[1].is_ascii_digit() && c[2].is_ascii_digit())
}

#[test]
fn numbers() {
    assert!(telephone("+33 4 92 00 00 00") && telephone("+441234567890"));
    for bad in ["", "0492000000", "+33 0 92 00 00 00", "+33 4 92 00 00", "0123456789 -", "+33 4 92 00 00 é"] {
        assert!(!telephone(bad), "{bad}");
    }
}
