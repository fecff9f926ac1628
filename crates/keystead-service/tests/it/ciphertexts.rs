//! Encrypt and Decrypt.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{KeyMaterial, MessageBlob, Purpose, SealingKey, SystemRandom, sha256};
use serde_json::json;
use zeroize::Zeroizing;

use crate::harness::{Client, check, client, text};

#[tokio::test]
async fn the_plaintext_is_opaque_text() {
    let client = client().await;
    let id = client.key().await;
    let longest = "x".repeat(6144);
    let longest_in_bytes = "\u{91d1}".repeat(2048);
    for plaintext in [
        "plaintext",
        "cGxhaW50ZXh0",
        "cGxhaW50ZXh0\n",
        "====",
        " \t\r\n",
        "\0\u{1}\u{7f}",
        "a+b/c&d=e%20",
        "\u{91d1}\u{1f511}\u{301}e\u{301}",
        "\"\\\u{2028}",
        "",
        &longest,
        &longest_in_bytes,
    ] {
        let sealed = client.ok("Encrypt", &[("KeyId", &id), ("Plaintext", plaintext)]).await;
        let blob = text(&sealed["CiphertextBlob"]);
        let opened = client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await;
        assert_eq!(opened["Plaintext"], json!(plaintext));
        for field in ["KeyId", "KeyVersionId"] {
            assert_eq!(opened[field], sealed[field]);
        }
        assert_eq!(sealed["KeyId"], json!(id));
        // Version id, IV, salt, ciphertext, tag.
        let bytes = STANDARD.decode(&blob).unwrap();
        assert_eq!(bytes.len(), 36 + 12 + 12 + plaintext.len() + 16);
        assert_eq!(&bytes[..36], text(&sealed["KeyVersionId"]).as_bytes());
    }
    let too_long = "x".repeat(6145);
    let too_long_in_bytes = format!("{longest_in_bytes}x");
    let too_long_rows = [
        (
            "Encrypt",
            &[("KeyId", id.as_str()), ("Plaintext", too_long.as_str())][..],
            "400 InvalidParameter Plaintext",
        ),
        ("Encrypt", &[("KeyId", &id), ("Plaintext", &too_long_in_bytes)], "400 InvalidParameter Plaintext"),
    ];
    check(&client, &too_long_rows).await;
}

async fn encrypt_in(client: &Client, key: &str, context: &str) -> String {
    let params = [("KeyId", key), ("Plaintext", "x"), ("EncryptionContext", context)];
    text(&client.ok("Encrypt", &params).await["CiphertextBlob"])
}

