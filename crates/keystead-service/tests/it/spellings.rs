//! One name in many spellings: what means the same is judged the same, and no spelling slips past a denial.

use serde_json::json;

use crate::harness::{client, outcome};
use crate::identities::{custom, document, make_user, put_policy, statement, system};

const DENIED: &str = "403 Forbidden.NoPermission";

/// Spellings that somebody may hope to be taken for the name; the name itself comes first.
fn spellings(name: &str) -> Vec<String> {
    let mut odd = vec![
        name.to_owned(),
        name.to_uppercase(),
        name.to_lowercase(),
        format!(" {name}"),
        format!("{name} "),
        format!("\t{name}"),
        format!("{name}\n"),
        format!("{name}\0"),
        format!("/{name}"),
        format!("{name}/"),
        format!("./{name}"),
        format!("x/../{name}"),
        name.replace('/', "//"),
        name.replace('/', "%2F"),
        name.replace('/', "\\"),
        format!("{name}*"),
        format!("{name}?"),
        format!("{name}\u{200b}"),
        name.replace('a', "\u{430}"),
        format!("\u{feff}{name}"),
        name.replace('/', "\u{2215}"),
    ];
    odd.dedup();
    assert!(odd.len() >= 20);
    odd
}

#[tokio::test]
async fn no_spelling_of_a_secret_slips_past_a_denial() {
    let root = client().await;
    let name = "team/db-Prod.a";
    for name in [name, "team/other"] {
        root.ok("CreateSecret", &[("SecretName", name), ("VersionId", "v"), ("SecretData", "x")]).await;
    }
    let arn = format!("acs:kms:cn-hangzhou:{}:secret/{name}", root.account());
    put_policy(&root, "p", &document(vec![statement("Deny", "kms:GetSecretValue", arn.as_str())])).await;
    let admin = make_user(&root, "Admin", &[system("AdministratorAccess"), custom("p")]).await;
    let admin = admin.on(&root).await;
    assert_eq!(admin.outcome("GetSecretValue", &[("SecretName", "team/other")]).await, "ok");
    for (index, spelling) in spellings(name).into_iter().enumerate() {
        let long = format!("acs:kms:cn-hangzhou:{}:secret/{spelling}", root.account());
        for text in [&spelling, &long] {
            let seen = admin.outcome("GetSecretValue", &[("SecretName", text)]).await;
            let expected = if index == 0 { DENIED } else { "404 Forbidden.ResourceNotFound" };
            assert_eq!(seen, expected, "{text:?}");
            let batch = json!([{ "SecretName": text }]).to_string();
            let answer = admin.ok("BatchGetSecretValue", &[("SecretsList", &batch)]).await;
            assert_eq!(answer["SecretValues"], json!([]), "{text:?}");
        }
    }
    for long in [arn.to_uppercase(), arn.replace("acs:", "ACS:"), arn.replace("cn-hangzhou", "CN-HANGZHOU")] {
        assert_ne!(admin.outcome("GetSecretValue", &[("SecretName", &long)]).await, "ok", "{long}");
    }
}

