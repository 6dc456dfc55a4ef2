//! What is offered to a server, and the bytes that say it (RFC 5246, 7.4.1; RFC 6101 for SSL 3).
//!
//! Written by hand because the TLS library of this tool cannot offer what must not be accepted. Must never be followed by
//! anything: a server that agrees is left there.

/// TLS 1.2.
pub const TLS12: u16 = 0x0303;

const ECDHE_AEAD: &[u16] = &[0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc0ac, 0xc0ad];
const ECDHE_CBC: &[u16] = &[0xc009, 0xc013, 0xc00a, 0xc014, 0xc023, 0xc027, 0xc024, 0xc028];
const DHE_AEAD: &[u16] = &[0x009e, 0x009f, 0xccaa, 0xc09e, 0xc09f];
const DHE_CBC: &[u16] = &[0x0033, 0x0039, 0x0067, 0x006b, 0x0045, 0x0088, 0x0032, 0x0038];
const RSA: &[u16] = &[0x009c, 0x009d, 0x002f, 0x0035, 0x003c, 0x003d, 0x0041, 0x0084, 0xc09c, 0xc09d, 0x0096];
const TRIPLE_DES: &[u16] = &[0xc012, 0xc008, 0x0016, 0x0013, 0x000a];
const RC4: &[u16] = &[0xc011, 0xc007, 0x0005, 0x0004];
/// No encryption, keys of 40 or 56 bits, or nobody authenticated.
const BROKEN: &[u16] = &[
    0x0001, 0x0002, 0x003b, 0xc006, 0xc010, 0xc015, // no encryption
    0x0003, 0x0006, 0x0008, 0x000b, 0x000e, 0x0011, 0x0014, 0x0017, 0x0019, // export
    0x0009, 0x0012, 0x0015, 0x001a, // DES
    0x0018, 0x001b, 0x0034, 0x003a, 0x0046, 0x006c, 0x006d, 0x0089, 0x00a6, 0x00a7, 0xc016, 0xc017, 0xc018, 0xc019, // anonymous
];
/// The suite that stands for the extension `renegotiation_info` where there are no extensions (RFC 5746).
const RENEGOTIATION: u16 = 0x00ff;

/// x25519, P-256, P-384, P-521, x448 and the Brainpool curves, then groups of primes.
const GROUPS: &[u16] = &[29, 23, 24, 25, 30, 26, 27, 28, 256, 257, 258];
/// Curves of less than 256 bits.
const SMALL: &[u16] = &[21, 20, 19, 18, 17, 16, 15, 8, 7, 6, 5, 4, 3, 2, 1];

/// RSA, PSS, ECDSA and EdDSA on SHA-256 and more; then RSA, DSA and ECDSA on SHA-1, for old servers.
const SIGNATURES: &[u16] =
    &[0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0402, 0x0203, 0x0201, 0x0202];

/// What is offered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its name in captures.
    pub name: &'static str,
    /// Version: `0x0300` for SSL 3, `0x0303` for TLS 1.2.
    pub version: u16,
    suites: &'static [&'static [u16]],
    groups: &'static [u16],
    compression: bool,
    encrypt_then_mac: bool,
}

