use crate::{object, operation, types::AuthenticationMethod};

operation! {
    /// Lists the application access points of the account in the region, page by page.
    ListApplicationAccessPoints ("list_application_access_points"), ListApplicationAccessPointsRequest -> ListApplicationAccessPointsResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListApplicationAccessPoints" on Any];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 20 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Application access points on this page.
        "ApplicationAccessPoints" application_access_points: Option<ListApplicationAccessPointsApplicationAccessPoints>,
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
    }
}

object! {
    /// Application access points on a page of `ListApplicationAccessPoints`.
    ListApplicationAccessPointsApplicationAccessPoints {
        /// One entry per application access point.
        "ApplicationAccessPoint" application_access_point: Vec<ListApplicationAccessPointsApplicationAccessPointsItem>,
    }
}

object! {
    /// One application access point in the answer of `ListApplicationAccessPoints`.
    ListApplicationAccessPointsApplicationAccessPointsItem {
        /// How applications prove who they are, `ClientKey`.
        "AuthenticationMethod" authentication_method: Option<AuthenticationMethod>,
        /// Name of the application access point.
        "Name" name: Option<String>,
    }
}
