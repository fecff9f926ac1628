//! Every operation against every set of grants, made from the definitions: denied unless exactly what the definition names is
//! allowed. A new operation cannot escape: the walk that this goes along fails without it, and so does the count of rules.
//!
//! The OpenAPI is walked at both gateways. `applications` does the same for the instance API, whose callers have policies of
//! another kind, and `trust` for the policies of roles.

mod applications;
mod grants;
mod strangers;
mod trust;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use keystead_api::{ApiError, Gateways, OperationDef, OperationId, Product, ResourceRule};
use keystead_service::{BUILT, UNSUPPORTED_FOR_GOOD, undone_operations};
use serde_json::{Value, json};

use crate::harness::{Client, client, labelled};
use crate::identities::{custom, document, make_user, put_policy, statement, system};
use crate::isolation::account_beside;
use crate::permission_matrix::grants::{Grant, Params, grants};
use crate::walk::{self, Visitor};

/// The user that calls, an administrator, and the custom policy of both.
const USER: &str = "Matrix";
const ADMIN: &str = "Admin";
const POLICY: &str = "grants";

/// Whoever calls in the walk's accounts.
#[derive(Clone)]
struct Callers {
    user: Client,
    /// With every permission, and the custom policy beside it.
    admin: Client,
    /// Root and an administrator of another account; where the client stands at the gateway of an instance there, and once at
    /// that of an instance of their own.
    strangers: Vec<Client>,
}

#[derive(Default)]
struct Matrix {
    callers: RefCell<BTreeMap<String, Callers>>,
    /// Which rules were taken away, by operation and number.
    removed: RefCell<BTreeSet<(String, usize)>>,
    /// The operations that were denied to somebody.
    denied: RefCell<BTreeSet<String>>,
}

impl Matrix {
    async fn callers(&self, client: &Client) -> Callers {
        if let Some(known) = self.callers.borrow().get(client.account()) {
            return known.clone();
        }
        put_policy(client, POLICY, &nothing()).await;
        let user = make_user(client, USER, &[custom(POLICY)]).await.on(client).await;
        let all = [system("AdministratorAccess"), custom(POLICY)];
        let admin = make_user(client, ADMIN, &all).await.on(client).await;
        let stranger = account_beside(client).await;
        let other = make_user(&stranger, ADMIN, &all[..1]).await.on(&stranger).await;
        let mut strangers = vec![stranger.clone(), other];
        if client.instance.is_some() {
            strangers.push(stranger.through(&stranger.instance().await));
        }
        let callers = Callers { user, admin, strangers };
        self.callers.borrow_mut().insert(client.account().to_owned(), callers.clone());
        callers
    }

    /// One call that must be denied, with nothing changed.
    async fn denied(&self, case: &Case<'_>, caller: &Client, policy: &Value, explicit: bool) {
        put_policy(case.client, POLICY, policy).await;
        let before = case.client.revision();
        let result = caller.call(case.label, case.params).await;
        let Case { label, params, .. } = case;
        let expected =
            if case.def.product == Product::Kms { "Forbidden.NoPermission" } else { "NoPermission" };
        assert_eq!(code(&result), expected, "{label} {params:?} under {policy}");
        if let Err(error) = &result {
            let detail = error.denied().unwrap_or_else(|| panic!("{label} says no reason"));
            assert!(case.def.access.iter().any(|rule| rule.action == detail.auth_action));
            let kind = if explicit { "ExplicitDeny" } else { "ImplicitDeny" };
            assert_eq!((detail.no_permission_type, detail.auth_principal_type), (kind, "SubUser"), "{label}");
            assert_eq!(detail.policy_type, "AccountLevelIdentityBasedPolicy");
            assert_eq!(detail.auth_principal_display_name, caller.caller.principal_id());
        }
        assert_eq!(case.client.revision(), before, "{label} was denied and changed something");
        self.denied.borrow_mut().insert((*label).to_owned());
    }
}

impl Matrix {
    /// Nothing was left out: each rule of each operation was taken away at least once.
    fn assert_whole(&self, defs: impl Iterator<Item = &'static OperationDef>) {
        let mut missing = Vec::new();
        for def in defs {
            let label = def.label();
            assert!(
                def.access.is_empty() || self.denied.borrow().contains(&label),
                "{label} was never denied"
            );
            for (index, rule) in def.access.iter().enumerate() {
                if !self.removed.borrow().contains(&(label.clone(), index)) {
                    missing.push(format!("{label}: {} on {:?}", rule.action, rule.resource));
                }
            }
        }
        assert_eq!(missing, [""; 0], "no call of the walk needs these: add one");
    }
}

struct Case<'a> {
    client: &'a Client,
    label: &'static str,
    def: &'static OperationDef,
    params: &'a [(&'a str, &'a str)],
}

impl Visitor for Matrix {
    async fn visit(&self, client: &Client, label: &'static str, params: &[(&str, &str)]) {
        self.check(client, label, params, "ok").await;
    }
}

