//! The list of requirements with its filters. Without the script, all are shown and none is filtered.

use maud::{Markup, html};

use super::{View, figures, requirement};
use crate::report::digest::{self, State};
use crate::report::model::RequirementResult;
use crate::report::text::capital;
use crate::rules::model::{Actor, Domain, Level, Severity};

/// The section.
pub(super) fn section(v: &View<'_>) -> Markup {
    let w = v.w;
    html! {
        section #exigences aria-labelledby="exigences-titre" {
            h2 #exigences-titre { (w.t("report.html.requirements_title")) }
            p.soft { (w.t("report.html.requirements_note")) }
            (filters(v))
            @for domain in v.report.assessment.domains.iter().map(|d| d.domain) {
                @let all: Vec<_> = v.report.requirements.iter().filter(|r| r.domain == domain).collect();
                section.domain aria-labelledby={ "d-" (domain) } {
                    h3 id={ "d-" (domain) } { (digest::domain(v.report, domain, w)) " " span.soft { (w.count("report.requirements", all.len() as u64)) } }
                    @if all.is_empty() { p.soft { (w.t("report.html.empty_domain")) } }
                    ul.requirements { @for r in all { (requirement::item(v, r)) } }
                }
            }
            p #aucune .soft hidden { (w.t("report.html.no_match")) }
        }
    }
}

/// The filters; shown by the script, which they need.
fn filters(v: &View<'_>) -> Markup {
    let (report, w) = (v.report, v.w);
    let all = &report.requirements;
    let states = State::ALL.map(|state| (state, all.iter().filter(|r| State::of(r) == state).count()));
    let domains = options(Domain::ALL, all, |r| r.domain, |d| digest::domain(report, d, w));
    let levels = options(Level::ALL, all, |r| r.level, |l| capital(&w.t(&format!("level.{l}"))));
    let severities = options(Severity::ALL, all, |r| r.severity, |s| capital(&w.t(&format!("severity.{s}"))));
    let actors = options(Actor::ALL, all, |r| r.actor, |a| capital(&w.t(&format!("actor.{a}"))));
    html! {
        form #filtres role="search" aria-label=(w.t("report.html.filters")) hidden
            data-one=(w.t("report.html.shown.one")) data-many=(w.t("report.html.shown.many")) data-lang=(w.0.code()) {
            fieldset.states {
                legend { (w.t("report.html.state")) }
                @for (state, n) in states.into_iter().filter(|(_, n)| *n > 0) {
                    label.chip {
                        input type="checkbox" name="state" value=(state.key()) checked;
                        (figures::square(state)) " " (capital(&w.t(&format!("verdict.states.{}", state.key())))) " " span.num { (w.number(n as u64)) }
                    }
                }
            }
            div.selects {
                label.search-box { span { (w.t("report.html.search")) } input type="search" name="q" autocomplete="off" spellcheck="false" aria-keyshortcuts="/"; }
                (select(v, "domain", "report.html.domain", &domains))
                (select(v, "level", "report.html.level", &levels))
                (select(v, "severity", "report.html.severity", &severities))
                (select(v, "actor", "report.html.actor", &actors))
            }
            div.actions {
                p #compte role="status" aria-live="polite" {}
                button type="button" data-do="open" { (w.t("report.html.open_all")) }
                button type="button" data-do="close" { (w.t("report.html.close_all")) }
                button type="reset" { (w.t("report.html.reset")) }
            }
        }
    }
}

/// The values of a closed list that occur, with their names.
fn options<T: Copy + PartialEq + ToString>(
    values: &[T],
    all: &[RequirementResult],
    of: impl Fn(&RequirementResult) -> T,
    name: impl Fn(T) -> String,
) -> Vec<(String, String)> {
    values.iter().filter(|value| all.iter().any(|r| of(r) == **value)).map(|value| (value.to_string(), name(*value))).collect()
}

fn select(v: &View<'_>, name: &str, label: &str, options: &[(String, String)]) -> Markup {
    html! {
        label { span { (v.w.t(label)) }
            select name=(name) {
                option value="" { (v.w.t("report.html.any")) }
                @for (value, text) in options { option value=(value) { (text) } }
            }
        }
    }
}
