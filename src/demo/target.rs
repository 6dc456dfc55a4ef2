//! The target file that somebody who audits the demonstration ENT would write.

use std::io::Write;
use std::path::Path;

use serde_json::json;

use super::Ent;
use crate::target::{Environment, SourceSpec, Target};

/// The contracts that the ENT has services for.
const CONTRACTS: &[&str] = &["moodle", "kne", "gepi", "pronote", "elea"];

/// An address where the audit may play a service of its own, to be told of logouts.
///
/// # Errors
/// No port is free.
pub fn free_listener() -> std::io::Result<String> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    Ok(format!("http://127.0.0.1:{port}/"))
}

/// The target of an audit of `ent`, started with `listener` among its services. The authority and the accounts are written in
/// `private`, a directory that nobody else can read.
///
/// # Errors
/// A file that cannot be written.
pub fn of(ent: &Ent, listener: &str, private: &Path, name: &str) -> std::io::Result<Target> {
    let authority = private.join("autorite-de-l-audit.pem");
    std::fs::write(&authority, ent.authority())?;
    let mut accounts = Vec::new();
    for account in ent.accounts() {
        let file = private.join(format!("compte-{}", account.login));
        let mut options = std::fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.write(true).create_new(true).open(&file)?.write_all(format!("{}\n{}\n", account.login, account.password).as_bytes())?;
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
    let spec = json!({
        "url": ent.cas(), "clear_url": format!("{}/cas", ent.http()), "versions": ["1.0", "2.0", "3.0"],
        "service": ent.service("service"), "other_service": ent.service("moodle"),
        "accounts": accounts, "services": services,
        "listener": {"bind": listener.trim_start_matches("http://").trim_end_matches('/'), "url": listener},
        "network": {"ca": authority, "spacing_ms": 0, "timeout_s": 15},
    });
    let spec = serde_json::from_value(spec).map_err(std::io::Error::other)?;
    let sources = vec![SourceSpec::Cas(Box::new(spec))];
    Ok(Target { version: 1, name: name.to_owned(), environment: Environment::Recette, sources, ..Target::default() })
}
