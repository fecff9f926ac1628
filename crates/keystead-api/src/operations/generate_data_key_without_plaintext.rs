use crate::{EncryptionContext, operation, types::{Base64, BoolText, DataKeySpec}};

operation! {
    /// Makes a random data key of 1 to 1,024 bytes and returns it only encrypted under a symmetric key.
    /// `Decrypt` gives the plain key later.
    GenerateDataKeyWithoutPlaintext ("generate_data_key_without_plaintext"), GenerateDataKeyWithoutPlaintextRequest -> GenerateDataKeyWithoutPlaintextResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:GenerateDataKeyWithoutPlaintext" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound,
        ForbiddenAliasNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
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
        "CiphertextBlob" ciphertext_blob: Base64,
        /// Id of the key that was used, also when the call named an alias.
        "KeyId" key_id: String,
        /// Id of the primary key version, which encrypted the data key.
        "KeyVersionId" key_version_id: String,
    }
}
