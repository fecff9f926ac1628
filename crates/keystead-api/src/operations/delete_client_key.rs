use crate::operation;

operation! {
    /// Deletes a client key; calls signed with it are refused at once.
    DeleteClientKey ("delete_client_key"), DeleteClientKeyRequest -> DeleteClientKeyResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:DeleteClientKey" on Named("clientkey", "ClientKeyId")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Id of the client key, `KAAP.` and a UUID.
        "ClientKeyId" client_key_id: String,
    }
    optional {
    }
    response {
    }
}
