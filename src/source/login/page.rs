//! An HTML page as what a login can depend on: forms, links, redirections, scripts, and a few words.
//!
//! Text of the page is read for words that are known, and never kept. Values of fields are needed to send them back: they are
//! shown nowhere, `Debug` included ([`Page::to_facts`] gives structure only).

use std::fmt;

use encoding_rs::Encoding;
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::scan;
use super::sieve::sieve;
use crate::source::probe::http::Answer;

/// Fields kept of a form, links kept of a page.
const MOST: usize = 2_000;
/// Forms kept of a page.
const FORMS: usize = 50;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// Number of the exchange that gave it.
    pub exchange: u32,
    /// Its address.
    pub url: Url,
    /// Status it came with.
    pub status: u16,
    /// What relative addresses are resolved against: `<base>`, or its address.
    pub base: Url,
    /// Forms, in order.
    pub forms: Vec<Form>,
    /// Links, in order.
    pub links: Vec<Link>,
    /// Scripts, in order.
    pub scripts: Vec<Script>,
    /// Delay in seconds and address of a `Refresh` (header or `meta`).
    pub refresh: Option<(u32, Url)>,
    /// Addresses that inline scripts send the browser to, as far as they can be read without running them.
    pub jumps: Vec<Url>,
    /// `lang` of the document.
    pub lang: Option<String>,
    /// It has a title.
    pub titled: bool,
    /// It has a `noscript` element.
    pub noscript: bool,
    /// It shows next to nothing to a browser without scripts, and has what scripts fill.
    pub needs_script: bool,
    /// Characters of text that show.
    pub text: usize,
    /// Known words.
    pub words: Words,
    /// Encoding of the page, and of its forms.
    pub encoding: &'static Encoding,
    /// It was too large to be read whole.
    pub cut: bool,
    html: String,
}

/// Known words of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// A captcha.
    pub captcha: bool,
    /// A one-time code.
    pub code: bool,
    /// Terms to accept.
    pub terms: bool,
    /// A word of failure, or an element made for messages of failure.
    pub error: bool,
}

/// A form.
#[derive(Clone, Debug)]
pub struct Form {
    /// `id`.
    pub id: Option<String>,
    /// It is sent by POST.
    pub post: bool,
    /// `action` as written.
    pub written: String,
    /// Where it leads; `None` when that is no address of the web (`javascript:`).
    pub action: Option<Url>,
    /// It does not show (`hidden`, `display:none`).
    pub hidden: bool,
    /// `enctype` is that of files or of plain text: not sent by this tool.
    pub other_encoding: bool,
    /// Encoding that `accept-charset` asks for.
    pub charset: Option<&'static Encoding>,
    /// Fields, in order, buttons apart.
    pub fields: Vec<Field>,
    /// Buttons that send it, in order.
    pub buttons: Vec<Button>,
}

/// A field of a form.
#[derive(Clone)]
pub struct Field {
    /// `type` in lower case; `select` and `textarea` for those elements.
    pub kind: String,
    /// Name; empty when it is not sent.
    pub name: String,
    /// `id`.
    pub id: String,
    /// Value: never shown.
    pub value: String,
    /// Checked, for boxes and radios.
    pub checked: bool,
    /// Disabled: not sent.
    pub disabled: bool,
    /// `autocomplete`, in lower case.
    pub autocomplete: Option<String>,
    /// A label names it (`label`, `aria-label`, `aria-labelledby`, `title`).
    pub labelled: bool,
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Field").field("kind", &self.kind).field("name", &self.name).field("length", &self.value.chars().count()).finish()
    }
}

/// A button that sends a form.
#[derive(Clone, Debug)]
pub struct Button {
    /// Name; empty when it is not sent.
    pub name: String,
    /// Value.
    pub value: String,
    /// Address that it sends the form to (`formaction`), when it has its own.
    pub action: Option<String>,
}

/// A link.
#[derive(Clone, Debug)]
pub struct Link {
    /// Where it leads.
    pub url: Url,
    /// What it says, in lower case and without accents; for the choice of the configuration only.
    pub said: String,
}

/// A script.
#[derive(Clone, Debug)]
pub struct Script {
    /// Where it comes from; `None` for one in the page.
    pub url: Option<Url>,
    /// It has an `integrity`.
    pub integrity: bool,
}

impl Page {
    /// Reads an answer. Anything can be read: what is not HTML gives a page with nothing.
    #[must_use]
    pub fn read(answer: &Answer) -> Self {
        let encoding = scan::encoding(answer);
        let text = encoding.decode(&answer.body).0;
        let mut page = Self::parse(&answer.url, &text);
        (page.exchange, page.status, page.encoding) = (answer.exchange, answer.status, encoding);
        page.cut |= answer.cut;
        if let Some(refresh) = answer.header("refresh").and_then(|r| scan::refresh(r, &page.base)) {
            page.refresh = Some(refresh);
        }
        page
    }

