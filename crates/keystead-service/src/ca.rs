//! Private certificate authorities, the service's and those of instances, and the certificates that they issue.

use keystead_api::Timestamp;
use keystead_crypto::{Random, RandomError};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose,
    IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, SerialNumber,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::engine::{Engine, OpenError};
use crate::image::{ImageError, decode};
use crate::records::{ServiceCaRecord, path};
use crate::vault::{RootKeys, VaultError};

/// A CA's certificate lives this long, in seconds: ten years.
const CA_LIFETIME: i64 = 10 * 365 * 86_400;
/// A server's certificate lives this long, in seconds: 90 days.
pub const LEAF_LIFETIME: i64 = 90 * 86_400;
/// Certificates begin this much earlier, in seconds, for clients whose clocks are late.
const BACKDATED: i64 = 3600;

/// A new CA: its certificate and its private key.
pub(crate) struct NewCa {
    pub(crate) certificate_pem: String,
    /// PKCS#8.
    pub(crate) key_der: Zeroizing<Vec<u8>>,
}

/// The name of the service's CA.
pub(crate) const SERVICE_CA: &str = "Keystead private CA";

/// Makes a CA: P-256, self-signed, signing leaves directly. Each needs a name of its own: clients find the CA of a certificate
/// by it.
pub(crate) fn new_ca(random: &dyn Random, name: &str, now: Timestamp) -> Result<NewCa, CaError> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = dated(random, now, CA_LIFETIME)?;
    params.distinguished_name = named(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key_der = Zeroizing::new(key.serialize_der());
    let ca = CertifiedIssuer::self_signed(params, key)?;
    Ok(NewCa { certificate_pem: ca.pem(), key_der })
}

/// An opened CA.
pub struct PrivateCa {
    certificate_pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A server's certificate and its key.
pub struct Leaf {
    /// The certificate alone; clients have the CA's.
    pub certificate: CertificateDer<'static>,
    /// Its private key, which is never stored.
    pub key: PrivateKeyDer<'static>,
    /// When it ends.
    pub not_after: Timestamp,
}

impl PrivateCa {
    /// Opens the CA of an installation.
    ///
    /// # Errors
    /// When the record is missing or cannot be opened with this root key.
    pub async fn open(engine: &Engine, root: &RootKeys) -> Result<Self, CaError> {
        let record = engine.store().get(path::CA).await.map_err(ImageError::from)?;
        let record = record.ok_or(CaError::Open(OpenError::NotInstalled))?;
        let record = decode::<ServiceCaRecord>(&record)?.value;
        let key = root
            .open_service_key(&bound_name(&record.certificate_pem), &record.sealed_key)
            .map_err(|_| CaError::Open(OpenError::WrongRootKey))?;
        Self::of(record.certificate_pem, &key)
    }

    /// A CA of a certificate and its private key, PKCS#8.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn of(certificate_pem: String, key_der: &[u8]) -> Result<Self, CaError> {
        let issuer = Issuer::from_ca_cert_pem(&certificate_pem, KeyPair::try_from(key_der)?)?;
        Ok(Self { certificate_pem, issuer })
    }

    /// The CA's certificate, which clients are given.
    pub fn certificate_pem(&self) -> &str {
        &self.certificate_pem
    }

    /// Issues a server certificate for these names and addresses, with a new P-256 key.
    ///
    /// # Errors
    /// When a name cannot stand in a certificate.
    pub fn issue(&self, random: &dyn Random, names: &[String], now: Timestamp) -> Result<Leaf, CaError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let mut params = dated(random, now, LEAF_LIFETIME)?;
        params.subject_alt_names = CertificateParams::new(names.to_vec())?.subject_alt_names;
        params.distinguished_name = named("Keystead");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Strict verifiers refuse a leaf that does not say who signed it.
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Leaf {
            certificate: certificate.der().clone(),
            key: PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
            not_after: now.plus(LEAF_LIFETIME),
        })
    }
}

/// What the CA's key is sealed with: its certificate, so that nobody who can write to the store can put another one in its
/// place, which clients would then be given.
pub(crate) fn bound_name(certificate_pem: &str) -> String {
    format!("{}\n{certificate_pem}", path::CA)
}

fn named(common_name: &str) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    name
}

/// Certificate parameters with dates and a random positive serial number of 20 bytes (RFC 5280, 4.1.2.2).
fn dated(random: &dyn Random, now: Timestamp, lifetime: i64) -> Result<CertificateParams, CaError> {
    let mut serial = [0; 20];
    random.fill(&mut serial)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.not_before = date(now.plus(-BACKDATED))?;
    params.not_after = date(now.plus(lifetime))?;
    Ok(params)
}

fn date(time: Timestamp) -> Result<time::OffsetDateTime, CaError> {
    time::OffsetDateTime::from_unix_timestamp(time.0).map_err(|_| CaError::Date)
}

/// A certificate cannot be made or opened.
#[derive(Debug, Error)]
pub enum CaError {
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The CA's record cannot be opened.
    #[error(transparent)]
    Open(OpenError),
    /// The CA's record cannot be read.
    #[error(transparent)]
    Image(#[from] ImageError),
    /// There is no such instance.
    #[error("there is no such instance")]
    NoInstance,
    /// The keys of an instance cannot be opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// A certificate cannot be made.
    #[error("a certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// A date that certificates cannot hold.
    #[error("the clock stands at a time that certificates cannot hold")]
    Date,
}
