//! The table of faults in `docs/secret-client.md`: what callers get, and how many requests reach the service in an hour, of one
//! client with its usual repeats (of which it has a reserve of 100). The program asks for its secrets every 5 seconds; Tokio's
//! clock is paused, so no test waits. `cargo test -p keystead-secrets --test faults -- --nocapture` prints the figures.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod scripted;

use std::sync::Arc;

use keystead_client::RetryPolicy;
use keystead_secrets::{CachedSecretSource as _, SecretClient, SecretError, SecretErrorKind, SecretValue};
use scripted::{Answer, HOUR, MINUTE, SECOND, Service, away, busy, denied, expired, value};
use tokio::time::{Instant, sleep, timeout};

type Outcome = Result<SecretValue, SecretError>;

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("s{number}")).collect()
}

fn one(_: &str) -> Answer {
    value("v1", "one")
}

/// A client that has its secrets, a while ago.
async fn client(services: &[&Arc<Service>], names: &[String]) -> SecretClient {
    let mut client = SecretClient::builder().age(HOUR).stale_for(2 * HOUR);
    for service in services {
        client = client.endpoint("region", service.client_with(RetryPolicy::default()));
    }
    let client = client.build().unwrap();
    assert!(client.get_all(names).await.iter().all(Result::is_ok));
    client
}

/// An hour of a program's life, with what it got at its end.
async fn an_hour(client: &SecretClient, names: &[String]) -> Vec<Outcome> {
    let end = Instant::now() + HOUR;
    let mut outcomes = Vec::new();
    while Instant::now() < end {
        outcomes = client.get_all(names).await;
        sleep(5 * SECOND).await;
    }
    outcomes
}

/// Demands requests within bounds and tells how many there were.
fn counted(row: &str, secrets: usize, service: &Service, since: Instant, bounds: [usize; 2]) {
    let requests = service.requests_since(since);
    println!("{row}, {secrets} secrets: {requests} requests in an hour");
    assert!(
        (bounds[0]..=bounds[1]).contains(&requests),
        "{row}, {secrets} secrets: {requests}, not in {bounds:?}"
    );
}

fn is_stale(outcome: &Outcome) -> bool {
    outcome.as_ref().is_ok_and(SecretValue::is_stale)
}

fn is(outcome: &Outcome, kind: SecretErrorKind) -> bool {
    outcome.as_ref().is_err_and(|error| error.kind() == kind)
}

#[tokio::test(start_paused = true)]
async fn all_is_well() {
    for (secrets, bounds) in [(1, [1, 2]), (100, [100, 130])] {
        let (service, names) = (Service::new(one), names(secrets));
        let client = client(&[&service], &names).await;
        let since = Instant::now();
        let outcomes = an_hour(&client, &names).await;
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() && !is_stale(outcome)));
        counted("all is well", secrets, &service, since, bounds);
    }
}

