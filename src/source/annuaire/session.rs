//! A connection to a directory server: TLS that is verified, simple bind, searches page by page.
//!
//! Connects to the address of the target file and to nothing else: a referral is counted, never followed. Each answer has its time and
//! the conversation has its own, whatever the rhythm of the bytes; no message is kept that is larger than any entry read. Must never
//! know what an entry means, nor keep or tell a value.

use std::error::Error as _;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{AlertDescription, CertificateError, ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned};
use rustls_platform_verifier::Verifier;

use super::ber::{self, tag};
use super::message::{self, Answer, Entry, Scope, Search};
use crate::outcome::Message;
use crate::source::files::chunk::MAX_RECORD;
use crate::source::timed::Timed;
use crate::target::ldap::LdapUrl;

/// Why a server is not asked, or asked no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has no address, or no way leads to it.
    Unreachable,
    /// Its port is closed: the machine itself says so.
    Closed,
    /// No answer in time.
    Timeout,
    /// The time of the whole audit of it is over.
    OutOfTime,
    /// The connection ended.
    Lost,
    /// The authority of its certificate is not known: self-signed, or private.
    Authority,
    /// The dates of its certificate.
    Expired,
    /// Its certificate is of another name.
    Name,
    /// Its certificate has not the form that is expected today.
    Form,
    /// Nothing that both sides know was agreed on, or the server hung up before.
    Handshake,
    /// It wants the certificate of a client.
    Client,
    /// TLS for another reason.
    Tls,
    /// It does not start TLS.
    NoTls,
    /// What came back is not LDAP, or not what was asked for.
    Protocol,
    /// A message larger than any that is read.
    Oversized,
}

impl Refusal {
    /// In words.
    #[must_use]
    pub fn message(self) -> Message {
        Message::new(match self {
            Self::Unreachable | Self::Closed => "problem.ldap.unreachable",
            Self::Timeout => "problem.ldap.timeout",
            Self::OutOfTime => "problem.ldap.out_of_time",
            Self::Lost => "problem.ldap.lost",
            Self::Authority => "problem.ldap.authority",
            Self::Expired => "problem.ldap.expired",
            Self::Name => "problem.ldap.name",
            Self::Form => "problem.ldap.form",
            Self::Handshake => "problem.ldap.handshake",
            Self::Client => "problem.ldap.client",
            Self::Tls => "problem.ldap.tls",
            Self::NoTls => "problem.ldap.no_tls",
            Self::Protocol => "problem.ldap.protocol",
            Self::Oversized => "problem.ldap.too_large",
        })
    }

    fn of_io(error: &std::io::Error) -> Self {
        if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return Self::of_tls(tls);
        }
        let mut cause = error.source();
        while let Some(inner) = cause {
            if let Some(tls) = inner.downcast_ref::<rustls::Error>() {
                return Self::of_tls(tls);
            }
            cause = inner.source();
        }
        match error.kind() {
            ErrorKind::TimedOut => Self::Timeout,
            ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => Self::Lost,
            ErrorKind::InvalidData => Self::Protocol,
            ErrorKind::ConnectionRefused => Self::Closed,
            _ => Self::Unreachable,
        }
    }

    fn of_tls(error: &rustls::Error) -> Self {
        use CertificateError as C;
        match error {
            rustls::Error::InvalidCertificate(C::Expired | C::ExpiredContext { .. } | C::NotValidYet | C::NotValidYetContext { .. }) => {
                Self::Expired
            }
            rustls::Error::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => Self::Name,
            rustls::Error::InvalidCertificate(C::UnknownIssuer) => Self::Authority,
            // `Other` tells a certificate of an authority used as that of a server, which signed itself, and old forms: without names
            // of hosts, of a version before the third.
            rustls::Error::InvalidCertificate(C::Other(why)) if format!("{why:?}").contains("CaUsedAsEndEntity") => Self::Authority,
            rustls::Error::InvalidCertificate(C::Other(_) | C::BadEncoding | C::InvalidPurpose | C::InvalidPurposeContext { .. }) => {
                Self::Form
            }
            // A key or a signature that this library does not know, as are suites and versions that are not agreed on.
            rustls::Error::InvalidCertificate(
                C::UnsupportedSignatureAlgorithmContext { .. } | C::UnsupportedSignatureAlgorithmForPublicKeyContext { .. },
            )
            | rustls::Error::PeerIncompatible(_) => Self::Handshake,
            rustls::Error::AlertReceived(AlertDescription::CertificateRequired) => Self::Client,
            rustls::Error::AlertReceived(
                AlertDescription::HandshakeFailure
                | AlertDescription::ProtocolVersion
                | AlertDescription::InsufficientSecurity
                | AlertDescription::IllegalParameter
                | AlertDescription::UnrecognisedName
                | AlertDescription::InternalError,
            ) => Self::Handshake,
            _ => Self::Tls,
        }
    }
}

