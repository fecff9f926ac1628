use crate::operation;

operation! {
    /// Replaces the description of a key.
    UpdateKeyDescription ("update_key_description"), UpdateKeyDescriptionRequest -> UpdateKeyDescriptionResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdateKeyDescription" on Key("KeyId")];
    errors: [InvalidParameter, UnsupportedAlias, ForbiddenKeyNotFound, RejectedPendingDeletion];
    required {
        /// New description, at most 8,192 characters.
        "Description" description: String,
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
    }
}
