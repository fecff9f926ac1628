//! Clients whose credentials come from roles, each against a started server: what the session may do, and who it is.

mod machines;
mod roles;
mod tokens;

use std::sync::Arc;

use keystead_client::operations::{self, ram, sts};
use keystead_client::providers::{Cached, Effects, Fixed, RoleSettings, Source, StsEndpoint};
use keystead_client::types::identities::PolicyType;
use keystead_client::{Client, Credentials, CredentialsHttp, Error, RetryPolicy};
use serde_json::{Value, json};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Server};

/// A server, its account, and a key in it.
struct World {
    server: Server,
    root: Client,
    account: String,
    key: String,
}

impl World {
    async fn of(server: Server) -> Self {
        let root = client(&server).credentials(Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET));
        let root = root.build().unwrap();
        let caller = root.sts().get_caller_identity(sts::GetCallerIdentityRequest::new()).await.unwrap();
        let key = root.create_key(operations::CreateKeyRequest::new()).await.unwrap().key_metadata.key_id;
        Self { server, root, account: caller.account_id, key }
    }

    fn arn(&self, rest: &str) -> String {
        format!("acs:ram::{}:{rest}", self.account)
    }

    /// A policy that allows this, under the name.
    async fn policy(&self, name: &str, actions: &[&str]) {
        let policy = ram::CreatePolicyRequest::new(allow(actions), name);
        self.root.ram().create_policy(policy).await.unwrap();
    }

    /// A role that these may take on, and that may do this.
    async fn role(&self, name: &str, trusted: Value, condition: Value, actions: &[&str]) {
        let mut statement = json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": trusted });
        if !condition.is_null() {
            statement["Condition"] = condition;
        }
        let trust = json!({ "Version": "1", "Statement": [statement] });
        self.root.ram().create_role(ram::CreateRoleRequest::new(trust, name)).await.unwrap();
        self.policy(name, actions).await;
        let attach = ram::AttachPolicyToRoleRequest::new(name, PolicyType::CUSTOM, name);
        self.root.ram().attach_policy_to_role(attach).await.unwrap();
    }

    /// A user that may take on every role, and nothing else.
    async fn user(&self, name: &str) -> Fixed {
        self.root.ram().create_user(ram::CreateUserRequest::new(name)).await.unwrap();
        self.policy(name, &["sts:AssumeRole"]).await;
        let attach = ram::AttachPolicyToUserRequest::new(name, PolicyType::CUSTOM, name);
        self.root.ram().attach_policy_to_user(attach).await.unwrap();
        let key = ram::CreateAccessKeyRequest::new().user_name(name);
        let key = self.root.ram().create_access_key(key).await.unwrap().access_key;
        Fixed::new(Credentials::access_key(key.access_key_id, key.access_key_secret.expose()))
    }

    fn settings(&self, role: &str) -> RoleSettings {
        RoleSettings {
            sts: StsEndpoint::at(self.server.https().to_string()),
            session_name: Some("it".to_owned()),
            ..RoleSettings::of(self.arn(&format!("role/{role}")))
        }
    }

    /// How sources reach the server: over TLS under its authority.
    fn effects(&self) -> Effects {
        let ca = std::fs::read(self.server.ca_file()).unwrap();
        Effects::system(Arc::new(CredentialsHttp::new().ca_pem(ca)))
    }

    fn by(&self, source: impl Source + 'static) -> Client {
        self.with(source, self.effects())
    }

    fn with(&self, source: impl Source + 'static, effects: Effects) -> Client {
        let provider = Cached::new(source, effects);
        client(&self.server).credentials_provider(Arc::new(provider)).build().unwrap()
    }
}

fn client(server: &Server) -> keystead_client::ClientBuilder {
    Client::builder()
        .endpoint(server.https().to_string())
        .ca_file(server.ca_file())
        .retry(RetryPolicy::none())
}

fn allow(actions: &[&str]) -> Value {
    json!({ "Version": "1", "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": "*" }] })
}

/// Who the client's calls come from.
async fn caller(client: &Client) -> String {
    client.sts().get_caller_identity(sts::GetCallerIdentityRequest::new()).await.unwrap().arn
}

/// Encrypts and decrypts under the world's key; the code of the first refusal.
async fn encrypts_and_decrypts(world: &World, client: &Client) -> Result<(), String> {
    let code = |error: Error| error.code().map_or_else(|| error.to_string(), str::to_owned);
    let request = operations::EncryptRequest::new(&*world.key, b"by a role");
    let sealed = client.encrypt(request).await.map_err(|error| format!("encrypt: {}", code(error)))?;
    let request = operations::DecryptRequest::new(sealed.ciphertext_blob);
    let opened = client.decrypt(request).await.map_err(|error| format!("decrypt: {}", code(error)))?;
    assert_eq!(opened.plaintext.bytes().unwrap().expose(), b"by a role");
    Ok(())
}
