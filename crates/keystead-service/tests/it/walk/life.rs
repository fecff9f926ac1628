//! Life of a key.

use crate::harness::{Client, text};
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let key = client.key().await;
    let version =
        text(&client.ok("DescribeKey", &[("KeyId", &key)]).await["KeyMetadata"]["PrimaryKeyVersion"]);
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{key}", client.account());
    let rotate = [("KeyId", key.as_str()), ("EnableAutomaticRotation", "true"), ("RotationInterval", "30d")];
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("CreateKeyVersion", &[("KeyId", &key)]),
        ("DescribeKeyVersion", &[("KeyId", &key), ("KeyVersionId", &version)]),
        ("ListKeyVersions", &[("KeyId", &key)]),
        ("UpdateRotationPolicy", &rotate),
        ("UpdateKeyDescription", &[("KeyId", &key), ("Description", "x")]),
        ("SetDeletionProtection", &[("KeyId", &key), ("EnableDeletionProtection", "true")]),
        ("SetDeletionProtection", &[("ProtectedResourceArn", &arn), ("EnableDeletionProtection", "false")]),
        ("ScheduleKeyDeletion", &[("KeyId", &key), ("PendingWindowInDays", "7")]),
        ("CancelKeyDeletion", &[("KeyId", &key)]),
    ];
    walk(visitor, client, rows).await
}