impl Matrix {
    /// Makes a call under every set of grants; with exactly those that it needs, it ends as `expected`.
    async fn check(&self, client: &Client, label: &'static str, params: &[(&str, &str)], expected: &str) {
        let case = Case { client, label, def: labelled(label), params };
        let Callers { user, admin, strangers } = self.callers(client).await;
        let needed = grants(client, USER, case.def, &Params(params)).await;
        if needed.is_empty() {
            assert!(case.def.access.is_empty(), "{label} {params:?} needs nothing");
            put_policy(client, POLICY, &document(vec![statement("Deny", "*", "*")])).await;
            assert_eq!(code(&user.call(label, params).await), expected, "{label}");
            return;
        }
        let actions: Vec<_> = needed.iter().map(|grant| grant.action).collect();

        self.denied(&case, &user, &nothing(), false).await;
        let others = json!({ "Effect": "Allow", "NotAction": actions, "Resource": "*" });
        self.denied(&case, &user, &document(vec![others]), false).await;
        let elsewhere: Vec<_> = needed.iter().flat_map(|grant| elsewhere(&grant.resource)).collect();
        self.denied(&case, &user, &document(vec![statement("Allow", actions.clone(), elsewhere)]), false)
            .await;
        for (index, missing) in needed.iter().enumerate() {
            let rest = needed.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, one)| one);
            self.denied(&case, &user, &exactly(rest), false).await;
            let but = vec![denying(missing)];
            // What an operation is about may be the caller itself.
            let of_admin = &grants(client, ADMIN, case.def, &Params(params)).await[index];
            self.denied(&case, &admin, &document(vec![denying(of_admin)]), true).await;
            let beside: Vec<_> = needed.iter().map(allowing).chain(but).collect();
            self.denied(&case, &user, &document(beside), true).await;
            for rule in &missing.rules {
                self.removed.borrow_mut().insert((label.to_owned(), *rule));
            }
        }
        strangers::get_nothing(client, &strangers, case.def, label, params).await;

        put_policy(client, POLICY, &exactly(&needed)).await;
        assert_eq!(code(&user.call(label, params).await), expected, "{label} {params:?} with {needed:?}");
    }
}

/// `ok`, or the code; of a batch the first one.
fn code(result: &Result<Value, ApiError>) -> String {
    match result {
        Ok(answer) => answer["Errors"][0]["Code"].as_str().unwrap_or("ok").to_owned(),
        Err(error) => error.code().name().into_owned(),
    }
}

fn nothing() -> Value {
    document(vec![statement("Allow", "kms:NoSuchOperation", "*")])
}

fn allowing(grant: &Grant) -> Value {
    statement("Allow", grant.action, grant.resource.as_str())
}

fn denying(grant: &Grant) -> Value {
    statement("Deny", grant.action, grant.resource.as_str())
}

fn exactly<'a>(grants: impl IntoIterator<Item = &'a Grant>) -> Value {
    let mut statements: Vec<_> = grants.into_iter().map(allowing).collect();
    statements.push(statement("Allow", "kms:NoSuchOperation", "*"));
    document(statements)
}

/// Resources that are nearly this one, and not it.
fn elsewhere(resource: &str) -> Vec<String> {
    let parts: Vec<_> = resource.splitn(5, ':').collect();
    let [_, service, region, account, path] = parts[..] else { panic!("{resource} is no ARN") };
    let arn = |service, region, account: &str, path: &str| format!("acs:{service}:{region}:{account}:{path}");
    let mut near = vec![
        arn(service, region, "1000000000000001", path),
        arn("oss", region, account, path),
        arn(service, region, account, &format!("{path}x")),
        arn(service, region, account, &path.to_uppercase().replace('*', "X")),
    ];
    if service == "kms" {
        near.push(arn(service, "cn-other", account, path));
    } else {
        // Names of RAM are the same in both cases.
        near.pop();
    }
    if let Some((kind, name)) = path.split_once('/') {
        near.push(arn(service, region, account, kind));
        near.push(arn(service, region, account, &format!("{kind}x/{name}")));
        near.push(arn(service, region, account, &format!("{kind}/{}", &name[..name.len() - 1])));
    }
    near
}

#[tokio::test]
async fn every_operation_is_denied_without_exactly_what_its_definition_names() {
    let (client, matrix) = (client().await, Matrix::default());
    walk::all(&matrix, &client).await;
    more(&matrix, &client).await;

    matrix.assert_whole(BUILT.iter().map(|id| id.def()));
}

#[tokio::test]
async fn so_is_every_operation_that_the_gateway_of_an_instance_offers() {
    let (client, matrix) = (client().await, Matrix::default());
    walk::dedicated::run(&matrix, &client).await;
    let offered = BUILT.iter().map(|id| id.def()).filter(|def| def.gateways != Gateways::Shared);
    matrix.assert_whole(offered);
}

