//! The elements of the format, with what is needed of each while reading: its name as an identifier, its tags as the
//! file writes them.
//!
//! Built once a parser from [`super::super::model`], which alone says what there is.

use super::super::model::{self, Child, Record as Model, Root};
use crate::rules::model::Degree;
use crate::source::Kind;
use crate::source::record::{NameId, Names};

/// A child and what is needed of it while reading.
#[derive(Debug)]
pub struct Known {
    /// Local name.
    pub name: &'static str,
    /// The same, as members have it.
    pub id: NameId,
    /// As the file writes it.
    pub tags: Tags,
    /// The children of a block.
    pub inner: Option<Vec<Known>>,
}

/// The tags of an element as a file with a given prefix writes them: what the scanner expects.
#[derive(Debug, Default)]
pub struct Tags {
    /// Start tag.
    pub open: Box<[u8]>,
    /// End tag.
    pub close: Box<[u8]>,
}

impl Tags {
    fn of(prefix: &str, name: &str) -> Self {
        Self { open: format!("<{prefix}{name}>").into_bytes().into(), close: format!("</{prefix}{name}>").into_bytes().into() }
    }
}

impl Known {
    fn of(name: &'static str, names: &Names) -> Self {
        Self { name, id: names.get(name), tags: Tags::default(), inner: None }
    }

    fn write_with(&mut self, prefix: &str) {
        self.tags = Tags::of(prefix, self.name);
        self.inner.iter_mut().flatten().for_each(|child| child.write_with(prefix));
    }
}

/// Where the schools a person belongs to are read.
#[derive(Clone, Copy, Debug)]
pub enum Schools {
    /// In the blocks of its profiles.
    Profiles,
    /// In the list of its schools.
    Etabs,
}

/// A record and what is needed of it while reading.
#[derive(Debug)]
pub struct KnownRecord {
    /// Local name.
    pub name: &'static str,
    /// Its kind, in the delivery that is judged.
    pub kind: Kind,
    /// As the file writes it.
    pub tags: Tags,
    /// In their order.
    pub children: Vec<Known>,
    /// The child it is known by: its person, the code of what has one.
    pub known_by: Option<NameId>,
    /// Where the schools it belongs to are read, when it is a person who has some.
    pub schools: Option<Schools>,
}

impl KnownRecord {
    /// Of the model; `None` when that names no kind.
    pub fn of(model: &Model, names: &Names) -> Option<Self> {
        let child = |child: &Child| Known {
            inner: match child {
                Child::Text(_) => None,
                Child::Block(_, inner) => Some(inner.iter().map(|name| Known::of(name, names)).collect()),
            },
            ..Known::of(child.name(), names)
        };
        let children: Vec<Known> = model.children.iter().map(child).collect();
        // The school comes first wherever there is one, and says of which record only in the record of a school.
        let known_by = children.iter().find(|c| c.name != "GARStructureUAI" || model.name == "GAREtab").map(|c| c.id);
        let schools = match model.name {
            "GAREleve" => Some(Schools::Profiles),
            "GAREnseignant" => Some(Schools::Etabs),
            _ => None,
        };
        Some(Self { name: model.name, kind: model::kind(model.name)?, tags: Tags::default(), children, known_by, schools })
    }

    /// Writes its tags with that prefix.
    pub fn write_with(&mut self, prefix: &str) {
        self.tags = Tags::of(prefix, self.name);
        self.children.iter_mut().for_each(|child| child.write_with(prefix));
    }
}

/// A root and its records.
#[derive(Debug)]
pub struct KnownRoot {
    /// What the model says of it.
    pub root: &'static Root,
    /// Its level.
    pub degree: Degree,
    /// In their order.
    pub records: Vec<KnownRecord>,
}

/// The roots of both levels.
pub fn roots(names: &Names) -> Vec<KnownRoot> {
    let known = |degree, root: &'static Root| {
        let records = root.records.iter().filter_map(|record| KnownRecord::of(record, names)).collect();
        KnownRoot { root, degree, records }
    };
    [Degree::D2, Degree::D1].into_iter().flat_map(|degree| model::roots(degree).iter().map(move |root| known(degree, root))).collect()
}
