use crate::{object, operation, types::{ChargeType, InstanceStatus}};

operation! {
    /// Returns everything about an instance.
    GetKmsInstance ("get_kms_instance"), GetKmsInstanceRequest -> GetKmsInstanceResponse;
    method: Post;
    gateways: Shared;
    repeat: Safe;
    access: ["kms:GetKmsInstance" on Named("keystore", "KmsInstanceId")];
    errors: [InvalidParameter, ForbiddenDkmsInstanceNotFound];
    required {
        /// Id of the instance (`kst-…`).
        "KmsInstanceId" kms_instance_id: String,
    }
    optional {
    }
    response {
        /// The instance.
        "KmsInstance" kms_instance: Option<GetKmsInstanceKmsInstance>,
    }
}

object! {
    /// What `GetKmsInstance` tells about an instance.
    GetKmsInstanceKmsInstance {
        /// Further VPCs that reach the instance.
        "BindVpcs" bind_vpcs: Option<GetKmsInstanceKmsInstanceBindVpcs>,
        /// Certificates of the authority that signs the instance's TLS certificate, PEM.
        "CaCertificateChainPem" ca_certificate_chain_pem: Option<String>,
        /// How it is paid: `PREPAY` or `POSTPAY`.
        "ChargeType" charge_type: Option<ChargeType>,
        /// Time of creation, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "CreateTime" create_time: Option<String>,
        /// Whether the instance is protected from deletion.
        "DeletionProtection" deletion_protection: Option<bool>,
        /// Why it is protected, as given by who set the protection.
        "DeletionProtectionDescription" deletion_protection_description: Option<String>,
        /// End of service, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "EndDate" end_date: Option<String>,
        /// Id of the instance (`kst-…`).
        "InstanceId" instance_id: Option<String>,
        /// Name of the instance.
        "InstanceName" instance_name: Option<String>,
        /// Keys it can hold; each version counts as one.
        "KeyNum" key_num: Option<i64>,
        /// Whether its calls are logged: 0 or 1.
        "Log" log: Option<i64>,
        /// Room for logs, in GB.
        "LogStorage" log_storage: Option<i64>,
        /// Product, such as `kms_ddi_public_cn`.
        "ProductType" product_type: Option<String>,
        /// Version of the product.
        "ProductVersion" product_version: Option<String>,
        /// State of the purchase.
        "SaleStatus" sale_status: Option<String>,
        /// Secrets it can hold, a number as text.
        "SecretNum" secret_num: Option<String>,
        /// Size class: symmetric operations per second, such as 1,000.
        "Spec" spec: Option<i64>,
        /// Start of service, UTC, `yyyy-MM-ddTHH:mm:ssZ`.
        "StartDate" start_date: Option<String>,
        /// `Uninitialized`, `Connecting`, `Connected`, `Disconnected` or `Error`.
        "Status" status: Option<InstanceStatus>,
        /// VPC it is bound to.
        "VpcId" vpc_id: Option<String>,
        /// VPCs it can be bound to.
        "VpcNum" vpc_num: Option<i64>,
        /// Its vSwitches.
        "VswitchIds" vswitch_ids: Vec<String>,
        /// Its zones.
        "ZoneIds" zone_ids: Vec<String>,
    }
}

object! {
    /// Further VPCs of an instance.
    GetKmsInstanceKmsInstanceBindVpcs {
        /// One entry per VPC.
        "BindVpc" bind_vpc: Vec<GetKmsInstanceKmsInstanceBindVpcsItem>,
    }
}

object! {
    /// One VPC that reaches the instance.
    GetKmsInstanceKmsInstanceBindVpcsItem {
        /// Region of the VPC.
        "RegionId" region_id: Option<String>,
        /// vSwitch in the VPC.
        "VSwitchId" v_switch_id: Option<String>,
        /// Id of the VPC.
        "VpcId" vpc_id: Option<String>,
        /// Id of the account that owns the VPC.
        "VpcOwnerId" vpc_owner_id: Option<String>,
    }
}
