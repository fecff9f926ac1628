//! The instance API on the wire: what official clients send, and what is wrong with other requests.

use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_api::Timestamp;
use keystead_api::instance::{
    CONTENT_TYPE, ErrorBody, GenerateRandomRequest, GenerateRandomResponse, InstanceMessage,
};
use keystead_auth::{SecretKey, SigningKey, instance};
use keystead_crypto::SystemRandom;
use keystead_gateway::{InstanceGateways, InstanceNames, Limits, Metrics, TrustedProxies};
use keystead_service::clock::Clock as _;
use keystead_service::records::{AccessPointRecord, AccessPolicyRecord, ClientKeyRecord, Id, Stored, path};
use keystead_store::Batch;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::house::{House, Serving};

/// When the recorded requests were signed.
const RECORDED: i64 = 1_767_323_045;
const INSTANCE: &str = "kst-hzz00000000aaaaaaaaaa";

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../keystead-auth/tests/data/instance-vectors.json")).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// An instance, and the client key of the recorded requests with the right to everything in it.
struct Scene {
    house: House,
    serving: Serving,
    key: SigningKey,
    key_id: String,
}

impl Scene {
    async fn new() -> Self {
        let house = House::new().await;
        house.clock.advance(RECORDED - house.clock.now().0);
        let account = house.engine.installation().account.clone();
        house.engine.create_instance(&account, Some(INSTANCE)).await.unwrap();
        let all = vectors();
        let key_id = text(&all["client_key_id"]).to_owned();
        import(&house, &account, &all).await;
        let names = InstanceNames::under("aliyuncs.com");
        let metrics = Arc::new(Metrics::new().unwrap());
        let engine = house.engine.clone();
        let gateways =
            InstanceGateways::new(engine, metrics, &SystemRandom, names, TrustedProxies::default()).unwrap();
        let gateway = Arc::new(gateways).of(INSTANCE);
        let serving = house.serve_handler(None, Limits::default(), gateway).await;
        let private = SecretKey::new(text(&all["client_key_private_key_pkcs8_base64"]).to_owned());
        let key = SigningKey::rsa_private(&private).unwrap();
        Self { house, serving, key, key_id }
    }

    /// The headers of a good request now, not signed yet.
    fn headers(&self, name: &str, body: &[u8]) -> HeaderMap {
        let now = self.house.clock.now().0;
        let date = httpdate::fmt_http_date(
            std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::try_from(now).unwrap()),
        );
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("accept", CONTENT_TYPE),
            ("host", "127.0.0.1"),
            ("date", &date),
            ("x-kms-apiversion", "dkms-gcs-0.2"),
            ("x-kms-apiname", name),
            ("x-kms-signaturemethod", "RSA_PKCS1_SHA_256"),
            ("x-kms-acccesskeyid", &self.key_id),
            ("content-type", CONTENT_TYPE),
            ("content-sha256", &instance::content_sha256(body)),
        ] {
            set(&mut headers, name, value);
        }
        headers
    }

    fn sign(&self, headers: &mut HeaderMap) {
        let signed = instance::string_to_sign("POST", headers).unwrap();
        let authorization = instance::authorization(&signed, &self.key).unwrap();
        set(headers, "authorization", &authorization);
    }

    async fn send(&self, headers: &HeaderMap, body: &[u8]) -> Answer {
        send(self.serving.address, "POST / HTTP/1.1", headers, body).await
    }
}

fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
}

