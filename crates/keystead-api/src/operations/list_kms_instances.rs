use crate::{object, operation, types::{Filter, JsonText}};

operation! {
    /// Lists the instances of the account in the region, page by page.
    ListKmsInstances ("list_kms_instances"), ListKmsInstancesRequest -> ListKmsInstancesResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:ListKmsInstances" on Any];
    errors: [InvalidParameter];
    required {
    }
    optional {
        /// Filter as JSON text, a list of objects with `Key` and `Values`; none by default.
        "Filters" filters: JsonText<Vec<Filter>>,
        /// Page to return, from 1; 1 by default.
        "PageNumber" page_number: i64,
        /// Entries per page, 1 to 100; 20 by default.
        "PageSize" page_size: i64,
    }
    response {
        /// Instances on this page.
        "KmsInstances" kms_instances: Option<ListKmsInstancesKmsInstances>,
        /// Page that is returned.
        "PageNumber" page_number: Option<i64>,
        /// Entries per page.
        "PageSize" page_size: Option<i64>,
        /// Number of entries on all pages.
        "TotalCount" total_count: Option<i64>,
    }
}

object! {
    /// Instances on a page of `ListKmsInstances`.
    ListKmsInstancesKmsInstances {
        /// One entry per instance.
        "KmsInstance" kms_instance: Vec<ListKmsInstancesKmsInstancesItem>,
    }
}

object! {
    /// One instance in the answer of `ListKmsInstances`.
    ListKmsInstancesKmsInstancesItem {
        /// ARN of the instance.
        "KmsInstanceArn" kms_instance_arn: Option<String>,
        /// Id of the instance (`kst-…`).
        "KmsInstanceId" kms_instance_id: Option<String>,
    }
}
