//! Both families of tag operations.

use serde_json::{Value, json};

use crate::harness::{Client, World, check, client, text};
use crate::isolation::second_account;

const REGION: (&str, &str) = ("RegionId", "cn-hangzhou");
const OF_KEYS: (&str, &str) = ("ResourceType", "key");
const OF_SECRETS: (&str, &str) = ("ResourceType", "secret");

fn tags(tags: &[(&str, &str)]) -> String {
    let tags: Vec<_> = tags.iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    json!(tags).to_string()
}

/// `n` tags.
fn many(n: usize) -> String {
    let tags: Vec<_> = (0..n).map(|i| json!({ "TagKey": format!("k{i}"), "TagValue": "v" })).collect();
    json!(tags).to_string()
}

async fn secret(client: &Client, name: &str) {
    client.ok("CreateSecret", &[("SecretName", name), ("VersionId", "v1"), ("SecretData", "x")]).await;
}

async fn tags_of_key(client: &Client, key: &str) -> Vec<(String, String)> {
    let answer = client.ok("ListResourceTags", &[("KeyId", key)]).await;
    pairs(&answer["Tags"]["Tag"])
}

async fn tags_of_secret(client: &Client, name: &str) -> Vec<(String, String)> {
    let answer = client.ok("DescribeSecret", &[("SecretName", name), ("FetchTags", "true")]).await;
    pairs(&answer["Tags"]["Tag"])
}

fn pairs(list: &Value) -> Vec<(String, String)> {
    list.as_array().unwrap().iter().map(|tag| (text(&tag["TagKey"]), text(&tag["TagValue"]))).collect()
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect()
}

/// All rows of ListTagResources, `id key=value`, page after page; and how many pages.
async fn rows(client: &Client, params: &[(&str, &str)]) -> (Vec<String>, usize) {
    let (mut rows, mut pages, mut token) = (Vec::new(), 0, String::new());
    loop {
        let params = [params, &[REGION, ("NextToken", token.as_str())]].concat();
        let answer = client.ok("ListTagResources", &params).await;
        let found = answer["TagResources"]["TagResource"].as_array().unwrap();
        assert!(found.len() <= 200);
        for row in found {
            let field = |name: &str| text(&row[name]);
            rows.push(format!("{} {}={}", field("ResourceId"), field("TagKey"), field("TagValue")));
        }
        pages += 1;
        assert!(pages < 100, "it does not end");
        token = text(&answer["NextToken"]);
        if token.is_empty() {
            return (rows, pages);
        }
    }
}

