//! The shape of requirement files: what an auditor writes, typed.
//!
//! Depends on serde only. Must never decide anything: it is data. The JSON Schemas in
//! `rules/schema/` are generated from these types (see [`super::schema`]).

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use crate::outcome::Text;

macro_rules! closed_list {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $variant),+ }
        impl $name {
            /// Every value, in the order of the file format.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word used in files and reports.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
    };
}

closed_list! {
    /// How much a requirement binds.
    Level {
        /// Counts in the verdict and the mandatory score.
        Obligatoire = "obligatoire",
        /// Counts in the recommended index only.
        Recommande = "recommande",
        /// Shown, never counted.
        Information = "information",
    }
}
closed_list! {
    /// What a failure costs those who live with the ENT. Weights 8, 4, 2, 1.
    Severity {
        /// Data cannot be loaded, or pupils are exposed.
        Critique = "critique",
        /// A service or a category of users is lost.
        Majeure = "majeure",
        /// Some users or some data are affected.
        Moyenne = "moyenne",
        /// Inconvenience.
        Mineure = "mineure",
    }
}
impl Severity {
    /// Weight in the score (DESIGN §5).
    #[must_use]
    pub fn weight(self) -> u32 {
        match self {
            Self::Critique => 8,
            Self::Majeure => 4,
            Self::Moyenne => 2,
            Self::Mineure => 1,
        }
    }
}
closed_list! {
    /// Where a requirement comes from: never more than was read.
    Basis {
        /// A law or decree that was read.
        Loi = "loi",
        /// The official text, read by whoever filled `clause`.
        Texte = "texte",
        /// A published standard (RFC, W3C, OASIS).
        Norme = "norme",
        /// A published machine-readable schema (DTD, XSD, LDAP schema).
        Schema = "schema",
        /// Public code or real deliveries that implement the specification.
        Implementation = "implementation",
        /// Good practice; never mandatory.
        BonnePratique = "bonne-pratique",
    }
}
closed_list! {
    /// Who can fix a failure.
    Actor {
        /// The ENT's editor.
        Editeur = "editeur",
        /// The académie, which produces the AAF feed.
        Academie = "academie",
        /// The local authority.
        Collectivite = "collectivite",
        /// The school.
        Etablissement = "etablissement",
        /// The GAR.
        Gar = "gar",
    }
}
closed_list! {
    /// What the check proves when it fails.
    Strength {
        /// A failure is a fact anyone can reproduce from the input.
        Prouve = "prouve",
        /// A failure is a strong sign that a person should look at.
        Indique = "indique",
    }
}
closed_list! {
    /// School level of a source.
    Degree {
        /// Premier degré (primary).
        D1 = "1D",
        /// Second degré (secondary).
        D2 = "2D",
    }
}
closed_list! {
    /// Domains of the scheme.
    Domain {
        /// Directory.
        Annuaire = "annuaire",
        /// AAF feed.
        Alimentation = "alimentation",
        /// CAS single sign-on.
        SsoCas = "sso-cas",
        /// SAML single sign-on.
        SsoSaml = "sso-saml",
        /// National guichets.
        Educonnect = "educonnect",
        /// Gestionnaire d'accès aux ressources.
        Gar = "gar",
        /// Third-party services.
        ServicesTiers = "services-tiers",
        /// TLS and HTTP hygiene.
        Securite = "securite",
        /// Personal data.
        Rgpd = "rgpd",
        /// Exchange formats, reversibility.
        Interoperabilite = "interoperabilite",
    }
}

/// One requirement.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// Stable for ever, never reused: upper-case words joined by hyphens.
    #[schemars(regex(pattern = r"^[A-Z0-9]+(-[A-Z0-9]+)+$"))]
    pub id: String,
    /// What a conforming source does, as one affirmative sentence.
    pub title: Text,
    /// What breaks for whom when it is not so.
    pub why: Text,
    /// What to do, by whom.
    pub fix: Text,
    /// What the check cannot see, where that matters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<Text>,
    /// Domain of the scheme.
    pub domain: Domain,
    /// How much it binds.
    pub level: Level,
    /// What a failure costs.
    pub severity: Severity,
    /// Where it comes from.
    pub basis: Basis,
    /// Keys of `sources` in `referentiel.yaml`.
    #[schemars(length(min = 1))]
    pub sources: Vec<String>,
    /// Section of the official text, only where somebody has read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// First version of the scheme the requirement belongs to, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// School levels concerned.
    #[schemars(length(min = 1))]
    pub degree: Vec<Degree>,
    /// Who can fix a failure.
    pub actor: Actor,
    /// What a failure proves.
    pub strength: Strength,
    /// Condition on the facts of the source (JSON Schema); elsewhere the requirement is not applicable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Value>,
    /// What fails is that something is missing: behind a server, whose access rules hide what they hide, that is not known.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absence: bool,
    /// The requirement to look at first: when it fails too, this one is its consequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Thresholds nobody published: shown in the report, changed by a tailoring file. Used in the
    /// check as `{$param: name}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Parameter>,
    /// The check itself.
    pub check: Check,
    /// At least one input that passes and one that fails.
    pub examples: Examples,
}

