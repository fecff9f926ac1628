//! Every call of the instance's own API: its bytes, its answer, its error, its repeats.

use std::time::Duration;

use keystead_client::Error;
use keystead_client::instance::{
    CallOptions, InstanceClient, InstanceMessage, InstanceOperation, InstanceRetry, messages, operations,
};
use prost::encoding::{self, WireType};
use serde_json::Value;

use crate::common::{Script, all, builder, bytes, vector};

/// A message from the SDK's view of it: `{"key_id": "…", "plaintext": {"hex": "…"}, …}`.
fn message<M: InstanceMessage>(view: &Value) -> M {
    let mut wire = Vec::new();
    for field in M::FIELDS {
        let mut name = String::new();
        for letter in field.name.chars() {
            if letter.is_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.extend(letter.to_lowercase());
        }
        match &view[&name] {
            Value::Null => {}
            Value::Bool(value) => encoding::bool::encode(field.number, value, &mut wire),
            Value::Number(value) => {
                let value = i32::try_from(value.as_i64().unwrap()).unwrap();
                encoding::int32::encode(field.number, &value, &mut wire);
            }
            Value::String(text) => encoding::string::encode(field.number, text, &mut wire),
            Value::Array(texts) => {
                for text in texts {
                    encoding::string::encode(field.number, &text.as_str().unwrap().to_owned(), &mut wire);
                }
            }
            hex => {
                encoding::encode_key(field.number, WireType::LengthDelimited, &mut wire);
                let bytes = bytes(&hex["hex"]);
                encoding::encode_varint(bytes.len() as u64, &mut wire);
                wire.extend(bytes);
            }
        }
    }
    M::decode(&*wire).unwrap()
}

/// The headers that the SDK's caller gave.
fn options(vector: &Value) -> CallOptions {
    let mut options = CallOptions::new();
    for (name, value) in vector["sdk_request"]["request_headers"].as_object().into_iter().flatten() {
        // In capitals it would be signed here, and is not by the official client.
        if name.to_lowercase() == *name {
            options = options.header(name, value.as_str().unwrap()).unwrap();
        }
    }
    if vector["id"] == "err-10" {
        options = options.retry(InstanceRetry::none());
    }
    options
}

async fn run<O>(vector: &Value)
where
    O: InstanceOperation,
    O::Response: PartialEq + Send,
{
    let script = Script::of(vector);
    let client = builder(script.clone()).build().unwrap().with(options(vector));
    let outcome = client.call::<O>(message(&vector["sdk_request"])).await;
    let sent = script.sent();
    for request in &sent {
        request.same_as(&vector["requests"][0]);
        request.signed();
    }
    let waits: Vec<_> = sent.windows(2).map(|pair| (pair[1].at - pair[0].at).as_secs()).collect();
    let expected: Vec<_> =
        vector["sleeps_s"].as_array().unwrap().iter().map(|wait| wait.as_u64().unwrap()).collect();
    assert_eq!(waits, expected);

    let last = vector["responses"].as_array().unwrap().last().unwrap();
    let status = last["status"].as_u64().unwrap();
    match outcome {
        Ok(answer) => {
            assert_eq!(*answer, message::<O::Response>(&vector["sdk_result"]));
            assert_eq!(answer.key_version(), last["headers"]["x-kms-migrationkeyversionid"].as_str());
        }
        Err(error) => {
            let shown = &vector["sdk_error"];
            let shown = shown.get("inner").unwrap_or(shown);
            assert_eq!(u64::from(error.status().unwrap()), status);
            assert_eq!(error.code().unwrap_or_default(), shown["code"].as_str().unwrap_or_default());
            if let Some(message) = error.message() {
                assert_eq!(message, shown["message"]);
                assert_eq!(error.request_id().unwrap(), shown["data"]["requestId"]);
            } else {
                // JSON, nothing at all, or a redirection, which the official clients take for a success.
                assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
                assert!([400, 413, 302].contains(&status), "{status}");
            }
        }
    }
}

macro_rules! runner {
    ($($method:ident $name:ident $id:ident,)*) => {
        async fn run_named(vector: &Value) {
            match vector["requests"][0]["headers"]["x-kms-apiname"].as_str().unwrap() {
                $(stringify!($name) => run::<operations::$name>(vector).await,)*
                other => panic!("{other}"),
            }
        }
    };
}
keystead_api::for_each_instance_operation!(runner);

#[tokio::test(start_paused = true)]
async fn every_vector_byte_for_byte() {
    let mut seen = 0;
    for vector in all()["vectors"].as_array().unwrap() {
        let id = vector["id"].as_str().unwrap();
        if !id.starts_with("tr-") && !id.starts_with("kt-") {
            run_named(vector).await;
            seen += 1;
        }
    }
    assert_eq!(seen, 30);
}

fn client(id: &str) -> InstanceClient {
    builder(Script::of(&vector(id))).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_call_ends_in_time() {
    let throttled = vector("err-02");
    let script = Script::of(&throttled);
    let client = builder(script.clone()).call_timeout(Duration::from_millis(1500)).build().unwrap();
    let error = client.generate_random(messages::GenerateRandomRequest { length: 1 }).await.unwrap_err();
    assert_eq!(error.code(), Some("Rejected.Throttling"));
    assert_eq!(script.sent().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn as_go_repeats() {
    let unavailable = vector("err-05");
    let script = Script::of(&unavailable);
    let broad = InstanceRetry::default().broad(true).repeats(2);
    let client = builder(script.clone()).retry(broad).build().unwrap();
    let error = client.generate_random(messages::GenerateRandomRequest { length: 1 }).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(script.sent().len(), 3);
}

#[tokio::test]
async fn an_own_header_loses_against_the_clients() {
    let script = Script::of(&vector("rnd-01"));
    let client = builder(script.clone()).build().unwrap();
    let options =
        CallOptions::new().header("x-kms-apiname", "Encrypt").unwrap().header("X-Kms-Own", "1").unwrap();
    client.with(options).generate_random(messages::GenerateRandomRequest { length: 16 }).await.unwrap();
    let sent = script.sent().remove(0);
    assert_eq!((sent.header("x-kms-apiname"), sent.header("x-kms-own")), ("GenerateRandom", "1"));
    sent.signed();
    assert!(CallOptions::new().header("a b", "c").is_err());
    assert!(CallOptions::new().key_version("a\nb").is_err());
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let client = client("sec-01");
    let request = messages::GetSecretValueRequest { secret_name: "secret001".into(), ..Default::default() };
    let answer = client.get_secret_value(request).await.unwrap();
    assert_eq!(answer.secret_data, "s3cr3t é");
    let shown = format!("{answer:?} {client:?}");
    assert!(shown.contains("secret001") && shown.contains("KAAP."), "{shown}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
}
