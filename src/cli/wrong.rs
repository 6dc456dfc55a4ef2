//! What is wrong in a file the user wrote, or cannot be read, in the user's language.
//!
//! The library says it in English; the frame (place, what to do) and the usual reasons are told here from the catalogue.
//! Must never show more of a file than the library's message does.

use std::io::ErrorKind;

use crate::generate::GenerateError;
use crate::i18n::{Lang, message, t, tf, typo};
use crate::rules::library::LibraryError;
use crate::rules::yaml::FileError;

/// A delivery, where a target file is expected.
#[derive(Debug, thiserror::Error)]
#[error("{0} is not a target file")]
pub(super) struct NotTarget(pub(super) String);

/// An error as its user reads it.
pub(super) fn told(error: &anyhow::Error, lang: Lang) -> String {
    let files = error.chain().find_map(|e| match (e.downcast_ref::<FileError>(), e.downcast_ref::<LibraryError>()) {
        (Some(one), _) => Some(std::slice::from_ref(one)),
        (_, Some(LibraryError::Files(all))) => Some(all.as_slice()),
        _ => None,
    });
    if let Some(files) = files {
        let mut lines: Vec<String> = files.iter().map(|e| file(e, lang)).collect();
        lines.push(format!("  {}", typo(lang, t(lang, "cli.wrong.mend"))));
        return lines.join("\n");
    }
    let mut parts: Vec<String> = error.chain().map(|e| one(e, lang)).collect();
    // What carries its cause in its own words says it once.
    while let [.., above, last] = parts.as_slice() {
        if !above.ends_with(last.as_str()) {
            break;
        }
        parts.pop();
    }
    typo(lang, &parts.join(t(lang, "cli.wrong.then")))
}

/// `ent.yaml:3 (/sources) : au moins une source est attendue`: the place as editors open it, then why.
fn file(e: &FileError, lang: Lang) -> String {
    let pointer = if e.pointer.is_empty() { String::new() } else { format!(" ({})", e.pointer) };
    let place = format!("{}:{}{pointer}", e.file.display(), e.line);
    // The place is left as it is: only the words are set as printers do.
    format!("{place}{}", typo(lang, &format!("{}{}", t(lang, "cli.wrong.then"), why(&e.why, lang))))
}

