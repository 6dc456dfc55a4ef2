//! Words, numbers and dates as a reader of either language writes them.
//!
//! Depends on the catalogue only. What renderings share so that a count is written the same way in a
//! terminal and on paper. Must never escape or style: that is each rendering's business.

use std::fmt::Display;

use crate::i18n::{self, Lang};
use crate::outcome::{Finding, Message, Text};
use crate::report::model::{Counted, RequirementResult, SourceSummary};
use crate::source::{annuaire, gar};

/// No-break space: before `:`, `%` and inside « ».
const NBSP: char = '\u{a0}';
/// Narrow no-break space: before `;`, `!`, `?` and between thousands.
const NNBSP: char = '\u{202f}';

/// The fact that says how many requests a server was asked.
const REQUESTS: &str = "source.requests";

/// The facts that say how a directory is written: told together, in a sentence.
const WRITINGS: [&str; 2] = ["source.composites", "source.profiles"];

/// The language of a rendering and how things are written in it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words(pub Lang);

impl Words {
    /// The text of a key.
    pub fn t(self, key: &str) -> String {
        self.typo(i18n::t(self.0, key))
    }

    /// The text of a key, where the catalogue has it.
    pub fn known(self, key: &str) -> Option<String> {
        i18n::catalogue(self.0).get(key).map(|text| self.typo(text))
    }

    /// The text of a key with its placeholders filled.
    pub fn tf(self, key: &str, args: &[(&str, &dyn Display)]) -> String {
        self.typo(&i18n::tf(self.0, key, args))
    }

    /// `key.one` or `key.many`, with `{n}` filled.
    pub fn count(self, key: &str, n: impl Into<u64>) -> String {
        self.count_with(key, n, &[])
    }

    /// The same with other placeholders.
    pub fn count_with(self, key: &str, n: impl Into<u64>, args: &[(&str, &dyn Display)]) -> String {
        let n = n.into();
        let number = self.number(n);
        let mut all: Vec<(&str, &dyn Display)> = vec![("n", &number)];
        all.extend_from_slice(args);
        self.tf(&format!("{key}.{}", if self.singular(n) { "one" } else { "many" }), &all)
    }

    /// French says « 0 élève »; English says "0 pupils".
    fn singular(self, n: u64) -> bool {
        match self.0 {
            Lang::Fr => n < 2,
            Lang::En => n == 1,
        }
    }

    /// A text of the requirement set.
    pub fn pick(self, text: &Text) -> String {
        self.typo(self.0.pick(text))
    }

    /// A message of a finding or an outcome.
    pub fn message(self, message: &Message) -> String {
        self.typo(&i18n::message(self.0, message))
    }

    /// What a finding says, in the words of its source: a directory has entries, where a delivery has records.
    pub fn found(self, finding: &Finding) -> String {
        let of_entry = format!("entry.{}", finding.message.key);
        let directory = finding.record.as_deref().is_some_and(|r| kind_of(r) == annuaire::PREFIX);
        match directory && i18n::has(&of_entry) {
            true => self.message(&Message { key: of_entry, args: finding.message.args.clone() }),
            false => self.message(&finding.message),
        }
    }

    /// « 1 non vérifiée », « 3 non vérifiées ».
    pub fn ended(self, state: &str, n: u64) -> String {
        let key = if self.singular(n) { format!("verdict.state.{state}") } else { format!("verdict.states.{state}") };
        format!("{} {}", self.number(n), self.t(&key))
    }

    /// « 1 obligatoire », « 12 obligatoires ».
    pub fn levels(self, level: &str, n: u64) -> String {
        let key = if self.singular(n) { format!("level.{level}") } else { format!("level.{level}.many") };
        format!("{} {}", self.number(n), self.t(&key))
    }

    /// Spaces and apostrophes as printers set them: requirement files are typed on ordinary keyboards.
    pub fn typo(self, text: &str) -> String {
        i18n::typo(self.0, text)
    }