    /// Reads a page that came from `url`.
    #[must_use]
    pub fn parse(url: &Url, text: &str) -> Self {
        let read = sieve(text);
        let html = Html::parse_document(&read.html);
        let based = first(&html, "base").and_then(|b| b.attr("href")).and_then(|href| url.join(href.trim()).ok());
        let base = based.filter(|b| matches!(b.scheme(), "http" | "https")).unwrap_or_else(|| url.clone());
        let labels: Vec<&str> = all(&html, "label").iter().filter_map(|l| l.attr("for")).collect();
        let forms: Vec<Form> = all(&html, "form").iter().take(FORMS).map(|f| form(&html, *f, url, &base, &labels)).collect();
        let scripts: Vec<Script> = all(&html, "script").iter().map(|s| script(*s, &base)).collect();
        let text = scan::plain(&first(&html, "body").map(|b| b.text().collect::<String>()).unwrap_or_default());
        let words = Words {
            captcha: scan::captcha(&text)
                || scripts.iter().any(|s| s.url.as_ref().is_some_and(|u| scan::captcha(&u.as_str().to_lowercase()))),
            code: scan::code(&text),
            terms: scan::terms(&text),
            error: scan::failure(&text) || shown_failure(&html),
        };
        let fields = forms.iter().flat_map(|f| &f.fields).filter(|f| f.shows()).count();
        let app = ["[ng-app]", "#root", "#app", "#app-root", "#main-app", "#__next", "app-root", "[data-reactroot]"];
        let filled = read.custom > 0 || app.iter().any(|css| first(&html, css).is_some()) || read.noscript;
        let links = all(&html, "a[href]");
        let jumps: Vec<Url> = read.inline.iter().flat_map(|s| scan::jumps(s)).filter_map(|to| base.join(&to).ok()).collect();
        Self {
            exchange: 0,
            url: url.clone(),
            status: 0,
            refresh: all(&html, "meta[http-equiv]")
                .iter()
                .filter(|m| m.attr("http-equiv").is_some_and(|e| e.trim().eq_ignore_ascii_case("refresh")))
                .find_map(|m| scan::refresh(m.attr("content")?, &base)),
            jumps: jumps.into_iter().filter(|u| matches!(u.scheme(), "http" | "https")).take(20).collect(),
            lang: first(&html, "html").and_then(|h| h.attr("lang")).map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned),
            titled: read.titled,
            noscript: read.noscript,
            needs_script: filled && !scripts.is_empty() && fields == 0 && text.len() < 400 && links.len() < 10,
            text: text.chars().count(),
            words,
            encoding: encoding_rs::UTF_8,
            cut: read.cut,
            links: links.iter().take(MOST).filter_map(|a| link(*a, &base)).collect(),
            base,
            forms,
            scripts,
            html: read.html,
        }
    }

    /// The form that a CSS selector finds, by its rank; the selector may find something in it. `Err` when it is no selector.
    pub(super) fn form_at(&self, css: &str) -> Result<Option<usize>, ()> {
        let selector = Selector::parse(css).map_err(|_| ())?;
        let html = Html::parse_document(&self.html);
        let found = html.select(&selector).next();
        let node = found
            .and_then(|e| std::iter::once(*e).chain(e.ancestors()).find(|n| n.value().as_element().is_some_and(|e| e.name() == "form")));
        Ok(node.and_then(|node| all(&html, "form").iter().position(|f| f.id() == node.id())))
    }
}

impl Field {
    /// Whether somebody sees it.
    #[must_use]
    pub fn shows(&self) -> bool {
        self.kind != "hidden"
    }

    /// Whether a name can be typed in it.
    #[must_use]
    pub fn is_text(&self) -> bool {
        matches!(self.kind.as_str(), "text" | "email" | "tel" | "search" | "number" | "url")
    }
}

fn all<'a>(html: &'a Html, css: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(css).map(|s| html.select(&s).collect()).unwrap_or_default()
}

fn first<'a>(html: &'a Html, css: &str) -> Option<ElementRef<'a>> {
    Selector::parse(css).ok().and_then(|s| html.select(&s).next())
}

fn hidden(element: ElementRef<'_>) -> bool {
    let style = element.attr("style").unwrap_or_default().to_ascii_lowercase().replace(' ', "");
    element.attr("hidden").is_some() || style.contains("display:none") || style.contains("visibility:hidden")
}

fn shown_failure(html: &Html) -> bool {
    let made_for = |e: &ElementRef<'_>| {
        let said =
            format!("{} {} {}", e.attr("class").unwrap_or_default(), e.attr("id").unwrap_or_default(), e.attr("role").unwrap_or_default());
        let said = said.to_lowercase();
        ["error", "erreur", "danger", "alert"].iter().any(|w| said.contains(w)) && !said.contains("info") && !said.contains("success")
    };
    let mut all =
        all(html, "[class], [id], [role]").into_iter().filter(|e| matches!(e.value().name(), "div" | "span" | "p" | "section" | "li"));
    all.any(|e| made_for(&e) && !hidden(e) && e.text().any(|t| !t.trim().is_empty()))
}

