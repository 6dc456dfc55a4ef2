//! What is read of LDIF: sound, odd, damaged, cut anywhere.

use std::fmt::Write as _;
use std::sync::{Arc, LazyLock};

use proptest::prelude::*;

use super::census::{Census, Counts};
use super::ldif::{BOUNDS, Parser, Position};
use super::model::Model;
use crate::rules::library::Library;
use crate::source::Kind;
use crate::source::feed::{Fault, Prolog, Request, Sink};
use crate::source::files::chunk::{CHUNK, Chunker, newlines};
use crate::source::record::{Names, Record, intern};

type Entry = (Option<Kind>, Vec<(String, Vec<String>)>);

#[derive(Debug, Default, PartialEq)]
struct Seen {
    entries: Vec<Entry>,
    /// With their lines.
    faults: Vec<(Fault, u64)>,
    census: Census,
}

struct Collect<'a> {
    seen: &'a mut Seen,
    text: &'a str,
    before: u64,
}

const META: [&str; 8] = ["@id", "@dn", "@rdn", "@rdnIn", "@parent", "@branch", "@classes", "@structural"];

impl Sink for Collect<'_> {
    fn record(&mut self, record: &Record<'_>, kind: Option<Kind>, _: Request) {
        let list = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect();
        let mut members: Vec<(String, Vec<String>)> =
            record.named_members().map(|(_, n, v)| (n.to_owned(), list(v.iter().collect()))).collect();
        let metas = META.iter().filter_map(|name| Some(((*name).to_owned(), list(record.values(intern(name))?.iter().collect()))));
        members.extend(metas);
        self.seen.entries.push((kind, members));
    }
    fn fault(&mut self, fault: Fault, offset: usize) {
        let line = self.before + newlines(&self.text.as_bytes()[..offset]) + 1;
        self.seen.faults.push((fault, line));
    }
    fn prolog(&mut self, _: Prolog<'_>) {}
}

static MODEL: LazyLock<Arc<Model>> = LazyLock::new(|| {
    let files = Library::embedded().open("sdet-6.3").expect("set");
    Arc::new(Model::new(files.directory.iter().map(|(_, part)| part)))
});

fn read(bytes: &[u8], size: usize) -> Seen {
    META.iter().chain(&["objectClass", "sn", "member", "uid"]).for_each(|name| {
        intern(name);
    });
    let (counts, mut seen, mut before) = (Counts::default(), Seen::default(), 0);
    let mut parser = Parser::new(Names::snapshot(), MODEL.clone(), counts.clone());
    let (mut chunker, mut buffer) = (Chunker::new(bytes, &BOUNDS, size), Vec::new());
    while let Some(cut) = chunker.next(&mut buffer).expect("no error") {
        let text = String::from_utf8_lossy(&buffer).into_owned();
        let position = Position { first: cut.first, file: 0, chunk: cut.chunk, broken: cut.broken };
        parser.chunk(&text, position, &mut Collect { seen: &mut seen, text: &text, before });
        before += newlines(&buffer);
    }
    seen.census = counts.of(None);
    seen
}

fn values<'a>(entry: &'a Entry, name: &str) -> Vec<&'a str> {
    entry.1.iter().filter(|(n, _)| n == name).flat_map(|(_, v)| v.iter().map(String::as_str)).collect()
}

const SOUND: &str = "version: 1\n\
\n\
# a comment\n  that goes on\n\
dn: UID=E0ab0001, ou=personnes,dc=ent,\n dc=fr\n\
objectclass: top\nobjectClass: ENTEleve\n\
surname: N\n OM\nsn;lang-fr:: w4l0w6k=\n\
uid: e0ab0001\nmember: uid=a\nENTPersonLogin:    a.b\nmember: uid=b\n\
jpegPhoto:: /9j/\nuserPassword:: e1NTSEF9eA==\nlocal: 1\n\
\r\n\n\
dn:: b3U9cGVyc29ubmVzLGRjPWVudCxkYz1mcg==\r\nchangetype: add\r\nobjectClass: organizationalUnit\r\nou: personnes";

