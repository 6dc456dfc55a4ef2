//! Names of attributes as files write them: looked up once for each spelling.
//!
//! The model gives the usual spelling, which is that of records. Must never look at a value.

use std::sync::Arc;

use rapidhash::RapidHashMap;

use super::ldif::MAX_KNOWN;
use super::model::Model;
use crate::rules::directory::Syntax;
use crate::source::record::{NameId, Names};

/// What is done with the values of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Nothing more than keep them.
    Plain,
    /// They tell the kind.
    ObjectClass,
    /// They tell how profiles are written.
    Profiles,
    /// They tell what comes first in composite values.
    Composite,
}

/// What is known of an attribute, for one way of writing its name.
#[derive(Clone, Debug)]
pub struct Known {
    /// Its id among the names that requirements mention.
    pub id: NameId,
    /// The name that the model gives it, where it is written otherwise.
    pub name: Option<Arc<str>>,
    /// What its values tell.
    pub role: Role,
    /// Its values are texts, by the model.
    pub text: bool,
    /// The model does not have it.
    pub local: bool,
    /// And nobody declared it.
    pub unknown: bool,
}

/// What is known, by spelling.
#[derive(Debug, Default)]
pub struct Spellings(RapidHashMap<Box<str>, Known>);

impl Spellings {
    /// What is known of an attribute by the name a file gives it.
    pub fn get(&mut self, written: &str, model: &Model, names: &Names) -> Known {
        if let Some(known) = self.0.get(written) {
            return known.clone();
        }
        let info = model.attribute(written);
        let (base, options) = written.split_once(';').map_or((written, None), |(base, options)| (base, Some(options)));
        let canonical = info.map(|i| i.name.as_str());
        // An option makes another attribute: what has one is kept apart, under its base name in the usual spelling.
        let name = match (canonical, options) {
            (Some(name), None) if name != base => Some(name.to_owned()),
            (Some(name), Some(options)) => Some(format!("{name};{}", options.to_ascii_lowercase())),
            _ => None,
        };
        let binary = options.is_some_and(|o| o.split(';').any(|o| o.eq_ignore_ascii_case("binary")));
        let role = match canonical {
            _ if options.is_some() => Role::Plain,
            Some("objectClass") => Role::ObjectClass,
            Some("ENTPersonProfils") => Role::Profiles,
            _ if info.is_some_and(|i| i.attribute.composite) => Role::Composite,
            None if written.eq_ignore_ascii_case("objectClass") => Role::ObjectClass,
            _ => Role::Plain,
        };
        let known = Known {
            id: names.get(name.as_deref().unwrap_or(written)),
            name: name.map(Arc::from),
            role,
            text: !binary && info.is_some_and(|i| i.attribute.syntax != Syntax::Octets),
            local: info.is_none(),
            unknown: !model.knows_attribute(written),
        };
        if self.0.len() < MAX_KNOWN {
            self.0.insert(written.into(), known.clone());
        }
        known
    }
}
