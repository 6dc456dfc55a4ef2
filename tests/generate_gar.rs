//! Synthetic GAR-ENT deliveries, from the outside: reproducible, valid for the schemas, coherent with the AAF of the
//! same options, and broken exactly where asked.

#[path = "common/xsd.rs"]
mod xsd;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use conforment::generate::gar::{self, Fault, Options, Summary, faults};
use conforment::generate::{self, Degree, Encoding, GenerateError, Mode};
use conforment::i18n::Lang;
use md5::{Digest, Md5};
use regex::Regex;
use xsd::schema;

const DEGREES: [Degree; 2] = [Degree::D1, Degree::D2];

fn options(degree: Degree, pupils: u64) -> Options {
    let date = jiff::civil::date(2026, 9, 14);
    Options { pupils, degree, seed: 7, faults: Vec::new(), date, day: 0, ident: "B0".into(), archive: false }
}

fn write(options: &Options) -> (tempfile::TempDir, Summary) {
    let dir = tempfile::tempdir().expect("directory");
    let summary = gar::generate(options, dir.path(), &mut |_| {}).unwrap_or_else(|e| panic!("{:?}: {e}", options.faults));
    (dir, summary)
}

fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("directory").map(|e| e.expect("entry"));
    entries.map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("file"))).collect()
}

/// Texts of every element of that name, in every file whose name holds `category`.
fn texts(dir: &Path, category: &str, element: &str) -> Vec<String> {
    let found = Regex::new(&format!("<men:{element}>([^<]*)</men:{element}>")).expect("regex");
    let mut out = Vec::new();
    for (_, content) in bytes(dir).into_iter().filter(|(name, _)| name.contains(category)) {
        let content = String::from_utf8(content).expect("UTF-8");
        out.extend(found.captures_iter(&content).map(|c| c[1].to_owned()));
    }
    out
}

/// Name, first name and date of birth of every record of a kind, by identifier.
fn people(dir: &Path, category: &str, element: &str) -> BTreeMap<String, [String; 3]> {
    let record = Regex::new(&format!("(?s)<men:{element}>(.*?)</men:{element}>")).expect("regex");
    let one = |text: &str, name: &str| {
        let (open, close) = (format!("<men:{name}>"), format!("</men:{name}>"));
        let start = text.find(&open).unwrap_or_else(|| panic!("no {name}")) + open.len();
        text[start..start + text[start..].find(&close).expect("closed")].to_owned()
    };
    let mut out = BTreeMap::new();
    for (_, content) in bytes(dir).into_iter().filter(|(name, _)| name.contains(category)) {
        let content = String::from_utf8(content).expect("UTF-8");
        for text in record.captures_iter(&content).map(|c| c[1].to_owned()) {
            let told = ["GARPersonNom", "GARPersonPrenom", "GARPersonDateNaissance"].map(|n| one(&text, n));
            assert!(out.insert(one(&text, "GARPersonIdentifiant"), told).is_none(), "an identifier twice");
        }
    }
    out
}

/// First value of these attributes in every request of the AAF files of a category; accents are numeric references.
fn aaf(dir: &Path, category: &str, names: [&str; 3]) -> BTreeSet<[String; 3]> {
    let value = |text: &str, name: &str| {
        let found = text.split_once(&format!("<attr name=\"{name}\"><value>")).map(|(_, rest)| rest);
        let raw = found.and_then(|rest| rest.split_once("</value>")).map_or("", |(value, _)| value);
        let reference = Regex::new("&#([0-9]+);").expect("regex");
        let text =
            reference.replace_all(raw, |c: &regex::Captures| c[1].parse().ok().and_then(char::from_u32).expect("character").to_string());
        text.replace("&apos;", "'")
    };
    let mut out = BTreeSet::new();
    for (_, content) in bytes(dir).into_iter().filter(|(name, _)| name.contains(category)) {
        let content = String::from_utf8(content).expect("UTF-8");
        out.extend(content.split("<addRequest>").skip(1).map(|request| names.map(|name| value(request, name))));
    }
    out
}

