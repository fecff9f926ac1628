use crate::{EncryptionContext, operation, types::{Base64, BoolText, WrappingAlgorithm, WrappingKeySpec}};

operation! {
    /// Decrypts a data key inside the service and returns its bytes encrypted under a public key of the
    /// caller.
    ExportDataKey ("export_data_key"), ExportDataKeyRequest -> ExportDataKeyResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:ExportDataKey" on KeyOfCiphertext("CiphertextBlob")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound,
        ForbiddenAliasNotFound, ForbiddenKeyVersionNotFound, RejectedDisabled, RejectedPendingDeletion,
        RejectedPendingImport, RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Encrypted data key, base64, as a data key operation returned it.
        "CiphertextBlob" ciphertext_blob: Base64,
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
        /// The same pairs that were given when the data key was made, in any order; none by default.
        "EncryptionContext" encryption_context: EncryptionContext,
    }
    response {
        /// The bytes of the data key encrypted under the public key, base64.
        "ExportedDataKey" exported_data_key: Option<Base64>,
        /// Id of the key that decrypted the data key.
        "KeyId" key_id: Option<String>,
        /// Id of the key version that decrypted the data key.
        "KeyVersionId" key_version_id: Option<String>,
    }
}
