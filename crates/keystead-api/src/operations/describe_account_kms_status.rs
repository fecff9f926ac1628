use crate::{operation, types::AccountStatus};

operation! {
    /// Tells whether the account can use the service.
    DescribeAccountKmsStatus ("describe_account_kms_status"), DescribeAccountKmsStatusRequest -> DescribeAccountKmsStatusResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DescribeAccountKmsStatus" on Any];
    errors: [];
    required {
    }
    optional {
    }
    response {
        /// `Enabled`, `NotEnabled`, `InDebt` or `Suspended`.
        "AccountStatus" account_status: Option<AccountStatus>,
    }
}
