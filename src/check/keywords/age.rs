//! `age: {min, max}`, `notFuture: true` and `monthsPast: {over, max}` on a date, counted at the date of the delivery.
//! What is not a date is another requirement's business.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use jiff::civil::Date;
use jsonschema::json::{Json, Node};
use jsonschema::{Keyword, ValidationError};

use crate::check::formats::{date_fr, xs_date};

/// The date that ages are counted at: set for each delivery, read by every keyword of a worker.
#[derive(Clone, Debug, Default)]
pub struct ReferenceDate(Arc<AtomicI32>);

impl ReferenceDate {
    /// Sets it.
    pub fn set(&self, date: Date) {
        let packed = i32::from(date.year()) * 10_000 + i32::from(date.month()) * 100 + i32::from(date.day());
        self.0.store(packed, Ordering::Relaxed);
    }

    fn packed(&self) -> i32 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The keyword: bounds in whole years; `min: 0` alone is `notFuture`.
pub struct Age {
    min: i32,
    max: i32,
    reference: ReferenceDate,
}

impl Age {
    /// Between `min` and `max` years, both included.
    #[must_use]
    pub fn new(min: i32, max: i32, reference: ReferenceDate) -> Self {
        Self { min, max, reference }
    }
}

impl<'i, F: Json> Keyword<'i, F> for Age {
    fn validate(&self, instance: F::Node<'i>) -> Result<(), ValidationError<'i>> {
        if Keyword::<F>::is_valid(self, instance) { Ok(()) } else { Err(super::failure("")) }
    }

    fn is_valid(&self, instance: F::Node<'i>) -> bool {
        let reference = self.reference.packed();
        let Some(birth) = instance.as_string().and_then(|s| date_fr::parse(&s).or_else(|| xs_date::plain(&s))) else { return true };
        if reference == 0 {
            return true;
        }
        let birth = i32::from(birth.year()) * 10_000 + i32::from(birth.month()) * 100 + i32::from(birth.day());
        // Packed as yyyymmdd, the difference divided by ten thousand is the age in whole years.
        let age = (reference - birth).div_euclid(10_000);
        (self.min..=self.max).contains(&age)
    }
}

/// The keyword `monthsPast`: how many months ago a day was.
pub struct MonthsPast {
    over: Option<i32>,
    max: Option<i32>,
    reference: ReferenceDate,
}

impl MonthsPast {
    /// More than `over` months ago, and no more than `max`.
    #[must_use]
    pub fn new(over: Option<i32>, max: Option<i32>, reference: ReferenceDate) -> Self {
        Self { over, max, reference }
    }
}

impl<'i, F: Json> Keyword<'i, F> for MonthsPast {
    fn validate(&self, instance: F::Node<'i>) -> Result<(), ValidationError<'i>> {
        if Keyword::<F>::is_valid(self, instance) { Ok(()) } else { Err(super::failure("")) }
    }

    fn is_valid(&self, instance: F::Node<'i>) -> bool {
        let reference = self.reference.packed();
        let Some(date) = instance.as_string().and_then(|s| any_day(&s)) else { return true };
        let past = |months: i32| reference > later(date, months);
        reference == 0 || (self.over.is_none_or(past) && self.max.is_none_or(|months| !past(months)))
    }
}

/// That day so many months later, as `yyyymmdd`. The 31st of a month that has thirty is after its last day and before the next.
fn later(date: Date, months: i32) -> i32 {
    let month = i32::from(date.month()) - 1 + months.clamp(-12_000, 12_000);
    (i32::from(date.year()) + month.div_euclid(12)) * 10_000 + (month.rem_euclid(12) + 1) * 100 + i32::from(date.day())
}

/// A day in any of the forms that directories write: `dd/mm/yyyy`, `yyyy-mm-dd`, `yyyymmdd`, or that followed by a time (RFC 4517,
/// 3.3.13).
fn any_day(text: &str) -> Option<Date> {
    date_fr::parse(text).or_else(|| xs_date::plain(text)).or_else(|| {
        let (day, time) = text.split_at_checked(8)?;
        let (clock, zone) = time.find(['Z', '+', '-']).map_or((time, ""), |at| time.split_at(at));
        let numbers = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        let clock = clock.split(['.', ',']).all(numbers);
        let zone = matches!(zone, "" | "Z") || (matches!(zone.len(), 3 | 5) && zone.starts_with(['+', '-']) && numbers(&zone[1..]));
        (clock && zone && numbers(day)).then(|| xs_date::plain(&format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..])))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_day_is_read_in_every_form() {
        for same in ["05/06/2026", "2026-06-05", "20260605", "20260605120000Z", "202606051200+0200", "20260605120000.5Z"] {
            assert_eq!(any_day(same), Some(date(2026, 6, 5)), "{same}");
        }
        for other in ["", "2026", "20260631", "20260605é", "20260605T12", "20260605+2", "1780000000000", "O", "20260605Z0"] {
            assert_eq!(any_day(other), None, "{other}");
        }
    }

    #[test]
    fn months_end_on_the_same_day() {
        assert_eq!(later(date(2026, 6, 5), 3), 20_260_905);
        assert_eq!(later(date(2026, 11, 30), 3), 20_270_230);
        assert_eq!(later(date(2026, 1, 31), -2), 20_251_131);
    }
}