/// What xmllint has against the files of a delivery.
fn refused(schema: &Path, dir: &Path) -> String {
    let files: Vec<String> = bytes(dir).into_keys().filter(|n| n.ends_with(".xml")).collect();
    xsd::refused(schema, dir, &files).into_iter().map(|(name, told)| format!("{name}: {told}")).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_same_options_give_the_same_bytes() {
    for degree in DEGREES {
        for archive in [false, true] {
            let asked = Options { archive, ..options(degree, 200) };
            let (one, summary) = write(&asked);
            let (two, again) = write(&asked);
            assert_eq!(bytes(one.path()), bytes(two.path()));
            assert_eq!(summary, again);
            let (other, _) = write(&Options { seed: 12, ..asked });
            assert_ne!(bytes(one.path()), bytes(other.path()));
        }
    }
}

#[test]
fn every_file_is_valid_for_the_schema() {
    for degree in DEGREES {
        let Some(schema) = schema(degree) else { return };
        for pupils in [1, 40, 900] {
            for day in [0, 1] {
                let (dir, _) = write(&Options { day, ..options(degree, pupils) });
                assert_eq!(refused(&schema, dir.path()), "", "{degree} {pupils} {day}");
            }
        }
    }
}

#[test]
fn it_speaks_of_the_people_of_the_aaf() {
    for degree in DEGREES {
        let asked = options(degree, 700);
        let (dir, summary) = write(&asked);
        let feed = tempfile::tempdir().expect("directory");
        let same = generate::Options {
            pupils: asked.pupils,
            degree,
            mode: Mode::Complet,
            seed: asked.seed,
            faults: Vec::new(),
            date: asked.date,
            encoding: Encoding::Utf8,
        };
        generate::generate(&same, feed.path(), &mut |_| {}).expect("the AAF");
        let names = match degree {
            Degree::D1 => ["ENTPersonNom", "ENTPersonPrenom", "ENTPersonDateNaissance"],
            Degree::D2 => ["sn", "givenName", "ENTPersonDateNaissance"],
        };
        for (category, element, theirs) in [("_Eleve_", "GAREleve", "_Eleve_"), ("_Enseignant_", "GAREnseignant", "_PersEducNat_")] {
            let known = aaf(feed.path(), theirs, names);
            let told = people(dir.path(), category, element);
            for [name, first, birth] in told.values() {
                let french: Vec<&str> = birth.rsplit('-').collect();
                assert!(known.contains(&[name.clone(), first.clone(), french.join("/")]), "{element} unknown to the AAF");
            }
            assert_eq!(told.len() as u64, summary.records[element]);
            if element == "GAREleve" {
                assert_eq!(told.len() as u64, asked.pupils, "everybody is there");
            }
        }
        let structures = aaf(feed.path(), "_EtabEducNat_", ["ENTStructureUAI", "", ""]);
        let schools = texts(dir.path(), "_Etab_", "GARStructureUAI");
        assert!(!schools.is_empty() && schools.iter().all(|uai| structures.contains(&[uai.clone(), String::new(), String::new()])));
        if degree == Degree::D2 {
            let mefs = aaf(feed.path(), "_MefEducNat_", ["ENTMefJointure", "", ""]);
            let subjects = aaf(feed.path(), "_MatiereEducNat_", ["ENTMatJointure", "", ""]);
            for (element, known) in [("GARMEFCode", mefs), ("GARMatiereCode", subjects)] {
                let used = texts(dir.path(), "_", element);
                assert!(!used.is_empty() && used.iter().all(|c| known.contains(&[c.clone(), String::new(), String::new()])), "{element}");
            }
        }
    }
}

#[test]
fn identifiers_are_opaque() {
    let shape = Regex::new("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").expect("regex");
    let (dir, _) = write(&options(Degree::D2, 120));
    let told = people(dir.path(), "_Eleve_", "GAREleve");
    assert!(told.keys().all(|id| shape.is_match(id)));
    let (other, _) = write(&Options { seed: 8, ..options(Degree::D2, 120) });
    assert!(people(other.path(), "_Eleve_", "GAREleve").keys().all(|id| !told.contains_key(id)), "they follow from the seed");
}

#[test]
fn links_point_at_what_is_there() {
    for degree in DEGREES {
        for day in [0, 1] {
            let (dir, _) = write(&Options { day, ..options(degree, 500) });
            let pupils = people(dir.path(), "_Eleve_", "GAREleve");
            let staff = people(dir.path(), "_Enseignant_", "GAREnseignant");
            assert!(pupils.keys().all(|id| !staff.contains_key(id)));
            let known = |id: &String| pupils.contains_key(id) || staff.contains_key(id);
            assert!(texts(dir.path(), "_Groupe_", "GARPersonIdentifiant").iter().all(known));
            assert!(texts(dir.path(), "_RespAff_", "GARPersonIdentifiant").iter().all(|id| staff.contains_key(id)));
            let schools: BTreeSet<String> = texts(dir.path(), "_Etab_", "GARStructureUAI").into_iter().collect();
            assert!(texts(dir.path(), "_", "GARStructureUAI").iter().all(|uai| schools.contains(uai)));
            let managed: BTreeSet<String> = texts(dir.path(), "_RespAff_", "GARRespAffEtab").into_iter().collect();
            assert_eq!(managed, schools, "every school has a manager");
            let declared: BTreeSet<String> = texts(dir.path(), "_Etab_", "GARMatiereCode").into_iter().collect();
            assert!(texts(dir.path(), "_Groupe_", "GARMatiereCode").iter().all(|code| declared.contains(code)));
        }
    }
}

#[test]
fn big_categories_are_split_in_files_that_follow_each_other() {
    let (dir, _) = write(&options(Degree::D1, 6_000));
    let files: Vec<(String, Vec<u8>)> = bytes(dir.path()).into_iter().filter(|(n, _)| n.contains("_1D_Eleve_")).collect();
    assert_eq!(files.len(), 2, "12 000 records");
    for (rank, (name, content)) in files.iter().enumerate() {
        assert!(name.starts_with("B0_GAR-ENT_Complet_20260914_2") && name.ends_with(&format!("_1D_Eleve_{rank:04}.xml")), "{name}");
        let text = String::from_utf8_lossy(content);
        let records = text.matches("</men:GAREleve>").count() + text.matches("</men:GARPersonMEFSTAT4>").count();
        assert!(records <= 10_000 && records > 0, "{records}");
    }
}

#[test]
fn the_archive_holds_the_files_and_its_digest_is_bare() {
    for degree in DEGREES {
        let (plain, _) = write(&options(degree, 90));
        let (packed, summary) = write(&Options { archive: true, ..options(degree, 90) });
        let files = bytes(packed.path());
        assert_eq!((files.len(), summary.files), (2, 2));
        let (name, content) = files.iter().find(|(n, _)| n.ends_with(".tar.gz")).expect("archive");
        let base = name.strip_suffix(".tar.gz").expect("suffix");
        let digest: String = Md5::digest(content).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(files[&format!("{base}.md5")], digest.into_bytes());
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(content.as_slice()));
        let mut inside = BTreeMap::new();
        for entry in tar.entries().expect("entries") {
            let mut entry = entry.expect("entry");
            let name = entry.path().expect("path").to_string_lossy().into_owned();
            let mut content = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut content).expect("content");
            assert!(name.starts_with(base), "{name}");
            inside.insert(name, content);
        }
        assert_eq!(inside, bytes(plain.path()));
    }
}

