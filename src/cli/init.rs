//! `conforment init [PATH…]`: writes a target file to start from; an address is that of a server.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::exit::Exit;
use super::{Global, tell};
use crate::i18n::{t, tf};
use crate::source::{self, aaf};

/// `conforment init`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[arg(short, long, value_name = "FILE", default_value = "ent.yaml")]
    output: PathBuf,
}

/// The kind of a server, by its address, and what the target file may say of it.
fn server(path: &Path) -> Option<(&'static str, &'static str)> {
    match path.to_str()?.split_once("://")?.0 {
        "http" | "https" => Some(("cas", "init.cas")),
        "ldap" | "ldaps" => Some(("ldap", "init.ldap")),
        _ => None,
    }
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    if args.output.exists() {
        bail!("{}", tf(lang, "init.exists", &[("path", &args.output.display())]));
    }
    let mut sources = String::new();
    let examples = [PathBuf::from("livraison-aaf")];
    for path in if args.paths.is_empty() { &examples[..] } else { &args.paths } {
        if let Some((kind, template)) = server(path) {
            let url = serde_json::to_string(&path.display().to_string())?;
            sources.push_str(&format!("  - kind: {kind}\n    url: {url}\n{}", t(lang, template)));
            continue;
        }
        let mut kinds = source::recognised(path);
        if kinds.is_empty() {
            kinds.push(aaf::PREFIX);
        }
        for kind in kinds {
            // JSON strings are YAML strings: whatever the path holds.
            let path = serde_json::to_string(&path.display().to_string())?;
            sources.push_str(&format!("  - kind: {kind}\n    path: {path}\n{}", t(lang, &format!("init.{kind}"))));
        }
    }
    let text = t(lang, "init.template").replace("{sources}", &sources);
    std::fs::write(&args.output, text)?;
    tell(&tf(lang, "init.written", &[("path", &args.output.display())]));
    Ok(Exit::Conforming)
}
