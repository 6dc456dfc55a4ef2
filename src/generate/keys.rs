//! Keys of national identifiers, computed the other way round from the checks: here to be right by
//! construction. Depends on nothing.

use std::fmt::Write as _;

const LETTERS_23: &[u8; 23] = b"ABCDEFGHJKLMNPRSTUVWXYZ";

/// Department of every synthetic structure. `020` was Corsica until 1976: no structure has carried it since,
/// so that no real school can be taken for one of ours.
pub const DEPARTMENT: &str = "020";

/// UAI of a number from 0 to 9999, with its key letter.
pub fn uai(number: u32) -> String {
    let digits = 20 * 10_000 + number % 10_000;
    format!("{digits:07}{}", char::from(LETTERS_23[digits as usize % 23]))
}

/// SIRET of a school of a number from 0 to 9999: both the first nine digits and the whole satisfy Luhn.
pub fn siret(number: u32) -> String {
    siret_of(1_920, number)
}

/// SIRET of a number from 0 to 9999, the first four digits given.
pub fn siret_of(first: u32, number: u32) -> String {
    let mut out = format!("{:04}{:04}", first % 10_000, number % 10_000);
    push_luhn(&mut out);
    out.push_str("0001");
    push_luhn(&mut out);
    out
}

/// Adds the digit that makes the Luhn sum a multiple of ten.
fn push_luhn(digits: &mut String) {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, b)| {
            let d = u32::from(b - b'0');
            if i % 2 == 0 { d * 2 / 10 + d * 2 % 10 } else { d }
        })
        .sum();
    let _ = write!(digits, "{}", (10 - sum % 10) % 10);
}

/// INE of the RNIE shape, unique: `rank` is below 10⁹ and multiplication by an odd number that is no
/// multiple of five permutes the residues modulo 10⁹. The letters are free.
pub fn ine(rank: u64, letters: [u32; 2]) -> String {
    const ALPHABET: &[u8; 10] = b"ABCDEFGHJK";
    let digits = (rank % 1_000_000_000) * 618_033_989 % 1_000_000_000;
    let [a, b] = letters.map(|l| char::from(ALPHABET[l as usize % 10]));
    format!("{digits:09}{a}{b}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn key_letters_follow_the_published_algorithm() {
        for known in ["0951099D", "0352318E", "0291595B"] {
            let n: usize = known[..7].parse().expect("digits");
            assert_eq!(char::from(LETTERS_23[n % 23]), known.chars().last().expect("letter"));
        }
        assert!(uai(12).starts_with(DEPARTMENT) && uai(12).len() == 8);
    }

    #[test]
    fn siret_satisfies_luhn_twice() {
        fn luhn(text: &str) -> u32 {
            let digit = |i: usize, b: u8| {
                let d = u32::from(b - b'0') * (1 + i as u32 % 2);
                d / 10 + d % 10
            };
            text.bytes().rev().enumerate().map(|(i, b)| digit(i, b)).sum::<u32>() % 10
        }
        for (n, s) in [0, 1, 77, 9_999].into_iter().flat_map(|n| [(n, siret(n)), (n, siret_of(2_196, n))]) {
            assert!(s[4..].starts_with(&format!("{n:04}")));
            assert_eq!((s.len(), luhn(&s), luhn(&s[..9])), (14, 0, 0), "{s}");
        }
    }

    #[test]
    fn ine_are_unique() {
        let all: HashSet<String> = (0..100_000).map(|i| ine(i, [0, 0])).collect();
        assert_eq!(all.len(), 100_000);
    }
}
