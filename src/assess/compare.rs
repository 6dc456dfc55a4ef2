//! Whether two reports may be set side by side.
//!
//! Depends on the report model only. Must never rank what does not compare: a comparison that cannot
//! be defended is worse than none.

use crate::report::model::Report;

/// Why two reports do not compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Incomparable {
    /// Not the same requirements, or not tailored alike.
    Ruleset,
    /// Not the same scoring model.
    Model,
    /// Not the same profile.
    Profile,
    /// Not the same domains: verdict and numbers are of the perimeter only.
    Perimeter,
}

/// Every reason not to compare two reports; none when they compare.
#[must_use]
pub fn comparable(a: &Report, b: &Report) -> Vec<Incomparable> {
    let domains = |r: &Report| {
        let mut domains = r.target.perimeter.clone();
        domains.sort_unstable();
        domains.dedup();
        domains
    };
    [
        (a.ruleset.hash != b.ruleset.hash, Incomparable::Ruleset),
        (a.assessment.model != b.assessment.model, Incomparable::Model),
        (a.ruleset.profile != b.ruleset.profile, Incomparable::Profile),
        (domains(a) != domains(b), Incomparable::Perimeter),
    ]
    .into_iter()
    .filter_map(|(differs, why)| differs.then_some(why))
    .collect()
}
