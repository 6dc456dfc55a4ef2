//! What a validation released of an account, whatever the shape of the answer.
//!
//! Holds values of an account while contracts are judged; facts made from it hold names and counts only.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value, json};

/// Where an attribute was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Beside `user`.
    Sibling,
    /// In `attributes/userAttributes`.
    Wrapper,
    /// In `attributes`.
    Attributes,
}

/// One attribute.
#[derive(Clone, Debug)]
pub struct Attribute {
    /// Local name.
    pub name: String,
    /// Values.
    pub values: Vec<String>,
    /// Where it was.
    pub place: Place,
    /// In no namespace.
    pub unqualified: bool,
}

/// What was released.
#[derive(Clone, Debug, Default)]
pub struct Release {
    /// `user`: one, in an answer that follows the protocol.
    pub user: Vec<String>,
    /// Attributes of the session.
    pub session: Vec<(String, String)>,
    /// The others, in order.
    pub attributes: Vec<Attribute>,
}

static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)^(user)?(password|passwd|pwd|mot_?de_?passe|mdp|credentials?|secret|activation_?code|reset_?code|pgt(iou|id)?|proxygrantingticket|(password|user)?hash|otp_?secret|private_?key)$").ok()
});
static HASH: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(\{(SSHA|SHA|MD5|SMD5|CRYPT|SSHA256|SSHA512|PBKDF2[^}]*)\}.+|\$2[aby]\$.{50,}|\$argon2.+|\$[156]\$.+)$").ok()
});
static LIST: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#"^\s*\[(\s*|[^\[\]]*[,"][^\[\]]*|[^\[\]]+)\]\s*$"#).ok());
static DOUBLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new("&(amp|lt|gt|quot|apos|#[0-9]{1,6}|#x[0-9a-fA-F]{1,6}|[a-z]{2,8});|Ã[\u{80}-\u{BF}]").ok());
static NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^[\p{L}_][\p{L}\p{N}_.-]*$").ok());

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|p| p.is_match(text))
}

impl Release {
    /// Adds a value.
    pub fn add(&mut self, name: &str, value: String, place: Place, unqualified: bool) {
        match self.attributes.iter_mut().find(|a| a.name == name && a.place == place) {
            Some(known) => {
                known.values.push(value);
                known.unqualified |= unqualified;
            }
            None => self.attributes.push(Attribute { name: name.to_owned(), values: vec![value], place, unqualified }),
        }
    }

    /// A value that the server says a second time, in another form: kept only when it was not said a first time.
    pub fn twin(&mut self, name: &str, value: &str) {
        let known = self.attributes.iter().find(|a| a.name == name && a.place == Place::Attributes);
        if !known.is_some_and(|a| a.values.iter().any(|v| v == value)) {
            self.add(name, value.to_owned(), Place::Attributes, false);
        }
    }

    /// `A`, `B`, `C`, or `none` without attributes.
    #[must_use]
    pub fn shape(&self) -> &'static str {
        let any = |place| self.attributes.iter().any(|a| a.place == place);
        match (any(Place::Wrapper), any(Place::Sibling), any(Place::Attributes)) {
            (true, ..) => "B",
            (_, true, _) => "A",
            (_, _, true) => "C",
            _ => "none",
        }
    }

    /// The values of an attribute.
    #[must_use]
    pub fn values(&self, name: &str) -> Vec<&str> {
        self.attributes.iter().filter(|a| a.name == name).flat_map(|a| a.values.iter().map(String::as_str)).collect()
    }

    /// Every value: what must be written nowhere.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.user.iter().map(String::as_str).chain(self.attributes.iter().flat_map(|a| a.values.iter().map(String::as_str)))
    }

    /// The attributes of the session: `typed`, `true`, `false` or `other`.
    #[must_use]
    pub fn session_facts(&self) -> Value {
        let told = |(name, value): &(String, String)| {
            let typed = match (name.as_str(), value.as_str()) {
                ("authenticationDate", date)
                    if date.parse::<jiff::Timestamp>().is_ok() || date.parse::<jiff::civil::DateTime>().is_ok() =>
                {
                    "typed"
                }
                ("authenticationDate", _) => "other",
                (_, "true" | "1") => "true",
                (_, "false" | "0") => "false",
                _ => "other",
            };
            (name.clone(), Value::from(typed))
        };
        Value::Object(self.session.iter().map(told).collect())
    }

    /// Names of the attributes that have something about them.
    pub fn named(&self, odd: impl Fn(&Attribute) -> bool) -> Vec<&str> {
        let names: BTreeSet<&str> = self.attributes.iter().filter(|a| odd(a)).map(|a| shown(&a.name)).collect();
        names.into_iter().collect()
    }

    /// Facts about the attributes, by names only.
    #[must_use]
    pub fn facts(&self) -> serde_json::Map<String, Value> {
        let any = |pattern: &'static LazyLock<Option<Regex>>| move |a: &Attribute| a.values.iter().any(|v| matches(pattern, v));
        let facts = json!({
            "shape": self.shape(),
            "attributes": self.named(|_| true),
            "count": self.named(|_| true).len(),
            "secrets": self.named(|a| matches(&SECRET, &a.name) || a.values.iter().any(|v| matches(&HASH, v))),
            "textLists": self.named(any(&LIST)),
            "unqualified": self.named(|a| a.unqualified),
            "badNames": self.named(|a| !matches(&NAME, &a.name)),
            "doubleEncoded": self.named(any(&DOUBLE)),
            "replaced": self.named(|a| a.values.iter().any(|v| v.contains('\u{FFFD}'))),
        });
        match facts {
            Value::Object(facts) => facts,
            _ => serde_json::Map::new(),
        }
    }
}

/// The name of an attribute as it may be shown: a server that makes names out of values does not leak them.
fn shown(name: &str) -> &str {
    let known = name.len() <= 48 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_.:/-".contains(c));
    // More digits than a name has: an identifier.
    if known && name.chars().filter(char::is_ascii_digit).count() <= 4 { name } else { "?" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oddities_are_told_by_names_only() {
        let mut r = Release::default();
        for (name, value) in [
            ("uid", "zoe"),
            ("motDePasse", "x"),
            ("hash", "{SSHA}abcd"),
            ("classes", "[\"6A\", \"6B\"]"),
            ("niveaux", "[National_3]"),
            ("nom", "Dupont &amp; Fils"),
            ("prenom", "ZoÃ©"),
            ("ville", "Saint-\u{FFFD}"),
            ("passwordPolicy", "none"),
            ("Zoé Dupont", "1"),
        ] {
            r.add(name, value.to_owned(), Place::Attributes, false);
        }
        let f = r.facts();
        assert_eq!(f["secrets"], json!(["hash", "motDePasse"]));
        assert_eq!(f["textLists"], json!(["classes", "niveaux"]));
        assert_eq!(f["doubleEncoded"], json!(["nom", "prenom"]));
        assert_eq!((&f["replaced"], &f["badNames"]), (&json!(["ville"]), &json!(["?"])));
        assert!(!serde_json::to_string(&f).expect("json").to_lowercase().contains("dupont"));
    }
}
