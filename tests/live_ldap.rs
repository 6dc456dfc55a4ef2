//! A real directory server (OpenLDAP, `scripts/live/slapd.sh`) against the export it was loaded from: the same verdicts; and what a
//! server lets be done, hides or refuses. Skipped where slapd is not installed, unless CI or CONFORMENT_REQUIRE_LIVE is set.
#![cfg(all(feature = "live", unix))]
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use conforment::audit::Options;
use conforment::demo::ports::Reserved;
use conforment::generate::annuaire::{self, Dialect, Fault, faults::Beside};
use conforment::generate::{Degree, GenerateError};
use conforment::outcome::{Reason, Verdict};
use conforment::report::model::Report;
use conforment::rules::model::Level;
use conforment::target::SourceSpec;

#[path = "common/audited.rs"]
mod audited;
use audited::{DAY, set};

const BASE: &str = "dc=ent-exemple,dc=fr";
const SCHOOL: &str = "ENTStructureSIREN=19990001400017,ou=structures,dc=ent-exemple,dc=fr";

/// A directory of so many pupils, invented, with faults of every sort that a server keeps.
fn export(pupils: usize) -> String {
    let mut out = format!("dn: {BASE}\nobjectClass: top\nobjectClass: dcObject\nobjectClass: organization\no: ENT\ndc: ent-exemple\n");
    for ou in ["personnes", "structures", "groupes"] {
        write!(out, "\ndn: ou={ou},{BASE}\nobjectClass: top\nobjectClass: organizationalUnit\nou: {ou}\n").unwrap();
    }
    write!(
        out,
        "\ndn: {SCHOOL}\nobjectClass: top\nobjectClass: organizationalUnit\nobjectClass: ENTStructure\nobjectClass: ENTEtablissement\n\
         ou: COLLEGE EXEMPLE\nENTStructureSIREN: 19990001400017\nENTStructureUAI: 0990001N\nENTStructureNomCourant: COLLEGE EXEMPLE\n\
         ENTStructureJointure: AC-DEMO$3000\nENTEtablissementMinistereTutelle: MINISTERE\nENTEtablissementContrat: PU\n\
         ENTStructureClasses: 6A$6A$10010012110\n"
    )
    .unwrap();
    for i in 1..=pupils {
        let classes: String = ["top", "person", "organizationalPerson", "inetOrgPerson", "ENTPerson", "ENTEleve"]
            .map(|c| format!("objectClass: {c}\n"))
            .concat();
        // Two of ten thousand share a login; some lack what their class requires, are of an unknown school, or hold odd texts.
        let login = if i % 5000 == 7 { "deux.fois".to_owned() } else { format!("eleve{i}.exemple") };
        let school = if i % 91 == 3 { "ENTStructureSIREN=1,ou=structures,dc=ent-exemple,dc=fr" } else { SCHOOL };
        let first = if i % 37 == 5 { "givenName:: IE5vw6kg\n" } else { "givenName: Zoé\n" };
        let adult = if i % 53 == 11 { "" } else { "ENTEleveMajeur: N\n" };
        let birth = if i % 61 == 2 { "31/01/2013x" } else { "31/01/2013" };
        write!(
            out,
            "\ndn: uid=E0ab{i:05},ou=personnes,{BASE}\n{classes}uid: E0ab{i:05}\ncn: EXEMPLE Zoé\nsn: EXEMPLE\n{first}ENTPersonLogin: {login}\n\
             ENTPersonJointure: AC-DEMO${i}\nENTPersonStructRattach: {school}\nENTPersonProfils: National_ELV\nENTPersonDateNaissance: {birth}\n\
             ENTEleveStatutEleve: SCOLAIRE\nENTEleveMEF: 10010012110\nENTEleveLibelleMEF: 6EME\nENTEleveNivFormation: 6EME\n\
             ENTEleveFiliere: 6EME\nENTEleveClasses: {SCHOOL}$6A\n{adult}"
        )
        .unwrap();
    }
    write!(out, "\ndn: cn=19990001400017_6A,ou=groupes,{BASE}\nobjectClass: top\nobjectClass: groupOfNames\nobjectClass: ENTClasse\n")
        .unwrap();
    out.push_str("cn: 19990001400017_6A\nmember: uid=nobody,ou=personnes,dc=ent-exemple,dc=fr\n");
    (1..=pupils).for_each(|i| writeln!(out, "member: uid=E0ab{i:05},ou=personnes,{BASE}").unwrap());
    out
}

