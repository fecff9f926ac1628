use crate::{operation, types::{CommaList, KmsProvider}};

operation! {
    /// Brings an instance into service: binds it to a VPC and two zones and starts it. Software instances
    /// only.
    ConnectKmsInstance ("connect_kms_instance"), ConnectKmsInstanceRequest -> ConnectKmsInstanceResponse;
    method: Post;
    gateways: Shared;
    repeat: Unsafe;
    access: ["kms:ConnectKmsInstance" on Named("keystore", "KmsInstanceId")];
    errors: [InvalidParameter, ForbiddenDkmsInstanceNotFound, ForbiddenDkmsInstanceStateInvalid];
    required {
        /// Who provides the key management: only `Aliyun`.
        "KMProvider" km_provider: KmsProvider,
        /// Id of the instance (`kst-…`).
        "KmsInstanceId" kms_instance_id: String,
        /// vSwitches, one in each zone, separated by commas.
        "VSwitchIds" v_switch_ids: CommaList,
        /// VPC to bind to.
        "VpcId" vpc_id: String,
        /// Two zones, separated by a comma.
        "ZoneIds" zone_ids: CommaList,
    }
    optional {
    }
    response {
    }
}
