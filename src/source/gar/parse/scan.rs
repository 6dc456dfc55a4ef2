//! The fast front end: records written the way the exports of the field write them, read straight from the bytes.
//!
//! Takes a record only when it is without fault and of the usual shape (the prefix of the root, children in order, tags
//! without surprise, text, character references); anything else is left whole to quick-xml, which alone finds faults.
//! Both give the same records: a test holds them to it. Must never report a fault, nor hand over half a record.

use super::{Known, MAX_VALUES, Run, Sink};
use crate::source::files::usual::{blank, literal, tag};
use crate::source::record::Span;

impl<'p, S: Sink + ?Sized> Run<'_, 'p, S> {
    /// Hands over the records of the usual shape from `base` on, and moves it after the last of them.
    pub(super) fn scan_records(&mut self) {
        while let Some(end) = self.usual_record() {
            self.front.base = end;
        }
    }

    /// One record; where it ends.
    fn usual_record(&mut self) -> Option<usize> {
        let bytes = self.front.text.as_bytes();
        let start = blank(bytes, self.front.base);
        let mut at = self.usual_start(start)?;
        let model = self.records[self.expected];
        if model.kind.0 < self.last {
            return None;
        }
        self.front.record.clear();
        self.front.record.offset = start as u32;
        let mut next = 0;
        while let Some((rank, inside)) = usual_child(bytes, at, &model.children, next) {
            at = self.usual_member(&model.children[rank], at, inside)?;
            next = rank;
        }
        at = literal(bytes, at, &model.tags.close)?;
        // What follows starts a text of its own for quick-xml, which would take a stray mark for its own.
        if !bytes.get(at).is_none_or(|b| *b == b'<' || b.is_ascii_whitespace()) {
            return None;
        }
        self.end_record(model);
        Some(at)
    }

    /// The start tag of a record: which one, nearly always the same as before, is noted; where what follows starts.
    fn usual_start(&mut self, at: usize) -> Option<usize> {
        let bytes = self.front.text.as_bytes();
        let is = |rank: &usize| self.records.get(*rank).and_then(|record| tag(bytes, at, &record.tags.open));
        if let Some(end) = is(&self.expected) {
            return Some(end);
        }
        let (rank, end) = (0..self.records.len()).find_map(|rank| Some((rank, is(&rank)?)))?;
        self.expected = rank;
        Some(end)
    }

    /// One child of a record, whose start tag stands at `start` and ends at `inside`; where what follows starts.
    fn usual_member(&mut self, child: &'p Known, start: usize, inside: usize) -> Option<usize> {
        if self.front.record.size() + 2 > MAX_VALUES {
            return None;
        }
        let bytes = self.front.text.as_bytes();
        if !self.is_open_member(child.id) {
            self.front.record.open(child.id, local_name(child, inside), start);
        }
        let Some(inner) = &child.inner else {
            let (value, end) = self.front.usual_text(inside)?;
            self.front.record.push(value);
            return tag(bytes, end, &child.tags.close);
        };
        self.front.record.open_block();
        let (mut at, mut next) = (blank(bytes, inside), 0);
        while let Some((rank, inside)) = usual_child(bytes, at, inner, next) {
            if self.front.record.size() + 2 > MAX_VALUES {
                return None;
            }
            let child = &inner[rank];
            let (value, end) = self.front.usual_text(inside)?;
            self.front.record.push_child(child.id, local_name(child, inside), self.front.record.offset as usize, value);
            at = tag(bytes, end, &child.tags.close)?;
            next = rank;
        }
        tag(bytes, at, &child.tags.close)
    }
}

/// The child whose start tag stands at `at`, from the rank `next` on: children are in order. Where the tag ends.
#[inline]
fn usual_child(bytes: &[u8], at: usize, children: &[Known], next: usize) -> Option<(usize, usize)> {
    let mut rest = children.iter().enumerate().skip(next);
    rest.find_map(|(rank, child)| Some((rank, literal(bytes, at, &child.tags.open)?)))
}

/// The name without its prefix, in the start tag that ends at `end`.
fn local_name(child: &Known, end: usize) -> Span {
    Span::of_chunk(end - 1 - child.name.len(), child.name.len())
}

#[cfg(test)]
mod tests {
    use jsonschema::json::Node as _;
    use proptest::prelude::*;

    use super::super::{Parser, Position};
    use crate::source::Kind;
    use crate::source::feed::{Fault, Prolog, Request, Sink};
    use crate::source::gar::head::Head;
    use crate::source::record::{Names, Node, Record, intern};

    const ROOT: &str = "<men:GAR-ENT-Eleve xmlns:men=\"http://data.education.fr/ns/gar\" Version=\"1.0\">\n";
    const RECORDS: [&str; 3] = [
        "<men:GAREleve>\n<men:GARPersonIdentifiant>e1</men:GARPersonIdentifiant>\n<men:GARPersonProfils>\n\
         <men:GARStructureUAI>0990001N</men:GARStructureUAI>\n<men:GARPersonProfil>National_elv</men:GARPersonProfil>\n\
         </men:GARPersonProfils><men:GARPersonProfils><men:GARStructureUAI>0990002P</men:GARStructureUAI></men:GARPersonProfils>\
         <men:GARPersonNom>L&apos;&#201;t&#233;</men:GARPersonNom>\r\n<men:GARPersonAutresPrenoms>Zoé</men:GARPersonAutresPrenoms>\n\
         <men:GARPersonAutresPrenoms></men:GARPersonAutresPrenoms>\n<men:GARPersonEtab>a > b</men:GARPersonEtab>\n</men:GAREleve>\n",
        "<men:GARPersonMEF>\n<men:GARStructureUAI>0990001N</men:GARStructureUAI>\n<men:GARPersonIdentifiant>e1</men:GARPersonIdentifiant>\n\
         <men:GARMEFCode>10010012110</men:GARMEFCode>\n</men:GARPersonMEF>\n",
        "<men:GAREleveEnseignement><men:GARStructureUAI>0990001N</men:GARStructureUAI>\
         <men:GARPersonIdentifiant>e1</men:GARPersonIdentifiant><men:GARMatiereCode>030201</men:GARMatiereCode></men:GAREleveEnseignement>",
    ];

