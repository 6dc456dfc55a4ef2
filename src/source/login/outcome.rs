//! How following a login ended, with what was met on the way.

use serde_json::{Value, json};
use url::Url;

use super::page::Page;
use super::steps::StepError;
use crate::source::probe::Unanswered;
use crate::source::probe::http::Answer;
use crate::source::probe::is_national;

/// What a run met, and its end.
#[derive(Clone, Debug)]
pub struct Run {
    /// Its end.
    pub outcome: Outcome,
    /// Exchanges, in order.
    pub hops: Vec<Hop>,
    /// SAML and WS-Federation messages that forms carried, in order.
    pub captured: Vec<Captured>,
    /// The password was posted.
    pub submitted: bool,
}

/// One exchange of a run.
#[derive(Clone, Debug)]
pub struct Hop {
    /// What made the browser ask.
    pub kind: HopKind,
    /// It was a POST.
    pub post: bool,
    /// The answer.
    pub answer: Answer,
}

/// What makes a browser ask for an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopKind {
    /// The run begins with it.
    Start,
    /// A redirection of HTTP.
    Redirect,
    /// `Refresh`.
    Refresh,
    /// A script.
    Script,
    /// A form that carries a message of SAML or WS-Federation.
    Message,
    /// A form that only asks for the storage of the browser.
    Storage,
    /// The login form.
    Login,
    /// A step of the configuration.
    Step,
    /// The choice of an identity provider.
    Wayf,
    /// A page gone through because the configuration says so.
    Interstitial,
}

impl HopKind {
    /// Its name in facts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Redirect => "redirect",
            Self::Refresh => "refresh",
            Self::Script => "script",
            Self::Message => "message",
            Self::Storage => "storage",
            Self::Login => "login",
            Self::Step => "step",
            Self::Wayf => "wayf",
            Self::Interstitial => "interstitial",
        }
    }
}

/// A message that a form carried.
#[derive(Clone)]
pub struct Captured {
    /// Exchange that gave the page.
    pub exchange: u32,
    /// Where the form leads.
    pub action: Url,
    /// `SAMLRequest`, `SAMLResponse` or `wresult`.
    pub name: &'static str,
    /// The message: never shown.
    pub value: String,
    /// `RelayState`.
    pub relay_state: Option<String>,
}

impl std::fmt::Debug for Captured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Captured").field("exchange", &self.exchange).field("name", &self.name).finish_non_exhaustive()
    }
}

/// How a ticket came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// In the address of a redirection (or of a refresh, or of a script).
    Redirect,
    /// In a form that sends itself.
    Form,
    /// In a header.
    Header,
}

impl By {
    /// Its name in facts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redirect => "redirect",
            Self::Form => "form",
            Self::Header => "header",
        }
    }
}

/// What only a person can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// A captcha.
    Captcha,
    /// A one-time code.
    Code,
    /// Terms to accept.
    Terms,
    /// A password to change.
    NewPassword,
    /// A page that asks to go on, which the configuration does not name.
    Proceed,
}

impl Interaction {
    /// Its name in facts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Captcha => "captcha",
            Self::Code => "code",
            Self::Terms => "terms",
            Self::NewPassword => "new-password",
            Self::Proceed => "proceed",
        }
    }
}

/// The end of a run.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// A ticket was given for the service, which was not asked.
    Ticket {
        /// Address of the service with what was added to it.
        url: Url,
        /// The ticket.
        ticket: String,
        /// How it came.
        by: By,
    },
    /// The browser was sent to the service without a ticket (`gateway`); the service was not asked.
    Returned {
        /// Where to.
        url: Url,
    },
    /// No service was wanted: the password form is gone, and cookies were set after it was posted.
    Session {
        /// The page that came, unless the browser was sent to a host that may not be asked.
        page: Option<Box<Page>>,
        /// The address that was not asked.
        left: Option<Url>,
        /// Names of the cookies set.
        cookies: Vec<String>,
    },
    /// A login form, which the run was not asked to fill; see [`super::choose()`].
    Page(Box<Page>),
    /// Several forms look like the one to log in, or the one of the configuration is not there.
    Ambiguous(Box<Page>),
    /// The login form again, after the password was posted; `None` when an expectation of a step told it.
    WrongCredentials(Option<Box<Page>>),
    /// The password form leads to another origin than the one declared: nothing was sent.
    FormLeadsElsewhere {
        /// That origin.
        origin: String,
        /// The page; `None` for a post of a step.
        page: Option<Box<Page>>,
    },
    /// The password form puts the password in an address (GET), or is sent in a way this tool does not: nothing was sent.
    FormUnfit(Box<Page>),
    /// What came after the login would have carried the password to another origin: that was not sent.
    CarriesPassword {
        /// That origin.
        origin: String,
    },
    /// The browser is sent to a host that the target file does not name: nothing was sent to it.
    LeftForeign {
        /// The address.
        url: Url,
        /// It belongs to a national service.
        national: bool,
        /// What sent it.
        by: HopKind,
    },
    /// Identity providers to choose from, and nothing in the configuration that chooses.
    Wayf(Box<Page>),
    /// Something only a person can do.
    Interactive {
        /// What.
        what: Interaction,
        /// The page.
        page: Box<Page>,
    },
    /// A page that is nothing without scripts.
    NeedsScript(Box<Page>),
    /// A page of refusal: it says so, and has no form to log in.
    Refused(Box<Page>),
    /// A page that is none of these.
    Other(Box<Page>),
    /// A step of the configuration.
    Step(StepError),
    /// No answer.
    Unanswered {
        /// What was asked.
        url: Url,
        /// Why.
        why: Unanswered,
    },
    /// A redirection without an address.
    Broken {
        /// Exchange.
        exchange: u32,
    },
    /// Too many hops.
    Endless,
}

