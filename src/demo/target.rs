//! The target file that somebody who audits the demonstration ENT would write.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::ports::Reserved;
use super::{Defect, Ent, Options};
use crate::target::{Environment, SourceSpec, Target};

/// The contracts that the ENT has services for.
const CONTRACTS: &[&str] = &["moodle", "kne", "gepi", "pronote", "elea"];

/// Where the audit plays services of its own: one to be told of logouts, one that proxies, one registered for nothing.
#[derive(Debug)]
pub struct Callbacks {
    listener: Reserved,
    proxy: Reserved,
    unregistered: Reserved,
    authority: String,
    certificate: String,
    key: String,
}

impl Callbacks {
    /// Ports kept aside as long as this lives, and a certificate of a throw-away authority.
    ///
    /// # Errors
    /// No port is free, or no certificate can be drawn.
    pub fn draw() -> std::io::Result<Self> {
        let (listener, proxy, unregistered) = (Reserved::draw()?, Reserved::draw()?, Reserved::draw()?);
        let (authority, certificate, key) = super::tls::of_loopback().map_err(std::io::Error::other)?;
        Ok(Self { listener, proxy, unregistered, authority, certificate, key })
    }

    /// The options of an ENT that knows them.
    #[must_use]
    pub fn options(&self, defects: Vec<Defect>) -> Options {
        let services = vec![url("http", &self.listener), url("https", &self.proxy)];
        Options { defects, services, trust: vec![self.authority.clone()], ..Options::default() }
    }
}

/// The address of a service that the audit plays there.
fn url(scheme: &str, port: &Reserved) -> String {
    format!("{scheme}://{}/", port.address())
}

/// Writes a file that only its owner reads.
fn private_file(file: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.write(true).create_new(true).open(file)?.write_all(text.as_bytes())
}

/// The target of an audit of `ent`, started with the options of `callbacks`. The authority and the accounts are written in
/// `private`, a directory that nobody else can read.
///
/// # Errors
/// A file that cannot be written.
pub fn of(ent: &Ent, callbacks: &Callbacks, private: &Path, name: &str) -> std::io::Result<Target> {
    let authority = private.join("autorite-de-l-audit.pem");
    std::fs::write(&authority, ent.authority())?;
    let mut accounts = Vec::new();
    for account in ent.accounts() {
        let file = private.join(format!("compte-{}", account.login));
        private_file(&file, &format!("{}\n{}\n", account.login, account.password))?;
        // `eleve-demo`: the name of an account says its profile, by the words of the contracts.
        let profile = match account.login.split('-').next() {
            Some("prof") => "enseignant",
            Some("direction") => "personnel",
            Some("parent") => "parent",
            _ => "eleve",
        };
        accounts.push(json!({"profile": profile, "file": file}));
    }
    let services: Vec<_> = CONTRACTS.iter().filter_map(|c| Some(json!({"contract": c, "url": ent.service(c)?}))).collect();
    let (certificate, key) = (private.join("mandataire.pem"), private.join("mandataire.key"));
    std::fs::write(&certificate, &callbacks.certificate)?;
    private_file(&key, &callbacks.key)?;
    let played = |scheme: &str, port: &Reserved| json!({"bind": port.address(), "url": url(scheme, port)});
    let mut proxy = played("https", &callbacks.proxy);
    proxy["certificate"] = json!(certificate);
    proxy["key"] = json!(key);
    proxy["unregistered"] = played("https", &callbacks.unregistered);
    let spec = json!({
        "url": ent.cas(), "clear_url": format!("{}/cas", ent.http()), "versions": ["1.0", "2.0", "3.0"],
        "service": ent.service("service"), "other_service": ent.service("moodle"),
        "accounts": accounts, "services": services,
        "listener": played("http", &callbacks.listener), "proxy": proxy,
        "network": {"ca": authority, "spacing_ms": 0, "timeout_s": 15},
    });
    let spec = serde_json::from_value(spec).map_err(std::io::Error::other)?;
    let sources = vec![SourceSpec::Cas(Box::new(spec))];
    Ok(Target { version: 1, name: name.to_owned(), environment: Environment::Recette, sources, ..Target::default() })
}
