//! Selectors: where a relation, or a keyword that compares attributes, reads its keys.
//!
//! `NAME`, `NAME$1`, `NAME$0,2`, `NAME$0,2..`, `NAME[0:3]`, or a list of them (rules/AUTHORING.md).
//! A key is a few parts of text; it leaves here as a seeded 64-bit hash, never as text.

use std::sync::LazyLock;

use rapidhash::v3::{RapidSecrets, rapidhash_v3_nano_inline};

use crate::rules::model::OneOrMany;
use crate::source::record::{Fields, NameId, Record, intern};

/// Most parts a key has.
pub const MAX_PARTS: usize = 8;
/// Most keys one record may give: beyond, a hostile record is cut short.
const MAX_KEYS: usize = 65_536;

/// A selector that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("selector `{0}`: {1}")]
pub struct SelectorError(String, &'static str);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Part {
    group: usize,
    field: Field,
    slice: Option<(usize, usize)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Field {
    Whole,
    At(usize),
    From(usize),
}

/// A compiled list of selectors.
#[derive(Clone, Debug)]
pub struct Key {
    /// Attributes read, each once.
    groups: Vec<(String, NameId)>,
    parts: Vec<Part>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts && self.groups.iter().map(|g| &g.0).eq(other.groups.iter().map(|g| &g.0))
    }
}

impl Key {
    /// Compiles selectors.
    ///
    /// # Errors
    /// A selector that does not follow the syntax, or too many parts.
    pub fn compile(selectors: &OneOrMany) -> Result<Self, SelectorError> {
        let mut key = Self { groups: Vec::new(), parts: Vec::new() };
        for selector in selectors.as_slice() {
            key.add(selector)?;
        }
        let error = |why| Err(SelectorError(selectors.as_slice().join(", "), why));
        if key.parts.is_empty() {
            return error("no selector");
        }
        if key.parts.len() > MAX_PARTS {
            return error("too many parts");
        }
        if key.parts.iter().filter(|p| matches!(p.field, Field::From(_))).count() > 1 {
            return error("only one part may end with `..`");
        }
        Ok(key)
    }

    fn add(&mut self, selector: &str) -> Result<(), SelectorError> {
        let error = |why| SelectorError(selector.to_owned(), why);
        let (rest, slice) = match selector.strip_suffix(']').and_then(|s| s.split_once('[')) {
            Some((rest, range)) => {
                let (from, to) = range.split_once(':').ok_or_else(|| error("a slice is written [from:to]"))?;
                let bound = |s: &str| s.parse().map_err(|_| error("a slice is written [from:to]"));
                (rest, Some((bound(from)?, bound(to)?)))
            }
            None => (selector, None),
        };
        let (name, fields) = match rest.split_once('$') {
            Some((name, fields)) => (name, Some(fields)),
            None => (rest, None),
        };
        if name.is_empty() || name.contains(['[', ']', ' ']) {
            return Err(error("the name of an attribute is expected"));
        }
        let group = self.groups.iter().position(|g| g.0 == name).unwrap_or_else(|| {
            self.groups.push((name.to_owned(), intern(name)));
            self.groups.len() - 1
        });
        let Some(fields) = fields else {
            self.parts.push(Part { group, field: Field::Whole, slice });
            return Ok(());
        };
        for field in fields.split(',') {
            let (number, tail) = field.strip_suffix("..").map_or((field, false), |n| (n, true));
            let number = number.parse().map_err(|_| error("fields are numbers: $0,2.."))?;
            let field = if tail { Field::From(number) } else { Field::At(number) };
            self.parts.push(Part { group, field, slice });
        }
        Ok(())
    }