/// How TLS is verified: as the other live sources do, with the authorities of the system and those of `authority` (PEM).
///
/// # Errors
/// TLS cannot be set up at all.
pub fn config(authority: Option<&[u8]>) -> Result<Arc<ClientConfig>, Refusal> {
    let provider = Arc::new(ring::default_provider());
    let extra: Vec<CertificateDer<'static>> =
        authority.map(|pem| CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect()).unwrap_or_default();
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(|_| Refusal::Tls)?;
    let config = match Verifier::new_with_extra_roots(extra.clone(), provider) {
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth(),
        // A machine without authorities of its own trusts those that are given.
        Err(_) => {
            let mut roots = RootCertStore::empty();
            roots.add_parsable_certificates(extra);
            builder.with_root_certificates(roots).with_no_client_auth()
        }
    };
    Ok(Arc::new(config))
}

/// What messages go through.
enum Stream {
    Clear(Timed),
    Tls(Box<StreamOwned<ClientConnection, Timed>>),
}

impl Stream {
    fn until(&mut self, until: Instant) {
        match self {
            Self::Clear(timed) => timed.until = until,
            Self::Tls(tls) => tls.sock.until = until,
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Clear(timed) => timed.read(buffer),
            Self::Tls(tls) => tls.read(buffer),
        }
    }

    fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        let to: &mut dyn Write = match self {
            Self::Clear(timed) => timed,
            Self::Tls(tls) => tls,
        };
        to.write_all(bytes)?;
        to.flush()
    }
}

/// How long a conversation may last.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    /// For one answer.
    pub each: Duration,
    /// When all is over.
    pub end: Instant,
}

impl Time {
    /// Until when the next answer is waited for.
    fn next(self) -> Instant {
        self.end.min(Instant::now() + self.each)
    }

    /// No answer in time, or no time for any.
    fn over(self, refusal: Refusal) -> Refusal {
        if refusal == Refusal::Timeout && Instant::now() >= self.end { Refusal::OutOfTime } else { refusal }
    }
}

/// How a search ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Code of the last answer (RFC 4511).
    pub code: u32,
    /// Where to go on, when there is more.
    pub cookie: Vec<u8>,
}

/// A connection.
pub struct Session {
    stream: Stream,
    time: Time,
    /// Bytes that came and were not read, from `at` on.
    inbox: Vec<u8>,
    at: usize,
    /// Requests sent: the number of the last.
    pub sent: u32,
    /// Places that were said to be elsewhere, so far.
    pub references: u64,
    /// It says more than it is asked: nothing more is asked of it.
    broken: bool,
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// Why not.
    pub fn open(url: &LdapUrl, starttls: bool, config: Arc<ClientConfig>, time: Time) -> Result<Self, Refusal> {
        let opened = Self::connect(url, time).and_then(|mut session| {
            if starttls {
                session.start_tls()?;
            }
            if url.tls || starttls { session.secure(url.host(), config) } else { Ok(session) }
        });
        opened.map_err(|refusal| time.over(refusal))
    }

