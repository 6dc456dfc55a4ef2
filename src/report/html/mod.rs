//! The report as one self-contained page: for a screen, for paper, for a screen reader.
//!
//! Depends on the report model only. Must never load anything, run anything but its own script
//! (a content security policy holds the browser to it), rely on colour or on the script to say
//! something, nor write what the report does not hold. Everything is escaped by `maud`.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::digest;
use super::model::Report;
use super::text::Words;
use crate::i18n::Lang;

mod annex;
mod failures;
mod figures;
mod requirement;
mod requirements;
mod summary;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Size above which fewer findings are shown: a browser opens less without waiting.
const MAX_BYTES: usize = 3_000_000;
/// Findings shown a requirement, tried in turn until the page fits; the others stay in `report.json`.
const FINDINGS_SHOWN: [usize; 5] = [100, 50, 25, 10, 3];

/// The page, complete.
#[must_use]
pub fn render(report: &Report, lang: Lang) -> String {
    let mut page = String::new();
    for findings in FINDINGS_SHOWN {
        page = document(&View { report, w: Words(lang), findings }).into_string();
        if page.len() <= MAX_BYTES {
            break;
        }
    }
    page
}

/// What every part of the page is made from.
struct View<'a> {
    report: &'a Report,
    w: Words,
    /// Findings shown a requirement.
    findings: usize,
}

fn document(v: &View<'_>) -> Markup {
    let w = v.w;
    let (style, script) = (STYLE.replace("\r\n", "\n"), SCRIPT.replace("\r\n", "\n"));
    let policy = format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        integrity(&style),
        integrity(&script)
    );
    let verdict = w.t(&format!("verdict.{}", digest::verdict_key(v.report.assessment.verdict)));
    html! {
        (DOCTYPE)
        html lang=(w.0.code()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="generator" content={ (v.report.tool.name) " " (v.report.tool.version) };
                meta name="robots" content="noindex";
                meta name="color-scheme" content="light dark";
                title { (v.report.target.name) " — " (verdict) }
                style { (PreEscaped(style)) }
            }
            body {
                a.skip href="#contenu" { (w.t("report.html.skip")) }
                (figures::definitions())
                (navigation(w))
                main #contenu {
                    (summary::section(v))
                    (failures::recommended(v))
                    (summary::undetermined(v))
                    (figures::files(v))
                    (requirements::section(v))
                    (annex::sources(v))
                    (annex::method(v))
                }
                footer {
                    p { (w.tf("report.html.footer", &[("tool", &v.report.tool.name), ("version", &v.report.tool.version), ("format", &v.report.format)])) }
                    p { (w.t("report.html.privacy")) }
                }
                script { (PreEscaped(script)) }
            }
        }
    }
}

fn navigation(w: Words) -> Markup {
    let entries = ["synthese", "recommandations", "non-verifie", "exigences", "sources", "methode"];
    html! {
        nav.toc aria-label=(w.t("report.html.contents")) {
            ul {
                @for id in entries {
                    li { a href={ "#" (id) } { (w.t(&format!("report.html.nav.{id}"))) } }
                }
            }
        }
    }
}

/// The digest by which a content security policy knows an inline text.
fn integrity(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let n = chunk.iter().fold(0_u32, |n, b| n << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            out.push(if i > chunk.len() { '=' } else { ALPHABET[(n >> (18 - 6 * i) & 63) as usize] as char });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_vectors_of_the_rfc() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
