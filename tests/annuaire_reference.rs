//! The invented people that go with the schema of a production directory (GIP RECIA, Apache-2.0): what an audit finds in them, counted, and
//! that it accuses them of nothing else. The data is not part of the project: where it is not beside it, this is passed over.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};

use conforment::outcome::Verdict;
use conforment::report::model::Report;
use conforment::rules::directory::Local;
use conforment::rules::model::Level;
use conforment::target::SourceSpec;

#[path = "common/audited.rs"]
mod audited;
use audited::{DAY, set};

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
    let source = SourceSpec::Annuaire { path, dialect: None, degree: None, local, label: Some("annuaire".into()) };
    audited::report(vec![source], set(), &audited::options(DAY))
}

/// What fails at a level, with how often.
fn failing(report: &Report, level: Level) -> Vec<(&str, u64)> {
    let failed = report.requirements.iter().filter(|r| r.verdict == Verdict::Fail && r.level == level);
    failed.map(|r| (r.id.as_str(), r.failures)).collect()
}

/// What is recommended and fails, in the order of the alphabet.
fn recommended(report: &Report) -> Vec<(&str, u64)> {
    let mut all = failing(report, Level::Recommande);
    all.sort_unstable();
    all
}

fn verdict(report: &Report, id: &str) -> Verdict {
    audited::result(report, id).verdict
}

/// The report where what is local to the region is declared.
fn with_local(ldif: &str) -> Report {
    let names = |prefixes: &[&str], of: &str| {
        let name = |line: &str| if of == "class" { line.strip_prefix("objectClass: ") } else { line.split(':').next() }.map(str::to_owned);
        let mut all: Vec<String> = ldif.lines().filter_map(name).filter(|n| prefixes.iter().any(|p| n.starts_with(p))).collect();
        all.sort_unstable();
        all.dedup();
        all
    };
    let local = Local { classes: names(&["ESCO", "eduMember"], "class"), attributes: names(&["ESCO", "isMemberOf"], "attribute") };
    report(ldif, Some(local))
}

#[test]
fn the_invented_people_have_the_faults_that_they_have() {
    let Some(people) = reference("31-people.ldif") else { return };
    let report = report(&people, None);
    assert_eq!(report.target.sources[0].records["annuaire.ENTEleve"], 17);
    // Passwords in clear, one GAR identifier for all: true, and nothing else is mandatory.
    assert_eq!(failing(&report, Level::Obligatoire), [("ANN-SEC-CLAIR", 17), ("ANN-UNQ-GAR-ELEVES", 16)]);
    let parts = ["ANN-DIT-ENSEIGNANTS", "ANN-DIT-ETABLISSEMENTS"].map(|id| (id, 1));
    let local = ["ANN-SCH-ATTRIBUTS-LOCAUX", "ANN-SCH-CLASSES-LOCALES"];
    let faults = [("ANN-ELV-CLASSE-ETAB", 4), ("ANN-UNQ-JOINTURE", 2), ("ANN-UNQ-STRUCT-ID", 14)];
    let sorted = |mut all: Vec<(&'static str, u64)>| {
        all.sort_unstable();
        all
    };
    assert_eq!(recommended(&report), sorted([&parts[..], &faults].concat()));
    let told = |report: &Report| local.map(|id| verdict(report, id));
    assert_eq!(told(&report), [Verdict::Fail; 2]);
    // An export of pupils alone says nothing of the structures that they name.
    assert_eq!(verdict(&report, "ANN-REF-RATTACHEMENT"), Verdict::Undetermined);
    // Pupils who do not have the identifier of the ENT, in the form that is public.
    assert_eq!(failing(&report, Level::Information).iter().find(|(id, _)| *id == "ANN-PER-UID-FORME"), Some(&("ANN-PER-UID-FORME", 15)));
    // What is local and declared is no longer told of; nothing else changes.
    let declared = with_local(&people);
    assert_eq!((recommended(&declared), told(&declared)), (sorted([&parts[..], &faults].concat()), [Verdict::Pass; 2]));
}

