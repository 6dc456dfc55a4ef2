//! The synthetic académie, from the outside: reproducible, valid, coherent, and broken exactly where asked.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;

use conforment::generate::{Degree, Encoding, Fault, GenerateError, Mode, Options, Summary, faults, generate};
use conforment::i18n::Lang;
use quick_xml::Reader;
use quick_xml::events::Event;

fn options(degree: Degree, mode: Mode, pupils: u64) -> Options {
    Options { pupils, degree, mode, seed: 11, faults: Vec::new(), date: jiff::civil::date(2026, 9, 14), encoding: Encoding::Utf8 }
}

fn write(options: &Options) -> (tempfile::TempDir, Summary) {
    let dir = tempfile::tempdir().expect("directory");
    let summary = generate(options, dir.path(), &mut |_| {}).unwrap_or_else(|e| panic!("{:?}: {e}", options.faults));
    (dir, summary)
}

fn bytes(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(dir).expect("directory").map(|e| e.expect("entry"));
    entries.map(|e| (e.file_name().to_string_lossy().into_owned(), fs::read(e.path()).expect("file"))).collect()
}

#[derive(Clone, Default)]
struct Entry {
    request: String,
    id: String,
    attributes: HashMap<String, Vec<String>>,
}

impl Entry {
    fn get(&self, name: &str) -> &[String] {
        self.attributes.get(name).map_or(&[], Vec::as_slice)
    }

    fn fields(&self, name: &str, field: usize) -> Vec<&str> {
        self.get(name).iter().filter_map(|v| v.split('$').nth(field)).collect()
    }
}

/// Requests by category, in the order of the files.
fn read(dir: &Path) -> BTreeMap<String, Vec<Entry>> {
    let mut out: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for (name, content) in bytes(dir) {
        let Some(category) = name.strip_suffix(".xml").and_then(|n| n.rsplit('_').nth(1)) else { continue };
        let text = String::from_utf8(content).expect("UTF-8");
        let mut reader = Reader::from_str(&text);
        let (mut entry, mut attribute, mut value) = (Entry::default(), String::new(), String::new());
        loop {
            match reader.read_event().expect("well-formed") {
                Event::Start(tag) => match tag.name().as_ref() {
                    b"attr" | b"modification" => {
                        let found = tag.try_get_attribute("name").expect("attribute").expect("name");
                        attribute = String::from_utf8(found.value.into_owned()).expect("name");
                        entry.attributes.entry(attribute.clone()).or_default();
                    }
                    b"value" | b"id" => value.clear(),
                    name if name.ends_with(b"Request") => {
                        let request = String::from_utf8_lossy(name).into_owned();
                        entry = Entry { request, ..Entry::default() };
                    }
                    _ => {}
                },
                Event::Text(text) => value.push_str(std::str::from_utf8(&text).expect("text")),
                Event::GeneralRef(reference) => match reference.resolve_char_ref().expect("reference") {
                    Some(c) => value.push(c),
                    None => value.push(if &*reference == b"apos" { '\'' } else { '&' }),
                },
                Event::End(tag) => match tag.name().as_ref() {
                    b"value" if !value.is_empty() => {
                        entry.attributes.entry(attribute.clone()).or_default().push(std::mem::take(&mut value));
                    }
                    b"id" => entry.id = std::mem::take(&mut value),
                    name if name.ends_with(b"Request") => {
                        out.entry(category.to_owned()).or_default().push(std::mem::take(&mut entry));
                    }
                    _ => {}
                },
                Event::Eof => break,
                _ => {}
            }
        }
    }
    out
}

fn ids(entries: &[Entry]) -> BTreeSet<&str> {
    entries.iter().map(|e| e.id.as_str()).collect()
}

