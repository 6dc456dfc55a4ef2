//! One request of the feed, built attribute by attribute and written as XML.
//!
//! Depends on nothing of the generator. The buffer is reused: writing a record allocates nothing.

use std::borrow::Cow;
use std::fmt::{Arguments, Write as _};

use super::Encoding;

/// Kind of record, in the order of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Structures.
    Etab,
    /// Subjects.
    Matiere,
    /// Curricula.
    Mef,
    /// Pupils.
    Eleve,
    /// Responsible persons.
    Relative,
    /// Staff.
    Staff,
}

impl Kind {
    /// Category in the name of the file, which is also the kind of record without `aaf.`.
    pub fn file_category(self) -> &'static str {
        match self {
            Self::Etab => "EtabEducNat",
            Self::Matiere => "MatiereEducNat",
            Self::Mef => "MefEducNat",
            Self::Eleve => "Eleve",
            Self::Relative => "PersRelEleve",
            Self::Staff => "PersEducNat",
        }
    }

    /// Operational attribute and its value.
    pub fn operational(self) -> (&'static str, &'static str) {
        match self {
            Self::Etab => ("categorieStructure", "EtabEducNat"),
            Self::Matiere => ("categorieMatiere", "MatEducNat"),
            Self::Mef => ("categorieMef", "MefEducNat"),
            Self::Eleve => ("categoriePersonne", "Eleve"),
            Self::Relative => ("categoriePersonne", "PersRelEleve"),
            Self::Staff => ("categoriePersonne", "PersEducNat"),
        }
    }
}

/// What is asked of the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// `addRequest`.
    Add,
    /// `modifyRequest`.
    Modify,
    /// `deleteRequest`.
    Delete,
}

impl Request {
    fn element(self) -> &'static str {
        match self {
            Self::Add => "addRequest",
            Self::Modify => "modifyRequest",
            Self::Delete => "deleteRequest",
        }
    }
}

/// One request. Attributes keep their order; an attribute without value is written `<value></value>`.
#[derive(Clone, Debug)]
pub struct Record {
    /// What it is about.
    pub kind: Kind,
    /// What is asked.
    pub request: Request,
    /// Content of `identifier/id`.
    pub id: String,
    /// Operational attribute and value.
    pub operational: (Cow<'static, str>, Cow<'static, str>),
    attrs: Vec<(Cow<'static, str>, u32)>,
    ends: Vec<u32>,
    text: String,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            kind: Kind::Eleve,
            request: Request::Add,
            id: String::new(),
            operational: ("".into(), "".into()),
            attrs: Vec::with_capacity(40),
            ends: Vec::with_capacity(80),
            text: String::with_capacity(4096),
        }
    }
}

impl Record {
    /// Empties the record and begins another.
    pub fn start(&mut self, kind: Kind, request: Request, id: impl std::fmt::Display) {
        let (name, value) = kind.operational();
        self.kind = kind;
        self.request = request;
        self.operational = (name.into(), value.into());
        self.id.clear();
        let _ = write!(self.id, "{id}");
        self.attrs.clear();
        self.ends.clear();
        self.text.clear();
    }

    /// Begins an attribute.
    pub fn attr(&mut self, name: &'static str) {
        self.attrs.push((Cow::Borrowed(name), self.ends.len() as u32));
    }

    /// Adds a value to the attribute begun last.
    pub fn value(&mut self, value: Arguments<'_>) {
        let _ = self.text.write_fmt(value);
        self.ends.push(self.text.len() as u32);
    }

    /// An attribute with one value; none when it is empty.
    pub fn one(&mut self, name: &'static str, value: &str) {
        self.attr(name);
        if !value.is_empty() {
            self.text.push_str(value);
            self.ends.push(self.text.len() as u32);
        }
    }

    /// An attribute with one formatted value.
    pub fn fmt(&mut self, name: &'static str, value: Arguments<'_>) {
        self.attr(name);
        self.value(value);
    }

    /// An attribute without value.
    pub fn none(&mut self, name: &'static str) {
        self.attr(name);
    }

    /// `O` or `N`.
    pub fn flag(&mut self, name: &'static str, value: bool) {
        self.one(name, if value { "O" } else { "N" });
    }

    /// Attributes with their values.
    pub fn attributes(&self) -> impl Iterator<Item = (&str, impl Iterator<Item = &str>)> {
        self.attrs.iter().enumerate().map(|(i, (name, first))| {
            let last = self.attrs.get(i + 1).map_or(self.ends.len(), |(_, n)| *n as usize);
            let values = (*first as usize..last).map(|v| {
                let start = if v == 0 { 0 } else { self.ends[v - 1] as usize };
                &self.text[start..self.ends[v] as usize]
            });
            (name.as_ref(), values)
        })
    }

