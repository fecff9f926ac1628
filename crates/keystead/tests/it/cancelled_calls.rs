//! Calls of the Rust client that are dropped, at each of the places where they wait, against a started server over HTTP/2.

#[path = "../../../keystead-client/tests/common/dropped.rs"]
mod dropped;

use std::time::Duration;

use dropped::dropped_after;
use keystead_client::operations::{CreateKeyRequest, DecryptRequest, EncryptRequest};
use keystead_client::{Client, Credentials, RetryPolicy};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home, Server};

/// Longer than any call, also in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn client(server: &Server) -> Client {
    Client::builder()
        .endpoint(server.https().to_string())
        .ca_file(server.ca_file())
        .credentials(Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET))
        // Nothing that goes wrong is to be made good by a repeat.
        .retry(RetryPolicy::none())
        .build()
        .unwrap()
}

async fn round_trip(client: &Client, key: &str) {
    let call = async {
        let sealed = client.encrypt(EncryptRequest::new(key, b"p")).await.unwrap();
        client.decrypt(DecryptRequest::new(sealed.ciphertext_blob)).await.unwrap()
    };
    let opened = tokio::time::timeout(PATIENCE, call).await.unwrap();
    assert_eq!(opened.plaintext.bytes().unwrap().expose(), b"p");
}

#[tokio::test]
async fn a_connection_outlives_the_calls_that_are_dropped_on_it() {
    let server = Home::new().start_here();
    let shared = client(&server);
    let key = shared.create_key(CreateKeyRequest::new()).await.unwrap().key_metadata.key_id;
    // On a connection that is there, and on one that is still to be made.
    for fresh in [false, true] {
        let mut polls = 0;
        loop {
            let client = if fresh { client(&server) } else { shared.clone() };
            let call = client.encrypt(EncryptRequest::new(&*key, b"p"));
            if let Some(outcome) = dropped_after(polls, call).await {
                outcome.unwrap();
                break;
            }
            round_trip(&client, &key).await;
            polls += 1;
        }
        assert!(polls > 0);
    }
    // More of them than a connection has streams at a time, all at once.
    for _ in 0..20 {
        let calls: Vec<_> = (0..50)
            .map(|_| {
                let (client, key) = (shared.clone(), key.clone());
                tokio::spawn(async move {
                    let call = client.encrypt(EncryptRequest::new(key, b"p"));
                    drop(dropped_after(1, call).await);
                })
            })
            .collect();
        for call in calls {
            call.await.unwrap();
        }
        round_trip(&shared, &key).await;
    }
    server.assert_well();
}
