//! Reading YAML into types, with errors that name file, line and JSON pointer.
//!
//! Everything user-written goes through here: requirement files, target files, tailoring. Sizes and
//! depths are bounded by the parser's budget.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_saphyr::Spanned;

use crate::privacy;

/// Something wrong in a file the user wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}{}: {why}", .file.display(), if .pointer.is_empty() { String::new() } else { format!(" ({pointer})") })]
pub struct FileError {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: u64,
    /// JSON pointer of the value at fault; empty for the whole file.
    pub pointer: String,
    /// What is wrong and what was expected.
    pub why: String,
}

/// Parses a file's text into JSON.
///
/// # Errors
/// What is not YAML.
pub fn value(file: &Path, text: &str) -> Result<Value, FileError> {
    let options = serde_saphyr::options! { leading_zero_numbers_as_strings: true };
    serde_saphyr::from_str_with_options(text, options).map_err(|e| FileError {
        file: file.to_owned(),
        line: e.location().map_or(1, |l| l.line()),
        pointer: String::new(),
        why: privacy::without_values(&first_line(&e.to_string())),
    })
}

/// Parses a file's text into a type.
///
/// # Errors
/// What is not YAML, or not of that type.
pub fn typed<T: DeserializeOwned>(file: &Path, text: &str) -> Result<T, FileError> {
    from_value(file, text, value(file, text)?, "")
}

/// Types a part of a file already parsed; `pointer` says which, for errors.
///
/// # Errors
/// What is not of that type.
pub fn from_value<T: DeserializeOwned>(file: &Path, text: &str, value: Value, pointer: &str) -> Result<T, FileError> {
    serde_path_to_error::deserialize(value).map_err(|e| {
        let mut at = pointer.to_owned();
        for segment in e.path() {
            match segment {
                serde_path_to_error::Segment::Seq { index } => at.push_str(&format!("/{index}")),
                serde_path_to_error::Segment::Map { key } => at.push_str(&format!("/{key}")),
                _ => {}
            }
        }
        error_at(file, text, &at, &privacy::without_values(&e.into_inner().to_string()))
    })
}

/// An error at a JSON pointer of a file, with its line.
#[must_use]
pub fn error_at(file: &Path, text: &str, pointer: &str, why: &str) -> FileError {
    FileError { file: file.to_owned(), line: line_of(text, pointer), pointer: pointer.to_owned(), why: why.to_owned() }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

/// The line where the value of a pointer starts; of its nearest parent when it is absent.
#[must_use]
pub fn line_of(text: &str, pointer: &str) -> u64 {
    let Ok(tree) = serde_saphyr::from_str::<Spanned<Located>>(text) else { return 1 };
    let mut node = &tree;
    let mut line = node.referenced.line();
    for part in pointer.split('/').skip(1) {
        let next = match &node.value {
            Located::Map(entries) => entries.iter().find(|(k, _)| k.value == part).map(|(k, v)| (k.referenced.line(), v)),
            Located::Seq(items) => part.parse::<usize>().ok().and_then(|i| items.get(i)).map(|v| (v.referenced.line(), v)),
            Located::Leaf => None,
        };
        let Some((at, child)) = next else { break };
        (line, node) = (at, child);
    }
    line.max(1)
}

/// The shape of a document with its places, built only to locate an error.
enum Located {
    Map(Vec<(Spanned<String>, Spanned<Located>)>),
    Seq(Vec<Spanned<Located>>),
    Leaf,
}

impl<'de> Deserialize<'de> for Located {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LocatedVisitor)
    }
}

struct LocatedVisitor;

macro_rules! leaf {
    ($($name:ident: $type:ty),+) => { $(fn $name<E>(self, _: $type) -> Result<Located, E> { Ok(Located::Leaf) })+ };
}

impl<'de> Visitor<'de> for LocatedVisitor {
    type Value = Located;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any YAML")
    }
    leaf!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_i128: i128, visit_u128: u128, visit_f64: f64, visit_str: &str);
    fn visit_unit<E>(self) -> Result<Located, E> {
        Ok(Located::Leaf)
    }
    fn visit_none<E>(self) -> Result<Located, E> {
        Ok(Located::Leaf)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Located, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Located::Seq(items))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Located, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Located::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Thing {
        #[allow(dead_code)]
        list: Vec<u8>,
    }

    #[test]
    fn an_error_names_file_line_and_pointer() {
        let text = "# head\nlist:\n  - 1\n  - deux\n";
        let e = typed::<Thing>(Path::new("a.yaml"), text).expect_err("not a number");
        assert_eq!((e.line, e.pointer.as_str()), (4, "/list/1"));
        assert!(e.to_string().starts_with("a.yaml:4 (/list/1): "), "{e}");
    }

    #[test]
    fn broken_yaml_is_located_too() {
        let e = value(Path::new("a.yaml"), "a: [1,\nb: 2").expect_err("broken");
        assert!(e.line >= 1 && e.pointer.is_empty());
    }

    #[test]
    fn codes_keep_their_zeros() {
        assert_eq!(value(Path::new("x"), "a: 061300").expect("yaml")["a"], "061300");
    }
}
