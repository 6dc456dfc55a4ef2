//! One record of a GAR-ENT file: a small tree, written as XML.
//!
//! Names and order of the elements are those of the GAR-ENT schemas 1.7 (2D) and 1.4 (1D); only the generator
//! decides what goes in. Depends on nothing of it but the degree.

use super::super::Degree;

/// The five kinds of file, in the order in which they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// Schools, curricula, subjects.
    Etab,
    /// Pupils.
    Eleve,
    /// Staff.
    Enseignant,
    /// Classes, groups and who is in them.
    Groupe,
    /// Those who assign resources.
    RespAff,
}

impl Category {
    /// As in the names of files; the root is `GAR-ENT-` and this.
    pub fn name(self) -> &'static str {
        match self {
            Self::Etab => "Etab",
            Self::Eleve => "Eleve",
            Self::Enseignant => "Enseignant",
            Self::Groupe => "Groupe",
            Self::RespAff => "RespAff",
        }
    }
}

/// Kind of record, in the order of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A school.
    Etab,
    /// A curriculum of a school.
    Mef,
    /// A subject of a school.
    Matiere,
    /// A pupil.
    Eleve,
    /// A pupil follows a curriculum (2D), is at a level (1D).
    EleveMef,
    /// A pupil follows a subject.
    EleveEnseignement,
    /// A member of staff.
    Enseignant,
    /// A member of staff teaches a curriculum (2D), a level (1D).
    EnseignantMef,
    /// A class or a group.
    Groupe,
    /// Somebody is in a class or a group.
    PersonGroupe,
    /// A subject is taught to a group.
    EnsGroupeMatiere,
    /// A subject is taught to a class.
    EnsClasseMatiere,
    /// Somebody who assigns resources.
    RespAff,
}

impl Kind {
    /// The kind of file that holds it.
    pub fn category(self) -> Category {
        match self {
            Self::Etab | Self::Mef | Self::Matiere => Category::Etab,
            Self::Eleve | Self::EleveMef | Self::EleveEnseignement => Category::Eleve,
            Self::Enseignant | Self::EnseignantMef => Category::Enseignant,
            Self::Groupe | Self::PersonGroupe | Self::EnsGroupeMatiere | Self::EnsClasseMatiere => Category::Groupe,
            Self::RespAff => Category::RespAff,
        }
    }

    /// Name of the element.
    pub fn element(self, degree: Degree) -> &'static str {
        match self {
            Self::Etab => "GAREtab",
            Self::Mef => "GARMEF",
            Self::Matiere => "GARMatiere",
            Self::Eleve => "GAREleve",
            Self::EleveMef | Self::EnseignantMef if degree == Degree::D1 => "GARPersonMEFSTAT4",
            Self::EleveMef | Self::EnseignantMef => "GARPersonMEF",
            Self::EleveEnseignement => "GAREleveEnseignement",
            Self::Enseignant => "GAREnseignant",
            Self::Groupe => "GARGroupe",
            Self::PersonGroupe => "GARPersonGroupe",
            Self::EnsGroupeMatiere => "GAREnsGroupeMatiere",
            Self::EnsClasseMatiere => "GAREnsClasseMatiere",
            Self::RespAff => "GARRespAff",
        }
    }
}

/// A child element: a text, or elements of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Name of the element.
    pub name: &'static str,
    /// Its text, when it has no elements.
    pub text: String,
    /// Its elements.
    pub inner: Vec<(&'static str, String)>,
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it is.
    pub kind: Kind,
    /// Child elements, in order.
    pub fields: Vec<Field>,
}

impl Record {
    /// A record without anything in it.
    pub fn new(kind: Kind) -> Self {
        Self { kind, fields: Vec::with_capacity(12) }
    }

