//! Runs the examples of requirements through the engine itself: what passes must pass, what fails must fail.

use serde_json::{Map, Value};

use super::facts::FactsProgram;
use super::locate::{Lines, Locator, Seeker, Wanted};
use super::plan::{How, Plan, kind_count};
use super::sighting::Tally;
use super::store::Store;
use super::verdict::{self, Coverage, Seen};
use super::worker::{Entry, Settings, Worker};
use crate::check::schema::Schemas;
use crate::outcome::Verdict;
use crate::privacy::Pseudonyms;
use crate::rules::model::{Check, Requirement};
use crate::rules::set::RuleSet;
use crate::source::Kind;
use crate::source::place::Place;
use crate::source::record::{Buffers, Record, intern};

/// An example that does not do what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Requirement.
    pub requirement: String,
    /// `examples/pass/0`…
    pub example: String,
    /// What happened instead.
    pub why: String,
}

/// The outcome of one example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ran {
    Passed,
    Failed,
    NotExamined,
}

/// Runs every example of a set; the number run, and those that do not do what they say.
#[must_use]
pub fn run(set: &RuleSet) -> (usize, Vec<Broken>) {
    let (mut count, mut broken) = (0, Vec::new());
    for requirement in &set.requirements {
        let groups = [("pass", &requirement.examples.pass, Ran::Passed), ("fail", &requirement.examples.fail, Ran::Failed)];
        for (name, examples, expected) in groups {
            for (i, example) in examples.iter().enumerate() {
                count += 1;
                let why = match run_one(requirement, example, set) {
                    Ok(ran) if ran == expected => continue,
                    Ok(Ran::NotExamined) => "nothing was examined: `where` leaves the example out".to_owned(),
                    Ok(Ran::Passed) => "passes and should fail".to_owned(),
                    Ok(Ran::Failed) => "fails and should pass".to_owned(),
                    Err(why) => why,
                };
                broken.push(Broken { requirement: requirement.id.clone(), example: format!("examples/{name}/{i}"), why });
            }
        }
    }
    (count, broken)
}

fn run_one(requirement: &Requirement, example: &Value, set: &RuleSet) -> Result<Ran, String> {
    let schemas = Schemas { vocabulary: set.vocabulary.clone(), ..Schemas::default() };
    let date = jiff::civil::date(2026, 9, 1);
    match &requirement.check {
        Check::Attestation(_) => Ok(Ran::NotExamined),
        Check::Facts(check) => {
            schemas.reference.set(date);
            let program = FactsProgram::new(check, &schemas).map_err(|e| e.to_string())?;
            let mut tally = Tally::default();
            program.judge(example, None, 1, &mut tally);
            Ok(ran(tally.examined, tally.failures))
        }
        Check::Records(_) => records(requirement, example, &schemas, date),
    }
}

fn ran(examined: u64, failures: u64) -> Ran {
    match (examined, failures) {
        (_, 1..) => Ran::Failed,
        (0, 0) => Ran::NotExamined,
        _ => Ran::Passed,
    }
}

fn records(requirement: &Requirement, example: &Value, schemas: &Schemas, date: jiff::civil::Date) -> Result<Ran, String> {
    let plan = Plan::new(std::iter::once(requirement)).map_err(|e| e.to_string())?;
    let settings = Settings { seed: 42, cap: 10, pseudonyms: Pseudonyms::new([0; 32]) };
    intern("@request");
    let mut worker = Worker::new(&plan, schemas, settings.clone()).map_err(|e| e.to_string())?;
    worker.set_reference(date);
    let planned = &plan.checks[0];
    let entries = match (&planned.how, example) {
        (How::Assert, one) => vec![(planned.kinds[0], one.clone())],
        (_, Value::Object(kinds)) => by_kind(kinds)?,
        _ => return Err("an object of lists of records by kind is expected".to_owned()),
    };
    let names = worker.names().clone();
    let mut store = Store::new(&plan);
    let each = |visit: &mut dyn FnMut(&Record<'_>, Entry)| {
        for (kind, json) in &entries {
            let mut json = json.clone();
            if let Some(object) = json.as_object_mut() {
                object.entry("@request").or_insert_with(|| "add".into());
            }
            let request = json["@request"].as_str().unwrap_or_default().to_owned();
            let mut record = Record::over("", Buffers::default(), &names);
            record.fill(&names, &json);
            // What modifies or deletes comes in a Delta, after what adds.
            let entry = Entry { kind: kind.0, delete: request == "delete", superseded: false, layer: u16::from(request != "add") };
            visit(&record, entry);
        }
    };
    each(&mut |record, entry| worker.visit(record, entry, &store, &|_| Place::default()));
    let gathered = worker.take_gathered();
    store.absorb(&plan, vec![gathered]);
    store.complete(&plan, |_| true);
    store.compare(&plan);
    let (known, without_keys) = (store.known(&plan), store.without_keys(&plan));
    let at_fault = store.at_fault(&plan);
    let counts = worker.finish();
    let wanted = Wanted::of(at_fault);
    let mut seeker = Seeker::new(&plan, schemas, settings.seed, &wanted).map_err(|e| e.to_string())?;
    let (judged, mut locator) = (vec![false; plan.checks.len()], Locator::new(&plan, settings, &wanted));
    each(&mut |record, entry| seeker.visit(record, entry, &judged, &mut Lines::new("", Place::default())));
    locator.take(0, seeker.take());
    for (mine, theirs) in worker.tallies.iter_mut().zip(locator.tallies) {
        mine.absorb(theirs, 10);
    }
    for (tally, (examined, passed_over)) in worker.tallies.iter_mut().zip(known) {
        tally.examined += examined;
        tally.passed_over += passed_over;
    }
    let seen = Seen {
        coverage: &vec![Coverage::Whole; kind_count()],
        records: &counts,
        tallies: &worker.tallies,
        counted: &worker.counted,
        without_keys: &without_keys,
        previous_known: true,
        delta_alone: None,
    };
    let outcome = verdict::outcome(&plan, 0, &seen);
    // A syntax satisfied by the absence of a value is a pass; a `where` that leaves all out is not.
    let vacuous = matches!(planned.how, How::Assert) && planned.check.filter.is_none() && !planned.sees_deletes
        // So does a reference whose first parts are another requirement's business.
        || worker.tallies[0].passed_over > 0;
    Ok(match outcome.verdict {
        Verdict::Fail => Ran::Failed,
        Verdict::Pass => Ran::Passed,
        _ if vacuous => Ran::Passed,
        _ => Ran::NotExamined,
    })
}

fn by_kind(kinds: &Map<String, Value>) -> Result<Vec<(Kind, Value)>, String> {
    let mut all = Vec::new();
    for (name, list) in kinds {
        let kind = Kind::named(name).ok_or_else(|| format!("no source gives records `{name}`"))?;
        let list = list.as_array().ok_or_else(|| format!("{name}: a list of records is expected"))?;
        all.extend(list.iter().map(|record| (kind, record.clone())));
    }
    Ok(all)
}
