//! What each fuzz target does with the bytes it is given: shared with the test that goes through the seeds.
//!
//! A target must end, without panic, whatever the bytes; where a property is cheap to hold, it is asserted.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;
use std::sync::{Arc, Mutex};

use conforment::check::selector::Key;
use conforment::report::json;
use conforment::rules::model::{OneOrMany, Referentiel, Requirement};
use conforment::rules::yaml;
use conforment::source::Kind;
use conforment::source::aaf::parse::{BOUNDS, Parser, Position};
use conforment::source::aaf::sniff::sniff;
use conforment::source::aaf::{Said, name};
use conforment::source::annuaire::{self, dn};
use conforment::source::feed::{Chunks, Fault, Prolog, Request, Sink};
use conforment::source::files::chunk::{CHUNK, Chunker};
use conforment::source::files::encoding::{Encoding, oddities};
use conforment::source::files::find;
use conforment::source::files::input::{Entries, Found, HEAD, Source};
use conforment::source::gar;
use conforment::source::record::{Buffers, Names, Record, intern};
use conforment::target::Target;

/// What reads bytes.
pub type Body = fn(&[u8]);

/// Every target, by name.
pub const ALL: &[(&str, Body)] = &[
    ("feed", feed),
    ("feed_gar", feed_gar),
    ("feed_ldif", feed_ldif),
    ("distinguished", distinguished),
    ("names", names),
    ("encoding", encoding),
    ("selectors", selectors),
    ("rules", rules),
    ("target", target),
    ("report", report),
    ("archive", archive),
    #[cfg(feature = "live")]
    ("ldap", ldap),
    #[cfg(feature = "live")]
    ("tls", tls),
];

#[derive(Debug, Default, PartialEq)]
struct Count {
    records: Vec<(usize, Request)>,
    faults: Vec<Fault>,
}

