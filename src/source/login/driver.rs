//! The state machine: asks, reads what came, decides what a browser (and the person before it) would do next.
//!
//! Every request goes through [`Driver::ask`], where the password is kept from any origin but its own, whatever page wanted it sent.

use std::fmt;

use url::{Position, Url, form_urlencoded};

use super::choose::{Choice, choose};
use super::fill;
use super::outcome::{By, Captured, Hop, HopKind, Interaction, Outcome, Run};
use super::page::Page;
use super::steps::Login;
use crate::source::probe::http::{Answer, Method, Request, origin};
use crate::source::probe::jar::{Jar, SetCookie};
use crate::source::probe::{Ask, Unanswered, is_national};

/// Exchanges of a run at most.
const HOPS: usize = 20;

/// A user name and a password, and the only origin that they may be sent to.
#[derive(Clone)]
pub struct Credentials {
    pub(super) origin: url::Origin,
    pub(super) user: String,
    pub(super) password: String,
}

/// What is wrong with credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    /// Not an origin.
    #[error("an origin is expected: https://cas.ent.example")]
    Origin,
    /// Nothing to post.
    #[error("the user name or the password is empty")]
    Empty,
}

impl Credentials {
    /// Credentials for `origin` (`https://cas.ent.example`).
    ///
    /// # Errors
    /// What is not an origin of the web; an empty name or password.
    pub fn new(origin: &str, user: &str, password: &str) -> Result<Self, CredentialsError> {
        let url = Url::parse(origin).ok().filter(|u| matches!(u.scheme(), "http" | "https") && u.path() == "/");
        let plain = |u: &Url| u.username().is_empty() && u.password().is_none() && u.query().is_none() && u.fragment().is_none();
        let url = url.filter(plain).ok_or(CredentialsError::Origin)?;
        if user.is_empty() || password.is_empty() {
            return Err(CredentialsError::Empty);
        }
        Ok(Self { origin: url.origin(), user: user.to_owned(), password: password.to_owned() })
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credentials for {}", self.origin.ascii_serialization())
    }
}

/// A session that is there already: cookies of a login, or of a real browser.
#[derive(Clone, Default)]
pub struct Session {
    /// The browser.
    pub jar: Jar,
    secrets: Vec<String>,
}

impl Session {
    /// Cookies taken from a browser: address, name, value.
    #[must_use]
    pub fn imported(cookies: impl IntoIterator<Item = (Url, String, String)>) -> Self {
        let mut session = Self::default();
        for (url, name, value) in cookies {
            session.jar.put(&url, &name, &value);
            session.secrets.push(value);
        }
        session
    }

    /// Says to the door that the cookies are secret, and that what follows is about somebody.
    pub fn open(&self, ask: &mut dyn Ask) {
        self.secrets.iter().for_each(|s| ask.conceal(s));
        ask.authenticated();
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Session")
    }
}

/// Follows logins. Given credentials it fills the login form once; without, it stops there.
#[derive(Clone, Debug)]
pub struct Driver<'a> {
    pub(super) config: &'a Login,
    pub(super) service: Option<&'a Url>,
    credentials: Option<&'a Credentials>,
}

impl<'a> Driver<'a> {
    /// A driver that follows `config`, which [`Login::check`] has passed.
    #[must_use]
    pub fn new(config: &'a Login) -> Self {
        Self { config, service: None, credentials: None }
    }

    /// The service that the login is for: recognised, never asked.
    #[must_use]
    pub fn service(self, service: &'a Url) -> Self {
        Self { service: Some(service), ..self }
    }

    /// Fills the login form.
    #[must_use]
    pub fn credentials(self, credentials: &'a Credentials) -> Self {
        Self { credentials: Some(credentials), ..self }
    }

    /// Goes from `url` up to the login form, or to where a session of `jar` leads, and fills nothing.
    pub fn look(&self, ask: &mut dyn Ask, jar: &mut Jar, url: &Url) -> Run {
        Self { credentials: None, ..self.clone() }.run(ask, jar, url)
    }

