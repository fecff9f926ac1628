//! Nothing secret is shown. One test alone in its process, because what `tracing` shows is set up per process.
#![allow(clippy::unwrap_used)]

mod common;

use std::io;
use std::sync::{Arc, Mutex};

use common::{ID, SECRET, Server, Step, builder, json};
use keystead_client::operations::{EncryptRequest, GetSecretValueRequest, OperationId};
use keystead_client::{Credentials, RetryPolicy, SecretKey, SecretText, SecurityToken, WireParams};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_is_shown_anywhere() {
    let log = Log::default();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter(EnvFilter::new("keystead_client=trace,keystead_api=trace,keystead_auth=trace"))
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_writer(log.clone())
        .init();
    let secret_answer = r#"{"SecretName":"s","SecretData":"answered-hush","RequestId":"r-42"}"#;
    let server = Server::start([
        json(503, r#"{"Code":"ServiceUnavailable","Message":"m","RequestId":"r-41"}"#),
        json(200, secret_answer),
        json(200, secret_answer),
        json(200, r#"["answered-hush"]"#),
        json(400, "answered-hush"),
        Step::SendAndClose(b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nanswered-hush".to_vec()),
    ])
    .await;
    let credentials = Credentials {
        access_key_id: ID.into(),
        secret: SecretKey::new(SECRET.into()),
        security_token: Some(SecurityToken::new("token-hush".into())),
    };
    let settings = builder(&server.address).credentials(credentials);
    let mut shown = format!("{settings:?}");
    let client = settings.build().unwrap();
    shown += &format!("{client:?} {:?}", RetryPolicy::default());

    let answer = client.get_secret_value(GetSecretValueRequest::new("s")).await.unwrap();
    assert_eq!(answer.secret_data.expose(), "answered-hush");
    shown += &format!("{answer:?}");
    let raw = client.call_raw(OperationId::GetSecretValue.def(), WireParams::default()).await.unwrap();
    shown += &format!("{raw:?}");
    let once = client.clone();
    for _ in 0..2 {
        let error = once.encrypt(EncryptRequest::new("k", SecretText::from("plain-hush"))).await.unwrap_err();
        shown += &format!("{error} {error:?}");
    }
    let create = keystead_client::operations::CreateClientKeyRequest::new("aap", "password-hush");
    shown += &format!("{create:?}");
    let error = once.create_client_key(create).await.unwrap_err();
    shown += &format!("{error} {error:?}");

    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for part in ["GetSecretValue", "attempt=2", "status=503", "r-41", "r-42", "ServiceUnavailable"] {
        assert!(log.contains(part), "{part} is not in {log}");
    }
    for text in [&shown, &log] {
        assert!(!text.contains("hush") && !text.contains(SECRET), "{text}");
    }
}
