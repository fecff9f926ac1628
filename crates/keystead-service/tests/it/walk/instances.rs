//! Instances.

use crate::harness::Client;
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let instance = client.instance().await;
    let id = ("KmsInstanceId", instance.as_str());
    let connect = [
        id,
        ("KMProvider", "Aliyun"),
        ("VpcId", "vpc-1"),
        ("ZoneIds", "z-a,z-b"),
        ("VSwitchIds", "vsw-1,vsw-2"),
    ];
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("ConnectKmsInstance", &connect),
        ("GetKmsInstance", &[id]),
        ("ListKmsInstances", &[]),
        ("GetKmsInstanceQuotaInfos", &[id]),
        ("GetDefaultKmsInstance", &[]),
        ("DescribeAccountKmsStatus", &[]),
        ("UpdateKmsInstanceBindVpc", &[id, ("BindVpcs", "[]")]),
        ("CreateKey", &[("DKMSInstanceId", &instance)]),
        (
            "CreateSecret",
            &[("DKMSInstanceId", &instance), ("SecretName", "in"), ("VersionId", "v1"), ("SecretData", "x")],
        ),
        ("GetSecretValue", &[("SecretName", "in")]),
        ("SetDeletionProtection", &[id, ("EnableDeletionProtection", "false")]),
        ("ReleaseKmsInstance", &[id, ("ForceDeleteWithoutBackup", "true")]),
    ];
    walk(visitor, client, rows).await
}