/// A threshold with its default.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Value used unless a tailoring file says otherwise.
    pub default: Value,
    /// What it means.
    pub title: Text,
}

/// One of the three kinds of check, told apart by their members.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Check {
    /// Over a stream of records.
    Records(Box<RecordCheck>),
    /// Over one facts document.
    Facts(FactsCheck),
    /// Only a person can tell.
    Attestation(AttestationCheck),
}

impl<'de> Deserialize<'de> for Check {
    /// By hand, so that an error speaks of the kind of check that was meant.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        fn part<T: serde::de::DeserializeOwned, E: serde::de::Error>(value: Value) -> Result<T, E> {
            serde_path_to_error::deserialize(value).map_err(|e| E::custom(format!("{}: {}", e.path(), e.inner())))
        }
        let value = Value::deserialize(deserializer)?;
        if value.get("records").is_some() {
            part(value).map(|check| Self::Records(Box::new(check)))
        } else if value.get("facts").is_some() {
            part(value).map(Self::Facts)
        } else if value.get("attestation").is_some() {
            part(value).map(Self::Attestation)
        } else {
            Err(serde::de::Error::custom("a check has `records`, `facts` or `attestation`"))
        }
    }
}

/// A check over records: exactly one of `assert`, `unique`, `references`, `symmetric`, `count`, `determines`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RecordCheck {
    /// Kinds of record, e.g. `aaf.Eleve`.
    pub records: OneOrMany,
    /// Only records that satisfy this schema are examined.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
    /// JSON Schema that each record satisfies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assert: Option<Value>,
    /// No two records share this key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique: Option<Unique>,
    /// Every key exists among the keys of another kind of record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub references: Option<References>,
    /// The pairs given by these records and those given by the others are the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symmetric: Option<Symmetric>,
    /// How many records there are, or which share of them satisfies a schema.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// A key always comes with the same value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub determines: Option<Determines>,
}

/// One string or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}
impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}
impl OneOrMany {
    /// As a slice.
    #[must_use]
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(s) => std::slice::from_ref(s),
            Self::Many(v) => v,
        }
    }
}

/// Relation: no two records share a key.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unique {
    /// Selector(s) of the key; the parts of a list are joined.
    pub key: OneOrMany,
    /// At most that many records share a key; 1 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// One key of two kinds of record is one key.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub across: bool,
}

/// Most parts of a key of `references` with `or` or `through`.
pub const MAX_PASSED: usize = 4;

/// Relation: every key exists elsewhere.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct References {
    /// Selector(s) of the referring key.
    pub key: OneOrMany,
    /// Kind(s) of record referred to.
    pub to: OneOrMany,
    /// Selector(s) of the key there.
    pub by: OneOrMany,
    /// Only target records that satisfy this schema count.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
    /// Judge only keys whose first `n` parts exist in the target: what an unknown class should be
    /// said of once is not said again of its label.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_first: Option<usize>,
    /// Look in the state before this delta rather than in the state after it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub previous: bool,
    /// The reverse: the key must exist nowhere among the targets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub absent: bool,
    /// Fails only when more than this share of the keys is missing, in percent; 0 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_percent: Option<Value>,
    /// The reverse of a key that is missing: the targets of the same key must satisfy `where`. Not applicable when fewer than
    /// this share of them do, in percent: those targets do not hold that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept: Option<Value>,
    /// Another key that is as good: a record is found by the one or by the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub or: Option<Or>,
    /// Records that a part of the key, or of that of the targets, names: what they give is compared instead of it. One of
    /// the source of the records examined, one of the source of the targets, or both.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<Passage>,
}

/// Another key of `references`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Or {
    /// Selector(s) of the referring key.
    pub key: OneOrMany,
    /// Selector(s) of the key of the targets.
    pub by: OneOrMany,
}

/// Records that a key passes through.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Passage {
    /// Kind(s) of record.
    pub records: OneOrMany,
    /// Selector of what names them.
    pub by: String,
    /// Selector of what they give.
    pub give: String,
    /// Rank of the part of the key that names them, from 0; the last when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
}

/// Relation: two kinds of record give the same pairs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Symmetric {
    /// Selectors of the pair on this side.
    pub key: OneOrMany,
    /// Kind of record on the other side.
    pub with: String,
    /// Selectors of the pair there, in the same order.
    pub by: OneOrMany,
}

