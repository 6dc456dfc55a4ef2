//! Feeds made of a few invented records, and an audit of them against a few requirements.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;

use conforment::engine::run::{self, Audited};
use conforment::engine::worker::Settings;
use conforment::outcome::Outcome;
use conforment::privacy::Pseudonyms;
use conforment::rules::library::Library;
use conforment::rules::set::RuleSet;
use conforment::source::aaf::{self, Said};
use conforment::source::files::delivery::Opened;
use conforment::source::files::find;
use serde_json::{Value, json};

/// A set of requirements that hold nothing but an id and a check.
pub fn set(checks: &[(&str, Value)]) -> RuleSet {
    let dir = tempfile::tempdir().unwrap();
    let text = |s: &str| json!({"fr": s, "en": s});
    let referentiel = json!({"id": "essai", "title": text("essai"), "version": "1", "edition": "1", "published": "2026",
        "statement": text("essai"), "sources": {"s": {"title": "s", "read": text("s"), "location": "s"}}});
    let requirements: Vec<Value> = checks
        .iter()
        .map(|(id, check)| {
            json!({"id": id, "title": text(id), "why": text(id), "fix": text(id), "domain": "alimentation", "level": "obligatoire",
            "severity": "majeure", "basis": "implementation", "sources": ["s"], "degree": ["1D", "2D"], "actor": "academie",
            "strength": "prouve", "check": check, "examples": {"pass": [{}], "fail": [{}]}})
        })
        .collect();
    std::fs::create_dir(dir.path().join("a")).unwrap();
    std::fs::write(dir.path().join("referentiel.yaml"), referentiel.to_string()).unwrap();
    std::fs::write(dir.path().join("a/a.yaml"), Value::from(requirements).to_string()).unwrap();
    let mut library = Library::default();
    library.add(dir.path()).unwrap();
    RuleSet::open(&library, "essai", None).unwrap()
}

/// How to read.
#[derive(Clone, Copy, Debug)]
pub struct How {
    pub chunk: usize,
    pub threads: usize,
    pub seed: u64,
    pub cap: usize,
}

pub const PLAIN: How = How { chunk: 1 << 20, threads: 1, seed: 1, cap: 1000 };

pub fn audit(path: &Path, deltas: &[PathBuf], set: &RuleSet, how: How) -> Vec<Audited> {
    let Ok(deliveries) = find::chain::<Said>(path, deltas) else { return Vec::new() };
    let settings = Settings { seed: how.seed, cap: how.cap, pseudonyms: Pseudonyms::new([3; 32]) };
    let options = run::Options { threads: how.threads, settings, today: jiff::civil::date(2026, 9, 20), degree: None, apart: Vec::new() };
    let one = |mut delivery: aaf::Delivery| {
        delivery.chunk = how.chunk;
        run::deliveries(&[&Opened::new(delivery)], set, &options, &AtomicU64::new(0)).unwrap()
    };
    deliveries.into_iter().map(one).collect()
}

pub fn outcome<'a>(audited: &'a Audited, id: &str) -> &'a Outcome {
    audited.outcomes.iter().find(|o| o.requirement == id).unwrap()
}

/// One request.
#[derive(Clone, Debug)]
pub struct Entry {
    pub request: &'static str,
    pub category: &'static str,
    pub id: String,
    pub attributes: Vec<(&'static str, Vec<String>)>,
}

impl Entry {
    pub fn values(&self, name: &str) -> Vec<&str> {
        let all = self.attributes.iter().filter(|(n, _)| *n == name).flat_map(|(_, v)| v);
        all.map(String::as_str).filter(|v| !v.is_empty()).collect()
    }

    pub fn write(&self, out: &mut String) {
        let operational = match self.category {
            "EtabEducNat" => "categorieStructure",
            _ => "categoriePersonne",
        };
        let (outer, inner) = if self.request == "modify" { ("modifications", "modification") } else { ("attributes", "attr") };
        let _ = write!(
            out,
            "<{0}Request>\n<operationalAttributes><attr name=\"{operational}\"><value>{1}</value></attr></operationalAttributes>\n<identifier><id>{2}</id></identifier>\n",
            self.request, self.category, self.id
        );
        if self.request != "delete" {
            let _ = writeln!(out, "<{outer}>");
            for (name, values) in &self.attributes {
                let operation = if self.request == "modify" { " operation=\"replace\"" } else { "" };
                let _ = write!(out, "<{inner} name=\"{name}\"{operation}>");
                for value in values {
                    let _ = write!(out, "<value>{value}</value>");
                }
                let _ = writeln!(out, "</{inner}>");
            }
            let _ = writeln!(out, "</{outer}>");
        }
        let _ = writeln!(out, "</{}Request>", self.request);
    }
}

pub fn document(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE ficAlimMENESR SYSTEM \"ficAlimMENESR.dtd\">\n<ficAlimMENESR>\n<!-- versionAF=\"AAF-VE2407\" -->\n{body}</ficAlimMENESR>\n"
    )
}

pub const CATEGORIES: [&str; 3] = ["EtabEducNat", "PersRelEleve", "Eleve"];

/// The files of one layer: one a category that has entries, in several parts when `split`.
pub fn files(entries: &[Entry], mode: &str, date: &str, split: bool) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for category in CATEGORIES {
        let of: Vec<&Entry> = entries.iter().filter(|e| e.category == category).collect();
        let size = if split { of.len().div_ceil(2).max(1) } else { of.len().max(1) };
        for (i, part) in of.chunks(size).enumerate() {
            let mut body = String::new();
            part.iter().for_each(|e| e.write(&mut body));
            all.push((format!("ENT_{mode}_{date}_{category}_{i:04}.xml"), document(&body)));
        }
    }
    all
}

pub fn folder(files: &[(String, impl AsRef<[u8]>)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, bytes)| std::fs::write(dir.path().join(name), bytes).unwrap());
    dir
}
