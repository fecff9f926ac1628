//! Authentication by client keys: on the shared gateway by V1, and the instance API's own.

use std::borrow::Cow;

use http::HeaderMap;
use keystead_auth::v1::sign_with_client_key;
use keystead_auth::{Credentials, Presented, RequestView, ToSign, present};
use keystead_service::records::{ClientKeyRecord, path};
use keystead_service::{AuthFailure, Caller, ClientKeyFailure};

use crate::applications::{Application, PASSWORD, SECRET_USER, shared_point};
use crate::harness::{Client, World, client, next_number};

#[tokio::test]
async fn a_client_key_is_valid_from_its_first_second_to_its_last() {
    let world = World::new().await;
    let client = world.client().await;
    shared_point(&client, "app", &[SECRET_USER], &[], &[]).await;
    let params = [
        ("AapName", "app"),
        ("Password", PASSWORD),
        ("NotBefore", "2027-01-15T08:01:00Z"),
        ("NotAfter", "2027-01-15T08:02:00Z"),
    ];
    let application = Application::with(&client, &params).await;
    let now = async || match application.client(&client).await {
        Ok(_) => "ok".to_owned(),
        Err(failure) => format!("{failure:?}"),
    };
    let shared = async || match signed(&client, &application, |_| {}).await {
        Ok(_) => "ok".to_owned(),
        Err(failure) => code(&failure),
    };
    for (seconds, expected) in [(59, "Expired"), (1, "ok"), (60, "ok"), (1, "Expired")] {
        world.clock.advance(seconds);
        assert_eq!(now().await, expected);
        assert_eq!(shared().await, if expected == "ok" { "ok" } else { "InvalidAccessKeyId.Inactive" });
        // Who does not hold the key does not learn of its validity.
        let other = client.engine.authenticate_client_key(&application.id, "a text", &[1; 256]).await;
        assert!(matches!(other, Err(ClientKeyFailure::Signature)));
    }
}

fn code(failure: &AuthFailure) -> String {
    match failure {
        AuthFailure::Signature(error) => error.code().into_owned(),
        AuthFailure::Refused(error) => error.code().name().into_owned(),
    }
}

type Pairs = Vec<(Cow<'static, str>, Cow<'static, str>)>;

/// A V1 request of GetSecretValue, signed with a client key and changed after that.
async fn signed(
    client: &Client,
    application: &Application,
    change: impl FnOnce(&mut Pairs),
) -> Result<Caller, AuthFailure> {
    let credentials = Credentials::access_key(application.id.clone(), application.private_key.expose());
    let date = keystead_auth::format_date(client.engine.now().0).unwrap();
    let nonce = format!("nonce-{}", next_number());
    let own = [("Action", "GetSecretValue"), ("Version", "2016-01-20"), ("SecretName", "s")];
    let own = own.map(|(name, value)| (Cow::Borrowed(name), Cow::Borrowed(value)));
    let request =
        ToSign { method: "POST", path: "/", query: &own, form: &[], body: b"", date: &date, nonce: &nonce };
    let query = sign_with_client_key(&request, &credentials).unwrap();
    let mut query: Pairs = query
        .into_iter()
        .map(|(name, value)| (Cow::Owned(name.into_owned()), Cow::Owned(value.into_owned())))
        .collect();
    change(&mut query);
    authenticate(client, &query).await
}

async fn authenticate(client: &Client, query: &Pairs) -> Result<Caller, AuthFailure> {
    let headers = HeaderMap::new();
    let view = RequestView {
        method: "POST",
        path: "/",
        authority: None,
        headers: &headers,
        query,
        form: &[],
        body: b"",
    };
    let Ok(Presented::Signed(claim)) = present(&view) else { panic!("it was signed") };
    client.engine.authenticate(&claim, &view).await
}

