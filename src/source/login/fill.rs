//! What a browser sends for a form.

use std::borrow::Cow;

use url::form_urlencoded::Serializer;
use url::{Position, Url};

use super::page::{Form, Page, resolved};
use crate::source::probe::http::{Request, origin};

/// The pairs that a form sends: fields as they are but for those of `set` (name, value), then the button.
///
/// A name of `set` that no field has is added at the end. `button` chooses one by its name; otherwise the first is pressed.
pub(super) fn pairs(form: &Form, set: &[(String, String)], button: Option<&str>) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut left: Vec<&(String, String)> = set.iter().collect();
    for field in &form.fields {
        if field.name.is_empty() || field.disabled {
            continue;
        }
        let given = set.iter().find(|(n, _)| *n == field.name).map(|(_, v)| v);
        match field.kind.as_str() {
            "checkbox" => {
                if field.checked || given.is_some() {
                    out.push((field.name.clone(), given.unwrap_or(&field.value).clone()));
                }
            }
            "radio" => {
                if given.map_or(field.checked, |v| *v == field.value) {
                    out.push((field.name.clone(), field.value.clone()));
                }
            }
            _ => out.push((field.name.clone(), given.unwrap_or(&field.value).clone())),
        }
        left.retain(|(n, _)| *n != field.name);
    }
    out.extend(left.into_iter().cloned());
    if let Some(pressed) = pressed(form, button).filter(|b| !b.name.is_empty()) {
        out.push((pressed.name.clone(), pressed.value.clone()));
    }
    out
}

fn pressed<'a>(form: &'a Form, button: Option<&str>) -> Option<&'a super::page::Button> {
    match button {
        Some(name) => form.buttons.iter().find(|b| b.name == name),
        None => form.buttons.first(),
    }
}

/// Where a form leads: its button may say otherwise.
pub(super) fn action(page: &Page, form: &Form, button: Option<&str>) -> Option<Url> {
    match pressed(form, button).and_then(|b| b.action.as_ref()) {
        Some(own) => resolved(own.trim(), &page.url, &page.base),
        None => form.action.clone(),
    }
}

/// The request that sends a form.
pub(super) fn request(page: &Page, form: &Form, mut to: Url, pairs: &[(String, String)]) -> Request {
    let charset = form.charset.unwrap_or(page.encoding).output_encoding();
    let encode: &dyn Fn(&str) -> Cow<'_, [u8]> = &|text| charset.encode(text).0;
    let body = Serializer::new(String::new()).encoding_override(Some(encode)).extend_pairs(pairs).finish();
    if form.post {
        return post(to, Some(&page.url), body);
    }
    to.set_query(Some(&body));
    from(Request::get(to), &page.url)
}

/// A POST as a page does it.
pub(super) fn post(to: Url, page: Option<&Url>, body: String) -> Request {
    let request = Request::post(to, "application/x-www-form-urlencoded", body.into_bytes());
    match page {
        Some(page) => from(request.with("Origin", &origin(page)), page),
        None => request,
    }
}

/// Adds the `Referer` that a browser sends by default: the whole address within an origin, the origin beyond it, nothing from
/// TLS to clear text.
pub(super) fn from(request: Request, page: &Url) -> Request {
    if page.scheme() == "https" && request.url.scheme() != "https" {
        return request;
    }
    let mut shown = page.clone();
    shown.set_fragment(None);
    let _ = shown.set_username("");
    let _ = shown.set_password(None);
    let written = if page.origin() == request.url.origin() { shown.to_string() } else { format!("{}/", &shown[..Position::BeforePath]) };
    request.with("Referer", &written)
}
