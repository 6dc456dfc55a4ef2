//! Too much of everything: bounded memory, bounded time, and the rest judged.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::delivery::{Parts, Sample, Seen};

fn quick(sample: &Sample, hurt: &[&str]) -> Seen {
    let start = Instant::now();
    let seen = sample.audit();
    assert!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    seen.spares(hurt);
    seen
}

/// A pupils' file whose request `rank` is preceded by what `write` writes.
fn with_before(rank: usize, write: impl FnOnce(&mut dyn Write)) -> (Sample, Parts) {
    let sample = Sample::new();
    let parts = Parts::of(&sample.text("Eleve"));
    let mut file = std::io::BufWriter::new(std::fs::File::create(sample.file("Eleve")).unwrap());
    write!(file, "{}{}", parts.head, parts.requests[..rank].concat()).unwrap();
    write(&mut file);
    write!(file, "{}{}", parts.requests[rank..].concat(), parts.tail).unwrap();
    file.into_inner().unwrap();
    (sample, parts)
}

fn filler(out: &mut dyn Write, megabytes: usize, line: &str) {
    let block = line.repeat((1 << 20) / line.len());
    (0..megabytes).for_each(|_| out.write_all(block.as_bytes()).unwrap());
}

#[test]
fn one_element_of_64_megabytes_is_passed_over() {
    for (rank, line) in [(0, "xxxxxxxxxxxxxxxx"), (5, "xxxxxxxxxxxxxxx\n")] {
        let (sample, parts) = with_before(rank, |out| {
            out.write_all(b"<addRequest>\n<attributes><attr name=\"sn\"><value>").unwrap();
            filler(out, 64, line);
            out.write_all(b"</value></attr></attributes></addRequest>\n").unwrap();
        });
        let seen = quick(&sample, &["aaf.Eleve"]);
        seen.fails("AAF-XML-DEMESURE").names("AAF-XML-DEMESURE", "_Eleve_0000.xml");
        assert_eq!((seen.lines("AAF-XML-DEMESURE"), seen.get("AAF-XML-DEMESURE").failures), (vec![parts.line(rank)], 1));
        // Every other request is read, at its line; what was passed over is never said to be well-formed.
        assert_eq!(seen.records("aaf.Eleve"), 12);
        seen.unknown("AAF-XML-BIEN-FORME", "AAF-XML-DEMESURE").passes("AAF-XML-ENTIER");
        seen.unknown("AAF-2D-ELV-IDENTITE", "AAF-XML-DEMESURE");
    }
}

#[test]
fn lines_after_what_was_passed_over_are_right() {
    let (sample, parts) = with_before(5, |out| {
        out.write_all(b"<addRequest>").unwrap();
        filler(out, 20, "xxxxxxxxxxxxxxx\n");
        out.write_all(b"</addRequest>\n").unwrap();
    });
    let text = sample.text("Eleve").replacen(&parts.requests[7], &parts.requests[7].replacen("<id>", "<id x='1'>", 1), 1);
    sample.put("Eleve", text);
    let seen = quick(&sample, &["aaf.Eleve"]);
    let id = parts.line(7) + parts.requests[7][..parts.requests[7].find("<id>").unwrap()].matches('\n').count() as u64;
    assert_eq!(seen.lines("AAF-XML-ATTRIBUT-XML"), [id + 20 * (1 << 16) + 1]);
}

#[test]
fn an_endless_prolog_or_no_request_at_all() {
    for (open, close) in [("<!DOCTYPE x [", "]>"), ("<!-- ", "-->"), ("<html>", "</html>")] {
        let sample = Sample::new();
        let mut file = std::fs::File::create(sample.file("Eleve")).unwrap();
        file.write_all(open.as_bytes()).unwrap();
        filler(&mut file, 20, "<p>x</p>\n");
        file.write_all(close.as_bytes()).unwrap();
        let seen = quick(&sample, &["aaf.Eleve"]);
        seen.fails("AAF-XML-BIEN-FORME").fails("AAF-XML-DEMESURE");
    }
}

