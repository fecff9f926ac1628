//! The same calls by another account, which knows every id, name, alias and ARN.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::{OperationDef, Product, ResourceRule};
use keystead_store::Range;

use crate::harness::{Client, REGION};
use crate::permission_matrix::grants::version_id;

/// Characters of a key's id.
pub const KEY_ID: usize = 25;
/// Where in it the random part begins.
pub const KEY_RANDOM: usize = 15;

type Pairs = Vec<(String, String)>;

/// Calls as another account's caller with the parameters as they are and with ARNs instead, and compares each time with what
/// is answered when the names in them are of nothing.
pub async fn get_nothing(
    owner: &Client,
    strangers: &[Client],
    def: &'static OperationDef,
    label: &str,
    params: &[(&str, &str)],
) {
    let params: Pairs = params.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    if def.product != Product::Kms {
        return get_nothing_of_identities(owner, strangers, label, &params).await;
    }
    // Without a name of the owner's the call is about the caller's own account.
    if !params.iter().any(|(name, _)| names_something(def, name)) {
        return;
    }
    for stranger in strangers {
        let plain = params.clone();
        let owners = with_arns(&params, owner.account());
        let own = with_arns(&params, stranger.account());
        for known in [plain, owners, own] {
            let unknown = of_nothing(&known);
            let before = owner.revision();
            let told = answer(stranger, label, &known).await;
            let told_of_nothing = answer(stranger, label, &unknown).await;
            assert!(told.starts_with("Err"), "{label} {known:?}: {told}");
            assert_eq!(told, told_of_nothing, "{label} {known:?} {unknown:?}");
            assert_eq!(owner.revision(), before, "{label} {known:?} changed something");
        }
    }
}

/// Names of users and roles are each account's own: a stranger's call may well succeed, and is about its own account.
async fn get_nothing_of_identities(owner: &Client, strangers: &[Client], label: &str, params: &Pairs) {
    let before = records_of(owner).await;
    for stranger in strangers {
        let told = answer(stranger, label, params).await;
        let named: Vec<_> = params.iter().filter(|(_, value)| value.contains(owner.account())).collect();
        assert!(!named.is_empty() || !told.contains(owner.account()), "{label}: {told}");
        assert_eq!(records_of(owner).await, before, "{label} {params:?} changed what is another account's");
    }
}

async fn answer(client: &Client, label: &str, params: &Pairs) -> String {
    let params: Vec<_> = params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let result = client.call(label, &params).await;
    match result {
        // Of a batch each entry has an error of its own.
        Ok(answer) if answer["SecretValues"].as_array().is_some_and(Vec::is_empty) => {
            let errors = answer["Errors"].as_array().unwrap();
            let told: Vec<_> = errors.iter().map(|one| (&one["Code"], &one["Message"])).collect();
            format!("Err of a batch {told:?}")
        }
        other => format!("{other:?}"),
    }
}

/// Whether a parameter names a resource by a rule of the definition.
fn names_something(def: &OperationDef, name: &str) -> bool {
    def.access.iter().any(|rule| match rule.resource {
        ResourceRule::Key(param)
        | ResourceRule::KeyIfGiven(param)
        | ResourceRule::KeyOfCiphertext(param)
        | ResourceRule::KeyOfAlias(param)
        | ResourceRule::Secret(param)
        | ResourceRule::SecretIfGiven(param)
        | ResourceRule::EachSecret(param) => param == name,
        ResourceRule::EachTagged(param) => name.starts_with(&format!("{param}.")),
        _ => false,
    })
}

/// The parameters with ARNs of an account where they take some.
fn with_arns(params: &Pairs, account: &str) -> Pairs {
    let arn = |path: &str| format!("acs:kms:{REGION}:{account}:{path}");
    let kind = params.iter().find(|(name, _)| name == "ResourceType").map_or("", |(_, kind)| kind);
    let changed = params.iter().map(|(name, value)| {
        let value = match name.as_str() {
            _ if value.starts_with("acs:") => arn(value.splitn(5, ':').nth(4).unwrap()),
            "KeyId" | "SourceKeyId" | "DestinationKeyId" | "EncryptionKeyId"
                if value.starts_with("alias/") =>
            {
                arn(value)
            }
            "KeyId" | "SourceKeyId" | "DestinationKeyId" | "EncryptionKeyId" => arn(&format!("key/{value}")),
            "SecretName" | "DataKeyName" => arn(&format!("secret/{value}")),
            "SecretsList" => {
                value.replace(r#""SecretName":""#, &format!(r#""SecretName":"{}"#, arn("secret/")))
            }
            _ if name.starts_with("ResourceId.") => arn(&format!("{kind}/{value}")),
            _ => value.clone(),
        };
        (name.clone(), value)
    });
    changed.collect()
}

/// The parameters with names and ids of nothing, of the same form.
fn of_nothing(params: &Pairs) -> Pairs {
    params.iter().map(|(name, value)| (name.clone(), nothing(name, value))).collect()
}

fn nothing(name: &str, value: &str) -> String {
    if name == "CiphertextBlob" && version_id(value).is_some() {
        let mut blob = STANDARD.decode(value).unwrap();
        blob[KEY_RANDOM..KEY_ID].copy_from_slice(b"0000000000");
        return STANDARD.encode(blob);
    }
    let mut value = value.to_owned();
    if let Some(at) = value.find("key-hzz") {
        value.replace_range(at + KEY_RANDOM..at + KEY_ID, "0000000000");
    } else if let Some(at) = value.find("alias/") {
        value.truncate(at);
        value.push_str("alias/of-nothing");
    } else if name == "SecretsList" {
        value = value.replace(r#""}"#, r#"-of-nothing"}"#);
    } else if ["SecretName", "DataKeyName"].contains(&name) || name.starts_with("ResourceId.") {
        value.push_str("-of-nothing");
    }
    value
}

/// All that the store holds of an account.
async fn records_of(client: &Client) -> BTreeMap<String, u64> {
    let mut found = BTreeMap::new();
    let mut after = None;
    loop {
        let records = client.engine.store().scan(Range::all(), after, 500).await.unwrap();
        let Some(last) = records.last() else { return found };
        after = Some(last.key.clone());
        for record in records {
            let is_its_own = format!(r#""account":"{}""#, client.account());
            let text = String::from_utf8_lossy(&record.value);
            if record.key.contains(client.account()) || text.contains(&is_its_own) {
                found.insert(record.key, record.revision);
            }
        }
    }
}