    /// `1 431` or `1,431`.
    pub fn number(self, n: impl Into<u64>) -> String {
        let digits = n.into().to_string();
        let mut out = String::with_capacity(digits.len() + 4);
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                out.push(match self.0 {
                    Lang::Fr => NNBSP,
                    Lang::En => ',',
                });
            }
            out.push(c);
        }
        out
    }

    /// One decimal at most, and never 0 or 100 for what is not exactly so.
    pub fn decimal(self, value: f64) -> String {
        let rounded = (value * 10.0).round() / 10.0;
        let shown = if rounded >= 100.0 && value < 100.0 - 1e-9 {
            99.9
        } else if rounded <= 0.0 && value > 1e-9 {
            0.1
        } else {
            rounded
        };
        let text = format!("{shown:.1}");
        let text = text.strip_suffix(".0").unwrap_or(&text);
        i18n::decimal(self.0, text)
    }

    /// `71,4 %` or `71.4%`.
    pub fn percent(self, value: f64) -> String {
        let number = self.decimal(value);
        match self.0 {
            Lang::Fr => format!("{number}{NBSP}%"),
            Lang::En => format!("{number}%"),
        }
    }

    /// A percentage that may not exist.
    pub fn percent_or_dash(self, value: Option<f64>) -> String {
        value.map_or_else(|| "—".to_owned(), |v| self.percent(v))
    }

    /// `de 71,4 % à 83 %`, or the one value when the bounds meet.
    pub fn interval(self, lo: Option<f64>, hi: Option<f64>) -> String {
        let (Some(lo), Some(hi)) = (lo, hi) else { return "—".to_owned() };
        let (low, high) = (self.percent(lo), self.percent(hi));
        if low == high { low } else { self.tf("report.interval", &[("lo", &low), ("hi", &high)]) }
    }

    /// `71,4–83 %`, where there is no room for words.
    pub fn short_interval(self, lo: f64, hi: f64) -> String {
        let (low, high) = (self.decimal(lo), self.percent(hi));
        if self.percent(lo) == high { high } else { format!("{low}–{high}") }
    }

    /// `+8,2 points`.
    pub fn points(self, value: f64) -> String {
        let points = self.decimal(value);
        let one = if self.0 == Lang::Fr { value < 2.0 } else { points == "1" };
        self.tf(if one { "report.points.one" } else { "report.points.many" }, &[("n", &points)])
    }

    /// A size in units of 1 000.
    pub fn bytes(self, bytes: u64) -> String {
        let mut value = bytes;
        let mut unit = 0;
        let mut decimals = 0;
        while value >= 1000 && unit < 4 {
            decimals = value % 1000 / 100;
            value /= 1000;
            unit += 1;
        }
        let point = if self.0 == Lang::Fr { ',' } else { '.' };
        let number = if unit > 0 && value < 10 && decimals > 0 { format!("{value}{point}{decimals}") } else { self.number(value) };
        format!("{number}{NBSP}{}", self.t(&format!("report.unit.{unit}")))
    }

    /// `2024-09-16…` as « 16 septembre 2024 »; `2019-07` as « juillet 2019 »; anything else as it is.
    pub fn date(self, date: &str) -> String {
        let day = date.get(..10).unwrap_or(date);
        let parts: Option<Vec<usize>> = day.split('-').map(|p| p.parse().ok()).collect();
        let month = |m: usize| self.known(&format!("report.month.{m}"));
        match parts.as_deref() {
            Some([year, m]) => month(*m).map(|name| format!("{name} {year}")),
            Some([year, m, 1]) if self.0 == Lang::Fr => month(*m).map(|name| format!("1er {name} {year}")),
            Some([year, m, d]) => month(*m).map(|name| format!("{d} {name} {year}")),
            _ => None,
        }
        .unwrap_or_else(|| date.to_owned())
    }

    /// The date of an RFC 3339 instant, with the hour it gives.
    pub fn instant(self, instant: &str) -> String {
        let date = self.date(instant);
        match (instant.get(11..16), instant.get(19..)) {
            (Some(hour), Some(zone)) if instant.as_bytes().get(10) == Some(&b'T') => {
                let offset = zone.len().checked_sub(6).and_then(|start| zone.get(start..)).unwrap_or_default();
                let zone = if zone.ends_with('Z') { "UTC".to_owned() } else { format!("UTC{offset}") };
                self.tf("report.instant", &[("date", &date), ("hour", &hour), ("zone", &zone)])
            }
            _ => date,
        }
    }

    /// `277 élèves`, for a kind of record or document.
    pub fn records(self, kind: &str, n: u64) -> String {
        let key = format!("record.{kind}");
        if self.known(&format!("{key}.one")).is_some() { self.count(&key, n) } else { self.count("record.other", n) }
    }

    /// A source as its title says it: the delivery before the one that is judged is told as such.
    pub fn source(self, source: &SourceSummary) -> String {
        match source.kind == gar::PREVIOUS.prefix {
            true => format!("{} ({})", source.label, self.t("source.precedent")),
            false => source.label.clone(),
        }
    }

    /// How much was read, or asked of a server.
    pub fn volume(self, source: &SourceSummary) -> Vec<String> {
        match source.facts.iter().find(|(key, _)| key == REQUESTS).and_then(|(_, n)| n.parse::<u64>().ok()) {
            Some(requests) => vec![self.count("report.requests", requests)],
            None => vec![self.count("report.files", source.files), self.bytes(source.bytes)],
        }
    }

    /// The facts of a source that are told one by one.
    pub fn told_facts(self, source: &SourceSummary) -> impl Iterator<Item = (&str, String)> {
        let told = |key: &str| key != REQUESTS && !WRITINGS.iter().any(|w| key.starts_with(w));
        source.facts.iter().filter(move |(key, _)| told(key)).map(move |(key, value)| (key.as_str(), self.date(value)))
    }

    /// In what writing a directory is, in sentences: what was seen in its entries, what the target declares. Requirements
    /// adapt to it, and a reader must know to what.
    pub fn writing(self, source: &SourceSummary) -> Option<String> {
        if source.kind != annuaire::PREFIX || source.records.is_empty() {
            return None;
        }
        let value = |key: &str| source.facts.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
        let (mut seen, mut declared) = (Vec::new(), Vec::new());
        for key in WRITINGS {
            let about = key.rsplit('.').next().unwrap_or_default();
            let Some(point) = value(key).and_then(|word| self.known(&format!("source.writing.{about}.{word}"))) else { continue };
            // A report of before says nothing of who said it: it was seen then.
            if value(&format!("{key}.declared")).is_some() { &mut declared } else { &mut seen }.push(point);
        }
        let told = |points: Vec<String>, key: &str| {
            (!points.is_empty()).then(|| self.tf(key, &[("points", &points.join(&self.t("source.writing.and")))]))
        };
        let sentences: Vec<String> =
            [told(declared, "source.writing.declared"), told(seen, "source.writing.seen")].into_iter().flatten().collect();
        if sentences.is_empty() {
            return Some(self.t("source.writing.none"));
        }
        Some(format!("{} {}", sentences.join(" "), self.t("source.writing.adapts")))
    }

    /// What a source holds: the title of the source says already that it is the one before.
    pub fn held(self, source: &SourceSummary, kind: &str, n: u64) -> String {
        match kind.strip_prefix(gar::PREVIOUS.prefix).filter(|_| source.kind == gar::PREVIOUS.prefix) {
            Some(rest) => self.records(&format!("{}{rest}", gar::PREFIX), n),
            None => self.records(kind, n),
        }
    }

    /// « 12 élèves sur 1 431 », « 12 cas sur 1 431 » where keys are counted, « 12 cas (examiné : 3
    /// fichiers) » where places are.
    pub fn failures(self, r: &RequirementResult) -> String {
        let noun = r.counted == Counted::Records && r.failures <= r.examined;
        let counted = if noun { self.looked_at(r, r.failures) } else { self.count("record.case", r.failures) };
        if r.examined == 0 {
            return counted;
        }
        // Never « 12 sur 3 », whatever a source counts.
        if r.counted == Counted::Places || r.failures > r.examined {
            return self.tf("report.in_examined", &[("counted", &counted), ("examined", &self.examined(r))]);
        }
        self.tf("report.of_examined", &[("counted", &counted), ("examined", &self.number(r.examined))])
    }

    /// « 1 431 élèves », of those that were looked at.
    pub fn examined(self, r: &RequirementResult) -> String {
        self.looked_at(r, r.examined)
    }

    fn looked_at(self, r: &RequirementResult, n: u64) -> String {
        match (r.counted, r.examines.as_slice()) {
            (Counted::Records | Counted::Places, [kind]) => self.records(kind, n),
            (Counted::Records | Counted::Places, all) if !all.is_empty() && all.iter().all(|k| kind_of(k) == annuaire::PREFIX) => {
                self.count("record.annuaire", n)
            }
            (Counted::Records | Counted::Places, [_, ..]) => self.count("record.other", n),
            _ => self.count("record.case", n),
        }
    }

    /// Label of a source fact given as a catalogue key; its last word when the catalogue lacks it.
    pub fn fact(self, key: &str) -> String {
        self.known(key).unwrap_or_else(|| capital(key.rsplit('.').next().unwrap_or(key)))
    }
}

