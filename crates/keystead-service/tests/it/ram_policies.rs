//! Custom and system policies, and the versions of custom ones.

use crate::harness::{START_TEXT, check, client, text, texts};

fn document(action: &str) -> String {
    format!(r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*"}}]}}"#)
}

#[tokio::test]
async fn a_policy_lives() {
    let client = client().await;
    let first = document("kms:Encrypt");
    let made = client
        .ok("ram:CreatePolicy", &[("PolicyName", "Mine-1"), ("PolicyDocument", &first), ("Description", "d")])
        .await["Policy"]
        .clone();
    assert_eq!((&made["DefaultVersion"], &made["PolicyType"]), (&"v1".into(), &"Custom".into()));
    assert_eq!((&made["PolicyName"], &made["CreateDate"]), (&"Mine-1".into(), &START_TEXT.into()));
    let named = [("PolicyName", "mine-1"), ("PolicyType", "Custom")];
    let shown = client.ok("ram:GetPolicy", &named).await;
    assert_eq!(shown["DefaultPolicyVersion"]["PolicyDocument"], first);
    assert_eq!(
        (&shown["Policy"]["AttachmentCount"], &shown["Policy"]["Description"]),
        (&0.into(), &"d".into())
    );

    let second = document("kms:Decrypt");
    let version = client
        .ok("ram:CreatePolicyVersion", &[named[0], ("PolicyDocument", &second), ("SetAsDefault", "true")])
        .await["PolicyVersion"]
        .clone();
    assert_eq!((&version["VersionId"], &version["IsDefaultVersion"]), (&"v2".into(), &true.into()));
    let shown = client.ok("ram:GetPolicy", &named).await;
    assert_eq!(shown["DefaultPolicyVersion"]["PolicyDocument"], second);
    client.ok("ram:SetDefaultPolicyVersion", &[named[0], ("VersionId", "v1")]).await;
    let version = client.ok("ram:GetPolicyVersion", &[named[0], named[1], ("VersionId", "v2")]).await;
    assert_eq!(version["PolicyVersion"]["IsDefaultVersion"], false);
    assert_eq!(version["PolicyVersion"]["PolicyDocument"], second);

    client.ok("ram:DeletePolicyVersion", &[named[0], ("VersionId", "v2")]).await;
    let third = client.ok("ram:CreatePolicyVersion", &[named[0], ("PolicyDocument", &second)]).await;
    assert_eq!(third["PolicyVersion"]["VersionId"], "v3", "numbers are not used again");
    let listed = client.ok("ram:ListPolicyVersions", &named).await;
    assert_eq!(texts(&listed["PolicyVersions"]["PolicyVersion"], "VersionId"), ["v1", "v3"]);
    let updated = client.ok("ram:UpdatePolicyDescription", &[named[0], ("NewDescription", "new")]).await;
    assert_eq!(updated["Policy"]["Description"], "new");

    assert_eq!(client.outcome("ram:DeletePolicy", &[named[0]]).await, "409 DeleteConflict.Policy.Version");
    client.ok("ram:DeletePolicy", &[named[0], ("CascadingDelete", "true")]).await;
    assert_eq!(client.outcome("ram:GetPolicy", &named).await, "404 EntityNotExist.Policy");
}

#[tokio::test]
async fn five_versions_and_a_strategy() {
    let client = client().await;
    let text = document("kms:*");
    client.ok("ram:CreatePolicy", &[("PolicyName", "p"), ("PolicyDocument", &text)]).await;
    let new = [("PolicyName", "p"), ("PolicyDocument", text.as_str())];
    for _ in 0..4 {
        client.ok("ram:CreatePolicyVersion", &new).await;
    }
    assert_eq!(client.outcome("ram:CreatePolicyVersion", &new).await, "409 LimitExceeded.Policy.Version");
    let none = [new[0], new[1], ("RotateStrategy", "None")];
    assert_eq!(client.outcome("ram:CreatePolicyVersion", &none).await, "409 LimitExceeded.Policy.Version");
    let rotate = [new[0], new[1], ("RotateStrategy", "DeleteOldestNonDefaultVersionWhenLimitExceeded")];
    client.ok("ram:CreatePolicyVersion", &rotate).await;
    let listed = client.ok("ram:ListPolicyVersions", &[("PolicyName", "p"), ("PolicyType", "Custom")]).await;
    // The oldest one is the default one and stays.
    let versions = texts(&listed["PolicyVersions"]["PolicyVersion"], "VersionId");
    assert_eq!(versions, ["v1", "v3", "v4", "v5", "v6"]);
}

#[tokio::test]
async fn what_is_refused() {
    let client = client().await;
    let good = document("kms:*");
    let doc = ("PolicyDocument", good.as_str());
    let (long, description, huge) = ("x".repeat(129), "x".repeat(1025), "x".repeat(6145));
    let custom = ("PolicyType", "Custom");
    check(
        &client,
        &[
            ("ram:CreatePolicy", &[("PolicyName", "p")], "400 MissingPolicyDocument"),
            ("ram:CreatePolicy", &[doc], "400 MissingPolicyName"),
            ("ram:CreatePolicy", &[doc, ("PolicyName", &long)], "400 InvalidParameter.PolicyName.Length"),
            (
                "ram:CreatePolicy",
                &[doc, ("PolicyName", "a_b")],
                "400 InvalidParameter.PolicyName.InvalidChars",
            ),
            (
                "ram:CreatePolicy",
                &[doc, ("PolicyName", "p"), ("Description", &description)],
                "400 InvalidParameter.Description.Length",
            ),
            (
                "ram:CreatePolicy",
                &[("PolicyName", "p"), ("PolicyDocument", &huge)],
                "400 InvalidParameter.PolicyDocument.Length",
            ),
            (
                "ram:CreatePolicy",
                &[("PolicyName", "p"), ("PolicyDocument", "{")],
                "400 MalformedPolicyDocument",
            ),
            (
                "ram:CreatePolicy",
                &[("PolicyName", "p"), ("PolicyDocument", r#"{"Version":"2","Statement":[]}"#)],
                "400 MalformedPolicyDocument",
            ),
            // One of the account's own would be taken for it.
            (
                "ram:CreatePolicy",
                &[doc, ("PolicyName", "administratoraccess")],
                "409 EntityAlreadyExists.Policy",
            ),
            ("ram:CreatePolicy", &[doc, ("PolicyName", "p")], "ok"),
            ("ram:CreatePolicy", &[doc, ("PolicyName", "P")], "409 EntityAlreadyExists.Policy"),
            ("ram:GetPolicy", &[("PolicyName", "p")], "400 MissingPolicyType"),
            (
                "ram:GetPolicy",
                &[("PolicyName", "p"), ("PolicyType", "custom")],
                "400 InvalidParameter.PolicyType",
            ),
            ("ram:GetPolicy", &[("PolicyName", "p"), ("PolicyType", "System")], "404 EntityNotExist.Policy"),
            (
                "ram:GetPolicyVersion",
                &[("PolicyName", "p"), custom, ("VersionId", "1")],
                "400 InvalidParameter.VersionId.Format",
            ),
            (
                "ram:GetPolicyVersion",
                &[("PolicyName", "p"), custom, ("VersionId", "v9")],
                "404 EntityNotExist.Policy.Version",
            ),
            ("ram:ListPolicyVersions", &[("PolicyName", "q"), custom], "404 EntityNotExist.Policy"),
            ("ram:CreatePolicyVersion", &[("PolicyName", "q"), doc], "404 EntityNotExist.Policy"),
            (
                "ram:CreatePolicyVersion",
                &[("PolicyName", "p"), ("PolicyDocument", "")],
                "400 InvalidParameter.PolicyDocument.Length",
            ),
            (
                "ram:CreatePolicyVersion",
                &[("PolicyName", "p"), doc, ("RotateStrategy", "x")],
                "400 InvalidParameter.RotateStrategy",
            ),
            (
                "ram:SetDefaultPolicyVersion",
                &[("PolicyName", "p"), ("VersionId", "v2")],
                "404 EntityNotExist.Policy.Version",
            ),
            (
                "ram:SetDefaultPolicyVersion",
                &[("PolicyName", "p"), ("VersionId", "v+1")],
                "400 InvalidParameter.VersionId.Format",
            ),
            (
                "ram:DeletePolicyVersion",
                &[("PolicyName", "p"), ("VersionId", "v1")],
                "409 DeleteConflict.Policy.Version.Default",
            ),
            (
                "ram:DeletePolicyVersion",
                &[("PolicyName", "p"), ("VersionId", "v2")],
                "404 EntityNotExist.Policy.Version",
            ),
            (
                "ram:UpdatePolicyDescription",
                &[("PolicyName", "p"), ("NewDescription", &description)],
                "400 InvalidParameter.NewDescription.Length",
            ),
            (
                "ram:UpdatePolicyDescription",
                &[("PolicyName", "q"), ("NewDescription", "x")],
                "404 EntityNotExist.Policy",
            ),
            // Nobody changes a system policy.
            ("ram:DeletePolicy", &[("PolicyName", "ReadOnlyAccess")], "404 EntityNotExist.Policy"),
            (
                "ram:CreatePolicyVersion",
                &[("PolicyName", "ReadOnlyAccess"), doc],
                "404 EntityNotExist.Policy",
            ),
            ("ram:ListPolicies", &[("PolicyType", "x")], "400 InvalidParameter.PolicyType"),
            ("ram:ListPolicies", &[("Marker", "YQ")], "400 InvalidParameter.Marker"),
        ],
    )
    .await;
    let bad = r#"{"Version":"1","Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"x"}]}"#;
    let error = client.call("ram:CreatePolicy", &[("PolicyName", "r"), ("PolicyDocument", bad)]).await;
    let error = error.unwrap_err();
    assert!(error.message().contains("Statement[0].Resource"), "{error}");
}

#[tokio::test]
async fn both_kinds_come_in_pages() {
    let client = client().await;
    for name in ["b", "A", "c"] {
        let tag = format!(r#"[{{"Key":"n","Value":"{name}"}}]"#);
        let text = document("kms:*");
        client
            .ok("ram:CreatePolicy", &[("PolicyName", name), ("PolicyDocument", &text), ("Tag", &tag)])
            .await;
    }
    let all = client.ok("ram:ListPolicies", &[]).await;
    let all = texts(&all["Policies"]["Policy"], "PolicyName");
    assert!(all.len() > 6 && all.ends_with(&["A".to_owned(), "b".to_owned(), "c".to_owned()]), "{all:?}");
    for size in 1..=all.len() {
        let (mut seen, mut marker) = (Vec::new(), String::new());
        loop {
            let size = size.to_string();
            let page = client.ok("ram:ListPolicies", &[("MaxItems", &size), ("Marker", &marker)]).await;
            seen.extend(texts(&page["Policies"]["Policy"], "PolicyName"));
            match page["IsTruncated"].as_bool().unwrap() {
                true => marker = text(&page["Marker"]),
                false => break,
            }
        }
        assert_eq!(seen, all, "in pages of {size}");
    }
    let custom = client.ok("ram:ListPolicies", &[("PolicyType", "Custom")]).await;
    assert_eq!(texts(&custom["Policies"]["Policy"], "PolicyName"), ["A", "b", "c"]);
    let system = client.ok("ram:ListPolicies", &[("PolicyType", "System"), ("MaxItems", "1000")]).await;
    assert_eq!(texts(&system["Policies"]["Policy"], "PolicyName").len(), all.len() - 3);
    let tagged = client.ok("ram:ListPolicies", &[("Tag", r#"[{"Key":"n","Value":"b"}]"#)]).await;
    assert_eq!(texts(&tagged["Policies"]["Policy"], "PolicyName"), ["b"]);

    let admin = [("PolicyName", "administratorACCESS"), ("PolicyType", "System")];
    let shown = client.ok("ram:GetPolicy", &admin).await;
    assert_eq!(shown["Policy"]["PolicyName"], "AdministratorAccess");
    assert!(text(&shown["DefaultPolicyVersion"]["PolicyDocument"]).contains("Allow"));
    let versions = client.ok("ram:ListPolicyVersions", &admin).await;
    assert_eq!(texts(&versions["PolicyVersions"]["PolicyVersion"], "VersionId"), ["v1"]);
}
