use crate::{EncryptionContext, operation, types::{Base64, BoolText, SecretBase64}};

operation! {
    /// Decrypts a ciphertext that `Encrypt`, `ReEncrypt` or one of the data key operations made. The key
    /// follows from the ciphertext.
    Decrypt ("decrypt"), DecryptRequest -> DecryptResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:Decrypt" on KeyOfCiphertext("CiphertextBlob")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound,
        ForbiddenAliasNotFound, ForbiddenKeyVersionNotFound, RejectedDisabled, RejectedPendingDeletion,
        RejectedPendingImport, RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Ciphertext, base64.
        "CiphertextBlob" ciphertext_blob: Base64,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
        /// The same pairs that were given when the ciphertext was made, in any order; none by default.
        "EncryptionContext" encryption_context: EncryptionContext,
        /// Attestation document of an enclave that is to receive the answer sealed; at present such calls
        /// are refused with `UnsupportedOperation`.
        "Recipient" @form recipient: Base64,
    }
    response {
        /// Answer sealed for the enclave named in `Recipient`; absent without one.
        "CiphertextForRecipient" ciphertext_for_recipient: Option<Base64>,
        /// Id of the key that decrypted.
        "KeyId" key_id: String,
        /// Id of the key version that decrypted.
        "KeyVersionId" key_version_id: String,
        /// The text that was encrypted; for a data key its bytes in base64.
        "Plaintext" plaintext: SecretBase64,
    }
}
