//! The directory of an ENT, from an LDIF export to verdicts: sound, broken, of another dialect, joined with the feed.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;
use std::sync::atomic::AtomicU64;

use conforment::engine::run;
use conforment::engine::worker::Settings;
use conforment::outcome::{Reason, Verdict};
use conforment::privacy::Pseudonyms;
use conforment::report::model::Report;
use conforment::rules::directory::{Dialect, Local};
use conforment::rules::library::Library;
use conforment::rules::model::Level;
use conforment::rules::set::RuleSet;
use conforment::source::annuaire::{Export, Said};
use conforment::source::files::find;
use conforment::target::SourceSpec;
use serde_json::{Value, json};

#[path = "common/archive.rs"]
mod archive;
#[path = "common/audited.rs"]
mod audited;
use audited::{DAY, set};

/// A small directory; everyone and everything in it is invented.
const SOUND: &str = "version: 1

dn: dc=ent-exemple,dc=fr
objectClass: top
objectClass: dcObject
objectClass: organization
o: ENT
dc: ent-exemple

dn: ou=personnes,dc=ent-exemple,dc=fr
objectClass: top
objectClass: organizationalUnit
ou: personnes

dn: ou=structures,dc=ent-exemple,dc=fr
objectClass: top
objectClass: organizationalUnit
ou: structures

dn: ou=groupes,dc=ent-exemple,dc=fr
objectClass: top
objectClass: organizationalUnit
ou: groupes

dn: ENTStructureSIREN=19990001400017,ou=structures,dc=ent-exemple,dc=fr
objectClass: top
objectClass: organizationalUnit
objectClass: ENTStructure
objectClass: ENTEtablissement
ou: COLLEGE EXEMPLE
ENTStructureSIREN: 19990001400017
ENTStructureUAI: 0990001N
ENTStructureNomCourant: COLLEGE EXEMPLE
ENTStructureJointure: AC-DEMO$3000
ENTEtablissementMinistereTutelle: MINISTERE
ENTEtablissementContrat: PU
ENTStructureClasses: 6A$6A$10010012110

dn: uid=E0ab0001,ou=personnes,dc=ent-exemple,dc=fr
objectClass: top
objectClass: person
objectClass: organizationalPerson
objectClass: inetOrgPerson
objectClass: ENTPerson
objectClass: ENTEleve
uid: E0ab0001
cn: EXEMPLE Lou
sn: EXEMPLE
givenName: Lou
ENTPersonLogin: lou.exemple
ENTPersonJointure: AC-DEMO$1
ENTPersonStructRattach: ENTStructureSIREN=19990001400017,ou=structures,dc=ent-exemple,
 dc=fr
ENTPersonProfils: National_ELV
ENTEleveStatutEleve: SCOLAIRE
ENTEleveMEF: 10010012110
ENTEleveLibelleMEF: 6EME
ENTEleveNivFormation: 6EME
ENTEleveFiliere: 6EME
ENTEleveClasses: ENTStructureSIREN=19990001400017,ou=structures,dc=ent-exemple,dc=fr$6A
ENTEleveMajeur: N

dn: cn=19990001400017_6A,ou=groupes,dc=ent-exemple,dc=fr
objectClass: top
objectClass: groupOfNames
objectClass: ENTClasse
cn: 19990001400017_6A
member: UID=E0AB0001, ou=Personnes,dc=ent-exemple,dc=fr
";

fn report_of(sources: Vec<SourceSpec>, set: &RuleSet) -> Report {
    audited::report(sources, set, &audited::options(DAY))
}

fn annuaire(path: &Path) -> SourceSpec {
    SourceSpec::Annuaire { path: path.to_owned(), dialect: None, degree: None, local: None, label: Some("annuaire".into()) }
}

fn report(ldif: &str) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("annuaire.ldif");
    std::fs::write(&path, ldif).unwrap();
    report_of(vec![annuaire(&path)], set())
}

fn verdict(report: &Report, id: &str) -> Verdict {
    audited::result(report, id).verdict
}

