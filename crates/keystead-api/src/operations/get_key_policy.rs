use crate::{operation, types::PolicyDocument};

operation! {
    /// Returns the policy of a key in an instance.
    GetKeyPolicy ("get_key_policy"), GetKeyPolicyRequest -> GetKeyPolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetKeyPolicy" on Key("KeyId")];
    errors: [
        InvalidParameter, ForbiddenKeyPolicyUnSupported, UnsupportedAlias, ForbiddenKeyNotFound,
        ForbiddenResourceNotFound,
    ];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
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
