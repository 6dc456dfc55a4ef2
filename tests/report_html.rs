//! The HTML page: complete, self-contained, well formed, in both languages.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::HashSet;

use common::sample_report;
use conforment::i18n::{Lang, catalogue};
use conforment::outcome::{Finding, Message, Verdict};
use conforment::report::html::render;
use conforment::report::model::Report;

/// Pages to open in a browser: `CONFORMENT_LOOK=/tmp cargo test --test report_html pages_to_look_at`.
#[test]
fn pages_to_look_at() {
    let Some(folder) = std::env::var_os("CONFORMENT_LOOK") else { return };
    let folder = std::path::Path::new(&folder);
    let report = sample_report::sample();
    for (name, page) in [("fr", render(&report, Lang::Fr)), ("en", render(&report, Lang::En)), ("large", render(&large(), Lang::Fr))] {
        std::fs::write(folder.join(name).with_extension("html"), page).unwrap();
    }
}

/// 300 requirements that fail, 100 findings each, no two messages alike.
fn large() -> Report {
    let items = sample_report::items();
    let (mut requirements, mut outcomes) = (vec![], vec![]);
    for n in 0..300_usize {
        let item = &items[n % items.len()];
        let mut requirement = item.requirement();
        requirement.id = format!("{}-{n}", item.id);
        let mut outcome = item.outcome();
        outcome.requirement.clone_from(&requirement.id);
        outcome.verdict = Verdict::Fail;
        (outcome.examined, outcome.failures) = (570_000, 1_431);
        outcome.findings = (0..100)
            .map(|i| Finding {
                source: Some("aaf".into()),
                file: Some(format!("ENT_Complet_20260916_Eleve_{:04}.xml", i % 12)),
                line: Some(1_000 * i + n as u64),
                record: Some("aaf.Eleve".into()),
                subject: Some(format!("p-{:08x}", i * 77_777 + n as u64)),
                attribute: None,
                message: Message::new("finding.required").with("attribute", format!("ENTAttribut{i}")),
            })
            .collect();
        requirements.push(requirement);
        outcomes.push(outcome);
    }
    sample_report::report(&requirements, &outcomes)
}

/// A tag as found in the page.
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    closing: bool,
}

/// Tags in order, and the text between them. Relies on `maud` escaping `<` and `>` in values.
fn parse(page: &str) -> (Vec<Tag<'_>>, String) {
    let (mut tags, mut text, mut rest) = (vec![], String::new(), page);
    while let Some(open) = rest.find('<') {
        text.push_str(&rest[..open]);
        text.push(' ');
        let end = open + rest[open..].find('>').expect("an unfinished tag");
        let inside = &rest[open + 1..end];
        rest = &rest[end + 1..];
        let closing = inside.starts_with('/');
        let inside = inside.trim_start_matches('/');
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        if !closing && (name == "style" || name == "script") {
            rest = &rest[rest.find(&format!("</{name}>")).unwrap()..];
        }
        if !name.starts_with('!') {
            tags.push(Tag { name, attributes, closing });
        }
    }
    (tags, text + rest)
}

fn values<'a>(tags: &'a [Tag<'_>], attribute: &'a str) -> impl Iterator<Item = &'a str> {
    let start = format!("{attribute}=\"");
    tags.iter().filter_map(move |t| {
        let at = if t.attributes.starts_with(&start) { start.len() } else { t.attributes.find(&format!(" {start}"))? + start.len() + 1 };
        t.attributes[at..].split('"').next()
    })
}

#[test]
fn tags_are_balanced_and_nested_as_html_allows() {
    const VOID: [&str; 4] = ["meta", "br", "input", "link"];
    const BLOCK: [&str; 15] = ["p", "ul", "ol", "li", "div", "table", "dl", "section", "h1", "h2", "h3", "h4", "form", "details", "figure"];
    for lang in Lang::ALL {
        for report in [sample_report::sample(), large()] {
            let page = render(&report, lang);
            let mut stack: Vec<&str> = vec![];
            for tag in parse(&page).0 {
                if VOID.contains(&tag.name) {
                    continue;
                }
                if tag.closing {
                    assert_eq!(stack.pop(), Some(tag.name), "in {stack:?}");
                    continue;
                }
                let inline = stack.iter().any(|open| matches!(*open, "p" | "span" | "h1" | "h2" | "h3" | "h4" | "label" | "button"));
                assert!(!(inline && BLOCK.contains(&tag.name)), "<{}> in {stack:?}", tag.name);
                assert!(tag.name != "a" || !stack.contains(&"a"), "a link in a link");
                stack.push(tag.name);
            }
            assert!(stack.is_empty(), "{stack:?}");
        }
    }
}

#[test]
fn ids_are_unique_and_links_lead_somewhere() {
    let page = render(&sample_report::sample(), Lang::Fr);
    let (tags, _) = parse(&page);
    let mut ids = HashSet::new();
    for id in values(&tags, "id") {
        assert!(ids.insert(id), "{id} is there twice");
    }
    for reference in values(&tags, "href").filter_map(|h| h.strip_prefix('#')).chain(values(&tags, "aria-labelledby")) {
        assert!(ids.contains(reference), "#{reference} leads nowhere");
    }
}

#[test]
fn nothing_is_loaded_from_anywhere() {
    let page = render(&sample_report::sample(), Lang::Fr);
    let (tags, _) = parse(&page);
    assert!(page.contains("default-src 'none'"));
    for attribute in ["src", "srcset", "data", "poster", "action", "style", "onclick", "onload", "background", "xlink:href"] {
        assert_eq!(values(&tags, attribute).next(), None, "{attribute}");
    }
    for tag in &tags {
        assert!(!["link", "img", "iframe", "object", "embed", "base", "video", "audio"].contains(&tag.name), "{}", tag.name);
        let external = tag.attributes.contains("http://") || tag.attributes.contains("https://");
        assert!(!external || tag.name == "a", "<{} {}>", tag.name, tag.attributes);
    }
    let style = &page[page.find("<style>").unwrap()..page.find("</style>").unwrap()];
    assert!(!style.replace("url(#", "").contains("url(") && !style.contains("@import"));
}

