//! Selectors: where a relation, or a keyword that compares attributes, reads its keys.
//!
//! `NAME`, `NAME$1`, `NAME$0,2`, `NAME$0,2..`, `NAME[0:3]`, `BLOCK/NAME`, each with `|fold`, `|date`, `|trim`,
//! `|dn`, `|dn$` or `|groupe`, or a list of them (rules/AUTHORING.md).
//! A key is a few parts of text; it leaves here as a seeded 64-bit hash, never as text.

use std::borrow::Cow;
use std::sync::LazyLock;

use rapidhash::v3::{RapidSecrets, rapidhash_v3_nano_inline};

use super::form::{self, Form};
use crate::rules::model::OneOrMany;
use crate::source::annuaire::dn;
use crate::source::record::{Block, Fields, NameId, Record, intern};

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
    slot: usize,
    field: Field,
    slice: Option<(usize, usize)>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Field {
    Whole,
    At(usize),
    From(usize),
}

/// A member that is read, once for all the selectors on it.
#[derive(Clone, Debug)]
struct Group {
    name: String,
    id: NameId,
    /// Where its value goes among those a key is cut from.
    slot: usize,
    /// The children read in each of its blocks, and their slots; none when the member is a list of texts.
    inner: Vec<(String, NameId, usize)>,
}

/// A compiled list of selectors.
#[derive(Clone, Debug)]
pub struct Key {
    /// Members read, each once.
    groups: Vec<Group>,
    parts: Vec<Part>,
    /// Values a key is cut from.
    slots: usize,
    /// Some part reads several fields of a value.
    tail: bool,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        let read = |g: &Group| (g.name.clone(), g.inner.iter().map(|i| (i.0.clone(), i.2)).collect::<Vec<_>>());
        self.parts == other.parts && self.groups.iter().map(read).eq(other.groups.iter().map(read))
    }
}

impl Key {
    /// Compiles selectors.
    ///
    /// # Errors
    /// A selector that does not follow the syntax, or too many parts.
    pub fn compile(selectors: &OneOrMany) -> Result<Self, SelectorError> {
        let mut key = Self { groups: Vec::new(), parts: Vec::new(), slots: 0, tail: false };
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
        let tails = key.parts.iter().filter(|p| matches!(p.field, Field::From(_))).count();
        if tails > 1 {
            return error("only one part may end with `..`");
        }
        key.tail = tails == 1;
        Ok(key)
    }

    fn add(&mut self, selector: &str) -> Result<(), SelectorError> {
        let error = |why| SelectorError(selector.to_owned(), why);
        let (rest, form) = match selector.split_once('|') {
            None => (selector, Form::Written),
            Some((rest, name)) => (rest, Form::named(name).ok_or_else(|| error(form::EXPECTED))?),
        };
        let (rest, slice) = match rest.strip_suffix(']').and_then(|s| s.split_once('[')) {
            Some((rest, range)) => {
                let (from, to) = range.split_once(':').ok_or_else(|| error("a slice is written [from:to]"))?;
                let bound = |s: &str| s.parse().map_err(|_| error("a slice is written [from:to]"));
                (rest, Some((bound(from)?, bound(to)?)))
            }
            None => (rest, None),
        };
        let (name, fields) = match rest.split_once('$') {
            Some((name, fields)) => (name, Some(fields)),
            None => (rest, None),
        };
        let (name, child) = match name.split_once('/') {
            Some((name, child)) => (name, Some(child)),
            None => (name, None),
        };
        if [Some(name), child].into_iter().flatten().any(|n| n.is_empty() || n.contains(['[', ']', ' ', '/'])) {
            return Err(error("the name of an attribute is expected"));
        }
        let slot = self.slot(name, child).ok_or_else(|| error("a member is read whole or by its children, not both"))?;
        let Some(fields) = fields else {
            self.parts.push(Part { slot, field: Field::Whole, slice, form });
            return Ok(());
        };
        for field in fields.split(',') {
            let (number, tail) = field.strip_suffix("..").map_or((field, false), |n| (n, true));
            let number = number.parse().map_err(|_| error("fields are numbers: $0,2.."))?;
            let field = if tail { Field::From(number) } else { Field::At(number) };
            self.parts.push(Part { slot, field, slice, form });
        }
        Ok(())
    }

    /// Where the value of a member, or of a child of its blocks, is put.
    fn slot(&mut self, name: &str, child: Option<&str>) -> Option<usize> {
        let group = self.groups.iter().position(|g| g.name == name).unwrap_or_else(|| {
            self.groups.push(Group { name: name.to_owned(), id: intern(name), slot: usize::MAX, inner: Vec::new() });
            self.groups.len() - 1
        });
        let group = &mut self.groups[group];
        let free = self.slots;
        let slot = match child {
            None if !group.inner.is_empty() => return None,
            Some(_) if group.slot != usize::MAX => return None,
            None if group.slot != usize::MAX => group.slot,
            None => {
                group.slot = free;
                free
            }
            Some(child) => match group.inner.iter().find(|i| i.0 == child) {
                Some((_, _, slot)) => *slot,
                None => {
                    group.inner.push((child.to_owned(), intern(child), free));
                    free
                }
            },
        };
        self.slots = self.slots.max(slot + 1);
        Some(slot)
    }

