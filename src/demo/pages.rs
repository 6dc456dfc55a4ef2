//! The pages of the demonstration ENT: in French, without inline style or script, each saying what it is.
//!
//! Must never show what was sent without escaping it, but for the defects that do.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::defects::Defect;
use super::http::Response;
use super::site::Site;

/// The style of every page.
pub const STYLE: &str = "body{font:1rem/1.5 sans-serif;max-width:40rem;margin:2rem auto;padding:0 1rem}label{display:block}\
    .alerte{color:#a00}.avis{border:1px solid #777;padding:.5rem}";
/// Sends the form of `method=POST`.
pub const SENDING: &str = "document.forms[0].submit();\n";

/// A whole page.
pub fn page(status: u16, title: &str, content: &Markup) -> Response {
    let page = html! {
        (DOCTYPE)
        html lang="fr" {
            head {
                meta charset="utf-8";
                title { (title) " – ENT de démonstration" }
                link rel="stylesheet" href="/demo.css";
            }
            body {
                p.avis { "ENT de démonstration de conforment : personnes, établissements et données inventés. N’y saisir aucun vrai mot de passe." }
                h1 { (title) }
                (content)
            }
        }
    };
    Response::new(status, "text/html; charset=utf-8", page.into_string())
}

/// A page of one sentence.
pub fn message(status: u16, title: &str, sentence: &str) -> Response {
    page(status, title, &html! { p { (sentence) } })
}

/// What the login form holds.
#[derive(Debug, Default)]
pub struct Form<'a> {
    pub service: Option<&'a str>,
    pub renew: bool,
    pub post: bool,
    pub token: Option<String>,
    pub alert: Option<&'a str>,
    pub callback: Option<&'a str>,
}

/// The login page.
pub fn login(site: &Site, form: &Form<'_>) -> Response {
    let has = |d| site.has(d);
    let action = match () {
        () if has(Defect::FormForeignHost) => "https://collecte.invalid/cas/login".to_owned(),
        () if has(Defect::FormInClear) => format!("{}/cas/login", site.http),
        () => "/cas/login".to_owned(),
    };
    let (method, shown) = (if has(Defect::FormByGet) { "get" } else { "post" }, has(Defect::PasswordShown));
    let content = html! {
        @if has(Defect::ThirdPartyScript) { script src="https://mesure.example/audience.js" {} }
        @if has(Defect::DecoyForm) { form id="fm1-b" method="post" action="/cas/login" {} }
        @if let Some(alert) = form.alert { p.alerte role="alert" { (alert) } }
        @if let Some(service) = form.service {
            p { "Service demandé : " @if has(Defect::ServiceUnescaped) { (PreEscaped(service)) } @else { (service) } }
        }
        form id="fm1" method=(method) action=(action) {
            label for="username" { "Identifiant" }
            input id="username" name="username" type="text" autocomplete="username";
            label for="password" { "Mot de passe" }
            @if shown { input id="password" name="password" type="text"; }
            @else { input id="password" name="password" type="password" autocomplete="current-password"; }
            @if let Some(token) = &form.token { input type="hidden" name="lt" value=(token); }
            @if let Some(service) = form.service.filter(|_| !has(Defect::ServiceLost)) { input type="hidden" name="service" value=(service); }
            @if form.renew { input type="hidden" name="renew" value="true"; }
            @if form.post { input type="hidden" name="method" value="POST"; }
            @if let Some(callback) = form.callback { input type="hidden" name="callback" value=(callback); }
            @if has(Defect::RememberMeChecked) { label { input type="checkbox" name="rememberMe" value="true" checked; " Se souvenir de moi" } }
            button type="submit" name="_eventId" value="submit" { "Se connecter" }
        }
    };
    if has(Defect::LoginJsOnly) {
        return page(200, "Connexion", &html! { div #app {} script src="/application.js" {} });
    }
    page(200, "Connexion", &content)
}

/// The choice of an account, before the form.
pub fn choice(query: &str) -> Response {
    let local = format!("/cas/login?{query}{}idp=local", if query.is_empty() { "" } else { "&" });
    let content = html! {
        ul {
            li { a href="/guichet" { "Élève ou parent, avec EduConnect" } }
            li { a href=(local) { "Compte de l’ENT" } }
        }
    };
    page(200, "Choisir un compte", &content)
}

/// A service that is not registered.
pub fn refused(site: &Site, service: &str) -> Response {
    let content = html! {
        p.alerte role="alert" { "Ce service n’est pas autorisé à demander une connexion." }
        p { @if site.has(Defect::ServiceUnescaped) { (PreEscaped(service)) } @else { (service) } }
    };
    page(403, "Service non autorisé", &content)
}

/// The form that carries a ticket by POST.
pub fn carrier(service: &str, ticket: &str) -> Response {
    let content = html! {
        form method="post" action=(service) {
            input type="hidden" name="ticket" value=(ticket);
            button type="submit" { "Continuer" }
        }
        script src="/cas/envoi.js" {}
    };
    page(200, "Connexion réussie", &content)
}

/// After a login without a service.
pub fn opened() -> Response {
    page(
        200,
        "Connexion réussie",
        &html! { p { "Votre session est ouverte. " a href="/" { "Aller au portail" } " " a href="/cas/logout" { "Se déconnecter" } } },
    )
}

/// The portal.
pub fn portal(site: &Site, prenom: &str) -> Response {
    let content = html! {
        p { "Bonjour " (prenom) "." }
        ul { li { a href="/service/" { "Service de démonstration" } } }
        @if !site.has(Defect::PortalNoLogout) { p { a href="/cas/logout" { "Se déconnecter" } } }
    };
    page(200, "Portail", &content)
}
