//! Handshakes with one host, one after the other: what is carried through, then what is offered by hand.
//!
//! A host that hangs up may refuse, or be cut off from us: it has refused where it does so again between two handshakes that it takes.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustls::SupportedProtocolVersion;
use rustls::pki_types::ServerName;
use url::{Host, Url};

use super::agree::{Agreement, agree};
use super::hear::{self, Heard, Hello};
use super::hello::{self, Offer};
use super::{Agreed, Capture, Taken, server_name};
use crate::source::probe::{Door, Unanswered};
use crate::source::timed::Timed;

/// Least time between two handshakes.
const SPACING: Duration = Duration::from_millis(100);
/// Connections that fail in a row before nothing more is tried.
const PATIENCE: u32 = 3;

/// Something to try.
#[derive(Clone, Copy)]
enum Try {
    Version(&'static str, &'static SupportedProtocolVersion),
    Offer(&'static Offer),
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Came {
    Accepted,
    Refused,
    HungUp,
    /// Silence, or something else than an answer.
    Nothing,
}

/// Shakes hands with a host, [`super::MOST`] times at most. `timeout` is for each.
///
/// # Errors
/// Why nothing was gathered.
pub fn gather(door: &Door, url: &Url, timeout: Duration) -> Result<Capture, Unanswered> {
    door.admits(url)?;
    let host = url.host().ok_or(Unanswered::Foreign)?.to_owned();
    // An address written in http is that of a page in clear: there is no TLS to speak of.
    let port = url.port_or_known_default().filter(|_| url.scheme() == "https").ok_or(Unanswered::Protocol)?;
    let addresses = url.socket_addrs(|| Some(port)).map_err(|_| Unanswered::Unreachable)?;
    let name = server_name(&host).ok_or(Unanswered::Foreign)?;
    let line = Line { addresses, timeout, last: None, handshakes: 0, failed: 0, wrong: None };
    let capture = Capture { host: host.to_string(), port, ..Capture::default() };
    let sni = match host {
        Host::Domain(domain) => Some(domain),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    };
    let mut host = Asked { line, name, sni, capture, nonsense: 0, taken: None, hung: Vec::new() };
    for (version, protocol) in [("tls13", &rustls::version::TLS13), ("tls12", &rustls::version::TLS12)] {
        host.first(Try::Version(version, protocol));
        if host.line.handshakes == 0 {
            return Err(host.line.wrong.unwrap_or(Unanswered::Unreachable));
        }
    }
    [&hello::FULL].into_iter().chain(hello::VERSIONS).for_each(|offer| host.first(Try::Offer(offer)));
    // Without TLS 1.2 there is no suite of it.
    if host.capture.tls12() != Some(false) {
        hello::CLASSES.iter().for_each(|offer| host.first(Try::Offer(offer)));
    }
    host.again();
    let Asked { line, mut capture, nonsense, hung, .. } = host;
    capture.handshakes = line.handshakes;
    match () {
        () if capture.agreed.values().any(|a| a.accepted) || capture.offers.values().any(|t| t.accepted) => Ok(capture),
        () if nonsense > 0 => Err(Unanswered::Protocol),
        // It refuses whatever is offered: that it refuses what is old says nothing, nor that it refuses what is new.
        () if !capture.agreed.is_empty() || !capture.offers.is_empty() || !hung.is_empty() => Err(Unanswered::Tls),
        () => Err(Unanswered::Timeout),
    }
}

/// A host that is being asked.
struct Asked {
    line: Line,
    name: ServerName<'static>,
    sni: Option<String>,
    capture: Capture,
    nonsense: u32,
    /// What it took first.
    taken: Option<Try>,
    /// What it hung up on.
    hung: Vec<Try>,
}

impl Asked {
    fn first(&mut self, this: Try) {
        match self.attempt(this) {
            Came::Accepted => _ = self.taken.get_or_insert(this),
            Came::HungUp => self.hung.push(this),
            Came::Refused | Came::Nothing => {}
        }
    }

    /// Tries once more what the host hung up on, between two handshakes that it takes: what it hangs up on again is refused.
    fn again(&mut self) {
        let Some(control) = self.taken.filter(|_| !self.hung.is_empty()) else { return };
        if self.attempt(control) != Came::Accepted {
            return;
        }
        let mut twice = self.hung.clone();
        twice.retain(|this| self.attempt(*this) == Came::HungUp);
        if !twice.is_empty() && self.attempt(control) == Came::Accepted {
            twice.into_iter().for_each(|this| self.refused(this));
        }
    }

    fn refused(&mut self, this: Try) {
        match this {
            Try::Version(version, _) => {
                self.capture.agreed.insert(version.to_owned(), Agreed { accepted: false, suite: String::new(), group: String::new() });
            }
            Try::Offer(offer) => _ = self.capture.offers.insert(offer.name.to_owned(), Taken::default()),
        }
    }

    fn attempt(&mut self, this: Try) -> Came {
        let came = match this {
            Try::Version(version, protocol) => self.agree(version, protocol),
            Try::Offer(offer) => self.offer(offer),
        };
        if came == Came::Refused {
            self.refused(this);
        }
        came
    }

    fn agree(&mut self, version: &str, protocol: &'static SupportedProtocolVersion) -> Came {
        let Ok(mut stream) = self.line.connect() else { return Came::Nothing };
        let (agreement, chain) = agree(&mut stream, &self.name, protocol);
        if self.capture.chain.is_empty() {
            self.capture.chain = chain;
        }
        match agreement {
            Agreement::Reached { suite, group } => {
                self.capture.agreed.insert(version.to_owned(), Agreed { accepted: true, suite, group });
                Came::Accepted
            }
            Agreement::Refused => Came::Refused,
            Agreement::HungUp => Came::HungUp,
            Agreement::Silence => Came::Nothing,
            Agreement::Nonsense => {
                self.nonsense += 1;
                Came::Nothing
            }
        }
    }

    fn offer(&mut self, offer: &Offer) -> Came {
        let heard = self.line.offer(offer, self.sni.as_deref());
        self.nonsense += u32::from(heard == Heard::Nonsense);
        match heard {
            Heard::Hello(hello) => match taken(offer, &hello, &mut self.capture) {
                Some(taken) => {
                    let came = if taken.accepted { Came::Accepted } else { Came::Nothing };
                    self.capture.offers.insert(offer.name.to_owned(), taken);
                    came
                }
                None => Came::Nothing,
            },
            Heard::Refused => Came::Refused,
            Heard::HungUp => Came::HungUp,
            Heard::Silence | Heard::Nonsense => Came::Nothing,
        }
    }
}

/// What a hello says of an offer: `None` when it is about something else than what was offered.
fn taken(offer: &Offer, hello: &Hello, capture: &mut Capture) -> Option<Taken> {
    if hello.version > offer.version || !offer.has(hello.suite) {
        return None;
    }
    if capture.chain.is_empty() {
        capture.chain.clone_from(&hello.chain);
    }
    // An older version than the one offered is another offer's business.
    if hello.version != offer.version {
        return Some(Taken::default());
    }
    let small = hello.curve().and_then(hear::curve_bits);
    Some(Taken {
        // Some servers pay no heed to the curves that are offered, and use a good one.
        accepted: offer.name != "smallCurves" || small.is_some(),
        compression: hello.compression,
        secure_renegotiation: hello.secure_renegotiation,
        encrypt_then_mac: hello.encrypt_then_mac,
        prime_bits: if offer.name == "dhe" { hello.prime_bits() } else { None },
        curve_bits: small,
    })
}

/// Connections to one host.
struct Line {
    addresses: Vec<SocketAddr>,
    timeout: Duration,
    last: Option<Instant>,
    handshakes: u32,
    /// Failures in a row.
    failed: u32,
    /// Why the last one failed.
    wrong: Option<Unanswered>,
}

impl Line {
    fn connect(&mut self) -> Result<Timed, Unanswered> {
        if self.failed >= PATIENCE {
            return Err(Unanswered::Unreachable);
        }
        if let Some(rest) = self.last.and_then(|last| SPACING.checked_sub(last.elapsed())) {
            std::thread::sleep(rest);
        }
        let deadline = Instant::now() + self.timeout;
        let mut late = false;
        for address in &self.addresses {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                late = true;
                break;
            }
            match TcpStream::connect_timeout(address, left) {
                Ok(stream) => {
                    (self.handshakes, self.failed, self.last) = (self.handshakes + 1, 0, Some(Instant::now()));
                    return Ok(Timed::new(stream, deadline));
                }
                Err(error) => late |= error.kind() == std::io::ErrorKind::TimedOut,
            }
        }
        self.failed += 1;
        self.last = Some(Instant::now());
        let wrong = if late { Unanswered::Timeout } else { Unanswered::Unreachable };
        self.wrong = Some(wrong);
        Err(wrong)
    }

    fn offer(&mut self, offer: &Offer, sni: Option<&str>) -> Heard {
        let mut random = [0; 32];
        if getrandom::fill(&mut random).is_err() {
            return Heard::Silence;
        }
        let Ok(mut stream) = self.connect() else { return Heard::Silence };
        if let Err(error) = stream.write_all(&offer.bytes(sni, random)) {
            return if error.kind() == std::io::ErrorKind::TimedOut { Heard::Silence } else { Heard::HungUp };
        }
        let heard = hear::hear(&mut stream);
        // A farewell (close_notify), then nothing.
        let _ = stream.write_all(&[21, 3, 1, 0, 2, 1, 0]);
        heard
    }
}
