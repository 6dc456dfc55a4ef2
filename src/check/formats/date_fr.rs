//! Dates `dd/mm/yyyy` (aaf.md §3), and the day numbers that ages are computed with.

use jiff::civil::Date;

/// A day that exists, written `dd/mm/yyyy`.
#[must_use]
pub fn date_fr(text: &str) -> bool {
    parse(text).is_some()
}

/// The date, when it is one. Years 1 to 9999.
#[must_use]
pub fn parse(text: &str) -> Option<Date> {
    let b = text.as_bytes();
    if b.len() != 10 || b[2] != b'/' || b[5] != b'/' {
        return None;
    }
    let number =
        |range: std::ops::Range<usize>| b[range].iter().try_fold(0i16, |n, c| c.is_ascii_digit().then(|| n * 10 + i16::from(c - b'0')));
    let (day, month, year) = (number(0..2)?, number(3..5)?, number(6..10)?);
    if year == 0 {
        return None;
    }
    Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
}

#[test]
fn calendar() {
    assert!(date_fr("29/02/2024") && date_fr("01/01/1900"));
    for bad in ["29/02/2023", "31/12/0000", "1/1/2020", "2020-01-01", "", "99/99/9999", "ab/cd/efgh", "0é/01/202"] {
        assert!(!date_fr(bad), "{bad}");
    }
}
