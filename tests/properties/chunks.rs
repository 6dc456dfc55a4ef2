//! How a file is cut, by how many it is read, in what it is packed: nothing of that changes what is found.

use std::sync::LazyLock;

use conforment::engine::run::Audited;
use conforment::rules::set::RuleSet;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::archive::{Tar, Zip};
use crate::feed::{self, Entry, How, PLAIN, audit, document, folder};

static SET: LazyLock<RuleSet> = LazyLock::new(|| {
    feed::set(&[
        ("T-UNIQUE", json!({"records": "aaf.Eleve", "unique": {"key": "@id"}})),
        (
            "T-VALUE",
            json!({"records": ["aaf.Eleve", "aaf.PersRelEleve"], "assert": {"required": ["sn"], "properties": {"sn": {"items": {"maxLength": 3}}}}}),
        ),
        (
            "T-REF",
            json!({"records": ["aaf.Eleve", "aaf.EtabEducNat"], "references": {"key": "mail", "to": "aaf.PersRelEleve", "by": "@id"}}),
        ),
        ("T-XML", json!({"facts": "aaf.file", "assert": {"properties": {"xmlErrors": {"properties": {"count": {"const": 0}}}}}})),
        (
            "T-STRAY",
            json!({"facts": "aaf.file", "assert": {"properties": {"structure": {"properties": {"strayText": {"properties": {"count": {"const": 0}}}}}}}}),
        ),
    ])
});

/// Pieces of a file: most are requests, the others are what breaks them.
fn piece() -> impl Strategy<Value = String> {
    let request = (
        0..40u32,
        "[a-zé]{0,5}",
        0..9u32,
        prop::sample::select(vec!["Eleve", "PersRelEleve"]),
        prop::sample::select(vec!["add", "delete"]),
    );
    let request = request.prop_map(|(id, sn, mail, category, request)| {
        let attributes = vec![("sn", vec![sn]), ("mail", vec![mail.to_string()])];
        let mut text = String::new();
        Entry { request, category, id: id.to_string(), attributes }.write(&mut text);
        text
    });
    let broken = (request.clone(), any::<prop::sample::Index>(), junk()).prop_map(|(mut text, at, junk)| {
        let at = at.index(text.len());
        let at = (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        text.insert_str(at, &junk);
        text
    });
    let cut =
        (request.clone(), any::<prop::sample::Index>()).prop_map(|(text, at)| text.chars().take(at.index(text.chars().count())).collect());
    prop_oneof![6 => request, 2 => broken, 1 => cut, 1 => junk()]
}

fn junk() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "<!-- </addRequest> -->",
        "<!-- <addRequest> -->",
        "<![CDATA[<addRequest>]]>",
        "<?p <addRequest> ?>",
        "<!-- ",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "?>",
        "<addRequest>",
        "<addRequest/>",
        "<modifyRequest >",
        "</addRequest>",
        "</addRequest >",
        "</deleteRequest\n>",
        "<a b=\"",
        "\"",
        "'",
        "<a b='<addRequest>'/>",
        "<",
        ">",
        "&",
        "&amp;",
        "&eacute;",
        "text\n",
        "\n\n",
        "<other>",
        "</other>",
        "<value>",
        "</value>",
        "</attributes>",
        "<!DOCTYPE x>",
        "<!DOCTYPE x \"<addRequest>\">",
        "</addRequest>\u{FEFF}",
        "<!DOCTYPE x [<!ENTITY a \"<addRequest>\">]>",
        "<?xml version=\"1.0\"?>",
        "<ficAlimMENESR>",
        "</ficAlimMENESR>",
        "\u{FFFD}",
        "<!",
        "<!-->",
        "<![",
        "</",
        "<addRequest a=\"1\" a=\"2\">",
        "<addRequest x='<'>",
        "Request",
    ])
    .prop_map(str::to_owned)
}

fn body() -> impl Strategy<Value = String> {
    (prop::collection::vec(piece(), 0..25), prop::bool::weighted(0.8)).prop_map(|(pieces, whole)| {
        let body = pieces.concat();
        if whole { document(&body) } else { body }
    })
}

