//! The one HTTP client: HTTP/1.1 over rustls, no redirection followed, no cookie kept, bounded.
//!
//! Must be used by [`super::Door`] only.

use std::error::Error as _;
use std::io::Read;
use std::time::Instant;

use reqwest::blocking::Client;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Method as HttpMethod};

use super::http::{Answer, Method, Request};
use super::{Limits, Unanswered};

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The file of the authority is not a list of certificates in PEM.
    #[error("not a certificate in PEM: {0}")]
    Authority(#[source] reqwest::Error),
    /// The client itself.
    #[error("the HTTP client cannot be made: {0}")]
    Client(#[source] reqwest::Error),
}

/// The client.
pub struct Wire {
    client: Client,
}

/// Makes ring the provider of rustls, once for the process.
pub fn provide_crypto() {
    // The error says that a provider is already there: it is ours, there is no other.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

impl Wire {
    /// A client that trusts the authorities of the system, and those of `authority` (PEM); `agent` is its User-Agent.
    ///
    /// # Errors
    /// The PEM, or the client.
    pub fn new(authority: Option<&[u8]>, agent: &str, limits: &Limits) -> Result<Self, WireError> {
        provide_crypto();
        let extra = match authority {
            Some(pem) => Certificate::from_pem_bundle(pem).map_err(WireError::Authority)?,
            None => Vec::new(),
        };
        let builder = Client::builder()
            .user_agent(agent)
            .redirect(Policy::none())
            .referer(false)
            .http1_only()
            .http1_max_headers(200)
            .pool_max_idle_per_host(1)
            .connect_timeout(limits.timeout / 2)
            .timeout(limits.timeout)
            .tls_certs_merge(extra);
        Ok(Self { client: builder.build().map_err(WireError::Client)? })
    }

    /// One exchange.
    ///
    /// # Errors
    /// Why there is no answer. A body that stops short, or has no end, is an answer that is `cut`.
    pub(super) fn send(&self, request: &Request, cookies: Option<&str>, limits: &Limits, exchange: u32) -> Result<Answer, Unanswered> {
        let started = Instant::now();
        let method = match request.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
            Method::Options => HttpMethod::OPTIONS,
            Method::Trace => HttpMethod::TRACE,
        };
        let mut asked = self.client.request(method, request.url.clone()).header("Accept", "text/html,application/xml;q=0.9,*/*;q=0.8");
        asked = asked.header("Accept-Language", "fr,en;q=0.5");
        for (name, value) in &request.headers {
            asked = asked.header(name, value);
        }
        if let Some(cookies) = cookies {
            asked = asked.header("Cookie", cookies);
        }
        if !request.body.is_empty() {
            asked = asked.body(request.body.clone());
        }
        let answer = asked.send().map_err(|e| why(&e))?;
        let status = answer.status().as_u16();
        let headers =
            answer.headers().iter().map(|(n, v)| (n.as_str().to_owned(), v.as_bytes().iter().map(|b| *b as char).collect())).collect();
        let (mut body, mut cut) = (Vec::new(), false);
        let mut limited = answer.take(limits.body as u64 + 1);
        let read = limited.read_to_end(&mut body);
        cut |= read.is_err() || body.len() > limits.body;
        body.truncate(limits.body);
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Answer { exchange, url: request.url.clone(), status, headers, body, cut, millis })
    }
}

/// The kind of an error, from what it was caused by.
fn why(error: &reqwest::Error) -> Unanswered {
    let mut cause = error.source();
    while let Some(inner) = cause {
        if inner.downcast_ref::<std::io::Error>().is_some_and(|io| io.get_ref().is_some_and(|e| e.is::<rustls::Error>())) {
            return Unanswered::Tls;
        }
        if inner.is::<rustls::Error>() {
            return Unanswered::Tls;
        }
        cause = inner.source();
    }
    match error {
        e if e.is_timeout() => Unanswered::Timeout,
        e if e.is_connect() => Unanswered::Unreachable,
        _ => Unanswered::Protocol,
    }
}
