use crate::operation;

operation! {
    /// Puts a disabled key back into state `Enabled`; an enabled key stays as it is.
    EnableKey ("enable_key"), EnableKeyRequest -> EnableKeyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:EnableKey" on Key("KeyId")];
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