    /// Number of parts.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The attribute to show for this key: the first that is not about the request.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.groups.iter().map(|g| g.0.as_str()).find(|name| !name.starts_with('@'))
    }

    /// Whether it reads that member.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.groups.iter().any(|g| g.0 == name)
    }

    /// Calls `f` with the parts of each key of the record. Keys with an empty or missing part are left out.
    pub fn each<'a>(&self, record: &'a Record<'a>, mut f: impl FnMut(&[&'a str])) {
        let mut left = MAX_KEYS;
        self.combine(record, 0, &mut [""; MAX_PARTS], &mut |values| {
            self.emit(values, &mut left, &mut f);
            left > 0
        });
    }

    /// Calls `f` with each combination of values of the groups, until it returns false.
    fn combine<'a>(
        &self,
        record: &'a Record<'a>,
        group: usize,
        values: &mut [&'a str; MAX_PARTS],
        f: &mut impl FnMut(&[&'a str; MAX_PARTS]) -> bool,
    ) -> bool {
        let Some((_, id)) = self.groups.get(group) else { return f(values) };
        record.values(*id).into_iter().flat_map(|v| v.iter()).all(|value| {
            // Each group leaves its current value in the slot of its own index; parts are cut at the end.
            values[group] = value;
            if group + 1 == self.groups.len() { f(values) } else { self.combine(record, group + 1, values, f) }
        })
    }

    fn emit<'a>(&self, values: &[&'a str; MAX_PARTS], left: &mut usize, f: &mut impl FnMut(&[&'a str])) {
        let mut key = [""; MAX_PARTS];
        let mut tail = None;
        for (i, part) in self.parts.iter().enumerate() {
            let value = values[part.group];
            match part.field {
                Field::From(first) => tail = Some((i, value, first, part.slice)),
                field => match cut(value, field, part.slice) {
                    Some(text) => key[i] = text,
                    None => return,
                },
            }
        }
        let key_len = self.parts.len();
        let Some((i, value, first, slice)) = tail else {
            *left = left.saturating_sub(1);
            return f(&key[..key_len]);
        };
        for field in Fields::of(value).skip(first) {
            if *left == 0 {
                return;
            }
            if let Some(text) = cut(field, Field::Whole, slice) {
                key[i] = text;
                *left -= 1;
                f(&key[..key_len]);
            }
        }
    }

    /// Calls `f` with the seeded hash of each key.
    pub fn each_hash<'a>(&self, record: &'a Record<'a>, seed: u64, mut f: impl FnMut(u64)) {
        self.each_prefixed(record, seed, 0, |full, _| f(full));
    }

    /// Calls `f` with the seeded hash of each key and that of its first `prefix` parts.
    pub fn each_prefixed<'a>(&self, record: &'a Record<'a>, seed: u64, prefix: usize, mut f: impl FnMut(u64, u64)) {
        if self.parts.iter().any(|p| matches!(p.field, Field::From(_))) {
            return self.each(record, |parts| f(hash(seed, parts), hash(seed, &parts[..prefix])));
        }
        let mut left = MAX_KEYS;
        self.combine(record, 0, &mut [""; MAX_PARTS], &mut |values| {
            let (mut full, mut first) = (seed, seed);
            for (i, part) in self.parts.iter().enumerate() {
                let Some(text) = cut(values[part.group], part.field, part.slice) else { return true };
                full = hash_part(full, text);
                if i + 1 == prefix {
                    first = full;
                }
            }
            f(full, first);
            left -= 1;
            left > 0
        });
    }

    /// How many keys the record gives.
    #[must_use]
    pub fn count<'a>(&self, record: &'a Record<'a>) -> usize {
        let mut count = 0;
        if let [Part { group: 0, field: Field::Whole, slice: None }] = self.parts[..] {
            record.values(self.groups[0].1).map_or(0, |v| v.iter().filter(|v| !v.is_empty()).count().min(MAX_KEYS))
        } else {
            self.each_hash(record, 0, |_| count += 1);
            count
        }
    }

    /// Whether an attribute it reads is absent or empty: there is no key then.
    #[must_use]
    pub fn lacks_any(&self, record: &Record<'_>) -> bool {
        self.groups.iter().any(|(_, id)| record.values(*id).is_none_or(|v| v.is_empty()))
    }
}

