//! Bytes that are not what they are said to be.

use conforment::outcome::Verdict;

use crate::delivery::{Parts, Sample, Seen};

/// The pupils' file with a declaration and a surname written in raw bytes, the surname on a known line.
fn named(declaration: &str, surname: &[u8]) -> (Vec<u8>, u64) {
    let parts = Parts::of(&Sample::new().text("Eleve"));
    let text = parts.clone().with(4, |request| {
        let at =
            request.find("<attr name=\"sn\"").unwrap() + request[request.find("<attr name=\"sn\"").unwrap()..].find("<value>").unwrap() + 7;
        let end = at + request[at..].find("</value>").unwrap();
        format!("{}@@{}", &request[..at], &request[end..])
    });
    let (prolog, rest) = text.split_once("?>").unwrap();
    assert!(prolog.contains("encoding"));
    let text = format!("{declaration}{rest}");
    let (before, after) = text.split_once("@@").unwrap();
    let line = before.matches('\n').count() as u64 + 1;
    ([before.as_bytes(), surname, after.as_bytes()].concat(), line)
}

fn judged(bytes: &[u8]) -> Seen {
    let sample = Sample::new();
    sample.put("Eleve", bytes);
    let seen = sample.audit();
    seen.spares(&["aaf.Eleve"]);
    seen
}

fn declared(label: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"{label}\"?>")
}

#[test]
fn known_encodings_are_read() {
    for (label, surname) in [
        ("UTF-8", "BÉNÉZÉ".as_bytes().to_vec()),
        ("iso-8859-1", b"B\xC9N\xC9Z\xC9".to_vec()),
        ("ISO-8859-15", b"\xBDUVR\xC9".to_vec()),
        ("windows-1252", b"\x8CUVR\xC9".to_vec()),
    ] {
        let seen = judged(&named(&declared(label), &surname).0);
        seen.passes("AAF-XML-ENCODAGE").passes("AAF-XML-ENCODAGE-CONNU").passes("AAF-XML-COMMANDES").passes("AAF-XML-MOJIBAKE");
        assert_eq!(seen.records("aaf.Eleve"), 12, "{label}");
    }
}

#[test]
fn latin_bytes_declared_utf8_are_one_accusation_each() {
    let (bytes, line) = named(&declared("UTF-8"), b"B\xC9N\xC9Z\xC9");
    let seen = judged(&bytes);
    seen.fails("AAF-XML-ENCODAGE").names("AAF-XML-ENCODAGE", "_Eleve_0000.xml");
    assert_eq!((seen.lines("AAF-XML-ENCODAGE"), seen.get("AAF-XML-ENCODAGE").failures), (vec![line; 3], 3));
    // What stands for a wrong byte is ours, not the file's.
    seen.passes("AAF-XML-REMPLACEMENT");
    assert_eq!(seen.records("aaf.Eleve"), 12);
}

#[test]
fn replaced_and_twice_encoded_letters_are_seen() {
    let (bytes, line) = named(&declared("UTF-8"), "B\u{FFFD}N\u{C3}\u{A9}Z".as_bytes());
    let seen = judged(&bytes);
    seen.passes("AAF-XML-ENCODAGE").fails("AAF-XML-REMPLACEMENT").fails("AAF-XML-MOJIBAKE");
    assert_eq!((seen.lines("AAF-XML-REMPLACEMENT"), seen.lines("AAF-XML-MOJIBAKE")), (vec![line], vec![line]));
}

#[test]
fn letters_encoded_twice_are_seen_through_references() {
    let (bytes, line) = named(&declared("UTF-8"), b"B&#195;&#137;N&#xC3;&#xA9;Z&#194; &#176;&#201;");
    let seen = judged(&bytes);
    assert_eq!(seen.lines("AAF-XML-MOJIBAKE"), [line, line]);
}

#[test]
fn an_encoding_that_is_not_read_blocks_its_kind_only() {
    let text = Sample::new().text("Eleve");
    let utf16 = |bom: bool, big: bool| -> Vec<u8> {
        let units = bom.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let unknown = text.replacen("UTF-8", "X-INCONNU", 1).into_bytes();
    for bytes in [utf16(true, false), utf16(true, true), utf16(false, false), utf16(false, true), unknown] {
        let seen = judged(&bytes);
        seen.fails("AAF-XML-ENCODAGE-CONNU").names("AAF-XML-ENCODAGE-CONNU", "_Eleve_0000.xml").passes("AAF-XML-LISIBLE");
        seen.unknown("AAF-XML-BIEN-FORME", "AAF-XML-ENCODAGE-CONNU");
        seen.unknown("AAF-2D-ELV-IDENTITE", "AAF-XML-ENCODAGE-CONNU").unknown("AAF-PKG-CATEGORIE-VIDE", "AAF-XML-ENCODAGE-CONNU");
        assert_eq!(seen.records("aaf.Eleve"), 0);
    }
}

#[test]
fn a_mark_tells_the_bytes_whatever_is_declared() {
    let (bytes, _) = named(&declared("UTF-8"), "BÉNÉZÉ".as_bytes());
    let seen = judged(&[b"\xEF\xBB\xBF", bytes.as_slice()].concat());
    seen.fails("AAF-XML-BOM").passes("AAF-XML-ENCODAGE").passes("AAF-XML-BIEN-FORME");
    assert_eq!(seen.records("aaf.Eleve"), 12);

    let (bytes, _) = named(&declared("ISO-8859-15"), "BÉNÉZÉ".as_bytes());
    let seen = judged(&[b"\xEF\xBB\xBF", bytes.as_slice()].concat());
    seen.fails("AAF-XML-ENCODAGE").passes("AAF-XML-BIEN-FORME").passes("AAF-XML-MOJIBAKE");
    assert_eq!((seen.lines("AAF-XML-ENCODAGE"), seen.records("aaf.Eleve")), (vec![1], 12));
}

#[test]
fn without_a_declaration_the_file_is_utf8() {
    let seen = judged(&named("", "BÉNÉZÉ".as_bytes()).0);
    seen.passes("AAF-XML-ENCODAGE").fails("AAF-XML-DECLARATION");
    assert_eq!(seen.verdict("AAF-XML-BIEN-FORME"), Verdict::Pass);
}
