//! What a webhook is sent, and what its answers mean.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use keystead_rotation::signature;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::World;

const KEY: &str = "a-key-for-signing-of-some-length";

#[derive(Default)]
struct Hook {
    /// The status of the next answers to `Set`; 200 when there is none.
    answers: Mutex<Vec<u16>>,
    requests: Mutex<Vec<(HeaderMap, Bytes)>>,
}

impl Hook {
    async fn start() -> (Arc<Self>, String) {
        let hook = Arc::new(Self::default());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/rotate", listener.local_addr().unwrap());
        let served = hook.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let hook = served.clone();
                let service = service_fn(move |request: http::Request<hyper::body::Incoming>| {
                    let hook = hook.clone();
                    async move {
                        let (parts, body) = request.into_parts();
                        let body = body.collect().await.unwrap().to_bytes();
                        let set = body.starts_with(b"{\"Action\":\"Set\"");
                        hook.requests.lock().unwrap().push((parts.headers, body));
                        let status = set.then(|| hook.answers.lock().unwrap().pop()).flatten().unwrap_or(200);
                        let answer = Response::builder().status(status).body(Full::new(Bytes::from("{}")));
                        Ok::<_, Infallible>(answer.unwrap())
                    }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(async move {
                    drop(connection.serve_connection(TokioIo::new(stream), service).await)
                });
            }
        });
        (hook, url)
    }

    /// The bodies, each with a right signature.
    fn bodies(&self) -> Vec<Value> {
        let requests = self.requests.lock().unwrap();
        let body = |(headers, body): &(HeaderMap, Bytes)| {
            let text = |name: &str| headers[name].to_str().unwrap().to_owned();
            assert_eq!(
                text("x-keystead-signature"),
                signature(KEY.as_bytes(), &text("x-keystead-timestamp"), body)
            );
            serde_json::from_slice(body).unwrap()
        };
        requests.iter().map(body).collect()
    }
}

#[test]
fn the_documented_signature() {
    assert_eq!(
        signature(b"0123456789abcdef", "1800000000", b"{}"),
        "v1=1313ae9c874eb1a0868ad0b65f841c4243c23fdcfad69a3ada227726fad9960e"
    );
}

#[tokio::test]
async fn the_contract() {
    let (hook, url) = Hook::start().await;
    let world = World::new(json!({"i-1": {"kind": "webhook", "url": url, "signing_secret": "hook"}})).await;
    world.create("hook", "Generic", KEY, &Value::Null).await.unwrap();
    let config = json!({"SecretSubType": "Password", "RegionId": "r", "InstanceId": "i-1"});
    let data = json!({"UserName": "ecs-user", "Password": "old"}).to_string();
    world.create("acs/ecs/host", "ECS", &data, &config).await.unwrap();
    assert_eq!(world.rotate("acs/ecs/host", "v1").await, "ok");
    let answer = world.call("GetSecretValue", &[("SecretName", "acs/ecs/host")]).await.unwrap();
    let value: Value = serde_json::from_str(answer["SecretData"].as_str().unwrap()).unwrap();
    let bodies = hook.bodies();
    let actions: Vec<&str> = bodies.iter().map(|body| body["Action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["LogIn", "Set", "LogIn"], "the old login, the change, the new login");
    assert_eq!(bodies[0]["Password"], "old");
    assert_eq!(
        bodies[1],
        json!({"Action": "Set", "Target": "i-1", "SecretName": "acs/ecs/host", "SecretType": "ECS",
            "SecretSubType": "Password", "VersionId": "v1", "AccountName": "ecs-user",
            "Password": value["Password"]})
    );

    for (status, outcome) in [
        (400, "Rejected.UnsupportedOperation"),
        (503, "ServiceUnavailableTemporary"),
        (429, "ServiceUnavailableTemporary"),
        (500, "InternalFailure"),
    ] {
        hook.answers.lock().unwrap().push(status);
        assert_eq!(world.rotate("acs/ecs/host", "v2").await, outcome, "{status}");
    }
    // After 500 nobody knows; the next attempt finds that the new login works already.
    hook.requests.lock().unwrap().clear();
    assert_eq!(world.rotate("acs/ecs/host", "v2").await, "ok");
    assert_eq!(hook.bodies().len(), 1);
}

/// The private key goes only where somebody logs in with it, and both halves are in forms that OpenSSH reads.
#[tokio::test]
async fn key_pairs() {
    let (hook, url) = Hook::start().await;
    let world = World::new(json!({"i-1": {"kind": "webhook", "url": url, "signing_secret": "hook"}})).await;
    world.create("hook", "Generic", KEY, &Value::Null).await.unwrap();
    let config = json!({"SecretSubType": "SSHKey", "RegionId": "r", "InstanceId": "i-1"});
    let public = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIE7x6uGLvvyhLnNcRMRJ1SGiuFMJE6nSgF3Tj6Hqj3oN";
    let private = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let data = json!({"UserName": "root", "PublicKey": public, "PrivateKey": private}).to_string();
    world.create("acs/ecs/host", "ECS", &data, &config).await.unwrap();
    assert_eq!(world.rotate("acs/ecs/host", "v1").await, "ok");
    let answer = world.call("GetSecretValue", &[("SecretName", "acs/ecs/host")]).await.unwrap();
    let value: Value = serde_json::from_str(answer["SecretData"].as_str().unwrap()).unwrap();
    let set = hook.bodies().into_iter().find(|body| body["Action"] == "Set").unwrap();
    assert_eq!((&set["PublicKey"], &set["PrivateKey"]), (&value["PublicKey"], &Value::Null));
    if !std::path::Path::new("/usr/bin/ssh-keygen").exists() {
        eprintln!("left out: this machine has no ssh-keygen, which reads the new key");
        return;
    }
    use std::os::unix::fs::OpenOptionsExt as _;
    let dir = tempfile::TempDir::new().unwrap();
    let file = dir.path().join("key");
    let mut options = std::fs::OpenOptions::new();
    let mut key = options.write(true).create_new(true).mode(0o600).open(&file).unwrap();
    std::io::Write::write_all(&mut key, value["PrivateKey"].as_str().unwrap().as_bytes()).unwrap();
    let output = std::process::Command::new("ssh-keygen").arg("-y").arg("-f").arg(&file).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), value["PublicKey"].as_str().unwrap());
}
