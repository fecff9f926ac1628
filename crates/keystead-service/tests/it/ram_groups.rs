//! Groups and their members.

use crate::harness::{START_TEXT, check, client, text, texts};

#[tokio::test]
async fn a_group_lives() {
    let client = client().await;
    let made = client.ok("ram:CreateGroup", &[("GroupName", "Ops"), ("Comments", "on call")]).await;
    let group = &made["Group"];
    let id = text(&group["GroupId"]);
    assert!(id.starts_with("g-") && id.len() == 18, "{id}");
    assert_eq!((&group["GroupName"], &group["CreateDate"]), (&"Ops".into(), &START_TEXT.into()));
    let shown = client.ok("ram:GetGroup", &[("GroupName", "oPS")]).await["Group"].clone();
    assert_eq!((&shown["GroupId"], &shown["Comments"]), (&id.as_str().into(), &"on call".into()));
    let changed = [("GroupName", "ops"), ("NewComments", ""), ("NewGroupName", "dev")];
    let changed = client.ok("ram:UpdateGroup", &changed).await["Group"].clone();
    assert_eq!((&changed["GroupName"], &changed["Comments"]), (&"dev".into(), &"".into()));
    assert_eq!(texts(&client.ok("ram:ListGroups", &[]).await["Groups"]["Group"], "GroupName"), ["dev"]);
    client.ok("ram:DeleteGroup", &[("GroupName", "dev")]).await;
    let again = client.ok("ram:CreateGroup", &[("GroupName", "dev")]).await;
    assert_ne!(again["Group"]["GroupId"], id.as_str());
}

#[tokio::test]
async fn what_is_refused() {
    let client = client().await;
    for name in ["alice", "bob"] {
        client.ok("ram:CreateUser", &[("UserName", name)]).await;
    }
    for number in 0..11 {
        client.ok("ram:CreateGroup", &[("GroupName", &format!("g{number}"))]).await;
    }
    let long = "x".repeat(129);
    let member = [("UserName", "alice"), ("GroupName", "g0")];
    check(
        &client,
        &[
            ("ram:CreateGroup", &[], "400 MissingGroupName"),
            ("ram:CreateGroup", &[("GroupName", "")], "400 InvalidParameter.GroupName.Length"),
            ("ram:CreateGroup", &[("GroupName", "a+b")], "400 InvalidParameter.GroupName.InvalidChars"),
            (
                "ram:CreateGroup",
                &[("GroupName", "x"), ("Comments", &long)],
                "400 InvalidParameter.Comments.Length",
            ),
            ("ram:CreateGroup", &[("GroupName", "G0")], "409 EntityAlreadyExists.Group"),
            ("ram:GetGroup", &[("GroupName", "none")], "404 EntityNotExist.Group"),
            ("ram:UpdateGroup", &[("GroupName", "none")], "404 EntityNotExist.Group"),
            (
                "ram:UpdateGroup",
                &[("GroupName", "g0"), ("NewGroupName", "G1")],
                "409 EntityAlreadyExists.Group",
            ),
            (
                "ram:UpdateGroup",
                &[("GroupName", "g0"), ("NewGroupName", "?")],
                "400 InvalidParameter.NewGroupName.InvalidChars",
            ),
            (
                "ram:UpdateGroup",
                &[("GroupName", "g0"), ("NewComments", &long)],
                "400 InvalidParameter.NewComments.Length",
            ),
            ("ram:DeleteGroup", &[("GroupName", "none")], "404 EntityNotExist.Group"),
            ("ram:ListGroups", &[("MaxItems", "101")], "400 InvalidParameter.MaxItems"),
            ("ram:AddUserToGroup", &[("UserName", "x"), ("GroupName", "g0")], "404 EntityNotExist.User"),
            ("ram:AddUserToGroup", &[("UserName", "alice"), ("GroupName", "x")], "404 EntityNotExist.Group"),
            ("ram:RemoveUserFromGroup", &member, "404 EntityNotExist.User.Group"),
            ("ram:AddUserToGroup", &member, "ok"),
            (
                "ram:AddUserToGroup",
                &[("UserName", "ALICE"), ("GroupName", "G0")],
                "409 EntityAlreadyExists.User.Group",
            ),
            ("ram:DeleteGroup", &[("GroupName", "g0")], "409 DeleteConflict.Group.User"),
            ("ram:ListGroupsForUser", &[("UserName", "x")], "404 EntityNotExist.User"),
            ("ram:ListUsersForGroup", &[("GroupName", "x")], "404 EntityNotExist.Group"),
            ("ram:ListUsersForGroup", &[("GroupName", "g0"), ("Marker", "*")], "400 InvalidParameter.Marker"),
            ("ram:RemoveUserFromGroup", &member, "ok"),
            (
                "ram:AttachPolicyToGroup",
                &[("GroupName", "g0"), ("PolicyType", "System"), ("PolicyName", "ReadOnlyAccess")],
                "ok",
            ),
            ("ram:DeleteGroup", &[("GroupName", "g0")], "409 DeleteConflict.Group.Policy"),
        ],
    )
    .await;
    // A user is in ten groups at most.
    for number in 0..10 {
        client.ok("ram:AddUserToGroup", &[("UserName", "bob"), ("GroupName", &format!("g{number}"))]).await;
    }
    let eleventh = [("UserName", "bob"), ("GroupName", "g10")];
    assert_eq!(client.outcome("ram:AddUserToGroup", &eleventh).await, "409 LimitExceeded.User.Group");
    let groups = client.ok("ram:ListGroupsForUser", &[("UserName", "bob")]).await;
    assert_eq!(texts(&groups["Groups"]["Group"], "GroupName").len(), 10);
}