/// The source of a kind of record: `annuaire` of `annuaire.ENTEleve`.
fn kind_of(record: &str) -> &str {
    record.split('.').next().unwrap_or_default()
}

/// First letter in capital.
pub(super) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// `file:line` of a finding, as editors open it.
pub(super) fn place(finding: &Finding) -> Option<String> {
    let file = finding.file.as_deref()?;
    Some(finding.line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}")))
}

/// The first sentence of a text: what fits on a line where the whole does not.
pub(super) fn first_sentence(text: &str) -> &str {
    let end = text.match_indices(['.', '!', '?']).find(|(i, _)| text[i + 1..].starts_with([' ', '\n', '\u{a0}']));
    end.map_or(text, |(i, _)| &text[..=i])
}

#[cfg(test)]
mod tests {
    use super::*;

    const FR: Words = Words(Lang::Fr);
    const EN: Words = Words(Lang::En);

    #[test]
    fn numbers_of_each_language() {
        assert_eq!(FR.number(1_431_000_u64), "1\u{202f}431\u{202f}000");
        assert_eq!(EN.number(1_431_u64), "1,431");
        assert_eq!(FR.percent(71.43), "71,4\u{a0}%");
        assert_eq!(EN.percent(71.0), "71%");
        assert_eq!(FR.bytes(2_650_000_000), "2,6\u{a0}Go");
        assert_eq!(EN.bytes(12), "12\u{a0}B");
    }