    fn connect(url: &LdapUrl, time: Time) -> Result<Self, Refusal> {
        let until = time.next();
        let mut last = Refusal::Closed;
        let mut tried = false;
        for address in (bare(url.host()), url.port()).to_socket_addrs().map_err(|_| Refusal::Unreachable)? {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Refusal::Timeout);
            }
            match TcpStream::connect_timeout(&address, left) {
                Ok(socket) => {
                    let _ = socket.set_nodelay(true);
                    let stream = Stream::Clear(Timed::new(socket, until));
                    return Ok(Self { stream, time, inbox: Vec::new(), at: 0, sent: 0, references: 0, broken: false });
                }
                // The port is closed where every address of the host says so.
                Err(why) if last == Refusal::Closed => last = Refusal::of_io(&why),
                Err(_) => {}
            }
            tried = true;
        }
        Err(if tried { last } else { Refusal::Unreachable })
    }

    fn start_tls(&mut self) -> Result<(), Refusal> {
        match self.ask(message::start_tls)? {
            Answer::Extended(0) => {}
            _ => return Err(Refusal::NoTls),
        }
        // What came in clear with the answer could be anybody's.
        if self.at < self.inbox.len() { Err(Refusal::Tls) } else { Ok(()) }
    }

    fn secure(self, host: &str, config: Arc<ClientConfig>) -> Result<Self, Refusal> {
        let Stream::Clear(mut timed) = self.stream else { return Ok(self) };
        timed.until = self.time.next();
        let name = ServerName::try_from(bare(host).to_owned()).map_err(|_| Refusal::Name)?;
        let mut connection = ClientConnection::new(config, name).map_err(|e| Refusal::of_tls(&e))?;
        while connection.is_handshaking() {
            let done = connection.complete_io(&mut timed).map_err(|e| Refusal::of_io(&e));
            // Many servers hang up where nothing can be agreed on, and say nothing.
            done.map_err(|refusal| if refusal == Refusal::Lost { Refusal::Handshake } else { refusal })?;
        }
        Ok(Self { stream: Stream::Tls(Box::new(StreamOwned::new(connection, timed))), ..self })
    }

    /// The version of TLS that was agreed on, by its name in facts.
    #[must_use]
    pub fn version(&self) -> Option<&'static str> {
        let Stream::Tls(tls) = &self.stream else { return None };
        match tls.conn.protocol_version()? {
            ProtocolVersion::TLSv1_2 => Some("tls12"),
            ProtocolVersion::TLSv1_3 => Some("tls13"),
            _ => None,
        }
    }

    /// Binds; the code that the server answers.
    ///
    /// # Errors
    /// No answer.
    pub fn bind(&mut self, dn: &str, password: &str) -> Result<u32, Refusal> {
        match self.ask(|id| message::bind(id, dn, password))? {
            Answer::Bound(code) => Ok(code),
            _ => Err(Refusal::Protocol),
        }
    }

    /// One search, or one page of it; `each` says whether more is wanted.
    ///
    /// # Errors
    /// No complete answer: entries may have been given before. More entries than were asked for is one: a server without end would
    /// otherwise be listened to.
    pub fn search(&mut self, search: &Search<'_>, page: Option<(i32, &[u8])>, each: &mut dyn FnMut(Entry) -> bool) -> Result<End, Refusal> {
        let most = match search.scope {
            Scope::Base => 1,
            Scope::Subtree => u64::try_from(search.most).ok().filter(|most| *most > 0).unwrap_or(u64::MAX),
        };
        let mut entries = 0;
        self.send(|id| message::search(id, search, page))?;
        loop {
            match self.answer()? {
                Answer::Entry(entry) => {
                    entries += 1;
                    if entries > most {
                        self.broken = true;
                        return Err(Refusal::Protocol);
                    }
                    if !each(entry) {
                        return Ok(End::default());
                    }
                }
                Answer::Reference => self.references += 1,
                Answer::Intermediate => {}
                Answer::Done(code, cookie) => return Ok(End { code, cookie }),
                Answer::Bound(_) | Answer::Extended(_) | Answer::Disconnection => return Err(Refusal::Protocol),
            }
        }
    }

    /// Says goodbye.
    pub fn close(mut self) {
        let _ = self.send(message::unbind);
    }

    fn ask(&mut self, request: impl FnOnce(i32) -> Vec<u8>) -> Result<Answer, Refusal> {
        self.send(request)?;
        self.answer()
    }

    fn send(&mut self, request: impl FnOnce(i32) -> Vec<u8>) -> Result<(), Refusal> {
        if self.broken {
            return Err(Refusal::Protocol);
        }
        self.sent += 1;
        self.stream.until(self.time.next());
        let bytes = request(i32::try_from(self.sent).map_err(|_| Refusal::Protocol)?);
        self.stream.send(&bytes).map_err(|e| self.time.over(Refusal::of_io(&e)))
    }

    /// The next answer to what was asked last.
    fn answer(&mut self) -> Result<Answer, Refusal> {
        self.stream.until(self.time.next());
        loop {
            if Instant::now() >= self.time.end {
                return Err(Refusal::OutOfTime);
            }
            let (number, answer) = self.message().map_err(|refusal| self.time.over(refusal))?;
            match (number, answer) {
                (0, Answer::Disconnection) => return Err(Refusal::Lost),
                (_, answer) if number == self.sent => return Ok(answer),
                // A notice of another kind, which is to be passed over (RFC 4511, 4.4), or a late answer to what was given up.
                _ if number < self.sent => {}
                _ => return Err(Refusal::Protocol),
            }
        }
    }

    /// The next message, as soon as all of it is there.
    fn message(&mut self) -> Result<(u32, Answer), Refusal> {
        loop {
            let here = &self.inbox[self.at..];
            match ber::whole(tag::SEQUENCE, here).map_err(|_| Refusal::Protocol)? {
                Some(length) if length > MAX_RECORD => return Err(Refusal::Oversized),
                Some(length) if length <= here.len() => {
                    let read = message::read(&here[..length]).ok_or(Refusal::Protocol);
                    self.at += length;
                    return read;
                }
                _ => self.fill()?,
            }
        }
    }

    fn fill(&mut self) -> Result<(), Refusal> {
        self.inbox.drain(..std::mem::take(&mut self.at));
        let mut part = [0; 32 * 1024];
        loop {
            match self.stream.read(&mut part) {
                Ok(0) => return Err(Refusal::Lost),
                Ok(read) => {
                    self.inbox.extend_from_slice(&part[..read]);
                    return Ok(());
                }
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(Refusal::of_io(&e)),
            }
        }
    }
}

