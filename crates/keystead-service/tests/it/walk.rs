//! Every built operation succeeds. An engine answers only when every access rule of the operation's definition was
//! checked, so a success shows that its handler forgets none.

use std::collections::BTreeSet;

use keystead_service::BUILT;

use crate::harness::client;

#[tokio::test]
async fn every_built_operation_succeeds_and_thus_checks_all_its_access_rules() {
    let client = client().await;
    let key = client.key().await;
    let blob = client.encrypt(&key, "x").await;
    let rows: [(&str, &[(&str, &str)]); 18] = [
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
    ];
    let mut succeeded = BTreeSet::new();
    for (operation, params) in rows {
        // Parameters that an operation does not know are ignored.
        let params = [params, &[("Unknown", "x")]].concat();
        client.ok(operation, &params).await;
        succeeded.insert(operation);
    }
    let built: BTreeSet<_> = BUILT.iter().map(|id| id.def().name).collect();
    assert_eq!(succeeded, built, "an operation was built, or is gone: edit the table above");
}
