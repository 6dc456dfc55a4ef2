//! TLS of the demonstration ENT: a throw-away authority, a certificate of a few days, both drawn at start.
//!
//! Also what its own call-outs trust. Must never write a private key anywhere.

use std::sync::Arc;

use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};
use rcgen::{BasicConstraints, Certificate, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};

use super::Error;
use super::defects::Defect;

/// The hosts of what runs on this machine only.
const LOOPBACK: &[&str] = &["127.0.0.1", "localhost"];

/// What the server shows, and what its clients must trust.
pub struct Identity {
    pub config: Arc<ServerConfig>,
    /// The authority, for clients.
    pub authority: String,
    /// The certificate of the server, in base64 without header, for metadata.
    pub certificate: String,
}

/// Draws an authority and a certificate.
pub fn identity(has: &dyn Fn(Defect) -> bool) -> Result<Identity, Error> {
    let names: &[&str] = if has(Defect::CertificateOtherHost) { &["autre.example"] } else { LOOPBACK };
    let days = match () {
        () if has(Defect::CertificateExpired) => (-40, -1),
        () if has(Defect::CertificateEndsSoon) => (-20, 5),
        () => (-1, 30),
    };
    let alone = has(Defect::CertificateSelfSigned);
    let Drawn { authority, certificate, key } = draw("conforment demo: throw-away authority", names, days, alone)?;

    let versions: &[_] = if has(Defect::Tls12Only) { &[&TLS12] } else { &[&TLS13, &TLS12] };
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .and_then(|c| {
            let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
            c.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key)
        })
        .map_err(|e| Error::Certificate(e.to_string()))?;
    let body = certificate.pem().lines().filter(|l| !l.starts_with("-----")).collect();
    Ok(Identity { config: Arc::new(config), authority, certificate: body })
}

/// A throw-away authority, and a certificate of the loopback interface with its key: all in PEM.
pub fn of_loopback() -> Result<(String, String, String), Error> {
    let drawn = draw("conforment demo: authority of the services of the audit", LOOPBACK, (-1, 30), false)?;
    Ok((drawn.authority, drawn.certificate.pem(), drawn.key.serialize_pem()))
}

/// What was drawn at start; the authority is in PEM, and its key is gone.
struct Drawn {
    authority: String,
    certificate: Certificate,
    key: KeyPair,
}

/// Draws an authority of that name, and a certificate of those hosts that it signs, or that signs itself.
fn draw(name: &str, hosts: &[&str], (from, to): (i64, i64), alone: bool) -> Result<Drawn, Error> {
    let wrong = |e: rcgen::Error| Error::Certificate(e.to_string());
    let today = Offset::UTC.to_datetime(Timestamp::now()).date();
    let mut params = CertificateParams::new(Vec::<String>::new()).map_err(wrong)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    // Longer than any certificate that it signs.
    span(&mut params, today, -50, 40)?;
    let key = KeyPair::generate().map_err(wrong)?;
    let authority = params.self_signed(&key).map_err(wrong)?.pem();
    let issuer = Issuer::new(params, key);

    let mut params = CertificateParams::new(hosts.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>()).map_err(wrong)?;
    params.distinguished_name.push(DnType::CommonName, "conforment demo");
    span(&mut params, today, from, to)?;
    let key = KeyPair::generate().map_err(wrong)?;
    let certificate = if alone { params.self_signed(&key) } else { params.signed_by(&key, &issuer) }.map_err(wrong)?;
    Ok(Drawn { authority, certificate, key })
}

/// Sets how long a certificate is good, in days from today.
fn span(params: &mut CertificateParams, today: Date, from: i64, to: i64) -> Result<(), Error> {
    let day = |days: i64| today.checked_add(days.days()).map_err(|e| Error::Certificate(e.to_string()));
    // Civil fields are within the bounds of these types.
    let at = |day: Date| date_time_ymd(i32::from(day.year()), day.month().unsigned_abs(), day.day().unsigned_abs());
    (params.not_before, params.not_after) = (at(day(from)?), at(day(to)?));
    Ok(())
}

/// What the call-outs of the server trust: its own authority and those of the options.
pub fn trust(authorities: &[String], anything: bool) -> Result<Arc<ClientConfig>, Error> {
    let wrong = |e: &dyn std::fmt::Display| Error::Certificate(e.to_string());
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().map_err(|e| wrong(&e))?;
    if anything {
        let verifier = Arc::new(Anything(provider));
        return Ok(Arc::new(config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()));
    }
    let mut roots = RootCertStore::empty();
    for pem in authorities {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            roots.add(certificate.map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))?;
        }
    }
    Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
}

/// The defect `pgt-url-untrusted`: the identity of the other side is not looked at.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
