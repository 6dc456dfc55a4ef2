//! Our verdict on files: the requirements that say what the published schemas, and XML itself, refuse.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::LazyLock;
use std::sync::atomic::AtomicU64;

use conforment::engine::run;
use conforment::engine::worker::Settings;
use conforment::generate::Degree;
use conforment::privacy::Pseudonyms;
use conforment::rules::library::Library;
use conforment::rules::model::{Basis, Domain, Level, Requirement};
use conforment::rules::set::RuleSet;
use conforment::source::files::delivery::Opened;
use conforment::source::files::find;
use conforment::source::files::log::Damage;
use conforment::source::gar::{Delivery, Said};
use serde_json::Value;

/// What the schemas refuse is mandatory, but for what a later version of the primary one accepts and for the choice of the
/// schema by the name of the file.
const ALSO: [&str; 3] = ["GAR-XSD-1D-ELEVE-ETAB", "GAR-XSD-1D-ENSEIGNANT-ETAB", "GAR-PKG-05"];

static SET: LazyLock<RuleSet> = LazyLock::new(|| {
    let mut set = RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap();
    set.requirements.retain(of_schema);
    assert!(set.requirements.len() > 50);
    set
});

/// Whether a requirement says what the schemas or XML refuse.
fn of_schema(r: &Requirement) -> bool {
    let from = |source: &str| r.sources.iter().any(|s| s == source);
    let schema = r.basis == Basis::Schema && (from("gar-xsd-2d") || from("gar-xsd-1d"));
    let xml = r.basis == Basis::Norme && from("xml-1.0");
    r.domain == Domain::Gar && (ALSO.contains(&r.id.as_str()) || (r.level == Level::Obligatoire && (schema || xml)))
}

/// What we say of one file.
#[derive(Debug, Default, PartialEq)]
pub struct Judged {
    /// Requirements that fail in it, with the lines.
    pub faults: BTreeSet<(String, Option<u64>)>,
    /// Why a part of it is not known.
    pub damage: Option<Damage>,
    /// Its facts.
    pub facts: Value,
}

impl Judged {
    /// Nothing fails and nothing is undetermined.
    pub fn valid(&self) -> bool {
        self.faults.is_empty() && self.damage.is_none()
    }
}

/// Judges the files of a directory, each for itself.
pub fn judged(dir: &Path, degree: Degree, chunk: Option<usize>) -> BTreeMap<String, Judged> {
    let settings = Settings { seed: 5, cap: 1 << 20, pseudonyms: Pseudonyms::new([3; 32]) };
    let options = run::Options { threads: 2, settings, today: jiff::civil::date(2026, 9, 20), degree: Some(degree), apart: Vec::new() };
    let mut all: BTreeMap<String, Judged> = BTreeMap::new();
    for mut delivery in find::find::<Said>(dir).unwrap() {
        delivery.chunk = chunk.unwrap_or(delivery.chunk);
        one(delivery, &options, &mut all);
    }
    all
}

fn one(delivery: Delivery, options: &run::Options, all: &mut BTreeMap<String, Judged>) {
    let audited = run::deliveries(&[&Opened::new(delivery)], &SET, options, &AtomicU64::new(0)).unwrap();
    for file in &audited.parts[0].facts.files {
        let judged = Judged { faults: BTreeSet::new(), damage: file.damage, facts: file.facts.clone() };
        assert!(all.insert(file.path.clone(), judged).is_none());
    }
    for outcome in &audited.outcomes {
        for finding in &outcome.findings {
            let file = finding.file.as_ref().expect("of a file");
            all.get_mut(file).unwrap().faults.insert((outcome.requirement.clone(), finding.line));
        }
    }
}
