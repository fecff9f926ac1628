use crate::{object, operation};

operation! {
    /// Adds a version to a key. A symmetric key encrypts with the new version from then on; older versions
    /// stay usable for decryption. An asymmetric key takes a new version at most every 7 days.
    CreateKeyVersion ("create_key_version"), CreateKeyVersionRequest -> CreateKeyVersionResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CreateKeyVersion" on Key("KeyId")];
    errors: [
        InvalidParameter, RejectedUnsupportedOperation, RejectedLimitExceeded,
        ForbiddenDkmsInstanceStateInvalid, ForbiddenKeyNotFound, ForbiddenAliasNotFound, RejectedDisabled,
        RejectedPendingDeletion, RejectedPendingImport, RejectedUnavailable,
    ];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
        /// The new version.
        "KeyVersion" key_version: Option<CreateKeyVersionKeyVersion>,
    }
}

object! {
    /// The version that `CreateKeyVersion` made.
    CreateKeyVersionKeyVersion {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreationDate" creation_date: Option<String>,
        /// Id of the key.
        "KeyId" key_id: Option<String>,
        /// Id of the version, 36 characters.
        "KeyVersionId" key_version_id: Option<String>,
    }
}
