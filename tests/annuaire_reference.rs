//! The invented people that go with the schema of a production directory (GIP RECIA, Apache-2.0): what an audit finds in them, counted, and
//! that it accuses them of nothing else. The data is not part of the project: where it is not beside it, this is passed over.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicU64;

use conforment::audit::{Options, audit};
use conforment::outcome::Verdict;
use conforment::privacy::Pseudonyms;
use conforment::report::model::{PerimeterOrigin, Report};
use conforment::rules::directory::Local;
use conforment::rules::library::Library;
use conforment::rules::model::Level;
use conforment::rules::set::RuleSet;
use conforment::target::{SourceSpec, Target};

fn set() -> &'static RuleSet {
    static SET: OnceLock<RuleSet> = OnceLock::new();
    SET.get_or_init(|| RuleSet::open(&Library::embedded(), "sdet-6.3", None).unwrap())
}

/// A file of the reference data.
fn reference(name: &str) -> Option<String> {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/ldap/ldif").join(name);
    let text = std::fs::read_to_string(&path);
    if text.is_err() {
        eprintln!("passed over: {name} is not beside the project (it is not part of it, nor of CI)");
    }
    text.ok()
}

fn report(ldif: &str, local: Option<Local>) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("annuaire.ldif");
    std::fs::write(&path, ldif).unwrap();
    let source = SourceSpec::Annuaire { path, dialect: None, local, label: Some("annuaire".into()) };
    let target = Target { version: 1, name: "essai".into(), sources: vec![source], ..Target::default() };
    let options = Options {
        threads: 2,
        max_findings: 50,
        pseudonyms: Pseudonyms::new([7; 32]),
        seed: 42,
        today: jiff::civil::date(2026, 9, 20),
        generated: "2026-09-20T00:00:00Z".into(),
        origin: PerimeterOrigin::Implied,
        #[cfg(feature = "live")]
        live: Default::default(),
    };
    audit(&target, set(), &options, &AtomicU64::new(0)).unwrap()
}

/// What fails at a level, with how often.
fn failing(report: &Report, level: Level) -> Vec<(&str, u64)> {
    let failed = report.requirements.iter().filter(|r| r.verdict == Verdict::Fail && r.level == level);
    failed.map(|r| (r.id.as_str(), r.failures)).collect()
}

#[test]
fn the_invented_people_have_the_faults_that_they_have() {
    let Some(people) = reference("31-people.ldif") else { return };
    let report = report(&people, None);
    assert_eq!(report.target.sources[0].records["annuaire.ENTEleve"], 17);
    assert_eq!(failing(&report, Level::Obligatoire), []);
    assert_eq!(failing(&report, Level::Recommande), []);
}

#[test]
fn the_branches_alone_have_no_fault() {
    let Some(branches) = reference("01-ou.ldif") else { return };
    let report = report(&branches, None);
    assert_eq!(failing(&report, Level::Obligatoire), []);
    assert_eq!(failing(&report, Level::Recommande), []);
}

#[test]
fn the_invalid_structures_are_told() {
    let Some(structures) = reference("paramuseretab-init2.ldif") else { return };
    let report = report(&structures, None);
    assert_eq!(failing(&report, Level::Obligatoire), []);
    assert_eq!(failing(&report, Level::Recommande), []);
}

/// The same people, mended: hashed passwords, keys and identifiers of their own, a school that exists.
fn mended(branches: &str, people: &str) -> String {
    const SCHOOL: &str = "ENTStructureSIREN=19990001400017,ou=structures,dc=esco-centre,dc=fr";
    let unfolded = people.replace("\r\n", "\n").replace("\n ", "");
    let mut out = branches.replace("changetype: add\n", "");
    out.push_str(&format!(
        "\n\ndn: {SCHOOL}\nobjectClass: top\nobjectClass: organizationalUnit\nobjectClass: ENTStructure\nobjectClass: ENTEtablissement\n\
         ou: LYCEE EXEMPLE\nENTStructureSIREN: 19990001400017\nENTStructureUAI: 0990001N\nENTStructureNomCourant: LYCEE EXEMPLE\n\
         ENTStructureJointure: AC-DEMO$3000\nENTStructureTypeStruct: LYCEE\nENTEtablissementMinistereTutelle: MINISTERE\n\
         ENTEtablissementContrat: PU\nENTStructureClasses: TS2$TS2$20211010110\n"
    ));
    for (rank, entry) in unfolded.split("\n\n").filter(|e| e.trim_start().starts_with("dn:")).enumerate() {
        out.push('\n');
        for line in entry.lines().filter(|l| !l.is_empty()) {
            let (name, value) = line.split_once(':').unwrap();
            let line = match name {
                "dn" => format!("dn: uid=F1700k{rank:02},ou=people,dc=esco-centre,dc=fr"),
                "uid" => format!("uid: F1700k{rank:02}"),
                "userPassword" => format!("userPassword: {{SSHA512}}{rank:02}AAAA"),
                "ENTPersonGARIdentifiant" => format!("{name}: 5ae4d2e8-7ead-4bcb-ad15-6dd44b1cf0{rank:02}"),
                "ENTPersonJointure" => format!("{name}: AC-DEMO${rank}"),
                "ENTPersonLogin" => format!("{name}: personne{rank}"),
                "ENTEleveStructRattachId" => format!("{name}: {}", 1000 + rank),
                "mail" => format!("{name}: personne{rank}@ent.example"),
                "ENTPersonDateNaissance" => format!("{name}: 01/01/2008"),
                "ENTPersonStructRattach" => format!("{name}: {SCHOOL}"),
                "ENTEleveClasses" => format!("{name}: {SCHOOL}$TS2"),
                "ENTEleveGroupes" | "isMemberOf" => continue,
                _ => format!("{name}:{value}"),
            };
            out.push_str(&line);
            out.push('\n');
        }
    }
    out
}

#[test]
fn the_same_people_mended_are_accused_of_nothing_mandatory() {
    let (Some(branches), Some(people)) = (reference("01-ou.ldif"), reference("31-people.ldif")) else { return };
    let report = report(&mended(&branches, &people), None);
    assert_eq!(report.target.sources[0].records["annuaire.ENTEleve"], 17);
    assert_eq!(failing(&report, Level::Obligatoire), []);
    assert_eq!(failing(&report, Level::Recommande), []);
}
