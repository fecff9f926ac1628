//! Network rules, policies, access points and client keys through their operations.

use serde_json::{Value, json};

use crate::applications::{
    Application, KEY_USER, PASSWORD, Policy, SECRET_USER, make_point, make_policy, make_rule,
};
use crate::harness::{Client, REGION, Row, START_TEXT, check, client, text, texts};
use crate::isolation::account_beside;

const SECRETS: Policy<'_> = Policy {
    name: "secrets",
    scope: "shared",
    permissions: &[SECRET_USER],
    resources: &["secret/*"],
    rules: &[],
};

fn without_request_id(mut answer: Value) -> Value {
    answer.as_object_mut().unwrap().remove("RequestId");
    answer
}

fn arn(client: &Client, path: &str) -> String {
    format!("acs:kms:{REGION}:{}:{path}", client.account())
}

#[tokio::test]
async fn what_is_made_is_shown_and_changed() {
    let client = client().await;
    let rule = [("Name", "in"), ("Type", "Private"), ("SourcePrivateIp", "192.0.2.1, 10.0.0.0/8")];
    let made = client.ok("CreateNetworkRule", &rule).await;
    let shown = json!({ "Arn": arn(&client, "network/in"), "Description": "", "Name": "in",
        "SourcePrivateIp": r#"["192.0.2.1","10.0.0.0/8"]"#, "Type": "Private" });
    assert_eq!(without_request_id(made), shown);
    client.ok("UpdateNetworkRule", &[("Name", "in"), ("Description", "inside")]).await;
    client.ok("UpdateNetworkRule", &[("Name", "in"), ("SourcePrivateIp", r#"["::1"]"#)]).await;
    let shown = json!({ "Arn": arn(&client, "network/in"), "Description": "inside",
        "SourcePrivateIp": r#"["::1"]"#, "Type": "Private" });
    assert_eq!(without_request_id(client.ok("DescribeNetworkRule", &[("Name", "in")]).await), shown);

    let instance = client.instance().await;
    let (permissions, resources) =
        (json!([KEY_USER, SECRET_USER]).to_string(), r#"["key/*","secret/a/b"]"#.to_owned());
    let policy = [
        ("Name", "p"),
        ("KmsInstance", &instance),
        ("Permissions", &permissions),
        ("Resources", &resources),
        ("AccessControlRules", r#"{"NetworkRules":["in"]}"#),
        ("Description", "of an app"),
    ];
    let made = client.ok("CreatePolicy", &policy).await;
    let shown = json!({ "AccessControlRules": r#"{"NetworkRules":["in"]}"#, "Arn": arn(&client, "policy/p"),
        "Description": "of an app", "KmsInstance": instance, "Name": "p", "Permissions": permissions,
        "Resources": resources });
    assert_eq!(without_request_id(made), shown);
    let change =
        [("Name", "p"), ("Resources", r#"["key/k"]"#), ("AccessControlRules", "{}"), ("Description", "")];
    client.ok("UpdatePolicy", &change).await;
    let shown = json!({ "AccessControlRules": r#"{"NetworkRules":[]}"#, "Arn": arn(&client, "policy/p"),
        "Description": "", "KmsInstance": instance, "Name": "p", "Permissions": [KEY_USER, SECRET_USER],
        "Resources": ["key/k"] });
    assert_eq!(without_request_id(client.ok("DescribePolicy", &[("Name", "p")]).await), shown);

    let point = [("Name", "app"), ("AuthenticationMethod", "ClientKey"), ("Policies", r#"["p"]"#)];
    let made = client.ok("CreateApplicationAccessPoint", &point).await;
    let shown = json!({ "Arn": arn(&client, "applicationaccesspoint/app"), "AuthenticationMethod": "ClientKey",
        "Description": "", "Name": "app", "Policies": r#"["p"]"# });
    assert_eq!(without_request_id(made), shown);
    make_policy(&client, SECRETS).await;
    let change = [("Name", "app"), ("Policies", r#"["secrets"]"#), ("Description", "x")];
    client.ok("UpdateApplicationAccessPoint", &change).await;
    let seen = client.ok("DescribeApplicationAccessPoint", &[("Name", "app")]).await;
    assert_eq!((text(&seen["Policies"]), text(&seen["Description"])), (r#"["secrets"]"#.into(), "x".into()));

    let made = client.ok("CreateClientKey", &[("AapName", "app"), ("Password", PASSWORD)]).await;
    assert_eq!(text(&made["KeyAlgorithm"]), "RSA_2048");
    assert_eq!(
        (text(&made["NotBefore"]), text(&made["NotAfter"])),
        (START_TEXT.into(), "2032-01-14T08:00:00Z".into())
    );
    let seen = client.ok("GetClientKey", &[("ClientKeyId", &text(&made["ClientKeyId"]))]).await;
    assert_eq!((text(&seen["AapName"]), text(&seen["KeyOrigin"])), ("app".into(), "KMS_PROVIDED".into()));
    assert_eq!((text(&seen["CreateTime"]), &seen["NotAfter"]), (START_TEXT.into(), &made["NotAfter"]));
    assert!(text(&seen["PublicKeyData"]).starts_with("-----BEGIN CERTIFICATE-----\n"));
    assert!(seen.get("PrivateKeyData").is_none());
    let listed = client.ok("ListClientKeys", &[("AapName", "app")]).await;
    assert_eq!(listed["ClientKeys"], json!([without_request_id(seen)]));
    assert_eq!(client.ok("ListClientKeys", &[]).await["ClientKeys"], listed["ClientKeys"]);
}

#[tokio::test]
async fn the_private_key_is_not_in_the_store() {
    let client = client().await;
    make_policy(&client, SECRETS).await;
    make_point(&client, "app", &["secrets"]).await;
    let application = Application::new(&client, "app").await;
    let at = keystead_service::records::path::client_key(&application.id);
    let record = client.engine.store().get(&at).await.unwrap().unwrap();
    let record: Value = serde_json::from_slice(&record.value).unwrap();
    let mut fields: Vec<_> = record.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    let expected = [
        "access_point",
        "access_point_uid",
        "account",
        "certificate_pem",
        "client_key_id",
        "created",
        "not_after",
        "not_before",
        "public_key",
    ];
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn bad_parameters_are_named() {
    let client = client().await;
    make_rule(&client, "in", &[]).await;
    make_policy(&client, SECRETS).await;
    make_point(&client, "app", &["secrets"]).await;
    let instance = client.instance().await;
    let long = "n".repeat(65);
    let (name, private) = (("Name", "x"), ("Type", "Private"));
    let sources: Vec<_> = (0..101).map(|number| format!("10.0.0.{number}")).collect();
    let sources = sources.join(",");
    let resources = json!((0..101).map(|number| format!("key/{number}")).collect::<Vec<_>>()).to_string();
    let secret_user = json!([SECRET_USER]).to_string();
    let (permissions, all) = (("Permissions", secret_user.as_str()), ("Resources", r#"["secret/*"]"#));
    let on_instance = ("KmsInstance", instance.as_str());
    let key = [("AapName", "app"), ("Password", PASSWORD)];
    let invalid = |name: &str| format!("400 InvalidParameter {name}");
    let (of_sources, of_rules) = (invalid("SourcePrivateIp"), invalid("AccessControlRules"));
    let (of_permissions, of_resources) = (invalid("Permissions"), invalid("Resources"));
    let rows: &[Row<'_>] = &[
        ("CreateNetworkRule", &[("Name", "a b"), private], &invalid("Name")),
        ("CreateNetworkRule", &[("Name", "a/b"), private], &invalid("Name")),
        ("CreateNetworkRule", &[("Name", &long), private], &invalid("Name")),
        ("CreateNetworkRule", &[name, ("Type", "Public")], &invalid("Type")),
        ("CreateNetworkRule", &[name], "400 MissingType"),
        ("CreateNetworkRule", &[name, private, ("SourcePrivateIp", "10.0.0.256")], &of_sources),
        ("CreateNetworkRule", &[name, private, ("SourcePrivateIp", "10.0.0.0/33")], &of_sources),
        (
            "CreateNetworkRule",
            &[name, private, ("SourcePrivateIp", r#"["10.0.0.1","10.0.0.1"]"#)],
            &of_sources,
        ),
        ("CreateNetworkRule", &[name, private, ("SourcePrivateIp", r#"["10.0.0.1""#)], &of_sources),
        ("CreateNetworkRule", &[name, private, ("SourcePrivateIp", &sources)], &of_sources),
        ("UpdateNetworkRule", &[("Name", "in"), ("SourcePrivateIp", "x")], &of_sources),
        ("CreatePolicy", &[name, all], "400 MissingPermissions"),
        ("CreatePolicy", &[name, all, ("Permissions", "[]")], &of_permissions),
        ("CreatePolicy", &[name, all, ("Permissions", SECRET_USER)], &of_permissions),
        (
            "CreatePolicy",
            &[name, all, ("Permissions", r#"["RbacPermission/Template/Admin"]"#)],
            &of_permissions,
        ),
        ("CreatePolicy", &[name, all, ("Permissions", r#"["CryptoServiceKeyUser"]"#)], &of_permissions),
        ("CreatePolicy", &[name, permissions, on_instance, ("Resources", "[]")], &of_resources),
        ("CreatePolicy", &[name, permissions, ("Resources", r#"["*"]"#)], &of_resources),
        ("CreatePolicy", &[name, permissions, ("Resources", r#"["secret/"]"#)], &of_resources),
        ("CreatePolicy", &[name, permissions, ("Resources", r#"["secret/a*"]"#)], &of_resources),
        ("CreatePolicy", &[name, permissions, ("Resources", r#"["alias/a"]"#)], &of_resources),
        ("CreatePolicy", &[name, permissions, ("Resources", &resources)], &of_resources),
        ("CreatePolicy", &[name, permissions, all, ("AccessControlRules", "[]")], &of_rules),
        ("CreatePolicy", &[name, permissions, all, ("AccessControlRules", r#"{"Rules":[]}"#)], &of_rules),
        ("UpdatePolicy", &[("Name", "secrets"), ("Permissions", "[]")], &of_permissions),
        ("UpdatePolicy", &[("Name", "secrets"), ("Resources", "x")], &of_resources),
        ("CreateApplicationAccessPoint", &[name, ("Policies", "[]")], &invalid("Policies")),
        ("CreateApplicationAccessPoint", &[name, ("Policies", r#"["a","b","c","d"]"#)], &invalid("Policies")),
        (
            "CreateApplicationAccessPoint",
            &[name, ("Policies", r#"["secrets"]"#), ("AuthenticationMethod", "RAMRole")],
            &invalid("AuthenticationMethod"),
        ),
        ("UpdateApplicationAccessPoint", &[("Name", "app"), ("Policies", "[]")], &invalid("Policies")),
        ("CreateClientKey", &[key[0]], "400 MissingPassword"),
        ("CreateClientKey", &[key[0], ("Password", "short_1")], &invalid("Password")),
        ("CreateClientKey", &[key[0], key[1], ("NotBefore", "2027-01-01T00:00:00Z")], &invalid("NotAfter")),
        ("CreateClientKey", &[key[0], key[1], ("NotAfter", "2028-01-01T00:00:00Z")], &invalid("NotBefore")),
        ("GetClientKey", &[("ClientKeyId", "KAAP.x")], &invalid("ClientKeyId")),
        ("ListNetworkRules", &[("PageSize", "101")], &invalid("PageSize")),
        ("ListPolicies", &[("PageNumber", "0")], &invalid("PageNumber")),
    ];
    check(&client, rows).await;
}

#[tokio::test]
async fn names_are_taken_once_and_what_is_named_is_there_and_stays() {
    let client = client().await;
    let (unknown, exists) = ("404 Forbidden.ResourceNotFound", "409 Rejected.ResourceExist");
    let in_use = "409 Rejected.ResourceInUse";
    let secret_user = json!([SECRET_USER]).to_string();
    let (permissions, all) = (("Permissions", secret_user.as_str()), ("Resources", r#"["secret/*"]"#));
    let rules = ("AccessControlRules", r#"{"NetworkRules":["r"]}"#);
    let (r, p, a) = (("Name", "r"), ("Name", "p"), ("Name", "a"));
    let (of_p, of_q) = (("Policies", r#"["p"]"#), ("Policies", r#"["q"]"#));
    let id = "KAAP.00000000-1111-2222-3333-444444444444";
    let rows: &[Row<'_>] = &[
        ("DescribeNetworkRule", &[r], unknown),
        ("UpdateNetworkRule", &[r], unknown),
        ("DeleteNetworkRule", &[r], unknown),
        ("DescribePolicy", &[p], unknown),
        ("UpdatePolicy", &[p], unknown),
        ("DeletePolicy", &[p], unknown),
        ("DescribeApplicationAccessPoint", &[a], unknown),
        ("UpdateApplicationAccessPoint", &[a], unknown),
        ("DeleteApplicationAccessPoint", &[a], unknown),
        ("CreateClientKey", &[("AapName", "a"), ("Password", PASSWORD)], unknown),
        ("ListClientKeys", &[("AapName", "a")], unknown),
        ("GetClientKey", &[("ClientKeyId", id)], unknown),
        ("DeleteClientKey", &[("ClientKeyId", id)], unknown),
        ("CreatePolicy", &[p, permissions, all, rules], unknown),
        (
            "CreatePolicy",
            &[p, permissions, all, ("KmsInstance", "kst-hzz62ee817bdyyr5x0abc")],
            "403 Forbidden.DKMSInstanceNotFound",
        ),
        (
            "CreatePolicy",
            &[p, permissions, all, ("KmsInstance", "a/b")],
            "403 Forbidden.DKMSInstanceNotFound",
        ),
        ("CreateNetworkRule", &[r, ("Type", "Private")], "ok"),
        ("CreateNetworkRule", &[r, ("Type", "Private")], exists),
        ("CreateApplicationAccessPoint", &[a, of_p], unknown),
        ("CreatePolicy", &[p, permissions, all, rules], "ok"),
        ("CreatePolicy", &[p, permissions, all], exists),
        ("DeleteNetworkRule", &[r], in_use),
        ("CreateApplicationAccessPoint", &[a, of_p], "ok"),
        ("CreateApplicationAccessPoint", &[a, of_p], exists),
        ("UpdateApplicationAccessPoint", &[a, of_q], unknown),
        ("DeletePolicy", &[p], in_use),
        ("CreatePolicy", &[("Name", "q"), permissions, all], "ok"),
        ("UpdateApplicationAccessPoint", &[a, of_q], "ok"),
        ("DeletePolicy", &[("Name", "q")], in_use),
        ("DeleteNetworkRule", &[r], in_use),
        ("UpdatePolicy", &[p, ("AccessControlRules", "{}")], "ok"),
        ("DeleteNetworkRule", &[r], "ok"),
        ("UpdatePolicy", &[p, rules], unknown),
        ("DeletePolicy", &[p], "ok"),
        ("DeleteApplicationAccessPoint", &[a], "ok"),
        ("DeletePolicy", &[("Name", "q")], "ok"),
    ];
    check(&client, rows).await;
}

#[tokio::test]
async fn an_access_point_has_three_client_keys_which_go_with_it() {
    let client = client().await;
    make_policy(&client, SECRETS).await;
    make_point(&client, "app", &["secrets"]).await;
    let params = [("AapName", "app"), ("Password", PASSWORD)];
    // Four at once: however they meet, three are made.
    let all = tokio::join!(
        client.outcome("CreateClientKey", &params),
        client.outcome("CreateClientKey", &params),
        client.outcome("CreateClientKey", &params),
        client.outcome("CreateClientKey", &params),
    );
    let mut all = [all.0, all.1, all.2, all.3];
    all.sort_unstable();
    assert_eq!(all, ["400 Rejected.LimitExceeded", "ok", "ok", "ok"]);
    let ids = texts(&client.ok("ListClientKeys", &params[..1]).await["ClientKeys"], "ClientKeyId");
    assert_eq!(ids.len(), 3);
    client.ok("DeleteClientKey", &[("ClientKeyId", &ids[0])]).await;
    assert_eq!(client.outcome("CreateClientKey", &params).await, "ok");
    client.ok("DeleteApplicationAccessPoint", &[("Name", "app")]).await;
    for id in &ids {
        assert_eq!(
            client.outcome("GetClientKey", &[("ClientKeyId", id)]).await,
            "404 Forbidden.ResourceNotFound"
        );
    }
    make_point(&client, "app", &["secrets"]).await;
    assert_eq!(client.ok("ListClientKeys", &params[..1]).await["ClientKeys"], json!([]));
}

#[tokio::test]
async fn lists_have_pages_and_each_account_its_own() {
    let client = client().await;
    for number in 0..5 {
        make_rule(&client, &format!("r{number}"), &[]).await;
    }
    let page = [("PageNumber", "2"), ("PageSize", "2")];
    let seen = without_request_id(client.ok("ListNetworkRules", &page).await);
    let item = |name: &str| json!({ "Name": name, "Type": "Private" });
    let expected = json!({ "NetworkRules": { "NetworkRule": [item("r2"), item("r3")] }, "PageNumber": 2,
        "PageSize": 2, "TotalCount": 5 });
    assert_eq!(seen, expected);

    let stranger = account_beside(&client).await;
    assert_eq!(stranger.ok("ListNetworkRules", &[]).await["TotalCount"], 0);
    assert_eq!(
        stranger.outcome("DescribeNetworkRule", &[("Name", "r1")]).await,
        "404 Forbidden.ResourceNotFound"
    );
    make_policy(&client, SECRETS).await;
    make_point(&client, "app", &["secrets"]).await;
    let application = Application::new(&client, "app").await;
    for operation in ["GetClientKey", "DeleteClientKey"] {
        let seen = stranger.outcome(operation, &[("ClientKeyId", &application.id)]).await;
        assert_eq!(seen, "404 Forbidden.ResourceNotFound");
    }
    assert_eq!(stranger.ok("ListClientKeys", &[]).await["ClientKeys"], json!([]));
    let instance = client.instance().await;
    let policy = [
        ("Name", "p"),
        ("KmsInstance", instance.as_str()),
        ("Permissions", &json!([KEY_USER]).to_string()),
        ("Resources", r#"["key/*"]"#),
    ];
    assert_eq!(stranger.outcome("CreatePolicy", &policy).await, "403 Forbidden.DKMSInstanceNotFound");
}

/// Whoever names something and whoever deletes it meet in every order; what is named is never gone.
#[tokio::test]
async fn nothing_is_left_dangling_when_a_name_is_given_and_deleted_at_once() {
    let client = client().await;
    let secret_user = json!([SECRET_USER]).to_string();
    for round in 0..20 {
        let (rule, policy) = (format!("r{round}"), format!("p{round}"));
        make_rule(&client, &rule, &[]).await;
        let rules = json!({ "NetworkRules": [rule] }).to_string();
        let params = [
            ("Name", policy.as_str()),
            ("Permissions", &secret_user),
            ("Resources", r#"["secret/*"]"#),
            ("AccessControlRules", &rules),
        ];
        let rule = [("Name", rule.as_str())];
        let (made, deleted) =
            tokio::join!(client.outcome("CreatePolicy", &params), client.outcome("DeleteNetworkRule", &rule));
        match (made.as_str(), deleted.as_str()) {
            ("ok", "409 Rejected.ResourceInUse") | ("404 Forbidden.ResourceNotFound", "ok") => {}
            both => panic!("{both:?}"),
        }
    }
}
