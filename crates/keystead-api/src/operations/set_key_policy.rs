use crate::{operation, types::PolicyDocument};

operation! {
    /// Replaces the policy of a key in an instance.
    SetKeyPolicy ("set_key_policy"), SetKeyPolicyRequest -> SetKeyPolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:SetKeyPolicy" on Key("KeyId")];
    errors: [
        InvalidParameter, ForbiddenKeyPolicyUnSupported, UnsupportedAlias, RejectedShareQuotaExceedLimit,
        ForbiddenKeyNotFound, ForbiddenResourceNotFound,
    ];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
        /// Policy as JSON text, at most 32,768 bytes.
        "Policy" policy: PolicyDocument,
    }
    optional {
        /// Name of the policy: only `default`, which is also the value when none is given.
        "PolicyName" policy_name: String,
    }
    response {
    }
}
