use crate::{operation, types::{JsonText, VpcBinding}};

operation! {
    /// Replaces the list of further VPCs that reach an instance.
    UpdateKmsInstanceBindVpc ("update_kms_instance_bind_vpc"), UpdateKmsInstanceBindVpcRequest -> UpdateKmsInstanceBindVpcResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:UpdateKmsInstanceBindVpc" on Named("keystore", "KmsInstanceId")];
    errors: [InvalidParameter, ForbiddenDkmsInstanceStateInvalid, ForbiddenDkmsInstanceNotFound];
    required {
        /// VPCs as a JSON array text of objects with `VpcId`, `VSwitchId`, `RegionId` and `VpcOwnerId`; an
        /// empty list unbinds all.
        "BindVpcs" bind_vpcs: JsonText<Vec<VpcBinding>>,
        /// Id of the instance (`kst-…`).
        "KmsInstanceId" kms_instance_id: String,
    }
    optional {
    }
    response {
    }
}
