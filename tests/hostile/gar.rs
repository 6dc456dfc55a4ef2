//! The same for GAR-ENT deliveries: a clear message, the requirement that says it, and the rest judged.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

use conforment::generate::{Degree, Mode, gar};
use conforment::outcome::{Reason, Verdict};
use conforment::report::model::{Report, RequirementResult};
use conforment::target::SourceSpec;

use crate::archive::Tar;
use crate::audited::{self, DAY, set};
use crate::delivery::{Sample, generated};

type Files = BTreeMap<String, Vec<u8>>;

/// The files of a conforming delivery, by name.
fn files() -> &'static Files {
    static ALL: OnceLock<Files> = OnceLock::new();
    ALL.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let date = jiff::civil::date(2026, 9, 19);
        let asked =
            gar::Options { pupils: 12, degree: Degree::D2, seed: 5, faults: vec![], date, day: 0, ident: "B0".into(), archive: false };
        gar::generate(&asked, dir.path(), &mut |_| {}).unwrap();
        let entries = std::fs::read_dir(dir.path()).unwrap().flatten();
        entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap())).collect()
    })
}

fn pupils() -> &'static str {
    files().keys().find(|n| n.contains("_Eleve_")).unwrap()
}

fn text() -> String {
    String::from_utf8(files()[pupils()].clone()).unwrap()
}

struct Told(Report);

impl Told {
    fn of(path: &Path) -> Self {
        let spec = SourceSpec::Gar { path: path.to_owned(), previous: None, degree: None, label: Some("livraison".into()) };
        let told = Self(audited::report(vec![spec], set(), &audited::options(DAY)));
        assert!(told.0.requirements.iter().all(|r| r.reason != Some(Reason::ToolError)));
        told
    }

    /// The delivery with another file of pupils.
    fn with(bytes: impl AsRef<[u8]>) -> Self {
        let sample = Sample::empty();
        sample.add_all(files());
        sample.add(pupils(), bytes);
        Self::of(sample.path())
    }

    fn get(&self, id: &str) -> &RequirementResult {
        audited::result(&self.0, id)
    }

    fn is(&self, id: &str, verdict: Verdict) -> &Self {
        assert_eq!(self.get(id).verdict, verdict, "{id} {:?} {:?}", self.get(id).findings, self.get(id).detail);
        self
    }

    /// The requirement fails, in the file of pupils.
    fn blames(&self, id: &str) -> &Self {
        self.is(id, Verdict::Fail);
        assert!(
            self.get(id).findings.iter().any(|f| f.file.as_deref().is_some_and(|f| f.ends_with(pupils()))),
            "{:?}",
            self.get(id).findings
        );
        self
    }

    /// Nothing of the pupils passes, and the other records are judged as in the sound delivery.
    fn knows_nothing_of_pupils(&self) -> &Self {
        self.is("GAR-XSD-ELEVE-ELEMENTS", Verdict::Undetermined).spares()
    }

    fn spares(&self) -> &Self {
        for id in ["GAR-XSD-ENSEIGNANT-ELEMENTS", "GAR-XSD-ETAB-ELEMENTS", "GAR-XSD-RESPAFF-ELEMENTS", "GAR-XSD-GROUPE-CLE"] {
            self.is(id, Verdict::Pass);
        }
        self
    }

    fn records(&self, kind: &str) -> u64 {
        self.0.target.sources.iter().filter_map(|s| s.records.get(kind)).sum()
    }

    fn problems(&self) -> Vec<&str> {
        self.0.target.sources.iter().flat_map(|s| &s.problems).map(|p| p.message.key.as_str()).collect()
    }
}

fn tar(dir: &str) -> Tar {
    files().iter().fold(Tar::default(), |tar, (name, bytes)| tar.file(&format!("{dir}{name}"), bytes))
}

#[test]
fn the_sample_is_read() {
    let told = Told::with(text());
    assert_eq!((told.records("gar.GAREleve"), told.problems().len()), (12, 0));
    told.spares().is("GAR-XSD-ELEVE-ELEMENTS", Verdict::Pass).is("GAR-XML-01-BIEN-FORME", Verdict::Pass);
}

#[test]
fn a_cut_archive_never_passes() {
    let whole = tar("").gz();
    let sample = Sample::empty();
    for part in [1, 4, 7, 9] {
        let told = Told::of(&sample.add("B0.tar.gz", &whole[..whole.len() * part / 10]));
        assert!(!told.problems().is_empty());
        // Cut before anything is known of it, it may be of any format.
        told.is("GAR-XML-01-LISIBLE", if part == 1 { Verdict::Undetermined } else { Verdict::Fail });
        for r in told.0.requirements.iter().filter(|r| r.examines.iter().any(|e| e.starts_with("gar.GAR"))) {
            assert_ne!(r.verdict, Verdict::Pass, "{} at {part}/10", r.id);
        }
    }
}

