//! Symmetric keys, data keys and secrets.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::instance::{
    AdvanceDecryptRequest, AdvanceEncryptRequest, AdvanceGenerateDataKeyRequest, DecryptRequest,
    EncryptRequest, GenerateDataKeyRequest, GetSecretValueRequest,
};
use keystead_api::{EncryptionContext, SecretText, operations};
use zeroize::Zeroizing;

use super::blob::Classic;
use super::{TransferClient, refuse, taken};
use crate::error::Error;

/// A key's answer: what was made of a plaintext.
struct Sealed {
    key_id: String,
    request_id: String,
    blob: Classic,
}

/// A data key before it is encrypted.
struct DataKey {
    key_id: String,
    request_id: String,
    /// The Base64 text, which is what the OpenAPI encrypts.
    text: SecretText,
}

impl TransferClient {
    pub(super) async fn encrypt_there(
        &self,
        request: operations::EncryptRequest,
    ) -> Result<operations::EncryptResponse, Error> {
        refuse(request.dry_run.as_deref(), None)?;
        let aad = aad(request.encryption_context.as_ref());
        let sealed = self.seal(request.key_id, request.plaintext.expose().as_bytes(), aad).await?;
        Ok(operations::EncryptResponse {
            ciphertext_blob: sealed.blob.to_base64().into(),
            key_id: sealed.key_id,
            key_version_id: sealed.blob.version().to_owned(),
            request_id: sealed.request_id,
        })
    }

    pub(super) async fn decrypt_there(
        &self,
        request: operations::DecryptRequest,
    ) -> Result<operations::DecryptResponse, Error> {
        refuse(request.dry_run.as_deref(), request.recipient.as_deref())?;
        let blob = Classic::read(&request.ciphertext_blob)?;
        let aad = aad(request.encryption_context.as_ref());
        let (key_id, key_version_id, plaintext, request_id) = if self.low_version {
            let call =
                DecryptRequest { ciphertext_blob: blob.sealed(), aad, iv: blob.iv(), ..Default::default() };
            let mut answer = self.at_version(blob.version())?.decrypt(call).await?;
            let version = answer.key_version().unwrap_or(blob.version()).to_owned();
            (
                std::mem::take(&mut answer.key_id),
                version,
                std::mem::take(&mut answer.plaintext),
                std::mem::take(&mut answer.request_id),
            )
        } else {
            // The IV stands in the blob as well; the official clients send it beside it.
            let call = AdvanceDecryptRequest {
                ciphertext_blob: blob.advance(),
                aad,
                iv: blob.iv(),
                ..Default::default()
            };
            let mut answer = self.instance().advance_decrypt(call).await?;
            let version = match std::mem::take(&mut answer.key_version_id) {
                empty if empty.is_empty() => blob.version().to_owned(),
                version => version,
            };
            (
                std::mem::take(&mut answer.key_id),
                version,
                std::mem::take(&mut answer.plaintext),
                std::mem::take(&mut answer.request_id),
            )
        };
        Ok(operations::DecryptResponse {
            ciphertext_for_recipient: None,
            key_id,
            key_version_id,
            plaintext: text(plaintext)?.into(),
            request_id,
        })
    }

    pub(super) async fn data_key_there(
        &self,
        request: operations::GenerateDataKeyRequest,
    ) -> Result<operations::GenerateDataKeyResponse, Error> {
        refuse(request.dry_run.as_deref(), request.recipient.as_deref())?;
        let bytes = size(request.key_spec.as_deref(), request.number_of_bytes)?;
        let aad = aad(request.encryption_context.as_ref());
        let (made, sealed) = self.data_key(request.key_id, bytes, aad).await?;
        Ok(operations::GenerateDataKeyResponse {
            ciphertext_blob: sealed.blob.to_base64().into(),
            ciphertext_for_recipient: None,
            key_id: made.key_id,
            key_version_id: sealed.blob.version().to_owned(),
            plaintext: made.text.into(),
            request_id: made.request_id,
        })
    }

    pub(super) async fn sealed_data_key_there(
        &self,
        request: operations::GenerateDataKeyWithoutPlaintextRequest,
    ) -> Result<operations::GenerateDataKeyWithoutPlaintextResponse, Error> {
        refuse(request.dry_run.as_deref(), None)?;
        let bytes = size(request.key_spec.as_deref(), request.number_of_bytes)?;
        let aad = aad(request.encryption_context.as_ref());
        let (made, sealed) = self.data_key(request.key_id, bytes, aad).await?;
        Ok(operations::GenerateDataKeyWithoutPlaintextResponse {
            ciphertext_blob: sealed.blob.to_base64().into(),
            key_id: made.key_id,
            key_version_id: sealed.blob.version().to_owned(),
            request_id: made.request_id,
        })
    }

