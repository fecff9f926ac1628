//! No way into an instance through its gateway goes past authentication, in neither of its two protocols.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_api::INSTANCE_OPERATIONS;
use keystead_api::instance::{API_VERSION, CONTENT_TYPE, ErrorBody, InstanceMessage as _};
use keystead_auth::{SecretKey, SigningKey, instance};
use serde_json::Value;

use crate::dedicated::application;
use crate::routes::{refuse_strangers, revision};
use crate::server::Home;
use crate::signed::{Call, now};
use crate::wire::tcp;

const INSTANCE: &str = "kst-testofroutes";
const NOBODY: &str = "KAAP.00000000-0000-0000-0000-000000000000";
/// Seconds from now to a date that is too old.
const LONG_AGO: i64 = -3600;

#[test]
fn every_operation_at_the_gateway_of_an_instance_refuses_those_who_are_not_known() {
    let home = Home::new();
    let start = || home.start_with(home.serve().args(["--instance", INSTANCE, "--dedicated-loopback-http"]));
    let server = start();
    let made = Call::new("CreateKey").query("DKMSInstanceId", INSTANCE).send(&server).good().json();
    let key_id = made["KeyMetadata"]["KeyId"].as_str().unwrap();
    let file: Value = serde_json::from_str(&application(&server, INSTANCE)).unwrap();
    let client_key = file["KeyId"].as_str().unwrap();
    // The end of a server finishes what the audit log still has to do in the store.
    server.stop();
    let server = start();
    let there = server.ready["endpoints"]["dedicated"][INSTANCE]["http"].as_str().unwrap();
    let mut connection = tcp(there.parse().unwrap());
    let before = revision(&home);
    refuse_strangers(&mut connection, there, key_id);

    let stranger = Stranger::at(there);
    for def in INSTANCE_OPERATIONS {
        let mut unsigned = stranger.request(def.name, client_key, 0);
        unsigned.remove("authorization");
        for (headers, status, code) in [
            (unsigned, 400, "InvalidParam"),
            (stranger.request(def.name, client_key, 0), 401, "SignatureNotMatch"),
            (stranger.request(def.name, NOBODY, 0), 404, "Unauthorized"),
            (stranger.request(def.name, client_key, LONG_AGO), 400, "RequestTimeTooSkewed"),
        ] {
            let answer = connection.send(&post(&headers)).answer();
            let error = ErrorBody::read(&answer.body).unwrap();
            assert_eq!((answer.status, error.error_code.as_str()), (status, code), "{}", def.name);
        }
    }
    for (method, path) in [("GET", "/"), ("PUT", "/"), ("POST", "/keys"), ("GET", "/livez")] {
        let request = format!("{method} {path} HTTP/1.1\r\nhost: {there}\r\ncontent-length: 0\r\n\r\n");
        let answer = connection.send(request.as_bytes()).answer();
        assert!(answer.status >= 400, "{method} {path}: {}", answer.text());
    }
    assert_eq!(revision(&home), before, "somebody unknown changed the store");
    server.assert_well();
}

/// Somebody with a private key to which no client key belongs.
struct Stranger<'a> {
    host: &'a str,
    key: SigningKey,
}

impl<'a> Stranger<'a> {
    fn at(host: &'a str) -> Self {
        let vectors = include_str!("../../../keystead-auth/tests/data/instance-vectors.json");
        let vectors: Value = serde_json::from_str(vectors).unwrap();
        let key = vectors["client_key_private_key_pkcs8_base64"].as_str().unwrap();
        Self { host, key: SigningKey::rsa_private(&SecretKey::new(key.to_owned())).unwrap() }
    }

    /// A request of the instance API in the name of a client key, dated so many seconds from now.
    fn request(&self, name: &str, client_key: &str, offset: i64) -> HeaderMap {
        let seconds = u64::try_from(now() + offset).unwrap();
        let date = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds));
        let mut headers = HeaderMap::new();
        let mut set = |name: &str, value: &str| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            headers.insert(name, HeaderValue::from_str(value).unwrap());
        };
        for (name, value) in [
            ("accept", CONTENT_TYPE),
            ("host", self.host),
            ("date", &date),
            ("x-kms-apiversion", API_VERSION),
            ("x-kms-apiname", name),
            ("x-kms-signaturemethod", "RSA_PKCS1_SHA_256"),
            ("x-kms-acccesskeyid", client_key),
            ("content-type", CONTENT_TYPE),
            ("content-sha256", &instance::content_sha256(b"")),
        ] {
            set(name, value);
        }
        let signed = instance::string_to_sign("POST", &headers).unwrap();
        let authorization = instance::authorization(&signed, &self.key).unwrap();
        headers.insert("authorization", HeaderValue::from_str(&authorization).unwrap());
        headers
    }
}

/// A request with these headers and no body, on the wire.
fn post(headers: &HeaderMap) -> Vec<u8> {
    let mut request = "POST / HTTP/1.1\r\n".to_owned();
    for (name, value) in headers {
        request += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    (request + "content-length: 0\r\n\r\n").into_bytes()
}
