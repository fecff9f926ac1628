//! One client for calls of the OpenAPI, served from an instance.

mod asymmetric;
mod blob;
mod faults;
mod symmetric;

use std::fmt;

use keystead_api::{Operation, SecretText, operations};

use super::client::InstanceClient;
use super::options::CallOptions;
use crate::client::Client;
use crate::error::Error;

/// Takes calls as the OpenAPI has them and serves ten of them from a KMS instance, as the official transfer SDKs do: a
/// program moves to an instance with its calls and its old ciphertexts as they are.
///
/// Encrypt, Decrypt, GenerateDataKey, GenerateDataKeyWithoutPlaintext, AsymmetricEncrypt, AsymmetricDecrypt,
/// AsymmetricSign, AsymmetricVerify, GetPublicKey and GetSecretValue go to the instance; all others to the [`Client`] of
/// [`TransferClient::openapi`].
///
/// ```no_run
/// use keystead_client::instance::{InstanceClient, TransferClient};
/// use keystead_client::operations::EncryptRequest;
///
/// # async fn example(instance: InstanceClient) -> Result<(), keystead_client::Error> {
/// let client = TransferClient::new(instance);
/// let answer = client.encrypt(EncryptRequest::new("alias/app", b"hello")).await?;
/// println!("{}", answer.ciphertext_blob);
/// # Ok(())
/// # }
/// ```
///
/// # Ciphertexts
///
/// A `CiphertextBlob` is that of the OpenAPI: Base64 of the key version's id (36 bytes), the IV (12), the ciphertext and
/// the tag (16). What the official transfer SDKs made is decrypted here and the other way round; so is what the OpenAPI
/// made under the same key. An encryption context is bound as the 32 bytes of the SHA-256 of its sorted pairs, which is
/// the way of the official SDKs of Java and Go, and of that of Python for migration (`dkms-transfer`). The SDK of Python and PHP
/// named `kms` binds the same hash as hex text, so ciphertexts with a context are not exchanged with these.
///
/// # Errors
///
/// Codes of the instance's API come out as those of the OpenAPI, where the two differ. Base64 that is none, a `KeySpec`
/// that is unknown, and a ciphertext too short to be one are [`Error::InvalidParameter`], and nothing is sent.
/// `DryRun` and `Recipient` do not exist at the instance; a call with one of them is refused rather than half done.
#[derive(Clone)]
pub struct TransferClient {
    instance: InstanceClient,
    openapi: Option<Client>,
    low_version: bool,
}

impl TransferClient {
    /// Serves from this instance, and nothing from anywhere else.
    #[must_use]
    pub fn new(instance: InstanceClient) -> Self {
        Self { instance, openapi: None, low_version: false }
    }

    /// The client for the operations that an instance does not serve.
    #[must_use]
    pub fn openapi(mut self, client: Client) -> Self {
        self.openapi = Some(client);
        self
    }

    /// Uses the operations Encrypt, Decrypt and GenerateDataKey of the instance in place of their Advance forms: they use
    /// the key's initial version, not its primary one. The official name is `forceLowVersionCryptoTransfer`; the SDK
    /// `dkms-transfer` always works so. `false` by default.
    #[must_use]
    pub fn low_version_crypto(mut self, low_version: bool) -> Self {
        self.low_version = low_version;
        self
    }

    /// The client of the instance's own API.
    #[must_use]
    pub fn instance(&self) -> &InstanceClient {
        &self.instance
    }

    /// Calls an operation at the OpenAPI, also one that would be served from the instance.
    ///
    /// # Errors
    /// As [`Client::call`]; [`Error::Request`] without a client for it.
    pub async fn call_openapi<O: Operation>(&self, request: O::Request) -> Result<O::Response, Error> {
        let client = self.openapi.as_ref().ok_or(Error::Request(
            "an instance does not serve this operation, and no OpenAPI client is set",
        ))?;
        client.call::<O>(&request).await
    }

