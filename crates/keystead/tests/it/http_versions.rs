//! HTTP/1.1 and HTTP/2, plain and over TLS: the same answers; connections kept, shared, and many.

use std::io::Write as _;
use std::time::Duration;

use serde_json::Value;

use crate::http2::Http2;
use crate::server::Home;
use crate::signed::{Call, Parts, SIGNED, Scheme};
use crate::wire::{Answer, client_config, tcp, tls};

/// What of an answer is the same on every way: without ids, dates and the host called.
fn comparable(answer: &Answer) -> (u16, String, Value) {
    let mut body = answer.json();
    assert_eq!(body["RequestId"].as_str(), answer.header("x-acs-request-id"));
    if let Some(fields) = body.as_object_mut() {
        for field in ["RequestId", "HostId"] {
            fields.remove(field);
        }
        // The string to sign has the request's own nonce in it.
        if answer.status == 400 && fields["Code"] == "SignatureDoesNotMatch" {
            let message = fields["Message"].as_str().unwrap().split(':').next().unwrap().to_owned();
            fields.insert("Message".into(), message.into());
        }
    }
    (answer.status, answer.header("content-type").unwrap().to_owned(), body)
}

fn calls(key: &str) -> Vec<Call> {
    let mut calls = Vec::new();
    for scheme in SIGNED {
        let call = |action: &str| Call::new(action).scheme(scheme);
        calls.extend([
            call("DescribeRegions"),
            call("DescribeKey").query("KeyId", key),
            call("DescribeKey").method("GET").query("KeyId", key),
            call("GetSecretValue").query("SecretName", "both/ways"),
            call("PutSecretValue")
                .query("SecretName", "both/ways")
                .query("VersionId", "1")
                .form("SecretData", "same value, again é"),
            call("DescribeKey").query("KeyId", "absent"),
            call("DescribeKey"),
            call("DescribeRegions").wrongly_signed(),
            call("DescribeRegions").key("LTAInobody", "x"),
            call("DescribeRegions").method("PUT"),
            call("NoSuchAction"),
            call("ListKeys").query("A", "1").form("A", "2"),
            call("ListKeys").form("Long", "x".repeat(300 << 10)),
            call("ListKeys").query("Long", "x".repeat(60_000)),
        ]);
    }
    calls.push(Call::new("DescribeRegions").scheme(Scheme::Unsigned));
    calls
}

#[test]
fn the_same_answers_on_every_way() {
    let server = Home::new().start_here();
    let key = Call::new("CreateKey").send(&server).good().json()["KeyMetadata"]["KeyId"]
        .as_str()
        .unwrap()
        .to_owned();
    Call::new("CreateSecret")
        .query("SecretName", "both/ways")
        .query("VersionId", "1")
        .form("SecretData", "same value, again é")
        .send(&server)
        .good();
    let config = |protocol: &[u8]| client_config(server.ca_file(), &[protocol]);
    let (http2, tls_http2) = (Http2::plain(server.http()), Http2::tls(server.https(), config(b"h2")));
    let (plain_host, tls_host) = (server.http().to_string(), server.https().to_string());
    for call in calls(&key) {
        let parts = |host: &str| call.parts(host);
        // Each on a connection of its own, as some of them are closed.
        let first = comparable(&tcp(server.http()).send(&parts(&plain_host).bytes()).answer());
        let over_tls = tls(server.https(), config(b"http/1.1")).send(&parts(&tls_host).bytes()).answer();
        for answer in [over_tls, http2.send(&parts(&plain_host)), tls_http2.send(&parts(&tls_host))] {
            assert_eq!(comparable(&answer), first, "{} {:?}", call.action, call.scheme);
        }
    }
    // A client that names no protocol gets HTTP/1.1.
    let none = client_config(server.ca_file(), &[]);
    tls(server.https(), none).send(&Call::new("ListKeys").bytes(&tls_host)).answer().good();
    server.assert_well();
}