    /// Goes from `url` to an end.
    pub fn run(&self, ask: &mut dyn Ask, jar: &mut Jar, url: &Url) -> Run {
        if let Some(credentials) = self.credentials {
            ask.conceal(&credentials.password);
            ask.conceal(&credentials.user);
        }
        let mut walk = Walk {
            driver: self,
            ask,
            jar,
            start: url.clone(),
            hops: Vec::new(),
            captured: Vec::new(),
            submitted_at: None,
            step: 0,
            expecting: None,
            wayf_done: false,
            page: None,
        };
        let outcome = walk.walk(Request::get(url.clone()));
        Run { outcome, submitted: walk.submitted_at.is_some(), hops: walk.hops, captured: walk.captured }
    }

    pub(super) fn wanted(&self) -> Option<&'a Credentials> {
        self.credentials
    }

    /// The service, when `url` is its address whatever was added to the query.
    fn is_service(&self, url: &Url) -> bool {
        self.service.is_some_and(|s| s.origin() == url.origin() && s.path() == url.path())
    }
}

/// What to do next.
pub(super) enum Next {
    Send(Box<Request>, HopKind),
    End(Outcome),
}

impl From<Outcome> for Next {
    fn from(outcome: Outcome) -> Self {
        Self::End(outcome)
    }
}

impl Next {
    pub(super) fn send(request: Request, kind: HopKind) -> Self {
        Self::Send(Box::new(request), kind)
    }
}

/// A run under way.
pub(super) struct Walk<'r, 'a> {
    pub driver: &'r Driver<'a>,
    ask: &'r mut dyn Ask,
    jar: &'r mut Jar,
    pub start: Url,
    hops: Vec<Hop>,
    captured: Vec<Captured>,
    /// How many hops there were when the password was posted.
    pub submitted_at: Option<usize>,
    /// Next step of the script.
    pub step: usize,
    /// The step whose answer is awaited.
    pub expecting: Option<usize>,
    pub wayf_done: bool,
    /// The page that is shown: what `Referer` tells.
    page: Option<Url>,
}

impl Walk<'_, '_> {
    fn walk(&mut self, first: Request) -> Outcome {
        let (mut request, mut kind) = (first, HopKind::Start);
        loop {
            if self.hops.len() >= HOPS {
                return Outcome::Endless;
            }
            if let Some(end) = self.at_service(&request) {
                return end;
            }
            let answer = match self.ask(&request) {
                Ok(answer) => answer,
                Err(Some(why @ (Unanswered::Foreign | Unanswered::National))) => return self.left(&request.url, why, kind),
                Err(Some(why)) => return Outcome::Unanswered { url: request.url, why },
                Err(None) => return Outcome::CarriesPassword { origin: origin(&request.url) },
            };
            self.hops.push(Hop { kind, post: request.method == Method::Post, answer: answer.clone() });
            match self.next(&answer, &request) {
                Next::End(outcome) => return outcome,
                Next::Send(next, why) => (request, kind) = (*next, why),
            }
        }
    }

    /// The one way out. `Err(None)`: the request held the password and its origin is not that of the password.
    fn ask(&mut self, request: &Request) -> Result<Answer, Option<Unanswered>> {
        if let Some(credentials) = self.driver.credentials
            && request.url.origin() != credentials.origin
            && carries(request, &credentials.password)
        {
            return Err(None);
        }
        self.ask.ask(request, self.jar).map_err(Some)
    }

    /// The end, when a request would reach the service.
    fn at_service(&self, request: &Request) -> Option<Outcome> {
        // The first address is that of the login: it was given.
        if self.hops.is_empty() || !self.driver.is_service(&request.url) {
            return None;
        }
        let ticket =
            |pairs: form_urlencoded::Parse<'_>| pairs.filter(|(n, v)| n == "ticket" && !v.is_empty()).map(|(_, v)| v.into_owned()).next();
        let url = request.url.clone();
        if let Some(ticket) = ticket(url.query_pairs()) {
            return Some(Outcome::Ticket { url, ticket, by: By::Redirect });
        }
        if request.method == Method::Post
            && let Some(ticket) = ticket(form_urlencoded::parse(&request.body))
        {
            return Some(Outcome::Ticket { url, ticket, by: By::Form });
        }
        Some(Outcome::Returned { url })
    }