fn script(element: ElementRef<'_>, base: &Url) -> Script {
    let url = element.attr("src").and_then(|src| base.join(src.trim()).ok());
    Script { url, integrity: element.attr("integrity").is_some_and(|i| !i.trim().is_empty()) }
}

fn link(element: ElementRef<'_>, base: &Url) -> Option<Link> {
    let url = base.join(element.attr("href")?.trim()).ok().filter(|u| matches!(u.scheme(), "http" | "https"))?;
    let said = element.text().collect::<String>() + " " + element.attr("title").unwrap_or_default();
    Some(Link { url, said: scan::plain(&said) })
}

fn form(html: &Html, element: ElementRef<'_>, url: &Url, base: &Url, labels: &[&str]) -> Form {
    let written = element.attr("action").unwrap_or_default().trim().to_owned();
    let id = element.attr("id").map(str::to_owned);
    let mut found: Vec<ElementRef<'_>> = Vec::new();
    // Fields may stand elsewhere and name their form.
    for field in all(html, "input, select, textarea, button") {
        let own = match field.attr("form") {
            Some(named) => id.as_deref() == Some(named),
            None => field.ancestors().any(|a| a.id() == element.id()),
        };
        if own && found.len() < MOST {
            found.push(field);
        }
    }
    let lower = |name: &str| element.attr(name).unwrap_or_default().trim().to_ascii_lowercase();
    let mut form = Form {
        id,
        post: lower("method") == "post",
        action: resolved(&written, url, base),
        written,
        hidden: hidden(element),
        other_encoding: matches!(lower("enctype").as_str(), "multipart/form-data" | "text/plain"),
        charset: lower("accept-charset").split([' ', ',']).find_map(|label| Encoding::for_label(label.as_bytes())),
        fields: Vec::new(),
        buttons: Vec::new(),
    };
    for element in found {
        let name = element.attr("name").unwrap_or_default().to_owned();
        let button = element.value().name() == "button";
        let kind = match element.value().name() {
            "button" => element.attr("type").map_or("submit".to_owned(), str::to_ascii_lowercase),
            "input" => element.attr("type").map_or("text".to_owned(), |t| t.trim().to_ascii_lowercase()),
            other => other.to_owned(),
        };
        let kind = if kind.is_empty() { "text".to_owned() } else { kind };
        let disabled = element.attr("disabled").is_some();
        match kind.as_str() {
            "submit" | "image" if !disabled => form.buttons.push(Button {
                name: if kind == "image" { String::new() } else { name },
                value: element.attr("value").unwrap_or(if button { "" } else { "Submit" }).to_owned(),
                action: element.attr("formaction").map(str::to_owned),
            }),
            "submit" | "image" | "button" | "reset" | "menu" | "file" => {}
            _ => form.fields.push(field(element, kind, name, disabled, labels)),
        }
    }
    form
}

fn field(element: ElementRef<'_>, kind: String, name: String, disabled: bool, labels: &[&str]) -> Field {
    let id = element.attr("id").unwrap_or_default().to_owned();
    let in_label = || element.ancestors().any(|a| a.value().as_element().is_some_and(|e| e.name() == "label"));
    let said = ["aria-label", "aria-labelledby", "title"].iter().any(|a| element.attr(a).is_some_and(|v| !v.trim().is_empty()));
    let labelled = said || (!id.is_empty() && labels.contains(&id.as_str())) || in_label();
    let value = match kind.as_str() {
        "select" => {
            let options: Vec<_> = element.descendent_elements().filter(|e| e.value().name() == "option").collect();
            let chosen = options.iter().find(|o| o.attr("selected").is_some()).or(options.first());
            chosen
                .map(|o| o.attr("value").map_or_else(|| o.text().collect::<String>().trim().to_owned(), str::to_owned))
                .unwrap_or_default()
        }
        "checkbox" | "radio" => element.attr("value").unwrap_or("on").to_owned(),
        _ => element.attr("value").unwrap_or_default().to_owned(),
    };
    let autocomplete = element.attr("autocomplete").map(|a| a.trim().to_ascii_lowercase()).filter(|a| !a.is_empty());
    Field { kind, name, id, value, checked: element.attr("checked").is_some(), disabled, autocomplete, labelled }
}

/// Where an `action` leads: an empty one to the page itself, whatever `<base>` says.
pub(super) fn resolved(written: &str, url: &Url, base: &Url) -> Option<Url> {
    let to = if written.is_empty() { Some(url.clone()) } else { base.join(written).ok() };
    to.filter(|u| matches!(u.scheme(), "http" | "https")).map(|mut u| {
        u.set_fragment(None);
        u
    })
}
