//! Who may not, and what is no request.

use super::*;
use crate::harness::{World, client};

fn advance(key: &str) -> AdvanceEncryptRequest {
    AdvanceEncryptRequest {
        key_id: key.to_owned(),
        plaintext: b"text".to_vec(),
        ..AdvanceEncryptRequest::default()
    }
}

fn forbidden(named: &str) -> String {
    format!("403 Forbidden.NoPermission: This operation for \"{named}\" is forbidden by permission system.")
}

/// Every operation with a request that is whole, about a key and a secret.
macro_rules! each_operation {
    ($key:expr, $secret:expr, $visit:ident) => {{
        let key_id: String = $key.to_string();
        let text = || b"text".to_vec();
        let spec = || "EC_P256".to_owned();
        $visit!(
            AdvanceEncrypt,
            AdvanceEncryptRequest { key_id: key_id.clone(), plaintext: text(), ..Default::default() }
        );
        $visit!(
            AdvanceGenerateDataKey,
            AdvanceGenerateDataKeyRequest {
                key_id: key_id.clone(),
                number_of_bytes: 16,
                ..Default::default()
            }
        );
        $visit!(
            AdvanceGenerateDataKeyPair,
            AdvanceGenerateDataKeyPairRequest {
                key_id: key_id.clone(),
                key_pair_spec: spec(),
                ..Default::default()
            }
        );
        $visit!(
            AdvanceGenerateDataKeyPairWithoutPlaintext,
            AdvanceGenerateDataKeyPairWithoutPlaintextRequest {
                key_id: key_id.clone(),
                key_pair_spec: spec(),
                ..Default::default()
            }
        );
        $visit!(
            AdvanceDecrypt,
            AdvanceDecryptRequest {
                key_id: key_id.clone(),
                ciphertext_blob: text(),
                iv: vec![0; 12],
                ..Default::default()
            }
        );
        $visit!(
            Decrypt,
            DecryptRequest {
                key_id: key_id.clone(),
                ciphertext_blob: text(),
                iv: vec![0; 12],
                ..Default::default()
            }
        );
        $visit!(Encrypt, EncryptRequest { key_id: key_id.clone(), plaintext: text(), ..Default::default() });
        $visit!(
            GenerateDataKey,
            GenerateDataKeyRequest { key_id: key_id.clone(), number_of_bytes: 16, ..Default::default() }
        );
        $visit!(
            GenerateDataKeyPair,
            GenerateDataKeyPairRequest {
                key_id: key_id.clone(),
                key_pair_spec: spec(),
                ..Default::default()
            }
        );
        $visit!(
            GenerateDataKeyPairWithoutPlaintext,
            GenerateDataKeyPairWithoutPlaintextRequest {
                key_id: key_id.clone(),
                key_pair_spec: spec(),
                ..Default::default()
            }
        );
        $visit!(GetPublicKey, GetPublicKeyRequest { key_id: key_id.clone() });
        $visit!(
            GetSecretValue,
            GetSecretValueRequest { secret_name: $secret.to_owned(), ..Default::default() }
        );
        $visit!(Hmac, HmacRequest { key_id: key_id.clone(), message: text() });
        $visit!(
            KmsEncrypt,
            KmsEncryptRequest { key_id: key_id.clone(), plaintext: text(), ..Default::default() }
        );
        $visit!(Sign, SignRequest { key_id: key_id.clone(), message: text(), ..Default::default() });
        $visit!(
            Verify,
            VerifyRequest {
                key_id: key_id.clone(),
                message: text(),
                signature: text(),
                ..Default::default()
            }
        );
    }};
}

#[tokio::test]
async fn each_operation_needs_its_permission() {
    let desk = Desk::new(client().await).await;
    let (key, allowed) = (desk.aes().await, desk.aes().await);
    let params = [
        ("SecretName", "db"),
        ("VersionId", "v1"),
        ("SecretData", "x"),
        ("DKMSInstanceId", desk.instance.as_str()),
    ];
    desk.root.ok("CreateSecret", &params).await;
    let only = format!("key/{allowed}");
    let policy = Policy {
        name: "little",
        scope: &desk.instance,
        permissions: &[KEY_USER],
        resources: &[&only],
        rules: &[],
    };
    make_policy(&desk.root, policy).await;
    make_point(&desk.root, "other", &["little"]).await;
    let other = Application::new(&desk.root, "other").await;
    macro_rules! denied {
        ($name:ident, $request:expr) => {{
            let request = $request;
            let got = desk.call_raw::<ops::$name>(&request.write(), None, &other).await;
            let named = if stringify!($name) == "GetSecretValue" { "db" } else { key.as_str() };
            assert_eq!(outcome(got), forbidden(named), "{}", stringify!($name));
        }};
    }
    each_operation!(key, "db", denied);
    // What is another application's is not this one's, by its ciphertext either.
    let (sealed, _) = desk.ok::<ops::AdvanceEncrypt>(advance(&key)).await;
    let request =
        AdvanceDecryptRequest { ciphertext_blob: sealed.ciphertext_blob.clone(), ..Default::default() };
    let got = desk.call_raw::<ops::AdvanceDecrypt>(&request.write(), None, &other).await;
    assert_eq!(outcome(got), forbidden("*"));
    let request =
        KmsDecryptRequest { ciphertext_blob: sealed.ciphertext_blob[3..].to_vec(), ..Default::default() };
    let got = desk.call_raw::<ops::KmsDecrypt>(&request.write(), None, &other).await;
    assert_eq!(outcome(got), forbidden("*"));
    let got = desk.call_raw::<ops::AdvanceEncrypt>(&advance(&allowed).write(), None, &other).await;
    assert_eq!(outcome(got), "ok");
}

