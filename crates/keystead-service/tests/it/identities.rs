//! Users, groups and policies, written into the store as another node would have written them.

use keystead_api::Timestamp;
use keystead_crypto::{Purpose, SealingKey, SystemRandom};
use keystead_service::records::{
    AccessKeyRecord, Attachment, GroupRecord, KeyOwner, Membership, PolicyKind, PolicyRecord, PolicyVersion,
    Sealed, Stored, UserRecord, path,
};
use keystead_store::Batch;
use serde_json::{Value, json};

use crate::harness::{Client, authenticate, bound, next_number};

/// A user of a client's account, and its AccessKey.
pub struct User {
    pub access_key_id: String,
    pub access_key_secret: String,
}

impl User {
    /// As a caller of an engine.
    pub async fn on(&self, client: &Client) -> Client {
        let caller = authenticate(&client.engine, &self.access_key_id, &self.access_key_secret).await;
        client.for_caller(caller.unwrap())
    }
}

/// Writes a record, whether there is one or not.
pub async fn put<T: Stored>(client: &Client, at: &str, record: &T) {
    let mut batch = Batch::new();
    batch.put(at.to_owned(), T::KIND, T::FORMAT, serde_json::to_vec(record).unwrap());
    client.engine.store().commit(batch).await.unwrap();
}

/// Removes a record.
pub async fn remove(client: &Client, at: &str) {
    let mut batch = Batch::new();
    batch.delete(at.to_owned());
    client.engine.store().commit(batch).await.unwrap();
}

/// Makes a user with these policies.
pub async fn make_user(client: &Client, name: &str, policies: &[Attachment]) -> User {
    let number = next_number();
    let (account, user_id) = (client.account().to_owned(), format!("2{number:015}"));
    let user = User {
        access_key_id: format!("LTAI5tOfAUser{number:011}"),
        access_key_secret: format!("secretOfAUser{number:017}"),
    };
    let wrap = SealingKey::derive(&client.account_key().await, Purpose::WrapAccessKeySecret, b"");
    let mut sealed = Vec::new();
    let aad = bound(&[&account, &user.access_key_id]);
    wrap.seal(&SystemRandom, &aad, user.access_key_secret.as_bytes(), &mut sealed).unwrap();
    let owner = KeyOwner { name: name.to_ascii_lowercase(), user_id: user_id.clone() };
    let key = AccessKeyRecord {
        access_key_id: user.access_key_id.clone(),
        account: account.clone(),
        sealed_secret: Sealed(sealed.into()),
        active: true,
        created: Timestamp(0),
        owner: Some(owner),
    };
    let record = UserRecord {
        user_id,
        account: account.clone(),
        name: name.to_owned(),
        display_name: String::new(),
        mobile_phone: String::new(),
        email: String::new(),
        comments: String::new(),
        created: Timestamp(0),
        updated: Timestamp(0),
        access_keys: vec![user.access_key_id.clone()],
        groups: Vec::new(),
        policies: policies.to_vec(),
        tags: Vec::new(),
    };
    put(client, &path::user(&account, name), &record).await;
    put(client, &path::access_key(&user.access_key_id), &key).await;
    user
}

/// Makes a group with these policies, or gives it these.
pub async fn put_group(client: &Client, name: &str, policies: &[Attachment]) {
    let group = GroupRecord {
        group_id: format!("g-{name}"),
        account: client.account().to_owned(),
        name: name.to_owned(),
        comments: String::new(),
        created: Timestamp(0),
        updated: Timestamp(0),
        policies: policies.to_vec(),
    };
    put(client, &path::group(client.account(), name), &group).await;
}

/// Makes a custom policy, or replaces it.
pub async fn put_policy(client: &Client, name: &str, document: &Value) {
    put_policy_text(client, name, &document.to_string()).await;
}

/// The same with any text.
pub async fn put_policy_text(client: &Client, name: &str, document: &str) {
    let old = PolicyVersion { number: 1, document: allow("*", "*").to_string(), created: Timestamp(0) };
    let new = PolicyVersion { number: 2, document: document.to_owned(), created: Timestamp(0) };
    let policy = PolicyRecord {
        account: client.account().to_owned(),
        name: name.to_owned(),
        description: String::new(),
        created: Timestamp(0),
        updated: Timestamp(0),
        default_version: 2,
        next_version: 3,
        versions: vec![old, new],
        tags: Vec::new(),
    };
    put(client, &path::policy(client.account(), name), &policy).await;
}

/// A custom policy attached.
pub fn custom(policy: &str) -> Attachment {
    Attachment { kind: PolicyKind::Custom, policy: policy.to_ascii_lowercase(), attached: Timestamp(0) }
}

/// A system policy attached.
pub fn system(policy: &str) -> Attachment {
    Attachment { kind: PolicyKind::System, policy: policy.to_owned(), attached: Timestamp(0) }
}

/// Being in a group.
pub fn member_of(group: &str) -> Membership {
    Membership { group: group.to_ascii_lowercase(), joined: Timestamp(0) }
}

/// A document of some statements.
pub fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "1", "Statement": statements })
}

/// A statement.
pub fn statement(effect: &str, action: impl Into<Value>, resource: impl Into<Value>) -> Value {
    json!({ "Effect": effect, "Action": action.into(), "Resource": resource.into() })
}

/// A document that allows something.
pub fn allow(action: &str, resource: &str) -> Value {
    document(vec![statement("Allow", action, resource)])
}
