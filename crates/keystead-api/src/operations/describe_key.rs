use crate::{object, operation, types::{DeletionProtection, KeyOrigin, KeySpec, KeyState, KeyUsage, ProtectionLevel, RotationStatus}};

operation! {
    /// Returns everything about a key but its material.
    DescribeKey ("describe_key"), DescribeKeyRequest -> DescribeKeyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DescribeKey" on Key("KeyId")];
    errors: [InvalidParameter, ForbiddenKeyNotFound, ForbiddenAliasNotFound];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
        /// Everything about the key but its material.
        "KeyMetadata" key_metadata: DescribeKeyMetadata,
    }
}

object! {
    /// What `DescribeKey` tells about a key.
    DescribeKeyMetadata {
        /// ARN of the key.
        "Arn" arn: String,
        /// Whether the key is rotated automatically: `Enabled`, `Disabled`, or `Suspended` while the key's
        /// state forbids it.
        "AutomaticRotation" automatic_rotation: RotationStatus,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreationDate" creation_date: String,
        /// Id of the account that made the key.
        "Creator" creator: String,
        /// Instance that holds the key; absent for keys outside instances.
        "DKMSInstanceId" dkms_instance_id: Option<String>,
        /// Time of deletion, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Only in state `PendingDeletion`.
        "DeleteDate" delete_date: Option<String>,
        /// Whether the key is protected from deletion: `Enabled` or `Disabled`.
        "DeletionProtection" deletion_protection: DeletionProtection,
        /// Why it is protected, as given by who set the protection.
        "DeletionProtectionDescription" deletion_protection_description: Option<String>,
        /// Description, at most 8,192 characters.
        "Description" description: String,
        /// Id of the key.
        "KeyId" key_id: String,
        /// Algorithm and size, such as `Aliyun_AES_256` or `RSA_2048`.
        "KeySpec" key_spec: KeySpec,
        /// `Enabled`, `Disabled`, `PendingDeletion` or `PendingImport`.
        "KeyState" key_state: KeyState,
        /// `ENCRYPT/DECRYPT`, `SIGN/VERIFY` or `GENERATE/VERIFY_MAC`.
        "KeyUsage" key_usage: KeyUsage,
        /// Creation of the newest version, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "LastRotationDate" last_rotation_date: Option<String>,
        /// End of imported material, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Empty means never.
        "MaterialExpireTime" material_expire_time: String,
        /// Time of the next rotation, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Only while rotation is `Enabled` or
        /// `Suspended`.
        "NextRotationDate" next_rotation_date: Option<String>,
        /// Where the material comes from: `Aliyun_KMS` or `EXTERNAL`.
        "Origin" origin: KeyOrigin,
        /// Id of the version that encrypts, 36 characters; absent for asymmetric keys.
        "PrimaryKeyVersion" primary_key_version: Option<String>,
        /// `SOFTWARE` or `HSM`.
        "ProtectionLevel" protection_level: ProtectionLevel,
        /// Interval of automatic rotation in seconds, `<n>s`; only while rotation is `Enabled` or
        /// `Suspended`.
        "RotationInterval" rotation_interval: Option<String>,
    }
}
