use crate::{operation, types::{Base64, BoolText, SigningAlgorithm}};

operation! {
    /// Signs a digest of 32 bytes with the private key of a version.
    AsymmetricSign ("asymmetric_sign"), AsymmetricSignRequest -> AsymmetricSignResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:AsymmetricSign" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, RejectedUnsupportedOperation,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound, ForbiddenAliasNotFound,
        ForbiddenKeyVersionNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// `RSA_PSS_SHA_256` or `RSA_PKCS1_SHA_256` for RSA keys, `ECDSA_SHA_256` for EC keys, `SM2DSA` for
        /// SM2 keys.
        "Algorithm" algorithm: SigningAlgorithm,
        /// Digest of the message, 32 bytes in base64: SHA-256, or for `SM2DSA` the SM3 of the message with
        /// its Z value.
        "Digest" digest: Base64,
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
        /// Id of the key that was used, also when the call named an alias.
        "KeyId" key_id: Option<String>,
        /// Id of the key version that was used, 36 characters.
        "KeyVersionId" key_version_id: Option<String>,
        /// Signature, base64: the plain value for RSA, a DER sequence of r and s for EC and SM2.
        "Value" value: Option<Base64>,
    }
}