#[tokio::test]
async fn members_come_in_pages_with_their_dates() {
    let world = crate::harness::World::new().await;
    let client = world.client().await;
    client.ok("ram:CreateGroup", &[("GroupName", "ops")]).await;
    for name in ["c", "A", "b"] {
        client.ok("ram:CreateUser", &[("UserName", name), ("DisplayName", "X")]).await;
        client.ok("ram:AddUserToGroup", &[("UserName", name), ("GroupName", "ops")]).await;
        world.clock.advance(60);
    }
    let first = client.ok("ram:ListUsersForGroup", &[("GroupName", "ops"), ("MaxItems", "2")]).await;
    assert_eq!(texts(&first["Users"]["User"], "UserName"), ["A", "b"]);
    assert_eq!(texts(&first["Users"]["User"], "JoinDate"), ["2027-01-15T08:01:00Z", "2027-01-15T08:02:00Z"]);
    let rest = [("GroupName", "ops"), ("MaxItems", "2"), ("Marker", &text(&first["Marker"]))];
    let second = client.ok("ram:ListUsersForGroup", &rest).await;
    assert_eq!(texts(&second["Users"]["User"], "UserName"), ["c"]);
    assert_eq!(second["IsTruncated"], false);
}

/// Whoever deletes a group and whoever adds a member to it at the same time: nobody is left in a group that is gone.
#[tokio::test]
async fn a_deleted_group_has_no_members() {
    let client = client().await;
    for round in 0..20 {
        let (user, group) = (format!("user{round}"), format!("group{round}"));
        client.ok("ram:CreateUser", &[("UserName", &user)]).await;
        client.ok("ram:CreateGroup", &[("GroupName", &group)]).await;
        let add = {
            let (client, user, group) = (client.clone(), user.clone(), group.clone());
            tokio::spawn(async move {
                client.outcome("ram:AddUserToGroup", &[("UserName", &user), ("GroupName", &group)]).await
            })
        };
        let delete = {
            let (client, group) = (client.clone(), group.clone());
            tokio::spawn(async move { client.outcome("ram:DeleteGroup", &[("GroupName", &group)]).await })
        };
        let outcomes = (add.await.unwrap(), delete.await.unwrap());
        let groups = client.ok("ram:ListGroupsForUser", &[("UserName", &user)]).await;
        let in_groups = texts(&groups["Groups"]["Group"], "GroupName").len();
        match (outcomes.0.as_str(), outcomes.1.as_str()) {
            ("ok", "409 DeleteConflict.Group.User") => assert_eq!(in_groups, 1),
            ("404 EntityNotExist.Group", "ok") => {
                assert_eq!(in_groups, 0);
                client.ok("ram:DeleteUser", &[("UserName", &user)]).await;
            }
            other => panic!("{other:?}"),
        }
    }
}
