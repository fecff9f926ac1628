//! What a listener allows, with limits short enough to be seen.

use std::time::{Duration, Instant};

use keystead_gateway::Limits;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::house::{House, UNSIGNED, answer, closed, exchange};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(600);

fn limits() -> Limits {
    Limits { handshake: LONG, head: LONG, drain: LONG, ..Limits::default() }
}

#[tokio::test]
async fn idle_connections_and_half_heads_are_closed() {
    let house = House::new().await;
    let serving = house.serve(false, Limits { head: SHORT, ..limits() }).await;
    let connect = || TcpStream::connect(serving.address);
    let mut silent = connect().await.unwrap();
    let mut half = connect().await.unwrap();
    half.write_all(b"POST / HTTP/1.1\r\nhost: a\r\n").await.unwrap();
    let mut one_byte = connect().await.unwrap();
    one_byte.write_all(b"P").await.unwrap();
    let mut idle = connect().await.unwrap();
    assert_eq!(exchange(&mut idle, UNSIGNED).await, 400);
    for stream in [&mut silent, &mut half, &mut one_byte, &mut idle] {
        closed(stream).await;
    }
}

#[tokio::test]
async fn silent_tls_clients_are_closed() {
    let house = House::new().await;
    let serving = house.serve(true, Limits { head: SHORT, handshake: SHORT, ..limits() }).await;
    // No handshake, half of one, and a whole one with nothing after it.
    let mut silent = TcpStream::connect(serving.address).await.unwrap();
    let mut half = TcpStream::connect(serving.address).await.unwrap();
    half.write_all(&[0x16, 3, 1, 2]).await.unwrap();
    let mut after = house.connect(serving.address).await;
    closed(&mut silent).await;
    closed(&mut half).await;
    closed(&mut after).await;
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_a_place() {
    let house = House::new().await;
    let serving = house.serve(false, Limits { connections: 2, ..limits() }).await;
    let mut first = TcpStream::connect(serving.address).await.unwrap();
    let mut second = TcpStream::connect(serving.address).await.unwrap();
    assert_eq!(exchange(&mut first, UNSIGNED).await, 400);
    assert_eq!(exchange(&mut second, UNSIGNED).await, 400);
    // The kernel takes it, the server does not yet.
    let mut third = TcpStream::connect(serving.address).await.unwrap();
    third.write_all(UNSIGNED.as_bytes()).await.unwrap();
    let early = tokio::time::timeout(SHORT, answer(&mut third)).await;
    assert!(early.is_err(), "a third connection was served");
    drop(first);
    assert_eq!(answer(&mut third).await, 400);
    assert_eq!(exchange(&mut second, UNSIGNED).await, 400);
}

#[tokio::test]
async fn the_end_waits_for_requests_and_not_for_idlers() {
    let house = House::new().await;
    let serving = house.serve(false, limits()).await;
    let address = serving.address;
    let mut idle = TcpStream::connect(address).await.unwrap();
    assert_eq!(exchange(&mut idle, UNSIGNED).await, 400);
    let mut busy = TcpStream::connect(address).await.unwrap();
    // The first answer shows that the connection is served; then a request is left half sent.
    assert_eq!(exchange(&mut busy, UNSIGNED).await, 400);
    busy.write_all(b"POST / HTTP/1.1\r\nhost: a\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        .await
        .unwrap();
    // The server asks for the body: it is in the middle of the request.
    assert_eq!(answer(&mut busy).await, 100);
    let mut task = serving.stop();
    closed(&mut idle).await;
    assert!(tokio::time::timeout(SHORT, &mut task).await.is_err(), "it did not wait");
    assert!(TcpStream::connect(address).await.is_err());
    busy.write_all(b"abc").await.unwrap();
    assert_eq!(answer(&mut busy).await, 400);
    task.await.unwrap();
    closed(&mut busy).await;
}

#[tokio::test]
async fn the_end_comes_when_the_time_is_over() {
    let house = House::new().await;
    for tls in [false, true] {
        let serving = house.serve(tls, Limits { drain: SHORT, ..limits() }).await;
        let mut stuck = TcpStream::connect(serving.address).await.unwrap();
        let half = if tls { &[0x16, 3, 1, 2][..] } else { b"POST / HTTP/1.1\r\nhost: a\r\n" };
        stuck.write_all(half).await.unwrap();
        if !tls {
            let mut other = TcpStream::connect(serving.address).await.unwrap();
            assert_eq!(exchange(&mut other, UNSIGNED).await, 400);
        }
        let started = Instant::now();
        serving.stop().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(20));
    }
}

#[tokio::test]
async fn probes_answer_whatever_they_are_sent() {
    let house = House::new().await;
    let serving = house.serve_ops(limits()).await;
    let mut stream = TcpStream::connect(serving.address).await.unwrap();
    for (request, status) in [
        ("GET /livez HTTP/1.1\r\nhost: a\r\n\r\n", 200),
        ("GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n", 200),
        ("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n", 200),
        ("GET /readyz?x=%ff HTTP/1.1\r\nhost: a\r\n\r\n", 200),
        ("POST /readyz HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\n\r\nabc", 405),
        ("GET /livez/ HTTP/1.1\r\nhost: a\r\n\r\n", 404),
        ("GET / HTTP/1.1\r\nhost: a\r\n\r\n", 404),
    ] {
        assert_eq!(exchange(&mut stream, request).await, status, "{request}");
    }
}
