//! RAM users: made, shown, listed, changed, renamed, deleted.

use serde_json::Value;

use crate::harness::{START_TEXT, check, client, text, texts};

#[tokio::test]
async fn a_user_lives() {
    let client = client().await;
    let sent = [
        ("UserName", "Alice.B_c-1"),
        ("DisplayName", "Alice \u{738b}"),
        ("MobilePhone", "86-18600008888"),
        ("Email", "alice@example.com"),
        ("Comments", "of payments"),
    ];
    let made = client.ok("ram:CreateUser", &sent).await["User"].clone();
    for (name, value) in sent {
        assert_eq!(made[name], value);
    }
    assert_eq!(made["CreateDate"], START_TEXT);
    let id = text(&made["UserId"]);
    assert!(id.len() == 18 && id.bytes().all(|byte| byte.is_ascii_digit()), "{id}");

    // Names are the same in any case.
    let shown = client.ok("ram:GetUser", &[("UserName", "alice.b_C-1")]).await["User"].clone();
    for name in ["UserName", "UserId", "DisplayName", "MobilePhone", "Email", "Comments", "CreateDate"] {
        assert_eq!(shown[name], made[name], "{name}");
    }
    assert_eq!((&shown["UpdateDate"], &shown["LastLoginDate"]), (&Value::from(START_TEXT), &Value::from("")));

    let changed = client
        .ok(
            "ram:UpdateUser",
            &[
                ("UserName", "Alice.B_c-1"),
                ("NewDisplayName", "A."),
                ("NewComments", ""),
                ("NewEmail", "a@b"),
            ],
        )
        .await["User"]
        .clone();
    assert_eq!((&changed["DisplayName"], &changed["Comments"]), (&"A.".into(), &"".into()));
    assert_eq!((&changed["Email"], &changed["MobilePhone"]), (&"a@b".into(), &"86-18600008888".into()));
    assert_eq!(changed["UserId"], id.as_str());

    client.ok("ram:DeleteUser", &[("UserName", "ALICE.B_C-1")]).await;
    let again = client.ok("ram:CreateUser", &[("UserName", "alice.b_c-1")]).await["User"].clone();
    assert_ne!(again["UserId"], id.as_str(), "a user made again is another one");
}

