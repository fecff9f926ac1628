use crate::operation;

operation! {
    /// Puts a key into state `Disabled`, in which it encrypts and decrypts nothing; a disabled key stays as
    /// it is.
    DisableKey ("disable_key"), DisableKeyRequest -> DisableKeyResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DisableKey" on Key("KeyId")];
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
