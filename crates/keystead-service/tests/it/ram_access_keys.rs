//! AccessKeys of users and of the account's root.

use keystead_service::AuthFailure;

use crate::harness::{World, authenticate, check, client, text, texts};

async fn code(client: &crate::harness::Client, id: &str, secret: &str) -> String {
    match authenticate(&client.engine, id, secret).await {
        Ok(_) => "ok".to_owned(),
        Err(AuthFailure::Refused(error)) => error.code().name().into_owned(),
        Err(AuthFailure::Signature(error)) => format!("{error:?}"),
    }
}

#[tokio::test]
async fn a_key_works_at_once_and_not_after_it_was_disabled_or_deleted() {
    let client = client().await;
    client.ok("ram:CreateUser", &[("UserName", "alice")]).await;
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "alice")]).await["AccessKey"].clone();
    let (id, secret) = (text(&key["AccessKeyId"]), text(&key["AccessKeySecret"]));
    assert!(id.starts_with("LTAI5t") && id.len() == 24 && secret.len() == 30);
    assert_eq!(key["Status"], "Active");
    let caller = client.caller(&id, &secret).await;
    assert_eq!(caller.caller.arn(), format!("acs:ram::{}:user/alice", client.account()));

    let one = [("UserName", "alice"), ("UserAccessKeyId", id.as_str())];
    client.ok("ram:UpdateAccessKey", &[one[0], one[1], ("Status", "Inactive")]).await;
    assert_eq!(code(&client, &id, &secret).await, "InvalidAccessKeyId.Inactive");
    client.ok("ram:UpdateAccessKey", &[one[0], one[1], ("Status", "Active")]).await;
    assert_eq!(code(&client, &id, &secret).await, "ok");
    client.ok("ram:DeleteAccessKey", &one).await;
    assert_eq!(code(&client, &id, &secret).await, "InvalidAccessKeyId.NotFound");
    let listed = client.ok("ram:ListAccessKeys", &[("UserName", "alice")]).await;
    assert!(texts(&listed["AccessKeys"]["AccessKey"], "AccessKeyId").is_empty());
}

#[tokio::test]
async fn what_is_refused() {
    let client = client().await;
    for name in ["alice", "bob"] {
        client.ok("ram:CreateUser", &[("UserName", name)]).await;
    }
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "alice")]).await;
    let id = text(&key["AccessKey"]["AccessKeyId"]);
    let alice = ("UserName", "alice");
    check(
        &client,
        &[
            ("ram:CreateAccessKey", &[("UserName", "carol")], "404 EntityNotExist.User"),
            ("ram:CreateAccessKey", &[("UserName", "a b")], "400 InvalidParameter.UserName.InvalidChars"),
            ("ram:CreateAccessKey", &[alice], "ok"),
            ("ram:CreateAccessKey", &[alice], "409 LimitExceeded.User.AccessKey"),
            ("ram:UpdateAccessKey", &[alice, ("UserAccessKeyId", &id)], "400 MissingStatus"),
            ("ram:UpdateAccessKey", &[alice, ("Status", "Active")], "400 MissingUserAccessKeyId"),
            (
                "ram:UpdateAccessKey",
                &[alice, ("UserAccessKeyId", &id), ("Status", "active")],
                "400 InvalidParameter.Status",
            ),
            // Another user's, and the root's: neither is found.
            (
                "ram:DeleteAccessKey",
                &[("UserName", "bob"), ("UserAccessKeyId", &id)],
                "404 EntityNotExist.User.AccessKey",
            ),
            ("ram:DeleteAccessKey", &[("UserAccessKeyId", &id)], "404 EntityNotExist.User.AccessKey"),
            (
                "ram:GetAccessKeyLastUsed",
                &[alice, ("UserAccessKeyId", "LTAI5tNobody")],
                "404 EntityNotExist.User.AccessKey",
            ),
            ("ram:ListAccessKeys", &[("UserName", "carol")], "404 EntityNotExist.User"),
        ],
    )
    .await;
}

