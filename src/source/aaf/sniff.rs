//! What the first bytes of a file tell: whether it is AAF, its encoding, its header, its school level.

use memchr::memmem;
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::rules::model::Degree;
use crate::source::files::encoding::Encoding;
use crate::source::files::prolog::Declared;

/// What the head of a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its root or DOCTYPE is that of AAF.
    pub aaf: bool,
    /// Its root is another one.
    pub other_root: bool,
    /// As declared.
    pub declared: Option<String>,
    /// As read.
    pub encoding: Encoding,
    /// Starts with a byte order mark.
    pub bom: bool,
    /// `degre` of the header, or what the annex named there is about.
    pub header_degree: Option<Degree>,
    /// What the names of the first attributes show.
    pub content_degree: Option<Degree>,
}

/// Names that only one level uses (aaf.md §9).
const ONLY_1D: &[&str] =
    &["\"ENTPersonNom\"", "\"ENTPersonPrenom\"", "\"ENTEleveNiveau\"", "\"ENTEcoleCommune\"", "\"ENTEcoleCirconscription\""];
const ONLY_2D: &[&str] =
    &["\"sn\"", "\"givenName\"", "\"ENTEtablissementUAI\"", "\"ENTMefJointure\"", "\"ENTMatJointure\"", "\"ENTEleveMEF\""];

/// Looks at a head.
#[must_use]
pub fn sniff(head: &[u8]) -> Head {
    let Declared { label: declared, encoding, bom, utf16 } = Declared::of(head);
    let text = String::from_utf8_lossy(head);
    let has = |names: &[&str]| names.iter().any(|n| text.contains(n));
    let content_degree = match (has(ONLY_1D), has(ONLY_2D)) {
        (true, false) => Some(Degree::D1),
        (false, true) => Some(Degree::D2),
        _ => None,
    };
    let aaf = memmem::find(head, b"ficAlimMENESR").is_some() || (utf16 && memmem::find(head, b"f\0i\0c\0A").is_some());
    Head { aaf, other_root: other_root(&text), declared, encoding, bom, header_degree: header_degree(&text), content_degree }
}

/// Whether the first element has another name than that of AAF.
fn other_root(text: &str) -> bool {
    let mut reader = Reader::from_str(text);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => return tag.name().as_ref() != b"ficAlimMENESR",
            Ok(Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

fn header_degree(text: &str) -> Option<Degree> {
    let comments = text.split("<!--").skip(1).filter_map(|c| c.split_once("-->")).map(|(c, _)| c);
    comments.filter_map(header).find_map(|(key, value)| match (key, value) {
        ("degre", "1D") => Some(Degree::D1),
        ("degre", "2D") => Some(Degree::D2),
        ("versionSDET", v) if v.starts_with("Annexe 4bis") => Some(Degree::D2),
        ("versionSDET", v) if v.starts_with("Annexe 1 ") => Some(Degree::D1),
        _ => None,
    })
}

/// A header comment: `key="value"`.
#[must_use]
pub fn header(comment: &str) -> Option<(&str, &str)> {
    let (key, value) = comment.trim().split_once('=')?;
    Some((key.trim(), value.trim().trim_matches(['"', '\''])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_encoding_and_level() {
        let head = sniff(b"<?xml version=\"1.0\" encoding='ISO-8859-15'?>\n<ficAlimMENESR><!-- versionSDET=\"Annexe 1 version 6.3\" --><attr name=\"ENTPersonNom\">");
        assert!(head.aaf && head.encoding == Encoding::Latin9);
        assert_eq!((head.header_degree, head.content_degree), (Some(Degree::D1), Some(Degree::D1)));
        let bare = sniff(b"<ficAlimMENESR><attr name=\"sn\">");
        assert_eq!((bare.encoding, bare.declared, bare.content_degree), (Encoding::Utf8, None, Some(Degree::D2)));
        assert!(!head.other_root && sniff(b"<!-- <a> --><?p?><html>").other_root);
        assert_eq!(sniff(b"\xFF\xFE<\0?\0").encoding, Encoding::Unsupported);
        assert!(!sniff(b"<html>").aaf && sniff(b"\xEF\xBB\xBF<a/>").bom && sniff(b"").declared.is_none());
    }

    #[test]
    fn reads_header_comments() {
        assert_eq!(header(" versionAF=\"AAF-VE2407\" "), Some(("versionAF", "AAF-VE2407")));
        assert_eq!(header("rien"), None);
    }
}
