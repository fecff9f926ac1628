use serde_json::{Map, Value};

use crate::{JsonObject, SecretText, operation, types::{JsonText, PolicyDocument, RotationStatus, SecretDataType, SecretType, Tag, SecretBase64}};

operation! {
    /// Creates a secret with its first version, which gets the stage label `ACSCurrent`. The value is
    /// encrypted under `EncryptionKeyId`, or under a key of the account when none is given.
    CreateSecret ("create_secret"), CreateSecretRequest -> CreateSecretResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: [
        "kms:CreateSecret" on Container("secret"),
        "kms:GenerateDataKey" on KeyIfGiven("EncryptionKeyId"),
    ];
    errors: [
        InvalidParameter, UnsupportedOperation, RejectedLimitExceeded, RejectedShareQuotaExceedLimit,
        MissingParameter, DuplicateTagKey, InvalidParameterTagKey, InvalidParameterTagValue,
        ForbiddenKeyPolicyUnSupported, ForbiddenDkmsInstanceStateInvalid, ForbiddenDkmsInstanceNotFound,
        ForbiddenKeyNotFound, ForbiddenAliasNotFound, ForbiddenResourceNotFound, RejectedDisabled,
        RejectedPendingDeletion, RejectedPendingImport, RejectedUnavailable, RejectedResourceExist,
        RejectedResourceInDeleteWindow,
    ];
    required {
        /// Name, 1 to 192 letters, digits and `_ / + = . - @`, unique in the account and region; not
        /// starting with `acs/` but for the types that demand it.
        "SecretName" secret_name: String,
        /// Id of the first version, at most 64 characters.
        "VersionId" version_id: String,
        /// Value, at most 30,720 bytes; for types other than `Generic` a JSON text of their own layout.
        "SecretData" @form secret_data: SecretText,
    }
    optional {
        /// Instance that shall hold the secret (`kst-…`); none by default.
        "DKMSInstanceId" dkms_instance_id: String,
        /// Description, at most 8,192 characters; empty by default.
        "Description" description: String,
        /// Whether to rotate the value automatically; `false` by default, not for generic secrets.
        "EnableAutomaticRotation" enable_automatic_rotation: bool,
        /// Symmetric key of the same instance that protects the value; a key of the account by default.
        "EncryptionKeyId" encryption_key_id: String,
        /// Settings of a rotating secret, a JSON object of at most 1,024 characters; ignored for generic
        /// secrets.
        "ExtendedConfig" extended_config: JsonObject,
        /// Secret policy as JSON text, at most 32,768 bytes; only for secrets in an instance, which get the
        /// default policy otherwise.
        "Policy" policy: PolicyDocument,
        /// Interval of automatic rotation, a whole number with unit `d`, `h`, `m` or `s`; 6 hours to 365
        /// days. Needed when rotation is switched on.
        "RotationInterval" rotation_interval: String,
        /// `text` (default) or `binary`, a value that is base64 text on the wire; only generic secrets can
        /// be binary.
        "SecretDataType" secret_data_type: SecretDataType,
        /// `Generic` (default), `Rds`, `Redis`, `PolarDB`, `RAMCredentials` or `ECS`.
        "SecretType" secret_type: SecretType,
        /// Tags as a JSON array text, `[{"TagKey":"a","TagValue":"b"}]`; at most 20, key and value at most
        /// 128 characters each.
        "Tags" tags: JsonText<Vec<Tag>>,
    }
    response {
        /// ARN of the secret.
        "Arn" arn: String,
        /// Whether the value is rotated automatically: `Enabled`, `Disabled`, or `Invalid` when rotation
        /// cannot work; absent for generic secrets.
        "AutomaticRotation" automatic_rotation: Option<RotationStatus>,
        /// Instance that holds the secret; absent for secrets outside instances.
        "DKMSInstanceId" dkms_instance_id: Option<String>,
        /// Settings of a rotating secret as JSON text; absent for generic secrets.
        "ExtendedConfig" extended_config: Option<JsonText<Map<String, Value>>>,
        /// Time of the next rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Absent when none is planned.
        "NextRotationDate" next_rotation_date: Option<String>,
        /// Interval of automatic rotation in seconds, `<n>s`; absent when there is none.
        "RotationInterval" rotation_interval: Option<String>,
        /// Name of the secret.
        "SecretName" secret_name: String,
        /// `Generic`, `Rds`, `Redis`, `PolarDB`, `RAMCredentials` or `ECS`.
        "SecretType" secret_type: SecretType,
        /// Id of the first version.
        "VersionId" version_id: String,
    }
}

impl CreateSecretRequest {
    /// A request with bytes as value, of type `binary`; `new` takes text.
    pub fn binary(
        secret_name: impl Into<String>,
        version_id: impl Into<String>,
        value: impl Into<SecretBase64>,
    ) -> Self {
        Self::new(secret_name, version_id, value.into().into_text()).secret_data_type(SecretDataType::BINARY)
    }
}
