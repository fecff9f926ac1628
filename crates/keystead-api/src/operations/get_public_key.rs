use crate::{operation, types::BoolText};

operation! {
    /// Returns the public key of a version of an asymmetric key.
    GetPublicKey ("get_public_key"), GetPublicKeyRequest -> GetPublicKeyResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:GetPublicKey" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, RejectedUnsupportedOperation,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound, ForbiddenAliasNotFound,
        ForbiddenKeyVersionNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
        /// Id of the key version, 36 characters.
        "KeyVersionId" key_version_id: String,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
    }
    response {
        /// Id of the key, also when the call named an alias.
        "KeyId" key_id: Option<String>,
        /// Id of the key version that it belongs to, 36 characters.
        "KeyVersionId" key_version_id: Option<String>,
        /// Public key, PEM of its SubjectPublicKeyInfo.
        "PublicKey" public_key: Option<String>,
    }
}
