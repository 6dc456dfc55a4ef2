//! `xs:date` (XML Schema part 2, §3.2.9) as libxml2 reads it: no space around, a year of four digits or more, never 0000.

use jiff::civil::Date;

/// A day that exists, with or without a time zone.
#[must_use]
pub fn xs_date(text: &str) -> bool {
    let (year, rest) = {
        let digits = text.strip_prefix('-').unwrap_or(text);
        let Some((year, rest)) = digits.split_once('-') else { return false };
        (year, rest)
    };
    let wide = year.len() > 4;
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if year.len() < 4 || !digits(year) || (wide && year.starts_with('0')) || year.bytes().all(|b| b == b'0') {
        return false;
    }
    let (Some(day), Some(zone)) = (rest.get(..5), rest.get(5..)) else { return false };
    let Some((month, day)) = day.split_once('-') else { return false };
    if month.len() != 2 || !digits(month) || !digits(day) {
        return false;
    }
    // Whether it is a leap year repeats every 400 years, so the last four digits tell. Before our era libxml2
    // counts with the number as it is written.
    let number = year.bytes().fold(0u32, |n, b| (n * 10 + u32::from(b - b'0')) % 400) as i16 + 400;
    let month_day = month.parse().ok().zip(day.parse().ok());
    month_day.is_some_and(|(m, d)| Date::new(number, m, d).is_ok()) && is_zone(zone)
}

/// The date of the plain form, `yyyy-mm-dd`.
#[must_use]
pub fn plain(text: &str) -> Option<Date> {
    if text.len() == 10 && xs_date(text) { text.parse().ok() } else { None }
}

fn is_zone(zone: &str) -> bool {
    if zone.is_empty() || zone == "Z" {
        return true;
    }
    let Some((hours, minutes)) = zone.strip_prefix(['+', '-']).and_then(|z| z.split_once(':')) else { return false };
    let two = |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u8>().unwrap_or(99));
    matches!((two(hours), two(minutes)), (Some(h), Some(m)) if (h < 14 && m < 60) || (h == 14 && m == 0))
}

#[test]
fn days() {
    for good in ["2008-02-29", "2008-02-29Z", "2008-02-29+02:00", "2008-02-29-14:00", "12008-01-01", "-0044-03-15", "2999-01-01"] {
        assert!(xs_date(good), "{good}");
    }
    for bad in
        ["", " 2008-02-29", "2008-02-29 ", "29/02/2008", "2008-02-30", "2009-02-29", "2008-02-29T00:00:00", "0000-02-28", "208-01-01"]
    {
        assert!(!xs_date(bad), "{bad}");
    }
    for bad in ["02008-01-01", "2008-1-01", "2008-01-1", "2008-01-01+14:30", "2008-01-01+2:00", "+2008-01-01", "2008-13-01", "é008-01-01"]
    {
        assert!(!xs_date(bad), "{bad}");
    }
}