#[test]
fn a_day_changes_little_and_nobody_changes_identifier() {
    for degree in DEGREES {
        let asked = options(degree, 3_000);
        let (first, _) = write(&asked);
        let (later, _) = write(&Options { day: 3, ..asked.clone() });
        assert!(bytes(later.path()).keys().all(|n| n.contains("_Complet_20260917_")));
        let (before, after) = (people(first.path(), "_Eleve_", "GAREleve"), people(later.path(), "_Eleve_", "GAREleve"));
        let (left, arrived) =
            (before.keys().filter(|id| !after.contains_key(*id)).count(), after.keys().filter(|id| !before.contains_key(*id)).count());
        assert!(left > 0 && arrived > 0 && (left + arrived) * 50 < before.len(), "{left} left, {arrived} arrived");
        assert!(before.iter().all(|(id, told)| after.get(id).is_none_or(|again| again == told)));

        let other = Options { faults: vec!["identifiants-changes".parse().expect("fault")], day: 3, ..asked.clone() };
        let renewed = people(write(&other).0.path(), "_Eleve_", "GAREleve");
        let faces: BTreeSet<&[String; 3]> = renewed.iter().filter(|(id, _)| !after.contains_key(*id)).map(|(_, told)| told).collect();
        assert!(faces.len() > 20 && faces.iter().all(|told| after.values().any(|a| a == *told)));
        let fewer = Options { faults: vec!["effectifs-en-chute".parse().expect("fault")], day: 3, ..asked.clone() };
        let fallen = people(write(&fewer).0.path(), "_Eleve_", "GAREleve").len();
        assert!(fallen * 100 < after.len() * 75 && fallen * 100 > after.len() * 65, "{fallen} of {}", after.len());
        let gone = Options { faults: vec!["etablissement-disparu".parse().expect("fault")], day: 3, ..asked };
        let schools = |dir: &Path| texts(dir, "_RespAff_", "GARRespAffEtab").into_iter().collect::<BTreeSet<_>>();
        assert_eq!(schools(write(&gone).0.path()).len() + 1, schools(later.path()).len());
    }
}

