//! Keys and secrets of another account: used when both sides allow it, by ARN, and as unknown in every other case.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_api::OperationId;
use keystead_auth::policy::open_to_other_accounts;
use keystead_crypto::{KeyPairSpec, PrivateKey, SystemRandom};
use keystead_service::BUILT;
use serde_json::{Value, json};

use crate::harness::{Client, World, check, labelled, text};
use crate::identities::{User, allow, custom, document, make_user, put_policy, statement};
use crate::isolation::second_account;

/// The policy of a resource of `owner`, with everything allowed to a principal of another account.
fn shared(owner: &Client, principal: &str) -> String {
    let statement = |principal: &str| json!({ "Effect": "Allow", "Principal": { "RAM": principal }, "Action": "kms:*", "Resource": "*" });
    let own = format!("acs:ram::{}:*", owner.account());
    json!({ "Version": "1", "Statement": [statement(&own), statement(principal)] }).to_string()
}

struct Two {
    owner: Client,
    other_root: Client,
    alice: Client,
}

/// An owner, and Alice in another account, who has all permissions there.
async fn two() -> Two {
    let world = World::new().await;
    let (owner, other_root) = (world.client().await, second_account(&world).await);
    put_policy(&other_root, "mine", &allow("kms:*", "*")).await;
    let alice: User = make_user(&other_root, "Alice", &[custom("mine")]).await;
    let alice = alice.on(&other_root).await;
    Two { owner, other_root, alice }
}

impl Two {
    fn arn(&self, path: &str) -> String {
        format!("acs:kms:cn-hangzhou:{}:{path}", self.owner.account())
    }

    fn alice(&self) -> String {
        format!("acs:ram::{}:user/alice", self.other_root.account())
    }

    /// Lets Alice do everything with a key.
    async fn share_key(&self, key: &str, principal: &str) {
        let policy = shared(&self.owner, principal);
        self.owner.ok("SetKeyPolicy", &[("KeyId", key), ("Policy", &policy)]).await;
    }
}

