//! Certificates: what they hold, and what a client that verifies them would say, on a given day.
//!
//! The judge is the one that the HTTP client of this tool uses (authorities of the system, and those given), so that what is told
//! here and what happens there agree. Must never decide anything on its own where the judge can.

use std::sync::Arc;
use std::time::Duration;

use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, Error};
use rustls_platform_verifier::Verifier;
use serde_json::{Value, json};
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

/// Why a client refuses a chain. Each is a member of `refused` in the facts.
const REASONS: &[&str] = &[
    "expired",
    "notYetValid",
    "wrongName",
    "selfSigned",
    "unknownIssuer",
    "incomplete",
    "caUsedAsLeaf",
    "revoked",
    "badSignature",
    "other",
];

/// Facts about a chain, that of the server first; `authority` (PEM) is trusted beside the system; `at` in seconds since 1970.
/// `None` when nothing was presented.
pub fn facts(chain: &[Vec<u8>], name: &ServerName<'static>, authority: Option<&[u8]>, at: i64) -> Option<Value> {
    let (leaf, rest) = chain.split_first()?;
    let parsed = X509Certificate::from_der(leaf).ok().map(|(_, c)| c);
    let mut facts = json!({"sent": chain.len()});
    if let Some(judged) = judged(leaf, rest, name, authority, at, parsed.as_ref()) {
        facts["trusted"] = json!(judged.is_none());
        facts["refused"] = REASONS.iter().map(|r| ((*r).to_owned(), json!(judged == Some(*r)))).collect();
    }
    facts["weakSignatures"] = json!(chain.iter().filter(|c| weakly_signed(c)).count());
    if let Some(leaf) = parsed {
        let (from, until) = (leaf.validity().not_before.timestamp(), leaf.validity().not_after.timestamp());
        facts["lifetimeDays"] = json!(until.saturating_sub(from).div_euclid(86_400));
        facts["daysLeft"] = json!(until.saturating_sub(at).div_euclid(86_400));
        facts["signature"] = json!(hash(&leaf));
        if let Some((kind, bits)) = key(&leaf) {
            facts["key"] = json!({"kind": kind, "bits": bits});
        }
    }
    Some(facts)
}

/// `None` when nobody can judge; the reason otherwise, `Some(None)` when there is none to refuse.
fn judged(
    leaf: &[u8],
    rest: &[Vec<u8>],
    name: &ServerName<'static>,
    authority: Option<&[u8]>,
    at: i64,
    parsed: Option<&X509Certificate<'_>>,
) -> Option<Option<&'static str>> {
    let provider = Arc::new(ring::default_provider());
    let extra = authority.map(|pem| CertificateDer::pem_slice_iter(pem).filter_map(Result::ok).collect::<Vec<_>>()).unwrap_or_default();
    // A machine without authorities of its own judges nothing.
    let verifier = Verifier::new_with_extra_roots(extra, provider).ok()?;
    let leaf = CertificateDer::from(leaf.to_vec());
    let rest: Vec<CertificateDer<'_>> = rest.iter().map(|c| CertificateDer::from(c.clone())).collect();
    let at = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at).unwrap_or(0)));
    let Err(error) = verifier.verify_server_cert(&leaf, &rest, name, &[], at) else { return Some(None) };
    // An algorithm that this judge does not know proves nothing: browsers know more.
    if matches!(
        &error,
        Error::InvalidCertificate(
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
                | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
        )
    ) {
        return None;
    }
    let own = parsed.is_some_and(|c| c.issuer() == c.subject());
    Some(Some(match error {
        Error::InvalidCertificate(why) => match why {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => "expired",
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "notYetValid",
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => "wrongName",
            CertificateError::Revoked => "revoked",
            CertificateError::BadSignature => "badSignature",
            _ if own => "selfSigned",
            // The authority that signed it is neither known nor sent.
            CertificateError::UnknownIssuer if rest.is_empty() => "incomplete",
            CertificateError::UnknownIssuer => "unknownIssuer",
            _ if parsed.is_some_and(|c| c.is_ca()) => "caUsedAsLeaf",
            _ => "other",
        },
        _ => "other",
    }))
}

/// Kind and size of the key.
fn key(certificate: &X509Certificate<'_>) -> Option<(&'static str, usize)> {
    let info = certificate.public_key();
    match info.parsed().ok()? {
        PublicKey::RSA(key) => Some(("rsa", key.key_size())),
        PublicKey::EC(point) => {
            // A point that is not compressed is two numbers of the size of the field: 133 bytes for P-521.
            let bytes = point.data().len().saturating_sub(1) / if point.data().first() == Some(&4) { 2 } else { 1 };
            Some(("ec", if bytes == 66 { 521 } else { bytes * 8 }))
        }
        PublicKey::DSA(_) => Some(("dsa", 0)),
        _ => match info.algorithm.algorithm.to_id_string().as_str() {
            "1.3.101.112" => Some(("ed25519", 256)),
            "1.3.101.113" => Some(("ed448", 456)),
            _ => None,
        },
    }
}

/// The hash that the signature of a certificate rests on.
fn hash(certificate: &X509Certificate<'_>) -> &'static str {
    match certificate.signature_algorithm.algorithm.to_id_string().as_str() {
        "1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.3" | "1.2.840.113549.1.1.4" => "md5",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" | "1.2.840.10045.4.1" | "1.2.840.10040.4.3" => "sha1",
        "1.2.840.113549.1.1.11" | "1.2.840.10045.4.3.2" => "sha256",
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => "sha384",
        "1.2.840.113549.1.1.13" | "1.2.840.10045.4.3.4" => "sha512",
        "1.3.101.112" | "1.3.101.113" => "eddsa",
        "1.2.840.113549.1.1.10" => "pss",
        _ => "other",
    }
}

/// Signed on MD5 or SHA-1. What an authority says of itself is signed by nobody else: its signature proves nothing.
fn weakly_signed(der: &[u8]) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else { return false };
    certificate.issuer() != certificate.subject() && matches!(hash(&certificate), "md5" | "sha1")
}
