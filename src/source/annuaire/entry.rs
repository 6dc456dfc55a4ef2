//! What is told of an entry as a whole: its kind, its place in the tree, the `@` members of its record.

use std::sync::Arc;

use super::census::Census;
use super::dn;
use super::kinds::{Family, kind_of};
use super::ldif::{MAX_KNOWN, Parser, Run};
use super::model::Model;
use crate::source::Kind;
use crate::source::feed::Sink;
use crate::source::record::{NameId, Names, Record, Span};

/// The members that are about the entry.
#[derive(Clone, Copy, Debug)]
pub struct Meta {
    id: NameId,
    dn: NameId,
    rdn: NameId,
    rdn_in: NameId,
    parent: NameId,
    branch: NameId,
    classes: NameId,
    structural: NameId,
}

impl Meta {
    /// Those that requirements mention.
    #[must_use]
    pub fn of(names: &Names) -> Self {
        let get = |name: &str| names.get(name);
        Self {
            id: get("@id"),
            dn: get("@dn"),
            rdn: get("@rdn"),
            rdn_in: get("@rdnIn"),
            parent: get("@parent"),
            branch: get("@branch"),
            classes: get("@classes"),
            structural: get("@structural"),
        }
    }
}

/// What a list of classes tells.
#[derive(Debug)]
pub struct ClassList {
    kind: Option<Kind>,
    all: Vec<String>,
    structural: Vec<String>,
    /// Those the model has, as it writes them, superiors that nothing names left out.
    listed: Vec<String>,
    local: Vec<String>,
}

impl ClassList {
    fn of(classes: &str, model: &Model) -> Self {
        let each = || classes.lines().filter(|c| !c.is_empty());
        let closure = model.closure(each());
        let local = |c: &&str| !model.knows_class(c);
        Self {
            kind: kind_of(closure.all.iter().map(String::as_str)),
            listed: each().filter_map(|c| model.class(c)).map(|i| i.name.clone()).collect(),
            local: each().filter(local).map(str::to_owned).collect(),
            structural: closure.structural,
            all: closure.all,
        }
    }

    /// Counts that many entries.
    fn count(&self, entries: u64, census: &mut Census) {
        self.listed.iter().for_each(|class| census.classes.add(class, entries));
        self.local.iter().for_each(|class| census.local_classes.add(class, entries));
    }
}

/// Longest list of classes remembered: real ones are some hundred letters.
const MAX_LIST: usize = 2048;
/// Most types of RDN remembered: a directory has a few.
const MAX_TYPES: usize = 16;

