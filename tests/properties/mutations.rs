//! Any damage to any file: no panic, a verdict for each requirement, nothing that passes for want of being read.

use std::sync::LazyLock;

use conforment::outcome::Verdict;
use conforment::rules::set::RuleSet;
use proptest::prelude::*;
use serde_json::json;

use crate::archive::{Tar, Zip};
use crate::feed::{self, Entry, How, PLAIN, audit, folder};

static SET: LazyLock<RuleSet> = LazyLock::new(|| {
    feed::set(&[
        ("T-UNIQUE", json!({"records": "aaf.Eleve", "unique": {"key": "@id"}})),
        (
            "T-SYM",
            json!({"records": "aaf.Eleve", "symmetric": {"key": ["@id", "mail$0"], "with": "aaf.PersRelEleve", "by": ["mail", "@id"]}}),
        ),
        ("T-REF", json!({"records": "aaf.Eleve", "references": {"key": "mail$0", "to": "aaf.PersRelEleve", "by": "@id"}})),
        ("T-VALUE", json!({"records": "aaf.Eleve", "assert": {"properties": {"sn": {"items": {"split": {"maxItems": 2}}}}}})),
        ("T-COUNT", json!({"records": "aaf.Eleve", "count": {"min": 12}})),
    ])
});

fn sound() -> Vec<(String, Vec<u8>)> {
    let mut entries = Vec::new();
    for i in 0..12 {
        let attributes = vec![("sn", vec![format!("Nom{i}$x")]), ("mail", vec![format!("{}$1", 100 + i)])];
        entries.push(Entry { request: "add", category: "Eleve", id: i.to_string(), attributes });
        entries.push(Entry {
            request: "add",
            category: "PersRelEleve",
            id: (100 + i).to_string(),
            attributes: vec![("mail", vec![i.to_string()])],
        });
    }
    feed::files(&entries, "Complet", "20260914", true).into_iter().map(|(n, t)| (n, t.into_bytes())).collect()
}

#[derive(Clone, Debug)]
enum Damage {
    Flip(prop::sample::Index, u8),
    Insert(prop::sample::Index, Vec<u8>),
    Delete(prop::sample::Index, usize),
    Double(prop::sample::Index, usize),
    Cut(prop::sample::Index),
}

fn damage() -> impl Strategy<Value = Damage> {
    let at = any::<prop::sample::Index>;
    prop_oneof![
        (at(), any::<u8>()).prop_map(|(i, b)| Damage::Flip(i, b)),
        (at(), prop::collection::vec(any::<u8>(), 1..20)).prop_map(|(i, b)| Damage::Insert(i, b)),
        (at(), 1..200usize).prop_map(|(i, n)| Damage::Delete(i, n)),
        (at(), 1..500usize).prop_map(|(i, n)| Damage::Double(i, n)),
        at().prop_map(Damage::Cut),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    if bytes.is_empty() {
        return;
    }
    let len = bytes.len();
    match damage {
        Damage::Flip(i, b) => bytes[i.index(len)] ^= b,
        Damage::Insert(i, new) => drop(bytes.splice(i.index(len)..i.index(len), new.iter().copied())),
        Damage::Delete(i, n) => drop(bytes.drain(i.index(len)..(i.index(len) + n).min(len))),
        Damage::Double(i, n) => bytes.extend_from_within(i.index(len)..(i.index(len) + n).min(len)),
        Damage::Cut(i) => bytes.truncate(i.index(len)),
    }
}

fn check(path: &std::path::Path, chunk: usize) -> Result<(), TestCaseError> {
    for audited in audit(path, &[], &SET, How { chunk, threads: 2, ..PLAIN }) {
        prop_assert_eq!(audited.outcomes.len(), 5);
        for outcome in &audited.outcomes {
            prop_assert_eq!(outcome.reason.is_some(), outcome.verdict == Verdict::Undetermined);
            prop_assert!(outcome.failures > 0 || outcome.verdict != Verdict::Fail);
        }
        let damaged = |f: &serde_json::Value| {
            let wrong = |fact: &str| f[fact]["count"].as_u64().is_some_and(|n| n > 0);
            f["readable"] == false
                || f["encoding"]["supported"] == false
                || f["truncated"] == true
                || wrong("xmlErrors")
                || wrong("oversized")
        };
        let pupils = audited.parts[0].facts.files.iter().map(|f| &f.facts).any(|f| f["category"] == "Eleve" && damaged(f));
        if pupils {
            prop_assert!(audited.outcomes.iter().all(|o| o.verdict != Verdict::Pass), "{:?}", audited.outcomes);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files(file in any::<prop::sample::Index>(), damages in prop::collection::vec(damage(), 1..5), chunk in prop::sample::select(vec![50, 700, 1 << 20])) {
        let mut files = sound();
        let file = file.index(files.len());
        damages.iter().for_each(|d| apply(&mut files[file].1, d));
        check(folder(&files).path(), chunk)?;
    }

    #[test]
    fn damaged_archives(zip in any::<bool>(), damages in prop::collection::vec(damage(), 1..5)) {
        let files = sound();
        let (name, mut bytes) = if zip {
            ("l.zip", files.iter().fold(Zip::default(), |zip, (n, b)| zip.file(n, b)).bytes())
        } else {
            ("l.tgz", files.iter().fold(Tar::default(), |tar, (n, b)| tar.file(n, b)).gz())
        };
        damages.iter().for_each(|d| apply(&mut bytes, d));
        let dir = folder(&[(name.to_owned(), bytes)]);
        check(&dir.path().join(name), 1 << 20)?;
        check(dir.path(), 1 << 20)?;
    }

    #[test]
    fn anything_at_all(bytes in prop::collection::vec(any::<u8>(), 0..2000), name in "[A-Za-z_0-9]{0,12}(_Eleve_0000)?\\.(xml|XML|zip|tgz|md5)") {
        let dir = folder(&[(name, bytes)]);
        check(dir.path(), 1 << 20)?;
    }
}
