//! What is delivered together, and how it is read: the part of a [`Feed`] that all formats of files share.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use jiff::civil::Date;

use super::chunk::CHUNK;
use super::input::{Entries, Files, Found, Group, InputFile, Place, Says, Source, lock};
use super::log::{Damage, FileLog};
use crate::rules::model::Degree;
use crate::source::feed::{Chunks, Facts, Feed, FileFacts, Notes, Parse, Read};
use crate::source::record::Names;
use crate::source::{KINDS, Kind};

/// What is delivered together.
#[derive(Clone, Debug)]
pub struct Delivery<S> {
    /// Short name for reports.
    pub label: String,
    /// `directory`, `zip`, `tar.gz` or `file`.
    pub container: &'static str,
    /// Files known before reading.
    pub files: Vec<InputFile<S>>,
    /// Archives read as streams, with their layer.
    pub tars: Vec<(PathBuf, u16)>,
    /// XML files that are not of the format.
    pub unrecognised: Vec<String>,
    /// `.md5` files.
    pub checksums: Vec<Checksum>,
    /// Level, as far as heads tell.
    pub degree: Option<Degree>,
    /// What a delta applies to was given.
    pub previous: bool,
    /// It was given as such: the layers are deliveries of their own, each with its mode and date.
    pub chained: bool,
    /// Number of layers.
    pub layers: u16,
    /// Date in the names of an archive read as a stream, as far as its beginning tells.
    pub date: Option<Date>,
    /// Bytes read at a time; only tests change it.
    pub chunk: usize,
}

/// A `.md5` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// Its name.
    pub name: String,
    /// How the sum is written.
    pub form: SumForm,
    /// Whether it is that of the file; `None` when that could not be checked.
    pub matches: Option<bool>,
}

/// How a sum is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SumForm {
    /// 32 hexadecimal digits in lower case, and nothing else.
    Exact,
    /// With capitals, a file name or a line feed.
    Lenient,
    /// No sum is read there.
    Wrong,
}

impl<S: Says> Delivery<S> {
    /// An empty one.
    #[must_use]
    pub fn new(label: String, container: &'static str) -> Self {
        Self {
            label,
            container,
            files: Vec::new(),
            tars: Vec::new(),
            unrecognised: Vec::new(),
            checksums: Vec::new(),
            degree: None,
            previous: false,
            chained: false,
            layers: 1,
            date: None,
            chunk: CHUNK,
        }
    }

    /// The groups to read, one after the other: the newest layer first, else what it says would come too late;
    /// targets of references first where no archive is to be read as a stream.
    #[must_use]
    pub fn groups(&self) -> Vec<Group> {
        let mut plain: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        for (rank, file) in self.files.iter().enumerate().filter(|(_, f)| f.problem.is_none()) {
            let first = file.said.kinds().and_then(|kinds| kinds.first().copied()).map_or(KINDS.len(), |kind| usize::from(kind.0));
            let newest_first = self.layers - file.layer.min(self.layers);
            let order = if self.tars.is_empty() { (first, newest_first) } else { (0, newest_first) };
            plain.entry(order).or_default().push(rank as u32);
        }
        let mut groups: Vec<_> = plain.into_iter().map(|(order, ranks)| (order, Group::Files(ranks))).collect();
        groups.extend(self.tars.iter().map(|(path, layer)| ((0, self.layers - layer.min(&self.layers)), Group::Tar(path.clone(), *layer))));
        groups.sort_by_key(|(order, _)| *order);
        groups.into_iter().map(|(_, group)| group).collect()
    }
}

/// A format of files.
pub trait Format: Says {
    /// What the names of its kinds and facts start with.
    const PREFIX: &'static str;
    /// All its kinds.
    fn all_kinds() -> Vec<Kind>;
    /// A parser for the files of an opened delivery.
    fn parser(opened: &Opened<Self>, names: &Names) -> Box<dyn Parse>;
    /// The facts of one file.
    fn file_facts(input: &InputFile<Self>, log: &FileLog, notes: &Notes) -> serde_json::Value;
    /// The facts of the delivery, and whether it only tells what changed since a state that is not known.
    fn delivery_facts(
        delivery: &Delivery<Self>,
        found: &Found<Self>,
        files: &[serde_json::Value],
        read: &Read<'_>,
    ) -> (serde_json::Value, bool);
}

