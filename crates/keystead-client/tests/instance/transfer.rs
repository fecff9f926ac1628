//! Calls of the OpenAPI served from an instance: the vectors of both families of transfer SDKs.
//!
//! `tr-*` is `dkms-transfer`, which uses the plain forms; `kt-*` is `kms`, which uses the Advance forms. Python's `kms` binds an
//! encryption context as text (kt-01, kt-02 as hex, kt-04, kt-09 as JSON), the SDKs of Java and Go as raw bytes, and so
//! does this client: for these vectors the expected bytes are the same with the raw bytes put in.

use keystead_client::instance::{TransferClient, messages};
use keystead_client::operations::{
    AsymmetricDecryptRequest, AsymmetricEncryptRequest, AsymmetricSignRequest, AsymmetricVerifyRequest,
    DecryptRequest, EncryptRequest, GenerateDataKeyRequest, GenerateDataKeyWithoutPlaintextRequest,
    GetPublicKeyRequest, GetSecretValueRequest,
};
use keystead_client::{EncryptionContext, Error};
use prost::Message;
use serde_json::{Value, json};

use crate::common::{Script, Sent, all, builder, bytes, vector};

const KEY: &str = "key-hzz00000000aaaaaaaaaa";
const VERSION: &str = "00000000-aaaa-bbbb-cccc-000000000001";
const RSA: &str = "RSA_PKCS1_SHA_256";

fn context() -> EncryptionContext {
    EncryptionContext::new().with("b", "2").with("a", "1")
}

fn encrypt() -> EncryptRequest {
    EncryptRequest::new(KEY, b"hello").encryption_context(context())
}

fn decrypt_of(id: &str) -> DecryptRequest {
    let blob = vector(id)["sdk_result"]["CiphertextBlob"].as_str().unwrap().to_owned();
    DecryptRequest::new(blob).encryption_context(context())
}

fn digest() -> String {
    use base64::Engine as _;
    let digest = bytes(&vector("sig-02")["sdk_request"]["message"]["hex"]);
    base64::engine::general_purpose::STANDARD.encode(digest)
}

/// Runs a call against a vector's answers.
async fn sent<T, F: Future<Output = Result<T, Error>>>(
    vector: &Value,
    low: bool,
    call: impl FnOnce(TransferClient) -> F,
) -> (Result<T, Error>, Vec<Sent>) {
    let script = Script::of(vector);
    let client = TransferClient::new(builder(script.clone()).build().unwrap()).low_version_crypto(low);
    let outcome = call(client).await;
    (outcome, script.sent())
}

/// Demands the vector's bytes and result.
macro_rules! same {
    ($id:literal, $low:literal, $method:ident($request:expr)) => {{
        let vector = vector($id);
        let (answer, sent) = sent(&vector, $low, async |client| client.$method($request).await).await;
        assert_eq!(serde_json::to_value(answer.unwrap()).unwrap(), vector["sdk_result"], "{}", $id);
        let expected = vector["requests"].as_array().unwrap();
        assert_eq!(sent.len(), expected.len());
        for (sent, expected) in sent.iter().zip(expected) {
            sent.same_as(expected);
        }
    }};
}

#[tokio::test]
async fn as_the_migration_sdk() {
    same!("tr-01", true, encrypt(encrypt()));
    same!("tr-02", true, decrypt(decrypt_of("tr-01")));
    same!("tr-03", true, generate_data_key(GenerateDataKeyRequest::new(KEY).number_of_bytes(16)));
    same!(
        "tr-05",
        true,
        get_secret_value(GetSecretValueRequest::new("secret001").fetch_extended_config(true))
    );
    same!("tr-06", true, asymmetric_sign(AsymmetricSignRequest::new(RSA, digest(), KEY, VERSION)));
}

#[tokio::test]
async fn as_the_current_sdk() {
    same!("kt-03", false, generate_data_key(GenerateDataKeyRequest::new(KEY).number_of_bytes(16)));
    same!("kt-06", false, asymmetric_sign(AsymmetricSignRequest::new(RSA, digest(), KEY, "")));
    same!("kt-08", false, encrypt(EncryptRequest::new(KEY, b"hello")));
    same!("kt-11", false, get_secret_value(GetSecretValueRequest::new("secret001")));
}

/// The bytes of a vector whose context is bound as text, with the raw bytes in its place.
fn with_raw_aad<M: Message + Default>(request: &Value, aad: impl FnOnce(&mut M) -> &mut Vec<u8>) -> Vec<u8> {
    let mut message = M::decode(&*bytes(&request["body_hex"])).unwrap();
    *aad(&mut message) = bytes(&all()["data"]["context_aad_raw_hex"]);
    message.encode_to_vec()
}

macro_rules! same_but_for_aad {
    ($id:literal, $low:literal, $message:ident, $method:ident($request:expr)) => {{
        let vector = vector($id);
        let (answer, sent) = sent(&vector, $low, async |client| client.$method($request).await).await;
        assert_eq!(serde_json::to_value(answer.unwrap()).unwrap(), vector["sdk_result"], "{}", $id);
        let request = &vector["requests"][0];
        assert_eq!(sent[0].body, with_raw_aad::<messages::$message>(request, |message| &mut message.aad));
        for name in ["x-kms-apiname", "x-kms-migrationkeyversionid"] {
            assert_eq!(sent[0].header(name), request["headers"][name].as_str().unwrap_or_default());
        }
        sent[0].signed();
    }};
}

