use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// Why a call failed, as the caller sees it: a code for programs, an HTTP status, a message for people.
///
/// It never holds a secret, nor anything of the service's inside; the operator's log has the cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: ErrorCode,
    message: Cow<'static, str>,
    denied: Option<Box<AccessDeniedDetail>>,
}

/// Why a permission was not given, as callers see it: `AccessDeniedDetail` in the answer. Names and values are the vendor's
/// (RAM, troubleshooting of denied access).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AccessDeniedDetail {
    /// The action that was not allowed, such as `kms:Decrypt`.
    pub auth_action: &'static str,
    /// `Account`, `SubUser`, `AssumedRoleUser`.
    pub auth_principal_type: &'static str,
    /// The caller's account.
    pub auth_principal_owner_id: String,
    /// The id of the account or user; of a role its name, a colon and the session's name.
    pub auth_principal_display_name: String,
    /// Whose policy decided, such as `AccountLevelIdentityBasedPolicy`.
    pub policy_type: &'static str,
    /// `ExplicitDeny` when a statement denies it, `ImplicitDeny` when none allows it.
    pub no_permission_type: &'static str,
}

impl ApiError {
    /// The error with its usual message.
    pub fn new(code: ErrorCode) -> Self {
        let message = match code {
            ErrorCode::Missing(name) => Cow::Owned(format!("{name} is mandatory for this action.")),
            ErrorCode::Invalid(name, flaw) => Cow::Owned(flaw.message(name)),
            known => Cow::Borrowed(known.default_message()),
        };
        Self { code, message, denied: None }
    }

    /// The error with a message of its own.
    pub fn with_message(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> Self {
        Self { code, message: message.into(), denied: None }
    }

    /// 400 `InvalidParameter`, naming the parameter.
    pub fn invalid_parameter(name: &str) -> Self {
        Self::with_message(
            ErrorCode::InvalidParameter,
            format!("The specified parameter {name} is not valid."),
        )
    }

    /// The error with what it says about a permission that was not given.
    #[must_use]
    pub fn with_denied(mut self, detail: AccessDeniedDetail) -> Self {
        self.denied = Some(Box::new(detail));
        self
    }

    /// Why a permission was not given, where that was the reason.
    pub fn denied(&self) -> Option<&AccessDeniedDetail> {
        self.denied.as_deref()
    }

    /// The code, as a value.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The text for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The HTTP status of the answer.
    pub fn status(&self) -> u16 {
        self.code.status()
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<ErrorCode> for ApiError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

/// What is wrong with a parameter; the end of RAM's codes for it (RAM API reference, error codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// It is none of the values that the parameter takes.
    Value,
    /// It has characters that do not belong there.
    Chars,
    /// It is too long, or too short.
    Length,
    /// It has not the form that it must have.
    Format,
}

impl Flaw {
    fn suffix(self) -> &'static str {
        match self {
            Self::Value => "",
            Self::Chars => ".InvalidChars",
            Self::Length => ".Length",
            Self::Format => ".Format",
        }
    }

    fn message(self, parameter: &str) -> String {
        match self {
            Self::Value => format!("The parameter - \"{parameter}\" is incorrect."),
            Self::Chars => format!("The parameter - \"{parameter}\" contains invalid chars."),
            Self::Length => format!("The parameter - \"{parameter}\" beyond the length limit."),
            Self::Format => format!("The format of the parameter - \"{parameter}\" is incorrect."),
        }
    }
}

macro_rules! error_codes {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $status:literal, $message:literal;)*) => {
        /// Every code that the service answers with. Names and statuses are those of the KMS API reference.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            /// 400 `Missing<Parameter>`: a parameter that the operation needs was not sent.
            Missing(&'static str),
            /// 400 `InvalidParameter.<Parameter>` and what is wrong with it, as RAM and IMS say it. Belongs to
            /// every operation that declares [`ErrorCode::InvalidParameter`].
            Invalid(&'static str, Flaw),
            $(#[doc = concat!(stringify!($status), " `", $name, "`: ", $message)] $(#[doc = $doc])* $variant,)*
        }

        impl ErrorCode {
            /// Every code but those that name a parameter.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$variant),*];

            /// The code on the wire.
            pub fn name(self) -> Cow<'static, str> {
                match self {
                    ErrorCode::Missing(parameter) => Cow::Owned(format!("Missing{parameter}")),
                    ErrorCode::Invalid(parameter, flaw) => {
                        Cow::Owned(format!("InvalidParameter.{parameter}{}", flaw.suffix()))
                    }
                    $(ErrorCode::$variant => Cow::Borrowed($name),)*
                }
            }

            /// The HTTP status that goes with it.
            pub fn status(self) -> u16 {
                match self {
                    ErrorCode::Missing(_) | ErrorCode::Invalid(..) => 400,
                    $(ErrorCode::$variant => $status,)*
                }
            }

            fn default_message(self) -> &'static str {
                match self {
                    ErrorCode::Missing(_) => "A mandatory parameter is missing.",
                    ErrorCode::Invalid(..) => "The specified parameter is not valid.",
                    $(ErrorCode::$variant => $message,)*
                }
            }
        }

        /// One code as an item of a list in an operation's documentation.
        macro_rules! error_item {
            $(($variant) => { concat!(" - ", $status, " `", $name, "`: ", $message, "\n") };)*
        }
        pub(crate) use error_item;
    };
}

