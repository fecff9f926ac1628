//! Key pairs.

use keystead_api::instance::{
    DecryptRequest, EncryptRequest, GetPublicKeyRequest, SignRequest, VerifyRequest,
};
use keystead_api::operations;

use super::blob::decoded;
use super::{TransferClient, refuse, version};
use crate::error::Error;

/// What the OpenAPI signs and verifies: a digest, never a message.
const DIGEST: &str = "DIGEST";

impl TransferClient {
    pub(super) async fn asymmetric_encrypt_there(
        &self,
        request: operations::AsymmetricEncryptRequest,
    ) -> Result<operations::AsymmetricEncryptResponse, Error> {
        refuse(request.dry_run.as_deref(), None)?;
        let call = EncryptRequest {
            plaintext: decoded(request.plaintext.expose(), "Plaintext is not Base64")?,
            key_id: request.key_id,
            algorithm: request.algorithm.into(),
            ..Default::default()
        };
        let mut answer = self.at_version(&request.key_version_id)?.encrypt(call).await?;
        Ok(operations::AsymmetricEncryptResponse {
            ciphertext_blob: Some((&answer.ciphertext_blob).into()),
            key_version_id: version(answer.key_version(), &request.key_version_id),
            key_id: std::mem::take(&mut answer.key_id).into(),
            request_id: std::mem::take(&mut answer.request_id),
        })
    }

    pub(super) async fn asymmetric_decrypt_there(
        &self,
        request: operations::AsymmetricDecryptRequest,
    ) -> Result<operations::AsymmetricDecryptResponse, Error> {
        refuse(request.dry_run.as_deref(), request.recipient.as_deref())?;
        let call = DecryptRequest {
            ciphertext_blob: decoded(&request.ciphertext_blob, "CiphertextBlob is not Base64")?,
            key_id: request.key_id,
            algorithm: request.algorithm.into(),
            ..Default::default()
        };
        let mut answer = self.at_version(&request.key_version_id)?.decrypt(call).await?;
        Ok(operations::AsymmetricDecryptResponse {
            ciphertext_for_recipient: None,
            plaintext: Some(answer.plaintext.as_slice().into()),
            key_version_id: version(answer.key_version(), &request.key_version_id),
            key_id: std::mem::take(&mut answer.key_id).into(),
            request_id: std::mem::take(&mut answer.request_id),
        })
    }

    pub(super) async fn sign_there(
        &self,
        request: operations::AsymmetricSignRequest,
    ) -> Result<operations::AsymmetricSignResponse, Error> {
        refuse(request.dry_run.as_deref(), None)?;
        let call = SignRequest {
            message: decoded(&request.digest, "Digest is not Base64")?,
            key_id: request.key_id,
            algorithm: request.algorithm.into(),
            message_type: DIGEST.into(),
            ..Default::default()
        };
        let mut answer = self.at_version(&request.key_version_id)?.sign(call).await?;
        Ok(operations::AsymmetricSignResponse {
            value: Some((&answer.signature).into()),
            key_version_id: version(answer.key_version(), &request.key_version_id),
            key_id: std::mem::take(&mut answer.key_id).into(),
            request_id: std::mem::take(&mut answer.request_id),
        })
    }

    pub(super) async fn verify_there(
        &self,
        request: operations::AsymmetricVerifyRequest,
    ) -> Result<operations::AsymmetricVerifyResponse, Error> {
        refuse(request.dry_run.as_deref(), None)?;
        let call = VerifyRequest {
            message: decoded(&request.digest, "Digest is not Base64")?,
            signature: decoded(&request.value, "Value is not Base64")?,
            key_id: request.key_id,
            algorithm: request.algorithm.into(),
            message_type: DIGEST.into(),
            ..Default::default()
        };
        let mut answer = self.at_version(&request.key_version_id)?.verify(call).await?;
        Ok(operations::AsymmetricVerifyResponse {
            value: Some(answer.value),
            key_version_id: version(answer.key_version(), &request.key_version_id),
            key_id: std::mem::take(&mut answer.key_id).into(),
            request_id: std::mem::take(&mut answer.request_id),
        })
    }

    pub(super) async fn public_key_there(
        &self,
        request: operations::GetPublicKeyRequest,
    ) -> Result<operations::GetPublicKeyResponse, Error> {
        refuse(request.dry_run.as_deref(), None)?;
        let call = GetPublicKeyRequest { key_id: request.key_id };
        let mut answer = self.at_version(&request.key_version_id)?.get_public_key(call).await?;
        Ok(operations::GetPublicKeyResponse {
            public_key: std::mem::take(&mut answer.public_key).into(),
            key_version_id: version(answer.key_version(), &request.key_version_id),
            key_id: std::mem::take(&mut answer.key_id).into(),
            request_id: std::mem::take(&mut answer.request_id),
        })
    }
}
