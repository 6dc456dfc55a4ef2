//! `conforment demo`: audits the demonstration ENT, or runs it (`--serve`) to try a client against it.
//!
//! Writes the throw-away authority, and nothing else, in a private directory that goes away with the server.

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::audit::RunArgs;
use super::exit::Exit;
use super::{Global, tell};
use crate::demo::{Defect, Ent, Error, Options, target};
use crate::i18n::{Lang, t, tf};
use crate::privacy::Pseudonyms;
use crate::report::model::PerimeterOrigin;

/// `conforment demo`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[arg(long)]
    serve: bool,
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    defect: Vec<String>,
    #[arg(long)]
    list_defects: bool,
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn run(args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    if args.list_defects {
        return list(lang);
    }
    let callbacks = target::Callbacks::draw()?;
    let options = Options { port: args.port, ..callbacks.options(named(&args.defect, lang)?) };
    let ent = match Ent::start(options) {
        Err(Error::Listen(cause)) => bail!("{}", tf(lang, "demo.no_port", &[("cause", &cause)])),
        other => other?,
    };
    if args.serve { serve(&ent, lang) } else { audit(&ent, &callbacks, args, global) }
}

/// Audits the ENT as `audit` would, with a target file that would say what this says.
fn audit(ent: &Ent, callbacks: &target::Callbacks, args: &Args, global: &Global) -> Result<Exit> {
    let lang = global.lang();
    let private = Private::write("autorite.pem", ent.authority())?;
    let target = target::of(ent, callbacks, &private.directory, t(lang, "demo.name"))?;
    tell(t(lang, "demo.auditing"));
    args.run.go(&target, args.run.output.prepare(lang)?.as_ref(), Pseudonyms::ephemeral()?, PerimeterOrigin::Implied, global)
}

fn named(names: &[String], lang: Lang) -> Result<Vec<Defect>> {
    let one = |name: &String| name.parse().map_err(|_: Error| anyhow::anyhow!(tf(lang, "demo.unknown_defect", &[("name", name)])));
    names.iter().map(one).collect()
}

fn list(lang: Lang) -> Result<Exit> {
    let mut out = anstream::stdout().lock();
    for defect in Defect::ALL {
        writeln!(out, "{:<28} {} [{}]", defect.name(), defect.description(lang), defect.breaks_told(lang))?;
    }
    Ok(Exit::Conforming)
}

/// Says where it is and waits for the end of the standard input; Ctrl-C ends the process.
fn serve(ent: &Ent, lang: Lang) -> Result<Exit> {
    let authority = Private::write("autorite.pem", ent.authority())?;
    {
        let mut out = anstream::stdout().lock();
        let mut line = |key: &str, value: &dyn std::fmt::Display| writeln!(out, "{:<22} {value}", t(lang, key));
        line("demo.portal", &format!("{}/", ent.https()))?;
        line("demo.cas", &ent.cas())?;
        line("demo.clear", &format!("{}/", ent.http()))?;
        line("demo.authority", &authority.file.display())?;
        for (_, url) in ent.services() {
            line("demo.service", &url)?;
        }
        for account in ent.accounts() {
            line("demo.account", &format!("{} / {}", account.login, account.password))?;
        }
        out.flush()?;
    }
    tell(t(lang, "demo.notice"));
    tell(t(lang, "demo.stop"));
    let (mut input, mut block) = (std::io::stdin().lock(), [0u8; 4096]);
    while input.read(&mut block)? > 0 {}
    Ok(Exit::Conforming)
}

/// A file in a directory of its own that only its owner reads; both go away with it.
struct Private {
    directory: PathBuf,
    file: PathBuf,
}

impl Private {
    fn write(name: &str, text: &str) -> Result<Self> {
        let mut random = [0u8; 8];
        getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!(e.to_string()))?;
        let directory = std::env::temp_dir().join(format!("conforment-demo-{:016x}", u64::from_ne_bytes(random)));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        // Fails when it exists: nobody else's directory is used.
        builder.create(&directory).with_context(|| directory.display().to_string())?;
        let private = Self { file: directory.join(name), directory };
        let mut options = std::fs::OpenOptions::new();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.write(true).create_new(true).open(&private.file);
        file.and_then(|mut f| f.write_all(text.as_bytes())).with_context(|| private.file.display().to_string())?;
        Ok(private)
    }
}

impl Drop for Private {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}
