//! Bodies that are long, slow, or end too soon: answered promptly, in bounded memory.

use std::io::Write as _;
use std::time::{Duration, Instant};

use crate::server::{Home, Server};
use crate::signed::{Call, SIGNED, Scheme};
use crate::wire::tcp;

/// Bytes of a body at most.
const MAX_BODY: usize = 256 << 10;
const HUNDRED_MB: usize = 100 << 20;
/// What the server may grow by, in KiB, whatever it is sent.
const GROWTH_KIB: u64 = 32 << 10;
/// What a test calls prompt, on a busy machine.
const PROMPT: Duration = Duration::from_secs(10);

/// Sends a head and then a body in pieces, without waiting for the answer first.
fn send_large(server: &Server, head: &str, piece: &[u8], pieces: usize, end: &[u8]) {
    let before = server.resident_kib();
    let started = Instant::now();
    let mut connection = tcp(server.http());
    connection.send(head.as_bytes());
    let mut writer = connection.stream.try_clone().unwrap();
    let (most, answer) = std::thread::scope(|scope| {
        let sending = scope.spawn(move || {
            let mut sent = 0;
            for _ in 0..pieces {
                // The server may close once it has answered.
                if writer.write_all(piece).is_err() {
                    break;
                }
                sent += piece.len();
            }
            let _ = writer.write_all(end);
            sent
        });
        let watching = scope.spawn(|| {
            let mut most = 0;
            for _ in 0..20 {
                most = most.max(server.resident_kib());
                std::thread::sleep(Duration::from_millis(5));
            }
            most
        });
        let answer = connection.answer();
        let answered = started.elapsed();
        assert!(answered < PROMPT, "answered after {answered:?}");
        sending.join().unwrap();
        (watching.join().unwrap().max(server.resident_kib()), answer)
    });
    assert_eq!(answer.refusal(), (400, "InvalidParameter".to_owned()), "{}", answer.text());
    assert!(most < before + GROWTH_KIB, "memory grew from {before} to {most} KiB");
}

#[test]
fn a_hundred_megabytes_are_refused_before_they_are_read() {
    let server = Home::new().start_here();
    // What is allocated once is allocated now.
    server.assert_well();
    let piece = vec![b'a'; 64 << 10];
    let length = HUNDRED_MB;
    for kind in ["application/x-www-form-urlencoded", "application/octet-stream"] {
        let head =
            format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
        send_large(&server, &head, &piece, length / piece.len(), b"");
        let head = format!(
            "POST / HTTP/1.1\r\nhost: a\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n"
        );
        let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
        chunk.extend_from_slice(&piece);
        chunk.extend_from_slice(b"\r\n");
        send_large(&server, &head, &chunk, length / piece.len(), b"0\r\n\r\n");
    }
    server.assert_well();
}

#[test]
fn a_declared_length_is_refused_before_a_byte_of_the_body() {
    let server = Home::new().start_here();
    for length in [MAX_BODY as u64 + 1, 1 << 32, u64::MAX / 2] {
        let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {length}\r\n\r\n");
        let started = Instant::now();
        let answer = tcp(server.http()).send(head.as_bytes()).answer();
        assert_eq!(answer.refusal(), (400, "InvalidParameter".to_owned()));
        assert!(started.elapsed() < PROMPT);
    }
    // A client that asks first is told at once, and is not invited to send.
    let head =
        format!("POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: {HUNDRED_MB}\r\n\r\n");
    let answer = tcp(server.http()).send(head.as_bytes()).answer();
    assert_eq!(answer.refusal(), (400, "InvalidParameter".to_owned()));
    server.assert_well();
}

#[test]
fn many_large_bodies_at_once_stay_in_bounds() {
    let server = Home::new().start_here();
    server.assert_well();
    let before = server.resident_kib();
    // Fifty clients, each of which has sent nearly all that is allowed and then waits.
    let head = format!("POST / HTTP/1.1\r\nhost: a\r\ncontent-length: {MAX_BODY}\r\n\r\n");
    let body = vec![b'a'; MAX_BODY - 1];
    let mut connections: Vec<_> = (0..50).map(|_| tcp(server.http())).collect();
    for connection in &mut connections {
        connection.send(head.as_bytes()).send(&body);
    }
    let during = server.resident_kib();
    for connection in &mut connections {
        connection.send(b"a").answer().refused(400, "IncompleteSignature");
    }
    // Fifty times a quarter of a megabyte, and what buffers take beside.
    assert!(during < before + (64 << 10), "memory grew from {before} to {during} KiB");
}

#[test]
fn the_largest_body_works() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    for scheme in SIGNED {
        let padded = |length: usize| {
            let pad = length - "Pad=".len();
            Call::new("ListKeys").scheme(scheme).form("Pad", "p".repeat(pad)).parts(&host)
        };
        assert_eq!(padded(MAX_BODY).body.len(), MAX_BODY);
        padded(MAX_BODY).send(server.http()).good();
        padded(MAX_BODY + 1).send(server.http()).refused(400, "InvalidParameter");
        // In chunks, one of them tiny.
        let parts = padded(MAX_BODY).set("transfer-encoding", Some("chunked"));
        let mut bytes = parts.bytes();
        let body = bytes.split_off(bytes.len() - MAX_BODY);
        let (first, rest) = body.split_at(1);
        for piece in [first, rest, b""] {
            bytes.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
            bytes.extend_from_slice(piece);
            bytes.extend_from_slice(b"\r\n");
        }
        tcp(server.http()).send(&bytes).answer().good();
    }
}

#[test]
fn a_body_that_is_waited_for_is_asked_for() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    let bytes = Call::new("ListKeys").form("A", "x").header("expect", "100-continue").bytes(&host);
    let (head, body) = bytes.split_at(bytes.len() - 3);
    let mut connection = tcp(server.http());
    let invited = connection.send(head).answer();
    assert_eq!(invited.status, 100);
    connection.send(body).answer().good();
}

#[test]
fn a_body_that_does_not_come_ends_with_an_answer() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    let bytes = Call::new("ListKeys").form("A", "x".repeat(100)).bytes(&host);
    let started = Instant::now();
    let mut stalled = tcp(server.http());
    stalled.send(&bytes[..bytes.len() - 50]);
    // Nobody else waits for it.
    server.assert_well();
    stalled.answer().refused(400, "ParseRequestParameterException");
    let took = started.elapsed();
    assert!(took > Duration::from_secs(15) && took < Duration::from_secs(40), "{took:?}");
    server.assert_well();
}

#[test]
fn a_body_that_ends_too_soon_harms_nobody() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    let made =
        |server: &Server| Call::new("ListKeys").send(server).good().json()["TotalCount"].as_u64().unwrap();
    for scheme in [Scheme::V3, Scheme::V1] {
        for cut in [1, 10, 60] {
            let bytes =
                Call::new("CreateKey").scheme(scheme).form("Description", "d".repeat(60)).bytes(&host);
            let mut connection = tcp(server.http());
            connection.send(&bytes[..bytes.len() - cut]);
            connection.stream.shutdown(std::net::Shutdown::Write).unwrap();
            if let Ok(Some(answer)) = connection.next() {
                assert_eq!(answer.status, 400, "{}", answer.text());
            }
        }
    }
    // A broken chunk.
    let mut connection = tcp(server.http());
    connection.send(b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n");
    if let Ok(Some(answer)) = connection.next() {
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    assert_eq!(made(&server), 0, "half a request was carried out");
    server.assert_well();
}
