use crate::{EncryptionContext, operation, types::{Base64, BoolText, EncryptionAlgorithm}};

operation! {
    /// Decrypts a ciphertext inside the service and encrypts its content under the primary version of
    /// another symmetric key; the plaintext never leaves the service. The source is a symmetric ciphertext
    /// or, named by `SourceKeyId`, one of an asymmetric key.
    ReEncrypt ("re_encrypt"), ReEncryptRequest -> ReEncryptResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: [
        "kms:ReEncryptFrom" on KeyOfCiphertext("CiphertextBlob"),
        "kms:ReEncryptFrom" on KeyIfGiven("SourceKeyId"),
        "kms:ReEncryptTo" on Key("DestinationKeyId"),
    ];
    errors: [
        InvalidParameter, UnsupportedOperation, RejectedUnsupportedOperation,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound, ForbiddenAliasNotFound,
        ForbiddenKeyVersionNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, InternalFailure, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Ciphertext to re-encrypt, base64.
        "CiphertextBlob" ciphertext_blob: Base64,
        /// Id, alias (`alias/…`) or ARN of the symmetric key to encrypt under.
        "DestinationKeyId" destination_key_id: String,
    }
    optional {
        /// Text pairs that are bound to the new ciphertext: a flat JSON object of at most 8,192 characters;
        /// none by default.
        "DestinationEncryptionContext" destination_encryption_context: EncryptionContext,
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
        /// Algorithm of an asymmetric ciphertext: `RSAES_OAEP_SHA_256`, `RSAES_OAEP_SHA_1` or `SM2PKE`;
        /// only with `SourceKeyId`.
        "SourceEncryptionAlgorithm" source_encryption_algorithm: EncryptionAlgorithm,
        /// The pairs that were given when a symmetric ciphertext was made; none by default.
        "SourceEncryptionContext" source_encryption_context: EncryptionContext,
        /// Key of an asymmetric ciphertext: id, alias (`alias/…`) or ARN; a symmetric ciphertext names its
        /// key itself.
        "SourceKeyId" source_key_id: String,
        /// Key version of an asymmetric ciphertext, 36 characters; only with `SourceKeyId`.
        "SourceKeyVersionId" source_key_version_id: String,
    }
    response {
        /// New ciphertext under the destination key, base64.
        "CiphertextBlob" ciphertext_blob: Option<Base64>,
        /// Id of the key that decrypted the source.
        "KeyId" key_id: Option<String>,
        /// Id of the key version that decrypted the source.
        "KeyVersionId" key_version_id: Option<String>,
    }
}
