//! What fits on the first sheet of paper, and what could not be checked.

use maud::{Markup, html};

use super::{View, figures};
use crate::report::digest::{self, Cause, Pending, State};
use crate::report::model::RequirementResult;
use crate::report::text::{Words, capital};

/// Priorities on the first page; the list of requirements holds them all.
const PRIORITIES_SHOWN: usize = 8;

/// The first page.
pub(super) fn section(v: &View<'_>) -> Markup {
    let (report, w) = (v.report, v.w);
    html! {
        section.sheet #synthese aria-labelledby="titre" {
            header.title {
                p.eyebrow { (w.t("report.html.eyebrow")) }
                h1 #titre { (report.target.name) }
                p.soft { (w.tf("report.html.audited", &[("date", &w.instant(&report.generated)), ("ruleset", &w.pick(&report.ruleset.title))])) }
            }
            (verdict(v))
            div.about {
                (facts(v))
                section.statement aria-labelledby="lu" {
                    h2 #lu { (w.t("report.what_was_read")) }
                    p { (w.pick(&report.ruleset.statement)) }
                    p { (w.t("report.caveat")) }
                }
            }
            section.figures aria-label=(w.t("report.html.figures")) {
                figure { (figures::domains(v)) (figures::levels(v)) }
                figure { (figures::map(v)) }
            }
            (priorities(v))
        }
    }
}

fn verdict(v: &View<'_>) -> Markup {
    let (report, w) = (v.report, v.w);
    let key = digest::verdict_key(report.assessment.verdict);
    let score = &report.assessment.overall;
    html! {
        section class={ "verdict " (key) } aria-labelledby="verdict" {
            div.ruling {
                p.sign aria-hidden="true" { (digest::verdict_symbol(report.assessment.verdict)) }
                div {
                    p.label { (w.t("report.html.verdict")) }
                    h2 #verdict { (w.t(&format!("verdict.{key}"))) }
                    @for why in digest::because(report, w) { p { (why) } }
                }
            }
            div.measure {
                p.label { (w.t("report.mandatory_score")) }
                @if score.lo.is_some() {
                    p.interval { (w.interval(score.lo, score.hi)) }
                    div.track { (figures::bar(score, "large")) }
                    p.scale aria-hidden="true" { span { "0" } span { "25" } span { "50" } span { "75" } span { (w.percent(100.0)) } }
                } @else {
                    p.interval { "—" }
                    p { (w.t("report.no_score")) }
                }
                dl {
                    div {
                        dt { (w.t("report.coverage")) }
                        dd { (w.percent_or_dash(score.coverage)) @if score.coverage_attested.is_some_and(|a| a > 0.0) {
                            " " span.soft { (w.tf("report.html.attested", &[("share", &w.percent_or_dash(score.coverage_attested))])) }
                        } }
                    }
                    @if score.lo_adjusted != score.lo {
                        div { dt { (w.t("report.adjusted")) } dd { (w.percent_or_dash(score.lo_adjusted)) } }
                    }
                    div { dt { (w.t("report.recommended_index")) } dd { (w.percent_or_dash(score.recommended)) } }
                }
            }
        }
    }
}

fn facts(v: &View<'_>) -> Markup {
    let (report, w) = (v.report, v.w);
    let set = &report.ruleset;
    let hash: String = set.hash.chars().take(12).collect();
    let sources: Vec<String> = report
        .target
        .sources
        .iter()
        .map(|s| {
            let degree = s.degree.map(|d| format!(" {d}")).unwrap_or_default();
            format!("{}{degree} ({})", s.label, w.volume(s).join(", "))
        })
        .collect();
    html! {
        dl.facts {
            div { dt { (w.t("report.perimeter")) } dd { (digest::perimeter(report, w)) } }
            div { dt { (w.t("report.html.share")) } dd { (digest::share(report, w)) } }
            div { dt { (w.t("report.html.set")) } dd {
                (w.tf("report.html.set_line", &[("id", &set.id), ("edition", &set.edition), ("version", &set.version), ("date", &w.date(&set.published))]))
            } }
            @if let Some(profile) = &set.profile { div { dt { (w.t("report.profile")) } dd { (profile) } } }
            div { dt { (w.t("report.html.hash")) } dd { code title=(set.hash) { (hash) } " · " (report.assessment.model) } }
            @if !set.tailored.is_empty() { div { dt { (w.t("report.tailored")) } dd { a href="#adaptations" { (w.count("report.html.tailorings", set.tailored.len() as u64)) } } } }
            @for (writing, labels) in writings(v) { div { dt { (w.t("source.writing")) } dd { span.soft { (labels.join(", ")) } " — " (writing) } } }
            @if !sources.is_empty() { div { dt { (w.t("report.html.nav.sources")) } dd { (sources.join(" · ")) } } }
        }
    }
}

