//! A client key's pair, its certificate, and the PKCS#12 file that applications load.

use aws_lc_rs::digest::{SHA256, digest};
use keystead_api::{SecretText, Timestamp};
use keystead_crypto::{KeyPairError, KeyPairSpec, PrivateKey, Random, RandomError, SignatureAlgorithm};
use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey as StoredKey,
    PrivateKeyChain,
};
use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyUsagePurpose, PKCS_RSA_SHA256,
    PublicKeyData, SerialNumber, SigningKey, SubjectPublicKeyInfo,
};
use thiserror::Error;
use zeroize::Zeroizing;

/// Iterations of the key derivations: as OpenSSL has them. More would not help a password that is weak under 3DES.
const ITERATIONS: u32 = 2048;
/// What ties key and certificate together in the file, and the key's name there.
const NAME: &str = "clientkey";

/// A new client key. The private key is nowhere but in the file.
pub(super) struct NewClientKey {
    pub(super) certificate_pem: String,
    /// SubjectPublicKeyInfo.
    pub(super) public_key: Vec<u8>,
    pub(super) pkcs12: Zeroizing<Vec<u8>>,
}

/// Makes an RSA pair, a certificate of it in the name of the client key, and the file of both under the password. Takes from a
/// tenth of a second to a second.
///
/// The file is what the official SDKs of all languages load: two bags, the certificate first, both under 3DES with the same
/// `localKeyId`, and a MAC with SHA-1 (measured with those of Python, Java and Go, of which Go reads nothing newer).
pub(super) fn make(
    random: &dyn Random,
    client_key_id: &str,
    password: &SecretText,
    (not_before, not_after): (Timestamp, Timestamp),
) -> Result<NewClientKey, KeyFileError> {
    let pair = Pair::generate(random)?;
    let mut params = CertificateParams::default();
    params.serial_number = Some(serial_number(random)?);
    params.not_before = date(not_before)?;
    params.not_after = date(not_after)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, client_key_id);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    // Go offers it as its TLS certificate when a server asks for one.
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.self_signed(&pair)?;

    let key = pair.key.to_material()?;
    let chain = PrivateKeyChain::new(
        NAME,
        StoredKey::from_der(key.expose())?,
        [Certificate::from_der(certificate.der())?],
    );
    let mut file = KeyStore::new();
    file.add_entry(NAME, KeyStoreEntry::PrivateKeyChain(chain));
    let pkcs12 = file
        .writer(password.expose())
        .encryption_algorithm(EncryptionAlgorithm::PbeWithShaAnd3KeyTripleDesCbc)
        .encryption_iterations(ITERATIONS)
        .mac_algorithm(MacAlgorithm::HmacSha1)
        .mac_iterations(ITERATIONS)
        .write()?;
    Ok(NewClientKey {
        certificate_pem: certificate.pem(),
        public_key: pair.key.public_key().spki().to_vec(),
        pkcs12: Zeroizing::new(pkcs12),
    })
}

/// The pair as the maker of certificates sees it: it signs, and its private key stays where it is.
struct Pair<'a> {
    random: &'a dyn Random,
    key: PrivateKey,
    public: SubjectPublicKeyInfo,
}

impl<'a> Pair<'a> {
    fn generate(random: &'a dyn Random) -> Result<Self, KeyFileError> {
        let key = PrivateKey::generate(KeyPairSpec::Rsa2048, random)?;
        let public = SubjectPublicKeyInfo::from_der(key.public_key().spki())?;
        Ok(Self { random, key, public })
    }
}

impl PublicKeyData for Pair<'_> {
    fn der_bytes(&self) -> &[u8] {
        self.public.der_bytes()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

impl SigningKey for Pair<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let digest = digest(&SHA256, message);
        self.key
            .sign(self.random, SignatureAlgorithm::RsaPkcs1Sha256, digest.as_ref())
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// Random, positive, of 20 bytes (RFC 5280, 4.1.2.2).
fn serial_number(random: &dyn Random) -> Result<SerialNumber, RandomError> {
    let mut serial = [0; 20];
    random.fill(&mut serial)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(SerialNumber::from_slice(&serial))
}

fn date(time: Timestamp) -> Result<time::OffsetDateTime, KeyFileError> {
    time::OffsetDateTime::from_unix_timestamp(time.0).map_err(|_| KeyFileError::Date)
}

/// A client key cannot be made.
#[derive(Debug, Error)]
pub(super) enum KeyFileError {
    /// There is no randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The pair cannot be made.
    #[error(transparent)]
    Pair(#[from] KeyPairError),
    /// The certificate cannot be made.
    #[error("the certificate cannot be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The file cannot be made.
    #[error("the PKCS#12 file cannot be made: {0}")]
    File(#[from] p12_keystore::error::Error),
    /// A date that certificates cannot hold.
    #[error("the validity has a date that certificates cannot hold")]
    Date,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use keystead_crypto::SystemRandom;
    use p12_keystore::Pkcs12ImportPolicy;

    use super::*;

    #[test]
    fn the_file_opens_with_its_password_only_and_holds_the_pair() {
        let valid = (Timestamp(1_800_000_000), Timestamp(1_900_000_000));
        let made = make(&SystemRandom, "KAAP.x", &"Pass_word1".into(), valid).unwrap();
        let open = |password| KeyStore::from_pkcs12(&made.pkcs12, password, Pkcs12ImportPolicy::Strict);
        assert!(open("Pass_word2").is_err() && open("").is_err());
        let file = open("Pass_word1").unwrap();
        assert_eq!(file.entries_len(), 1);
        let (name, chain) = file.private_key_chain().unwrap();
        assert_eq!((name, chain.certs().len()), (NAME, 1));
        let key = keystead_crypto::KeyMaterial::from_bytes(Zeroizing::new(chain.key().as_der().to_vec()));
        let key = PrivateKey::from_material(KeyPairSpec::Rsa2048, &key).unwrap();
        assert_eq!(key.public_key().spki(), made.public_key);
        let certificate = &chain.certs()[0];
        assert_eq!((certificate.subject(), certificate.issuer()), ("CN=KAAP.x", "CN=KAAP.x"));
        let der = certificate.as_der();
        assert!(der.windows(made.public_key.len()).any(|part| part == made.public_key), "it is of that key");
        assert!(made.certificate_pem.starts_with("-----BEGIN CERTIFICATE-----"));
    }
}
