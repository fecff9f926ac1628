use crate::{object, operation};

operation! {
    /// Lists the aliases of one key, page by page.
    ListAliasesByKeyId ("list_aliases_by_key_id"), ListAliasesByKeyIdRequest -> ListAliasesByKeyIdResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListAliasesByKeyId" on Key("KeyId")];
    errors: [InvalidParameter, UnsupportedAlias, ForbiddenKeyNotFound];
    required {
        /// Id or ARN of the key; an alias is refused.
        "KeyId" key_id: String,
    }
    optional {
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 10 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Aliases on this page.
        "Aliases" aliases: Option<ListAliasesByKeyIdAliases>,
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
    }
}

object! {
    /// Aliases on a page of `ListAliasesByKeyId`.
    ListAliasesByKeyIdAliases {
        /// One entry per alias.
        "Alias" alias: Vec<ListAliasesByKeyIdAliasesAliasItem>,
    }
}

object! {
    /// One alias in the answer of `ListAliasesByKeyId`.
    ListAliasesByKeyIdAliasesAliasItem {
        /// ARN of the alias.
        "AliasArn" alias_arn: Option<String>,
        /// Name with its prefix, `alias/…`.
        "AliasName" alias_name: Option<String>,
        /// Id of the key that the alias points at.
        "KeyId" key_id: Option<String>,
    }
}
