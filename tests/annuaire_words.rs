//! What is said of a directory: each fault in words that name its subject, the writing it is in, and nothing of a person.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::PathBuf;

use conforment::i18n::{Lang, message};
use conforment::outcome::{Finding, Verdict};
use conforment::report::model::Report;
use conforment::report::{html, terminal};
use conforment::rules::directory::Dialect;
use conforment::target::SourceSpec;
use serde_json::json;

#[path = "common/audited.rs"]
mod audited;
use audited::{DAY, options, result, set};

/// One person of an invented directory; `more` is written after what they have.
fn person(dn: &str, lines: &[&str]) -> String {
    let classes = ["top", "person", "organizationalPerson", "inetOrgPerson", "ENTPerson"].map(|c| format!("objectClass: {c}\n"));
    format!("dn: {dn}\n{}{}\n\n", classes.concat(), lines.join("\n"))
}

fn directory(people: &[String]) -> String {
    let branch = |name: &str| format!("dn: ou={name},dc=ent,dc=fr\nobjectClass: top\nobjectClass: organizationalUnit\nou: {name}\n\n");
    format!("version: 1\n\n{}{}{}", branch("personnes"), branch("structures"), people.concat())
}

fn audited_as(dialect: Option<Dialect>, ldif: &str) -> Report {
    let dir = tempfile::tempdir().unwrap();
    let path: PathBuf = dir.path().join("annuaire.ldif");
    std::fs::write(&path, ldif).unwrap();
    let source = SourceSpec::Annuaire { path, dialect, degree: None, local: None, label: Some("Annuaire".into()) };
    audited::report(vec![source], set(), &options(DAY))
}

/// What is said of the first failure of a requirement, in both languages.
fn told(report: &Report, id: &str) -> [String; 2] {
    let r = result(report, id);
    assert_eq!(r.verdict, Verdict::Fail, "{id}");
    let first: &Finding = &r.findings[0];
    [Lang::Fr, Lang::En].map(|lang| message(lang, &first.message))
}

#[test]
fn a_fault_names_its_subject() {
    let sound = ["uid: u1", "cn: A", "sn: A", "givenName: A", "ENTPersonLogin: a", "ENTPersonJointure: AC$1"];
    let with = |more: &[&'static str]| sound.iter().copied().chain(more.iter().copied()).collect::<Vec<_>>();
    let ldif = directory(&[
        person("uid=u1,ou=personnes,dc=ent,dc=fr", &with(&["objectClass: ENTEleve", "userPassword: Soleil2024", "ENTEleveRegime: x"])),
        person(
            "uid=u2,ou=personnes,dc=ent,dc=fr",
            &["uid: autre", "cn: B", "sn: B", "objectClass: ENTAuxEnseignant", "personalTitle: Mme", "ENTPersonSexe: M"],
        ),
        person("cn=C,ou=structures,dc=ent,dc=fr", &["cn: C", "sn: C", "uid: u3"]),
    ]);
    let report = audited_as(None, &ldif);
    let cases = [
        ("ANN-LDIF-RDN", "la valeur qui nomme l’entrée (début du DN) manque parmi ses attributs", "is missing from its attributes"),
        ("ANN-SCH-OBLIGATOIRES", "est absent ou vide", "is missing or empty"),
        ("ANN-DIT-PERSONNE-RDN", "ne commence pas par l’attribut attendu", "does not start with the expected attribute"),
        ("ANN-DIT-PERSONNE-BRANCHE", "n’est pas dans la branche attendue", "is not in the expected branch"),
        ("ANN-PER-CATEGORIE", "les classes d’objets de l’entrée (objectClass)", "object classes of the entry (objectClass)"),
        ("ANN-PER-CIVILITE-SEXE", "pris ensemble, ne sont pas tels qu’attendus : ", "taken together, are not as expected: "),
        (
            "ANN-ENS-ENSEIGNE",
            "aucun de ces attributs n’est renseigné : ENTAuxEnsClasses",
            "none of these attributes is filled: ENTAuxEnsClasses",
        ),
        ("ANN-SEC-CLAIR", "rien n’est montré d’un secret", "nothing is shown of a secret"),
        ("ANN-SEC-EXPORT", "aucune valeur n’est attendue dans userPassword", "no value of userPassword is expected"),
    ];
    for (id, fr, en) in cases {
        let said = told(&report, id);
        assert!(said[0].contains(fr) && said[1].contains(en), "{id}: {said:?}");
    }
    let all = serde_json::to_string(&report).unwrap();
    assert!(!all.contains("Soleil") && !all.contains("Aaaaaa9999"), "a secret, or its shape");
}

#[test]
fn the_writing_is_told_and_who_said_it() {
    let pupil = |school: &str| {
        person(
            "uid=u1,ou=personnes,dc=ent,dc=fr",
            &[
                "objectClass: ENTEleve",
                "uid: u1",
                "cn: A",
                "sn: A",
                "ENTPersonProfils: National_ELV",
                &format!("ENTEleveClasses: {school}$6A"),
            ],
        )
    };
    let ldif = directory(&[pupil("0990001N")]);
    let shown = |report: &Report, lang: Lang| {
        let options = terminal::TerminalOptions { width: 120, color: false, verbose: true };
        let text = terminal::render(report, lang, options).split_whitespace().collect::<Vec<_>>().join(" ");
        (text.replace(['\u{a0}', '\u{202f}'], " "), html::render(report, lang).replace(['\u{a0}', '\u{202f}'], " "))
    };
    let (text, page) = shown(&audited_as(None, &ldif), Lang::Fr);
    let words =
        "Écriture constatée dans les entrées : dans les valeurs composées, établissement désigné par son UAI ; profils écrits en code";
    assert!(text.contains(words) && page.contains(words), "{text}");
    // Why a requirement about another writing does not apply.
    assert!(text.contains("cet annuaire désigne l’établissement par son UAI"), "{text}");
    let declared: Dialect = serde_json::from_value(json!("dn")).unwrap();
    let (text, page) = shown(&audited_as(Some(declared), &ldif), Lang::En);
    let words = "Writing declared in the target file: in composite values, the school is given by its name (DN). Writing seen in the entries: profiles";
    assert!(text.contains(words) && page.contains(words), "{text}");
    let (text, _) = shown(&audited_as(None, &directory(&[])), Lang::Fr);
    assert!(text.contains("Rien n’en dit l’écriture"), "{text}");
}

#[test]
fn a_directory_lacks_entries_and_not_files() {
    let report = audited_as(None, &directory(&[]));
    let details: Vec<String> =
        report.requirements.iter().filter_map(|r| r.detail.as_ref()).map(|detail| message(Lang::Fr, detail)).collect();
    assert!(details.iter().any(|d| d == "l’annuaire n’a aucune entrée ENTEleve"), "{details:?}");
    assert!(!details.iter().any(|d| d.contains("aucun fichier ENT")), "{details:?}");
}