    pub(super) async fn secret_value_there(
        &self,
        request: operations::GetSecretValueRequest,
    ) -> Result<operations::GetSecretValueResponse, Error> {
        refuse(request.dry_run.as_deref(), request.recipient.as_deref())?;
        let call = GetSecretValueRequest {
            secret_name: request.secret_name,
            version_stage: request.version_stage.unwrap_or_default().into(),
            version_id: request.version_id.unwrap_or_default(),
            fetch_extended_config: request.fetch_extended_config.unwrap_or_default(),
        };
        let mut answer = self.instance().get_secret_value(call).await?;
        let given = |text: &mut String| Some(std::mem::take(text)).filter(|text| !text.is_empty());
        Ok(operations::GetSecretValueResponse {
            automatic_rotation: given(&mut answer.automatic_rotation).map(Into::into),
            ciphertext_for_recipient: None,
            create_time: std::mem::take(&mut answer.create_time),
            extended_config: given(&mut answer.extended_config).map(Into::into),
            last_rotation_date: given(&mut answer.last_rotation_date),
            next_rotation_date: given(&mut answer.next_rotation_date),
            rotation_interval: given(&mut answer.rotation_interval),
            secret_data: taken(&mut answer.secret_data),
            secret_data_type: std::mem::take(&mut answer.secret_data_type).into(),
            secret_name: std::mem::take(&mut answer.secret_name),
            secret_type: std::mem::take(&mut answer.secret_type).into(),
            version_id: std::mem::take(&mut answer.version_id),
            version_stages: operations::GetSecretValueVersionStages {
                version_stage: std::mem::take(&mut answer.version_stages)
                    .into_iter()
                    .map(Into::into)
                    .collect(),
            },
            request_id: std::mem::take(&mut answer.request_id),
        })
    }

    async fn seal(&self, key_id: String, plaintext: &[u8], aad: Vec<u8>) -> Result<Sealed, Error> {
        let plaintext = plaintext.to_vec();
        if self.low_version {
            let call = EncryptRequest { key_id, plaintext, aad, ..Default::default() };
            let mut answer = self.instance().encrypt(call).await?;
            let blob = Classic::of_plain(answer.key_version(), &answer.iv, &answer.ciphertext_blob)?;
            Ok(Sealed {
                key_id: std::mem::take(&mut answer.key_id),
                request_id: std::mem::take(&mut answer.request_id),
                blob,
            })
        } else {
            let call = AdvanceEncryptRequest { key_id, plaintext, aad, ..Default::default() };
            let mut answer = self.instance().advance_encrypt(call).await?;
            Ok(Sealed {
                key_id: std::mem::take(&mut answer.key_id),
                request_id: std::mem::take(&mut answer.request_id),
                blob: Classic::of_advance(&answer.ciphertext_blob)?,
            })
        }
    }

    /// A data key, drawn by the instance, and its Base64 text encrypted by a second call: the instance encrypts the key's
    /// bytes, the OpenAPI its text. The first call's ciphertext is not used. If the second call fails, the key was made in
    /// vain and nothing has to be undone.
    async fn data_key(&self, key_id: String, bytes: i32, aad: Vec<u8>) -> Result<(DataKey, Sealed), Error> {
        let made = if self.low_version {
            let call = GenerateDataKeyRequest {
                key_id: key_id.clone(),
                number_of_bytes: bytes,
                aad: aad.clone(),
                ..Default::default()
            };
            let mut answer = self.instance().generate_data_key(call).await?;
            DataKey {
                text: STANDARD.encode(&answer.plaintext).into(),
                key_id: std::mem::take(&mut answer.key_id),
                request_id: std::mem::take(&mut answer.request_id),
            }
        } else {
            let call = AdvanceGenerateDataKeyRequest {
                key_id: key_id.clone(),
                number_of_bytes: bytes,
                aad: aad.clone(),
            };
            let mut answer = self.instance().advance_generate_data_key(call).await?;
            DataKey {
                text: STANDARD.encode(&answer.plaintext).into(),
                key_id: std::mem::take(&mut answer.key_id),
                request_id: std::mem::take(&mut answer.request_id),
            }
        };
        let sealed = self.seal(key_id, made.text.expose().as_bytes(), aad).await?;
        Ok((made, sealed))
    }
}

/// What binds an encryption context: the bytes of the SHA-256 of its sorted pairs; nothing without pairs.
fn aad(context: Option<&EncryptionContext>) -> Vec<u8> {
    match context {
        Some(context) if !context.is_empty() => {
            digest(&SHA256, context.canonical_text().as_bytes()).as_ref().to_vec()
        }
        _ => Vec::new(),
    }
}

/// Bytes of a data key. A number wins over a spec.
fn size(spec: Option<&str>, bytes: Option<i64>) -> Result<i32, Error> {
    match (bytes, spec) {
        (Some(bytes), _) => match i32::try_from(bytes) {
            Ok(bytes @ 1..=1024) => Ok(bytes),
            _ => Err(Error::InvalidParameter("NumberOfBytes is not 1 to 1024")),
        },
        (None, None | Some("" | "AES_256")) => Ok(32),
        (None, Some("AES_128")) => Ok(16),
        (None, Some(_)) => Err(Error::InvalidParameter("KeySpec is neither AES_256 nor AES_128")),
    }
}

/// The plaintext as text, which is what the OpenAPI encrypts.
fn text(plaintext: Vec<u8>) -> Result<SecretText, Error> {
    match String::from_utf8(plaintext) {
        Ok(text) => Ok(text.into()),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(Error::Answer("the plaintext is no text, so it was not encrypted through the OpenAPI"))
        }
    }
}
