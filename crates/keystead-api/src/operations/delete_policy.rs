use crate::operation;

operation! {
    /// Deletes a policy that no application access point uses.
    DeletePolicy ("delete_policy"), DeletePolicyRequest -> DeletePolicyResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:DeletePolicy" on Named("policy", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedResourceInUse];
    required {
        /// Name of the policy.
        "Name" name: String,
    }
    optional {
    }
    response {
    }
}
