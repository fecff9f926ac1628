//! The TLS settings of the client's own transport.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};

use crate::builder::BuildError;

/// TLS 1.2 and 1.3 by aws-lc. The provider is named here and not taken from the process, where another library may have
/// installed another one.
///
/// `ca` holds the PEM certificates to trust; without any, those of the platform are trusted.
pub(crate) fn config(ca: &[Vec<u8>]) -> Result<ClientConfig, BuildError> {
    let builder = builder()?;
    let with_roots = if ca.is_empty() {
        builder.with_native_roots().map_err(BuildError::NoRoots)?
    } else {
        builder.with_root_certificates(roots(ca)?)
    };
    Ok(with_roots.with_no_client_auth())
}

/// Settings that trust nobody, for a client that never uses TLS.
pub(crate) fn unused() -> Result<ClientConfig, BuildError> {
    Ok(builder()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth())
}

fn builder() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, BuildError> {
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| BuildError::Tls(error.into()))
}

fn roots(ca: &[Vec<u8>]) -> Result<RootCertStore, BuildError> {
    let mut roots = RootCertStore::empty();
    for pem in ca {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| BuildError::Ca(error.into()))?;
            roots.add(certificate).map_err(|error| BuildError::Ca(error.into()))?;
        }
        if roots.len() == before {
            return Err(BuildError::Ca("it holds no certificate".into()));
        }
    }
    Ok(roots)
}