#[tokio::test]
async fn a_request_signed_with_a_client_key_is_its_own_once_and_nothing_else() {
    let client = client().await;
    shared_point(&client, "app", &[SECRET_USER], &[], &[]).await;
    let application = Application::new(&client, "app").await;
    let other = Application::new(&client, "app").await;
    let set = |name: &'static str, value: &str| {
        let value = value.to_owned();
        move |query: &mut Pairs| {
            query.retain(|(known, _)| known != name);
            if !value.is_empty() {
                query.push((name.into(), value.into()));
            }
        }
    };
    let caller = signed(&client, &application, |_| {}).await.unwrap();
    assert_eq!((caller.access_key_id(), caller.account()), (application.id.as_str(), client.account()));
    let unknown = "KAAP.00000000-1111-2222-3333-444444444444";
    let root = client.caller.access_key_id().to_owned();
    for (change, expected) in [
        (set("SecretName", "t"), "SignatureDoesNotMatch"),
        (set("AccessKeyId", &other.id), "SignatureDoesNotMatch"),
        (set("AccessKeyId", unknown), "InvalidAccessKeyId.NotFound"),
        // An AccessKey is no client key, whatever the method.
        (set("AccessKeyId", &root), "InvalidAccessKeyId.NotFound"),
        (set("SignatureMethod", "HMAC-SHA1"), "InvalidSignatureMethod"),
        (set("SignatureType", ""), "InvalidSignatureMethod"),
        (set("SignatureType", "privatekey"), "InvalidSignatureMethod"),
        (set("SecurityToken", "x"), "InvalidSecurityToken.MismatchWithAccessKey"),
    ] {
        let failed = signed(&client, &application, change).await;
        assert_eq!(failed.map_err(|failure| code(&failure)).err().as_deref(), Some(expected));
    }
    // Nonce and date as in every V1 request.
    let mut sent = Vec::new();
    signed(&client, &application, |query| sent.clone_from(query)).await.unwrap();
    let again = authenticate(&client, &sent).await;
    assert_eq!(again.err().map(|failure| code(&failure)).as_deref(), Some("SignatureNonceUsed"));
    // With HMAC a client key's id is the id of nothing.
    let mut hmac = sent.clone();
    set("SignatureMethod", "HMAC-SHA1")(&mut hmac);
    set("SignatureType", "")(&mut hmac);
    let hmac = authenticate(&client, &hmac).await;
    assert_eq!(hmac.err().map(|failure| code(&failure)).as_deref(), Some("InvalidAccessKeyId.NotFound"));
}

#[tokio::test]
async fn dates_of_requests_are_those_of_v1() {
    let world = World::new().await;
    let client = world.client().await;
    shared_point(&client, "app", &[SECRET_USER], &[], &[]).await;
    let application = Application::new(&client, "app").await;
    let mut sent = Vec::new();
    signed(&client, &application, |query| sent.clone_from(query)).await.unwrap();
    world.clock.advance(15 * 60 + 1);
    let late = authenticate(&client, &sent).await;
    assert_eq!(late.err().map(|failure| code(&failure)).as_deref(), Some("InvalidTimeStamp.Expired"));
}

/// The instance API's entrance, by its own failures.
#[tokio::test]
async fn failures_of_the_instance_api_are_told_apart() {
    let client = client().await;
    shared_point(&client, "app", &[SECRET_USER], &[], &[]).await;
    let application = Application::new(&client, "app").await;
    let signature = application.sign("text");
    let engine = &client.engine;
    assert!(engine.authenticate_client_key(&application.id, "text", &signature).await.is_ok());
    // Identical requests are legitimate: nothing is remembered.
    assert!(engine.authenticate_client_key(&application.id, "text", &signature).await.is_ok());
    for id in ["", "KAAP.", "../service/ca", "KAAP.00000000-1111-2222-3333-444444444444"] {
        let failed = engine.authenticate_client_key(id, "text", &signature).await;
        assert!(matches!(failed, Err(ClientKeyFailure::Unknown)), "{id}");
    }
    for wrong in [&signature[..255], &[], &[0; 256][..]] {
        let failed = engine.authenticate_client_key(&application.id, "text", wrong).await;
        assert!(matches!(failed, Err(ClientKeyFailure::Signature)));
    }
    // A record under another key's id lets nobody in.
    let at = path::client_key(&application.id);
    client.rewrite::<ClientKeyRecord>(&at, |key| key.client_key_id = "KAAP.x".into()).await;
    let failed = engine.authenticate_client_key(&application.id, "text", &signature).await;
    assert!(matches!(failed, Err(ClientKeyFailure::Unknown)));
}
