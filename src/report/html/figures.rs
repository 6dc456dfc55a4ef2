//! The drawings: score intervals, the map of requirements, findings by file. Inline SVG, sized in
//! percentages so that it follows the page, with the same numbers in words beside it.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::View;
use crate::report::digest::{self, State};
use crate::report::model::{Counts, RequirementResult, Score};
use crate::report::text::capital;
use crate::rules::model::Level;
use crate::source::{Kind, annuaire};

/// Files shown with their findings.
const FILES_SHOWN: usize = 12;

/// Patterns and squares used by the other drawings.
pub(super) fn definitions() -> Markup {
    html! {
        svg.defs width="0" height="0" aria-hidden="true" focusable="false" {
            defs {
                pattern #hatch width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.hatch-ground width="6" height="6" {}
                    rect.hatch-line width="2.4" height="6" {}
                }
                pattern #fine width="3" height="3" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.hatch-ground width="3" height="3" {}
                    rect.hatch-line width="1.2" height="3" {}
                }
            }
            @for state in State::ALL {
                symbol id={ "q-" (state.key()) } viewBox="0 0 10 10" {
                    @match state {
                        State::Fail => { rect.fill-fail width="10" height="10" rx="1.2" {} path.mark d="M3 3l4 4m0-4l-4 4" {} }
                        State::Waived => { rect.fill-waived width="10" height="10" rx="1.2" {} path.mark d="M2.5 5.8q1.3-1.6 2.5-.8t2.5-.8" {} }
                        State::Undetermined => { rect.line-undetermined x=".5" y=".5" width="9" height="9" rx="1" fill="url(#fine)" {} }
                        State::Pass => { rect.fill-pass width="10" height="10" rx="1.2" {} }
                        State::NotApplicable => { rect.line-na x=".6" y=".6" width="8.8" height="8.8" rx="1" {} }
                    }
                }
            }
        }
    }
}

/// A square of the map, as a legend shows it.
pub(super) fn square(state: State) -> Markup {
    html! { svg.q aria-hidden="true" focusable="false" { use href={ "#q-" (state.key()) } {} } }
}

/// The interval of a score: reached, open, lost. The numbers are written beside it.
pub(super) fn bar(score: &Score, class: &str) -> Markup {
    let (Some(lo), Some(hi)) = (score.lo, score.hi) else { return html! {} };
    let percent = |value: f64| format!("{value:.2}%");
    html! {
        svg class={ "bar " (class) } width="100%" height="100%" aria-hidden="true" focusable="false" {
            rect.bar-lost width="100%" height="100%" {}
            rect x=(percent(lo)) width=(percent(hi - lo)) height="100%" fill="url(#hatch)" {}
            rect.bar-done width=(percent(lo)) height="100%" {}
            @if lo < hi && hi < 100.0 { line.bar-edge x1=(percent(hi)) x2=(percent(hi)) y1="0" y2="100%" {} }
        }
    }
}

/// One row a domain: interval and counts of the mandatory requirements.
pub(super) fn domains(v: &View<'_>) -> Markup {
    let w = v.w;
    html! {
        table.domains {
            caption { (w.t("report.by_domain")) }
            thead {
                tr {
                    th scope="col" { (w.t("report.html.domain")) }
                    th.wide scope="col" { (w.t("report.html.score")) }
                    @for state in State::ALL { (state_heading(v, state)) }
                }
            }
            tbody {
                @for d in &v.report.assessment.domains {
                    tr {
                        th scope="row" { (digest::domain(v.report, d.domain, w)) }
                        td.wide {
                            @if d.vacuous {
                                span.soft { (w.t("report.html.vacuous")) }
                            } @else if let (Some(lo), Some(hi)) = (d.score.lo, d.score.hi) {
                                div.track { (bar(&d.score, "")) }
                                span.num { (w.short_interval(lo, hi)) }
                            } @else {
                                span.soft { (w.t("report.no_score")) }
                            }
                        }
                        @for state in State::ALL {
                            @let n = state.count(d.score.counts.get(&Level::Obligatoire).copied().unwrap_or_default());
                            td class={ "count num " (state.key()) } { @if n > 0 { (w.number(n)) } @else { (none()) } }
                        }
                    }
                }
            }
        }
    }
}

