use crate::{SecretText, object, operation, types::PolicyDocument};

operation! {
    /// Issues temporary keys of a role.
    AssumeRole ("assume_role"), AssumeRoleRequest -> AssumeRoleResponse;
    product: Sts as StsAssumeRole;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["sts:AssumeRole" on RoleOfArn("RoleArn")];
    errors: [
        InvalidParameterRoleArn, InvalidParameterRoleSessionName, InvalidParameterDurationSeconds,
        InvalidParameterExternalId, InvalidParameterPolicyGrammar, InvalidParameterPolicySize,
        InvalidParameter, EntityNotExistRole, NoPermission,
    ];
    required {
        /// The Alibaba Cloud Resource Name (ARN) of the RAM role. The trusted entity of the RAM role is an Alibaba
        /// Cloud account.
        "RoleArn" role_arn: String,
        /// The custom name of the role session. Set this parameter based on your business requirements.
        "RoleSessionName" role_session_name: String,
    }
    optional {
        /// The validity period of the STS token. Unit: seconds.
        "DurationSeconds" duration_seconds: i64,
        /// The external ID of the RAM role. This parameter is provided by an external party and is used to prevent
        /// the confused deputy problem.
        "ExternalId" external_id: String,
        /// The policy that specifies the permissions of the returned STS token.
        "Policy" policy: PolicyDocument,
        /// Who began the chain of sessions.
        "SourceIdentity" source_identity: String,
    }
    response {
        /// The temporary identity that you use to assume the RAM role.
        "AssumedRoleUser" assumed_role_user: AssumeRoleAssumedRoleUser,
        /// The STS credentials.
        "Credentials" credentials: AssumeRoleCredentials,
        /// Who began the chain of sessions.
        "SourceIdentity" source_identity: Option<String>,
    }
}

object! {
    /// Part of the answer of `AssumeRole`.
    AssumeRoleAssumedRoleUser {
        /// The ARN of the temporary identity that you use to assume the RAM role.
        "Arn" arn: String,
        /// The ID of the temporary identity that you use to assume the RAM role.
        "AssumedRoleId" assumed_role_id: String,
    }
}

object! {
    /// Part of the answer of `AssumeRole`.
    AssumeRoleCredentials {
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
