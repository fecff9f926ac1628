//! A change of who may do what counts from the next request on, on every node, whatever was cached.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keystead_auth::{Credentials, SecretKey, SecurityToken};
use keystead_service::records::{KeyRecord, UserRecord, path};

use crate::access::key_policy;
use crate::harness::{Client, World, authenticate_with, check, in_time, next_number, text};
use crate::identities::{
    allow, custom, document, make_user, member_of, put_group, put_policy, remove, statement, system,
};

const DENIED: &str = "403 Forbidden.NoPermission";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_is_followed_by_every_node_on_its_next_request() {
    let world = World::new().await;
    let root = world.client().await;
    let key = root.key().await;
    put_policy(&root, "p", &allow("kms:Encrypt", "*")).await;
    put_group(&root, "g", &[]).await;
    let user = make_user(&root, "Alice", &[custom("p")]).await;
    let alice = user.on(&root).await;
    let warm = [alice.clone(), alice.on(&world.client().await), alice.on(&world.forgetful_client().await)];
    let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
    // What has been in use and what has just been opened agree.
    let expect = async |what: &str, expected: &str| {
        let cold = alice.on(&world.client().await);
        for (node, client) in warm.iter().chain([&cold]).enumerate() {
            assert_eq!(client.outcome("Encrypt", &encrypt).await, expected, "{what}: node {node}");
        }
    };
    let at_user = path::user(root.account(), "alice");
    let change_user = async |change: fn(&mut UserRecord)| root.rewrite::<UserRecord>(&at_user, change).await;
    let at_key = path::key(root.account(), &key);
    let set_key_policy = async |policy: Option<String>| {
        root.rewrite::<KeyRecord>(&at_key, |key| key.policy = policy).await;
    };

    expect("a policy that allows", "ok").await;
    put_policy(&root, "p", &document(vec![statement("Deny", "kms:Encrypt", "*")])).await;
    expect("its new version denies", DENIED).await;
    put_policy(&root, "p", &allow("kms:Encrypt", "*")).await;
    expect("and allows again", "ok").await;
    change_user(|user| user.policies.clear()).await;
    expect("detached", DENIED).await;
    change_user(|user| user.groups.push(member_of("g"))).await;
    expect("in a group without policies", DENIED).await;
    put_group(&root, "g", &[custom("p")]).await;
    expect("the group has one", "ok").await;
    put_policy(&root, "p", &allow("kms:Decrypt", "*")).await;
    expect("which allows something else", DENIED).await;
    put_policy(&root, "p", &allow("kms:E*", "*")).await;
    expect("and the right thing", "ok").await;
    put_group(&root, "g", &[]).await;
    expect("the group lost it", DENIED).await;
    put_group(&root, "g", &[system("AliyunKMSCryptoUserAccess")]).await;
    expect("a system policy", "ok").await;
    change_user(|user| user.groups.clear()).await;
    expect("out of the group", DENIED).await;
    set_key_policy(Some(key_policy(&root, "Allow", "user/alice", "kms:*"))).await;
    expect("allowed by the key", "ok").await;
    set_key_policy(Some(key_policy(&root, "Deny", "user/alice", "kms:*"))).await;
    expect("denied by the key", DENIED).await;
    set_key_policy(None).await;
    expect("the key has no policy", DENIED).await;
    change_user(|user| user.policies.push(system("AdministratorAccess"))).await;
    expect("an administrator", "ok").await;
    remove(&root, &path::policy(root.account(), "p")).await;
    expect("a policy that nobody has is gone", "ok").await;
    // A user of the same name is somebody else.
    change_user(|user| user.user_id = "2999999999999999".to_owned()).await;
    expect("made anew under its name", "404 InvalidAccessKeyId.NotFound").await;
    remove(&root, &at_user).await;
    expect("gone", "404 InvalidAccessKeyId.NotFound").await;
}

