//! Pages of the documentation that are generated: they say what the program does.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use conforment::cli::exit::Exit;
use conforment::i18n::Lang;

const PAGES: [(&str, Lang); 2] = [("docs/exit-codes.md", Lang::En), ("docs/codes-de-sortie.md", Lang::Fr)];

#[test]
fn exit_codes_are_documented_as_they_are() {
    for (path, lang) in PAGES {
        let (path, page) = (Path::new(env!("CARGO_MANIFEST_DIR")).join(path), Exit::page(lang));
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, &page).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(written == page, "{} is out of date: run with UPDATE_DOCS=1", path.display());
    }
}

#[test]
fn every_code_is_on_the_page_once() {
    let codes: BTreeSet<u8> = Exit::ALL.iter().map(|e| e.code()).collect();
    assert_eq!(codes.into_iter().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 70]);
    for (_, lang) in PAGES {
        let page = Exit::page(lang);
        for exit in Exit::ALL {
            assert_eq!(page.lines().filter(|l| l.starts_with(&format!("| {} |", exit.code()))).count(), 1, "{page}");
            assert!(!page.contains(exit.key()), "{} has no text", exit.key());
        }
    }
    assert_ne!(Exit::page(Lang::Fr), Exit::page(Lang::En));
}
