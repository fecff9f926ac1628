use crate::{operation, types::SecretBase64};

operation! {
    /// Returns a managed data key in plain: the version that is asked for, the newest, or else the first. A
    /// managed data key is a Generic secret whose values are data keys in base64.
    GetManagedDataKey ("get_managed_data_key"), GetManagedDataKeyRequest -> GetManagedDataKeyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetManagedDataKey" on Secret("DataKeyName"), "kms:Decrypt" on KeyOfSecret("DataKeyName")];
    errors: [
        InvalidParameter, UnsupportedOperation, ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound,
        ForbiddenResourceNotFound, RejectedDisabled, RejectedPendingDeletion, RejectedPendingImport,
        RejectedUnavailable, RejectedResourceInDeleteWindow,
    ];
    required {
        /// Name of the managed data key: of the secret that holds it.
        "DataKeyName" data_key_name: String,
    }
    optional {
        /// Version to read; decided by `UseLatest` when absent.
        "DataKeyVersionId" data_key_version_id: String,
        /// `true` for the newest version, `false` (default) for the first; ignored when `DataKeyVersionId`
        /// is given.
        "UseLatest" use_latest: bool,
    }
    response {
        /// Name of the managed data key.
        "DataKeyName" data_key_name: Option<String>,
        /// Id of the version that was read.
        "DataKeyVersionId" data_key_version_id: Option<String>,
        /// Name of the version that was read.
        "DataKeyVersionName" data_key_version_name: Option<String>,
        /// Data key in plain, base64.
        "Plaintext" plaintext: Option<SecretBase64>,
    }
}
