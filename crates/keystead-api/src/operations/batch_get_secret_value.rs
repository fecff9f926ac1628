use serde_json::{Map, Value};

use crate::{JsonList, SecretText, flat_item, object, operation, types::{JsonText, RotationStatus, SecretDataType, SecretType, VersionStage}};

operation! {
    /// Returns the values of up to 20 different secrets. What cannot be read is listed in `Errors`; the
    /// call itself then still succeeds.
    BatchGetSecretValue ("batch_get_secret_value"), BatchGetSecretValueRequest -> BatchGetSecretValueResponse;
    method: Post;
    gateways: Both;
    repeat: Safe;
    access: [
        "kms:GetSecretValue" on EachSecret("SecretsList"),
        "kms:Decrypt" on KeyOfSecret("SecretsList"),
    ];
    errors: [InvalidParameter, MissingParameter];
    required {
    }
    optional {
        /// Secrets to read, 1 to 20 different ones, each with its name and, when wanted, version and stage.
        "SecretsList" secrets_list: JsonList<SecretsListItem>,
    }
    response {
        /// What could not be read.
        "Errors" errors: Vec<BatchGetSecretValueErrorsItem>,
        /// What was read.
        "SecretValues" secret_values: Vec<BatchGetSecretValueSecretValuesItem>,
    }
}

object! {
    /// A secret's value in the answer of `BatchGetSecretValue`.
    BatchGetSecretValueSecretValuesItem {
        /// Whether the value is rotated automatically: `Enabled`, `Disabled`, or `Invalid` when rotation
        /// cannot work; absent for generic secrets.
        "AutomaticRotation" automatic_rotation: Option<RotationStatus>,
        /// Creation of the version, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateTime" create_time: Option<String>,
        /// Settings of a rotating secret as JSON text; only with `FetchExtendedConfig`, never for generic
        /// secrets.
        "ExtendedConfig" extended_config: Option<JsonText<Map<String, Value>>>,
        /// Time of the last rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "LastRotationDate" last_rotation_date: Option<String>,
        /// Time of the next rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Absent when none is planned.
        "NextRotationDate" next_rotation_date: Option<String>,
        /// The request's id, for support and logs.
        "RequestId" request_id: Option<String>,
        /// Interval of automatic rotation in seconds, `<n>s`; absent when there is none.
        "RotationInterval" rotation_interval: Option<String>,
        /// Value of the version, at most 30,720 bytes.
        "SecretData" secret_data: Option<SecretText>,
        /// `text` or `binary`; a binary value is base64 text on the wire.
        "SecretDataType" secret_data_type: Option<SecretDataType>,
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
        /// `Generic`, `Rds`, `Redis`, `PolarDB`, `RAMCredentials` or `ECS`.
        "SecretType" secret_type: Option<SecretType>,
        /// Id of the version, at most 64 characters.
        "VersionId" version_id: Option<String>,
        /// Stage labels of the version.
        "VersionStages" version_stages: Option<BatchGetSecretValueSecretValuesItemVersionStages>,
    }
}

object! {
    /// Stage labels of the version that was read.
    BatchGetSecretValueSecretValuesItemVersionStages {
        /// The labels, such as `ACSCurrent`.
        "VersionStage" version_stage: Vec<VersionStage>,
    }
}

object! {
    /// A secret that `BatchGetSecretValue` could not read.
    BatchGetSecretValueErrorsItem {
        /// Error code, as `GetSecretValue` gives it.
        "Code" code: Option<String>,
        /// HTTP status that goes with the code.
        "HttpStatus" http_status: Option<i64>,
        /// Message for people.
        "Message" message: Option<String>,
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
    }
}

flat_item! {
    /// A secret that `BatchGetSecretValue` reads.
    SecretsListItem {
        /// `true` to return `ExtendedConfig`; `false` by default.
        "FetchExtendedConfig" fetch_extended_config,
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name,
        /// Version to read; the one that `VersionStage` names by default.
        "VersionId" version_id,
        /// Stage label of the version to read; `ACSCurrent` by default.
        "VersionStage" version_stage,
    }
}
