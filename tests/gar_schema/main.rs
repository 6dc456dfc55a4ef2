//! What the streaming checks say of a GAR-ENT file, against the official XML schemas.
//!
//! The cases of `table` have their verdict written down, checked by xmllint where it is at hand. The files of `mutate` are
//! judged by both, and every disagreement that is not known and explained is a failure.
#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../common/xsd.rs"]
mod xsd;

mod judge;
mod known;
mod mutate;
mod numbers;
mod samples;
mod table;
mod tree;
mod words;

use std::collections::BTreeMap;

use conforment::generate::Degree;

use judge::{Judged, judged};
use samples::Mutated;

const DEGREES: [Degree; 2] = [Degree::D2, Degree::D1];

/// The files in a directory of their own.
fn written(files: &[(String, Vec<u8>)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    files.iter().for_each(|(name, bytes)| std::fs::write(dir.path().join(name), bytes).unwrap());
    dir
}

fn names(files: &[(String, Vec<u8>)]) -> Vec<String> {
    files.iter().map(|(name, _)| name.clone()).collect()
}

#[test]
fn every_case_of_the_table_ends_as_written() {
    for degree in DEGREES {
        let cases = table::cases(degree);
        let files: Vec<(String, Vec<u8>)> = cases.iter().enumerate().map(|(i, c)| (c.file(degree, i), c.bytes.clone())).collect();
        let dir = written(&files);
        let ours = judged(dir.path(), degree, None);
        let mut wrong = Vec::new();
        for (case, (file, _)) in cases.iter().zip(&files) {
            let said = &ours[file];
            if said.valid() != (case.valid || known::of_case(case.name)) {
                wrong.push(format!("{}: expected {}, {:?}", case.name, case.valid, said.faults));
            }
        }
        assert!(wrong.is_empty(), "{degree}: {wrong:#?}");
        let Some(schema) = xsd::schema(degree) else { continue };
        let refused = xsd::refused(&schema, dir.path(), &names(&files));
        for (case, (file, _)) in cases.iter().zip(&files) {
            assert_eq!(refused.get(file).is_none(), case.valid, "{degree} {}: {:?}", case.name, refused.get(file));
        }
    }
}

#[test]
fn what_is_streamed_is_judged_as_the_schemas_do() {
    let (mut files, mut agreed, mut classes) = (0, [0usize; 2], BTreeMap::<&str, usize>::new());
    let mut wrong = Vec::new();
    for degree in DEGREES {
        let Some(schema) = xsd::schema(degree) else { return };
        let (sound, mutated) = (samples::sound(degree), samples::mutated(degree));
        let all: Vec<(String, Vec<u8>)> = sound.iter().cloned().chain(mutated.iter().map(|m| (m.file.clone(), m.bytes.clone()))).collect();
        let dir = written(&all);
        let refused = xsd::refused(&schema, dir.path(), &names(&all));
        let ours = judged(dir.path(), degree, None);
        assert!(sound.iter().all(|(name, _)| !refused.contains_key(name) && ours[name].valid()), "{degree}: a sound file is refused");
        files += mutated.len();
        for m in &mutated {
            let (theirs, ours) = (refused.get(&m.file), &ours[&m.file]);
            match (theirs.is_none() == ours.valid(), known::class(m, theirs.map(String::as_str), ours)) {
                (true, _) => agreed[usize::from(ours.valid())] += 1,
                (false, Some(class)) => *classes.entry(class).or_default() += 1,
                (false, None) => wrong.push(told(degree, m, theirs.map(String::as_str), ours)),
            }
        }
    }
    println!("{files} mutated files: {} refused by both, {} accepted by both, known differences {classes:?}", agreed[0], agreed[1]);
    assert!(files >= 2000 && agreed[1] * 8 > files && agreed[0] * 3 > files, "{files} files, {agreed:?}");
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong[..wrong.len().min(400)].join("\n"));
}

fn told(degree: Degree, m: &Mutated, theirs: Option<&str>, ours: &Judged) -> String {
    if let Some(keep) = std::env::var_os("CONFORMENT_KEEP") {
        std::fs::write(std::path::Path::new(&keep).join(&m.file), &m.bytes).unwrap();
    }
    let theirs = theirs.map_or("valid", |t| t.lines().find(|l| l.contains("error")).unwrap_or(t));
    format!("{degree} {} {:?}\n  xmllint: {theirs}\n  ours: {:?} {:?}", m.file, m.how, ours.faults, ours.damage)
}

#[test]
fn one_file_or_many_and_cuts_anywhere_change_no_verdict() {
    for degree in DEGREES {
        let sample: Vec<Mutated> = samples::mutated(degree).into_iter().step_by(17).collect();
        let files: Vec<(String, Vec<u8>)> = sample.iter().map(|m| (m.file.clone(), m.bytes.clone())).collect();
        let dir = written(&files);
        let expected = judged(dir.path(), degree, None);
        assert!(expected.len() > 50 && expected.values().any(Judged::valid) && !expected.values().all(Judged::valid));
        for chunk in [1, 100, 5000] {
            let got = judged(dir.path(), degree, Some(chunk));
            for m in &sample {
                assert_eq!(got[&m.file], expected[&m.file], "{degree} {} {:?} cut by {chunk}", m.file, m.how);
            }
        }
        for m in sample.iter().step_by(5) {
            let alone = written(&[(m.file.clone(), m.bytes.clone())]);
            let got = judged(alone.path(), degree, None);
            assert_eq!(got[&m.file].faults, expected[&m.file].faults, "{degree} {} {:?} alone", m.file, m.how);
        }
    }
}