/// The requirements of the file and of the schema that fail.
fn failing(report: &Report) -> Vec<&str> {
    let ours = |id: &str| id.starts_with("ANN-LDIF-") || id.starts_with("ANN-SCH-");
    report.requirements.iter().filter(|r| r.verdict == Verdict::Fail && ours(&r.id)).map(|r| r.id.as_str()).collect()
}

#[test]
fn a_sound_export_passes() {
    let report = report(SOUND);
    let ours: Vec<_> = report.requirements.iter().filter(|r| r.id.starts_with("ANN-LDIF-") || r.id.starts_with("ANN-SCH-")).collect();
    assert!(ours.len() >= 30, "{}", ours.len());
    for r in ours {
        assert!(matches!(r.verdict, Verdict::Pass | Verdict::NotApplicable), "{} {:?} {:?} {:?}", r.id, r.verdict, r.findings, r.detail);
    }
    let source = &report.target.sources[0];
    assert_eq!(
        (source.kind.as_str(), source.records["annuaire.ENTEleve"], source.records["annuaire.organizationalUnit"]),
        ("annuaire", 1, 4)
    );
}

#[test]
fn each_fault_has_its_requirement_and_its_line() {
    let faults: &[(&str, &str, &[&str])] = &[
        ("uid: E0ab0001\n", "uid: E0ab0001\nnot ldif\n", &["ANN-LDIF-ENTREES"]),
        ("cn: EXEMPLE Lou\n", "cn:: RVhFTVBMRSBMb3U\n", &["ANN-LDIF-ENTREES"]),
        ("cn: EXEMPLE Lou\n", "cn:: 6Q==\n", &["ANN-LDIF-UTF8"]),
        ("cn: EXEMPLE Lou\n", "cn:: IEVYRU1QTEU=\n", &["ANN-LDIF-BLANCS"]),
        ("cn: EXEMPLE Lou\n", "cn:: RVhFTVBMRSBMw4PCqWE=\n", &["ANN-LDIF-MOJIBAKE"]),
        ("cn: EXEMPLE Lou\n", "cn: EXEMPLE Lou\njpegPhoto:< file:///etc/passwd\n", &["ANN-LDIF-ADRESSES"]),
        ("uid: E0ab0001\n", "uid: E0ab0002\n", &["ANN-LDIF-RDN"]),
        ("uid: E0ab0001\n", "uid: E0ab0001\nmail:\n", &["ANN-LDIF-VIDE"]),
        (
            "ou: groupes\n",
            "ou: groupes\n\ndn: OU=Groupes, dc=ent-exemple,dc=fr\nobjectClass: top\nobjectClass: organizationalUnit\nou: groupes\n",
            &["ANN-LDIF-BRANCHE-UNIQUE"],
        ),
        ("dn: ou=groupes,", "dn: ou=classes,ou=autres,", &["ANN-LDIF-PARENT", "ANN-LDIF-RDN"]),
        (
            "objectClass: ENTEleve\n",
            "objectClass: ENTEleve\nobjectClass: ENTEtablissement\n",
            &["ANN-SCH-OBLIGATOIRES", "ANN-SCH-NATURE-UNIQUE", "ANN-SCH-SUPERIEURES"],
        ),
        (
            "objectClass: ENTEleve\n",
            "objectClass: ENTEleve\nobjectClass: organizationalUnit\nou: x\n",
            // The same fault, of the standard classes and by the model, which the former explains.
            &["ANN-SCH-STRUCTURELLE-UNIQUE", "ANN-SCH-NATURE-UNIQUE"],
        ),
        ("sn: EXEMPLE\n", "", &["ANN-SCH-OBLIGATOIRES-NORME"]),
        ("ENTPersonLogin: lou.exemple\n", "", &["ANN-SCH-OBLIGATOIRES"]),
        ("ENTEleveMajeur: N\n", "ENTEleveMajeur: NON\n", &["ANN-SCH-LONGUEUR"]),
        ("ENTPersonLogin: lou.exemple\n", "ENTPersonLogin: lou.exemple\nentpersonlogin: lou\n", &["ANN-SCH-UNIQUES"]),
        ("ENTEleveMajeur: N\n", "ENTEleveMajeur: N\nENTElevParents: x\n", &["ANN-SCH-ATTRIBUTS-ENT"]),
        ("ENTEleveMajeur: N\n", "ENTEleveMajeur: N\nhomeDirectory: x\n", &["ANN-SCH-ATTRIBUTS-LOCAUX"]),
        ("ENTEleveMajeur: N\n", "ENTEleveMajeur: N\nENTStructureUAI: 0990001N\n", &["ANN-SCH-PERMIS"]),
        ("ENTEleveMajeur: N\n", "ENTEleveMajeur: N\nENTEleveParents: x\n", &["ANN-SCH-DN-PERSONNES", "ANN-SCH-DEPRECIES"]),
        (
            "ENTEleveMajeur: N\n",
            "ENTEleveMajeur: N\nENTEleveAdresseRel: uid=a,dc=fr\nENTEleveAdresseRel: uid=b,dc=fr\nENTEleveAdresseRel: x\n",
            &["ANN-SCH-DN", "ANN-SCH-DN-PERSONNES"],
        ),
        (
            "ENTPersonStructRattach: ENTStructureSIREN=19990001400017,ou=structures,dc=ent-exemple,\n dc=fr",
            "ENTPersonStructRattach: le collège",
            &["ANN-SCH-DN-STRUCTURES"],
        ),
        ("member: UID=E0AB0001, ou=Personnes,dc=ent-exemple,dc=fr", "member: E0ab0001", &["ANN-SCH-DN-GROUPES"]),
        (
            "member: UID=E0AB0001, ",
            "member: uid=e0ab0001,ou=personnes,dc=ent-exemple,dc=fr\nmember: UID=E0AB0001, ",
            &["ANN-LDIF-DOUBLONS"],
        ),
        ("objectClass: ENTEleve\n", "objectClass: ENTEleve\nobjectClass: locale\n", &["ANN-SCH-CLASSES-LOCALES"]),
        ("objectClass: inetOrgPerson\n", "", &["ANN-SCH-SUPERIEURES"]),
        ("version: 1\n", "version: 2\n", &["ANN-LDIF-VERSION"]),
        ("givenName: Lou\n", "changetype: add\ngivenName: Lou\n", &["ANN-LDIF-AJOUT"]),
        ("givenName: Lou\n", "givenName: Lou\r\n", &["ANN-LDIF-FINS-LIGNE"]),
    ];
    for (sound, wrong, wanted) in faults {
        let broken = SOUND.replacen(sound, wrong, 1);
        assert_ne!(broken, SOUND);
        let report = report(&broken);
        let mut wanted = wanted.to_vec();
        let mut got = failing(&report);
        wanted.sort_unstable();
        got.sort_unstable();
        assert_eq!(got, wanted, "{wrong}");
        let id = report.requirements.iter().filter(|r| wanted.contains(&r.id.as_str()) && !r.findings.is_empty());
        for r in id {
            for finding in &r.findings {
                let whole = r.id.ends_with("-LOCAUX") || r.id.ends_with("-LOCALES") || r.id.ends_with("-AJOUT") || r.id.ends_with("-LIGNE");
                assert!(whole || finding.line.is_some_and(|l| l as usize <= broken.lines().count()), "{} {finding:?}", r.id);
            }
        }
        let text = serde_json::to_string(&report).unwrap();
        assert!(!text.contains("EXEMPLE Lou") && !text.contains("lou.exemple") && !text.to_lowercase().contains("e0ab0001"), "{wrong}");
    }
}

