//! The summary a person reads at the end of a run.
//!
//! Depends on the report model only. Must never rely on colour to say something, write an escape
//! sequence when colour is off, nor write what the report does not hold. Texts of a report may come
//! from a file: control characters are removed.

use anstyle::{AnsiColor, Style};

use super::digest::{self, Cause, Pending, State};
use super::model::{Report, RequirementResult, Score, SourceSummary};
use super::text::{Words, capital, place};
use crate::i18n::Lang;
use crate::outcome::Verdict;
use crate::rules::model::Level;

mod failures;
mod layout;

use layout::Page;

/// How to write the summary.
#[derive(Clone, Copy, Debug)]
pub struct TerminalOptions {
    /// Columns of the terminal; kept between 60 and 120.
    pub width: usize,
    /// Whether colours may be used.
    pub color: bool,
    /// Also says why each priority matters, shows several places, and names every requirement.
    pub verbose: bool,
}

impl Default for TerminalOptions {
    fn default() -> Self {
        Self { width: 80, color: false, verbose: false }
    }
}

/// Identifiers named on a line of a group when not verbose.
const IDS_SHOWN: usize = 4;

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

fn fg(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

fn style(state: State) -> Style {
    match state {
        State::Fail => fg(AnsiColor::Red),
        State::Waived => fg(AnsiColor::Magenta),
        State::Undetermined => fg(AnsiColor::Yellow),
        State::Pass => fg(AnsiColor::Green),
        State::NotApplicable => DIM,
    }
}

/// The summary, with a final newline.
#[must_use]
pub fn render(report: &Report, lang: Lang, options: TerminalOptions) -> String {
    let mut summary = Summary { report, w: Words(lang), verbose: options.verbose, page: Page::new(options.width, options.color) };
    summary.header();
    summary.verdict();
    summary.domains();
    summary.priorities();
    summary.recommended();
    summary.informations();
    summary.undetermined();
    if options.verbose {
        summary.others();
    }
    summary.closing();
    summary.page.finish()
}

struct Summary<'a> {
    report: &'a Report,
    w: Words,
    verbose: bool,
    page: Page,
}

