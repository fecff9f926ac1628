//! ExportDataKey and GenerateAndExportDataKey.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{EncryptionAlgorithm, KeyPairSpec, PrivateKey, SystemRandom};
use serde_json::json;

use crate::harness::{check, client, text};

/// What the caller holds: a private key that the service never sees.
struct Recipient {
    private: PrivateKey,
    public: String,
    spec: &'static str,
    algorithm: EncryptionAlgorithm,
    longest: usize,
}

impl Recipient {
    fn all() -> Vec<Self> {
        [
            ("RSA_2048", EncryptionAlgorithm::RsaesOaepSha256, 190),
            ("RSA_2048", EncryptionAlgorithm::RsaesOaepSha1, 214),
            ("EC_SM2", EncryptionAlgorithm::Sm2Pke, 1024),
        ]
        .map(|(spec, algorithm, longest)| {
            let pair = if spec == "EC_SM2" { KeyPairSpec::Sm2 } else { KeyPairSpec::Rsa2048 };
            let private = PrivateKey::generate(pair, &SystemRandom).unwrap();
            let public = STANDARD.encode(private.public_key().spki());
            Self { private, public, spec, algorithm, longest }
        })
        .into()
    }

    fn params(&self) -> [(&str, &str); 3] {
        [
            ("PublicKeyBlob", &self.public),
            ("WrappingKeySpec", self.spec),
            ("WrappingAlgorithm", self.algorithm.name()),
        ]
    }

    fn open(&self, exported: &str) -> Vec<u8> {
        self.private.decrypt(self.algorithm, &STANDARD.decode(exported).unwrap()).unwrap().to_vec()
    }
}

