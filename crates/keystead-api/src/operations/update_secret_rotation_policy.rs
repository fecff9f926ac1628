use crate::operation;

operation! {
    /// Switches automatic rotation of a rotating secret on or off and sets its interval. When the next
    /// rotation would already be past, it starts at once.
    UpdateSecretRotationPolicy ("update_secret_rotation_policy"), UpdateSecretRotationPolicyRequest -> UpdateSecretRotationPolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdateSecretRotationPolicy" on Secret("SecretName")];
    errors: [
        InvalidParameter, RejectedUnsupportedOperation, MissingParameter, ForbiddenResourceNotFound,
        RejectedResourceInDeleteWindow,
    ];
    required {
        /// `true` switches automatic rotation on, `false` off.
        "EnableAutomaticRotation" enable_automatic_rotation: bool,
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// Interval of automatic rotation, a whole number with unit `d`, `h`, `m` or `s`; 6 hours to 365
        /// days. Needed when rotation is switched on.
        "RotationInterval" rotation_interval: String,
    }
    response {
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
    }
}