impl Summary<'_> {
    fn header(&mut self) {
        let (report, w) = (self.report, self.w);
        self.page.wrapped("", BOLD, &report.target.name, 0);
        let tool = format!("{} {} — {}", report.tool.name, report.tool.version, w.instant(&report.generated));
        self.page.line(&[(DIM, &tool)]);
        self.page.blank();
        let set = &report.ruleset;
        let hash: String = set.hash.chars().take(12).collect();
        let title = w.pick(&set.title);
        let ruleset = w.tf("report.ruleset_line", &[("title", &title), ("edition", &set.edition), ("hash", &hash)]);
        self.field("report.ruleset", &ruleset);
        if let Some(profile) = &set.profile {
            self.field("report.profile", profile);
        }
        if !set.tailored.is_empty() {
            self.field("report.tailored", &w.typo(&set.tailored.join(" · ")));
        }
        self.field("report.perimeter", &digest::perimeter(report, w));
        for source in &report.target.sources {
            let (facts, records) = describe(source, w);
            self.field("report.source", &facts);
            if !records.is_empty() {
                self.field("", &records);
            }
            if let Some(writing) = w.writing(source) {
                self.field("", &writing);
            }
            for problem in &source.problems {
                let text = match place(problem) {
                    Some(place) => format!("! {place} — {}", w.message(&problem.message)),
                    None => format!("! {}", w.message(&problem.message)),
                };
                self.field("", &text);
            }
        }
    }

    /// A label in a column, a value wrapped beside it.
    fn field(&mut self, key: &str, value: &str) {
        let label = if key.is_empty() { String::new() } else { self.w.t(key) };
        self.page.wrapped(&format!("{label:<13} "), DIM, value, 14);
    }

    fn title(&mut self, key: &str) {
        self.page.blank();
        let title = self.w.t(key);
        self.page.line(&[(BOLD.underline(), &title)]);
    }

    fn verdict(&mut self) {
        let (report, w) = (self.report, self.w);
        let verdict = report.assessment.verdict;
        let key = digest::verdict_key(verdict);
        let state = match key {
            "conforme" => State::Pass,
            "conforme_sous_reserve" => State::Waived,
            "non_concluant" => State::Undetermined,
            _ => State::Fail,
        };
        let banner = format!(" {}  {} ", digest::verdict_symbol(verdict), w.t(&format!("verdict.{key}")).to_uppercase());
        self.page.blank();
        self.page.rule();
        self.page.line(&[(style(state).bold(), &banner)]);
        for why in digest::because(report, w) {
            self.page.wrapped("    ", Style::new(), &why, 4);
        }
        let share = format!("{} {}", digest::share(report, w), w.t("report.caveat"));
        self.page.wrapped("    ", DIM, &share, 4);
        self.page.rule();
        self.page.blank();
        let score = &report.assessment.overall;
        self.score_line(&w.t("report.mandatory_score"), score);
        let coverage = w.percent_or_dash(score.coverage);
        let parts = [("automated", score.coverage_automated), ("attested", score.coverage_attested)];
        let parts: Vec<String> = parts
            .iter()
            .filter_map(|(key, value)| {
                value.filter(|v| *v > 0.0).map(|v| w.tf(&format!("report.coverage_{key}"), &[("share", &w.percent(v))]))
            })
            .collect();
        let coverage = if parts.is_empty() { coverage } else { format!("{coverage} ({})", parts.join(", ")) };
        self.pair("report.coverage", &coverage);
        if score.lo_adjusted.is_some() && score.lo_adjusted != score.lo {
            self.pair("report.adjusted", &w.percent_or_dash(score.lo_adjusted));
        }
        if score.recommended.is_some() {
            self.pair("report.recommended_index", &w.percent_or_dash(score.recommended));
        }
    }

    fn pair(&mut self, key: &str, value: &str) {
        let label = self.w.t(key);
        self.page.wrapped(&format!("{label:<20} "), Style::new(), value, 21);
    }

    /// `label [████▒▒░░] de 71 % à 83 %`.
    fn score_line(&mut self, label: &str, score: &Score) {
        let label = format!("{label:<20} ");
        let (Some(lo), Some(hi)) = (score.lo, score.hi) else {
            let none = self.w.t("report.no_score");
            self.page.wrapped(&label, Style::new(), &none, 21);
            return;
        };
        let [done, open, lost] = layout::bar(lo, hi, if self.page.width() < 70 { 12 } else { 24 });
        let interval = format!("] {}", self.w.interval(Some(lo), Some(hi)));
        self.page.line(&[
            (Style::new(), &label),
            (Style::new(), "["),
            (style(State::Pass), &done),
            (style(State::Undetermined), &open),
            (style(State::Fail), &lost),
            (Style::new(), &interval),
        ]);
    }

    fn domains(&mut self) {
        let (report, w) = (self.report, self.w);
        self.title("report.by_domain");
        let wide = report.assessment.domains.iter().map(|d| digest::domain(report, d.domain, w).chars().count()).max().unwrap_or(0).min(26);
        for d in &report.assessment.domains {
            let mut name = digest::domain(report, d.domain, w);
            if name.chars().count() > wide {
                // Bars stay under each other.
                self.page.line(&[(Style::new(), name.as_str())]);
                name.clear();
            }
            let name = format!("{name:<wide$}  ");
            if d.vacuous {
                let text = w.t("report.vacuous");
                self.page.wrapped(&name, Style::new(), &text, wide + 2);
                continue;
            }
            let mut pieces: Vec<(Style, String)> = vec![(Style::new(), name)];
            if let (Some(lo), Some(hi)) = (d.score.lo, d.score.hi) {
                let [done, open, lost] = layout::bar(lo, hi, 10);
                pieces.push((Style::new(), "[".to_owned()));
                pieces.extend([(style(State::Pass), done), (style(State::Undetermined), open), (style(State::Fail), lost)]);
                pieces.push((Style::new(), "]".to_owned()));
                if self.page.width() >= 80 {
                    pieces.push((Style::new(), format!(" {:<13}", w.short_interval(lo, hi))));
                }
            }
            let counts = d.score.counts.get(&Level::Obligatoire).copied().unwrap_or_default();
            for state in State::ALL {
                let n = state.count(counts);
                if n > 0 {
                    pieces.push((style(state), format!("  {} {}", state.symbol(), w.number(n))));
                }
            }
            let pieces: Vec<(Style, &str)> = pieces.iter().map(|(s, t)| (*s, t.as_str())).collect();
            self.page.line(&pieces);
        }
        let legend: Vec<String> = State::ALL
            .iter()
            .map(|s| format!("{}\u{a0}{}", s.symbol(), w.t(&format!("verdict.states.{}", s.key())).replace(' ', "\u{a0}")))
            .collect();
        self.page.wrapped("", DIM, &legend.join(", "), 0);
        let legend = w.t("report.legend_bar");
        self.page.wrapped("", DIM, &legend, 0);
    }

    fn undetermined(&mut self) {
        let w = self.w;
        let groups = digest::pending(self.report);
        if groups.is_empty() {
            return;
        }
        self.title("report.undetermined");
        for group in &groups {
            let text = format!("{} — {}", capital(&cause(group, w)), self.members(group));
            self.page.wrapped("  ? ", style(State::Undetermined), &text, 4);
        }
    }

    /// « 3 exigences (A, B, C), et 12 qui en dépendent ».
    fn members(&self, group: &Pending<'_>) -> String {
        let w = self.w;
        let list = |all: &[&RequirementResult]| {
            let shown = if self.verbose { all.len() } else { IDS_SHOWN };
            let mut ids: Vec<&str> = all.iter().take(shown).map(|r| r.id.as_str()).collect();
            if all.len() > shown {
                ids.push("…");
            }
            ids.join(", ")
        };
        match (group.direct.as_slice(), group.dependents.as_slice()) {
            ([], dependents) => w.count_with("report.consequences", dependents.len() as u64, &[("ids", &list(dependents))]),
            (direct, []) => w.count_with("report.members", direct.len() as u64, &[("ids", &list(direct))]),
            (direct, dependents) => {
                let members = w.count_with("report.members", direct.len() as u64, &[("ids", &list(direct))]);
                format!("{members}, {}", w.count("report.and_dependents", dependents.len() as u64))
            }
        }
    }

    /// Everything else, by name.
    fn others(&mut self) {
        for (key, verdict) in [("report.passed", Verdict::Pass), ("report.not_applicable", Verdict::NotApplicable)] {
            let all: Vec<&RequirementResult> = self.report.requirements.iter().filter(|r| r.verdict == verdict).collect();
            if all.is_empty() {
                continue;
            }
            self.title(key);
            for r in all {
                let head = format!("  {} ", State::of(r).symbol());
                let detail = r.detail.as_ref().map(|d| format!(" ({})", self.w.message(d))).unwrap_or_default();
                let text = format!("{} — {}{detail}", r.id, self.w.pick(&r.title));
                self.page.wrapped(&head, style(State::of(r)), &text, 4);
            }
        }
    }

    fn closing(&mut self) {
        let (report, w) = (self.report, self.w);
        self.title("report.what_was_read");
        let statement = w.pick(&report.ruleset.statement);
        self.page.wrapped("", Style::new(), &statement, 0);
        // The first of what is listed above: what only informs is not, and asks for nothing.
        let recommended = || digest::failed(report, Level::Recommande).first().map(|r| r.id.clone());
        let failed = digest::priorities(report).first().map(|r| r.id.clone()).or_else(recommended);
        let open = |r: &&RequirementResult| r.verdict == Verdict::Undetermined;
        let first = failed.or_else(|| report.requirements.iter().find(open).map(|r| r.id.clone()));
        if let Some(id) = first {
            self.page.blank();
            let hint = w.tf("report.next_step", &[("id", &id)]);
            self.page.wrapped("→ ", BOLD, &hint, 2);
        }
    }
}

/// Why a group is undetermined.
fn cause(group: &Pending<'_>, w: Words) -> String {
    match group.cause {
        Cause::Failed(parent) => w.tf("report.parent_failed", &[("id", &parent.id)]),
        Cause::Reason(reason, detail) => {
            let reason = w.t(&format!("reason.{}", digest::reason_key(reason)));
            detail.map_or_else(|| reason.clone(), |d| w.tf("report.reason", &[("reason", &reason), ("detail", &w.message(d))]))
        }
    }
}

/// A source in two lines: what it is, what it holds.
fn describe(source: &SourceSummary, w: Words) -> (String, String) {
    let mut facts = vec![w.source(source)];
    facts.extend(source.degree.map(|d| d.to_string()));
    facts.extend(w.told_facts(source).map(|(_, value)| value));
    facts.extend(w.volume(source));
    let records: Vec<String> = source.records.iter().map(|(kind, n)| w.held(source, kind, *n)).collect();
    (facts.join(" · "), records.join(", "))
}
