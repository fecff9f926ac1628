use crate::{operation, types::{AuthenticationMethod, JsonText}};

operation! {
    /// Creates an application access point: the identity of an application, with the policies that say what
    /// it may do.
    CreateApplicationAccessPoint ("create_application_access_point"), CreateApplicationAccessPointRequest -> CreateApplicationAccessPointResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:CreateApplicationAccessPoint" on Named("applicationaccesspoint", "Name")];
    errors: [InvalidParameter, RejectedResourceExist, ForbiddenResourceNotFound, RejectedLimitExceeded];
    required {
        /// Name, unique in the account and region; it cannot be changed later.
        "Name" name: String,
        /// Names of 1 to 3 policies as a JSON array text.
        "Policies" policies: JsonText<Vec<String>>,
    }
    optional {
        /// How applications prove who they are: only `ClientKey`, the default.
        "AuthenticationMethod" authentication_method: AuthenticationMethod,
        /// Description; empty by default.
        "Description" description: String,
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
