//! What the Rust client and a started server agree on in their handshake, read from the wire between them.

use std::sync::Arc;

use keystead_client::operations::DescribeRegionsRequest;
use keystead_client::{Client, Credentials};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home};

/// The number of X25519MLKEM768 among the groups of TLS (IANA, TLS supported groups).
const X25519MLKEM768: u16 = 0x11ec;
/// TLS 1.3 among the versions.
const TLS_1_3: u16 = 0x0304;
/// The numbers of the extensions (RFC 8446, section 4.2).
const SUPPORTED_VERSIONS: u16 = 43;
const KEY_SHARE: u16 = 51;

/// Passes a connection on to the server, and keeps what the server sends.
async fn relay(listener: TcpListener, to: std::net::SocketAddr, kept: Arc<Mutex<Vec<u8>>>) {
    let (client, _) = listener.accept().await.unwrap();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = TcpStream::connect(to).await.unwrap().into_split();
    tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
    let mut buffer = vec![0; 16 << 10];
    loop {
        let length = from_server.read(&mut buffer).await.unwrap_or(0);
        if length == 0 {
            return;
        }
        kept.lock().await.extend_from_slice(&buffer[..length]);
        if to_client.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

fn number(bytes: &[u8]) -> usize {
    bytes.iter().fold(0, |number, byte| number << 8 | usize::from(*byte))
}

/// The extensions of a ServerHello (RFC 8446, section 4.1.3), which is the first message that a server sends. A request for
/// another hello has the same form, with a share that is a group alone.
fn server_hello(bytes: &[u8]) -> Vec<(u16, Vec<u8>)> {
    assert_eq!((bytes[0], bytes[5]), (22, 2), "a handshake record with a ServerHello");
    // Record and message heads, version, random.
    let mut at = 5 + 4 + 2 + 32;
    at += 1 + usize::from(bytes[at]);
    // Cipher suite, compression.
    at += 2 + 1;
    let end = at + 2 + number(&bytes[at..at + 2]);
    at += 2;
    let mut extensions = Vec::new();
    while at < end {
        let length = number(&bytes[at + 2..at + 4]);
        let kind = u16::try_from(number(&bytes[at..at + 2])).unwrap();
        extensions.push((kind, bytes[at + 4..at + 4 + length].to_vec()));
        at += 4 + length;
    }
    extensions
}

#[tokio::test]
async fn the_key_exchange_is_post_quantum() {
    let server = Home::new().start_here();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let kept = Arc::<Mutex<Vec<u8>>>::default();
    tokio::spawn(relay(listener, server.https(), kept.clone()));
    // Nothing is set that says how to do it: these are the client's own defaults.
    let client = Client::builder()
        .endpoint(address.to_string())
        .ca_file(server.ca_file())
        .credentials(Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET))
        .build()
        .unwrap();
    client.describe_regions(DescribeRegionsRequest::new()).await.unwrap();
    let extensions = server_hello(&kept.lock().await);
    let of = |kind| &extensions.iter().find(|(found, _)| *found == kind).unwrap().1;
    assert_eq!(**of(SUPPORTED_VERSIONS), TLS_1_3.to_be_bytes());
    let share = of(KEY_SHARE);
    assert_eq!(share[..2], X25519MLKEM768.to_be_bytes());
    // The share itself: 1,088 bytes of ML-KEM-768 and 32 of X25519, at once and not after a request for another hello.
    assert_eq!((number(&share[2..4]), share.len()), (1_120, 4 + 1_120));
    server.assert_well();
}
