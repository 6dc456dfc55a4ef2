//! The answers of validation in XML (appendix A of the protocol) and in JSON.
//!
//! Must never write a value without escaping it, but for defects.

use std::fmt::Write as _;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::validate::{Refusal, Success};
use crate::demo::defects::Defect as D;
use crate::demo::http::Response;
use crate::demo::people::Shape;
use crate::demo::site::Site;

/// A text as XML writes it.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            c if c.is_control() && !matches!(c, '\t' | '\n') => {}
            c => out.push(c),
        }
    }
    out
}

/// An answer around that content.
pub fn response(site: &Site, content: &str) -> Response {
    let space = if site.has(D::XmlWrongNamespace) { "http://www.yale.edu/tp/cas2" } else { "http://www.yale.edu/tp/cas" };
    let declaration = if site.has(D::XmlNoDeclaration) { "" } else { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" };
    let mut xml = format!("{declaration}<cas:serviceResponse xmlns:cas=\"{space}\">{content}</cas:serviceResponse>\n");
    if site.has(D::XmlNoNamespace) {
        xml = xml.replace(&format!(" xmlns:cas=\"{space}\""), "").replace("<cas:", "<").replace("</cas:", "</");
    }
    if site.has(D::XmlIllFormed) {
        xml = xml.replace("</cas:serviceResponse>", "");
    }
    let bytes = if site.has(D::XmlWrongEncoding) {
        xml.replace('’', "'").chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()
    } else {
        xml.into_bytes()
    };
    let kind = if site.has(D::XmlContentType) { "text/html; charset=utf-8" } else { "application/xml; charset=utf-8" };
    Response::new(200, kind, bytes)
}

fn json_response(content: Value) -> Response {
    Response::new(200, "application/json; charset=utf-8", json!({ "serviceResponse": content }).to_string())
}

/// A refusal.
pub fn refusal(site: &Site, refusal: Refusal, ticket: Option<&str>, json: bool) -> Response {
    let Refusal(code, said) = refusal;
    let mut said = said.to_owned();
    if site.has(D::StackTrace) {
        said.push_str(" java.lang.NullPointerException at org.exemple.cas.Validateur.lire(Validateur.java:42) /opt/cas-5.3.16/conf");
    }
    if json {
        return json_response(json!({ "authenticationFailure": { "code": code, "description": said } }));
    }
    let said = if site.has(D::TicketEchoed) { format!("{said} {}", ticket.unwrap_or_default()) } else { escape(&said) };
    let code = if site.has(D::XmlNoCode) { String::new() } else { format!(" code=\"{code}\"") };
    let element = format!("<cas:authenticationFailure{code}>{said}</cas:authenticationFailure>");
    response(site, &if site.has(D::XmlTwoChildren) { element.repeat(2) } else { element })
}

/// A success, with its attributes where the contract of the service wants them.
pub fn success(site: &Site, success: &Success, p3: bool, json: bool) -> Response {
    let since = Timestamp::from_second(success.since.as_second()).unwrap_or_default();
    if json {
        return json_response(json!({ "authenticationSuccess": members(site, success, p3, since) }));
    }
    let mut shape = success.contract.shape();
    if site.has(D::ShapeOther) {
        shape = if shape == Shape::B { Shape::A } else { Shape::B };
    }
    let typed = if site.has(D::AttributesUntyped) {
        String::new()
    } else {
        let date = if shape == Shape::B { String::new() } else { element("cas:authenticationDate", &since.to_string()) };
        let last = element("cas:isFromNewLogin", &success.fresh.to_string());
        format!("{date}{}{last}", element("cas:longTermAuthenticationRequestTokenUsed", "false"))
    };
    let all = |prefix: &str| {
        let values = success.attributes.iter().flat_map(|(name, values)| values.iter().map(move |v| (name, v)));
        values.fold(String::new(), |out, (name, value)| out + &element(&format!("{prefix}{name}"), value))
    };
    let attributes = match shape {
        Shape::A => all("cas:"),
        Shape::B => format!("<cas:attributes>{typed}<cas:userAttributes>{}</cas:userAttributes></cas:attributes>", all("")),
        Shape::C if p3 => {
            let prefix = if site.has(D::AttributesUnbound) { "" } else { "cas:" };
            format!("<cas:attributes>{typed}{}</cas:attributes>", all(prefix))
        }
        Shape::C => String::new(),
    };
    let user = element("cas:user", &success.user);
    let mut content = if site.has(D::SuccessOrder) { format!("{attributes}{user}") } else { format!("{user}{attributes}") };
    if let Some(granting) = &success.granting {
        content.push_str(&element("cas:proxyGrantingTicket", granting));
    }
    if !success.proxies.is_empty() && !site.has(D::ProxiesMissing) {
        let list = success.proxies.iter().fold(String::new(), |out, p| out + &element("cas:proxy", p));
        let _ = write!(content, "<cas:proxies>{list}</cas:proxies>");
    }
    response(site, &format!("<cas:authenticationSuccess>{content}</cas:authenticationSuccess>"))
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

/// The same in JSON.
fn members(site: &Site, success: &Success, p3: bool, since: Timestamp) -> Value {
    let differs = site.has(D::JsonDiffers);
    let mut out = Map::new();
    out.insert("user".to_owned(), if differs { success.user.to_uppercase() } else { success.user.clone() }.into());
    if p3 || success.contract.shape() != Shape::C {
        let mut attributes = Map::new();
        if !site.has(D::AttributesUntyped) {
            attributes.insert("authenticationDate".to_owned(), since.to_string().into());
            attributes.insert("longTermAuthenticationRequestTokenUsed".to_owned(), false.into());
            attributes.insert("isFromNewLogin".to_owned(), success.fresh.into());
        }
        let released = success.attributes.iter().map(|(name, values)| ((*name).to_owned(), Value::from(values.clone())));
        attributes.extend(released);
        out.insert("attributes".to_owned(), attributes.into());
    }
    if let Some(granting) = &success.granting {
        out.insert("proxyGrantingTicket".to_owned(), granting.clone().into());
    }
    if !success.proxies.is_empty() {
        out.insert("proxies".to_owned(), success.proxies.clone().into());
    }
    Value::Object(out)
}
