//! Forms under which two writings of the same name or date compare equal. For comparing only: never shown.

use unicode_normalization::UnicodeNormalization;

use super::formats::{date_fr, xs_date};

/// Capitals, without accents, letters and digits only: « Éléonore-Anne d'Œ » is `ELEONOREANNEDOE`.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.bytes().filter(u8::is_ascii_alphanumeric).map(|b| b.to_ascii_uppercase() as char).collect();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| c.is_alphanumeric()).flat_map(char::to_uppercase) {
        match c {
            'Œ' => out.push_str("OE"),
            'Æ' => out.push_str("AE"),
            'Ø' => out.push('O'),
            'Ł' => out.push('L'),
            c => out.push(c),
        }
    }
    out
}

/// Small letters for capitals and capitals for small letters; those of ASCII only.
#[must_use]
pub fn other_case(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
}

/// `yyyymmdd` of a day written `dd/mm/yyyy` or `yyyy-mm-dd`.
#[must_use]
pub fn day(text: &str) -> Option<String> {
    let date = date_fr::parse(text).or_else(|| xs_date::plain(text))?;
    Some(format!("{:04}{:02}{:02}", date.year(), date.month(), date.day()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_writings_of_a_name_are_one() {
        for same in ["Éléonore-Anne", "ELEONORE ANNE", "eléonore  anne", "E\u{301}le\u{301}onore\u{a0}Anne"] {
            assert_eq!(folded(same), "ELEONOREANNE");
        }
        assert_eq!((folded("d'Œuvre"), folded("Straße"), folded("--")), ("DOEUVRE".into(), "STRASSE".into(), String::new()));
    }

    #[test]
    fn two_writings_of_a_day_are_one() {
        assert_eq!((day("29/02/2008"), day("2008-02-29")), (Some("20080229".into()), Some("20080229".into())));
        assert_eq!((day("2008-02-30"), day("2008"), day("2008-02-29Z")), (None, None, None));
    }
}
