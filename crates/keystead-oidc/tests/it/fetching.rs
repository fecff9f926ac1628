//! What is taken from an issuer's server, and what is not.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use keystead_oidc::{IssuerSettings, Issuers};
use keystead_service::identity::{Issuer, IssuerKeys as _, KeysError};

use crate::server::{CONFIGURATION, KEYS, Reply, Server};

pub fn issuers(server: &Server, change: impl FnOnce(&mut IssuerSettings)) -> Issuers {
    let mut settings = IssuerSettings { ca_file: Some(server.ca_file.clone()), ..IssuerSettings::default() };
    change(&mut settings);
    Issuers::new(&BTreeMap::from([(server.issuer(), settings)]), false).unwrap()
}

async fn keys(issuers: &Issuers, url: &str, fingerprints: &[String]) -> Result<usize, KeysError> {
    issuers.keys(Issuer { url, fingerprints }).await.map(|keys| keys.len())
}

#[tokio::test]
async fn keys_are_discovered() {
    let server = Server::good().await;
    let issuer = server.issuer();
    assert_eq!(keys(&issuers(&server, |_| {}), &issuer, &[]).await, Ok(1));
    assert_eq!(server.asked(), 2);
    // Or they are where the operator says.
    let place = format!("{issuer}/keys");
    let told = issuers(&server, |settings| settings.jwks_uri = Some(place));
    assert_eq!(keys(&told, &issuer, &[]).await, Ok(1));
    assert_eq!(server.asked(), 3);
    // Nobody else is asked.
    let other = format!("{issuer}/other");
    assert!(matches!(keys(&told, &other, &[]).await, Err(KeysError::Unavailable(_))));
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn a_malicious_or_broken_issuer_gives_no_keys() {
    let server = Server::good().await;
    let issuer = server.issuer();
    let place = format!("{issuer}/keys");
    let bad_keys = |reply: Reply| {
        let well = Server::well(issuer.clone(), place.clone());
        move |path: &str| if path == "/cluster/keys" { reply.clone() } else { well(path) }
    };
    let bad_configuration = |reply: Reply| {
        let well = Server::well(issuer.clone(), place.clone());
        move |path: &str| if path.ends_with(CONFIGURATION) { reply.clone() } else { well(path) }
    };
    let redirect =
        |to: &str| Reply::Raw(format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"));
    let large = format!(r#"{{"keys":[],"more":"{}"}}"#, "x".repeat(300 << 10));
    let replies = [
        Reply::Ok(large),
        Reply::Endless,
        Reply::Broken,
        Reply::Ok(String::new()),
        Reply::Ok("<html>".to_owned()),
        Reply::Ok("null".to_owned()),
        Reply::Ok("[".repeat(10_000)),
        Reply::Ok(r#"{"keys":1}"#.to_owned()),
        Reply::Raw(format!("HTTP/1.1 500 No\r\ncontent-length: {}\r\n\r\n{KEYS}", KEYS.len())),
        Reply::Raw(format!("HTTP/1.1 404 No\r\ncontent-length: {}\r\n\r\n{KEYS}", KEYS.len())),
        Reply::Raw("no HTTP at all".to_owned()),
        redirect(&place),
        redirect("https://localhost:1/keys"),
        redirect("http://127.0.0.1/keys"),
    ];
    for reply in replies {
        for at_keys in [true, false] {
            match at_keys {
                true => server.answer(bad_keys(reply.clone())),
                false => server.answer(bad_configuration(reply.clone())),
            }
            let seen = keys(&issuers(&server, |_| {}), &issuer, &[]).await;
            assert!(matches!(seen, Err(KeysError::Unavailable(_))), "{seen:?}");
        }
    }
    // It says that it is another one, or that its keys are where nothing protects them.
    for (named, place) in [
        ("https://other.example", place.as_str()),
        (&format!("{issuer}/"), &place),
        (&issuer, "http://localhost/keys"),
        (&issuer, "file:///etc/keys"),
        (&issuer, "/keys"),
        (&issuer, "https://user@localhost/keys"),
    ] {
        server.answer(Server::well(named.to_owned(), place.to_owned()));
        let seen = keys(&issuers(&server, |_| {}), &issuer, &[]).await;
        assert!(matches!(seen, Err(KeysError::Unavailable(_))), "{named} {place}: {seen:?}");
    }
    server.answer(Server::well(issuer.clone(), place));
    assert_eq!(keys(&issuers(&server, |_| {}), &issuer, &[]).await, Ok(1));
}

#[tokio::test]
async fn a_silent_issuer_is_given_up() {
    let server = Server::start(|_| Reply::Silent).await;
    let (issuer, issuers) = (server.issuer(), issuers(&server, |_| {}));
    // Time goes on by itself while nothing happens.
    tokio::time::pause();
    let seen = keys(&issuers, &issuer, &[]).await;
    assert_eq!(seen, Err(KeysError::Unavailable("the issuer took longer than 5 s".to_owned())));
}

#[tokio::test]
async fn the_certificate_must_be_trusted() {
    let server = Server::good().await;
    // Another authority's certificate, and the public ones.
    let other = Server::good().await;
    let issuer = server.issuer();
    for ca_file in [Some(other.ca_file.clone()), None] {
        let issuers = issuers(&server, |settings| settings.ca_file = ca_file);
        assert!(matches!(keys(&issuers, &issuer, &[]).await, Err(KeysError::Unavailable(_))));
    }
    // A name that is not in it.
    let by_address = format!("https://127.0.0.1:{}/cluster", server.address.port());
    let settings = IssuerSettings { ca_file: Some(server.ca_file.clone()), ..IssuerSettings::default() };
    let issuers = Issuers::new(&BTreeMap::from([(by_address.clone(), settings)]), false).unwrap();
    assert!(matches!(keys(&issuers, &by_address, &[]).await, Err(KeysError::Unavailable(_))));
    assert_eq!(server.asked(), 0);
}

#[tokio::test]
async fn fingerprints_are_checked_beside_the_certificate() {
    let server = Server::good().await;
    let issuer = server.issuer();
    let right = server.fingerprint.clone();
    let colons: Vec<String> = right
        .to_lowercase()
        .as_bytes()
        .chunks(2)
        .map(|pair| String::from_utf8(pair.to_vec()).unwrap())
        .collect();
    let wrong = "0".repeat(40);
    for (fingerprints, expected) in [
        (vec![right.clone()], Ok(1)),
        (vec![colons.join(":")], Ok(1)),
        (vec![wrong.clone(), right.clone()], Ok(1)),
        (vec![wrong], Err(KeysError::Fingerprint)),
        (vec!["nonsense".to_owned()], Err(KeysError::Fingerprint)),
        (vec![right[..20].to_owned()], Err(KeysError::Fingerprint)),
    ] {
        assert_eq!(
            keys(&issuers(&server, |_| {}), &issuer, &fingerprints).await,
            expected,
            "{fingerprints:?}"
        );
    }
    // One that is known does not stand for a certificate that nobody vouches for.
    let untrusting = issuers(&server, |settings| settings.ca_file = None);
    assert!(matches!(keys(&untrusting, &issuer, &[right]).await, Err(KeysError::Unavailable(_))));
}

#[tokio::test]
async fn many_that_ask_at_once_are_one_question() {
    let server = Server::good().await;
    let (issuer, issuers) = (server.issuer(), Arc::new(issuers(&server, |_| {})));
    let ask = || {
        let (issuer, issuers) = (issuer.clone(), issuers.clone());
        tokio::spawn(async move { keys(&issuers, &issuer, &[]).await })
    };
    let asking: Vec<_> = (0..50).map(|_| ask()).collect();
    for task in asking {
        assert_eq!(task.await.unwrap(), Ok(1));
    }
    assert_eq!(server.asked.load(Ordering::Relaxed), 2);
}