/// Away, or throttling all: longer than the age, and then longer than old values may stand in.
async fn out_of_reach(row: &str, fault: fn(&str) -> Answer, bounds: [[usize; 2]; 4]) {
    for (secrets, [bridged, after]) in [(1, [bounds[0], bounds[1]]), (100, [bounds[2], bounds[3]])] {
        let (service, names) = (Service::new(one), names(secrets));
        let client = client(&[&service], &names).await;
        service.says(fault);
        assert!(an_hour(&client, &names).await.iter().all(Result::is_ok));
        let since = Instant::now();
        assert!(an_hour(&client, &names).await.iter().all(is_stale));
        counted(&format!("{row}, old values stand in"), secrets, &service, since, bridged);
        sleep(HOUR).await;
        let since = Instant::now();
        assert!(
            an_hour(&client, &names).await.iter().all(|outcome| is(outcome, SecretErrorKind::Unavailable))
        );
        counted(&format!("{row}, for too long"), secrets, &service, since, after);
        // It is back: all have their values within a minute or so.
        service.says(one);
        let since = Instant::now();
        let back = async {
            while client.get_all(&names).await.iter().any(Result::is_err) {
                sleep(SECOND).await;
            }
        };
        timeout(75 * SECOND, back).await.unwrap();
        assert!(service.requests_since(since) <= 2 * secrets);
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_is_away_for_longer_than_the_age() {
    out_of_reach("away", away, [[50, 170], [50, 170], [50, 170], [50, 170]]).await;
}

#[tokio::test(start_paused = true)]
async fn the_service_throttles_all() {
    out_of_reach("throttled", busy, [[50, 170], [50, 170], [50, 170], [50, 170]]).await;
}

#[tokio::test(start_paused = true)]
async fn the_service_throttles_nine_of_ten_requests() {
    let (service, names) = (Service::new(one), names(100));
    let client = client(&[&service], &names).await;
    let turn = std::sync::atomic::AtomicUsize::new(0);
    service.says(move |name| match turn.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 10 {
        0 => one(name),
        _ => busy(name),
    });
    let since = Instant::now();
    let outcomes = an_hour(&client, &names).await;
    assert!(outcomes.iter().all(Result::is_ok));
    counted("nine of ten throttled", 100, &service, since, [100, 400]);
}

#[tokio::test(start_paused = true)]
async fn the_caller_is_refused() {
    for (row, fault) in [("permission withdrawn", denied as fn(&str) -> Answer), ("session expired", expired)]
    {
        for (secrets, bounds) in [(1, [50, 75]), (100, [5000, 7500])] {
            let (service, names) = (Service::new(one), names(secrets));
            let client = client(&[&service], &names).await;
            service.says(fault);
            // From the next renewal on, ahead of the end of the age.
            an_hour(&client, &names).await;
            let since = Instant::now();
            let outcomes = an_hour(&client, &names).await;
            assert!(outcomes.iter().all(|outcome| is(outcome, SecretErrorKind::Denied)));
            counted(row, secrets, &service, since, bounds);
            // Nobody asks: the refusal is not asked for again and again.
            let since = Instant::now();
            sleep(HOUR).await;
            counted(&format!("{row}, and nobody asks"), secrets, &service, since, [0, 2 * secrets]);
            // The right is given back.
            service.says(one);
            sleep(MINUTE).await;
            assert!(client.get_all(&names).await.iter().all(Result::is_ok));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_version_is_rotated_while_the_service_is_away() {
    let (service, names) = (Service::new(one), names(1));
    let client = client(&[&service], &names).await;
    let mut versions = client.watch("s0");
    versions.next().await.unwrap();
    service.says(away);
    an_hour(&client, &names).await;
    assert!(an_hour(&client, &names).await.iter().all(is_stale));
    service.says(|_| value("v2", "two"));
    let since = Instant::now();
    let new = timeout(70 * SECOND, versions.next()).await.unwrap().unwrap();
    println!("rotated while away: seen {:?} after the service is back", since.elapsed());
    assert_eq!((new.version_id(), service.requests()), ("v2", 1));
    assert_eq!(client.get("s0").await.unwrap().version_id(), "v2");
    an_hour(&client, &names).await;
    counted("rotated while away, and back", 1, &service, since, [1, 3]);
}

#[tokio::test(start_paused = true)]
async fn all_values_are_young_again_soon_after_the_service_is_back() {
    let (service, names) = (Service::new(one), names(1000));
    let client = client(&[&service], &names).await;
    service.says(away);
    sleep(2 * HOUR).await;
    service.says(one);
    let since = Instant::now();
    let is_old = |name: &String| client.cached(name).unwrap().unwrap().is_stale();
    let back = async {
        while names.iter().any(is_old) {
            sleep(SECOND).await;
        }
    };
    timeout(2 * MINUTE, back).await.unwrap();
    println!("back: 1000 secrets are young again after {:?}", since.elapsed());
    assert!(service.requests() <= 1010, "{}", service.requests());
}

#[tokio::test(start_paused = true)]
async fn a_region_is_lost() {
    let (lost, other, names) = (Service::new(one), Service::new(one), names(100));
    let client = client(&[&lost, &other], &names).await;
    lost.says(away);
    let since = Instant::now();
    for _ in 0..2 {
        let outcomes = an_hour(&client, &names).await;
        assert!(outcomes.iter().all(|outcome| outcome.is_ok() && !is_stale(outcome)));
    }
    println!(
        "a region lost, 100 secrets, in two hours: {} requests to it, {} to the other",
        lost.requests_since(since),
        other.requests_since(since)
    );
    assert!((1..=130).contains(&lost.requests_since(since)), "{}", lost.requests_since(since));
    assert!((200..=260).contains(&other.requests_since(since)), "{}", other.requests_since(since));
    lost.says(one);
    let since = Instant::now();
    an_hour(&client, &names).await;
    assert!(lost.requests_since(since) >= 100, "the first region is the first again");
}
