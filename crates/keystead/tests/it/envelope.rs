//! Envelopes of the Rust client under a key of a started server.

use keystead_client::envelope::{EnvelopeCipher, EnvelopeError};
use keystead_client::operations::{CreateKeyRequest, DisableKeyRequest};
use keystead_client::{Client, Credentials, EncryptionContext};

use crate::server::{ACCESS_KEY_ID, ACCESS_KEY_SECRET, Home};

#[tokio::test]
async fn envelopes_open_as_long_as_their_key_may_be_used() {
    let server = Home::new().start_here();
    let client = || {
        Client::builder()
            .endpoint(server.https().to_string())
            .ca_file(server.ca_file())
            .credentials(Credentials::access_key(ACCESS_KEY_ID, ACCESS_KEY_SECRET))
            .build()
            .unwrap()
    };
    let key = client().create_key(CreateKeyRequest::new()).await.unwrap().key_metadata.key_id;
    let message: Vec<u8> = (0..200_000).map(|at| (at % 251) as u8).collect();
    let context = EncryptionContext::new().with("tenant", "42");
    let sealed = EnvelopeCipher::new(client(), &key).encrypt(&message, &context).await.unwrap();

    // Another one has no data key yet: the service opens it, for this context.
    let opener = EnvelopeCipher::new(client(), "alias/never-used");
    assert_eq!(*opener.decrypt(&sealed, &context).await.unwrap(), message);
    let other = EncryptionContext::new().with("tenant", "43");
    let refused = opener.decrypt(&sealed, &other).await.unwrap_err();
    assert!(
        matches!(&refused, EnvelopeError::Service(error) if error.code() == Some("InvalidParameter")),
        "{refused}"
    );
    let mut streamed = Vec::new();
    opener.decrypt_stream(&mut sealed.as_slice(), &mut streamed, &context).await.unwrap();
    assert_eq!(streamed, message);

    client().disable_key(DisableKeyRequest::new(&key)).await.unwrap();
    let refused = EnvelopeCipher::new(client(), &key).decrypt(&sealed, &context).await.unwrap_err();
    assert!(
        matches!(&refused, EnvelopeError::Service(error) if error.code() == Some("Rejected.Disabled")),
        "{refused}"
    );
}
