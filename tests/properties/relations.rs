//! Relations counted by the engine, and by hand.
//!
//! The hand knows nothing of hashes, groups, phases or second readings: it looks at every entry that no later
//! layer speaks of.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use conforment::outcome::Verdict;
use conforment::rules::set::RuleSet;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::feed::{self, CATEGORIES, Entry, How, PLAIN, audit, folder, outcome};

static SET: LazyLock<RuleSet> = LazyLock::new(|| {
    let r = |references: Value| json!({"records": "aaf.Eleve", "references": references});
    feed::set(&[
        ("R-ID", json!({"records": ["aaf.Eleve", "aaf.PersRelEleve", "aaf.EtabEducNat"], "unique": {"key": "@id"}})),
        ("R-PAIR", json!({"records": "aaf.Eleve", "unique": {"key": ["@id", "A"]}})),
        ("R-LATER", r(json!({"key": "A", "to": "aaf.PersRelEleve", "by": "@id"}))),
        ("R-EARLIER", json!({"records": "aaf.EtabEducNat", "references": {"key": "A", "to": "aaf.Eleve", "by": "@id"}})),
        ("R-BOTH", json!({"records": ["aaf.Eleve", "aaf.EtabEducNat"], "references": {"key": "A", "to": "aaf.PersRelEleve", "by": "B"}})),
        ("R-SELF", r(json!({"key": "B", "to": "aaf.Eleve", "by": "@id"}))),
        ("R-ABSENT", r(json!({"key": "A", "to": "aaf.EtabEducNat", "by": "@id", "absent": true}))),
        ("R-WHERE", r(json!({"key": "A", "to": "aaf.EtabEducNat", "by": "@id", "where": {"required": ["B"]}}))),
        ("R-KNOWN", r(json!({"key": ["A", "B"], "to": "aaf.EtabEducNat", "by": ["A", "B"], "known_first": 1}))),
        (
            "R-BEFORE",
            json!({"records": ["aaf.Eleve"], "where": {"properties": {"@request": {"const": ["modify"]}}}, "references": {"key": "@id", "to": "aaf.Eleve", "by": "@id", "previous": true}}),
        ),
        ("R-SYM", json!({"records": "aaf.Eleve", "symmetric": {"key": ["@id", "A"], "with": "aaf.PersRelEleve", "by": ["A", "@id"]}})),
        ("R-DET", json!({"records": "aaf.Eleve", "determines": {"key": "A", "value": "B"}})),
        ("R-COUNT", json!({"records": "aaf.Eleve", "count": {"min": 3}})),
    ])
});

fn entry() -> impl Strategy<Value = Entry> {
    let values = || prop::collection::vec((0..5u8).prop_map(|n| if n == 4 { String::new() } else { n.to_string() }), 0..3);
    let request = prop_oneof![6 => Just("add"), 2 => Just("modify"), 1 => Just("delete")];
    (request, prop::sample::select(CATEGORIES.to_vec()), 0..5u8, values(), values()).prop_map(|(request, category, id, a, b)| {
        let filled = |v: Vec<String>| if v.is_empty() { vec![String::new()] } else { v };
        Entry { request, category, id: id.to_string(), attributes: vec![("A", filled(a)), ("B", filled(b))] }
    })
}

struct Live<'e> {
    layer: usize,
    entry: &'e Entry,
}

/// All entries in the order they are read: newest layer first.
fn all(layers: &[Vec<Entry>]) -> Vec<Live<'_>> {
    (0..layers.len()).rev().flat_map(|layer| layers[layer].iter().map(move |entry| Live { layer, entry })).collect()
}

struct Hand<'e> {
    all: Vec<Live<'e>>,
    newest: BTreeMap<(&'e str, &'e str), usize>,
}

impl<'e> Hand<'e> {
    fn new(layers: &'e [Vec<Entry>]) -> Self {
        let all = all(layers);
        let mut newest = BTreeMap::new();
        for live in &all {
            let known = newest.entry((live.entry.category, live.entry.id.as_str())).or_insert(live.layer);
            *known = live.layer.max(*known);
        }
        Self { all, newest }
    }

    /// Entries that count, of a category.
    fn of(&self, category: &'e str) -> Vec<&'e Entry> {
        let counts = |l: &&Live<'e>| {
            l.entry.category == category && l.entry.request != "delete" && self.newest[&(category, l.entry.id.as_str())] == l.layer
        };
        self.all.iter().filter(counts).map(|l| l.entry).collect()
    }

    fn pairs(a: &[&'e str], b: &[&'e str]) -> Vec<String> {
        a.iter().flat_map(|x| b.iter().map(move |y| format!("{x}|{y}"))).collect()
    }

