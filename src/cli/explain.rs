//! `conforment explain ID`: a requirement as a reader of a report needs it.

use std::io::Write;

use anyhow::{Result, bail};

use super::Global;
use super::exit::Exit;
use crate::i18n::{Lang, t, tf, typo};
use crate::outcome::Text;
use crate::rules::model::{Check, Requirement};
use crate::rules::set::RuleSet;

/// `conforment explain`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    let library = global.library(&[])?;
    let set = global.set(&library, None, None)?;
    let mut out = anstream::stdout().lock();
    for (i, id) in args.ids.iter().enumerate() {
        let wanted = id.to_ascii_uppercase();
        let Some(requirement) = set.get(&wanted) else { bail!("{}", unknown(&set, &wanted, lang)) };
        if i > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{}", text(requirement, &set, lang)?)?;
    }
    Ok(Exit::Conforming)
}

/// What to say of an id that does not exist: those that look like it.
pub(super) fn unknown(set: &RuleSet, id: &str, lang: Lang) -> String {
    let mut near: Vec<(usize, &str)> = set.requirements.iter().map(|r| (distance(id, &r.id), r.id.as_str())).collect();
    near.sort_unstable();
    let near: Vec<&str> = near.iter().take(3).map(|(_, id)| *id).collect();
    tf(lang, "cli.error.requirement", &[("id", &id), ("near", &near.join(", "))])
}

fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let next = (corner + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

fn text(r: &Requirement, set: &RuleSet, lang: Lang) -> Result<String> {
    use anstyle::Style;
    let (bold, dim) = (Style::new().bold(), Style::new().dimmed());
    let pick = |text: &Text| typo(lang, lang.pick(text));
    let mut out = format!("{bold}{}{bold:#}\n{bold}{}{bold:#}\n", r.id, pick(&r.title));
    let word = |group: &str, word: &str| t(lang, &format!("{group}.{word}")).to_owned();
    let facts = [
        ("explain.domain", set.referentiel.domains.get(&r.domain).map_or_else(|| r.domain.to_string(), pick)),
        ("explain.level", word("level", r.level.as_str())),
        ("explain.severity", word("severity", r.severity.as_str())),
        ("explain.basis", word("basis", r.basis.as_str())),
        ("explain.strength", word("strength", r.strength.as_str())),
        ("explain.actor", word("actor", r.actor.as_str())),
        ("explain.degree", r.degree.iter().map(|d| d.as_str()).collect::<Vec<_>>().join(", ")),
        ("explain.clause", r.clause.clone().unwrap_or_else(|| typo(lang, t(lang, "explain.no_clause")))),
    ];
    for (key, value) in facts {
        out.push_str(&format!("  {dim}{:<14}{dim:#} {value}\n", t(lang, key)));
    }
    let mut paragraph = |key: &str, text: &str| out.push_str(&format!("\n{bold}{}{bold:#}\n{}\n", t(lang, key), wrap(text)));
    paragraph("explain.why", &pick(&r.why));
    paragraph("explain.fix", &pick(&r.fix));
    if let Some(limits) = &r.limits {
        paragraph("explain.limits", &pick(limits));
    }
    if let Check::Attestation(a) = &r.check {
        paragraph("explain.question", &pick(&a.attestation.question));
        paragraph("explain.evidence", &pick(&a.attestation.evidence));
    }
    for (name, parameter) in &r.parameters {
        let used = set.parameters.get(&r.id).and_then(|p| p.get(name)).unwrap_or(&parameter.default);
        paragraph("explain.parameter", &format!("{name} = {used} — {}", pick(&parameter.title)));
    }
    let cited: Vec<String> = r
        .sources
        .iter()
        .filter_map(|key| {
            set.referentiel.sources.get(key).map(|s| {
                let (title, place) = (lang.of(&s.title, s.title_en.as_deref()), lang.of(&s.location, s.location_en.as_deref()));
                format!("  {title} — {}\n    {place}", pick(&s.read))
            })
        })
        .collect();
    out.push_str(&format!("\n{bold}{}{bold:#}\n{}\n", t(lang, "explain.sources"), cited.join("\n")));
    let check = serde_json::to_string_pretty(&serde_json::json!({"when": r.when, "check": r.check}))?;
    out.push_str(&format!("\n{bold}{}{bold:#}\n{dim}{check}{dim:#}", t(lang, "explain.check")));
    Ok(out)
}

fn wrap(text: &str) -> String {
    let width = terminal_size::terminal_size().map_or(100, |(w, _)| usize::from(w.0)).clamp(40, 100) - 2;
    let (mut out, mut column) = (String::from("  "), 0);
    // No-break spaces do not break.
    for word in text.split([' ', '\n']).filter(|w| !w.is_empty()) {
        let len = word.chars().count();
        if column > 0 && column + 1 + len > width {
            out.push_str("\n  ");
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += len;
    }
    out
}
