//! Computations that take long, beside those that do not.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::task::JoinSet;

use crate::harness::{Client, client, in_time, outcome};

const DIGEST: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Starts so many signatures of RSA with 4,096 bits, a few milliseconds each, and counts those that are done.
fn sign(
    client: &Client,
    (id, version): &(String, String),
    count: usize,
) -> (JoinSet<String>, Arc<AtomicUsize>) {
    let (mut signing, done) = (JoinSet::new(), Arc::new(AtomicUsize::new(0)));
    for _ in 0..count {
        let (client, id, version, done) = (client.clone(), id.clone(), version.clone(), done.clone());
        signing.spawn(async move {
            let params =
                [("KeyId", id.as_str()), ("KeyVersionId", &version), ("Algorithm", ""), ("Digest", DIGEST)];
            let signed = client.call("AsymmetricSign", &params).await;
            done.fetch_add(1, Ordering::Relaxed);
            outcome(&signed)
        });
    }
    (signing, done)
}

/// The runtime of this test has one thread: were the signatures computed there, all of them would come first.
#[tokio::test]
async fn signatures_do_not_hold_up_the_thread_that_serves_requests() {
    let client = client().await;
    let symmetric = client.key().await;
    let rsa = client.key_of("RSA_4096", "").await;
    let (signing, done) = sign(&client, &rsa, 64);
    tokio::task::yield_now().await;
    client.encrypt(&symmetric, "x").await;
    assert!(done.load(Ordering::Relaxed) < 64, "Encrypt waited for all signatures");
    assert!(in_time(signing.join_all()).await.iter().all(|outcome| outcome == "ok"));
}

/// A queue that only grew would answer when its callers have long given up.
#[tokio::test]
async fn more_than_can_be_computed_is_refused_at_once() {
    let client = client().await;
    let symmetric = client.key().await;
    let rsa = client.key_of("RSA_4096", "").await;
    let (signing, _) = sign(&client, &rsa, 700);
    let outcomes = in_time(signing.join_all()).await;
    let of = |expected: &str| outcomes.iter().filter(|outcome| *outcome == expected).count();
    let (signed, refused) = (of("ok"), of("503 ServiceUnavailableTemporary"));
    assert_eq!(signed + refused, 700, "{outcomes:?}");
    assert!(signed >= 512 && refused >= 50, "{signed} signed, {refused} refused");

    // Whoever leaves takes nothing along: what waited for them is not computed, and the rest goes on.
    let (mut leaving, _) = sign(&client, &rsa, 500);
    tokio::task::yield_now().await;
    client.encrypt(&symmetric, "x").await;
    leaving.abort_all();
    while leaving.join_next().await.is_some() {}
    let (signing, _) = sign(&client, &rsa, 4);
    assert!(in_time(signing.join_all()).await.iter().all(|outcome| outcome == "ok"));
}

/// Key pairs are made elsewhere too, and several at a time.
#[tokio::test]
async fn key_pairs_are_made_while_requests_are_served() {
    let client = client().await;
    let symmetric = client.key().await;
    let mut making = JoinSet::new();
    for spec in ["RSA_2048", "RSA_3072", "EC_P256", "EC_P256K", "EC_SM2"] {
        let client = client.clone();
        making.spawn(async move { client.outcome("CreateKey", &[("KeySpec", spec)]).await });
    }
    let mut served = 0;
    let first = in_time(async {
        loop {
            client.encrypt(&symmetric, "x").await;
            // Encrypt never waits; the others on this one thread get their turn here.
            tokio::task::yield_now().await;
            match making.try_join_next() {
                Some(first) => break first.unwrap(),
                None => served += 1,
            }
        }
    })
    .await;
    assert_eq!(first, "ok");
    assert!(served > 0);
    assert!(in_time(making.join_all()).await.iter().all(|outcome| outcome == "ok"));
}