const fn offer(name: &'static str, version: u16, suites: &'static [&'static [u16]]) -> Offer {
    Offer { name, version, suites, groups: GROUPS, compression: false, encrypt_then_mac: false }
}

/// Everything of its time: what an old client says.
const OLD: &[&[u16]] = &[ECDHE_CBC, DHE_CBC, RSA, TRIPLE_DES, RC4];

/// TLS 1.2 with everything that is fit, and compression: tells what a server says of itself.
pub const FULL: Offer = Offer { compression: true, ..offer("full", TLS12, &[ECDHE_AEAD, DHE_AEAD, ECDHE_CBC, DHE_CBC, RSA]) };

/// Old versions.
pub const VERSIONS: &[Offer] = &[offer("tls11", 0x0302, OLD), offer("tls10", 0x0301, OLD), offer("ssl3", 0x0300, OLD)];

/// Classes of suites of TLS 1.2.
pub const CLASSES: &[Offer] = &[
    Offer { encrypt_then_mac: true, ..offer("cbc", TLS12, &[ECDHE_CBC, DHE_CBC]) },
    offer("rsaKeyExchange", TLS12, &[RSA]),
    offer("tripleDes", TLS12, &[TRIPLE_DES]),
    offer("rc4", TLS12, &[RC4]),
    offer("nullOrExport", TLS12, &[BROKEN]),
    offer("dhe", TLS12, &[DHE_AEAD, DHE_CBC]),
    Offer { groups: SMALL, ..offer("smallCurves", TLS12, &[ECDHE_AEAD, ECDHE_CBC]) },
];

impl Offer {
    /// Whether the suite was offered.
    #[must_use]
    pub fn has(&self, suite: u16) -> bool {
        self.suites.iter().any(|list| list.contains(&suite))
    }

    /// The first flight, in one record.
    #[must_use]
    pub fn bytes(&self, host: Option<&str>, random: [u8; 32]) -> Vec<u8> {
        let mut suites: Vec<u16> = self.suites.concat();
        let mut extensions = Vec::new();
        if self.version == 0x0300 {
            suites.push(RENEGOTIATION);
        } else {
            self.extensions(host, &mut extensions);
        }
        let mut body = Vec::new();
        body.extend(self.version.to_be_bytes());
        body.extend(random);
        body.push(0);
        body.extend(long(&words(&suites)));
        body.extend(if self.compression { [2, 1, 0].as_slice() } else { &[1, 0] });
        if !extensions.is_empty() {
            body.extend(long(&extensions));
        }
        let mut message = vec![1, 0];
        message.extend(long(&body));
        // Servers expect an old version on the first record (RFC 5246, appendix E).
        let mut record = vec![22, 3, u8::from(self.version != 0x0300)];
        record.extend(long(&message));
        record
    }

    fn extensions(&self, host: Option<&str>, out: &mut Vec<u8>) {
        let mut push = |kind: u16, content: Vec<u8>| {
            out.extend(kind.to_be_bytes());
            out.extend(long(&content));
        };
        if let Some(host) = host {
            let name: Vec<u8> = std::iter::once(0).chain(long(host.as_bytes())).collect();
            push(0, long(&name));
        }
        push(10, long(&words(self.groups)));
        push(11, vec![1, 0]);
        if self.version == TLS12 {
            push(13, long(&words(SIGNATURES)));
        }
        if self.encrypt_then_mac {
            push(22, Vec::new());
        }
        push(23, Vec::new());
        push(0xff01, vec![0]);
    }
}

fn words(list: &[u16]) -> Vec<u8> {
    list.iter().flat_map(|w| w.to_be_bytes()).collect()
}

/// Bytes after their length in two bytes: everything here is far shorter.
fn long(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut out = length.to_be_bytes().to_vec();
    out.extend(&bytes[..usize::from(length)]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_agree_with_what_they_measure() {
        for offer in std::iter::once(&FULL).chain(VERSIONS).chain(CLASSES) {
            let bytes = offer.bytes(Some("ent.example"), [7; 32]);
            let at = |i: usize| usize::from(u16::from_be_bytes([bytes[i], bytes[i + 1]]));
            assert_eq!((bytes[0], at(3)), (22, bytes.len() - 5), "{}", offer.name);
            assert_eq!((bytes[5], bytes[6], at(7)), (1, 0, bytes.len() - 9), "{}", offer.name);
            assert_eq!(u16::from_be_bytes([bytes[9], bytes[10]]), offer.version);
            let named = bytes.windows(11).any(|w| w == b"ent.example");
            assert_eq!(named, offer.version != 0x0300, "{}: SSL 3 has no extensions", offer.name);
        }
    }

    #[test]
    fn classes_share_no_suite() {
        let classes = [ECDHE_AEAD, ECDHE_CBC, DHE_AEAD, DHE_CBC, RSA, TRIPLE_DES, RC4, BROKEN].concat();
        let mut distinct = classes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert_eq!(distinct.len(), classes.len());
        assert!(CLASSES[1].has(0x002f) && !CLASSES[1].has(0xc02f));
    }
}
