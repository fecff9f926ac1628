//! A client key at the shared gateway: the signature as a server sees it.

use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use keystead_auth::{Algorithm, Presented, RequestView, SigningKey, decode_pairs, present};
use keystead_client::operations::GetSecretValueRequest;
use keystead_client::{Client, RetryPolicy, Transport, TransportFuture};
use zeroize::Zeroizing;

use crate::common::{all, client_key};

#[derive(Default)]
struct Kept(Mutex<Vec<Request<Bytes>>>);

impl Transport for Kept {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        self.0.lock().unwrap().push(request);
        let answer = Response::builder().status(200).body(Zeroizing::new(b"{}".to_vec())).unwrap();
        Box::pin(std::future::ready(Ok(answer)))
    }
}

#[tokio::test]
async fn a_secret_is_asked_for_with_signature_v1() {
    let kept = Arc::new(Kept::default());
    let client = Client::builder()
        .endpoint("kms.example")
        .client_key(client_key())
        .transport(kept.clone())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let _ = client.get_secret_value(GetSecretValueRequest::new("app/db é")).await;
    let request = kept.0.lock().unwrap().remove(0);
    let query = decode_pairs(request.uri().query().unwrap()).unwrap();
    let value = |name: &str| query.iter().find(|(n, _)| n == name).map(|(_, v)| v.to_string()).unwrap();
    assert_eq!(value("AccessKeyId"), all()["client_key_id"].as_str().unwrap());
    assert_eq!(
        (value("SignatureMethod"), value("SignatureType")),
        ("SHA256withRSA".into(), "PRIVATEKEY".into())
    );
    assert_eq!((value("Action"), value("SecretName")), ("GetSecretValue".into(), "app/db é".into()));
    assert!(!request.headers().contains_key("authorization"));
    let view = RequestView {
        method: "POST",
        path: "/",
        authority: None,
        headers: request.headers(),
        query: &query,
        form: &[],
        body: &[],
    };
    let Presented::Signed(claim) = present(&view).unwrap() else { panic!("not signed") };
    assert_eq!(claim.algorithm(), Algorithm::Sha256WithRsa);
    let der = all()["client_key_private_key_pkcs8_base64"].as_str().unwrap().to_owned();
    let key = SigningKey::rsa_private_der(&STANDARD.decode(der).unwrap()).unwrap();
    claim.verify(&view, &key).unwrap();
}
