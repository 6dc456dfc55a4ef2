//! The command line in the user's language: help texts from the catalogue, errors of our own wording.

use std::ffi::OsString;
use std::io::Write;

use anyhow::Result;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory};

use super::exit::Exit;
use super::{Cli, tell};
use crate::i18n::{Lang, catalogue, t, tf};

/// The language asked for, before anything else is read.
pub(super) fn lang_of(args: &[OsString]) -> Lang {
    let texts: Vec<&str> = args.iter().filter_map(|a| a.to_str()).collect();
    let english = texts.windows(2).any(|w| w == ["--lang", "en"]) || texts.contains(&"--lang=en");
    if english { Lang::En } else { Lang::Fr }
}

/// The command with its help in that language.
pub(super) fn command(lang: Lang) -> Command {
    translate(Cli::command(), "cli", lang)
}

fn translate(command: Command, path: &str, lang: Lang) -> Command {
    let has = |key: &str| catalogue(lang).contains_key(key);
    let told = |key: &str| crate::i18n::typo(lang, t(lang, key));
    let mut command = command
        .help_template(template(lang))
        .subcommand_help_heading(t(lang, "cli.commands"))
        .subcommand_value_name(t(lang, "cli.value.command"));
    if has(path) {
        command = command.about(told(path));
    }
    if has(&format!("{path}.more")) {
        command = command.after_help(told(&format!("{path}.more")));
    }
    let args: Vec<String> = command.get_arguments().map(|a| a.get_id().to_string()).collect();
    for id in args {
        let own = format!("{path}.{id}");
        let key = if has(&own) { own } else { format!("cli.{id}") };
        command = command.mut_arg(&id, |a| {
            let a = if a.get_action().takes_values() { a.hide_default_value(true).hide_possible_values(true) } else { a };
            let a = if a.is_positional() { a.help_heading(t(lang, "cli.arguments")) } else { a.help_heading(t(lang, "cli.options")) };
            let name = a.get_value_names().and_then(|names| catalogue(lang).get(&format!("cli.value.{}", names.first()?.to_lowercase())));
            let a = if let Some(name) = name { a.value_name(name.as_str()) } else { a };
            if has(&key) { a.help(told(&key)) } else { a }
        });
    }
    let names: Vec<String> = command.get_subcommands().map(|c| c.get_name().to_owned()).collect();
    for name in names {
        let below = format!("{path}.{name}");
        command = command.mut_subcommand(&name, |c| translate(c, &below, lang));
    }
    if path == "cli" {
        let (help, version) = (told("cli.help"), told("cli.version"));
        command = command
            .disable_help_flag(true)
            .disable_version_flag(true)
            .arg(
                clap::Arg::new("help")
                    .short('h')
                    .long("help")
                    .action(clap::ArgAction::Help)
                    .global(true)
                    .help(help)
                    .help_heading(t(lang, "cli.options")),
            )
            .arg(
                clap::Arg::new("version")
                    .short('V')
                    .long("version")
                    .action(clap::ArgAction::Version)
                    .help(version)
                    .help_heading(t(lang, "cli.options")),
            );
    }
    command
}

fn template(lang: Lang) -> String {
    format!("{{about}}\n\n{} {{usage}}\n\n{{all-args}}{{after-help}}", t(lang, "cli.usage"))
}

/// Says what is wrong with the arguments, or shows what was asked for.
pub(super) fn refuse(error: &clap::Error, lang: Lang) -> Result<Exit> {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        write!(anstream::stdout(), "{}", error.render().ansi())?;
        return Ok(Exit::Conforming);
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        tell(error.render().ansi().to_string().trim_end());
        return Ok(Exit::Usage);
    }
    let context = |kind| match error.get(kind) {
        Some(ContextValue::String(s)) => s.clone(),
        Some(ContextValue::Strings(s)) => s.join(", "),
        _ => String::new(),
    };
    let (what, value) = (context(ContextKind::InvalidArg), context(ContextKind::InvalidValue));
    let key = match error.kind() {
        ErrorKind::UnknownArgument => "cli.error.unknown",
        ErrorKind::InvalidSubcommand => "cli.error.command",
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => "cli.error.value",
        ErrorKind::MissingRequiredArgument => "cli.error.missing",
        ErrorKind::ArgumentConflict => "cli.error.conflict",
        _ => "cli.error.other",
    };
    let what = if key == "cli.error.command" { context(ContextKind::InvalidSubcommand) } else { what };
    tell(&format!("{} {}", t(lang, "cli.error"), tf(lang, key, &[("what", &what), ("value", &value)])));
    let allowed = context(ContextKind::ValidValue);
    if !allowed.is_empty() {
        tell(&format!("  {}", tf(lang, "cli.error.allowed", &[("values", &allowed)])));
    }
    let near = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue].map(context);
    if let Some(near) = near.iter().find(|s| !s.is_empty()) {
        tell(&format!("  {}", tf(lang, "cli.error.near", &[("value", near)])));
    }
    tell(&format!("  {}", t(lang, "cli.error.help")));
    Ok(Exit::Usage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untold(command: &Command, path: &str, lang: Lang, out: &mut Vec<String>) {
        let has = |key: &str| catalogue(lang).contains_key(key);
        if !has(path) {
            out.push(path.to_owned());
        }
        for arg in command.get_arguments().filter(|a| !matches!(a.get_id().as_str(), "help" | "version")) {
            let (own, shared) = (format!("{path}.{}", arg.get_id()), format!("cli.{}", arg.get_id()));
            if !has(&own) && !has(&shared) {
                out.push(own);
            }
        }
        for below in command.get_subcommands() {
            untold(below, &format!("{path}.{}", below.get_name()), lang, out);
        }
    }

    #[test]
    fn every_command_and_option_is_told_in_both_languages() {
        for lang in Lang::ALL {
            let mut out = Vec::new();
            untold(&Cli::command(), "cli", lang, &mut out);
            assert!(out.is_empty(), "{}: {out:?}", lang.code());
        }
        command(Lang::Fr).debug_assert();
    }
}
