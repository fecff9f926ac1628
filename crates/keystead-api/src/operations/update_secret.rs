use crate::{ExtendedConfigPatch, operation};

operation! {
    /// Replaces the description of a secret, the custom data of its settings, or both.
    UpdateSecret ("update_secret"), UpdateSecretRequest -> UpdateSecretResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdateSecret" on Secret("SecretName")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedResourceInDeleteWindow];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// New description, at most 8,192 characters; unchanged when absent.
        "Description" description: String,
        /// New custom data of a rotating secret, at most 10 pairs; unchanged when absent.
        "ExtendedConfig" extended_config: ExtendedConfigPatch,
    }
    response {
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
    }
}
