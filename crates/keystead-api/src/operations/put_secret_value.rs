use crate::{SecretText, object, operation, types::{JsonText, SecretDataType, VersionStage, SecretBase64}};

operation! {
    /// Stores a new version of a generic secret. Without `VersionStages` it becomes `ACSCurrent`, and the
    /// version before it `ACSPrevious`. The same id with the same value changes nothing.
    PutSecretValue ("put_secret_value"), PutSecretValueRequest -> PutSecretValueResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: [
        "kms:PutSecretValue" on Secret("SecretName"),
        "kms:GenerateDataKey" on KeyOfSecret("SecretName"),
    ];
    errors: [
        InvalidParameter, RejectedUnsupportedOperation, RejectedLimitExceeded,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound, ForbiddenResourceNotFound, RejectedDisabled,
        RejectedPendingDeletion, RejectedPendingImport, RejectedUnavailable, RejectedResourceExist,
        RejectedResourceInDeleteWindow,
    ];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
        /// Id of the new version, at most 64 characters; it makes a repeated call harmless.
        "VersionId" version_id: String,
        /// Value, at most 30,720 bytes.
        "SecretData" @form secret_data: SecretText,
    }
    optional {
        /// `text` (default) or `binary`, a value that is base64 text on the wire; only generic secrets can
        /// be binary.
        "SecretDataType" secret_data_type: SecretDataType,
        /// Stage labels that move to the new version, as a JSON array text; `["ACSCurrent"]` by default, at
        /// most 8 labels in a secret.
        "VersionStages" version_stages: JsonText<Vec<VersionStage>>,
    }
    response {
        /// Name of the secret.
        "SecretName" secret_name: String,
        /// Id of the new version.
        "VersionId" version_id: String,
        /// Stage labels of the new version.
        "VersionStages" version_stages: PutSecretValueVersionStages,
    }
}

object! {
    /// Stage labels of the version that `PutSecretValue` stored.
    PutSecretValueVersionStages {
        /// The labels, such as `ACSCurrent`.
        "VersionStage" version_stage: Vec<VersionStage>,
    }
}

impl PutSecretValueRequest {
    /// A request with bytes as value, of type `binary`; `new` takes text.
    pub fn binary(
        secret_name: impl Into<String>,
        version_id: impl Into<String>,
        value: impl Into<SecretBase64>,
    ) -> Self {
        Self::new(secret_name, version_id, value.into().into_text()).secret_data_type(SecretDataType::BINARY)
    }
}
