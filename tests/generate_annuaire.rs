//! Synthetic directories, from the outside: reproducible, loaded by a real server, coherent with the AAF and the GAR of the
//! same options, and broken only where asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conforment::generate::annuaire::{self, Dialect, Fault, Options, Summary, faults};
use conforment::generate::{self, Degree, Encoding, GenerateError, Mode, gar};
use conforment::i18n::Lang;

const DEGREES: [Degree; 2] = [Degree::D1, Degree::D2];

fn options(degree: Degree, pupils: u64) -> Options {
    let date = jiff::civil::date(2026, 9, 14);
    Options { pupils, degree, seed: 7, faults: Vec::new(), date, day: 0, dialect: Dialect::Dn }
}

fn write(options: &Options) -> (String, Summary) {
    let dir = tempfile::tempdir().expect("directory");
    let path = dir.path().join("annuaire.ldif");
    let summary = annuaire::generate(options, &path, &mut |_| {}).unwrap_or_else(|e| panic!("{:?}: {e}", options.faults));
    (fs::read_to_string(path).expect("UTF-8"), summary)
}

/// An entry: attributes and values.
type Entry = BTreeMap<String, Vec<String>>;

/// The entries, by name.
fn entries(text: &str) -> BTreeMap<String, Entry> {
    let mut out = BTreeMap::new();
    for block in text.replace("\n ", "").split("\n\n").filter(|b| !b.is_empty()) {
        let mut entry = Entry::new();
        for line in block.lines() {
            let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no name: {line}"));
            let value = match value.strip_prefix(": ") {
                Some(coded) => String::from_utf8(STANDARD.decode(coded).expect("base 64")).expect("UTF-8"),
                None => value.trim_start().to_owned(),
            };
            entry.entry(name.to_owned()).or_default().push(value);
        }
        let dn = entry.remove("dn").expect("a name")[0].clone();
        assert!(out.insert(dn.clone(), entry).is_none(), "{dn} twice");
    }
    out
}

fn values<'e>(entries: &'e BTreeMap<String, Entry>, class: &str, name: &str) -> Vec<&'e str> {
    let of_class = entries.values().filter(|e| e["objectClass"].iter().any(|c| c == class));
    of_class.filter_map(|e| e.get(name)).flatten().map(String::as_str).collect()
}

/// What stands between these texts in every file whose name holds `category`.
fn told(dir: &Path, category: &str, (before, after): (&str, &str)) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    for entry in fs::read_dir(dir).expect("directory").filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().contains(category) {
            let text = fs::read_to_string(entry.path()).expect("UTF-8");
            out.extend(text.split(before).skip(1).filter_map(|rest| Some(rest.split_once(after)?.0.to_owned())));
        }
    }
    out
}

#[test]
fn the_same_options_give_the_same_bytes() {
    for degree in DEGREES {
        for dialect in Dialect::ALL {
            let asked = Options { dialect, day: 1, ..options(degree, 120) };
            assert_eq!(write(&asked), write(&asked));
            assert_ne!(write(&asked).0, write(&Options { seed: 12, ..asked }).0);
        }
    }
}

