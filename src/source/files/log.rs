//! What one worker notes of one file while it reads, and what that says of the file: faults with their first
//! places, counts, what keeps a part from being known.
//!
//! Must hold no value of a person.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::encoding::Encoding;
use super::input::{InputFile, Says};
use crate::source::Kind;
use crate::source::feed::Request;
use crate::source::place::{LineTable, Place};

/// Places kept for each kind of fault of a file.
const MAX_PLACES: usize = 20;

/// What makes a part of a file unknown: no well-formed XML, no LDIF.
const MALFORMED: &[&str] = &["xmlErrors", "truncated", "ldifErrors", "dnErrors", "base64", "urlsLost", "changes"];

/// What makes a file tell that it does not hold all.
const SHORT: &[&str] = &["searchEnded", "searchReferrals"];

/// What one worker saw of one file.
#[derive(Clone, Debug, Default)]
pub struct FileLog {
    /// Records.
    pub records: u64,
    /// Requests: add, modify, delete.
    pub requests: [u64; 3],
    faults: BTreeMap<&'static str, (u64, Vec<Place>)>,
    /// The DOCTYPE, cut short.
    pub doctype: Option<String>,
    /// The first comments of the prolog, cut short.
    pub comments: Vec<String>,
    /// By chunk: first id, last id, in increasing order.
    ids: BTreeMap<u32, (u64, u64, bool)>,
    /// By chunk: kind of the first record, where it is, kind of the last record.
    pub kinds: BTreeMap<u32, (Kind, Place, Kind)>,
}

impl FileLog {
    /// Notes a fault; the first places of each kind are kept.
    pub fn fault(&mut self, fault: &'static str, place: impl FnOnce() -> Place) {
        let (count, places) = self.faults.entry(fault).or_default();
        *count += 1;
        if places.len() < MAX_PLACES {
            places.push(place());
        }
    }

    /// Notes the DOCTYPE.
    pub fn doctype(&mut self, text: &str) {
        self.doctype.get_or_insert_with(|| text.chars().take(4096).collect());
    }

    /// Notes a comment of the prolog.
    pub fn comment(&mut self, text: &str) {
        if self.comments.len() < 20 {
            self.comments.push(text.chars().take(200).collect());
        }
    }

    /// Counts a record, and notes where kinds and identifiers stand in their order.
    pub fn record(&mut self, kind: Option<Kind>, request: Request, chunk: u32, id: Option<&str>, place: impl FnOnce() -> Place) {
        self.records += 1;
        self.requests[request as usize] += 1;
        if let Some(kind) = kind {
            match self.kinds.get_mut(&chunk) {
                None => {
                    self.kinds.insert(chunk, (kind, place(), kind));
                }
                Some((_, _, last)) => *last = kind,
            }
        }
        let Some(id) = id.and_then(|s| s.parse::<u64>().ok()) else { return };
        match self.ids.get_mut(&chunk) {
            None => {
                self.ids.insert(chunk, (id, id, true));
            }
            Some((_, last, increasing)) => {
                *increasing &= id > *last;
                *last = id;
            }
        }
    }

    /// Adds what another worker saw of the same file.
    pub fn absorb(&mut self, other: Self) {
        self.records += other.records;
        for (mine, theirs) in self.requests.iter_mut().zip(other.requests) {
            *mine += theirs;
        }
        for (fault, (count, places)) in other.faults {
            let mine = self.faults.entry(fault).or_default();
            mine.0 += count;
            mine.1.extend(places);
            mine.1.sort();
            mine.1.truncate(MAX_PLACES);
        }
        self.doctype = self.doctype.take().or(other.doctype);
        if self.comments.is_empty() {
            self.comments = other.comments;
        }
        self.ids.extend(other.ids);
        self.kinds.extend(other.kinds);
    }

    /// Whether that was seen.
    #[must_use]
    pub fn has(&self, fault: &str) -> bool {
        self.faults.contains_key(fault)
    }