#[test]
fn other_ways_of_writing_the_same_entry_are_not_accused() {
    for (usual, other) in [
        // The number of an attribute, of the type of a name; a value in hexadecimal; a language.
        ("sn: EXEMPLE\n", "2.5.4.4: EXEMPLE\n"),
        ("dn: uid=E0ab0001,", "dn: 0.9.2342.19200300.100.1.1=E0ab0001,"),
        ("dn: uid=E0ab0001,", "dn: uid=#04084530616230303031,"),
        ("sn: EXEMPLE\n", "sn;lang-fr: EXEMPLE\n"),
        // The export leaves out what every server has.
        ("uid: E0ab0001\n", ""),
        // A group without members, an account whose password is hidden.
        ("member: UID=E0AB0001, ou=Personnes,dc=ent-exemple,dc=fr\n", ""),
        (
            "dn: ou=groupes,",
            "dn: cn=admin,dc=ent-exemple,dc=fr\nobjectClass: top\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: admin\n\n\
             dn: ou=groupes,",
        ),
    ] {
        let written = SOUND.replacen(usual, other, 1);
        assert_ne!(written, SOUND);
        assert_eq!(failing(&report(&written)), Vec::<&str>::new(), "{other}");
    }
}

#[test]
fn a_password_under_a_name_with_an_option_is_seen() {
    for (given, verdicts) in [
        ("userPassword;x-clair: secret\n", [Verdict::Fail, Verdict::Pass]),
        ("userPassword: {MAISON}abcd\n", [Verdict::Pass, Verdict::Fail]),
        ("userPassword: !{SSHA}abcd\n", [Verdict::Pass, Verdict::Pass]),
    ] {
        let report = report(&SOUND.replacen("givenName: Lou\n", &format!("givenName: Lou\n{given}"), 1));
        assert_eq!(["ANN-SEC-CLAIR", "ANN-SEC-PROCEDE"].map(|id| verdict(&report, id)), verdicts, "{given}");
    }
}

