//! What the first bytes of a GAR-ENT file tell: encoding, root element, namespace, prefix.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::model::{self, NAMESPACES, Root};
use crate::rules::model::Degree;
use crate::source::files::prolog::Declared;

/// The namespace of the attributes that XML Schema allows everywhere.
pub const XSI: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The value of an attribute; as it stands where a reference in it cannot be resolved.
#[must_use]
pub fn unescaped(value: &[u8]) -> String {
    let written = String::from_utf8_lossy(value);
    quick_xml::escape::unescape(&written).map(std::borrow::Cow::into_owned).unwrap_or_else(|_| written.clone().into_owned())
}

/// What the head says.
#[derive(Clone, Debug)]
pub struct Head {
    /// Encoding.
    pub declared: Declared,
    /// Name of the root element, without prefix; its first characters.
    pub root: Option<String>,
    /// The same with its prefix: what its end tag must repeat.
    pub raw_root: Vec<u8>,
    /// Level of the namespace of the root.
    pub degree: Option<Degree>,
    /// The namespace is that of the GAR or not; `None` before any root.
    pub namespace_known: Option<bool>,
    /// That namespace, as the root declares it.
    pub namespace: Option<String>,
    /// Prefixes that stand for that namespace; `""` without prefix.
    pub prefixes: Vec<String>,
    /// Prefixes of the attributes that XML Schema allows everywhere.
    pub xsi: Vec<String>,
    /// `Version` of the root.
    pub version: Option<String>,
}

impl Head {
    /// From the first bytes.
    #[must_use]
    pub fn of(head: &[u8]) -> Self {
        let declared = Declared::of(head);
        let mut out = Self {
            declared,
            root: None,
            raw_root: Vec::new(),
            degree: None,
            namespace_known: None,
            namespace: None,
            prefixes: Vec::new(),
            xsi: Vec::new(),
            version: None,
        };
        let (text, _) = out.declared.encoding.decode(head);
        let mut reader = Reader::from_str(text.trim_start_matches('\u{FEFF}'));
        loop {
            match reader.read_event() {
                Ok(Event::Start(tag) | Event::Empty(tag)) => {
                    out.root(&tag);
                    return out;
                }
                Ok(Event::Eof) | Err(_) => return out,
                Ok(_) => {}
            }
        }
    }

    fn root(&mut self, tag: &BytesStart<'_>) {
        let raw = tag.name().as_ref().to_vec();
        let written = String::from_utf8_lossy(&raw).into_owned();
        let (prefix, local) = written.split_once(':').unwrap_or(("", &written));
        self.root = Some(local.chars().take(64).collect());
        self.raw_root = raw;
        let mut bound: Vec<(String, String)> = Vec::new();
        for attribute in tag.attributes().take(64).filter_map(Result::ok) {
            let key = String::from_utf8_lossy(attribute.key.as_ref()).into_owned();
            let value = unescaped(&attribute.value);
            match key.as_str() {
                "Version" => self.version = Some(value.chars().take(32).collect()),
                "xmlns" => bound.push((String::new(), value)),
                key => bound.extend(key.strip_prefix("xmlns:").map(|p| (p.to_owned(), value))),
            }
        }
        let own = bound.iter().find(|(p, _)| p == prefix).map(|(_, uri)| uri.clone());
        self.degree = NAMESPACES.iter().find(|(uri, _)| own.as_deref() == Some(*uri)).map(|(_, degree)| *degree);
        self.namespace_known = Some(self.degree.is_some());
        let of = |wanted: &str| bound.iter().filter(|(_, uri)| uri == wanted).map(|(p, _)| p.clone()).collect();
        self.xsi = of(XSI);
        self.prefixes = own.as_deref().map(of).unwrap_or_default();
        self.namespace = own;
        if self.prefixes.is_empty() {
            self.prefixes.push(prefix.to_owned());
        }
    }

    /// The root, when it is one of the ten.
    #[must_use]
    pub fn known(&self) -> Option<&'static Root> {
        let name = self.root.as_deref()?;
        model::roots(self.degree?).iter().find(|r| r.name == name)
    }

    /// Whether a root of that name exists, whatever the namespace.
    #[must_use]
    pub fn category(&self) -> Option<&'static str> {
        let name = self.root.as_deref()?;
        model::roots(Degree::D2).iter().find(|r| r.name == name).map(|r| r.category)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_levels() {
        let head = |root: &str| Head::of(format!("<?xml version=\"1.0\" encoding='UTF-8'?><!-- <a> -->{root}").as_bytes());
        let men = head("<men:GAR-ENT-Etab xmlns:men=\"http://data.education.fr/ns/gar\" xmlns:x='y' Version='1.0'>");
        assert_eq!((men.degree, men.category(), men.version.as_deref()), (Some(Degree::D2), Some("Etab"), Some("1.0")));
        assert_eq!((men.prefixes.as_slice(), men.raw_root.as_slice()), (["men".to_owned()].as_slice(), b"men:GAR-ENT-Etab".as_slice()));
        let bare = head("<GAR-ENT-Eleve xmlns=\"http://data.education.fr/ns/gar/1d\"/>");
        assert_eq!((bare.degree, bare.known().map(|r| r.category), bare.version), (Some(Degree::D1), Some("Eleve"), None));
        let man = head("<man:GAR-ENT-Etab xmlns:men=\"http://data.education.fr/ns/gar\">");
        assert_eq!((man.degree, man.namespace_known, man.category()), (None, Some(false), Some("Etab")));
        assert!(man.known().is_none() && Head::of(b"").namespace_known.is_none());
    }
}
