use crate::operation;

operation! {
    /// Opens the service for the account; it can be done once.
    OpenKmsService ("open_kms_service"), OpenKmsServiceRequest -> OpenKmsServiceResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:OpenKmsService" on Any];
    errors: [ForbiddenOpened];
    required {
    }
    optional {
    }
    response {
    }
}
