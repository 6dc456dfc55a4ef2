//! Directories where files are expected, and the other way round.

use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use conforment::generate::{Degree, Mode};
use conforment::outcome::Verdict;

use crate::archive::Zip;
use crate::delivery::{Sample, Seen, generated};

fn blocked(seen: &Seen) {
    assert!(seen.report.requirements.iter().all(|r| r.verdict == Verdict::Undetermined));
}

#[test]
fn a_place_without_feed_blocks_everything() {
    let sample = Sample::empty();
    let empty = Seen::of(sample.path());
    assert_eq!(empty.problems(), [("problem.nothing", "")]);
    blocked(&empty);
    sample.add("notes.txt", "bonjour");
    sample.add("doc/page.xml", "<html/>");
    assert_eq!(Seen::of(sample.path()).problems()[0].0, "problem.nothing");
    assert_eq!(Seen::of(&sample.add("une.xml", "<html/>")).problems()[0].0, "problem.nothing");
    let absent = Seen::of(&sample.path().join("absent"));
    assert_eq!(absent.problems(), [("problem.open", "")]);
    blocked(&absent);
}

#[test]
fn other_xml_files_accuse_no_delivery_of_their_own() {
    let sample = Sample::new();
    sample.add("doc/page.xml", "<html/>");
    let seen = sample.audit();
    seen.spares(&[]).fails("AAF-PKG-NON-RECONNU").passes("AAF-PKG-ELEVE");
    assert_eq!(seen.report.target.sources.len(), 1);
}

#[cfg(unix)]
#[test]
fn what_is_not_a_file_is_said_and_never_waited_for() {
    use std::os::unix::fs::symlink;
    let makers: [fn(&std::path::Path); 4] = [
        |p| fs::create_dir(p).unwrap(),
        |p| symlink("nowhere", p).unwrap(),
        |p| symlink(p.file_name().unwrap(), p).unwrap(),
        |p| assert!(Command::new("mkfifo").arg(p).status().unwrap().success()),
    ];
    for make in makers {
        let sample = Sample::new();
        let path = sample.file("Eleve");
        fs::remove_file(&path).unwrap();
        make(&path);
        let start = Instant::now();
        let seen = sample.audit();
        assert!(start.elapsed() < Duration::from_secs(30));
        let name = path.file_name().unwrap().to_string_lossy();
        seen.spares(&["aaf.Eleve"]).fails("AAF-XML-LISIBLE").names("AAF-XML-LISIBLE", &name);
        seen.unknown("AAF-2D-ELV-IDENTITE", "AAF-XML-LISIBLE").passes("AAF-PKG-ELEVE");
        assert!(matches!(seen.problems()[..], [("problem.open" | "problem.not_file", file)] if file == name));
    }
}

#[cfg(unix)]
#[test]
fn pipes_and_loops_elsewhere_do_not_matter() {
    let sample = Sample::new();
    std::os::unix::fs::symlink(".", sample.path().join("boucle")).unwrap();
    for name in ["tube.md5", "tube.zip", "tube.txt"] {
        assert!(Command::new("mkfifo").arg(sample.path().join(name)).status().unwrap().success());
    }
    let seen = sample.audit();
    seen.spares(&[]);
    assert!(seen.failing().is_empty());
}

#[test]
fn an_archive_that_cannot_be_opened_is_said_beside_the_others() {
    let sample = Sample::empty();
    let good = generated(Degree::D2, Mode::Complet).iter().fold(Zip::default(), |zip, (n, b)| zip.file(n, b)).bytes();
    sample.add("bonne.zip", &good);
    sample.add("mauvaise.zip", &good[..good.len() / 2]);
    let seen = sample.audit();
    assert_eq!((seen.problems(), seen.records("aaf.Eleve")), (vec![("problem.archive", "mauvaise.zip")], 12));
    seen.fails("AAF-XML-LISIBLE").names("AAF-XML-LISIBLE", "mauvaise.zip");
}

#[test]
fn capitals_in_the_extension_hide_nothing() {
    let sample = Sample::new();
    let path = sample.file("Eleve");
    fs::rename(&path, path.with_extension("XML")).unwrap();
    let seen = sample.audit();
    seen.spares(&[]).fails("AAF-PKG-NOM").passes("AAF-PKG-ELEVE");
    assert_eq!(seen.records("aaf.Eleve"), 12);
}

#[test]
fn checksums_right_wrong_and_senseless() {
    let sample = Sample::new();
    let path = sample.file("Eleve");
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let sum = Command::new("md5sum").arg(&path).output().unwrap().stdout;
    let sum = String::from_utf8(sum).unwrap().split(' ').next().unwrap().to_owned();
    let md5 = format!("{name}.md5");
    for (text, expected) in [
        (format!("{sum}  {name}\n"), Verdict::Pass),
        (sum.to_uppercase(), Verdict::Pass),
        (format!("{}  {name}\n", "0".repeat(32)), Verdict::Fail),
        ("bonjour\n".to_owned(), Verdict::Pass),
        ("\0".repeat(5000), Verdict::Pass),
        (format!("{sum}  ../../etc/passwd"), Verdict::Pass),
    ] {
        sample.add(&md5, &text);
        let seen = sample.audit();
        if expected == Verdict::Fail {
            seen.fails("AAF-PKG-EMPREINTE");
        } else {
            assert_ne!(seen.verdict("AAF-PKG-EMPREINTE"), Verdict::Fail, "{text}");
        }
    }
}

#[test]
fn thousands_of_tiny_files() {
    let sample = Sample::new();
    for i in 1..3000 {
        sample.add(&sample.file("Eleve").to_string_lossy().replace("_0000.xml", &format!("_{i:04}.xml")), "<ficAlimMENESR/>");
    }
    let start = Instant::now();
    let seen = sample.audit();
    assert!(start.elapsed() < Duration::from_secs(60));
    seen.spares(&[]).passes("AAF-XML-BIEN-FORME").passes("AAF-PKG-SEQUENCE-CONTINUE");
    assert_eq!(seen.records("aaf.Eleve"), 12);
}

/// The command itself: exit code, both languages, no panic.
#[test]
fn the_command_ends_with_a_message_and_a_code() {
    let run = |path: &std::path::Path, lang: &str| {
        let out = Command::new(env!("CARGO_BIN_EXE_conforment")).args(["check", "--lang", lang]).arg(path).output().unwrap();
        let all = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
        assert!(!all.contains("panicked"), "{all}");
        (out.status.code(), all.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let empty = Sample::empty();
    let (code, text) = run(empty.path(), "fr");
    assert!(code == Some(3) && text.contains("aucun fichier AAF trouvé"), "{code:?} {text}");
    let (code, text) = run(empty.path(), "en");
    assert!(code == Some(3) && text.contains("no AAF file found"), "{code:?} {text}");
    let cut = Sample::new();
    cut.edit("Eleve", |p| format!("{}{}", p.head, p.requests[0]));
    let (code, text) = run(cut.path(), "fr");
    assert!(code == Some(1) && text.contains("AAF-XML-ENTIER") && text.contains("_Eleve_0000.xml"), "{code:?} {text}");
    assert_eq!(run(cut.path(), "en").0, Some(1));
}