#[tokio::test]
async fn a_key_is_the_same_under_all_its_names() {
    let root = client().await;
    let (key, other) = (root.key().await, root.key().await);
    let account = root.account().to_owned();
    for (alias, key) in [("alias/one", &key), ("alias/two", &key), ("alias/other", &other)] {
        root.ok("CreateAlias", &[("AliasName", alias), ("KeyId", key)]).await;
    }
    let arn = |path: &str| format!("acs:kms:cn-hangzhou:{account}:{path}");
    let key_path = format!("key/{key}");
    let names =
        [key.clone(), arn(&key_path), "alias/one".to_owned(), arn("alias/one"), "alias/two".to_owned()];
    let user = make_user(&root, "Alice", &[custom("p")]).await.on(&root).await;
    let on_key = arn(&key_path);
    let only = document(vec![statement("Allow", "kms:DescribeKey", on_key.as_str())]);
    let but = document(vec![
        statement("Allow", "kms:*", "*"),
        statement("Deny", "kms:DescribeKey", on_key.as_str()),
    ]);
    for (policy, expected, of_other) in [(&only, "ok", DENIED), (&but, DENIED, "ok")] {
        put_policy(&root, "p", policy).await;
        for name in &names {
            assert_eq!(user.outcome("DescribeKey", &[("KeyId", name)]).await, expected, "{name}");
        }
        assert_eq!(user.outcome("DescribeKey", &[("KeyId", "alias/other")]).await, of_other);
        for spelling in spellings(&format!("x/{key}")).into_iter().map(|text| text.replacen("x/", "", 1)) {
            let seen = user.outcome("DescribeKey", &[("KeyId", &spelling)]).await;
            let same = names.contains(&spelling);
            assert!(same || seen.starts_with("404"), "{spelling:?}: {seen}");
        }
    }
    // Permissions are on the key, never on the alias that names it.
    put_policy(&root, "p", &document(vec![statement("Allow", "kms:*", arn("alias/*"))])).await;
    assert_eq!(user.outcome("DescribeKey", &[("KeyId", "alias/one")]).await, DENIED);
}

#[tokio::test]
async fn policies_mean_the_same_in_all_their_spellings() {
    let root = client().await;
    let key = root.key().await;
    let account = root.account().to_owned();
    let user = make_user(&root, "Alice", &[custom("p")]).await.on(&root).await;
    let call = async || outcome(&user.call("DescribeKey", &[("KeyId", &key)]).await);
    let arn = |path: &str| format!("acs:kms:cn-hangzhou:{account}:{path}");
    // Actions and keywords of resources.
    let actions = [
        "kms:DescribeKey",
        "KMS:DescribeKey",
        "kms:describekey",
        "KMS:DESCRIBEKEY",
        "Kms:describeKEY",
        "kms:Describe*",
        "kms:*Key",
        "kms:D*K*y",
        "kms:*",
        "*",
        "KMS:*",
        "kms:*key",
        "kms:DescribeKe?",
        "kms:?escribeKey",
        "kms:Des*ibeKey",
        "kms:d*",
        "kms:**",
        "kms:Describe?ey",
        "kms:*?",
        "kms:*K?y",
    ];
    let resources = [
        arn(&format!("key/{key}")),
        format!("acs:kms:*:*:key/{key}"),
        arn("key/*"),
        arn("*"),
        "*".to_owned(),
        format!("acs:*:*:*:key/{key}"),
    ];
    for action in actions {
        for resource in &resources {
            let statement_of = |effect| statement(effect, action, resource.as_str());
            put_policy(&root, "p", &document(vec![statement_of("Allow")])).await;
            assert_eq!(call().await, "ok", "{action} on {resource}");
            let both = vec![statement("Allow", "*", "*"), statement_of("Deny")];
            put_policy(&root, "p", &document(both)).await;
            assert_eq!(call().await, DENIED, "{action} on {resource}");
        }
    }
    for near in
        ["kms:DescribeKey ", " kms:DescribeKey", "kms:DescribeKeys", "kms:Describe", "oss:DescribeKey"]
    {
        put_policy(&root, "p", &document(vec![statement("Allow", near, "*")])).await;
        assert_ne!(call().await, "ok", "{near:?}");
    }
    // Names of users have no case; those of other users stay others.
    put_policy(&root, "p", &document(vec![statement("Allow", "kms:NoSuchOperation", "*")])).await;
    for (name, expected) in [
        ("Alice", "ok"),
        ("alice", "ok"),
        ("ALICE", "ok"),
        ("aLiCe", "ok"),
        ("alic", DENIED),
        ("alice2", DENIED),
    ] {
        let policy = crate::access::key_policy(&root, "Allow", &format!("user/{name}"), "kms:describekey");
        root.ok("SetKeyPolicy", &[("KeyId", &key), ("Policy", &policy)]).await;
        assert_eq!(call().await, expected, "{name}");
    }
}
