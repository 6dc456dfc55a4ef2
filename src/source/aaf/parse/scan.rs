//! The fast front end: requests written the way real exports write them, read straight from the bytes.
//!
//! Takes an `addRequest` only when it is without fault and of the usual shape (tags without surprise, text,
//! character references); anything else is left whole to quick-xml, which alone finds faults. Both give
//! the same records: a test holds them to it. Must never report a fault, nor hand over half a request.

use super::{Request, Run, Sink};
use crate::source::files::usual::{blank, literal, tag};
use crate::source::record::Span;

impl<S: Sink + ?Sized> Run<'_, '_, S> {
    /// Hands over the requests of the usual shape from `base` on, and moves it after the last of them.
    pub(super) fn scan_requests(&mut self) {
        while let Some(end) = self.usual_request() {
            self.front.base = end;
        }
    }

    /// One request; where it ends.
    fn usual_request(&mut self) -> Option<usize> {
        let bytes = self.front.text.as_bytes();
        let start = blank(bytes, self.front.base);
        let at = tag(bytes, start, b"<addRequest>")?;
        self.begin(Request::Add, start);

        let at = tag(bytes, at, b"<operationalAttributes>")?;
        let (name, at) = name(bytes, literal(bytes, at, b"<attr name=\"")?)?;
        self.operational_name = Some(name);
        let mut at = tag(bytes, at, b"\">")?;
        while let Some(named) = literal(bytes, at, b"<value") {
            let (value, end) = self.usual_value(named)?;
            self.operational.push(value);
            at = end;
        }
        at = tag(bytes, at, b"</attr>")?;
        at = tag(bytes, at, b"</operationalAttributes>")?;

        at = tag(bytes, at, b"<identifier>")?;
        let (id, end) = self.front.usual_text(literal(bytes, at, b"<id>")?)?;
        self.ids.push(id);
        at = tag(bytes, end, b"</id>")?;
        at = tag(bytes, at, b"</identifier>")?;

        at = tag(bytes, at, b"<attributes>")?;
        while let Some(inside) = literal(bytes, at, b"<attr name=\"") {
            at = self.usual_attribute(at, inside)?;
        }
        let end = tag(bytes, at, b"</attributes>")?;
        at = literal(bytes, end, b"</addRequest>")?;
        // What follows starts a text of its own for quick-xml, which would take a stray mark for its own.
        let follows = bytes.get(at).is_none_or(|b| *b == b'<' || b.is_ascii_whitespace());
        if self.operational.is_empty() || self.attributes == 0 || !follows {
            return None;
        }
        self.seen |= 7;
        self.end_request(end);
        Some(at)
    }

    /// One attribute of which `<attr name="` was read; where the next one may start.
    fn usual_attribute(&mut self, start: usize, inside: usize) -> Option<usize> {
        if self.is_full() {
            return None;
        }
        let bytes = self.front.text.as_bytes();
        let expected = self.order.get(self.attributes).map(|(known, _)| known.as_ref());
        let predicted = expected.and_then(|known| literal(bytes, inside, known)).filter(|end| bytes.get(*end) == Some(&b'"'));
        let (span, at) = match predicted {
            Some(end) => (Span::of_chunk(inside, end - inside), end),
            None => name(bytes, inside)?,
        };
        let mut at = tag(bytes, at, b"\">")?;
        self.attribute(span, start);
        while let Some(named) = literal(bytes, at, b"<value") {
            let (value, end) = self.usual_value(named)?;
            self.front.record.push(value);
            self.added += 1;
            at = end;
        }
        if self.added == 0 {
            return None;
        }
        self.front.record.close(self.added);
        tag(bytes, at, b"</attr>")
    }

    /// One value of which `<value` was read, and what follows it. No value is written `<value></value>`, `<value/>` or
    /// `<value />` (aaf.md §2).
    fn usual_value(&mut self, at: usize) -> Option<(Span, usize)> {
        let bytes = self.front.text.as_bytes();
        if let Some(inside) = literal(bytes, at, b">") {
            let (value, end) = self.front.usual_text(inside)?;
            return Some((value, tag(bytes, end, b"</value>")?));
        }
        let end = tag(bytes, at, b"/>").or_else(|| tag(bytes, at, b" />"))?;
        Some((Span::of_chunk(at, 0), end))
    }
}

