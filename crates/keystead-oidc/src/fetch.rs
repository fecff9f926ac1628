//! One fetch: discovery, then the key set. Bounded in time and size; redirects are not followed.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, USER_AGENT};
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use keystead_service::identity::{Issuer, KeySet, KeysError};
use rustls::RootCertStore;
use serde::Deserialize;
use tokio::io::AsyncReadExt as _;

use crate::fingerprint::tls;
use crate::settings::https;

/// How long both requests may take together.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an answer, or of a file, at most.
const MAX_BYTES: usize = 256 << 10;

/// The part of an issuer's configuration that counts (OpenID Connect Discovery 1.0, 3).
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

/// Fetches an issuer's keys from its server.
pub(crate) async fn from_server(
    issuer: Issuer<'_>,
    jwks_uri: Option<&Uri>,
    roots: &Arc<RootCertStore>,
) -> Result<KeySet, KeysError> {
    let (config, mismatch) = tls(roots, issuer.fingerprints).map_err(KeysError::Unavailable)?;
    let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1().build();
    let client = Client::builder(TokioExecutor::new()).pool_max_idle_per_host(0).build(connector);
    let work = async {
        let jwks_uri = match jwks_uri {
            Some(uri) => uri.clone(),
            None => discover(&client, issuer.url).await?,
        };
        let json = get(&client, jwks_uri).await?;
        KeySet::parse(&json).map_err(|error| format!("the issuer's key set: {error}"))
    };
    let fetched = match tokio::time::timeout(TIMEOUT, work).await {
        Ok(fetched) => fetched,
        Err(_) => Err(format!("the issuer took longer than {} s", TIMEOUT.as_secs())),
    };
    fetched.map_err(|reason| match mismatch.load(Ordering::Relaxed) {
        true => KeysError::Fingerprint,
        false => KeysError::Unavailable(reason),
    })
}

/// Reads an issuer's keys from a file.
pub(crate) async fn from_file(path: &Path) -> Result<KeySet, KeysError> {
    let work = async {
        let mut json = Vec::new();
        let file = tokio::fs::File::open(path).await?;
        file.take(MAX_BYTES as u64 + 1).read_to_end(&mut json).await?;
        Ok::<_, std::io::Error>(json)
    };
    let wrong =
        |reason: &dyn std::fmt::Display| KeysError::Unavailable(format!("{}: {reason}", path.display()));
    let json = work.await.map_err(|error| wrong(&error))?;
    if json.len() > MAX_BYTES {
        return Err(wrong(&format!("it is larger than {MAX_BYTES} bytes")));
    }
    KeySet::parse(&json).map_err(|error| wrong(&error))
}

type Https = Client<HttpsConnector<HttpConnector>, Empty<Bytes>>;

/// Where the issuer says that its keys are.
async fn discover(client: &Https, issuer: &str) -> Result<Uri, String> {
    let at = https(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/')))?;
    let json = get(client, at).await?;
    let discovery: Discovery =
        serde_json::from_slice(&json).map_err(|_| "the issuer's configuration is not read".to_owned())?;
    if discovery.issuer != issuer {
        return Err("the issuer's configuration is of another issuer".to_owned());
    }
    https(&discovery.jwks_uri).map_err(|reason| format!("the issuer's jwks_uri: {reason}"))
}

async fn get(client: &Https, uri: Uri) -> Result<Bytes, String> {
    let request = Request::get(uri)
        .header(ACCEPT, "application/json, application/jwk-set+json")
        .header(USER_AGENT, concat!("keystead/", env!("CARGO_PKG_VERSION")))
        .body(Empty::new())
        .map_err(|_| "the request cannot be made".to_owned())?;
    let response = client.request(request).await.map_err(|error| chain(&error))?;
    if response.status() != StatusCode::OK {
        return Err(format!("the issuer answered {}", response.status().as_u16()));
    }
    let body = Limited::new(response.into_body(), MAX_BYTES).collect().await;
    // The error is either of the line or of the length; neither says more than this.
    Ok(body
        .map_err(|_| format!("the issuer's answer broke off, or is larger than {MAX_BYTES} bytes"))?
        .to_bytes())
}

/// An error with its causes, which say what was wrong with a connection.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
