use crate::operation;

operation! {
    /// Takes back the deletion of a secret that still waits for it.
    RestoreSecret ("restore_secret"), RestoreSecretRequest -> RestoreSecretResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:RestoreSecret" on Secret("SecretName")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedResourceInUse];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
    }
    response {
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
    }
}
