use crate::{operation, types::{JsonText, NetworkRuleNames}};

operation! {
    /// Replaces the given parts of a policy of application access points; it acts at once.
    UpdatePolicy ("update_policy"), UpdatePolicyRequest -> UpdatePolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdatePolicy" on Named("policy", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedLimitExceeded];
    required {
        /// Name of the policy.
        "Name" name: String,
    }
    optional {
        /// Network rules to which calls are bound, as JSON text, `{"NetworkRules":["<name>"]}`; unchanged
        /// when absent.
        "AccessControlRules" access_control_rules: JsonText<NetworkRuleNames>,
        /// New description; unchanged when absent.
        "Description" description: String,
        /// Permissions as a JSON array text, of `RbacPermission/Template/CryptoServiceKeyUser` and
        /// `RbacPermission/Template/CryptoServiceSecretUser`; unchanged when absent.
        "Permissions" permissions: JsonText<Vec<String>>,
        /// Resources as a JSON array text, of `key/<id>`, `key/*`, `secret/<name>` and `secret/*`;
        /// unchanged when absent.
        "Resources" resources: JsonText<Vec<String>>,
    }
    response {
    }
}