/// All that was found, with the order of findings when it must be the same too.
fn found(audited: &[Audited], order: bool) -> Value {
    let all = audited.iter().map(|a| {
        let mut outcomes = serde_json::to_value(&a.outcomes).unwrap();
        for outcome in outcomes.as_array_mut().unwrap().iter_mut().filter(|_| !order) {
            let findings = outcome["findings"].as_array_mut().unwrap();
            findings.iter_mut().for_each(|f| drop(f.as_object_mut().unwrap().remove("source")));
            findings.sort_by_key(ToString::to_string);
        }
        let mut files: Vec<Value> = a.parts.iter().flat_map(|p| &p.facts.files).map(|f| f.facts.clone()).collect();
        files.sort_by_key(|f| f["name"].to_string());
        json!({"outcomes": outcomes, "files": files, "records": a.records})
    });
    all.collect()
}

fn named(eleve: &str) -> Vec<(String, String)> {
    let mut all = vec![("ENT_Complet_20260914_Eleve_0000.xml".to_owned(), eleve.to_owned())];
    let entry = |category, id: &str| Entry {
        request: "add",
        category,
        id: id.into(),
        attributes: vec![("sn", vec!["abc".into()]), ("mail", vec![id.into()])],
    };
    all.extend(feed::files(
        &[entry("EtabEducNat", "1"), entry("PersRelEleve", "2"), entry("PersRelEleve", "3")],
        "Complet",
        "20260914",
        false,
    ));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn chunks_threads_and_seeds_change_nothing(text in body(), sizes in prop::collection::vec(1usize..400, 3)) {
        let dir = folder(&named(&text));
        let expected = found(&audit(dir.path(), &[], &SET, PLAIN), true);
        for (i, chunk) in sizes.into_iter().enumerate() {
            let how = How { chunk, threads: [1, 4][i % 2], seed: i as u64 * 77, cap: 1000 };
            let got = found(&audit(dir.path(), &[], &SET, how), true);
            prop_assert_eq!(&got, &expected, "{:?}\n{}", how, text);
        }
    }

    #[test]
    fn the_container_changes_nothing(text in body(), chunk in 1usize..400) {
        let files = named(&text);
        let dir = folder(&files);
        let expected = found(&audit(dir.path(), &[], &SET, PLAIN), false);
        let zip = files.iter().fold(Zip::default(), |zip, (n, b)| zip.file(n, b.as_bytes())).bytes();
        let tar = files.iter().fold(Tar::default(), |tar, (n, b)| tar.file(n, b.as_bytes())).gz();
        for (name, bytes) in [("l.zip", zip), ("l.tar.gz", tar)] {
            let place = folder(&[(name.to_owned(), bytes)]);
            for how in [PLAIN, How { chunk, threads: 4, seed: 9, cap: 1000 }] {
                let got = found(&audit(&place.path().join(name), &[], &SET, how), false);
                prop_assert_eq!(&got, &expected, "{} {:?}\n{}", name, how, text);
            }
        }
    }

    #[test]
    fn the_findings_kept_are_the_first_whatever_the_threads(count in 1usize..60, cap in 1usize..20, chunk in 1usize..400) {
        let entry = |category, id: usize| Entry { request: "add", category, id: id.to_string(), attributes: vec![("sn", vec!["abcdef".into()])] };
        let entries: Vec<Entry> = (0..count).flat_map(|i| [entry("Eleve", i), entry("PersRelEleve", i + 1000)]).collect();
        let dir = folder(&feed::files(&entries, "Complet", "20260914", true));
        let expected = found(&audit(dir.path(), &[], &SET, How { cap, ..PLAIN }), true);
        for _ in 0..4 {
            let got = found(&audit(dir.path(), &[], &SET, How { chunk, threads: 4, seed: 5, cap }), true);
            prop_assert_eq!(&got, &expected);
        }
    }
}