/// How many pupils a fault needs.
fn enough(fault: Fault) -> u64 {
    if fault.id() == "fichier-trop-long" { 6_000 } else { 400 }
}

#[test]
fn every_fault_changes_the_delivery_and_says_where() {
    for degree in DEGREES {
        let clean: Vec<(u64, bool, BTreeMap<String, Vec<u8>>)> = [(400, false), (400, true), (6_000, false)]
            .map(|(pupils, archive)| (pupils, archive, bytes(write(&Options { archive, ..options(degree, pupils) }).0.path())))
            .into();
        for fault in Fault::all().filter(|f| f.info().degrees.contains(&degree)) {
            let archive = fault.info().needs_archive();
            let (dir, summary) = write(&Options { faults: vec![fault], archive, ..options(degree, enough(fault)) });
            let (_, _, clean) = clean.iter().find(|(n, a, _)| (*n, *a) == (enough(fault), archive)).expect("clean");
            assert_ne!(&bytes(dir.path()), clean, "{fault:?}");
            let [injected] = summary.faults.as_slice() else { panic!("{fault:?}") };
            assert!(injected.count > 0 && !injected.files.is_empty(), "{fault:?}");
            assert!(!injected.requirements.is_empty(), "{fault:?} breaks no requirement of {degree}");
        }
    }
}

