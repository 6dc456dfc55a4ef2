//! What a server says to an offer, up to TLS 1.2: alert, or hello, certificates and parameters of the key exchange.
//!
//! Reads bytes of anybody: nothing is trusted, everything is bounded, and what is not understood is nonsense, never a panic.

use std::io::{ErrorKind, Read};

/// Bytes read of one server, at most.
const MOST: usize = 128 << 10;
/// A record, at most (RFC 5246, 6.2.3).
const RECORD: usize = (16 << 10) + 2048;
/// Certificates kept of a chain.
pub const CERTIFICATES: usize = 16;

/// What was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It agreed, on this.
    Hello(Box<Hello>),
    /// It refused, and said so by an alert.
    Refused,
    /// It hung up without a word: a way to refuse, or anything else.
    HungUp,
    /// It said nothing in time.
    Silence,
    /// It does not speak TLS.
    Nonsense,
}

/// What a server agreed on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hello {
    /// Version.
    pub version: u16,
    /// Suite.
    pub suite: u16,
    /// It compresses.
    pub compression: bool,
    /// It announces secure renegotiation (RFC 5746).
    pub secure_renegotiation: bool,
    /// It announces `encrypt_then_mac` (RFC 7366).
    pub encrypt_then_mac: bool,
    /// Certificates, that of the server first.
    pub chain: Vec<Vec<u8>>,
    /// `ServerKeyExchange`, as received.
    exchange: Vec<u8>,
}

impl Hello {
    /// Bits of the prime of an exchange by Diffie-Hellman.
    #[must_use]
    pub fn prime_bits(&self) -> Option<usize> {
        let mut bytes = Bytes(&self.exchange);
        let length = bytes.u16()?;
        let prime = bytes.take(usize::from(length))?;
        let first = prime.iter().position(|b| *b != 0)?;
        Some((prime.len() - first) * 8 - prime[first].leading_zeros() as usize)
    }

    /// The named curve of an exchange on elliptic curves.
    #[must_use]
    pub fn curve(&self) -> Option<u16> {
        let mut bytes = Bytes(&self.exchange);
        (bytes.u8()? == 3).then_some(())?;
        bytes.u16()
    }
}

/// Bits of a named curve of less than 256 bits (RFC 4492, 5.1.1).
#[must_use]
pub fn curve_bits(curve: u16) -> Option<u16> {
    Some(match curve {
        1..=3 => 163,
        4 | 5 => 193,
        6 | 7 => 233,
        8 => 239,
        15..=17 => 160,
        18 | 19 => 192,
        20 | 21 => 224,
        _ => return None,
    })
}

/// Listens until the server has said all it says before the client goes on.
pub fn hear(from: &mut impl Read) -> Heard {
    let (mut heard, mut messages, mut total) = (None::<Box<Hello>>, Vec::new(), 0);
    loop {
        let mut header = [0; 5];
        if let Err(error) = from.read_exact(&mut header) {
            return ended(heard, &error, total);
        }
        let length = usize::from(u16::from_be_bytes([header[3], header[4]]));
        total += 5 + length;
        let known = (20..=23).contains(&header[0]) && header[1] == 3;
        if !known || length > RECORD || length == 0 || total > MOST {
            return heard.map_or(Heard::Nonsense, Heard::Hello);
        }
        let mut body = vec![0; length];
        if let Err(error) = from.read_exact(&mut body) {
            return ended(heard, &error, total);
        }
        match header[0] {
            // A warning goes on (`unrecognized_name` is one).
            21 if body[0] == 1 && body.get(1) != Some(&0) => {}
            21 => return heard.map_or(Heard::Refused, Heard::Hello),
            22 => {
                messages.extend(body);
                match understand(&mut messages, &mut heard) {
                    Step::More => {}
                    Step::Done => return heard.map_or(Heard::Nonsense, Heard::Hello),
                    Step::Nonsense => return Heard::Nonsense,
                }
            }
            _ => return heard.map_or(Heard::Nonsense, Heard::Hello),
        }
    }
}

/// The connection ended: a hello that was complete counts.
fn ended(heard: Option<Box<Hello>>, error: &std::io::Error, read: usize) -> Heard {
    match (heard, error.kind()) {
        (Some(hello), _) => Heard::Hello(hello),
        (None, ErrorKind::TimedOut) => Heard::Silence,
        (None, ErrorKind::UnexpectedEof) if read > 0 => Heard::Nonsense,
        (None, _) => Heard::HungUp,
    }
}

enum Step {
    More,
    Done,
    Nonsense,
}

/// Takes the complete messages from the front.
fn understand(messages: &mut Vec<u8>, heard: &mut Option<Box<Hello>>) -> Step {
    let mut at = 0;
    let step = loop {
        let mut bytes = Bytes(&messages[at..]);
        let (Some(kind), Some(length)) = (bytes.u8(), bytes.u24()) else { break Step::More };
        if length > MOST {
            break Step::Nonsense;
        }
        let Some(body) = bytes.take(length) else { break Step::More };
        at += 4 + length;
        match (kind, heard.as_mut()) {
            (0, _) => {}
            (2, None) => match hello(body) {
                Some(hello) => *heard = Some(Box::new(hello)),
                None => break Step::Nonsense,
            },
            (11, Some(hello)) => hello.chain = chain(body),
            (12, Some(hello)) => hello.exchange = body.to_vec(),
            (14, Some(_)) => break Step::Done,
            (_, Some(_)) => {}
            (_, None) => break Step::Nonsense,
        }
    };
    messages.drain(..at);
    step
}

