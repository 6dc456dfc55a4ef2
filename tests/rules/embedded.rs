//! The embedded sets, requirement by requirement.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use conforment::engine::selftest;
use conforment::rules::library::Library;
use conforment::rules::model::{Basis, Check, Level};
use conforment::rules::set::RuleSet;

use super::{SETS, check, embedded, files, members, texts};

#[test]
fn every_example_does_what_it_says() {
    for name in SETS {
        let set = embedded(name);
        let (count, broken) = selftest::run(&set);
        println!("{name}: {} requirements, {count} examples", set.requirements.len());
        assert!(broken.is_empty(), "{name}: {broken:#?}");
        let written: usize = set.requirements.iter().map(|r| r.examples.pass.len() + r.examples.fail.len()).sum();
        assert_eq!(count, written, "{name}: examples not run");
        for r in set.requirements.iter().filter(|r| !matches!(r.check, Check::Attestation(_))) {
            assert!(!r.examples.pass.is_empty() && !r.examples.fail.is_empty(), "{}", r.id);
        }
    }
}

/// The profile of a directory without server leaves out all that only a server shows, and nothing else.
#[test]
fn a_file_is_not_judged_for_its_server() {
    let set = embedded("sdet-6.3");
    let left_out: BTreeSet<_> = set.referentiel.profiles["annuaire-fichier"].excludes.iter().map(String::as_str).collect();
    let servers: BTreeSet<_> = set.requirements.iter().map(|r| r.id.as_str()).filter(|id| id.starts_with("ANN-SRV-")).collect();
    assert!(!servers.is_empty());
    assert_eq!(left_out, servers);
}

/// The binary holds the sets as JSON that `build.rs` makes, and takes them as checked: here the files are read as a user's are, every
/// schema and check compiled, and give the very same sets.
#[test]
fn what_is_compiled_in_is_what_is_written() {
    let mut written = Library::default();
    written.add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap();
    for name in SETS {
        let (ours, theirs) = (embedded(name), RuleSet::open(&written, name, None).unwrap());
        assert_eq!(ours.hash, theirs.hash, "{name}");
        let text = |set: &RuleSet| {
            let all = (&set.referentiel, &set.requirements, &set.nomenclatures, &set.contracts, &set.directory);
            serde_json::to_string_pretty(&all).unwrap()
        };
        // Not assert_eq: a difference would print two megabytes twice.
        let (ours, theirs) = (text(&ours), text(&theirs));
        let differ = ours.lines().zip(theirs.lines()).find(|(a, b)| a != b);
        assert!(differ.is_none() && ours.len() == theirs.len(), "{name}: {differ:?}");
    }
}

#[test]
fn an_example_that_lies_is_caught() {
    let mut set = embedded("sdet-6.3");
    let with_both = set.requirements.iter_mut().find(|r| r.id == "AAF-ETB-UAI").unwrap();
    std::mem::swap(&mut with_both.examples.pass, &mut with_both.examples.fail);
    let swapped = with_both.examples.pass.len() + with_both.examples.fail.len();
    let (_, broken) = selftest::run(&set);
    assert_eq!(broken.len(), swapped, "{broken:#?}");
    assert!(broken.iter().all(|b| b.requirement == "AAF-ETB-UAI"));
}

#[test]
fn sdet_63_is_large_enough_to_mean_something() {
    let set = embedded("sdet-6.3");
    let mandatory = set.requirements.iter().filter(|r| r.level == Level::Obligatoire).count();
    println!("{} requirements, {mandatory} of them mandatory", set.requirements.len());
    assert!(set.requirements.len() >= 150);
    assert!(mandatory >= 50 && mandatory < set.requirements.len());
}

#[test]
fn ids_are_unique_and_written_one_way() {
    for name in SETS {
        let set = embedded(name);
        let mut seen = BTreeSet::new();
        for r in &set.requirements {
            assert!(seen.insert(&r.id), "{} twice in {name}", r.id);
            let words: Vec<&str> = r.id.split('-').collect();
            let fine = |w: &&str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            assert!(words.len() >= 2 && words.iter().all(fine), "{}", r.id);
            let one_degree = r.degree.len() == 1;
            assert_eq!(
                r.id.contains("-1D-") || r.id.contains("-2D-"),
                one_degree && r.id.contains(&format!("-{}-", r.degree[0])),
                "{}",
                r.id
            );
        }
    }
}

#[test]
fn texts_are_written_in_both_languages_and_titles_differ() {
    for name in SETS {
        let set = embedded(name);
        let (mut french, mut english) = (BTreeMap::new(), BTreeMap::new());
        for r in &set.requirements {
            for (what, text) in texts(r) {
                assert!(!text.fr.trim().is_empty() && !text.en.trim().is_empty(), "{}: {what} is empty", r.id);
                assert_ne!(text.fr, text.en, "{}: {what} is the same in both languages", r.id);
            }
            // What is said of either degree may be said in the same words: a delivery is of one degree.
            for (seen, title) in [(&mut french, &r.title.fr), (&mut english, &r.title.en)] {
                for degree in &r.degree {
                    if let Some(other) = seen.insert((title.clone(), *degree), r.id.clone()) {
                        panic!("{other} and {} have the same title: {title}", r.id);
                    }
                }
            }
        }
    }
}