/// Puts the recorded client key into the store, with an access point and a policy.
async fn import(house: &House, account: &str, all: &Value) {
    let pem = text(&all["client_key_public_key_pem"]);
    let id = |text: &str| Id::from(text).unwrap();
    let created = Timestamp(RECORDED - 1000);
    let policy = AccessPolicyRecord {
        account: id(account),
        name: "everything".to_owned(),
        description: String::new(),
        scope: INSTANCE.to_owned(),
        permissions: vec![
            "RbacPermission/Template/CryptoServiceKeyUser".to_owned(),
            "RbacPermission/Template/CryptoServiceSecretUser".to_owned(),
        ],
        resources: vec!["key/*".to_owned(), "secret/*".to_owned()],
        network_rules: Vec::new(),
        used_by: vec!["app".to_owned()],
        created,
    };
    let key_id = text(&all["client_key_id"]);
    let point = AccessPointRecord {
        account: id(account),
        uid: id("a-point"),
        name: "app".to_owned(),
        description: String::new(),
        policies: vec!["everything".to_owned()],
        client_keys: vec![key_id.to_owned()],
        created,
    };
    let key = ClientKeyRecord {
        client_key_id: key_id.to_owned(),
        account: id(account),
        access_point: "app".to_owned(),
        access_point_uid: id("a-point"),
        certificate_pem: text(&all["client_key_certificate_pem"]).to_owned(),
        public_key: pem.lines().filter(|line| !line.starts_with("-----")).collect(),
        not_before: created,
        not_after: Timestamp(RECORDED + 100_000),
        created,
    };
    let mut batch = Batch::new();
    put(&mut batch, path::access_policy(account, "everything"), &policy);
    put(&mut batch, path::access_point(account, "app"), &point);
    put(&mut batch, path::client_key(key_id), &key);
    house.engine.store().commit(batch).await.unwrap();
}

fn put<T: Stored>(batch: &mut Batch, at: String, record: &T) {
    batch.create(at, T::KIND, T::FORMAT, serde_json::to_vec(record).unwrap());
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    /// The error in it: `ok`, or status, code and text.
    fn outcome(&self) -> String {
        assert!(self.head.contains("content-type: application/x-protobuf"), "{}", self.head);
        if self.status < 400 {
            return "ok".to_owned();
        }
        let error = ErrorBody::read(&self.body).unwrap();
        assert_eq!((error.status_code, error.request_id.len()), (i32::from(self.status), 36));
        format!("{} {}: {}", self.status, error.error_code, error.error_message)
    }
}

async fn send(address: SocketAddr, line: &str, headers: &HeaderMap, body: &[u8]) -> Answer {
    let mut request = format!("{line}\r\n").into_bytes();
    for (name, value) in headers {
        request.extend_from_slice(format!("{name}: {}\r\n", value.to_str().unwrap()).as_bytes());
    }
    if !headers.contains_key("content-length") && !headers.contains_key("transfer-encoding") {
        request.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    request.extend_from_slice(b"connection: close\r\n\r\n");
    request.extend_from_slice(body);
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: bytes[end + 4..].to_vec() }
}

#[tokio::test]
async fn every_recorded_request_is_known_and_read() {
    let scene = Scene::new().await;
    let all = vectors();
    let mut seen = 0;
    for vector in all["vectors"].as_array().unwrap() {
        for request in vector["requests"].as_array().unwrap() {
            let mut headers = HeaderMap::new();
            // A caller's own header that it spells with capitals is sent and not signed: no server can verify such a request.
            for (name, value) in request["headers"]
                .as_object()
                .unwrap()
                .iter()
                .filter(|(name, _)| name.to_lowercase() == **name)
            {
                set(&mut headers, name, text(value));
            }
            let body = hex::decode(text(&request["body_hex"])).unwrap();
            let outcome = scene.send(&headers, &body).await.outcome();
            let id = text(&vector["id"]);
            let expected = match headers["x-kms-apiname"].to_str().unwrap() {
                "GenerateRandom" if body.is_empty() => "400 MissingParameter: Parameter Length",
                "GenerateRandom" => "ok",
                "GetSecretValue" => "404 Forbidden.ResourceNotFound",
                // There is no such key here.
                _ => "404 Forbidden.KeyNotFound",
            };
            assert!(outcome.starts_with(expected), "{id}: {outcome}");
            seen += 1;
        }
    }
    assert!(seen >= 52, "{seen}");
}

