use crate::{operation, types::identities::IdentityType};

operation! {
    /// Tells who the caller is. Everybody may ask.
    GetCallerIdentity ("get_caller_identity"), GetCallerIdentityRequest -> GetCallerIdentityResponse;
    product: Sts as StsGetCallerIdentity;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: [];
    errors: [InternalFailure];
    required {
    }
    optional {
    }
    response {
        /// Id of the account.
        "AccountId" account_id: String,
        /// ARN of the caller.
        "Arn" arn: String,
        /// `Account`, `RAMUser` or `AssumedRoleUser`.
        "IdentityType" identity_type: IdentityType,
        /// Id of the caller; for a session the id of the role with the name of the session.
        "PrincipalId" principal_id: String,
        /// Id of the role.
        "RoleId" role_id: Option<String>,
        /// Id of the user.
        "UserId" user_id: Option<String>,
    }
}
