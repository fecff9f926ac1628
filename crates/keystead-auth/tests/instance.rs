//! Signatures by client keys against what the official Python SDKs made (`data/instance-vectors.json`): of the instance API, and
//! of the shared gateway.
#![allow(clippy::unwrap_used)]

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::{
    Algorithm, Credentials, Presented, RequestView, Scheme, SecretKey, SigningKey, ToSign, decode_pairs,
    instance, present, v1,
};
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

#[test]
fn the_recorded_request_to_the_shared_gateway_is_signed_and_verified() {
    let all = vectors();
    let private = all["client_key_private_key_pkcs8_base64"].as_str().unwrap();
    let vector = &all["shared_gateway"][0];
    let (path, query) = vector["path_and_query"].as_str().unwrap().split_once('?').unwrap();
    let query = decode_pairs(query).unwrap();
    let own: Vec<_> =
        query.iter().filter(|(name, _)| name != "SignatureType" && name != "Signature").cloned().collect();
    let value = |name: &str| vector["params"][name].as_str().unwrap();
    let credentials = Credentials::access_key(value("AccessKeyId"), private);
    let request = ToSign {
        method: vector["method"].as_str().unwrap(),
        path,
        query: &own,
        form: &[],
        body: b"",
        date: value("Timestamp"),
        nonce: value("SignatureNonce"),
    };
    let signed = v1::sign_with_client_key(&request, &credentials).unwrap();
    let text = v1::string_to_sign("POST", path, &signed, &[], v1::Space::Percent);
    assert_eq!(text, vector["string_to_sign"].as_str().unwrap());
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort();
        pairs
    };
    let owned = |pairs: &keystead_auth::Pairs<'_>| {
        pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    };
    assert_eq!(sorted(owned(&signed)), sorted(owned(&query)), "the signature too");

    let headers = HeaderMap::new();
    let view = RequestView {
        method: "POST",
        path,
        authority: None,
        headers: &headers,
        query: &query,
        form: &[],
        body: b"",
    };
    let Ok(Presented::Signed(claim)) = present(&view) else { panic!("it is signed") };
    assert_eq!((claim.scheme(), claim.algorithm()), (Scheme::V1, Algorithm::Sha256WithRsa));
    assert_eq!(claim.access_key_id(), all["client_key_id"].as_str().unwrap());
    let key = SigningKey::rsa_private(&SecretKey::new(private.to_owned())).unwrap();
    claim.verify(&view, &key).unwrap();
    // A secret, be it the key's own text, is no key for it.
    let secret = SigningKey::new(&SecretKey::new(private.to_owned()));
    assert_eq!(claim.verify(&view, &secret).unwrap_err().code(), "InvalidSignatureMethod");
}
