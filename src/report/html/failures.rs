//! What failed beside the mandatory: recommendations, and, folded, what only informs.
//!
//! The list of requirements holds them all, with everything that is known; here is where to begin.

use maud::{Markup, html};

use super::View;
use super::summary::named;
use crate::report::digest;
use crate::report::model::RequirementResult;
use crate::report::text::place;
use crate::rules::model::Level;

/// Recommendations shown unfolded.
const SHOWN: usize = 12;

/// Recommendations that are not followed.
pub(super) fn recommended(v: &View<'_>) -> Markup {
    let w = v.w;
    let all = digest::failed(v.report, Level::Recommande);
    let (first, others) = all.split_at(all.len().min(SHOWN));
    html! {
        section #recommandations aria-labelledby="recommandations-titre" {
            h2 #recommandations-titre { (w.t("report.recommended_failures")) }
            @if all.is_empty() {
                p { (w.t("report.html.no_recommended")) }
            } @else {
                p.soft { (w.count("report.html.recommended_note", all.len() as u64)) }
                (table(v, first, "report.recommended_failures"))
                @if !others.is_empty() {
                    details.more {
                        summary { (w.count("report.html.recommended_others", others.len() as u64)) }
                        (table(v, others, "report.recommended_failures"))
                    }
                }
            }
            (informations(v))
        }
    }
}

/// What was noted and asks for nothing.
fn informations(v: &View<'_>) -> Markup {
    let w = v.w;
    let all = digest::failed(v.report, Level::Information);
    html! {
        @if !all.is_empty() {
            details.more #informations {
                summary { (w.count("report.html.informations", all.len() as u64)) }
                p.soft { (w.t("report.html.informations_note")) }
                (table(v, &all, "report.informations"))
            }
        }
    }
}

fn table(v: &View<'_>, all: &[&RequirementResult], caption: &str) -> Markup {
    let w = v.w;
    html! {
        div.priorities {
            table {
                caption.sr { (w.t(caption)) }
                thead { tr {
                    th scope="col" { (w.t("report.html.requirement")) }
                    th scope="col" { (w.t("report.html.severity")) }
                    th scope="col" { (w.t("report.html.observed_short")) }
                    th scope="col" { (w.t("report.html.first_place")) }
                    th scope="col" { (w.t("report.html.actor")) }
                } }
                tbody { @for r in all { (row(v, r)) } }
            }
        }
    }
}

fn row(v: &View<'_>, r: &RequirementResult) -> Markup {
    let w = v.w;
    html! {
        tr {
            (named(w, r))
            td.num { (w.failures(r)) }
            td.place { @if let Some(place) = r.findings.iter().find_map(place) { code { (place) } } }
            td { (w.t(&format!("actor.{}", r.actor))) }
        }
    }
}
