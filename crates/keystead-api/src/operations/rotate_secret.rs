use crate::operation;

operation! {
    /// Rotates a rotating secret now. A version id that is known already changes nothing.
    RotateSecret ("rotate_secret"), RotateSecretRequest -> RotateSecretResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:RotateSecret" on Secret("SecretName")];
    errors: [
        InvalidParameter, RejectedUnsupportedOperation, RejectedThrottling, ForbiddenResourceNotFound,
        RejectedResourceInDeleteWindow, RejectedResourceInUse, RejectedDisabled, RejectedPendingDeletion,
        RejectedPendingImport, ForbiddenKeyNotFound,
    ];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
        /// Id of the new version, at most 64 characters; it makes a repeated call harmless.
        "VersionId" version_id: String,
    }
    optional {
    }
    response {
        /// ARN of the secret.
        "Arn" arn: Option<String>,
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
        /// Id of the new version.
        "VersionId" version_id: Option<String>,
    }
}
