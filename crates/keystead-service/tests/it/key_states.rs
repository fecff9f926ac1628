//! EnableKey and DisableKey, and what each state of a key allows; on every engine at once.

use keystead_service::records::KeyState;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::harness::{Client, World, check, client, text};

#[tokio::test]
async fn switching_is_idempotent_and_takes_no_alias() {
    let client = client().await;
    let id = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &id)]).await;
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{id}", client.account());
    let alias_arn = format!("acs:kms:cn-hangzhou:{}:alias/a", client.account());
    let foreign_arn = format!("acs:kms:cn-hangzhou:1234567890123456:key/{id}");
    let state = async || text(&client.ok("DescribeKey", &[("KeyId", &id)]).await["KeyMetadata"]["KeyState"]);
    for (operation, after) in [
        ("EnableKey", "Enabled"),
        ("DisableKey", "Disabled"),
        ("DisableKey", "Disabled"),
        ("EnableKey", "Enabled"),
    ] {
        client.ok(operation, &[("KeyId", &id)]).await;
        assert_eq!(state().await, after);
    }
    client.ok("DisableKey", &[("KeyId", &arn)]).await;
    assert_eq!(state().await, "Disabled");
    for operation in ["EnableKey", "DisableKey"] {
        check(
            &client,
            &[
                (operation, &[("KeyId", "alias/a")], "400 Unsupported.Alias"),
                (operation, &[("KeyId", "alias/none")], "400 Unsupported.Alias"),
                (operation, &[("KeyId", &alias_arn)], "400 Unsupported.Alias"),
                (operation, &[("KeyId", "none")], "404 Forbidden.KeyNotFound"),
                (operation, &[("KeyId", &foreign_arn)], "404 Forbidden.KeyNotFound"),
                (operation, &[("KeyId", "acs:kms")], "400 InvalidParameter KeyId"),
            ],
        )
        .await;
        assert_eq!(state().await, "Disabled");
    }
}

#[tokio::test]
async fn what_each_state_allows() {
    let client = client().await;
    for (state, name, refusal, switch) in [
        (KeyState::Enabled, "Enabled", "ok", "ok"),
        (KeyState::Disabled, "Disabled", "409 Rejected.Disabled", "ok"),
        (
            KeyState::PendingDeletion,
            "PendingDeletion",
            "409 Rejected.PendingDeletion",
            "409 Rejected.StateModifiedFailed",
        ),
        (
            KeyState::PendingImport,
            "PendingImport",
            "409 Rejected.PendingImport",
            "409 Rejected.StateModifiedFailed",
        ),
    ] {
        let id = client.key().await;
        let blob = client.encrypt(&id, "x").await;
        let secret = format!("of-{name}");
        let new_secret = format!("new-{name}");
        let value = |name| {
            [("SecretName", name), ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", id.as_str())]
        };
        client.ok("CreateSecret", &value(&secret)).await;
        client.force_state(&id, state).await;
        check(
            &client,
            &[
                ("DescribeKey", &[("KeyId", &id)], "ok"),
                ("Encrypt", &[("KeyId", &id), ("Plaintext", "x")], refusal),
                ("Decrypt", &[("CiphertextBlob", &blob)], refusal),
                ("GenerateDataKey", &[("KeyId", &id)], refusal),
                ("GenerateDataKeyWithoutPlaintext", &[("KeyId", &id)], refusal),
                ("CreateSecret", &value(&new_secret), refusal),
                ("GetSecretValue", &[("SecretName", &secret)], refusal),
                (
                    "PutSecretValue",
                    &[("SecretName", &secret), ("VersionId", "v2"), ("SecretData", "y")],
                    refusal,
                ),
                ("DescribeSecret", &[("SecretName", &secret)], "ok"),
                // Leaves it as it is, or changes it: so it comes last.
                ("EnableKey", &[("KeyId", &id)], switch),
                ("DisableKey", &[("KeyId", &id)], switch),
            ],
        )
        .await;
        let after = if switch == "ok" { "Disabled" } else { name };
        let described = client.ok("DescribeKey", &[("KeyId", &id)]).await;
        assert_eq!(described["KeyMetadata"]["KeyState"], json!(after));
    }
}

/// What a random sequence does.
#[derive(Clone, Debug)]
enum Step {
    Enable,
    Disable,
    /// As another node would: the record changes in the store, and no engine here is told.
    Force(u8),
    Encrypt,
    Decrypt,
    GenerateDataKey,
    GetSecretValue,
    PutSecretValue,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Enable),
        3 => Just(Step::Disable),
        1 => (0..4u8).prop_map(Step::Force),
        3 => Just(Step::Encrypt),
        3 => Just(Step::Decrypt),
        1 => Just(Step::GenerateDataKey),
        2 => Just(Step::GetSecretValue),
        1 => Just(Step::PutSecretValue),
    ]
}

