//! The fuzz targets on their seeds, and on damaged copies of them: no panic, on any toolchain.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../fuzz/src/targets.rs"]
mod targets;

/// Numbers that are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

fn damaged(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=numbers.below(4) {
        let at = numbers.below(bytes.len());
        match numbers.below(4) {
            _ if bytes.is_empty() => bytes.push(b'<'),
            0 => bytes[at] = numbers.below(256) as u8,
            1 => bytes.insert(at, b"<>&\"'$[]{}:-\n\0"[numbers.below(14)]),
            2 => drop(bytes.drain(at..(at + numbers.below(30)).min(bytes.len()))),
            _ => bytes.extend_from_within(at..(at + numbers.below(60)).min(bytes.len())),
        }
    }
    bytes
}

#[test]
fn seeds_and_their_neighbours_are_read_without_panic() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds");
    for (name, target) in targets::ALL {
        let mut seeds: Vec<_> = std::fs::read_dir(root.join(name)).unwrap().flatten().map(|e| e.path()).collect();
        seeds.sort();
        assert!(!seeds.is_empty(), "{name} has no seed");
        let mut numbers = Numbers(7);
        target(b"");
        for seed in &seeds {
            let bytes = std::fs::read(seed).unwrap();
            target(&bytes);
            // The alias bomb among the rules ends, within its budget, but not at once.
            let times = match *name {
                "rules" => 5,
                "archive" => 30,
                _ => 500,
            };
            (0..times).for_each(|_| target(&damaged(&bytes, &mut numbers)));
        }
    }
}
