//! BatchGetSecretValue.

use serde_json::{Value, json};

use crate::harness::{check, client, texts};
use crate::secret_types::one_of_each;
use crate::secrets::{create, put};

fn list(items: &[Value]) -> String {
    json!(items).to_string()
}

#[tokio::test]
async fn what_can_be_read_is_and_the_rest_is_told() {
    let client = client().await;
    let key = client.key().await;
    create(&client, "a").await;
    put(&client, "a", "v2", "two").await;
    let sealed =
        [("SecretName", "sealed"), ("VersionId", "v1"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    client.ok("CreateSecret", &sealed).await;
    create(&client, "going").await;
    client.ok("DeleteSecret", &[("SecretName", "going")]).await;
    let (kind, rds, config, data) = one_of_each().remove(0);
    let config = config.to_string();
    let params = [
        ("SecretType", kind),
        ("SecretName", rds),
        ("VersionId", "v1"),
        ("ExtendedConfig", &config),
        ("SecretData", &data),
    ];
    client.ok("CreateSecret", &params).await;
    let arn = format!("acs:kms:cn-hangzhou:{}:secret/{rds}", client.account());
    let items = list(&[
        json!({ "SecretName": "a", "VersionStage": "ACSPrevious" }),
        json!({ "SecretName": "none" }),
        json!({ "SecretName": arn, "FetchExtendedConfig": "true" }),
        json!({ "SecretName": "sealed" }),
        json!({ "SecretName": "going" }),
    ]);
    let answer = client.ok("BatchGetSecretValue", &[("SecretsList", &items)]).await;
    let values = &answer["SecretValues"];
    assert_eq!(texts(values, "SecretName"), ["a", rds, "sealed"]);
    // Each is what GetSecretValue gives.
    for (index, params) in [
        (0, vec![("SecretName", "a"), ("VersionStage", "ACSPrevious")]),
        (1, vec![("SecretName", rds), ("FetchExtendedConfig", "true")]),
        (2, vec![("SecretName", "sealed")]),
    ] {
        let mut one = client.ok("GetSecretValue", &params).await;
        one.as_object_mut().unwrap().remove("RequestId");
        assert_eq!(values[index], one);
    }
    assert_eq!(
        answer["Errors"],
        json!([
            {
                "Code": "Forbidden.ResourceNotFound",
                "HttpStatus": 404,
                "Message": "Resource not found.",
                "SecretName": "none",
            },
            {
                "Code": "Rejected.ResourceInDeleteWindow",
                "HttpStatus": 409,
                "Message": "The secret is planned to be deleted.",
                "SecretName": "going",
            },
        ])
    );
    // The state of one's key is one's own matter.
    client.ok("DisableKey", &[("KeyId", &key)]).await;
    let answer = client.ok("BatchGetSecretValue", &[("SecretsList", &items)]).await;
    assert_eq!(texts(&answer["SecretValues"], "SecretName"), ["a", rds]);
    assert_eq!(texts(&answer["Errors"], "Code")[1], "Rejected.Disabled");
    // Nothing at all is no failure either.
    let answer = client.ok("BatchGetSecretValue", &[("SecretsList", r#"[{"SecretName":"none"}]"#)]).await;
    assert_eq!(
        (answer["SecretValues"].as_array().unwrap().len(), answer["Errors"].as_array().unwrap().len()),
        (0, 1)
    );
}

#[tokio::test]
async fn rules_of_the_list() {
    let client = client().await;
    create(&client, "a").await;
    let arn = format!("acs:kms:cn-hangzhou:{}:secret/a", client.account());
    let others_arn = "acs:kms:cn-hangzhou:1234567890123456:secret/a";
    let many = |count: usize| -> String {
        json!((0..count).map(|i| json!({ "SecretName": format!("s{i}") })).collect::<Vec<_>>()).to_string()
    };
    let (full, too_full) = (many(20), many(21));
    let pair = |one: &str, two: &str| list(&[json!({ "SecretName": one }), json!({ "SecretName": two })]);
    let (twice, by_arn, others) = (pair("a", "a"), pair("a", &arn), pair("a", others_arn));
    let bad = "400 InvalidParameter SecretsList";
    for (text, expected) in [
        ("[]", bad),
        ("", bad),
        ("{}", bad),
        ("x", bad),
        ("[1]", bad),
        ("[{}]", bad),
        (r#"[{"SecretName":""}]"#, bad),
        (&full, "ok"),
        (&too_full, bad),
        (&twice, bad),
        (&by_arn, bad),
        (&others, "ok"),
    ] {
        check(&client, &[("BatchGetSecretValue", &[("SecretsList", text)], expected)]).await;
    }
    check(&client, &[("BatchGetSecretValue", &[], "400 MissingParameter")]).await;
    let flag = r#"[{"SecretName":"a","FetchExtendedConfig":"x"}]"#;
    let answer = client.ok("BatchGetSecretValue", &[("SecretsList", flag)]).await;
    assert_eq!(texts(&answer["Errors"], "Code"), ["InvalidParameter"]);
}
