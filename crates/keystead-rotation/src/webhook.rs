//! A program of the operator's that does the work: one signed POST for each step.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::hmac;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use keystead_api::SecretText;
use keystead_service::rotation::{
    DriverError, DriverFuture, Login, LoginSecret, NewAccount, RotationDriver, Target,
};
use serde::Serialize;

use crate::net::{Address, Tls, within};
use crate::settings::{Common, TargetSettings};

/// Bytes of an answer that are read; nothing in it is used.
const MAX_ANSWER: usize = 64 << 10;
/// Bytes of a signing secret at least.
const MIN_SECRET: usize = 16;

#[derive(Debug)]
pub(crate) struct Webhook {
    common: Common,
    uri: Uri,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
}

/// The signature of a request: `v1=` and the hexadecimal HMAC-SHA256 of time, a dot and the body.
pub fn signature(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret));
    context.update(timestamp.as_bytes());
    context.update(b".");
    context.update(body);
    format!("v1={}", hex::encode(context.sign()))
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Body<'a> {
    action: &'static str,
    target: &'a str,
    secret_name: &'a str,
    secret_type: &'a str,
    secret_sub_type: &'a str,
    version_id: &'a str,
    account_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    password: Option<&'a SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    private_key: Option<&'a SecretText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clone_of: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_privilege: Option<&'a str>,
    #[serde(rename = "DBName", skip_serializing_if = "Option::is_none")]
    database: Option<&'a str>,
}

impl Webhook {
    pub(crate) fn new(settings: &TargetSettings, common: Common) -> Result<Self, String> {
        let text = settings.url.as_deref().ok_or("`url` is missing")?;
        let uri: Uri = text.parse().map_err(|_| "`url` is no URL".to_owned())?;
        let host = uri.host().ok_or("`url` has no host")?;
        let loopback = Address::parse(&format!("{host}:1")).is_ok_and(|address| address.is_loopback());
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if loopback => {}
            _ => {
                return Err("`url` begins with https://, or is http:// on a loopback address".to_owned());
            }
        }
        if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
            return Err("`url` has a user name in it".to_owned());
        }
        let tls = Tls::new(settings.ca_file.as_deref())?;
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config((*tls.config).clone())
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new())
            // A kept connection that the other side has closed would be an outcome that nobody knows.
            .pool_max_idle_per_host(0)
            .build(connector);
        Ok(Self { common, uri, client })
    }

    async fn post(
        &self,
        target: &Target,
        action: &'static str,
        account: &NewAccount,
    ) -> Result<(), DriverError> {
        let login = &account.login;
        let body = Body {
            action,
            target: &target.id,
            secret_name: &target.secret_name,
            secret_type: &target.secret_type,
            secret_sub_type: &target.sub_type,
            version_id: &target.version_id,
            account_name: &login.account,
            password: login.password().filter(|password| !password.is_empty()),
            public_key: match &login.secret {
                LoginSecret::SshKey { public_key, .. } => Some(public_key),
                LoginSecret::Password(_) | LoginSecret::AccessKey(_) => None,
            },
            // The private key leaves the service only where somebody has to log in with it.
            private_key: match &login.secret {
                LoginSecret::SshKey { private_key, .. } if action == "LogIn" => Some(private_key),
                _ => None,
            },
            clone_of: account.clone_of.as_deref(),
            account_privilege: account.privilege.as_deref(),
            database: account.database.as_deref(),
        };
        let body =
            serde_json::to_vec(&body).map_err(|_| DriverError::refused("the request cannot be written"))?;
        let secret =
            target.authority.as_ref().filter(|secret| secret.len() >= MIN_SECRET).ok_or_else(|| {
                DriverError::refused(format!("the signing secret has less than {MIN_SECRET} bytes"))
            })?;
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs();
        let timestamp = seconds.to_string();
        let request = Request::post(self.uri.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("x-keystead-timestamp", &timestamp)
            .header("x-keystead-signature", signature(secret.expose().as_bytes(), &timestamp, &body))
            .body(Full::new(Bytes::from(body)))
            .map_err(|_| DriverError::refused("the request cannot be made"))?;
        within(self.common.timeout * 2, DriverError::unknown, "the webhook", async {
            let response = self.client.request(request).await.map_err(|error| {
                if error.is_connect() {
                    DriverError::unavailable("the webhook cannot be reached")
                } else {
                    DriverError::unknown("the webhook gave no answer")
                }
            })?;
            let status = response.status();
            // Read to its end, so that the other side is not cut off; what it says is not looked at.
            drop(Limited::new(response.into_body(), MAX_ANSWER).collect().await);
            judged(status)
        })
        .await
    }

    fn plain(login: &Login) -> NewAccount {
        NewAccount { login: login.clone(), clone_of: None, privilege: None, database: None }
    }
}

impl RotationDriver for Webhook {
    fn owner(&self) -> Option<&str> {
        self.common.owner.as_deref()
    }

    fn authority(&self) -> Option<&str> {
        Some(&self.common.authority)
    }

    fn serves(&self, secret_type: &str, _: &str) -> bool {
        matches!(secret_type, "Rds" | "Redis" | "PolarDB" | "ECS")
    }

    fn set<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move { self.post(target, "Set", &Self::plain(login)).await })
    }

    fn log_in<'a>(&'a self, target: &'a Target, login: &'a Login) -> DriverFuture<'a> {
        Box::pin(async move { self.post(target, "LogIn", &Self::plain(login)).await })
    }

    fn create<'a>(&'a self, target: &'a Target, account: &'a NewAccount) -> DriverFuture<'a> {
        Box::pin(async move { self.post(target, "Create", account).await })
    }

    fn remove<'a>(&'a self, target: &'a Target, account: &'a str) -> DriverFuture<'a> {
        Box::pin(async move {
            let secret = LoginSecret::Password(SecretText::default());
            let login = Login { account: account.to_owned(), secret };
            self.post(target, "Remove", &Self::plain(&login)).await
        })
    }
}

/// 2xx: done. 4xx: refused, nothing was changed. 429 and 503: later, nothing was changed. Anything else: nobody knows.
fn judged(status: StatusCode) -> Result<(), DriverError> {
    let message = format!("the webhook answered {}", status.as_u16());
    match status {
        _ if status.is_success() => Ok(()),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            Err(DriverError::unavailable(message))
        }
        _ if status.is_client_error() => Err(DriverError::refused(message)),
        _ => Err(DriverError::unknown(message)),
    }
}