fn cut(value: &str, field: Field, slice: Option<(usize, usize)>) -> Option<&str> {
    let text = match field {
        Field::Whole | Field::From(_) => value,
        Field::At(n) => Fields::of(value).nth(n)?,
    };
    let text = match slice {
        None => text,
        Some((from, to)) => {
            let mut bounds = text.char_indices().map(|(i, _)| i).chain([text.len()]);
            let start = bounds.nth(from)?;
            let end = if to <= from { start } else { bounds.nth(to - from - 1)? };
            text.get(start..end)?
        }
    };
    (!text.is_empty()).then_some(text)
}

/// Drawn once a process: which keys collide cannot be known beforehand. Hashes never leave the process.
static SECRETS: LazyLock<RapidSecrets> = LazyLock::new(|| {
    let mut seed = [0; 8];
    // Without randomness hashes still tell keys apart; only a file made on purpose could tell otherwise.
    let _ = getrandom::fill(&mut seed);
    RapidSecrets::seed(u64::from_ne_bytes(seed))
});

fn hash_part(seed: u64, part: &str) -> u64 {
    rapidhash_v3_nano_inline::<true, false>(part.as_bytes(), &SECRETS)
        .wrapping_add(seed)
        .wrapping_mul(0x9E37_79B9_7F4A_7C15)
        .rotate_left(23)
        ^ seed
}

/// The hash of a key: of its parts in order, so that `("ab", "c")` and `("a", "bc")` differ.
#[must_use]
pub fn hash(seed: u64, parts: &[&str]) -> u64 {
    parts.iter().fold(seed, |h, part| hash_part(h, part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::record::{Buffers, Names};
    use serde_json::json;

    fn keys(selectors: &[&str], record: serde_json::Value) -> Vec<String> {
        let key = Key::compile(&OneOrMany::Many(selectors.iter().map(|s| (*s).to_owned()).collect())).expect("selector");
        let names = Names::snapshot();
        let mut rec = Record::over("", Buffers::default(), &names);
        rec.fill(&names, &record);
        let mut out = Vec::new();
        key.each(&rec, |parts| out.push(parts.join("|")));
        let mut hashes = 0;
        key.each_hash(&rec, 7, |_| hashes += 1);
        assert_eq!(hashes, out.len());
        out
    }

    #[test]
    fn reads_values_fields_tails_and_slices() {
        assert_eq!(keys(&["A"], json!({"A": ["x", "", "y"]})), ["x", "y"]);
        assert_eq!(keys(&["A$1"], json!({"A": ["x$1", "y", "z$2$3"]})), ["1", "2"]);
        assert_eq!(keys(&["A$0,2.."], json!({"A": ["c$l$m1$m2", "d$l"]})), ["c|m1", "c|m2"]);
        assert_eq!(keys(&["A[0:3]"], json!({"A": ["0951099D", "ab"]})), ["095"]);
        assert_eq!(keys(&["A$1[1:2]"], json!({"A": "x$éàü"})), ["à"]);
    }

    #[test]
    fn joins_attributes_but_reads_one_value_once() {
        assert_eq!(keys(&["@id", "A$0"], json!({"@id": "7", "A": ["x$1", "y$2"]})), ["7|x", "7|y"]);
        assert_eq!(keys(&["A$0", "B", "A$1"], json!({"A": ["x$1", "y$2"], "B": "b"})), ["x|b|1", "y|b|2"]);
        assert!(keys(&["A", "B"], json!({"A": "x"})).is_empty());
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        for bad in ["", "$1", "A$x", "A[1]", "A[1:x]", "A$0..,1.."] {
            assert!(Key::compile(&OneOrMany::One(bad.into())).is_err(), "{bad}");
        }
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(hash(1, &["ab", "c"]), hash(1, &["a", "bc"]));
        assert_ne!(hash(1, &["a"]), hash(2, &["a"]));
    }
}
