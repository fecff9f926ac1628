//! ListSecrets.

use keystead_api::Timestamp;
use keystead_service::records::{SecretRecord, path};
use serde_json::json;

use crate::harness::{START, START_TEXT, World, check, texts};

#[tokio::test]
async fn pages_and_entries() {
    let world = World::new().await;
    let client = world.client().await;
    let names: Vec<String> = (0..21).map(|i| format!("team/s{i:02}")).collect();
    for name in &names {
        let params = [("SecretName", name.as_str()), ("VersionId", "v"), ("SecretData", "x")];
        client.ok("CreateSecret", &params).await;
    }
    for (page, size, expected) in [
        ("1", "10", &names[..10]),
        ("3", "10", &names[20..]),
        ("4", "10", &[]),
        ("1", "100", &names[..]),
        ("21", "1", &names[20..]),
    ] {
        let answer = client.ok("ListSecrets", &[("PageNumber", page), ("PageSize", size)]).await;
        assert_eq!(texts(&answer["SecretList"]["Secret"], "SecretName"), expected);
        assert_eq!(answer["TotalCount"], 21);
    }
    let answer = client.ok("ListSecrets", &[]).await;
    assert_eq!((&answer["PageNumber"], &answer["PageSize"]), (&json!(1), &json!(10)));
    let entry = json!({
        "CreateTime": START_TEXT,
        "SecretName": "team/s00",
        "SecretType": "Generic",
        "UpdateTime": START_TEXT,
    });
    assert_eq!(answer["SecretList"]["Secret"][0], entry);
    check(
        &client,
        &[
            ("ListSecrets", &[("PageNumber", "0")], "400 InvalidParameter PageNumber"),
            ("ListSecrets", &[("PageSize", "0")], "400 InvalidParameter PageSize"),
            ("ListSecrets", &[("PageSize", "101")], "400 InvalidParameter PageSize"),
            ("ListSecrets", &[("FetchTags", "x")], "400 InvalidParameter FetchTags"),
        ],
    )
    .await;
}

#[tokio::test]
async fn filters_tags_and_the_deletion_window() {
    let world = World::new().await;
    let client = world.client().await;
    let tags = r#"[{"TagKey":"env","TagValue":"prod"}]"#;
    for (name, description, tags) in
        [("db/one", "first of all", tags), ("db/two", "second", "[]"), ("api", "first", "[]")]
    {
        let params = [
            ("SecretName", name),
            ("VersionId", "v"),
            ("SecretData", "x"),
            ("Description", description),
            ("Tags", tags),
        ];
        client.ok("CreateSecret", &params).await;
    }
    let account = client.account().to_owned();
    for (filters, expected) in [
        (json!([]), vec!["api", "db/one", "db/two"]),
        (json!([{ "Key": "SecretName", "Values": ["db/"] }]), vec!["db/one", "db/two"]),
        (json!([{ "Key": "SecretName", "Values": ["one", "api"] }]), vec!["api", "db/one"]),
        (json!([{ "Key": "Description", "Values": ["first"] }]), vec!["api", "db/one"]),
        (
            json!([{ "Key": "SecretName", "Values": ["db"] }, { "Key": "Description", "Values": ["first"] }]),
            vec!["db/one"],
        ),
        (json!([{ "Key": "TagKey", "Values": ["env"] }]), vec!["db/one"]),
        (json!([{ "Key": "TagValue", "Values": ["prod", "x"] }]), vec!["db/one"]),
        (json!([{ "Key": "SecretType", "Values": ["generic"] }]), vec!["api", "db/one", "db/two"]),
        (json!([{ "Key": "SecretType", "Values": ["RDS"] }]), vec![]),
        (json!([{ "Key": "DKMSInstanceId", "Values": ["kst-1"] }]), vec![]),
        (json!([{ "Key": "Creator", "Values": [account] }]), vec!["api", "db/one", "db/two"]),
    ] {
        let answer = client.ok("ListSecrets", &[("Filters", &filters.to_string())]).await;
        assert_eq!(texts(&answer["SecretList"]["Secret"], "SecretName"), expected, "{filters}");
    }

    let answer = client.ok("ListSecrets", &[("FetchTags", "true")]).await;
    let secrets = &answer["SecretList"]["Secret"];
    assert_eq!(secrets[1]["Tags"]["Tag"], json!([{ "TagKey": "env", "TagValue": "prod" }]));
    assert_eq!(secrets[0]["Tags"]["Tag"], json!([]));

    let at = path::secret(client.account(), "api");
    client.rewrite::<SecretRecord>(&at, |secret| secret.planned_delete = Some(Timestamp(START.0 + 60))).await;
    let answer = client.ok("ListSecrets", &[]).await;
    assert_eq!(answer["SecretList"]["Secret"][0]["PlannedDeleteTime"], "2027-01-15T08:01:00Z");
}
