use crate::{object, operation, types::{Filter, JsonText}};

operation! {
    /// Lists the keys of the account in the region, page by page.
    ListKeys ("list_keys"), ListKeysRequest -> ListKeysResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListKeys" on Container("key")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// Filter as JSON text, `[{"Key":"KeyState","Values":["Enabled"]}]`, at most 10 pairs of at most 10
        /// values; values of one key are alternatives, different keys must all match. Keys: `KeyState`,
        /// `KeySpec`, `KeyUsage`, `ProtectionLevel`, `CreatorType`, `DKMSInstanceId`, `keyId`, `AliasName`,
        /// `Creator`, `TagKey`, `TagValue`.
        "Filters" filters: JsonText<Vec<Filter>>,
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 10 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Keys on this page.
        "Keys" keys: ListKeysKeys,
        /// Page that is returned.
        "PageNumber" page_number: i64,
        /// Entries per page.
        "PageSize" page_size: i64,
        /// Number of entries on all pages.
        "TotalCount" total_count: i64,
    }
}

object! {
    /// Keys on a page of `ListKeys`.
    ListKeysKeys {
        /// One entry per key.
        "Key" key: Vec<ListKeysKeysItem>,
    }
}

object! {
    /// One key in the answer of `ListKeys`.
    ListKeysKeysItem {
        /// ARN of the key.
        "KeyArn" key_arn: String,
        /// Id of the key.
        "KeyId" key_id: String,
    }
}