#[test]
fn reads_all_that_rfc_2849_allows() {
    let seen = read(SOUND.as_bytes(), CHUNK);
    assert_eq!(seen.faults, []);
    let [pupil, branch] = &seen.entries[..] else { panic!("{:?}", seen.entries) };
    assert_eq!(pupil.0.map(|k| k.info().name), Some("annuaire.ENTEleve"));
    assert_eq!(values(pupil, "objectClass"), ["top", "ENTEleve"]);
    assert_eq!((values(pupil, "sn"), values(pupil, "sn;lang-fr")), (vec!["NOM"], vec!["Été"]));
    assert_eq!((values(pupil, "member"), values(pupil, "ENTPersonLogin")), (vec!["uid=a", "uid=b"], vec!["a.b"]));
    assert_eq!((values(pupil, "jpegPhoto"), values(pupil, "userPassword")), (vec!["/9j/"], vec!["{SSHA}x"]));
    assert_eq!(values(pupil, "@id"), ["uid=e0ab0001,ou=personnes,dc=ent,dc=fr"]);
    assert_eq!(values(pupil, "@dn"), ["UID=E0ab0001, ou=personnes,dc=ent,dc=fr"]);
    assert_eq!((values(pupil, "@rdn"), values(pupil, "@rdnIn")), (vec!["uid"], vec!["yes"]));
    assert_eq!(
        (values(pupil, "@parent"), values(pupil, "@branch")),
        (vec!["ou=personnes,dc=ent,dc=fr"], vec!["ou=personnes", "dc=ent", "dc=fr"])
    );
    assert!(values(pupil, "@classes").contains(&"inetOrgPerson") && values(pupil, "@structural") == ["ENTEleve"]);
    assert_eq!((branch.0.map(|k| k.info().name), values(branch, "@parent")), (Some("annuaire.organizationalUnit"), vec!["dc=ent,dc=fr"]));
    let census = &seen.census;
    assert_eq!((census.entries, census.adds, census.version.as_deref()), (2, 1, Some("1")));
    assert_eq!(census.suffix.as_deref(), Some("ou=personnes,dc=ent,dc=fr"));
    assert_eq!((census.endings[0], census.local_attributes.first()), (4, Some("local")));
}

#[test]
fn what_is_wrong_costs_its_own_entry() {
    for (wrong, fault) in [
        ("no colon", "ldifErrors"),
        (": x", "ldifErrors"),
        ("a b: x", "ldifErrors"),
        ("uid:: a", "base64"),
        ("uid:: YQ==x", "base64"),
        ("changetype: modify\nreplace: uid\nuid: x\n-", "changes"),
        ("changetype: delete", "changes"),
    ] {
        let text = format!("dn: uid=1,dc=x\nuid: 1\n{wrong}\nsn: lost\n\ndn: uid=2,dc=x\nuid: 2\n");
        let seen = read(text.as_bytes(), CHUNK);
        assert_eq!(seen.faults, [(fault, 3)], "{wrong}");
        assert_eq!(seen.entries.iter().map(|e| values(e, "uid")).collect::<Vec<_>>(), [["2"]], "{wrong}");
    }
    for (wrong, fault) in [
        ("uid: 1\n\ndn: uid=2,dc=x\n", "ldifErrors"),
        ("dn: nothing\nuid: 1\n\ndn: uid=2,dc=x\n", "dnErrors"),
        ("dn:< file:///etc/passwd\n\ndn: uid=2,dc=x\n", "ldifErrors"),
        (" x\n\ndn: uid=2,dc=x\n", "ldifErrors"),
    ] {
        let seen = read(wrong.as_bytes(), CHUNK);
        assert_eq!((seen.faults.as_slice(), seen.entries.len()), ([(fault, 1)].as_slice(), 1), "{wrong}");
    }
}

#[test]
fn a_carriage_return_within_a_line_costs_the_entry() {
    let text = "dn: uid=1,dc=x\r\nuid: 1\r\n\r\ndn: uid=2,dc=x\r\nsn: a\rgivenName: b\r\n\r\ndn: uid=3,dc=x\r\nuid: 3\r\n";
    let seen = read(text.as_bytes(), CHUNK);
    assert_eq!(seen.faults, [("ldifErrors", 5)]);
    assert_eq!(seen.entries.iter().map(|e| values(e, "@id")).collect::<Vec<_>>(), [["uid=1,dc=x"], ["uid=3,dc=x"]]);
}

