use crate::{operation, types::{AuthenticationMethod, JsonText}};

operation! {
    /// Returns an application access point.
    DescribeApplicationAccessPoint ("describe_application_access_point"), DescribeApplicationAccessPointRequest -> DescribeApplicationAccessPointResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:DescribeApplicationAccessPoint" on Named("applicationaccesspoint", "Name")];
    errors: [InvalidParameter, ForbiddenResourceNotFound];
    required {
        /// Name of the application access point.
        "Name" name: String,
    }
    optional {
    }
    response {
        /// ARN of the application access point.
        "Arn" arn: Option<String>,
        /// How applications prove who they are, `ClientKey`.
        "AuthenticationMethod" authentication_method: Option<AuthenticationMethod>,
        /// Description, as it was given.
        "Description" description: Option<String>,
        /// Name of the application access point.
        "Name" name: Option<String>,
        /// Names of its policies as a JSON array text.
        "Policies" policies: Option<JsonText<Vec<String>>>,
    }
}
