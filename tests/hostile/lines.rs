//! Every finding stands at its line, whatever the line ends, the encoding, the number of chunks.

use conforment::generate::{Degree, Mode};
use conforment::source::aaf::Said;
use conforment::source::files::delivery::Opened;
use conforment::source::files::find;

use crate::delivery::{Parts, Sample, Seen, generated};

/// A pupils' file of more than three chunks, with one fault of each kind at known places.
fn long(end: &str) -> (String, u64, u64, u64) {
    let parts = Parts::of(&Sample::new().text("Eleve"));
    let mut requests: Vec<String> = Vec::new();
    for i in 0..1500 {
        requests.push(parts.requests[i % 12].replace(&format!("1000{:04}", i % 12), &format!("{}", 10_000_000 + i)));
    }
    // A value, an element of structure, a reference.
    requests[1400] = requests[1400].replacen("<attr name=\"ENTEleveMEF\"><value>", "<attr name=\"ENTEleveMEF\"><value>X", 1);
    requests[1401] = requests[1401].replacen("<id>", "<id x='1'>", 1);
    requests[1402] = requests[1402].replacen("<value>M.</value>", "<value>Monsieur</value>", 1).replacen(
        "<value>Mme</value>",
        "<value>Monsieur</value>",
        1,
    );
    let all = Parts { requests, ..parts };
    let text = all.join();
    let at = |what: &str| text[..text.find(what).unwrap()].matches('\n').count() as u64 + 1;
    let lines = (at("<value>X"), at("<id x="), at("Monsieur"));
    assert!(text.len() > 3 << 20);
    (text.replace('\n', end), lines.0, lines.1, lines.2)
}

fn check(text: &[u8], lines: (u64, u64, u64)) {
    let sample = Sample::new();
    sample.put("Eleve", text);
    for threads in [1, 3] {
        let seen = Seen::with(sample.path(), &[], threads);
        assert_eq!(seen.lines("AAF-XML-ATTRIBUT-XML"), [lines.1]);
        assert_eq!(seen.lines("AAF-2D-ELV-CIVILITE-LISTE"), [lines.2]);
        let reference = seen.report.requirements.iter().filter(|r| r.id.contains("ELV-MEF")).flat_map(|r| &r.findings);
        assert!(reference.clone().any(|f| f.line == Some(lines.0)), "{:?}", reference.collect::<Vec<_>>());
    }
}

#[test]
fn lines_are_exact_over_chunks() {
    for end in ["\n", "\r\n"] {
        let (text, a, b, c) = long(end);
        check(text.as_bytes(), (a, b, c));
        check(format!("\u{FEFF}{text}").as_bytes(), (a, b, c));
        let latin: Vec<u8> = text.replacen("UTF-8", "ISO-8859-1", 1).replace("<value>N</value>", "<value>@</value>").into_bytes();
        let latin: Vec<u8> = latin.into_iter().map(|b| if b == b'@' { 0xE9 } else { b }).collect();
        check(&latin, (a, b, c));
    }
}

#[test]
fn small_chunks_give_the_same_lines() {
    let sample = Sample::empty();
    sample.add_all(generated(Degree::D2, Mode::Complet));
    sample.edit("Eleve", |p| p.with(7, |r| r.replacen("<id>", "<id x='1'>", 1)));
    let wanted = sample.audit().lines("AAF-XML-ATTRIBUT-XML");
    for chunk in [1, 100, 5000] {
        let mut delivery = find::find::<Said>(sample.path()).unwrap().remove(0);
        delivery.chunk = chunk;
        let settings = conforment::engine::worker::Settings { seed: 1, cap: 50, pseudonyms: conforment::privacy::Pseudonyms::new([0; 32]) };
        let options =
            conforment::engine::run::Options { threads: 2, settings, today: crate::audited::DAY, degree: None, apart: Vec::new() };
        let progress = std::sync::atomic::AtomicU64::new(0);
        let audited = conforment::engine::run::deliveries(&[&Opened::new(delivery)], crate::audited::set(), &options, &progress).unwrap();
        let found = audited.outcomes.iter().find(|o| o.requirement == "AAF-XML-ATTRIBUT-XML").unwrap();
        assert_eq!(found.findings.iter().filter_map(|f| f.line).collect::<Vec<_>>(), wanted, "{chunk}");
    }
}