#[test]
fn what_the_schema_says_of_faults_is_what_it_says() {
    // Requirements that are the schemas' own; those of a date padded with spaces are refused by libxml2 alone.
    const SCHEMA: &[&str] = &["GAR-XML-02", "GAR-XML-04", "GAR-XML-06", "GAR-XML-10", "GAR-XSD-"];
    // Refused for what they do to one file, or accepted although they break such a rule.
    const REFUSED: &[&str] = &[
        "xml-mal-forme",
        "xml-tronque",
        "encodage-menteur",
        "encodage-inconnu",
        "entite-inconnue",
        "version-absente",
        "fichier-etranger",
        "fiche-demesuree",
    ];
    for degree in DEGREES {
        let Some(schema) = schema(degree) else { return };
        let mut wrong = Vec::new();
        for fault in Fault::all().filter(|f| f.info().degrees.contains(&degree) && !f.info().needs_archive()) {
            let (dir, _) = write(&Options { faults: vec![fault], ..options(degree, enough(fault)) });
            let expected =
                fault.info().requirements(degree).any(|r| SCHEMA.iter().any(|s| r.starts_with(s))) || REFUSED.contains(&fault.id());
            let told = refused(&schema, dir.path());
            if told.is_empty() == expected {
                wrong.push(format!("{fault:?}: {told}"));
            }
        }
        assert!(wrong.is_empty(), "{degree} {wrong:#?}");
    }
}

#[test]
fn faults_live_together() {
    let ids =
        ["identifiant-parlant", "civilite-inconnue", "groupe-vide", "mef-eleve-double", "responsable-inconnu", "doctype", "nom-fichier"];
    let asked = ids.map(|f| f.parse().expect("fault")).to_vec();
    let (_, summary) = write(&Options { faults: asked, ..options(Degree::D2, 300) });
    assert_eq!(summary.faults.iter().map(|f| f.fault.as_str()).collect::<Vec<_>>(), ids);
    assert!(summary.faults.iter().all(|f| f.count == 1));
}

#[test]
fn faults_are_described_in_both_languages_and_named_once() {
    let mut seen = BTreeSet::new();
    for fault in faults() {
        assert!(seen.insert(fault.id));
        for lang in Lang::ALL {
            assert_ne!(fault.description(lang), fault.id, "no description");
        }
    }
}

#[test]
fn refuses_what_it_cannot_do() {
    let dir = tempfile::tempdir().expect("directory");
    let run = |o: &Options| gar::generate(o, &dir.path().join("out"), &mut |_| {});
    let with = |id: &str| Options { faults: vec![id.parse().expect("fault")], ..options(Degree::D1, 20) };
    assert!(matches!(run(&options(Degree::D2, 0)), Err(GenerateError::Pupils { .. })));
    assert!(matches!(run(&Options { ident: "b 0".into(), ..options(Degree::D2, 10) }), Err(GenerateError::Ident { .. })));
    assert!(matches!(run(&with("mef-double")), Err(GenerateError::OtherDegree { .. })));
    assert!(matches!(run(&with("md5-faux")), Err(GenerateError::NeedsArchive { .. })));
    assert!(matches!("inconnu".parse::<Fault>(), Err(GenerateError::UnknownFault { .. })));
    fs::write(dir.path().join("something"), "").expect("file");
    let again = gar::generate(&options(Degree::D2, 10), dir.path(), &mut |_| {});
    assert!(matches!(again, Err(GenerateError::NotEmpty { .. })));
}

/// The most memory the program takes for that many pupils, in kilobytes, where the system tells.
#[cfg(target_os = "linux")]
fn peak(pupils: u64) -> u64 {
    let dir = tempfile::tempdir().expect("directory");
    let (out, pupils) = (dir.path().join("out"), pupils.to_string());
    let mut child = Command::new(env!("CARGO_BIN_EXE_conforment"))
        .args(["generate", "gar", "--degree", "1D", "--pupils", &pupils, "--archive", "--out"])
        .arg(&out)
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the program");
    let mut peak = 0;
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.split_whitespace().next());
        peak = peak.max(line.and_then(|n| n.parse().ok()).unwrap_or(0));
        if let Some(status) = child.try_wait().expect("status") {
            assert!(status.success());
            return peak;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_number_of_pupils() {
    let (few, many) = (peak(15_000), peak(90_000));
    assert!(few > 0 && many < few * 5 / 4, "{few} kB for 15 000 pupils, {many} kB for 90 000");
}