#[test]
fn a_comment_that_nothing_closes_hides_nothing() {
    let (sample, _) = with_before(6, |out| {
        out.write_all(b"<!-- never closed\n").unwrap();
    });
    let parts = Parts::of(&sample.text("Eleve"));
    // More than the cutter keeps at once.
    let many = parts.requests[7..].concat().repeat(1200);
    assert!(many.len() > 12 << 20);
    sample.put("Eleve", format!("{}{}{many}{}", parts.head, parts.requests[..7].concat(), parts.tail));
    let seen = quick(&sample, &["aaf.Eleve"]);
    seen.fails("AAF-XML-BIEN-FORME").passes("AAF-XML-DEMESURE");
    assert_eq!(seen.records("aaf.Eleve"), 7 + 5 * 1200);
}

#[test]
fn too_many_attributes_of_any_names() {
    for name in [|i: usize| format!("ENTInconnu{i}"), |_: usize| "sn".to_owned(), |i: usize| ["sn", "givenName"][i % 2].to_owned()] {
        let (sample, parts) = with_before(5, |out| {
            out.write_all(b"<addRequest>\n<attributes>").unwrap();
            (0..100_000).for_each(|i| write!(out, "<attr name=\"{}\"><value>x</value></attr>", name(i)).unwrap());
            out.write_all(b"</attributes></addRequest>\n").unwrap();
        });
        let seen = quick(&sample, &["aaf.Eleve"]);
        seen.fails("AAF-XML-DEMESURE").names("AAF-XML-DEMESURE", "_Eleve_0000.xml");
        assert_eq!((seen.lines("AAF-XML-DEMESURE"), seen.records("aaf.Eleve")), (vec![parts.line(5) + 1], 12));
    }
}

#[test]
fn a_million_values_and_very_long_names() {
    for (open, values) in [("sn", 900_000), ("ENTEleveClasses", 300_000)] {
        let (sample, _) = with_before(5, |out| {
            write!(out, "<addRequest>\n<attributes><attr name=\"{open}\">").unwrap();
            (0..values).for_each(|_| out.write_all(b"<value/>").unwrap());
            out.write_all(b"</attr></attributes></addRequest>\n").unwrap();
        });
        let seen = quick(&sample, &["aaf.Eleve"]);
        assert_eq!(seen.records("aaf.Eleve"), 13, "{open}");
    }
    let (sample, _) = with_before(5, |out| {
        write!(out, "<addRequest>\n<attributes><attr name=\"{}\"><value>x</value></attr></attributes></addRequest>\n", "n".repeat(2 << 20))
            .unwrap();
        writeln!(out, "<{0}></{0}>", "e".repeat(2 << 20)).unwrap();
    });
    let seen = quick(&sample, &["aaf.Eleve"]);
    seen.fails("AAF-XML-ELEMENT-INATTENDU");
    assert_eq!(seen.records("aaf.Eleve"), 13);
    assert!(conforment::report::json::write(&seen.report).unwrap().len() < 4 << 20);
}

#[test]
fn deep_nesting_is_given_up() {
    let (sample, parts) = with_before(5, |out| {
        write!(out, "<addRequest>\n{}{}</addRequest>\n", "<a>".repeat(100_000), "</a>".repeat(100_000)).unwrap();
    });
    let seen = quick(&sample, &["aaf.Eleve"]);
    seen.fails("AAF-XML-DEMESURE").fails("AAF-XML-ELEMENT-INATTENDU");
    assert_eq!((seen.lines("AAF-XML-DEMESURE"), seen.records("aaf.Eleve")), (vec![parts.line(5) + 1], 12));
}

#[test]
fn what_makes_recovery_slow_does_not() {
    for piece in ["</x>", "</addRequest>", "<!--<addRequest>-->", "<![CDATA[", "<!-- <?", "<addRequest><a>", "Request", "&#x41;"] {
        let (sample, _) = with_before(5, |out| filler(out, 3, piece));
        let seen = quick(&sample, &["aaf.Eleve"]);
        assert!(seen.records("aaf.Eleve") >= 11, "{piece}");
    }
}
