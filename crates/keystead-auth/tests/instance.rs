//! The signature of the instance API against what the official Python SDKs made (`data/instance-vectors.json`).
#![allow(clippy::unwrap_used)]

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::{SecretKey, SigningKey, instance};
use serde_json::Value;

fn vectors() -> Value {
    serde_json::from_str(include_str!("data/instance-vectors.json")).unwrap()
}

fn headers(request: &Value) -> HeaderMap {
    let mut headers = HeaderMap::new();
    // A caller's own header that it spells with capitals is sent and not signed: no server can verify such a request.
    for (name, value) in
        request["headers"].as_object().unwrap().iter().filter(|(name, _)| name.to_lowercase() == **name)
    {
        headers.insert(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            HeaderValue::from_str(value.as_str().unwrap()).unwrap(),
        );
    }
    headers
}

#[test]
fn every_recorded_request_is_signed_and_verified() {
    let all = vectors();
    let private = SecretKey::new(all["client_key_private_key_pkcs8_base64"].as_str().unwrap().to_owned());
    let key = SigningKey::rsa_private(&private).unwrap();
    let mut seen = 0;
    for vector in all["vectors"].as_array().unwrap() {
        for request in vector["requests"].as_array().unwrap() {
            let headers = headers(request);
            let text = instance::string_to_sign("POST", &headers).unwrap();
            if let Some(expected) = request["string_to_sign"].as_str() {
                assert_eq!(text, expected, "{}", vector["id"]);
            }
            let authorization = headers["authorization"].to_str().unwrap();
            assert_eq!(instance::authorization(&text, &key).unwrap(), authorization, "{}", vector["id"]);
            let signature = instance::signature(authorization).unwrap();
            assert!(instance::verify(&text, &signature, &key).unwrap());
            assert!(!instance::verify(&text.replace("POST", "PUT"), &signature, &key).unwrap());
            seen += 1;
        }
    }
    assert!(seen >= 52, "{seen}");
}
