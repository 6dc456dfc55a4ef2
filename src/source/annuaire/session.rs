//! A connection to a directory server: TLS that is verified, simple bind, searches page by page.
//!
//! Connects to the address of the target file and to nothing else: a referral is counted, never followed. Must never know what
//! an entry means, nor keep or tell a value.

use std::error::Error as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use ldap3::controls::{Control, ControlType, PagedResults, RawControl};
use ldap3::{LdapConn, LdapConnSettings, LdapError, ResultEntry, Scope, SearchOptions};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use crate::outcome::Message;
use crate::target::ldap::LdapUrl;

/// Why a server is not asked, or asked no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has no address, or refuses the connection.
    Unreachable,
    /// No answer in time.
    Timeout,
    /// The connection ended.
    Lost,
    /// The authority of its certificate is not known: self-signed, or private.
    Authority,
    /// The dates of its certificate.
    Expired,
    /// Its certificate is of another name.
    Name,
    /// TLS for another reason.
    Tls,
    /// It does not start TLS.
    NoTls,
    /// A code of LDAP (RFC 4511).
    Code(u32),
    /// What came back is not LDAP.
    Protocol,
}

impl Refusal {
    /// In words.
    #[must_use]
    pub fn message(self) -> Message {
        let key = match self {
            Self::Unreachable => "problem.ldap.unreachable",
            Self::Timeout => "problem.ldap.timeout",
            Self::Lost => "problem.ldap.lost",
            Self::Authority => "problem.ldap.authority",
            Self::Expired => "problem.ldap.expired",
            Self::Name => "problem.ldap.name",
            Self::Tls => "problem.ldap.tls",
            Self::NoTls => "problem.ldap.no_tls",
            Self::Code(code) => return Message::new("problem.ldap.code").with("code", code),
            Self::Protocol => "problem.ldap.protocol",
        };
        Message::new(key)
    }

    fn of(error: &LdapError) -> Self {
        match error {
            LdapError::Io { source } => Self::of_io(source),
            LdapError::Rustls { source } => Self::of_tls(source),
            LdapError::DNSName { .. } => Self::Name,
            LdapError::Timeout { .. } => Self::Timeout,
            LdapError::LdapResult { result } => Self::Code(result.rc),
            LdapError::OpSend { .. } | LdapError::ResultRecv { .. } | LdapError::IdScrubSend { .. } | LdapError::EndOfStream => Self::Lost,
            _ => Self::Protocol,
        }
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
            std::io::ErrorKind::TimedOut => Self::Timeout,
            std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::ConnectionReset | std::io::ErrorKind::BrokenPipe => Self::Lost,
            std::io::ErrorKind::InvalidData => Self::Protocol,
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
            // rustls tells a certificate of an authority used as that of a server by `Other`: it signed itself.
            rustls::Error::InvalidCertificate(C::UnknownIssuer | C::Other(_)) => Self::Authority,
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

/// An entry as the server gives it: its name, then names of attributes with their values.
#[derive(Debug, Default)]
pub struct Entry {
    /// Name (DN).
    pub dn: Vec<u8>,
    /// Attributes.
    pub attributes: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
}

impl Entry {
    fn of(entry: ResultEntry) -> Option<Self> {
        let mut parts = entry.0.expect_constructed()?.into_iter();
        let dn = parts.next()?.expect_primitive()?;
        let attributes = parts.next()?.expect_constructed()?.into_iter().map(|attribute| {
            let mut parts = attribute.expect_constructed()?.into_iter();
            let name = parts.next()?.expect_primitive()?;
            let values = parts.next()?.expect_constructed()?.into_iter().map(|v| v.expect_primitive());
            Some((name, values.collect::<Option<_>>()?))
        });
        Some(Self { dn, attributes: attributes.collect::<Option<_>>()? })
    }

    /// The values of an attribute, as texts.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let of = |(_, values): &(Vec<u8>, Vec<Vec<u8>>)| values.iter().map(|v| String::from_utf8_lossy(v).into_owned()).collect::<Vec<_>>();
        self.attributes.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).flat_map(of).collect()
    }
}

/// What is searched for.
#[derive(Clone, Debug)]
pub struct Search<'a> {
    /// From where.
    pub base: &'a str,
    /// How deep.
    pub scope: Scope,
    /// Which entries.
    pub filter: &'a str,
    /// Which attributes.
    pub attributes: &'a [&'a str],
    /// Entries at most; 0 for all.
    pub most: i32,
    /// Names of attributes only: no value crosses the network.
    pub names_only: bool,
}

/// How a search ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    /// Code of the last answer (RFC 4511).
    pub code: u32,
    /// Places that are said to be elsewhere.
    pub referrals: u64,
    /// Where to go on, when there is more.
    pub cookie: Vec<u8>,
}

/// A connection.
pub struct Session {
    conn: LdapConn,
    timeout: Duration,
    /// Requests sent.
    pub sent: u32,
}

