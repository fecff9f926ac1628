//! Calls of operations, signed or wrongly signed, as HTTP/1.1 bytes or in parts.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_auth::{Algorithm, Credentials, HeaderPolicy, ToSign, format_date, v1, v3};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Server};
use crate::wire::{Answer, escape, tcp};

pub const VERSION: &str = "2016-01-20";

/// How a call is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    V3,
    V3Sm3,
    V1,
    /// V1 by a client key, with its private key in the place of the secret.
    ClientKey,
    /// Not at all: the action stands in headers, as V3 has it.
    Unsigned,
}

pub const SIGNED: [Scheme; 3] = [Scheme::V3, Scheme::V3Sm3, Scheme::V1];

/// A call.
#[derive(Clone)]
pub struct Call {
    pub action: String,
    pub version: String,
    pub method: &'static str,
    pub query: Vec<(String, String)>,
    pub form: Vec<(String, String)>,
    pub scheme: Scheme,
    pub key: (String, String),
    pub date: String,
    /// A new one for each sending, unless a test is about it.
    pub nonce: Option<String>,
    /// `Format` in the query, when asked for.
    pub format: Option<&'static str>,
    /// Headers beside the signature's, put there before signing.
    pub headers: Vec<(&'static str, String)>,
    /// Changes the signature's last digit.
    pub wrong: bool,
}

/// What goes over the wire.
pub struct Parts {
    pub method: &'static str,
    /// Path and query.
    pub target: String,
    pub headers: HeaderMap,
    pub body: String,
}

pub fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

/// The date so many seconds from now.
pub fn date(offset: i64) -> String {
    format_date(now() + offset).unwrap()
}

pub fn nonce() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    format!("it-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

impl Call {
    pub fn new(action: &str) -> Self {
        Self {
            action: action.to_owned(),
            version: VERSION.to_owned(),
            method: "POST",
            query: Vec::new(),
            form: Vec::new(),
            scheme: Scheme::V3,
            key: (ACCESS_KEY_ID.to_owned(), ACCESS_KEY_SECRET.to_owned()),
            date: date(0),
            nonce: None,
            format: None,
            headers: Vec::new(),
            wrong: false,
        }
    }

    pub fn query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.to_owned(), value.into()));
        self
    }

    pub fn form(mut self, name: &str, value: impl Into<String>) -> Self {
        self.form.push((name.to_owned(), value.into()));
        self
    }

    pub fn scheme(mut self, scheme: Scheme) -> Self {
        self.scheme = scheme;
        self
    }

    pub fn method(mut self, method: &'static str) -> Self {
        self.method = method;
        self
    }

    pub fn date(mut self, date: impl Into<String>) -> Self {
        self.date = date.into();
        self
    }

    pub fn nonce(mut self, nonce: &str) -> Self {
        self.nonce = Some(nonce.to_owned());
        self
    }

    pub fn key(mut self, id: &str, secret: &str) -> Self {
        self.key = (id.to_owned(), secret.to_owned());
        self
    }

    pub fn version(mut self, version: &str) -> Self {
        self.version = version.to_owned();
        self
    }

    pub fn format(mut self, format: &'static str) -> Self {
        self.format = Some(format);
        self
    }

    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn wrongly_signed(mut self) -> Self {
        self.wrong = true;
        self
    }

    /// The call signed for a host.
    pub fn parts(&self, host: &str) -> Parts {
        let mut query = self.query.clone();
        let in_query = matches!(self.scheme, Scheme::V1 | Scheme::ClientKey);
        if in_query {
            query.push(("Action".into(), self.action.clone()));
            query.push(("Version".into(), self.version.clone()));
        }
        if let Some(format) = self.format {
            query.push(("Format".into(), format.to_owned()));
        }
        let body = encode(&self.form);
        let mut headers = HeaderMap::new();
        let mut set = |name: &'static str, value: &str| {
            headers.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        };
        set("host", host);
        if !body.is_empty() {
            set("content-type", "application/x-www-form-urlencoded");
        }
        if !in_query {
            set("x-acs-action", &self.action);
            set("x-acs-version", &self.version);
        }
        for (name, value) in &self.headers {
            set(name, value);
        }
        let nonce = self.nonce.clone().unwrap_or_else(nonce);
        let (query_pairs, form_pairs) = (pairs(&query), pairs(&self.form));
        let credentials = Credentials::access_key(&self.key.0, &self.key.1);
        let to_sign = ToSign {
            method: self.method,
            path: "/",
            query: &query_pairs,
            form: &form_pairs,
            body: body.as_bytes(),
            date: &self.date,
            nonce: &nonce,
        };
        let sign_headers = |headers: &mut HeaderMap, algorithm| {
            v3::sign(&to_sign, headers, &credentials, algorithm, HeaderPolicy::Standard).unwrap();
        };
        let target_query = match self.scheme {
            Scheme::V3 => {
                sign_headers(&mut headers, Algorithm::AcsHmacSha256);
                query
            }
            Scheme::V3Sm3 => {
                sign_headers(&mut headers, Algorithm::AcsHmacSm3);
                query
            }
            Scheme::V1 | Scheme::ClientKey => {
                let signed = match self.scheme {
                    Scheme::V1 => v1::sign(&to_sign, &credentials),
                    _ => v1::sign_with_client_key(&to_sign, &credentials),
                };
                let signed = signed.unwrap();
                signed.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
            }
            Scheme::Unsigned => query,
        };
        let mut parts = Parts { method: self.method, target: target(&target_query), headers, body };
        if self.wrong {
            parts.spoil();
        }
        parts
    }

    pub fn bytes(&self, host: &str) -> Vec<u8> {
        self.parts(host).bytes()
    }

    /// Sends it over plain HTTP on a connection of its own.
    pub fn send(&self, server: &Server) -> Answer {
        self.parts(&server.http().to_string()).send(server.http())
    }
}

