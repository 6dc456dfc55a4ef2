//! The record as `jsonschema` validates it, in place: objects, lists, strings; no `Value` is built.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{Array, Json, JsonNumber, Node as JsonNode, NodeIdentity, Object};
use serde_json::Value;

use super::{Block, NameId, Record, Values, intern};

/// The representation: what `jsonschema` validates in place.
#[derive(Debug)]
pub struct Rec;

/// A node of that representation.
#[derive(Clone, Copy, Debug)]
pub enum Node<'a> {
    /// A whole record.
    Object(&'a Record<'a>),
    /// A value with children.
    Block(Block<'a>),
    /// The values of a member.
    List(Values<'a>),
    /// The `$`-separated fields of a value.
    Fields(&'a str),
    /// One string.
    Str(&'a str),
}

/// Records hold no number.
#[derive(Debug)]
pub enum NoNumber {}

impl JsonNumber for NoNumber {
    fn as_u64(&self) -> Option<u64> {
        None
    }
    fn as_i64(&self) -> Option<i64> {
        None
    }
    fn as_f64(&self) -> Option<f64> {
        None
    }
    fn as_str(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
    fn to_number(&self) -> Cow<'_, serde_json::Number> {
        Cow::Owned(0.into())
    }
}

impl Json for Rec {
    type Node<'a> = Node<'a>;
    type PreparedKey = NameId;
    type StringBuffer = String;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> NameId {
        intern(key)
    }

    fn with_string_node<T>(buffer: &mut String, string: &str, f: impl FnOnce(Node<'_>) -> T) -> T {
        buffer.clear();
        buffer.push_str(string);
        f(Node::Str(buffer))
    }
}

impl<'a> JsonNode<'a, Rec> for Node<'a> {
    type Object = Members<'a>;
    type Array = List<'a>;
    type Number = NoNumber;

    fn as_object(&self) -> Option<Members<'a>> {
        match *self {
            Self::Object(record) => Some(Members::Record(record)),
            Self::Block(block) => Some(Members::Block(block)),
            _ => None,
        }
    }
    fn as_array(&self) -> Option<List<'a>> {
        match *self {
            Self::List(values) => Some(List::Values(values)),
            Self::Fields(text) => Some(List::Fields(text)),
            _ => None,
        }
    }
    fn as_string(&self) -> Option<Cow<'a, str>> {
        match *self {
            Self::Str(s) => Some(Cow::Borrowed(s)),
            _ => None,
        }
    }
    fn as_number(&self) -> Option<NoNumber> {
        None
    }
    fn as_boolean(&self) -> Option<bool> {
        None
    }
    fn is_null(&self) -> bool {
        false
    }
    fn json_type(&self) -> JsonType {
        match self {
            Self::Object(_) | Self::Block(_) => JsonType::Object,
            Self::List(_) | Self::Fields(_) => JsonType::Array,
            Self::Str(_) => JsonType::String,
        }
    }
    fn string_length(&self) -> Option<u64> {
        match self {
            Self::Str(s) if s.is_ascii() => Some(s.len() as u64),
            Self::Str(s) => Some(s.chars().count() as u64),
            _ => None,
        }
    }
    fn string_length_within(&self, min: u64, max: u64) -> Option<bool> {
        match self {
            // No text has more characters than bytes, nor fewer than a quarter of them.
            Self::Str(s) if min <= s.len().div_ceil(4) as u64 && s.len() as u64 <= max => Some(true),
            _ => self.string_length().map(|length| (min..=max).contains(&length)),
        }
    }
    fn equals_value(&self, expected: &Value) -> bool {
        match (self, expected) {
            (Self::Str(s), Value::String(t)) => s == t,
            (Self::Str(_), _) | (_, Value::String(_)) => false,
            _ => *self.to_value() == *expected,
        }
    }
    fn to_value(&self) -> Cow<'a, Value> {
        // Cold path of the validator; what it builds is dropped with the error, never shown.
        Cow::Owned(match self {
            Self::Str(s) => Value::from(*s),
            Self::List(values) => (0..values.len()).filter_map(|i| values.node(i)).map(|n| n.to_value().into_owned()).collect(),
            Self::Fields(text) => text.split('$').collect(),
            Self::Object(_) | Self::Block(_) => {
                let members = self.as_object().into_iter().flat_map(|o| o.members());
                Value::Object(members.map(|(name, node)| (name.to_owned(), node.to_value().into_owned())).collect())
            }
        })
    }
    fn identity(&self) -> Option<NodeIdentity> {
        None
    }
}

