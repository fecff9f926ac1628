use crate::{object, operation, types::QuotaType};

operation! {
    /// Returns how much of its quotas an instance uses.
    GetKmsInstanceQuotaInfos ("get_kms_instance_quota_infos"), GetKmsInstanceQuotaInfosRequest -> GetKmsInstanceQuotaInfosResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetKmsInstanceQuotaInfos" on Any];
    errors: [InvalidParameter, ForbiddenDkmsInstanceNotFound];
    required {
    }
    optional {
        /// Id of the instance (`kst-…`).
        "KmsInstanceId" kms_instance_id: String,
        /// `key`, `secret`, `qps` or `vpc`; all by default.
        "ResourceType" resource_type: QuotaType,
    }
    response {
        /// Id of the instance (`kst-…`).
        "KmsInstanceId" kms_instance_id: Option<String>,
        /// One entry per kind of resource.
        "KmsInstanceQuotaInfos" kms_instance_quota_infos: Vec<GetKmsInstanceQuotaInfosKmsInstanceQuotaInfosItem>,
    }
}

object! {
    /// One quota in the answer of `GetKmsInstanceQuotaInfos`.
    GetKmsInstanceQuotaInfosKmsInstanceQuotaInfosItem {
        /// Number allowed.
        "ResourceQuota" resource_quota: Option<i64>,
        /// `key`, `secret`, `qps` or `vpc`.
        "ResourceType" resource_type: Option<QuotaType>,
        /// Number in use.
        "UsedQuantity" used_quantity: Option<i64>,
    }
}