impl Parts {
    /// The request as HTTP/1.1 bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{} {} HTTP/1.1\r\n", self.method, self.target).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend_from_slice(format!("{name}: ").as_bytes());
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        if !self.headers.contains_key("transfer-encoding") && !self.headers.contains_key("content-length") {
            bytes.extend_from_slice(format!("content-length: {}\r\n", self.body.len()).as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(self.body.as_bytes());
        bytes
    }

    pub fn send(&self, address: SocketAddr) -> Answer {
        tcp(address).send(&self.bytes()).answer()
    }

    /// Replaces or removes a header after signing.
    pub fn set(mut self, name: &'static str, value: Option<&str>) -> Self {
        match value {
            Some(value) => {
                self.headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
            None => {
                self.headers.remove(name);
            }
        }
        self
    }

    /// Replaces a text in the `Authorization` header after signing.
    pub fn authorization(self, from: &str, to: &str) -> Self {
        let old = self.headers["authorization"].to_str().unwrap().to_owned();
        assert!(old.contains(from), "{old}");
        let new = old.replace(from, to);
        self.set("authorization", Some(&new))
    }

    /// Makes the signature another one of the right form.
    fn spoil(&mut self) {
        if let Some(value) = self.headers.get_mut("authorization") {
            let text = value.to_str().unwrap();
            let last = if text.ends_with('0') { "1" } else { "0" };
            *value = HeaderValue::from_str(&format!("{}{last}", &text[..text.len() - 1])).unwrap();
        } else {
            let at = self.target.find("&Signature=").unwrap() + "&Signature=".len();
            let other = if self.target[at..].starts_with('A') { "B" } else { "A" };
            // Inside the Base64 text an escape may stand, so only a plain first character is changed.
            let plain = self.target.as_bytes()[at] != b'%';
            let end = if plain { at + 1 } else { at + 3 };
            self.target.replace_range(at..end, other);
        }
    }
}

fn pairs(list: &[(String, String)]) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    list.iter().map(|(name, value)| (Cow::from(name), Cow::from(value))).collect()
}

pub fn encode(list: &[(String, String)]) -> String {
    let encoded: Vec<String> =
        list.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    encoded.join("&")
}

fn target(query: &[(String, String)]) -> String {
    if query.is_empty() { "/".to_owned() } else { format!("/?{}", encode(query)) }
}