#[tokio::test]
async fn the_context_is_bound() {
    let client = client().await;
    let id = client.key().await;
    let invalid = "400 InvalidParameter CiphertextBlob";
    let bound = encrypt_in(&client, &id, r#"{"app":"a","env":"\u91d1"}"#).await;
    for (context, expected) in [
        (r#"{"app":"a","env":"金"}"#, "ok"),
        ("{\"env\":\"金\",\"app\":\"a\"}", "ok"),
        (" { \"env\" :\n\t\"\\u91d1\" , \"app\":\"a\" } ", "ok"),
        (r#"{"app":"a"}"#, invalid),
        (r#"{"app":"a","env":"金","x":""}"#, invalid),
        (r#"{"app":"A","env":"金"}"#, invalid),
        (r#"{"App":"a","env":"金"}"#, invalid),
        (r#"{"app":"金","env":"a"}"#, invalid),
        ("{}", invalid),
    ] {
        check(
            &client,
            &[("Decrypt", &[("CiphertextBlob", &bound), ("EncryptionContext", context)], expected)],
        )
        .await;
    }
    check(&client, &[("Decrypt", &[("CiphertextBlob", &bound)], invalid)]).await;

    // An empty context is none.
    let none = client.encrypt(&id, "x").await;
    let empty = encrypt_in(&client, &id, "{}").await;
    for blob in [&none, &empty] {
        check(
            &client,
            &[
                ("Decrypt", &[("CiphertextBlob", blob)], "ok"),
                ("Decrypt", &[("CiphertextBlob", blob), ("EncryptionContext", "{}")], "ok"),
                ("Decrypt", &[("CiphertextBlob", blob), ("EncryptionContext", r#"{"a":"b"}"#)], invalid),
            ],
        )
        .await;
    }

    // Older clients send each pair as a parameter of its own.
    let flat = [("EncryptionContext.env", "金"), ("EncryptionContext.app", "a")];
    let json = ("EncryptionContext", r#"{"app":"a","env":"金"}"#);
    let blob = ("CiphertextBlob", bound.as_str());
    check(
        &client,
        &[
            ("Decrypt", &[blob, flat[0], flat[1]], "ok"),
            ("Decrypt", &[blob, flat[0]], invalid),
            ("Decrypt", &[blob, json, flat[0]], "400 InvalidParameter EncryptionContext"),
        ],
    )
    .await;
    let params = [("KeyId", id.as_str()), ("Plaintext", "x"), flat[0], flat[1]];
    let of_flat = text(&client.ok("Encrypt", &params).await["CiphertextBlob"]);
    check(&client, &[("Decrypt", &[("CiphertextBlob", &of_flat), json], "ok")]).await;

    // Nothing is escaped in the canonical text: known, and kept because official clients do the same.
    let twin = encrypt_in(&client, &id, r#"{"a":"b&c=d"}"#).await;
    let params = [("CiphertextBlob", twin.as_str()), ("EncryptionContext", r#"{"a":"b","c":"d"}"#)];
    check(&client, &[("Decrypt", &params, "ok")]).await;
}

#[tokio::test]
async fn a_context_is_a_flat_object_of_texts() {
    let client = client().await;
    let id = client.key().await;
    let blob = client.encrypt(&id, "x").await;
    let of_len = |len: usize| format!(r#"{{"a":"{}"}}"#, "x".repeat(len - r#"{"a":""}"#.len()));
    let wide = format!(r#"{{"a":"{}"}}"#, "\u{91d1}".repeat(8192 - r#"{"a":""}"#.len()));
    let invalid = "400 InvalidParameter EncryptionContext";
    for (context, expected) in [
        (of_len(8192), "ok"),
        (of_len(8193), invalid),
        (wide, "ok"),
        ("[]".into(), invalid),
        ("{".into(), invalid),
        ("null".into(), invalid),
        (r#""a""#.into(), invalid),
        (r#"{"a":1}"#.into(), invalid),
        (r#"{"a":null}"#.into(), invalid),
        (r#"{"a":true}"#.into(), invalid),
        (r#"{"a":["b"]}"#.into(), invalid),
        (r#"{"a":{"b":"c"}}"#.into(), invalid),
        (r#"{"a":"b"} x"#.into(), invalid),
    ] {
        check(
            &client,
            &[
                ("Encrypt", &[("KeyId", &id), ("Plaintext", "x"), ("EncryptionContext", &context)], expected),
                ("GenerateDataKey", &[("KeyId", &id), ("EncryptionContext", &context)], expected),
                (
                    "GenerateDataKeyWithoutPlaintext",
                    &[("KeyId", &id), ("EncryptionContext", &context)],
                    expected,
                ),
            ],
        )
        .await;
        if expected != "ok" {
            let params = [("CiphertextBlob", blob.as_str()), ("EncryptionContext", context.as_str())];
            check(&client, &[("Decrypt", &params, expected)]).await;
        }
    }
}

/// Replaces a key's material by a known one, and gives the sealing key that the service derives from it.
async fn known_sealing_key(client: &Client, version_id: &str) -> SealingKey {
    let known = KeyMaterial::from_bytes(Zeroizing::new(vec![9; 32]));
    client.plant_material(version_id, known.expose()).await;
    SealingKey::derive(&known, Purpose::Message, version_id.as_bytes())
}

#[tokio::test]
async fn the_associated_data_of_both_official_forms_is_read() {
    let client = client().await;
    let id = client.key().await;
    let described = client.ok("DescribeKey", &[("KeyId", &id)]).await;
    let version = text(&described["KeyMetadata"]["PrimaryKeyVersion"]);
    let sealing_key = known_sealing_key(&client, &version).await;
    let blob = |aad: &[u8], plaintext: &[u8]| {
        let mut blob = MessageBlob::start(&version, plaintext.len());
        sealing_key.seal(&SystemRandom, aad, plaintext, &mut blob).unwrap();
        MessageBlob::encode(&blob)
    };
    let context = r#"{"b":"2","a":"1"}"#;
    let hash = sha256(b"a=1&b=2");
    let raw = blob(&hash, b"x");
    let as_hex = blob(hex::encode(hash).as_bytes(), b"x");
    let upper_hex = blob(hex::encode_upper(hash).as_bytes(), b"x");
    let as_json = blob(context.as_bytes(), b"x");
    let of_bytes = blob(b"", &[0xff, 0xfe]);
    let hex_of_nothing = blob(hex::encode(sha256(b"")).as_bytes(), b"x");
    let invalid = "400 InvalidParameter CiphertextBlob";
    check(
        &client,
        &[
            ("Decrypt", &[("CiphertextBlob", &raw), ("EncryptionContext", context)], "ok"),
            ("Decrypt", &[("CiphertextBlob", &as_hex), ("EncryptionContext", context)], "ok"),
            ("Decrypt", &[("CiphertextBlob", &as_hex)], invalid),
            ("Decrypt", &[("CiphertextBlob", &as_hex), ("EncryptionContext", r#"{"a":"1"}"#)], invalid),
            ("Decrypt", &[("CiphertextBlob", &upper_hex), ("EncryptionContext", context)], invalid),
            ("Decrypt", &[("CiphertextBlob", &as_json), ("EncryptionContext", context)], invalid),
            ("Decrypt", &[("CiphertextBlob", &hex_of_nothing)], invalid),
            ("Decrypt", &[("CiphertextBlob", &hex_of_nothing), ("EncryptionContext", "{}")], invalid),
            // What is no text cannot be handed out as text.
            ("Decrypt", &[("CiphertextBlob", &of_bytes)], invalid),
        ],
    )
    .await;

    // What the service seals is the raw form.
    let made = encrypt_in(&client, &id, context).await;
    let made = MessageBlob::decode(&made).unwrap();
    assert_eq!(&**sealing_key.open(&hash, made.sealed()).unwrap(), b"x");
}

#[tokio::test]
async fn damaged_blobs_are_refused() {
    let client = client().await;
    let id = client.key().await;
    let blob = STANDARD.decode(client.encrypt(&id, "some text").await).unwrap();
    let invalid = "400 InvalidParameter CiphertextBlob";
    let not_found = "404 Forbidden.KeyNotFound";
    for at in 0..blob.len() {
        for bit in [1, 0x80] {
            let mut damaged = blob.clone();
            damaged[at] ^= bit;
            let damaged = STANDARD.encode(&damaged);
            let seen = client.outcome("Decrypt", &[("CiphertextBlob", &damaged)]).await;
            // The head is the version's id: another one is unknown, and what is no id makes it no blob.
            let right = if at < 36 && bit == 1 { not_found } else { "400 InvalidParameter" };
            assert_eq!(seen, right, "byte {at} bit {bit}");
        }
    }
    for len in 0..blob.len() {
        check(&client, &[("Decrypt", &[("CiphertextBlob", &STANDARD.encode(&blob[..len]))], invalid)]).await;
    }
    let mut longer = blob.clone();
    longer.push(0);
    let text = STANDARD.encode(&blob);
    let unknown = [b"key-hzz6b49d200aaaaaaaaaa-bbbbbbbbbb", &blob[36..]].concat();
    let short = [b"key-hzz6b49d200aaaaaaaaaa-bbbbbbbbbb".as_slice(), &[0; 39]].concat();
    for (blob, expected) in [
        (STANDARD.encode(longer), invalid),
        (String::new(), invalid),
        ("*".into(), invalid),
        ("\u{91d1}".into(), invalid),
        (text.replace('+', "-").replace('/', "_") + "!", invalid),
        (format!("{text}{text}"), invalid),
        (STANDARD.encode(unknown), not_found),
        (STANDARD.encode(short), invalid),
        (STANDARD.encode([0; 100]), invalid),
        // Paths are no version ids.
        (STANDARD.encode([b"../../../../../../../../../../../../", &blob[36..]].concat()), not_found),
    ] {
        check(&client, &[("Decrypt", &[("CiphertextBlob", &blob)], expected)]).await;
    }
}

#[tokio::test]
async fn a_blob_of_one_key_is_not_opened_by_another() {
    let client = client().await;
    let (one, two) = (client.key().await, client.key().await);
    let (of_one, of_two) = (client.encrypt(&one, "x").await, client.encrypt(&two, "x").await);
    let (of_one, of_two) = (STANDARD.decode(of_one).unwrap(), STANDARD.decode(of_two).unwrap());
    let mixed = STANDARD.encode([&of_two[..36], &of_one[36..]].concat());
    let invalid = "400 InvalidParameter CiphertextBlob";
    check(&client, &[("Decrypt", &[("CiphertextBlob", &mixed)], invalid)]).await;
}

#[tokio::test]
async fn a_rehearsal_tells_how_it_would_have_ended() {
    let client = client().await;
    let id = client.key().await;
    let disabled = client.key().await;
    let blob = client.encrypt(&id, "x").await;
    client.ok("DisableKey", &[("KeyId", &disabled)]).await;
    client.ok("CreateSecret", &[("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x")]).await;
    let before = client.engine.store().horizon();
    let (good, bad) = ("400 DryRunOperationError", "400 ValidationError");
    let dry = ("DryRun", "true");
    check(
        &client,
        &[
            ("Encrypt", &[("KeyId", &id), ("Plaintext", "x"), dry], good),
            ("Encrypt", &[("KeyId", &id), ("Plaintext", "x"), ("DryRun", "True")], good),
            ("Encrypt", &[("KeyId", &id), ("Plaintext", "x"), ("DryRun", "false")], "ok"),
            ("Encrypt", &[("KeyId", &id), ("Plaintext", "x"), ("DryRun", "")], "ok"),
            (
                "Encrypt",
                &[("KeyId", &id), ("Plaintext", "x"), ("DryRun", "1")],
                "400 InvalidParameter DryRun",
            ),
            ("Encrypt", &[("KeyId", &disabled), ("Plaintext", "x"), dry], bad),
            ("Encrypt", &[("KeyId", "none"), ("Plaintext", "x"), dry], bad),
            ("Encrypt", &[("KeyId", &id), dry], bad),
            ("Decrypt", &[("CiphertextBlob", &blob), dry], good),
            ("Decrypt", &[("CiphertextBlob", "x"), dry], bad),
            ("GenerateDataKey", &[("KeyId", &id), dry], good),
            ("GenerateDataKey", &[("KeyId", &disabled), dry], bad),
            ("GenerateDataKey", &[("KeyId", &id), ("Recipient", "x"), dry], bad),
            ("GenerateDataKeyWithoutPlaintext", &[("KeyId", &id), dry], good),
            ("GenerateDataKeyWithoutPlaintext", &[("KeyId", &id), ("NumberOfBytes", "1025"), dry], bad),
            ("GetSecretValue", &[("SecretName", "s"), dry], good),
            ("GetSecretValue", &[("SecretName", "none"), dry], bad),
        ],
    )
    .await;
    assert_eq!(client.engine.store().horizon(), before);
    // An operation that has no rehearsal ignores the parameter, as any that it does not know.
    check(&client, &[("DescribeKey", &[("KeyId", &id), dry], "ok")]).await;
}

#[tokio::test]
async fn enclaves_are_not_served() {
    let client = client().await;
    let id = client.key().await;
    let blob = client.encrypt(&id, "x").await;
    client.ok("CreateSecret", &[("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x")]).await;
    let recipient = ("Recipient", "e30=");
    check(
        &client,
        &[
            ("Decrypt", &[("CiphertextBlob", &blob), recipient], "400 UnsupportedOperation"),
            ("GenerateDataKey", &[("KeyId", &id), recipient], "400 UnsupportedOperation"),
            ("GetSecretValue", &[("SecretName", "s"), recipient], "400 UnsupportedOperation"),
        ],
    )
    .await;
}

/// Two messages may never share IV and salt, nor may a caller choose them.
#[tokio::test]
async fn ten_thousand_ciphertexts_of_one_text_have_distinct_heads() {
    let client = client().await;
    let id = client.key().await;
    let chosen = [
        ("KeyId", id.as_str()),
        ("Plaintext", "x"),
        ("Iv", "AAAAAAAAAAAAAAAA"),
        ("Nonce", "AAAAAAAAAAAAAAAA"),
        ("Aad", "AAAA"),
    ];
    let (mut heads, mut ivs, mut bodies) = (HashSet::new(), HashSet::new(), HashSet::new());
    for _ in 0..10_000 {
        let blob = text(&client.ok("Encrypt", &chosen).await["CiphertextBlob"]);
        let blob = STANDARD.decode(blob).unwrap();
        assert_ne!(blob[36..48], [0; 12]);
        heads.insert(blob[36..60].to_vec());
        ivs.insert(blob[36..48].to_vec());
        bodies.insert(blob[60..].to_vec());
    }
    // Each message has its own key, so 17 bytes of ciphertext and tag meet no more than chance lets them.
    assert_eq!((heads.len(), ivs.len(), bodies.len()), (10_000, 10_000, 10_000));
}