/// Every reference between persons, structures, classes and nomenclatures resolves, both ways where there are two.
fn coherent(state: &BTreeMap<String, Vec<Entry>>, degree: Degree) {
    let (etab, pupils, relatives, staff) = (&state["EtabEducNat"], &state["Eleve"], &state["PersRelEleve"], &state["PersEducNat"]);
    let structures = ids(etab);
    let (links, back) = match degree {
        Degree::D2 => ("ENTElevePersRelEleve", "ENTAuxPersRelEleveEleve"),
        Degree::D1 => ("ENTEleveAutoriteParentale", "ENTPersRelEleveEleve"),
    };
    let there: BTreeSet<(&str, &str)> = pupils.iter().flat_map(|p| p.fields(links, 0).into_iter().map(|r| (p.id.as_str(), r))).collect();
    let here: BTreeSet<(&str, &str)> = relatives.iter().flat_map(|r| r.get(back).iter().map(|p| (p.as_str(), r.id.as_str()))).collect();
    assert_eq!(there, here);
    for person in pupils.iter().chain(staff) {
        for structure in person.get("ENTPersonStructRattach") {
            assert!(structures.contains(structure.as_str()), "{structure}");
        }
        for structure in person.fields("ENTPersonFonctions", 0) {
            assert!(structures.contains(structure), "{structure}");
        }
    }
    if degree == Degree::D1 {
        return;
    }
    let declared = |attribute: &str| -> BTreeSet<(String, String)> {
        let pairs = etab.iter().flat_map(|e| e.fields(attribute, 0).into_iter().map(|c| (e.id.clone(), c.to_owned())));
        pairs.collect()
    };
    let (classes, groups) = (declared("ENTStructureClasses"), declared("ENTStructureGroupes"));
    let (mefs, subjects) = (ids(&state["MefEducNat"]), ids(&state["MatiereEducNat"]));
    let within = |entry: &Entry, attribute: &str, known: &BTreeSet<(String, String)>| {
        for value in entry.get(attribute) {
            let mut fields = value.split('$').map(str::to_owned);
            let pair = (fields.next().expect("structure"), fields.next().expect("code"));
            assert!(known.contains(&pair), "{attribute} {value}");
        }
    };
    for pupil in pupils {
        within(pupil, "ENTEleveClasses", &classes);
        within(pupil, "ENTEleveGroupes", &groups);
        assert!(pupil.get("ENTEleveMEF").iter().all(|m| mefs.contains(m.as_str())));
        assert!(pupil.get("ENTEleveCodeEnseignements").iter().all(|s| subjects.contains(s.as_str())));
        assert_eq!(pupil.get("ENTEleveEnseignements").len(), pupil.get("ENTEleveCodeEnseignements").len());
    }
    for teacher in staff {
        within(teacher, "ENTAuxEnsClassesMatieres", &classes);
        within(teacher, "ENTAuxEnsGroupesMatieres", &groups);
        within(teacher, "ENTAuxEnsClassesPrincipal", &classes);
        assert_eq!(teacher.get("ENTAuxEnsClasses").len(), teacher.get("ENTAuxEnsClassesMatieres").len());
    }
}

