//! Follows a login page to its end, as a browser without scripts would, and says what was met.
//!
//! Everything is asked through [`super::probe::Ask`]. Must never post a password anywhere but at the origin that was declared for it,
//! nor twice in a run; must never request the address of a service; must never tell success from a status alone.

mod choose;
mod decide;
mod driver;
mod facts;
mod fill;
mod outcome;
mod page;
mod scan;
mod sieve;
mod steps;
#[cfg(test)]
mod tests;

pub use choose::{Choice, choose, token};
pub use driver::{Credentials, CredentialsError, Driver, Session};
pub use outcome::{By, Captured, Hop, HopKind, Interaction, Outcome, Run};
pub use page::{Button, Field, Form, Link, Page, Script, Words};
pub use steps::{Expect, FormRule, Interstitial, Login, Step, StepError, StepForm, Wayf};
