use crate::{object, operation};

operation! {
    /// Lists the aliases of the account in the region, page by page.
    ListAliases ("list_aliases"), ListAliasesRequest -> ListAliasesResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListAliases" on Container("alias")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 10 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Aliases on this page.
        "Aliases" aliases: ListAliasesAliases,
        /// Page that is returned.
        "PageNumber" page_number: i64,
        /// Entries per page.
        "PageSize" page_size: i64,
        /// Number of entries on all pages.
        "TotalCount" total_count: i64,
    }
}

object! {
    /// Aliases on a page of `ListAliases`.
    ListAliasesAliases {
        /// One entry per alias.
        "Alias" alias: Vec<ListAliasesAliasesAliasItem>,
    }
}

object! {
    /// One alias in the answer of `ListAliases`.
    ListAliasesAliasesAliasItem {
        /// ARN of the alias.
        "AliasArn" alias_arn: String,
        /// Name with its prefix, `alias/…`.
        "AliasName" alias_name: String,
        /// Id of the key that the alias points at.
        "KeyId" key_id: String,
    }
}
