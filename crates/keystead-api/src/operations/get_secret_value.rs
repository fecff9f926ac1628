use serde_json::{Map, Value};

use crate::{SecretText, object, operation, types::{Base64, BoolText, JsonText, RotationStatus, SecretDataType, SecretType, VersionStage, NotBase64, SecretValue}};

operation! {
    /// Returns the value of a secret: of the version with the stage label `ACSCurrent`, or of the version
    /// or stage that is asked for.
    GetSecretValue ("get_secret_value"), GetSecretValueRequest -> GetSecretValueResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: ["kms:GetSecretValue" on Secret("SecretName"), "kms:Decrypt" on KeyOfSecret("SecretName")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid,
        ForbiddenDkmsInstanceNotFound, ForbiddenKeyNotFound, ForbiddenResourceNotFound, RejectedDisabled,
        RejectedPendingDeletion, RejectedPendingImport, RejectedUnavailable, RejectedResourceInDeleteWindow,
        DryRunOperationError, ValidationError, AccessDeniedError,
    ];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// `true` checks the call without doing it and always answers with an error that tells the outcome;
        /// `false` by default.
        "DryRun" dry_run: BoolText,
        /// Whether to return `ExtendedConfig`; `false` by default.
        "FetchExtendedConfig" fetch_extended_config: bool,
        /// Version to read; ignored for rotating secrets. With `VersionStage` given, both must match.
        "VersionId" version_id: String,
        /// Stage label of the version to read; `ACSCurrent` by default. Rotating secrets know only
        /// `ACSCurrent` and `ACSPrevious`.
        "VersionStage" version_stage: VersionStage,
        /// Attestation document of an enclave that is to receive the answer sealed; at present such calls
        /// are refused with `UnsupportedOperation`.
        "Recipient" @form recipient: Base64,
    }
    response {
        /// Whether the value is rotated automatically: `Enabled`, `Disabled`, or `Invalid` when rotation
        /// cannot work; absent for generic secrets.
        "AutomaticRotation" automatic_rotation: Option<RotationStatus>,
        /// Answer sealed for the enclave named in `Recipient`; absent without one.
        "CiphertextForRecipient" ciphertext_for_recipient: Option<Base64>,
        /// Creation of the version, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateTime" create_time: String,
        /// Settings of a rotating secret as JSON text; only with `FetchExtendedConfig`, never for generic
        /// secrets.
        "ExtendedConfig" extended_config: Option<JsonText<Map<String, Value>>>,
        /// Time of the last rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "LastRotationDate" last_rotation_date: Option<String>,
        /// Time of the next rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Absent when none is planned.
        "NextRotationDate" next_rotation_date: Option<String>,
        /// Interval of automatic rotation in seconds, `<n>s`; absent when there is none.
        "RotationInterval" rotation_interval: Option<String>,
        /// Value of the version, at most 30,720 bytes.
        "SecretData" secret_data: SecretText,
        /// `text` or `binary`; a binary value is base64 text on the wire.
        "SecretDataType" secret_data_type: SecretDataType,
        /// Name of the secret.
        "SecretName" secret_name: String,
        /// `Generic`, `Rds`, `Redis`, `PolarDB`, `RAMCredentials` or `ECS`.
        "SecretType" secret_type: SecretType,
        /// Id of the version that was read.
        "VersionId" version_id: String,
        /// Stage labels of the version.
        "VersionStages" version_stages: GetSecretValueVersionStages,
    }
}

object! {
    /// Stage labels of the version that `GetSecretValue` read.
    GetSecretValueVersionStages {
        /// The labels, such as `ACSCurrent`.
        "VersionStage" version_stage: Vec<VersionStage>,
    }
}

impl GetSecretValueResponse {
    /// The value: text, or the bytes of a binary one.
    ///
    /// # Errors
    /// When a binary value is no base64.
    pub fn value(&self) -> Result<SecretValue, NotBase64> {
        SecretValue::read(&self.secret_data, &self.secret_data_type)
    }
}
