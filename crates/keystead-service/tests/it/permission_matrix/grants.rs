//! What a call needs, worked out anew from the definition, the parameters and the store.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{OperationDef, Product, ResourceRule};
use keystead_service::records::{AliasRecord, KeyVersionRecord, SecretRecord, Stored, path};
use serde_json::Value;

use crate::harness::{Client, REGION};

/// One permission that a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The rules of the definition that ask for it.
    pub rules: Vec<usize>,
    pub action: &'static str,
    pub resource: String,
}

/// Reads what parameters say.
pub struct Params<'a>(pub &'a [(&'a str, &'a str)]);

impl<'a> Params<'a> {
    pub fn get(&self, name: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).filter(|value| !value.is_empty())
    }

    /// `Name.1`, `Name.2`, …
    pub fn list(&self, name: &str) -> Vec<&'a str> {
        (1..).map_while(|number| self.get(&format!("{name}.{number}"))).collect()
    }

    /// The names in a list of secrets.
    pub fn secrets(&self, name: &str) -> Vec<String> {
        let list: Value = serde_json::from_str(self.get(name).unwrap_or("[]")).unwrap();
        let list = list.as_array().unwrap().iter();
        list.map(|item| item["SecretName"].as_str().unwrap().to_owned()).collect()
    }
}

/// All permissions that a call of `caller` needs; the same one once, whichever rules ask for it.
pub async fn grants(
    client: &Client,
    caller: &str,
    def: &'static OperationDef,
    params: &Params<'_>,
) -> Vec<Grant> {
    let mut grants: Vec<Grant> = Vec::new();
    for (index, rule) in def.access.iter().enumerate() {
        for path in resources(client, caller, rule.resource, params).await {
            let resource = match (path.as_str(), def.product) {
                (whole, _) if whole.starts_with("acs:") => path,
                (path, Product::Kms) => format!("acs:kms:{REGION}:{}:{path}", client.account()),
                (path, _) => format!("acs:ram::{}:{path}", client.account()),
            };
            match grants.iter_mut().find(|one| one.action == rule.action && one.resource == resource) {
                Some(known) => known.rules.push(index),
                None => grants.push(Grant { rules: vec![index], action: rule.action, resource }),
            }
        }
    }
    grants
}

async fn resources(client: &Client, caller: &str, rule: ResourceRule, params: &Params<'_>) -> Vec<String> {
    let account = client.account();
    let key_path = |id: String| format!("key/{id}");
    match rule {
        ResourceRule::Any => vec!["*".to_owned()],
        ResourceRule::Container(kind) => vec![kind.to_owned()],
        ResourceRule::Key(param) => vec![key_path(key_id(client, params.get(param).unwrap()).await)],
        ResourceRule::KeyIfGiven(param) => match params.get(param) {
            Some(text) => vec![key_path(key_id(client, text).await)],
            None => Vec::new(),
        },
        ResourceRule::KeyOfCiphertext(param) => match version_id(params.get(param).unwrap()) {
            Some(id) => {
                vec![key_path(record::<KeyVersionRecord>(client, &path::key_version(&id)).await.key_id)]
            }
            None => Vec::new(),
        },
        ResourceRule::KeyOfAlias(param) => {
            let name = params.get(param).unwrap().strip_prefix("alias/").unwrap();
            vec![key_path(record::<AliasRecord>(client, &path::alias(account, name)).await.key_id)]
        }
        ResourceRule::Alias(param) => vec![params.get(param).unwrap().to_owned()],
        ResourceRule::Secret(param) | ResourceRule::SecretIfGiven(param) => {
            params.get(param).into_iter().map(|text| format!("secret/{}", bare(text))).collect()
        }
        ResourceRule::EachSecret(param) => {
            params.secrets(param).iter().map(|name| format!("secret/{}", bare(name))).collect()
        }
        ResourceRule::KeyOfSecret(param) => {
            let names = match params.get(param) {
                Some(text) if text.starts_with('[') => params.secrets(param),
                Some(text) => vec![text.to_owned()],
                None => Vec::new(),
            };
            let mut keys = Vec::new();
            for name in names {
                let secret = record::<SecretRecord>(client, &path::secret(account, bare(&name))).await;
                keys.extend(secret.encryption_key_id.map(|id| format!("key/{id}")));
            }
            keys
        }
        ResourceRule::EachTagged(param) => {
            let kind = params.get("ResourceType").unwrap();
            // KMS has `Name.1`, …, RAM one JSON text.
            let ids: Vec<String> = match params.get(param) {
                Some(text) => serde_json::from_str(text).unwrap(),
                None => params.list(param).iter().map(|id| (*id).to_owned()).collect(),
            };
            match ids.is_empty() {
                true => vec![kind.to_owned()],
                false => ids.iter().map(|id| format!("{kind}/{}", bare(id))).collect(),
            }
        }
        ResourceRule::Named(kind, param) => {
            params.get(param).into_iter().map(|name| format!("{kind}/{name}")).collect()
        }
        ResourceRule::NamedOrSelf(kind, param) => {
            vec![format!("{kind}/{}", params.get(param).unwrap_or(caller))]
        }
        ResourceRule::RoleOfArn(param) => vec![params.get(param).unwrap().to_owned()],
    }
}

/// The id of the key that a text names by id, alias or ARN.
async fn key_id(client: &Client, text: &str) -> String {
    let text = match text.starts_with("acs:") {
        true => text.splitn(5, ':').nth(4).unwrap(),
        false => text,
    };
    match text.strip_prefix("alias/") {
        Some(name) => record::<AliasRecord>(client, &path::alias(client.account(), name)).await.key_id,
        None => text.strip_prefix("key/").unwrap_or(text).to_owned(),
    }
}

/// The name or id in an ARN, or the text itself.
fn bare(text: &str) -> &str {
    match text.starts_with("acs:") {
        true => text.splitn(5, ':').nth(4).unwrap().split_once('/').unwrap().1,
        false => text,
    }
}

/// The version that a ciphertext of a symmetric key names.
pub fn version_id(blob: &str) -> Option<String> {
    let bytes = STANDARD.decode(blob).ok()?;
    let id = std::str::from_utf8(bytes.get(..36)?).ok()?;
    id.starts_with("key-").then(|| id.to_owned())
}

async fn record<T: Stored>(client: &Client, at: &str) -> T {
    let record = client.engine.store().get(at).await.unwrap();
    serde_json::from_slice(&record.unwrap_or_else(|| panic!("{at} is not there")).value).unwrap()
}
