use crate::operation;

operation! {
    /// Takes a key out of state `PendingDeletion` and enables it again; a key without its imported material
    /// waits in `PendingImport`.
    CancelKeyDeletion ("cancel_key_deletion"), CancelKeyDeletionRequest -> CancelKeyDeletionResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CancelKeyDeletion" on Key("KeyId")];
    errors: [InvalidParameter, UnsupportedAlias, ForbiddenKeyNotFound, RejectedStateModifiedFailed];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
    }
}