#[test]
fn it_speaks_of_the_people_of_the_aaf_and_of_the_gar() {
    for degree in DEGREES {
        let asked = options(degree, 300);
        let (text, summary) = write(&asked);
        let all = entries(&text);
        assert_eq!(all.len() as u64, summary.entries.values().sum::<u64>());
        assert_eq!(text.len() as u64, summary.bytes);

        let dir = tempfile::tempdir().expect("directory");
        let (aaf, exports) = (dir.path().join("aaf"), dir.path().join("gar"));
        let Options { pupils, seed, date, .. } = asked;
        let feed = generate::Options { pupils, degree, mode: Mode::Complet, seed, faults: Vec::new(), date, encoding: Encoding::Utf8 };
        generate::generate(&feed, &aaf, &mut |_| {}).expect("the AAF");
        let export = gar::Options { pupils, degree, seed, faults: Vec::new(), date, day: 0, ident: "B0".into(), archive: false };
        gar::generate(&export, &exports, &mut |_| {}).expect("the GAR");

        for (category, class) in
            [("_Eleve_", "ENTEleve"), ("_PersRelEleve_", "ENTAuxPersRelEleve"), ("_Pers", "ENTPerson"), ("_Etab", "ENTStructure")]
        {
            let key = if class == "ENTStructure" { "ENTStructureJointure" } else { "ENTPersonJointure" };
            let mut theirs = told(&aaf, category, ("<identifier><id>", "</id>"));
            if class == "ENTPerson" {
                theirs.extend(told(&aaf, "_Eleve_", ("<identifier><id>", "</id>")));
            }
            let keys = values(&all, class, key);
            let of = |source: &str| keys.iter().filter_map(|k| Some(k.strip_prefix(source)?.to_owned())).collect::<BTreeSet<String>>();
            // What the ENT keeps by hand is of nobody else.
            let (ours, by_hand) = (of("AC-CONFORMENT$"), of("ENT$"));
            assert_eq!(ours.len() + by_hand.len(), keys.len(), "{degree} {class}");
            assert!(ours.len() > 5 && by_hand.is_disjoint(&theirs), "{degree} {class}");
            assert_eq!(ours, theirs, "{degree} {class}");
        }
        for (category, class) in [("_Eleve_", "ENTEleve"), ("_E", "ENTPerson")] {
            let mut theirs = told(&exports, category, ("<men:GARPersonIdentifiant>", "</men:GARPersonIdentifiant>"));
            theirs.extend(told(
                &exports,
                if class == "ENTPerson" { "_Enseignant_" } else { "_Eleve_" },
                ("<men:GARPersonIdentifiant>", "<"),
            ));
            let ours: BTreeSet<String> = values(&all, class, "ENTPersonGARIdentifiant").into_iter().map(str::to_owned).collect();
            assert_eq!(ours, theirs, "{degree} {class}");
        }
        let schools: BTreeSet<String> = values(&all, "ENTEtablissement", "ENTStructureUAI").into_iter().map(str::to_owned).collect();
        assert_eq!(schools, told(&exports, "_Etab_", ("<men:GARStructureUAI>", "<")), "{degree}");
    }
}

#[test]
fn nobody_shares_anything_and_nobody_has_a_password() {
    for degree in DEGREES {
        let all = entries(&write(&options(degree, 900)).0);
        for name in ["uid", "ENTPersonLogin", "ENTPersonJointure", "ENTPersonGARIdentifiant", "ENTEleveINE", "ENTStructureSIREN", "cn"] {
            let class = match name {
                "ENTStructureSIREN" => "ENTStructure",
                "cn" => "groupOfNames",
                _ => "ENTPerson",
            };
            let given = values(&all, class, name);
            let distinct: BTreeSet<String> = given.iter().map(|v| v.to_lowercase()).collect();
            assert!(given.len() > 5, "{degree} {name}: {}", given.len());
            assert_eq!(distinct.len(), given.len(), "{degree} {name}");
        }
        assert!(all.values().all(|e| !e.contains_key("userPassword")));
        // Whoever is a member is there, and every parent too.
        assert!(values(&all, "groupOfNames", "member").iter().all(|dn| all.contains_key(*dn)));
        let parents = all.keys().filter(|dn| dn.as_str() != "dc=ent-exemple,dc=fr").filter_map(|dn| Some(dn.split_once(',')?.1));
        assert!(parents.into_iter().all(|parent| all.contains_key(parent)));
    }
}

/// The values of these attributes, as pairs of the entry that has them and the one they name.
fn links(entries: &BTreeMap<String, Entry>, name: &str) -> BTreeSet<(String, String)> {
    let of =
        |(dn, entry): (&String, &Entry)| entry.get(name).into_iter().flatten().map(|other| (dn.clone(), other.clone())).collect::<Vec<_>>();
    entries.iter().flat_map(of).collect()
}

