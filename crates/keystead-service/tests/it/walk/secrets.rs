//! Secrets.

use crate::harness::Client;
use crate::walk::{Succeeded, Visitor, walk};

pub async fn run(visitor: &impl Visitor, client: &Client) -> Succeeded {
    let key = client.key().await;
    let name = ("SecretName", "walk/secret");
    let policy = r#"{"Version":"1","Statement":[{"Effect":"Allow","Principal":{"RAM":["acs:ram::ACCOUNT:*"]},"Action":["kms:*"],"Resource":["*"]}]}"#;
    let policy = policy.replace("ACCOUNT", client.account());
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("CreateSecret", &[name, ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", &key)]),
        ("PutSecretValue", &[name, ("VersionId", "v2"), ("SecretData", "y")]),
        ("BatchGetSecretValue", &[("SecretsList", r#"[{"SecretName":"walk/secret"}]"#)]),
        ("UpdateSecretVersionStage", &[name, ("VersionStage", "mine"), ("MoveToVersion", "v1")]),
        ("ListSecretVersionIds", &[name]),
        ("UpdateSecret", &[name, ("Description", "d")]),
        ("SetSecretPolicy", &[name, ("Policy", &policy)]),
        ("GetSecretPolicy", &[name]),
        ("DeleteSecret", &[name]),
        ("RestoreSecret", &[name]),
    ];
    walk(visitor, client, rows).await
}
