//! What a third-party service expects of the ENT when it validates a ticket: data, one file a service.
//!
//! Written by an auditor in `services-tiers/contrats/`, typed here, its schemas tried when the set is loaded. Depends on the
//! vocabulary of checks only. Must never hold a value of a person, nor judge an answer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::model::Text;
use crate::check::schema::{SchemaError, Schemas};

/// The contract of one service.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Contract {
    /// Name used by target files: lower-case words joined by hyphens, that of the file.
    #[schemars(regex(pattern = r"^[a-z0-9]+(-[a-z0-9]+)*$"))]
    pub id: String,
    /// The service.
    pub title: Text,
    /// Keys of `sources` in `referentiel.yaml`.
    #[schemars(length(min = 1))]
    pub sources: Vec<String>,
    /// Where the attributes may be in the answer.
    #[schemars(length(min = 1))]
    pub shape: Vec<Shape>,
    /// JSON Schema of the list that holds the text of `user`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Value>,
    /// Whether several values may come as one text (`["a","b"]`, `[a, b]`).
    #[serde(default, rename = "textLists", skip_serializing_if = "TextLists::is_default")]
    pub text_lists: TextLists,
    /// Whether attributes that are not declared here are fine.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub open: bool,
    /// What `profileAttribute` holds for each kind of account.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {"enum": ["eleve", "parent", "enseignant", "personnel"]}))]
    pub profiles: BTreeMap<Account, Vec<String>>,
    /// The attribute that tells the profile.
    #[serde(default, rename = "profileAttribute", skip_serializing_if = "Option::is_none")]
    pub profile_attribute: Option<String>,
    /// The attributes, by local name.
    pub attributes: BTreeMap<String, Attribute>,
}

/// One attribute of a contract.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// The service does not work without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// It tells who somebody is, or about them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub personal: bool,
    /// JSON Schema of the list of its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Value>,
}

/// Where attributes are in a successful answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Shape {
    /// Beside `user`.
    A,
    /// In `attributes/userAttributes`.
    B,
    /// In `attributes`, as version 3 of the protocol has it.
    C,
    /// None but `user`.
    #[serde(rename = "none")]
    None,
}

/// Lists written as one text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum TextLists {
    /// One element a value.
    #[default]
    Forbidden,
    /// The service reads them.
    Allowed,
}

impl TextLists {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// Kinds of account that a contract tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Account {
    /// A pupil.
    Eleve,
    /// A responsible person.
    Parent,
    /// A teacher.
    Enseignant,
    /// Other staff.
    Personnel,
}

impl Account {
    /// The word of target files.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Eleve => "eleve",
            Self::Parent => "parent",
            Self::Enseignant => "enseignant",
            Self::Personnel => "personnel",
        }
    }
}

impl Shape {
    /// The word of facts (`rules/AUTHORING.md`).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::None => "none",
        }
    }
}

impl Contract {
    /// What types alone do not say: pointer and reason of the first fault.
    pub(super) fn fault(&self, schemas: &Schemas) -> Option<(String, String)> {
        let wrong = |pointer: String, e: SchemaError| (format!("{pointer}{}", e.pointer), e.why);
        let tried = |pointer: String, schema: Option<&Value>| schema.and_then(|s| schemas.facts(s).err()).map(|e| wrong(pointer, e));
        if let Some(fault) = tried("/user".to_owned(), self.user.as_ref()) {
            return Some(fault);
        }
        for (name, attribute) in &self.attributes {
            if let Some(fault) = tried(format!("/attributes/{name}/values"), attribute.values.as_ref()) {
                return Some(fault);
            }
        }
        match &self.profile_attribute {
            Some(name) if !self.attributes.contains_key(name) => {
                Some(("/profileAttribute".to_owned(), format!("the contract has no attribute `{name}`")))
            }
            None if !self.profiles.is_empty() => Some(("/profiles".to_owned(), "no profileAttribute says where to read them".to_owned())),
            _ => None,
        }
    }
}
