//! The shape of `annuaire/modele/*.yaml`: the reference model of the directory, as an auditor corrects it.
//!
//! Names are matched by name and without case, never by OID. It is data: it decides nothing.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Formatter;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::de::{IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::model::Text;

/// A part of the reference model of the directory.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DirectoryModel {
    /// Name of the part.
    pub id: String,
    /// What it describes.
    pub title: Text,
    /// Keys of `sources`.
    pub sources: Vec<String>,
    /// Object classes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub classes: BTreeMap<String, ObjectClass>,
    /// Attributes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
}

/// An object class.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ObjectClass {
    /// Kind.
    pub kind: ClassKind,
    /// Classes it adds to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sup: Vec<String>,
    /// Attributes that an entry must have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must: Vec<String>,
    /// Attributes that it may have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub may: Vec<String>,
}

/// Kind of an object class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ClassKind {
    /// What an entry is.
    Structural,
    /// What is added to it.
    Auxiliary,
    /// What others are made from.
    Abstract,
}

/// An attribute.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Syntax of its values.
    pub syntax: Syntax,
    /// It has one value at most.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub single: bool,
    /// How two values are compared; by default without case for a text, as names for a DN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub equality: Option<Equality>,
    /// Most characters of a value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
    /// Other names of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Classes of the entries it names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Fields between `$`, the first of which names a structure or a group.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub composite: bool,
    /// The server writes it: any entry may have it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub operational: bool,
    /// Marked as deprecated by the schema that was read.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub deprecated: bool,
}

/// Syntax of the values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Syntax {
    /// Any text.
    Text,
    /// The name of an entry.
    Dn,
    /// ASCII only.
    Ia5,
    /// A telephone number.
    Telephone,
    /// A UUID.
    Uuid,
    /// The name of an object class.
    Oid,
    /// Bytes: never looked into.
    Octets,
}

/// How two values are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Equality {
    /// Without case nor spaces that do not count.
    IgnoreCase,
    /// As written.
    Exact,
    /// As names.
    Dn,
}

/// How a directory is written, where public implementations differ. What a target declares is believed; the rest is
/// detected. A word alone, `dialect: uai`, is that of `composites`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dialect {
    /// What comes first in composite values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub composites: Option<Composites>,
    /// How profiles are written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Profiles>,
    /// The name that all entries are under, where the export holds a part of the tree only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
}

/// How a directory is written, member by member. What is not declared is detected.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "DialectMembers")]
struct Members {
    /// What comes first in composite values.
    #[serde(default)]
    composites: Option<Composites>,
    /// How profiles are written.
    #[serde(default)]
    profiles: Option<Profiles>,
    /// The name that all entries are under, where the export holds a part of the tree only.
    #[serde(default)]
    suffix: Option<String>,
}

impl<'de> Deserialize<'de> for Dialect {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Written;
        // Not an untagged enum: what is wrong would be told as « no variant matches ».
        impl<'de> Visitor<'de> for Written {
            type Value = Dialect;
            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                f.write_str("`dn`, `group-dn`, `uai` or `id`, or a mapping of `composites`, `profiles` and `suffix`")
            }
            fn visit_str<E: serde::de::Error>(self, word: &str) -> Result<Dialect, E> {
                // Said with the name of the key: behind a `kind`, the place of an error is that of the source.
                let expected = |_: E| E::custom("expected dialect: `dn`, `group-dn`, `uai`, `id`");
                Ok(Dialect { composites: Some(Composites::deserialize(word.into_deserializer()).map_err(expected)?), ..Dialect::default() })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Dialect, A::Error> {
                let Members { composites, profiles, suffix } = Members::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Dialect { composites, profiles, suffix })
            }
        }
        deserializer.deserialize_any(Written)
    }
}

impl JsonSchema for Dialect {
    fn schema_name() -> Cow<'static, str> {
        "Dialect".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (word, members) = (generator.subschema_for::<Composites>(), generator.subschema_for::<Members>());
        schemars::json_schema!({
            "anyOf": [word, members],
            "description": "How a directory is written, where public implementations differ. What a target declares is believed; the rest is\ndetected. A word alone, `dialect: uai`, is that of `composites`."
        })
    }
}

/// What a directory has beside the model, and is known to have: what the target declares is no longer told of as unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Local {
    /// Object classes, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Attributes, by name and without options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<String>,
}

impl Local {
    /// Pointer of the first thing that is no name (RFC 4512, 1.4).
    #[must_use]
    pub fn fault(&self) -> Option<String> {
        let is_name = |name: &String| {
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        };
        let wrong = |list: &[String], of: &str| list.iter().position(|name| !is_name(name)).map(|i| format!("/local/{of}/{i}"));
        wrong(&self.classes, "classes").or_else(|| wrong(&self.attributes, "attributes"))
    }
}

/// What comes first in composite values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Composites {
    /// The name of the structure.
    Dn,
    /// The name of the class or group itself.
    GroupDn,
    /// The UAI of the structure.
    Uai,
    /// Another identifier of the structure.
    Id,
}

impl Composites {
    /// The word used in files and facts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dn => "dn",
            Self::GroupDn => "group-dn",
            Self::Uai => "uai",
            Self::Id => "id",
        }
    }
}

/// How profiles are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profiles {
    /// `National_ENS`.
    Code,
    /// `National_3`.
    Number,
    /// The name of the profile.
    Dn,
    /// A word.
    Word,
}

impl Profiles {
    /// The word used in files and facts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Number => "number",
            Self::Dn => "dn",
            Self::Word => "word",
        }
    }
}
