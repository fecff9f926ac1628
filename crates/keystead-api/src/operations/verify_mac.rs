use crate::{operation, types::{Base64, BoolText, MacAlgorithm, SecretBase64}};

operation! {
    /// Checks a message authentication code with an HMAC key. A wrong code is a normal answer, not an
    /// error.
    VerifyMac ("verify_mac"), VerifyMacRequest -> VerifyMacResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:VerifyMac" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound,
        ForbiddenAliasNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, RejectedUnsupportedOperation, DryRunOperationError, ValidationError,
        AccessDeniedError,
    ];
    required {
        /// `HMAC_SHA_224`, `HMAC_SHA_256`, `HMAC_SHA_384`, `HMAC_SHA_512` or `HMAC_SM3`; it must fit the
        /// key's spec.
        "Algorithm" algorithm: MacAlgorithm,
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
        /// Code to check, base64.
        "Mac" mac: Base64,
        /// Message, base64; at most 6,144 decoded bytes.
        "Message" message: SecretBase64,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
    }
    response {
        /// Algorithm that was used.
        "Algorithm" algorithm: Option<MacAlgorithm>,
        /// Id of the key that was used, also when the call named an alias.
        "KeyId" key_id: Option<String>,
        /// Whether the code is right.
        "Value" value: Option<bool>,
    }
}