/// One key with a secret under it, and the state that it must be in.
struct Tracked {
    id: String,
    blob: String,
    secret: String,
    state: KeyState,
    versions: usize,
}

impl Tracked {
    async fn new(client: &Client, secret: String) -> Self {
        let id = client.key().await;
        let blob = client.encrypt(&id, "x").await;
        let params = [
            ("SecretName", secret.as_str()),
            ("VersionId", "v0"),
            ("SecretData", "x"),
            ("EncryptionKeyId", &id),
        ];
        client.ok("CreateSecret", &params).await;
        Self { id, blob, secret, state: KeyState::Enabled, versions: 1 }
    }

    async fn step(&mut self, client: &Client, step: &Step) -> Result<(), TestCaseError> {
        let usable = match self.state {
            KeyState::Enabled => "ok",
            KeyState::Disabled => "409 Rejected.Disabled",
            KeyState::PendingDeletion => "409 Rejected.PendingDeletion",
            KeyState::PendingImport => "409 Rejected.PendingImport",
        };
        let switchable = matches!(self.state, KeyState::Enabled | KeyState::Disabled);
        let switched = if switchable { "ok" } else { "409 Rejected.StateModifiedFailed" };
        let (seen, expected) = match step {
            Step::Enable | Step::Disable => {
                let (operation, state) = match step {
                    Step::Enable => ("EnableKey", KeyState::Enabled),
                    _ => ("DisableKey", KeyState::Disabled),
                };
                let seen = client.outcome(operation, &[("KeyId", &self.id)]).await;
                if switchable {
                    self.state = state;
                }
                (seen, switched)
            }
            Step::Force(state) => {
                self.state = [
                    KeyState::Enabled,
                    KeyState::Disabled,
                    KeyState::PendingDeletion,
                    KeyState::PendingImport,
                ][usize::from(*state)];
                client.force_state(&self.id, self.state).await;
                return Ok(());
            }
            Step::Encrypt => {
                (client.outcome("Encrypt", &[("KeyId", &self.id), ("Plaintext", "x")]).await, usable)
            }
            Step::Decrypt => (client.outcome("Decrypt", &[("CiphertextBlob", &self.blob)]).await, usable),
            Step::GenerateDataKey => {
                (client.outcome("GenerateDataKey", &[("KeyId", &self.id)]).await, usable)
            }
            Step::GetSecretValue => {
                (client.outcome("GetSecretValue", &[("SecretName", &self.secret)]).await, usable)
            }
            Step::PutSecretValue => {
                let version = format!("v{}", self.versions);
                self.versions += 1;
                let params =
                    [("SecretName", self.secret.as_str()), ("VersionId", &version), ("SecretData", "y")];
                (client.outcome("PutSecretValue", &params).await, usable)
            }
        };
        prop_assert_eq!(seen, expected, "{:?} in state {:?}", step, self.state);
        Ok(())
    }
}

/// For every change of state, the next call on every engine ends as the state says.
#[test]
fn the_next_call_on_every_engine_ends_as_the_state_says() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (_world, clients) = runtime.block_on(async {
        let world = World::new().await;
        // The third one keeps nothing, so that warm and cold caches are seen to agree.
        let clients = [world.client().await, world.client().await, world.forgetful_client().await];
        (world, clients)
    });
    let steps = prop::collection::vec((0..3usize, 0..2usize, step()), 1..40);
    let mut runner = TestRunner::new(crate::harness::sequences());
    runner
        .run(&steps, |steps| {
            runtime.block_on(async {
                let number = crate::harness::next_number();
                let mut keys = [
                    Tracked::new(&clients[0], format!("a{number}")).await,
                    Tracked::new(&clients[1], format!("b{number}")).await,
                ];
                for (engine, key, step) in &steps {
                    keys[*key].step(&clients[*engine], step).await?;
                }
                Ok(())
            })
        })
        .unwrap();
}