#[tokio::test]
async fn each_operation_needs_a_key_that_is_there_and_enabled() {
    let desk = Desk::new(client().await).await;
    let key = desk.aes().await;
    macro_rules! unknown {
        ($name:ident, $request:expr) => {{
            let got = desk.refused::<ops::$name>($request).await;
            match stringify!($name) {
                "GetSecretValue" => assert_eq!(got, "404 Forbidden.ResourceNotFound: Resource not found."),
                name => assert_eq!(got, no_key("key-none", &desk), "{name}"),
            }
        }};
    }
    each_operation!("key-none", "none", unknown);
    desk.root.ok("DisableKey", &[("KeyId", &key)]).await;
    macro_rules! disabled {
        ($name:ident, $request:expr) => {{
            let got = desk.refused::<ops::$name>($request).await;
            match stringify!($name) {
                // Not for keys of this kind anyhow.
                "Sign" | "Verify" | "Hmac" | "GetPublicKey" => {
                    assert_eq!(got, "400 UnsupportedOperation: Rejected.UnsupportedOperation");
                }
                "GetSecretValue" => {}
                name => assert_eq!(
                    got, "409 Rejected.Disabled: The request was rejected because the key state is Disabled.",
                    "{name}"
                ),
            }
        }};
    }
    each_operation!(key, "none", disabled);
}

#[tokio::test]
async fn what_is_missing_and_what_is_broken() {
    let desk = Desk::new(client().await).await;
    let missing =
        |name: &str| format!("400 MissingParameter: Parameter {name} does not exist in http header or body.");
    macro_rules! empty {
        ($($method:ident $name:ident $id:ident,)*) => {
            $({
                let got = desk.call_raw::<ops::$name>(&[], None, &desk.application).await;
                let first = ops::$name::DEF.parameters.iter().find(|parameter| parameter.required).unwrap();
                assert_eq!(outcome(got), missing(first.name), "{}", stringify!($name));
                // No message: a length beyond the end, a wrong wire type, a field number of 0.
                for broken in [&[0x0a, 0x05, 0x61][..], &[0x0b], &[0x02, 0x00], &[0xff; 12]] {
                    let got = desk.call_raw::<ops::$name>(broken, None, &desk.application).await;
                    let expected = "400 InvalidParameter: The specified parameter is not valid.";
                    assert_eq!(outcome(got), expected, "{}", stringify!($name));
                }
            })*
        };
    }
    keystead_api::for_each_instance_operation!(empty);
    // Fields of another age are passed over.
    let key = desk.aes().await;
    let mut body = advance(&key).write();
    body.extend_from_slice(&[0xa2, 0x06, 0x03, b'n', b'e', b'w', 0xa8, 0x06, 0x01]);
    let got = desk.call_raw::<ops::AdvanceEncrypt>(&body, None, &desk.application).await;
    assert_eq!(outcome(got), "ok");
    let text_that_is_none = [0x0a, 0x02, 0xff, 0xfe];
    let got = desk.call_raw::<ops::Encrypt>(&text_that_is_none, None, &desk.application).await;
    assert!(outcome(got).starts_with("400 InvalidParameter"));
}

#[tokio::test]
async fn another_instance_and_another_gateway() {
    let world = World::new().await;
    let desk = Desk::new(world.client().await).await;
    let key = desk.aes().await;
    let second = desk.root.engine.create_instance(desk.root.account(), None).await.unwrap();
    let caller = desk.application.client(&desk.root).await.unwrap().caller;
    let body = advance(&key).write();
    let trail = Trail::unrecorded("request-id");
    let engine = &desk.root.engine;
    let through = async |gateway| {
        let origin = Origin { gateway, ..Origin::local("request-id") };
        let id = ops::AdvanceEncrypt::DEF.id;
        outcome(engine.call_instance(&caller, id, &body, None, &origin, &trail).await)
    };
    assert_eq!(through(Gateway::Dedicated(&desk.instance)).await, "ok");
    assert!(through(Gateway::Dedicated(&second)).await.starts_with("404 Forbidden.KeyNotFound"));
    assert!(through(Gateway::Shared).await.starts_with("400 UnsupportedOperation"));
    let none = "403 Forbidden.DKMSInstanceNotFound";
    assert!(through(Gateway::Dedicated("kst-none")).await.starts_with(none));
    desk.root
        .ok("ReleaseKmsInstance", &[("KmsInstanceId", &desk.instance), ("ForceDeleteWithoutBackup", "true")])
        .await;
    assert!(through(Gateway::Dedicated(&desk.instance)).await.starts_with(none));
}
