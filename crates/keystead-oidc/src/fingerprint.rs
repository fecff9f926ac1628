//! Servers that must show a certificate with a known fingerprint, beside being verified as usual.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

/// Whether a server was turned away for its fingerprints.
pub(crate) type Mismatch = Arc<AtomicBool>;

#[derive(Debug)]
struct Pinned {
    usual: Arc<WebPkiServerVerifier>,
    fingerprints: Vec<Vec<u8>>,
    mismatch: Mismatch,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified =
            self.usual.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)?;
        let known = std::iter::once(end_entity).chain(intermediates).any(|certificate| {
            let fingerprint = digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate);
            self.fingerprints.iter().any(|known| known == fingerprint.as_ref())
        });
        if !known {
            self.mismatch.store(true, Ordering::Relaxed);
            return Err(Error::General("no certificate has one of the provider's fingerprints".to_owned()));
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.usual.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.usual.supported_verify_schemes()
    }
}

/// TLS that goes back to these roots and, when there are fingerprints, shows one of them.
pub(crate) fn tls(
    roots: &Arc<RootCertStore>,
    fingerprints: &[String],
) -> Result<(ClientConfig, Mismatch), String> {
    let provider: Arc<CryptoProvider> = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    let mismatch = Mismatch::default();
    if fingerprints.is_empty() {
        return Ok((builder.with_root_certificates(roots.clone()).with_no_client_auth(), mismatch));
    }
    let usual = WebPkiServerVerifier::builder_with_provider(roots.clone(), provider)
        .build()
        .map_err(|error| error.to_string())?;
    // What is no fingerprint matches nothing.
    let fingerprints =
        fingerprints.iter().filter_map(|text| hex::decode(text.replace([':', ' '], "")).ok()).collect();
    let pinned = Pinned { usual, fingerprints, mismatch: mismatch.clone() };
    let config = builder.dangerous().with_custom_certificate_verifier(Arc::new(pinned)).with_no_client_auth();
    Ok((config, mismatch))
}
