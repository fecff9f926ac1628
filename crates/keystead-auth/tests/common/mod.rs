//! Requests that own their parts, for tests to change and look at.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)]

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::pairs::encode_form;
use keystead_auth::{
    Algorithm, AuthError, Claim, Credentials, HeaderPolicy, PairList, Presented, RequestView, SigningKey,
    ToSign, VerifyOptions, decode_pairs, decode_pairs_bytes, present, v1, v3,
};

pub const DATE: &str = "2026-01-02T03:04:05Z";
pub const NONCE: &str = "0123456789abcdef0123456789abcdef";

#[derive(Clone, Debug, Default)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub authority: Option<String>,
    pub query: PairList<'static>,
    pub headers: HeaderMap,
    pub form: PairList<'static>,
    pub body: Vec<u8>,
}

pub fn pairs(list: &[(&str, &str)]) -> PairList<'static> {
    list.iter()
        .map(|(name, value)| (Cow::Owned((*name).to_owned()), Cow::Owned((*value).to_owned())))
        .collect()
}

pub fn owned(list: PairList<'_>) -> PairList<'static> {
    list.into_iter()
        .map(|(name, value)| (Cow::Owned(name.into_owned()), Cow::Owned(value.into_owned())))
        .collect()
}

impl Request {
    pub fn post(query: &[(&str, &str)]) -> Self {
        Self { method: "POST".into(), path: "/".into(), query: pairs(query), ..Self::default() }
    }

    /// The query a server sees: sent in form encoding, as the Python client does, and decoded again.
    pub fn through_the_wire(mut self) -> Self {
        self.query = owned(decode_pairs(&encode_form(&self.query)).unwrap());
        self
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }

    pub fn get(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    pub fn form_body(mut self, body: &[u8]) -> Self {
        self.form = owned(decode_pairs_bytes(body).unwrap());
        self.body = body.to_vec();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    pub fn view(&self) -> RequestView<'_> {
        RequestView {
            method: &self.method,
            path: &self.path,
            authority: self.authority.as_deref(),
            headers: &self.headers,
            query: &self.query,
            form: &self.form,
            body: &self.body,
        }
    }

    pub fn claim(&self) -> Result<Claim<'_>, AuthError> {
        match present(&self.view())? {
            Presented::Signed(claim) => Ok(claim),
            other => panic!("not signed: {other:?}"),
        }
    }

    pub fn check(&self, key: &SigningKey) -> Result<(), AuthError> {
        self.check_with(key, VerifyOptions::default())
    }

    pub fn check_with(&self, key: &SigningKey, options: VerifyOptions) -> Result<(), AuthError> {
        let view = self.view();
        match present(&view)? {
            Presented::Signed(claim) => claim.verify_with(&view, key, options),
            other => panic!("not signed: {other:?}"),
        }
    }

    pub fn to_sign(&self) -> ToSign<'_> {
        ToSign {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            form: &self.form,
            body: &self.body,
            date: DATE,
            nonce: NONCE,
        }
    }

    pub fn signed_v3(mut self, credentials: &Credentials) -> Self {
        let mut headers = std::mem::take(&mut self.headers);
        v3::sign(&self.to_sign(), &mut headers, credentials, Algorithm::AcsHmacSha256, HeaderPolicy::Every)
            .unwrap();
        self.headers = headers;
        self
    }

    pub fn signed_v1(mut self, credentials: &Credentials) -> Self {
        self.query = owned(v1::sign(&self.to_sign(), credentials).unwrap());
        self
    }
}

/// An Encrypt request of V3, not signed yet.
pub fn encrypt() -> Request {
    Request::post(&[("KeyId", "alias/a b"), ("Plaintext", "aGVsbG8=")])
        .header("host", "kms.cn-hangzhou.aliyuncs.com")
        .header("user-agent", "test")
        .header("x-acs-action", "Encrypt")
        .header("x-acs-version", "2016-01-20")
}

/// The same in V1.
pub fn encrypt_v1() -> Request {
    Request::post(&[
        ("Action", "Encrypt"),
        ("Version", "2016-01-20"),
        ("Format", "JSON"),
        ("KeyId", "alias/a b"),
        ("Plaintext", "aGVsbG8="),
    ])
}

pub fn credentials() -> Credentials {
    Credentials::access_key("testAccessKeyId", "testAccessKeySecret")
}

pub fn key() -> SigningKey {
    SigningKey::new(&credentials().secret)
}