#[test]
fn the_same_options_give_the_same_bytes() {
    for degree in [Degree::D1, Degree::D2] {
        for mode in [Mode::Complet, Mode::Delta] {
            let asked = options(degree, mode, 300);
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
fn a_delivery_is_coherent_and_its_identifiers_increase() {
    for degree in [Degree::D1, Degree::D2] {
        for pupils in [1, 40, 700] {
            let (dir, summary) = write(&options(degree, Mode::Complet, pupils));
            let state = read(dir.path());
            assert_eq!(state["Eleve"].len() as u64, pupils);
            for (category, entries) in &state {
                assert_eq!(summary.records[category], entries.len() as u64);
                if category == "MefEducNat" || category == "MatiereEducNat" {
                    continue;
                }
                let numbers: Vec<u64> = entries.iter().map(|e| e.id.parse().expect("number")).collect();
                assert!(numbers.is_sorted_by(|a, b| a < b), "{category}");
            }
            let ine: BTreeSet<&String> = state["Eleve"].iter().flat_map(|e| e.get("ENTEleveINE")).collect();
            assert_eq!(ine.len() as u64, pupils);
            coherent(&state, degree);
        }
    }
}

#[test]
fn big_categories_are_split_in_files_that_follow_each_other() {
    let (dir, _) = write(&options(Degree::D2, Mode::Complet, 7_000));
    let names: Vec<String> = bytes(dir.path()).into_keys().filter(|n| n.contains("_Eleve_")).collect();
    assert_eq!(names.len(), 3);
    assert!(names.iter().enumerate().all(|(i, n)| n.ends_with(&format!("_20260914_Eleve_{i:04}.xml"))), "{names:?}");
}

#[test]
fn a_delta_applies_on_its_complet() {
    for degree in [Degree::D1, Degree::D2] {
        let (base, _) = write(&options(degree, Mode::Complet, 400));
        let (delta, _) = write(&options(degree, Mode::Delta, 400));
        let mut state = read(base.path());
        let mut seen = BTreeSet::new();
        for (category, entries) in read(delta.path()) {
            let current = state.get_mut(&category).expect("category");
            for entry in entries {
                seen.insert((category.clone(), entry.request.clone()));
                let place = current.iter().position(|e| e.id == entry.id);
                match (entry.request.as_str(), place) {
                    ("deleteRequest", Some(i)) => drop(current.remove(i)),
                    ("modifyRequest", Some(i)) => {
                        assert_eq!(current[i].attributes.len(), entry.attributes.len(), "the whole list of attributes");
                        assert_ne!(current[i].attributes, entry.attributes, "something changed");
                        current[i] = entry;
                    }
                    ("addRequest", Some(i)) => current[i] = entry,
                    ("addRequest", None) => current.push(entry),
                    (request, None) => panic!("{request} on an unknown {category}"),
                    (request, _) => panic!("{request}"),
                }
            }
        }
        for category in ["Eleve", "PersRelEleve", "PersEducNat"] {
            for request in ["addRequest", "modifyRequest", "deleteRequest"] {
                assert!(seen.contains(&(category.to_owned(), request.to_owned())), "{degree} {category} {request}");
            }
        }
        coherent(&state, degree);
    }
}

#[test]
fn both_encodings_say_the_same() {
    let asked = options(Degree::D2, Mode::Complet, 60);
    let (utf8, _) = write(&asked);
    assert!(bytes(utf8.path()).values().all(|b| b.is_ascii()), "accents are numeric references");
    let (latin, _) = write(&Options { encoding: Encoding::Iso885915, ..asked });
    let name = "ENT2DVA-CONFORMENT_Complet_20260914_Eleve_0000.xml";
    let content = fs::read(latin.path().join(name)).expect("file");
    assert!(content.starts_with(b"<?xml version=\"1.0\" encoding=\"ISO-8859-15\"?>"));
    assert!(content.contains(&0xE9) && !content.windows(2).any(|w| w == b"&#"));
}

#[test]
fn every_file_is_valid_for_the_dtd() {
    if Command::new("xmllint").arg("--version").output().is_err() {
        eprintln!("skipped: xmllint is not installed");
        return;
    }
    for degree in [Degree::D1, Degree::D2] {
        for mode in [Mode::Complet, Mode::Delta] {
            for encoding in [Encoding::Utf8, Encoding::Iso885915] {
                let (dir, _) = write(&Options { encoding, ..options(degree, mode, 120) });
                for name in bytes(dir.path()).keys().filter(|n| n.ends_with(".xml")) {
                    let run = Command::new("xmllint").args(["--noout", "--valid"]).arg(dir.path().join(name)).output().expect("xmllint");
                    assert!(run.status.success(), "{name}: {}", String::from_utf8_lossy(&run.stderr));
                }
            }
        }
    }
}

#[test]
fn every_fault_changes_the_delivery_and_says_where() {
    for degree in [Degree::D1, Degree::D2] {
        for mode in [Mode::Complet, Mode::Delta] {
            let (clean, _) = write(&options(degree, mode, 120));
            let clean = bytes(clean.path());
            for fault in Fault::all().filter(|f| f.info().applies(degree, mode)) {
                let (dir, summary) = write(&Options { faults: vec![fault], ..options(degree, mode, 120) });
                assert_ne!(bytes(dir.path()), clean, "{fault:?}");
                let [injected] = summary.faults.as_slice() else { panic!("{fault:?}") };
                assert!(injected.count > 0 && !injected.files.is_empty(), "{fault:?}");
                assert!(!injected.requirements.is_empty(), "{fault:?} breaks no requirement of {degree}");
            }
        }
    }
}

#[test]
fn many_faults_live_together() {
    let asked: Vec<Fault> =
        ["ine-forme", "mef-inconnu", "uai-cle", "fonction-inconnue", "sequence-trouee"].map(|f| f.parse().expect("fault")).to_vec();
    let (_, summary) = write(&Options { faults: asked, ..options(Degree::D2, Mode::Complet, 200) });
    assert_eq!(summary.faults.len(), 5);
    let all: Vec<&String> = summary.faults.iter().flat_map(|f| &f.records).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "two faults never meet in one record");
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
fn expected_requirements_exist() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/sdet-6.3/alimentation-aaf");
    let Ok(files) = fs::read_dir(&folder) else {
        eprintln!("skipped: no rule set here");
        return;
    };
    let text: String = files.map(|f| fs::read_to_string(f.expect("entry").path()).expect("file")).collect();
    let known: BTreeSet<&str> = text.lines().filter_map(|l| l.strip_prefix("- id: ")).map(str::trim).collect();
    if known.is_empty() {
        eprintln!("skipped: the rule set is empty");
        return;
    }
    for fault in faults() {
        for id in [Degree::D1, Degree::D2].into_iter().flat_map(|d| fault.requirements(d)) {
            assert!(known.contains(id), "{} expects {id}, which no longer exists", fault.id);
        }
    }
}

#[test]
fn refuses_what_it_cannot_do() {
    let dir = tempfile::tempdir().expect("directory");
    fs::write(dir.path().join("something"), "").expect("file");
    let run = |o: &Options| generate(o, dir.path(), &mut |_| {});
    assert!(matches!(run(&options(Degree::D2, Mode::Complet, 10)), Err(GenerateError::NotEmpty { .. })));
    assert!(matches!(run(&options(Degree::D2, Mode::Complet, 0)), Err(GenerateError::Pupils { .. })));
    let delta_only = vec!["modification-inconnue".parse().expect("fault")];
    assert!(matches!(
        run(&Options { faults: delta_only, ..options(Degree::D2, Mode::Complet, 10) }),
        Err(GenerateError::NotApplicable { .. })
    ));
    assert!(matches!("inconnu".parse::<Fault>(), Err(GenerateError::UnknownFault { .. })));
}
