use crate::{operation, types::{BoolText, IntText}};

operation! {
    /// Deletes a secret after a window of 7 to 30 days, in which `RestoreSecret` brings it back, or at once
    /// and for good. What the secret gives access to is not touched.
    DeleteSecret ("delete_secret"), DeleteSecretRequest -> DeleteSecretResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:DeleteSecret" on Secret("SecretName")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedResourceInDeleteWindow];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// `true` deletes at once and for good; `false` by default. Not together with
        /// `RecoveryWindowInDays`.
        "ForceDeleteWithoutRecovery" force_delete_without_recovery: BoolText,
        /// Days until the secret is deleted, 7 to 30; 30 by default.
        "RecoveryWindowInDays" recovery_window_in_days: IntText,
    }
    response {
        /// Time of deletion, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "PlannedDeleteTime" planned_delete_time: Option<String>,
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
    }
}