#[tokio::test]
async fn nobody_locks_the_root_out() {
    let world = World::new().await;
    let client = world.client().await;
    let first = world.access_key_id.as_str();
    let listed = client.ok("ram:ListAccessKeys", &[]).await;
    assert_eq!(texts(&listed["AccessKeys"]["AccessKey"], "AccessKeyId"), [first]);
    let last = "409 DeleteConflict.Account.AccessKey";
    let off = |id| [("UserAccessKeyId", id), ("Status", "Inactive")];
    assert_eq!(client.outcome("ram:DeleteAccessKey", &[("UserAccessKeyId", first)]).await, last);
    assert_eq!(client.outcome("ram:UpdateAccessKey", &off(first)).await, last);

    let key = client.ok("ram:CreateAccessKey", &[]).await["AccessKey"].clone();
    let (id, secret) = (text(&key["AccessKeyId"]), text(&key["AccessKeySecret"]));
    assert_eq!(
        client.outcome("ram:CreateAccessKey", &[]).await,
        "409 LimitExceeded.User.AccessKey",
        "the root has at most two"
    );
    let root = client.caller(&id, &secret).await;
    assert!(root.caller.is_root());
    // One of two may go, the other one not any more.
    client.ok("ram:UpdateAccessKey", &off(&id)).await;
    assert_eq!(client.outcome("ram:UpdateAccessKey", &off(first)).await, last);
    assert_eq!(client.outcome("ram:DeleteAccessKey", &[("UserAccessKeyId", first)]).await, last);
    client.ok("ram:UpdateAccessKey", &[("UserAccessKeyId", id.as_str()), ("Status", "Active")]).await;
    root.ok("ram:DeleteAccessKey", &[("UserAccessKeyId", first)]).await;
    assert_eq!(root.outcome("ram:DeleteAccessKey", &[("UserAccessKeyId", &id)]).await, last);
    assert_eq!(code(&root, first, &world.access_key_secret).await, "InvalidAccessKeyId.NotFound");
    assert_eq!(code(&root, &id, &secret).await, "ok");
}

/// Two that are switched off at the same time: one of them stays.
#[tokio::test]
async fn of_two_that_go_at_once_one_stays() {
    let world = World::new().await;
    let client = world.client().await;
    let second = text(&client.ok("ram:CreateAccessKey", &[]).await["AccessKey"]["AccessKeyId"]);
    let off = |id: String| {
        let client = client.clone();
        tokio::spawn(async move {
            client.outcome("ram:UpdateAccessKey", &[("UserAccessKeyId", &id), ("Status", "Inactive")]).await
        })
    };
    let (a, b) = (off(world.access_key_id.clone()), off(second));
    let mut outcomes = [a.await.unwrap(), b.await.unwrap()];
    outcomes.sort();
    assert_eq!(outcomes, ["409 DeleteConflict.Account.AccessKey", "ok"]);
}

#[tokio::test]
async fn the_last_use_is_known_here_and_then_in_the_store() {
    let world = World::new().await;
    let client = world.client().await;
    client.ok("ram:CreateUser", &[("UserName", "alice")]).await;
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "alice")]).await["AccessKey"].clone();
    let (id, secret) = (text(&key["AccessKeyId"]), text(&key["AccessKeySecret"]));
    let asked = [("UserName", "alice"), ("UserAccessKeyId", id.as_str())];
    let used = async |client: &crate::harness::Client| {
        text(&client.ok("ram:GetAccessKeyLastUsed", &asked).await["AccessKeyLastUsed"]["LastUsedDate"])
    };
    assert_eq!(used(&client).await, "", "it was never used");
    world.clock.advance(60);
    client.caller(&id, &secret).await;
    assert!(authenticate(&client.engine, &id, "wrong").await.is_err());
    assert_eq!(used(&client).await, "2027-01-15T08:01:00Z");

    // Another node knows it when it has been written.
    let other = world.client().await;
    assert_eq!(used(&other).await, "");
    client.engine.write_last_uses().await.unwrap();
    assert_eq!(used(&world.client().await).await, "2027-01-15T08:01:00Z");
    let revision = client.engine.store().horizon();
    client.engine.write_last_uses().await.unwrap();
    assert_eq!(client.engine.store().horizon(), revision, "there is nothing new to write");

    // A failed signature is no use, and what was deleted does not come back.
    world.clock.advance(60);
    client.caller(&id, &secret).await;
    client.ok("ram:DeleteAccessKey", &asked).await;
    client.engine.write_last_uses().await.unwrap();
    let place = keystead_service::records::path::access_key_use(&id);
    assert!(client.engine.store().get(&place).await.unwrap().is_none());
}

#[tokio::test]
async fn a_user_without_policies_may_nothing() {
    let client = client().await;
    client.ok("ram:CreateUser", &[("UserName", "alice")]).await;
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "alice")]).await["AccessKey"].clone();
    let user = client.caller(&text(&key["AccessKeyId"]), &text(&key["AccessKeySecret"])).await;
    // Without a policy the user may not, and surely sees nothing of the root's.
    assert_eq!(user.call("ram:ListAccessKeys", &[]).await.unwrap_err().status(), 403);
    assert_eq!(user.call("ram:GetUser", &[("UserName", "alice")]).await.unwrap_err().status(), 403);
}
