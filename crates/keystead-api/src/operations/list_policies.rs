use crate::{object, operation};

operation! {
    /// Lists the policies of application access points in the region, page by page.
    ListPolicies ("list_policies"), ListPoliciesRequest -> ListPoliciesResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListPolicies" on Any];
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
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Policies on this page.
        "Policies" policies: Option<ListPoliciesPolicies>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
    }
}

object! {
    /// Policies on a page of `ListPolicies`.
    ListPoliciesPolicies {
        /// One entry per policy.
        "Policy" policy: Vec<ListPoliciesPoliciesPolicyItem>,
    }
}

object! {
    /// One policy in the answer of `ListPolicies`.
    ListPoliciesPoliciesPolicyItem {
        /// Name of the policy.
        "Name" name: Option<String>,
    }
}
