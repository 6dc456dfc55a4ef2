//! The reference model of the directory, ready to be asked: which class, which attribute, what a list of classes allows.
//!
//! Made from the data of the set ([`crate::rules::directory`]). Names are looked up without case. Must never judge.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, OnceLock};

use crate::rules::directory::{Attribute, ClassKind, DirectoryModel, Equality, Local, ObjectClass, Syntax};
use crate::source::record::{NameId, intern};

/// The model of a set; empty for a set that has none.
#[derive(Clone, Debug, Default)]
pub struct Model {
    classes: HashMap<String, ClassInfo>,
    attributes: HashMap<String, AttributeInfo>,
    /// Names that the target declares, by name in lower case: nothing more is known of them.
    declared_classes: HashMap<String, String>,
    declared_attributes: HashMap<String, String>,
    table: OnceLock<Arc<Table>>,
}

/// The attributes of a model by the ids of their names, so that records need not be looked up by name.
#[derive(Debug, Default)]
pub struct Table {
    attributes: Vec<Option<AttributeInfo>>,
    ids: HashMap<String, NameId>,
}

impl Table {
    /// The id of a name, as the model writes it.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<NameId> {
        self.ids.get(name).copied()
    }

    /// The attribute of a name.
    #[must_use]
    pub fn get(&self, id: NameId) -> Option<&AttributeInfo> {
        self.attributes.get(id.index())?.as_ref()
    }
}

/// An object class.
#[derive(Clone, Debug)]
pub struct ClassInfo {
    /// Its name as the model writes it.
    pub name: String,
    /// What it is.
    pub class: ObjectClass,
}

/// An attribute.
#[derive(Clone, Debug)]
pub struct AttributeInfo {
    /// Its name as the model writes it.
    pub name: String,
    /// What it is.
    pub attribute: Attribute,
}

/// What a list of classes amounts to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closure {
    /// All the classes, superiors included, as the model writes them; those it does not know as written.
    pub all: Vec<String>,
    /// Some are not in the model, or the entry may have any attribute: what is allowed is not known.
    pub open: bool,
    /// Structural classes that are superior to no other one of the list.
    pub structural: Vec<String>,
    /// Superiors that the list leaves out.
    pub unlisted: Vec<String>,
    /// Attributes required.
    pub must: Vec<String>,
    /// Attributes allowed, those required included.
    pub may: Vec<String>,
}

