use crate::{operation, types::PolicyDocument};

operation! {
    /// Returns the policy of a secret in an instance.
    GetSecretPolicy ("get_secret_policy"), GetSecretPolicyRequest -> GetSecretPolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetSecretPolicy" on Secret("SecretName")];
    errors: [InvalidParameter, ForbiddenKeyPolicyUnSupported, ForbiddenResourceNotFound];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// Name of the policy: only `default`, which is also the value when none is given.
        "PolicyName" policy_name: String,
    }
    response {
        /// Policy as JSON text.
        "Policy" policy: Option<PolicyDocument>,
    }
}
