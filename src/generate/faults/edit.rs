//! A record laid open, for faults to change.

use super::super::Degree;
use super::super::record::{Record, Request};

/// Identifiers that exist in the delivery.
pub struct Places {
    /// A structure that is not a school: a CIO (2D), a circonscription (1D).
    pub office: String,
    /// A responsible person.
    pub relative: String,
}

/// Attributes of one record, as lists that can be changed.
pub struct Edit {
    /// Degree of the delivery.
    pub degree: Degree,
    /// What is asked.
    pub request: Request,
    /// Identifier.
    pub id: String,
    /// Operational attribute and value.
    pub operational: (String, String),
    /// Attributes and values, in order.
    pub list: Vec<(String, Vec<String>)>,
    /// Identifier of a structure that is not a school: a CIO (2D), a circonscription (1D).
    pub office: String,
    /// Identifier of a responsible person that exists.
    pub relative: String,
    /// What a fault remembers from one record to the next.
    pub memory: String,
}

impl Edit {
    /// Lays a record open.
    pub fn new(record: &Record, degree: Degree, places: &Places, memory: String) -> Self {
        let operational = (record.operational.0.to_string(), record.operational.1.to_string());
        Self {
            degree,
            request: record.request,
            id: record.id.clone(),
            operational,
            list: record.to_list(),
            office: places.office.clone(),
            relative: places.relative.clone(),
            memory,
        }
    }

    /// Puts it back.
    pub fn apply(self, record: &mut Record) {
        record.request = self.request;
        record.id = self.id;
        record.operational = (self.operational.0.into(), self.operational.1.into());
        record.set_list(&self.list);
    }

    /// Values of an attribute, if the record has it.
    pub fn values(&mut self, name: &str) -> Option<&mut Vec<String>> {
        self.list.iter_mut().find(|(n, _)| n == name).map(|(_, v)| v)
    }

    /// Values of an attribute that has some.
    pub fn filled(&mut self, name: &str) -> Option<&mut Vec<String>> {
        self.values(name).filter(|v| !v.is_empty())
    }

    /// First value of an attribute that has some.
    pub fn first(&mut self, name: &str) -> Option<&mut String> {
        self.filled(name).and_then(|v| v.first_mut())
    }

    /// Gives the first of these attributes that has a value another one.
    pub fn set(&mut self, names: &[&str], value: &str) -> bool {
        let Some(values) = self.named(names).and_then(|n| self.values(n)) else { return false };
        *values = vec![value.to_owned()];
        true
    }

    /// Takes the values of the first of these attributes that has some.
    pub fn clear(&mut self, names: &[&str]) -> bool {
        names.iter().any(|name| self.filled(name).map(Vec::clear).is_some())
    }

    /// Takes the attribute itself away.
    pub fn remove(&mut self, names: &[&str]) -> bool {
        let before = self.list.len();
        self.list.retain(|(n, _)| !names.contains(&n.as_str()));
        self.list.len() < before
    }

    /// Name of the first of these attributes that has a value.
    pub fn named<'n>(&self, names: &[&'n str]) -> Option<&'n str> {
        names.iter().copied().find(|n| self.list.iter().any(|(m, v)| m == n && !v.is_empty()))
    }

    /// Adds a value to the first of these attributes that has some.
    pub fn add(&mut self, names: &[&str], value: &str) -> bool {
        let Some(values) = self.named(names).and_then(|n| self.values(n)) else { return false };
        values.push(value.to_owned());
        true
    }

    /// Gives the first of these attributes a value, empty or not.
    pub fn put(&mut self, names: &[&str], value: &str) -> bool {
        let Some((_, values)) = self.list.iter_mut().find(|(n, _)| names.contains(&n.as_str())) else { return false };
        *values = vec![value.to_owned()];
        true
    }

    /// Changes the name of the class of a pupil of the first degree.
    pub fn name_class(&mut self, name: &str) -> bool {
        self.field(&["ENTPersonClasses"], 4, name)
    }

    /// Replaces the last value of an attribute.
    pub fn set_in(&mut self, name: &str, value: &str) -> bool {
        let Some(last) = self.filled(name).and_then(|v| v.last_mut()) else { return false };
        value.clone_into(last);
        true
    }

    /// Adds an attribute at the end.
    pub fn append(&mut self, name: &str, values: &[&str]) -> bool {
        if self.list.is_empty() {
            return false;
        }
        self.list.push((name.to_owned(), values.iter().map(|v| (*v).to_owned()).collect()));
        true
    }

    /// Changes one `$`-separated field of the first value of the first of these attributes that has some.
    pub fn field(&mut self, names: &[&str], field: usize, value: &str) -> bool {
        let Some(first) = self.named(names).and_then(|n| self.first(n)) else { return false };
        let mut fields: Vec<&str> = first.split('$').collect();
        let Some(slot) = fields.get_mut(field) else { return false };
        *slot = value;
        *first = fields.join("$");
        true
    }

    /// Drops the last `$`-separated field of the first value of the first of these attributes that has some.
    pub fn shorten(&mut self, names: &[&str]) -> bool {
        let Some(first) = self.named(names).and_then(|n| self.first(n)) else { return false };
        let Some((head, _)) = first.rsplit_once('$') else { return false };
        *first = head.to_owned();
        true
    }

    /// Gives the value of one record to the next one that has the attribute: the second changes.
    pub fn repeat(&mut self, names: &[&str]) -> bool {
        let Some(name) = self.named(names) else { return false };
        let memory = std::mem::take(&mut self.memory);
        let Some(first) = self.first(name) else { return false };
        if memory.is_empty() {
            let seen = first.clone();
            self.memory = seen;
            return false;
        }
        *first = memory;
        true
    }

    /// Changes the identifier, and the key of the person or of the structure with it.
    pub fn rename(&mut self, id: &str) -> bool {
        let Some(key) = self.named(&["ENTPersonJointure", "ENTStructureJointure", "ENTMefJointure", "ENTMatJointure"]) else {
            return false;
        };
        id.clone_into(&mut self.id);
        self.set(&[key], id)
    }
}
