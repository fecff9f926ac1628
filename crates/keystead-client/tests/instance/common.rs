//! The vectors, and a transport that answers from one and compares what it is given.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use keystead_auth::{SigningKey, instance};
use keystead_client::instance::{ClientKey, ClientKeyPassword, InstanceClient, InstanceClientBuilder};
use keystead_client::{Clock, Transport, TransportError, TransportFuture};
use serde_json::Value;
use tokio::time::Instant;
use zeroize::Zeroizing;

pub const CLIENT_KEY: &str = include_str!("../../../keystead-auth/tests/data/fake-clientkey.json");

/// 2026-01-02T03:04:05Z, the date of all vectors.
struct Then;

impl Clock for Then {
    fn unix_seconds(&self) -> i64 {
        1_767_323_045
    }
}

pub fn all() -> Value {
    serde_json::from_str(include_str!("../../../keystead-auth/tests/data/instance-vectors.json")).unwrap()
}

pub fn vector(id: &str) -> Value {
    let all = all();
    all["vectors"].as_array().unwrap().iter().find(|vector| vector["id"] == id).unwrap().clone()
}

pub fn client_key() -> ClientKey {
    let password = ClientKeyPassword::new(all()["client_key_password"].as_str().unwrap());
    ClientKey::from_json(CLIENT_KEY, &password).unwrap()
}

pub fn builder(transport: Arc<dyn Transport>) -> InstanceClientBuilder {
    InstanceClient::builder()
        .endpoint(all()["endpoint"].as_str().unwrap())
        .client_key(client_key())
        .transport(transport)
        .clock(Arc::new(Then))
}

pub fn bytes(hex: &Value) -> Vec<u8> {
    hex::decode(hex.as_str().unwrap()).unwrap()
}

/// A request as it was given to the transport, and when.
pub struct Sent {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub at: Instant,
}

impl Sent {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Demands the bytes of the vector: all headers but `user-agent`, the body, and so the signature.
    pub fn same_as(&self, request: &Value) {
        assert_eq!(hex::encode(&self.body), request["body_hex"].as_str().unwrap());
        let expected = request["headers"].as_object().unwrap();
        let expected = expected.iter().filter(|(name, _)| {
            // The official client sends a name in capitals unsigned; here names have no case.
            *name != "user-agent" && name.to_lowercase() == **name
        });
        let mut count = 0;
        for (name, value) in expected {
            assert_eq!(self.header(name), value.as_str().unwrap(), "{name}");
            count += 1;
        }
        assert_eq!(self.headers.len(), count + 1, "{:?}", self.headers);
    }

    /// Demands a signature of the client key over what was sent.
    pub fn signed(&self) {
        let pem = all()["client_key_public_key_pem"].as_str().unwrap().to_owned();
        let der = <rustls::pki_types::SubjectPublicKeyInfoDer<'_> as rustls::pki_types::pem::PemObject>::from_pem_slice(
            pem.as_bytes(),
        )
        .unwrap();
        let key = SigningKey::rsa_public(der.as_ref()).unwrap();
        let text = instance::string_to_sign("POST", &self.headers).unwrap();
        let signature = instance::signature(self.header("authorization")).unwrap();
        assert!(instance::verify(&text, &signature, &key).unwrap());
        assert_eq!(self.header("content-sha256"), instance::content_sha256(&self.body));
    }
}

/// Gives a vector's answers, the last one again and again.
pub struct Script {
    answers: Vec<Value>,
    sent: Mutex<Vec<Sent>>,
}

impl Script {
    pub fn of(vector: &Value) -> Arc<Self> {
        let answers = vector["responses"].as_array().unwrap().clone();
        Arc::new(Self { answers, sent: Mutex::default() })
    }

    pub fn sent(&self) -> Vec<Sent> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>) -> TransportFuture<'_> {
        let (head, body) = request.into_parts();
        assert_eq!((head.method.as_str(), head.uri.path_and_query().unwrap().as_str()), ("POST", "/"));
        assert_eq!(head.uri.authority().unwrap().as_str(), head.headers["host"]);
        let mut sent = self.sent.lock().unwrap();
        let answer = self.answers.get(sent.len()).or(self.answers.last()).unwrap().clone();
        sent.push(Sent { headers: head.headers, body: body.to_vec(), at: Instant::now() });
        Box::pin(async move {
            if let Some(fault) = answer["transport_error"].as_str() {
                return Err(TransportError::Broken(fault.into()));
            }
            let status = u16::try_from(answer["status"].as_u64().unwrap()).unwrap();
            let mut response = Response::builder().status(status);
            for (name, value) in answer["headers"].as_object().unwrap() {
                response = response.header(name, value.as_str().unwrap());
            }
            Ok(response.body(Zeroizing::new(bytes(&answer["body_hex"]))).unwrap())
        })
    }
}
