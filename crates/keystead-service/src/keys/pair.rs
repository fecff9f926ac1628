use keystead_api::{ApiError, ErrorCode};
use keystead_crypto::{
    EncryptionAlgorithm, KeyPairError, KeyPairSpec, PrivateKey, PublicKey, SignatureAlgorithm,
};

use crate::call::{Call, Key};
use crate::keys::check_usable;
use crate::records::{KeyKind, KeyUsage};
use crate::vault::PrivateKeyHandle;

/// A version of a key pair that may be used now.
pub(crate) struct Pair<'a> {
    call: &'a Call<'a>,
    key: &'a Key,
    version_id: &'a str,
    /// What kind of pair it is.
    pub(crate) spec: KeyPairSpec,
}

impl<'a> Pair<'a> {
    /// Finds the version of a key, after the checks that every operation with key pairs makes. `usage` is what the key must
    /// have been made for; none lets every key pair through.
    pub(crate) async fn find(
        call: &'a Call<'a>,
        key: &'a Key,
        version_id: &'a str,
        usage: Option<KeyUsage>,
    ) -> Result<Self, ApiError> {
        let KeyKind::Pair(spec) = key.value.spec.kind() else {
            return Err(ErrorCode::RejectedUnsupportedOperation.into());
        };
        if usage.is_some_and(|usage| usage != key.value.usage) {
            return Err(ErrorCode::RejectedUnsupportedOperation.into());
        }
        call.version_of(&key.value, version_id).await?;
        check_usable(&key.value, call.now)?;
        Ok(Self { call, key, version_id, spec })
    }

    /// Computes with the private key: RSA, SM2 and secp256k1 on threads for that, P-256 at once.
    pub(crate) async fn private<T: Send + 'static>(
        &self,
        work: impl FnOnce(&PrivateKey) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let at_once = self.spec == KeyPairSpec::EcP256;
        self.compute(at_once, work).await
    }

    /// Computes with the public key: SM2 and secp256k1 on threads for that, RSA and P-256 at once.
    pub(crate) async fn public<T: Send + 'static>(
        &self,
        work: impl FnOnce(&PublicKey) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        self.compute(is_quick(self.spec), |key| work(key.public_key())).await
    }

    async fn compute<T: Send + 'static>(
        &self,
        at_once: bool,
        work: impl FnOnce(&PrivateKey) -> T + Send + 'static,
    ) -> Result<T, ApiError> {
        let key = self.open().await?;
        if at_once { Ok(work(&key)) } else { self.call.engine.heavy.operation(move || work(&key)).await }
    }

    /// The opened key.
    pub(crate) async fn open(&self) -> Result<PrivateKeyHandle, ApiError> {
        let engine = self.call.engine;
        Ok(engine.vault.private_key(&engine.image, &engine.heavy, &self.key.value, self.version_id).await?)
    }
}

/// Whether a computation with the public key takes only some tens of microseconds.
pub(crate) fn is_quick(spec: KeyPairSpec) -> bool {
    !matches!(spec, KeyPairSpec::EcP256k | KeyPairSpec::Sm2)
}

/// The signature algorithm that `Algorithm` names, if the key can do it; left empty, the default of the key's spec.
pub(crate) fn signature_algorithm(spec: KeyPairSpec, name: &str) -> Result<SignatureAlgorithm, ApiError> {
    use SignatureAlgorithm::{EcdsaSha256, RsaPkcs1Sha256, RsaPssSha256, Sm2Dsa};
    let possible: &[SignatureAlgorithm] = match spec {
        KeyPairSpec::Rsa2048 | KeyPairSpec::Rsa3072 | KeyPairSpec::Rsa4096 => &[RsaPssSha256, RsaPkcs1Sha256],
        KeyPairSpec::EcP256 | KeyPairSpec::EcP256k => &[EcdsaSha256],
        KeyPairSpec::Sm2 => &[Sm2Dsa],
    };
    choose(possible, name, SignatureAlgorithm::find).ok_or_else(|| ApiError::invalid_parameter("Algorithm"))
}

/// The encryption algorithm that a parameter names, if the key can do it; left empty, the default of the key's spec.
pub(crate) fn encryption_algorithm(
    spec: KeyPairSpec,
    param: &'static str,
    name: &str,
) -> Result<EncryptionAlgorithm, ApiError> {
    use EncryptionAlgorithm::{RsaesOaepSha1, RsaesOaepSha256, Sm2Pke};
    let possible: &[EncryptionAlgorithm] = match spec {
        KeyPairSpec::Rsa2048 | KeyPairSpec::Rsa3072 | KeyPairSpec::Rsa4096 => {
            &[RsaesOaepSha256, RsaesOaepSha1]
        }
        KeyPairSpec::EcP256 | KeyPairSpec::EcP256k => &[],
        KeyPairSpec::Sm2 => &[Sm2Pke],
    };
    choose(possible, name, EncryptionAlgorithm::find).ok_or_else(|| ApiError::invalid_parameter(param))
}

fn choose<T: Copy + PartialEq>(possible: &[T], name: &str, find: fn(&str) -> Option<T>) -> Option<T> {
    if name.is_empty() {
        return possible.first().copied();
    }
    find(name).filter(|algorithm| possible.contains(algorithm))
}

/// What callers see of an error that their parameters, once checked, do not explain.
pub(crate) fn failed(error: KeyPairError) -> ApiError {
    tracing::error!(%error, "a computation with a key pair failed");
    ErrorCode::InternalFailure.into()
}