#[tokio::test]
async fn a_data_key_reaches_its_recipient() {
    let client = client().await;
    let (key, version) = client.key_of("Aliyun_AES_256", "").await;
    let context = ("EncryptionContext", r#"{"a":"b"}"#);
    for recipient in Recipient::all() {
        let longest = recipient.longest.to_string();
        for (params, len) in [
            (&[][..], 32),
            (&[("KeySpec", "AES_128")], 16),
            (&[("NumberOfBytes", "1")], 1),
            (&[("NumberOfBytes", longest.as_str())], recipient.longest),
        ] {
            let call = [&[("KeyId", key.as_str()), context], params, &recipient.params()].concat();
            let made = client.ok("GenerateAndExportDataKey", &call).await;
            assert_eq!((&made["KeyId"], &made["KeyVersionId"]), (&json!(key), &json!(version)));
            let data_key = recipient.open(&text(&made["ExportedDataKey"]));
            assert_eq!(data_key.len(), len);

            // The blob is like that of GenerateDataKey.
            let blob = text(&made["CiphertextBlob"]);
            let opened = client.ok("Decrypt", &[("CiphertextBlob", &blob), context]).await;
            assert_eq!(opened["Plaintext"], json!(STANDARD.encode(&data_key)));

            let call = [&[("CiphertextBlob", blob.as_str()), context][..], &recipient.params()].concat();
            let exported = client.ok("ExportDataKey", &call).await;
            assert_eq!((&exported["KeyId"], &exported["KeyVersionId"]), (&json!(key), &json!(version)));
            assert_eq!(recipient.open(&text(&exported["ExportedDataKey"])), data_key);
            let without = [&[("CiphertextBlob", blob.as_str())][..], &recipient.params()].concat();
            check(&client, &[("ExportDataKey", &without, "400 InvalidParameter CiphertextBlob")]).await;
        }
        // What was encrypted as a text that is no base64 is exported as it is.
        let blob = client.encrypt(&key, "no base64!").await;
        let call = [&[("CiphertextBlob", blob.as_str())][..], &recipient.params()].concat();
        let exported = client.ok("ExportDataKey", &call).await;
        assert_eq!(recipient.open(&text(&exported["ExportedDataKey"])), b"no base64!");

        if recipient.spec == "RSA_2048" {
            let too_long = (recipient.longest + 1).to_string();
            let number = ("NumberOfBytes", too_long.as_str());
            let made = client.ok("GenerateDataKey", &[("KeyId", &key), number]).await;
            let blob = text(&made["CiphertextBlob"]);
            let export = [&[("CiphertextBlob", blob.as_str())][..], &recipient.params()].concat();
            let generate = [&[("KeyId", key.as_str()), number][..], &recipient.params()].concat();
            check(
                &client,
                &[
                    ("ExportDataKey", &export, "400 InvalidParameter CiphertextBlob"),
                    ("GenerateAndExportDataKey", &generate, "400 InvalidParameter NumberOfBytes"),
                ],
            )
            .await;
        }
    }
}

#[tokio::test]
async fn rules() {
    let client = client().await;
    let key = client.key().await;
    let blob = client.encrypt(&key, "eA==").await;
    let recipients = Recipient::all();
    let (rsa, sm2) = (&recipients[0], &recipients[2]);
    let rsa_3072 = PrivateKey::generate(KeyPairSpec::Rsa3072, &SystemRandom).unwrap();
    let rsa_3072 = STANDARD.encode(rsa_3072.public_key().spki());
    let p256 = PrivateKey::generate(KeyPairSpec::EcP256, &SystemRandom).unwrap();
    let p256 = STANDARD.encode(p256.public_key().spki());
    let cut = STANDARD.encode(&STANDARD.decode(&rsa.public).unwrap()[1..]);
    // A point that is not on the curve.
    let mut off_curve = STANDARD.decode(&sm2.public).unwrap();
    *off_curve.last_mut().unwrap() ^= 1;
    let off_curve = STANDARD.encode(&off_curve);
    let (public, spec, algorithm) = (
        "400 InvalidParameter PublicKeyBlob",
        "400 InvalidParameter WrappingKeySpec",
        "400 InvalidParameter WrappingAlgorithm",
    );
    for (public_key, wrapping_spec, wrapping_algorithm, expected) in [
        (&*rsa.public, "RSA_2048", "RSAES_OAEP_SHA_256", "ok"),
        (&rsa.public, "RSA_2048", "", "ok"),
        (&sm2.public, "EC_SM2", "SM2PKE", "ok"),
        ("", "RSA_2048", "RSAES_OAEP_SHA_256", public),
        ("no base64", "RSA_2048", "RSAES_OAEP_SHA_256", public),
        (&cut, "RSA_2048", "RSAES_OAEP_SHA_256", public),
        (&rsa_3072, "RSA_2048", "RSAES_OAEP_SHA_256", public),
        (&sm2.public, "RSA_2048", "RSAES_OAEP_SHA_256", public),
        (&rsa.public, "EC_SM2", "SM2PKE", public),
        (&p256, "EC_SM2", "SM2PKE", public),
        (&off_curve, "EC_SM2", "SM2PKE", public),
        (&rsa.public, "RSA_3072", "RSAES_OAEP_SHA_256", spec),
        (&rsa.public, "", "RSAES_OAEP_SHA_256", spec),
        (&rsa.public, "RSA_2048", "RSAES_PKCS1_V1_5", algorithm),
        (&rsa.public, "RSA_2048", "SM2PKE", algorithm),
        (&sm2.public, "EC_SM2", "RSAES_OAEP_SHA_256", algorithm),
    ] {
        let wrapping = [
            ("PublicKeyBlob", public_key),
            ("WrappingKeySpec", wrapping_spec),
            ("WrappingAlgorithm", wrapping_algorithm),
        ];
        check(
            &client,
            &[
                ("ExportDataKey", &[&[("CiphertextBlob", &*blob)][..], &wrapping].concat(), expected),
                ("GenerateAndExportDataKey", &[&[("KeyId", &*key)][..], &wrapping].concat(), expected),
            ],
        )
        .await;
    }
    let generate = |params: &[(&'static str, &'static str)]| [params, &rsa.params()].concat();
    check(
        &client,
        &[
            ("ExportDataKey", &generate(&[("CiphertextBlob", "x")]), "400 InvalidParameter CiphertextBlob"),
            ("GenerateAndExportDataKey", &generate(&[("KeyId", "none")]), "404 Forbidden.KeyNotFound"),
            (
                "GenerateAndExportDataKey",
                &generate(&[("KeyId", "alias/none")]),
                "404 Forbidden.AliasNotFound",
            ),
        ],
    )
    .await;
    for (name, value) in [("NumberOfBytes", "1025"), ("NumberOfBytes", "x"), ("KeySpec", "AES_192")] {
        let params = [&[("KeyId", key.as_str()), (name, value)][..], &rsa.params()].concat();
        let expected = format!("400 InvalidParameter {name}");
        check(&client, &[("GenerateAndExportDataKey", &params, &expected)]).await;
    }
}