/// The address of an IPv6 host is written between brackets in a URL, and nowhere else.
fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_port_is_told_from_a_host_that_no_way_leads_to() {
        let of = |kind: ErrorKind| Refusal::of_io(&kind.into());
        assert_eq!(of(ErrorKind::ConnectionRefused), Refusal::Closed);
        for kind in [ErrorKind::HostUnreachable, ErrorKind::NetworkUnreachable, ErrorKind::PermissionDenied, ErrorKind::AddrNotAvailable] {
            assert_eq!(of(kind), Refusal::Unreachable, "{kind:?}");
        }
    }

    #[test]
    fn why_tls_was_not_agreed_on_is_told() {
        let alert = |alert| Refusal::of_tls(&rustls::Error::AlertReceived(alert));
        assert_eq!(alert(AlertDescription::HandshakeFailure), Refusal::Handshake);
        assert_eq!(alert(AlertDescription::ProtocolVersion), Refusal::Handshake);
        assert_eq!(alert(AlertDescription::CertificateRequired), Refusal::Client);
        let certificate = |why| Refusal::of_tls(&rustls::Error::InvalidCertificate(why));
        assert_eq!(certificate(CertificateError::UnknownIssuer), Refusal::Authority);
        let other = |text: &str| CertificateError::Other(rustls::OtherError(Arc::new(std::io::Error::other(text.to_owned()))));
        assert_eq!(certificate(other("CaUsedAsEndEntity")), Refusal::Authority);
        assert_eq!(certificate(other("UnsupportedCertVersion")), Refusal::Form);
    }
}