fn one(e: &(dyn std::error::Error + 'static), lang: Lang) -> String {
    if let Some(io) = e.downcast_ref() {
        closed(io, lang)
    } else if let Some(e) = e.downcast_ref() {
        library(e, lang)
    } else if let Some(GenerateError::Io { path, source }) = e.downcast_ref() {
        format!("{}{}{}", path.display(), t(lang, "cli.wrong.then"), closed(source, lang))
    } else if let Some(e) = e.downcast_ref::<GenerateError>() {
        message(lang, &e.message())
    } else if let Some(NotTarget(path)) = e.downcast_ref() {
        tf(lang, "cli.wrong.not_target", &[("path", path)])
    } else {
        e.to_string()
    }
}

fn library(e: &LibraryError, lang: Lang) -> String {
    match e {
        LibraryError::Unknown { name, known } => tf(lang, "cli.wrong.set", &[("name", name), ("known", known)]),
        LibraryError::NoSet(path) => tf(lang, "cli.wrong.no_set", &[("path", &path.display())]),
        LibraryError::Read { path, source } => format!("{}{}{}", path.display(), t(lang, "cli.wrong.then"), closed(source, lang)),
        LibraryError::Circle(names) => tf(lang, "cli.wrong.circle", &[("names", names)]),
        LibraryError::Files(_) => e.to_string(),
    }
}

fn closed(e: &std::io::Error, lang: Lang) -> String {
    match e.kind() {
        ErrorKind::NotFound => t(lang, "cli.wrong.absent").to_owned(),
        ErrorKind::PermissionDenied => t(lang, "cli.wrong.denied").to_owned(),
        ErrorKind::InvalidData => t(lang, "cli.wrong.not_text").to_owned(),
        ErrorKind::IsADirectory => t(lang, "cli.wrong.directory").to_owned(),
        _ => e.to_string(),
    }
}

/// The usual reasons in the user's language; the others as the library words them, which is said.
fn why(said: &str, lang: Lang) -> String {
    if lang == Lang::En {
        return said.to_owned();
    }
    let own = [
        ("this tool reads version 1", "cli.wrong.version"),
        ("at least one source is expected", "cli.wrong.sources"),
        ("a date is expected: 2026-12-31", "cli.wrong.date"),
        ("the set has no such profile", "cli.wrong.profile"),
        ("the set has no such requirement", "cli.wrong.requirement"),
        ("no such parameter", "cli.wrong.parameter"),
        ("a list of requirements is expected", "cli.wrong.list"),
    ];
    if let Some((_, key)) = own.iter().find(|(words, _)| *words == said) {
        return t(lang, key).to_owned();
    }
    let names = |text: &str| text.trim_start_matches("one of ").replace('`', "");
    if let Some((name, known)) = said.strip_prefix("unknown field `").and_then(|rest| rest.split_once("`, expected ")) {
        return tf(lang, "cli.wrong.unknown", &[("name", &name), ("known", &names(known))]);
    }
    if let Some(name) = said.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`')) {
        return tf(lang, "cli.wrong.missing", &[("name", &name)]);
    }
    // The value refused is left out: what is left is the list of those expected.
    if let Some(known) = said.strip_prefix("expected ").filter(|rest| rest.contains('`')) {
        return tf(lang, "cli.wrong.value", &[("known", &names(known))]);
    }
    if said.starts_with("invalid type: ") {
        return tf(lang, "cli.wrong.type", &[("said", &said)]);
    }
    tf(lang, "cli.wrong.other", &[("said", &said)])
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::target::Target;

    fn of(text: &str, lang: Lang) -> String {
        let error = Target::parse(Path::new("ent.yaml"), text).expect_err("wrong");
        told(&error.into(), lang).replace(['\u{a0}', '\u{202f}'], " ")
    }

    #[test]
    fn what_is_wrong_in_a_target_is_told_in_french() {
        let cases = [
            ("version: 1\nname: x\nsource: []\n", "ent.yaml:3 (/source) : clé inconnue : source ; clés admises : version, name,"),
            ("version: 1\nname: x\nsources: []\n", "ent.yaml:3 (/sources) : au moins une source"),
            ("version: 2\nname: x\nsources: [{kind: aaf, path: x}]\n", "ent.yaml:1 (/version) : cette version de l’outil lit"),
            ("version: 1\nname: x\nsources: [{kind: saml, path: x}]\n", "ent.yaml:3 (/sources/0/kind) : valeur refusée ; attendu : aaf"),
            ("version: 1\nname: x\nsources: [{kind: aaf}]\n", "ent.yaml:3 (/sources/0) : il manque la clé path"),
            (
                "version: 1\nname: x\nsources: [{kind: annuaire, path: x, dialect: uia}]\n",
                "ent.yaml:3 (/sources/0) : valeur refusée ; attendu : dialect: dn, group-dn, uai, id",
            ),
            ("version: un\nname: x\n", "ent.yaml:1 (/version) : la valeur n’est pas du type attendu"),
            ("version: 1\nname: [x\n", "ent.yaml:2 : fichier refusé"),
        ];
        for (text, start) in cases {
            let said = of(text, Lang::Fr);
            assert!(said.starts_with(start), "{said}");
            assert!(said.contains("\n  Corriger le fichier à cet endroit"), "{said}");
        }
        let english = of(cases[0].0, Lang::En);
        assert!(
            english.starts_with("ent.yaml:3 (/source): unknown field `source`") && english.contains("Mend the file there"),
            "{english}"
        );
    }

    #[test]
    fn files_that_cannot_be_read_are_told_in_french() {
        let error = anyhow::Error::from(std::io::Error::from(ErrorKind::NotFound)).context("a/ent.yaml");
        assert_eq!(
            told(&error, Lang::Fr).replace('\u{a0}', " "),
            "a/ent.yaml : fichier introuvable ; vérifier le chemin".replace(" ;", "\u{202f};")
        );
        assert_eq!(told(&error, Lang::En), "a/ent.yaml: not found; check the path");
        let fault = GenerateError::UnknownFault { id: "absente".into() };
        assert_eq!(told(&fault.into(), Lang::Fr).replace('\u{a0}', " "), "défaut inconnu : absente");
        assert!(told(&NotTarget("export.ldif".into()).into(), Lang::Fr).contains("conforment check export.ldif"));
        let unknown = LibraryError::Unknown { name: "sdet-9".into(), known: "sdet-6.3".into() };
        assert!(told(&unknown.into(), Lang::Fr).contains("aucun référentiel ne se nomme sdet-9"));
    }
}
