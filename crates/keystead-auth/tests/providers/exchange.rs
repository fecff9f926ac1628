//! A recorded request with its answer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Response;
use keystead_auth::credentials::providers::{HttpFault, HttpRequest};
use keystead_auth::pairs::Space;
use keystead_auth::{
    PairList, Presented, RequestView, SecretKey, SigningKey, decode_pairs, decode_pairs_bytes, present, v1,
};
use serde::Deserialize;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::world::RSA;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    request: Expected,
    response: Option<Recorded>,
    /// `connect`, `tls`, `broken` or `timeout`.
    fault: Option<String>,
}

/// What the request has to be.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    method: String,
    /// Without query.
    url: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    #[serde(default)]
    form: BTreeMap<String, String>,
    json: Option<Value>,
    /// Headers that have to be there with these values; `null` for one that must not be there.
    #[serde(default)]
    headers: BTreeMap<String, Option<String>>,
    /// `[id, secret]` or `[id, secret, token]`: whose V3 signature it has. `"rsa"`: the V1 signature of the test's key pair.
    /// Without it, there is no signature.
    signed_by: Option<Value>,
    /// Milliseconds for connecting and for all.
    limits: Option<(u64, u64)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Recorded {
    status: u16,
    #[serde(default)]
    body: Value,
}

impl Exchange {
    pub fn answer(&self) -> Result<Response<Zeroizing<Vec<u8>>>, HttpFault> {
        if let Some(recorded) = &self.response {
            let body = match &recorded.body {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                json => json.to_string(),
            };
            let mut answer = Response::new(Zeroizing::new(body.into_bytes()));
            *answer.status_mut() = recorded.status.try_into().unwrap();
            return Ok(answer);
        }
        Err(match self.fault.as_deref() {
            Some("connect") => HttpFault::Connect("refused".to_owned()),
            Some("tls") => HttpFault::Tls("unknown issuer".to_owned()),
            Some("broken") => HttpFault::Broken("reset".to_owned()),
            Some("timeout") => HttpFault::Timeout(Duration::from_secs(2)),
            other => panic!("unknown fault {other:?}"),
        })
    }

    pub fn check(&self, sent: &HttpRequest) -> Result<(), String> {
        let Expected { method, url, query, form, json, headers, signed_by, limits } = &self.request;
        let request = &sent.request;
        let uri = request.uri();
        let (authority, path) = (uri.authority().unwrap(), uri.path());
        same("method", method, &request.method().as_str().to_owned())?;
        same("url", url, &format!("{}://{authority}{path}", uri.scheme_str().unwrap()))?;
        same("host", &Some(authority.as_str()), &header(sent, "host"))?;

        let sent_query = decode_pairs(uri.query().unwrap_or_default()).unwrap();
        let is_form = header(sent, "content-type") == Some("application/x-www-form-urlencoded");
        let sent_form = if is_form { decode_pairs_bytes(request.body()).unwrap() } else { Vec::new() };
        let mut shown_query = map(&sent_query);
        let signature = shown_query.remove("Signature");
        same("query", query, &shown_query)?;
        same("form", form, &map(&sent_form))?;
        if !is_form {
            let sent_json = (!request.body().is_empty())
                .then(|| serde_json::from_slice(request.body()).map_err(|error| error.to_string()))
                .transpose()?;
            same("json", json, &sent_json)?;
        }
        for (name, value) in headers {
            same(name, &value.as_deref(), &header(sent, name))?;
        }
        if let Some(limits) = limits {
            let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap();
            same("limits", limits, &(millis(sent.connect_timeout), millis(sent.timeout)))?;
        }

        let view = RequestView {
            method,
            path,
            authority: None,
            headers: request.headers(),
            query: &sent_query,
            form: &sent_form,
            body: request.body(),
        };
        match signed_by {
            None => match (header(sent, "authorization"), signature) {
                (None, None) => Ok(()),
                (Some(value), None) if value.starts_with("Bearer ") => Ok(()),
                _ => Err("it is signed".to_owned()),
            },
            Some(Value::String(_)) => {
                check_rsa(method, &sent_query, &sent_form, &signature.unwrap_or_default())
            }
            Some(parts) => check_v3(&view, parts),
        }
    }
}

fn check_v3(view: &RequestView<'_>, signed_by: &Value) -> Result<(), String> {
    let part = |at: usize| signed_by[at].as_str();
    let Presented::Signed(claim) = present(view).map_err(|error| error.to_string())? else {
        return Err("it is not signed".to_owned());
    };
    same("AccessKey id", &part(0).unwrap(), &claim.access_key_id())?;
    same("token", &part(2), &claim.security_token())?;
    let key = SigningKey::new(&SecretKey::new(part(1).unwrap().to_owned()));
    claim.verify(view, &key).map_err(|error| error.to_string())
}

fn check_rsa(method: &str, query: &PairList<'_>, form: &PairList<'_>, signature: &str) -> Result<(), String> {
    let text = v1::string_to_sign(method, "/", query, form, Space::Percent);
    let signature = STANDARD.decode(signature).map_err(|error| error.to_string())?;
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &RSA.1)
        .verify(text.as_bytes(), &signature)
        .map_err(|_| "the RSA signature is wrong".to_owned())
}

fn header<'a>(sent: &'a HttpRequest, name: &str) -> Option<&'a str> {
    sent.request.headers().get(name).map(|value| value.to_str().unwrap())
}

fn map(pairs: &[(Cow<'_, str>, Cow<'_, str>)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}

pub fn same<T: PartialEq + std::fmt::Debug>(what: &str, expected: &T, seen: &T) -> Result<(), String> {
    if expected == seen { Ok(()) } else { Err(format!("{what} is {seen:?}, not {expected:?}")) }
}
