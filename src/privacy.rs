//! The only way a value enters a finding: as a keyed pseudonym, a shape, or a public code.
//!
//! Pupils are minors. A raw value of a person must never reach a finding, a log, a panic or a report.
//! The key is drawn once per audit, kept beside the target with mode 0600, never in a report.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::source::Kind;

/// Longest shape shown, in characters.
const MAX_SHAPE: usize = 32;
/// Attributes of structures and code lists whose values are public codes.
const PUBLIC_CODES: &[&str] = &[
    "ENTStructureJointure",
    "ENTStructureUAI",
    "ENTEtablissementUAI",
    "ENTStructureSIREN",
    "ENTStructureCodeTypeStruct",
    "ENTEtablissementContrat",
    "ENTEcoleSecteur",
    "ENTMefJointure",
    "ENTMEFRattach",
    "ENTMEFSTAT11",
    "ENTMatJointure",
    "ENTMatiereRattach",
];

/// A key that cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[error("pseudonym key {path}: {source}")]
pub struct KeyError {
    path: String,
    source: std::io::Error,
}

/// Turns identifiers into pseudonyms under one key.
#[derive(Clone)]
pub struct Pseudonyms {
    key: [u8; 32],
}

impl std::fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pseudonyms")
    }
}

impl Pseudonyms {
    /// Under a given key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Under a key that is forgotten with the process: pseudonyms of two runs do not compare.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn ephemeral() -> Result<Self, KeyError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|e| KeyError { path: "(memory)".into(), source: std::io::Error::other(e.to_string()) })?;
        Ok(Self { key })
    }

    /// Under the key kept in `path`, drawn and written there (mode 0600) the first time.
    ///
    /// # Errors
    /// The file cannot be read, written, or does not hold 32 bytes.
    pub fn kept_in(path: &Path) -> Result<Self, KeyError> {
        let error = |source| KeyError { path: path.display().to_string(), source };
        match std::fs::read(path) {
            Ok(bytes) => match <[u8; 32]>::try_from(bytes.as_slice()) {
                Ok(key) => Ok(Self { key }),
                Err(_) => Err(error(std::io::Error::new(std::io::ErrorKind::InvalidData, "32 bytes are expected"))),
            },
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                let new = Self::ephemeral()?;
                write_private(path, &new.key).map_err(error)?;
                Ok(new)
            }
            Err(e) => Err(error(e)),
        }
    }

    /// What stands for the identifier of a record: its pseudonym for a person, itself for a structure
    /// or a code.
    #[must_use]
    pub fn subject(&self, kind: Kind, id: &str) -> String {
        if !kind.info().personal && is_code(id) {
            return id.to_owned();
        }
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return String::from("#") };
        mac.update(id.as_bytes());
        let digest = mac.finalize().into_bytes();
        digest.iter().take(5).fold(String::from("#"), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }
}

/// What is shown of a value: itself for a public code of a structure or a code list, its shape otherwise.
#[must_use]
pub fn shown(kind: Option<Kind>, attribute: &str, value: &str) -> String {
    let public = kind.is_some_and(|k| !k.info().personal) && PUBLIC_CODES.contains(&attribute);
    if public && is_code(value) { value.to_owned() } else { shape(value) }
}

/// The name of an attribute as a file writes it, shown only if it looks like one.
#[must_use]
pub fn attribute_name(name: &str) -> String {
    let known = ["ENT", "PersEducNat"].iter().any(|prefix| name.starts_with(prefix));
    if known && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric()) { name.to_owned() } else { shape(name) }
}

/// The name of an attribute that a requirement or a file mentions.
#[must_use]
pub fn attribute_name_or_known(name: &str) -> String {
    // What a requirement names is ours to print; what only a file names is checked first.
    let ours = crate::source::record::Names::snapshot().get(name) != crate::source::record::NameId::OTHER;
    if ours { name.to_owned() } else { attribute_name(name) }
}

/// Digits become `9`, letters `a` or `A`, the rest stays when it is ASCII punctuation.
#[must_use]
pub fn shape(value: &str) -> String {
    let mut out: String = value
        .chars()
        .take(MAX_SHAPE)
        .map(|c| match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_uppercase() => 'A',
            c if c.is_alphabetic() => 'a',
            c if c.is_ascii_graphic() || c == ' ' => c,
            _ => '?',
        })
        .collect();
    if value.chars().nth(MAX_SHAPE).is_some() {
        out.push('…');
    }
    out
}

/// Digits and capitals, mostly digits: a capitalised name put where a code belongs is not one.
fn is_code(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_uppercase).count();
    (1..=14).contains(&value.len()) && digits + letters == value.len() && (letters <= digits || letters <= 2)
}

fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_never_shown() {
        let pseudonyms = Pseudonyms::new([7; 32]);
        let (pupil, school) = (Kind::named("aaf.Eleve").expect("kind"), Kind::named("aaf.EtabEducNat").expect("kind"));
        let subject = pseudonyms.subject(pupil, "2000000");
        assert!(subject.starts_with('#') && !subject.contains("2000000"));
        assert_eq!(subject, pseudonyms.subject(pupil, "2000000"));
        assert_ne!(subject, Pseudonyms::new([8; 32]).subject(pupil, "2000000"));
        assert_eq!(pseudonyms.subject(school, "3000"), "3000");
        assert_eq!(shown(Some(pupil), "ENTStructureUAI", "0123456A"), "9999999A");
        assert_eq!(shown(Some(school), "ENTStructureUAI", "0123456A"), "0123456A");
        assert_eq!(shown(Some(school), "ENTStructureUAI", "Jean Dupont"), "Aaaa Aaaaaa");
        assert_eq!(shown(Some(school), "ENTStructureUAI", "DUPONT"), "AAAAAA");
        assert_eq!(shown(Some(school), "ENTEtablissementContrat", "PR"), "PR");
        assert!(pseudonyms.subject(school, "DUPONT").starts_with('#'));
    }

    #[test]
    fn shapes_are_bounded() {
        assert_eq!(shape("Éva-1\u{7}"), "Aaa-9?");
        assert_eq!(shape(&"x".repeat(100)).chars().count(), MAX_SHAPE + 1);
    }

    #[test]
    fn the_key_is_kept_and_private() {
        let dir = tempfile::tempdir().expect("dir");
        let path = dir.path().join("a/key");
        let first = Pseudonyms::kept_in(&path).expect("new key");
        assert_eq!(first.key, Pseudonyms::kept_in(&path).expect("same key").key);
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).expect("file").permissions());
            assert_eq!(mode & 0o777, 0o600);
        }
        std::fs::write(&path, b"short").expect("write");
        assert!(Pseudonyms::kept_in(&path).is_err());
    }
}