    /// The instance's client for a key version; without an id, for the one that the instance takes.
    fn at_version(&self, id: &str) -> Result<InstanceClient, Error> {
        if id.is_empty() {
            return Ok(self.instance.clone());
        }
        Ok(self.instance.with(CallOptions::new().key_version(id)?))
    }
}

impl fmt::Debug for TransferClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferClient")
            .field("instance", &self.instance)
            .field("openapi", &self.openapi)
            .field("low_version", &self.low_version)
            .finish()
    }
}

/// Refuses what an instance cannot do.
fn refuse(dry_run: Option<&str>, recipient: Option<&str>) -> Result<(), Error> {
    if dry_run.is_some_and(|value| value.eq_ignore_ascii_case("true")) {
        return Err(Error::InvalidParameter("an instance has no DryRun"));
    }
    if recipient.is_some_and(|value| !value.is_empty()) {
        return Err(Error::InvalidParameter("an instance has no Recipient"));
    }
    Ok(())
}

/// The version that the answer names, else the one that was asked for.
fn version(answered: Option<&str>, asked: &str) -> Option<String> {
    let asked = (!asked.is_empty()).then_some(asked);
    answered.or(asked).map(str::to_owned)
}

/// Takes a text out of an answer.
fn taken(text: &mut String) -> SecretText {
    SecretText::new(std::mem::take(text))
}

macro_rules! calls {
    ($($method:ident $name:ident,)*) => {
        /// One method per operation of the OpenAPI.
        impl TransferClient {
            $(calls! { @method $method $name })*
        }
    };
    (@method encrypt $name:ident) => { calls! { @instance encrypt $name encrypt_there } };
    (@method decrypt $name:ident) => { calls! { @instance decrypt $name decrypt_there } };
    (@method generate_data_key $name:ident) => { calls! { @instance generate_data_key $name data_key_there } };
    (@method generate_data_key_without_plaintext $name:ident) => {
        calls! { @instance generate_data_key_without_plaintext $name sealed_data_key_there }
    };
    (@method asymmetric_encrypt $name:ident) => {
        calls! { @instance asymmetric_encrypt $name asymmetric_encrypt_there }
    };
    (@method asymmetric_decrypt $name:ident) => {
        calls! { @instance asymmetric_decrypt $name asymmetric_decrypt_there }
    };
    (@method asymmetric_sign $name:ident) => { calls! { @instance asymmetric_sign $name sign_there } };
    (@method asymmetric_verify $name:ident) => { calls! { @instance asymmetric_verify $name verify_there } };
    (@method get_public_key $name:ident) => { calls! { @instance get_public_key $name public_key_there } };
    (@method get_secret_value $name:ident) => { calls! { @instance get_secret_value $name secret_value_there } };
    (@method $method:ident $name:ident) => {
        #[doc = concat!("Calls [`", stringify!($name), "`](operations::", stringify!($name), ") at the OpenAPI.")]
        ///
        /// # Errors
        /// As [`TransferClient::call_openapi`].
        pub async fn $method(
            &self,
            request: <operations::$name as Operation>::Request,
        ) -> Result<<operations::$name as Operation>::Response, Error> {
            self.call_openapi::<operations::$name>(request).await
        }
    };
    (@instance $method:ident $name:ident $there:ident) => {
        #[doc = concat!("Serves [`", stringify!($name), "`](operations::", stringify!($name), ") from the instance.")]
        ///
        /// # Errors
        /// As [`InstanceClient::call`], with codes of the OpenAPI; [`Error::InvalidParameter`] for what would be refused, and
        /// [`Error::Answer`] for an answer that lacks what the OpenAPI's has.
        pub async fn $method(
            &self,
            request: <operations::$name as Operation>::Request,
        ) -> Result<<operations::$name as Operation>::Response, Error> {
            self.$there(request).await.map_err(faults::as_openapi)
        }
    };
}

keystead_api::for_each_operation!(calls);