#[tokio::test]
async fn each_flaw_of_the_headers_has_its_code_and_text() {
    let scene = Scene::new().await;
    let body = GenerateRandomRequest { length: 16 }.write();
    // Signed with the flaw in it.
    for (name, value, expected) in [
        ("x-kms-apiname", "Generate", "400 InvalidApiName: The ApiName \"Generate\" is invalid."),
        ("x-kms-apiname", "CreateKey", "400 InvalidApiName: The ApiName \"CreateKey\" is invalid."),
        ("x-kms-apiname", "", "400 InvalidApiName: The ApiName \"\" is invalid."),
        (
            "x-kms-apiversion",
            "dkms-gcs-0.3",
            "400 InvalidApiVersion: The ApiVersion \"dkms-gcs-0.3\" is invalid.",
        ),
        ("x-kms-apiversion", "", "400 InvalidApiVersion: The ApiVersion \"\" is invalid."),
        (
            "content-type",
            "application/json",
            "415 InvalidContentType: Content-Type \"application/json\" is unsupported.",
        ),
        ("content-type", "", "415 InvalidContentType: Content-Type \"\" is unsupported."),
        ("x-kms-signaturemethod", "RSA_PSS", "400 InvalidParam: The Param x-kms-signaturemethod is invalid."),
        ("x-kms-signaturemethod", "", "400 InvalidParam: The Param x-kms-signaturemethod is invalid."),
        (
            "x-kms-acccesskeyid",
            "",
            "400 MissingParameter: Parameter x-kms-acccesskeyid does not exist in http header or body.",
        ),
        (
            "x-kms-acccesskeyid",
            "KAAP.x",
            "404 Unauthorized: The AccessKey ID \"KAAP.x\" does not exist in our records.",
        ),
        ("date", "2026-01-02T03:04:05Z", "400 InvalidParam: The Param Date is invalid."),
        ("date", "", "400 InvalidParam: The Param Date is invalid."),
        ("date", "Fri, 02 Jan 2026 03:04:05 UTC", "ok"),
        ("content-sha256", "", "400 InvalidParam: The Param Content-SHA256 is invalid."),
        ("content-sha256", "00", "400 InvalidParam: The Param Content-SHA256 is invalid."),
    ] {
        let mut headers = scene.headers("GenerateRandom", &body);
        set(&mut headers, name, value);
        scene.sign(&mut headers);
        assert_eq!(scene.send(&headers, &body).await.outcome(), expected, "{name}: {value}");
        if value.is_empty() && name != "x-kms-apiname" {
            headers.remove(name);
            assert_eq!(scene.send(&headers, &body).await.outcome(), expected, "{name} is missing");
        }
    }
    // The signature's own header.
    let mut good = scene.headers("GenerateRandom", &body);
    scene.sign(&mut good);
    let signature = good["authorization"].to_str().unwrap().to_owned();
    let malformed = "400 InvalidParam: The Param Authorization is invalid.";
    let wrong = "401 SignatureNotMatch: Signature is not matched.";
    for (value, expected) in [
        (signature.replace("Bearer", "TOKEN"), "ok"),
        (signature.replace("Bearer", "Basic"), malformed),
        (signature.replace("Bearer ", ""), malformed),
        ("Bearer *".to_owned(), malformed),
        (String::new(), malformed),
        ("Bearer AAAA".to_owned(), wrong),
        (signature.replacen(&signature[10..14], "AAAA", 1), wrong),
    ] {
        let mut headers = good.clone();
        set(&mut headers, "authorization", &value);
        assert_eq!(scene.send(&headers, &body).await.outcome(), expected, "{value}");
    }
    // What is signed cannot be changed; a further x-kms header is part of it.
    for (name, value) in
        [("x-kms-other", "1"), ("x-kms-apiname", "Hash"), ("x-kms-migrationkeyversionid", "v")]
    {
        let mut headers = good.clone();
        set(&mut headers, name, value);
        assert_eq!(scene.send(&headers, &body).await.outcome(), wrong, "{name}");
    }
    let address = scene.serving.address;
    for (line, expected) in [
        ("PUT / HTTP/1.1", "403 UnsupportedHTTPMethod"),
        ("GET / HTTP/1.1", "403 UnsupportedHTTPMethod"),
        ("POST /other HTTP/1.1", "404 InvalidAction.NotFound"),
    ] {
        let outcome = send(address, line, &good, &body).await.outcome();
        assert!(outcome.starts_with(expected), "{line}: {outcome}");
    }
    // A host that is another instance's.
    let mut headers = good.clone();
    set(&mut headers, "host", "kst-other.cryptoservice.kms.aliyuncs.com");
    assert!(scene.send(&headers, &body).await.outcome().starts_with("403 Forbidden.DKMSInstanceNotFound"));
    set(&mut headers, "host", &format!("{INSTANCE}.cryptoservice.kms.aliyuncs.com:8443"));
    assert_eq!(scene.send(&headers, &body).await.outcome(), "ok");
}

