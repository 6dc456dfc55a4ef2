//! The catalogue of messages, French and English.
//!
//! One YAML file an area under `fr/` and `en/`: flat `key: text`, with `{name}` placeholders. Depends on
//! nothing of the project but [`crate::outcome`]. Must never be given a value of a person.

use std::collections::HashMap;
use std::fmt::Display;
use std::sync::OnceLock;

use include_dir::{Dir, include_dir};

use crate::outcome::{Message, Text};

/// The files, turned into JSON by `build.rs`.
static FILES: Dir<'_> = include_dir!("$OUT_DIR/i18n");

/// Language of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lang {
    /// French, the default.
    #[default]
    Fr,
    /// English.
    En,
}

impl Lang {
    /// Both languages.
    pub const ALL: [Self; 2] = [Self::Fr, Self::En];

    /// The BCP 47 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The text in this language.
    #[must_use]
    pub fn pick(self, text: &Text) -> &str {
        match self {
            Self::Fr => &text.fr,
            Self::En => &text.en,
        }
    }

    /// A text that is French or of no language, or its English where it has one.
    #[must_use]
    pub fn of<'t>(self, text: &'t str, english: Option<&'t str>) -> &'t str {
        match (self, english) {
            (Self::En, Some(english)) => english,
            _ => text,
        }
    }
}

/// The whole catalogue of one language.
pub fn catalogue(lang: Lang) -> &'static HashMap<String, String> {
    static FR: OnceLock<HashMap<String, String>> = OnceLock::new();
    static EN: OnceLock<HashMap<String, String>> = OnceLock::new();
    let cell = match lang {
        Lang::Fr => &FR,
        Lang::En => &EN,
    };
    cell.get_or_init(|| {
        let mut all = HashMap::new();
        let files = FILES.get_dir(lang.code()).into_iter().flat_map(Dir::files);
        for file in files {
            // The catalogue is part of the binary and a test loads it: an error here is a bug of ours.
            let part: HashMap<String, String> = serde_json::from_slice(file.contents()).expect("embedded catalogue");
            all.extend(part);
        }
        all
    })
}

/// Whether the catalogue has that key (a test keeps both languages alike).
#[must_use]
pub fn has(key: &str) -> bool {
    catalogue(Lang::default()).contains_key(key)
}

/// The text of a key; the key itself when it is missing (a test keeps that from happening).
#[must_use]
pub fn t(lang: Lang, key: &str) -> &str {
    catalogue(lang).get(key).map_or(key, String::as_str)
}

/// The text of a key with its placeholders filled.
#[must_use]
pub fn tf(lang: Lang, key: &str, args: &[(&str, &dyn Display)]) -> String {
    fill(t(lang, key), |name| args.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string()))
}

/// A [`Message`] in the given language.
#[must_use]
pub fn message(lang: Lang, message: &Message) -> String {
    let shown = |name: &str, value: &String| match name {
        // A report keeps its shares as programs write them, and its sources as kinds of record name them.
        "percent" => decimal(lang, value),
        "across" => t(lang, &format!("source.name.{value}")).to_owned(),
        _ => value.clone(),
    };
    fill(t(lang, &message.key), |name| message.args.get(name).map(|value| shown(name, value)))
}

/// A number written with a point, as readers of that language write it.
#[must_use]
pub fn decimal(lang: Lang, number: &str) -> String {
    match lang {
        Lang::Fr => number.replace('.', ","),
        Lang::En => number.to_owned(),
    }
}

/// Spaces and apostrophes as printers set them: requirement files are typed on ordinary keyboards.
#[must_use]
pub fn typo(lang: Lang, text: &str) -> String {
    let (nbsp, thin) = ('\u{a0}', '\u{202f}');
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied();
    let mut out = String::with_capacity(text.len() + 8);
    for (i, &c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(at);
        out.push(match (c, at(i + 1)) {
            ('\'', Some(next)) if next.is_alphabetic() && before.is_some_and(char::is_alphabetic) => '’',
            (' ', Some(':' | '%' | '»')) if lang == Lang::Fr => nbsp,
            (' ', Some(';' | '!' | '?')) if lang == Lang::Fr => thin,
            (' ', _) if lang == Lang::Fr && before == Some('«') => nbsp,
            _ => c,
        });
    }
    out
}

fn fill(template: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(template.len() + 16);
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        let Some(len) = rest[open..].find('}') else { break };
        out.push_str(&rest[..open]);
        let name = &rest[open + 1..open + len];
        match value(name) {
            Some(v) => out.push_str(&v),
            None => out.push_str(&rest[open..=open + len]),
        }
        rest = &rest[open + len + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn placeholders(text: &str) -> BTreeSet<String> {
        text.split('{').skip(1).filter_map(|s| s.split_once('}')).map(|(n, _)| n.to_owned()).collect()
    }

    #[test]
    fn both_languages_have_the_same_keys_and_placeholders() {
        let (fr, en) = (catalogue(Lang::Fr), catalogue(Lang::En));
        let missing: Vec<_> = fr.keys().filter(|k| !en.contains_key(*k)).chain(en.keys().filter(|k| !fr.contains_key(*k))).collect();
        assert!(missing.is_empty(), "keys in one language only: {missing:?}");
        for (key, text) in fr {
            assert_eq!(placeholders(text), placeholders(&en[key]), "placeholders of {key}");
            assert!(!text.trim().is_empty() && !en[key].trim().is_empty(), "{key} is empty");
        }
    }

    #[test]
    fn shares_are_written_with_a_comma_in_french() {
        let said = Message::new("detail.share").with("count", 41).with("of", 42).with("percent", "97.6");
        assert!(message(Lang::Fr, &said).contains("97,6 %") && message(Lang::En, &said).contains("97.6"));
    }

    #[test]
    fn fills_placeholders_and_leaves_unknown_ones() {
        assert_eq!(fill("{a} de {b} {c", |n| (n == "a").then(|| "x".to_owned())), "x de {b} {c");
    }
}