#[tokio::test]
async fn a_context_is_bound_as_java_and_go_do() {
    same_but_for_aad!("kt-01", false, AdvanceEncryptRequest, encrypt(encrypt()));
    same_but_for_aad!("kt-02", false, AdvanceDecryptRequest, decrypt(decrypt_of("kt-01")));
    same_but_for_aad!("kt-04", true, EncryptRequest, encrypt(encrypt()));
    same_but_for_aad!("kt-09", true, DecryptRequest, decrypt(decrypt_of("kt-04")));
}

#[tokio::test]
async fn errors_are_those_of_the_openapi() {
    for id in ["tr-07", "tr-08", "tr-10", "tr-11"] {
        let vector = vector(id);
        let (outcome, sent) = sent(&vector, true, async |client| client.encrypt(encrypt()).await).await;
        let (error, expected) = (outcome.unwrap_err(), &vector["sdk_error"]);
        assert_eq!(error.code().unwrap(), expected["error_code"], "{id}");
        assert_eq!(error.message().unwrap(), expected["message"]);
        assert_eq!(error.request_id().unwrap(), expected["request_id"]);
        assert_eq!(u64::from(error.status().unwrap()), expected["http_status"].as_u64().unwrap());
        sent[0].same_as(&vector["requests"][0]);
    }
}

