//! The SAML 1.1 answer of `/samlValidate` (CAS protocol 3.0.3, §4.2): an envelope, a response, an assertion.

use roxmltree::Node;
use serde_json::json;

use super::release::{Place, Release};
use super::xml::{Read, text_of};

fn inside<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Option<Node<'a, 'i>> {
    node.descendants().find(|n| n.is_element() && n.tag_name().name() == name)
}

/// Reads an envelope.
#[must_use]
pub fn read(envelope: Node<'_, '_>) -> Read {
    let soap = envelope.tag_name().namespace() == Some("http://schemas.xmlsoap.org/soap/envelope/");
    let Some(response) = inside(envelope, "Response") else {
        return Read { result: "none", saml: Some(json!({"soap": soap, "response": false})), ..Read::default() };
    };
    let version = response.attribute("MajorVersion") == Some("1");
    let status = inside(response, "StatusCode").and_then(|s| s.attribute("Value")).unwrap_or_default();
    let ended = status.rsplit(':').next().unwrap_or_default();
    let assertion = inside(response, "Assertion");
    let mut release = Release::default();
    if let Some(name) = assertion.and_then(|a| inside(a, "NameIdentifier")) {
        release.user.push(text_of(name));
    }
    for attribute in assertion.into_iter().flat_map(|a| a.descendants()).filter(|n| n.is_element() && n.tag_name().name() == "Attribute") {
        let name = attribute.attribute("AttributeName").unwrap_or_default();
        for value in attribute.children().filter(|n| n.is_element() && n.tag_name().name() == "AttributeValue") {
            release.add(name, text_of(value), Place::Attributes, false);
        }
    }
    let conditions = assertion.and_then(|a| inside(a, "Conditions"));
    let bounded = conditions.is_some_and(|c| c.attribute("NotBefore").is_some() && c.attribute("NotOnOrAfter").is_some());
    let success = ended == "Success";
    // An assertion is a success, whatever the status says: a client would take it.
    let result = if success || assertion.is_some() { "saml-success" } else { "saml-failure" };
    let saml = json!({
        "soap": soap, "response": true, "version1": version, "success": success, "status": if ended.len() < 64 { ended } else { "?" }, "assertion": assertion.is_some(), "conditions": bounded,
        "audience": assertion.is_some_and(|a| inside(a, "Audience").is_some()),
        "issuer": assertion.is_some_and(|a| a.attribute("Issuer").is_some()), "attributes": release.attributes.len(),
    });
    let release = assertion.is_some().then_some(release);
    Read { result, saml: Some(saml), release, ..Read::default() }
}
