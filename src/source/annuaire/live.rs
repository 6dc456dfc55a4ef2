//! A directory server read like an export: its entries ([`Reading`]) go through the same reader as those of a file.
//!
//! Must never write an entry to a disk, nor ask the server anything: that is done.

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::json;

use super::census::Counts;
use super::ldif::Parser;
use super::model::Model;
use super::reading::{Hidden, Reading};
use super::{OfChunks, PREFIX, Said, dn, facts};
use crate::rules::directory::Dialect;
use crate::rules::model::Degree;
use crate::source::Kind;
use crate::source::feed::{Chunks, Facts, Feed, FileFacts, Parse, Read};
use crate::source::files::delivery::Format;
use crate::source::files::log::{Damage, FileLog};
use crate::source::record::Names;
use crate::target::ldap::LdapSpec;

/// A server that was read, to be judged.
#[derive(Debug)]
pub struct Directory {
    reading: Reading,
    label: String,
    address: String,
    /// Branches read that stand in no other.
    tops: usize,
    model: Arc<Model>,
    counts: Counts,
    declared: Dialect,
}

impl Directory {
    /// Of what was read.
    #[must_use]
    pub fn new(reading: Reading, spec: &LdapSpec, model: Arc<Model>) -> Self {
        let declared = spec.dialect.clone().unwrap_or_default();
        let names: Vec<_> = reading.branches.iter().filter_map(|branch| dn::normalised(&branch.base)).collect();
        let tops = names.iter().filter(|name| !names.iter().any(|other| dn::is_under(name, other))).count();
        Self { reading, label: spec.shown(), address: spec.url.to_string(), tops, model, counts: Counts::default(), declared }
    }
}

impl Feed for Directory {
    fn prefix(&self) -> &'static str {
        PREFIX
    }
    fn label(&self) -> &str {
        &self.label
    }
    fn degree(&self) -> Option<Degree> {
        None
    }
    fn date(&self) -> Option<Date> {
        None
    }
    fn layers(&self) -> u16 {
        1
    }
    fn groups(&self) -> usize {
        1
    }
    fn kinds(&self, _: usize) -> Vec<Kind> {
        Said::all_kinds()
    }
    fn open(&self, _: usize) -> Box<dyn Chunks + '_> {
        Box::new(self.reading.kept.chunks())
    }
    fn parser(&self, names: &Names) -> Box<dyn Parse> {
        Box::new(OfChunks(Parser::new(names.clone(), self.model.clone(), self.counts.clone())))
    }
    fn facts(&self, read: &Read<'_>) -> Facts {
        let nothing = FileLog::default();
        let log = read.notes.logs.get(&0).unwrap_or(&nothing);
        let census = self.counts.of(None);
        let suffix = facts::suffix(&self.declared, &census);
        let mut answered = facts::answered(&self.address, log, &read.notes.lines);
        // Of branches read apart, what is above is not known.
        if self.tops == 1 {
            let lost = self.counts.lost(suffix.as_deref().map_or(0, |s| dn::rdns(s).count()));
            answered["orphans"] = facts::orphans(&lost.iter().collect::<Vec<_>>(), &read.notes.lines);
        }
        let mut delivery =
            json!({"container": "ldap", "files": 0, "records": log.records, "unrecognisedFiles": {"count": 0, "places": []}});
        facts::add_dialect(&mut delivery, &census, suffix, &self.declared);
        delivery["declared"] = self.model.declared().into();
        delivery["complete"] = self.reading.hidden.is_none().into();
        let damage = if self.reading.hidden.is_some() { Some(Damage::Incomplete) } else { log.damage() };
        let file = FileFacts {
            path: self.address.clone(),
            facts: answered,
            damage,
            kinds: None,
            streamed: false,
            answered: true,
            problem: self.reading.hidden.map(Hidden::problem),
        };
        Facts { delivery, files: vec![file], delta_alone: false }
    }
}
