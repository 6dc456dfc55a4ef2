//! Every labelled fault of the directory generator, through the whole tool: the requirements that should notice it fail,
//! and no other that is mandatory or recommended accuses anybody.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use conforment::generate::annuaire::faults::Beside;
use conforment::generate::annuaire::{self, Dialect, Fault};
use conforment::generate::{self, Degree, Mode, gar};
use conforment::outcome::Verdict;
use conforment::report::model::Report;
use conforment::rules::model::Level;
use conforment::target::SourceSpec;

#[path = "common/audited.rs"]
mod audited;
#[path = "common/injected.rs"]
mod injected;
use injected::{FIRST_DAY, Others, TODAY, each, failing, gar_options, judge, write_feed, write_gar};

const PUPILS: u64 = 110;
const SEED: u64 = 7;

/// What a fault may also bring, depending on the entry it falls on: true, and not its point.
const CONSEQUENCES: &[(&str, &str)] = &[
    // The other class is of another level, unless the school has two of the same.
    ("classe-double", "ANN-ELV-MEF-CLASSE"),
    ("aaf-eleve-classe", "ANN-ELV-MEF-CLASSE"),
    // One in so few is more than one in twenty.
    ("gar-enseignant-nom", "ANN-GAR-ENSEIGNANTS-CONNUS"),
    ("gar-enseignant-prenom", "ANN-GAR-ENSEIGNANTS-CONNUS"),
];

fn options(pupils: u64, degree: Degree, seed: u64, dialect: Dialect) -> annuaire::Options {
    annuaire::Options { pupils, degree, seed, faults: Vec::new(), date: FIRST_DAY, day: 0, dialect }
}

fn write(out: &Path, options: &annuaire::Options) -> Result<annuaire::Summary, generate::GenerateError> {
    annuaire::generate(options, out, &mut |_| ())
}

/// What is audited.
#[derive(Default)]
struct Sources {
    directory: PathBuf,
    feed: Option<PathBuf>,
    changes: Vec<PathBuf>,
    gar: Option<PathBuf>,
}

fn run(sources: Sources, degree: Degree) -> Report {
    let degree = Some(degree);
    let mut asked = vec![SourceSpec::Annuaire { path: sources.directory, dialect: None, degree: None, local: None, label: None }];
    asked.extend(sources.feed.map(|path| SourceSpec::Aaf { path, deltas: sources.changes, degree, label: None }));
    asked.extend(sources.gar.map(|path| SourceSpec::Gar { path, previous: None, degree, label: None }));
    injected::report(asked, TODAY)
}

fn informs(report: &Report, id: &str) -> bool {
    audited::result(report, id).level == Level::Information
}

/// The AAF and the GAR delivery of the same people.
fn others() -> Others {
    Others::new(|others, degree| {
        write_feed(&others.place("feed", degree), PUPILS, degree, SEED, Mode::Complet);
        write_gar(&others.place("gar", degree), &gar_options(PUPILS, degree, SEED)).expect("the GAR");
    })
}

#[test]
fn each_fault_is_found_and_nothing_else_is() {
    let cases: Vec<(Fault, Degree)> = Fault::all().flat_map(|fault| degrees(fault).iter().map(move |degree| (fault, *degree))).collect();
    assert!(cases.len() > 250, "{} cases", cases.len());
    let others = others();
    each(&cases, |(fault, degree)| one(&others, *fault, *degree));
}

/// The degrees that a fault is tried in: both where other deliveries tell, which differ; one after the other where the
/// directory alone does, which is the same.
fn degrees(fault: Fault) -> &'static [Degree] {
    let (info, rank) = (fault.info(), fault.rank());
    if info.beside == Beside::Nothing && info.degrees.len() > 1 { &info.degrees[rank % 2..=rank % 2] } else { info.degrees }
}

/// What fails when that fault alone is there.
fn one(others: &Others, fault: Fault, degree: Degree) -> Result<BTreeSet<String>, String> {
    let dir = tempfile::tempdir().expect("temporary directory");
    let (info, directory) = (fault.info(), dir.path().join("annuaire.ldif"));
    write(&directory, &annuaire::Options { faults: vec![fault], ..options(PUPILS, degree, SEED, info.dialect) })
        .map_err(|e| e.to_string())?;
    let beside = |what| info.beside == what;
    let sources = Sources {
        directory,
        feed: beside(Beside::Aaf).then(|| others.place("feed", degree)),
        gar: beside(Beside::Gar).then(|| others.place("gar", degree)),
        ..Sources::default()
    };
    let report = run(sources, degree);
    judge(&report, info.requirements(degree), |id| informs(&report, id) || CONSEQUENCES.contains(&(fault.id(), id)))
}