    fn unique(&self, category: &'e str, key: impl Fn(&'e Entry) -> Vec<String>) -> u64 {
        let mut seen = BTreeSet::new();
        self.of(category).into_iter().flat_map(key).filter(|k| !seen.insert(k.clone())).count() as u64
    }

    fn missing(&self, from: &[&'e str], key: &str, to: &'e str, by: impl Fn(&'e Entry) -> Vec<&'e str>) -> u64 {
        let targets: BTreeSet<&str> = self.of(to).into_iter().flat_map(by).collect();
        let keys = from.iter().flat_map(|c| self.of(c)).flat_map(|e| e.values(key));
        keys.filter(|k| !targets.contains(k)).count() as u64
    }

    fn failures(&self, id: &str) -> u64 {
        let ident = |e: &'e Entry| vec![e.id.as_str()];
        match id {
            "R-ID" => CATEGORIES.iter().map(|c| self.unique(c, |e| vec![e.id.clone()])).sum(),
            "R-PAIR" => self.unique("Eleve", |e| Self::pairs(&[&e.id], &e.values("A"))),
            "R-LATER" => self.missing(&["Eleve"], "A", "PersRelEleve", ident),
            "R-EARLIER" => self.missing(&["EtabEducNat"], "A", "Eleve", ident),
            "R-BOTH" => self.missing(&["Eleve", "EtabEducNat"], "A", "PersRelEleve", |e| e.values("B")),
            "R-SELF" => self.missing(&["Eleve"], "B", "Eleve", ident),
            "R-ABSENT" => {
                let keys = self.of("Eleve").into_iter().flat_map(|e| e.values("A")).count() as u64;
                keys - self.missing(&["Eleve"], "A", "EtabEducNat", ident)
            }
            // The attribute is always written: what is without value is required all the same.
            "R-WHERE" => self.missing(&["Eleve"], "A", "EtabEducNat", ident),
            "R-KNOWN" => {
                let schools = self.of("EtabEducNat");
                let whole: BTreeSet<String> = schools.iter().flat_map(|e| Self::pairs(&e.values("A"), &e.values("B"))).collect();
                let firsts: BTreeSet<&str> = whole.iter().map(|p| p.split('|').next().unwrap()).collect();
                let keys = self.of("Eleve").into_iter().flat_map(|e| Self::pairs(&e.values("A"), &e.values("B")));
                keys.filter(|k| firsts.contains(k.split('|').next().unwrap()) && !whole.contains(k)).count() as u64
            }
            "R-BEFORE" => {
                let pupils = || self.all.iter().filter(|l| l.entry.category == "Eleve" && l.entry.request != "delete");
                let existed = |l: &Live<'e>| pupils().any(|o| o.layer < l.layer && o.entry.id == l.entry.id);
                let counts = |l: &&Live<'e>| l.entry.request == "modify" && self.newest[&("Eleve", l.entry.id.as_str())] == l.layer;
                pupils().filter(counts).filter(|l| !existed(l)).count() as u64
            }
            "R-SYM" => {
                let ours: Vec<BTreeSet<String>> =
                    self.of("Eleve").into_iter().map(|e| Self::pairs(&[&e.id], &e.values("A")).into_iter().collect()).collect();
                let theirs: Vec<BTreeSet<String>> =
                    self.of("PersRelEleve").into_iter().map(|e| Self::pairs(&e.values("A"), &[&e.id]).into_iter().collect()).collect();
                let (a, b): (BTreeSet<_>, BTreeSet<_>) = (ours.iter().flatten().collect(), theirs.iter().flatten().collect());
                let alone = |side: &[BTreeSet<String>], other: &BTreeSet<&String>| {
                    side.iter().flatten().filter(|p| !other.contains(p)).count() as u64
                };
                alone(&ours, &b) + alone(&theirs, &a)
            }
            "R-DET" => {
                let mut first: BTreeMap<&str, &str> = BTreeMap::new();
                let mut wrong = 0;
                for e in self.of("Eleve") {
                    for a in e.values("A") {
                        for b in e.values("B") {
                            wrong += u64::from(*first.entry(a).or_insert(b) != b);
                        }
                    }
                }
                wrong
            }
            _ => u64::from(self.of("Eleve").len() < 3),
        }
    }
}

fn compare(layers: &[Vec<Entry>], split: bool, how: How) -> Result<(), TestCaseError> {
    let mode = |i: usize| if i == 0 { "Complet" } else { "Delta" };
    let dirs: Vec<tempfile::TempDir> =
        layers.iter().enumerate().map(|(i, l)| folder(&feed::files(l, mode(i), &format!("2026091{i}"), split))).collect();
    let deltas: Vec<_> = dirs[1..].iter().map(|d| d.path().to_owned()).collect();
    let audited = audit(dirs[0].path(), &deltas, &SET, how);
    let audited = &audited[0];
    let hand = Hand::new(layers);
    for requirement in &SET.requirements {
        let got = outcome(audited, &requirement.id);
        if requirement.id == "R-BEFORE" && layers.len() == 1 {
            prop_assert_eq!(got.verdict, Verdict::Undetermined);
            continue;
        }
        let expected = hand.failures(&requirement.id);
        prop_assert_eq!(got.failures, expected, "{} {:?}", &requirement.id, got);
        prop_assert_eq!(got.verdict == Verdict::Fail, expected > 0, "{} {:?}", &requirement.id, got);
        prop_assert!(expected == 0 || got.findings.len() as u64 == expected || requirement.id == "R-COUNT");
    }
    Ok(())
}

/// One entry of each category at least: an absent category is another matter.
fn complet(mut entries: Vec<Entry>) -> Vec<Entry> {
    for category in CATEGORIES {
        entries.push(Entry {
            request: "add",
            category,
            id: "9".into(),
            attributes: vec![("A", vec!["9".into()]), ("B", vec!["9".into()])],
        });
    }
    entries.iter_mut().filter(|e| e.id != "9").for_each(|e| e.request = "add");
    entries
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn totals_are_those_of_the_hand(
        first in prop::collection::vec(entry(), 0..16),
        then in prop::collection::vec(prop::collection::vec(entry(), 1..8), 0..3),
        split in any::<bool>(),
        seed in any::<u64>(),
        threads in 1..5usize,
        chunk in 100..3000usize,
    ) {
        let mut layers = vec![complet(first)];
        layers.extend(then);
        compare(&layers, split, PLAIN)?;
        compare(&layers, split, How { chunk, threads, seed, cap: 1000 })?;
    }
}