    /// How often a fault was seen and the first lines it was seen at, as facts carry it.
    #[must_use]
    pub fn places(&self, fault: &str, lines: &LineTable) -> Value {
        let (count, places) = self.faults.get(fault).cloned().unwrap_or_default();
        let places: Vec<Value> = places.iter().map(|p| json!({"line": lines.line(*p)})).collect();
        json!({"count": count, "places": places})
    }

    /// What keeps a part of the file from being known.
    #[must_use]
    pub fn damage(&self) -> Option<Damage> {
        if SHORT.iter().any(|fault| self.faults.contains_key(fault)) {
            return Some(Damage::CutShort);
        }
        if MALFORMED.iter().any(|fault| self.faults.contains_key(fault)) {
            return Some(Damage::Malformed);
        }
        self.faults.contains_key("oversized").then_some(Damage::Oversized)
    }

    /// Whether identifiers that are numbers increase all along the file.
    #[must_use]
    pub fn increasing(&self) -> bool {
        let mut last = None;
        self.ids.values().all(|(first, end, inside)| {
            let follows = last.is_none_or(|l| l < *first);
            last = Some(*end);
            *inside && follows
        })
    }
}

/// Why a part of a file is not known, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Damage {
    /// It could not be opened or read to its end.
    Unread,
    /// A server gave a part of it only.
    Incomplete,
    /// It says itself that there is more than it holds.
    CutShort,
    /// Its encoding is not known: nothing of it was read.
    Undecoded,
    /// Parts that are not well-formed were passed over.
    Malformed,
    /// Parts too large were passed over.
    Oversized,
}

impl Damage {
    /// Of a file, once read.
    #[must_use]
    pub fn of<S: Says>(input: &InputFile<S>, log: Option<&FileLog>) -> Option<Self> {
        if input.problem.is_some() {
            Some(Self::Unread)
        } else if input.said.encoding() == Encoding::Unsupported {
            Some(Self::Undecoded)
        } else {
            log.and_then(FileLog::damage)
        }
    }

    /// What stands in the way, as the set names it after the prefix of the format.
    #[must_use]
    pub fn blocker(self) -> &'static str {
        match self {
            Self::Unread => "unreadable",
            Self::Incomplete => "incomplete",
            Self::CutShort => "cut-short",
            Self::Undecoded => "undecoded",
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
        }
    }

    /// Whether that member of the facts of such a file tells less than the file holds.
    #[must_use]
    pub fn hides(self, member: &str) -> bool {
        match member {
            "records" | "requests" | "structure" | "text" | "idsIncreasing" => true,
            // Of an LDIF file: what stands in entries that were given up was not looked at.
            "notUtf8" | "emptyValues" | "strayBlanks" | "orphans" => true,
            "ldifErrors" | "dnErrors" | "base64" | "urls" | "urlsLost" | "changes" | "separator" | "versionErrors" | "versionLine"
            | "lineEndings" | "searchEnded" | "searchReferrals" => matches!(self, Self::Unread | Self::Incomplete | Self::Undecoded),
            "xmlErrors" | "wellFormed" => self != Self::Malformed,
            "truncated" | "doctype" | "header" | "headerDateAgrees" | "oversized" => self <= Self::Undecoded,
            "encoding" => self <= Self::Incomplete,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_increase_within_and_across_chunks() {
        let log = |chunks: &[&[&str]]| {
            let mut log = FileLog::default();
            for (i, ids) in chunks.iter().enumerate() {
                for id in *ids {
                    log.record(None, Request::Add, i as u32, Some(id), Place::default);
                }
            }
            log.increasing()
        };
        assert!(log(&[&["1", "2"], &["3", "10"]]));
        assert!(!log(&[&["1", "2"], &["2", "3"]]));
        assert!(!log(&[&["2", "1"]]));
        assert!(!log(&[&["2", "2"]]));
    }
}
