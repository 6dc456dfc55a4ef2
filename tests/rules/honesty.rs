//! Nobody here has read the official text: no file may say what it requires.

use std::sync::LazyLock;

use conforment::i18n::{Lang, catalogue};
use conforment::outcome::Text;
use regex::Regex;

use super::{SETS, embedded, files, texts};

/// Ways of claiming that the text was read.
fn claims() -> Vec<Regex> {
    const TEXT: &str = r"(le sdet|sdet|le schéma directeur|schéma directeur|the sdet|master scheme)";
    let verbs = r"(impose|exige|oblige|demande|prescrit|requiert|ordonne|stipule|dispose|prévoit|requires?|mandates?|demands?|prescribes?|stipulates?|imposes?|specifies|specified|says|states)";
    let done = r"(exigée?s?|imposée?s?|requise?s?|demandée?s?|prescrite?s?|prévue?s?|rendue?s? obligatoires?|required|mandated|imposed|demanded|prescribed|specified)";
    [
        format!(r"(?i)\b{TEXT}( des (ent|espaces numériques de travail))?,?( version)?( 6\.[0-9])?,? (ne |n[’'])?{verbs}\b"),
        format!(r"(?i)\b{done} (par|selon|dans|by|in) (l[’']annexe[^.]{{0,30}} du |the annex[^.]{{0,30}} of )?{TEXT}"),
        r"(?i)\b(conformément|contraire|contrairement) (au|aux exigences du) (sdet|schéma directeur)".to_owned(),
        r"(?i)\b(selon|d[’']après|en application de|au titre) (le |la |du |l[’']annexe[^.]{0,30} du )?(sdet|schéma directeur)".to_owned(),
        r"(?i)\b(according|pursuant) to (the )?(annex[^.]{0,30} of (the )?)?(sdet|master scheme)".to_owned(),
        r"(?i)\b(article|section|§|clause|paragraphe) ?[0-9][0-9.]* (du|of the) (sdet|schéma directeur)".to_owned(),
    ]
    .iter()
    .map(|pattern| Regex::new(pattern).unwrap())
    .collect()
}

fn claim(text: &str) -> Option<String> {
    static CLAIMS: LazyLock<Vec<Regex>> = LazyLock::new(claims);
    CLAIMS.iter().find_map(|c| c.find(text)).map(|m| m.as_str().to_owned())
}

#[test]
fn the_patterns_catch_what_they_are_for() {
    for wrong in [
        "Le SDET impose un UAI.",
        "Le SDET 6.3 exige que l’élève ait un INE.",
        "Un attribut exigé par le SDET.",
        "La valeur requise par l’annexe opérationnelle du SDET.",
        "Selon le SDET, l’attribut est présent.",
        "Le schéma directeur prévoit ce champ.",
        "The SDET requires a UAI.",
        "SDET 6.3 mandates it.",
        "An attribute required by the SDET.",
        "According to the SDET, it is present.",
        "Voir l’article 4.2 du SDET.",
    ] {
        assert!(claim(wrong).is_some(), "{wrong}");
    }
    for fine in ["Une requête du SDET.", "The SDET documents could not be consulted.", "L’en-tête annonce la version du SDET"] {
        assert_eq!(claim(fine), None, "{fine}");
    }
}

#[test]
fn no_text_claims_what_the_official_text_requires() {
    let mut read = 0;
    let mut look = |place: &str, text: &Text| {
        for text in [&text.fr, &text.en] {
            read += 1;
            assert_eq!(claim(text), None, "{place}: {text}");
        }
    };
    for name in SETS {
        let set = embedded(name);
        for r in &set.requirements {
            for (what, text) in texts(r) {
                look(&format!("{} {what}", r.id), text);
            }
        }
        look(&set.referentiel.id, &set.referentiel.statement);
        for (key, source) in &set.referentiel.sources {
            look(key, &source.read);
        }
        for list in set.nomenclatures.values() {
            look(&list.id, &list.title);
        }
        for contract in set.contracts.values() {
            look(&contract.id, &contract.title);
        }
    }
    assert!(read > 2000, "{read} texts read");
    for lang in Lang::ALL {
        for (key, text) in catalogue(lang) {
            assert_eq!(claim(text), None, "{key}: {text}");
        }
    }
}

#[test]
fn no_file_claims_it_in_a_comment() {
    for name in SETS {
        for (file, text) in files(name).texts {
            for line in text.lines() {
                assert_eq!(claim(line), None, "{}: {line}", file.display());
            }
        }
    }
}

#[test]
fn the_clause_is_left_to_whoever_reads_the_text() {
    for name in SETS {
        for r in &embedded(name).requirements {
            assert_eq!(r.clause, None, "{}", r.id);
            assert_ne!(r.basis.as_str(), "texte", "{}: nobody has read the text", r.id);
        }
    }
}

#[test]
fn each_set_says_what_was_not_read() {
    for name in SETS {
        let statement = embedded(name).referentiel.statement;
        assert!(statement.fr.contains("consulté") && statement.fr.contains("SDET"), "{}", statement.fr);
        assert!(statement.en.contains("consulted") && statement.en.contains("SDET"), "{}", statement.en);
    }
}
