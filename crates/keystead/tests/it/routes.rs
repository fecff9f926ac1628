//! No way into the service goes past authentication.

use std::net::TcpStream;

use keystead_api::{IDENTITY_OPERATIONS, OPERATIONS};
use serde_json::Value;

use crate::server::{Home, Server};
use crate::signed::{Call, SIGNED, Scheme};
use crate::wire::{Connection, tcp};

/// The store's revision: every change moves it.
pub fn revision(home: &Home) -> u64 {
    let output = home.run(home.command("status").arg("--data-dir").arg(home.data()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let status: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(status["serving"], true);
    status["revision"].as_u64().unwrap()
}

/// A call with a value for every parameter.
fn full(def: &keystead_api::OperationDef, key_id: &str) -> Call {
    let mut call = Call::new(def.name).version(def.version());
    for parameter in def.parameters {
        let value = match parameter.name {
            "KeyId" => key_id.to_owned(),
            "AliasName" => format!("alias/{}", def.snake_name),
            "DryRun" => continue,
            _ => "1".to_owned(),
        };
        call = call.query(parameter.name, value);
    }
    call
}

/// Sees that every operation of the OpenAPI is refused at a gateway to whoever does not sign, or not well.
pub fn refuse_strangers(connection: &mut Connection<TcpStream>, host: &str, key_id: &str) {
    let mut walked = 0;
    for def in OPERATIONS.iter().chain(IDENTITY_OPERATIONS).copied() {
        let call = full(def, key_id);
        // Proves itself by a token and not by a signature: there is no good one here.
        let by_token = def.label() == "Sts.AssumeRoleWithOIDC";
        let mut attempts = vec![("unsigned", call.clone().scheme(Scheme::Unsigned), "IncompleteSignature")];
        for scheme in SIGNED {
            let call = call.clone().scheme(scheme);
            attempts.push(("wrong", call.clone().wrongly_signed(), "SignatureDoesNotMatch"));
            attempts.push(("stranger", call.clone().key("LTAInobody", "x"), "InvalidAccessKeyId.NotFound"));
            attempts.push(("old", call.clone().date(crate::signed::date(-3600)), "InvalidTimeStamp.Expired"));
        }
        for (kind, call, code) in attempts {
            for method in ["POST", "GET"] {
                let call = call.clone().method(method);
                let answer = connection.send(&call.bytes(host)).answer();
                assert!(answer.status >= 400, "{} {kind} {method}: {}", def.name, answer.text());
                let free = by_token && kind == "unsigned";
                assert!(
                    free || answer.field("Code") == code,
                    "{} {kind} {method}: {}",
                    def.name,
                    answer.text()
                );
                walked += 1;
            }
        }
        // The V1 shape without a signature: the action stands in the query.
        let unsigned =
            call.scheme(Scheme::Unsigned).query("Action", def.name).query("Version", def.version());
        let answer = connection.send(&unsigned.bytes(host)).answer();
        assert!(answer.status >= 400, "{}: {}", def.name, answer.text());
        assert!(by_token || answer.refusal() == (400, "IncompleteSignature".into()), "{}", def.name);
    }
    assert_eq!(walked, (OPERATIONS.len() + IDENTITY_OPERATIONS.len()) * 20);
}

#[test]
fn every_operation_refuses_those_who_are_not_known() {
    assert_eq!(OPERATIONS.len(), 91);
    let home = Home::new();
    let server = home.start();
    let key_id = new_key(&server);
    // The end of a server finishes what the audit log still has to do in the store.
    server.stop();
    let server = home.start_here();
    let before = revision(server.home());
    refuse_strangers(&mut tcp(server.http()), &server.http().to_string(), &key_id);
    assert_eq!(revision(server.home()), before, "somebody unknown changed the store");
    server.assert_well();
}

#[test]
fn there_are_no_other_paths() {
    let server = Home::new().start_here();
    let before = revision(server.home());
    for path in [
        "/livez",
        "/readyz",
        "/metrics",
        "/admin",
        "/status",
        "/backup",
        "/v1/keys",
        "/..",
        "//",
        "/%2e%2e/",
        "/?",
        "/index.html",
        "/.well-known/acme-challenge/x",
        "/debug/pprof",
        "/api/CreateKey",
        "*",
    ] {
        for method in ["GET", "POST"] {
            let request = format!("{method} {path} HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n");
            let answer = tcp(server.http()).send(request.as_bytes()).answer();
            let expected = if path == "/?" { "IncompleteSignature" } else { "InvalidAction.NotFound" };
            assert_eq!(answer.field("Code"), expected, "{method} {path}");
        }
    }
    // A good signature for another path opens nothing either.
    let mut parts = Call::new("CreateKey").parts(&server.http().to_string());
    parts.target = "/other".to_owned();
    parts.send(server.http()).refused(404, "InvalidAction.NotFound");
    assert_eq!(revision(server.home()), before);
}

#[test]
fn probes_show_no_names() {
    let server = Home::new().start_here();
    Call::new("CreateAlias")
        .query("AliasName", "alias/not-for-probes")
        .query("KeyId", new_key(&server))
        .send(&server)
        .good();
    let get = |path: &str| {
        tcp(server.ops()).send(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes()).answer()
    };
    assert_eq!(get("/livez").good().text(), "ok\n");
    assert_eq!(get("/readyz").good().text(), "ok\n");
    let metrics = get("/metrics").good();
    assert!(metrics.header("content-type").unwrap().starts_with("text/plain; version=0.0.4"));
    let text = metrics.text();
    for name in
        ["keystead_requests_total", "keystead_request_errors_total", "keystead_request_seconds_bucket"]
    {
        assert!(text.contains(name) || name.contains("errors"), "{name} is missing in {text}");
    }
    assert!(text.contains("keystead_requests_total{operation=\"CreateAlias\"} 1"), "{text}");
    for own in ["not-for-probes", crate::server::ACCESS_KEY_ID, server.ready["account_id"].as_str().unwrap()]
    {
        assert!(!text.contains(own), "{own} in {text}");
    }
    assert_eq!(get("/other").status, 404);
    assert_eq!(get("/").status, 404);
    let post =
        tcp(server.ops()).send(b"POST /livez HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n\r\n").answer();
    assert_eq!(post.status, 405);
}

fn new_key(server: &Server) -> String {
    Call::new("CreateKey").send(server).good().json()["KeyMetadata"]["KeyId"].as_str().unwrap().to_owned()
}
