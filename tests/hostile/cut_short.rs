//! Files that stop too early, or hold nothing.

use crate::delivery::{Parts, Sample, Seen};

const PUPILS: &[&str] = &["aaf.Eleve"];

fn pupils(bytes: impl AsRef<[u8]>) -> Seen {
    let sample = Sample::new();
    sample.put("Eleve", bytes);
    let seen = sample.audit();
    seen.spares(PUPILS);
    seen
}

/// The pupils' file up to `tail` characters after the start of its seventh request.
fn cut(tail: &str) -> (String, Parts) {
    let parts = Parts::of(&Sample::new().text("Eleve"));
    (format!("{}{}{tail}", parts.head, parts.requests[..6].concat()), parts)
}

#[test]
fn the_sample_conforms() {
    let seen = Sample::new().audit();
    assert!(seen.failing().is_empty(), "{:?}", seen.failing());
    assert_eq!(seen.records("aaf.Eleve"), 12);
}

#[test]
fn cut_anywhere_the_requests_before_are_judged() {
    let beginnings = [
        "<addRequest>\n<operationalAttributes><attr name=\"categoriePersonne\"><value>El",
        "<addRequest>\n<operationalAttributes><attr na",
        "<addRequest>\n<operationalAttributes><attr name=\"a\"><value>&#2",
        "<addRequest>\n<!-- a comment that nothing cl",
        "<addRequest>\n<![CDATA[ text",
        "<?instruction",
        "<",
        "",
    ];
    for beginning in beginnings {
        let (text, parts) = cut(beginning);
        let seen = pupils(&text);
        seen.fails("AAF-XML-ENTIER").names("AAF-XML-ENTIER", "_Eleve_0000.xml").fails("AAF-XML-BIEN-FORME");
        assert_eq!(seen.records("aaf.Eleve"), 6, "{beginning}");
        let line = seen.lines("AAF-XML-BIEN-FORME");
        assert!(line.iter().all(|l| (parts.line(6)..=parts.line(6) + 3).contains(l)), "{beginning}: {line:?}");
    }
}

#[test]
fn an_empty_file_is_not_well_formed() {
    for bytes in [b"".as_slice(), b"\xEF\xBB\xBF", b"\n \n"] {
        let seen = pupils(bytes);
        seen.fails("AAF-XML-BIEN-FORME").names("AAF-XML-BIEN-FORME", "_Eleve_0000.xml").passes("AAF-XML-LISIBLE");
        assert_eq!(seen.lines("AAF-XML-BIEN-FORME"), [1]);
        assert_eq!(seen.records("aaf.Eleve"), 0);
    }
}

#[test]
fn zeros_and_other_documents_are_said() {
    let html = b"<!DOCTYPE html>\n<html><head><title>404</title></head><body><p>Not found<br></p></body></html>\n";
    for bytes in [vec![0; 5000], html.to_vec(), b"PK\x03\x04 not a feed".to_vec(), b"{\"json\": true}".to_vec()] {
        let seen = pupils(bytes);
        seen.fails("AAF-XML-BIEN-FORME").names("AAF-XML-BIEN-FORME", "_Eleve_0000.xml");
        assert_eq!(seen.records("aaf.Eleve"), 0);
    }
}

#[test]
fn zeros_inside_a_file_cost_what_they_replace() {
    let (text, parts) = cut("");
    let text = format!("{text}{}{}{}", "\0".repeat(3000), parts.requests[7..].concat(), parts.tail);
    let seen = pupils(&text);
    seen.fails("AAF-XML-COMMANDES").names("AAF-XML-COMMANDES", "_Eleve_0000.xml");
    assert_eq!(seen.records("aaf.Eleve"), 11);
    assert_eq!(seen.lines("AAF-XML-COMMANDES")[0], parts.line(6));
}
