//! What the records of one kind go through: checks by attribute, checks of the whole, filters.
//!
//! Compiled once for each worker. Most checks are about one attribute, or say of several attributes something
//! about each alone: those are asked attribute by attribute, where a memory of accepted values answers for
//! most records. Must never judge: that is the worker's part.

use jsonschema::Validator;
use serde_json::Value;

use super::through::Role;
use crate::check::schema::{SchemaError, Schemas};
use crate::source::record::{Rec, intern};

/// A check and what it says of one attribute.
pub type Part = (usize, Validator<Rec>);

/// Hashes of recent lists of values that every check of an attribute accepted: most attributes
/// repeat a few values, which need not be judged again.
pub const ACCEPTED: usize = 512;

/// No program looks at that attribute alone.
pub const NO_PROGRAM: u16 = u16::MAX;

/// What is asked of one attribute.
pub struct AttributeProgram {
    pub name: String,
    pub checks: Vec<Part>,
    pub required_by: Vec<usize>,
    /// What checks of several attributes say of this one alone.
    pub parts: Vec<Part>,
    /// Checks of several attributes that require this one.
    pub needed_by: Vec<usize>,
    pub accepted: Vec<u64>,
    pub seen: u64,
    pub filled: u64,
}

impl AttributeProgram {
    fn new(name: &str) -> Self {
        intern(name);
        Self {
            name: name.to_owned(),
            checks: Vec::new(),
            required_by: Vec::new(),
            parts: Vec::new(),
            needed_by: Vec::new(),
            accepted: vec![0; ACCEPTED],
            seen: 0,
            filled: 0,
        }
    }
}

/// A check of the record as a whole.
pub struct Whole {
    pub check: usize,
    pub filter: Option<usize>,
    pub schema: Option<Validator<Rec>>,
    /// Its parts are looked at attribute by attribute: it holds unless one of them was refused.
    pub guarded: bool,
}

/// Keys read once, for all the indexes that gather the same.
pub struct Gather {
    /// Index and filter; the first index tells how keys are read.
    pub into: Vec<(usize, Option<usize>)>,
}

/// What is asked of the records of a kind.
#[derive(Default)]
pub struct KindProgram {
    pub attributes: Vec<AttributeProgram>,
    pub by_name: Vec<u16>,
    /// What checks say of every attribute.
    pub every: Vec<Part>,
    /// The distinct `where`, each judged once a record.
    pub filters: Vec<(Value, Validator<Rec>)>,
    pub whole: Vec<Whole>,
    /// Check and filter.
    pub relations: Vec<(usize, Option<usize>)>,
    /// Check, filter, and what the record is for it.
    pub through: Vec<(usize, Option<usize>, Role)>,
    /// Tables that the record is in.
    pub tables: Vec<usize>,
    /// Keys to gather.
    pub gather: Vec<Gather>,
    pub records: u64,
    /// Of which a later layer says something else.
    pub superseded: u64,
}

impl KindProgram {
    /// Adds an `assert`.
    pub fn assert(
        &mut self,
        check: usize,
        filter: Option<&Value>,
        schema: &Value,
        sees_deletes: bool,
        schemas: &Schemas,
    ) -> Result<(), SchemaError> {
        let single = if filter.is_none() && !sees_deletes { single_attribute(schema) } else { None };
        let Some((name, inner, required)) = single else {
            let filter = self.filter(filter, schemas)?;
            let guarded = self.guard(check, schema, schemas)?;
            self.whole.push(Whole { check, filter, schema: Some(schemas.records(schema)?), guarded });
            return Ok(());
        };
        let inner = schemas.records(&inner)?;
        let attribute = self.attribute(name);
        attribute.checks.push((check, inner));
        if required {
            attribute.required_by.push(check);
        }
        Ok(())
    }

    fn attribute(&mut self, name: &str) -> &mut AttributeProgram {
        let at = self.attributes.iter().position(|a| a.name == name).unwrap_or_else(|| {
            self.attributes.push(AttributeProgram::new(name));
            self.attributes.len() - 1
        });
        &mut self.attributes[at]
    }

