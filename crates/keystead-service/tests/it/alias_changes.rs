//! UpdateAlias, DeleteAlias, ListAliasesByKeyId.

use serde_json::json;

use crate::harness::{Client, World, check, client, text, texts};
use crate::isolation::second_account;

async fn aliases_of(client: &Client, key: &str) -> Vec<String> {
    let answer = client.ok("ListAliasesByKeyId", &[("KeyId", key), ("PageSize", "100")]).await;
    texts(&answer["Aliases"]["Alias"], "AliasName")
}

async fn target(client: &Client, alias: &str) -> String {
    text(&client.ok("DescribeKey", &[("KeyId", alias)]).await["KeyMetadata"]["KeyId"])
}

#[tokio::test]
async fn an_alias_moves_and_goes() {
    let client = client().await;
    let (one, two) = (client.key().await, client.key().await);
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{two}", client.account());
    check(
        &client,
        &[
            ("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &one)], "ok"),
            ("CreateAlias", &[("AliasName", "alias/b"), ("KeyId", &one)], "ok"),
            ("UpdateAlias", &[("AliasName", "alias/a"), ("KeyId", &arn)], "ok"),
            ("UpdateAlias", &[("AliasName", "alias/a"), ("KeyId", &two)], "ok"),
            ("UpdateAlias", &[("AliasName", "alias/a"), ("KeyId", "alias/b")], "400 Unsupported.Alias"),
            ("UpdateAlias", &[("AliasName", "alias/a"), ("KeyId", "none")], "404 Forbidden.KeyNotFound"),
            ("UpdateAlias", &[("AliasName", "alias/c"), ("KeyId", &two)], "404 Forbidden.AliasNotFound"),
            ("UpdateAlias", &[("AliasName", "c"), ("KeyId", &two)], "400 InvalidParameter AliasName"),
            (
                "UpdateAlias",
                &[("AliasName", "alias/acs/x"), ("KeyId", &two)],
                "400 InvalidParameter AliasName",
            ),
            ("UpdateAlias", &[("AliasName", "alias/a")], "400 MissingKeyId"),
            ("DeleteAlias", &[], "400 MissingAliasName"),
            ("DeleteAlias", &[("AliasName", "alias/")], "400 InvalidParameter AliasName"),
            ("DeleteAlias", &[("AliasName", "alias/c")], "404 Forbidden.AliasNotFound"),
        ],
    )
    .await;
    assert_eq!(target(&client, "alias/a").await, two);
    assert_eq!(aliases_of(&client, &one).await, ["alias/b"]);
    assert_eq!(aliases_of(&client, &two).await, ["alias/a"]);
    check(
        &client,
        &[
            ("DeleteAlias", &[("AliasName", "alias/a")], "ok"),
            ("DeleteAlias", &[("AliasName", "alias/a")], "404 Forbidden.AliasNotFound"),
            ("DescribeKey", &[("KeyId", "alias/a")], "404 Forbidden.AliasNotFound"),
            ("DescribeKey", &[("KeyId", &two)], "ok"),
            ("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &one)], "ok"),
        ],
    )
    .await;
    assert_eq!(aliases_of(&client, &one).await, ["alias/a", "alias/b"]);
    assert_eq!(aliases_of(&client, &two).await, [""; 0]);
}

#[tokio::test]
async fn the_state_of_the_new_key_decides() {
    let client = client().await;
    let (old, disabled, leaving) = (client.key().await, client.key().await, client.key().await);
    client.ok("DisableKey", &[("KeyId", &disabled)]).await;
    client.ok("CreateAlias", &[("AliasName", "alias/of-leaving"), ("KeyId", &leaving)]).await;
    client.ok("ScheduleKeyDeletion", &[("KeyId", &leaving), ("PendingWindowInDays", "7")]).await;
    let waiting = client.ok("CreateKey", &[("Origin", "EXTERNAL")]).await;
    let waiting = text(&waiting["KeyMetadata"]["KeyId"]);
    let name = ("AliasName", "alias/a");
    check(
        &client,
        &[
            ("CreateAlias", &[name, ("KeyId", &old)], "ok"),
            ("UpdateAlias", &[name, ("KeyId", &disabled)], "ok"),
            ("UpdateAlias", &[name, ("KeyId", &waiting)], "ok"),
            ("UpdateAlias", &[name, ("KeyId", &leaving)], "409 Rejected.PendingDeletion"),
            ("ListAliasesByKeyId", &[("KeyId", &leaving)], "ok"),
            // Away from a key that is leaving.
            ("UpdateAlias", &[("AliasName", "alias/of-leaving"), ("KeyId", &old)], "ok"),
        ],
    )
    .await;
    assert_eq!(target(&client, "alias/of-leaving").await, old);
}

#[tokio::test]
async fn an_alias_is_gone_with_its_key_at_once() {
    let world = World::new().await;
    let client = world.client().await;
    let (gone, other) = (client.key().await, client.key().await);
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &gone)]).await;
    client.ok("ScheduleKeyDeletion", &[("KeyId", &gone), ("PendingWindowInDays", "7")]).await;
    world.clock.advance(7 * 86_400);
    check(
        &client,
        &[
            ("UpdateAlias", &[("AliasName", "alias/a"), ("KeyId", &other)], "404 Forbidden.AliasNotFound"),
            ("DeleteAlias", &[("AliasName", "alias/a")], "404 Forbidden.AliasNotFound"),
            ("ListAliasesByKeyId", &[("KeyId", &gone)], "404 Forbidden.KeyNotFound"),
        ],
    )
    .await;
}

