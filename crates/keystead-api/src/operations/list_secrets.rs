use crate::{object, operation, types::{BoolText, Filter, JsonText, SecretType}};

operation! {
    /// Lists the secrets of the account in the region, page by page; those waiting for deletion too.
    ListSecrets ("list_secrets"), ListSecretsRequest -> ListSecretsResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListSecrets" on Container("secret")];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// `true` to return the tags; `false` by default.
        "FetchTags" fetch_tags: BoolText,
        /// Filter as JSON text, `[{"Key":"SecretName","Values":["db"]}]`, at most 10 pairs of at most 10
        /// values; values of one key are alternatives, different keys must all match. Keys: `SecretName` (a
        /// part of it), `Description`, `TagKey`, `TagValue`, `DKMSInstanceId`, `SecretType`, `Creator`.
        "Filters" filters: JsonText<Vec<Filter>>,
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 10 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Page that is returned.
        "PageNumber" page_number: i64,
        /// Entries per page.
        "PageSize" page_size: i64,
        /// Secrets on this page.
        "SecretList" secret_list: ListSecretsSecretList,
        /// Number of entries on all pages.
        "TotalCount" total_count: i64,
    }
}

object! {
    /// Secrets on a page of `ListSecrets`.
    ListSecretsSecretList {
        /// One entry per secret.
        "Secret" secret: Vec<ListSecretsSecretListSecretItem>,
    }
}

object! {
    /// One secret in the answer of `ListSecrets`.
    ListSecretsSecretListSecretItem {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateTime" create_time: String,
        /// Cloud product that owns the secret; absent for a user's own.
        "OwingService" owing_service: Option<String>,
        /// Time of deletion, UTC, `yyyy-MM-ddTHH:mm:ssZ`. Absent when none is planned.
        "PlannedDeleteTime" planned_delete_time: Option<String>,
        /// Name of the secret.
        "SecretName" secret_name: String,
        /// `Generic`, `Rds`, `Redis`, `PolarDB`, `RAMCredentials` or `ECS`.
        "SecretType" secret_type: SecretType,
        /// Tags of the secret; only with `FetchTags`.
        "Tags" tags: Option<ListSecretsSecretListSecretItemTags>,
        /// Time of the last change, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "UpdateTime" update_time: String,
    }
}

object! {
    /// Tags of a secret.
    ListSecretsSecretListSecretItemTags {
        /// One entry per tag.
        "Tag" tag: Vec<ListSecretsSecretListSecretItemTagsItem>,
    }
}

object! {
    /// One tag of a secret in the answer of `ListSecrets`.
    ListSecretsSecretListSecretItemTagsItem {
        /// Key of the tag, at most 128 characters.
        "TagKey" tag_key: String,
        /// Value of the tag, at most 128 characters.
        "TagValue" tag_value: String,
    }
}
