//! The XML of a validation, read leniently and described strictly (CAS protocol 3.0.3, appendix A).
//!
//! Real servers put attributes in three places (shapes A, B, C): they are all found, by local name. Must never accuse: what departs
//! from the schema is listed, requirements judge.

use encoding_rs::Encoding;
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::{Value, json};

use super::release::{Place, Release};

/// The namespace of the protocol.
pub const NAMESPACE: &str = "http://www.yale.edu/tp/cas";

/// What the schema gives a success, in order.
const SUCCESS: &[&str] = &["user", "attributes", "proxyGrantingTicket", "proxies"];

/// Attributes of the session that the schema asks for.
pub const SESSION: &[&str] = &["authenticationDate", "longTermAuthenticationRequestTokenUsed", "isFromNewLogin"];

/// A body read as XML.
#[derive(Debug, Default)]
pub struct Read {
    /// Facts: member `xml` of `cas.answer`.
    pub facts: Value,
    /// `success`, `failure`… or `none`.
    pub result: &'static str,
    /// The code of a failure.
    pub code: Option<String>,
    /// A failure has words.
    pub message: bool,
    /// What a success released.
    pub release: Option<Release>,
    /// Facts of a SAML 1.1 answer.
    pub saml: Option<Value>,
    /// What stands for a ticket for proxying (`PGTIOU-…`). A secret.
    pub granting: Option<String>,
    /// A proxy ticket. A secret.
    pub proxy_ticket: Option<String>,
    /// Through whom a proxy ticket came, the most recent first.
    pub proxies: Vec<String>,
}

/// Reads a body. `charset` is that of the content type.
#[must_use]
pub fn read(body: &[u8], charset: Option<&str>) -> Read {
    let (text, decodable) = decoded(body, charset);
    let doctype = text.get(..text.len().min(4096)).unwrap_or(&text).contains("<!DOCTYPE");
    let options = ParsingOptions { nodes_limit: 20_000, ..ParsingOptions::default() };
    let Ok(document) = Document::parse_with_options(text.trim_start(), options) else {
        return Read { facts: json!({"wellFormed": false, "decodable": decodable, "doctype": doctype}), result: "none", ..Read::default() };
    };
    let root = document.root_element();
    let name = root.tag_name();
    let namespace = match name.namespace() {
        Some(NAMESPACE) => "cas",
        Some(_) => "other",
        None => "none",
    };
    let facts = |schema: Vec<&str>| {
        let children: Vec<&str> = root.children().filter(Node::is_element).take(10).map(|c| known(c.tag_name().name())).collect();
        json!({"wellFormed": true, "decodable": decodable, "doctype": doctype, "root": known(name.name()), "namespace": namespace,
               "children": children, "schema": schema})
    };
    if name.name() == "Envelope" {
        return Read { facts: facts(Vec::new()), ..super::saml::read(root) };
    }
    if name.name() != "serviceResponse" {
        return Read { facts: facts(Vec::new()), result: "none", ..Read::default() };
    }
    let mut out = Read { result: "none", ..Read::default() };
    let mut schema = Vec::new();
    let children: Vec<Node<'_, '_>> = root.children().filter(Node::is_element).collect();
    match children.as_slice() {
        [] => schema.push("no-child"),
        [_] => {}
        _ => schema.push("several-children"),
    }
    for child in &children {
        match child.tag_name().name() {
            // A refusal beside a success is not a success.
            "authenticationSuccess" if out.result == "none" => {
                out.result = "success";
                success(*child, &mut schema, &mut out);
            }
            "authenticationFailure" => failure(*child, "failure", &mut schema, &mut out),
            "proxyFailure" => failure(*child, "proxy-failure", &mut schema, &mut out),
            "proxySuccess" if out.result == "none" => {
                out.result = "proxy-success";
                let ticket = child.children().find(|c| c.tag_name().name() == "proxyTicket");
                out.proxy_ticket = ticket.map(text_of).filter(|t| !t.is_empty());
            }
            "authenticationSuccess" | "proxySuccess" => {}
            _ => schema.push("unknown-child"),
        }
        if child.tag_name().namespace() != name.namespace() {
            schema.push("unqualified");
        }
    }
    schema.sort_unstable();
    schema.dedup();
    Read { facts: facts(schema), ..out }
}

