//! Policies attached to users, groups and roles.

use crate::harness::{Client, START_TEXT, check, client, texts};

const DOCUMENT: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
const TRUST: &str = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["ecs.aliyuncs.com"]}}]}"#;

/// What can hold a policy: its kind and the parameter that names it.
const HOLDERS: [(&str, &str); 3] = [("User", "UserName"), ("Group", "GroupName"), ("Role", "RoleName")];

async fn populated() -> Client {
    let client = client().await;
    client.ok("ram:CreateUser", &[("UserName", "a"), ("DisplayName", "A.")]).await;
    client.ok("ram:CreateGroup", &[("GroupName", "a")]).await;
    client.ok("ram:CreateRole", &[("RoleName", "a"), ("AssumeRolePolicyDocument", TRUST)]).await;
    client.ok("ram:CreatePolicy", &[("PolicyName", "Mine"), ("PolicyDocument", DOCUMENT)]).await;
    client
}

#[tokio::test]
async fn attached_listed_detached() {
    let client = populated().await;
    for (kind, param) in HOLDERS {
        let (attach, detach) = (format!("ram:AttachPolicyTo{kind}"), format!("ram:DetachPolicyFrom{kind}"));
        let list = format!("ram:ListPoliciesFor{kind}");
        let mine = [(param, "a"), ("PolicyName", "MINE"), ("PolicyType", "Custom")];
        let system = [(param, "A"), ("PolicyName", "readonlyaccess"), ("PolicyType", "System")];
        let absent = format!("404 EntityNotExist.{kind}.Policy");
        let twice = format!("409 EntityAlreadyExists.{kind}.Policy");
        check(
            &client,
            &[
                (&detach, &mine, &absent),
                (&attach, &mine, "ok"),
                (&attach, &mine, &twice),
                (&attach, &system, "ok"),
                (&attach, &system, &twice),
                (&attach, &[(param, "b"), mine[1], mine[2]], &format!("404 EntityNotExist.{kind}")),
                (&attach, &[mine[0], ("PolicyName", "none"), mine[2]], "404 EntityNotExist.Policy"),
                (&attach, &[mine[0], mine[1], ("PolicyType", "x")], "400 InvalidParameter.PolicyType"),
                // A policy that is to hold in one resource group must not hold everywhere.
                (
                    &attach,
                    &[mine[0], ("PolicyName", "AdministratorAccess"), system[2], ("ResourceGroupId", "rg-1")],
                    "400 InvalidParameter.ResourceGroupId",
                ),
                (&list, &[(param, "b")], &format!("404 EntityNotExist.{kind}")),
                ("ram:DeletePolicy", &[("PolicyName", "mine")], &format!("409 DeleteConflict.Policy.{kind}")),
            ],
        )
        .await;
        let listed = client.ok(&list, &[(param, "a")]).await["Policies"]["Policy"].clone();
        assert_eq!(texts(&listed, "PolicyName"), ["Mine", "ReadOnlyAccess"]);
        assert_eq!(texts(&listed, "PolicyType"), ["Custom", "System"]);
        assert_eq!(texts(&listed, "AttachDate"), [START_TEXT, START_TEXT]);
        let shown = client.ok("ram:GetPolicy", &[mine[1], mine[2]]).await;
        assert_eq!(shown["Policy"]["AttachmentCount"], 1);
        let entities = client.ok("ram:ListEntitiesForPolicy", &[mine[1], mine[2]]).await;
        let of = |list: &str, item: &str, name: &str| texts(&entities[list][item], name);
        let named = [
            of("Users", "User", "UserName"),
            of("Groups", "Group", "GroupName"),
            of("Roles", "Role", "RoleName"),
        ];
        let expected = HOLDERS.map(|(other, _)| if other == kind { vec!["a".to_owned()] } else { vec![] });
        assert_eq!(named, expected);

        client.ok(&detach, &mine).await;
        client.ok(&detach, &system).await;
        assert_eq!(client.outcome(&detach, &mine).await, absent);
    }
    client.ok("ram:DeletePolicy", &[("PolicyName", "mine")]).await;
}

#[tokio::test]
async fn ten_custom_and_twenty_system_policies_at_most() {
    let client = populated().await;
    for number in 0..11 {
        let name = format!("p{number}");
        client.ok("ram:CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", DOCUMENT)]).await;
        let attach = [("UserName", "a"), ("PolicyName", name.as_str()), ("PolicyType", "Custom")];
        let outcome = client.outcome("ram:AttachPolicyToUser", &attach).await;
        assert_eq!(outcome, if number < 10 { "ok" } else { "409 LimitExceeded.User.Policy" });
    }
    // The two kinds are counted apart.
    let system = [("UserName", "a"), ("PolicyName", "ReadOnlyAccess"), ("PolicyType", "System")];
    client.ok("ram:AttachPolicyToUser", &system).await;
}

/// Whoever deletes a policy and whoever attaches it at the same time: nothing holds a policy that is gone.
#[tokio::test]
async fn a_deleted_policy_is_attached_to_nothing() {
    let client = populated().await;
    for round in 0..20 {
        let name = format!("p{round}");
        client.ok("ram:CreatePolicy", &[("PolicyName", &name), ("PolicyDocument", DOCUMENT)]).await;
        let attach = {
            let (client, name) = (client.clone(), name.clone());
            tokio::spawn(async move {
                let attach = [("RoleName", "a"), ("PolicyName", name.as_str()), ("PolicyType", "Custom")];
                client.outcome("ram:AttachPolicyToRole", &attach).await
            })
        };
        let delete = {
            let (client, name) = (client.clone(), name.clone());
            tokio::spawn(async move { client.outcome("ram:DeletePolicy", &[("PolicyName", &name)]).await })
        };
        match (attach.await.unwrap().as_str(), delete.await.unwrap().as_str()) {
            ("ok", "409 DeleteConflict.Policy.Role") => {
                let detach = [("RoleName", "a"), ("PolicyName", name.as_str()), ("PolicyType", "Custom")];
                client.ok("ram:DetachPolicyFromRole", &detach).await;
            }
            ("404 EntityNotExist.Policy", "ok") => {}
            other => panic!("{other:?}"),
        }
        // It would fail if one led nowhere.
        client.ok("ram:ListPoliciesForRole", &[("RoleName", "a")]).await;
    }
}
