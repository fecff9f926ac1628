use crate::operation;

operation! {
    /// Deletes an application access point with its client keys.
    DeleteApplicationAccessPoint ("delete_application_access_point"), DeleteApplicationAccessPointRequest -> DeleteApplicationAccessPointResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:DeleteApplicationAccessPoint" on Named("applicationaccesspoint", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Name of the application access point.
        "Name" name: String,
    }
    optional {
    }
    response {
    }
}
