//! A page as facts: structure only. No text, no value, no address; names of fields, lengths, hosts.
//!
//! ```json
//! {"exchange": 2, "host": "ent.example", "scheme": "https", "status": 200, "lang": "fr", "titled": true, "cut": false,
//!  "base": "none",                        // none · same · other: origin of <base>
//!  "refresh": null,                       // {"delay": 0, "to": TARGET}
//!  "jumps": [TARGET], "needsScript": false, "noscript": true,
//!  "words": {"captcha": false, "code": false, "terms": false, "error": false},
//!  "scripts": {"inline": 2, "count": 3, "thirdParty": 1, "withoutIntegrity": 1, "hosts": ["cdn.example"]},
//!  "links": 12,
//!  "choice": "form",                      // form · none · ambiguous · other (register, change a password)
//!  "forms": [FORM],
//!  "login": FORM}                         // the chosen form, or null
//! ```
//! TARGET is `{"scheme": "https", "host": "ent.example", "origin": "same"}` (`origin`: same · other), or null for what is no address
//! of the web. `thirdParty` counts scripts of another site than the page (the last two labels of the host differ), `withoutIntegrity`
//! those of them without `integrity`. FORM is
//! ```json
//! {"kind": "login",                       // login · passwords (register, change) · message · storage · radios · text · proceed · empty
//!  "method": "POST", "action": TARGET, "actionEmpty": false, "hidden": false, "enctype": "urlencoded",
//!  "user": "username",                    // name of the field for the user name, or null
//!  "password": {"name": "password", "autocomplete": "current-password", "labelled": true},
//!  "token": "execution",                  // name of a one-shot token, or null
//!  "remember": {"present": true, "checked": false},
//!  "buttons": 1,
//!  "fields": [{"name": "execution", "type": "hidden", "length": 120, "service": false, "checked": false, "autocomplete": null, "labelled": false}]}
//! ```
//! `service` tells that the value of a hidden field is an address of the web.

use serde_json::{Value, json};
use url::{Host, Url};

use super::choose::{Choice, choose, token};
use super::page::{Field, Form, Page};

/// Messages that forms carry from one server to another.
pub(super) const MESSAGES: &[&str] = &["SAMLRequest", "SAMLResponse", "wresult"];

impl Form {
    /// What the form is for, as far as its fields tell.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        let has = |f: &dyn Fn(&Field) -> bool| self.fields.iter().any(f);
        let passwords = self.fields.iter().filter(|f| f.kind == "password" && !f.disabled).count();
        match passwords {
            1 => return "login",
            2.. => return "passwords",
            0 => {}
        }
        if has(&|f| MESSAGES.contains(&f.name.as_str()) && !f.value.is_empty()) {
            "message"
        } else if has(&|f| f.name.starts_with("shib_idp_ls_")) {
            "storage"
        } else if has(&|f| f.kind == "radio" || f.kind == "select") {
            "radios"
        } else if has(&|f| f.is_text() || f.kind == "textarea") {
            "text"
        } else if self.fields.is_empty() && self.buttons.is_empty() {
            "empty"
        } else {
            "proceed"
        }
    }
}

impl Page {
    /// The page as facts (see the opening of this module).
    #[must_use]
    pub fn to_facts(&self) -> Value {
        let outer: Vec<&Url> = self.scripts.iter().filter_map(|s| s.url.as_ref()).collect();
        let third = || self.scripts.iter().filter(|s| s.url.as_ref().is_some_and(|u| site(u) != site(&self.url)));
        let mut hosts: Vec<&str> = third().filter_map(|s| s.url.as_ref()?.host_str()).collect();
        hosts.sort_unstable();
        hosts.dedup();
        let (choice, login) = match choose(self) {
            Choice::Form { form, .. } => ("form", self.forms.get(form)),
            Choice::None => ("none", None),
            Choice::Ambiguous => ("ambiguous", None),
            Choice::Other => ("other", None),
        };
        json!({
            "exchange": self.exchange,
            "host": self.url.host_str(),
            "scheme": self.url.scheme(),
            "status": self.status,
            "lang": self.lang,
            "titled": self.titled,
            "cut": self.cut,
            "base": if self.base == self.url { "none" } else if self.base.origin() == self.url.origin() { "same" } else { "other" },
            "refresh": self.refresh.as_ref().map(|(delay, to)| json!({"delay": delay, "to": self.target(Some(to))})),
            "jumps": self.jumps.iter().map(|to| self.target(Some(to))).collect::<Vec<_>>(),
            "needsScript": self.needs_script,
            "noscript": self.noscript,
            "words": {"captcha": self.words.captcha, "code": self.words.code, "terms": self.words.terms, "error": self.words.error},
            "scripts": {
                "inline": self.scripts.len() - outer.len(),
                "count": outer.len(),
                "thirdParty": third().count(),
                "withoutIntegrity": third().filter(|s| !s.integrity).count(),
                "hosts": hosts,
            },
            "links": self.links.len(),
            "choice": choice,
            "forms": self.forms.iter().map(|f| self.form_facts(f)).collect::<Vec<_>>(),
            "login": login.map(|f| self.form_facts(f)),
        })
    }

    fn target(&self, to: Option<&Url>) -> Value {
        let Some(to) = to else { return Value::Null };
        let origin = if to.origin() == self.url.origin() { "same" } else { "other" };
        json!({"scheme": to.scheme(), "host": to.host_str(), "origin": origin})
    }

    fn form_facts(&self, form: &Form) -> Value {
        let at = self.forms.iter().position(|f| std::ptr::eq(f, form)).unwrap_or_default();
        let (user, password) = match super::choose::of(self, at) {
            Choice::Form { user, password, .. } => (user.and_then(|u| form.fields.get(u)), form.fields.get(password)),
            _ => (None, None),
        };
        let remembers = |f: &&Field| f.kind == "checkbox" && f.name.to_ascii_lowercase().contains("remember");
        let remember = form.fields.iter().find(remembers);
        let field = |f: &Field| {
            let address = f.kind == "hidden" && (f.value.starts_with("https://") || f.value.starts_with("http://"));
            json!({
                "name": f.name, "type": f.kind, "length": f.value.chars().count(), "service": address,
                "checked": f.checked, "autocomplete": f.autocomplete, "labelled": f.labelled,
            })
        };
        json!({
            "kind": form.kind(),
            "method": if form.post { "POST" } else { "GET" },
            "action": self.target(form.action.as_ref()),
            "actionEmpty": form.written.is_empty(),
            "hidden": form.hidden,
            "enctype": if form.other_encoding { "other" } else { "urlencoded" },
            "user": user.map(|f| &f.name),
            "password": password.map(|f| json!({"name": f.name, "autocomplete": f.autocomplete, "labelled": f.labelled})),
            "token": token(form),
            "remember": {"present": remember.is_some(), "checked": remember.is_some_and(|f| f.checked)},
            "buttons": form.buttons.len(),
            "fields": form.fields.iter().map(field).collect::<Vec<_>>(),
        })
    }
}

/// The site of an address: the last two labels of its host. Lenient on purpose: two sites taken for one accuse nobody.
fn site(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(host) => {
            let cut = host.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
            host.get(cut..)
        }
        _ => url.host_str(),
    }
}
