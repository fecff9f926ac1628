use crate::operation;

operation! {
    /// Returns the instance in which keys and secrets are made when the call names none.
    GetDefaultKmsInstance ("get_default_kms_instance"), GetDefaultKmsInstanceRequest -> GetDefaultKmsInstanceResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetDefaultKmsInstance" on Any];
    errors: [];
    required {
    }
    optional {
    }
    response {
        /// Id of the instance (`kst-…`); empty when there is none.
        "DefaultKmsInstanceId" default_kms_instance_id: Option<String>,
    }
}