#[tokio::test]
async fn one_resource() {
    let client = client().await;
    let key = client.key().await;
    secret(&client, "team/s").await;
    let arn = format!("acs:kms:cn-hangzhou:{}:secret/team/s", client.account());
    let (of_key, of_secret) = (("KeyId", key.as_str()), ("SecretName", "team/s"));
    let ab = tags(&[("b", "1"), ("a", "")]);
    let b2 = tags(&[("b", "2")]);
    for named in [of_key, of_secret] {
        check(
            &client,
            &[
                ("TagResource", &[named, ("Tags", &ab)], "ok"),
                ("TagResource", &[named, ("Tags", &b2)], "ok"),
                ("TagResource", &[named, ("Tags", &b2)], "ok"),
            ],
        )
        .await;
    }
    assert_eq!(tags_of_key(&client, &key).await, owned(&[("a", ""), ("b", "2")]));
    assert_eq!(tags_of_secret(&client, "team/s").await, owned(&[("a", ""), ("b", "2")]));
    check(
        &client,
        &[
            ("UntagResource", &[of_key, ("TagKeys", "a,none")], "ok"),
            ("UntagResource", &[("SecretName", &arn), ("TagKeys", r#"["b"]"#)], "ok"),
        ],
    )
    .await;
    assert_eq!(tags_of_key(&client, &key).await, owned(&[("b", "2")]));
    assert_eq!(tags_of_secret(&client, "team/s").await, owned(&[("a", "")]));
}

#[tokio::test]
async fn what_one_resource_refuses() {
    let client = client().await;
    let key = client.key().await;
    secret(&client, "s").await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let one = tags(&[("a", "1")]);
    let with = ("Tags", one.as_str());
    let named = ("KeyId", key.as_str());
    check(
        &client,
        &[
            ("TagResource", &[with], "400 MissingParameter"),
            ("TagResource", &[with, ("KeyId", ""), ("SecretName", "")], "400 MissingParameter"),
            ("TagResource", &[with, named, ("SecretName", "s")], "400 InvalidParameter SecretName"),
            ("TagResource", &[with, named, ("CertificateId", "c")], "400 InvalidParameter CertificateId"),
            ("TagResource", &[with, ("CertificateId", "c")], "404 Certificate.NotFound"),
            ("UntagResource", &[("TagKeys", "a"), ("CertificateId", "c")], "404 Certificate.NotFound"),
            ("TagResource", &[with, ("KeyId", "alias/a")], "400 Unsupported.Alias"),
            ("TagResource", &[with, ("KeyId", "none")], "404 Forbidden.KeyNotFound"),
            ("TagResource", &[with, ("SecretName", "none")], "404 Forbidden.ResourceNotFound"),
            ("ListResourceTags", &[("KeyId", "alias/a")], "400 Unsupported.Alias"),
            ("ListResourceTags", &[("KeyId", "none")], "404 Forbidden.KeyNotFound"),
            ("UntagResource", &[named], "400 MissingTagKeys"),
            ("UntagResource", &[named, ("TagKeys", "")], "400 InvalidParameter.TagKey"),
            ("UntagResource", &[named, ("TagKeys", "a,,b")], "400 InvalidParameter.TagKey"),
            ("UntagResource", &[named, ("TagKeys", "[]")], "400 InvalidParameter TagKeys"),
            ("UntagResource", &[named, ("TagKeys", "[1]")], "400 InvalidParameter TagKeys"),
            ("UntagResource", &[named, ("TagKeys", r#"["a""#)], "400 InvalidParameter TagKeys"),
        ],
    )
    .await;
    let long = "x".repeat(129);
    let cases = [
        (String::new(), "400 InvalidParameter Tags"),
        ("[]".into(), "400 InvalidParameter Tags"),
        ("{}".into(), "400 InvalidParameter Tags"),
        (many(21), "400 InvalidParameter Tags"),
        (tags(&[("a", "1"), ("a", "2")]), "400 Duplicate.TagKey"),
        (tags(&[("", "1")]), "400 InvalidParameter.TagKey"),
        (tags(&[("aliyun", "1")]), "400 InvalidParameter.TagKey"),
        (tags(&[("acs:x", "1")]), "400 InvalidParameter.TagKey"),
        (tags(&[("a*", "1")]), "400 InvalidParameter.TagKey"),
        (tags(&[(&long, "1")]), "400 InvalidParameter.TagKey"),
        (tags(&[("a", "<")]), "400 InvalidParameter.TagValue"),
        (tags(&[("a", &long)]), "400 InvalidParameter.TagValue"),
        (tags(&[(&long[1..], &long[1..])]), "ok"),
        // One is there already.
        (many(20), "400 Rejected.LimitExceeded"),
        (many(19), "ok"),
        (many(20), "400 Rejected.LimitExceeded"),
    ];
    for (value, expected) in &cases {
        check(&client, &[("TagResource", &[named, ("Tags", value)], expected)]).await;
    }
    assert_eq!(tags_of_key(&client, &key).await.len(), 20);
}

#[tokio::test]
async fn many_resources_all_or_none() {
    let client = client().await;
    let (one, two) = (client.key().await, client.key().await);
    let arn = format!("acs:kms:cn-hangzhou:{}:key/{two}", client.account());
    let tag = [("Tag.1.Key", "env"), ("Tag.1.Value", "prod"), ("Tag.2.Key", "team")];
    let params = [&tag[..], &[REGION, OF_KEYS, ("ResourceId.1", &one), ("ResourceId.2", &arn)]].concat();
    client.ok("TagResources", &params).await;
    let both = owned(&[("env", "prod"), ("team", "")]);
    assert_eq!(tags_of_key(&client, &one).await, both);
    assert_eq!(tags_of_key(&client, &two).await, both);

    // One that is not there, or one that has no room: nothing changes.
    let other = [("Tag.1.Key", "env"), ("Tag.1.Value", "other")];
    let missing = [&other[..], &[REGION, OF_KEYS, ("ResourceId.1", &one), ("ResourceId.2", "none")]].concat();
    let full = [&other[..], &[REGION, OF_KEYS, ("ResourceId.1", &one), ("ResourceId.2", &two)]].concat();
    client.ok("UntagResource", &[("KeyId", &two), ("TagKeys", "env")]).await;
    client.ok("TagResource", &[("KeyId", &two), ("Tags", &many(19))]).await;
    check(
        &client,
        &[
            ("TagResources", &missing, "404 InvalidResourceId.NotFound"),
            ("TagResources", &full, "400 Rejected.LimitExceeded"),
        ],
    )
    .await;
    assert_eq!(tags_of_key(&client, &one).await, both);

    let untag = [REGION, OF_KEYS, ("ResourceId.1", one.as_str()), ("ResourceId.2", two.as_str())];
    client.ok("UntagResources", &[&untag[..], &[("TagKey.1", "team"), ("TagKey.2", "k3")]].concat()).await;
    assert_eq!(tags_of_key(&client, &one).await, owned(&[("env", "prod")]));
    assert_eq!(tags_of_key(&client, &two).await.len(), 18);
    client.ok("UntagResources", &[&untag[..], &[("All", "true")]].concat()).await;
    assert_eq!(tags_of_key(&client, &one).await, []);
    assert_eq!(tags_of_key(&client, &two).await, []);
}

#[tokio::test]
async fn limits_of_many() {
    let client = client().await;
    let key = client.key().await;
    secret(&client, "s").await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let names: Vec<(String, String, String)> = (1..=51)
        .map(|i| (format!("ResourceId.{i}"), format!("Tag.{i}.Key"), format!("TagKey.{i}")))
        .collect();
    let ids: Vec<(&str, &str)> = names.iter().map(|(id, _, _)| (id.as_str(), key.as_str())).collect();
    let values: Vec<String> = (1..=51).map(|i| format!("k{i}")).collect();
    let tag: Vec<(&str, &str)> = names.iter().zip(&values).map(|(n, v)| (n.1.as_str(), v.as_str())).collect();
    let keys: Vec<(&str, &str)> =
        names.iter().zip(&values).map(|(n, v)| (n.2.as_str(), v.as_str())).collect();
    let head = [REGION, OF_KEYS];
    let long = "x".repeat(5000);
    for (operation, params, expected) in [
        ("TagResources", [&head[..], &ids[..50], &tag[..20]].concat(), "ok"),
        ("TagResources", [&head[..], &ids, &tag[..1]].concat(), "400 InvalidParameter ResourceId"),
        ("TagResources", [&head[..], &ids[..1], &tag[..21]].concat(), "400 InvalidParameter Tag"),
        ("UntagResources", [&head[..], &ids, &keys[..1]].concat(), "400 InvalidParameter ResourceId"),
        ("UntagResources", [&head[..], &ids[..1], &keys[..21]].concat(), "400 InvalidParameter TagKey"),
        ("UntagResources", [&head[..], &ids[..50], &keys[..20]].concat(), "ok"),
        ("UntagResources", [&head[..], &ids[..1]].concat(), "400 InvalidParameter TagKey"),
        (
            "UntagResources",
            [&head[..], &ids[..1], &[("All", "false")]].concat(),
            "400 InvalidParameter TagKey",
        ),
        ("UntagResources", [&head[..], &ids[..1], &[("All", "x")]].concat(), "400 InvalidParameter All"),
        (
            "UntagResources",
            [&head[..], &ids[..1], &[("TagKey.1", "a<")]].concat(),
            "400 InvalidParameter.TagKey",
        ),
        ("ListTagResources", [&head[..], &ids].concat(), "400 InvalidParameter ResourceId"),
        ("ListTagResources", [&head[..], &tag[..21]].concat(), "400 InvalidParameter Tag"),
        ("TagResources", [&[OF_KEYS][..], &ids[..1], &tag[..1]].concat(), "400 MissingRegionId"),
        ("TagResources", [&[REGION][..], &ids[..1], &tag[..1]].concat(), "400 MissingResourceType"),
        ("TagResources", [&head[..], &tag[..1]].concat(), "400 MissingResourceId"),
        ("TagResources", [&head[..], &ids[..1]].concat(), "400 MissingTag"),
        (
            "TagResources",
            [&[REGION, ("ResourceType", "alias")][..], &ids[..1], &tag[..1]].concat(),
            "400 InvalidParameter ResourceType",
        ),
        ("ListTagResources", vec![REGION, ("ResourceType", "Key")], "400 InvalidParameter ResourceType"),
        (
            "TagResources",
            [&head[..], &ids[..1], &[("Tag.1.Key", "a"), ("Tag.2.Key", "a")]].concat(),
            "400 Duplicate.TagKey",
        ),
        (
            "TagResources",
            [&head[..], &ids[..1], &[("Tag.1.Value", "a")]].concat(),
            "400 InvalidParameter.TagKey",
        ),
        (
            "TagResources",
            [&head[..], &ids[..1], &[("Tag.1.Key", "a"), ("Tag.1.Value", "<")]].concat(),
            "400 InvalidParameter.TagValue",
        ),
        // Of the other kind, an alias, nothing, and a name that no record can have.
        (
            "TagResources",
            [&[REGION, OF_SECRETS][..], &ids[..1], &tag[..1]].concat(),
            "404 InvalidResourceId.NotFound",
        ),
        (
            "TagResources",
            [&head[..], &[("ResourceId.1", "alias/a")], &tag[..1]].concat(),
            "404 InvalidResourceId.NotFound",
        ),
        (
            "TagResources",
            [&head[..], &[("ResourceId.1", "")], &tag[..1]].concat(),
            "404 InvalidResourceId.NotFound",
        ),
        (
            "TagResources",
            [&head[..], &[("ResourceId.1", long.as_str())], &tag[..1]].concat(),
            "404 InvalidResourceId.NotFound",
        ),
        (
            "ListTagResources",
            [&head[..], &[("ResourceId.1", "none")]].concat(),
            "404 InvalidResourceId.NotFound",
        ),
        ("ListTagResources", [&head[..], &[("NextToken", "x")]].concat(), "400 InvalidParameter NextToken"),
        ("ListTagResources", [&head[..], &[("NextToken", "e30")]].concat(), "400 InvalidParameter NextToken"),
    ] {
        check(&client, &[(operation, &params, expected)]).await;
    }
}

#[tokio::test]
async fn rows_are_listed_by_id_by_tag_or_both() {
    let client = client().await;
    for (name, value) in [("a", "1"), ("b", "2"), ("c", "1")] {
        secret(&client, name).await;
        let tags = tags(&[("env", value), ("of", name)]);
        client.ok("TagResource", &[("SecretName", name), ("Tags", &tags)]).await;
    }
    secret(&client, "untagged").await;
    let key = client.key().await;
    client.ok("TagResource", &[("KeyId", &key), ("Tags", &tags(&[("env", "1")]))]).await;
    let (a, b, c) = (["a env=1", "a of=a"], ["b env=2", "b of=b"], ["c env=1", "c of=c"]);
    let env = ("Tag.1.Key", "env");
    for (params, expected) in [
        (&[OF_SECRETS][..], [a, b, c].concat()),
        (&[OF_SECRETS, ("ResourceId.1", "c"), ("ResourceId.2", "a"), ("ResourceId.3", "c")], [a, c].concat()),
        (&[OF_SECRETS, env], [a, b, c].concat()),
        (&[OF_SECRETS, env, ("Tag.1.Value", "1")], [a, c].concat()),
        (&[OF_SECRETS, env, ("Tag.1.Value", "1"), ("Tag.2.Key", "of"), ("Tag.2.Value", "c")], c.to_vec()),
        (&[OF_SECRETS, env, ("Tag.1.Value", "1"), ("ResourceId.1", "b")], vec![]),
        (&[OF_SECRETS, ("Tag.1.Key", "none")], vec![]),
        (&[OF_SECRETS, ("ResourceId.1", "untagged")], vec![]),
    ] {
        assert_eq!(
            rows(&client, params).await,
            (expected.iter().map(|r| r.to_string()).collect(), 1),
            "{params:?}"
        );
    }
    assert_eq!(rows(&client, &[OF_KEYS]).await.0, [format!("{key} env=1")]);
}

#[tokio::test]
async fn pages_of_rows_end_and_tokens_lead_nowhere_else() {
    let world = World::new().await;
    let client = world.client().await;
    let other = second_account(&world).await;
    let key = other.key().await;
    other.ok("TagResource", &[("KeyId", &key), ("Tags", &tags(&[("hidden", "x")]))]).await;
    let mut keys = Vec::new();
    for _ in 0..21 {
        let answer = client.ok("CreateKey", &[("Tags", &many(20))]).await;
        keys.push(text(&answer["KeyMetadata"]["KeyId"]));
    }
    keys.sort();
    let (all, pages) = rows(&client, &[OF_KEYS]).await;
    assert_eq!((all.len(), pages), (420, 3));
    let mut once = all.clone();
    once.sort();
    once.dedup();
    assert!(once.len() == all.len() && all[0].starts_with(&keys[0]) && all[419].starts_with(&keys[20]));
    // By id the pages are the same.
    let names: Vec<String> = (1..=21).map(|i| format!("ResourceId.{i}")).collect();
    let ids: Vec<(&str, &str)> =
        names.iter().zip(&keys).map(|(name, id)| (name.as_str(), id.as_str())).collect();
    assert_eq!(rows(&client, &[&[OF_KEYS][..], &ids].concat()).await, (all, 3));

    // A token is a place in the caller's own list, whatever stands in it.
    let first = client.ok("ListTagResources", &[REGION, OF_KEYS]).await;
    let token = text(&first["NextToken"]);
    let answer = other.ok("ListTagResources", &[REGION, OF_KEYS, ("NextToken", &token)]).await;
    let rows = answer["TagResources"]["TagResource"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["ResourceId"] == json!(key)), "{rows:?}");
    for at in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let seen = client.call("ListTagResources", &[REGION, OF_KEYS, ("NextToken", &changed)]).await;
        match seen {
            Ok(answer) => {
                let rows = answer["TagResources"]["TagResource"].as_array().unwrap();
                assert!(rows.iter().all(|row| keys.contains(&text(&row["ResourceId"]))), "{changed}");
            }
            Err(error) => assert_eq!(error.status(), 400, "{changed}"),
        }
    }
}

#[tokio::test]
async fn gone_leaving_and_foreign_resources() {
    let world = World::new().await;
    let client = world.client().await;
    let other = second_account(&world).await;
    let (key, foreign) = (client.key().await, other.key().await);
    secret(&client, "s").await;
    secret(&other, "of-other").await;
    let one = tags(&[("a", "1")]);
    let foreign_arn = format!("acs:kms:cn-hangzhou:{}:key/{foreign}", other.account());
    client.ok("TagResource", &[("KeyId", &key), ("Tags", &one)]).await;
    client.ok("TagResource", &[("SecretName", "s"), ("Tags", &one)]).await;
    client.ok("ScheduleKeyDeletion", &[("KeyId", &key), ("PendingWindowInDays", "7")]).await;
    client.ok("DeleteSecret", &[("SecretName", "s"), ("RecoveryWindowInDays", "7")]).await;
    let tag = ("Tag.1.Key", "b");
    check(
        &client,
        &[
            ("TagResource", &[("KeyId", &key), ("Tags", &one)], "ok"),
            ("TagResource", &[("SecretName", "s"), ("Tags", &one)], "409 Rejected.ResourceInDeleteWindow"),
            (
                "TagResources",
                &[REGION, OF_SECRETS, ("ResourceId.1", "s"), tag],
                "409 Rejected.ResourceInDeleteWindow",
            ),
            ("TagResource", &[("KeyId", &foreign), ("Tags", &one)], "404 Forbidden.KeyNotFound"),
            ("TagResource", &[("KeyId", &foreign_arn), ("Tags", &one)], "404 Forbidden.KeyNotFound"),
            ("TagResource", &[("SecretName", "of-other"), ("Tags", &one)], "404 Forbidden.ResourceNotFound"),
            (
                "TagResources",
                &[REGION, OF_KEYS, ("ResourceId.1", &foreign), tag],
                "404 InvalidResourceId.NotFound",
            ),
            (
                "TagResources",
                &[REGION, OF_KEYS, ("ResourceId.1", &foreign_arn), tag],
                "404 InvalidResourceId.NotFound",
            ),
        ],
    )
    .await;
    assert_eq!(rows(&client, &[OF_SECRETS]).await.0, ["s a=1"]);
    world.clock.advance(7 * 86_400);
    assert_eq!(rows(&client, &[OF_SECRETS]).await.0, [""; 0]);
    assert_eq!(rows(&client, &[OF_KEYS]).await.0, [""; 0]);
    check(
        &client,
        &[
            ("ListResourceTags", &[("KeyId", &key)], "404 Forbidden.KeyNotFound"),
            (
                "ListTagResources",
                &[REGION, OF_KEYS, ("ResourceId.1", &key)],
                "404 InvalidResourceId.NotFound",
            ),
        ],
    )
    .await;
}

/// Tags that many set at once, on two engines, are all there in the end.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_tag_is_lost() {
    let world = World::new().await;
    let nodes = [world.client().await, world.client().await];
    let key = nodes[0].key().await;
    let tasks: Vec<_> = (0..20)
        .map(|i| {
            let (client, key) = (nodes[i % 2].clone(), key.clone());
            tokio::spawn(async move {
                let one = tags(&[(&format!("k{i:02}"), "v")]);
                client.ok("TagResource", &[("KeyId", &key), ("Tags", &one)]).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(tags_of_key(&nodes[0], &key).await.len(), 20);
}
