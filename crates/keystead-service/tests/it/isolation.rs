//! Ids, names and ciphertexts are no authority: who knows another tenant's is answered as if they were unknown.

use keystead_service::records::path;
use keystead_store::Batch;
use serde_json::json;

use crate::harness::{Client, World, authenticate, text};

/// A second account in the first one's store, as its root.
pub async fn second_account(world: &World) -> Client {
    account_beside(&world.client().await).await
}

/// An account in a client's store, as its root on the client's engine: installed elsewhere under the same root key, and its
/// records moved here.
pub async fn account_beside(client: &Client) -> Client {
    let other = World::new().await;
    let account = other.client().await.account().to_owned();
    let mut batch = Batch::new();
    for key in [path::account(&account), path::access_key(&other.access_key_id)] {
        let record = other.store.get(&key).await.unwrap().unwrap();
        batch.create(key, record.kind, record.format, record.value);
    }
    client.engine.store().commit(batch).await.unwrap();
    let caller = authenticate(&client.engine, &other.access_key_id, &other.access_key_secret).await;
    let made = client.for_caller(caller.unwrap());
    assert_eq!(made.account(), account);
    made
}

#[tokio::test]
async fn what_belongs_to_another_tenant_is_as_unknown() {
    let world = World::new().await;
    let b = world.client().await;
    let a = second_account(&world).await;
    assert_ne!(a.account(), b.account());

    let key = b.key().await;
    b.ok("CreateAlias", &[("AliasName", "alias/b"), ("KeyId", &key)]).await;
    let blob = b.encrypt(&key, "x").await;
    let secret = [("SecretName", "db"), ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    b.ok("CreateSecret", &secret).await;
    let arn = |account: &str, rest: &str| format!("acs:kms:cn-hangzhou:{account}:{rest}");
    let of_b = |rest: &str| arn(b.account(), rest);
    // The same spelt with the caller's own account.
    let of_a = |rest: &str| arn(a.account(), rest);

    // What A sees of B's, and what A sees of what does not exist.
    let key_arn = of_b(&format!("key/{key}"));
    let own_arn = of_a(&format!("key/{key}"));
    let (unknown_key, unknown_arn) = ("key-hzz6b49d200aaaaaaaaaa", of_b("key/key-hzz6b49d200aaaaaaaaaa"));
    let (alias_arn, own_alias_arn) = (of_b("alias/b"), of_a("alias/b"));
    let (unknown_alias_arn, own_unknown_alias_arn) = (of_b("alias/none"), of_a("alias/none"));
    let pairs = [
        (key.as_str(), unknown_key),
        (&key_arn, &unknown_arn),
        (&own_arn, &unknown_arn),
        ("alias/b", "alias/none"),
        (&alias_arn, &unknown_alias_arn),
        (&own_alias_arn, &own_unknown_alias_arn),
    ];
    for (known, unknown) in pairs {
        for operation in
            ["DescribeKey", "EnableKey", "DisableKey", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"]
        {
            assert_same(&a, operation, &[("KeyId", known)], &[("KeyId", unknown)]).await;
        }
        let encrypt = |id| [("KeyId", id), ("Plaintext", "x")];
        assert_same(&a, "Encrypt", &encrypt(known), &encrypt(unknown)).await;
        let alias = |id| [("AliasName", "alias/mine"), ("KeyId", id)];
        assert_same(&a, "CreateAlias", &alias(known), &alias(unknown)).await;
        let secret =
            |id| [("SecretName", "mine"), ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", id)];
        assert_same(&a, "CreateSecret", &secret(known), &secret(unknown)).await;
    }
    let mut unknown_blob = {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(&blob).unwrap()
    };
    unknown_blob[..36].copy_from_slice(b"key-hzz6b49d200aaaaaaaaaa-bbbbbbbbbb");
    let unknown_blob = keystead_crypto::MessageBlob::encode(&unknown_blob);
    assert_same(&a, "Decrypt", &[("CiphertextBlob", &blob)], &[("CiphertextBlob", &unknown_blob)]).await;

    let (secret_arn, own_secret_arn) = (of_b("secret/db"), of_a("secret/db"));
    for known in ["db", &secret_arn, &own_secret_arn] {
        for operation in [
            "GetSecretValue",
            "DescribeSecret",
            "ListSecretVersionIds",
            "UpdateSecret",
            "DeleteSecret",
            "RestoreSecret",
            "GetSecretPolicy",
        ] {
            assert_same(&a, operation, &[("SecretName", known)], &[("SecretName", "none")]).await;
        }
        let put = |name| [("SecretName", name), ("VersionId", "v1"), ("SecretData", "x")];
        assert_same(&a, "PutSecretValue", &put(known), &put("none")).await;
        let stage = |name| [("SecretName", name), ("VersionStage", "x"), ("MoveToVersion", "v1")];
        assert_same(&a, "UpdateSecretVersionStage", &stage(known), &stage("none")).await;
        let policy = |name| [("SecretName", name), ("Policy", "{}")];
        assert_same(&a, "SetSecretPolicy", &policy(known), &policy("none")).await;
        let batch = json!([{ "SecretName": known }]).to_string();
        let answer = a.ok("BatchGetSecretValue", &[("SecretsList", &batch)]).await;
        assert_eq!(answer["SecretValues"], json!([]));
        assert_eq!(answer["Errors"][0]["Code"], "Forbidden.ResourceNotFound");
    }

    // Lists hold one's own, and names are each tenant's own.
    for (operation, list) in [("ListKeys", "Keys"), ("ListAliases", "Aliases"), ("ListSecrets", "SecretList")]
    {
        let answer = a.ok(operation, &[]).await;
        assert_eq!(answer["TotalCount"], 0, "{operation} {}", answer[list]);
    }
    let by_alias = json!([{ "Key": "AliasName", "Values": ["alias/b"] }]).to_string();
    assert_eq!(a.ok("ListKeys", &[("Filters", &by_alias)]).await["TotalCount"], 0);
    let own = a.key().await;
    a.ok("CreateAlias", &[("AliasName", "alias/b"), ("KeyId", &own)]).await;
    a.ok("CreateSecret", &[("SecretName", "db"), ("VersionId", "v1"), ("SecretData", "of a")]).await;
    assert_eq!(text(&a.ok("GetSecretValue", &[("SecretName", "db")]).await["SecretData"]), "of a");

    // And nothing of B's has changed.
    assert_eq!(text(&b.ok("GetSecretValue", &[("SecretName", "db")]).await["SecretData"]), "x");
    assert_eq!(text(&b.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"]), "x");
    assert_eq!(text(&b.ok("DescribeKey", &[("KeyId", "alias/b")]).await["KeyMetadata"]["KeyId"]), key);
}

/// Both are refused, and the refusals cannot be told apart.
async fn assert_same(client: &Client, operation: &str, known: &[(&str, &str)], unknown: &[(&str, &str)]) {
    let known_error = client.call(operation, known).await.unwrap_err();
    let unknown_error = client.call(operation, unknown).await.unwrap_err();
    assert_eq!(known_error, unknown_error, "{operation} {known:?}");
}
