#![allow(clippy::unwrap_used)]

use std::borrow::Cow;
use std::sync::Arc;

use keystead_api::{ApiError, OperationId, Params, Product, Timestamp};
use keystead_auth::SecretKey;
use keystead_auth::policy::{IdentityPolicy, MAX_SESSION_POLICY_CHARS};
use keystead_crypto::{KeyMaterial, SystemRandom};
use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Store};
use serde_json::{Value, json};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::access::{Caller, Principal, RoleSession};
use crate::audit::Trail;
use crate::clock::ManualClock;
use crate::install::{RootAccessKey, install};
use crate::records::{AccessKeyRecord, Attachment, PolicyKind, RoleRecord, Stored, path};
use crate::{Engine, EngineConfig, Origin};

const NOW: Timestamp = Timestamp(1_800_000_000);

struct World {
    engine: Arc<Engine>,
    root: Caller,
    account: String,
    _dir: TempDir,
}

impl World {
    async fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let store: Arc<dyn Store> =
            Arc::new(EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap());
        let root_key = KeyMaterial::from_bytes(Zeroizing::new(vec![7; 32]));
        let key = RootAccessKey { id: "LTAI".into(), secret: SecretKey::new("s".to_owned()), in_file: false };
        install(&store, &root_key, &key, &SystemRandom, NOW).await.unwrap();
        let (clock, random) = (Arc::new(ManualClock::at(NOW)), Arc::new(SystemRandom));
        let engine = Engine::open(store, &root_key, clock, random, EngineConfig::default()).await.unwrap();
        let key = engine.image.get::<AccessKeyRecord>(&path::access_key("LTAI")).await.unwrap().unwrap();
        let account = key.value.account.clone();
        Self { engine, root: Caller::new(Principal::Root(key)), account, _dir: dir }
    }

    async fn call(&self, caller: &Caller, name: &str, params: &[(&str, &str)]) -> Result<Value, ApiError> {
        let id = OperationId::find(Product::Kms, name).unwrap();
        let pairs: Vec<_> = params.iter().map(|(n, v)| (Cow::Borrowed(*n), Cow::Borrowed(*v))).collect();
        let answer = self
            .engine
            .call(caller, id, Params::new(&pairs), &Origin::local("r"), &Trail::unrecorded("r"))
            .await?;
        Ok(serde_json::from_slice(&answer).unwrap())
    }

    async fn put<T: Stored>(&self, at: String, record: &T) {
        let mut batch = Batch::new();
        batch.put(at, T::KIND, T::FORMAT, serde_json::to_vec(record).unwrap());
        self.engine.store.commit(batch).await.unwrap();
    }

    async fn role(&self, role_id: &str, policies: &[&str]) {
        let attached =
            |name: &&str| Attachment { kind: PolicyKind::System, policy: (*name).to_owned(), attached: NOW };
        let role = RoleRecord {
            role_id: role_id.to_owned(),
            account: self.account.clone(),
            name: "Reader".to_owned(),
            description: String::new(),
            trust_policy: String::new(),
            max_session_seconds: 3600,
            sessions_valid_from: None,
            created: NOW,
            updated: NOW,
            policies: policies.iter().map(attached).collect(),
            tags: Vec::new(),
        };
        self.put(path::role(&self.account, "reader"), &role).await;
    }

    async fn session(&self, policy: Option<Value>) -> Caller {
        self.engine.image.fresh().await.unwrap();
        let role = self.engine.image.get(&path::role(&self.account, "reader")).await.unwrap().unwrap();
        let parse = |text: Value| IdentityPolicy::parse(&text.to_string(), MAX_SESSION_POLICY_CHARS).unwrap();
        Caller::new(Principal::Session(Box::new(RoleSession {
            access_key_id: "STS.x".to_owned(),
            role,
            name: "one".to_owned(),
            policy: policy.map(|policy| Arc::new(parse(policy))),
            source_identity: None,
            issued: NOW,
            expires: NOW.plus(3600),
        })))
    }
}

fn code(result: &Result<Value, ApiError>) -> String {
    result.as_ref().map_or_else(|error| error.code().name().into_owned(), |_| "ok".to_owned())
}

fn allow(action: &str) -> Value {
    json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }] })
}