fn hello(body: &[u8]) -> Option<Hello> {
    let mut bytes = Bytes(body);
    let version = bytes.u16()?;
    bytes.take(32)?;
    let session = bytes.u8()?;
    bytes.take(usize::from(session))?;
    let suite = bytes.u16()?;
    let compression = bytes.u8()? != 0;
    let mut hello = Hello { version, suite, compression, ..Hello::default() };
    let length = bytes.u16().unwrap_or(0);
    let mut extensions = Bytes(bytes.take(usize::from(length)).unwrap_or_default());
    while let (Some(kind), Some(length)) = (extensions.u16(), extensions.u16()) {
        if extensions.take(usize::from(length)).is_none() {
            break;
        }
        hello.secure_renegotiation |= kind == 0xff01;
        hello.encrypt_then_mac |= kind == 22;
    }
    Some(hello)
}

fn chain(body: &[u8]) -> Vec<Vec<u8>> {
    let mut bytes = Bytes(body);
    let length = bytes.u24().unwrap_or(0);
    let mut list = Bytes(bytes.take(length).unwrap_or_default());
    let next = || list.u24().and_then(|length| list.take(length)).map(<[u8]>::to_vec);
    std::iter::from_fn(next).take(CERTIFICATES).collect()
}

/// What is left to read.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, length: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_be_bytes([b[0], b[1]]))
    }

    fn u24(&mut self) -> Option<usize> {
        self.take(3).map(|b| usize::from(b[0]) << 16 | usize::from(b[1]) << 8 | usize::from(b[2]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![kind, 3, 3];
        out.extend(u16::try_from(body.len()).expect("short").to_be_bytes());
        out.extend(body);
        out
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut out = vec![kind];
        out.extend(&u32::try_from(body.len()).expect("short").to_be_bytes()[1..]);
        out.extend(body);
        out
    }

    fn said() -> Vec<u8> {
        let mut hello = vec![3, 3];
        hello.extend([9; 32]);
        hello.extend([0, 0x00, 0x9e, 0, 0, 9, 0xff, 1, 0, 1, 0, 0, 22, 0, 0]);
        let mut exchange = vec![1, 0];
        exchange.extend([0x7f; 256]);
        let certificates = [[0, 0, 6].as_slice(), &[0, 0, 3], b"der"].concat();
        [message(2, &hello), message(11, &certificates), message(12, &exchange), message(14, &[])].concat()
    }

    #[test]
    fn a_hello_is_understood_however_it_is_cut() {
        for cut in [1, 7, 50, 4096] {
            let records: Vec<u8> = said().chunks(cut).flat_map(|c| record(22, c)).collect();
            let Heard::Hello(hello) = hear(&mut records.as_slice()) else { panic!("cut {cut}") };
            assert_eq!((hello.version, hello.suite, hello.prime_bits()), (0x0303, 0x009e, Some(2047)));
            assert!(hello.secure_renegotiation && hello.encrypt_then_mac && !hello.compression);
            assert_eq!(hello.chain, [b"der"]);
        }
    }

    #[test]
    fn refusals_and_nonsense_are_told_apart() {
        assert_eq!(hear(&mut record(21, &[2, 40]).as_slice()), Heard::Refused);
        assert_eq!(hear(&mut [].as_slice()), Heard::HungUp);
        assert_eq!(hear(&mut b"HTTP/1.1 400 Bad Request\r\n\r\n".as_slice()), Heard::Nonsense);
        assert_eq!(hear(&mut record(22, &message(1, &[])).as_slice()), Heard::Nonsense, "a client's hello");
        let warned = [record(21, &[1, 112]), record(22, &said())].concat();
        assert!(matches!(hear(&mut warned.as_slice()), Heard::Hello(_)));
    }

    #[test]
    fn curves_and_primes_are_read() {
        let hello = Hello { exchange: vec![3, 0, 21, 65], ..Hello::default() };
        assert_eq!((hello.curve(), curve_bits(21), curve_bits(23)), (Some(21), Some(224), None));
        assert_eq!(Hello { exchange: vec![0, 2, 0, 0], ..Hello::default() }.prime_bits(), None);
        assert_eq!(Hello { exchange: vec![0, 2, 0, 1], ..Hello::default() }.prime_bits(), Some(1));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = hear(&mut bytes.as_slice());
            let wrapped: Vec<u8> = bytes.chunks(60).flat_map(|c| record(22, c)).collect();
            let _ = hear(&mut wrapped.as_slice());
        }

        #[test]
        fn no_damage_makes_it_panic(at in 0usize..600, value: u8, end in 0usize..700) {
            let mut bytes = record(22, &said());
            let last = bytes.len() - 1;
            bytes[at.min(last)] = value;
            bytes.truncate(end);
            if let Heard::Hello(hello) = hear(&mut bytes.as_slice()) {
                let _ = (hello.prime_bits(), hello.curve());
            }
        }
    }
}
