//! The client's faults, row by row, with a scripted service and Tokio's paused clock: no test waits.
#![allow(clippy::unwrap_used)]

mod scripted;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use keystead_secrets::{
    CachedSecretSource, SecretClient, SecretError, SecretErrorKind, SecretId, SecretValue,
};
use scripted::{Answer, HOUR, MINUTE, SECOND, Service, away, busy, denied, expired, missing, value};
use tokio::time::sleep;

fn v1(_: &str) -> Answer {
    value("v1", "one")
}

fn v2(_: &str) -> Answer {
    value("v2", "two")
}

async fn with(service: &Arc<Service>) -> SecretClient {
    let client = SecretClient::builder().endpoint("one", service.client()).age(HOUR).stale_for(2 * HOUR);
    let client = client.build().unwrap();
    assert_eq!(client.get("s").await.unwrap().text().unwrap(), "one");
    client
}

#[tokio::test(start_paused = true)]
async fn one_fetch_serves_all_and_the_background_renews_it() {
    let service = Service::new(v1);
    let client = SecretClient::builder().endpoint("one", service.client()).build().unwrap();
    let (a, b, c) = tokio::join!(client.get("s"), client.get("s"), client.get("s"));
    assert!(a.is_ok() && b.is_ok() && c.is_ok());
    assert_eq!(service.requests(), 1);
    let mut updates = client.watch("s");
    assert_eq!(updates.next().await.unwrap().version_id(), "v1");
    service.says(v2);
    assert_eq!(client.get("s").await.unwrap().version_id(), "v1");
    assert_eq!(updates.next().await.unwrap().version_id(), "v2");
    sleep(HOUR).await;
    assert_eq!(client.get("s").await.unwrap().version_id(), "v2");
    assert!((1..=2).contains(&service.requests()), "{}", service.requests());
    client.invalidate("s").await;
    service.says(v1);
    assert_eq!(client.get("s").await.unwrap().version_id(), "v1");
    service.says(v2);
    assert_eq!(client.refresh_now("s").await.unwrap().version_id(), "v2");
}

