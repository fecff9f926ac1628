use crate::{EncryptionContext, operation, types::{Base64, BoolText, DataKeySpec, WrappingAlgorithm, WrappingKeySpec}};

operation! {
    /// Makes a random data key of 1 to 1,024 bytes and returns it encrypted twice: under a symmetric key of
    /// the service and under a public key of the caller.
    GenerateAndExportDataKey ("generate_and_export_data_key"), GenerateAndExportDataKeyRequest -> GenerateAndExportDataKeyResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:GenerateAndExportDataKey" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound,
        ForbiddenAliasNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
        /// Public key under which the data key is exported: DER SubjectPublicKeyInfo in base64.
        "PublicKeyBlob" public_key_blob: Base64,
        /// `RSAES_OAEP_SHA_256` or `RSAES_OAEP_SHA_1` with `RSA_2048`, `SM2PKE` with `EC_SM2`.
        "WrappingAlgorithm" wrapping_algorithm: WrappingAlgorithm,
        /// Type of the public key: `RSA_2048` or `EC_SM2`.
        "WrappingKeySpec" wrapping_key_spec: WrappingKeySpec,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
        /// Text pairs that are bound to the ciphertext and must be given again to decrypt it: a flat JSON
        /// object of at most 8,192 characters; none by default.
        "EncryptionContext" encryption_context: EncryptionContext,
        /// Length of the data key: `AES_256` (32 bytes) or `AES_128` (16 bytes); `AES_256` by default,
        /// ignored when `NumberOfBytes` is given.
        "KeySpec" key_spec: DataKeySpec,
        /// Length of the data key in bytes, 1 to 1,024; decided by `KeySpec` when absent.
        "NumberOfBytes" number_of_bytes: i64,
    }
    response {
        /// Data key encrypted under the primary key version, base64; `Decrypt` opens it.
        "CiphertextBlob" ciphertext_blob: Option<Base64>,
        /// The bytes of the data key encrypted under the public key, base64.
        "ExportedDataKey" exported_data_key: Option<Base64>,
        /// Id of the key that was used, also when the call named an alias.
        "KeyId" key_id: Option<String>,
        /// Id of the primary key version, which encrypted the data key.
        "KeyVersionId" key_version_id: Option<String>,
    }
}
