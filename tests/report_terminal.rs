//! The terminal summary, as read.
#![allow(clippy::unwrap_used)]

mod common;

use conforment::i18n::{Lang, catalogue};
use conforment::report::terminal::{TerminalOptions, render};

fn options(width: usize, color: bool, verbose: bool) -> TerminalOptions {
    TerminalOptions { width, color, verbose }
}

#[test]
fn french_summary() {
    insta::assert_snapshot!(render(&common::sample_report::sample(), Lang::Fr, options(96, false, false)));
}

#[test]
fn english_summary() {
    insta::assert_snapshot!(render(&common::sample_report::sample(), Lang::En, options(80, false, false)));
}

#[test]
fn verbose_french_summary() {
    insta::assert_snapshot!(render(&common::sample_report::sample(), Lang::Fr, options(80, false, true)));
}

#[test]
fn nothing_wider_than_the_terminal() {
    let report = common::sample_report::sample();
    for (asked, got) in [(20, 60), (60, 60), (73, 73), (120, 120), (400, 120)] {
        for verbose in [false, true] {
            for line in render(&report, Lang::Fr, options(asked, false, verbose)).lines() {
                assert!(line.chars().count() <= got, "{} > {got}: {line}", line.chars().count());
                assert!(!line.ends_with(' '), "trailing space: {line:?}");
            }
        }
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let report = common::sample_report::sample();
    let plain = render(&report, Lang::Fr, options(80, false, true));
    assert!(!plain.contains('\u{1b}'));
    let coloured = render(&report, Lang::Fr, options(80, true, true));
    assert!(coloured.contains('\u{1b}'));
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    let same = |text: &str| text.lines().map(|l| l.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(same(&stripped), same(&plain));
}

#[test]
fn every_key_is_resolved() {
    let report = common::sample_report::sample();
    for lang in Lang::ALL {
        let text = render(&report, lang, options(120, false, true));
        for key in catalogue(lang).keys() {
            assert!(!text.contains(key.as_str()), "{key} is not resolved");
        }
        assert!(!text.contains("report.") && !text.contains("verdict.") && !text.contains('{'), "a key or a placeholder shows");
    }
}

#[test]
fn a_hostile_text_does_not_drive_the_terminal() {
    let mut report = common::sample_report::sample();
    report.target.name = "ENT\u{1b}[2J\u{7}\r\nfaux".into();
    report.requirements[1].findings[0].file = Some("a\u{1b}]0;x\u{7}.xml".into());
    let text = render(&report, Lang::Fr, options(80, false, true));
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
}

#[test]
fn what_is_recommended_has_a_place_and_informations_are_counted() {
    let report = common::sample_report::sample();
    let flat = |verbose| render(&report, Lang::En, options(120, false, verbose)).split_whitespace().collect::<Vec<_>>().join(" ");
    let short = flat(false);
    assert!(short.contains("EX-PKG-NOM") && short.contains("· ENT_Complet_20260916_PersEducNat_0000.xml"), "{short}");
    assert!(short.contains("1 piece of information, which asks for nothing") && !short.contains("EX-ELV-GROUPE"), "{short}");
    // In full: places, reason and remedy of each failure, whatever its level.
    let whole = flat(true);
    let failed: Vec<_> = report.requirements.iter().filter(|r| r.verdict == conforment::outcome::Verdict::Fail).collect();
    for r in failed {
        let at = whole.find(&format!("✗ {} — ", r.id)).or_else(|| whole.find(&format!("≈ {} — ", r.id)));
        let rest = &whole[at.unwrap_or_else(|| panic!("{} is not listed", r.id))..];
        assert!(rest.contains(&set(&r.why.en)) && rest.contains(&set(&r.fix.en)), "{}", r.id);
    }
}

/// A text as the summary sets it.
fn set(text: &str) -> String {
    conforment::i18n::typo(Lang::En, text).split_whitespace().collect::<Vec<_>>().join(" ")
}
