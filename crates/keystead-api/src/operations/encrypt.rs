use crate::{EncryptionContext, operation, types::{Base64, BoolText, SecretBase64}};

operation! {
    /// Encrypts up to 6,144 bytes under the primary version of a symmetric key. The plaintext is taken as
    /// it is, byte by byte; it is not decoded.
    Encrypt ("encrypt"), EncryptRequest -> EncryptResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:Encrypt" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound,
        ForbiddenAliasNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
        /// Text to encrypt, at most 6,144 bytes of UTF-8; base64 by convention, which is not checked.
        "Plaintext" plaintext: SecretBase64,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
        /// Text pairs that are bound to the ciphertext and must be given again to decrypt it: a flat JSON
        /// object of at most 8,192 characters; none by default.
        "EncryptionContext" encryption_context: EncryptionContext,
    }
    response {
        /// Ciphertext, base64; it names its key version, so that `Decrypt` needs no key id.
        "CiphertextBlob" ciphertext_blob: Base64,
        /// Id of the key that was used, also when the call named an alias.
        "KeyId" key_id: String,
        /// Id of the primary key version, which made the ciphertext.
        "KeyVersionId" key_version_id: String,
    }
}
