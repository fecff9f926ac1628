//! The key that signs the chain's heads.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::Timestamp;
use keystead_crypto::{KeyMaterial, KeyPairSpec, PrivateKey, PublicKey, Random, SignatureAlgorithm};
use keystead_store::{Batch, Store, StoreError};
use rustls_pki_types::SubjectPublicKeyInfoDer;
use rustls_pki_types::pem::PemObject as _;
use serde::{Deserialize, Serialize};

use super::AuditError;
use super::line::{Tip, sha256};
use crate::image::decode;
use crate::records::{Sealed, Stored};
use crate::vault::RootKeys;

/// Where the key stands.
pub(super) const PATH: &str = "service/audit-key";
/// Hexadecimal digits of a key's id.
const ID_DIGITS: usize = 16;

/// The stored key.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AuditKeyRecord {
    /// The public half, PEM.
    pub(super) public_pem: String,
    /// The private half, PKCS#8, under the root key; bound to the public one.
    sealed_key: Sealed,
    created: Timestamp,
}

impl Stored for AuditKeyRecord {
    const KIND: &'static str = "audit-key";
    const FORMAT: u16 = 1;
}

/// Signs heads.
pub(super) struct HeadKey {
    key: PrivateKey,
    id: String,
}

/// Checks heads.
pub struct HeadVerifier {
    key: PublicKey,
    id: String,
}

impl HeadKey {
    /// The installation's key; made when there is none.
    pub(super) async fn open(
        store: &dyn Store,
        root: &RootKeys,
        random: &dyn Random,
        now: Timestamp,
    ) -> Result<Self, AuditError> {
        loop {
            if let Some(record) = store.get(PATH).await? {
                let record = decode::<AuditKeyRecord>(&record)?.value;
                let der = root.open_service_key(&bound_name(&record.public_pem), &record.sealed_key);
                let der = der.map_err(|_| AuditError::Key)?;
                return Self::new(&KeyMaterial::from_bytes(der));
            }
            let failed = |_| AuditError::Key;
            let new = PrivateKey::generate(KeyPairSpec::EcP256, random).map_err(failed)?;
            let public_pem = new.public_key().pem();
            let material = new.to_material().map_err(failed)?;
            let sealed_key = root.seal_service_key(random, &bound_name(&public_pem), material.expose());
            let sealed_key = sealed_key.map_err(|_| AuditError::Key)?;
            let record = AuditKeyRecord { public_pem, sealed_key, created: now };
            let value = serde_json::to_vec(&record).map_err(|_| AuditError::Key)?;
            let mut batch = Batch::new();
            batch.create(PATH, AuditKeyRecord::KIND, AuditKeyRecord::FORMAT, value);
            match store.commit(batch).await {
                // Another node has made one at this moment.
                Ok(_) | Err(StoreError::Conflict { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn new(material: &KeyMaterial) -> Result<Self, AuditError> {
        let key = PrivateKey::from_material(KeyPairSpec::EcP256, material).map_err(|_| AuditError::Key)?;
        let id = key_id(key.public_key());
        Ok(Self { key, id })
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn public_pem(&self) -> String {
        self.key.public_key().pem()
    }

    pub(super) fn verifier(&self) -> Result<HeadVerifier, AuditError> {
        HeadVerifier::from_pem(self.public_pem().as_bytes())
    }

    /// Signs that the chain ends here; base64 of a DER signature.
    pub(super) fn sign(&self, random: &dyn Random, tip: &Tip, time: &str) -> Result<String, AuditError> {
        let digest = sha256(signed(&self.id, tip, time).as_bytes());
        let signature = self.key.sign(random, SignatureAlgorithm::EcdsaSha256, &digest);
        Ok(STANDARD.encode(signature.map_err(|_| AuditError::Key)?))
    }
}

impl HeadVerifier {
    /// Reads a public key: P-256, PEM.
    ///
    /// # Errors
    /// When it is none.
    pub fn from_pem(pem: &[u8]) -> Result<Self, AuditError> {
        let der = SubjectPublicKeyInfoDer::from_pem_slice(pem).map_err(|_| AuditError::Key)?;
        let key = PublicKey::from_spki(KeyPairSpec::EcP256, &der).map_err(|_| AuditError::Key)?;
        let id = key_id(&key);
        Ok(Self { key, id })
    }

    /// The first digits of the SHA-256 of its SubjectPublicKeyInfo.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn verify(&self, tip: &Tip, time: &str, signature: &str) -> bool {
        let digest = sha256(signed(&self.id, tip, time).as_bytes());
        STANDARD.decode(signature).is_ok_and(|signature| {
            self.key.verify(SignatureAlgorithm::EcdsaSha256, &digest, &signature).is_ok_and(|good| good)
        })
    }
}

/// The text that a head's signature is over. What the key signs is of this form only.
fn signed(key_id: &str, tip: &Tip, time: &str) -> String {
    format!("keystead-audit-head-v1\n{key_id}\n{}\n{}\n{time}\n", tip.seq, hex::encode(tip.hash))
}

fn key_id(key: &PublicKey) -> String {
    let mut id = hex::encode(sha256(key.spki()));
    id.truncate(ID_DIGITS);
    id
}

fn bound_name(public_pem: &str) -> String {
    format!("{PATH}\n{public_pem}")
}
