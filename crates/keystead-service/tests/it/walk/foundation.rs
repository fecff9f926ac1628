//! The operations that a caller meets first.

use crate::harness::Client;
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let key = client.key().await;
    let blob = client.encrypt(&key, "x").await;
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]),
        ("CreateKey", &[]),
        (
            "CreateSecret",
            &[("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", &key)],
        ),
        ("Decrypt", &[("CiphertextBlob", &blob)]),
        ("DescribeKey", &[("KeyId", &key)]),
        ("DescribeRegions", &[]),
        ("DescribeSecret", &[("SecretName", "s")]),
        ("Encrypt", &[("KeyId", &key), ("Plaintext", "x")]),
        ("GenerateDataKey", &[("KeyId", &key)]),
        ("GenerateDataKeyWithoutPlaintext", &[("KeyId", &key)]),
        ("GetRandomPassword", &[]),
        ("GetSecretValue", &[("SecretName", "s")]),
        ("ListAliases", &[]),
        ("ListKeys", &[]),
        ("ListSecrets", &[]),
        ("PutSecretValue", &[("SecretName", "s"), ("VersionId", "v2"), ("SecretData", "y")]),
        ("DisableKey", &[("KeyId", &key)]),
        ("EnableKey", &[("KeyId", &key)]),
        ("Sts.GetCallerIdentity", &[]),
    ];
    walk(visitor, client, rows).await
}