impl Parser {
    /// The name that the model gives a type of an RDN; the type itself when it has none.
    fn type_name(&mut self, kind: &str) -> Arc<str> {
        if let Some((_, name)) = self.types.iter().find(|(known, _)| **known == *kind) {
            return name.clone();
        }
        let name: Arc<str> = self.model.attribute(kind).map_or(kind, |i| i.name.as_str()).into();
        if self.types.len() < MAX_TYPES {
            self.types.push((kind.into(), name.clone()));
        }
        name
    }
}

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    /// Ends the record of an entry whose name is `normal`; its kind.
    pub(super) fn finish(&mut self, dn: Span, normal: &str, line: u32) -> Option<Kind> {
        let list = self.class_list();
        let family = list.kind.map_or(Family::Other, Family::of);
        self.census.place(normal, family, line, &mut self.recent);
        let (meta, (rdn, above)) = (self.p.meta, dn::first_rdn(normal));
        if self.tagged {
            self.untagged();
        }
        let (kind, value) = rdn.split_once('=').unwrap_or((rdn, ""));
        let name = self.p.type_name(kind);
        // Most RDNs are one value, without escapes, which the entry has too.
        let plain = || !value.contains(['\\', '+']) && self.record.named(&name).any(|v| v.eq_ignore_ascii_case(value));
        let found = match meta.rdn_in == NameId::OTHER {
            true => "",
            false if plain() => "yes",
            false => rdn_in(&self.record, rdn, &self.p.model),
        };
        let record = &mut self.record;
        record.push_meta(meta.dn, "@dn", &[dn]);
        record.push_meta_text(meta.id, "@id", normal);
        record.push_meta_text(meta.parent, "@parent", above);
        record.push_meta_text(meta.rdn_in, "@rdnIn", found);
        if rdn.contains('+') {
            let types = dn::types(rdn).map(|name| self.p.model.attribute(name).map_or(name, |i| i.name.as_str()));
            record.push_meta_texts(meta.rdn, "@rdn", types);
        } else {
            record.push_meta_text(meta.rdn, "@rdn", &name);
        }
        record.push_meta_texts(meta.branch, "@branch", dn::rdns(above));
        record.push_meta_texts(meta.classes, "@classes", list.all.iter().map(String::as_str));
        record.push_meta_texts(meta.structural, "@structural", list.structural.iter().map(String::as_str));
        list.kind
    }

    /// An attribute that is given with tags only is there under its own name too: whoever asks a server for `givenName` is
    /// answered `givenName;lang-fr` (RFC 4512, RFC 3866). Of languages, the first value: they say one thing.
    fn untagged(&mut self) {
        let mut only: Vec<(String, Vec<String>)> = Vec::new();
        for (_, name, values) in self.record.named_members() {
            let Some((base, tags)) = name.split_once(';') else { continue };
            if tags.split(';').any(|tag| tag == "binary") || self.record.named(base).next().is_some() {
                continue;
            }
            let language = tags.split(';').all(|tag| tag.starts_with("lang-"));
            let known = only.iter().position(|(known, _)| known == base);
            let at = known.unwrap_or_else(|| {
                only.push((base.to_owned(), Vec::new()));
                only.len() - 1
            });
            let most = if language { 1_usize.saturating_sub(only[at].1.len()) } else { values.len() };
            only[at].1.extend(values.iter().take(most).map(str::to_owned));
        }
        for (base, values) in only {
            let (id, name, at) = (self.p.names.get(&base), self.record.store(&base), self.record.offset as usize);
            self.record.open(id, name, at);
            for value in values {
                let span = self.record.store(&value);
                self.record.push(span);
            }
        }
    }

    fn class_list(&mut self) -> Arc<ClassList> {
        let p = &mut *self.p;
        if let Some((list, count)) = p.lists.get_mut(p.classes.as_str()) {
            *count += 1;
            return list.clone();
        }
        let list = Arc::new(ClassList::of(&p.classes, &p.model));
        if p.lists.len() < MAX_KNOWN && p.classes.len() <= MAX_LIST {
            p.lists.insert(p.classes.as_str().into(), (list.clone(), 1));
        } else {
            list.count(1, &mut self.census);
        }
        list
    }

    /// Ends a chunk: counts what was put off, places, then classes list by list.
    pub(super) fn count(&mut self) {
        self.census.settle(&mut self.recent);
        let census = &mut self.census;
        self.p.spellings.seen(&self.p.model, |name, entries| census.attributes.add(name, entries));
        let counted = self.p.lists.iter_mut().filter(|(_, (_, count))| *count > 0);
        let mut counted: Vec<_> = counted.map(|(classes, (list, count))| (classes, list, std::mem::take(count))).collect();
        // Only so many names are counted: always the same ones.
        counted.sort_unstable_by_key(|(classes, ..)| *classes);
        for (_, list, count) in counted {
            list.count(count, &mut self.census);
        }
    }
}

/// Whether the value of the RDN is among those of the entry: `yes`, `no`, or `spaces` when only spaces tell them apart;
/// `unknown` when it cannot be told, the entry having no such attribute (the export leaves it out: a server always has it)
/// or the value being written in hexadecimal.
fn rdn_in(record: &Record<'_>, rdn: &str, model: &Model) -> &'static str {
    let mut worst = "yes";
    for ava in dn::Dn::parse(rdn).into_iter().flat_map(|dn| dn.rdns).flatten() {
        let name = model.attribute(ava.name).map_or(ava.name, |i| i.name.as_str());
        let values: Vec<&str> = record.named(name).collect();
        if values.iter().any(|v| v.eq_ignore_ascii_case(&ava.value) || dn::normal_value(v) == ava.value) {
            continue;
        }
        let tight = |text: &str| dn::normal_value(text).replace(' ', "");
        let hexadecimal = |text: &str| text.strip_prefix('#').is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
        worst = match worst {
            "no" => "no",
            _ if values.iter().any(|v| tight(v) == tight(&ava.value)) => "spaces",
            "spaces" => "spaces",
            _ if values.is_empty() || hexadecimal(&ava.value) => "unknown",
            _ => "no",
        };
    }
    worst
}