impl Sink for Count {
    fn record(&mut self, record: &Record<'_>, _: Option<Kind>, request: Request) {
        let size = record.named_members().map(|(_, name, values)| name.len() + values.iter().map(str::len).sum::<usize>()).sum();
        self.records.push((size, request));
    }
    fn fault(&mut self, fault: Fault, _: usize) {
        self.faults.push(fault);
    }
    fn prolog(&mut self, _: Prolog<'_>) {}
}

/// The cutter and the front end: the first byte says how to cut, which changes nothing of what is found.
pub fn feed(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let head = sniff(bytes);
    let read = |size: usize| {
        let mut count = Count::default();
        let (mut chunker, mut buffer) = (Chunker::new(bytes, &BOUNDS, size), Vec::new());
        intern("sn");
        let mut parser = Parser::new(Names::snapshot());
        while let Some(cut) = chunker.next(&mut buffer).unwrap() {
            let text = head.encoding.decode(&buffer).0;
            let position = Position { first: cut.first, last: cut.last, category: None, named: None, other_root: head.other_root };
            parser.chunk(&text, position, &mut count);
        }
        count.faults.sort_unstable();
        count
    };
    assert_eq!(read(usize::from(*size) + 1), read(CHUNK), "{size} {}", String::from_utf8_lossy(bytes));
}

/// The same for GAR-ENT files.
pub fn feed_gar(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else { return };
    let head = gar::head::Head::of(&bytes[..bytes.len().min(HEAD)]);
    let read = |size: usize| {
        let mut count = Count::default();
        let (mut chunker, mut buffer) = (Chunker::new(bytes, &gar::parse::BOUNDS, size), Vec::new());
        ["GARPersonIdentifiant", "GARPersonProfils", "@id", "@etab"].into_iter().for_each(|name| {
            intern(name);
        });
        let mut parser = gar::parse::Parser::new(Names::snapshot(), 0);
        while let Some(cut) = chunker.next(&mut buffer).unwrap() {
            let text = head.declared.encoding.decode(&buffer).0;
            let text = text.strip_prefix('\u{FEFF}').filter(|_| cut.first).unwrap_or(&text);
            parser.chunk(text, gar::parse::Position { first: cut.first, last: cut.last, file: 0, head: &head }, &mut count);
        }
        // The order of records from one chunk to the next is told by the facts of the file.
        count.faults.retain(|fault| *fault != "wrongOrder");
        count.faults.sort_unstable();
        count
    };
    assert_eq!(read(usize::from(*size) + 1), read(CHUNK), "{size} {}", String::from_utf8_lossy(bytes));
}

/// The same for LDIF files.
pub fn feed_ldif(bytes: &[u8]) {
    let Some((size, bytes)) = bytes.split_first() else { return };
    ["sn", "member", "objectClass", "@id", "@rdnIn", "@branch", "@classes"].into_iter().for_each(|name| {
        intern(name);
    });
    let read = |size: usize| {
        let (mut count, counts) = (Count::default(), annuaire::census::Counts::default());
        let (mut chunker, mut buffer) = (Chunker::new(bytes, &annuaire::ldif::BOUNDS, size), Vec::new());
        let mut parser = annuaire::ldif::Parser::new(Names::snapshot(), Arc::default(), counts.clone());
        while let Some(cut) = chunker.next(&mut buffer).unwrap() {
            let text = String::from_utf8_lossy(&buffer);
            let position = annuaire::ldif::Position { first: cut.first, file: 0, chunk: cut.chunk, broken: cut.broken };
            parser.chunk(&text, position, &mut count);
        }
        count.faults.sort_unstable();
        (count, counts.of(None))
    };
    assert_eq!(read(usize::from(*size) + 1), read(CHUNK), "{size} {}", String::from_utf8_lossy(bytes));
}

/// Names of entries.
pub fn distinguished(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    assert_eq!(dn::with_normal(&text, str::to_owned).as_deref(), dn::normalised(&text).as_deref(), "{text}");
    assert_eq!(dn::is_name(&text), dn::normalised(&text).is_some(), "{text}");
    if let Some(normal) = dn::normalised(&text) {
        assert_eq!(dn::normalised(&normal).as_deref(), Some(&*normal), "{text}");
        assert_eq!(dn::rdns(&normal).collect::<Vec<_>>().join(","), normal, "{text}");
        assert_eq!(dn::Dn::parse(&text).map(|dn| dn.normal()).as_deref(), Some(&*normal), "{text}");
        let parents = std::iter::successors(Some(&*normal), |name| dn::parent(name)).count();
        assert!(dn::parent(&normal).is_none_or(|parent| dn::is_under(&normal, parent)) && parents > 0);
    }
}

/// What directory servers answer: a message ends where it says, whatever follows.
#[cfg(feature = "live")]
pub fn ldap(bytes: &[u8]) {
    let read = annuaire::message::read(bytes);
    if read.is_some() {
        assert_eq!(read, annuaire::message::read(&[bytes, b"0\x84\xFF\xFF"].concat()));
    }
    if let Some((_, annuaire::message::Answer::Entry(entry))) = read {
        let size = |(name, values): &(Vec<u8>, Vec<Vec<u8>>)| name.len() + values.iter().map(Vec::len).sum::<usize>();
        assert!(entry.dn.len() + entry.attributes.iter().map(size).sum::<usize>() <= bytes.len());
    }
}

/// Names of files.
pub fn names(bytes: &[u8]) {
    let name = String::from_utf8_lossy(bytes);
    let read = name::parse(&name);
    assert!(!read.conforms || (read.mode.is_some() && read.date.is_some() && read.category.is_some() && read.sequence.is_some()));
}

/// Heads, decoding, odd characters.
pub fn encoding(bytes: &[u8]) {
    let head = sniff(bytes);
    for encoding in [head.encoding, Encoding::Utf8, Encoding::Latin1, Encoding::Latin9, Encoding::Windows1252] {
        let (text, wrong) = encoding.decode(bytes);
        oddities(&text, |_, at| assert!(text.is_char_boundary(at)));
        assert!(wrong.is_none_or(|at| at < bytes.len()));
    }
}

/// Selectors: the first line is a selector, the rest a record in JSON.
pub fn selectors(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (selector, rest) = text.split_once('\n').unwrap_or((&text, "{}"));
    let selectors = OneOrMany::Many(selector.split(' ').map(str::to_owned).collect());
    let (Ok(key), Ok(record)) = (Key::compile(&selectors), serde_json::from_str(rest)) else { return };
    let names = Names::snapshot();
    let mut filled = Record::over("", Buffers::default(), &names);
    filled.fill(&names, &record);
    let (mut keys, mut hashes) = (0, 0);
    key.each(&filled, |parts| keys += usize::from(parts.iter().all(|p| !p.is_empty())));
    key.each_hash(&filled, 1, |_| hashes += 1);
    assert_eq!(keys, hashes);
}

/// Files of requirements.
pub fn rules(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let _ = yaml::typed::<Vec<Requirement>>(Path::new("a.yaml"), &text);
    let _ = yaml::typed::<Referentiel>(Path::new("referentiel.yaml"), &text);
}

/// `ent.yaml`.
pub fn target(bytes: &[u8]) {
    let _ = Target::parse(Path::new("ent.yaml"), &String::from_utf8_lossy(bytes));
}

/// `report.json`.
pub fn report(bytes: &[u8]) {
    if let Ok(report) = json::read(&String::from_utf8_lossy(bytes)) {
        assert_eq!(json::read(&json::write(&report).unwrap()).unwrap(), report);
    }
}

/// Archives: found and read to their end, as a zip and as a tar.gz.
pub fn archive(bytes: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    for name in ["l.zip", "l.tgz"] {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        for delivery in find::find::<Said>(&path).unwrap_or_default() {
            let files =
                Arc::new(Mutex::new(Found { files: delivery.files.clone(), unrecognised: Vec::new(), entries: Entries::default() }));
            for group in delivery.groups() {
                let (source, mut buffer) = (Box::new(Source::open(&files, &group, CHUNK)), Vec::new());
                while source.next(&mut buffer).is_some() {}
                assert!(source.ended());
            }
        }
        std::fs::remove_file(&path).unwrap();
    }
}

/// What a server says in a TLS handshake.
#[cfg(feature = "live")]
pub fn tls(bytes: &[u8]) {
    use conforment::source::tls::hear::{CERTIFICATES, Heard, hear};
    if let Heard::Hello(hello) = hear(&mut &*bytes) {
        assert!(hello.chain.len() <= CERTIFICATES && hello.chain.iter().map(Vec::len).sum::<usize>() <= bytes.len());
        assert!(hello.prime_bits().is_none_or(|bits| bits <= bytes.len() * 8));
        let _ = hello.curve();
    }
}