#[tokio::test]
async fn pages_of_one_key() {
    let client = client().await;
    let (key, other) = (client.key().await, client.key().await);
    client.ok("CreateAlias", &[("AliasName", "alias/other"), ("KeyId", &other)]).await;
    let mut names: Vec<String> = (0..12).map(|i| format!("alias/n{i}")).collect();
    for name in &names {
        client.ok("CreateAlias", &[("AliasName", name), ("KeyId", &key)]).await;
    }
    names.sort();
    let answer = client.ok("ListAliasesByKeyId", &[("KeyId", &key), ("PageNumber", "2")]).await;
    assert_eq!(texts(&answer["Aliases"]["Alias"], "AliasName"), names[10..]);
    assert_eq!(
        (&answer["PageNumber"], &answer["PageSize"], &answer["TotalCount"]),
        (&json!(2), &json!(10), &json!(12))
    );
    let entry = json!({
        "AliasArn": format!("acs:kms:cn-hangzhou:{}:{}", client.account(), names[10]),
        "AliasName": names[10],
        "KeyId": key,
    });
    assert_eq!(answer["Aliases"]["Alias"][0], entry);
    check(
        &client,
        &[
            ("ListAliasesByKeyId", &[("KeyId", &key), ("PageSize", "101")], "400 InvalidParameter PageSize"),
            (
                "ListAliasesByKeyId",
                &[("KeyId", &key), ("PageNumber", "0")],
                "400 InvalidParameter PageNumber",
            ),
            ("ListAliasesByKeyId", &[("KeyId", "alias/n1")], "400 Unsupported.Alias"),
            ("ListAliasesByKeyId", &[("KeyId", "none")], "404 Forbidden.KeyNotFound"),
        ],
    )
    .await;
}

/// However many move one alias at once, it ends at one key, and the index says the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alias_that_many_move_has_one_key() {
    let world = World::new().await;
    let nodes = [world.client().await, world.client().await];
    let mut keys = Vec::new();
    for _ in 0..4 {
        keys.push(nodes[0].key().await);
    }
    nodes[0].ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &keys[0])]).await;
    let tasks: Vec<_> = (0..16)
        .map(|i| {
            let (client, key) = (nodes[i % 2].clone(), keys[i % 4].clone());
            tokio::spawn(async move {
                client.ok("UpdateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let holder = target(&nodes[0], "alias/a").await;
    for key in &keys {
        let expected: &[&str] = if *key == holder { &["alias/a"] } else { &[] };
        assert_eq!(aliases_of(&nodes[1], key).await, expected, "{key}");
    }
}

#[tokio::test]
async fn another_accounts_aliases_are_not_there() {
    let world = World::new().await;
    let a = world.client().await;
    let b = second_account(&world).await;
    let (of_a, of_b) = (a.key().await, b.key().await);
    b.ok("CreateAlias", &[("AliasName", "alias/b"), ("KeyId", &of_b)]).await;
    check(
        &a,
        &[
            ("UpdateAlias", &[("AliasName", "alias/b"), ("KeyId", &of_a)], "404 Forbidden.AliasNotFound"),
            ("DeleteAlias", &[("AliasName", "alias/b")], "404 Forbidden.AliasNotFound"),
            ("ListAliasesByKeyId", &[("KeyId", &of_b)], "404 Forbidden.KeyNotFound"),
        ],
    )
    .await;
    assert_eq!(target(&b, "alias/b").await, of_b);
}