/// Every operation that is open to other accounts, on resources of every kind.
#[tokio::test]
async fn every_operation_that_is_open_to_others_works_on_anothers_resources() {
    let two = two().await;
    let Two { owner, alice, .. } = &two;
    let key = owner.key().await;
    let (signing, signing_version) = owner.key_of("EC_P256", "").await;
    let (pair, pair_version) = owner.key_of("EC_SM2", "ENCRYPT/DECRYPT").await;
    let (mac_key, _) = owner.key_of("HMAC_SHA256", "").await;
    for key in [&key, &signing, &pair, &mac_key] {
        two.share_key(key, &two.alice()).await;
    }
    owner.ok("CreateAlias", &[("AliasName", "alias/shared"), ("KeyId", &key)]).await;
    let secret = [("SecretName", "db"), ("VersionId", "v"), ("SecretData", "of the owner")];
    owner.ok("CreateSecret", &[&secret[..], &[("EncryptionKeyId", &key)]].concat()).await;
    let policy = shared(owner, &two.alice());
    owner.ok("SetSecretPolicy", &[secret[0], ("Policy", &policy)]).await;

    let version = owner.newest_version(&key).await;
    let own_key = alice.key().await;
    let key_arn = two.arn(&format!("key/{key}"));
    let (signing_arn, pair_arn) = (two.arn(&format!("key/{signing}")), two.arn(&format!("key/{pair}")));
    let (mac_arn, secret_arn) = (two.arn(&format!("key/{mac_key}")), two.arn("secret/db"));
    let (alias_arn, batch) = (two.arn("alias/shared"), json!([{ "SecretName": secret_arn }]).to_string());
    let of_key = ("KeyId", key_arn.as_str());
    let blob = text(&alice.ok("Encrypt", &[of_key, ("Plaintext", "x")]).await["CiphertextBlob"]);
    let own_blob = alice.encrypt(&own_key, "y").await;
    let digest = STANDARD.encode([7; 32]);
    let signs = [
        ("KeyId", signing_arn.as_str()),
        ("KeyVersionId", signing_version.as_str()),
        ("Algorithm", "ECDSA_SHA_256"),
        ("Digest", &digest),
    ];
    let signature = text(&alice.ok("AsymmetricSign", &signs).await["Value"]);
    let encrypts =
        [("KeyId", pair_arn.as_str()), ("KeyVersionId", pair_version.as_str()), ("Algorithm", "SM2PKE")];
    let sealed = alice.ok("AsymmetricEncrypt", &[&encrypts[..], &[("Plaintext", "eA==")]].concat()).await;
    let sealed = text(&sealed["CiphertextBlob"]);
    let macs = [("KeyId", mac_arn.as_str()), ("Algorithm", "HMAC_SHA_256"), ("Message", "eA==")];
    let recipient = PrivateKey::generate(KeyPairSpec::Sm2, &SystemRandom).unwrap();
    let recipient = STANDARD.encode(recipient.public_key().spki());
    let wrapping =
        [("PublicKeyBlob", &*recipient), ("WrappingKeySpec", "EC_SM2"), ("WrappingAlgorithm", "SM2PKE")];
    let source = [("SourceKeyId", pair_arn.as_str()), ("SourceKeyVersionId", &pair_version)];
    let rows: &[(&str, &[(&str, &str)])] = &[
        ("AsymmetricDecrypt", &[&encrypts[..], &[("CiphertextBlob", sealed.as_str())]].concat()),
        ("AsymmetricEncrypt", &[&encrypts[..], &[("Plaintext", "eA==")]].concat()),
        ("AsymmetricSign", &signs),
        ("AsymmetricVerify", &[&signs[..], &[("Value", signature.as_str())]].concat()),
        ("BatchGetSecretValue", &[("SecretsList", &batch)]),
        ("Decrypt", &[("CiphertextBlob", &blob)]),
        ("DescribeKey", &[of_key]),
        ("DescribeKeyVersion", &[of_key, ("KeyVersionId", &version)]),
        ("DescribeSecret", &[("SecretName", &secret_arn)]),
        ("Encrypt", &[("KeyId", &alias_arn), ("Plaintext", "x")]),
        ("ExportDataKey", &[&wrapping[..], &[("CiphertextBlob", blob.as_str())]].concat()),
        ("GenerateAndExportDataKey", &[&wrapping[..], &[of_key]].concat()),
        ("GenerateDataKey", &[of_key]),
        ("GenerateDataKeyWithoutPlaintext", &[of_key]),
        ("GenerateMac", &macs),
        ("GetPublicKey", &signs[..2]),
        ("GetSecretValue", &[("SecretName", &secret_arn)]),
        ("ListAliasesByKeyId", &[of_key]),
        ("ListKeyVersions", &[of_key]),
        ("ListSecretVersionIds", &[("SecretName", &secret_arn)]),
        // From the owner's key to one's own, and back, and from a key pair of the owner's.
        ("ReEncrypt", &[("CiphertextBlob", &blob), ("DestinationKeyId", &own_key)]),
        ("ReEncrypt", &[("CiphertextBlob", &own_blob), ("DestinationKeyId", &key_arn)]),
        (
            "ReEncrypt",
            &[&source[..], &[("CiphertextBlob", &sealed), ("DestinationKeyId", &key_arn)]].concat(),
        ),
        ("VerifyMac", &[&macs[..], &[("Mac", "eA==")]].concat()),
    ];
    let mut done = BTreeSet::new();
    let mut refused = Vec::new();
    for (operation, params) in rows {
        let answer = alice.ok(operation, params).await;
        // Everything in it is the owner's.
        let shown = answer.to_string();
        assert!(!shown.contains(two.other_root.account()), "{operation} {shown}");
        assert!(answer.get("Errors").is_none_or(|errors| errors == &json!([])), "{operation} {shown}");
        done.insert(*operation);
        refused.push((*operation, params));
    }
    let open: BTreeSet<_> = OperationId::all()
        .filter(|def| BUILT.contains(&def.id) && !def.access.is_empty())
        .filter(|def| def.access.iter().all(|rule| open_to_other_accounts(rule.action)))
        .map(|def| def.name)
        .collect();
    assert_eq!(done, open, "an operation is open to other accounts and not tried here");

    let described = alice.ok("DescribeKey", &[("KeyId", &alias_arn)]).await;
    assert_eq!(described["KeyMetadata"]["Arn"], key_arn);
    assert_eq!(alice.ok("DescribeSecret", &[("SecretName", &secret_arn)]).await["Arn"], secret_arn);
    let aliases = alice.ok("ListAliasesByKeyId", &[of_key]).await;
    assert_eq!(aliases["Aliases"]["Alias"][0]["AliasArn"], alias_arn);
    assert_eq!(text(&alice.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"]), "x");
    let value = alice.ok("GetSecretValue", &[("SecretName", &secret_arn)]).await;
    assert_eq!(text(&value["SecretData"]), "of the owner");

    // Without the owner's consent, and without that of Alice's own account, all of it is as unknown.
    let denied = document(vec![statement("Allow", "kms:*", "*"), statement("Deny", "*", two.arn("*"))]);
    for own_policy in [&allow("kms:*", &format!("acs:kms:*:{}:*", two.other_root.account())), &denied] {
        put_policy(&two.other_root, "mine", own_policy).await;
        as_unknown(alice, &refused).await;
    }
    put_policy(&two.other_root, "mine", &allow("kms:*", "*")).await;
    for key in [&key, &signing, &pair, &mac_key] {
        two.share_key(key, &two.alice().replace("alice", "bob")).await;
    }
    let policy = shared(owner, &two.alice().replace("alice", "bob"));
    owner.ok("SetSecretPolicy", &[secret[0], ("Policy", &policy)]).await;
    as_unknown(alice, &refused).await;
}

/// All of these end as if what they name did not exist.
async fn as_unknown(client: &Client, rows: &[(&str, &&[(&str, &str)])]) {
    for (operation, params) in rows {
        let (status, code) = match client.call(operation, params).await {
            Ok(answer) => {
                assert_eq!(answer["SecretValues"], json!([]), "{operation} {params:?}");
                (404, text(&answer["Errors"][0]["Code"]))
            }
            Err(error) => {
                assert_eq!(error.denied(), None, "{operation} tells a stranger why");
                (error.status(), error.code().name().into_owned())
            }
        };
        let unknown = ["Forbidden.KeyNotFound", "Forbidden.AliasNotFound", "Forbidden.ResourceNotFound"];
        assert!(status == 404 && unknown.contains(&&*code), "{operation} {params:?}: {status} {code}");
    }
}

#[tokio::test]
async fn others_use_and_never_manage() {
    let two = two().await;
    let Two { owner, alice, other_root } = &two;
    let key = owner.key().await;
    two.share_key(&key, &two.alice()).await;
    owner.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    owner.ok("CreateSecret", &[("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x")]).await;
    owner.ok("SetSecretPolicy", &[("SecretName", "s"), ("Policy", &shared(owner, &two.alice()))]).await;
    let (key_arn, secret_arn) = (two.arn(&format!("key/{key}")), two.arn("secret/s"));
    let (of_key, of_secret) = (("KeyId", key_arn.as_str()), ("SecretName", secret_arn.as_str()));
    let (none, nothing) = ("404 Forbidden.KeyNotFound", "404 Forbidden.ResourceNotFound");
    let policy = shared(owner, &two.alice());
    let rows = [
        ("DisableKey", &[of_key][..], none),
        ("EnableKey", &[of_key], none),
        ("GetKeyPolicy", &[of_key], none),
        ("SetKeyPolicy", &[of_key, ("Policy", &policy)], none),
        ("ScheduleKeyDeletion", &[of_key, ("PendingWindowInDays", "7")], none),
        ("UpdateKeyDescription", &[of_key, ("Description", "x")], none),
        ("CreateKeyVersion", &[of_key], none),
        ("CreateAlias", &[of_key, ("AliasName", "alias/mine")], none),
        ("TagResource", &[of_key, ("Tags", r#"[{"TagKey":"a"}]"#)], none),
        ("ListResourceTags", &[of_key], none),
        // Nobody's secrets are put under another account's key.
        (
            "CreateSecret",
            &[
                ("SecretName", "mine"),
                ("VersionId", "v"),
                ("SecretData", "x"),
                ("EncryptionKeyId", key_arn.as_str()),
            ],
            none,
        ),
        ("PutSecretValue", &[of_secret, ("VersionId", "w"), ("SecretData", "x")], nothing),
        ("DeleteSecret", &[of_secret], nothing),
        ("GetSecretPolicy", &[of_secret], nothing),
        ("SetSecretPolicy", &[of_secret, ("Policy", &policy)], nothing),
        ("GetManagedDataKey", &[("DataKeyName", &secret_arn)], nothing),
        // The id alone is looked up in one's own account.
        ("Encrypt", &[("KeyId", key.as_str()), ("Plaintext", "x")], none),
        ("Encrypt", &[("KeyId", "alias/a"), ("Plaintext", "x")], "404 Forbidden.AliasNotFound"),
        ("GetSecretValue", &[("SecretName", "s")], nothing),
        ("GetSecretValue", &[of_secret], "ok"),
        ("Encrypt", &[of_key, ("Plaintext", "x")], "ok"),
    ];
    let before = owner.revision();
    check(alice, &rows).await;
    assert_eq!(owner.revision(), before);

    // The other account itself is another principal than its user, and is allowed as such.
    let encrypt = [of_key, ("Plaintext", "x")];
    let encrypt = |expected| [("Encrypt", &encrypt[..], expected)];
    check(other_root, &encrypt(none)).await;
    two.share_key(&key, &format!("acs:ram::{}:root", other_root.account())).await;
    check(other_root, &encrypt("ok")).await;
    // Whoever allows the account lets it allow its users.
    check(alice, &encrypt("ok")).await;

    // An ARN whose account is none, and one that is written to lead elsewhere.
    let odd = [
        format!("acs:kms:cn-hangzhou:{}/x:key/{key}", owner.account()),
        format!("acs:kms:cn-hangzhou: {}:key/{key}", owner.account()),
        format!("acs:kms:cn-beijing:{}:key/{key}", owner.account()),
        format!("acs:kms:cn-hangzhou:{}:key//{key}", owner.account()),
        format!("acs:kms:cn-hangzhou:{}:KEY/{key}", owner.account()),
    ];
    for arn in &odd {
        check(other_root, &[("Encrypt", &[("KeyId", arn), ("Plaintext", "x")], none)]).await;
    }
}

#[tokio::test]
async fn a_shared_secret_needs_its_key_shared_too() {
    let two = two().await;
    let Two { owner, alice, .. } = &two;
    let key = owner.key().await;
    let secret = [("SecretName", "db"), ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    owner.ok("CreateSecret", &secret).await;
    owner.ok("SetSecretPolicy", &[secret[0], ("Policy", &shared(owner, &two.alice()))]).await;
    let arn = two.arn("secret/db");
    let named = [("SecretName", arn.as_str())];
    let get = |expected| [("GetSecretValue", &named[..], expected)];
    check(alice, &get("404 Forbidden.KeyNotFound")).await;
    two.share_key(&key, &two.alice()).await;
    check(alice, &get("ok")).await;
    // The state of the owner's key counts for everybody.
    owner.ok("DisableKey", &[("KeyId", &key)]).await;
    check(alice, &get("409 Rejected.Disabled")).await;
    assert!(labelled("GetSecretValue").errors.iter().any(|code| code.name() == "Rejected.Disabled"));
    let _: Value = alice.ok("DescribeSecret", &[("SecretName", &arn)]).await;
}
