//! SIRET (aaf.md §6.2): 14 digits whose Luhn sum is a multiple of ten. La Poste's own exception is of
//! no use here.

pub(super) fn siret(text: &str) -> bool {
    super::digits(text, 14, 14) && luhn(text.as_bytes())
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(i, d)| {
            let n = u32::from(d - b'0');
            if i % 2 == 0 { n } else { (2 * n) / 10 + (2 * n) % 10 }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[test]
fn luhn_key() {
    assert!(siret("19940072200013") && siret("19290009000015"));
    for bad in ["10000000000000", "1994007220001", "=9940072200013", ""] {
        assert!(!siret(bad), "{bad}");
    }
}
