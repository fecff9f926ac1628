use crate::operation;

operation! {
    /// Points an alias at another key.
    UpdateAlias ("update_alias"), UpdateAliasRequest -> UpdateAliasResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: [
        "kms:UpdateAlias" on Alias("AliasName"),
        "kms:UpdateAlias" on Key("KeyId"),
        "kms:UpdateAlias" on KeyOfAlias("AliasName"),
    ];
    errors: [
        InvalidParameter, UnsupportedAlias, ForbiddenKeyNotFound, ForbiddenAliasNotFound,
        RejectedPendingDeletion,
    ];
    required {
        /// Name of the alias with its prefix, `alias/…`.
        "AliasName" alias_name: String,
        /// Id or ARN of the key to point at; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
    }
}