impl Model {
    /// From the parts of a set.
    pub fn new<'a>(parts: impl Iterator<Item = &'a DirectoryModel>) -> Self {
        let mut model = Self::default();
        for part in parts {
            for (name, class) in &part.classes {
                model.classes.insert(name.to_lowercase(), ClassInfo { name: name.clone(), class: class.clone() });
            }
            for (name, attribute) in &part.attributes {
                let info = AttributeInfo { name: name.clone(), attribute: attribute.clone() };
                for alias in attribute.aliases.iter().chain([name]) {
                    model.attributes.insert(alias.to_lowercase(), info.clone());
                }
            }
        }
        model
    }

    /// The same, with what a target declares beside it.
    #[must_use]
    pub fn declaring(&self, local: &Local) -> Self {
        let mut model = self.clone();
        let each = |names: &[String]| names.iter().map(|name| (name.to_lowercase(), name.clone())).collect::<Vec<_>>();
        model.declared_classes.extend(each(&local.classes));
        model.declared_attributes.extend(each(&local.attributes));
        model
    }

    /// What is declared, in the order of the alphabet.
    #[must_use]
    pub fn declared(&self) -> Vec<&str> {
        let mut all: Vec<&str> = self.declared_classes.values().chain(self.declared_attributes.values()).map(String::as_str).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether a class is in the model, or declared.
    #[must_use]
    pub fn knows_class(&self, name: &str) -> bool {
        self.class(name).is_some() || self.declared_classes.contains_key(&name.to_lowercase())
    }

    /// Whether an attribute is in the model, or declared; options aside.
    #[must_use]
    pub fn knows_attribute(&self, name: &str) -> bool {
        let base = name.split_once(';').map_or(name, |(base, _)| base);
        self.attribute(base).is_some() || self.declared_attributes.contains_key(&base.to_lowercase())
    }

    /// A set without directory has an empty one.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.attributes.is_empty()
    }

    /// The class of that name.
    #[must_use]
    pub fn class(&self, name: &str) -> Option<&ClassInfo> {
        self.classes.get(&name.to_lowercase())
    }

    /// The attribute of that name, options aside.
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&AttributeInfo> {
        let base = name.split_once(';').map_or(name, |(base, _)| base);
        self.attributes.get(&base.to_lowercase())
    }

    /// Every attribute, once for each of its names.
    pub fn attributes(&self) -> impl Iterator<Item = &AttributeInfo> {
        self.attributes.values()
    }

    /// The attributes by id: made once, for all that ask.
    #[must_use]
    pub fn table(&self) -> Arc<Table> {
        let make = || {
            let mut table = Table::default();
            for info in self.attributes() {
                let id = intern(&info.name);
                table.ids.insert(info.name.clone(), id);
                let at = id.index();
                table.attributes.resize(table.attributes.len().max(at + 1), None);
                table.attributes[at] = Some(info.clone());
            }
            Arc::new(table)
        };
        self.table.get_or_init(make).clone()
    }

    /// What is named and does not exist: a superior, an attribute of a class, a target.
    #[must_use]
    pub fn dangling(&self) -> Vec<String> {
        let mut all = Vec::new();
        for info in self.classes.values() {
            let lost = |name: &&String| self.attribute(name).is_none();
            all.extend(info.class.must.iter().chain(&info.class.may).filter(lost).cloned());
            all.extend(info.class.sup.iter().filter(|name| self.class(name).is_none()).cloned());
        }
        for info in self.attributes.values() {
            all.extend(info.attribute.to.iter().filter(|name| self.class(name).is_none()).cloned());
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What classes amount to together.
    pub fn closure<'a>(&self, classes: impl Iterator<Item = &'a str>) -> Closure {
        let mut out = Closure::default();
        let mut listed: Vec<String> = Vec::new();
        // A hostile entry lists as many as it can, as often as it can.
        let mut met = HashSet::new();
        for written in classes.filter(|written| met.insert(*written)) {
            match self.class(written) {
                Some(info) => listed.push(info.name.clone()),
                None => {
                    out.open = true;
                    out.all.push(written.to_owned());
                }
            }
            out.open |= written.eq_ignore_ascii_case("extensibleObject");
        }
        listed.sort_unstable();
        listed.dedup();
        let mut todo = listed.clone();
        let mut superiors: Vec<&String> = Vec::new();
        let mut known = HashSet::new();
        while let Some(name) = todo.pop() {
            let Some(info) = self.class(&name).filter(|_| known.insert(name.clone())) else { continue };
            superiors.extend(&info.class.sup);
            todo.extend(info.class.sup.iter().filter_map(|s| self.class(s)).map(|s| s.name.clone()));
            for (from, to) in [(&info.class.must, &mut out.must), (&info.class.may, &mut out.may)] {
                to.extend(from.iter().map(|a| self.attribute(a).map_or_else(|| a.clone(), |i| i.name.clone())));
            }
            out.all.push(name);
        }
        let must = out.must.clone();
        out.may.extend(must);
        for list in [&mut out.must, &mut out.may, &mut out.all] {
            list.sort_unstable();
            list.dedup();
        }
        let structural = |name: &&String| self.class(name).is_some_and(|i| i.class.kind == ClassKind::Structural);
        let superior = |name: &&String| superiors.iter().any(|s| s.eq_ignore_ascii_case(name));
        out.structural = out.all.iter().filter(structural).filter(|n| !superior(n)).cloned().collect();
        let concrete = |name: &&String| self.class(name).is_some_and(|i| i.class.kind != ClassKind::Abstract);
        out.unlisted = out.all.iter().filter(concrete).filter(|n| listed.binary_search(n).is_err()).cloned().collect();
        out
    }
}

