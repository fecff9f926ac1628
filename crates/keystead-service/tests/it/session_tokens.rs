//! What a session's token is worth, and for how long.

use keystead_api::Timestamp;
use keystead_auth::{Credentials, SecretKey, SecurityToken};
use keystead_service::EngineConfig;
use keystead_service::records::{RoleRecord, TokenKeysRecord, path};

use crate::actors::{arn, assume, put, remove, role, signed_in, user};
use crate::harness::{Client, PATIENT, START, World};

const MAY: &str = "AliyunSTSAssumeRoleAccess";
const EXPIRED: &str = "400 InvalidSecurityToken.Expired";
const MALFORMED: &str = "400 InvalidSecurityToken.Malformed";

struct Scene {
    world: World,
    client: Client,
    alice: Credentials,
    role: RoleRecord,
    /// How a good session signs in.
    good: String,
}

async fn scene() -> Scene {
    let world = World::new().await;
    let client = world.client().await;
    let alice = user(&client, "alice", &[MAY]).await;
    let role = role(&client, "ops", &["AliyunKMSFullAccess"]).await;
    let good = arn(client.account(), "assumed-role", "ops/s1");
    Scene { world, client, alice, role, good }
}

impl Scene {
    async fn session(&self) -> Credentials {
        assume(&self.client, &self.alice, &self.role, "s1", &[]).await
    }

    fn role_path(&self) -> String {
        path::role(self.client.account(), "ops")
    }

    async fn ring(&self) -> TokenKeysRecord {
        let record = self.client.engine.store().get(path::TOKEN_KEYS).await.unwrap().unwrap();
        serde_json::from_slice(&record.value).unwrap()
    }
}

fn copy(keys: &Credentials) -> Credentials {
    with_token(keys, keys.security_token.as_ref().unwrap().expose())
}

fn with_token(keys: &Credentials, token: &str) -> Credentials {
    Credentials {
        access_key_id: keys.access_key_id.clone(),
        secret: SecretKey::new(keys.secret.expose().to_owned()),
        security_token: (!token.is_empty()).then(|| SecurityToken::new(token.to_owned())),
    }
}

#[tokio::test]
async fn a_session_ends_at_its_time() {
    let scene = scene().await;
    let session = scene.session().await;
    assert_eq!(signed_in(&scene.client, &session).await, scene.good);
    scene.world.clock.advance(3_599);
    assert_eq!(signed_in(&scene.client, &session).await, scene.good);
    scene.world.clock.advance(1);
    assert_eq!(signed_in(&scene.client, &session).await, EXPIRED);
    // Long after its key has gone from the ring, it is still told so.
    scene.world.clock.advance(3 * 86_400);
    for _ in 0..3 {
        scene.session().await;
        scene.world.clock.advance(86_400);
    }
    assert!(scene.ring().await.keys.iter().all(|key| key.id > 1));
    assert_eq!(signed_in(&scene.client, &session).await, EXPIRED);
}

#[tokio::test]
async fn key_token_and_secret_belong_together() {
    let scene = scene().await;
    let (first, second) = (scene.session().await, scene.session().await);
    let token = first.security_token.as_ref().unwrap().expose().to_owned();
    let see = async |keys: Credentials| signed_in(&scene.client, &keys).await;
    assert_eq!(see(with_token(&first, "")).await, "400 MissingSecurityToken");
    assert_eq!(see(with_token(&second, &token)).await, "400 InvalidSecurityToken.MismatchWithAccessKey");
    // A lasting key needs no token, and none goes with it.
    assert_eq!(see(with_token(&scene.alice, &token)).await, "400 InvalidSecurityToken.MismatchWithAccessKey");
    assert_eq!(see(with_token(&scene.alice, "nonsense")).await, MALFORMED);
    let mut wrong_secret = copy(&first);
    wrong_secret.secret = SecretKey::new("wrong".to_owned());
    assert_eq!(see(wrong_secret).await, "400 SignatureDoesNotMatch");
    assert_eq!(see(copy(&first)).await, scene.good);
}

#[tokio::test]
async fn a_changed_token_is_none() {
    let scene = scene().await;
    let session = scene.session().await;
    let token = session.security_token.as_ref().unwrap().expose().to_owned();
    let mut changed: Vec<String> = vec![
        token[..token.len() - 1].to_owned(),
        format!("{token}A"),
        format!("{token}="),
        token[1..].to_owned(),
        "AQAAAAE".to_owned(),
        "AQ".to_owned(),
        "A".repeat(40_000),
        "\u{fc}".to_owned(),
    ];
    for at in (0..token.len()).step_by(7) {
        let mut bytes = token.clone().into_bytes();
        bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
        changed.push(String::from_utf8(bytes).unwrap());
    }
    for token in changed {
        // What is no header value cannot be sent at all.
        if token.is_ascii() {
            let seen = signed_in(&scene.client, &with_token(&session, &token)).await;
            assert!(seen == MALFORMED || seen == EXPIRED, "{token:.60}: {seen}");
        }
    }
    assert_eq!(signed_in(&scene.client, &session).await, scene.good);
}

