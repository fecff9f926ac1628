//! UpdateSecretVersionStage and ListSecretVersionIds.

use serde_json::{Value, json};

use crate::harness::{Client, START_TEXT, World, check, text};
use crate::secrets::{create, put};

/// Labels by version, newest first, as ListSecretVersionIds shows them.
async fn labels(client: &Client) -> Vec<(String, Vec<String>)> {
    let params = [("SecretName", "s"), ("IncludeDeprecated", "true")];
    entries(&client.ok("ListSecretVersionIds", &params).await)
}

fn entries(answer: &Value) -> Vec<(String, Vec<String>)> {
    let versions = answer["VersionIds"]["VersionId"].as_array().unwrap();
    let stages = |version: &Value| {
        version["VersionStages"]["VersionStage"].as_array().unwrap().iter().map(text).collect()
    };
    versions.iter().map(|version| (text(&version["VersionId"]), stages(version))).collect()
}

fn expected(all: &[(&str, &[&str])]) -> Vec<(String, Vec<String>)> {
    all.iter()
        .map(|(id, labels)| ((*id).to_owned(), labels.iter().map(|l| (*l).to_owned()).collect()))
        .collect()
}

#[tokio::test]
async fn labels_are_moved_and_taken_away() {
    let world = World::new().await;
    let client = world.client().await;
    create(&client, "s").await;
    put(&client, "s", "v2", "two").await;
    put(&client, "s", "v3", "three").await;
    world.clock.advance(60);
    let name = ("SecretName", "s");
    let (current, previous) = (("VersionStage", "ACSCurrent"), ("VersionStage", "ACSPrevious"));
    let (mine, to, from) = (("VersionStage", "mine"), "MoveToVersion", "RemoveFromVersion");
    let step = async |params: &[(&str, &str)], after: &[(&str, &[&str])]| {
        let params = [&[name], params].concat();
        assert_eq!(client.ok("UpdateSecretVersionStage", &params).await["SecretName"], "s");
        assert_eq!(labels(&client).await, expected(after), "{params:?}");
    };
    step(&[mine, (to, "v1")], &[("v3", &["ACSCurrent"]), ("v2", &["ACSPrevious"]), ("v1", &["mine"])]).await;
    // A label stands on one version only.
    step(&[mine, (to, "v2")], &[("v3", &["ACSCurrent"]), ("v2", &["ACSPrevious", "mine"]), ("v1", &[])])
        .await;
    step(
        &[mine, (to, "v1"), (from, "v2")],
        &[("v3", &["ACSCurrent"]), ("v2", &["ACSPrevious"]), ("v1", &["mine"])],
    )
    .await;
    step(&[mine, (from, "v1")], &[("v3", &["ACSCurrent"]), ("v2", &["ACSPrevious"]), ("v1", &[])]).await;
    // Going back: the one that was current becomes the previous one.
    step(&[current, (to, "v2")], &[("v3", &["ACSPrevious"]), ("v2", &["ACSCurrent"]), ("v1", &[])]).await;
    step(
        &[current, (to, "v1"), (from, "v2")],
        &[("v3", &[]), ("v2", &["ACSPrevious"]), ("v1", &["ACSCurrent"])],
    )
    .await;
    // To where it is already: nothing changes, and nothing becomes the previous one.
    let before = client.engine.store().horizon();
    step(&[current, (to, "v1")], &[("v3", &[]), ("v2", &["ACSPrevious"]), ("v1", &["ACSCurrent"])]).await;
    assert_eq!(client.engine.store().horizon(), before);
    step(&[previous, (to, "v3")], &[("v3", &["ACSPrevious"]), ("v2", &[]), ("v1", &["ACSCurrent"])]).await;
    step(&[previous, (to, "v1")], &[("v3", &[]), ("v2", &[]), ("v1", &["ACSCurrent", "ACSPrevious"])]).await;
    let described = client.ok("DescribeSecret", &[name]).await;
    assert_eq!(described["UpdateTime"], "2027-01-15T08:01:00Z");

    let (mismatch, missing) = ("400 Rejected.InvalidRequest", "404 Forbidden.ResourceNotFound");
    let unsupported = "400 Rejected.UnsupportedOperation";
    let long = "x".repeat(65);
    let rows: &[(&[(&str, &str)], &str)] = &[
        (&[mine], "400 MissingParameter"),
        (&[mine, (to, ""), (from, "")], "400 MissingParameter"),
        (&[(to, "v1")], "400 MissingVersionStage"),
        (&[("VersionStage", ""), (to, "v1")], "400 InvalidParameter VersionStage"),
        (&[("VersionStage", &long), (to, "v1")], "400 InvalidParameter VersionStage"),
        (&[mine, (to, "none")], missing),
        (&[mine, (from, "none")], missing),
        (&[mine, (from, "v1")], mismatch),
        (&[mine, (to, "v1"), (from, "v2")], mismatch),
        (&[current, (to, "v2"), (from, "v3")], mismatch),
        (&[current, (to, "none"), (from, "v1")], missing),
        (&[current, (from, "v1")], unsupported),
        (&[previous, (from, "v1")], unsupported),
        (&[current, (from, "v3")], mismatch),
    ];
    for (params, expected) in rows {
        let params = [&[name], *params].concat();
        check(&client, &[("UpdateSecretVersionStage", &params, expected)]).await;
    }
    let nobody = [("SecretName", "none"), mine, (to, "v1")];
    check(&client, &[("UpdateSecretVersionStage", &nobody, missing)]).await;
}

