//! A directory beside other deliveries: which go together, what is said where nothing could be compared, and exports that tell
//! themselves that they are not whole.
#![allow(missing_docs, clippy::unwrap_used)]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use conforment::generate::{self, Degree, Encoding, Mode, annuaire, gar};
use conforment::outcome::{Reason, Verdict};
use conforment::report::model::{Report, RequirementResult};
use conforment::target::SourceSpec;
use jiff::civil::{Date, date};

#[path = "common/audited.rs"]
mod audited;
use audited::{options, report, result, set};

const DAY: Date = date(2026, 9, 1);

fn feed(dir: &Path, seed: u64) -> SourceSpec {
    let path = dir.join(format!("aaf-{seed}"));
    let encoding = Encoding::Utf8;
    let options = generate::Options { pupils: 40, degree: Degree::D2, mode: Mode::Complet, seed, faults: vec![], date: DAY, encoding };
    if !path.exists() {
        generate::generate(&options, &path, &mut |_| {}).unwrap();
    }
    SourceSpec::Aaf { path, deltas: vec![], degree: Some(Degree::D2), label: None }
}

fn exported(dir: &Path, seed: u64) -> SourceSpec {
    let path = dir.join("gar");
    let (faults, ident) = (vec![], "A0".to_owned());
    let options = gar::Options { pupils: 40, degree: Degree::D2, seed, faults, date: DAY, day: 0, ident, archive: false };
    gar::generate(&options, &path, &mut |_| {}).unwrap();
    SourceSpec::Gar { path, previous: None, degree: Some(Degree::D2), label: None }
}

/// The directory of that seed, changed.
fn directory(dir: &Path, seed: u64, change: impl FnOnce(String) -> String) -> PathBuf {
    let path = dir.join("annuaire.ldif");
    let _ = std::fs::remove_file(&path);
    let dialect = annuaire::Dialect::Dn;
    let options = annuaire::Options { pupils: 40, degree: Degree::D2, seed, faults: vec![], date: DAY, day: 0, dialect };
    annuaire::generate(&options, &path, &mut |_| {}).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, change(text)).unwrap();
    path
}

fn source(path: PathBuf) -> SourceSpec {
    SourceSpec::Annuaire { path, dialect: None, degree: Some(Degree::D2), local: None, label: None }
}

fn audit(sources: Vec<SourceSpec>) -> Report {
    report(sources, set(), &options(DAY))
}

fn detail(r: &RequirementResult) -> &str {
    r.detail.as_ref().map_or("", |d| d.key.as_str())
}

#[test]
fn of_two_feeds_nothing_says_which_is_whose_and_the_exports_are_still_compared() {
    let dir = tempfile::tempdir().unwrap();
    let path = directory(dir.path(), 3, |text| text);
    let all = audit(vec![feed(dir.path(), 3), feed(dir.path(), 4), exported(dir.path(), 3), source(path.clone())]);
    let with_feed = result(&all, "ANN-AAF-2D-ELEVE-NOM");
    assert_eq!((with_feed.verdict, with_feed.reason, detail(with_feed)), (Verdict::Undetermined, Some(Reason::Blocked), "detail.apart"));
    assert_eq!(result(&all, "ANN-GAR-ELEVE-NOM").verdict, Verdict::Pass);
    let one = audit(vec![feed(dir.path(), 3), source(path)]);
    assert_eq!(result(&one, "ANN-AAF-2D-ELEVE-NOM").verdict, Verdict::Pass);
    assert_eq!(detail(result(&one, "ANN-GAR-ELEVE-NOM")), "detail.no_source.gar");
}