/// Relation: a number or a share of records.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The records counted: those that satisfy this schema (all, without it).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Value>,
    /// At least this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<Value>,
    /// At most this many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<Value>,
    /// At least this share of the records examined, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_percent: Option<Value>,
    /// At most this share, in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_percent: Option<Value>,
}

/// Relation: one key, one value.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Determines {
    /// Selector(s) of the key.
    pub key: OneOrMany,
    /// Selector(s) of the value that always goes with it. Key and value that both read the same
    /// `$`-composite attribute are read from the same value of it.
    pub value: OneOrMany,
}

/// A check over a facts document.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactsCheck {
    /// Kind of document, e.g. `aaf.delivery`, `aaf.file` or `cas.answer`.
    pub facts: String,
    /// Of a live source: the probes whose documents are judged (all, without it). One that could not run makes the
    /// requirement undetermined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<OneOrMany>,
    /// Only documents that satisfy this schema are examined.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub filter: Option<Value>,
    /// Only a document that satisfies this schema proves something; another one makes the requirement undetermined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conclusive: Option<Value>,
    /// JSON Schema that the document satisfies.
    pub assert: Value,
}

/// A question to a person.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AttestationCheck {
    /// The question and what to produce.
    pub attestation: Attestation,
}

/// What a person is asked.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attestation {
    /// The question, answered yes or no.
    pub question: Text,
    /// What to keep as proof.
    pub evidence: Text,
    /// How long the answer holds.
    pub valid_months: u32,
}

/// Inputs that must pass and inputs that must fail.
///
/// For an `assert` over records or facts, an item is one record or document. For a relation (or a
/// `count`), an item is an object whose members are kinds of record and whose values are lists of
/// records. In records a string stands for a list of one string, and `""` for no value.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Must satisfy the requirement.
    #[serde(default)]
    pub pass: Vec<Value>,
    /// Must not.
    #[serde(default)]
    pub fail: Vec<Value>,
}

/// `referentiel.yaml`: the set itself.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Referentiel {
    /// Identifier, e.g. `sdet-6.3`.
    pub id: String,
    /// Name.
    pub title: Text,
    /// Version of the scheme.
    pub version: String,
    /// Edition of these files: changes whenever a verdict can change.
    pub edition: String,
    /// Date of the scheme, `YYYY-MM` or `YYYY-MM-DD`.
    pub published: String,
    /// What was read and what was not: printed on page 1 of every report.
    pub statement: Text,
    /// Set this one starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Requirements of the parent set that no longer hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retires: Vec<String>,
    /// What the requirements cite.
    #[serde(default)]
    pub sources: BTreeMap<String, SourceRef>,
    /// The requirement that says what stands in the way of others: `aaf.unreadable`, `aaf.malformed`,
    /// `aaf.previous`, or a kind of record that was not delivered. Those others are then `parent_failed`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub blockers: BTreeMap<String, String>,
    /// Names of the domains.
    #[serde(default)]
    pub domains: BTreeMap<Domain, Text>,
    /// Named selections.
    #[serde(default)]
    pub profiles: BTreeMap<String, Profile>,
}

/// A document, a piece of code or a data set that requirements cite.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceRef {
    /// Title.
    pub title: String,
    /// Title in English, where it is ours to word: that of a document stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title_en: Option<String>,
    /// Date, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// What of it was read.
    pub read: Text,
    /// Where to find it.
    pub location: String,
    /// The same in English, where it is words and no address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location_en: Option<String>,
}

/// A named selection of requirements.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Name.
    pub title: Text,
    /// School levels kept (all when empty).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub degree: Vec<Degree>,
    /// Requirements that do not apply to the profile.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<String>,
}

/// A code list an auditor can correct (`nomenclatures/*.yaml`).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nomenclature {
    /// Name used by the keyword `nomenclature`.
    pub id: String,
    /// What it lists.
    pub title: Text,
    /// Keys of `sources`.
    pub sources: Vec<String>,
    /// Whether other codes are known to exist: an open list never supports a mandatory requirement.
    pub open: bool,
    /// Code → label or note.
    pub codes: BTreeMap<String, String>,
}

/// A tailoring file: what a user changes without touching the set.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tailoring {
    /// Who decided, shown in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<String>,
    /// Profile of the set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Changes, requirement by requirement.
    #[serde(default)]
    pub requirements: BTreeMap<String, Change>,
}

/// A change to one requirement.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Why (printed).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// New level.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// New severity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Section of the official text, by whoever has read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Left out: stays in the report as `excluded`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exclude: bool,
    /// New thresholds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
}
