use crate::operation;

operation! {
    /// Gives a key another name. The name is unique in the account and region; a key may have several.
    CreateAlias ("create_alias"), CreateAliasRequest -> CreateAliasResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CreateAlias" on Alias("AliasName"), "kms:CreateAlias" on Key("KeyId")];
    errors: [
        InvalidParameter, AliasAlreadyExists, UnsupportedAlias, RejectedLimitExceeded, ForbiddenKeyNotFound,
        RejectedStateModifiedFailed,
    ];
    required {
        /// Name with its prefix, `alias/` and 1 to 255 letters, digits, `_`, `-` or `/`; `alias/acs` is
        /// reserved.
        "AliasName" alias_name: String,
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
    }
    response {
    }
}
