//! Exit codes: one enum, from which `docs/exit-codes.md` is generated.

use std::process::ExitCode;

use crate::report::model::OverallVerdict;

/// How a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Conforming, or conforming with reservations; for other commands, done.
    Conforming,
    /// Non-conforming.
    NonConforming,
    /// Wrong arguments, files or requirement sets.
    Usage,
    /// Too little could be determined.
    Inconclusive,
    /// A gate failed.
    Gate,
    /// Integrity could not be verified.
    Integrity,
    /// A bug of the tool.
    Internal,
}

impl Exit {
    /// Every code.
    pub const ALL: [Self; 7] =
        [Self::Conforming, Self::NonConforming, Self::Usage, Self::Inconclusive, Self::Gate, Self::Integrity, Self::Internal];

    /// The number given to the shell.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Conforming => 0,
            Self::NonConforming => 1,
            Self::Usage => 2,
            Self::Inconclusive => 3,
            Self::Gate => 4,
            Self::Integrity => 5,
            Self::Internal => 70,
        }
    }

    /// Key of its meaning in the catalogue.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Conforming => "exit.conforming",
            Self::NonConforming => "exit.non_conforming",
            Self::Usage => "exit.usage",
            Self::Inconclusive => "exit.inconclusive",
            Self::Gate => "exit.gate",
            Self::Integrity => "exit.integrity",
            Self::Internal => "exit.internal",
        }
    }

    /// Of a verdict.
    #[must_use]
    pub fn of(verdict: OverallVerdict) -> Self {
        match verdict {
            OverallVerdict::Conforme | OverallVerdict::ConformeSousReserve => Self::Conforming,
            OverallVerdict::NonConforme => Self::NonConforming,
            OverallVerdict::NonConcluant => Self::Inconclusive,
        }
    }

    /// The page of the documentation, in one language.
    #[must_use]
    pub fn page(lang: crate::i18n::Lang) -> String {
        use crate::i18n::t;
        let mut page =
            format!("# {}\n\n<!-- generated from src/cli/exit.rs; UPDATE_DOCS=1 cargo test rewrites it -->\n\n", t(lang, "exit.title"));
        page.push_str(&format!("| {} | {} |\n|---|---|\n", t(lang, "exit.code"), t(lang, "exit.meaning")));
        for exit in Self::ALL {
            page.push_str(&format!("| {} | {} |\n", exit.code(), t(lang, exit.key())));
        }
        page
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