#[test]
fn what_a_search_writes_beside_entries_is_no_entry() {
    let tail = |result: &str| {
        format!("dn: uid=1,dc=x\nuid: 1\n\n# search reference\nref: ldap://a/dc=x??sub\n\n# search result\nsearch: 2\n{result}\n")
    };
    let faults = |text: &str| read(text.as_bytes(), CHUNK).faults;
    assert_eq!(faults(&tail("result: 0 Success")), [("searchReferrals", 5)]);
    assert_eq!(faults("# search result\nresult: 0 Success\n\ndn: uid=1,dc=x\nuid: 1\n"), []);
    assert_eq!(faults(&tail("result: 4 Size limit exceeded"))[1], ("searchEnded", 9));
    assert_eq!(faults("dn: uid=1,dc=x\nuid: 1\n\nresult: 4 Size limit exceeded\ntext: x\n"), [("searchEnded", 4)]);
    // Nor is what the server says of itself; an entry without a name is a fault.
    assert_eq!(faults("dn:\nobjectClass: top\nnamingContexts: dc=x\n\ndn: uid=1,dc=x\nuid: 1\n"), []);
    assert_eq!(faults("dn:\nobjectClass: top\nuid: 1\n"), [("dnErrors", 1)]);
    // Within an entry they are attributes like others.
    assert_eq!(faults("dn: uid=1,dc=x\nuid: 1\nref: ldap://a/\nsearch: 2\n"), []);
}

#[test]
fn the_half_of_an_entry_is_not_taken_for_one() {
    struct Breaks<'a>(&'a [u8]);
    impl std::io::Read for Breaks<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::ErrorKind::UnexpectedEof.into()),
                n => Ok(n),
            }
        }
    }
    for (text, whole) in [("dn: uid=1,dc=x\nuid: 1\n\ndn: uid=2,dc=x\nui", 1), ("dn: uid=1,dc=x\nuid: 1\n\ndn: uid=2,dc=x\nuid: 2\n\n", 2)]
    {
        let (mut seen, mut buffer) = (Seen::default(), Vec::new());
        let mut parser = Parser::new(Names::snapshot(), MODEL.clone(), Counts::default());
        let mut chunker = Chunker::new(Breaks(text.as_bytes()), &BOUNDS, CHUNK);
        while let Ok(Some(cut)) = chunker.next(&mut buffer) {
            let text = String::from_utf8_lossy(&buffer).into_owned();
            let position = Position { first: cut.first, file: 0, chunk: cut.chunk, broken: cut.broken };
            parser.chunk(&text, position, &mut Collect { seen: &mut seen, text: &text, before: 0 });
        }
        assert_eq!((seen.entries.len(), seen.faults.as_slice()), (whole, [].as_slice()), "{text}");
    }
}

#[test]
fn attributes_come_again_as_often_as_they_please() {
    let mut text = "dn: cn=1,dc=x\nobjectClass: groupOfNames\n".to_owned();
    (0..5000).for_each(|i| text.push_str(&format!("member: uid={i}\nlocal: {i}\ndescription: d{i}\n")));
    let seen = read(text.as_bytes(), CHUNK);
    let [group] = &seen.entries[..] else { panic!("one entry") };
    assert_eq!((seen.faults.len(), values(group, "member").len(), values(group, "description")[4999]), (0, 5000, "d4999"));
    assert_eq!(values(group, "local")[..3], ["0", "1", "2"]);
}

#[test]
fn more_names_than_are_remembered_stay_apart() {
    let mut text = String::new();
    for i in 0..6 {
        text.push_str(&format!("dn: uid={i},dc=x\n"));
        (0..1000).for_each(|j| text.push_str(&format!("a{i}x{j}: {j}\n")));
        text.push_str(&format!("uid: {i}\nsn: N{i}\n\n"));
    }
    let seen = read(text.as_bytes(), CHUNK);
    assert_eq!(seen.faults, []);
    for (i, entry) in seen.entries.iter().enumerate() {
        assert_eq!(
            (values(entry, "uid"), entry.1.iter().filter(|(name, _)| name.contains('x')).count()),
            (vec![i.to_string().as_str()], 1000)
        );
        assert!(entry.1.iter().all(|(_, values)| values.len() <= 4), "{i}");
    }
    // One entry of thousands of attributes is given up, in a time that does not grow with their square.
    let mut text = "dn: uid=1,dc=x\n".to_owned();
    (0..400_000).for_each(|i| text.push_str(&format!("b{i}: 1\n")));
    assert_eq!(read(text.as_bytes(), CHUNK).faults.len(), 1);
}

