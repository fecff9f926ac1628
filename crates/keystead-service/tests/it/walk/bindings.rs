//! Aliases, tags, policies, imported material.

use crate::harness::{Client, text};
use crate::imported_material::Parameters;
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let (key, other) = (client.key().await, client.key().await);
    let policy = text(&client.ok("GetKeyPolicy", &[("KeyId", &key)]).await["Policy"]);
    let region = ("RegionId", "cn-hangzhou");
    let of_keys = ("ResourceType", "key");
    let data_key = "AAECAwQFBgcICQoLDA0ODw==";
    let mut succeeded = walk(
        visitor,
        client,
        &[
            ("CreateAlias", &[("AliasName", "alias/bindings"), ("KeyId", &key)]),
            ("UpdateAlias", &[("AliasName", "alias/bindings"), ("KeyId", &other)]),
            ("ListAliasesByKeyId", &[("KeyId", &other)]),
            ("DeleteAlias", &[("AliasName", "alias/bindings")]),
            ("SetKeyPolicy", &[("KeyId", &key), ("Policy", &policy)]),
            ("GetKeyPolicy", &[("KeyId", &key)]),
            ("TagResource", &[("KeyId", &key), ("Tags", r#"[{"TagKey":"a","TagValue":"b"}]"#)]),
            ("ListResourceTags", &[("KeyId", &key)]),
            ("UntagResource", &[("KeyId", &key), ("TagKeys", "a")]),
            ("TagResources", &[region, of_keys, ("ResourceId.1", &key), ("Tag.1.Key", "a")]),
            ("ListTagResources", &[region, of_keys]),
            ("UntagResources", &[region, of_keys, ("ResourceId.1", &key), ("TagKey.1", "a")]),
            ("CreateSecret", &[("SecretName", "dek"), ("VersionId", "v1"), ("SecretData", data_key)]),
            // With either kind of resource, every rule that applies is checked.
            ("TagResource", &[("SecretName", "dek"), ("Tags", r#"[{"TagKey":"a"}]"#)]),
            ("UntagResource", &[("SecretName", "dek"), ("TagKeys", "a")]),
            ("ListManagedDataKeyVersions", &[("DataKeyName", "dek")]),
            ("GetManagedDataKey", &[("DataKeyName", "dek")]),
        ],
    )
    .await;
    let made = client.ok("CreateKey", &[("Origin", "EXTERNAL")]).await;
    let id = text(&made["KeyMetadata"]["KeyId"]);
    let sent = Parameters::get(client, &id, "RSAES_OAEP_SHA_256").await.wrap(&[7; 32]);
    let import = [&sent.params()[..], &[("KeyId", &id), ("KeyMaterialExpireUnix", "0")]].concat();
    let wrapping = [("WrappingKeySpec", "RSA_2048"), ("WrappingAlgorithm", "RSAES_OAEP_SHA_256")];
    succeeded.extend(
        walk(
            visitor,
            client,
            &[
                ("GetParametersForImport", &[&wrapping[..], &[("KeyId", &id)]].concat()),
                ("ImportKeyMaterial", &import),
                ("DeleteKeyMaterial", &[("KeyId", &id)]),
            ],
        )
        .await,
    );
    succeeded
}
