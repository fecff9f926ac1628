use crate::{operation, types::{Base64, BoolText, EncryptionAlgorithm, SecretBase64}};

operation! {
    /// Encrypts a short message under the public key of a version. At most 190 bytes for RSA_2048, 318 for
    /// RSA_3072 and 446 for RSA_4096 with OAEP and SHA-256 (24 more with SHA-1), 6,047 for SM2.
    AsymmetricEncrypt ("asymmetric_encrypt"), AsymmetricEncryptRequest -> AsymmetricEncryptResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:AsymmetricEncrypt" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, RejectedUnsupportedOperation,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound, ForbiddenAliasNotFound,
        ForbiddenKeyVersionNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// `RSAES_OAEP_SHA_256` or `RSAES_OAEP_SHA_1` for RSA keys, `SM2PKE` for SM2 keys.
        "Algorithm" algorithm: EncryptionAlgorithm,
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
        /// Id of the key version, 36 characters.
        "KeyVersionId" key_version_id: String,
        /// Message to encrypt, base64; the limit counts the decoded bytes.
        "Plaintext" plaintext: SecretBase64,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
    }
    response {
        /// Ciphertext in its standard form, base64.
        "CiphertextBlob" ciphertext_blob: Option<Base64>,
        /// Id of the key that was used, also when the call named an alias.
        "KeyId" key_id: Option<String>,
        /// Id of the key version that was used, 36 characters.
        "KeyVersionId" key_version_id: Option<String>,
    }
}