/// Calls for rules that a walk with successes does not reach.
async fn more(matrix: &Matrix, client: &Client) {
    let key = client.key().await;
    let on = ("EnableDeletionProtection", "true");
    let instance = [("KmsInstanceId", "kst-hzz62ee817bdyyr5x0abc"), on];
    let none = "Forbidden.DKMSInstanceNotFound";
    matrix.check(client, "SetDeletionProtection", &instance, none).await;

    matrix.check(client, "OpenKmsService", &[], "Forbidden.Opened").await;

    // A secret under a key, through each operation that reads or writes values.
    let secret = ("SecretName", "matrix/under-key");
    let params = [secret, ("VersionId", "v1"), ("SecretData", "eA=="), ("EncryptionKeyId", &key)];
    matrix.check(client, "CreateSecret", &params, "ok").await;
    matrix.check(client, "GetSecretValue", &[secret], "ok").await;
    let list = r#"[{"SecretName":"matrix/under-key"}]"#;
    matrix.check(client, "BatchGetSecretValue", &[("SecretsList", list)], "ok").await;
    matrix.check(client, "GetManagedDataKey", &[("DataKeyName", secret.1)], "ok").await;
    let put = [secret, ("VersionId", "v2"), ("SecretData", "eQ==")];
    matrix.check(client, "PutSecretValue", &put, "ok").await;

    // Tags of secrets, of several resources, and by ARN.
    let arn = |path: &str| format!("acs:kms:cn-hangzhou:{}:{path}", client.account());
    let (key_arn, secret_arn) = (arn(&format!("key/{key}")), arn("secret/matrix/under-key"));
    let of = |kind| [("RegionId", "cn-hangzhou"), ("ResourceType", kind)];
    let other = client.key().await;
    let keys = [&of("key")[..], &[("ResourceId.1", &key_arn), ("ResourceId.2", &other)]].concat();
    let secrets = [&of("secret")[..], &[("ResourceId.1", &secret_arn)]].concat();
    for named in [keys, secrets] {
        let tag = [&named[..], &[("Tag.1.Key", "a"), ("Tag.1.Value", "b")]].concat();
        matrix.check(client, "TagResources", &tag, "ok").await;
        matrix.check(client, "ListTagResources", &named, "ok").await;
        let untag = [&named[..], &[("TagKey.1", "a")]].concat();
        matrix.check(client, "UntagResources", &untag, "ok").await;
    }
    matrix.check(client, "ListTagResources", &of("secret"), "ok").await;

    // Without a name, AccessKeys are the caller's own; that takes a permission on itself.
    matrix.check(client, "Ram.ListAccessKeys", &[], "ok").await;

    // A role that trusts the account leaves it to the account's policies who may take it.
    let trust = json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "RAM": format!("acs:ram::{}:root", client.account()) } }] });
    let role = [("RoleName", "Matrix"), ("AssumeRolePolicyDocument", &trust.to_string())];
    client.ok("Ram.CreateRole", &role).await;
    let role = format!("acs:ram::{}:role/Matrix", client.account());
    let take = [("RoleArn", role.as_str()), ("RoleSessionName", "one")];
    matrix.check(client, "Sts.AssumeRole", &take, "ok").await;

    // Keys by alias and by ARN: the permission is the key's.
    client.ok("CreateAlias", &[("AliasName", "alias/matrix"), ("KeyId", &key)]).await;
    let alias_arn = arn("alias/matrix");
    for name in ["alias/matrix", &alias_arn, &key_arn] {
        matrix.check(client, "Encrypt", &[("KeyId", name), ("Plaintext", "x")], "ok").await;
        matrix.check(client, "DescribeKey", &[("KeyId", name)], "ok").await;
    }
    matrix.check(client, "GetSecretValue", &[("SecretName", &secret_arn)], "ok").await;
}

/// Operations that need no permission are few, and known. Who may call AssumeRoleWithOIDC is said by trust policies alone.
#[test]
fn only_these_operations_need_no_permission() {
    let free: Vec<_> =
        OperationId::all().filter(|def| def.access.is_empty()).map(OperationDef::label).collect();
    assert_eq!(free, ["DescribeRegions", "Sts.AssumeRoleWithOIDC", "Sts.GetCallerIdentity"]);
}

/// Every operation is either in the walk, which the matrix goes along, or not built.
#[test]
fn every_operation_is_in_the_matrix_or_not_built() {
    let undone = undone_operations();
    for def in OperationId::all() {
        if def.product == Product::Kms {
            let left_out = undone.contains(&def.name) || UNSUPPORTED_FOR_GOOD.contains(&def.id);
            assert!(BUILT.contains(&def.id) != left_out, "{}", def.label());
        }
        // The first rule is one that the call itself cannot avoid.
        let first = def.access.first().map(|rule| rule.resource);
        let avoidable = matches!(first, Some(ResourceRule::KeyOfSecret(_)));
        assert!(!avoidable, "{} can be called without a check", def.label());
    }
}