/// A delivery being read.
#[derive(Debug)]
pub struct Opened<S> {
    /// What was found before reading.
    pub delivery: Delivery<S>,
    /// What reading finds.
    pub files: Files<S>,
    groups: Vec<Group>,
    /// It is the delivery before the one that is judged: the kinds it gives are others.
    pub as_previous: Option<Previous>,
}

/// How the kinds of a previous delivery are named.
#[derive(Clone, Copy, Debug)]
pub struct Previous {
    /// What their names start with.
    pub prefix: &'static str,
    /// How much further they stand in the list of kinds.
    pub shift: u8,
}

impl<S: Format> Opened<S> {
    /// To be read.
    #[must_use]
    pub fn new(delivery: Delivery<S>) -> Self {
        let found = Found { files: delivery.files.clone(), unrecognised: delivery.unrecognised.clone(), entries: Entries::default() };
        Self { groups: delivery.groups(), files: Arc::new(Mutex::new(found)), delivery, as_previous: None }
    }

    /// To be read as the delivery before the one that is judged.
    #[must_use]
    pub fn as_previous(delivery: Delivery<S>, previous: Previous) -> Self {
        Self { as_previous: Some(previous), ..Self::new(delivery) }
    }

    /// The kind under which records of that kind are given.
    #[must_use]
    pub fn given(&self, kind: Kind) -> Kind {
        Kind(kind.0 + self.as_previous.map_or(0, |p| p.shift))
    }

    fn kinds_of(&self, file: &InputFile<S>) -> Option<Vec<Kind>> {
        Some(file.said.kinds()?.into_iter().map(|kind| self.given(kind)).collect())
    }
}

impl<S: Format> Feed for Opened<S> {
    fn prefix(&self) -> &'static str {
        self.as_previous.map_or(S::PREFIX, |p| p.prefix)
    }

    fn label(&self) -> &str {
        &self.delivery.label
    }

    fn degree(&self) -> Option<Degree> {
        self.delivery.degree
    }

    fn date(&self) -> Option<Date> {
        self.delivery.files.iter().filter_map(|f| f.said.date()).chain(self.delivery.date).max()
    }

    fn layers(&self) -> u16 {
        self.delivery.layers
    }

    fn groups(&self) -> usize {
        self.groups.len()
    }

    fn kinds(&self, group: usize) -> Vec<Kind> {
        let all = || S::all_kinds().into_iter().map(|kind| self.given(kind)).collect();
        let Group::Files(ranks) = &self.groups[group] else { return all() };
        let found = lock(&self.files);
        let each: Option<Vec<Vec<Kind>>> = ranks.iter().filter_map(|r| found.files.get(*r as usize)).map(|f| self.kinds_of(f)).collect();
        // A file of which nothing tells the kinds may hold any.
        let Some(each) = each else { return all() };
        let mut kinds = each.concat();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    fn open(&self, group: usize) -> Box<dyn Chunks + '_> {
        Box::new(Source::open(&self.files, &self.groups[group], self.delivery.chunk))
    }

    fn parser(&self, names: &Names) -> Box<dyn Parse> {
        S::parser(self, names)
    }

    fn facts(&self, read: &Read<'_>) -> Facts {
        let found = lock(&self.files).clone();
        let nothing = FileLog::default();
        let log = |rank: usize| read.notes.logs.get(&(rank as u32)).unwrap_or(&nothing);
        let inputs = found.files.iter().enumerate();
        let files: Vec<FileFacts> = inputs
            .map(|(rank, input)| FileFacts {
                path: input.path.clone(),
                facts: S::file_facts(input, log(rank), read.notes),
                damage: Damage::of(input, Some(log(rank))),
                kinds: self.kinds_of(input),
                streamed: matches!(input.place, Place::Tar(..)),
                answered: false,
                problem: input.problem,
            })
            .collect();
        let documents: Vec<serde_json::Value> = files.iter().map(|f| f.facts.clone()).collect();
        let (mut delivery, delta_alone) = S::delivery_facts(&self.delivery, &found, &documents, read);
        if let Some(degree) = read.degree {
            delivery["degree"] = degree.as_str().into();
        }
        Facts { delivery, files, delta_alone }
    }
}