#[test]
fn a_flood_of_classes_is_read_in_time() {
    let mut text = "dn: uid=1,dc=x\n".to_owned();
    (0..100_000).for_each(|i| text.push_str(&format!("objectClass: c{i}\n")));
    (0..100_000).for_each(|_| text.push_str("objectClass: top\n"));
    let started = std::time::Instant::now();
    assert_eq!(read(text.as_bytes(), CHUNK).entries.len(), 1);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn what_is_odd_is_told_and_read() {
    let text = "dn: uid=1,dc=x\nversion: 1\nuid: 1\nuid:\nsn:: IHg=\nsn:: 6Q==\ncn;binary:: 6Q==\nphoto:< file:///etc/passwd\n\
        dn: uid=2,dc=x\nsn:< file:///x\n\nversion: 1\n\nversion: 2\ndn: uid=3,dc=x\nobjectClass: groupOfNames\ncn: a\n";
    let seen = read(text.as_bytes(), CHUNK);
    let wanted = [
        ("emptyValues", 4),
        ("strayBlanks", 5),
        ("notUtf8", 6),
        ("urls", 8),
        ("separator", 9),
        ("urls", 10),
        ("urlsLost", 10),
        ("versionErrors", 12),
        ("versionErrors", 14),
    ];
    // A line of version inside an entry is an attribute.
    assert_eq!(seen.faults, wanted);
    let [first, third] = &seen.entries[..] else { panic!("{:?}", seen.entries) };
    assert_eq!((values(first, "uid"), values(first, "sn")), (vec!["1", ""], vec![" x", "\u{FFFD}"]));
    assert_eq!((values(first, "cn;binary"), values(first, "photo").len()), (vec!["6Q=="], 0));
    // An entry without the attribute that names it is one of an export that leaves it out.
    assert_eq!((values(third, "@rdnIn"), values(first, "@rdnIn")), (vec!["unknown"], vec!["yes"]));
}

#[test]
fn a_lost_fold_is_recognised() {
    let seen = read(b"dn: cn=Conseil de 6A,dc=x\ncn: Conseil de6A\n\ndn: cn=a\\,b+uid=C,dc=x\ncn: A,B\nuid: c\n", CHUNK);
    assert_eq!(seen.entries.iter().map(|e| values(e, "@rdnIn")).collect::<Vec<_>>(), [["spaces"], ["yes"]]);
    let seen = read(b"dn: uid=1,dc=x\nuid: 2\n\ndn: uid=#0401,dc=x\nuid: 2\n\ndn: uid=1+cn=a,dc=x\nuid: 2\n", CHUNK);
    assert_eq!(seen.entries.iter().map(|e| values(e, "@rdnIn")).collect::<Vec<_>>(), [["no"], ["unknown"], ["no"]]);
    // What is given with tags only is there under its own name: one language is enough, every other value counts.
    let seen = read(b"dn: uid=1,dc=x\nuid: 1\nsn;lang-fr: a\nsn;lang-en: b\nmember;x-a: c\nmember;x-b: d\n", CHUNK);
    assert_eq!((values(&seen.entries[0], "sn"), values(&seen.entries[0], "member")), (vec!["a"], vec!["c", "d"]));
}

#[test]
fn an_entry_without_end_is_given_up_and_the_next_one_read() {
    let mut text = String::from("dn: cn=big,dc=x\n");
    (0..1600).for_each(|i| writeln!(text, "a{i}: {i}").expect("text"));
    text.push_str("\ndn: cn=next,dc=x\ncn: next\n");
    let seen = read(text.as_bytes(), CHUNK);
    assert_eq!((seen.faults.len(), seen.faults[0].0, seen.entries.len()), (1, "oversized", 1));
    let many: String = (0..100_000).map(|i| format!("member: uid={i},dc=x\n")).collect();
    let seen = read(format!("dn: cn=big,dc=x\n{many}").as_bytes(), CHUNK);
    assert_eq!((seen.faults.len(), values(&seen.entries[0], "member").len()), (0, 100_000));
}

/// Entries as they are written, each value in one of the ways LDIF allows.
fn entry() -> impl Strategy<Value = (u32, Vec<(&'static str, String, u8)>)> {
    let name = prop::sample::select(vec!["sn", "UID", "member", "local", "cn;lang-fr"]);
    let value = prop_oneof!["[a-zé ,=$:<#]{0,90}", Just(String::new()), Just(" a ".to_owned()), Just("#a".to_owned())];
    (any::<u32>(), prop::collection::vec((name, value, 0..4u8), 0..12))
}

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encoded(text: &str) -> String {
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0u32, |b, byte| b << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        let letters = (0..4).map(|i| if i <= three.len() { LETTERS[(bits >> (18 - 6 * i) & 63) as usize] as char } else { '=' });
        out.extend(letters);
    }
    out
}

/// A line, folded after `width` characters when that is not 0.
fn folded(line: &str, width: usize, end: &str) -> String {
    let mut out = String::new();
    for (i, c) in line.chars().enumerate() {
        if width > 0 && i > 0 && i % width == 0 {
            out.push_str(end);
            out.push(' ');
        }
        out.push(c);
    }
    out.push_str(end);
    out
}

fn written(entries: &[(u32, Vec<(&'static str, String, u8)>)], end: &str) -> String {
    let mut out = String::new();
    for (id, values) in entries {
        out.push_str(&folded(&format!("dn: cn={id},dc=ent"), (*id % 7) as usize, end));
        for (name, value, how) in values {
            let safe = !value.starts_with([' ', ':', '<']) && !value.ends_with(' ');
            let line = if *how == 0 || !safe { format!("{name}:: {}", encoded(value)) } else { format!("{name}: {value}") };
            out.push_str(&folded(&line, if *how == 1 { 11 } else { 0 }, end));
        }
        out.push_str(end);
    }
    out
}

proptest! {
    #[test]
    fn what_was_written_is_read(entries in prop::collection::vec(entry(), 0..6), crlf in any::<bool>(), size in 1usize..200) {
        let seen = read(written(&entries, if crlf { "\r\n" } else { "\n" }).as_bytes(), size);
        prop_assert_eq!(seen.entries.len(), entries.len());
        for (read, (id, wanted)) in seen.entries.iter().zip(&entries) {
            prop_assert_eq!(values(read, "@id"), [format!("cn={id},dc=ent")]);
            for (name, member) in [("sn", "sn"), ("UID", "uid"), ("member", "member"), ("local", "local"), ("cn;lang-fr", "cn;lang-fr")] {
                let wanted: Vec<&str> = wanted.iter().filter(|(n, _, _)| *n == name).map(|(_, v, _)| v.as_str()).collect();
                prop_assert_eq!(values(read, member), wanted);
            }
        }
    }

    #[test]
    fn where_it_is_cut_changes_nothing(lines in prop::collection::vec(prop::sample::select(vec![
        "dn: cn=a,dc=x", "dn: uid=b,ou=p,dc=x", "dn:: Y249YSxkYz14", "dn: x", "", "", "", "\r", " ", " continued", "uid: 1", "uid:: x", "UID: é",
        "sn:< x", "local:< x", "version: 1", "# c", "-", "changetype: add", "changetype: delete", "objectClass: ENTPerson", "member:", "x",
    ]), 0..60), size in 1usize..120) {
        let text = lines.join("\n");
        prop_assert_eq!(read(text.as_bytes(), size), read(text.as_bytes(), CHUNK), "{}", text);
    }

    /// A second space after the colon is not a part of the value, and makes the reader take each line for an unusual one.
    #[test]
    fn usual_lines_are_read_as_all_lines(lines in prop::collection::vec(prop::sample::select(vec![
        "dn: cn=a,dc=x", "dn: uid=b,ou=p,dc=x", "", "", " continued", "uid: 1", "uid: 1 ", "UID: é", "uid:x", "uid: ", "uid:", "uid:: eA==", "uidé: 1",
        "objectClass: ENTPerson", "objectClass: ENTPerson\r", "objectClass: top", "local: 1", "loca: 1", "locale: 1", "member: cn=a", "c: 1", "# c", "x",
    ]), 0..80)) {
        let spaced = |line: &&str| match line.split_once(": ") {
            Some((name, value)) if !line.starts_with(' ') => format!("{name}:  {value}"),
            _ => (*line).to_owned(),
        };
        let unusual: Vec<String> = lines.iter().map(spaced).collect();
        let text = lines.join("\n");
        prop_assert_eq!(read(text.as_bytes(), CHUNK), read(unusual.join("\n").as_bytes(), CHUNK), "{}", text);
    }

    #[test]
    fn anything_is_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), size in 1usize..120) {
        read(&bytes, size);
    }
}