/// What only passes where an ENT keeps more than the AAF tells.
const BY_HAND: &[&str] = &[
    "ANN-NEN-COLLECTIVITE",
    "ANN-PER-RAPPROCHEMENT-PRINCIPAL",
    "ANN-PER-FUSION-SECONDAIRE",
    "ANN-GRP-GROUPEMENT-MEMBRES",
    "ANN-PRF-PEUPLEMENT",
    "ANN-APP-ROLES",
    "ANN-STR-CONTACT",
    "ANN-UNQ-ALIAS-LOGIN",
];
/// The same, in the second degree.
const PLACEMENTS: &[&str] =
    &["ANN-TUT-SOCIETE", "ANN-TUT-ELEVE", "ANN-TUT-ENSEIGNANT-RESPONSABLE", "ANN-TUT-ENSEIGNANT-TUTEUR", "ANN-REF-ENTR-AUTRES"];

#[test]
fn a_clean_directory_accuses_nobody() {
    // What only passes where the dialect was recognised.
    let told: [(Dialect, &[&str]); 4] = [
        (Dialect::Dn, &["ANN-CMP-ELEVES-DN", "ANN-PER-PROFIL-LISTE", "ANN-REF-CLASSE-ELEVE-DN"]),
        (Dialect::Uai, &["ANN-CMP-ELEVES-UAI", "ANN-REF-PROFIL", "ANN-REF-CLASSE-ELEVE-UAI"]),
        (Dialect::GroupDn, &["ANN-CMP-GROUPES-DN", "ANN-REF-PROFIL", "ANN-GRP-CLASSE-CONNUE"]),
        (Dialect::Id, &["ANN-CMP-ELEVE-CLASSES"]),
    ];
    for degree in [Degree::D1, Degree::D2] {
        for (rank, (dialect, passing)) in (0..).zip(told) {
            let dir = tempfile::tempdir().expect("temporary directory");
            let place = |name: &str| dir.path().join(name);
            // Each dialect another académie, the second day for every other one.
            let (pupils, seed) = (PUPILS + 70 * rank, 1 + rank);
            let first = options(pupils, degree, seed, dialect);
            let today = annuaire::Options { day: (rank % 2) as u16, ..first.clone() };
            write(&place("annuaire.ldif"), &today).expect("a directory");
            write_feed(&place("feed"), pupils, degree, seed, Mode::Complet);
            write_feed(&place("changes"), pupils, degree, seed, Mode::Delta);
            write_gar(&place("gar"), &gar::Options { day: today.day, ..gar_options(pupils, degree, seed) }).expect("the GAR");
            for (feed, gar) in [(false, false), (true, false), (true, true)] {
                let sources = Sources {
                    directory: place("annuaire.ldif"),
                    feed: feed.then(|| place("feed")),
                    changes: if feed && today.day > 0 { vec![place("changes")] } else { Vec::new() },
                    gar: gar.then(|| place("gar")),
                };
                let report = run(sources, degree);
                let case = format!("{degree} {} AAF: {feed}, GAR: {gar}", dialect.as_str());
                let mut accused = failing(&report);
                accused.retain(|id| !informs(&report, id));
                assert_eq!(accused, BTreeSet::new(), "{case}");
                let verdict = |id: &str| report.requirements.iter().find(|r| r.id == id).map(|r| r.verdict);
                for id in passing {
                    assert_eq!(verdict(id), Some(Verdict::Pass), "{case}: {id}");
                }
                for id in BY_HAND.iter().chain(if degree == Degree::D2 { PLACEMENTS } else { &[] }) {
                    assert_eq!(verdict(id), Some(Verdict::Pass), "{case}: {id}");
                }
                if dialect != Dialect::Dn {
                    assert_eq!(verdict("ANN-CMP-ELEVES-DN"), Some(Verdict::NotApplicable), "{case}");
                }
                if feed && gar {
                    for id in ["ANN-AAF-ELEVES-PRESENTS", "ANN-GAR-ELEVE-NOM", "ANN-GAR-AFFECTATEURS-CONNUS"] {
                        assert_eq!(verdict(id), Some(Verdict::Pass), "{case}: {id}");
                    }
                }
            }
        }
    }
}

#[test]
fn expected_requirements_are_of_the_degree() {
    for fault in Fault::all() {
        for degree in fault.info().degrees.iter().copied() {
            injected::exist(fault, degree, fault.info().requirements(degree));
        }
    }
}