/// The same for a session, which has its role's policies as they stand now.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sessions_follow_their_role() {
    let world = World::new().await;
    let root = world.client().await;
    let key = root.key().await;
    let user = make_user(&root, "Alice", &[system("AliyunSTSAssumeRoleAccess")]).await;
    let alice = user.on(&root).await;
    let trust = format!(
        r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{{"RAM":"acs:ram::{}:root"}}}}]}}"#,
        root.account()
    );
    let role = ("RoleName", "Reader");
    let make = [role, ("AssumeRolePolicyDocument", trust.as_str())];
    root.ok("Ram.CreateRole", &make).await;
    let arn = format!("acs:ram::{}:role/reader", root.account());
    let taken =
        alice.ok("Sts.AssumeRole", &[("RoleArn", &arn), ("RoleSessionName", "one")]).await["Credentials"]
            .clone();
    let credentials = Credentials {
        access_key_id: text(&taken["AccessKeyId"]),
        secret: SecretKey::new(text(&taken["AccessKeySecret"])),
        security_token: Some(SecurityToken::new(text(&taken["SecurityToken"]))),
    };
    let nonce = format!("session-{}", next_number());
    let caller = authenticate_with(&root.engine, &credentials, root.engine.now(), &nonce).await.unwrap();
    let session = root.for_caller(caller);
    let warm =
        [session.clone(), session.on(&world.client().await), session.on(&world.forgetful_client().await)];
    let encrypt = [("KeyId", key.as_str()), ("Plaintext", "x")];
    let expect = async |what: &str, expected: &str| {
        let cold = session.on(&world.client().await);
        for (node, client) in warm.iter().chain([&cold]).enumerate() {
            assert_eq!(client.outcome("Encrypt", &encrypt).await, expected, "{what}: node {node}");
        }
    };
    expect("a role without policies", DENIED).await;
    put_policy(&root, "p", &allow("kms:Encrypt", "*")).await;
    let custom = [role, ("PolicyName", "p"), ("PolicyType", "Custom")];
    root.ok("Ram.AttachPolicyToRole", &custom).await;
    expect("with one", "ok").await;
    put_policy(&root, "p", &document(vec![statement("Deny", "kms:*", "*")])).await;
    expect("which denies now", DENIED).await;
    root.ok("Ram.DetachPolicyFromRole", &custom).await;
    let system = [role, ("PolicyName", "AliyunKMSFullAccess"), ("PolicyType", "System")];
    root.ok("Ram.AttachPolicyToRole", &system).await;
    expect("with a system policy", "ok").await;
    root.ok("Ram.DetachPolicyFromRole", &system).await;
    expect("and without", DENIED).await;
    root.ok("Ram.DeleteRole", &[role]).await;
    root.ok("Ram.CreateRole", &make).await;
    root.ok("Ram.AttachPolicyToRole", &system).await;
    expect("another role of its name", "404 InvalidAccessKeyId.NotFound").await;
}

/// While one node gives and takes a permission, calls on the others that lie wholly between two changes are judged by the
/// state between them.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_between_two_changes_are_judged_by_the_state_between_them() {
    let world = World::new().await;
    let root = world.client().await;
    let key = root.key().await;
    let (allowed, denied) = (allow("kms:Encrypt", "*"), document(vec![statement("Deny", "kms:*", "*")]));
    put_policy(&root, "p", &allowed).await;
    put_group(&root, "g", &[custom("p")]).await;
    let user = make_user(&root, "Alice", &[system("AliyunKMSFullAccess")]).await;
    let at_user = path::user(root.account(), "alice");
    root.rewrite::<UserRecord>(&at_user, |user| user.groups.push(member_of("g"))).await;
    let alice = user.on(&root).await;
    // Modulo 4: allowed, being denied, denied, being allowed.
    let phase = Arc::new(AtomicU64::new(0));
    let mut calling = Vec::new();
    for engine in [world.client().await, world.forgetful_client().await, root.clone()] {
        let (client, key, phase): (Client, _, _) = (alice.on(&engine), key.clone(), phase.clone());
        calling.push(tokio::spawn(async move {
            let mut judged = 0;
            loop {
                let before = phase.load(Ordering::SeqCst);
                if before == u64::MAX {
                    return judged;
                }
                let seen = client.outcome("Encrypt", &[("KeyId", &key), ("Plaintext", "x")]).await;
                if phase.load(Ordering::SeqCst) != before {
                    continue;
                }
                match before % 4 {
                    0 => assert_eq!(seen, "ok"),
                    2 => assert_eq!(seen, DENIED),
                    _ => continue,
                }
                judged += 1;
            }
        }));
    }
    for round in 0..200 {
        let document = if round % 2 == 0 { &denied } else { &allowed };
        phase.fetch_add(1, Ordering::SeqCst);
        in_time(put_policy(&root, "p", document)).await;
        phase.fetch_add(1, Ordering::SeqCst);
        // Lets the callers in between two changes.
        for _ in 0..20 {
            check(&root, &[("DescribeKey", &[("KeyId", &key)], "ok")]).await;
            tokio::task::yield_now().await;
        }
    }
    phase.store(u64::MAX, Ordering::SeqCst);
    for calls in calling {
        assert!(in_time(calls).await.unwrap() > 0);
    }
}
