//! How often an issuer is asked.

use std::sync::Arc;
use std::time::Duration;

use keystead_oidc::Issuers;
use keystead_service::identity::{Issuer, IssuerKeys as _, KeySet, KeysError};

use crate::fetching::issuers;
use crate::server::{Reply, Server};

/// Moves the clock on; what is under way is not touched by it.
async fn later(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

async fn keys(issuers: &Issuers, url: &str) -> Result<Arc<KeySet>, KeysError> {
    issuers.keys(Issuer { url, fingerprints: &[] }).await
}

async fn newer(issuers: &Issuers, url: &str, known: &Arc<KeySet>) -> Result<Arc<KeySet>, KeysError> {
    issuers.newer(Issuer { url, fingerprints: &[] }, known).await
}

#[tokio::test]
async fn keys_serve_for_five_minutes_and_not_longer() {
    let server = Server::good().await;
    let (issuer, issuers) = (server.issuer(), issuers(&server, |_| {}));
    let first = keys(&issuers, &issuer).await.unwrap();
    later(299).await;
    assert!(Arc::ptr_eq(&keys(&issuers, &issuer).await.unwrap(), &first));
    assert_eq!(server.asked(), 2);
    // The issuer fails now. Its old keys are not believed any more.
    let place = format!("{issuer}/keys");
    server.answer(|_| Reply::Broken);
    later(1).await;
    assert!(keys(&issuers, &issuer).await.is_err());
    let asked = server.asked();
    // It is left alone for a while, then asked again.
    assert!(keys(&issuers, &issuer).await.is_err());
    assert_eq!(server.asked(), asked);
    server.answer(Server::well(issuer.clone(), place));
    later(5).await;
    assert!(keys(&issuers, &issuer).await.is_ok());
}

#[tokio::test]
async fn for_an_unknown_key_it_is_asked_twice_a_minute_at_most() {
    let server = Server::good().await;
    let (issuer, issuers) = (server.issuer(), issuers(&server, |_| {}));
    let known = keys(&issuers, &issuer).await.unwrap();
    for _ in 0..10 {
        assert!(Arc::ptr_eq(&newer(&issuers, &issuer, &known).await.unwrap(), &known));
    }
    assert_eq!(server.asked(), 2);
    later(30).await;
    let second = newer(&issuers, &issuer, &known).await.unwrap();
    assert!(!Arc::ptr_eq(&second, &known));
    assert_eq!(server.asked(), 4);
    // Whoever still has the old set gets the new one without asking.
    assert!(Arc::ptr_eq(&newer(&issuers, &issuer, &known).await.unwrap(), &second));
    assert!(Arc::ptr_eq(&newer(&issuers, &issuer, &second).await.unwrap(), &second));
    assert_eq!(server.asked(), 4);
    // That the issuer fails then takes nothing from the keys that are known.
    server.answer(|_| Reply::Broken);
    later(30).await;
    assert!(newer(&issuers, &issuer, &second).await.is_err());
    assert!(Arc::ptr_eq(&keys(&issuers, &issuer).await.unwrap(), &second));
}

#[tokio::test]
async fn who_hangs_up_does_not_make_it_be_asked_more_often() {
    let server = Server::start(|_| Reply::Silent).await;
    let (issuer, issuers) = (server.issuer(), issuers(&server, |_| {}));
    {
        let mut given_up = std::pin::pin!(keys(&issuers, &issuer));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(given_up.as_mut().poll(&mut context).is_pending());
    }
    let expected = KeysError::Unavailable("the fetch was given up".to_owned());
    assert_eq!(keys(&issuers, &issuer).await.unwrap_err(), expected);
}
