//! Roles and their trust policies.

use serde_json::Value;

use crate::harness::{START_TEXT, check, client, text, texts};

const TRUST: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":["acs:ram::1234567890123456:root"]}}]}"#;
const OTHER_TRUST: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com"]}}]}"#;

#[tokio::test]
async fn a_role_lives() {
    let world = crate::harness::World::new().await;
    let client = world.client().await;
    let tags = r#"[{"Key":"team","Value":"pay"},{"Key":"env"}]"#;
    let made = client
        .ok(
            "ram:CreateRole",
            &[
                ("RoleName", "Ops-1.x"),
                ("AssumeRolePolicyDocument", TRUST),
                ("Description", "for ops"),
                ("MaxSessionDuration", "43200"),
                ("Tag", tags),
            ],
        )
        .await["Role"]
        .clone();
    let id = text(&made["RoleId"]);
    assert!(id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");
    assert_eq!(made["Arn"], format!("acs:ram::{}:role/Ops-1.x", client.account()));
    assert_eq!(
        (&made["AssumeRolePolicyDocument"], &made["MaxSessionDuration"]),
        (&TRUST.into(), &43_200.into())
    );

    world.clock.advance(60);
    let shown = client.ok("ram:GetRole", &[("RoleName", "ops-1.X")]).await["Role"].clone();
    for name in ["RoleId", "RoleName", "Arn", "Description", "AssumeRolePolicyDocument", "CreateDate"] {
        assert_eq!(shown[name], made[name], "{name}");
    }
    assert_eq!((&shown["UpdateDate"], &shown["LatestDeletionTask"]), (&START_TEXT.into(), &Value::Null));
    let changed = client
        .ok(
            "ram:UpdateRole",
            &[
                ("RoleName", "ops-1.x"),
                ("NewAssumeRolePolicyDocument", OTHER_TRUST),
                ("NewDescription", "x"),
                ("NewMaxSessionDuration", "3600"),
            ],
        )
        .await["Role"]
        .clone();
    assert_eq!(
        (&changed["AssumeRolePolicyDocument"], &changed["MaxSessionDuration"]),
        (&OTHER_TRUST.into(), &3600.into())
    );
    assert_eq!(changed["UpdateDate"], "2027-01-15T08:01:00Z");

    let listed = client.ok("ram:ListRoles", &[("Tag", r#"[{"Key":"team","Value":"pay"}]"#)]).await;
    assert_eq!(texts(&listed["Roles"]["Role"], "RoleName"), ["Ops-1.x"]);
    assert_eq!(texts(&listed["Roles"]["Role"][0]["Tags"]["Tag"], "TagKey"), ["env", "team"]);
    let none = client.ok("ram:ListRoles", &[("Tag", r#"[{"Key":"team","Value":"x"}]"#)]).await;
    assert!(texts(&none["Roles"]["Role"], "RoleName").is_empty());

    client.ok("ram:DeleteRole", &[("RoleName", "ops-1.x")]).await;
    let again = [("RoleName", "Ops-1.x"), ("AssumeRolePolicyDocument", TRUST)];
    let again = client.ok("ram:CreateRole", &again).await["Role"].clone();
    assert_ne!(again["RoleId"], id.as_str(), "a role made again is another one");
    assert_eq!(again["MaxSessionDuration"], 3600);
}

#[tokio::test]
async fn what_is_refused() {
    let client = client().await;
    let trust = ("AssumeRolePolicyDocument", TRUST);
    let (long, description) = ("x".repeat(65), "x".repeat(1025));
    let huge = "x".repeat(4097);
    check(
        &client,
        &[
            ("ram:CreateRole", &[("RoleName", "a")], "400 MissingAssumeRolePolicyDocument"),
            ("ram:CreateRole", &[trust], "400 MissingRoleName"),
            ("ram:CreateRole", &[trust, ("RoleName", &long)], "400 InvalidParameter.RoleName.Length"),
            ("ram:CreateRole", &[trust, ("RoleName", "a_b")], "400 InvalidParameter.RoleName.InvalidChars"),
            (
                "ram:CreateRole",
                &[trust, ("RoleName", "a"), ("Description", &description)],
                "400 InvalidParameter.Description.Length",
            ),
            (
                "ram:CreateRole",
                &[trust, ("RoleName", "a"), ("MaxSessionDuration", "3599")],
                "400 InvalidParameter.MaxSessionDuration",
            ),
            (
                "ram:CreateRole",
                &[trust, ("RoleName", "a"), ("MaxSessionDuration", "43201")],
                "400 InvalidParameter.MaxSessionDuration",
            ),
            (
                "ram:CreateRole",
                &[("RoleName", "a"), ("AssumeRolePolicyDocument", "{}")],
                "400 MalformedPolicyDocument",
            ),
            (
                "ram:CreateRole",
                &[("RoleName", "a"), ("AssumeRolePolicyDocument", &huge)],
                "400 InvalidParameter.AssumeRolePolicyDocument.Length",
            ),
            ("ram:CreateRole", &[trust, ("RoleName", "a"), ("Tag", "{}")], "400 InvalidParameter Tag"),
            (
                "ram:CreateRole",
                &[trust, ("RoleName", "a"), ("Tag", r#"[{"Key":"acs:x"}]"#)],
                "400 InvalidParameter.TagKey",
            ),
            (
                "ram:CreateRole",
                &[trust, ("RoleName", "a"), ("Tag", r#"[{"Key":"a","Value":"<"}]"#)],
                "400 InvalidParameter.TagValue",
            ),
            (
                "ram:CreateRole",
                &[trust, ("RoleName", "a"), ("Tag", r#"[{"Key":"a"},{"Key":"a"}]"#)],
                "400 Duplicate.TagKey",
            ),
            ("ram:CreateRole", &[trust, ("RoleName", "a")], "ok"),
            ("ram:CreateRole", &[trust, ("RoleName", "A")], "409 EntityAlreadyExists.Role"),
            ("ram:GetRole", &[("RoleName", "b")], "404 EntityNotExist.Role"),
            ("ram:UpdateRole", &[("RoleName", "b")], "404 EntityNotExist.Role"),
            (
                "ram:UpdateRole",
                &[("RoleName", "a"), ("NewAssumeRolePolicyDocument", "[]")],
                "400 MalformedPolicyDocument",
            ),
            (
                "ram:UpdateRole",
                &[("RoleName", "a"), ("NewMaxSessionDuration", "1")],
                "400 InvalidParameter.NewMaxSessionDuration",
            ),
            (
                "ram:UpdateRole",
                &[("RoleName", "a"), ("NewDescription", &description)],
                "400 InvalidParameter.NewDescription.Length",
            ),
            ("ram:DeleteRole", &[("RoleName", "b")], "404 EntityNotExist.Role"),
            (
                "ram:AttachPolicyToRole",
                &[("RoleName", "a"), ("PolicyType", "System"), ("PolicyName", "ReadOnlyAccess")],
                "ok",
            ),
            ("ram:DeleteRole", &[("RoleName", "a")], "409 DeleteConflict.Role.Policy"),
            ("ram:ListRoles", &[("Tag", "x")], "400 InvalidParameter Tag"),
        ],
    )
    .await;
    let place = client
        .call(
            "ram:CreateRole",
            &[("RoleName", "c"), ("AssumeRolePolicyDocument", r#"{"Version":"1","Statement":[{}]}"#)],
        )
        .await
        .unwrap_err();
    assert!(place.message().contains("Statement[0]"), "{place}");
}

#[tokio::test]
async fn tags_of_roles_and_policies() {
    let client = client().await;
    let document = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
    for name in ["a", "B"] {
        client.ok("ram:CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await;
        client.ok("ram:CreatePolicy", &[("PolicyName", name), ("PolicyDocument", document)]).await;
    }
    for kind in ["role", "policy"] {
        let kind = ("ResourceType", kind);
        let both = ("ResourceNames", r#"["A","b","a"]"#);
        let tags = ("Tag", r#"[{"Key":"x","Value":"1"},{"Key":"y","Value":""}]"#);
        client.ok("ram:TagResources", &[kind, both, tags]).await;
        client
            .ok(
                "ram:TagResources",
                &[kind, ("ResourceNames", r#"["b"]"#), ("Tag", r#"[{"Key":"x","Value":"2"}]"#)],
            )
            .await;
        let first = client.ok("ram:ListTagResources", &[kind, ("PageSize", "3")]).await;
        assert_eq!(texts(&first["TagResources"], "ResourceName"), ["a", "a", "B"]);
        assert_eq!(texts(&first["TagResources"], "TagValue"), ["1", "", "2"]);
        let rest =
            client.ok("ram:ListTagResources", &[kind, ("NextToken", &text(&first["NextToken"]))]).await;
        assert_eq!(texts(&rest["TagResources"], "TagKey"), ["y"]);
        assert_eq!(rest["NextToken"], Value::Null);
        let found = client.ok("ram:ListTagResources", &[kind, ("Tag", r#"[{"Key":"x","Value":"2"}]"#)]).await;
        assert_eq!(texts(&found["TagResources"], "ResourceName"), ["B", "B"]);

        client.ok("ram:UntagResources", &[kind, both, ("TagKeys", r#"["x"]"#)]).await;
        let left = client.ok("ram:ListTagResources", &[kind, ("ResourceNames", r#"["b"]"#)]).await;
        assert_eq!(texts(&left["TagResources"], "TagKey"), ["y"]);
        client.ok("ram:UntagResources", &[kind, both, ("All", "true")]).await;
        let left = client.ok("ram:ListTagResources", &[kind]).await;
        assert!(texts(&left["TagResources"], "TagKey").is_empty());
        let missing = if kind.1 == "role" { "404 EntityNotExist.Role" } else { "404 EntityNotExist.Policy" };
        check(
            &client,
            &[
                ("ram:TagResources", &[kind, ("ResourceNames", r#"["c"]"#), tags], missing),
                (
                    "ram:TagResources",
                    &[kind, ("ResourceNames", "[]"), tags],
                    "400 InvalidParameter ResourceNames",
                ),
                ("ram:TagResources", &[kind, both, ("Tag", "[]")], "400 InvalidParameter Tag"),
                (
                    "ram:TagResources",
                    &[("ResourceType", "user"), both, tags],
                    "400 InvalidParameter.ResourceType",
                ),
                ("ram:UntagResources", &[kind, both], "400 InvalidParameter TagKeys"),
                ("ram:ListTagResources", &[kind, ("PageSize", "101")], "400 InvalidParameter.PageSize"),
                ("ram:ListTagResources", &[kind, ("NextToken", "?")], "400 InvalidParameter.NextToken"),
            ],
        )
        .await;
    }
}