/// A server that ends with the test.
struct Server {
    child: Child,
    dir: tempfile::TempDir,
    ldap: Reserved,
    ldaps: Reserved,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// `None` when there is no slapd, and none is required.
    fn start(ldif: &str, account: bool, variants: &[&str]) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("annuaire.ldif");
        std::fs::write(&file, ldif).unwrap();
        let [ldap, ldaps] = [(); 2].map(|()| Reserved::draw().unwrap());
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/live/slapd.sh");
        let mut child = Command::new("bash")
            .arg(script)
            .args([
                dir.path().join("slapd").as_os_str(),
                ldap.port().to_string().as_ref(),
                ldaps.port().to_string().as_ref(),
                file.as_os_str(),
            ])
            .args(variants)
            .env("WITH_ACCOUNT", if account { "1" } else { "" })
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let started = Instant::now();
        while TcpStream::connect(ldaps.address()).is_err() {
            if let Some(status) = child.try_wait().unwrap() {
                let required = ["CI", "CONFORMENT_REQUIRE_LIVE"].iter().any(|name| std::env::var_os(name).is_some_and(|v| !v.is_empty()));
                assert!(status.code() == Some(77) && !required, "slapd did not start: {status}");
                eprintln!("skipped: slapd is not installed (scripts/test.sh installs it)");
                return None;
            }
            assert!(started.elapsed() < Duration::from_secs(240), "slapd does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(Self { child, dir, ldap, ldaps })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("slapd").join(name)
    }

    /// A source of this server: `ldaps`, with the test authority, and what is added to it in YAML.
    fn source(&self, more: &str) -> SourceSpec {
        let ca = self.file("ca.crt");
        self.spec(&format!("url: 'ldaps://{}', clear_url: 'ldap://{}', ca: {ca:?}{more}", self.ldaps.address(), self.ldap.address()))
    }

    fn with_account(&self, more: &str) -> SourceSpec {
        self.source(&format!(", bind: {{file: {:?}}}{more}", self.file("secret")))
    }

    fn spec(&self, yaml: &str) -> SourceSpec {
        serde_saphyr::from_str(&format!("{{kind: ldap, label: annuaire, {yaml}}}")).unwrap()
    }

    fn ldif(&self) -> SourceSpec {
        SourceSpec::Annuaire {
            path: self.dir.path().join("annuaire.ldif"),
            dialect: None,
            degree: None,
            local: None,
            label: Some("annuaire".into()),
        }
    }
}

fn report_of(source: SourceSpec) -> Report {
    audited::report(vec![source], set(), &Options { max_findings: 5, ..audited::options(DAY) })
}

/// Verdict and counts of each requirement.
fn verdicts(report: &Report) -> BTreeMap<String, (Verdict, u64, u64)> {
    report.requirements.iter().map(|r| (r.id.clone(), (r.verdict, r.examined, r.failures))).collect()
}

fn verdict(report: &Report, id: &str) -> Verdict {
    audited::result(report, id).verdict
}

/// What passes of the directory itself.
fn passed(report: &Report) -> Vec<&str> {
    let all = report.requirements.iter().filter(|r| !r.id.starts_with("ANN-SRV-") && r.verdict == Verdict::Pass);
    all.map(|r| r.id.as_str()).collect()
}

#[track_caller]
fn expect(report: &Report, expected: &[(&str, Verdict)]) {
    let problems = || report.target.sources[0].problems.iter().map(|p| p.message.key.clone()).collect::<Vec<_>>();
    for (id, wanted) in expected {
        assert_eq!(verdict(report, id), *wanted, "{id} {:?}", problems());
    }
}

/// What a file has and a server has not: how it is written.
const OF_FILES: &[&str] = &[
    "ANN-LDIF-RECHERCHE",
    "ANN-LDIF-LISIBLE",
    "ANN-LDIF-ENCODAGE-CONNU",
    "ANN-LDIF-DEMESURE",
    "ANN-LDIF-AJOUT",
    "ANN-LDIF-FINS-LIGNE",
    "ANN-LDIF-ADRESSES",
    "ANN-LDIF-VERSION",
    "ANN-LDIF-SEPARATION",
    // A server has no two entries of one name, and one that gives nothing is not a file that is empty.
    "ANN-LDIF-DN-UNIQUE",
    "ANN-DIT-VIDE",
];

/// A server says of each requirement what its export says, but of how a file is written; what is missing in the export may be hidden by
/// the server.
#[track_caller]
fn same(file: &Report, server: &Report) -> usize {
    let (from_file, mut from_server) = (verdicts(file), verdicts(server));
    let (mut failed, mut differ) = (0, Vec::new());
    for (id, in_file) in &from_file {
        let seen = from_server.remove(id).unwrap();
        let missing = set().requirements.iter().any(|r| r.id == *id && r.absence);
        let expected = match in_file.0 {
            _ if id.starts_with("ANN-SRV-") => seen,
            _ if OF_FILES.contains(&id.as_str()) => (Verdict::NotApplicable, seen.1, seen.2),
            Verdict::Fail if missing => (Verdict::Undetermined, in_file.1, 0),
            _ => *in_file,
        };
        if seen != expected {
            differ.push((id, expected, seen));
        }
        failed += usize::from(seen.0 == Verdict::Fail);
    }
    assert!(differ.is_empty() && from_server.is_empty(), "{differ:#?} {from_server:?}");
    failed
}

#[test]
fn a_server_and_its_export_get_the_same_verdicts() {
    let pupils = std::env::var("CONFORMENT_LIVE_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(600);
    let Some(server) = Server::start(&export(pupils), false, &[]) else { return };
    let file = report_of(server.ldif());
    let started = Instant::now();
    let live = report_of(server.source(", page: 100"));
    eprintln!("{pupils} pupils audited over ldaps in {:?}", started.elapsed());
    let (from_file, mut from_server) = (verdicts(&file), verdicts(&live));
    for (id, expected) in &from_file {
        let seen = from_server.remove(id);
        if id.starts_with("ANN-SRV-") {
            assert_eq!(expected.0, Verdict::Undetermined, "{id}: a file says nothing of a server");
            assert_ne!(seen.unwrap().0, Verdict::Undetermined, "{id}");
        } else if OF_FILES.contains(&id.as_str()) {
            assert_eq!(seen.unwrap().0, Verdict::NotApplicable, "{id}");
        }
    }
    let failed = same(&file, &live);
    assert!(failed >= 6, "{failed}");
    expect(
        &live,
        &[
            ("ANN-SRV-LECTURE", Verdict::Pass),
            ("ANN-SRV-ANONYME-ELEVES", Verdict::Fail),
            ("ANN-SRV-ANONYME-PERSONNES", Verdict::NotApplicable),
            ("ANN-SRV-ANONYME-ATTRIBUTS", Verdict::Fail),
            ("ANN-SRV-CLAIR", Verdict::Fail),
            ("ANN-SRV-COMPTE-INCONNU", Verdict::Pass),
            ("ANN-SRV-MOT-DE-PASSE-VIDE", Verdict::Pass),
            ("ANN-SRV-VERSION", Verdict::Pass),
            ("ANN-SRV-PAGES", Verdict::Pass),
            ("ANN-SRV-SCHEMA", Verdict::Pass),
            ("ANN-SRV-CERTIFICAT", Verdict::Pass),
            ("ANN-SRV-TLS-MODERNE", Verdict::Pass),
            // OpenLDAP on GnuTLS still takes TLS 1.0 unless it is told otherwise.
            ("ANN-SRV-TLS-ANCIEN", Verdict::Fail),
        ],
    );
    // The same through StartTLS.
    let starttls = server.spec(&format!("url: 'ldap://{}', starttls: true, ca: {:?}", server.ldap.address(), server.file("ca.crt")));
    let started = report_of(starttls);
    same(&file, &started);
    assert_eq!(verdict(&started, "ANN-SRV-TLS-MODERNE"), Verdict::NotApplicable);
    // Nothing of a person is in the report.
    let text = serde_json::to_string(&live).unwrap();
    for value in ["Zoé", "E0ab00012", "eleve12.exemple", "31/01/2013", "deux.fois"] {
        assert!(!text.contains(value), "{value}");
    }
}

/// Faults that are of the writing of a file.
const OF_WRITING: &[&str] = &[
    "ligne-illisible",
    "base64-faux",
    "dn-illisible",
    "suppression-melee",
    "changetype-add",
    "nom-double",
    "branche-double",
    "valeur-ailleurs",
    "separation-absente",
    "fins-de-ligne",
    "version-autre",
    "utf-16",
    "deux-fichiers",
    // The loader adds what the name of an entry says to its attributes.
    "rdn-absent",
    "espace-perdue",
];
/// Faults that a server of the test schema refuses, or that its loader does (values of one attribute that do not follow each other).
const REFUSED: &[&str] = &[
    "parent-absent",
    "texte-latin1",
    "classe-ent-inconnue",
    "attribut-ent-inconnu",
    "classe-locale",
    "nom-absent",
    "attribut-non-admis",
    "deux-natures",
    "deux-natures-ent",
    "sans-nature",
    "personne-sans-entperson",
    "eleve-et-personnel",
    "rapprochement-sans-retour",
    "rapprochement-tu",
    "rapprochement-avec-soi",
    "rapprochement-inconnu",
    "fusion-sans-retour",
    "fusion-tue",
    "fusion-avec-soi",
    "fusion-encore-active",
    "fusion-inconnue",
    "appartenance-inconnue",
    "appartenance-sans-retour",
    "membres-mal-comptes",
    "mot-de-passe-nt",
    "mot-de-passe-lm",
    "mot-de-passe-ailleurs",
    "mots-de-passe-anciens",
    "membre-en-toutes-lettres",
    "mot-de-passe-etiquete",
    "gar-entreprise-etablissement",
];

/// The directory of the generator, with those of these faults that so small a directory has room for.
fn generated(dialect: Dialect, mut faults: Vec<Fault>) -> String {
    let (dir, date) = (tempfile::tempdir().unwrap(), jiff::civil::date(2026, 9, 1));
    loop {
        let out = dir.path().join(format!("annuaire-{}.ldif", faults.len()));
        let options = annuaire::Options { pupils: 300, degree: Degree::D2, seed: 1, faults: faults.clone(), date, day: 0, dialect };
        match annuaire::generate(&options, &out, &mut |_| ()) {
            Ok(_) => return std::fs::read_to_string(out).unwrap(),
            Err(GenerateError::NotInjected { fault }) => faults.retain(|f| f.id() != fault),
            Err(other) => panic!("{other}"),
        }
    }
}

#[test]
fn a_generated_directory_is_judged_behind_a_server_as_it_is_in_a_file() {
    for dialect in Dialect::ALL {
        let Some(server) = Server::start(&generated(dialect, Vec::new()), false, &[]) else { return };
        let (file, live) = (report_of(server.ldif()), report_of(server.source("")));
        same(&file, &live);
        let accusing = live.requirements.iter().filter(|r| !r.id.starts_with("ANN-SRV-") && r.verdict == Verdict::Fail);
        assert_eq!(accusing.filter(|r| r.level != Level::Information).count(), 0, "{dialect:?}");
        assert_eq!(verdict(&live, "ANN-SRV-LECTURE"), Verdict::Pass);
    }
}

#[test]
fn the_faults_that_a_server_stores_are_found_behind_it_as_in_a_file() {
    for (dialect, fewest) in [(Dialect::Dn, 100), (Dialect::Uai, 1), (Dialect::GroupDn, 1)] {
        let here = |fault: &Fault| {
            let info = fault.info();
            info.dialect == dialect && info.degrees.contains(&Degree::D2) && info.beside == Beside::Nothing
        };
        let kept = |fault: &Fault| !OF_WRITING.contains(&fault.id()) && !REFUSED.contains(&fault.id());
        let faults: Vec<Fault> = Fault::all().filter(here).filter(kept).collect();
        let Some(server) = Server::start(&generated(dialect, faults), false, &["passwords"]) else { return };
        let failed = same(&report_of(server.ldif()), &report_of(server.source(", page: 50")));
        assert!(failed >= fewest, "{dialect:?} {failed}");
    }
}

#[test]
fn the_pages_that_a_server_allows_are_found() {
    for variant in ["page=10", "unpaged"] {
        let Some(server) = Server::start(&export(60), true, &[variant]) else { return };
        let report = report_of(server.with_account(""));
        expect(&report, &[("ANN-SRV-LECTURE", Verdict::Pass), ("ANN-SRV-RENVOIS", Verdict::Pass)]);
        assert_eq!(report.target.sources[0].records["annuaire.ENTEleve"], 60, "{variant}");
    }
}

#[test]
fn what_an_account_sees_of_itself_says_nothing_of_others() {
    let Some(server) = Server::start(&export(5), true, &["self"]) else { return };
    let report = report_of(server.with_account(""));
    let passing = |id| (id, Verdict::Pass);
    expect(&report, &["ANN-SRV-LECTURE", "ANN-SRV-MOTS-DE-PASSE"].map(passing));
    for id in ["ANN-SEC-ANCIEN", "ANN-SEC-EXPORT", "ANN-SCH-OBLIGATOIRES-NORME"] {
        assert_ne!(verdict(&report, id), Verdict::Fail, "{id}");
    }
}

#[test]
fn who_has_no_account_is_asked_about_what_the_account_found() {
    // The description of the server is closed, and the directory is not.
    let Some(server) = Server::start(&export(30), true, &["mute"]) else { return };
    let report = report_of(server.with_account(""));
    expect(&report, &["ANN-SRV-RACINE", "ANN-SRV-ANONYME-ELEVES", "ANN-SRV-ANONYME-ATTRIBUTS"].map(|id| (id, Verdict::Fail)));
    // A branch that does not exist proves nothing.
    let report = report_of(server.with_account(", bases: ['ou=ailleurs,dc=ent-exemple,dc=fr']"));
    expect(&report, &["ANN-SRV-ANONYME-ELEVES", "ANN-SRV-ANONYME-ATTRIBUTS"].map(|id| (id, Verdict::Undetermined)));
    assert!(!report.requirements.iter().any(|r| r.verdict == Verdict::Fail && r.level == Level::Obligatoire));
}

#[test]
fn branches_that_stand_one_in_the_other_are_read_once() {
    let Some(server) = Server::start(&export(40), false, &[]) else { return };
    let once = report_of(server.source(""));
    let twice = report_of(server.source(", bases: ['ou=personnes,dc=ent-exemple,dc=fr', 'dc=ent-exemple,dc=fr', 'DC=ent-exemple, DC=fr']"));
    assert_eq!(verdicts(&once), verdicts(&twice));
}

#[test]
fn a_closed_server_is_read_with_its_account() {
    let Some(server) = Server::start(&export(30), true, &["closed", "confidential"]) else { return };
    let report = report_of(server.with_account(""));
    expect(
        &report,
        &[
            ("ANN-SRV-LECTURE", Verdict::Pass),
            ("ANN-SRV-ANONYME-ELEVES", Verdict::Pass),
            ("ANN-SRV-ANONYME-ATTRIBUTS", Verdict::Pass),
            ("ANN-SRV-CLAIR", Verdict::Pass),
            ("ANN-SRV-TLS-ANCIEN", Verdict::Pass),
            ("ANN-SRV-MOTS-DE-PASSE", Verdict::Pass),
        ],
    );
    assert_eq!(report.target.sources[0].records["annuaire.ENTEleve"], 30);
    // Nobody sees anything: nothing is judged as if the directory were empty.
    let nobody = report_of(server.source(""));
    expect(&nobody, &[("ANN-SRV-LECTURE", Verdict::Fail)]);
    assert_eq!(passed(&nobody), Vec::<&str>::new());
    assert!(nobody.target.sources[0].problems.iter().any(|p| p.message.key == "problem.ldap.branch"));
}

#[test]
fn what_a_limit_hides_is_undetermined() {
    let Some(server) = Server::start(&export(60), true, &["limit=25"]) else { return };
    let report = report_of(server.with_account(", page: 10"));
    assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Fail);
    assert!(report.target.sources[0].problems.iter().any(|p| p.message.key == "problem.ldap.size"));
    assert_eq!(passed(&report), Vec::<&str>::new());
    let parents = report.requirements.iter().filter(|r| r.parent.as_deref() == Some("ANN-SRV-LECTURE")).count();
    assert!(parents > 20, "{parents}");
}

#[test]
fn what_is_on_another_server_is_undetermined() {
    let Some(server) = Server::start(&export(20), false, &["refer"]) else { return };
    // An entry that says where its branch is.
    let report = report_of(server.source(", page: 10"));
    expect(&report, &[("ANN-SRV-LECTURE", Verdict::Fail), ("ANN-SRV-RENVOIS", Verdict::Fail)]);
    assert!(report.target.sources[0].problems.iter().any(|p| p.message.key == "problem.ldap.referral"));
    assert_eq!((passed(&report), report.target.sources[0].records["annuaire.ENTEleve"]), (Vec::new(), 20));
    // A branch that the server does not hold: a result that is a referral.
    let report = report_of(server.source(", bases: ['dc=ailleurs,dc=fr']"));
    assert!(report.target.sources[0].problems.iter().any(|p| p.message.key == "problem.ldap.referral"));
    assert_eq!((verdict(&report, "ANN-SRV-LECTURE"), passed(&report)), (Verdict::Fail, Vec::new()));
}

#[test]
fn the_searches_of_services_are_tried() {
    let searches = ["ANN-SRV-HORODATAGE", "ANN-SRV-RECHERCHE-DATE", "ANN-SRV-RECHERCHE-LOGIN", "ANN-SRV-LOGIN-CASSE", "ANN-SRV-DELAIS"];
    let Some(server) = Server::start(&export(20), true, &[]) else { return };
    let report = report_of(server.with_account(""));
    expect(&report, &searches.map(|id| (id, Verdict::Pass)));
    let text = serde_json::to_string(&report).unwrap();
    assert!(!text.contains("eleve1.exemple") && !text.contains("ELEVE1.EXEMPLE"));
    drop(server);
    let Some(server) = Server::start(&export(20), false, &["plain"]) else { return };
    let report = report_of(server.source(""));
    expect(&report, &[("ANN-SRV-RECHERCHE-LOGIN", Verdict::Pass), ("ANN-SRV-LOGIN-CASSE", Verdict::Fail)]);
    drop(server);
    // A reading account that may not search: nothing is proved of what it does not see.
    let Some(server) = Server::start(&export(20), false, &["closed"]) else { return };
    let report = report_of(server.source(""));
    expect(&report, &["ANN-SRV-HORODATAGE", "ANN-SRV-RECHERCHE-LOGIN", "ANN-SRV-DELAIS"].map(|id| (id, Verdict::Undetermined)));
}

#[test]
fn what_is_not_trusted_or_refused_is_said_and_nothing_is_judged() {
    let Some(server) = Server::start(&export(3), true, &[]) else { return };
    let wrong = server.dir.path().join("faux");
    std::fs::write(&wrong, "cn=lecture,dc=ent-exemple,dc=fr\nfaux\n").unwrap();
    std::fs::set_permissions(&wrong, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let untrusted = server.spec(&format!("url: 'ldaps://{}'", server.ldaps.address()));
    let starttls = server.spec(&format!("url: 'ldap://{}', starttls: true", server.ldap.address()));
    let refused = server.source(&format!(", bind: {{file: {wrong:?}}}"));
    let unused = Reserved::draw().unwrap();
    let closed = server.spec(&format!("url: 'ldaps://{}'", unused.address()));
    for (source, problem) in [
        (untrusted, "problem.ldap.authority"),
        (starttls, "problem.ldap.authority"),
        (refused, "problem.ldap.bind"),
        (closed, "problem.ldap.unreachable"),
    ] {
        let report = report_of(source);
        assert_eq!(report.target.sources[0].problems[0].message.key, problem);
        let judged = report.requirements.iter().filter(|r| !r.id.starts_with("ANN-SRV-"));
        for r in judged {
            assert_eq!(r.verdict, Verdict::Undetermined, "{problem}: {}", r.id);
            assert!(matches!(r.reason, Some(Reason::Blocked | Reason::ManualPending)), "{}", r.id);
        }
        if problem == "problem.ldap.authority" {
            assert_eq!(verdict(&report, "ANN-SRV-LECTURE"), Verdict::Undetermined);
        }
    }
    let report = report_of(server.spec(&format!("url: 'ldaps://{}'", server.ldaps.address())));
    assert_eq!(verdict(&report, "ANN-SRV-CERTIFICAT"), Verdict::Fail);
}
