use crate::{object, operation};

operation! {
    /// Lists the versions of a key, page by page.
    ListKeyVersions ("list_key_versions"), ListKeyVersionsRequest -> ListKeyVersionsResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListKeyVersions" on Key("KeyId")];
    errors: [InvalidParameter, ForbiddenKeyNotFound, ForbiddenAliasNotFound];
    required {
        /// Id, alias (`alias/…`) or ARN of the key.
        "KeyId" key_id: String,
    }
    optional {
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 10 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Versions on this page.
        "KeyVersions" key_versions: Option<ListKeyVersionsKeyVersions>,
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
    }
}

object! {
    /// Versions on a page of `ListKeyVersions`.
    ListKeyVersionsKeyVersions {
        /// One entry per version.
        "KeyVersion" key_version: Vec<ListKeyVersionsKeyVersionsItem>,
    }
}

object! {
    /// One version in the answer of `ListKeyVersions`.
    ListKeyVersionsKeyVersionsItem {
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreationDate" creation_date: Option<String>,
        /// Id of the key.
        "KeyId" key_id: Option<String>,
        /// Id of the version, 36 characters.
        "KeyVersionId" key_version_id: Option<String>,
    }
}
