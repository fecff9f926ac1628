//! What each state of a key allows, operation by operation.

use crate::harness::{Client, client, text};
use keystead_service::records::KeyState;
use serde_json::Value;

const NAMES: [&str; 4] = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"];

const OK: &str = "ok";
const D: &str = "409 Rejected.Disabled";
const P: &str = "409 Rejected.PendingDeletion";
const I: &str = "409 Rejected.PendingImport";
/// The state cannot be left that way.
const S: &str = "409 Rejected.StateModifiedFailed";
const U: &str = "400 Rejected.UnsupportedOperation";
/// No operation brings such a key into this state.
const UNREACHABLE: &str = "";
const ORIGIN: &str = "400 Unsupported.Origin";

/// What the operations need besides: made once, under keys that stay enabled.
struct Others {
    /// A key that can take part.
    key: String,
    blob: String,
    /// A public key for exports.
    spki: String,
}

/// A key to be tried, and what was made with it while it was enabled.
#[derive(Default)]
struct Subject {
    key: String,
    version: String,
    alias: String,
    blob: String,
    data_key: String,
    signature: String,
    ciphertext: String,
    mac: String,
}

/// One line of the table: an operation, the kind of key, its parameters, how it ends in each state. In the parameters
/// `{key}` and the like stand for what the subject has.
type Line = (&'static str, Kind, &'static [(&'static str, &'static str)], [&'static str; 4]);

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Aes,
    Signing,
    Encrypting,
    Mac,
    /// For imported material: the one kind that waits for its import by itself.
    External,
}

const DIGEST: &str = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=";
const EXPORT: (&str, &str) = ("WrappingAlgorithm", "RSAES_OAEP_SHA_256");
const KEY: &[(&str, &str)] = &[("KeyId", "{key}")];
const USE: [&str; 4] = [OK, D, P, I];
const ALWAYS: [&str; 4] = [OK; 4];

#[rustfmt::skip]
const TABLE: &[Line] = &[
    ("Encrypt", Kind::Aes, &[("KeyId", "{key}"), ("Plaintext", "x")], USE),
    ("Decrypt", Kind::Aes, &[("CiphertextBlob", "{blob}")], USE),
    ("GenerateDataKey", Kind::Aes, KEY, USE),
    ("GenerateDataKeyWithoutPlaintext", Kind::Aes, KEY, USE),
    ("ReEncrypt", Kind::Aes, &[("CiphertextBlob", "{blob}"), ("DestinationKeyId", "{other}")], USE),
    ("ReEncrypt", Kind::Aes, &[("CiphertextBlob", "{other blob}"), ("DestinationKeyId", "{key}")], USE),
    ("ExportDataKey", Kind::Aes, &[("CiphertextBlob", "{data key}"), ("PublicKeyBlob", "{spki}"), EXPORT, ("WrappingKeySpec", "RSA_2048")], USE),
    ("GenerateAndExportDataKey", Kind::Aes, &[("KeyId", "{key}"), ("PublicKeyBlob", "{spki}"), EXPORT, ("WrappingKeySpec", "RSA_2048")], USE),
    ("AsymmetricSign", Kind::Signing, &[("KeyId", "{key}"), ("KeyVersionId", "{version}"), ("Algorithm", "ECDSA_SHA_256"), ("Digest", DIGEST)], USE),
    ("AsymmetricVerify", Kind::Signing, &[("KeyId", "{key}"), ("KeyVersionId", "{version}"), ("Algorithm", "ECDSA_SHA_256"), ("Digest", DIGEST), ("Value", "{signature}")], USE),
    ("AsymmetricEncrypt", Kind::Encrypting, &[("KeyId", "{key}"), ("KeyVersionId", "{version}"), ("Algorithm", "RSAES_OAEP_SHA_256"), ("Plaintext", "eA==")], USE),
    ("AsymmetricDecrypt", Kind::Encrypting, &[("KeyId", "{key}"), ("KeyVersionId", "{version}"), ("Algorithm", "RSAES_OAEP_SHA_256"), ("CiphertextBlob", "{ciphertext}")], USE),
    ("GetPublicKey", Kind::Signing, &[("KeyId", "{key}"), ("KeyVersionId", "{version}")], USE),
    ("GenerateMac", Kind::Mac, &[("KeyId", "{key}"), ("Algorithm", "HMAC_SHA_256"), ("Message", "eA==")], USE),
    ("VerifyMac", Kind::Mac, &[("KeyId", "{key}"), ("Algorithm", "HMAC_SHA_256"), ("Message", "eA=="), ("Mac", "{mac}")], USE),

    ("ListKeys", Kind::External, &[], ALWAYS),
    ("DescribeKey", Kind::External, KEY, ALWAYS),
    ("ListAliases", Kind::External, &[], ALWAYS),
    ("ListAliasesByKeyId", Kind::External, KEY, ALWAYS),
    ("ListKeyVersions", Kind::External, KEY, ALWAYS),
    ("DescribeKeyVersion", Kind::External, &[("KeyId", "{key}"), ("KeyVersionId", "{version}")], ALWAYS),
    ("ListResourceTags", Kind::External, KEY, ALWAYS),
    ("ListTagResources", Kind::External, &[("RegionId", "cn-hangzhou"), ("ResourceType", "key"), ("ResourceId.1", "{key}")], ALWAYS),
    ("UpdateKeyDescription", Kind::External, &[("KeyId", "{key}"), ("Description", "x")], ALWAYS),
    ("TagResource", Kind::External, &[("KeyId", "{key}"), ("Tags", r#"[{"TagKey":"a","TagValue":"b"}]"#)], ALWAYS),
    ("UntagResource", Kind::External, &[("KeyId", "{key}"), ("TagKeys", r#"["a"]"#)], ALWAYS),
    ("SetKeyPolicy", Kind::External, &[("KeyId", "{key}"), ("PolicyName", "default"), ("Policy", r#"{"Version":"1","Statement":[{"Effect":"Allow","Principal":{"RAM":["acs:ram::{account}:*"]},"Action":["kms:*"],"Resource":["*"]}]}"#)], ALWAYS),
    ("GetKeyPolicy", Kind::External, KEY, ALWAYS),

    ("EnableKey", Kind::External, KEY, [OK, OK, S, S]),
    ("DisableKey", Kind::External, KEY, [OK, OK, S, S]),
    ("ScheduleKeyDeletion", Kind::External, &[("KeyId", "{key}"), ("PendingWindowInDays", "7")], [OK, OK, S, OK]),
    ("CancelKeyDeletion", Kind::External, KEY, [S, S, OK, S]),
    ("SetDeletionProtection", Kind::External, &[("KeyId", "{key}"), ("EnableDeletionProtection", "true")], [OK, OK, P, OK]),
    ("SetDeletionProtection", Kind::External, &[("KeyId", "{key}"), ("EnableDeletionProtection", "false")], [OK, OK, P, OK]),
    ("CreateAlias", Kind::External, &[("KeyId", "{key}"), ("AliasName", "{alias}-new")], [OK, OK, S, OK]),
    ("DeleteAlias", Kind::External, &[("AliasName", "{alias}")], ALWAYS),
    ("UpdateAlias", Kind::External, &[("KeyId", "{key}"), ("AliasName", "alias/other")], [OK, OK, P, OK]),
    // The state of the key that loses it does not matter.
    ("UpdateAlias", Kind::External, &[("KeyId", "{other}"), ("AliasName", "{alias}")], ALWAYS),

    ("GetParametersForImport", Kind::External, &[("KeyId", "{key}"), ("WrappingAlgorithm", "RSAES_OAEP_SHA_256"), ("WrappingKeySpec", "RSA_2048")], ALWAYS),
    ("GetParametersForImport", Kind::Aes, &[("KeyId", "{key}"), ("WrappingAlgorithm", "RSAES_OAEP_SHA_256"), ("WrappingKeySpec", "RSA_2048")], [ORIGIN; 4]),
    ("DeleteKeyMaterial", Kind::External, KEY, ALWAYS),
    ("DeleteKeyMaterial", Kind::Aes, KEY, [ORIGIN; 4]),

    ("CreateKeyVersion", Kind::Aes, KEY, USE),
    ("CreateKeyVersion", Kind::External, KEY, [U; 4]),
    ("CreateKeyVersion", Kind::Mac, KEY, [U; 4]),
    // Seven days have not passed.
    ("CreateKeyVersion", Kind::Signing, KEY, [U, D, P, I]),
    ("UpdateRotationPolicy", Kind::Aes, &[("KeyId", "{key}"), ("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")], [OK, D, P, UNREACHABLE]),
    ("UpdateRotationPolicy", Kind::Aes, &[("KeyId", "{key}"), ("EnableAutomaticRotation", "false")], [OK, D, P, UNREACHABLE]),
    ("UpdateRotationPolicy", Kind::External, &[("KeyId", "{key}"), ("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")], [U; 4]),
    ("UpdateRotationPolicy", Kind::Mac, &[("KeyId", "{key}"), ("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")], [U; 4]),
    ("UpdateRotationPolicy", Kind::Signing, &[("KeyId", "{key}"), ("EnableAutomaticRotation", "true"), ("RotationInterval", "7d")], [U; 4]),
];

impl Others {
    async fn new(client: &Client) -> Self {
        let key = client.key().await;
        let blob = client.encrypt(&key, "x").await;
        let pair = text(&client.ok("CreateKey", &[("KeySpec", "RSA_2048")]).await["KeyMetadata"]["KeyId"]);
        let version = first_version(client, &pair).await;
        let pem = client.ok("GetPublicKey", &[("KeyId", &pair), ("KeyVersionId", &version)]).await;
        let spki = text(&pem["PublicKey"]).lines().filter(|line| !line.starts_with('-')).collect();
        Self { key, blob, spki }
    }
}

async fn first_version(client: &Client, key: &str) -> String {
    text(
        &client.ok("ListKeyVersions", &[("KeyId", key)]).await["KeyVersions"]["KeyVersion"][0]["KeyVersionId"],
    )
}

/// A key of a kind in a state that operations can bring it into.
async fn subject(client: &Client, kind: Kind, state: usize) -> Subject {
    let spec: &[(&str, &str)] = match kind {
        Kind::Aes => &[],
        Kind::Signing => &[("KeySpec", "EC_P256")],
        Kind::Encrypting => &[("KeySpec", "RSA_2048"), ("KeyUsage", "ENCRYPT/DECRYPT")],
        Kind::Mac => &[("KeySpec", "HMAC_SHA_256")],
        Kind::External => &[("Origin", "EXTERNAL")],
    };
    let key = text(&client.ok("CreateKey", spec).await["KeyMetadata"]["KeyId"]);
    let version = first_version(client, &key).await;
    let alias = format!("alias/{key}");
    client.ok("CreateAlias", &[("AliasName", &alias), ("KeyId", &key)]).await;
    let mut subject = Subject { key, version, alias, ..Subject::default() };
    let made = |answer: Value, field: &str| text(&answer[field]);
    let key = ("KeyId", subject.key.as_str());
    let pair = [key, ("KeyVersionId", subject.version.as_str())];
    match kind {
        Kind::Aes => {
            subject.blob = client.encrypt(&subject.key, "x").await;
            subject.data_key = made(client.ok("GenerateDataKey", &[key]).await, "CiphertextBlob");
        }
        Kind::Signing => {
            let params = [&pair[..], &[("Algorithm", "ECDSA_SHA_256"), ("Digest", DIGEST)]].concat();
            subject.signature = made(client.ok("AsymmetricSign", &params).await, "Value");
        }
        Kind::Encrypting => {
            let params = [&pair[..], &[("Algorithm", "RSAES_OAEP_SHA_256"), ("Plaintext", "eA==")]].concat();
            subject.ciphertext = made(client.ok("AsymmetricEncrypt", &params).await, "CiphertextBlob");
        }
        Kind::Mac => {
            let params = [key, ("Algorithm", "HMAC_SHA_256"), ("Message", "eA==")];
            subject.mac = made(client.ok("GenerateMac", &params).await, "Mac");
        }
        // No other kind comes into this state by itself; and it leaves it only through an import, which others test.
        Kind::External if state == 3 => {}
        Kind::External => client.force_state(&subject.key, KeyState::Enabled).await,
    }
    let key = [("KeyId", subject.key.as_str())];
    match state {
        1 => drop(client.ok("DisableKey", &key).await),
        2 => drop(client.ok("ScheduleKeyDeletion", &[key[0], ("PendingWindowInDays", "7")]).await),
        3 if kind != Kind::External => client.force_state(&subject.key, KeyState::PendingImport).await,
        _ => {}
    }
    subject
}

#[tokio::test]
async fn every_operation_in_every_state_ends_as_the_table_says() {
    let client = client().await;
    let others = Others::new(&client).await;
    client.ok("CreateAlias", &[("AliasName", "alias/other"), ("KeyId", &others.key)]).await;
    let account = client.account().to_owned();
    let mut wrong = String::new();
    for (operation, kind, params, expected) in TABLE {
        for (state, expected) in expected.iter().enumerate().filter(|(_, expected)| !expected.is_empty()) {
            let subject = subject(&client, *kind, state).await;
            let fill = |text: &str| {
                let parts = [
                    ("{account}", &account),
                    ("{key}", &subject.key),
                    ("{version}", &subject.version),
                    ("{alias}", &subject.alias),
                    ("{blob}", &subject.blob),
                    ("{data key}", &subject.data_key),
                    ("{signature}", &subject.signature),
                    ("{ciphertext}", &subject.ciphertext),
                    ("{mac}", &subject.mac),
                    ("{other}", &others.key),
                    ("{other blob}", &others.blob),
                    ("{spki}", &others.spki),
                ];
                parts.iter().fold(text.to_owned(), |text, (place, value)| text.replace(place, value))
            };
            let filled: Vec<_> = params.iter().map(|(name, value)| (*name, fill(value))).collect();
            let filled: Vec<_> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let seen = client.outcome(operation, &filled).await;
            if seen != *expected {
                wrong += &format!("\n{operation} in state {}: expected {expected}, saw {seen}", NAMES[state]);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
