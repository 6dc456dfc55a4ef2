//! One page: the headers it came with, the cookies set on the way, and what its mark-up lets others do.

use serde_json::{Value, json};
use url::{Host, Url};

use super::{cookies, headers, same_site};
use crate::source::login::Page;
use crate::source::probe::http::Answer;

/// Facts about a page; `hops` are the answers met on the way, the page included: their cookies count.
#[must_use]
pub fn page(probe: &str, answer: &Answer, hops: &[Answer], now: i64) -> Value {
    let secure = answer.url.scheme() == "https";
    let marks = Marks::read(answer);
    let mut facts = json!({
        "probe": probe,
        "status": answer.status,
        "secure": secure,
        "namedHost": matches!(answer.url.host(), Some(Host::Domain(_))),
        "html": marks.html,
        "frames": headers::frames(answer),
        "nosniff": headers::nosniff(answer),
        "noStore": headers::no_store(answer),
        "versions": headers::versions(answer),
        "cookies": cookies::facts(if hops.is_empty() { std::slice::from_ref(answer) } else { hops }, now),
    });
    let known = [
        ("hsts", headers::hsts(answer).filter(|_| secure)),
        ("csp", headers::csp(answer)),
        ("referrerPolicy", headers::referrer(answer).map(Value::from)),
        ("marks", marks.html.then(|| marks.facts(&answer.url))),
    ];
    for (name, value) in known {
        if let Some(value) = value {
            facts[name] = value;
        }
    }
    facts
}

/// What of the mark-up of a page matters here. No text of it is kept.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    html: bool,
    /// Where forms that ask for a password lead.
    actions: Vec<Url>,
    forms: usize,
    /// Fields for passwords: what they say of `autocomplete`, and whether something names them.
    passwords: Vec<(Option<String>, bool)>,
    /// Addresses of scripts, and whether they carry `integrity`.
    scripts: Vec<(Url, bool)>,
    needs_script: bool,
    logout: bool,
}

impl Marks {
    /// Reads an answer; what is not HTML gives nothing.
    #[must_use]
    pub fn read(answer: &Answer) -> Self {
        let html = match answer.media_type() {
            Some(declared) => declared.contains("html"),
            None => answer.text().trim_start().starts_with('<'),
        };
        if html && !answer.body.is_empty() { Self::of(&Page::read(answer)) } else { Self::default() }
    }

    /// Of a page that was already read.
    #[must_use]
    pub fn of(page: &Page) -> Self {
        let mut marks = Self { html: true, needs_script: page.needs_script, ..Self::default() };
        for form in &page.forms {
            let before = marks.passwords.len();
            let fields = form.fields.iter().filter(|f| f.kind == "password");
            marks.passwords.extend(fields.map(|f| (f.autocomplete.clone(), f.labelled)));
            if marks.passwords.len() > before {
                marks.forms += 1;
                marks.actions.extend(form.action.clone());
                marks.actions.extend(form.buttons.iter().filter_map(|b| page.base.join(b.action.as_deref()?.trim()).ok()));
            }
        }
        let scripts = page.scripts.iter().filter_map(|s| s.url.clone().map(|url| (url, s.integrity)));
        marks.scripts = scripts.filter(|(url, _)| web(url)).collect();
        marks.actions.retain(web);
        let leaves = |said: &str| {
            ["logout", "log-out", "signout", "sign-out", "deconnexion", "deconnecter", "disconnect"].iter().any(|w| said.contains(w))
        };
        marks.logout = page.links.iter().any(|l| leaves(&l.said) || leaves(&l.url.path().to_ascii_lowercase()));
        marks
    }

    /// Whether a form asks for a password.
    #[must_use]
    pub fn asks_password(&self) -> bool {
        !self.passwords.is_empty()
    }

    fn facts(&self, url: &Url) -> Value {
        let foreign: Vec<&(Url, bool)> = self.scripts.iter().filter(|(src, _)| !same_site(src, url)).collect();
        let mut facts = json!({
            "passwordForms": {
                "count": self.forms,
                "inClear": self.actions.iter().filter(|a| a.scheme() == "http").count(),
                "elsewhere": self.actions.iter().filter(|a| !same_site(a, url)).count(),
            },
            "scripts": {
                "thirdParty": foreign.len(),
                "withoutIntegrity": foreign.iter().filter(|(_, integrity)| !integrity).count(),
            },
            "needsScript": self.needs_script,
            "logoutLink": self.logout,
        });
        // Several fields are a form to register, or to change a password: nobody can tell what each is for.
        if let [(autocomplete, labelled)] = self.passwords.as_slice() {
            facts["password"] = json!({"labelled": labelled});
            if let Some(autocomplete) = autocomplete {
                facts["password"]["autocomplete"] = json!(known(autocomplete));
            }
        }
        facts
    }
}

fn web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// `autocomplete` is a word of HTML; anything else is not shown.
fn known(autocomplete: &str) -> &'static str {
    let words = ["current-password", "new-password", "one-time-code", "off", "on"];
    words.into_iter().find(|w| autocomplete.split_ascii_whitespace().next_back() == Some(w)).unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Value {
        let url = Url::parse("https://cas.ent.example/login").expect("url");
        let headers = vec![("content-type".to_owned(), "text/html; charset=utf-8".to_owned())];
        let answer = Answer { exchange: 1, url, status: 200, headers, body: body.as_bytes().to_vec(), cut: false, millis: 0 };
        page("login", &answer, &[], 0)
    }

    #[test]
    fn a_careful_page() {
        let seen = of("<form action='/login' method=post><label for=p>Mot de passe</label>\
            <input type=password id=p name=password autocomplete='current-password'><button>ok</button></form>\
            <script src='/app.js'></script><script src='https://static.ent.example/x.js'></script>\
            <script src='https://cdn.example/x.js' integrity='sha384-x'></script><a href='/logout'>Quitter</a>");
        assert_eq!(seen["marks"]["passwordForms"], json!({"count": 1, "inClear": 0, "elsewhere": 0}));
        assert_eq!(seen["marks"]["scripts"], json!({"thirdParty": 1, "withoutIntegrity": 0}));
        assert_eq!(seen["marks"]["password"], json!({"labelled": true, "autocomplete": "current-password"}));
        assert_eq!((&seen["marks"]["logoutLink"], &seen["frames"], seen.get("hsts")), (&json!(true), &json!("any"), None));
    }

    #[test]
    fn a_careless_page() {
        let seen = of("<form action='http://cas.ent.example/login'><input type=password name=p></form>\
            <form action='https://voleur.example/'><input type=Password name=q autocomplete='jean.dupont'></form>\
            <form action='https://recherche.example/'><input name=q></form><script src='//cdn.example/x.js'></script>");
        assert_eq!(seen["marks"]["passwordForms"], json!({"count": 2, "inClear": 1, "elsewhere": 1}), "a search form is no concern");
        assert_eq!(seen["marks"]["scripts"], json!({"thirdParty": 1, "withoutIntegrity": 1}));
        assert!(seen["marks"].get("password").is_none() && !seen.to_string().contains("dupont"));
    }

    #[test]
    fn what_is_not_html_has_no_marks() {
        let url = Url::parse("https://cas.ent.example/serviceValidate").expect("url");
        let headers = vec![("content-type".to_owned(), "application/xml".to_owned())];
        let answer = Answer { exchange: 1, url, status: 200, headers, body: b"<a/>".to_vec(), cut: false, millis: 0 };
        let seen = page("validation", &answer, &[], 0);
        assert_eq!((&seen["html"], seen.get("marks")), (&json!(false), None));
    }
}
