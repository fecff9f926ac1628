use crate::operation;

operation! {
    /// Deletes the imported material of a key, which then waits in state `PendingImport`. The same material
    /// can be imported again.
    DeleteKeyMaterial ("delete_key_material"), DeleteKeyMaterialRequest -> DeleteKeyMaterialResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DeleteKeyMaterial" on Key("KeyId")];
    errors: [
        InvalidParameter, UnsupportedOrigin, UnsupportedAlias, ForbiddenKeyNotFound,
        RejectedUnsupportedOperation,
    ];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
    }
}
