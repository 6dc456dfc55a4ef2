//! The one HTTP client: HTTP/1.1 over rustls, no redirection followed, no cookie kept, bounded.
//!
//! Must be used by [`super::Door`] only.

use std::error::Error as _;
use std::io::{ErrorKind, Read};
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
    /// Why there is no answer. A body that stops short, or has no end, is an answer that is `cut`; one that is not there in time is
    /// no answer.
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
        let (body, cut) = body(answer, limits.body, started + limits.timeout)?;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Answer { exchange, url: request.url.clone(), status, headers, body, cut, millis })
    }
}

/// The bytes of a body, `most` of them, and whether there was an end. The client's own timeout starts again at each read: a server that
/// gives one byte at a time would never be left.
fn body(mut from: impl Read, most: usize, deadline: Instant) -> Result<(Vec<u8>, bool), Unanswered> {
    let (mut body, mut part) = (Vec::new(), [0; 16 * 1024]);
    while body.len() <= most {
        if Instant::now() >= deadline {
            return Err(Unanswered::Timeout);
        }
        match from.read(&mut part) {
            Ok(0) => return Ok((body, false)),
            Ok(read) => body.extend_from_slice(&part[..read]),
            Err(e) if e.kind() == ErrorKind::Interrupted => {}
            Err(e) if e.kind() == ErrorKind::TimedOut => return Err(Unanswered::Timeout),
            Err(_) => return Ok((body, true)),
        }
    }
    body.truncate(most);
    Ok((body, true))
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

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;
    use std::time::Duration;

    use super::super::jar::Jar;
    use super::super::redact::Redactor;
    use super::super::{Allowed, Ask, Door};
    use super::*;

    /// A server that writes `head`, then one byte each 20 ms for as long as somebody listens.
    fn dripping(head: &'static str) -> url::Url {
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let url = format!("http://{}/", listener.local_addr().expect("address"));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                std::thread::spawn(move || {
                    let read = BufReader::new(stream.try_clone().expect("clone"));
                    read.lines().map_while(Result::ok).find(String::is_empty);
                    let _ = stream.write_all(head.as_bytes());
                    while stream.write_all(b"x").is_ok() {
                        std::thread::sleep(Duration::from_millis(20));
                    }
                });
            }
        });
        url::Url::parse(&url).expect("url")
    }

    fn door(url: &url::Url, limits: Limits) -> Door {
        let wire = Wire::new(None, "test", &limits).expect("wire");
        Door::live(vec![Allowed::of(url).expect("host")], limits, wire, Redactor::new([0; 32]))
    }

    fn brief() -> Limits {
        Limits { timeout: Duration::from_millis(200), spacing: Duration::ZERO, ..Limits::default() }
    }

    #[test]
    fn a_body_that_comes_byte_by_byte_is_left_in_time_and_its_server_after_five() {
        let url = dripping("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
        let (mut door, started) = (door(&url, brief()), Instant::now());
        for _ in 0..5 {
            assert_eq!(door.ask(&Request::get(url.clone()), &mut Jar::default()), Err(Unanswered::Timeout));
        }
        for _ in 0..100 {
            assert_eq!(door.ask(&Request::get(url.clone()), &mut Jar::default()), Err(Unanswered::Silent));
        }
        assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
        assert_eq!((door.sent(), door.transcript().exchanges.len()), (5, 5));
    }

    #[test]
    fn headers_that_have_no_end_are_left_in_time() {
        let url = dripping("HTTP/1.1 200 OK\r\nX-Long: ");
        assert_eq!(door(&url, brief()).ask(&Request::get(url), &mut Jar::default()), Err(Unanswered::Timeout));
    }

    #[test]
    fn an_audit_has_a_time() {
        let url = dripping("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
        let mut door = door(&url, Limits { total: Duration::from_millis(300), spacing: Duration::from_millis(5), ..brief() });
        let until = Instant::now() + Duration::from_secs(10);
        let end = std::iter::repeat_with(|| door.ask(&Request::get(url.clone()), &mut Jar::default()))
            .take_while(|_| Instant::now() < until)
            .find(|answer| answer.as_ref().err() == Some(&Unanswered::OutOfTime));
        assert!(end.is_some());
    }
}