    /// Everything a sink is told, as text.
    #[derive(Default)]
    struct Told(Vec<String>);

    impl Sink for Told {
        fn record(&mut self, record: &Record<'_>, kind: Option<Kind>, request: Request) {
            let places: Vec<String> =
                record.named_members().map(|(id, name, _)| format!("{id:?} {name} {}", record.offset_of(name))).collect();
            self.0.push(format!("{} {kind:?} {request:?} {places:?} {}", record.offset, Node::Object(record).to_value()));
        }
        fn fault(&mut self, fault: Fault, offset: usize) {
            self.0.push(format!("{fault} at {offset}"));
        }
        fn prolog(&mut self, prolog: Prolog<'_>) {
            self.0.push(format!("{prolog:?}"));
        }
    }

    fn told(text: &str, scans: bool) -> Vec<String> {
        for name in ["@id", "@root", "@file", "@etab", "GARPersonProfils", "GARStructureUAI", "GARPersonIdentifiant", "GARPersonNom"] {
            intern(name);
        }
        let head = Head::of(text.as_bytes());
        let mut parser = Parser::new(Names::snapshot(), 0);
        parser.scans = scans;
        let mut told = Told::default();
        parser.chunk(text, Position { first: true, last: true, file: 3, head: &head }, &mut told);
        told.0
    }

    fn file(root: &str, records: &str) -> String {
        format!("{root}{records}</men:GAR-ENT-Eleve>\n")
    }

    /// How many records from the start of `text` are taken without quick-xml.
    fn taken(text: &str) -> usize {
        let head = Head::of(ROOT.as_bytes());
        let mut parser = Parser::new(Names::snapshot(), 0);
        let mut told = Told::default();
        parser.start(text, Position { first: false, last: false, file: 0, head: &head }, &mut told).scan_records();
        told.0.len()
    }

    /// A shape that real exports use and that is left to quick-xml costs the speed of a whole delivery, and no other test
    /// would see it.
    #[test]
    fn takes_records_of_the_usual_shape() {
        let records = RECORDS.concat().repeat(2);
        // The second pupil comes after links: quick-xml says so.
        assert_eq!(taken(&records), 3);
        assert_eq!(taken(&format!("{}{}{}", RECORDS[0].repeat(3), RECORDS[1].repeat(2), RECORDS[2].repeat(2))), 7);
        for other in ["<men:GARPersonNom >", "<men:GARPersonNom/>", "<GARPersonNom>", "<!-- --><men:GARPersonNom>", "x<men:GARPersonNom>"] {
            assert_eq!(taken(&RECORDS[0].replace("<men:GARPersonNom>", other)), 0, "{other}");
        }
    }

    #[test]
    fn reads_what_quick_xml_reads() {
        let text = file(ROOT, &RECORDS.concat());
        let scanned = told(&text, true);
        assert_eq!(scanned, told(&text, false));
        assert_eq!(scanned.len(), 3, "{scanned:#?}");
        for part in ["L'Été", r#""GARPersonAutresPrenoms":["Zoé",""]"#, r#""@etab":["0990001N","0990002P"]"#, r#""@file":["3"]"#] {
            assert!(scanned[0].contains(part), "{part}: {}", scanned[0]);
        }
    }

    #[test]
    fn a_root_without_prefix_is_scanned_too() {
        let text = file(ROOT, &RECORDS.concat()).replace("xmlns:men", "xmlns").replace("men:", "");
        assert_eq!((told(&text, true), told(&text, true).len()), (told(&text, false), 3));
    }

    proptest! {
        /// Whatever is done to a file, both front ends tell the same.
        #[test]
        fn tells_the_same_of_any_text(
            order in prop::collection::vec(0..3_usize, 1..6),
            root in prop::sample::select(vec![ROOT, "<men:GAR-ENT-Eleve xmlns:men=\"x\">", "<men:GAR-ENT-Eleve>", "<GAR-ENT-Eleve>", "<a>", ""]),
            edits in prop::collection::vec(
                (0..3000_usize, 0..9_usize, prop::sample::select(vec![
                    "", "<", ">", "&", ";", "\r", "\r\n", "&#13;", "&#0233;", "&#1;", "&#195;&#169;", "&#xE9;", "&x;", "<men:GARPersonNom/>", "</men:GAREleve>", "/>", ":",
                    "<men:GARPersonNom>", "</men:GARPersonNom>", "<men:GARPersonEtab>", "</men:GARPersonEtab>", "<!-- -->",
                    "<![CDATA[a]]>", "]]>", "\u{FEFF}", "é", " ", "/", "\0", "<men:GARPersonProfils>", "<?xml version='1.0'?>",
                    "<men:GAREleve>", "<men:GARPersonMEF>", "</men:GARPersonProfils>", " a='b'", "</men:GAR-ENT-Eleve>",
                ])),
                0..4,
            )
        ) {
            let mut records: String = order.iter().map(|i| RECORDS[*i]).collect();
            for (at, len, new) in edits {
                let at = at % records.len().max(1);
                let end = (at + len).min(records.len());
                if records.is_char_boundary(at) && records.is_char_boundary(end) {
                    records.replace_range(at..end, new);
                }
            }
            let text = file(root, &records);
            prop_assert_eq!(told(&text, true), told(&text, false), "{}", text);
        }
    }
}