    /// The end, when a host may not be asked.
    fn left(&self, url: &Url, why: Unanswered, by: HopKind) -> Outcome {
        let cookies = self.cookies();
        if self.submitted_at.is_some() && self.driver.service.is_none() && !cookies.is_empty() {
            return Outcome::Session { page: None, left: Some(url.clone()), cookies };
        }
        Outcome::LeftForeign { url: url.clone(), national: why == Unanswered::National || is_national(url), by }
    }

    /// Names of the cookies set since the password was posted.
    pub fn cookies(&self) -> Vec<String> {
        let since = self.submitted_at.unwrap_or(usize::MAX);
        let headers = self.hops.iter().skip(since).flat_map(|h| h.answer.all("set-cookie"));
        let mut names: Vec<String> = headers.filter_map(|h| SetCookie::parse(h, 1)).filter(|c| !c.cleared).map(|c| c.name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn next(&mut self, answer: &Answer, request: &Request) -> Next {
        if let Some(end) = self.expected(answer) {
            return end.into();
        }
        if answer.is_redirect() {
            return self.redirected(answer, request);
        }
        let ticket = answer.header("ticket").filter(|t| t.starts_with("ST-"));
        if let (Some(ticket), Some(service)) = (ticket, self.driver.service) {
            return Outcome::Ticket { url: service.clone(), ticket: ticket.to_owned(), by: By::Header }.into();
        }
        let page = Page::read(answer);
        self.page = Some(page.url.clone());
        self.decide(page)
    }

    fn redirected(&mut self, answer: &Answer, request: &Request) -> Next {
        let Some(mut to) = answer.location() else { return Outcome::Broken { exchange: answer.exchange }.into() };
        if to.fragment().is_none() {
            to.set_fragment(answer.url.fragment());
        }
        // 307 and 308 send the same thing again. The password is not posted twice, wherever that leads.
        if request.method == Method::Post && matches!(answer.status, 307 | 308) {
            let posted = self.submitted_at.is_some_and(|at| at + 1 == self.hops.len());
            let away = |c: &Credentials| to.origin() != c.origin && carries(request, &c.user);
            if posted || self.driver.credentials.is_some_and(away) {
                return Outcome::CarriesPassword { origin: origin(&to) }.into();
            }
            let mut again = request.clone();
            // A browser no longer vouches for where the form came from.
            if to.origin() != again.url.origin() {
                again.headers.retain(|(n, _)| n != "Origin" && n != "Referer");
                again = again.with("Origin", "null");
            }
            again.url = to;
            return Next::send(again, HopKind::Redirect);
        }
        Next::send(self.visit(to), HopKind::Redirect)
    }

    /// A GET from the page that is shown.
    pub fn visit(&self, to: Url) -> Request {
        match &self.page {
            Some(page) => fill::from(Request::get(to), page),
            None => Request::get(to),
        }
    }

    /// Notes a message that a form carries, and sends the form on.
    pub fn message(&mut self, page: &Page, rank: usize, name: &'static str) -> Next {
        let Some(form) = page.forms.get(rank) else { return Outcome::Other(Box::new(page.clone())).into() };
        let value = |name: &str| form.fields.iter().find(|f| f.name == name).map(|f| f.value.clone());
        let Some(action) = form.action.clone() else { return Outcome::NeedsScript(Box::new(page.clone())).into() };
        self.captured.push(Captured {
            exchange: page.exchange,
            action: action.clone(),
            name,
            value: value(name).unwrap_or_default(),
            relay_state: value("RelayState"),
        });
        Next::send(fill::request(page, form, action, &fill::pairs(form, &[], None)), HopKind::Message)
    }

    /// Fills the login form: once.
    pub fn log_in(&mut self, page: Page) -> Next {
        let rule = self.driver.config.form.as_ref();
        let choice = match rule.map(|r| page.form_at(&r.css)) {
            // The form of the configuration is not on this page: it may be on the next.
            None | Some(Ok(None)) => choose(&page),
            Some(Ok(Some(form))) => super::choose::of(&page, form),
            Some(Err(())) => Choice::Ambiguous,
        };
        let (rank, user, password) = match choice {
            Choice::Form { form, user, password } => (form, user, password),
            Choice::Ambiguous if self.submitted_at.is_none() => return Outcome::Ambiguous(Box::new(page)).into(),
            Choice::Ambiguous => return Outcome::WrongCredentials(Some(Box::new(page))).into(),
            Choice::None | Choice::Other => return self.interactive(page, Interaction::NewPassword),
        };
        if self.submitted_at.is_some() {
            return Outcome::WrongCredentials(Some(Box::new(page))).into();
        }
        let Some(credentials) = self.driver.credentials else { return Outcome::Page(Box::new(page)).into() };
        if page.words.captcha {
            return self.interactive(page, Interaction::Captcha);
        }
        let button = rule.and_then(|r| r.button.as_deref());
        let form = &page.forms[rank];
        let Some(action) = fill::action(&page, form, button) else { return Outcome::NeedsScript(Box::new(page)).into() };
        if action.origin() != credentials.origin {
            return Outcome::FormLeadsElsewhere { origin: origin(&action), page: Some(Box::new(page)) }.into();
        }
        let named = rule.and_then(|r| r.user.clone()).or_else(|| user.map(|u| form.fields[u].name.clone()));
        let (Some(user), secret) = (named, form.fields[password].name.clone()) else { return Outcome::Ambiguous(Box::new(page)).into() };
        if !form.post || form.other_encoding || secret.is_empty() {
            return Outcome::FormUnfit(Box::new(page)).into();
        }
        let set = [(user, credentials.user.clone()), (secret, credentials.password.clone())];
        let request = fill::request(&page, form, action, &fill::pairs(form, &set, button));
        self.submitting();
        Next::send(request, HopKind::Login)
    }

    /// The password is about to be posted.
    pub fn submitting(&mut self) {
        self.ask.authenticated();
        self.submitted_at = Some(self.hops.len());
    }

    pub fn interactive(&self, page: Page, what: Interaction) -> Next {
        Outcome::Interactive { what, page: Box::new(page) }.into()
    }
}

/// Whether a request holds the password, however it is written. A very short one is looked for as a whole value only.
fn carries(request: &Request, password: &str) -> bool {
    let short = password.chars().count() < 4;
    let within = |text: &str| if short { text == password } else { text.contains(password) };
    let values = |text: &str| form_urlencoded::parse(text.as_bytes()).any(|(n, v)| within(&n) || within(&v));
    // Decoded as one, since what was not escaped is cut at its own `&` and `=`; a `+` may be a blank or itself.
    let whole = |text: &str| text.replace('&', "%26").replace('=', "%3D");
    // A page in a western encoding writes it with one byte a letter.
    let western: String = form_urlencoded::byte_serialize(&encoding_rs::WINDOWS_1252.encode(password).0).collect();
    let within = |text: &str| within(text) || (!short && text.contains(&western));
    let holds = |text: &str| within(text) || values(text) || values(&whole(text)) || values(&whole(text).replace('+', "%2B"));
    let url = &request.url;
    holds(&url[Position::BeforeUsername..])
        || [url.path().trim_start_matches('/'), url.query().unwrap_or_default(), url.fragment().unwrap_or_default()].into_iter().any(holds)
        || holds(&String::from_utf8_lossy(&request.body))
        || request.headers.iter().any(|(_, v)| holds(v))
}
