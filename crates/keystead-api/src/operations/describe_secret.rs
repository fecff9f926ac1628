use serde_json::{Map, Value};

use crate::{object, operation, types::{BoolText, JsonText, RotationStatus, SecretType}};

operation! {
    /// Returns everything about a secret but its values.
    DescribeSecret ("describe_secret"), DescribeSecretRequest -> DescribeSecretResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DescribeSecret" on Secret("SecretName")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// `true` to return the tags; `false` by default.
        "FetchTags" fetch_tags: BoolText,
    }
    response {
        /// ARN of the secret.
        "Arn" arn: String,
        /// Whether the value is rotated automatically: `Enabled`, `Disabled`, or `Invalid` when rotation
        /// cannot work; absent for generic secrets.
        "AutomaticRotation" automatic_rotation: Option<RotationStatus>,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateTime" create_time: String,
        /// Instance that holds the secret; absent for secrets outside instances.
        "DKMSInstanceId" dkms_instance_id: Option<String>,
        /// Description, at most 8,192 characters.
        "Description" description: String,
        /// Id of the key that protects the values; absent when the user chose none.
        "EncryptionKeyId" encryption_key_id: Option<String>,
        /// Settings of a rotating secret as JSON text; absent for generic secrets.
        "ExtendedConfig" extended_config: Option<JsonText<Map<String, Value>>>,
        /// Time of the last rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "LastRotationDate" last_rotation_date: Option<String>,
        /// Time of the next rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Absent when none is planned.
        "NextRotationDate" next_rotation_date: Option<String>,
        /// Cloud product that owns the secret; absent for a user's own.
        "OwingService" owing_service: Option<String>,
        /// Time of deletion, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Absent when none is planned.
        "PlannedDeleteTime" planned_delete_time: Option<String>,
        /// Interval of automatic rotation in seconds, `<n>s`; absent when there is none.
        "RotationInterval" rotation_interval: Option<String>,
        /// Name of the secret.
        "SecretName" secret_name: String,
        /// `Generic`, `Rds`, `Redis`, `PolarDB`, `RAMCredentials` or `ECS`.
        "SecretType" secret_type: SecretType,
        /// Tags of the secret; only with `FetchTags`.
        "Tags" tags: Option<DescribeSecretTags>,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateTime" update_time: String,
    }
}

object! {
    /// Tags of a secret.
    DescribeSecretTags {
        /// One entry per tag.
        "Tag" tag: Vec<DescribeSecretTagsItem>,
    }
}

object! {
    /// One tag in the answer of `DescribeSecret`.
    DescribeSecretTagsItem {
        /// Key of the tag, at most 128 characters.
        "TagKey" tag_key: String,
        /// Value of the tag, at most 128 characters.
        "TagValue" tag_value: String,
    }
}
