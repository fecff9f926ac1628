use crate::{operation, types::BoolText};

operation! {
    /// Gives up an instance together with its keys and secrets; refused while it is protected from
    /// deletion.
    ReleaseKmsInstance ("release_kms_instance"), ReleaseKmsInstanceRequest -> ReleaseKmsInstanceResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:ReleaseKmsInstance" on Named("keystore", "KmsInstanceId")];
    errors: [InvalidParameter, RejectedUnsupportedOperation, ForbiddenDkmsInstanceNotFound];
    required {
        /// Id of the instance (`kst-…`).
        "KmsInstanceId" kms_instance_id: String,
    }
    optional {
        /// `true` releases it although there is no backup; `false` by default.
        "ForceDeleteWithoutBackup" force_delete_without_backup: BoolText,
    }
    response {
    }
}
