use crate::operation;

operation! {
    /// Switches the protection of a key or an instance from deletion on or off. While it is on, deletion is
    /// refused. Exactly one of `ProtectedResourceArn`, `KeyId` and `KmsInstanceId` names the resource.
    SetDeletionProtection ("set_deletion_protection"), SetDeletionProtectionRequest -> SetDeletionProtectionResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: [
        "kms:SetDeletionProtection" on KeyIfGiven("KeyId"),
        "kms:SetDeletionProtection" on KeyIfGiven("ProtectedResourceArn"),
        "kms:SetDeletionProtection" on Named("keystore", "KmsInstanceId"),
    ];
    errors: [
        InvalidParameter, MissingParameter, UnsupportedAlias, ForbiddenDkmsInstanceNotFound,
        ForbiddenKeyNotFound, RejectedPendingDeletion,
    ];
    required {
        /// `true` switches the protection on, `false` off.
        "EnableDeletionProtection" enable_deletion_protection: bool,
    }
    optional {
        /// Why the resource is protected; empty by default, kept only while the protection is on.
        "DeletionProtectionDescription" deletion_protection_description: String,
        /// Id of the key, when a key is meant.
        "KeyId" key_id: String,
        /// Id of the instance (`kst-…`), when an instance is meant.
        "KmsInstanceId" kms_instance_id: String,
        /// ARN of the key, `acs:kms:<region>:<account>:key/<id>`.
        "ProtectedResourceArn" protected_resource_arn: String,
    }
    response {
    }
}