#[tokio::test]
async fn a_session_may_do_what_its_role_and_its_own_policy_allow() {
    let world = World::new().await;
    let made = world.call(&world.root, "CreateKey", &[]).await.unwrap();
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let encrypt = [("KeyId", key), ("Plaintext", "x")];
    world.role("3001", &["AliyunKMSCryptoUserAccess"]).await;
    let session = world.session(None).await;
    assert_eq!(code(&world.call(&session, "Encrypt", &encrypt).await), "ok");
    assert_eq!(code(&world.call(&session, "DisableKey", &encrypt[..1]).await), "Forbidden.NoPermission");

    // Its own policy narrows and never widens.
    let narrow = world.session(Some(allow("kms:Decrypt"))).await;
    let error = world.call(&narrow, "Encrypt", &encrypt).await.unwrap_err();
    let detail = error.denied().unwrap();
    assert_eq!((detail.policy_type, detail.auth_principal_type), ("SessionPolicy", "AssumedRoleUser"));
    assert_eq!(detail.auth_principal_display_name, "Reader:one");
    let wide = world.session(Some(allow("*"))).await;
    assert_eq!(code(&world.call(&wide, "Encrypt", &encrypt).await), "ok");
    assert_eq!(code(&world.call(&wide, "DisableKey", &encrypt[..1]).await), "Forbidden.NoPermission");

    // The role's policies count as they stand now, and a role of the same name is another one.
    world.role("3001", &[]).await;
    assert_eq!(code(&world.call(&session, "Encrypt", &encrypt).await), "Forbidden.NoPermission");
    world.role("3001", &["AdministratorAccess"]).await;
    assert_eq!(code(&world.call(&session, "DisableKey", &encrypt[..1]).await), "ok");
    world.role("3002", &["AdministratorAccess"]).await;
    assert_eq!(code(&world.call(&session, "EnableKey", &encrypt[..1]).await), "InvalidAccessKeyId.NotFound");
}

#[tokio::test]
async fn the_policy_of_a_key_names_roles() {
    let world = World::new().await;
    let made = world.call(&world.root, "CreateKey", &[]).await.unwrap();
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let encrypt = [("KeyId", key), ("Plaintext", "x")];
    world.role("3001", &[]).await;
    let (session, narrow) = (world.session(None).await, world.session(Some(allow("kms:Decrypt"))).await);
    let principal = format!("acs:ram::{}:role/reader", world.account);
    let policy = json!({ "Version": "1", "Statement": [
        { "Effect": "Allow", "Principal": { "RAM": principal }, "Action": "kms:Encrypt", "Resource": "*" },
    ] });
    let set = [("KeyId", key), ("Policy", &policy.to_string())];
    world.call(&world.root, "SetKeyPolicy", &set).await.unwrap();
    assert_eq!(code(&world.call(&session, "Encrypt", &encrypt).await), "ok");
    assert_eq!(code(&world.call(&narrow, "Encrypt", &encrypt).await), "Forbidden.NoPermission");
}

/// With a token, the permission to read the secret is enough on the shared gateway; its key's is not asked for.
#[tokio::test]
async fn a_session_reads_secrets_without_a_permission_on_their_key() {
    let world = World::new().await;
    let made = world.call(&world.root, "CreateKey", &[]).await.unwrap();
    let key = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let name = ("SecretName", "db");
    let secret =
        [name, ("VersionId", "v"), ("SecretData", "AAECAwQFBgcICQoLDA0ODw=="), ("EncryptionKeyId", key)];
    world.call(&world.root, "CreateSecret", &secret).await.unwrap();
    world.role("3001", &["AliyunKMSSecretUserAccess"]).await;
    let session = world.session(None).await;
    assert_eq!(code(&world.call(&session, "GetSecretValue", &[name]).await), "ok");
    let list = [("SecretsList", r#"[{"SecretName":"db"}]"#)];
    let batch = world.call(&session, "BatchGetSecretValue", &list).await.unwrap();
    assert_eq!(batch["Errors"], json!([]));
    // Other ways to the value ask for both.
    let narrow = world.session(Some(allow("kms:GetManagedDataKey"))).await;
    world.role("3001", &["AliyunKMSSecretAdminAccess"]).await;
    let managed = world.call(&narrow, "GetManagedDataKey", &[("DataKeyName", "db")]).await;
    assert_eq!(code(&managed), "Forbidden.NoPermission");
    let put = [name, ("VersionId", "w"), ("SecretData", "x")];
    assert_eq!(code(&world.call(&session, "PutSecretValue", &put).await), "Forbidden.NoPermission");
}
