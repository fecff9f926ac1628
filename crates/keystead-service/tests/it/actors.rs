//! Users, roles and sessions, written straight into the store, and calls on their behalf.

use std::borrow::Cow;

use keystead_api::{ApiError, ErrorCode, OperationId, Params, Product};
use keystead_auth::{Credentials, SecretKey, SecurityToken};
use keystead_crypto::{Purpose, SealingKey, SystemRandom};
use keystead_service::audit::Trail;
use keystead_service::records::{
    AccessKeyRecord, Attachment, KeyOwner, PolicyKind, PolicyRecord, PolicyVersion, RoleRecord, Sealed,
    Stored, UserRecord, path,
};
use keystead_service::{AuthFailure, Caller, Origin};
use keystead_store::Batch;
use serde_json::Value;

use crate::harness::{Client, START, authenticate_with, bound, next_number, text};

/// Another account than the client's.
pub const STRANGER: &str = "1999999999999999";

/// Puts a record into the store, whatever was there.
pub async fn put<T: Stored>(client: &Client, at: String, record: &T) {
    let mut batch = Batch::new();
    batch.put(at, T::KIND, T::FORMAT, serde_json::to_vec(record).unwrap());
    client.engine.store().commit(batch).await.unwrap();
}

pub async fn remove(client: &Client, at: String) {
    let mut batch = Batch::new();
    batch.delete(at);
    client.engine.store().commit(batch).await.unwrap();
}

fn attachments(policies: &[&str]) -> Vec<Attachment> {
    let kind = |name: &str| if name.starts_with("custom") { PolicyKind::Custom } else { PolicyKind::System };
    let attach = |name: &&str| Attachment { kind: kind(name), policy: (*name).to_owned(), attached: START };
    policies.iter().map(attach).collect()
}

/// A user with policies; those whose names begin with `custom` are the account's.
pub async fn user(client: &Client, name: &str, policies: &[&str]) -> Credentials {
    let (account, number) = (client.account().to_owned(), next_number());
    let (user_id, id) = (format!("2{number:017}"), format!("LTAI5tUserOfTests{number:07}"));
    let secret = format!("secretOfAnAccessKeyOfUser{number:05}");
    let record = UserRecord {
        user_id: user_id.clone(),
        account: account.clone(),
        name: name.to_owned(),
        display_name: String::new(),
        mobile_phone: String::new(),
        email: String::new(),
        comments: String::new(),
        created: START,
        updated: START,
        access_keys: vec![id.clone()],
        groups: Vec::new(),
        policies: attachments(policies),
        tags: Vec::new(),
    };
    put(client, path::user(&account, name), &record).await;
    let aad = bound(&[&account, &id]);
    let mut sealed = Vec::new();
    SealingKey::derive(&client.account_key().await, Purpose::WrapAccessKeySecret, b"")
        .seal(&SystemRandom, &aad, secret.as_bytes(), &mut sealed)
        .unwrap();
    let key = AccessKeyRecord {
        access_key_id: id.clone(),
        account,
        sealed_secret: Sealed(sealed.into()),
        active: true,
        created: START,
        owner: Some(KeyOwner { name: name.to_ascii_lowercase(), user_id }),
    };
    put(client, path::access_key(&id), &key).await;
    Credentials::access_key(id, secret)
}

/// A policy of the account.
pub async fn policy(client: &Client, name: &str, document: &str) {
    let record = PolicyRecord {
        account: client.account().to_owned(),
        name: name.to_owned(),
        description: String::new(),
        created: START,
        updated: START,
        default_version: 1,
        next_version: 2,
        versions: vec![PolicyVersion { number: 1, document: document.to_owned(), created: START }],
        tags: Vec::new(),
    };
    put(client, path::policy(client.account(), name), &record).await;
}

/// A role of an account, with a trust policy of one statement: this principal, this condition.
pub async fn role_of(
    client: &Client,
    account: &str,
    name: &str,
    principal: &str,
    condition: &str,
    policies: &[&str],
) -> RoleRecord {
    let condition = if condition.is_empty() { String::new() } else { format!(r#","Condition":{condition}"#) };
    let record = RoleRecord {
        role_id: format!("3{:017}", next_number()),
        account: account.to_owned(),
        name: name.to_owned(),
        description: String::new(),
        trust_policy: format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}{condition}}}]}}"#
        ),
        max_session_seconds: 7_200,
        sessions_valid_from: None,
        created: START,
        updated: START,
        policies: attachments(policies),
        tags: Vec::new(),
    };
    put(client, path::role(account, name), &record).await;
    record
}

/// A role of the client's account that trusts the account.
pub async fn role(client: &Client, name: &str, policies: &[&str]) -> RoleRecord {
    let account = client.account();
    let principal = format!(r#"{{"RAM":["acs:ram::{account}:root"]}}"#);
    role_of(client, account, name, &principal, "", policies).await
}

pub fn arn(account: &str, kind: &str, name: &str) -> String {
    format!("acs:ram::{account}:{kind}/{name}")
}

/// Signs in now.
pub async fn sign_in(client: &Client, credentials: &Credentials) -> Result<Caller, AuthFailure> {
    let nonce = format!("nonce-{}", next_number());
    authenticate_with(&client.engine, credentials, client.engine.now(), &nonce).await
}

/// Status and code of a failed sign-in, or the caller's ARN.
pub async fn signed_in(client: &Client, credentials: &Credentials) -> String {
    match sign_in(client, credentials).await {
        Ok(caller) => caller.arn(),
        Err(AuthFailure::Refused(error)) => format!("{} {}", error.status(), error.code().name()),
        Err(AuthFailure::Signature(error)) => format!("{} {}", error.status(), error.code()),
    }
}

/// Calls an operation of STS.
pub async fn sts(
    client: &Client,
    caller: &Caller,
    operation: &str,
    params: &[(&str, &str)],
) -> Result<Value, ApiError> {
    let id = OperationId::find(Product::Sts, operation).unwrap();
    let pairs: Vec<_> =
        params.iter().map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(*value))).collect();
    match client
        .engine
        .call(caller, id, Params::new(&pairs), &Origin::local("request-id"), &Trail::unrecorded("request-id"))
        .await
    {
        Ok(json) => Ok(serde_json::from_slice(&json).unwrap()),
        Err(error) => {
            let declared = id.def().errors.contains(&error.code());
            assert!(
                declared || matches!(error.code(), ErrorCode::Missing(_) | ErrorCode::InternalFailure),
                "{operation} answers {error}, which it does not declare"
            );
            Err(error)
        }
    }
}

/// Takes a role, with an answer that is wanted.
pub async fn assume(
    client: &Client,
    credentials: &Credentials,
    role: &RoleRecord,
    session: &str,
    more: &[(&str, &str)],
) -> Credentials {
    let caller = sign_in(client, credentials).await.ok().unwrap();
    let arn = arn(&role.account, "role", &role.name);
    let mut params = vec![("RoleArn", arn.as_str()), ("RoleSessionName", session)];
    params.extend_from_slice(more);
    temporary(&sts(client, &caller, "AssumeRole", &params).await.unwrap())
}

/// The keys in an answer.
pub fn temporary(answer: &Value) -> Credentials {
    let keys = &answer["Credentials"];
    Credentials {
        access_key_id: text(&keys["AccessKeyId"]),
        secret: SecretKey::new(text(&keys["AccessKeySecret"])),
        security_token: Some(SecurityToken::new(text(&keys["SecurityToken"]))),
    }
}