#[test]
fn an_entry_that_is_lost_accuses_nobody_else() {
    let broken = SOUND.replacen("ou: COLLEGE EXEMPLE\n", "ou COLLEGE\n", 1);
    let report = report(&broken);
    assert_eq!(failing(&report), ["ANN-LDIF-ENTREES"]);
    let unique = report.requirements.iter().find(|r| r.id == "ANN-LDIF-DN-UNIQUE").unwrap();
    assert_eq!(
        (unique.verdict, unique.reason, unique.parent.as_deref()),
        (Verdict::Undetermined, Some(Reason::ParentFailed), Some("ANN-LDIF-ENTREES"))
    );
}

fn facts(ldif: &str, chunk: usize, dialect: Dialect) -> (Value, Value) {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("annuaire.ldif"), ldif).unwrap();
    let mut delivery = find::find::<Said>(dir.path()).unwrap().remove(0);
    delivery.chunk = chunk;
    let settings = Settings { seed: 1, cap: 10, pseudonyms: Pseudonyms::new([3; 32]) };
    let options = run::Options { threads: 2, settings, today: DAY, degree: None, apart: Vec::new() };
    let export = Export::new(delivery, set().vocabulary.directory(), dialect);
    let audited = run::deliveries(&[&export], set(), &options, &AtomicU64::new(0)).unwrap();
    let facts = &audited.parts[0].facts;
    (facts.delivery.clone(), facts.files[0].facts.clone())
}

#[test]
fn the_dialect_is_told_wherever_the_file_is_cut() {
    let (delivery, file) = facts(SOUND, 1 << 20, Dialect::default());
    assert_eq!(delivery["suffix"], "dc=ent-exemple,dc=fr");
    assert_eq!(
        delivery["dialect"],
        json!({"composites": "dn", "profiles": "code", "personRdn": "uid", "personBranch": "ou=personnes",
            "structureRdn": "entstructuresiren", "structureBranch": "ou=structures", "groupRdn": "cn", "groupBranch": "ou=groupes"})
    );
    assert_eq!((delivery["classes"]["ENTEleve"].as_u64(), delivery["localClasses"].as_object().unwrap().len()), (Some(1), 0));
    assert_eq!(
        (file["records"].as_u64(), file["versionLine"].as_str(), file["lineEndings"]["style"].as_str()),
        (Some(7), Some("1"), Some("lf"))
    );
    for chunk in [1, 7, 100, 900] {
        assert_eq!(facts(SOUND, chunk, Dialect::default()), (delivery.clone(), file.clone()), "{chunk}");
    }
}

#[test]
fn another_dialect_is_not_accused() {
    let other = SOUND.replace("ENTStructureSIREN=19990001400017,ou=structures,dc=ent-exemple,dc=fr$6A", "0990001N$6A").replace(
        "ENTPersonStructRattach: ENTStructureSIREN=19990001400017,ou=structures,dc=ent-exemple,\n dc=fr",
        "ENTPersonStructRattach: 0990001N",
    );
    let report = report(&other);
    assert_eq!((failing(&report), verdict(&report, "ANN-SCH-DN")), (Vec::new(), Verdict::NotApplicable));
    let declared: Dialect = serde_json::from_value(json!({"composites": "dn", "suffix": "DC=fr"})).unwrap();
    let (delivery, _) = facts(&other, 1 << 20, declared);
    assert_eq!((delivery["dialect"]["composites"].as_str(), delivery["suffix"].as_str()), (Some("dn"), Some("dc=fr")));
    assert_eq!(delivery["composites"]["uai"], 1);
}

