use crate::{
    SecretText, object, operation,
    types::{CommaList, PolicyDocument},
};

operation! {
    /// Issues temporary keys of a role to whoever shows a token of an OIDC provider that the role trusts. The call
    /// is not signed.
    AssumeRoleWithOIDC ("assume_role_with_oidc"), AssumeRoleWithOIDCRequest -> AssumeRoleWithOIDCResponse;
    product: Sts as StsAssumeRoleWithOIDC;
    method: Post;
    gateways: Shared;
    auth: Anonymous;
    repeat: Unsafe;
    access: [];
    errors: [
        InvalidParameterRoleArn, InvalidParameterRoleSessionName, InvalidParameterDurationSeconds,
        InvalidParameterPolicyGrammar, InvalidParameterPolicySize, InvalidParameter, EntityNotExistRole,
        AuthenticationFailNoPermission, AuthenticationFailOidcTokenInvalid,
        AuthenticationFailOidcTokenInvalidSignature, AuthenticationFailOidcTokenAudienceNotMatch,
        AuthenticationFailOidcTokenExpired, AuthenticationFailOidcTokenHttpsUrlInvalid,
        AuthenticationFailOidcTokenPublicKeyFingerprintMismatch,
    ];
    required {
        /// The Alibaba Cloud Resource Name (ARN) of the OIDC IdP.
        "OIDCProviderArn" oidc_provider_arn: String,
        /// The OIDC token that is issued by the external IdP. The OIDC token must be 4 to 20,000 characters in
        /// length.
        "OIDCToken" oidc_token: SecretText,
        /// The ARN of the RAM role.
        "RoleArn" role_arn: String,
        /// The custom name of the role session. Set this parameter based on your business requirements.
        "RoleSessionName" role_session_name: String,
    }
    optional {
        /// The validity period of the STS token. Unit: seconds.
        "DurationSeconds" duration_seconds: i64,
        /// The policy that specifies the permissions of the returned STS token.
        "Policy" policy: PolicyDocument,
    }
    response {
        /// The temporary identity that you use to assume the RAM role.
        "AssumedRoleUser" assumed_role_user: AssumeRoleWithOIDCAssumedRoleUser,
        /// The access credentials.
        "Credentials" credentials: AssumeRoleWithOIDCCredentials,
        /// The information about the OIDC token.
        "OIDCTokenInfo" oidc_token_info: AssumeRoleWithOIDCOIDCTokenInfo,
        /// Who began the chain of sessions.
        "SourceIdentity" source_identity: Option<String>,
    }
}

object! {
    /// Part of the answer of `AssumeRoleWithOIDC`.
    AssumeRoleWithOIDCAssumedRoleUser {
        /// The ARN of the temporary identity that you use to assume the RAM role.
        "Arn" arn: String,
        /// The ID of the temporary identity that you use to assume the RAM role.
        "AssumedRoleId" assumed_role_id: String,
    }
}

object! {
    /// Part of the answer of `AssumeRoleWithOIDC`.
    AssumeRoleWithOIDCCredentials {
        /// The AccessKey ID.
        "AccessKeyId" access_key_id: String,
        /// The AccessKey secret.
        "AccessKeySecret" access_key_secret: SecretText,
        /// The time when the STS token expires. The time is displayed in UTC.
        "Expiration" expiration: String,
        /// The STS token.
        "SecurityToken" security_token: SecretText,
    }
}

object! {
    /// Part of the answer of `AssumeRoleWithOIDC`.
    AssumeRoleWithOIDCOIDCTokenInfo {
        /// The audience. If multiple audiences are returned, the audiences are separated by commas (,).
        "ClientIds" client_ids: CommaList,
        /// The time when the OIDC token expires.
        "ExpirationTime" expiration_time: String,
        /// The time when the OIDC token was issued.
        "IssuanceTime" issuance_time: String,
        /// The URL of the issuer, which is represented by the `iss` field in the OIDC Token.
        "Issuer" issuer: String,
        /// The subject, which is represented by the `sub` field in the OIDC Token.
        "Subject" subject: String,
        /// The verification information about the OIDC token.
        "VerificationInfo" verification_info: String,
    }
}
