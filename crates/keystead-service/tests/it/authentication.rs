//! Who becomes a caller.

use keystead_api::ErrorCode;
use keystead_auth::AuthError;
use keystead_service::AuthFailure;
use keystead_service::records::{AccessKeyRecord, path};

use crate::harness::{START, World, authenticate, authenticate_at};

fn refused(result: Result<keystead_service::Caller, AuthFailure>) -> ErrorCode {
    match result {
        Err(AuthFailure::Refused(error)) => error.code(),
        Err(AuthFailure::Signature(error)) => panic!("{error}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[tokio::test]
async fn only_the_holder_of_an_active_key_becomes_a_caller() {
    let world = World::new().await;
    let client = world.client().await;
    let (engine, id, secret) = (&client.engine, &world.access_key_id, &world.access_key_secret);
    let caller = authenticate(engine, id, secret).await.ok().unwrap();
    assert_eq!(caller.account(), engine.installation().account);
    assert_eq!(caller.access_key_id(), id);

    assert_eq!(
        refused(authenticate(engine, "LTAI5tNobody", secret).await),
        ErrorCode::InvalidAccessKeyIdNotFound
    );
    let wrong = authenticate(engine, id, "wrong").await;
    assert!(matches!(wrong, Err(AuthFailure::Signature(AuthError::Mismatch(_)))));

    let at = path::access_key(id);
    client.rewrite::<AccessKeyRecord>(&at, |key| key.active = false).await;
    assert_eq!(refused(authenticate(engine, id, secret).await), ErrorCode::InvalidAccessKeyIdInactive);
    // Who does not hold the secret does not learn that the key is disabled.
    let wrong = authenticate(engine, id, "wrong").await;
    assert!(matches!(wrong, Err(AuthFailure::Signature(AuthError::Mismatch(_)))));
    client.rewrite::<AccessKeyRecord>(&at, |key| key.active = true).await;
    assert!(authenticate(engine, id, secret).await.is_ok());
}

#[tokio::test]
async fn no_request_is_accepted_twice_nor_out_of_time() {
    let world = World::new().await;
    let client = world.client().await;
    let (engine, id, secret) = (&client.engine, &world.access_key_id, &world.access_key_secret);
    assert!(authenticate_at(engine, id, secret, START, "n1").await.is_ok());
    assert_eq!(
        refused(authenticate_at(engine, id, secret, START, "n1").await),
        ErrorCode::SignatureNonceUsed
    );
    // A nonce that came with a bad signature is not used up.
    assert!(authenticate_at(engine, id, "wrong", START, "n2").await.is_err());
    assert!(authenticate_at(engine, id, secret, START, "n2").await.is_ok());

    for (offset, good) in [(-900, true), (900, true), (-901, false), (901, false)] {
        let nonce = format!("at{offset}");
        let result = authenticate_at(engine, id, secret, START.plus(offset), &nonce).await;
        if good {
            assert!(result.is_ok(), "{offset}");
        } else {
            assert_eq!(refused(result), ErrorCode::InvalidTimeStampExpired, "{offset}");
        }
    }
    world.clock.advance(901);
    assert_eq!(
        refused(authenticate_at(engine, id, secret, START, "n1").await),
        ErrorCode::InvalidTimeStampExpired
    );
}