fn failure(node: Node<'_, '_>, result: &'static str, schema: &mut Vec<&str>, out: &mut Read) {
    (out.result, out.release, out.granting) = (result, None, None);
    match node.attribute("code") {
        Some(code) => out.code = Some(code.to_owned()),
        None => schema.push("no-code"),
    }
    out.message = node.text().is_some_and(|t| !t.trim().is_empty());
}

fn success(node: Node<'_, '_>, schema: &mut Vec<&str>, out: &mut Read) {
    let mut release = Release::default();
    let mut last = 0;
    for child in node.children().filter(Node::is_element) {
        let name = child.tag_name().name();
        match SUCCESS.iter().position(|s| *s == name) {
            Some(rank) => {
                if rank < last {
                    schema.push("order");
                }
                last = last.max(rank);
            }
            None => schema.push("siblings"),
        }
        match name {
            "user" => {
                let user = text_of(child);
                if user.is_empty() {
                    schema.push("empty-user");
                }
                release.user.push(user);
            }
            "attributes" => attributes(child, &mut release),
            "proxyGrantingTicket" => out.granting = Some(text_of(child)),
            "proxies" => out.proxies = child.children().filter(Node::is_element).take(50).map(text_of).collect(),
            _ => leaves(child, Place::Sibling, &mut release, 0),
        }
        if child.tag_name().namespace().is_none() {
            schema.push("unqualified");
        }
    }
    if release.user.is_empty() {
        schema.push("no-user");
    }
    let has = |name: &&&str| release.session.iter().any(|(n, _)| n == **name);
    let inside = node.children().any(|c| c.tag_name().name() == "attributes");
    if inside && SESSION.iter().filter(has).count() < SESSION.len() {
        schema.push("no-session-attributes");
    }
    if release.attributes.iter().any(|a| a.unqualified) {
        schema.push("unqualified");
    }
    out.release = Some(release);
}

/// What `attributes` holds. Some servers write each attribute a second time as `<attribute name= value=/>`: told once.
fn attributes(node: Node<'_, '_>, release: &mut Release) {
    for child in node.children().filter(Node::is_element) {
        match child.tag_name().name() {
            name if SESSION.contains(&name) => release.session.push((name.to_owned(), text_of(child))),
            "userAttributes" => child.children().filter(Node::is_element).for_each(|c| leaves(c, Place::Wrapper, release, 0)),
            "attribute" if child.attribute("name").is_some() => {
                let name = child.attribute("name").unwrap_or_default();
                release.twin(name, child.attribute("value").unwrap_or_default());
            }
            _ => leaves(child, Place::Attributes, release, 0),
        }
    }
}

/// The values under an element: itself, or its leaves when it is a structure.
fn leaves(node: Node<'_, '_>, place: Place, release: &mut Release, depth: usize) {
    let inner: Vec<Node<'_, '_>> = node.children().filter(Node::is_element).collect();
    if inner.is_empty() || depth > 8 {
        release.add(node.tag_name().name(), text_of(node), place, node.tag_name().namespace().is_none());
    } else {
        inner.into_iter().for_each(|c| leaves(c, place, release, depth + 1));
    }
}

/// All the text under a node, CDATA included.
pub(super) fn text_of(node: Node<'_, '_>) -> String {
    let text: String = node.descendants().filter(Node::is_text).filter_map(|n| n.text()).collect();
    text.trim().to_owned()
}

/// Names of elements are words of a protocol; what is too long to be one is not shown.
pub(super) fn known(name: &str) -> &str {
    if name.len() <= 64 { name } else { "?" }
}