#[tokio::test]
async fn the_date_and_the_keys_validity_count_by_the_servers_clock() {
    let scene = Scene::new().await;
    let body = GenerateRandomRequest { length: 16 }.write();
    let mut headers = scene.headers("GenerateRandom", &body);
    scene.sign(&mut headers);
    let skewed = "400 RequestTimeTooSkewed: Request time exceeds server time more than 15 minutes.";
    for (seconds, expected) in [(900, "ok"), (1, skewed), (-1801, "ok"), (-1, skewed)] {
        // All of them are of the start.
        scene.house.clock.advance(seconds);
        assert_eq!(scene.send(&headers, &body).await.outcome(), expected, "{seconds}");
        // The same request again is answered again: there is no nonce.
        assert_eq!(scene.send(&headers, &body).await.outcome(), expected, "{seconds}");
    }
    let unauthorized =
        format!("404 Unauthorized: The AccessKey ID \"{}\" does not exist in our records.", scene.key_id);
    scene.house.clock.advance(901 + 100_000);
    for (seconds, expected) in [(0, "ok"), (1, unauthorized.as_str())] {
        scene.house.clock.advance(seconds);
        let mut headers = scene.headers("GenerateRandom", &body);
        scene.sign(&mut headers);
        assert_eq!(scene.send(&headers, &body).await.outcome(), expected);
    }
}

#[tokio::test]
async fn bodies() {
    let scene = Scene::new().await;
    let body = GenerateRandomRequest { length: 16 }.write();
    let mut headers = scene.headers("GenerateRandom", &body);
    scene.sign(&mut headers);
    let answer = scene.send(&headers, &body).await;
    assert_eq!(GenerateRandomResponse::read(&answer.body).unwrap().random.len(), 16);
    assert!(!answer.head.contains("x-kms-migrationkeyversionid"), "no key was used");
    // Another body than was hashed, and none.
    let hash = "400 InvalidParam: The Param Content-SHA256 is invalid.";
    assert_eq!(scene.send(&headers, &GenerateRandomRequest { length: 17 }.write()).await.outcome(), hash);
    assert_eq!(scene.send(&headers, b"").await.outcome(), hash);
    // Without a length, as one official client sends what is empty.
    set(&mut headers, "transfer-encoding", "chunked");
    assert_eq!(scene.send(&headers, b"2\r\n\x08\x10\r\n0\r\n\r\n").await.outcome(), "ok");
    let mut empty = scene.headers("GenerateRandom", b"");
    scene.sign(&mut empty);
    set(&mut empty, "transfer-encoding", "chunked");
    let missing = "400 MissingParameter: Parameter Length does not exist in http header or body.";
    assert_eq!(scene.send(&empty, b"0\r\n\r\n").await.outcome(), missing);
    // The largest body, and one that is larger.
    let whole =
        |len: usize| keystead_api::instance::HashRequest { message: vec![7; len], algorithm: String::new() };
    let most = 3 << 20;
    let fits = whole(most - 5).write();
    assert_eq!(fits.len(), most);
    let large = whole(most - 4).write();
    for (body, expected) in
        [(&fits, "ok"), (&large, "413 RequestBodyTooLarge: The request body is larger than 3145728 bytes.")]
    {
        let mut headers = scene.headers("Hash", body);
        scene.sign(&mut headers);
        assert_eq!(scene.send(&headers, body).await.outcome(), expected);
    }
    let broken = [0x08];
    let mut headers = scene.headers("GenerateRandom", &broken);
    scene.sign(&mut headers);
    let expected = "400 InvalidParameter: The specified parameter is not valid.";
    assert_eq!(scene.send(&headers, &broken).await.outcome(), expected);
}
