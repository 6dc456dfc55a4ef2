//! French by default, English whole.

use regex::Regex;

use super::{path, run};

const HELPS: &[&[&str]] = &[
    &[],
    &["audit"],
    &["check"],
    &["explain"],
    &["rules"],
    &["rules", "list"],
    &["rules", "show"],
    &["rules", "test"],
    &["render"],
    &["init"],
    &["generate"],
    &["generate", "aaf"],
    &["completions"],
];

/// French words that no English text of ours holds.
fn french(text: &str) -> Option<String> {
    let words = Regex::new(r"(?i)\b(le|la|les|une|est|sont|avec|pour|dans|aucune?|exigences?|livraisons?|élèves?|fichiers?|référentiel|satisfaites?|vérifiées?|couverture|périmètre|niveau|gravité)\b").unwrap();
    // Identifiers of requirements and attributes are the same in every language.
    let text = Regex::new(r"\b[A-Z0-9]+(-[A-Z0-9]+)+\b|\bENT\w+").unwrap().replace_all(text, "");
    words.find(&text).map(|m| m.as_str().to_owned())
}

#[test]
fn the_help_of_every_command_is_in_the_language_asked_for() {
    for command in HELPS {
        let help = |lang: &str| {
            let mut args = command.to_vec();
            args.extend(["--help", "--lang", lang]);
            let ran = run(&args);
            assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{command:?}");
            ran.out
        };
        let (fr, en) = (help("fr"), help("en"));
        assert!(fr.contains("Usage :") && fr.contains("Affiche cette aide"), "{fr}");
        assert!(en.contains("Usage:") && en.contains("Prints this help"), "{en}");
        assert_eq!(french(&en), None, "{command:?}: {en}");
        assert!(french(&fr).is_some(), "{command:?}: {fr}");
        assert!(!fr.contains("[default:") && !fr.contains("[possible values"), "{command:?}: words of clap in {fr}");
    }
    assert!(run(&["--help"]).out.contains("Répertoire de référentiels à ajouter"), "--rules is explained as an option, not as the command");
    assert!(run(&["--help", "--lang=en"]).out.contains("Directory of requirement sets"));
}

#[test]
fn french_is_the_default() {
    let ran = run(&["check", &path("faulty")]);
    assert!(
        ran.out.contains("NON CONFORME") && ran.out.contains("Référentiel") && ran.out.contains("À corriger en priorité"),
        "{}",
        ran.out
    );
    assert_eq!(ran.out.matches("Requirements").count(), 0);
}

#[test]
fn the_english_report_is_english() {
    for name in ["clean", "faulty", "advised"] {
        let ran = run(&["check", &path(name), "--lang", "en", "--verbose"]);
        assert!(ran.out.contains("CONFORMING") && ran.out.contains("Mandatory score"), "{}", ran.out);
        assert_eq!(french(&ran.out), None, "{}", ran.out);
    }
}

#[test]
fn wrong_arguments_are_told_in_either_language() {
    let fr = run(&["check", "--verbos", "x"]).err;
    assert!(fr.contains("erreur : option inconnue : --verbos") && fr.contains("vouliez-vous dire --verbose ?"), "{fr}");
    let en = run(&["check", "--verbos", "x", "--lang", "en"]).err;
    assert!(en.contains("error: unknown option: --verbos") && en.contains("did you mean --verbose?"), "{en}");
    let fr = run(&["chek"]).err;
    assert!(fr.contains("commande inconnue : chek") && fr.contains("vouliez-vous dire check ?"), "{fr}");
    let fr = run(&["check"]).err;
    assert!(fr.contains("il manque : <CHEMIN>"), "{fr}");
    let fr = run(&["check", "x", "--fail-on", "tout"]).err;
    assert!(fr.contains("valeurs admises : obligatoire, recommande, jamais"), "{fr}");
}

#[test]
fn explain_speaks_both() {
    let (fr, en) = (run(&["explain", "aaf-etb-uai"]), run(&["explain", "AAF-ETB-UAI", "--lang", "en"]));
    assert_eq!((fr.code, en.code), (0, 0));
    assert!(
        fr.out.contains("Chaque structure porte un code UAI") && fr.out.contains("Pourquoi\n") && fr.out.contains("obligatoire"),
        "{}",
        fr.out
    );
    assert!(
        en.out.contains("Every structure carries a UAI code") && en.out.contains("Why\n") && en.out.contains("mandatory"),
        "{}",
        en.out
    );
    assert!(fr.out.contains("le texte officiel n’a pas été lu") && en.out.contains("the official text was not read"));
}