    /// The rank of a filter, added if new.
    pub fn filter(&mut self, filter: Option<&Value>, schemas: &Schemas) -> Result<Option<usize>, SchemaError> {
        let Some(filter) = filter else { return Ok(None) };
        if let Some(known) = self.filters.iter().position(|(f, _)| f == filter) {
            return Ok(Some(known));
        }
        self.filters.push((filter.clone(), schemas.records(filter)?));
        Ok(Some(self.filters.len() - 1))
    }

    /// Cuts a schema into what it says of each attribute alone; false when it is not made of that only.
    fn guard(&mut self, check: usize, schema: &Value, schemas: &Schemas) -> Result<bool, SchemaError> {
        let Some(parts) = parts_of(schema) else { return Ok(false) };
        for (name, part) in parts.each {
            let part = schemas.records(part)?;
            self.attribute(name).parts.push((check, part));
        }
        for name in parts.required {
            self.attribute(name).needed_by.push(check);
        }
        if let Some(part) = parts.every {
            self.every.push((check, schemas.records(part)?));
        }
        Ok(true)
    }
}

/// A schema that says something of each attribute alone, and nothing else.
#[derive(Default)]
struct Parts<'s> {
    each: Vec<(&'s str, &'s Value)>,
    every: Option<&'s Value>,
    required: Vec<&'s str>,
}

/// The pattern of every attribute's name, and of no other member's.
const EVERY_ATTRIBUTE: &str = "^[A-Za-z]";

fn parts_of(schema: &Value) -> Option<Parts<'_>> {
    let mut parts = Parts::default();
    for (word, value) in schema.as_object()? {
        match word.as_str() {
            "properties" => parts.each = value.as_object()?.iter().map(|(name, part)| (name.as_str(), part)).collect(),
            "required" => parts.required = value.as_array()?.iter().map(Value::as_str).collect::<Option<_>>()?,
            "patternProperties" => {
                let patterns = value.as_object()?;
                parts.every = Some(patterns.get(EVERY_ATTRIBUTE).filter(|_| patterns.len() == 1)?);
            }
            _ => return None,
        }
    }
    let about_request = parts.each.iter().map(|(name, _)| name).chain(&parts.required).any(|name| name.starts_with('@'));
    (!about_request).then_some(parts)
}

/// `{properties: {A: S}, required: [A]?}`: a check of one attribute, dispatched by it.
fn single_attribute(schema: &Value) -> Option<(&str, Value, bool)> {
    let object = schema.as_object()?;
    if object.keys().any(|k| k != "properties" && k != "required") {
        return None;
    }
    let required: Vec<&str> = object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = object.get("properties").and_then(Value::as_object);
    let (name, inner) = match (properties.map(|p| (p.len(), p.iter().next())), required.as_slice()) {
        (Some((1, Some((name, inner)))), [] | [_]) => (name.as_str(), inner.clone()),
        (None, [name]) => (*name, Value::Bool(true)),
        _ => return None,
    };
    let consistent = required.first().is_none_or(|r| *r == name) && !name.starts_with('@');
    consistent.then_some((name, inner, !required.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn recognises_checks_of_one_attribute() {
        assert!(matches!(single_attribute(&json!({"properties": {"A": {"maxItems": 1}}})), Some(("A", _, false))));
        assert!(matches!(single_attribute(&json!({"required": ["A"], "properties": {"A": {}}})), Some(("A", _, true))));
        assert!(matches!(single_attribute(&json!({"required": ["A"]})), Some(("A", _, true))));
        for other in [
            json!({"properties": {"A": {}, "B": {}}}),
            json!({"required": ["B"], "properties": {"A": {}}}),
            json!({"distinct": "A"}),
            json!({"properties": {"@id": {}}}),
        ] {
            assert!(single_attribute(&other).is_none(), "{other}");
        }
    }
}
