//! GenerateDataKey and GenerateDataKeyWithoutPlaintext.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::{check, client, text};

#[tokio::test]
async fn lengths() {
    let client = client().await;
    let id = client.key().await;
    let key = ("KeyId", id.as_str());
    let cases: [(&[(&str, &str)], usize); 9] = [
        (&[key], 32),
        (&[key, ("KeySpec", "AES_256")], 32),
        (&[key, ("KeySpec", "AES_128")], 16),
        (&[key, ("KeySpec", "")], 32),
        (&[key, ("NumberOfBytes", "1")], 1),
        (&[key, ("NumberOfBytes", "1024")], 1024),
        // The number wins over the spec, and 0 is as not given.
        (&[key, ("KeySpec", "AES_128"), ("NumberOfBytes", "24")], 24),
        (&[key, ("NumberOfBytes", "0")], 32),
        (&[key, ("KeySpec", "AES_128"), ("NumberOfBytes", "0")], 16),
    ];
    for (params, len) in cases {
        let made = client.ok("GenerateDataKey", params).await;
        assert_eq!(STANDARD.decode(text(&made["Plaintext"])).unwrap().len(), len, "{params:?}");
        let blob = text(&made["CiphertextBlob"]);
        let opened = client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await;
        for field in ["Plaintext", "KeyId", "KeyVersionId"] {
            assert_eq!(opened[field], made[field], "{field}");
        }

        let made = client.ok("GenerateDataKeyWithoutPlaintext", params).await;
        assert_eq!(made.get("Plaintext"), None);
        let blob = text(&made["CiphertextBlob"]);
        let opened = client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await;
        assert_eq!(STANDARD.decode(text(&opened["Plaintext"])).unwrap().len(), len, "{params:?}");
    }
    let number = "400 InvalidParameter NumberOfBytes";
    let spec = "400 InvalidParameter KeySpec";
    for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
        check(
            &client,
            &[
                (operation, &[key, ("NumberOfBytes", "1025")], number),
                (operation, &[key, ("NumberOfBytes", "-1")], number),
                (operation, &[key, ("NumberOfBytes", "x")], number),
                (operation, &[key, ("NumberOfBytes", "99999999999999999999")], number),
                (operation, &[key, ("KeySpec", "AES_192")], spec),
                (operation, &[key, ("KeySpec", "Aliyun_AES_256")], spec),
                (operation, &[("KeyId", "none")], "404 Forbidden.KeyNotFound"),
                (operation, &[("KeyId", "alias/none")], "404 Forbidden.AliasNotFound"),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn data_keys_differ_and_are_bound_to_their_context() {
    let client = client().await;
    let id = client.key().await;
    let mut seen = HashSet::new();
    for _ in 0..200 {
        seen.insert(text(&client.ok("GenerateDataKey", &[("KeyId", &id)]).await["Plaintext"]));
    }
    assert_eq!(seen.len(), 200);

    let context = ("EncryptionContext", r#"{"a":"b"}"#);
    for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"] {
        let made: Value = client.ok(operation, &[("KeyId", &id), context]).await;
        let blob = text(&made["CiphertextBlob"]);
        check(
            &client,
            &[
                ("Decrypt", &[("CiphertextBlob", &blob), context], "ok"),
                ("Decrypt", &[("CiphertextBlob", &blob)], "400 InvalidParameter CiphertextBlob"),
            ],
        )
        .await;
    }
}