impl Outcome {
    /// Its name in facts.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Ticket { .. } => "ticket",
            Self::Returned { .. } => "returned",
            Self::Session { .. } => "session",
            Self::Page(_) => "page",
            Self::Ambiguous(_) => "ambiguous",
            Self::WrongCredentials(_) => "wrong-credentials",
            Self::FormLeadsElsewhere { .. } => "form-leads-elsewhere",
            Self::FormUnfit(_) => "form-unfit",
            Self::CarriesPassword { .. } => "carries-password",
            Self::LeftForeign { national: true, .. } => "left-national",
            Self::LeftForeign { .. } => "left-foreign",
            Self::Wayf(_) => "wayf",
            Self::Interactive { .. } => "interactive",
            Self::NeedsScript(_) => "needs-script",
            Self::Refused(_) => "refused",
            Self::Other(_) => "other",
            Self::Step(_) => "step",
            Self::Unanswered { .. } => "unanswered",
            Self::Broken { .. } => "broken",
            Self::Endless => "endless",
        }
    }

    /// The page it ended on.
    #[must_use]
    pub fn page(&self) -> Option<&Page> {
        match self {
            Self::Page(p) | Self::Ambiguous(p) | Self::FormUnfit(p) | Self::Wayf(p) | Self::NeedsScript(p) => Some(p),
            Self::Refused(p) | Self::Other(p) | Self::Interactive { page: p, .. } => Some(p),
            Self::Session { page, .. } | Self::WrongCredentials(page) | Self::FormLeadsElsewhere { page, .. } => page.as_deref(),
            _ => None,
        }
    }
}

impl Run {
    /// The run as facts: names, hosts and numbers; no address, no ticket.
    ///
    /// ```json
    /// {"outcome": "left-national", "submitted": false, "exchange": 3, "host": "educonnect.education.gouv.fr", "interaction": null,
    ///  "hops": [{"exchange": 1, "kind": "start", "host": "ent.example", "scheme": "https", "post": false, "status": 302}],
    ///  "messages": [{"exchange": 3, "name": "SAMLRequest", "host": "idp.example", "national": false}],
    ///  "page": {…}}
    /// ```
    #[must_use]
    pub fn to_facts(&self) -> Value {
        let hop = |h: &Hop| {
            let a = &h.answer;
            json!({"exchange": a.exchange, "kind": h.kind.as_str(), "host": a.url.host_str(), "scheme": a.url.scheme(), "post": h.post, "status": a.status})
        };
        let message =
            |c: &Captured| json!({"exchange": c.exchange, "name": c.name, "host": c.action.host_str(), "national": is_national(&c.action)});
        let host = match &self.outcome {
            Outcome::LeftForeign { url, .. }
            | Outcome::Unanswered { url, .. }
            | Outcome::Ticket { url, .. }
            | Outcome::Returned { url } => url.host_str().map(str::to_owned),
            Outcome::FormLeadsElsewhere { origin, .. } | Outcome::CarriesPassword { origin } => {
                Url::parse(origin).ok().and_then(|u| u.host_str().map(str::to_owned))
            }
            other => other.page().and_then(|p| p.url.host_str()).map(str::to_owned),
        };
        let interaction = match &self.outcome {
            Outcome::Interactive { what, .. } => Some(what.as_str()),
            _ => None,
        };
        json!({
            "outcome": self.outcome.as_str(),
            "submitted": self.submitted,
            "exchange": self.hops.last().map(|h| h.answer.exchange),
            "host": host,
            "interaction": interaction,
            "hops": self.hops.iter().map(hop).collect::<Vec<_>>(),
            "messages": self.captured.iter().map(message).collect::<Vec<_>>(),
            "page": self.outcome.page().map(Page::to_facts),
        })
    }
}