/// What has members: a record, or a block of one.
#[derive(Clone, Copy, Debug)]
pub enum Members<'a> {
    /// A record.
    Record(&'a Record<'a>),
    /// A block.
    Block(Block<'a>),
}

impl<'a> Object<'a, Rec> for Members<'a> {
    type Node = Node<'a>;
    type MemberName = &'a str;
    type MembersIter = Box<dyn Iterator<Item = (&'a str, Node<'a>)> + 'a>;

    fn len(&self) -> usize {
        match self {
            Self::Record(record) => record.b.members.len(),
            Self::Block(block) => block.children().len(),
        }
    }
    fn get(&self, key: &NameId) -> Option<Node<'a>> {
        match *self {
            Self::Record(record) => record.values(*key).map(Node::List),
            Self::Block(block) => block.values(*key).map(Node::List),
        }
    }
    fn members(&self) -> Self::MembersIter {
        // With the `@` members: what the validator walks and what it looks up must agree.
        match *self {
            Self::Record(record) => Box::new(record.b.members.iter().map(move |m| (record.str(m.name), Node::List(record.list(m))))),
            Self::Block(block) => Box::new(block.children().iter().map(move |c| (block.record.str(c.name), Node::List(block.list(c))))),
        }
    }
}

/// A list of strings, whatever it is read from.
#[derive(Clone, Copy, Debug)]
pub enum List<'a> {
    /// The values of a member.
    Values(Values<'a>),
    /// The fields of a value.
    Fields(&'a str),
}

impl<'a> Array<'a, Rec> for List<'a> {
    type Node = Node<'a>;
    type ElementsIter = Elements<'a>;

    fn len(&self) -> usize {
        match self {
            Self::Values(v) => v.len(),
            Self::Fields(text) => text.bytes().filter(|b| *b == b'$').count() + 1,
        }
    }
    fn elements(&self) -> Elements<'a> {
        match *self {
            Self::Values(values) => Elements::Values { values, next: 0 },
            Self::Fields(text) => Elements::Fields(Fields::of(text)),
        }
    }
    fn is_unique(&self) -> bool {
        if let Self::Values(values) = self
            && values.blocks().next().is_some()
        {
            let all: Vec<Value> = self.elements().map(|n| n.to_value().into_owned()).collect();
            return all.iter().enumerate().all(|(i, a)| !all[..i].contains(a));
        }
        let mut seen: Vec<&str> = match *self {
            Self::Values(values) => values.iter().collect(),
            Self::Fields(text) => Fields::of(text).collect(),
        };
        seen.sort_unstable();
        seen.windows(2).all(|w| w[0] != w[1])
    }
}

/// The `$`-separated fields of a value. They are short: a plain loop beats a search by blocks.
#[derive(Clone, Debug)]
pub struct Fields<'a>(Option<&'a str>);

impl<'a> Fields<'a> {
    /// Those of a value: at least one.
    #[must_use]
    pub fn of(value: &'a str) -> Self {
        Self(Some(value))
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let rest = self.0?;
        match rest.bytes().position(|b| b == b'$') {
            Some(at) => {
                self.0 = Some(&rest[at + 1..]);
                Some(&rest[..at])
            }
            None => self.0.take(),
        }
    }
}

/// Iterator over a [`List`].
#[derive(Debug)]
pub enum Elements<'a> {
    /// Over values.
    Values {
        /// The list.
        values: Values<'a>,
        /// Index of the next one.
        next: usize,
    },
    /// Over fields.
    Fields(Fields<'a>),
}

impl<'a> Iterator for Elements<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        match self {
            Self::Values { values, next } => {
                let node = values.node(*next)?;
                *next += 1;
                Some(node)
            }
            Self::Fields(fields) => fields.next().map(Node::Str),
        }
    }
}
