use crate::{object, operation, types::{BoolText, VersionStage}};

operation! {
    /// Lists the versions of a secret with their stage labels, newest first, page by page; the values are
    /// not returned.
    ListSecretVersionIds ("list_secret_version_ids"), ListSecretVersionIdsRequest -> ListSecretVersionIdsResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListSecretVersionIds" on Secret("SecretName")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Name of the secret; an ARN for a secret of another account.
        "SecretName" secret_name: String,
    }
    optional {
        /// `true` to list versions without a stage label too; `false` by default.
        "IncludeDeprecated" include_deprecated: BoolText,
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 20 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Name of the secret.
        "SecretName" secret_name: Option<String>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
        /// Versions on this page.
        "VersionIds" version_ids: Option<ListSecretVersionIdsVersionIds>,
    }
}

object! {
    /// Versions on a page of `ListSecretVersionIds`.
    ListSecretVersionIdsVersionIds {
        /// One entry per version.
        "VersionId" version_id: Vec<ListSecretVersionIdsVersionIdsItem>,
    }
}

object! {
    /// One version in the answer of `ListSecretVersionIds`.
    ListSecretVersionIdsVersionIdsItem {
        /// Creation of the version, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateTime" create_time: Option<String>,
        /// Id of the version, at most 64 characters.
        "VersionId" version_id: Option<String>,
        /// Stage labels of the version.
        "VersionStages" version_stages: Option<ListSecretVersionIdsVersionIdsItemVersionStages>,
    }
}

object! {
    /// Stage labels of a version.
    ListSecretVersionIdsVersionIdsItemVersionStages {
        /// The labels, such as `ACSCurrent`.
        "VersionStage" version_stage: Vec<VersionStage>,
    }
}
