//! `conforment plan [ent.yaml]`: what an audit would ask of servers, class by class. Sends nothing.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::Result;

use super::Global;
use super::exit::Exit;
use super::live::LiveArgs;
use crate::i18n::{Lang, t, tf};
use crate::source::cas::plan::{Planned, planned};
use crate::target::{SourceSpec, Target};

/// `conforment plan`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(value_name = "TARGET", default_value = "ent.yaml")]
    target: PathBuf,
    #[command(flatten)]
    live: LiveArgs,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    let text = super::read_target(&args.target)?;
    let target = Target::parse(&args.target, &text)?;
    let consent = args.live.consent(&target, lang)?;
    let mut out = String::new();
    let mut any = false;
    for source in &target.sources {
        let (url, network, plan) = match source {
            SourceSpec::Cas(spec) => (spec.url.url(), &spec.network, planned(spec, consent)),
            SourceSpec::Web(spec) => (spec.url.url(), &spec.network, crate::source::cas::plan::web(spec)),
            SourceSpec::Ldap(spec) => {
                any = true;
                let (page, timeout, memory) = (spec.page(), spec.timeout().as_secs(), spec.memory() >> 20);
                let limits: [(&str, &dyn std::fmt::Display); 4] =
                    [("host", &spec.url.host()), ("page", &page), ("timeout", &timeout), ("memory", &memory)];
                let _ = writeln!(out, "{}\n  {}", spec.url, tf(lang, "plan.ldap.limits", &limits));
                classes(&mut out, &crate::source::annuaire::server::planned(spec), true, lang);
                continue;
            }
            _ => continue,
        };
        any = true;
        let limits = network.limits();
        let _ = writeln!(out, "{url}");
        let hosts: Vec<&str> = url.host_str().into_iter().chain(network.hosts.iter().map(String::as_str)).collect();
        let limits: [(&str, &dyn std::fmt::Display); 5] = [
            ("hosts", &hosts.join(", ")),
            ("requests", &limits.requests),
            ("spacing", &limits.spacing.as_millis()),
            ("timeout", &limits.timeout.as_secs()),
            ("total", &limits.total.as_secs()),
        ];
        let _ = writeln!(out, "  {}", tf(lang, "plan.limits", &limits));
        classes(&mut out, &plan, false, lang);
    }
    if !any {
        let _ = writeln!(out, "{}", t(lang, "plan.nothing"));
    }
    let _ = writeln!(out, "{}", t(lang, "plan.sent_nothing"));
    writeln!(anstream::stdout(), "{}", out.trim_end())?;
    Ok(Exit::Conforming)
}

/// What is planned, class by class, in the words of a directory, or of the web.
fn classes(out: &mut String, plan: &[Planned], directory: bool, lang: Lang) {
    for class in ["GET", "NEG", "AUTH", "INT", "TLS"] {
        let inside: Vec<&Planned> = plan.iter().filter(|p| p.class == class).collect();
        if inside.is_empty() {
            continue;
        }
        let key = class.to_ascii_lowercase();
        // The names of classes are words of HTTP: a directory knows none of them.
        let _ = match directory {
            true => writeln!(out, "\n  {}", t(lang, &format!("plan.ldap.class.{key}"))),
            false => writeln!(out, "\n  {class} — {}", t(lang, &format!("plan.class.{key}"))),
        };
        for planned in inside {
            match &planned.missing {
                Some(why) => {
                    let _ = writeln!(out, "    – {:<24} {}", planned.probe, t(lang, why));
                }
                None => {
                    for (rank, request) in planned.requests.iter().enumerate() {
                        let _ = writeln!(out, "    {:<26} {request}", if rank == 0 { planned.probe.as_str() } else { "" });
                    }
                    if let Some(key) = planned.note {
                        let _ = writeln!(
                            out,
                            "    {:<26} {}",
                            if planned.requests.is_empty() { planned.probe.as_str() } else { "" },
                            t(lang, key)
                        );
                    }
                }
            }
        }
    }
    let count: usize = plan.iter().filter(|p| p.missing.is_none()).map(|p| p.count).sum();
    let total = if directory { "plan.ldap.total" } else { "plan.total" };
    let _ = writeln!(out, "\n  {}\n", tf(lang, total, &[("count", &count)]));
}
