//! Roles in the store, and signed calls over HTTP.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::v1::Space;
use keystead_auth::{
    Algorithm, Credentials, HeaderPolicy, SecretKey, SecurityToken, SigningKey, ToSign, format_date, v1, v3,
};
use keystead_service::Origin;
use keystead_service::audit::Trail;
use keystead_service::clock::Clock as _;
use keystead_service::records::{Attachment, PolicyKind, RoleRecord, Stored as _, path};
use keystead_store::Batch;
use serde_json::Value;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::house::{House, whole_answer};

/// The version of STS.
pub const STS: &str = "2015-04-01";

pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }

    /// `ok`, or status and code.
    pub fn outcome(&self) -> String {
        match self.status {
            200 => "ok".to_owned(),
            status => format!("{status} {}", self.json()["Code"].as_str().unwrap()),
        }
    }
}

/// Sends a request as it is.
pub async fn send(address: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let (status, body) = whole_answer(&mut stream).await;
    Answer { status, body }
}

/// Makes a role that trusts this principal.
pub async fn role(house: &House, name: &str, principal: &str, policies: &[&str]) -> String {
    let account = house.engine.installation().account.clone();
    let now = house.clock.now();
    let attach =
        |policy: &&str| Attachment { kind: PolicyKind::System, policy: (*policy).to_owned(), attached: now };
    let record = RoleRecord {
        role_id: format!("3000{name}"),
        account: account.clone(),
        name: name.to_owned(),
        description: String::new(),
        trust_policy: format!(
            r#"{{"Version":"1","Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}]}}"#
        ),
        max_session_seconds: 3_600,
        sessions_valid_from: None,
        created: now,
        updated: now,
        policies: policies.iter().map(attach).collect(),
        tags: Vec::new(),
    };
    let mut batch = Batch::new();
    let value = serde_json::to_vec(&record).unwrap();
    batch.put(path::role(&account, name), RoleRecord::KIND, RoleRecord::FORMAT, value);
    house.engine.store().commit(batch).await.unwrap();
    format!("acs:ram::{account}:role/{name}")
}

/// A session of a role that trusts `ecs.aliyuncs.com`.
pub async fn session(house: &House, role: &str) -> Credentials {
    let account = house.engine.installation().account.clone();
    let (origin, trail) = (Origin::local("id"), Trail::unrecorded("id"));
    let session = house.engine.machine_session(&account, role, "s1", &origin, &trail).await.unwrap();
    Credentials {
        access_key_id: session.access_key_id,
        secret: SecretKey::new(session.access_key_secret.expose().to_owned()),
        security_token: Some(SecurityToken::new(session.security_token.expose().to_owned())),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    V1,
    /// As an official credentials library signs: spaces as in forms.
    V1Plus,
    V3,
}

/// A signed POST with its parameters in the query.
pub async fn call(
    house: &House,
    address: SocketAddr,
    credentials: &Credentials,
    scheme: Scheme,
    (version, action): (&str, &str),
    params: &[(&str, &str)],
    more: &[(&'static str, &str)],
) -> Answer {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nonce = format!("gateway-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let date = format_date(house.clock.now().0).unwrap();
    let mut base: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        params.iter().map(|(name, value)| (Cow::from(*name), Cow::from(*value))).collect();
    let mut headers = HeaderMap::new();
    let host = address.to_string();
    headers.insert("host", HeaderValue::from_str(&host).unwrap());
    if scheme == Scheme::V3 {
        headers.insert("x-acs-action", HeaderValue::from_str(action).unwrap());
        headers.insert("x-acs-version", HeaderValue::from_str(version).unwrap());
    } else {
        base.push(("Action".into(), action.into()));
        base.push(("Version".into(), version.into()));
    }
    let to_sign =
        ToSign { method: "POST", path: "/", query: &base, form: &[], body: b"", date: &date, nonce: &nonce };
    let query = match scheme {
        Scheme::V3 => {
            let policy = HeaderPolicy::Standard;
            v3::sign(&to_sign, &mut headers, credentials, Algorithm::AcsHmacSha256, policy).unwrap();
            base.clone()
        }
        Scheme::V1 => v1::sign(&to_sign, credentials).unwrap(),
        Scheme::V1Plus => {
            let mut query = v1::sign(&to_sign, credentials).unwrap();
            query.retain(|(name, _)| name != "Signature");
            let text = v1::string_to_sign("POST", "/", &query, &[], Space::Plus);
            let signature = v1::signature(&SigningKey::new(&credentials.secret), &text).unwrap();
            query.push(("Signature".into(), signature.into()));
            query
        }
    };
    for (name, value) in more {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    let pairs: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", escape(value))).collect();
    let mut request = format!("POST /?{} HTTP/1.1\r\ncontent-length: 0\r\n", pairs.join("&"));
    for (name, value) in &headers {
        request += &format!("{name}: {}\r\n", value.to_str().unwrap());
    }
    send(address, &(request + "\r\n")).await
}

fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    text.bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