#[test]
fn parents_exist_and_chains_end() {
    for name in SETS {
        let set = embedded(name);
        let mut children = 0;
        for r in &set.requirements {
            let (mut seen, mut at) = (vec![r.id.clone()], r);
            while let Some(parent) = &at.parent {
                children += 1;
                assert!(!seen.contains(parent), "{seen:?} is a circle");
                seen.push(parent.clone());
                at = set.get(parent).unwrap_or_else(|| panic!("{} has no parent {parent}", at.id));
            }
        }
        assert!(children > 20, "{name}: {children} links looked at");
        for (what, id) in &set.referentiel.blockers {
            assert!(set.get(id).is_some(), "{what}: {id}");
        }
    }
}

#[test]
fn every_source_exists_and_serves() {
    let mut cited = BTreeSet::new();
    let mut known = BTreeSet::new();
    for name in SETS {
        let set = embedded(name);
        known.extend(set.referentiel.sources.keys().cloned());
        for r in &set.requirements {
            assert!(!r.sources.is_empty(), "{}", r.id);
            cited.extend(r.sources.iter().cloned());
        }
        cited.extend(set.nomenclatures.values().flat_map(|n| n.sources.iter().cloned()));
        cited.extend(set.contracts.values().flat_map(|c| c.sources.iter().cloned()));
    }
    assert_eq!(cited.difference(&known).collect::<Vec<_>>(), Vec::<&String>::new(), "cited but unknown");
    assert_eq!(known.difference(&cited).collect::<Vec<_>>(), Vec::<&String>::new(), "never cited");
}

#[test]
fn an_open_list_never_supports_a_mandatory_requirement() {
    let mut looked_at = 0;
    for name in SETS {
        let set = embedded(name);
        for r in &set.requirements {
            members(&check(r), &mut |word, value| {
                if !["nomenclature", "nomenclatureLabel", "knownAttributes"].contains(&word) {
                    return;
                }
                looked_at += 1;
                let list = &set.nomenclatures[value.as_str().unwrap()];
                assert!(!(list.open && r.level == Level::Obligatoire), "{} rests on {}, an open list", r.id, list.id);
            });
        }
    }
    assert!(looked_at >= 30, "{looked_at} uses of code lists");
}

#[test]
fn every_nomenclature_serves() {
    let set = embedded("sdet-6.3");
    let mut used = BTreeSet::new();
    for r in &set.requirements {
        members(&check(r), &mut |word, value| {
            if ["nomenclature", "nomenclatureLabel", "knownAttributes"].contains(&word) {
                used.insert(value.as_str().unwrap().to_owned());
            }
        });
    }
    let unused: Vec<&String> = set.nomenclatures.keys().filter(|id| !used.contains(*id)).collect();
    assert_eq!(unused, Vec::<&String>::new());
}

#[test]
fn a_good_practice_is_never_mandatory() {
    let mut practices = 0;
    for name in SETS {
        for r in embedded(name).requirements.iter().filter(|r| r.basis == Basis::BonnePratique) {
            practices += 1;
            assert_ne!(r.level, Level::Obligatoire, "{}", r.id);
        }
    }
    println!("{practices} good practices");
}

#[test]
fn parameters_are_used() {
    for r in &files("sdet-6.3").requirements {
        let r = &r.requirement;
        let mut used = BTreeSet::new();
        members(&check(r), &mut |word, value| {
            if word == "$param" {
                used.insert(value.as_str().unwrap().to_owned());
            }
        });
        assert_eq!(used, r.parameters.keys().cloned().collect(), "{}", r.id);
    }
}

#[test]
fn sdet_64_extends_63_and_differs() {
    let (old, new, own) = (embedded("sdet-6.3"), embedded("sdet-6.4"), files("sdet-6.4"));
    assert_eq!(own.referentiel.extends.as_deref(), Some("sdet-6.3"));
    assert_ne!(old.hash, new.hash);
    assert_ne!(old.referentiel.statement, new.referentiel.statement);
    let retired = &own.referentiel.retires;
    for r in &old.requirements {
        assert_eq!(new.get(&r.id).is_none(), retired.contains(&r.id), "{}", r.id);
    }
    assert!(!own.requirements.is_empty());
    for written in &own.requirements {
        let ours = new.get(&written.requirement.id).unwrap();
        let theirs = old.get(&ours.id);
        assert!(
            theirs.is_none_or(|t| check(t) != check(ours) || t.when != ours.when || t.title != ours.title),
            "{} replaces nothing",
            ours.id
        );
    }
    // What was inherited keeps its vocabulary.
    assert!(old.nomenclatures.keys().all(|id| new.nomenclatures.contains_key(id)));
    assert!(old.referentiel.sources.keys().all(|id| new.referentiel.sources.contains_key(id)));
}
