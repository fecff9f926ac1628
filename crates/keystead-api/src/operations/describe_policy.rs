use crate::{operation, types::{JsonText, NetworkRuleNames}};

operation! {
    /// Returns a policy of application access points.
    DescribePolicy ("describe_policy"), DescribePolicyRequest -> DescribePolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DescribePolicy" on Named("policy", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Name of the policy.
        "Name" name: String,
    }
    optional {
    }
    response {
        /// Network rules as JSON text.
        "AccessControlRules" access_control_rules: Option<JsonText<NetworkRuleNames>>,
        /// ARN of the policy.
        "Arn" arn: Option<String>,
        /// Description, as it was given.
        "Description" description: Option<String>,
        /// Scope: an instance or `shared`.
        "KmsInstance" kms_instance: Option<String>,
        /// Name of the policy.
        "Name" name: Option<String>,
        /// The permissions.
        "Permissions" permissions: Vec<String>,
        /// The resources.
        "Resources" resources: Vec<String>,
    }
}