    /// Values of an attribute; none when the record has no such attribute.
    pub fn values_of<'r>(&'r self, name: &'r str) -> impl Iterator<Item = &'r str> {
        self.attributes().filter(move |(n, _)| *n == name).flat_map(|(_, values)| values)
    }

    /// Copies the attributes out, to change them at leisure.
    pub fn to_list(&self) -> Vec<(String, Vec<String>)> {
        self.attributes().map(|(name, values)| (name.to_owned(), values.map(str::to_owned).collect())).collect()
    }

    /// Replaces the attributes.
    pub fn set_list(&mut self, list: &[(String, Vec<String>)]) {
        self.attrs.clear();
        self.ends.clear();
        self.text.clear();
        for (name, values) in list {
            self.attrs.push((Cow::Owned(name.clone()), self.ends.len() as u32));
            for value in values {
                self.text.push_str(value);
                self.ends.push(self.text.len() as u32);
            }
        }
    }

    /// Writes the request.
    pub fn render(&self, out: &mut Vec<u8>, encoding: Encoding) {
        let element = self.request.element();
        let (opening, between, closing) = match self.request {
            Request::Add => ("<attr name=\"", "\">", "</attr>\n"),
            _ => ("<modification name=\"", "\" operation=\"replace\">", "</modification>\n"),
        };
        push_all(out, &["<", element, ">\n<operationalAttributes><attr name=\"", &self.operational.0, "\"><value>", &self.operational.1]);
        push_all(out, &["</value></attr></operationalAttributes>\n<identifier><id>", &self.id, "</id></identifier>\n"]);
        if self.request != Request::Delete {
            let list = if self.request == Request::Add { "attributes" } else { "modifications" };
            push_all(out, &["<", list, ">\n"]);
            for (name, values) in self.attributes() {
                push_all(out, &[opening, name, between]);
                let mut empty = true;
                for value in values {
                    empty = false;
                    out.extend_from_slice(b"<value>");
                    escape(out, value, encoding);
                    out.extend_from_slice(b"</value>");
                }
                if empty {
                    out.extend_from_slice(b"<value></value>");
                }
                out.extend_from_slice(closing.as_bytes());
            }
            push_all(out, &["</", list, ">\n"]);
        }
        push_all(out, &["</", element, ">\n"]);
    }
}

fn push_all(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Character data. Beyond ASCII: a numeric reference, as real exports do, or the byte of ISO-8859-15.
pub fn escape(out: &mut Vec<u8>, text: &str, encoding: Encoding) {
    if text.bytes().all(|b| b.is_ascii() && !matches!(b, b'&' | b'<' | b'>' | b'\'')) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    for c in text.chars() {
        match c {
            '&' => out.extend_from_slice(b"&amp;"),
            '<' => out.extend_from_slice(b"&lt;"),
            '>' => out.extend_from_slice(b"&gt;"),
            '\'' => out.extend_from_slice(b"&apos;"),
            c if c.is_ascii() => out.push(c as u8),
            c => match (encoding, latin9(c)) {
                (Encoding::Iso885915, Some(byte)) => out.push(byte),
                _ => out.extend_from_slice(format!("&#{};", c as u32).as_bytes()),
            },
        }
    }
}

/// The byte of ISO-8859-15 of the letters we use: Latin-1 but for the eight places where they differ.
fn latin9(c: char) -> Option<u8> {
    match c {
        '\u{a4}' | '\u{a6}' | '\u{a8}' | '\u{b4}' | '\u{b8}' | '\u{bc}' | '\u{bd}' | '\u{be}' => None,
        '\u{a0}'..='\u{ff}' => u8::try_from(c as u32).ok(),
        'œ' => Some(0xBD),
        'Œ' => Some(0xBC),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_survives_its_list() {
        let mut record = Record::default();
        record.start(Kind::Eleve, Request::Add, 12);
        record.one("sn", "D'ORLAY");
        record.none("mail");
        record.attr("ENTPersonAutresPrenoms");
        record.value(format_args!("Éloi"));
        record.value(format_args!("Noé"));
        let mut before = Vec::new();
        record.render(&mut before, Encoding::Utf8);
        let list = record.to_list();
        record.set_list(&list);
        let mut after = Vec::new();
        record.render(&mut after, Encoding::Utf8);
        assert_eq!(before, after);
        let text = String::from_utf8(before).expect("UTF-8");
        assert!(
            text.is_ascii()
                && text.contains("<value>D&apos;ORLAY</value>")
                && text.contains("<value>&#201;loi</value><value>No&#233;</value>")
        );
        assert!(text.contains("<attr name=\"mail\"><value></value></attr>"));
    }

    #[test]
    fn iso_8859_15_writes_bytes() {
        let mut out = Vec::new();
        escape(&mut out, "Éœ€&", Encoding::Iso885915);
        assert_eq!(out, b"\xC9\xBD&#8364;&amp;");
    }
}