    /// Number of parts.
    #[must_use]
    pub fn parts(&self) -> usize {
        self.parts.len()
    }

    /// The attribute to show for this key: the first that is not about the request.
    #[must_use]
    pub fn attribute(&self) -> Option<&str> {
        self.attribute_from(0)
    }

    /// The same, of its parts from `first` on.
    #[must_use]
    pub fn attribute_from(&self, first: usize) -> Option<&str> {
        self.names_from(first).next()
    }

    /// How the parts of the key from `first` on are named to a reader: their attributes, those about the request left out.
    #[must_use]
    pub fn name_from(&self, first: usize) -> Option<String> {
        let names: Vec<&str> = self.names_from(first).collect();
        (!names.is_empty()).then(|| names.join(" + "))
    }

    fn names_from(&self, first: usize) -> impl Iterator<Item = &str> {
        let read = move |g: &&Group| self.parts.iter().skip(first).any(|p| p.slot == g.slot || g.inner.iter().any(|i| i.2 == p.slot));
        self.groups.iter().filter(read).map(|g| g.name.as_str()).filter(|name| !name.starts_with('@'))
    }

    /// Whether it reads that member.
    #[must_use]
    pub fn reads(&self, name: &str) -> bool {
        self.groups.iter().any(|g| g.name == name)
    }

    /// Calls `f` with the parts of each key of the record. Keys with an empty or missing part are left out.
    pub fn each<'a>(&self, record: &'a Record<'a>, mut f: impl FnMut(&[&str])) {
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
        let Some(group_read) = self.groups.get(group) else { return f(values) };
        let Some(list) = record.values(group_read.id) else { return true };
        let last = group + 1 == self.groups.len();
        if group_read.inner.is_empty() {
            return list.iter().all(|value| {
                values[group_read.slot] = value;
                if last { f(values) } else { self.combine(record, group + 1, values, f) }
            });
        }
        list.blocks().all(|block| {
            // Children of one block belong together.
            inside(block, &group_read.inner, values, &mut |values| {
                if last { f(values) } else { self.combine(record, group + 1, values, f) }
            })
        })
    }

    fn emit(&self, values: &[&str; MAX_PARTS], left: &mut usize, f: &mut impl FnMut(&[&str])) {
        let mut key: [Cow<'_, str>; MAX_PARTS] = Default::default();
        let mut tail = None;
        for (i, part) in self.parts.iter().enumerate() {
            let value = values[part.slot];
            match part.field {
                Field::From(first) => tail = Some((i, value, first, part)),
                field => match cut(value, field, part.slice).and_then(|text| form::formed(text, part.form)) {
                    Some(text) => key[i] = text,
                    None => return,
                },
            }
        }
        let key_len = self.parts.len();
        let mut tell = |key: &[Cow<'_, str>; MAX_PARTS]| {
            let mut texts = [""; MAX_PARTS];
            texts.iter_mut().zip(key).for_each(|(text, part)| *text = part);
            f(&texts[..key_len]);
        };
        let Some((i, value, first, part)) = tail else {
            *left = left.saturating_sub(1);
            return tell(&key);
        };
        for field in Fields::of(value).skip(first) {
            if *left == 0 {
                return;
            }
            if let Some(text) = cut(field, Field::Whole, part.slice).and_then(|text| form::formed(text, part.form)) {
                key[i] = text;
                *left -= 1;
                tell(&key);
            }
        }
    }

    /// Calls `f` with the seeded hash of each key.
    pub fn each_hash<'a>(&self, record: &'a Record<'a>, seed: u64, mut f: impl FnMut(u64)) {
        self.each_prefixed(record, seed, 0, |full, _| f(full));
    }

    /// Calls `f` with the seeded hash of each key and that of its first `prefix` parts.
    pub fn each_prefixed<'a>(&self, record: &'a Record<'a>, seed: u64, prefix: usize, mut f: impl FnMut(u64, u64)) {
        if self.tail {
            return self.each(record, |parts| f(hash(seed, parts), hash(seed, &parts[..prefix])));
        }
        let mut values = [""; MAX_PARTS];
        // Nearly all members that keys read have one value.
        let single = self.groups.iter().all(|group| {
            let list = record.values(group.id).filter(|list| list.len() == 1 && group.inner.is_empty());
            list.and_then(|list| list.get(0)).map(|value| values[group.slot] = value).is_some()
        });
        if single {
            if let Some((full, first)) = self.hashes(&values, seed, prefix) {
                f(full, first);
            }
            return;
        }
        let mut left = MAX_KEYS;
        self.combine(record, 0, &mut values, &mut |values| {
            if let Some((full, first)) = self.hashes(values, seed, prefix) {
                f(full, first);
                left -= 1;
            }
            left > 0
        });
    }

    /// The hash of the key cut from these values and that of its first `prefix` parts; none when a part is empty.
    #[inline]
    fn hashes(&self, values: &[&str; MAX_PARTS], seed: u64, prefix: usize) -> Option<(u64, u64)> {
        let (mut full, mut first) = (seed, seed);
        for (i, part) in self.parts.iter().enumerate() {
            let text = cut(values[part.slot], part.field, part.slice)?;
            full = match part.form {
                Form::Written => hash_part(full, text),
                Form::Named => dn::with_normal(text, |name| (!name.is_empty()).then(|| hash_part(full, name)))??,
                form => hash_part(full, &form::formed(text, form)?),
            };
            if i + 1 == prefix {
                first = full;
            }
        }
        Some((full, first))
    }

    /// How many keys the record gives.
    #[must_use]
    pub fn count<'a>(&self, record: &'a Record<'a>) -> usize {
        let mut count = 0;
        if let ([Part { field: Field::Whole, slice: None, form: Form::Written, .. }], [Group { inner, id, .. }]) =
            (&self.parts[..], &self.groups[..])
            && inner.is_empty()
        {
            record.values(*id).map_or(0, |v| v.iter().filter(|v| !v.is_empty()).count().min(MAX_KEYS))
        } else {
            self.each_hash(record, 0, |_| count += 1);
            count
        }
    }

    /// Whether an attribute it reads is absent or empty: there is no key then.
    #[must_use]
    pub fn lacks_any(&self, record: &Record<'_>) -> bool {
        self.groups.iter().any(|g| record.values(g.id).is_none_or(|v| v.is_empty()))
    }
}

