//! Pages in the shape of those of real servers (written for these tests), and what the driver makes of them.

mod flows;
mod hostile;
mod steps;

use std::collections::HashMap;

use url::Url;

use super::*;
use crate::source::probe::http::{Answer, Method, Request, origin};
use crate::source::probe::jar::Jar;
use crate::source::probe::{Ask, Unanswered, is_national};

pub(super) const CAS: &str = "https://cas.ent.example";
pub(super) const LOGIN: &str = "https://cas.ent.example/cas/login?service=https%3A%2F%2Fapp.example%2Fhome%3Fx%3D1";
pub(super) const SERVICE: &str = "https://app.example/home?x=1";
pub(super) const USER: &str = "elena.test";
pub(super) const PASSWORD: &str = "S3same-ouvre&toi é";

pub(super) fn url(text: &str) -> Url {
    Url::parse(text).expect("url")
}

/// A server that is a table: `METHOD address without its query` to answers, the last one for ever.
#[derive(Default)]
pub(super) struct Fake {
    table: HashMap<String, Vec<(u16, Vec<(String, String)>, String)>>,
    pub asked: Vec<Request>,
    pub concealed: Vec<String>,
    pub authenticated_before: Option<usize>,
}

impl Fake {
    pub fn on(mut self, key: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        self.table.entry(key.to_owned()).or_default().push((status, headers, body.to_owned()));
        self
    }

    pub fn page(self, key: &str, body: &str) -> Self {
        self.on(key, 200, &[("content-type", "text/html;charset=utf-8")], body)
    }

    pub fn to(self, key: &str, location: &str) -> Self {
        self.on(key, 302, &[("location", location)], "")
    }

    /// The body of the n-th request, decoded.
    pub fn pairs(&self, n: usize) -> Vec<(String, String)> {
        url::form_urlencoded::parse(&self.asked[n].body).into_owned().collect()
    }

    pub fn header(&self, n: usize, name: &str) -> Option<&str> {
        self.asked[n].headers.iter().find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }
}

impl Ask for Fake {
    fn ask(&mut self, request: &Request, jar: &mut Jar) -> Result<Answer, Unanswered> {
        let host = request.url.host_str().unwrap_or_default();
        if is_national(&request.url) {
            return Err(Unanswered::National);
        }
        if !(host.ends_with("ent.example")) {
            return Err(Unanswered::Foreign);
        }
        self.asked.push(request.clone());
        let method = if request.method == Method::Post { "POST" } else { "GET" };
        let found = self.table.get_mut(&format!("{method} {}{}", origin(&request.url), request.url.path()));
        let Some(all) = found else { return Err(Unanswered::Unreachable) };
        let (status, headers, body) = if all.len() > 1 { all.remove(0) } else { all[0].clone() };
        let exchange = self.asked.len() as u32;
        let answer = Answer { exchange, url: request.url.clone(), status, headers, body: body.into_bytes(), cut: false, millis: 1 };
        jar.keep(&answer.url, answer.all("set-cookie"));
        Ok(answer)
    }

    fn conceal(&mut self, secret: &str) {
        self.concealed.push(secret.to_owned());
    }

    fn authenticated(&mut self) {
        self.authenticated_before.get_or_insert(self.asked.len());
    }
}

pub(super) fn credentials() -> Credentials {
    Credentials::new(CAS, USER, PASSWORD).expect("credentials")
}

/// A login for the service, with credentials.
pub(super) fn log_in(fake: &mut Fake, config: &Login) -> Run {
    Driver::new(config).service(&url(SERVICE)).credentials(&credentials()).run(fake, &mut Jar::default(), &url(LOGIN))
}

pub(super) fn look(fake: &mut Fake) -> Run {
    Driver::new(&Login::default()).service(&url(SERVICE)).look(fake, &mut Jar::default(), &url(LOGIN))
}

/// A login page in the shape of a common CAS server, its decoy form included.
pub(super) const FM1: &str = r#"<!doctype html><html lang="fr"><head><title>Connexion</title><script src="/cas/js/a.js"></script></head><body>
 <form method="post" id="fm1-b"></form>
 <form method="post" id="fm1" action="login"><table><tr><td><label for="username">Identifiant</label><input id="username" name="username" autocomplete="username">
 </td></tr><tr><td><input type="password" id="password" name="password" autocomplete="current-password" aria-label="Mot de passe"></td></tr></table>
 <input type="checkbox" name="rememberMe" value="true"><input type="hidden" name="execution" value="e1s1-abc">
 <input type="hidden" name="_eventId" value="submit"/><input type="hidden" name="geolocation">
 <button name="submitBtn" value="Go" type="submit">Se connecter</button></form><a href="/aide">Aide</a></body></html>"#;
pub(super) const TICKET: &str = "https://app.example/home?x=1&ticket=ST-1-abcDEF";