#[tokio::test]
async fn what_is_refused() {
    let client = client().await;
    let long = "x".repeat(65);
    let text = "x".repeat(129);
    check(
        &client,
        &[
            ("ram:CreateUser", &[], "400 MissingUserName"),
            ("ram:CreateUser", &[("UserName", "")], "400 InvalidParameter.UserName.Length"),
            ("ram:CreateUser", &[("UserName", &long)], "400 InvalidParameter.UserName.Length"),
            ("ram:CreateUser", &[("UserName", "a/b")], "400 InvalidParameter.UserName.InvalidChars"),
            ("ram:CreateUser", &[("UserName", "a b")], "400 InvalidParameter.UserName.InvalidChars"),
            (
                "ram:CreateUser",
                &[("UserName", "a"), ("Comments", &text)],
                "400 InvalidParameter.Comments.Length",
            ),
            (
                "ram:CreateUser",
                &[("UserName", "a"), ("DisplayName", &text)],
                "400 InvalidParameter.DisplayName.Length",
            ),
            ("ram:CreateUser", &[("UserName", "a"), ("Email", "a")], "400 InvalidParameter.Email.Format"),
            (
                "ram:CreateUser",
                &[("UserName", "a"), ("MobilePhone", "x")],
                "400 InvalidParameter.MobilePhone.Format",
            ),
            ("ram:GetUser", &[("UserName", "a")], "404 EntityNotExist.User"),
            ("ram:CreateUser", &[("UserName", "a")], "ok"),
            ("ram:CreateUser", &[("UserName", "A")], "409 EntityAlreadyExists.User"),
            ("ram:CreateUser", &[("UserName", "b")], "ok"),
            ("ram:UpdateUser", &[("UserName", "c")], "404 EntityNotExist.User"),
            ("ram:UpdateUser", &[("UserName", "a"), ("NewUserName", "B")], "409 EntityAlreadyExists.User"),
            (
                "ram:UpdateUser",
                &[("UserName", "a"), ("NewUserName", "a@b")],
                "400 InvalidParameter.NewUserName.InvalidChars",
            ),
            (
                "ram:UpdateUser",
                &[("UserName", "a"), ("NewDisplayName", "")],
                "400 InvalidParameter.NewDisplayName.Length",
            ),
            (
                "ram:UpdateUser",
                &[("UserName", "a"), ("NewEmail", "@")],
                "400 InvalidParameter.NewEmail.Format",
            ),
            ("ram:DeleteUser", &[("UserName", "c")], "404 EntityNotExist.User"),
            ("ram:ListUsers", &[("MaxItems", "0")], "400 InvalidParameter.MaxItems"),
            ("ram:ListUsers", &[("MaxItems", "1001")], "400 InvalidParameter.MaxItems"),
            ("ram:ListUsers", &[("MaxItems", "x")], "400 InvalidParameter MaxItems"),
            ("ram:ListUsers", &[("Marker", "!")], "400 InvalidParameter.Marker"),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_user_that_has_something_is_not_deleted() {
    let client = client().await;
    client.ok("ram:CreateUser", &[("UserName", "alice")]).await;
    client.ok("ram:CreateGroup", &[("GroupName", "ops")]).await;
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "alice")]).await;
    let id = text(&key["AccessKey"]["AccessKeyId"]);
    let policy = [("PolicyType", "System"), ("PolicyName", "AliyunKMSFullAccess"), ("UserName", "alice")];
    client.ok("ram:AttachPolicyToUser", &policy).await;
    let member = [("UserName", "alice"), ("GroupName", "ops")];
    client.ok("ram:AddUserToGroup", &member).await;
    let user = [("UserName", "alice")];
    check(
        &client,
        &[
            ("ram:DeleteUser", &user, "409 DeleteConflict.User.AccessKey"),
            ("ram:DeleteAccessKey", &[("UserName", "alice"), ("UserAccessKeyId", &id)], "ok"),
            ("ram:DeleteUser", &user, "409 DeleteConflict.User.Policy"),
            ("ram:DetachPolicyFromUser", &policy, "ok"),
            ("ram:DeleteUser", &user, "409 DeleteConflict.User.Group"),
            ("ram:RemoveUserFromGroup", &member, "ok"),
            ("ram:DeleteUser", &user, "ok"),
            ("ram:DeleteUser", &user, "404 EntityNotExist.User"),
            ("ram:DeleteGroup", &[("GroupName", "ops")], "ok"),
        ],
    )
    .await;
}

/// A page goes on where the one before ended, whatever happens in between.
#[tokio::test]
async fn pages_are_stable_under_changes() {
    let client = client().await;
    for name in ["b", "D", "f", "H", "k"] {
        client.ok("ram:CreateUser", &[("UserName", name)]).await;
    }
    let first = client.ok("ram:ListUsers", &[("MaxItems", "2")]).await;
    assert_eq!(texts(&first["Users"]["User"], "UserName"), ["b", "D"]);
    assert_eq!(first["IsTruncated"], true);
    let marker = text(&first["Marker"]);
    // What the page ended with goes, something comes in before it, and something behind it.
    client.ok("ram:DeleteUser", &[("UserName", "d")]).await;
    client.ok("ram:CreateUser", &[("UserName", "A")]).await;
    client.ok("ram:CreateUser", &[("UserName", "e")]).await;
    let second = client.ok("ram:ListUsers", &[("MaxItems", "3"), ("Marker", &marker)]).await;
    assert_eq!(texts(&second["Users"]["User"], "UserName"), ["e", "f", "H"]);
    let third = client.ok("ram:ListUsers", &[("MaxItems", "1"), ("Marker", &text(&second["Marker"]))]).await;
    assert_eq!(texts(&third["Users"]["User"], "UserName"), ["k"]);
    assert_eq!((&third["IsTruncated"], &third["Marker"]), (&Value::from(false), &Value::Null));
}