#[test]
fn http2_checks_what_is_signed() {
    let server = Home::new().start_here();
    let http2 = Http2::plain(server.http());
    let host = server.http().to_string();
    // The signed host is `:authority`; another one is another request.
    let parts = Call::new("ListKeys").parts("elsewhere.example.org");
    http2.send(&parts).good();
    let parts = Call::new("ListKeys").parts("elsewhere.example.org").set("host", Some(&host));
    http2.send(&parts).refused(400, "SignatureDoesNotMatch");
    // A nonce used over one version is used over the other.
    let parts = Call::new("ListKeys").parts(&host);
    http2.send(&parts).good();
    parts.send(server.http()).refused(400, "SignatureNonceUsed");
}

#[test]
fn many_streams_at_once() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    let http2 = Http2::plain(server.http());
    let parts: Vec<Parts> = (0..1_000)
        .map(|number| SIGNED[number % 3])
        .map(|scheme| Call::new("ListKeys").scheme(scheme).parts(&host))
        .collect();
    for answer in http2.send_all(&parts) {
        answer.good();
    }
    server.assert_well();
}

#[test]
fn a_thousand_connections_at_once() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    // All are open before the first request, and all requests are sent before the first answer is read.
    let mut connections: Vec<_> = (0..1_000).map(|_| tcp(server.http())).collect();
    for (number, connection) in connections.iter_mut().enumerate() {
        connection.send(&Call::new("CreateKey").scheme(SIGNED[number % 3]).bytes(&host));
    }
    for connection in &mut connections {
        connection.answer().good();
    }
    // And once more on the same ones, now that they have been idle.
    for connection in &mut connections {
        connection.send(&Call::new("ListKeys").bytes(&host));
    }
    for connection in &mut connections {
        assert_eq!(connection.answer().good().json()["TotalCount"], 1_000);
    }
    drop(connections);
    // The same over TLS, which costs more of everything.
    let config = client_config(server.ca_file(), &[b"http/1.1"]);
    let host = server.https().to_string();
    let mut connections: Vec<_> = (0..200).map(|_| tls(server.https(), config.clone())).collect();
    for connection in &mut connections {
        connection.send(&Call::new("ListKeys").bytes(&host));
    }
    for connection in &mut connections {
        connection.answer().good();
    }
    server.assert_well();
}

#[test]
fn connections_are_kept_until_somebody_closes() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    let mut connection = tcp(server.http());
    for number in 0..50 {
        let scheme = SIGNED[number % 3];
        connection.send(&Call::new("ListKeys").scheme(scheme).bytes(&host)).answer().good();
        // Errors do not end it either.
        connection
            .send(&Call::new("NoSuchAction").scheme(scheme).bytes(&host))
            .answer()
            .refused(404, "InvalidAction.NotFound");
    }
    let last = Call::new("ListKeys").header("connection", "close").bytes(&host);
    let answer = connection.send(&last).answer().good();
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(connection.is_closed());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    let mut bytes = Vec::new();
    for number in 0..100 {
        let call = Call::new("DescribeKey")
            .scheme(SIGNED[number % 3])
            .query("KeyId", format!("alias/absent-{number}"));
        bytes.extend(if number % 2 == 0 { call.bytes(&host) } else { Call::new("ListKeys").bytes(&host) });
    }
    let mut connection = tcp(server.http());
    // A client need not wait for the server to read: they are sent beside.
    let mut writer = connection.stream.try_clone().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || writer.write_all(&bytes).unwrap());
        for number in 0..100 {
            let answer = connection.answer();
            if number % 2 == 0 {
                answer.refused(404, "Forbidden.AliasNotFound");
            } else {
                answer.good();
            }
        }
    });
    // A request that arrives byte by byte.
    for byte in Call::new("ListKeys").bytes(&host) {
        connection.send(&[byte]);
    }
    connection.answer().good();
}

#[test]
fn a_silent_client_holds_up_nobody() {
    let server = Home::new().start_here();
    let silent: Vec<_> = (0..100).map(|_| tcp(server.http())).collect();
    let mut half: Vec<_> = (0..100).map(|_| tcp(server.https())).collect();
    for connection in &mut half {
        connection.send(&[0x16, 3, 1]);
    }
    let started = std::time::Instant::now();
    server.assert_well();
    let config = client_config(server.ca_file(), &[b"http/1.1"]);
    let host = server.https().to_string();
    tls(server.https(), config).send(&Call::new("ListKeys").bytes(&host)).answer().good();
    assert!(started.elapsed() < Duration::from_secs(10));
    drop((silent, half));
}
