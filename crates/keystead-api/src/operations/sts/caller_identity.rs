use crate::operation;

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
        /// AccountId.
        "AccountId" account_id: String,
        /// ARN.
        "Arn" arn: String,
        /// IdentityType.
        "IdentityType" identity_type: String,
        /// PrincipalId.
        "PrincipalId" principal_id: String,
        /// RoleId.
        "RoleId" role_id: Option<String>,
        /// Id of the user.
        "UserId" user_id: Option<String>,
    }
}
