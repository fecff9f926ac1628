//! What is kept, within its limits, and what is counted.
#![allow(clippy::unwrap_used)]

mod scripted;

use keystead_secrets::{CachedSecretSource as _, SecretClient, SecretClientBuilder};
use scripted::{HOUR, SECOND, Service, answered, away, busy, denied, value};
use tokio::time::sleep;

/// Texts as long as the name says after its first letter; `b` for binary, `c` with a configuration of ten bytes.
fn sized(name: &str) -> scripted::Answer {
    let length: usize = name[1..].split('-').next().unwrap().parse().unwrap();
    match &name[..1] {
        "b" => answered("v1", "binary", &"AAAA".repeat(length / 4), ""),
        "c" => answered("v1", "text", &"x".repeat(length), r#","ExtendedConfig":"{\"a\":\"bc\"}""#),
        _ => value("v1", &"x".repeat(length)),
    }
}

fn over(service: &std::sync::Arc<Service>) -> SecretClientBuilder {
    SecretClient::builder().endpoint("one", service.client()).age(HOUR)
}

#[tokio::test(start_paused = true)]
async fn bytes_are_counted_exactly_through_all_that_happens() {
    let service = Service::new(sized);
    let client = over(&service).stale_for(SECOND).build().unwrap();
    let bytes = || client.stats().bytes;
    client.get("t100").await.unwrap();
    assert_eq!(bytes(), 100);
    client.get("b40").await.unwrap();
    assert_eq!(bytes(), 170, "in Base64 and decoded");
    client.get("c5").await.unwrap();
    assert_eq!(bytes(), 185);
    client.refresh_now("t100").await.unwrap();
    assert_eq!(bytes(), 185, "the same version is not kept twice");
    service.says(|_| value("v2", "1234567"));
    client.refresh_now("t100").await.unwrap();
    assert_eq!(bytes(), 92);
    client.invalidate("b40").await;
    assert_eq!(bytes(), 22);
    service.says(denied);
    client.refresh_now("c5").await.unwrap_err();
    assert_eq!(bytes(), 7);
    service.says(away);
    client.refresh_now("t100").await.unwrap_err();
    assert_eq!(bytes(), 7, "it stands in");
    sleep(2 * HOUR).await;
    assert!(client.get("t100").await.is_err());
    assert_eq!((bytes(), client.stats().entries), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn too_many_bytes_replace_others_and_what_is_watched_goes_last() {
    let service = Service::new(sized);
    let client = over(&service).max_bytes(1000).build().unwrap();
    let mut watched = client.watch("t300-watched");
    assert_eq!(watched.next().await.unwrap().text().unwrap().len(), 300);
    for number in 0..50 {
        let name = format!("t100-{number}");
        client.get(&name).await.unwrap();
        let stats = client.stats();
        assert!(stats.bytes <= 1000 && client.cached(&name).is_some());
        assert_eq!(stats.bytes, 300 + 100 * (stats.entries - 1), "what is counted is what is there");
    }
    assert_eq!((client.stats().bytes, client.stats().entries), (1000, 8));
    // One that grows makes others go, too.
    service.says(|_| value("v2", &"x".repeat(550)));
    client.refresh_now("t100-49").await.unwrap();
    assert_eq!((client.stats().bytes, client.stats().entries), (950, 3));
    assert!(client.cached("t300-watched").is_some());
    // What is asked for again and again stays.
    service.says(sized);
    let client = over(&service).max_bytes(1000).build().unwrap();
    for number in 0..100 {
        client.get("t200-hot").await.unwrap();
        client.get(&format!("t100-{number}")).await.unwrap();
    }
    let asked = service.asked().iter().filter(|name| *name == "t200-hot").count();
    assert!(asked <= 2, "{asked}");
    // Only what is watched is left to go.
    let _watched: Vec<_> = ["t600-a", "t300-b"].map(|name| client.watch(name)).into();
    client.get("t600-a").await.unwrap();
    client.get("t300-b").await.unwrap();
    client.get("t900").await.unwrap();
    assert_eq!(client.stats().bytes, 900);
    assert!(client.cached("t600-a").is_none() && client.cached("t900").is_some());
}

#[tokio::test(start_paused = true)]
async fn a_value_larger_than_the_limit_is_handed_out_and_drives_nobody_out() {
    let service = Service::new(sized);
    let client = over(&service).max_bytes(1000).build().unwrap();
    client.get("t900").await.unwrap();
    for _ in 0..2 {
        assert_eq!(client.get("t1001").await.unwrap().text().unwrap().len(), 1001);
    }
    assert_eq!(service.requests(), 3);
    assert!(client.cached("t1001").is_none() && client.cached("t900").is_some());
    assert_eq!((client.stats().bytes, client.stats().entries), (900, 1));
}

#[tokio::test(start_paused = true)]
async fn hits_misses_and_old_values_are_counted() {
    let service = Service::new(|_| value("v1", "one"));
    let client = over(&service).build().unwrap();
    let counts = || {
        let stats = client.stats();
        (stats.hits, stats.misses, stats.stale_served, stats.fetches, stats.failures)
    };
    let (a, b) = tokio::join!(client.get("s"), client.get("s"));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(counts(), (0, 2, 0, 1, 0));
    for _ in 0..10 {
        client.get("s").await.unwrap();
        client.cached("s").unwrap().unwrap();
    }
    client.get_all(&["s", "s"]).await;
    assert!(client.cached("other").is_none());
    assert_eq!(counts(), (22, 2, 0, 1, 0));
    let threads: Vec<_> = (0..40)
        .map(|_| {
            let client = client.clone();
            std::thread::spawn(move || (0..1000).for_each(|_| drop(client.cached("s").unwrap())))
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(counts(), (40_022, 2, 0, 1, 0));
    service.says(busy);
    sleep(HOUR + SECOND).await;
    for _ in 0..3 {
        assert!(client.get("s").await.unwrap().is_stale());
    }
    assert_eq!(counts().0 + counts().1, 40_027);
    assert_eq!(counts().2, 3);
    client.refresh_now("s").await.unwrap_err();
    let (.., stale, fetches, failures) = counts();
    assert_eq!((stale, fetches), (3, failures + 1));
}

#[tokio::test(start_paused = true)]
async fn a_value_says_its_own_age() {
    let service = Service::new(|name| match name {
        "own" => value("v1", r#"{"password":"hush","ttl":10000}"#),
        _ => value("v1", r#"{"password":"hush","ttl":"10000"}"#),
    });
    let client = over(&service).age_of("own", HOUR).build().unwrap();
    let without = over(&service).age_property("").build().unwrap();
    client.get("own").await.unwrap();
    client.get("text").await.unwrap();
    without.get("own").await.unwrap();
    service.says(away);
    sleep(10 * SECOND).await;
    assert!(client.get("own").await.unwrap().is_stale());
    assert!(!client.get("text").await.unwrap().is_stale() && !without.get("own").await.unwrap().is_stale());
}