#[tokio::test(start_paused = true)]
async fn away_or_busy_is_bridged_for_the_stated_time_and_the_service_is_left_in_peace() {
    for fault in [away as fn(&str) -> Answer, busy] {
        let service = Service::new(v1);
        let client = with(&service).await;
        service.says(fault);
        sleep(HOUR + Duration::from_secs(60)).await;
        let before = service.requests();
        for _ in 0..60 {
            let value = client.get("s").await.unwrap();
            assert!(value.is_stale() && value.text().unwrap() == "one");
            sleep(Duration::from_secs(60)).await;
        }
        let in_an_hour = service.requests() - before;
        assert!((50..=62).contains(&in_an_hour), "{in_an_hour}");
        assert_eq!(client.refresh_now("s").await.unwrap_err().kind(), SecretErrorKind::Unavailable);
        sleep(HOUR).await;
        assert_eq!(client.get("s").await.unwrap_err().kind(), SecretErrorKind::Unavailable);
        service.says(v2);
        sleep(Duration::from_secs(70)).await;
        assert!(!client.get("s").await.unwrap().is_stale());
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_never_masked() {
    let rows = [
        (denied as fn(&str) -> Answer, SecretErrorKind::Denied),
        (expired, SecretErrorKind::Denied),
        (missing, SecretErrorKind::Missing),
    ];
    for (refusal, kind) in rows {
        let service = Service::new(v1);
        let client = with(&service).await;
        service.says(refusal);
        sleep(HOUR).await;
        for _ in 0..100 {
            assert_eq!(client.get("s").await.unwrap_err().kind(), kind);
        }
        assert!(service.requests() <= 2, "{}", service.requests());
        service.says(away);
        sleep(Duration::from_secs(11)).await;
        assert_eq!(client.get("s").await.unwrap_err().kind(), SecretErrorKind::Unavailable);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_region_is_passed_over_and_all_errors_are_kept() {
    let (lost, other) = (Service::new(away), Service::new(v1));
    let builder = SecretClient::builder().endpoint("lost", lost.client()).endpoint("other", other.client());
    let client = builder.build().unwrap();
    assert!(client.get("s").await.is_ok());
    assert!(client.refresh_now("s").await.is_ok());
    assert_eq!((lost.requests(), other.requests()), (1, 2));
    other.says(busy);
    let error = client.refresh_now("s").await.unwrap_err();
    assert_eq!(error.attempts().len(), 2);
    assert!(client.get("s").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn the_nearest_endpoint_comes_first_where_that_is_wanted() {
    let services = [Service::new(v1), Service::new(v1), Service::new(v1), Service::new(away)];
    for (service, millis) in services.iter().zip([300, 9_000, 20, 5]) {
        service.takes(Duration::from_millis(millis));
    }
    let build = |services: &[Arc<Service>]| {
        let mut builder = SecretClient::builder().nearest_first();
        for (index, service) in services.iter().enumerate() {
            builder = builder.endpoint(index.to_string(), service.client());
        }
        builder.build().unwrap()
    };
    let client = build(&services);
    let asked = || services.each_ref().map(|service| service.requests());
    let (one, other) = tokio::join!(client.get("s"), client.get("t"));
    assert!(one.is_ok() && other.is_ok());
    // Each once to measure, for one of the two; and then the nearest.
    assert_eq!(asked(), [1, 1, 3, 1]);
    services[2].says(away);
    client.refresh_now("s").await.unwrap();
    assert_eq!(asked(), [2, 1, 1, 1], "the next one stands in");

    // A service that is away is measured when it is back, and not before.
    let services = [Service::new(away), Service::new(away)];
    let client = build(&services);
    for _ in 0..3 {
        client.get("s").await.unwrap_err();
    }
    assert!(services.iter().all(|service| service.requests() <= 2));
    services.iter().for_each(|service| service.says(v1));
    services[0].takes(SECOND);
    sleep(MINUTE).await;
    client.refresh_now("s").await.unwrap();
    client.refresh_now("s").await.unwrap();
    client.refresh_now("s").await.unwrap();
    assert!(services[1].requests() >= 2, "the nearest one is asked");
}

#[tokio::test(start_paused = true)]
async fn refusals_are_told_apart() {
    for (status, code, kind) in [
        (404, "Forbidden.ResourceNotFound", SecretErrorKind::Missing),
        (400, "Rejected.ResourceInDeleteWindow", SecretErrorKind::Missing),
        (404, "Forbidden.KeyNotFound", SecretErrorKind::Refused),
        (409, "Rejected.Disabled", SecretErrorKind::Refused),
        (404, "InvalidAccessKeyId.NotFound", SecretErrorKind::Denied),
        (400, "InvalidAccessKeyId.Inactive", SecretErrorKind::Denied),
        (400, "SignatureDoesNotMatch", SecretErrorKind::Denied),
        (403, "Forbidden.NoPermission", SecretErrorKind::Denied),
        (503, "ServiceUnavailableTemporary", SecretErrorKind::Unavailable),
    ] {
        let service = Service::new(move |_| scripted::refusal(status, code));
        let client = SecretClient::builder().endpoint("one", service.client()).build().unwrap();
        let error = client.get("s").await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, Some(code)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_hit_needs_no_request_and_no_runtime_and_stages_are_kept_apart() {
    let service = Service::new(v1);
    let client = with(&service).await;
    assert!(client.cached("other").is_none());
    assert_eq!(client.cached("s").unwrap().unwrap().text().unwrap(), "one");
    assert_eq!(client.get_id(&SecretId::stage("s", "ACSCurrent")).await.unwrap().text().unwrap(), "one");
    assert_eq!(service.requests(), 1);
    service.says(v2);
    for id in [SecretId::stage("s", "ACSPrevious"), SecretId::version("s", "ACSCurrent")] {
        assert_eq!(client.get_id(&id).await.unwrap().text().unwrap(), "two");
    }
    assert_eq!(service.requests(), 2);
    assert_eq!(client.cached("s").unwrap().unwrap().text().unwrap(), "one");
    client.invalidate("s").await;
    assert!(client.cached("s").is_none());
}

#[tokio::test(start_paused = true)]
async fn one_too_many_replaces_another_and_what_is_watched_stays() {
    let service = Service::new(v1);
    let client = SecretClient::builder().endpoint("one", service.client()).max_entries(3).build().unwrap();
    let _watched = client.watch("watched");
    for number in 0..100 {
        client.get(&format!("s{number}")).await.unwrap();
    }
    let kept = (0..100).filter(|number| client.cached(&format!("s{number}")).is_some()).count();
    assert_eq!(kept, 2);
    assert!(client.cached("s99").is_some());
    client.get("watched").await.unwrap();
    assert_eq!((client.cached("watched").is_some(), service.requests()), (true, 101));
}

#[tokio::test(start_paused = true)]
async fn a_secret_has_its_own_age_and_each_refresh_is_told_and_counted() {
    let service = Service::new(v1);
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = told.clone();
    let client = SecretClient::builder()
        .endpoint("one", service.client())
        .age(HOUR)
        .age_of("short", 10 * SECOND)
        .on_refresh(move |id, outcome| {
            let stale = outcome.as_ref().map(SecretValue::is_stale).map_err(SecretError::kind);
            teller.lock().unwrap().push((id.name().to_owned(), stale));
        })
        .build()
        .unwrap();
    let values = client.get_all(&["long", "short", "long"]).await;
    assert!(values.iter().all(|value| value.as_ref().unwrap().text().unwrap() == "one"));
    assert_eq!(service.requests(), 2);
    sleep(10 * SECOND).await;
    assert_eq!(service.requests(), 3, "the one with the short age was renewed");
    service.says(away);
    sleep(30 * SECOND).await;
    assert!(client.cached("short").unwrap().unwrap().is_stale());
    let error = client.get_json::<Vec<u8>>("other").await.unwrap_err();
    assert_eq!(error.kind(), SecretErrorKind::Unavailable);
    let told = told.lock().unwrap();
    assert!(told.contains(&("short".to_owned(), Ok(true))) && told.contains(&("long".to_owned(), Ok(false))));
    assert_eq!(told.last(), Some(&("other".to_owned(), Err(SecretErrorKind::Unavailable))));
    let stats = client.stats();
    assert_eq!(stats.entries, 3);
    assert!(stats.fetches <= told.len() as u64, "when nobody is asked, it is told too");
    assert_eq!(stats.failures, stats.fetches - 3);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_not_asked_away_at_another_endpoint() {
    let (first, second) = (Service::new(denied), Service::new(v1));
    let builder = SecretClient::builder().endpoint("one", first.client()).endpoint("two", second.client());
    let client = builder.build().unwrap();
    assert_eq!(client.get("s").await.unwrap_err().kind(), SecretErrorKind::Denied);
    assert_eq!((first.requests(), second.requests()), (1, 0));
}