/// The body as text, in the encoding of the content type, of the XML declaration, or UTF-8; and whether all of it could be read.
fn decoded<'b>(body: &'b [u8], charset: Option<&str>) -> (std::borrow::Cow<'b, str>, bool) {
    let head = String::from_utf8_lossy(&body[..body.len().min(200)]).into_owned();
    let declared = head.split_once("encoding=").and_then(|(before, after)| {
        let inside = before.trim_start().starts_with("<?xml") && !before.contains("?>");
        inside.then(|| after.split(['"', '\'']).nth(1)).flatten().map(str::to_owned)
    });
    let label = charset.map(str::to_owned).or(declared);
    let encoding = label.and_then(|l| Encoding::for_label(l.as_bytes())).unwrap_or(encoding_rs::UTF_8);
    let (text, _, wrong) = encoding.decode(body);
    (text, !wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(body: &str) -> Read {
        read(body.as_bytes(), None)
    }

    fn schema(read: &Read) -> Vec<&str> {
        read.facts["schema"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    const CAS: &str = "xmlns:cas='http://www.yale.edu/tp/cas'";

    #[test]
    fn a_failure_has_a_code() {
        let r = seen(&format!(
            "<cas:serviceResponse {CAS}><cas:authenticationFailure code='INVALID_TICKET'>non</cas:authenticationFailure></cas:serviceResponse>"
        ));
        assert_eq!((r.result, r.code.as_deref(), r.message, schema(&r)), ("failure", Some("INVALID_TICKET"), true, vec![]));
        let r = seen("<serviceResponse><authenticationFailure/></serviceResponse>");
        assert_eq!((r.result, r.facts["namespace"].as_str(), schema(&r)), ("failure", Some("none"), vec!["no-code"]));
        assert_eq!(schema(&seen(&format!("<cas:serviceResponse {CAS}/>"))), ["no-child"]);
    }

    #[test]
    fn a_refusal_beside_a_success_is_a_refusal() {
        let r = seen(&format!(
            "<cas:serviceResponse {CAS}><cas:authenticationSuccess><cas:user>u</cas:user></cas:authenticationSuccess><cas:authenticationFailure code='X'/></cas:serviceResponse>"
        ));
        assert_eq!((r.result, r.release.is_none(), schema(&r)), ("failure", true, vec!["several-children"]));
    }

    #[test]
    fn the_three_shapes_are_read() {
        let of = |inner: &str| {
            seen(&format!(
                "<cas:serviceResponse {CAS}><cas:authenticationSuccess><cas:user>u</cas:user>{inner}</cas:authenticationSuccess></cas:serviceResponse>"
            ))
        };
        let a = of("<cas:uid>1</cas:uid><cas:S><cas:RNE>0990001N</cas:RNE></cas:S>");
        let b = of(
            "<cas:attributes><cas:isFromNewLogin>false</cas:isFromNewLogin><cas:userAttributes><nom>n</nom></cas:userAttributes></cas:attributes>",
        );
        let c = of(
            "<cas:attributes><cas:authenticationDate>2026-01-01T00:00:00Z</cas:authenticationDate><cas:longTermAuthenticationRequestTokenUsed>false</cas:longTermAuthenticationRequestTokenUsed><cas:isFromNewLogin>true</cas:isFromNewLogin><cas:m>1</cas:m><cas:m>2</cas:m><cas:attribute name='m' value='1'/></cas:attributes>",
        );
        let shape = |r: &Read| r.release.as_ref().map(Release::shape);
        assert_eq!((shape(&a), shape(&b), shape(&c)), (Some("A"), Some("B"), Some("C")));
        assert_eq!((schema(&a), schema(&b), schema(&c)), (vec!["siblings"], vec!["no-session-attributes", "unqualified"], vec![]));
        assert_eq!(c.release.expect("release").attributes[0].values, ["1", "2"]);
    }

    #[test]
    fn hostile_bodies_end_in_facts() {
        for (body, well) in [
            ("", false),
            ("<a", false),
            ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", false),
            ("<cas:serviceResponse><cas:x/></cas:serviceResponse>", false),
            ("<a/>", true),
        ] {
            assert_eq!(seen(body).facts["wellFormed"], well, "{body}");
        }
        let deep = "<a>".repeat(30_000);
        assert_eq!(seen(&deep).facts["wellFormed"], false);
        assert_eq!(seen(&format!("{}{}", "<a>".repeat(5_000), "</a>".repeat(5_000))).result, "none");
        let latin = read(b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>", None);
        assert_eq!((latin.facts["wellFormed"].as_bool(), latin.facts["decodable"].as_bool()), (Some(true), Some(true)));
        assert_eq!(read(b"<a>\xe9</a>", None).facts["decodable"], false);
    }
}