/// One row a level: how its requirements ended.
pub(super) fn levels(v: &View<'_>) -> Markup {
    let w = v.w;
    let counts = &v.report.assessment.overall.counts;
    html! {
        table.domains.levels {
            caption { (w.t("report.html.by_level")) }
            thead {
                tr {
                    th scope="col" { (w.t("report.html.level")) }
                    th.wide scope="col" { (w.t("report.html.share_of")) }
                    @for state in State::ALL { (state_heading(v, state)) }
                }
            }
            tbody {
                @for (level, counts) in counts.iter().filter(|(_, c)| State::ALL.iter().any(|s| s.count(**c) > 0)) {
                    tr {
                        th scope="row" { (capital(&w.t(&format!("level.{level}.many")))) }
                        td.wide { div.track { (stack(*counts)) } }
                        @for state in State::ALL {
                            @let n = state.count(*counts);
                            td class={ "count num " (state.key()) } { @if n > 0 { (w.number(n)) } @else { (none()) } }
                        }
                    }
                }
            }
        }
    }
}

/// The same counts as parts of a bar, in the order of the columns.
fn stack(counts: Counts) -> Markup {
    let n = State::ALL.map(|state| u64::from(state.count(counts)));
    let total = n.iter().sum();
    html! {
        svg.bar width="100%" height="100%" aria-hidden="true" focusable="false" {
            @for (i, state) in State::ALL.into_iter().enumerate().filter(|(i, _)| n[*i] > 0) {
                rect class={ "part " (state.key()) } x=(share(n[..i].iter().sum(), total)) width=(share(n[i], total)) height="100%" {}
            }
        }
    }
}

fn state_heading(v: &View<'_>, state: State) -> Markup {
    let name = v.w.t(&format!("verdict.states.{}", state.key()));
    html! {
        th.count scope="col" { span aria-hidden="true" title=(name) { (state.symbol()) } span.sr { (name) } }
    }
}

/// The map: one square a requirement, its area its weight, grouped by what it looks at.
pub(super) fn map(v: &View<'_>) -> Markup {
    let w = v.w;
    let mut rows: Vec<(String, Vec<&RequirementResult>)> = Vec::new();
    for r in &v.report.requirements {
        let name = subject(v, r);
        match rows.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => all.push(r),
            None => rows.push((name, vec![r])),
        }
    }
    html! {
        table.map {
            caption { (w.t("report.html.map")) }
            thead {
                tr {
                    th scope="col" { (w.t("report.html.looked_at")) }
                    th.wide scope="col" { (w.t("report.html.nav.exigences")) }
                    th.count scope="col" { (w.t("report.html.failures")) }
                }
            }
            tbody {
                @for (name, all) in &rows {
                    tr {
                        th scope="row" { (name) }
                        td.wide {
                            span.sr { (sentence(v, all)) }
                            span.squares aria-hidden="true" {
                                @for level in Level::ALL {
                                    @let of_level = heaviest_first(all.iter().copied().filter(|r| r.level == *level));
                                    @if !of_level.is_empty() {
                                        span class={ "group " (level.as_str()) } {
                                            @for r in of_level {
                                                a href={ "#" (r.id) } tabindex="-1" title={ (r.id) " — " (w.pick(&r.title)) } {
                                                    svg class={ "q s" (r.severity.weight()) } { use href={ "#q-" (State::of(r).key()) } {} }
                                                }
                                            }
                                        }
                                    }
                                }
                            }
                        }
                        @let failures: u64 = all.iter().map(|r| r.failures).sum();
                        td.count.num { @if failures > 0 { (w.number(failures)) } @else { (none()) } }
                    }
                }
            }
        }
        p.legend {
            @for state in State::ALL {
                span { (square(state)) " " (w.t(&format!("verdict.states.{}", state.key()))) }
            }
            span.note { (w.t("report.html.map_note")) }
        }
    }
}

