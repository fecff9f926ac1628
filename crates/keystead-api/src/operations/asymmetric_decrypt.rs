use crate::{operation, types::{Base64, BoolText, EncryptionAlgorithm, SecretBase64}};

operation! {
    /// Decrypts a message that was encrypted under the public key of a version, by the service or
    /// elsewhere.
    AsymmetricDecrypt ("asymmetric_decrypt"), AsymmetricDecryptRequest -> AsymmetricDecryptResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:AsymmetricDecrypt" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, RejectedUnsupportedOperation,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound, ForbiddenAliasNotFound,
        ForbiddenKeyVersionNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Algorithm it was encrypted with: `RSAES_OAEP_SHA_256` or `RSAES_OAEP_SHA_1` for RSA keys,
        /// `SM2PKE` for SM2 keys.
        "Algorithm" algorithm: EncryptionAlgorithm,
        /// Ciphertext, base64; 256, 384 or 512 bytes for RSA of 2,048, 3,072 or 4,096 bits, at most 6,144
        /// bytes for SM2.
        "CiphertextBlob" ciphertext_blob: Base64,
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
        /// Id of the key version, 36 characters.
        "KeyVersionId" key_version_id: String,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
        /// Attestation document of an enclave that is to receive the answer sealed; at present such calls
        /// are refused with `UnsupportedOperation`.
        "Recipient" @form recipient: Base64,
    }
    response {
        /// Answer sealed for the enclave named in `Recipient`; absent without one.
        "CiphertextForRecipient" ciphertext_for_recipient: Option<Base64>,
        /// Id of the key that was used, also when the call named an alias.
        "KeyId" key_id: Option<String>,
        /// Id of the key version that was used, 36 characters.
        "KeyVersionId" key_version_id: Option<String>,
        /// Decrypted message, base64.
        "Plaintext" plaintext: Option<SecretBase64>,
    }
}