#[test]
fn every_requirement_is_there_with_its_result() {
    let report = sample_report::sample();
    for lang in Lang::ALL {
        let page = render(&report, lang);
        let (tags, text) = parse(&page);
        let items = tags.iter().filter(|t| t.name == "li" && t.attributes.contains("data-state")).count();
        assert_eq!(items, report.requirements.len());
        for r in &report.requirements {
            assert!(page.contains(&format!("<details id=\"{}\">", r.id)), "{}", r.id);
            for finding in &r.findings {
                assert!(text.contains(finding.subject.as_deref().unwrap()), "{}", r.id);
            }
        }
        assert!(page.contains(&format!("<html lang=\"{}\">", lang.code())));
    }
}

#[test]
fn every_key_is_resolved() {
    let report = sample_report::sample();
    for lang in Lang::ALL {
        let page = render(&report, lang);
        let (tags, mut text) = parse(&page);
        for attribute in ["title", "aria-label"] {
            text.extend(values(&tags, attribute).flat_map(|v| [" ", v]));
        }
        for key in catalogue(lang).keys() {
            assert!(!text.contains(key.as_str()), "{key} is not resolved");
        }
        for prefix in ["report.", "verdict.", "record.", "reason.", "{"] {
            let found = text.find(prefix).map(|at| text[at..].chars().take(40).collect::<String>());
            assert_eq!(found, None, "a key or a placeholder shows");
        }
    }
}

#[test]
fn texts_of_a_report_are_escaped() {
    let mut report = sample_report::sample();
    let hostile = "<script>alert(1)</script>\"><img src=x onerror=alert(1)>";
    report.target.name = hostile.into();
    report.requirements[1].title.fr = hostile.into();
    report.requirements[1].findings[0].file = Some(hostile.into());
    report.ruleset.sources.get_mut("dtd").unwrap().location = "javascript:alert(1)".into();
    let page = render(&report, Lang::Fr);
    assert_eq!(page.matches("<script>").count(), 1, "our own");
    assert!(!page.contains("<img") && !page.contains("href=\"javascript:"));
}

#[test]
fn every_verdict_and_an_empty_perimeter_have_a_page() {
    use conforment::report::terminal::{TerminalOptions, render as terminal};
    let items = sample_report::items();
    let requirements: Vec<_> = items.iter().map(|i| i.requirement()).collect();
    let all = |verdict| -> Vec<_> {
        let outcome = |i: &sample_report::Item| {
            let mut o = conforment::outcome::Outcome::new(&i.id, verdict);
            o.detail = (verdict == Verdict::NotApplicable).then(|| Message::new("verdict.detail.unconcerned").with("what", "x"));
            o
        };
        items.iter().map(outcome).collect()
    };
    for (outcomes, said) in [
        (all(Verdict::Pass), "Conforme"),
        (all(Verdict::NotApplicable), "Non concluant"),
        (all(Verdict::Fail), "Non conforme"),
        (vec![], "Non concluant"),
    ] {
        let report = sample_report::report(&requirements, &outcomes);
        assert!(render(&report, Lang::Fr).contains(&format!("<h2 id=\"verdict\">{said}</h2>")), "{said}");
        assert!(terminal(&report, Lang::Fr, TerminalOptions::default()).contains(&said.to_uppercase()), "{said}");
    }
    let mut empty = sample_report::report(&[], &[]);
    empty.target.sources.clear();
    assert!(render(&empty, Lang::En).contains("Inconclusive"));
    assert!(terminal(&empty, Lang::En, TerminalOptions::default()).contains("INCONCLUSIVE"));
}

#[test]
fn a_large_report_stays_light_and_says_what_it_leaves_out() {
    let report = large();
    let start = std::time::Instant::now();
    let page = render(&report, Lang::Fr);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    assert!(page.contains("ne sont pas affichés ici"));
}

#[test]
fn recommendations_come_after_the_mandatory_and_informations_are_folded() {
    let report = sample_report::sample();
    for lang in Lang::ALL {
        let page = render(&report, lang);
        let at = |what: &str| page.find(what).unwrap_or_else(|| panic!("{what}"));
        let section = &page[at("<section id=\"recommandations\"")..at("<section id=\"non-verifie\"")];
        assert!(at("id=\"priorites\"") < at("<section id=\"recommandations\""));
        let (shown, folded) = section.split_at(section.find("id=\"informations\"").unwrap());
        assert!(shown.contains("href=\"#EX-PKG-NOM\"") && shown.contains("<code>ENT_Complet_20260916_PersEducNat_0000.xml"), "{shown}");
        assert!(folded.contains("href=\"#EX-ELV-GROUPE\"") && !shown.contains("EX-ELV-GROUPE"));
        assert!(!section.contains("<details open"));
    }
    let mut none = report;
    none.requirements.iter_mut().for_each(|r| r.verdict = Verdict::Pass);
    let page = render(&none, Lang::Fr);
    assert!(page.contains("Aucune recommandation n’est en échec.") && !page.contains("id=\"informations\""));
}

#[test]
fn counts_agree_with_their_number() {
    let page = render(&sample_report::sample(), Lang::Fr);
    assert!(page.contains("1 non satisfaite") && !page.contains("1 non satisfaites") && !page.contains("1 non vérifiées"));
}
