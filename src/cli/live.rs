//! What the commands that ask servers share: how far to go, what to replay, where to keep the transcript.

use std::path::PathBuf;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;

use super::tell;
use crate::audit::live::Live;
use crate::i18n::{Lang, t, tf};
use crate::source::cas::Consent;
use crate::source::probe::transcript::{FORMAT, Recording};
use crate::target::{Environment, Target};

/// Options of live sources.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct LiveArgs {
    #[arg(long)]
    intrusive: bool,
    #[arg(long)]
    slow: bool,
    #[arg(long, value_name = "FILE")]
    transcript: Option<PathBuf>,
    #[arg(long, value_name = "FILE", conflicts_with_all = ["intrusive", "slow", "transcript"])]
    replay: Option<PathBuf>,
}

/// A recording larger than this is not one of ours.
const MOST: u64 = 256 << 20;

impl LiveArgs {
    /// What the user agreed to.
    pub(super) fn consent(&self, target: &Target, lang: Lang) -> Result<Consent> {
        if self.intrusive && target.environment != Environment::Recette {
            bail!("{}", t(lang, "live.not_recette"));
        }
        Ok(Consent { intrusive: self.intrusive, slow: self.slow })
    }

    /// How live sources will be observed, at `now`.
    pub(super) fn open(&self, target: &Target, now: Timestamp, lang: Lang) -> Result<Arc<Live>> {
        let consent = self.consent(target, lang)?;
        let mut live = Live { consent, now: now.as_second(), asked: AtomicU64::new(0), ..Live::default() };
        if let Some(path) = &self.replay {
            let wrong = || tf(lang, "live.bad_transcript", &[("path", &path.display())]);
            if std::fs::metadata(path).with_context(wrong)?.len() > MOST {
                bail!("{}", wrong());
            }
            let recording: Recording = serde_json::from_slice(&std::fs::read(path).with_context(wrong)?).with_context(wrong)?;
            if recording.format != FORMAT {
                bail!("{}", wrong());
            }
            live.now = recording.recorded.parse::<Timestamp>().with_context(wrong)?.as_second();
            // What a recording holds of slow or intrusive probes is shown as it was.
            live.consent = Consent { intrusive: recording.intrusive, slow: false };
            live.replay = Some(Mutex::new(recording.transcripts.into_iter()));
        }
        live.kept = self.transcript.is_some().then(Mutex::default);
        Ok(Arc::new(live))
    }

    /// Writes the transcript that was asked for.
    pub(super) fn close(&self, live: &Live, generated: &str, lang: Lang) -> Result<()> {
        let (Some(path), Some(kept)) = (&self.transcript, &live.kept) else { return Ok(()) };
        let transcripts = kept.lock().map(|mut k| std::mem::take(&mut *k)).unwrap_or_default();
        if transcripts.is_empty() {
            tell(t(lang, "live.nothing_recorded"));
        }
        let recording =
            Recording { format: FORMAT.to_owned(), recorded: generated.to_owned(), intrusive: live.consent.intrusive, transcripts };
        let text = serde_json::to_string_pretty(&recording)?;
        std::fs::write(path, text + "\n").with_context(|| tf(lang, "live.not_written", &[("path", &path.display())]))?;
        tell(&tf(lang, "live.written", &[("path", &path.display())]));
        Ok(())
    }
}