#[tokio::test]
async fn a_new_name_takes_everything_along() {
    let client = client().await;
    client.ok("ram:CreateUser", &[("UserName", "alice")]).await;
    client.ok("ram:CreateGroup", &[("GroupName", "ops")]).await;
    let document = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}"#;
    client.ok("ram:CreatePolicy", &[("PolicyName", "mine"), ("PolicyDocument", document)]).await;
    client.ok("ram:AddUserToGroup", &[("UserName", "alice"), ("GroupName", "ops")]).await;
    let policy = [("PolicyType", "Custom"), ("PolicyName", "mine")];
    client.ok("ram:AttachPolicyToUser", &[policy[0], policy[1], ("UserName", "alice")]).await;
    let key = client.ok("ram:CreateAccessKey", &[("UserName", "alice")]).await["AccessKey"].clone();
    let (id, secret) = (text(&key["AccessKeyId"]), text(&key["AccessKeySecret"]));

    client.ok("ram:UpdateUser", &[("UserName", "alice"), ("NewUserName", "Bob")]).await;
    assert_eq!(client.outcome("ram:GetUser", &[("UserName", "alice")]).await, "404 EntityNotExist.User");
    let members = client.ok("ram:ListUsersForGroup", &[("GroupName", "ops")]).await;
    assert_eq!(texts(&members["Users"]["User"], "UserName"), ["Bob"]);
    let entities = client.ok("ram:ListEntitiesForPolicy", &policy).await;
    assert_eq!(texts(&entities["Users"]["User"], "UserName"), ["Bob"]);
    let keys = client.ok("ram:ListAccessKeys", &[("UserName", "bob")]).await;
    assert_eq!(texts(&keys["AccessKeys"]["AccessKey"], "AccessKeyId"), [id.as_str()]);
    // The AccessKey is still the user's.
    let caller = client.caller(&id, &secret).await;
    assert!(caller.caller.arn().ends_with(":user/Bob"), "{}", caller.caller.arn());
    // Only the spelling: no second user is in the way.
    client.ok("ram:UpdateUser", &[("UserName", "bob"), ("NewUserName", "BOB")]).await;
    assert!(client.caller(&id, &secret).await.caller.arn().ends_with(":user/BOB"));

    client.ok("ram:UpdateGroup", &[("GroupName", "ops"), ("NewGroupName", "Dev")]).await;
    let groups = client.ok("ram:ListGroupsForUser", &[("UserName", "bob")]).await;
    assert_eq!(texts(&groups["Groups"]["Group"], "GroupName"), ["Dev"]);
    let members = client.ok("ram:ListUsersForGroup", &[("GroupName", "dev")]).await;
    assert_eq!(texts(&members["Users"]["User"], "UserName"), ["BOB"]);
    // Nothing of the old names is in the way of taking all apart.
    client.ok("ram:RemoveUserFromGroup", &[("UserName", "bob"), ("GroupName", "dev")]).await;
    client.ok("ram:DetachPolicyFromUser", &[policy[0], policy[1], ("UserName", "bob")]).await;
    client.ok("ram:DeleteAccessKey", &[("UserName", "bob"), ("UserAccessKeyId", &id)]).await;
    client.ok("ram:DeleteUser", &[("UserName", "bob")]).await;
    client.ok("ram:DeleteGroup", &[("GroupName", "dev")]).await;
    client.ok("ram:DeletePolicy", &[("PolicyName", "mine")]).await;
}

#[tokio::test]
async fn dates_are_those_of_the_clock() {
    let world = crate::harness::World::new().await;
    let client = world.client().await;
    client.ok("ram:CreateUser", &[("UserName", "alice")]).await;
    world.clock.advance(3600);
    client.ok("ram:UpdateUser", &[("UserName", "alice"), ("NewComments", "x")]).await;
    let user = client.ok("ram:GetUser", &[("UserName", "alice")]).await["User"].clone();
    assert_eq!(
        (&user["CreateDate"], &user["UpdateDate"]),
        (&START_TEXT.into(), &"2027-01-15T09:00:00Z".into())
    );
}