#[test]
fn what_could_not_be_compared_does_not_pass() {
    let dir = tempfile::tempdir().unwrap();
    let aaf = feed(dir.path(), 3);
    // Nobody has the key that the feed gives.
    let path = directory(dir.path(), 3, |text| text.replace("ENTPersonJointure: AC-CONFORMENT$", "ENTPersonJointure: AC-CONFORMENT$9"));
    let other_keys = audit(vec![aaf.clone(), source(path)]);
    let name = result(&other_keys, "ANN-AAF-2D-ELEVE-NOM");
    assert_eq!((name.verdict, name.examined, detail(name)), (Verdict::Undetermined, 0, "detail.nothing_known"));
    // The directory holds no INE: a choice.
    let without = |text: String| text.lines().filter(|l| !l.starts_with("ENTEleveINE:")).collect::<Vec<_>>().join("\n") + "\n";
    let path = directory(dir.path(), 3, without);
    let no_ine = audit(vec![aaf.clone(), source(path)]);
    let ine = result(&no_ine, "ANN-AAF-2D-ELEVE-INE");
    assert_eq!((ine.verdict, detail(ine)), (Verdict::NotApplicable, "detail.nothing_there"));
    // One name differs: it is told with the source where it is another.
    let path = directory(dir.path(), 3, |text| {
        let pupil = text.find("objectClass: ENTEleve\n").unwrap();
        let at = pupil + text[pupil..].find("\nsn: ").unwrap() + 5;
        format!("{}AUTREMENT{}", &text[..at], &text[at..])
    });
    let changed = audit(vec![aaf, source(path)]);
    let name = result(&changed, "ANN-AAF-2D-ELEVE-NOM");
    assert_eq!((name.verdict, name.failures, name.findings[0].message.key.as_str()), (Verdict::Fail, 1, "finding.across.differs"));
    assert_eq!(name.findings[0].attribute.as_deref(), Some("sn"));
    let said = conforment::i18n::message(conforment::i18n::Lang::Fr, &name.findings[0].message);
    assert!(said.contains("l’annuaire"), "{said}");
}

#[test]
fn an_export_compressed_by_itself_is_read_and_one_cut_by_the_server_is_not_whole() {
    let dir = tempfile::tempdir().unwrap();
    let path = directory(dir.path(), 3, |text| text);
    let plain = std::fs::read(&path).unwrap();
    let packed = dir.path().join("annuaire.ldif.gz");
    let mut gz = flate2::write::GzEncoder::new(std::fs::File::create(&packed).unwrap(), flate2::Compression::fast());
    gz.write_all(&plain).unwrap();
    gz.finish().unwrap();
    assert_eq!(conforment::source::recognised(&packed), ["annuaire"]);
    let (from_plain, from_packed) = (audit(vec![source(path.clone())]), audit(vec![source(packed.clone())]));
    let verdicts = |r: &Report| r.requirements.iter().map(|r| (r.id.clone(), r.verdict, r.examined)).collect::<Vec<_>>();
    assert_eq!(verdicts(&from_plain), verdicts(&from_packed));
    // Damaged in its middle, it proves nothing.
    let mut bytes = std::fs::read(&packed).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 50].fill(0);
    std::fs::write(&packed, bytes).unwrap();
    let damaged = audit(vec![source(packed)]);
    assert_eq!(result(&damaged, "ANN-LDIF-LISIBLE").verdict, Verdict::Fail);
    // What ldapsearch adds says whether there are others.
    for (tail, verdict) in [("result: 0 Success", Verdict::Pass), ("result: 4 Size limit exceeded", Verdict::Fail)] {
        std::fs::write(&path, [plain.as_slice(), b"\n# search result\nsearch: 2\n", tail.as_bytes(), b"\n"].concat()).unwrap();
        let seen = audit(vec![source(path.clone())]);
        assert_eq!(result(&seen, "ANN-LDIF-RECHERCHE").verdict, verdict, "{tail}");
        assert_eq!(result(&seen, "ANN-LDIF-ENTREES").verdict, Verdict::Pass, "{tail}");
        let unique = result(&seen, "ANN-UNQ-UID");
        let expected = if verdict == Verdict::Pass { Verdict::Pass } else { Verdict::Undetermined };
        assert_eq!(unique.verdict, expected, "{tail}");
    }
}
