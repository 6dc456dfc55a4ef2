//! Records and selectors say the same of the same values, however they were put there.

use std::collections::BTreeMap;

use conforment::check::selector::{Key, hash};
use conforment::rules::model::OneOrMany;
use conforment::source::record::{Buffers, Names, Node, Rec, Record, intern};
use jsonschema::json::{Array, Node as _, Object};
use proptest::prelude::*;
use serde_json::json;

type Members = BTreeMap<&'static str, Vec<String>>;

fn members() -> impl Strategy<Value = Members> {
    let value = prop_oneof![3 => "[ab$é]{0,6}", 1 => Just(String::new())];
    let name = prop::sample::select(vec!["PA", "PB", "PC", "Unknown1", "Unknown2", "@id"]);
    prop::collection::btree_map(name, prop::collection::vec(value, 0..4), 0..6)
}

fn with<T>(members: &Members, see: impl FnOnce(&Record<'_>) -> T) -> T {
    for name in ["PA", "PB", "PC", "@id"] {
        intern(name);
    }
    let names = Names::snapshot();
    let mut record = Record::over("", Buffers::default(), &names);
    // What a record held before leaves no trace.
    record.fill(&names, &json!({"PA": ["old"], "Unknown1": ["old"], "@id": "old"}));
    record.fill(&names, &json!(members));
    see(&record)
}

/// A selector on one attribute, by hand.
fn naive(values: &[String], fields: &[usize], tail: bool) -> Vec<String> {
    let mut all = Vec::new();
    for value in values {
        let parts: Vec<&str> = value.split('$').collect();
        let (last, firsts) = fields.split_last().unwrap();
        let Some(heads) = firsts.iter().map(|f| parts.get(*f).copied()).collect::<Option<Vec<&str>>>() else { continue };
        let lasts: Vec<&str> =
            if tail { parts.iter().skip(*last).copied().collect() } else { parts.get(*last).copied().into_iter().collect() };
        for end in lasts {
            let key: Vec<&str> = heads.iter().copied().chain([end]).collect();
            if key.iter().all(|k| !k.is_empty()) {
                all.push(key.join("|"));
            }
        }
    }
    all
}

fn keys(record: &Record<'_>, selector: &str) -> Vec<String> {
    let key = Key::compile(&OneOrMany::One(selector.into())).unwrap();
    let (mut texts, mut hashes) = (Vec::new(), Vec::new());
    key.each(record, |parts| {
        texts.push(parts.join("|"));
        hashes.push(hash(5, parts));
    });
    let mut fast = Vec::new();
    key.each_hash(record, 5, |h| fast.push(h));
    assert_eq!(hashes, fast, "{selector}");
    texts
}

proptest! {
    #[test]
    fn records_hold_what_they_are_filled_with(members in members()) {
        let wanted: BTreeMap<String, Vec<String>> = members.iter().map(|(n, v)| ((*n).to_owned(), v.clone())).collect();
        with(&members, |record| {
            let seen: BTreeMap<String, Vec<String>> = Object::<Rec>::members(&conforment::source::record::Members::Record(record))
                .map(|(name, node)| {
                    let list = node.as_array().unwrap();
                    let values: Vec<String> = list.elements().map(|n| n.as_string().unwrap().into_owned()).collect();
                    assert_eq!(list.len(), values.len());
                    (name.to_owned(), values)
                })
                .collect();
            assert_eq!(seen, wanted);
            assert_eq!(Object::<Rec>::len(&conforment::source::record::Members::Record(record)), seen.len());
            assert_eq!(*Node::Object(record).to_value(), json!(wanted));
            for (name, values) in &wanted {
                let id = Names::snapshot().get(name);
                if let Some(found) = record.values(id) {
                    assert_eq!(found.iter().collect::<Vec<_>>(), values.iter().map(String::as_str).collect::<Vec<_>>());
                    assert_eq!((found.len(), found.get(values.len())), (values.len(), None));
                }
            }
        });
    }

    #[test]
    fn selectors_are_what_they_say(members in members()) {
        let values = members.get("PA").cloned().unwrap_or_default();
        with(&members, |record| {
            assert_eq!(keys(record, "PA"), values.iter().filter(|v| !v.is_empty()).cloned().collect::<Vec<_>>());
            assert_eq!(keys(record, "PA$0"), naive(&values, &[0], false));
            assert_eq!(keys(record, "PA$1,0"), naive(&values, &[1, 0], false));
            assert_eq!(keys(record, "PA$0,1.."), naive(&values, &[0, 1], true));
            assert_eq!(keys(record, "PA$1.."), naive(&values, &[1], true));
            let sliced = values.iter().map(|v| v.chars().take(3).collect::<String>());
            // A slice longer than the value gives no key.
            assert_eq!(keys(record, "PA[0:3]"), sliced.filter(|s| s.chars().count() == 3).collect::<Vec<_>>());
        });
    }

    #[test]
    fn fields_are_those_of_split(text in "[ab$é]{0,12}") {
        let list = Node::Fields(&text).as_array().unwrap();
        let fields: Vec<String> = list.elements().map(|n| n.as_string().unwrap().into_owned()).collect();
        prop_assert_eq!(&fields, &text.split('$').map(str::to_owned).collect::<Vec<_>>());
        prop_assert_eq!(list.len(), fields.len());
        let mut sorted = fields.clone();
        sorted.sort();
        sorted.dedup();
        prop_assert_eq!(list.is_unique(), sorted.len() == fields.len());
    }
}