#[test]
fn beside_schools_a_few_are_kept_by_hand_whatever_the_number_of_pupils() {
    const BOTH: &[(&str, u64)] = &[
        ("ENTCollLoc", 1),
        ("ENTAuxNonEnsCollLoc", 3),
        ("ENTAuxPersExt", 2),
        ("ENTGroupementEtabs", 1),
        ("ENTRoleAppli", 2),
        ("ENTRelEleve", 1),
    ];
    const SECOND: &[(&str, u64)] = &[("ENTEntreprise", 2), ("ENTAuxRespEntrp", 1), ("ENTAuxTuteurStage", 3)];
    for degree in DEGREES {
        for (rank, dialect) in Dialect::ALL.into_iter().enumerate() {
            let (text, summary) = write(&Options { dialect, seed: 3 + rank as u64, ..options(degree, 80 + 500 * (rank as u64 % 2)) });
            let all = entries(&text);
            let count = |class: &str| summary.entries.get(class).copied().unwrap_or_default();
            for (class, number) in BOTH {
                assert_eq!(count(class), *number, "{degree} {class}");
            }
            for (class, number) in SECOND {
                assert_eq!(count(class), if degree == Degree::D2 { *number } else { 0 }, "{degree} {class}");
            }
            for (one, other) in [
                ("ENTPersRelRapprochPrincipal", "ENTPersRelRapprochSecondaire"),
                ("ENTPersRelFusionPrincipal", "ENTPersRelFusionSecondaire"),
                ("ENTEleveEnsRespStage", "ENTAuxEnsRespStage"),
                ("ENTEleveEnsTutStage", "ENTAuxEnsTutStage"),
                ("ENTEleveEntrTutStage", "ENTAuxTuteurStageEleves"),
            ] {
                let back: BTreeSet<(String, String)> = links(&all, other).into_iter().map(|(a, b)| (b, a)).collect();
                assert_eq!(links(&all, one), back, "{degree} {one}");
                let placement = one.contains("Stage");
                let expected = if !placement {
                    1..2
                } else if degree == Degree::D2 {
                    2..4
                } else {
                    0..1
                };
                assert!(expected.contains(&back.len()), "{degree} {one}: {}", back.len());
            }
            for name in
                ["ENTApplicationProprietaire", "ENTApplicationProfils", "ENTApplicationRolesAppli", "ENTAuxPersRelEleveRepresentant"]
            {
                let named = links(&all, name);
                assert!(!named.is_empty() && named.iter().all(|(_, dn)| all.contains_key(dn)), "{degree} {name}");
            }
        }
    }
    // With nobody to speak of, nothing that would name nobody.
    let all = entries(&write(&options(Degree::D2, 1)).0);
    assert_eq!(links(&all, "ENTAuxTuteurStageEleves").len(), 1);
}

/// What a real server says of an export: `slapadd -u` reads all of it and writes nothing. `None` where it is not installed.
fn slapadd(text: &str) -> Option<String> {
    let path = ["/usr/sbin/slapadd", "/usr/local/sbin/slapadd"].into_iter().find(|p| Path::new(p).exists())?;
    let dir = tempfile::tempdir().expect("directory");
    let place = |name: &str| dir.path().join(name).display().to_string();
    let schemas = ["core", "cosine", "inetorgperson"].map(|s| format!("include /etc/ldap/schema/{s}.schema\n")).concat();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/live/ent.schema").display().to_string();
    let database = format!("database mdb\nsuffix \"dc=ent-exemple,dc=fr\"\ndirectory {}\n", place(""));
    fs::write(place("slapd.conf"), format!("{schemas}include {ours}\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n{database}"))
        .expect("written");
    fs::write(place("annuaire.ldif"), text).expect("written");
    let out = Command::new(path).args(["-u", "-f", &place("slapd.conf"), "-l", &place("annuaire.ldif")]).output().expect("slapadd runs");
    Some(if out.status.success() { String::new() } else { String::from_utf8_lossy(&out.stderr).into_owned() })
}

#[test]
fn a_real_server_takes_it() {
    for degree in DEGREES {
        for dialect in Dialect::ALL {
            let (text, _) = write(&Options { dialect, ..options(degree, 60) });
            if let Some(refused) = slapadd(&text) {
                assert_eq!(refused, "", "{degree} {}", dialect.as_str());
                // It does refuse what is wrong.
                assert_ne!(slapadd(&text.replacen("sn: ", "snn: ", 1)), Some(String::new()));
            }
        }
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let dir = tempfile::tempdir().expect("directory");
    let path = dir.path().join("annuaire.ldif");
    let try_it = |options: &Options| annuaire::generate(options, &path, &mut |_| {}).map(|_| ());
    let of = |id: &str| id.parse::<Fault>().expect("a fault");
    let uai = Options { faults: vec![of("profil-inexistant")], ..options(Degree::D2, 40) };
    assert!(matches!(try_it(&uai), Err(GenerateError::OtherDialect { fault: "profil-inexistant", dialect: "uai" })));
    let second = Options { faults: vec![of("enseignants-absents")], ..options(Degree::D1, 40) };
    assert!(matches!(try_it(&second), Err(GenerateError::OtherDegree { .. })));
    assert!(matches!(try_it(&options(Degree::D2, 0)), Err(GenerateError::Pupils { .. })));
    assert!("pas-une-faute".parse::<Fault>().is_err());
    try_it(&options(Degree::D2, 1)).expect("one pupil");
    assert!(matches!(try_it(&options(Degree::D2, 1)), Err(GenerateError::Exists { .. })));
}

#[test]
fn every_fault_is_told_in_both_languages() {
    assert!(faults().len() > 200, "{}", faults().len());
    for fault in faults() {
        for lang in Lang::ALL {
            assert_ne!(fault.description(lang), fault.id, "{lang:?}");
        }
    }
    let ids: BTreeSet<&str> = faults().iter().map(|f| f.id).collect();
    assert_eq!(ids.len(), faults().len());
}