#[tokio::test]
async fn the_roles_present_record_decides() {
    let scene = scene().await;
    let client = &scene.client;
    let session = scene.session().await;
    assert_eq!(signed_in(client, &session).await, scene.good);
    // Sessions that were issued up to now are void, those of this second too; later ones are not.
    let arn = arn(client.account(), "role", "OPS");
    let revoke = async || client.engine.revoke_sessions(&arn).await.unwrap();
    assert_eq!(revoke().await, START.plus(1));
    assert_eq!(signed_in(client, &session).await, EXPIRED);
    // A clock that was set back brings none back.
    scene.world.clock.advance(-100);
    assert_eq!(revoke().await, START.plus(1));
    scene.world.clock.advance(100);
    assert_eq!(signed_in(client, &session).await, EXPIRED);
    scene.world.clock.advance(1);
    let later = scene.session().await;
    assert_eq!(signed_in(client, &later).await, scene.good);

    // A deleted role has no sessions, and one that is made anew under its name has not the old one's.
    remove(client, scene.role_path()).await;
    assert_eq!(signed_in(client, &later).await, "404 InvalidAccessKeyId.NotFound");
    let anew = role(client, "ops", &["AliyunKMSFullAccess"]).await;
    assert_ne!(anew.role_id, scene.role.role_id);
    assert_eq!(signed_in(client, &later).await, "404 InvalidAccessKeyId.NotFound");
    let session = assume(client, &scene.alice, &anew, "s1", &[]).await;
    assert_eq!(signed_in(client, &session).await, scene.good);
}

#[tokio::test]
async fn keys_of_the_ring_come_and_go() {
    let scene = scene().await;
    let ids = async || scene.ring().await.keys.iter().map(|key| key.id).collect::<Vec<_>>();
    let first = scene.session().await;
    assert_eq!(ids().await, [1]);
    scene.world.clock.advance(86_399);
    let role = &scene.role_path();
    // The longest session that there is.
    scene.client.rewrite::<RoleRecord>(role, |role| role.max_session_seconds = 43_200).await;
    let long = assume(&scene.client, &scene.alice, &scene.role, "s1", &[("DurationSeconds", "43200")]).await;
    assert_eq!(ids().await, [1]);
    scene.world.clock.advance(1);
    let second = scene.session().await;
    assert_eq!(ids().await, [1, 2]);
    assert_ne!(scene.ring().await.keys[0].sealed_key, scene.ring().await.keys[1].sealed_key);
    // The old key opens what it sealed.
    assert_eq!(signed_in(&scene.client, &long).await, scene.good);
    assert_eq!(signed_in(&scene.client, &second).await, scene.good);
    assert_eq!(signed_in(&scene.client, &first).await, EXPIRED);
    scene.world.clock.advance(43_198);
    assert_eq!(signed_in(&scene.client, &long).await, scene.good);
    scene.world.clock.advance(1);
    assert_eq!(signed_in(&scene.client, &long).await, EXPIRED);
    scene.world.clock.advance(86_400);
    scene.session().await;
    assert_eq!(ids().await, [2, 3]);

    // A key that is taken out of the ring takes its sessions along, also those that were opened before.
    let session = scene.session().await;
    assert_eq!(signed_in(&scene.client, &session).await, scene.good);
    let mut ring = scene.ring().await;
    ring.keys.pop();
    put(&scene.client, path::TOKEN_KEYS.to_owned(), &ring).await;
    assert_eq!(signed_in(&scene.client, &session).await, MALFORMED);
}

#[tokio::test]
async fn every_node_knows_every_session_and_a_new_start_too() {
    let scene = scene().await;
    let session = scene.session().await;
    let other = scene
        .world
        .client_with(scene.world.store.clone(), EngineConfig { patience: PATIENT, ..EngineConfig::default() })
        .await;
    assert_eq!(signed_in(&other, &session).await, scene.good);
    // Both make the next key at once; one of them wins, and both know it.
    scene.world.clock.advance(86_400);
    let (here, there) = tokio::join!(
        assume(&scene.client, &scene.alice, &scene.role, "s1", &[]),
        assume(&other, &scene.alice, &scene.role, "s1", &[])
    );
    assert_eq!(scene.ring().await.keys.len(), 2);
    for keys in [&here, &there] {
        assert_eq!(signed_in(&scene.client, keys).await, scene.good);
        assert_eq!(signed_in(&other, keys).await, scene.good);
    }
}

#[tokio::test]
async fn a_token_shows_nothing_and_no_two_are_alike() {
    let scene = scene().await;
    let (first, second) = (scene.session().await, scene.session().await);
    let token = |keys: &Credentials| keys.security_token.as_ref().unwrap().expose().to_owned();
    assert_ne!(token(&first), token(&second));
    assert_ne!(first.access_key_id, second.access_key_id);
    // Without its seal, nothing of it can be read.
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token(&first)).unwrap();
    for secret in [first.secret.expose(), "ops", "s1", scene.client.account(), &first.access_key_id] {
        let seen = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        assert!(!seen || secret.len() < 4, "{secret}");
    }
    // The ring stands in the store sealed only.
    let stored = serde_json::to_string(&scene.ring().await).unwrap();
    assert!(stored.contains("sealed_key") && scene.ring().await.keys[0].sealed_key.0.len() > 60);
    assert_eq!(scene.ring().await.keys[0].created, Timestamp(START.0));
}
