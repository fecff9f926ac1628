use crate::{operation, types::JsonText};

operation! {
    /// Replaces the policies or the description of an application access point; it acts at once.
    UpdateApplicationAccessPoint ("update_application_access_point"), UpdateApplicationAccessPointRequest -> UpdateApplicationAccessPointResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdateApplicationAccessPoint" on Named("applicationaccesspoint", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound, RejectedLimitExceeded];
    required {
        /// Name of the application access point.
        "Name" name: String,
    }
    optional {
        /// New description; unchanged when absent.
        "Description" description: String,
        /// Names of 1 to 3 policies as a JSON array text; unchanged when absent.
        "Policies" policies: JsonText<Vec<String>>,
    }
    response {
    }
}
