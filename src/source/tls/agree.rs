//! Handshakes that are carried through, with the TLS library of this tool: one version at a time, whatever the certificate.
//!
//! The verifier takes the chain and refuses nothing: it is judged afterwards ([`super::chain`]). Nothing but a handshake and a
//! farewell is ever sent on such a connection.

use std::io::{ErrorKind, Read, Write};
use std::sync::{Arc, Mutex};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, SupportedProtocolVersion};

use super::hear::CERTIFICATES;

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// The handshake came to its end.
    Reached {
        /// Suite, as the library writes it.
        suite: String,
        /// Group of the key exchange.
        group: String,
    },
    /// The server refused, by an alert or by agreeing on something else.
    Refused,
    /// It hung up without a word.
    HungUp,
    /// It said nothing in time.
    Silence,
    /// It does not speak TLS.
    Nonsense,
}

/// Takes what a server presents.
#[derive(Debug)]
struct Taker {
    chain: Mutex<Vec<Vec<u8>>>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Taker {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if let Ok(mut chain) = self.chain.lock() {
            *chain = std::iter::once(end_entity).chain(intermediates).take(CERTIFICATES).map(|c| c.as_ref().to_vec()).collect();
        }
        Ok(ServerCertVerified::assertion())
    }

    // Nothing is said on this connection: whether the server holds the key is the business of the real one.
    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Carries a handshake of that version through; gives the chain beside, empty when none was presented.
pub fn agree(
    stream: &mut (impl Read + Write),
    name: &ServerName<'static>,
    version: &'static SupportedProtocolVersion,
) -> (Agreement, Vec<Vec<u8>>) {
    let provider = Arc::new(ring::default_provider());
    let taker = Arc::new(Taker { chain: Mutex::default(), provider: provider.clone() });
    let config = ClientConfig::builder_with_provider(provider).with_protocol_versions(&[version]);
    // Both are of the library: neither can be missing.
    let Ok(config) = config else { return (Agreement::Silence, Vec::new()) };
    let mut config = config.dangerous().with_custom_certificate_verifier(taker.clone()).with_no_client_auth();
    config.resumption = rustls::client::Resumption::disabled();
    let Ok(mut connection) = ClientConnection::new(Arc::new(config), name.clone()) else { return (Agreement::Silence, Vec::new()) };
    let agreement = carry(&mut connection, stream);
    let chain = taker.chain.lock().map(|c| c.clone()).unwrap_or_default();
    (agreement, chain)
}

fn carry(connection: &mut ClientConnection, stream: &mut (impl Read + Write)) -> Agreement {
    while connection.is_handshaking() {
        if let Err(error) = connection.complete_io(stream) {
            return why(&error);
        }
    }
    let suite = connection.negotiated_cipher_suite().map(|s| format!("{:?}", s.suite())).unwrap_or_default();
    let group = connection.negotiated_key_exchange_group().map(|g| format!("{:?}", g.name())).unwrap_or_default();
    connection.send_close_notify();
    // A server that has already gone is no matter.
    let _ = connection.write_tls(stream);
    Agreement::Reached { suite, group }
}

fn why(error: &std::io::Error) -> Agreement {
    match error.get_ref().and_then(|e| e.downcast_ref::<rustls::Error>()) {
        Some(rustls::Error::InvalidMessage(_)) => Agreement::Nonsense,
        Some(_) => Agreement::Refused,
        None if error.kind() == ErrorKind::TimedOut => Agreement::Silence,
        None => Agreement::HungUp,
    }
}