#[tokio::test]
async fn at_most_eight_labels() {
    let client = crate::harness::client().await;
    create(&client, "s").await;
    let (name, to) = (("SecretName", "s"), ("MoveToVersion", "v1"));
    for i in 0..7 {
        let label = format!("l{i}");
        client.ok("UpdateSecretVersionStage", &[name, ("VersionStage", &label), to]).await;
    }
    let limit = "400 Rejected.LimitExceeded";
    check(&client, &[("UpdateSecretVersionStage", &[name, ("VersionStage", "l7"), to], limit)]).await;
    // A new version that becomes current makes one more: ACSPrevious.
    let put = [name, ("VersionId", "v2"), ("SecretData", "x")];
    let put_with = [name, ("VersionId", "v2"), ("SecretData", "x"), ("VersionStages", r#"["l0"]"#)];
    check(
        &client,
        &[
            ("PutSecretValue", &put, limit),
            ("PutSecretValue", &put_with, "ok"),
            (
                "UpdateSecretVersionStage",
                &[name, ("VersionStage", "ACSCurrent"), ("MoveToVersion", "v2")],
                limit,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn versions_are_listed() {
    let world = World::new().await;
    let client = world.client().await;
    create(&client, "s").await;
    world.clock.advance(60);
    for i in 2..=10 {
        put(&client, "s", &format!("v{i}"), "x").await;
    }
    let name = ("SecretName", "s");
    let answer = client.ok("ListSecretVersionIds", &[name]).await;
    assert_eq!(entries(&answer), expected(&[("v10", &["ACSCurrent"]), ("v9", &["ACSPrevious"])]));
    let (page, size) = (&answer["PageNumber"], &answer["PageSize"]);
    assert_eq!((page, size, &answer["TotalCount"]), (&json!(1), &json!(20), &json!(2)));
    assert_eq!(answer["SecretName"], "s");
    let all = ("IncludeDeprecated", "True");
    let answer =
        client.ok("ListSecretVersionIds", &[name, all, ("PageSize", "4"), ("PageNumber", "3")]).await;
    assert_eq!(entries(&answer), expected(&[("v2", &[]), ("v1", &[])]));
    assert_eq!(answer["TotalCount"], 10);
    assert_eq!(answer["VersionIds"]["VersionId"][0]["CreateTime"], "2027-01-15T08:01:00Z");
    assert_eq!(answer["VersionIds"]["VersionId"][1]["CreateTime"], START_TEXT);
    check(
        &client,
        &[
            (
                "ListSecretVersionIds",
                &[name, ("IncludeDeprecated", "x")],
                "400 InvalidParameter IncludeDeprecated",
            ),
            ("ListSecretVersionIds", &[name, ("PageNumber", "0")], "400 InvalidParameter PageNumber"),
            ("ListSecretVersionIds", &[name, ("PageSize", "101")], "400 InvalidParameter PageSize"),
            ("ListSecretVersionIds", &[("SecretName", "none")], "404 Forbidden.ResourceNotFound"),
        ],
    )
    .await;
}
