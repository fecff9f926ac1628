//! Accounts of one installation see nothing of each other.

use crate::harness::{World, check, text, texts};

const DOCUMENT: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com"]}}]}"#;

#[tokio::test]
async fn names_of_another_account_are_unknown() {
    let world = World::new().await;
    let (account, id, secret) = world.second_account().await;
    let first = world.client().await;
    let second = first.caller(&id, &secret).await;
    assert!(second.caller.is_root() && second.account() == account && account != first.account());

    first.ok("ram:CreateUser", &[("UserName", "alice")]).await;
    first.ok("ram:CreateGroup", &[("GroupName", "ops")]).await;
    first.ok("ram:CreateRole", &[("RoleName", "role"), ("AssumeRolePolicyDocument", TRUST)]).await;
    first.ok("ram:CreatePolicy", &[("PolicyName", "mine"), ("PolicyDocument", DOCUMENT)]).await;
    first
        .ok("ims:CreateOIDCProvider", &[("OIDCProviderName", "ci"), ("IssuerUrl", "https://a.example")])
        .await;
    first.ok("ram:AddUserToGroup", &[("UserName", "alice"), ("GroupName", "ops")]).await;
    let key = first.ok("ram:CreateAccessKey", &[("UserName", "alice")]).await;
    let key = text(&key["AccessKey"]["AccessKeyId"]);

    let custom = [("PolicyName", "mine"), ("PolicyType", "Custom")];
    check(
        &second,
        &[
            ("ram:GetUser", &[("UserName", "alice")], "404 EntityNotExist.User"),
            ("ram:DeleteUser", &[("UserName", "alice")], "404 EntityNotExist.User"),
            ("ram:CreateAccessKey", &[("UserName", "alice")], "404 EntityNotExist.User"),
            ("ram:DeleteAccessKey", &[("UserAccessKeyId", &key)], "404 EntityNotExist.User.AccessKey"),
            (
                "ram:UpdateAccessKey",
                &[("UserAccessKeyId", &world.access_key_id), ("Status", "Inactive")],
                "404 EntityNotExist.User.AccessKey",
            ),
            ("ram:GetAccessKeyLastUsed", &[("UserAccessKeyId", &key)], "404 EntityNotExist.User.AccessKey"),
            ("ram:GetGroup", &[("GroupName", "ops")], "404 EntityNotExist.Group"),
            ("ram:GetRole", &[("RoleName", "role")], "404 EntityNotExist.Role"),
            ("ram:GetPolicy", &custom, "404 EntityNotExist.Policy"),
            ("ram:ListEntitiesForPolicy", &custom, "404 EntityNotExist.Policy"),
            ("ims:GetOIDCProvider", &[("OIDCProviderName", "ci")], "404 EntityNotExist.OIDCProvider"),
            // The same names again, and the same issuer.
            ("ram:CreateUser", &[("UserName", "alice")], "ok"),
            ("ram:CreateGroup", &[("GroupName", "ops")], "ok"),
            ("ram:CreatePolicy", &[("PolicyName", "mine"), ("PolicyDocument", DOCUMENT)], "ok"),
            (
                "ims:CreateOIDCProvider",
                &[("OIDCProviderName", "ci"), ("IssuerUrl", "https://a.example")],
                "ok",
            ),
        ],
    )
    .await;
    let members = second.ok("ram:ListUsersForGroup", &[("GroupName", "ops")]).await;
    assert!(texts(&members["Users"]["User"], "UserName").is_empty());
    let keys = second.ok("ram:ListAccessKeys", &[("UserName", "alice")]).await;
    assert!(texts(&keys["AccessKeys"]["AccessKey"], "AccessKeyId").is_empty());
    let roots = second.ok("ram:ListAccessKeys", &[]).await;
    assert_eq!(texts(&roots["AccessKeys"]["AccessKey"], "AccessKeyId"), [id.as_str()]);
    assert!(texts(&second.ok("ram:ListRoles", &[]).await["Roles"]["Role"], "RoleName").is_empty());
    assert_eq!(second.outcome("CreateKey", &[]).await, "ok");
    let keys = first.ok("ListKeys", &[]).await;
    assert_eq!(keys["TotalCount"], 0, "keys of the second account are not the first one's");
}
