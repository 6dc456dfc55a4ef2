//! Archives that are damaged, that lie, or that swell.

use std::collections::BTreeMap;

use conforment::generate::{Degree, Mode};
use conforment::outcome::Verdict;

use crate::archive::{Tar, Zip};
use crate::delivery::{Sample, Seen, generated};

fn files() -> &'static BTreeMap<String, Vec<u8>> {
    generated(Degree::D2, Mode::Complet)
}

fn zipped(dir: &str) -> Zip {
    files().iter().fold(Zip::default(), |zip, (name, bytes)| zip.file(&format!("{dir}{name}"), bytes))
}

fn tarred(dir: &str) -> Tar {
    files().iter().fold(Tar::default(), |tar, (name, bytes)| tar.file(&format!("{dir}{name}"), bytes))
}

fn audited(name: &str, bytes: &[u8]) -> Seen {
    let sample = Sample::empty();
    Seen::of(&sample.add(name, bytes))
}

fn pupils_file() -> (&'static String, &'static Vec<u8>) {
    files().iter().find(|(name, _)| name.contains("_Eleve_")).unwrap()
}

fn conforms(seen: &Seen) {
    assert!(seen.failing().is_empty() && seen.problems().is_empty(), "{:?} {:?}", seen.failing(), seen.problems());
    assert_eq!(seen.records("aaf.Eleve"), 12);
    seen.spares(&[]);
}

#[test]
fn names_are_shown_and_never_followed() {
    for dir in ["", "livraison/", "../../", "/abs/", "..\\..\\", "./a/../"] {
        conforms(&audited("l.zip", &zipped(dir).bytes()));
        conforms(&audited("l.tar.gz", &tarred(dir).gz()));
    }
    let escaped = std::env::temp_dir().join(pupils_file().0);
    assert!(!escaped.exists());
}

#[test]
fn directories_notes_and_checksums_are_no_trouble() {
    conforms(&audited("l.zip", &zipped("d/").entry("d/", b"", 0, 0).file("d/lisez-moi.txt", b"bonjour").file("d/x.md5", b"zz").bytes()));
    conforms(&audited("l.tgz", &tarred("d/").entry("d/", b"", b'5').file("d/lisez-moi.txt", b"bonjour").gz()));
    let seen = audited("l.zip", &zipped("").file("autre.xml", b"<rss/>").bytes());
    seen.fails("AAF-PKG-NON-RECONNU");
    let seen = audited("l.tgz", &tarred("").file("autre.xml", b"<rss/>").gz());
    seen.fails("AAF-PKG-NON-RECONNU");
}

#[test]
fn entries_that_cannot_be_read_are_said_and_the_others_judged() {
    let without = |zip: Zip| files().iter().filter(|(n, _)| *n != pupils_file().0).fold(zip, |zip, (n, b)| zip.file(n, b));
    let (name, bytes) = pupils_file();
    let encrypted = without(Zip::default()).entry(name, bytes, 1, 8);
    let strange = without(Zip::default()).entry(name, bytes, 0, 14);
    let link = without(Zip::default());
    for zip in [encrypted, strange] {
        let seen = audited("l.zip", &zip.bytes());
        seen.spares(&["aaf.Eleve"]).fails("AAF-XML-LISIBLE").names("AAF-XML-LISIBLE", name);
        seen.unknown("AAF-2D-ELV-IDENTITE", "AAF-XML-LISIBLE").unknown("AAF-PKG-CATEGORIE-VIDE", "AAF-XML-LISIBLE");
        assert_eq!(seen.problems(), [("problem.archive", name.as_str())]);
    }
    let seen = audited("l.zip", &link.bytes());
    seen.fails("AAF-PKG-ELEVE").unknown("AAF-2D-ELV-IDENTITE", "AAF-PKG-ELEVE");

    let without = files().iter().filter(|(n, _)| *n != name).fold(Tar::default(), |tar, (n, b)| tar.file(n, b));
    let seen = audited("l.tar.gz", &without.entry(name, b"", b'2').gz());
    assert_eq!(seen.problems(), [("problem.not_file", name.as_str())]);
    seen.fails("AAF-XML-LISIBLE").unknown("AAF-2D-ELV-IDENTITE", "AAF-XML-LISIBLE");
}

#[test]
fn a_cut_archive_never_passes() {
    let whole = tarred("").gz();
    for part in [1, 3, 5, 7, 9] {
        let seen = audited("l.tar.gz", &whole[..whole.len() * part / 10]);
        assert!(!seen.problems().is_empty());
        // Cut before anything is known of it, it may be of any format.
        match part {
            1 => assert!(seen.report.requirements.iter().all(|r| r.verdict == Verdict::Undetermined)),
            _ => {
                seen.fails("AAF-XML-LISIBLE");
            }
        }
        for r in &seen.report.requirements {
            let on_records = r.examines.iter().any(|e| e != "aaf.file" && e != "aaf.delivery");
            assert!(!(on_records && r.verdict == Verdict::Pass), "{} at {part}/10", r.id);
        }
    }
    let seen = audited("l.tar.gz", &whole[..whole.len() * 9 / 10]);
    assert!(seen.records("aaf.EtabEducNat") > 0, "what came before the cut is read");

    let zip = zipped("").bytes();
    for part in [0, 1, 5, 9] {
        let seen = audited("l.zip", &zip[..zip.len() * part / 10]);
        assert!(seen.report.requirements.iter().all(|r| r.verdict == Verdict::Undetermined));
        assert!(seen.problems()[0].0.starts_with("problem."));
    }
}

