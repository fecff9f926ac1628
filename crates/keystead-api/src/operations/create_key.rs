use crate::{object, operation, types::{JsonText, KeyOrigin, KeySpec, KeyState, KeyStorageMechanism, KeyUsage, PolicyDocument, ProtectionLevel, RotationStatus, Tag}};

operation! {
    /// Creates a key and its first version. With origin `EXTERNAL` the key waits for its material in state
    /// `PendingImport`.
    CreateKey ("create_key"), CreateKeyRequest -> CreateKeyResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CreateKey" on Container("key")];
    errors: [
        InvalidParameter, UnsupportedOperation, RejectedUnsupportedOperation, RejectedLimitExceeded,
        RejectedShareQuotaExceedLimit, UnsupportedProtectionLevel, MissingParameter, DuplicateTagKey,
        InvalidParameterTagKey, InvalidParameterTagValue, ForbiddenKeyPolicyUnSupported,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenDkmsInstanceNotFound,
    ];
    required {
    }
    optional {
        /// Instance that shall hold the key (`kst-…`); none by default.
        "DKMSInstanceId" dkms_instance_id: String,
        /// Description, at most 8,192 characters; empty by default.
        "Description" description: String,
        /// Whether to rotate the key automatically; `false` by default. Needs `RotationInterval`.
        "EnableAutomaticRotation" enable_automatic_rotation: bool,
        /// Algorithm and size: `Aliyun_AES_256` (default), `Aliyun_AES_192`, `Aliyun_AES_128`,
        /// `Aliyun_SM4`, `RSA_2048`, `RSA_3072`, `RSA_4096`, `EC_P256`, `EC_P256K`, `EC_SM2` or an HMAC
        /// spec such as `HMAC_SHA256`.
        "KeySpec" key_spec: KeySpec,
        /// Where a hardware instance keeps the key: `HsmInternal` (default) or `HsmEncryptedDatabase`,
        /// which allows rotation of symmetric keys.
        "KeyStorageMechanism" key_storage_mechanism: KeyStorageMechanism,
        /// `ENCRYPT/DECRYPT`, `SIGN/VERIFY` or `GENERATE/VERIFY_MAC`; by default `SIGN/VERIFY` for specs
        /// that can sign, the MAC usage for HMAC specs, `ENCRYPT/DECRYPT` for the rest.
        "KeyUsage" key_usage: KeyUsage,
        /// Where the material comes from: `Aliyun_KMS` (default) or `EXTERNAL`, which is imported.
        "Origin" origin: KeyOrigin,
        /// Key policy as JSON text, at most 32,768 bytes; only for keys in an instance, which get the
        /// default policy otherwise.
        "Policy" policy: PolicyDocument,
        /// `SOFTWARE` or `HSM`; ignored when `DKMSInstanceId` is given, as the instance decides.
        "ProtectionLevel" protection_level: ProtectionLevel,
        /// Interval of automatic rotation, a whole number with unit `d`, `h`, `m` or `s`; 7 to 730 days.
        "RotationInterval" rotation_interval: String,
        /// Tags as a JSON array text, `[{"TagKey":"a","TagValue":"b"}]`; at most 20, key and value at most
        /// 128 characters each.
        "Tags" tags: JsonText<Vec<Tag>>,
    }
    response {
        /// Everything about the key but its material.
        "KeyMetadata" key_metadata: CreateKeyMetadata,
    }
}

object! {
    /// What `CreateKey` tells about the new key.
    CreateKeyMetadata {
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