#[test]
fn names_in_an_archive_are_shown_and_never_followed() {
    for (dir, escapes) in [("../../", true), ("/abs/", true), ("livraison/", false), ("", false)] {
        let sample = Sample::empty();
        let told = Told::of(&sample.add("B0.tar.gz", tar(dir).gz()));
        assert_eq!((told.records("gar.GAREleve"), told.problems().len()), (12, 0), "{dir}");
        told.spares();
        let facts = told.0.requirements.iter().filter(|r| r.verdict == Verdict::Fail && r.examines.iter().any(|e| e == "gar.delivery"));
        let accused = facts.filter(|r| r.id.starts_with("GAR-PKG")).count();
        assert!(!escapes || accused > 0, "{dir}: nothing says so");
    }
    assert!(!std::env::temp_dir().join(pupils()).exists());
}

#[test]
fn bytes_that_are_not_what_is_said() {
    let latin: Vec<u8> = text().replacen("<men:GARPersonNom>", "<men:GARPersonNom>É", 1).chars().map(|c| c as u8).collect();
    let told = Told::with(latin);
    told.blames("GAR-XML-01-ENCODAGE").spares();
    assert_eq!(told.records("gar.GAREleve"), 12);
    let utf16: Vec<u8> = std::iter::once(0xFEFF).chain(text().encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let told = Told::with(utf16);
    told.blames("GAR-XML-01-ENCODAGE-CONNU").knows_nothing_of_pupils();
    let told = Told::with(text().replacen("<men:GARPersonNom>", "<men:GARPersonNom>\u{1}", 1));
    told.blames("GAR-XML-01-BIEN-FORME").blames("GAR-XML-12-COMMANDES").knows_nothing_of_pupils();
    assert_eq!(told.records("gar.GAREleve"), 12, "every record is read all the same");
}

#[test]
fn one_element_of_64_megabytes_is_passed_over() {
    let text = text();
    let at = text.find("<men:GAREleve>").unwrap();
    let sample = Sample::empty();
    sample.add_all(files());
    let mut file = std::fs::File::create(sample.path().join(pupils())).unwrap();
    file.write_all(&text.as_bytes()[..at]).unwrap();
    file.write_all(b"<men:GAREleve><men:GARPersonIdentifiant>").unwrap();
    let block = "xxxxxxxxxxxxxxx\n".repeat(1 << 16);
    (0..64).for_each(|_| file.write_all(block.as_bytes()).unwrap());
    file.write_all(b"</men:GARPersonIdentifiant></men:GAREleve>\n").unwrap();
    file.write_all(&text.as_bytes()[at..]).unwrap();
    let told = Told::of(sample.path());
    told.blames("GAR-XML-01-DEMESURE").knows_nothing_of_pupils();
    assert_eq!(told.records("gar.GAREleve"), 12);
}

#[test]
fn an_endless_prolog_and_a_bomb_of_entities() {
    let body = text().split_once("?>").unwrap().1.to_owned();
    let told = Told::with(format!("<!-- {} -->{body}", "<p>x</p>\n".repeat(2 << 20)));
    told.blames("GAR-XML-01-DEMESURE").knows_nothing_of_pupils();
    let mut bomb = "<!DOCTYPE a [<!ENTITY e0 \"lol\">".to_owned();
    (1..20).for_each(|i| bomb += &format!("<!ENTITY e{i} \"{}\">", format!("&e{};", i - 1).repeat(10)));
    let named = body.replacen("<men:GARPersonNom>", "<men:GARPersonNom>&e19;", 1);
    let told = Told::with(format!("{bomb}]>{named}"));
    told.blames("GAR-XML-11-ENTITES").blames("GAR-XML-01-ENTITES-INCONNUES").spares();
    assert_eq!(told.records("gar.GAREleve"), 12);
}

#[test]
fn files_of_another_feed_in_the_same_directory_change_nothing() {
    let sample = Sample::empty();
    sample.add_all(files());
    sample.add_all(generated(Degree::D2, Mode::Complet));
    let told = Told::of(sample.path());
    assert_eq!((told.records("gar.GAREleve"), told.records("aaf.Eleve"), told.problems().len()), (12, 0, 0));
    told.spares().is("GAR-XSD-ELEVE-ELEMENTS", Verdict::Pass).is("GAR-XML-01-BIEN-FORME", Verdict::Pass);
    let aaf = sample.audit();
    assert_eq!((aaf.records("aaf.Eleve"), aaf.verdict("AAF-XML-BIEN-FORME")), (12, Verdict::Pass));
}