/// Whether a name is of those that the ministry's model keeps for itself.
#[must_use]
pub fn is_ent(name: &str) -> bool {
    name.get(..3).is_some_and(|start| start.eq_ignore_ascii_case("ENT"))
}

impl AttributeInfo {
    /// How its values are compared.
    #[must_use]
    pub fn equality(&self) -> Equality {
        self.attribute.equality.unwrap_or(match self.attribute.syntax {
            Syntax::Dn => Equality::Dn,
            Syntax::Octets => Equality::Exact,
            _ => Equality::IgnoreCase,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Model {
        let part: DirectoryModel = serde_json::from_value(serde_json::json!({
            "id": "essai", "title": {"fr": "essai", "en": "trial"}, "sources": [],
            "classes": {
                "top": {"kind": "abstract", "must": ["objectClass"]},
                "person": {"kind": "structural", "sup": ["top"], "must": ["sn", "cn"]},
                "ENTPerson": {"kind": "structural", "sup": ["person"], "must": ["ENTPersonLogin"]},
                "ENTAux": {"kind": "auxiliary", "sup": ["top"], "may": ["surname"]},
                "group": {"kind": "structural", "sup": ["top"]}
            },
            "attributes": {
                "objectClass": {"syntax": "oid"}, "cn": {"syntax": "text"}, "sn": {"syntax": "text", "aliases": ["surname"]},
                "ENTPersonLogin": {"syntax": "text", "single": true, "to": ["ENTNone"]}
            }
        }))
        .expect("model");
        Model::new(std::iter::once(&part))
    }

    #[test]
    fn classes_add_up_with_their_superiors() {
        let model = model();
        let closure = model.closure(["entperson", "ENTAUX"].into_iter());
        assert_eq!(closure.all, ["ENTAux", "ENTPerson", "person", "top"]);
        assert_eq!(
            (closure.structural.as_slice(), closure.unlisted.as_slice()),
            (["ENTPerson".to_owned()].as_slice(), ["person".to_owned()].as_slice())
        );
        assert_eq!(closure.must, ["ENTPersonLogin", "cn", "objectClass", "sn"]);
        assert!(!closure.open && closure.may.contains(&"sn".to_owned()));
        assert_eq!(model.closure(["ENTPerson", "group"].into_iter()).structural, ["ENTPerson", "group"]);
        let local = model.closure(["ENTPerson", "posixAccount"].into_iter());
        assert!(local.open && local.all.contains(&"posixAccount".to_owned()));
    }

    #[test]
    fn what_is_declared_is_known_and_nothing_more() {
        let local = Local { classes: vec!["posixAccount".to_owned()], attributes: vec!["homeDirectory".to_owned()] };
        let (plain, model) = (model(), model().declaring(&local));
        assert!(model.knows_class("POSIXACCOUNT") && model.knows_class("person") && model.knows_attribute("homedirectory;x-a"));
        assert!(!plain.knows_class("posixAccount") && !plain.knows_attribute("homeDirectory") && !model.knows_attribute("shell"));
        assert_eq!((model.declared(), plain.declared()), (vec!["homeDirectory", "posixAccount"], vec![]));
        assert!(model.class("posixAccount").is_none() && model.closure(["ENTPerson", "posixAccount"].into_iter()).open);
    }

    #[test]
    fn names_are_looked_up_without_case_nor_options() {
        let model = model();
        assert_eq!(model.attribute("SURNAME;lang-fr").map(|a| a.name.as_str()), Some("sn"));
        assert_eq!(model.dangling(), ["ENTNone"]);
    }
}
