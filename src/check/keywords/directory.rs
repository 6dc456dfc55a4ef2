//! `directory: WORD` and `directorySyntax: SYNTAX` on a record of the directory: it holds to the reference model of the set
//! (`annuaire/modele/*.yaml`).
//!
//! Where an entry has a class that the model does not know, nobody knows what is allowed: it is accused of nothing that
//! depends on it. Must never decide what the model says: it is data.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jsonschema::{Keyword, ValidationError};
use rapidhash::RapidHashMap;

use super::hashes::Hashes;
use crate::check::selector::hash;
use crate::rules::directory::{Equality, Syntax};
use crate::source::annuaire::dn;
use crate::source::annuaire::model::{AttributeInfo, Closure, Model, Table, is_ent};
use crate::source::record::{NameId, Node, Rec, Record, Values, intern};

/// What is asked of the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word {
    /// Object classes named `ENT…` are those of the model.
    EntClasses,
    /// Attributes named `ENT…` are those of the model.
    EntAttributes,
    /// Object classes are those of the model.
    KnownClasses,
    /// Attributes are those of the model.
    KnownAttributes,
    /// What the classes require is there.
    Must,
    /// What the standard classes that the entry lists require is there, whatever the model says of the others.
    MustStandard,
    /// What the classes require beside that is there.
    MustEnt,
    /// What is there is allowed by the classes.
    Allowed,
    /// Attributes with one value have one.
    Single,
    /// Values are not longer than the model says.
    Length,
    /// There is a structural class, or one named `ENT…`: only the model says what those are.
    Structural,
    /// There is one structural class, superiors aside.
    OneStructural,
    /// The same, of the standard classes that the entry lists.
    OneStructuralStandard,
    /// Superior classes are listed.
    Superiors,
    /// No attribute is deprecated.
    Current,
    /// No value is there twice.
    Distinct,
    /// Values have that syntax, where the attribute has it.
    Syntax(Syntax),
}

const WORDS: &[(&str, Word)] = &[
    ("entClasses", Word::EntClasses),
    ("entAttributes", Word::EntAttributes),
    ("knownClasses", Word::KnownClasses),
    ("knownAttributes", Word::KnownAttributes),
    ("must", Word::Must),
    ("mustEnt", Word::MustEnt),
    ("mustStandard", Word::MustStandard),
    ("allowed", Word::Allowed),
    ("single", Word::Single),
    ("length", Word::Length),
    ("structural", Word::Structural),
    ("oneStructural", Word::OneStructural),
    ("oneStructuralStandard", Word::OneStructuralStandard),
    ("superiors", Word::Superiors),
    ("current", Word::Current),
    ("distinct", Word::Distinct),
];
const SYNTAXES: &[(&str, Word)] =
    &[("dn", Word::Syntax(Syntax::Dn)), ("ia5", Word::Syntax(Syntax::Ia5)), ("uuid", Word::Syntax(Syntax::Uuid))];

fn words(syntax: bool) -> &'static [(&'static str, Word)] {
    if syntax { SYNTAXES } else { WORDS }
}

impl Word {
    /// The word of that name.
    #[must_use]
    pub fn named(name: &str, syntax: bool) -> Option<Self> {
        words(syntax).iter().find(|(n, _)| *n == name).map(|(_, word)| *word)
    }

