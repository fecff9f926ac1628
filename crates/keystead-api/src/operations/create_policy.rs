use crate::{operation, types::{JsonText, NetworkRuleNames}};

operation! {
    /// Creates a policy for application access points: permissions on resources of one instance or of the
    /// shared gateway, bound to network rules.
    CreatePolicy ("create_policy"), CreatePolicyRequest -> CreatePolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CreatePolicy" on Named("policy", "Name")];
    errors: [
        InvalidParameter, RejectedResourceExist, ForbiddenResourceNotFound, ForbiddenDkmsInstanceNotFound,
        RejectedLimitExceeded,
    ];
    required {
        /// Name of the policy, unique in the account and region; it cannot be changed later.
        "Name" name: String,
        /// Permissions as a JSON array text, of `RbacPermission/Template/CryptoServiceKeyUser` and
        /// `RbacPermission/Template/CryptoServiceSecretUser`.
        "Permissions" permissions: JsonText<Vec<String>>,
        /// Resources as a JSON array text, of `key/<id>`, `key/*`, `secret/<name>` and `secret/*`. With the
        /// scope `shared` it may be empty, which means all secrets.
        "Resources" resources: JsonText<Vec<String>>,
    }
    optional {
        /// Network rules to which calls are bound, as JSON text, `{"NetworkRules":["<name>"]}`; any address
        /// by default.
        "AccessControlRules" access_control_rules: JsonText<NetworkRuleNames>,
        /// Description; empty by default.
        "Description" description: String,
        /// Scope: an instance (`kst-…`) or `shared` for the shared gateway, which is the default; it cannot be
        /// changed later.
        "KmsInstance" kms_instance: String,
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
        /// Permissions as a JSON array text.
        "Permissions" permissions: Option<JsonText<Vec<String>>>,
        /// Resources as a JSON array text.
        "Resources" resources: Option<JsonText<Vec<String>>>,
    }
}