/// Calls `f` with each combination of the values of these children of a block, until it returns false.
fn inside<'a>(
    block: Block<'a>,
    children: &[(String, NameId, usize)],
    values: &mut [&'a str; MAX_PARTS],
    f: &mut dyn FnMut(&mut [&'a str; MAX_PARTS]) -> bool,
) -> bool {
    let Some(((_, id, slot), rest)) = children.split_first() else { return f(values) };
    block.values(*id).into_iter().flat_map(|v| v.iter()).all(|value| {
        values[*slot] = value;
        inside(block, rest, values, f)
    })
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

#[inline]
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
    fn children_of_one_block_belong_together() {
        let record = json!({"I": "7", "P": [{"U": "u1", "R": "a"}, {"U": "u2", "R": ["b", "c"]}, {"U": "u3"}]});
        assert_eq!(keys(&["P/U"], record.clone()), ["u1", "u2", "u3"]);
        assert_eq!(keys(&["I", "P/U", "P/R"], record.clone()), ["7|u1|a", "7|u2|b", "7|u2|c"]);
        assert!(keys(&["P"], record).is_empty());
    }

    #[test]
    fn forms_bring_two_writings_together() {
        assert_eq!(keys(&["A|fold", "B|date"], json!({"A": "Zoé-Lou", "B": "29/02/2008"})), ["ZOELOU|20080229"]);
        assert_eq!(keys(&["A|trim"], json!({"A": [" x ", "  "]})), ["x"]);
        assert!(keys(&["A|date"], json!({"A": "2008"})).is_empty());
        assert_eq!(keys(&["A$0|dn"], json!({"A": ["UID=a\\2Cb, OU=x$6A", "0990001N$6A"]})), ["uid=a\\,b,ou=x"]);
        assert_eq!(keys(&["A|groupe"], json!({"A": ["cn=19990001400017_6A,ou=groupes,dc=x", "uid=a,dc=x", "0990001N$6A"]})), ["6A"]);
        let classes = json!({"A": ["cn=1999$6A,ou=x,dc=Org$SCONET", "CN=1999$6A, ou=x,dc=org", "0990001N$6A"]});
        assert_eq!(keys(&["A|dn$"], classes), ["cn=1999$6a,ou=x,dc=org", "cn=1999$6a,ou=x,dc=org"]);
    }

    #[test]
    fn refuses_what_it_cannot_read() {
        for bad in ["", "$1", "A$x", "A[1]", "A[1:x]", "A$0..,1..", "A|x", "A/", "/B", "A/B/C"] {
            assert!(Key::compile(&OneOrMany::One(bad.into())).is_err(), "{bad}");
        }
        assert!(Key::compile(&OneOrMany::Many(vec!["A".into(), "A/B".into()])).is_err());
    }

    #[test]
    fn parts_do_not_run_together() {
        assert_ne!(hash(1, &["ab", "c"]), hash(1, &["a", "bc"]));
        assert_ne!(hash(1, &["a"]), hash(2, &["a"]));
    }
}
