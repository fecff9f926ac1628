//! Any bytes as the headers of a call of the instance API: none may panic, and what this side signs it reads and verifies.

use std::sync::LazyLock;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use keystead_auth::instance::{self, Claim};
use keystead_auth::{SecretKey, SigningKey};

/// The key of the recorded requests, an invented one.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let all = include_str!("../../crates/keystead-auth/tests/data/instance-vectors.json");
    let all: serde_json::Value = serde_json::from_str(all).expect("the vectors are JSON");
    let key = all["client_key_private_key_pkcs8_base64"].as_str().expect("the vectors have a key");
    SigningKey::rsa_private(&SecretKey::new(key.to_owned())).expect("it is a private key")
});

/// One case: headers as HTTP/1.1 writes them, with lines that end in LF.
pub fn run(data: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in data.split(|byte| *byte == b'\n') {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        let (Ok(name), Ok(value)) = (HeaderName::from_bytes(&line[..colon]), value) else { return };
        headers.append(name, value);
    }
    let _ = instance::api_name(&headers);
    if let Ok(claim) = Claim::read(&Method::POST, &headers) {
        assert!(!claim.client_key_id.is_empty() && !claim.content_sha256.is_empty());
        assert!(claim.text.starts_with("POST\n") && claim.text.ends_with("\n/"));
        let first = instance::verify(&claim.text, &claim.signature, &KEY);
        assert_eq!(first, instance::verify(&claim.text, &claim.signature, &KEY), "the same answer");
        assert_eq!(
            instance::verify(&[&*claim.text, "x"].concat(), &claim.signature, &KEY),
            Ok(false),
            "another text was not signed"
        );
    }

    // Whatever else stands there: with the fixed headers it can be signed and read, unless something stands there twice.
    for (name, value) in [
        ("x-kms-apiversion", "dkms-gcs-0.2"),
        ("x-kms-apiname", "Encrypt"),
        ("x-kms-signaturemethod", "RSA_PKCS1_SHA_256"),
        ("x-kms-acccesskeyid", "KAAP.x"),
        ("content-type", "application/x-protobuf"),
        ("date", "Fri, 02 Jan 2026 03:04:05 GMT"),
        ("content-sha256", "E3B0"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let Ok(text) = instance::string_to_sign("POST", &headers) else { return };
    let authorization = instance::authorization(&text, &KEY).expect("the key signs");
    headers.insert("authorization", HeaderValue::from_str(&authorization).expect("it is a header"));
    let claim = Claim::read(&Method::POST, &headers).expect("what is signed here is read here");
    assert_eq!(claim.text, text);
    assert_eq!(instance::verify(&claim.text, &claim.signature, &KEY), Ok(true));
}
