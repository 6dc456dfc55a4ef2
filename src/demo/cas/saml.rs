//! `/samlValidate`: validation in SAML 1.1 over SOAP, as §4.2 of the protocol has it.
//!
//! Must never release attributes to a service that is not on https, but for the defect.

use std::time::Duration;

use jiff::Timestamp;
use quick_xml::Reader;
use quick_xml::events::Event;

use super::Params;
use super::validate::{Asked, Refusal, Success, check};
use super::xml::escape;
use crate::demo::defects::Defect as D;
use crate::demo::http::{Request, Response};
use crate::demo::pages;
use crate::demo::site::Site;
use crate::demo::state::secret;

/// `/samlValidate`.
pub fn answer(site: &Site, request: &Request) -> Response {
    if request.method != "POST" && !site.has(D::SamlByGet) {
        return pages::message(405, "Méthode refusée", "Cette adresse attend un POST.").with("Allow", "POST");
    }
    let params = Params::new(site, request.query());
    let target = params.get("TARGET");
    let artifact = artifact(&request.body);
    let asked = Asked { service: target, ticket: artifact.as_deref(), careless: site.has(D::SamlReplay), ..Asked::default() };
    let target = target.unwrap_or_default();
    match check(site, &asked) {
        Ok(found) => envelope(site, target, "saml1p:Success", "", &assertion(site, &found, target)),
        Err(Refusal(_, said)) => envelope(site, target, "saml1p:RequestDenied", said, ""),
    }
}

/// The ticket that the request holds.
fn artifact(body: &[u8]) -> Option<String> {
    let mut reader = Reader::from_reader(body);
    let (mut buffer, mut inside) = (Vec::new(), false);
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(e) => inside = e.local_name().as_ref() == b"AssertionArtifact",
            Event::End(_) => inside = false,
            Event::Text(text) if inside => return Some(String::from_utf8_lossy(&text).trim().to_owned()),
            Event::Eof => return None,
            _ => {}
        }
        buffer.clear();
    }
}

fn now() -> Timestamp {
    Timestamp::from_second(Timestamp::now().as_second()).unwrap_or_default()
}

fn envelope(site: &Site, recipient: &str, status: &str, said: &str, assertion: &str) -> Response {
    let (id, now, recipient) = (secret(32), now(), escape(recipient));
    let said = if said.is_empty() { String::new() } else { format!("<saml1p:StatusMessage>{}</saml1p:StatusMessage>", escape(said)) };
    let response = format!(
        r#"<saml1p:Response xmlns:saml1p="urn:oasis:names:tc:SAML:1.0:protocol" MajorVersion="1" MinorVersion="1" ResponseID="_{id}" IssueInstant="{now}" Recipient="{recipient}"><saml1p:Status><saml1p:StatusCode Value="{status}"/>{said}</saml1p:Status>{assertion}</saml1p:Response>"#
    );
    let xml = if site.has(D::SamlNotSoap) {
        response
    } else {
        format!(
            r#"<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Header/><SOAP-ENV:Body>{response}</SOAP-ENV:Body></SOAP-ENV:Envelope>"#
        )
    };
    Response::new(200, "text/xml; charset=utf-8", format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{xml}\n"))
}

fn assertion(site: &Site, found: &Success, target: &str) -> String {
    let (id, now, audience, issuer) = (secret(32), now(), escape(target), format!("{}/cas", site.https));
    let (before, after) = (now - Duration::from_secs(30), now + Duration::from_secs(30));
    let since = Timestamp::from_second(found.since.as_second()).unwrap_or_default();
    let conditions = if site.has(D::SamlNoConditions) {
        String::new()
    } else {
        format!(
            r#"<saml1:Conditions NotBefore="{before}" NotOnOrAfter="{after}"><saml1:AudienceRestrictionCondition><saml1:Audience>{audience}</saml1:Audience></saml1:AudienceRestrictionCondition></saml1:Conditions>"#
        )
    };
    let subject = format!(
        "<saml1:Subject><saml1:NameIdentifier>{}</saml1:NameIdentifier><saml1:SubjectConfirmation>\
         <saml1:ConfirmationMethod>urn:oasis:names:tc:SAML:1.0:cm:artifact</saml1:ConfirmationMethod>\
         </saml1:SubjectConfirmation></saml1:Subject>",
        escape(&found.user)
    );
    let attributes = found.attributes.iter().fold(String::new(), |out, (name, values)| {
        let values = values.iter().fold(String::new(), |all, v| format!("{all}<saml1:AttributeValue>{}</saml1:AttributeValue>", escape(v)));
        let space = "http://www.ja-sig.org/products/cas/";
        format!(r#"{out}<saml1:Attribute AttributeName="{name}" AttributeNamespace="{space}">{values}</saml1:Attribute>"#)
    });
    let released = target.starts_with("https://") || site.has(D::SamlAttributesInClear);
    let statement = if released && !attributes.is_empty() {
        format!("<saml1:AttributeStatement>{subject}{attributes}</saml1:AttributeStatement>")
    } else {
        String::new()
    };
    format!(
        r#"<saml1:Assertion xmlns:saml1="urn:oasis:names:tc:SAML:1.0:assertion" MajorVersion="1" MinorVersion="1" AssertionID="_{id}" Issuer="{issuer}" IssueInstant="{now}">{conditions}<saml1:AuthenticationStatement AuthenticationMethod="urn:oasis:names:tc:SAML:1.0:am:password" AuthenticationInstant="{since}">{subject}</saml1:AuthenticationStatement>{statement}</saml1:Assertion>"#
    )
}
