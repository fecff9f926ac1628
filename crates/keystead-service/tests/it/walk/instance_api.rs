//! The instance API: each operation with a request that succeeds.

use keystead_api::instance::InstanceOperation as _;
use keystead_api::{INSTANCE_OPERATIONS, OperationDef};

use crate::harness::client;
use crate::instance_api::*;

/// A request of the instance API that succeeds.
pub struct Request {
    pub def: &'static OperationDef,
    pub body: Vec<u8>,
    /// The id of the key or the name of the secret that it is about.
    pub about: Option<String>,
}

/// One of each operation.
pub async fn requests(desk: &Desk) -> Vec<Request> {
    let (key, signing) = (&desk.aes().await, &desk.key("EC_P256", "").await);
    let mac = &desk.key("HMAC_SHA256", "").await;
    let (secret, instance) = ("there/secret", desk.instance.as_str());
    let data = [("SecretName", secret), ("VersionId", "v1"), ("SecretData", "x")];
    let under = [("EncryptionKeyId", key.as_str()), ("DKMSInstanceId", instance)];
    desk.root.ok("CreateSecret", &[&data[..], &under].concat()).await;

    let (text, spec) = (|| b"text".to_vec(), || "EC_P256".to_owned());
    let plain = EncryptRequest { key_id: key.clone(), plaintext: text(), ..Default::default() };
    let (sealed, _) = desk.ok::<ops::Encrypt>(plain).await;
    let advance = AdvanceEncryptRequest { key_id: key.clone(), plaintext: text(), ..Default::default() };
    let (advance_sealed, _) = desk.ok::<ops::AdvanceEncrypt>(advance).await;
    let kms = KmsEncryptRequest { key_id: key.clone(), plaintext: text(), ..Default::default() };
    let (kms_sealed, _) = desk.ok::<ops::KmsEncrypt>(kms).await;
    let sign = SignRequest { key_id: signing.clone(), message: text(), ..Default::default() };
    let (signed, _) = desk.ok::<ops::Sign>(sign).await;

    let mut all = Vec::new();
    macro_rules! about {
        ($about:expr, $($name:ident: $request:ident { $($field:ident: $value:expr),* })*) => {$(
            // Some of them have no field but these.
            #[allow(clippy::needless_update)]
            let request = $request { $($field: $value,)* ..Default::default() };
            let about: Option<&String> = $about;
            all.push(Request { def: ops::$name::DEF, body: request.write(), about: about.cloned() });
        )*};
    }
    about!(Some(key),
        AdvanceDecrypt: AdvanceDecryptRequest { ciphertext_blob: advance_sealed.ciphertext_blob }
        AdvanceDecrypt: AdvanceDecryptRequest {
            key_id: key.clone(), ciphertext_blob: sealed.ciphertext_blob.clone(), iv: sealed.iv.clone()
        }
        AdvanceEncrypt: AdvanceEncryptRequest { key_id: key.clone(), plaintext: text() }
        AdvanceGenerateDataKey: AdvanceGenerateDataKeyRequest { key_id: key.clone(), number_of_bytes: 16 }
        AdvanceGenerateDataKeyPair: AdvanceGenerateDataKeyPairRequest {
            key_id: key.clone(), key_pair_spec: spec()
        }
        AdvanceGenerateDataKeyPairWithoutPlaintext: AdvanceGenerateDataKeyPairWithoutPlaintextRequest {
            key_id: key.clone(), key_pair_spec: spec()
        }
        Decrypt: DecryptRequest {
            key_id: key.clone(), ciphertext_blob: sealed.ciphertext_blob, iv: sealed.iv
        }
        Encrypt: EncryptRequest { key_id: key.clone(), plaintext: text() }
        GenerateDataKey: GenerateDataKeyRequest { key_id: key.clone(), number_of_bytes: 16 }
        GenerateDataKeyPair: GenerateDataKeyPairRequest { key_id: key.clone(), key_pair_spec: spec() }
        GenerateDataKeyPairWithoutPlaintext: GenerateDataKeyPairWithoutPlaintextRequest {
            key_id: key.clone(), key_pair_spec: spec()
        }
        KmsDecrypt: KmsDecryptRequest { ciphertext_blob: kms_sealed.ciphertext_blob }
        KmsEncrypt: KmsEncryptRequest { key_id: key.clone(), plaintext: text() }
    );
    about!(Some(signing),
        GetPublicKey: GetPublicKeyRequest { key_id: signing.clone() }
        Sign: SignRequest { key_id: signing.clone(), message: text() }
        Verify: VerifyRequest { key_id: signing.clone(), message: text(), signature: signed.signature }
    );
    about!(Some(mac), Hmac: HmacRequest { key_id: mac.clone(), message: text() });
    about!(Some(&secret.to_owned()), GetSecretValue: GetSecretValueRequest { secret_name: secret.to_owned() });
    about!(None,
        GenerateRandom: GenerateRandomRequest { length: 8 }
        Hash: HashRequest { message: text(), algorithm: "SHA_256".to_owned() }
    );

    let mut walked: Vec<_> = all.iter().map(|request| request.def.name).collect();
    walked.sort_unstable();
    walked.dedup();
    let known: Vec<_> = INSTANCE_OPERATIONS.iter().map(|def| def.name).collect();
    assert_eq!(walked, known, "an operation of the instance API came or went: edit this table");
    all
}

#[tokio::test]
async fn every_operation_of_the_instance_api_succeeds() {
    let desk = Desk::new(client().await).await;
    for Request { def, body, .. } in requests(&desk).await {
        let caller = desk.application.client(&desk.root).await.unwrap();
        let answer = caller.through(&desk.instance).call_instance(def.id, &body).await;
        assert_eq!(outcome(answer), "ok", "{}", def.name);
    }
}