#[test]
fn what_is_local_is_told_until_it_is_declared() {
    let local = SOUND
        .replacen("objectClass: ENTEleve\n", "objectClass: ENTEleve\nobjectClass: ESCOAddons\nobjectClass: ENTOrganisation\n", 1)
        .replacen("ENTEleveMajeur: N\n", "ENTEleveMajeur: N\nESCOUAI: 0990001N\nESCOUAI;x-a: 0990001N\nENTDisplayName: Lou\n", 1);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("annuaire.ldif");
    std::fs::write(&path, &local).unwrap();
    let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let audited = |classes: &[&str], attributes: &[&str]| {
        let local = Some(Local { classes: names(classes), attributes: names(attributes) });
        report_of(vec![SourceSpec::Annuaire { path: path.clone(), dialect: None, degree: None, local, label: None }], set())
    };
    let all = ["ANN-SCH-ATTRIBUTS-ENT", "ANN-SCH-ATTRIBUTS-LOCAUX", "ANN-SCH-CLASSES-ENT", "ANN-SCH-CLASSES-LOCALES"];
    let mut undeclared = audited(&[], &[]);
    let mut got: Vec<String> = failing(&undeclared).iter().map(|id| (*id).to_owned()).collect();
    got.sort_unstable();
    assert_eq!(got, all);
    for r in undeclared.requirements.iter().filter(|r| all.contains(&r.id.as_str())) {
        assert_ne!(r.level, Level::Obligatoire, "{}", r.id);
    }
    // What is told is what has to be declared.
    undeclared.requirements.retain(|r| r.id == "ANN-SCH-CLASSES-LOCALES" || r.id == "ANN-SCH-ATTRIBUTS-LOCAUX");
    let told = serde_json::to_string(&undeclared.requirements).unwrap();
    assert!(told.contains("ESCOAddons") && told.contains("ESCOUAI") && !told.contains("ENTOrganisation"), "{told}");
    assert_eq!(failing(&audited(&["escoaddons", "ENTORGANISATION"], &["ESCOUAI"])), ["ANN-SCH-ATTRIBUTS-ENT"]);
    let declared = audited(&["ESCOAddons", "ENTOrganisation"], &["ENTDisplayName", "escouai"]);
    assert_eq!(failing(&declared), Vec::<&str>::new());
    let shown = declared.target.sources[0].facts.iter().find(|(key, _)| key == "source.local").map(|(_, names)| names.as_str());
    assert_eq!(shown, Some("ENTDisplayName, ENTOrganisation, ESCOAddons, escouai"));
}

#[test]
fn several_files_and_archives_are_one_directory() {
    let at = SOUND.find("dn: uid=").unwrap();
    let (first, second) = SOUND.as_bytes().split_at(at);
    let dir = tempfile::tempdir().unwrap();
    let zip = archive::Zip::default().file("a.ldif", first).file("b.LDIF", second).bytes();
    let tar = archive::Tar::default().file("a.ldif", first).file("b.ldif", second).gz();
    std::fs::write(dir.path().join("a.zip"), zip).unwrap();
    std::fs::write(dir.path().join("a.tar.gz"), tar).unwrap();
    let plain = dir.path().join("plain");
    std::fs::create_dir(&plain).unwrap();
    std::fs::write(plain.join("a.ldif"), first).unwrap();
    std::fs::write(plain.join("b.ldif"), second).unwrap();
    for path in [dir.path().join("a.zip"), dir.path().join("a.tar.gz"), plain] {
        let report = report_of(vec![annuaire(&path)], set());
        assert_eq!((failing(&report), report.target.sources[0].files), (Vec::new(), 2), "{}", path.display());
    }
    let report = report_of(vec![annuaire(&dir.path().join("none.ldif"))], set());
    assert!(report.requirements.iter().filter(|r| r.id.starts_with("ANN-")).all(|r| r.verdict == Verdict::Undetermined));
}