/// Squares of a row in an order the eye can compare: by weight, then by result.
fn heaviest_first<'a>(all: impl Iterator<Item = &'a RequirementResult>) -> Vec<&'a RequirementResult> {
    let mut sorted: Vec<_> = all.collect();
    sorted.sort_by_key(|r| (std::cmp::Reverse(r.severity.weight()), State::of(r)));
    sorted
}

/// What a requirement looks at, as a row of the map. A directory has thirty kinds of entries: its rows are of families.
fn subject(v: &View<'_>, r: &RequirementResult) -> String {
    let all = r.examines.as_slice();
    let within = |family: &str| !all.is_empty() && all.iter().all(|kind| kind == family || kind.starts_with(&format!("{family}.")));
    match all {
        [] => v.w.t("report.html.attestations"),
        [kind] => {
            let row =
                Kind::named(kind).map(|k| k.info()).filter(|k| k.name.starts_with(annuaire::PREFIX)).map_or(kind.as_str(), |k| k.family);
            let name = v.w.known(&format!("record.{row}.name"));
            name.unwrap_or_else(|| digest::domain(v.report, r.domain, v.w))
        }
        [_, ..] if within("annuaire.personnes") => v.w.t("record.annuaire.personnes.name"),
        [_, ..] if within(annuaire::PREFIX) => v.w.t("record.annuaire.name"),
        [_, ..] => v.w.t("record.several.name"),
    }
}

/// The counts of a row, for who does not see the squares.
fn sentence(v: &View<'_>, all: &[&RequirementResult]) -> String {
    let mut counts: BTreeMap<State, usize> = BTreeMap::new();
    for r in all {
        *counts.entry(State::of(r)).or_default() += 1;
    }
    let parts: Vec<String> = counts.iter().map(|(state, n)| v.w.ended(state.key(), *n as u64)).collect();
    parts.join(", ")
}

/// The located findings, file by file.
pub(super) fn files(v: &View<'_>) -> Markup {
    let w = v.w;
    let mut by_file: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for finding in v.report.requirements.iter().flat_map(|r| &r.findings) {
        if let Some(file) = finding.file.as_deref() {
            *by_file.entry((file, finding.source.as_deref().unwrap_or_default())).or_default() += 1;
        }
    }
    if by_file.is_empty() {
        return html! {};
    }
    let mut files: Vec<_> = by_file.into_iter().collect();
    files.sort_by_key(|(file, n)| (std::cmp::Reverse(*n), *file));
    let most = files.first().map_or(1, |(_, n)| *n).max(1);
    let hidden = files.len().saturating_sub(FILES_SHOWN);
    html! {
        section #fichiers aria-labelledby="fichiers-titre" {
            h2 #fichiers-titre { (w.t("report.html.files_title")) }
            table.files {
                caption { (w.t("report.html.files_note")) }
                thead {
                    tr {
                        th scope="col" { (w.t("report.html.file")) }
                        th.wide scope="col" aria-hidden="true" {}
                        th.count scope="col" { (w.t("report.html.located")) }
                    }
                }
                tbody {
                    @for ((file, source), n) in files.iter().take(FILES_SHOWN) {
                        tr {
                            th scope="row" { code { (file) } @if !source.is_empty() { " " span.soft { (source) } } }
                            td.wide aria-hidden="true" {
                                div.track { svg.bar width="100%" height="100%" { rect.bar-count width=(share(*n, most)) height="100%" {} } }
                            }
                            td.count.num { (w.number(*n)) }
                        }
                    }
                }
            }
            @if hidden > 0 { p.soft { (w.count("report.and_more", hidden as u64)) } }
        }
    }
}

/// `part` of `whole` as a length.
fn share(part: u64, whole: u64) -> String {
    let hundredths = part.saturating_mul(10_000) / whole.max(1);
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

/// Zero, said but not shown: an empty table is quicker to read than one of zeros.
fn none() -> Markup {
    html! { span.none aria-hidden="true" { "·" } span.sr { "0" } }
}
