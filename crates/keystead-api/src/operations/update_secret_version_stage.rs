use crate::{operation, types::VersionStage};

operation! {
    /// Moves a stage label of a generic secret to another version, or takes a custom label away. At least
    /// one of `MoveToVersion` and `RemoveFromVersion` is needed.
    UpdateSecretVersionStage ("update_secret_version_stage"), UpdateSecretVersionStageRequest -> UpdateSecretVersionStageResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:UpdateSecretVersionStage" on Secret("SecretName")];
    errors: [
        InvalidParameter, RejectedLimitExceeded, RejectedUnsupportedOperation, RejectedInvalidRequest,
        MissingParameter, ForbiddenResourceNotFound, RejectedResourceInDeleteWindow,
    ];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
        /// Label to move or remove, 1 to 64 characters.
        "VersionStage" version_stage: VersionStage,
    }
    optional {
        /// Version that gets the label; `ACSCurrent` and `ACSPrevious` can only be moved.
        "MoveToVersion" move_to_version: String,
        /// Version that loses the label; it must hold it now.
        "RemoveFromVersion" remove_from_version: String,
    }
    response {
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
    }
}
