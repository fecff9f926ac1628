use crate::{object, operation};

operation! {
    /// Lists the versions of a managed data key, the first one first, page by page.
    ListManagedDataKeyVersions ("list_managed_data_key_versions"), ListManagedDataKeyVersionsRequest -> ListManagedDataKeyVersionsResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListManagedDataKeyVersions" on Secret("DataKeyName")];
    errors: [InvalidParameter, UnsupportedOperation, ForbiddenResourceNotFound];
    required {
        /// Name of the managed data key: of the secret that holds it.
        "DataKeyName" data_key_name: String,
    }
    optional {
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 10 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Name of the managed data key.
        "DataKeyName" data_key_name: Option<String>,
        /// Versions on this page.
        "ManagedDataKeyVersions" managed_data_key_versions: Option<ListManagedDataKeyVersionsManagedDataKeyVersions>,
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
    }
}

object! {
    /// Versions on a page of `ListManagedDataKeyVersions`.
    ListManagedDataKeyVersionsManagedDataKeyVersions {
        /// One entry per version.
        "ManagedDataKeyVersion" managed_data_key_version: Vec<ListManagedDataKeyVersionsManagedDataKeyVersionsItem>,
    }
}

object! {
    /// One version in the answer of `ListManagedDataKeyVersions`.
    ListManagedDataKeyVersionsManagedDataKeyVersionsItem {
        /// Id of the version.
        "DataKeyVersionId" data_key_version_id: Option<String>,
        /// Name of the version.
        "DataKeyVersionName" data_key_version_name: Option<String>,
    }
}
