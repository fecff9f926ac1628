//! Makes the calls of which it reads the requests, one a line as JSON: for comparing what this client sends with what other
//! clients send, which `conformance/python` does. Arguments: ENDPOINT ACCESS_KEY_ID SECRET [SECURITY_TOKEN]
//!
//! A line is `{"method": "POST", "target": "/?KeyId=…", "headers": [["host", "…"], …], "body": "<hex>"}`. The request's signature
//! is verified, its parameters are read as a server reads them, and the call is made. The answer is `{}`, or
//! `{"error": "<why the request was not read>"}`; what the call itself gives is the other side's to know.

use std::io::{self, BufRead as _, Write as _};

use http::{HeaderMap, HeaderName, HeaderValue};
use keystead_api::{
    IDENTITY_OPERATIONS, OPERATIONS, Operation, OperationDef, Params, WireRequest as _, operations,
};
use keystead_auth::{Pairs, Presented, RequestView, SigningKey, decode_pairs, decode_pairs_bytes, present};
use keystead_client::{Client, Credentials, RetryPolicy, SecretKey, SecurityToken};
use serde_json::{Value, json};

type AnyError = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), AnyError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (endpoint, id, secret, token) = match &arguments[..] {
        [endpoint, id, secret] => (endpoint, id, secret, None),
        [endpoint, id, secret, token] => (endpoint, id, secret, Some(token)),
        _ => return Err("usage: requests_sent ENDPOINT ACCESS_KEY_ID SECRET [SECURITY_TOKEN]".into()),
    };
    let credentials = Credentials {
        access_key_id: id.clone(),
        secret: SecretKey::new(secret.clone()),
        security_token: token.map(|token| SecurityToken::new(token.clone())),
    };
    let key = SigningKey::new(&credentials.secret);
    let client =
        Client::builder().endpoint(endpoint).credentials(credentials).retry(RetryPolicy::none()).build()?;
    for line in io::stdin().lock().lines() {
        let answer = match repeat(&client, &key, &serde_json::from_str(&line?)?).await {
            Ok(()) => json!({}),
            Err(error) => json!({"error": error.to_string()}),
        };
        writeln!(io::stdout(), "{answer}")?;
    }
    Ok(())
}

/// Makes the call of which `sent` is the request.
async fn repeat(client: &Client, key: &SigningKey, sent: &Value) -> Result<(), AnyError> {
    let text = |name: &str| sent[name].as_str().unwrap_or_default();
    let (path, query) = text("target").split_once('?').unwrap_or((text("target"), ""));
    let body = hex::decode(text("body"))?;
    let (mut pairs, form) = (decode_pairs(query)?, decode_pairs_bytes(&body)?);
    let mut headers = HeaderMap::new();
    for pair in sent["headers"].as_array().into_iter().flatten() {
        let half = |index: usize| pair[index].as_str().unwrap_or_default();
        headers.append(HeaderName::try_from(half(0))?, HeaderValue::try_from(half(1))?);
    }
    let view = RequestView {
        method: text("method"),
        path,
        authority: None,
        headers: &headers,
        query: &pairs,
        form: &form,
        body: &body,
    };
    let Presented::Signed(claim) = present(&view)? else { return Err("it is not signed".into()) };
    claim.verify(&view, key)?;
    let def = OPERATIONS
        .iter()
        .chain(IDENTITY_OPERATIONS)
        .find(|def| def.name == claim.action() && def.version() == claim.version())
        .ok_or("there is no such operation")?;
    if def.method.name() != view.method {
        return Err(format!("{} is sent with {}", def.name, view.method).into());
    }
    pairs.extend(form);
    call(client, def, &pairs).await
}

async fn call(client: &Client, def: &'static OperationDef, pairs: &Pairs<'_>) -> Result<(), AnyError> {
    macro_rules! choose {
        ($($method:ident $name:ident,)*) => {
            match def.name {
                $(stringify!($name) => made::<operations::$name>(client, pairs).await,)*
                _ => Err("there is no such operation".into()),
            }
        };
    }
    keystead_api::for_each_operation!(choose)
}

async fn made<O: Operation>(client: &Client, pairs: &Pairs<'_>) -> Result<(), AnyError> {
    let request = O::Request::read(Params::new(pairs)).map_err(|error| format!("{error:?}"))?;
    // The sink's answer lacks what a server's has.
    let _ = client.call::<O>(&request).await;
    Ok(())
}
