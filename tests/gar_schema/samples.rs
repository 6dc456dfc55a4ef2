//! Sound generated files, and mutations of them: the same every time.

use std::collections::BTreeMap;
use std::path::Path;

use conforment::generate::Degree;
use conforment::generate::gar::{self, Options};

use crate::mutate::{Draft, MUTATIONS};
use crate::numbers::Numbers;
use crate::tree::{Item, Node};

/// Mutations of each file, of each seed; CONFORMENT_MUTATIONS asks for more.
const EACH: usize = 150;
const SEEDS: [u64; 3] = [3, 8, 21];

/// A mutated file.
pub struct Mutated {
    pub file: String,
    /// The mutations, in order.
    pub how: Vec<&'static str>,
    pub bytes: Vec<u8>,
}

fn generated(degree: Degree, seed: u64, pupils: u64) -> BTreeMap<String, String> {
    let dir = tempfile::tempdir().unwrap();
    let date = jiff::civil::date(2026, 9, 14);
    let asked = Options { pupils, degree, seed, faults: Vec::new(), date, day: 0, ident: "B0".into(), archive: false };
    gar::generate(&asked, dir.path(), &mut |_| {}).unwrap();
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let entries = std::fs::read_dir(dir.path()).unwrap().flatten();
    entries.map(|e| (e.file_name().into_string().unwrap(), read(&e.path()))).collect()
}

/// The name of a file of the root of that name.
fn named(degree: Degree, root: &str, rank: usize) -> String {
    let category = root.strip_prefix("GAR-ENT-").unwrap();
    format!("B0_GAR-ENT_Complet_20260914_230000_{degree}_{category}_{rank:04}.xml")
}

/// Files as the generator writes them.
pub fn sound(degree: Degree) -> Vec<(String, Vec<u8>)> {
    let all = [1, 2].into_iter().flat_map(|seed| generated(degree, seed, 12 * seed).into_values());
    all.enumerate().map(|(i, text)| (named(degree, &Node::parse(&text).name, 90_000 + i), text.into_bytes())).collect()
}

/// A few records of each kind.
fn thinned(root: &Node, numbers: &mut Numbers) -> Node {
    let mut kinds: BTreeMap<&str, Vec<&Node>> = BTreeMap::new();
    root.nodes().for_each(|n| kinds.entry(&n.name).or_default().push(n));
    let kept: Vec<&Node> = kinds
        .values()
        .flat_map(|all| {
            let from = numbers.below(all.len().saturating_sub(2));
            &all[from..all.len().min(from + 1 + numbers.below(3))]
        })
        .copied()
        .collect();
    let items = root.nodes().filter(|n| kept.iter().any(|k| std::ptr::eq(*k, *n))).cloned().map(Item::Node).collect();
    Node { items, ..root.clone() }
}

/// Mutated files of the five roots of a degree.
pub fn mutated(degree: Degree) -> Vec<Mutated> {
    let asked = std::env::var("CONFORMENT_MUTATIONS").ok().and_then(|n| n.parse().ok());
    let mut all = Vec::new();
    for seed in SEEDS {
        let mut numbers = Numbers(seed);
        for text in generated(degree, seed, 9).into_values() {
            let root = Node::parse(&text);
            for rank in 0..asked.unwrap_or(EACH) {
                let mut draft = Draft::of(thinned(&root, &mut numbers));
                // Every mutation in turn, then a few more.
                let (name, first) = MUTATIONS[(rank + seed as usize) % MUTATIONS.len()];
                let mut how = vec![name];
                first(&mut draft, &mut numbers);
                while numbers.chance(4) {
                    let (name, more) = *numbers.one(MUTATIONS);
                    more(&mut draft, &mut numbers);
                    how.push(name);
                }
                all.push(Mutated { file: named(degree, &root.name, all.len()), how, bytes: draft.bytes(&mut numbers) });
            }
        }
    }
    all
}
