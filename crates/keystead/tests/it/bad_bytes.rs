//! What is no HTTP gets a bare refusal and a closed connection, or just the latter; nothing panics.

use std::io::Read as _;
use std::net::Shutdown;

use crate::server::{Home, Server};
use crate::signed::{Call, SIGNED};
use crate::wire::tcp;

/// Everything that comes back when only this is sent.
fn exchange(server: &Server, bytes: &[u8]) -> Vec<u8> {
    let mut connection = tcp(server.http());
    use std::io::Write as _;
    // The server may close before it has all.
    let _ = connection.stream.write_all(bytes);
    let _ = connection.stream.shutdown(Shutdown::Write);
    let mut answer = Vec::new();
    let _ = connection.stream.read_to_end(&mut answer);
    answer
}

#[track_caller]
fn bare(server: &Server, bytes: &[u8], status: u16) {
    let mut connection = tcp(server.http());
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned();
    connection.send(bytes);
    let answer = connection.next().unwrap_or_else(|error| panic!("{shown:?}: {error}"));
    let answer = answer.unwrap_or_else(|| panic!("{shown:?}: no answer"));
    assert_eq!(answer.status, status, "{shown:?}: {}", answer.text());
    assert!(answer.body.is_empty(), "{shown:?}: {}", answer.text());
    assert!(connection.is_closed(), "{shown:?}: still open");
}

#[test]
fn garbage_gets_a_bare_400() {
    let server = Home::new().start_here();
    for bytes in [
        b"garbage\r\n\r\n".as_slice(),
        b"GET\r\n\r\n",
        b"GET /\r\n\r\n",
        b"GET / HTTP/3.0\r\n\r\n",
        b"GET / HTTQ/1.1\r\n\r\n",
        b"GET / HTTP/1.1 extra\r\n\r\n",
        b"G\x00T / HTTP/1.1\r\n\r\n",
        b"GET /\x01 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"GET / HTTP/1.1\r\nna me: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\x00b\r\n\r\n",
        b"GET / HTTP/1.1\r\nhost: a\r\n folded\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: abc\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1, 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabcd",
        b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello on the plain port",
        b"\x00\x00\x00\x00\r\n\r\n",
    ] {
        bare(&server, bytes, 400);
    }
    server.assert_well();
}

#[test]
fn too_much_of_a_head_is_414_or_431() {
    let server = Home::new().start_here();
    let many = format!("GET / HTTP/1.1\r\nhost: a\r\n{}\r\n", "x-a: 1\r\n".repeat(150));
    bare(&server, many.as_bytes(), 431);
    let long = format!("GET / HTTP/1.1\r\nhost: a\r\nx-a: {}\r\n\r\n", "a".repeat(200 << 10));
    bare(&server, long.as_bytes(), 431);
    let target = format!("GET /{} HTTP/1.1\r\nhost: a\r\n\r\n", "a".repeat(70_000));
    bare(&server, target.as_bytes(), 414);
    // A signature does not help.
    for scheme in SIGNED {
        let mut parts = Call::new("ListKeys").scheme(scheme).parts("a");
        for _ in 0..150 {
            parts.headers.append("x-extra", "1".parse().unwrap());
        }
        bare(&server, &parts.bytes(), 431);
    }
    server.assert_well();
}

#[test]
fn a_head_without_end_is_bounded() {
    let server = Home::new().start_here();
    server.assert_well();
    let before = server.resident_kib();
    for start in ["GET /", "GET / HTTP/1.1\r\nx: ", "GET / HTTP/1.1\r\n"] {
        let mut bytes = start.as_bytes().to_vec();
        let fill = if start.ends_with("\r\n") { b"x-a: 1\r\n".as_slice() } else { b"aaaaaaaa" };
        while bytes.len() < 20 << 20 {
            bytes.extend_from_slice(fill);
        }
        let answer = exchange(&server, &bytes);
        let text = String::from_utf8_lossy(&answer);
        // It may be closed with a reset before the refusal is read.
        let known = ["HTTP/1.1 414", "HTTP/1.1 431", "HTTP/1.1 400"];
        assert!(answer.is_empty() || known.iter().any(|known| text.starts_with(known)), "{text}");
    }
    let after = server.resident_kib();
    assert!(after < before + (32 << 10), "memory grew from {before} to {after} KiB");
    server.assert_well();
}

/// A small generator with a fixed start, so that every run sends the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

#[test]
fn random_bytes_panic_nothing() {
    let server = Home::new().start_here();
    let mut random = Random(0x5eed_0001);
    for _ in 0..300 {
        let length = 1 + random.below(2_000);
        let bytes = random.bytes(length);
        let answer = exchange(&server, &bytes);
        assert!(
            answer.is_empty() || answer.starts_with(b"HTTP/1.1 4"),
            "{}",
            String::from_utf8_lossy(&answer)
        );
    }
    // HTTP/2 by prior knowledge, and then nonsense.
    for _ in 0..100 {
        let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        let length = random.below(500);
        bytes.extend(random.bytes(length));
        exchange(&server, &bytes);
    }
    server.assert_well();
}

#[test]
fn good_requests_with_random_changes_panic_nothing() {
    let server = Home::new().start_here();
    let host = server.http().to_string();
    let mut random = Random(0x5eed_0002);
    let mut statuses = std::collections::BTreeMap::new();
    for number in 0..600 {
        let call = Call::new("CreateSecret")
            .scheme(SIGNED[number % 3])
            .query("SecretName", format!("fuzz-{number}"))
            .query("VersionId", "1")
            .query("Tags", "[{\"TagKey\":\"a\",\"TagValue\":\"b\"}]")
            .form("SecretData", "value");
        let mut bytes = call.bytes(&host);
        for _ in 0..=random.below(4) {
            let at = random.below(bytes.len());
            match random.below(4) {
                0 => bytes[at] = random.next().to_le_bytes()[0],
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b" \r\n%&=\0\xff"[random.below(8)]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        let answer = exchange(&server, &bytes);
        let status = String::from_utf8_lossy(&answer[..answer.len().min(12)]).into_owned();
        assert!(
            status.is_empty() || status.starts_with("HTTP/1.1 4") || status == "HTTP/1.1 200",
            "{status}"
        );
        *statuses.entry(status).or_insert(0) += 1;
    }
    // Most changes are found by the signature.
    assert!(statuses.get("HTTP/1.1 400").is_some_and(|count| *count > 100), "{statuses:?}");
    server.assert_well();
}
