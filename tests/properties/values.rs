//! What is written is what is read, however it is written.

use std::collections::BTreeMap;

use conforment::source::Kind;
use conforment::source::aaf::name::Category;
use conforment::source::aaf::parse::{Parser, Position};
use conforment::source::feed::{Fault, Prolog, Request, Sink};
use conforment::source::record::{Names, Record};
use proptest::prelude::*;

use crate::feed::document;

#[derive(Default)]
struct Collect {
    records: Vec<BTreeMap<String, Vec<String>>>,
    faults: Vec<Fault>,
}

impl Sink for Collect {
    fn record(&mut self, record: &Record<'_>, _: Option<Kind>, _: Request) {
        self.records.push(record.named_members().map(|(_, n, v)| (n.to_owned(), v.iter().map(str::to_owned).collect())).collect());
    }
    fn fault(&mut self, fault: Fault, _: usize) {
        self.faults.push(fault);
    }
    fn prolog(&mut self, _: Prolog<'_>) {}
}

/// A character and how to write it.
fn written() -> impl Strategy<Value = Vec<(char, u8)>> {
    let character = prop_oneof![
        6 => prop::char::range(' ', '~'),
        2 => prop::char::range('\u{A0}', '\u{D7FF}'),
        1 => prop::char::range('\u{1F300}', '\u{1F5FF}'),
        1 => prop::sample::select(vec!['\n', '\t', '<', '&', '>', '"', '\'', ']', '-', '$']),
    ];
    prop::collection::vec((character, 0..7u8), 0..8)
}

fn write(text: &[(char, u8)]) -> String {
    let mut out = String::new();
    for (c, how) in text {
        let named = match c {
            '<' => Some("&lt;"),
            '&' => Some("&amp;"),
            '>' => Some("&gt;"),
            '"' => Some("&quot;"),
            '\'' => Some("&apos;"),
            _ => None,
        };
        match (how, named) {
            (0, _) => out.push_str(&format!("&#{};", u32::from(*c))),
            (1, _) => out.push_str(&format!("&#x{:X};", u32::from(*c))),
            (2, _) => out.push_str(&format!("<![CDATA[{c}]]>")),
            (3, Some(name)) => out.push_str(&format!("{name}<!-- </value> -->")),
            (4, Some(name)) => out.push_str(&format!("<?p </value>?>{name}")),
            (_, Some(name)) => out.push_str(name),
            (3, None) => out.push_str(&format!("<!-- - -->{c}")),
            (_, None) => out.push(*c),
        }
    }
    out
}

type Attributes = Vec<(String, Vec<Vec<(char, u8)>>)>;

fn attributes() -> impl Strategy<Value = Attributes> {
    let name = prop::sample::select(vec!["sn", "mail", "ENTInconnu", "ENTEleveMEF", "é", "x"]).prop_map(str::to_owned);
    prop::collection::vec((name, prop::collection::vec(written(), 1..4)), 1..8)
}

fn expected(attributes: &Attributes) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, values) in attributes {
        let mut texts: Vec<String> = values.iter().map(|v| v.iter().map(|(c, _)| *c).collect()).collect();
        // A single empty value says there is none.
        if texts.len() == 1 && texts[0].is_empty() {
            texts.clear();
        }
        all.entry(name.clone()).or_default().extend(texts);
    }
    all
}

/// The same file read by another hand: a tree without any of our rules.
fn tree(text: &str) -> Vec<BTreeMap<String, Vec<String>>> {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut all, mut name, mut values, mut depth) = (Vec::new(), String::new(), Vec::<String>::new(), Vec::<String>::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                let element = String::from_utf8(tag.name().as_ref().to_vec()).unwrap();
                match element.as_str() {
                    "addRequest" => all.push(BTreeMap::new()),
                    "attr" => {
                        name = tag
                            .try_get_attribute("name")
                            .unwrap()
                            .unwrap()
                            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
                            .unwrap()
                            .into_owned()
                    }
                    "value" => values.push(String::new()),
                    _ => {}
                }
                depth.push(element);
            }
            Event::Text(text) if depth.last().is_some_and(|d| d == "value") => {
                values.last_mut().unwrap().push_str(std::str::from_utf8(&text).unwrap())
            }
            Event::CData(text) => values.last_mut().unwrap().push_str(std::str::from_utf8(&text).unwrap()),
            Event::GeneralRef(r) => {
                let named = match &*r {
                    b"lt" => '<',
                    b"gt" => '>',
                    b"amp" => '&',
                    b"quot" => '"',
                    b"apos" => '\'',
                    _ => r.resolve_char_ref().unwrap().unwrap(),
                };
                values.last_mut().unwrap().push(named);
            }
            Event::End(_) => {
                let element = depth.pop().unwrap();
                if element == "attr" {
                    let mut taken = std::mem::take(&mut values);
                    if taken.len() == 1 && taken[0].is_empty() {
                        taken.clear();
                    }
                    if depth.last().is_some_and(|d| d == "attributes") {
                        let record: &mut BTreeMap<String, Vec<String>> = all.last_mut().unwrap();
                        record.entry(name.clone()).or_default().extend(taken);
                    }
                }
            }
            Event::Eof => return all,
            _ => {}
        }
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(records in prop::collection::vec(attributes(), 1..5)) {
        let mut body = String::new();
        for (i, attributes) in records.iter().enumerate() {
            body.push_str(&format!("<addRequest><operationalAttributes><attr name='categoriePersonne'><value>Eleve</value></attr></operationalAttributes><identifier><id>{i}</id></identifier><attributes>"));
            for (name, values) in attributes {
                body.push_str(&format!("<attr name=\"{name}\">"));
                values.iter().for_each(|v| body.push_str(&format!("<value>{}</value>", write(v))));
                body.push_str("</attr>");
            }
            body.push_str("</attributes></addRequest>");
        }
        let text = document(&body);
        let mut sink = Collect::default();
        let position = Position { first: true, last: true, category: Some(Category::Eleve), named: None, other_root: false };
        conforment::source::record::intern("sn");
        Parser::new(Names::snapshot()).chunk(&text, position, &mut sink);
        prop_assert!(sink.faults.is_empty(), "{:?} {}", sink.faults, text);
        prop_assert_eq!(&sink.records, &records.iter().map(expected).collect::<Vec<_>>(), "{}", &text);
        prop_assert_eq!(&sink.records, &tree(&text));
    }
}
