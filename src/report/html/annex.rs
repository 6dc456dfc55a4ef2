//! What the report rests on: the sources read, the documents cited, the way it counts.

use maud::{Markup, html};

use super::View;
use crate::assess::{MAX_ATTESTED, MIN_COVERAGE};
use crate::report::model::SourceSummary;
use crate::report::text::{capital, place};
use crate::rules::model::{Severity, Strength};

/// The sources that were read and the documents that are cited.
pub(super) fn sources(v: &View<'_>) -> Markup {
    let (report, w) = (v.report, v.w);
    html! {
        section #sources aria-labelledby="sources-titre" {
            h2 #sources-titre { (w.t("report.html.sources_title")) }
            @if report.target.sources.is_empty() { p { (w.t("report.html.no_source")) } }
            @for source in &report.target.sources { (source_read(v, source)) }
            @if !report.ruleset.tailored.is_empty() {
                h3 #adaptations { (w.t("report.html.tailored_title")) }
                ul { @for change in &report.ruleset.tailored { li { (w.typo(change)) } } }
            }
            h3 { (w.t("report.html.cited")) }
            table.cited {
                caption.sr { (w.t("report.html.cited")) }
                thead { tr {
                    th scope="col" { (w.t("report.html.document")) }
                    th scope="col" { (w.t("report.html.read")) }
                    th scope="col" { (w.t("report.html.location")) }
                } }
                tbody { @for (key, source) in &report.ruleset.sources {
                    tr id={ "src-" (key) } {
                        th scope="row" { (w.typo(w.0.of(&source.title, source.title_en.as_deref()))) @if let Some(date) = &source.date { " " span.soft { (w.date(date)) } } }
                        td { (w.pick(&source.read)) }
                        td.location { (location(w.0.of(&source.location, source.location_en.as_deref()))) }
                    }
                } }
            }
        }
    }
}

/// A link where it is one: any other scheme stays text.
fn location(location: &str) -> Markup {
    html! {
        @if location.starts_with("https://") || location.starts_with("http://") {
            a href=(location) rel="noreferrer" { (location) }
        } @else {
            (location)
        }
    }
}

fn source_read(v: &View<'_>, source: &SourceSummary) -> Markup {
    let w = v.w;
    html! {
        h3 { (w.source(source)) @if let Some(degree) = source.degree { " " span.soft { (degree) } } }
        dl.facts {
            @for (key, value) in w.told_facts(source) { div { dt { (w.fact(key)) } dd { (value) } } }
            @if let Some(writing) = w.writing(source) { div { dt { (w.t("source.writing")) } dd { (writing) } } }
            div { dt { (w.t("report.html.volume")) } dd.num { (w.volume(source).join(", ")) } }
            @if !source.records.is_empty() {
                div { dt { (w.t("report.html.records")) } dd.num {
                    @for (i, (kind, n)) in source.records.iter().enumerate() { @if i > 0 { ", " } (w.held(source, kind, *n)) }
                } }
            }
        }
        @if !source.problems.is_empty() {
            p { (w.count("report.html.problems", source.problems.len() as u64)) }
            ul { @for problem in &source.problems { li { (capital(&w.message(&problem.message))) @if let Some(place) = place(problem) { " — " code { (place) } } } } }
        }
    }
}

/// How the numbers are made and how to read them.
pub(super) fn method(v: &View<'_>) -> Markup {
    let w = v.w;
    let (min, max) = (w.percent(f64::from(MIN_COVERAGE)), w.percent(f64::from(MAX_ATTESTED)));
    html! {
        section #methode aria-labelledby="methode-titre" {
            h2 #methode-titre { (w.t("report.html.method_title")) }
            dl.method {
                @for key in ["verdict", "score", "coverage", "recommended", "waiver", "undetermined", "volume", "compare"] {
                    div { dt { (w.t(&format!("report.html.method.{key}"))) } dd { (w.tf(&format!("report.html.method.{key}.text"), &[("min", &min), ("max", &max)])) } }
                }
            }
            table.weights {
                caption { (w.t("report.html.weights_caption")) }
                thead { tr { th scope="col" { (w.t("report.html.severity")) } th scope="col" { (w.t("report.html.means")) } th.count scope="col" { (w.t("report.html.weight")) } } }
                tbody { @for severity in Severity::ALL {
                    tr {
                        th scope="row" { (capital(&w.t(&format!("severity.{severity}")))) }
                        td { (capital(&w.t(&format!("severity.{severity}.means")))) }
                        td.count.num { (severity.weight()) }
                    }
                } }
            }
            dl.method { @for strength in Strength::ALL {
                div { dt { (capital(&w.t(&format!("strength.{strength}")))) } dd { (w.t(&format!("strength.{strength}.means"))) } }
            } }
        }
    }
}
