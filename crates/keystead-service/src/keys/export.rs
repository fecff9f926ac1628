use keystead_api::operations::{
    ExportDataKeyRequest, ExportDataKeyResponse, GenerateAndExportDataKeyRequest,
    GenerateAndExportDataKeyResponse,
};
use keystead_api::{ApiError, SecretText};
use keystead_crypto::{EncryptionAlgorithm, KeyPairError, KeyPairSpec, PublicKey};
use zeroize::Zeroizing;

use crate::call::Call;
use crate::keys::pair::{encryption_algorithm, failed, is_quick};
use crate::keys::{base64, cipher, data_key};

/// `ExportDataKey`
pub(crate) async fn export(
    call: &Call<'_>,
    request: ExportDataKeyRequest,
) -> Result<ExportDataKeyResponse, ApiError> {
    let context = request.encryption_context.as_ref();
    let (key, version_id, data_key) = cipher::open(call, &request.ciphertext_blob, context).await?;
    let recipient =
        Recipient::read(&request.public_key_blob, &request.wrapping_key_spec, &request.wrapping_algorithm)?;
    let exported = recipient.wrap(call, &data_key, "CiphertextBlob").await?;
    Ok(ExportDataKeyResponse {
        exported_data_key: Some(exported.into()),
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(version_id),
        ..ExportDataKeyResponse::default()
    })
}

/// `GenerateAndExportDataKey`
pub(crate) async fn generate_and_export(
    call: &Call<'_>,
    request: GenerateAndExportDataKeyRequest,
) -> Result<GenerateAndExportDataKeyResponse, ApiError> {
    let key = call.key("KeyId", &request.key_id).await?;
    let len = data_key::data_key_len(request.key_spec.as_deref(), request.number_of_bytes)?;
    let recipient =
        Recipient::read(&request.public_key_blob, &request.wrapping_key_spec, &request.wrapping_algorithm)?;
    let context = request.encryption_context.as_ref();
    let (data_key, ciphertext_blob) = data_key::make(call, &key, len, context).await?;
    let exported = recipient.wrap(call, &data_key, "NumberOfBytes").await?;
    Ok(GenerateAndExportDataKeyResponse {
        ciphertext_blob: Some(ciphertext_blob.into()),
        exported_data_key: Some(exported.into()),
        key_id: Some(key.value.key_id.as_str().to_owned()),
        key_version_id: Some(key.value.primary_version.as_str().to_owned()),
        ..GenerateAndExportDataKeyResponse::default()
    })
}

/// Whoever gets a data key: the caller's public key and how to encrypt under it.
struct Recipient {
    key: PublicKey,
    algorithm: EncryptionAlgorithm,
}

impl Recipient {
    fn read(public_key_blob: &str, spec: &str, algorithm: &str) -> Result<Self, ApiError> {
        let spec = match spec {
            "RSA_2048" => KeyPairSpec::Rsa2048,
            "EC_SM2" => KeyPairSpec::Sm2,
            _ => return Err(ApiError::invalid_parameter("WrappingKeySpec")),
        };
        let algorithm = encryption_algorithm(spec, "WrappingAlgorithm", algorithm)?;
        let der = base64::decode("PublicKeyBlob", public_key_blob)?;
        let key =
            PublicKey::from_spki(spec, &der).map_err(|_| ApiError::invalid_parameter("PublicKeyBlob"))?;
        Ok(Self { key, algorithm })
    }

    /// Encrypts a data key's bytes. `param` is to blame when there are too many of them.
    async fn wrap(
        self,
        call: &Call<'_>,
        data_key: &SecretText,
        param: &'static str,
    ) -> Result<String, ApiError> {
        let bytes = raw(data_key);
        let random = call.engine.random.clone();
        let quick = is_quick(self.key.spec());
        let work = move || self.key.encrypt(&*random, self.algorithm, &bytes);
        let wrapped = if quick { work() } else { call.engine.heavy.operation(work).await? };
        let wrapped = wrapped.map_err(|error| match error {
            KeyPairError::TooLong => ApiError::invalid_parameter(param),
            error => failed(error),
        })?;
        Ok(base64::encode(&wrapped))
    }
}

/// Under the cipher of a data key is its base64 text. Any other text is exported as it is.
fn raw(data_key: &SecretText) -> Zeroizing<Vec<u8>> {
    let text = data_key.expose();
    base64::decode_text(text).unwrap_or_else(|| Zeroizing::new(text.as_bytes().to_vec()))
}