    /// A record of texts only.
    pub fn of<const N: usize>(kind: Kind, texts: [(&'static str, &str); N]) -> Self {
        let fields = texts.into_iter().map(|(name, text)| field(name, text)).collect();
        Self { kind, fields }
    }

    /// Adds an element at the end.
    pub fn add(&mut self, name: &'static str, text: impl Into<String>) {
        self.fields.push(field(name, text));
    }

    /// Adds an element at the end, unless it would be empty.
    pub fn add_some(&mut self, name: &'static str, text: Option<&str>) {
        if let Some(text) = text.filter(|t| !t.is_empty()) {
            self.add(name, text);
        }
    }

    /// Adds an element of elements at the end.
    pub fn add_block(&mut self, name: &'static str, inner: &[(&'static str, &str)]) {
        self.fields.push(block(name, inner));
    }

    /// Text of the first element of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|f| f.name == name).map(|f| f.text.as_str())
    }

    /// Texts of the elements of that name.
    pub fn all<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.fields.iter().filter(move |f| f.name == name).map(|f| f.text.as_str())
    }

    /// Gives the first element of that name another text; false when there is none.
    pub fn set(&mut self, name: &str, text: impl Into<String>) -> bool {
        let Some(found) = self.fields.iter_mut().find(|f| f.name == name) else { return false };
        found.text = text.into();
        true
    }

    /// Takes away the elements of that name; false when there are none.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.fields.len();
        self.fields.retain(|f| f.name != name);
        self.fields.len() < before
    }

    /// Puts an element after the last of those named; false when there are none.
    pub fn put_after(&mut self, names: &[&str], new: Field) -> bool {
        let Some(last) = self.fields.iter().rposition(|f| names.contains(&f.name)) else { return false };
        self.fields.insert(last + 1, new);
        true
    }

    /// What the record is known by: a person, a school or a code.
    pub fn id(&self) -> &str {
        let name = match self.kind {
            Kind::Etab => "GARStructureUAI",
            Kind::Mef => "GARMEFCode",
            Kind::Matiere => "GARMatiereCode",
            Kind::Groupe => "GARGroupeCode",
            _ => "GARPersonIdentifiant",
        };
        self.get(name).unwrap_or_default()
    }

    /// Writes the record, one element a line.
    pub fn render(&self, degree: Degree, out: &mut String) {
        let element = self.kind.element(degree);
        push(out, &["<men:", element, ">\n"]);
        for Field { name, text, inner } in &self.fields {
            push(out, &["<men:", name, ">"]);
            if inner.is_empty() {
                escape(out, text);
            } else {
                out.push('\n');
                for (name, text) in inner {
                    push(out, &["<men:", name, ">"]);
                    escape(out, text);
                    push(out, &["</men:", name, ">\n"]);
                }
            }
            push(out, &["</men:", name, ">\n"]);
        }
        push(out, &["</men:", element, ">\n"]);
    }
}

/// An element with a text.
pub fn field(name: &'static str, text: impl Into<String>) -> Field {
    Field { name, text: text.into(), inner: Vec::new() }
}

/// An element with elements.
pub fn block(name: &'static str, inner: &[(&'static str, &str)]) -> Field {
    Field { name, text: String::new(), inner: inner.iter().map(|(n, t)| (*n, (*t).to_owned())).collect() }
}

fn push(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|p| out.push_str(p));
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_written_in_order() {
        let mut record = Record::of(Kind::Groupe, [("GARGroupeCode", "6EA"), ("GARGroupeLibelle", "Sixième <A> & co")]);
        record.add_block("GARPersonProfils", &[("GARStructureUAI", "0200001X")]);
        assert!(record.put_after(&["GARGroupeCode"], field("GARStructureUAI", "0200001X")));
        let mut out = String::new();
        record.render(Degree::D2, &mut out);
        let flat = out.replace('\n', "").replace("men:", "");
        assert_eq!(
            flat,
            "<GARGroupe><GARGroupeCode>6EA</GARGroupeCode><GARStructureUAI>0200001X</GARStructureUAI>\
             <GARGroupeLibelle>Sixième &lt;A&gt; &amp; co</GARGroupeLibelle>\
             <GARPersonProfils><GARStructureUAI>0200001X</GARStructureUAI></GARPersonProfils></GARGroupe>"
        );
    }
}
