//! What failed, level by level: the mandatory first, then what is recommended, then what only informs.
//!
//! Depends on the digest of the report. Without `-v`, the list of priorities is whole but short of words, that of
//! recommendations is cut, and informations are counted; with it, each failure has its places, its reason and its remedy.

use anstyle::Style;

use super::{DIM, State, Summary, style};
use crate::outcome::Finding;
use crate::report::digest;
use crate::report::model::RequirementResult;
use crate::report::text::{first_sentence, place};
use crate::rules::model::Level;

/// Priorities shown when not verbose.
const PRIORITIES_SHOWN: usize = 10;
/// Recommended failures shown when not verbose.
const RECOMMENDED_SHOWN: usize = 8;
/// Places shown for a failure when verbose.
const PLACES_SHOWN: usize = 5;

impl Summary<'_> {
    pub(super) fn priorities(&mut self) {
        let all = digest::priorities(self.report);
        if all.is_empty() {
            return;
        }
        self.title("report.priorities");
        let shown = if self.verbose { all.len() } else { PRIORITIES_SHOWN };
        for (i, r) in all.iter().take(shown).enumerate() {
            self.failure(&format!("{:>2}. {} ", i + 1, State::of(r).symbol()), r);
        }
        self.more(all.len().saturating_sub(shown));
    }

    /// Recommendations that are not followed, the weightiest first.
    pub(super) fn recommended(&mut self) {
        let all = digest::failed(self.report, Level::Recommande);
        if all.is_empty() {
            return;
        }
        self.title("report.recommended_failures");
        if self.verbose {
            return self.in_full(&all);
        }
        for r in all.iter().take(RECOMMENDED_SHOWN) {
            let w = self.w;
            let head = format!("  {} ", State::of(r).symbol());
            let first = r.findings.iter().find_map(place).map(|place| format!(" · {place}")).unwrap_or_default();
            let text = format!("{} — {} · {}{first}", r.id, w.pick(&r.title), w.failures(r));
            self.page.wrapped(&head, style(State::of(r)), &text, 4);
        }
        self.more(all.len().saturating_sub(RECOMMENDED_SHOWN));
    }

    /// What was noted and asks for nothing: counted, or in full.
    pub(super) fn informations(&mut self) {
        let all = digest::failed(self.report, Level::Information);
        if all.is_empty() {
            return;
        }
        self.title("report.informations");
        if self.verbose {
            return self.in_full(&all);
        }
        let text = self.w.count("report.informations_noted", all.len() as u64);
        self.page.wrapped("  ", Style::new(), &text, 2);
    }

    fn in_full(&mut self, all: &[&RequirementResult]) {
        for r in all {
            self.failure(&format!("  {} ", State::of(r).symbol()), r);
        }
    }

    fn failure(&mut self, head: &str, r: &RequirementResult) {
        let w = self.w;
        let state = State::of(r);
        let mut title = format!("{} — {}", r.id, w.pick(&r.title));
        if state == State::Waived {
            title = format!("{title} ({})", self.w.t("verdict.state.waived"));
        }
        let indent = head.chars().count();
        let margin = " ".repeat(indent);
        self.page.wrapped(head, style(state).bold(), &title, indent);
        let mut facts = vec![w.t(&format!("severity.{}", r.severity)), w.failures(r)];
        if r.gain_if_fixed > 0.0 {
            facts.push(w.points(r.gain_if_fixed));
        }
        facts.push(w.t(&format!("actor.{}", r.actor)));
        self.page.wrapped(&margin, DIM, &facts.join(" · "), indent);
        if let Some(detail) = &r.detail {
            let detail = w.message(detail);
            self.page.wrapped(&margin, Style::new(), &detail, indent);
        }
        self.places(&r.findings, &margin);
        if let Some(waiver) = &r.waiver {
            let text =
                w.tf("report.waived_until", &[("date", &w.date(&waiver.until)), ("who", &waiver.approved_by), ("why", &waiver.reason)]);
            self.page.wrapped(&margin, DIM, &text, indent);
        } else if let Some(waiver) = &r.expired_waiver {
            let text = w.tf("report.waiver_expired", &[("date", &w.date(&waiver.until)), ("who", &waiver.approved_by)]);
            self.page.wrapped(&margin, style(State::Undetermined), &text, indent);
        }
        if self.verbose {
            let why = w.pick(&r.why);
            self.page.wrapped(&margin, Style::new(), &why, indent);
        }
        let fix = w.pick(&r.fix);
        let fix = if self.verbose { fix.as_str() } else { first_sentence(&fix) };
        self.page.wrapped(&format!("{margin}→ "), Style::new(), fix, indent + 2);
    }

    /// The first places, each message once: « annuaire.ldif:12, 40, 77 — l’attribut… ».
    fn places(&mut self, findings: &[Finding], margin: &str) {
        let shown = if self.verbose { PLACES_SHOWN } else { 1 };
        let mut groups: Vec<(String, Vec<&Finding>)> = Vec::new();
        for finding in findings.iter().take(shown) {
            let message = self.w.found(finding);
            match groups.iter_mut().find(|(said, _)| *said == message) {
                Some((_, all)) => all.push(finding),
                None => groups.push((message, vec![finding])),
            }
        }
        for (message, all) in &groups {
            let places = at(all);
            let text = if places.is_empty() { message.clone() } else { format!("{places} — {message}") };
            self.page.wrapped(margin, Style::new(), &text, margin.chars().count() + 2);
        }
    }

    /// How many are left, and where to see them.
    fn more(&mut self, n: usize) {
        if n > 0 {
            let text = self.w.count("report.and_more_where", n as u64);
            self.page.wrapped("    ", DIM, &text, 4);
        }
    }
}

/// Places as editors open them; of those of one file, the next are told by their line.
fn at(findings: &[&Finding]) -> String {
    let (mut out, mut file) = (Vec::new(), None);
    for finding in findings {
        match (place(finding), finding.line) {
            (Some(_), Some(line)) if file.is_some() && file == finding.file => out.push(line.to_string()),
            (Some(place), _) => out.push(place),
            (None, _) => continue,
        }
        file = finding.file.clone();
    }
    out.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Message;

    #[test]
    fn a_file_is_named_once() {
        let at_line = |file: &str, line| Finding {
            source: None,
            file: Some(file.to_owned()),
            line: Some(line),
            record: None,
            subject: None,
            attribute: None,
            message: Message::new("finding.fact"),
        };
        let all = [at_line("a.ldif", 3), at_line("a.ldif", 9), at_line("b.ldif", 1)];
        assert_eq!(at(&all.iter().collect::<Vec<_>>()), "a.ldif:3, 9, b.ldif:1");
    }
}
