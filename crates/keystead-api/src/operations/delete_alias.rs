use crate::operation;

operation! {
    /// Deletes an alias; its key stays.
    DeleteAlias ("delete_alias"), DeleteAliasRequest -> DeleteAliasResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:DeleteAlias" on Alias("AliasName"), "kms:DeleteAlias" on KeyOfAlias("AliasName")];
    errors: [InvalidParameter, ForbiddenAliasNotFound];
    required {
        /// Name of the alias with its prefix, `alias/…`.
        "AliasName" alias_name: String,
    }
    optional {
    }
    response {
    }
}