/// Where the official client breaks in itself, this one does not.
#[tokio::test]
async fn what_the_official_clients_stumble_over() {
    // An unknown text of InvalidParam.
    let unknown = vector("tr-09");
    let (outcome, requests) = sent(&unknown, true, async |client| client.encrypt(encrypt()).await).await;
    let error = outcome.unwrap_err();
    assert_eq!(error.code(), Some("InvalidParam"));
    assert_eq!(error.message(), Some("The Param Content-SHA256 is invalid."));
    requests[0].same_as(&unknown["requests"][0]);
    let unknown = vector("kt-07");
    let call = async |client: TransferClient| client.get_public_key(GetPublicKeyRequest::new(KEY, "")).await;
    let (outcome, requests) = sent(&unknown, false, call).await;
    assert_eq!(outcome.unwrap_err().code(), Some("InvalidParam"));
    requests[0].same_as(&unknown["requests"][0]);
    // No header with the version, for a public key: the version that was asked for, or none.
    let bare = vector("kt-05");
    let (outcome, requests) = sent(&bare, false, call).await;
    let answer = outcome.unwrap();
    assert_eq!((answer.key_version_id, answer.key_id.as_deref()), (None, Some(KEY)));
    assert!(answer.public_key.unwrap().starts_with("-----BEGIN PUBLIC KEY-----"));
    requests[0].same_as(&bare["requests"][0]);
    // FetchExtendedConfig in the kms SDK (kt-10 sends nothing).
    let secret = vector("tr-05");
    let request = GetSecretValueRequest::new("secret001").fetch_extended_config(true);
    let (outcome, requests) =
        sent(&secret, false, async |client| client.get_secret_value(request).await).await;
    assert_eq!(outcome.unwrap().extended_config.as_deref(), Some(r#"{"a":"b"}"#));
    requests[0].same_as(&secret["requests"][0]);
}

/// Without the header there is no ciphertext to give (tr-04).
#[tokio::test]
async fn a_ciphertext_needs_its_version() {
    let bare = vector("tr-04");
    let (outcome, _) = sent(&bare, true, async |client| client.encrypt(encrypt()).await).await;
    assert!(matches!(outcome.unwrap_err(), Error::Answer(_)));
    // A plain ciphertext where one of the Advance form is due.
    let plain = vector("tr-01");
    let (outcome, _) = sent(&plain, false, async |client| client.encrypt(encrypt()).await).await;
    assert!(matches!(outcome.unwrap_err(), Error::Answer(_)));
}

#[tokio::test]
async fn nothing_is_sent_that_would_be_refused() {
    use base64::Engine as _;
    let short = base64::engine::general_purpose::STANDARD.encode([b'0'; 48]);
    macro_rules! refused {
        ($method:ident($request:expr)) => {{
            let call = async |client: TransferClient| client.$method($request).await;
            let (outcome, sent) = sent(&vector("tr-01"), false, call).await;
            assert_eq!(outcome.unwrap_err().code(), Some("InvalidParameter"), stringify!($request));
            assert!(sent.is_empty());
        }};
    }
    refused!(decrypt(DecryptRequest::new(short.clone())));
    refused!(decrypt(DecryptRequest::new("not base64")));
    refused!(decrypt(DecryptRequest::new(short).recipient("r")));
    refused!(encrypt(encrypt().dry_run("true")));
    refused!(generate_data_key(GenerateDataKeyRequest::new(KEY).key_spec("AES_512")));
    refused!(generate_data_key(GenerateDataKeyRequest::new(KEY).number_of_bytes(0)));
    refused!(generate_data_key(GenerateDataKeyRequest::new(KEY).number_of_bytes(1_i64 << 40)));
    refused!(asymmetric_sign(AsymmetricSignRequest::new(RSA, "%", KEY, VERSION)));
    refused!(asymmetric_verify(AsymmetricVerifyRequest::new(RSA, digest(), KEY, VERSION, "%")));
    refused!(asymmetric_encrypt(AsymmetricEncryptRequest::new(
        "RSAES_OAEP_SHA_256",
        KEY,
        VERSION,
        keystead_client::SecretText::from("%")
    )));
    refused!(asymmetric_decrypt(AsymmetricDecryptRequest::new("RSAES_OAEP_SHA_256", "%", KEY, VERSION)));
    let elsewhere = async |client: TransferClient| {
        client.list_keys(keystead_client::operations::ListKeysRequest::new()).await
    };
    let (outcome, _) = sent(&vector("tr-01"), false, elsewhere).await;
    assert!(matches!(outcome.unwrap_err(), Error::Request(_)));
}

#[tokio::test]
async fn data_keys_have_the_size_of_their_spec() {
    for (spec, number, expected) in [
        (None, None, 32),
        (Some("AES_256"), None, 32),
        (Some("AES_128"), None, 16),
        (Some("AES_128"), Some(64), 64),
    ] {
        let mut request = GenerateDataKeyWithoutPlaintextRequest::new(KEY);
        request.key_spec = spec.map(Into::into);
        request.number_of_bytes = number;
        let vector = vector("kt-03");
        let call = async |client: TransferClient| client.generate_data_key_without_plaintext(request).await;
        let (outcome, sent) = sent(&vector, false, call).await;
        let first = messages::AdvanceGenerateDataKeyRequest::decode(&*sent[0].body).unwrap();
        assert_eq!(first.number_of_bytes, expected);
        let answer = serde_json::to_value(outcome.unwrap()).unwrap();
        assert_eq!(answer["CiphertextBlob"], vector["sdk_result"]["CiphertextBlob"]);
        assert_eq!(answer["Plaintext"], Value::Null);
    }
}

/// Asymmetric calls as dkms-transfer and kms Go lay them out: decoded, with the key version in the header.
#[tokio::test]
async fn key_pairs() {
    let answer = |message: &dyn Fn(&mut Vec<u8>)| {
        let mut body = Vec::new();
        message(&mut body);
        json!({"responses": [{
            "status": 200, "headers": {"x-kms-migrationkeyversionid": VERSION}, "body_hex": hex::encode(body),
        }]})
    };
    let made = messages::EncryptResponse {
        key_id: KEY.into(),
        ciphertext_blob: b"made".into(),
        ..Default::default()
    };
    let vector = answer(&|body| made.encode(body).unwrap());
    let request = AsymmetricEncryptRequest::new("RSAES_OAEP_SHA_256", KEY, VERSION, b"hello");
    let (outcome, requests) =
        sent(&vector, false, async |client| client.asymmetric_encrypt(request).await).await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.ciphertext_blob.as_deref(), Some("bWFkZQ=="));
    assert_eq!(outcome.key_version_id.as_deref(), Some(VERSION));
    let call = messages::EncryptRequest::decode(&*requests[0].body).unwrap();
    assert_eq!((&*call.plaintext, &*call.algorithm), (&b"hello"[..], "RSAES_OAEP_SHA_256"));
    assert_eq!(requests[0].header("x-kms-migrationkeyversionid"), VERSION);

    let opened =
        messages::DecryptResponse { key_id: KEY.into(), plaintext: b"hello".into(), ..Default::default() };
    let vector = answer(&|body| opened.encode(body).unwrap());
    let request = AsymmetricDecryptRequest::new("RSAES_OAEP_SHA_256", "bWFkZQ==", KEY, VERSION);
    let (outcome, requests) =
        sent(&vector, false, async |client| client.asymmetric_decrypt(request).await).await;
    assert_eq!(outcome.unwrap().plaintext.unwrap().expose(), "aGVsbG8=");
    let call = messages::DecryptRequest::decode(&*requests[0].body).unwrap();
    assert_eq!((&*call.ciphertext_blob, &*call.key_id), (&b"made"[..], KEY));

    for value in [true, false] {
        let verified = messages::VerifyResponse { key_id: KEY.into(), value, ..Default::default() };
        let vector = answer(&|body| verified.encode(body).unwrap());
        let request = AsymmetricVerifyRequest::new(RSA, digest(), KEY, VERSION, "c2ln");
        let (outcome, requests) =
            sent(&vector, false, async |client| client.asymmetric_verify(request).await).await;
        assert_eq!(outcome.unwrap().value, Some(value));
        let call = messages::VerifyRequest::decode(&*requests[0].body).unwrap();
        assert_eq!((&*call.signature, &*call.message_type, call.message.len()), (&b"sig"[..], "DIGEST", 32));
    }
}
