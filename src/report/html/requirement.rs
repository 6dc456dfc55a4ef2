//! One requirement of the list: a line that opens to everything the report knows of it.

use maud::{Markup, html};

use super::View;
use crate::outcome::{Finding, Verdict};
use crate::report::digest::{self, State};
use crate::report::model::RequirementResult;
use crate::report::text::capital;

/// The item.
pub(super) fn item(v: &View<'_>, r: &RequirementResult) -> Markup {
    let (w, state) = (v.w, State::of(r));
    html! {
        li.requirement data-state=(state.key()) data-domain=(r.domain) data-level=(r.level) data-severity=(r.severity) data-actor=(r.actor) {
            details id=(r.id) {
                summary {
                    span class={ "state " (state.key()) } {
                        span.sign aria-hidden="true" { (state.symbol()) } " " (capital(&w.t(&format!("verdict.state.{}", state.key()))))
                    }
                    span.name { (w.pick(&r.title)) " " span.id { (r.id) } }
                    span.tags {
                        (w.t(&format!("level.{}", r.level))) " · " (w.t(&format!("severity.{}", r.severity)))
                        @if r.verdict == Verdict::Fail { " · " span.num { (w.failures(r)) } }
                    }
                }
                div.body {
                    (observed(v, r))
                    h4 { (w.t("report.html.why")) }
                    p { (w.pick(&r.why)) }
                    @if r.verdict != Verdict::Pass && r.verdict != Verdict::NotApplicable {
                        h4 { (w.t("report.html.fix")) }
                        p { (w.pick(&r.fix)) " " span.soft { (w.tf("report.html.by", &[("actor", &w.t(&format!("actor.{}", r.actor)))])) } }
                    }
                    @if let Some(limits) = &r.limits {
                        h4 { (w.t("report.html.limits")) }
                        p { (w.pick(limits)) }
                    }
                    (origin(v, r))
                }
            }
        }
    }
}

fn observed(v: &View<'_>, r: &RequirementResult) -> Markup {
    let w = v.w;
    html! {
        h4 { (w.t("report.html.observed")) }
        @if let Some(question) = &r.question { p { (w.pick(question)) } }
        p {
            @match r.verdict {
                Verdict::Fail => { (capital(&w.failures(r))) "." }
                Verdict::Pass if r.examined > 0 && !r.examines.is_empty() => (w.tf("report.html.examined", &[("n", &w.examined(r))])),
                Verdict::Pass => (capital(&w.t(&format!("evidence.{}", digest::evidence_key(r.evidence))))) ,
                Verdict::Undetermined => (capital(&w.t(&format!("reason.{}", digest::why_undetermined(v.report, r))))),
                Verdict::NotApplicable => (capital(&w.t("verdict.state.not_applicable"))),
            }
            @if let Some(parent) = r.parent.as_ref().filter(|_| r.verdict == Verdict::Undetermined) { " — " a.id href={ "#" (parent) } { (parent) } }
            @if let Some(detail) = &r.detail { " — " (w.message(detail)) }
        }
        (findings(v, &r.findings))
        @let hidden = r.failures.saturating_sub(r.findings.len().min(v.findings) as u64);
        @if hidden > 0 && !r.findings.is_empty() { p.soft { (w.count("report.html.not_shown", hidden)) } }
        @if let Some(waiver) = &r.waiver {
            p.waiver { (w.tf("report.waived_until", &[("date", &w.date(&waiver.until)), ("who", &waiver.approved_by), ("why", &waiver.reason)])) }
        }
        @if let Some(waiver) = &r.expired_waiver {
            p.waiver { (w.tf("report.waiver_expired", &[("date", &w.date(&waiver.until)), ("who", &waiver.approved_by)])) }
        }
    }
}

/// Findings that differ only by their place are said once: shorter to read, and to load.
fn findings(v: &View<'_>, all: &[Finding]) -> Markup {
    let mut groups: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
    for finding in all.iter().take(v.findings) {
        let same = |f: &Finding| f.source == finding.source && f.file == finding.file && f.message == finding.message;
        // Findings come in the order of the sources: those of a group are near each other.
        match groups.iter_mut().rev().take(16).find(|(first, _)| same(first)) {
            Some((_, places)) => places.push(finding),
            None => groups.push((finding, vec![finding])),
        }
    }
    html! {
        @for (first, places) in &groups {
            div.found {
                p {
                    (capital(&v.w.found(first)))
                    @if let Some(file) = &first.file { " — " code { (file) } }
                    @else if let Some(source) = &first.source { " — " (source) }
                }
                @if places.iter().any(|p| p.line.is_some() || p.subject.is_some()) {
                    ul { @for place in places { li {
                        @if let Some(line) = place.line { (v.w.t("report.html.line")) (line) }
                        @if let Some(subject) = &place.subject { " " i { (subject) } }
                    } } }
                }
            }
        }
    }
}

/// Where the requirement comes from, how it was judged and what it weighs.
fn origin(v: &View<'_>, r: &RequirementResult) -> Markup {
    let w = v.w;
    let degrees: Vec<&str> = r.degree.iter().map(|d| d.as_str()).collect();
    html! {
        dl.origin {
            div { dt { (w.t("report.html.basis")) } dd {
                (capital(&w.t(&format!("basis.{}", r.basis)))) " — "
                @for (i, key) in r.sources.iter().enumerate() {
                    @if i > 0 { ", " }
                    @match v.report.ruleset.sources.get(key) {
                        Some(source) => a href={ "#src-" (key) } { (w.typo(w.0.of(&source.title, source.title_en.as_deref()))) },
                        None => (key),
                    }
                }
            } }
            div { dt { (w.t("report.html.clause")) } dd {
                @match &r.clause { Some(clause) => (clause), None => span.soft { (w.t("report.html.no_clause")) } }
            } }
            div { dt { (w.t("report.html.evidence")) } dd {
                (capital(&w.t(&format!("evidence.{}", digest::evidence_key(r.evidence))))) " · " (w.t(&format!("strength.{}.means", r.strength)))
            } }
            div { dt { (w.t("report.html.applies")) } dd { (degrees.join(", ")) " · " (w.t(&format!("actor.{}", r.actor))) } }
            @for used in r.parameters.values() {
                div { dt { (w.pick(&used.title)) } dd {
                    (used.value)
                    @if used.value != used.default { " " span.soft { (w.tf("report.html.default", &[("value", &used.default)])) } }
                } }
            }
            @if r.weight > 0 {
                div { dt { (w.t("report.html.weight")) } dd.num {
                    @let (contribution, lost, gain) = (w.decimal(r.contribution), w.decimal(r.lost), w.decimal(r.gain_if_fixed));
                    (w.tf("report.html.weight_line", &[("weight", &r.weight), ("contribution", &contribution), ("lost", &lost), ("gain", &gain)]))
                } }
            }
        }
    }
}