#[test]
fn structures_that_are_nowhere_are_told_once_one_is_delivered() {
    let Some(people) = reference("31-people.ldif") else { return };
    let school = people.lines().find_map(|l| l.strip_prefix("ENTEleveClasses: ")).unwrap().split(',').next().unwrap();
    let school = format!(
        "{people}\n\ndn: {school},ou=structures,dc=esco-centre,dc=fr\nobjectClass: top\nobjectClass: organizationalUnit\n\
         objectClass: ENTStructure\nobjectClass: ENTEtablissement\nou: LYCEE\n{}\n",
        school.replace('=', ": ")
    );
    let report = report(&school, None);
    // Four pupils are attached to three structures that no entry has.
    assert!(recommended(&report).contains(&("ANN-REF-RATTACHEMENT", 4)), "{:?}", recommended(&report));
    assert_eq!(verdict(&report, "ANN-REF-ELEVE-CLASSES"), Verdict::Pass);
}

#[test]
fn the_branches_alone_have_no_fault() {
    let Some(branches) = reference("01-ou.ldif") else { return };
    let report = report(&branches, None);
    assert_eq!(failing(&report, Level::Obligatoire), []);
    // Six entries that a server would not load as they are (`changetype`), and nobody in them.
    let expected = ["ANN-DIT-ELEVES", "ANN-DIT-ENSEIGNANTS", "ANN-DIT-ETABLISSEMENTS", "ANN-LDIF-AJOUT"].map(|id| (id, 1));
    assert_eq!(recommended(&report), expected);
}

#[test]
fn the_invalid_structures_are_told() {
    let Some(structures) = reference("paramuseretab-init2.ldif") else { return };
    let report = report(&structures, None);
    // The password of the person, and that of the entry of the suffix.
    assert_eq!(failing(&report, Level::Obligatoire), [("ANN-SEC-CLAIR", 2)]);
    let expected = [
        ("ANN-DIT-ELEVES", 1),
        // A teacher without first name, school, profile nor function.
        ("ANN-PER-FONCTION-PRESENTE", 1),
        ("ANN-PER-PRENOM", 1),
        ("ANN-PER-PROFIL", 1),
        ("ANN-PER-RATTACHEMENT-PERSONNEL", 1),
        // The name of an attribute in place of that of a class.
        ("ANN-SCH-CLASSES-ENT", 1),
        ("ANN-SCH-OBLIGATOIRES", 7),
        ("ANN-SEC-BRANCHES", 1),
        // One name as the AAF packs it, made-up numbers.
        ("ANN-STR-NOM", 1),
        ("ANN-STR-SIRET-CLE", 8),
        ("ANN-STR-UAI-CLE", 5),
        ("ANN-STR-UAI-FORME", 1),
    ];
    assert_eq!(recommended(&report), expected);
}

/// The same people, mended: hashed passwords, keys and identifiers of their own, a school that exists.
fn mended(branches: &str, people: &str) -> String {
    const SCHOOL: &str = "ENTStructureSIREN=19990001400010,ou=structures,dc=esco-centre,dc=fr";
    let unfolded = people.replace("\r\n", "\n").replace("\n ", "");
    let mut out = branches.replace("changetype: add\n", "");
    out.push_str(&format!(
        "\n\ndn: {SCHOOL}\nobjectClass: top\nobjectClass: organizationalUnit\nobjectClass: ENTStructure\nobjectClass: ENTEtablissement\n\
         ou: LYCEE EXEMPLE\nENTStructureSIREN: 19990001400010\nENTStructureUAI: 0990001N\nENTStructureNomCourant: LYCEE EXEMPLE\n\
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
                "ENTPersonJointure" => format!("{name}: AC-DEMO${}", rank + 1),
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
    // An export of pupils and one school.
    assert_eq!(recommended(&report), [("ANN-DIT-ENSEIGNANTS", 1)]);
}