    /// Its name: what is said of a failure depends on it.
    fn name(self) -> &'static str {
        WORDS.iter().chain(SYNTAXES).find(|(_, word)| *word == self).map_or("", |(name, _)| name)
    }

    /// Whether what it asks depends on the shape of the record only ([`Record::shape`]).
    fn is_of_shape(self) -> bool {
        !matches!(self, Self::Length | Self::Distinct | Self::Syntax(_))
    }

    /// Their names.
    #[must_use]
    pub fn all(syntax: bool) -> String {
        words(syntax).iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

/// The keyword.
pub struct Directory {
    model: Arc<Model>,
    word: Word,
    table: Arc<Table>,
    classes: NameId,
    /// Shapes that hold: what most words ask depends on nothing else, and records have few of them.
    holding: [AtomicU64; HOLDING],
    /// What lists of classes amount to, by the hash of each.
    closures: Mutex<RapidHashMap<u64, Arc<Allowed>>>,
}

/// A list of classes, ready to be asked.
struct Allowed {
    closure: Closure,
    /// The same of the standard classes of the list alone: what those named `ENT…` are made from is the model's word.
    standard: Closure,
    must: Vec<(NameId, String)>,
    /// By id of the name.
    may: Vec<bool>,
}

/// Places to remember shapes in.
const HOLDING: usize = 256;
/// Most lists of classes remembered.
const MAX_CLOSURES: usize = 1024;

impl Directory {
    /// Against a model.
    #[must_use]
    pub fn new(model: Arc<Model>, word: Word) -> Self {
        Self {
            table: model.table(),
            model,
            word,
            classes: intern("objectClass"),
            holding: [const { AtomicU64::new(0) }; HOLDING],
            closures: Mutex::default(),
        }
    }

    /// What is known of a member: by its id, or by its name when it has options.
    fn info(&self, id: NameId, name: &str) -> Option<&AttributeInfo> {
        self.table.get(id).or_else(|| self.model.attribute(name))
    }

    fn allowed(&self, record: &Record<'_>) -> Arc<Allowed> {
        let listed = || record.values(self.classes).into_iter().flat_map(|v| v.iter());
        let key = listed().fold(0, |h, class| hash(h, &[class]));
        let mut known = self.closures.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(allowed) = known.get(&key) {
            return allowed.clone();
        }
        let closure = self.model.closure(listed());
        let mut may = Vec::new();
        for at in closure.may.iter().map(|name| intern(name).index()) {
            may.resize(may.len().max(at + 1), false);
            may[at] = true;
        }
        let must = closure.must.iter().map(|name| (intern(name), name.clone())).collect();
        let standard = self.model.closure(listed().filter(|class| !is_ent(class)));
        let allowed = Arc::new(Allowed { closure, standard, must, may });
        if known.len() < MAX_CLOSURES {
            known.insert(key, allowed.clone());
        }
        allowed
    }

    /// What is wrong: nothing, or where.
    fn fault(&self, record: &Record<'_>) -> Option<String> {
        match self.word {
            Word::EntClasses | Word::KnownClasses => self.unknown_class(record).map(|_| "objectClass".to_owned()),
            Word::Must | Word::MustEnt | Word::MustStandard => self.missing(record),
            Word::Structural | Word::OneStructural | Word::OneStructuralStandard | Word::Superiors => {
                let allowed = self.allowed(record);
                let closure = &allowed.closure;
                let wrong = match self.word {
                    Word::Structural => !closure.open && closure.structural.is_empty() && !closure.all.iter().any(|class| is_ent(class)),
                    Word::OneStructural => closure.structural.len() > 1,
                    Word::OneStructuralStandard => allowed.standard.structural.len() > 1,
                    _ => !closure.unlisted.is_empty(),
                };
                wrong.then(|| "objectClass".to_owned())
            }
            Word::Allowed => {
                let allowed = self.allowed(record);
                if allowed.closure.open || record.values(self.classes).is_none() {
                    return None;
                }
                let may = |id: NameId| allowed.may.get(id.index()).copied().unwrap_or(false);
                self.first(record, |_, info, id| {
                    info.is_some_and(|info| !info.attribute.operational && !may(id) && !self.table.id(&info.name).is_some_and(may))
                })
            }
            Word::EntAttributes => {
                self.first(record, |(name, _), info, _| info.is_none() && is_ent(name) && !self.model.knows_attribute(name))
            }
            Word::KnownAttributes => self.first(record, |(name, _), info, _| info.is_none() && !self.model.knows_attribute(name)),
            Word::Current => self
                .first(record, |(_, values), info, _| info.is_some_and(|i| i.attribute.deprecated) && values.iter().any(|v| !v.is_empty())),
            Word::Single => self.first(record, |(name, values), info, _| {
                info.is_some_and(|i| i.attribute.single) && values.len() > 1 && !name.contains(';')
            }),
            Word::Length => self.first(record, |(_, values), info, _| {
                let max = info.and_then(|i| i.attribute.max);
                max.is_some_and(|max| values.iter().any(|v| v.len() > max as usize && v.chars().nth(max as usize).is_some()))
            }),
            Word::Distinct => self.first(record, |(_, values), info, _| info.is_some_and(|i| twice(values, i.equality()))),
            Word::Syntax(syntax) => self.first(record, |(_, values), info, _| {
                info.is_some_and(|i| i.attribute.syntax == syntax) && values.iter().any(|v| !v.is_empty() && !has_syntax(v, syntax))
            }),
        }
    }

    fn holds(&self, record: &Record<'_>) -> bool {
        if !self.word.is_of_shape() {
            return self.fault(record).is_none();
        }
        let shape = record.shape(self.classes);
        let place = &self.holding[shape as usize / 2 % HOLDING];
        let holds = place.load(Ordering::Relaxed) == shape || self.fault(record).is_none();
        if holds {
            place.store(shape, Ordering::Relaxed);
        }
        holds
    }

    fn unknown_class(&self, record: &Record<'_>) -> Option<()> {
        let all = record.values(self.classes)?;
        let asked = |name: &str| self.word == Word::KnownClasses || is_ent(name);
        all.iter().find(|name| asked(name) && !self.model.knows_class(name)).map(|_| ())
    }

    fn missing(&self, record: &Record<'_>) -> Option<String> {
        let allowed = self.allowed(record);
        let has = |id: NameId, name: &str| {
            // The empty name is a name: some directories give it to groups that have no member.
            let dn = self.info(id, name).is_some_and(|i| i.attribute.syntax == Syntax::Dn);
            let filled = |values: Values<'_>| values.iter().any(|v| dn || !v.is_empty());
            let with_options = |member: &str| member.split_once(';').is_some_and(|(base, _)| base == name);
            record.values(id).is_some_and(filled)
                || record.named_members().any(|(_, member, values)| with_options(member) && filled(values))
        };
        let standard = |name: &str| allowed.standard.must.iter().any(|must| must == name);
        let asked = |name: &str| match self.word {
            Word::MustEnt => !standard(name),
            Word::MustStandard => standard(name),
            _ => true,
        };
        // Without classes nothing is required but to have some.
        if self.word != Word::MustEnt && !has(self.classes, "objectClass") {
            return Some("objectClass".to_owned());
        }
        allowed.must.iter().find(|(id, name)| asked(name) && !has(*id, name)).map(|(_, name)| name.clone())
    }

    /// The first member of which `wrong` holds.
    fn first<'a>(
        &self,
        record: &'a Record<'a>,
        wrong: impl Fn((&str, Values<'a>), Option<&AttributeInfo>, NameId) -> bool,
    ) -> Option<String> {
        let found = record.named_members().find(|(id, name, values)| wrong((name, *values), self.info(*id, name), *id));
        found.map(|(_, name, _)| name.to_owned())
    }
}

/// Whether two values are one under an equality.
fn twice(values: Values<'_>, equality: Equality) -> bool {
    if values.len() < 2 {
        return false;
    }
    // Within one record a fixed seed is fine: there is nothing to flood.
    let of = |form: &str| hash(0, &[form]);
    let mut all = Hashes::default();
    for value in values.iter() {
        all.push(match equality {
            Equality::Exact => of(value),
            Equality::IgnoreCase => of(&dn::normal_value(value)),
            Equality::Dn => dn::with_normal(value, of).unwrap_or_else(|| of(value)),
        });
    }
    !all.are_distinct()
}

fn has_syntax(value: &str, syntax: Syntax) -> bool {
    match syntax {
        Syntax::Dn => dn::is_name(value),
        Syntax::Ia5 => value.is_ascii(),
        Syntax::Uuid => is_uuid(value),
        _ => true,
    }
}

/// 8-4-4-4-12 hexadecimal digits.
fn is_uuid(value: &str) -> bool {
    let dash = |i: usize| matches!(i, 8 | 13 | 18 | 23);
    value.len() == 36 && value.bytes().enumerate().all(|(i, b)| if dash(i) { b == b'-' } else { b.is_ascii_hexdigit() })
}

impl<'i> Keyword<'i, Rec> for Directory {
    fn validate(&self, instance: Node<'i>) -> Result<(), ValidationError<'i>> {
        let Node::Object(record) = instance else { return Ok(()) };
        match self.fault(record) {
            None => Ok(()),
            Some(name) => Err(super::failure(&format!("/{name}#{}", self.word.name()))),
        }
    }

    fn is_valid(&self, instance: Node<'i>) -> bool {
        match instance {
            Node::Object(record) => self.holds(record),
            _ => true,
        }
    }
}