/// A name between quotes, from after the first to the second.
fn name(bytes: &[u8], start: usize) -> Option<(Span, usize)> {
    let len = bytes.get(start..)?.iter().position(|b| matches!(b, b'"' | b'&' | b'<' | b'>'))?;
    (bytes[start + len] == b'"').then(|| (Span::of_chunk(start, len), start + len))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Parser, Position};
    use crate::source::Kind;
    use crate::source::feed::{Fault, Prolog, Request, Sink};
    use crate::source::record::{Names, Record, intern};

    const REQUEST: &str = "<addRequest>\n<operationalAttributes><attr name=\"categoriePersonne\"><value>Eleve</value></attr>\
        </operationalAttributes>\n<identifier><id>12</id></identifier>\r\n<attributes>\n<attr name=\"sn\"><value>L&apos;&#201;t&#233;</value>\
        </attr>\n<attr name=\"givenName\"><value></value></attr><attr name=\"x\"><value>a > b</value>\
        <value/> <value>&amp;&lt;</value><value /></attr>\n<attr name=\"mail\"><value/></attr>\n\
        </attributes>\n</addRequest>\n";

    /// Everything a sink is told, as text.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Sink for Told {
        fn record(&mut self, record: &Record<'_>, kind: Option<Kind>, request: Request) {
            let mut members = Vec::new();
            for (id, name, values) in record.named_members() {
                members.push(format!("{id:?} {name} {} {:?}", record.offset_of(name), values.iter().collect::<Vec<_>>()));
            }
            let id = record.values(intern("@id")).map(|v| v.iter().map(str::to_owned).collect::<Vec<_>>());
            self.0.push(format!("{} {id:?} {kind:?} {request:?} {members:?}", record.offset));
        }
        fn fault(&mut self, fault: Fault, offset: usize) {
            self.0.push(format!("{fault} at {offset}"));
        }
        fn prolog(&mut self, prolog: Prolog<'_>) {
            self.0.push(format!("{prolog:?}"));
        }
    }

    fn told(text: &str, scans: bool) -> Vec<String> {
        for name in ["@id", "sn", "x"] {
            intern(name);
        }
        let mut parser = Parser::new(Names::snapshot());
        parser.scans = scans;
        let mut told = Told::default();
        parser.chunk(text, POSITION, &mut told);
        told.0
    }

    const POSITION: Position = Position { first: true, last: true, category: None, named: None, other_root: false };

    /// How many requests from the start of `text` are taken without quick-xml, and where that ends.
    fn taken(text: &str) -> (usize, usize) {
        let mut parser = Parser::new(Names::snapshot());
        let mut told = Told::default();
        let mut run = parser.start(text, Position { first: false, ..POSITION }, &mut told);
        run.scan_requests();
        let end = run.front.base;
        (told.0.len(), end)
    }

    /// A shape that real exports use and that is left to quick-xml costs the speed of a whole delivery, and no other test
    /// would see it.
    #[test]
    fn takes_every_way_to_write_no_value() {
        let text = REQUEST.repeat(3);
        assert_eq!(taken(&text), (3, text.trim_end().len()));
        for other in ["<value  />", "<value\t/>", "<value/ >", "<value x=\"\"/>", "<values/>", "<value/", "<!-- --><value/>"] {
            let text = text.replacen("<value/>", other, 1);
            assert_eq!(taken(&text), (0, 0), "{other}");
        }
    }

    #[test]
    fn reads_what_quick_xml_reads() {
        let text = format!("<ficAlimMENESR>\n<!-- a -->{}</ficAlimMENESR>\n", REQUEST.repeat(3));
        let scanned = told(&text, true);
        assert_eq!(scanned, told(&text, false));
        assert_eq!(scanned.len(), 4, "{scanned:#?}");
        assert!(scanned[1].contains("L'Été") && scanned[1].contains(r#"[\"a > b\", \"\", \"&<\", \"\"]"#), "{}", scanned[1]);
    }

    /// Found by the property below: the text of the value left open was looked at once it was gone.
    #[test]
    fn a_request_within_a_value_forgets_it() {
        let text = "<ficAlimMENESR><addRequest><attributes><attr name=\"sn\"><value>L&apos;<deleteRequest>&#233;";
        assert_eq!(told(text, false), ["xmlErrors at 69", "strayText at 84", "xmlErrors at 90", "truncated at 90"]);
        assert_eq!(told(text, true), told(text, false));
    }

    proptest! {
        /// Whatever is done to a request, the next ones included, both front ends tell the same.
        #[test]
        fn tells_the_same_of_any_text(
            edits in prop::collection::vec(
                (0..2 * REQUEST.len(), 0..4_usize, prop::sample::select(vec![
                    "", "<", ">", "&", ";", "\"", "&#1;", "&#195;&#169;", "&#xE9;", "&x;", "<value/>", "<value />", "<value\u{c}/>", "<value/", "/>", "\r", "\r\n", "&#13;", "<!-- a--b -->", "<!DOCTYPE a>",
                    "<value>", "</attr>", "<!-- -->",
                    "<![CDATA[a]]>", "]]>", "\u{FEFF}", "é", " ", "/", "\0", "</addRequest>", "<?xml version='1.0'?>", "<deleteRequest>",
                ])),
                1..4,
            )
        ) {
            let mut text = REQUEST.repeat(3);
            for (at, len, new) in edits {
                let end = (at + len).min(text.len());
                if text.is_char_boundary(at) && text.is_char_boundary(end) {
                    text.replace_range(at..end, new);
                }
            }
            let text = format!("<ficAlimMENESR>{text}</ficAlimMENESR>");
            prop_assert_eq!(told(&text, true), told(&text, false), "{}", text);
        }
    }
}