/// How directories are written, those that are written alike together.
fn writings<'a>(v: &View<'a>) -> Vec<(String, Vec<&'a str>)> {
    let mut all: Vec<(String, Vec<&str>)> = Vec::new();
    for source in &v.report.target.sources {
        let Some(writing) = v.w.writing(source) else { continue };
        match all.iter_mut().find(|(known, _)| *known == writing) {
            Some((_, labels)) => labels.push(&source.label),
            None => all.push((writing, vec![&source.label])),
        }
    }
    all
}

fn priorities(v: &View<'_>) -> Markup {
    let w = v.w;
    let all = digest::priorities(v.report);
    html! {
        section.priorities aria-labelledby="priorites" {
            h2 #priorites { (w.t("report.priorities")) }
            @if all.is_empty() {
                p { (w.t("report.html.no_priority")) }
            } @else {
                table {
                    caption.sr { (w.t("report.html.priorities_caption")) }
                    thead { tr {
                        th scope="col" { (w.t("report.html.requirement")) }
                        th scope="col" { (w.t("report.html.severity")) }
                        th scope="col" { (w.t("report.html.observed_short")) }
                        th scope="col" { (w.t("report.html.actor")) }
                        th.count scope="col" { (w.t("report.html.gain")) }
                    } }
                    tbody { @for r in all.iter().take(PRIORITIES_SHOWN) { (priority(v, r)) } }
                }
                @if all.len() > PRIORITIES_SHOWN {
                    p.soft { (w.count("report.and_more", (all.len() - PRIORITIES_SHOWN) as u64)) }
                }
            }
        }
    }
}

/// The first cells of a row about a requirement: its name and its severity.
pub(super) fn named(w: Words, r: &RequirementResult) -> Markup {
    html! {
        th scope="row" {
            a href={ "#" (r.id) } { (w.pick(&r.title)) }
            br;
            " " span.id { (r.id) }
            @if State::of(r) == State::Waived { " " span.soft { (w.t("verdict.state.waived")) } }
        }
        td { (w.t(&format!("severity.{}", r.severity))) }
    }
}

fn priority(v: &View<'_>, r: &RequirementResult) -> Markup {
    let w = v.w;
    html! {
        tr {
            (named(w, r))
            td.num { (w.failures(r)) }
            td { (w.t(&format!("actor.{}", r.actor))) }
            td.count.num { (w.points(r.gain_if_fixed)) }
        }
    }
}

/// What could not be checked, one line a cause.
pub(super) fn undetermined(v: &View<'_>) -> Markup {
    let w = v.w;
    let groups = digest::pending(v.report);
    html! {
        section #non-verifie aria-labelledby="non-verifie-titre" {
            h2 #non-verifie-titre { (w.t("report.undetermined")) }
            @if groups.is_empty() {
                p { (w.t("report.html.all_checked")) }
            } @else {
                p.soft { (w.t("report.html.undetermined_note")) }
                ul.pending {
                    @for group in &groups {
                        li {
                            p {
                                (figures::square(State::Undetermined)) " "
                                @match group.cause {
                                    Cause::Failed(parent) => { a href={ "#" (parent.id) } { (w.pick(&parent.title)) } (w.t("report.html.parent_failed")) }
                                    Cause::Reason(reason, detail) => {
                                        strong { (capital(&w.t(&format!("reason.{}", digest::reason_key(reason))))) }
                                        @if let Some(detail) = detail { " — " (w.message(detail)) }
                                    }
                                }
                            }
                            p.ids {
                                (ids(&group.direct))
                                @if !group.dependents.is_empty() {
                                    span.soft { (w.count(dependents(group), group.dependents.len() as u64)) }
                                    (ids(&group.dependents))
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// « 2 exigences en dépendent », alone or after those the cause touches first.
fn dependents(group: &Pending<'_>) -> &'static str {
    if group.direct.is_empty() { "report.html.consequences" } else { "report.html.dependents" }
}

fn ids(all: &[&RequirementResult]) -> Markup {
    html! { @for r in all { a.id href={ "#" (r.id) } { (r.id) } " " } }
}
