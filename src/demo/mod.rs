//! A small ENT inside the binary, for demonstrations and tests only: it listens on the loopback interface, its
//! people are invented, and it has defects that are switched on by name.
//!
//! It is what `conforment demo` audits and what the tests of the network sources audit by the hundreds. Without
//! defect it is a conforming CAS 1/2/3 server with good headers. Must never be used to serve anybody, listen
//! elsewhere than on 127.0.0.1, or call another host.

mod cas;
mod client;
mod defects;
mod http;
mod pages;
mod people;
pub mod ports;
mod routes;
mod site;
mod state;
pub mod target;
mod tls;

use std::sync::Arc;
use std::time::Duration;

pub use defects::Defect;
use site::Site;

/// Why the demonstration ENT does not start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No defect has that name.
    #[error("unknown defect: {0}")]
    Defect(String),
    /// The port is taken, most often.
    #[error("cannot listen on 127.0.0.1: {0}")]
    Listen(#[from] std::io::Error),
    /// A certificate could not be made or read.
    #[error("certificate: {0}")]
    Certificate(String),
    /// A service that is not on the loopback interface.
    #[error("not a URL of the loopback interface that ends with a slash: {0}")]
    Service(String),
}

/// How it is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Defects to have.
    pub defects: Vec<Defect>,
    /// Port of https; 0 takes any.
    pub port: u16,
    /// Port of http; 0 takes any.
    pub clear_port: u16,
    /// Services to register besides its own: prefixes of URL on the loopback interface, ending with a slash. They
    /// may proxy, are told of logouts, and have the contract of the generic service.
    pub services: Vec<String>,
    /// Authorities (PEM) that its call-outs trust besides its own.
    pub trust: Vec<String>,
    /// How long a ticket lives; five minutes unless told.
    pub ticket_life: Option<Duration>,
}

/// An invented account.
#[derive(Debug, Clone)]
pub struct Account {
    /// What is typed as the user name.
    pub login: String,
    /// Drawn at start.
    pub password: String,
}

/// A demonstration ENT that runs; dropping it stops it, threads joined.
pub struct Ent {
    // In this order: listeners stop first.
    _tls: http::Server,
    _clear: http::Server,
    site: Arc<Site>,
}

impl Ent {
    /// Starts it.
    ///
    /// # Errors
    /// When a port is taken, or an option is wrong.
    pub fn start(options: Options) -> Result<Self, Error> {
        let (clear, tls) = (http::listen(options.clear_port)?, http::listen(options.port)?);
        let ports = (clear.local_addr()?.port(), tls.local_addr()?.port());
        let defects = options.defects.clone();
        let identity = tls::identity(&|d| defects.contains(&d))?;
        let config = Arc::clone(&identity.config);
        let site = Arc::new(Site::new(options, ports, identity)?);
        let handler = |site: &Arc<Site>| -> http::Handler {
            let site = Arc::clone(site);
            Arc::new(move |request| routes::answer(&site, request))
        };
        let clear = http::Server::start(clear, None, handler(&site))?;
        let tls = http::Server::start(tls, Some(config), handler(&site))?;
        Ok(Self { _tls: tls, _clear: clear, site })
    }

    /// `https://127.0.0.1:PORT`, without a slash at the end.
    #[must_use]
    pub fn https(&self) -> &str {
        &self.site.https
    }

    /// `http://127.0.0.1:PORT`, which redirects to the other.
    #[must_use]
    pub fn http(&self) -> &str {
        &self.site.http
    }

    /// The address of the CAS server.
    #[must_use]
    pub fn cas(&self) -> String {
        format!("{}/cas", self.site.https)
    }

    /// The throw-away authority that clients must trust, in PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.site.authority
    }

    /// The accounts: a pupil, a guardian, a teacher, a head.
    #[must_use]
    pub fn accounts(&self) -> Vec<Account> {
        let all = people::PEOPLE.iter().zip(&self.site.passwords);
        all.map(|(p, password)| Account { login: p.login.to_owned(), password: password.clone() }).collect()
    }

    /// The registered services that have a contract, by the last word of their path, and `service` for the generic one.
    #[must_use]
    pub fn services(&self) -> Vec<(&'static str, String)> {
        let all = people::Contract::PATHS.iter().filter(|(_, c)| *c != people::Contract::Portal);
        all.map(|(path, _)| (path.trim_matches('/').rsplit('/').next().unwrap_or(path), format!("{}{path}", self.site.https))).collect()
    }

    /// The URL of a service of [`Self::services`].
    #[must_use]
    pub fn service(&self, name: &str) -> Option<String> {
        self.services().into_iter().find(|(n, _)| *n == name).map(|(_, url)| url)
    }
}

impl Drop for Ent {
    fn drop(&mut self) {
        self.site.join();
    }
}

/// What is known of the invented people, word by word: what must be found in no output of an audit.
#[must_use]
pub fn known_values() -> Vec<&'static str> {
    // The family name of two of them is also a word of the pages.
    let of = |p: &people::Person| [p.id, p.prenom, p.birth, p.mail].into_iter().chain((p.nom != "Démonstration").then_some(p.nom));
    people::PEOPLE.iter().flat_map(of).collect()
}
