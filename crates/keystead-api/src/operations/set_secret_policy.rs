use crate::{operation, types::PolicyDocument};

operation! {
    /// Replaces the policy of a secret in an instance.
    SetSecretPolicy ("set_secret_policy"), SetSecretPolicyRequest -> SetSecretPolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:SetSecretPolicy" on Secret("SecretName")];
    errors: [
        InvalidParameter, ForbiddenKeyPolicyUnSupported, RejectedShareQuotaExceedLimit,
        ForbiddenResourceNotFound, RejectedResourceInDeleteWindow,
    ];
    required {
        /// Policy as JSON text, at most 32,768 bytes.
        "Policy" policy: PolicyDocument,
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// Name of the policy: only `default`, which is also the value when none is given.
        "PolicyName" policy_name: String,
    }
    response {
    }
}