    #[test]
    fn nothing_incomplete_is_written_as_complete() {
        assert_eq!(EN.percent(99.99), "99.9%");
        assert_eq!(EN.percent(0.01), "0.1%");
        assert_eq!(EN.percent(100.0), "100%");
        assert_eq!(EN.percent(0.0), "0%");
    }

    #[test]
    fn dates_in_words() {
        assert_eq!(FR.date("2019-07"), "juillet 2019");
        assert_eq!(FR.date("2024-09-01T10:00:00Z"), "1er septembre 2024");
        assert_eq!(EN.date("2024-09-16"), "16 September 2024");
        assert_eq!(EN.date("sometime"), "sometime");
        assert_eq!(EN.instant("2024-09-16T10:05:00+02:00"), "16 September 2024, 10:05 UTC+02:00");
        assert_eq!(FR.instant("2024-09-16T10:05:00.123Z"), "16 septembre 2024 à 10:05 UTC");
    }

    #[test]
    fn french_spaces_and_apostrophes() {
        assert_eq!(FR.typo("l'élève : « oui » ; non !"), "l’élève\u{a0}: «\u{a0}oui\u{a0}»\u{202f}; non\u{202f}!");
        assert_eq!(EN.typo("the pupil's 'code' : ok"), "the pupil’s 'code' : ok");
    }

    #[test]
    fn a_first_sentence_stops_at_its_full_stop() {
        assert_eq!(first_sentence("Corriger la base. Puis exporter."), "Corriger la base.");
        assert_eq!(first_sentence("Version 6.3 du schéma"), "Version 6.3 du schéma");
    }
}
