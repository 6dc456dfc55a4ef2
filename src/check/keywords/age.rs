//! `age: {min, max}` and `notFuture: true` on a date, `dd/mm/yyyy` or `yyyy-mm-dd`, counted at the date of the delivery.
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