#[test]
fn damaged_bytes_inside_an_archive_are_seen() {
    let (name, bytes) = pupils_file();
    let mut zip = zipped("").bytes();
    let at = zip.windows(name.len()).position(|w| w == name.as_bytes()).unwrap() + name.len() + 200;
    zip[at..at + 8].fill(0xFF);
    let seen = audited("l.zip", &zip);
    seen.spares(&["aaf.Eleve"]);
    assert_ne!(seen.verdict("AAF-2D-ELV-IDENTITE"), Verdict::Pass);
    assert!(!bytes.is_empty());
}

#[test]
fn an_archive_that_swells_is_given_up() {
    let zeros = vec![0; 100 << 20];
    let (name, _) = pupils_file();
    let bomb = name.replace("_0000", "_0001");
    let seen = audited("l.zip", &zipped("").file(&bomb, &zeros).bytes());
    assert_eq!(seen.problems(), [("problem.bomb", bomb.as_str())]);
    seen.spares(&["aaf.Eleve"]).fails("AAF-XML-LISIBLE");
    // What is not ours costs nothing.
    conforms(&audited("l.zip", &zipped("").file("zeros.bin", &zeros).bytes()));

    let seen = audited("l.tgz", &tarred("").file("zeros.bin", &zeros).gz());
    assert_eq!(seen.problems(), [("problem.bomb", "l.tgz")]);
    assert_eq!(seen.records("aaf.Eleve"), 12);
    seen.fails("AAF-XML-LISIBLE");
    // A name of as much.
    let seen = audited("l.tgz", &tarred("").entry("long", &zeros, b'L').gz());
    assert_eq!(seen.problems(), [("problem.bomb", "l.tgz")]);
}

#[test]
fn long_names_of_both_kinds_are_read() {
    let (name, bytes) = pupils_file();
    let long = format!("{}/{name}", "d".repeat(150));
    let rest = || files().iter().filter(|(n, _)| *n != name).fold(Tar::default(), |tar, (n, b)| tar.file(n, b));
    conforms(&audited("l.tgz", &rest().pax(&long, bytes).gz()));
    conforms(&audited("l.tgz", &rest().gnu(&long, bytes).gz()));
    conforms(&audited("l.tgz", &rest().pax(&format!("../../{name}"), bytes).unended()));
}

#[test]
fn two_entries_of_one_name_are_two_files() {
    let (name, bytes) = pupils_file();
    let seen = audited("l.tgz", &tarred("").file(name, bytes).gz());
    assert_eq!(seen.records("aaf.Eleve"), 24);
    seen.fails("AAF-PKG-SEQUENCE-DOUBLE");
    let seen = audited("l.zip", &zipped("").file(name, bytes).bytes());
    assert_eq!(seen.problems(), [("problem.same_names", "l.zip")]);
    seen.fails("AAF-XML-LISIBLE");
}

#[test]
fn archives_in_archives_are_not_opened() {
    let inner = zipped("").bytes();
    let seen = audited("l.zip", &Zip::default().file("dedans.zip", &inner).bytes());
    assert_eq!(seen.problems()[0].0, "problem.nothing");
    let seen = audited("l.tgz", &Tar::default().file("dedans.zip", &inner).gz());
    assert_eq!(seen.problems()[0].0, "problem.nothing");
    conforms(&audited("l.zip", &zipped("").file("dedans.zip", &inner).bytes()));
}

#[test]
fn what_is_no_archive_is_said() {
    for name in ["l.zip", "l.tgz", "l.tar.gz"] {
        for bytes in [b"".as_slice(), b"bonjour", &[0x1f, 0x8b, 8], &[0; 600]] {
            let seen = audited(name, bytes);
            assert!(seen.problems()[0].0.starts_with("problem."), "{name}");
            assert!(
                seen.report.requirements.iter().filter(|r| r.examines.iter().any(|e| e == "aaf.Eleve")).all(|r| r.verdict != Verdict::Pass)
            );
        }
    }
}

#[test]
fn several_directories_are_several_deliveries() {
    let first = files().iter().fold(Zip::default(), |zip, (n, b)| zip.file(&format!("a/{n}"), b));
    let both = files().iter().fold(first, |zip, (n, b)| zip.file(&format!("b/{n}"), b));
    let seen = audited("l.zip", &both.bytes());
    assert_eq!((seen.report.target.sources.len(), seen.records("aaf.Eleve")), (2, 24));
    assert!(seen.failing().is_empty());
}