error_codes! {
    // Gateway and authentication.
    InvalidAccessKeyIdNotFound = "InvalidAccessKeyId.NotFound", 404, "Specified access key is not found.";
    InvalidAccessKeyIdInactive = "InvalidAccessKeyId.Inactive", 400, "Specified access key is disabled.";
    SignatureDoesNotMatch = "SignatureDoesNotMatch", 400, "Specified signature is not matched with our calculation.";
    IncompleteSignature = "IncompleteSignature", 400, "The request signature does not conform to Aliyun standards.";
    SignatureNonceUsed = "SignatureNonceUsed", 400, "Specified signature nonce was used already.";
    InvalidSignatureMethod = "InvalidSignatureMethod", 400, "Specified signature method is not valid.";
    InvalidTimeStampFormat = "InvalidTimeStamp.Format", 400, "Specified time stamp or date value is not well formatted.";
    InvalidTimeStampExpired = "InvalidTimeStamp.Expired", 400, "Specified time stamp or date value is expired.";
    IllegalTimestamp = "IllegalTimestamp", 400, "The input parameter \"Timestamp\" that is mandatory for processing this request is not supplied.";
    InvalidParameterFormat = "InvalidParameter.Format", 400, "Specified parameter format is not valid.";
    InvalidVersion = "InvalidVersion", 400, "Specified parameter Version is not valid.";
    InvalidActionNotFound = "InvalidAction.NotFound", 404, "Specified api is not found, please check your url and method.";
    UnsupportedHttpMethod = "UnsupportedHTTPMethod", 403, "This http method is not supported.";
    InvalidSecurityTokenMalformed = "InvalidSecurityToken.Malformed", 400, "Specified SecurityToken is malformed.";
    InvalidSecurityTokenExpired = "InvalidSecurityToken.Expired", 400, "Specified SecurityToken is expired.";
    InvalidSecurityTokenMismatchWithAccessKey = "InvalidSecurityToken.MismatchWithAccessKey", 400, "Specified SecurityToken mismatch with the AccessKey.";
    MissingSecurityToken = "MissingSecurityToken", 400, "SecurityToken is mandatory for this action.";
    ParseRequestParameterException = "ParseRequestParameterException", 400, "Server parse parameters exception. Please check your input params.";
    ServiceUnavailable = "ServiceUnavailable", 503, "The request has failed due to a temporary failure of the server.";

    // KMS.
    InvalidParameter = "InvalidParameter", 400, "The specified parameter is not valid.";
    MissingParameter = "MissingParameter", 400, "The parameter needed but no provided.";
    UnsupportedOperation = "UnsupportedOperation", 400, "This action is not supported.";
    RejectedUnsupportedOperation = "Rejected.UnsupportedOperation", 400, "Unsupported operation.";
    RejectedLimitExceeded = "Rejected.LimitExceeded", 400, "The request was rejected because user create resource limit was exceeded";
    RejectedShareQuotaExceedLimit = "Rejected.ShareQuotaExceedLimit", 400, "Instance Share Quota Exceed Limit.";
    RejectedInvalidRequest = "Rejected.InvalidRequest", 400, "param mismatch";
    AliasAlreadyExists = "AliasAlreadyExists", 400, "AliasName Already Exists.";
    InvalidKeyMaterial = "InvalidKeyMaterial", 400, "key material is invalid";
    InvalidImportToken = "InvalidImportToken", 400, "import token is invalid";
    ExpiredImportToken = "ExpiredImportToken", 400, "import token is expired";
    UnsupportedOrigin = "Unsupported.Origin", 400, "This key origin is not valid for this api";
    UnsupportedAlias = "Unsupported.Alias", 400, "Alias is not valid for this api.";
    UnsupportedProtectionLevel = "Unsupported.ProtectionLevel", 400, "This protection level is not valid for this region";
    DuplicateTagKey = "Duplicate.TagKey", 400, "The specified tagKey is duplicate.";
    InvalidParameterTagKey = "InvalidParameter.TagKey", 400, "The specified parameter TagKey is not valid.";
    InvalidParameterTagValue = "InvalidParameter.TagValue", 400, "The specified parameter TagValue is not valid.";
    ForbiddenKeyPolicyUnSupported = "Forbidden.KeyPolicyUnSupported", 400, "The specified key does not support key policy.";
    ForbiddenOpened = "Forbidden.Opened", 400, "Your kms service has been opened.";
    DryRunOperationError = "DryRunOperationError", 400, "The request would have succeeded, but DryRun is set.";
    ValidationError = "ValidationError", 400, "The request would have failed its validation; DryRun is set.";
    AccessDeniedError = "AccessDeniedError", 403, "The request would have been denied; DryRun is set.";
    ForbiddenNoPermission = "Forbidden.NoPermission", 403, "This operation is forbidden by permission system.";
    ForbiddenDkmsInstanceNotFound = "Forbidden.DKMSInstanceNotFound", 403, "The specified DKMS Instance is not found.";
    ForbiddenDkmsInstanceStateInvalid = "Forbidden.DKMSInstanceStateInvalid", 403, "The DKMS instance state is invalid.";
    ForbiddenKmsServiceNotEnabled = "Forbidden.KmsServiceNotEnabled", 403, "Kms service is not Enabled for current user.";
    ForbiddenKeyNotFound = "Forbidden.KeyNotFound", 404, "The specified Key is not found.";
    ForbiddenKeyVersionNotFound = "Forbidden.KeyVersionNotFound", 404, "The specified Key version is not found.";
    ForbiddenAliasNotFound = "Forbidden.AliasNotFound", 404, "The specified Alias is not found.";
    ForbiddenResourceNotFound = "Forbidden.ResourceNotFound", 404, "Resource not found.";
    CertificateNotFound = "Certificate.NotFound", 404, "The specified certificate is not found.";
    InvalidResourceIdNotFound = "InvalidResourceId.NotFound", 404, "The specified ResourceId is not found.";
    RejectedDisabled = "Rejected.Disabled", 409, "The request was rejected because the key state is Disabled.";
    RejectedPendingDeletion = "Rejected.PendingDeletion", 409, "The request was rejected because the key state is PendingDeletion.";
    RejectedPendingImport = "Rejected.PendingImport", 409, "The request was rejected because the key state is PendingImport.";
    RejectedUnavailable = "Rejected.Unavailable", 409, "The request was rejected because the key state is Unavailable.";
    RejectedStateModifiedFailed = "Rejected.StateModifiedFailed", 409, "Keystate modified failed.";
    RejectedResourceExist = "Rejected.ResourceExist", 409, "The resource already exists.";
    RejectedResourceInDeleteWindow = "Rejected.ResourceInDeleteWindow", 409, "The secret is planned to be deleted.";
    RejectedResourceInUse = "Rejected.ResourceInUse", 409, "The resource is in use.";
    RejectedThrottling = "Rejected.Throttling", 429, "QPS Limit Exceeded";
    InternalFailure = "InternalFailure", 500, "Internal Failure.";
    ServiceUnavailableTemporary = "ServiceUnavailableTemporary", 503, "Service Unavailable Temporary.";

    // The instance API (KMS instance API reference, error codes).
    InvalidApiName = "InvalidApiName", 400, "The ApiName is invalid.";
    InvalidApiVersion = "InvalidApiVersion", 400, "The ApiVersion is invalid.";
    InvalidParam = "InvalidParam", 400, "The Param is invalid.";
    RequestTimeTooSkewed = "RequestTimeTooSkewed", 400, "Request time exceeds server time more than 15 minutes.";
    SignatureNotMatch = "SignatureNotMatch", 401, "Signature is not matched.";
    Unauthorized = "Unauthorized", 404, "The AccessKey ID does not exist in our records.";
    ForbiddenOnlySymmetricKeySupported = "Forbidden.OnlySymmetricKeySupported", 404, "The key is not a symmetric key. The API only supports symmetric keys.";
    RequestBodyTooLarge = "RequestBodyTooLarge", 413, "The request body is larger than 3145728 bytes.";
    InvalidContentType = "InvalidContentType", 415, "The Content-Type is unsupported.";

    // RAM, IMS and STS.
    EntityNotExistUser = "EntityNotExist.User", 404, "The user does not exist.";
    EntityNotExistGroup = "EntityNotExist.Group", 404, "The group does not exist.";
    EntityNotExistRole = "EntityNotExist.Role", 404, "The role does not exist.";
    EntityNotExistPolicy = "EntityNotExist.Policy", 404, "The policy does not exist.";
    EntityNotExistOidcProvider = "EntityNotExist.OIDCProvider", 404, "The OIDC provider does not exist.";
    EntityNotExistPolicyVersion = "EntityNotExist.Policy.Version", 404, "The policy version does not exist.";
    EntityNotExistUserAccessKey = "EntityNotExist.User.AccessKey", 404, "The AccessKey does not exist.";
    EntityNotExistUserGroup = "EntityNotExist.User.Group", 404, "The user is not in the group.";
    EntityNotExistUserPolicy = "EntityNotExist.User.Policy", 404, "The policy is not attached to the user.";
    EntityNotExistGroupPolicy = "EntityNotExist.Group.Policy", 404, "The policy is not attached to the group.";
    EntityNotExistRolePolicy = "EntityNotExist.Role.Policy", 404, "The policy is not attached to the role.";
    EntityAlreadyExistsUser = "EntityAlreadyExists.User", 409, "The user already exists.";
    EntityAlreadyExistsGroup = "EntityAlreadyExists.Group", 409, "The group already exists.";
    EntityAlreadyExistsRole = "EntityAlreadyExists.Role", 409, "The role already exists.";
    EntityAlreadyExistsPolicy = "EntityAlreadyExists.Policy", 409, "The policy already exists.";
    EntityAlreadyExistsOidcProvider = "EntityAlreadyExists.OIDCProvider", 409, "The OIDC provider already exists.";
    EntityAlreadyExistsUserGroup = "EntityAlreadyExists.User.Group", 409, "The user is already in the group.";
    EntityAlreadyExistsUserPolicy = "EntityAlreadyExists.User.Policy", 409, "The policy is already attached to the user.";
    EntityAlreadyExistsGroupPolicy = "EntityAlreadyExists.Group.Policy", 409, "The policy is already attached to the group.";
    EntityAlreadyExistsRolePolicy = "EntityAlreadyExists.Role.Policy", 409, "The policy is already attached to the role.";
    LimitExceededUser = "LimitExceeded.User", 409, "The number of users is beyond the current limits.";
    LimitExceededGroup = "LimitExceeded.Group", 409, "The number of groups is beyond the current limits.";
    LimitExceededRole = "LimitExceeded.Role", 409, "The number of roles is beyond the current limits.";
    LimitExceededPolicy = "LimitExceeded.Policy", 409, "The number of policies is beyond the current limits.";
    LimitExceededOidcProvider = "LimitExceeded.OIDCProvider", 409, "The number of OIDC providers is beyond the current limits.";
    LimitExceededPolicyVersion = "LimitExceeded.Policy.Version", 409, "The number of versions of the policy is beyond the current limits.";
    LimitExceededUserAccessKey = "LimitExceeded.User.AccessKey", 409, "The number of the user's AccessKeys is beyond the current limits.";
    LimitExceededUserGroup = "LimitExceeded.User.Group", 409, "The number of the user's groups is beyond the current limits.";
    LimitExceededUserPolicy = "LimitExceeded.User.Policy", 409, "The number of policies attached to the user is beyond the current limits.";
    LimitExceededGroupPolicy = "LimitExceeded.Group.Policy", 409, "The number of policies attached to the group is beyond the current limits.";
    LimitExceededRolePolicy = "LimitExceeded.Role.Policy", 409, "The number of policies attached to the role is beyond the current limits.";
    LimitExceededOidcProviderClientId = "LimitExceeded.OIDCProvider.ClientId", 409, "The number of client ids is beyond the current limits.";
    LimitExceededOidcProviderFingerprint = "LimitExceeded.OIDCProvider.Fingerprint", 409, "The number of fingerprints is beyond the current limits.";
    DeleteConflictUserAccessKey = "DeleteConflict.User.AccessKey", 409, "The user has AccessKeys. Delete them first.";
    DeleteConflictAccountAccessKey = "DeleteConflict.Account.AccessKey", 409, "This is the last active AccessKey of the account. It can be neither deleted nor disabled.";
    DeleteConflictUserPolicy = "DeleteConflict.User.Policy", 409, "The user has policies attached. Detach them first.";
    DeleteConflictUserGroup = "DeleteConflict.User.Group", 409, "The user is in groups. Take it out of them first.";
    DeleteConflictGroupUser = "DeleteConflict.Group.User", 409, "The group has members. Take them out first.";
    DeleteConflictGroupPolicy = "DeleteConflict.Group.Policy", 409, "The group has policies attached. Detach them first.";
    DeleteConflictRolePolicy = "DeleteConflict.Role.Policy", 409, "The role has policies attached. Detach them first.";
    DeleteConflictPolicyUser = "DeleteConflict.Policy.User", 409, "The policy is attached to a user. Detach it first.";
    DeleteConflictPolicyGroup = "DeleteConflict.Policy.Group", 409, "The policy is attached to a group. Detach it first.";
    DeleteConflictPolicyRole = "DeleteConflict.Policy.Role", 409, "The policy is attached to a role. Detach it first.";
    DeleteConflictPolicyVersion = "DeleteConflict.Policy.Version", 409, "The policy has versions beside the default one. Delete them first.";
    DeleteConflictPolicyVersionDefault = "DeleteConflict.Policy.Version.Default", 409, "The default version of a policy cannot be deleted.";
    MalformedPolicyDocument = "MalformedPolicyDocument", 400, "The policy document is malformed.";
    InvalidParameterRoleArn = "InvalidParameter.RoleArn", 400, "The parameter RoleArn is wrongly formed.";
    InvalidParameterRoleSessionName = "InvalidParameter.RoleSessionName", 400, "The parameter RoleSessionName is wrongly formed.";
    InvalidParameterDurationSeconds = "InvalidParameter.DurationSeconds", 400, "The parameter DurationSeconds is wrongly formed.";
    InvalidParameterExternalId = "InvalidParameter.ExternalId", 400, "The parameter ExternalId is wrongly formed.";
    InvalidParameterPolicyGrammar = "InvalidParameter.PolicyGrammar", 400, "The parameter Policy has not passed grammar check.";
    InvalidParameterPolicySize = "InvalidParameter.PolicySize", 400, "The parameter Policy is too long.";
    NoPermission = "NoPermission", 403, "You are not authorized to do this action. You should be authorized by RAM.";
    AuthenticationFailNoPermission = "AuthenticationFail.NoPermission", 401, "There is no permission.";
    AuthenticationFailOidcTokenInvalid = "AuthenticationFail.OIDCToken.Invalid", 401, "The OIDC token is invalid.";
    AuthenticationFailOidcTokenInvalidSignature = "AuthenticationFail.OIDCToken.InvalidSignature", 401, "OIDC token validate failed: invalid signature.";
    AuthenticationFailOidcTokenAudienceNotMatch = "AuthenticationFail.OIDCToken.AudienceNotMatch", 401, "Invalid audience.";
    AuthenticationFailOidcTokenExpired = "AuthenticationFail.OIDCToken.Expired", 401, "This JsonWebToken is expired.";
    AuthenticationFailOidcTokenHttpsUrlInvalid = "AuthenticationFail.OIDCToken.HttpsUrlInvalid", 401, "The keys of the issuer cannot be fetched.";
    AuthenticationFailOidcTokenPublicKeyFingerprintMismatch = "AuthenticationFail.OIDCToken.PublicKeyFingerprintMismatch", 401, "No certificate of the issuer has a fingerprint of the OIDC provider's.";
}
