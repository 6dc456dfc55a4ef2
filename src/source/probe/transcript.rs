//! The transcript: every exchange that took place, as data that can be kept, read by a person, and replayed with no network.
//!
//! What is written is redacted ([`super::redact`]); what is redacted keeps its shape, so that a replay gives the same facts.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use url::Url;

use super::Unanswered;
use super::http::{Answer, Request};
use super::redact::Redactor;
use crate::source::tls::Capture;

/// Version of the format.
pub const FORMAT: &str = "conforment-transcript/1";

/// What is kept of a body at most, in bytes: a login page is a hundredth of it.
const KEPT: usize = 256 << 10;

/// A file of transcripts: what `--transcript` writes and `--replay` reads.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// [`FORMAT`].
    pub format: String,
    /// When, RFC 3339: what depends on the day is judged at that day.
    pub recorded: String,
    /// Intrusive probes were run.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub intrusive: bool,
    /// One a live source, in the order of the target file.
    pub transcripts: Vec<Transcript>,
}

/// What was exchanged for one source.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transcript {
    /// Address of the source.
    pub source: String,
    /// Handshakes of each host asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tls: Vec<Capture>,
    /// Hosts that were not reached, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tls_unanswered: Vec<Unanswered>,
    /// Facts that no exchange gives again, by probe: what the server sent to the tool.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, serde_json::Value>,
    /// The exchanges.
    pub exchanges: Vec<Exchange>,
}

/// One exchange.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// From 1.
    pub number: u32,
    /// The probe that asked.
    pub probe: String,
    /// It came after credentials were given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
    /// What was asked.
    pub request: Asked,
    /// What came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answered>,
    /// Why nothing did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unanswered: Option<Unanswered>,
}

/// A request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Method.
    pub method: String,
    /// Address.
    pub url: String,
    /// Headers beside those of every request; cookies are not kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// Body.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// An answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// Body, when it is UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Body in base64, when it is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The body is not whole.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
    /// Milliseconds.
    pub millis: u64,
}

impl Exchange {
    /// An exchange as it took place: not yet fit to be written.
    pub(super) fn kept(number: u32, probe: &str, private: bool, request: &Request, answer: Result<&Answer, &Unanswered>) -> Self {
        let asked = Asked {
            method: request.method.as_str().to_owned(),
            url: request.url.to_string(),
            headers: request.headers.clone(),
            body: String::from_utf8_lossy(&request.body).into_owned(),
        };
        let answered = |answer: &Answer| {
            let cut = answer.cut || answer.body.len() > KEPT;
            let kept = &answer.body[..answer.body.len().min(KEPT)];
            let body = std::str::from_utf8(kept).ok().map(str::to_owned);
            let base64 = body.is_none().then(|| STANDARD.encode(kept));
            Answered { status: answer.status, headers: answer.headers.clone(), body, base64, cut, millis: answer.millis }
        };
        Self {
            number,
            probe: probe.to_owned(),
            private,
            request: asked,
            answer: answer.ok().map(answered),
            unanswered: answer.err().copied(),
        }
    }

    /// Fit to be written.
    pub(super) fn redacted(&self, redactor: &Redactor) -> Self {
        let mut out = self.clone();
        out.request.url = redactor.url(&self.request.url);
        out.request.headers = redactor.headers(&self.request.headers);
        out.request.body = redactor.form(&self.request.body);
        if let Some(answer) = &mut out.answer {
            answer.headers = redactor.headers(&answer.headers);
            // Text of another charset is known through its bytes only: after a login they may name somebody.
            if self.private && answer.base64.take().is_some() {
                answer.cut = true;
            }
            answer.body = answer.body.take().map(|body| redactor.body(&body, self.private));
        }
        out
    }

    /// The answer, as if it came again.
    pub(super) fn replayed(self, number: u32, url: &Url) -> Result<Answer, Unanswered> {
        if let Some(why) = self.unanswered {
            return Err(why);
        }
        let answer = self.answer.ok_or(Unanswered::NotRecorded)?;
        let decoded = answer.base64.and_then(|text| STANDARD.decode(text).ok());
        let body = answer.body.map(String::into_bytes).or(decoded).unwrap_or_default();
        let url = url.clone();
        Ok(Answer { exchange: number, url, status: answer.status, headers: answer.headers, body, cut: answer.cut, millis: answer.millis })
    }
}
