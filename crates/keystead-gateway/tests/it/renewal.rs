//! The certificate is renewed without a restart, and without ending a connection.

use keystead_gateway::Limits;
use keystead_service::clock::Clock as _;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::house::{House, UNSIGNED, exchange};

const DAY: i64 = 86_400;

fn leaf(stream: &TlsStream<TcpStream>) -> Vec<u8> {
    stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
}

/// The serial number of a certificate in DER: the first INTEGER after the explicit version (RFC 5280, 4.1).
fn serial(certificate: &[u8]) -> Vec<u8> {
    let version = [0xa0, 0x03, 0x02, 0x01, 0x02, 0x02];
    let at = certificate.windows(version.len()).position(|window| window == version).unwrap() + version.len();
    let length = usize::from(certificate[at]);
    certificate[at + 1..=at + length].to_vec()
}

#[tokio::test]
async fn a_new_handshake_sees_the_new_certificate_and_an_open_connection_goes_on() {
    let house = House::new().await;
    let serving = house.serve(true, Limits::default()).await;
    let mut open = house.connect(serving.address).await;
    assert_eq!(exchange(&mut open, UNSIGNED).await, 400);
    let first = leaf(&open);

    // Thirty days before its end, and not earlier.
    for days in [0, 1, 58] {
        house.clock.advance(days * DAY);
        assert!(!house.tls.renew_if_due(house.clock.now()).unwrap());
    }
    assert_eq!(leaf(&house.connect(serving.address).await), first);
    house.clock.advance(2 * DAY);
    assert!(house.tls.renew_if_due(house.clock.now()).unwrap());
    assert!(!house.tls.renew_if_due(house.clock.now()).unwrap(), "renewed twice");

    let mut renewed = house.connect(serving.address).await;
    let second = leaf(&renewed);
    assert_ne!(serial(&second), serial(&first));
    assert_eq!(serial(&second).len(), 20);
    assert_eq!(exchange(&mut renewed, UNSIGNED).await, 400);
    // The connection of before still serves, with the certificate that it began with.
    assert_eq!(exchange(&mut open, UNSIGNED).await, 400);
    assert_eq!(leaf(&open), first);

    // By the time that the first one has ended, clients are served by the second.
    house.clock.advance(40 * DAY);
    house.connect(serving.address).await;
    drop((open, renewed));
    serving.stop().await.unwrap();
}

#[tokio::test]
async fn it_goes_on_for_years() {
    let house = House::new().await;
    let serving = house.serve(true, Limits::default()).await;
    let mut serials = std::collections::HashSet::new();
    let mut renewals = 0;
    for _ in 0..24 {
        let stream = house.connect(serving.address).await;
        serials.insert(serial(&leaf(&stream)));
        house.clock.advance(30 * DAY);
        renewals += usize::from(house.tls.renew_if_due(house.clock.now()).unwrap());
    }
    assert_eq!(renewals, 12);
    assert_eq!(serials.len(), 12);
}
