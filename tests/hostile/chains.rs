//! Deliveries mixed with one another.

use std::collections::BTreeMap;

use conforment::generate::{Degree, Mode};

use crate::delivery::{Sample, Seen, generated};

#[test]
fn two_levels_in_one_directory_are_two_deliveries() {
    let sample = Sample::new();
    sample.add_all(generated(Degree::D1, Mode::Complet));
    let seen = sample.audit();
    assert_eq!(seen.report.target.sources.len(), 2);
    let accused = seen.failing();
    assert!(accused.iter().all(|id| id.starts_with("AAF-PKG-")), "{accused:?}");
    assert!(seen.records("aaf.Eleve") > 12);
}

#[test]
fn two_dates_and_two_prefixes_are_said() {
    let sample = Sample::new();
    let path = sample.file("PersEducNat");
    std::fs::rename(&path, path.to_string_lossy().replace("20260914", "20260907")).unwrap();
    let seen = sample.audit();
    seen.fails("AAF-PKG-DATE-UNIQUE");

    let sample = Sample::new();
    let path = sample.file("PersEducNat");
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    std::fs::rename(&path, path.with_file_name(format!("AUTRE{name}"))).unwrap();
    let seen = sample.audit();
    seen.fails("AAF-PKG-PREFIXE-UNIQUE");
}

#[test]
fn gaps_and_doubles_in_numbers_are_said() {
    let sample = Sample::new();
    let path = sample.file("Eleve");
    std::fs::rename(&path, path.to_string_lossy().replace("_0000.xml", "_0003.xml")).unwrap();
    sample.audit().spares(&[]).fails("AAF-PKG-SEQUENCE-CONTINUE");
    std::fs::rename(
        path.to_string_lossy().replace("_0000.xml", "_0003.xml"),
        path.to_string_lossy().replace("_0000.xml", "_999999999.xml"),
    )
    .unwrap();
    sample.audit().spares(&[]).fails("AAF-PKG-SEQUENCE-CONTINUE");
}

#[test]
fn a_complet_and_its_delta_are_a_chain_however_given() {
    let delta = Sample::empty();
    delta.add_all(generated(Degree::D2, Mode::Delta));
    let apart = Seen::with(Sample::new().path(), &[], 2);
    assert!(apart.failing().is_empty());

    let together = Sample::new();
    together.add_all(generated(Degree::D2, Mode::Delta));
    let seen = together.audit();
    let accused = seen.failing();
    assert!(accused.iter().all(|id| id.starts_with("AAF-PKG-")), "{accused:?}");

    let base = Sample::new();
    let chained = Seen::with(base.path(), &[delta.path().to_owned()], 2);
    assert!(chained.failing().is_empty(), "{:?}", chained.failing());

    // The same chain, each part in an archive or not.
    let tar = |files: &BTreeMap<String, Vec<u8>>| files.iter().fold(crate::archive::Tar::default(), |t, (n, b)| t.file(n, b)).gz();
    let place = Sample::empty();
    let complet = place.add("complet.tar.gz", tar(generated(Degree::D2, Mode::Complet)));
    let delta_tar = place.add("delta.tar.gz", tar(generated(Degree::D2, Mode::Delta)));
    for (first, then) in [(complet.as_path(), delta.path()), (base.path(), delta_tar.as_path()), (complet.as_path(), delta_tar.as_path())] {
        let seen = Seen::with(first, &[then.to_owned()], 2);
        assert!(seen.failing().is_empty(), "{:?}", seen.failing());
        assert_eq!(seen.records("aaf.Eleve"), chained.records("aaf.Eleve"));
        for (a, b) in seen.report.requirements.iter().zip(&chained.report.requirements) {
            assert_eq!((&a.id, a.verdict), (&b.id, b.verdict), "{:?} {:?}", a.detail, b.detail);
        }
    }
}

#[test]
fn a_header_of_the_other_level_is_said() {
    let sample = Sample::new();
    for category in ["Eleve", "PersRelEleve", "PersEducNat", "EtabEducNat", "MefEducNat", "MatiereEducNat"] {
        sample.put(category, sample.text(category).replace("Annexe 4bis version", "Annexe 1 version"));
    }
    let seen = sample.audit();
    let accused = seen.failing();
    assert!(!accused.is_empty() && accused.iter().all(|id| id.starts_with("AAF-PKG-")), "{accused:?}");
    assert_eq!(seen.records("aaf.Eleve"), 12);

    // One file only: it stays in its delivery.
    let sample = Sample::new();
    sample.put("PersEducNat", sample.text("PersEducNat").replace("Annexe 4bis version", "Annexe 1 version"));
    let seen = sample.audit();
    assert_eq!(seen.report.target.sources.len(), 1);
    assert!(seen.failing().iter().all(|id| id.starts_with("AAF-PKG-")), "{:?}", seen.failing());
}

#[test]
fn more_layers_than_a_byte_counts() {
    let sample = Sample::new();
    let pupils = generated(Degree::D2, Mode::Delta).iter().find(|(n, _)| n.contains("_Eleve_")).unwrap();
    let first = jiff::civil::date(2026, 9, 15);
    for i in 0..300 {
        let day = first.checked_add(jiff::Span::new().days(i)).unwrap().strftime("%Y%m%d").to_string();
        sample.add(&pupils.0.replace("20260915", &day), pupils.1);
    }
    let seen = sample.audit();
    assert!(seen.records("aaf.Eleve") >= 11 && seen.records("aaf.Eleve") <= 14, "{}", seen.records("aaf.Eleve"));
    assert!(seen.records("aaf.EtabEducNat") > 0);
}