impl Session {
    /// Connects.
    ///
    /// # Errors
    /// Why not.
    pub fn open(url: &LdapUrl, starttls: bool, config: Arc<ClientConfig>, timeout: Duration) -> Result<Self, Refusal> {
        let settings = LdapConnSettings::new().set_conn_timeout(timeout).set_starttls(starttls).set_config(config);
        let conn = guarded(|| LdapConn::with_settings(settings, &url.to_string())).map_err(|refusal| match refusal {
            Refusal::Code(_) if starttls => Refusal::NoTls,
            other => other,
        })?;
        Ok(Self { conn, timeout, sent: 0 })
    }

    /// Binds; the code that the server answers.
    ///
    /// # Errors
    /// No answer.
    pub fn bind(&mut self, dn: &str, password: &str) -> Result<u32, Refusal> {
        self.sent += 1;
        let (conn, timeout) = (&mut self.conn, self.timeout);
        guarded(|| conn.with_timeout(timeout).simple_bind(dn, password)).map(|result| result.rc)
    }

    /// One search, or one page of it.
    ///
    /// # Errors
    /// No complete answer: entries may have been given before.
    pub fn search(&mut self, search: &Search<'_>, page: Option<(i32, Vec<u8>)>, each: &mut dyn FnMut(Entry)) -> Result<End, Refusal> {
        self.sent += 1;
        let (conn, timeout) = (&mut self.conn, self.timeout);
        let mut end = End::default();
        let mut malformed = false;
        let result = guarded(|| {
            let options = SearchOptions::new().typesonly(search.names_only).sizelimit(search.most);
            conn.with_timeout(timeout).with_search_options(options);
            if let Some((size, cookie)) = page {
                conn.with_controls(RawControl::from(PagedResults { size, cookie }));
            }
            let mut stream = conn.streaming_search(search.base, search.scope, search.filter, search.attributes.to_vec())?;
            while let Some(entry) = stream.next()? {
                if entry.is_ref() {
                    end.referrals += 1;
                } else if !entry.is_intermediate() {
                    match Entry::of(entry) {
                        Some(entry) => each(entry),
                        None => malformed = true,
                    }
                }
            }
            Ok(stream.result())
        })?;
        if malformed {
            return Err(Refusal::Protocol);
        }
        end.code = result.rc;
        end.cookie = result.ctrls.iter().find_map(cookie).unwrap_or_default();
        Ok(end)
    }

    /// Says goodbye.
    pub fn close(mut self) {
        let conn = &mut self.conn;
        let _ = guarded(|| conn.unbind());
    }
}

/// The library reads some answers with expectations: an answer that is not what the protocol says ends the conversation, not the tool.
fn guarded<T>(act: impl FnOnce() -> Result<T, LdapError>) -> Result<T, Refusal> {
    match catch_unwind(AssertUnwindSafe(act)) {
        Ok(result) => result.map_err(|e| Refusal::of(&e)),
        Err(_) => Err(Refusal::Protocol),
    }
}

/// Where to go on, of the control of paged results: `SEQUENCE { INTEGER, OCTET STRING }` (RFC 2696).
fn cookie(control: &Control) -> Option<Vec<u8>> {
    let Control(Some(ControlType::PagedResults), raw) = control else { return None };
    let (inside, _) = element(0x30, raw.val.as_deref()?)?;
    let (_, rest) = element(0x02, inside)?;
    element(0x04, rest).map(|(cookie, _)| cookie.to_vec())
}

/// The content of a BER element of that tag, and what follows it.
fn element(tag: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (&[first, length], rest) = bytes.split_first_chunk::<2>()?;
    if first != tag {
        return None;
    }
    let (length, rest) = match length {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7F)).filter(|(d, _)| (1..=4).contains(&d.len()))?;
            (digits.iter().fold(0, |n, d| n << 8 | usize::from(*d)), rest)
        }
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cookie_of_a_page_is_read() {
        let control = |val: &[u8]| {
            Control(Some(ControlType::PagedResults), RawControl { ctype: String::new(), crit: false, val: Some(val.to_vec()) })
        };
        assert_eq!(cookie(&control(&[0x30, 0x07, 0x02, 0x01, 0x00, 0x04, 0x02, 7, 8])), Some(vec![7, 8]));
        assert_eq!(cookie(&control(&[0x30, 0x05, 0x02, 0x01, 0x00, 0x04, 0x00])), Some(Vec::new()));
        assert_eq!(cookie(&control(&[0x30, 0x81, 0x05, 0x02, 0x01, 0x00, 0x04, 0x00])), Some(Vec::new()));
        for bad in [&[][..], &[0x30], &[0x30, 0x05], &[0x30, 0x03, 0x02, 0x09, 0x00], &[0x31, 0x00], &[0x30, 0x85, 0, 0, 0, 0, 0]] {
            assert_eq!(cookie(&control(bad)), None, "{bad:?}");
        }
    }
}