#[test]
fn a_directory_is_reconciled_with_the_feed_of_the_same_ent() {
    let dir = tempfile::tempdir().unwrap();
    let text = |s: &str| json!({"fr": s, "en": s});
    let referentiel = json!({"id": "essai", "title": text("essai"), "version": "1", "edition": "1", "published": "2026",
        "statement": text("essai"), "sources": {"s": {"title": "s", "read": text("s"), "location": "s"}}});
    let requirement = |id: &str, check: Value| {
        json!({"id": id, "title": text(id), "why": text(id), "fix": text(id), "domain": "annuaire", "level": "obligatoire", "severity": "majeure",
            "basis": "implementation", "sources": ["s"], "degree": ["1D", "2D"], "actor": "editeur", "strength": "prouve", "check": check,
            "examples": {"pass": [{}], "fail": [{}]}})
    };
    let keyed =
        |to: &str, by: &str| json!({"records": "annuaire.personnes", "references": {"key": "ENTPersonJointure$1", "to": to, "by": by}});
    let own = json!({"records": "annuaire.personnes", "references": {"key": "ENTPersonStructRattach|dn", "to": "annuaire.structures", "by": "@id"}});
    let requirements = json!([
        requirement("T-AAF", keyed("aaf.Eleve", "@id")),
        requirement("T-GAR", keyed("gar.GAREleve", "@id")),
        requirement("T-DN", own)
    ]);
    std::fs::create_dir(dir.path().join("a")).unwrap();
    std::fs::write(dir.path().join("referentiel.yaml"), referentiel.to_string()).unwrap();
    std::fs::write(dir.path().join("a/a.yaml"), requirements.to_string()).unwrap();
    let mut library = Library::default();
    library.add(dir.path()).unwrap();
    let set = RuleSet::open(&library, "essai", None).unwrap();
    let feed = tempfile::tempdir().unwrap();
    let aaf = |id: &str| {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ficAlimMENESR><addRequest><operationalAttributes><attr name=\"categoriePersonne\"><value>Eleve</value></attr></operationalAttributes><identifier><id>{id}</id></identifier><attributes><attr name=\"sn\"><value>N</value></attr></attributes></addRequest></ficAlimMENESR>"
        )
    };
    let ldif = feed.path().join("annuaire.ldif");
    std::fs::write(&ldif, SOUND).unwrap();
    for (id, wanted) in [("1", Verdict::Pass), ("2", Verdict::Fail)] {
        let file = feed.path().join("ENT_Complet_20260914_Eleve_0000.xml");
        std::fs::write(&file, aaf(id)).unwrap();
        let aaf = SourceSpec::Aaf { path: file, deltas: Vec::new(), degree: None, label: None };
        let report = report_of(vec![aaf, annuaire(&ldif)], &set);
        let all = ["T-AAF", "T-GAR", "T-DN"].map(|id| verdict(&report, id));
        assert_eq!(all, [wanted, Verdict::Undetermined, Verdict::Pass]);
    }
    let lost = SOUND.replacen("dc=ent-exemple,\n dc=fr", "dc=ent-exemple,dc=org", 1);
    std::fs::write(&ldif, lost).unwrap();
    let report = report_of(vec![annuaire(&ldif)], &set);
    assert_eq!(["T-AAF", "T-DN"].map(|id| verdict(&report, id)), [Verdict::Undetermined, Verdict::Fail]);
}

#[test]
fn a_remark_in_another_encoding_accuses_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("annuaire.ldif");
    for (line, wanted) in [(&b"# \xE9l\xE8ve\n"[..], Verdict::Pass), (b"description: \xE9l\xE8ve\n", Verdict::Fail)] {
        let at = SOUND.find("givenName: ").unwrap();
        std::fs::write(&path, [&SOUND.as_bytes()[..at], line, &SOUND.as_bytes()[at..]].concat()).unwrap();
        assert_eq!(verdict(&report_of(vec![annuaire(&path)], set()), "ANN-LDIF-UTF8"), wanted, "{wanted:?}");
    }
}
