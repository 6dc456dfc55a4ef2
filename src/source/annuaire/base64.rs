//! Base64 as LDIF writes it (RFC 4648): padded, without anything else among the letters.

/// Adds what `text` stands for to `out`; false when it is not base64.
#[must_use]
pub fn decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    if !text.len().is_multiple_of(4) {
        return false;
    }
    let padding = text.iter().rev().take(2).take_while(|b| **b == b'=').count();
    let letters = &text[..text.len() - padding];
    let mut bits = 0u32;
    for (i, byte) in letters.iter().enumerate() {
        let Some(six) = six_bits(*byte) else { return false };
        bits = bits << 6 | u32::from(six);
        if i % 4 == 3 {
            out.extend_from_slice(&bits.to_be_bytes()[1..]);
            bits = 0;
        }
    }
    // The bits that padding leaves over are zero, or two texts would stand for the same bytes.
    match padding {
        1 if bits & 3 == 0 => out.extend_from_slice(&(bits << 6).to_be_bytes()[1..3]),
        2 if bits & 15 == 0 => out.push((bits >> 4) as u8),
        0 => {}
        _ => return false,
    }
    true
}

fn six_bits(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_is_base64_and_nothing_else() {
        for (text, wanted) in [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob"), ("w6k=", "é")] {
            let mut out = Vec::new();
            assert!(decode(text.as_bytes(), &mut out), "{text}");
            assert_eq!(out, wanted.as_bytes());
        }
        for wrong in ["Z", "Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zm 9", "Zh==", "Zm9=", "Zg=a", "Z\ng="] {
            assert!(!decode(wrong.as_bytes(), &mut Vec::new()), "{wrong}");
        }
    }
}
