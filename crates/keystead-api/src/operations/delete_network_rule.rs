use crate::operation;

operation! {
    /// Deletes a network rule that no policy refers to.
    DeleteNetworkRule ("delete_network_rule"), DeleteNetworkRuleRequest -> DeleteNetworkRuleResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:DeleteNetworkRule" on Named("network", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedResourceInUse];
    required {
        /// Name of the rule.
        "Name" name: String,
    }
    optional {
    }
    response {
    }
}
