//! The only way a value enters a finding: as a keyed pseudonym, a shape, or a public code.
//!
//! Pupils are minors. A raw value of a person must never reach a finding, a log, a panic or a report.
//! The key is drawn once per audit, kept beside the target with mode 0600, never in a report.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::sync::LazyLock;

use hmac::{Hmac, KeyInit, Mac};
use regex::Regex;
use sha2::Sha256;

use crate::source::Kind;

/// Longest shape shown, in characters.
const MAX_SHAPE: usize = 32;
/// Attributes of structures and code lists whose values are public codes, with the forms of these: `9` a digit,
/// `A` a capital, `X` either. What has another form may be anything, a name among others.
const PUBLIC_CODES: &[(&str, &[&str])] = &[
    ("ENTStructureJointure", IDS),
    ("ENTStructureUAI", &[UAI]),
    ("ENTEtablissementUAI", &[UAI]),
    ("ENTStructureSIREN", &["99999999999999", "999999999"]),
    ("ENTStructureCodeTypeStruct", &["XXX", "XX"]),
    ("ENTEtablissementContrat", &["AA"]),
    ("ENTEcoleSecteur", &["AA"]),
    ("ENTMefJointure", &[MEF]),
    ("ENTMEFRattach", &[MEF]),
    ("ENTMEFSTAT11", &[MEF]),
    ("ENTMatJointure", &[MATIERE]),
    ("GARStructureUAI", &[UAI]),
    ("GAREtablissementStructRattachFctl", &[UAI]),
    ("GARStructureContrat", &["AA"]),
    ("GARMEFCode", &[MEF]),
    ("GARMEFRattach", &[MEF]),
    ("GARMEFSTAT11", &[MEF]),
    ("GARMatiereCode", &[MATIERE]),
    ("ENTMatiereRattach", &[MATIERE]),
];
/// Ten digits are a telephone number as well: too long to be shown without knowing.
const IDS: &[&str] = &["9", "99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999"];
const UAI: &str = "9999999A";
const MEF: &str = "9999999X99X";
const MATIERE: &str = "99XX99";

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

    /// A key of its own for another use: neither tells the other.
    #[must_use]
    pub fn derived(&self, use_of: &str) -> [u8; 32] {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return [0; 32] };
        mac.update(b"derived:");
        mac.update(use_of.as_bytes());
        mac.finalize().into_bytes().into()
    }

    /// What stands for the identifier of a record: its pseudonym for a person, itself for a structure
    /// or a code.
    #[must_use]
    pub fn subject(&self, kind: Kind, id: &str) -> String {
        if !kind.info().personal && IDS.iter().chain(&[UAI, MEF, MATIERE]).any(|form| has_form(id, form)) {
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
    if is_secret(attribute) {
        return "…".to_owned();
    }
    let forms = PUBLIC_CODES.iter().find(|(name, _)| *name == attribute).map_or(&[][..], |(_, forms)| forms);
    // A code cut short is of use to whoever corrects it, and seven digits are no name, number or date.
    let cut = if forms.is_empty() { &[] } else { &IDS[..7] };
    let public = kind.is_some_and(|k| !k.info().personal) && forms.iter().chain(cut).any(|form| has_form(value, form));
    if public { value.to_owned() } else { shape(value) }
}

/// Whether an attribute holds a secret, of which not even the shape is shown: it would say how long it is, and of what.
#[must_use]
pub fn is_secret(attribute: &str) -> bool {
    let name = attribute.to_ascii_lowercase();
    ["password", "passwd", "pwd"].iter().any(|part| name.contains(part))
}

/// The message of a parser, without the value it quotes: what was read may be a list of pupils, given by mistake.
#[must_use]
pub fn without_values(message: &str) -> String {
    static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?s)\b(string) ".*"|\b(integer|floating point|boolean|character|byte array) `[^`]*`|\bunknown variant `[^`]*`, "#)
            .ok()
    });
    QUOTED.as_ref().map_or_else(String::new, |quoted| quoted.replace_all(message, "$1$2").into_owned())
}

/// The name of an attribute as a file writes it, shown only if it looks like one.
#[must_use]
pub fn attribute_name(name: &str) -> String {
    let known = ["ENT", "GAR", "PersEducNat"].iter().any(|prefix| name.starts_with(prefix));
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

fn has_form(value: &str, form: &str) -> bool {
    let fits = |(v, f): (u8, u8)| match f {
        b'9' => v.is_ascii_digit(),
        b'A' => v.is_ascii_uppercase(),
        _ => v.is_ascii_digit() || v.is_ascii_uppercase(),
    };
    value.len() == form.len() && value.bytes().zip(form.bytes()).all(fits)
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
    fn a_secret_has_no_shape() {
        for secret in ["userPassword", "sambaNTPassword", "pwdHistory", "unixPasswd"] {
            assert!(is_secret(secret) && shown(None, secret, "Soleil2024") == "…", "{secret}");
        }
        assert!(!is_secret("ENTPersonLogin"));
    }

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
        for (attribute, abused) in [
            ("ENTStructureUAI", "DUPONT"),
            ("ENTStructureUAI", "123456789AB"),
            ("ENTStructureSIREN", "0612345678"),
            ("ENTStructureJointure", "0612345678"),
            ("ENTMefJointure", "DUPONT"),
        ] {
            assert_eq!(shown(Some(school), attribute, abused), shape(abused));
        }
        assert_eq!(shown(Some(school), "ENTStructureUAI", "0123456"), "0123456");
        assert_eq!(shown(Some(school), "ENTStructureUAI", "17031913"), "99999999");
        assert_eq!(shown(Some(school), "ENTEtablissementContrat", "XX"), "XX");
        assert_eq!(shown(Some(school), "ENTMEFRattach", "1001001211A"), "1001001211A");
        assert_eq!(pseudonyms.subject(school, "10010012110"), "10010012110");
        assert!(pseudonyms.subject(school, "DUPONT").starts_with('#') && pseudonyms.subject(school, "0612345678").starts_with('#'));
    }

    #[test]
    fn messages_of_parsers_lose_what_they_quote() {
        for (said, left) in [
            ("invalid type: string \"Dupont \\\"Zoé\\\"\", expected struct Target", "invalid type: string, expected struct Target"),
            ("check: invalid type: integer `612345678`, expected a sequence", "check: invalid type: integer, expected a sequence"),
            ("unknown variant `DUPONT`, expected `a` or `b`", "expected `a` or `b`"),
            ("missing field `name`", "missing field `name`"),
        ] {
            assert_eq!(without_values(said), left);
        }
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
