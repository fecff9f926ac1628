//! Envelope encryption with data keys of a source that counts what it is asked for.
#![allow(clippy::unwrap_used)]

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keystead_client::envelope::{
    DataKey, DataKeyFuture, DataKeySource, EnvelopeCipher, EnvelopeError, Limits, WrappedDataKey,
};
use keystead_client::{EncryptionContext, Error};

const FRAME: usize = 64 << 10;

/// A service that remembers its keys, each with the context that it was made for.
#[derive(Clone, Default)]
struct Source(Arc<Shared>);

#[derive(Default)]
struct Shared {
    keys: Mutex<HashMap<String, ([u8; 32], EncryptionContext)>>,
    generated: AtomicUsize,
    opened: AtomicUsize,
    away: AtomicBool,
}

impl Source {
    fn counts(&self) -> (usize, usize) {
        (self.0.generated.load(Ordering::SeqCst), self.0.opened.load(Ordering::SeqCst))
    }

    fn check(&self) -> Result<(), EnvelopeError> {
        match self.0.away.load(Ordering::SeqCst) {
            true => Err(Error::Unreadable { status: 503 }.into()),
            false => Ok(()),
        }
    }
}

impl DataKeySource for Source {
    fn generate<'a>(
        &'a self,
        key_id: &'a str,
        context: &'a EncryptionContext,
    ) -> DataKeyFuture<'a, WrappedDataKey> {
        Box::pin(async move {
            // Others come while this is under way.
            tokio::task::yield_now().await;
            self.check()?;
            let number = self.0.generated.fetch_add(1, Ordering::SeqCst);
            let bytes = [(number % 255) as u8 + 1; 32];
            let wrapped = format!("{key_id}-{number}");
            self.0.keys.lock().unwrap().insert(wrapped.clone(), (bytes, context.clone()));
            Ok(WrappedDataKey { key: DataKey::new(bytes), wrapped })
        })
    }

    fn open<'a>(&'a self, wrapped: &'a str, context: &'a EncryptionContext) -> DataKeyFuture<'a, DataKey> {
        Box::pin(async move {
            self.check()?;
            self.0.opened.fetch_add(1, Ordering::SeqCst);
            match self.0.keys.lock().unwrap().get(wrapped) {
                Some((bytes, bound)) if bound == context => Ok(DataKey::new(*bytes)),
                _ => Err(Error::Unreadable { status: 400 }.into()),
            }
        })
    }
}

fn context() -> EncryptionContext {
    EncryptionContext::new().with("tenant", "42")
}

fn message(len: usize) -> Vec<u8> {
    (0..len).map(|at| (at % 251) as u8).collect()
}

async fn stream(cipher: &EnvelopeCipher, data: &[u8], encrypt: bool) -> Result<Vec<u8>, EnvelopeError> {
    let (mut from, mut to) = (data, Vec::new());
    let bytes = match encrypt {
        true => cipher.encrypt_stream(&mut from, &mut to, &context()).await?,
        false => cipher.decrypt_stream(&mut from, &mut to, &context()).await?,
    };
    assert_eq!(bytes as usize, if encrypt { data.len() } else { to.len() });
    Ok(to)
}

#[tokio::test]
async fn messages_of_every_length_come_back_by_either_way() {
    let cipher = EnvelopeCipher::new(Source::default(), "alias/app");
    for len in [0, 1, 15, 16, 17, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 3 * FRAME + 5] {
        let message = message(len);
        let sealed = cipher.encrypt(&message, &context()).await.unwrap();
        assert_eq!(*cipher.decrypt(&sealed, &context()).await.unwrap(), message, "{len}");
        assert_eq!(stream(&cipher, &sealed, false).await.unwrap(), message, "{len}");
        let streamed = stream(&cipher, &message, true).await.unwrap();
        assert_eq!(streamed.len(), sealed.len(), "{len}");
        assert_eq!(*cipher.decrypt(&streamed, &context()).await.unwrap(), message, "{len}");
        assert_ne!(streamed, sealed, "each message has a salt of its own");
    }
}

#[tokio::test]
async fn what_was_changed_cut_or_moved_does_not_open() {
    let source = Source::default();
    let cipher = EnvelopeCipher::new(source.clone(), "k");
    let whole = cipher.encrypt(&message(2 * FRAME + 100), &context()).await.unwrap();
    let frames = whole.len() - (2 * (FRAME + 16) + 116);
    let refused = async |data: &[u8], what: &str| {
        assert!(cipher.decrypt(data, &context()).await.is_err(), "{what}");
        assert!(stream(&cipher, data, false).await.is_err(), "{what}");
    };
    for at in (0..frames + 40).chain((frames..whole.len()).step_by(9973)).chain([whole.len() - 1]) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        refused(&changed, &format!("byte {at}")).await;
    }
    for len in (0..frames + 20).chain([frames + FRAME + 16, frames + 2 * (FRAME + 16), whole.len() - 1]) {
        refused(&whole[..len], &format!("cut to {len}")).await;
    }
    refused(&[&whole[..], b"x"].concat(), "longer").await;
    let (first, second) = (frames..frames + FRAME + 16, frames + FRAME + 16..frames + 2 * (FRAME + 16));
    let tail = &whole[second.end..];
    refused(&[&whole[..frames], &whole[second.clone()], &whole[first.clone()], tail].concat(), "swapped")
        .await;
    refused(&[&whole[..frames], &whole[first.clone()], &whole[first.clone()], tail].concat(), "twice").await;
    refused(&[&whole[..frames], &whole[first.clone()], tail].concat(), "one left out").await;
    let other = cipher.encrypt(&message(2 * FRAME + 100), &context()).await.unwrap();
    refused(&[&whole[..second.start], &other[second.start..]].concat(), "of another message").await;
    assert_eq!(source.counts().0, 1, "both are under one data key");
}

#[tokio::test]
async fn another_context_opens_nothing_even_when_the_service_would() {
    /// A service that does not look at contexts.
    struct Blind;
    impl DataKeySource for Blind {
        fn generate<'a>(&'a self, _: &'a str, _: &'a EncryptionContext) -> DataKeyFuture<'a, WrappedDataKey> {
            Box::pin(async { Ok(WrappedDataKey { key: DataKey::new([7; 32]), wrapped: "w".to_owned() }) })
        }

        fn open<'a>(&'a self, _: &'a str, _: &'a EncryptionContext) -> DataKeyFuture<'a, DataKey> {
            Box::pin(async { Ok(DataKey::new([7; 32])) })
        }
    }
    let cipher = EnvelopeCipher::new(Blind, "k");
    // Two contexts that the service's own text cannot tell apart.
    let (one, two) =
        (EncryptionContext::new().with("a", "b&c=d"), EncryptionContext::new().with("a", "b").with("c", "d"));
    let sealed = cipher.encrypt(b"message", &one).await.unwrap();
    assert_eq!(&**cipher.decrypt(&sealed, &one).await.unwrap(), b"message");
    for other in [two, EncryptionContext::new()] {
        assert!(matches!(cipher.decrypt(&sealed, &other).await, Err(EnvelopeError::Refused)));
    }
}

#[tokio::test(start_paused = true)]
async fn data_keys_are_used_within_their_limits() {
    let source = Source::default();
    let limits = Limits { age: Duration::from_secs(60), messages: 3, bytes: 1000, entries: 10 };
    let cipher = EnvelopeCipher::with_limits(source.clone(), "k", limits);
    let encrypt = async |len: usize| cipher.encrypt(&message(len), &context()).await.unwrap();
    for _ in 0..3 {
        encrypt(10).await;
    }
    assert_eq!(source.counts().0, 1);
    encrypt(10).await;
    assert_eq!(source.counts().0, 2, "three messages");
    encrypt(1000).await;
    encrypt(10).await;
    assert_eq!(source.counts().0, 3, "a thousand bytes");
    tokio::time::advance(Duration::from_secs(61)).await;
    let sealed = encrypt(10).await;
    assert_eq!(source.counts().0, 4, "a minute");

    cipher.decrypt(&sealed, &context()).await.unwrap();
    cipher.decrypt(&sealed, &context()).await.unwrap();
    assert_eq!(source.counts().1, 1);
    tokio::time::advance(Duration::from_secs(61)).await;
    // What was kept is not used beyond its age, also when the service is away.
    source.0.away.store(true, Ordering::SeqCst);
    assert!(matches!(cipher.decrypt(&sealed, &context()).await, Err(EnvelopeError::Service(_))));
    assert!(matches!(cipher.encrypt(b"m", &context()).await, Err(EnvelopeError::Service(_))));
    source.0.away.store(false, Ordering::SeqCst);
    cipher.decrypt(&sealed, &context()).await.unwrap();
}

#[tokio::test]
async fn many_at_once_ask_once_and_contexts_have_keys_of_their_own() {
    let source = Source::default();
    let cipher = EnvelopeCipher::new(source.clone(), "k");
    let tasks: Vec<_> = (0..50)
        .map(|number| {
            let cipher = cipher.clone();
            tokio::spawn(async move {
                let context = EncryptionContext::new().with("tenant", (number % 2).to_string());
                cipher.encrypt(b"message", &context).await.unwrap()
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(source.counts().0, 2);
}

#[tokio::test]
async fn memory_is_bounded() {
    let source = Source::default();
    let limits = Limits { entries: 8, ..Limits::default() };
    let cipher = EnvelopeCipher::with_limits(source.clone(), "k", limits);
    for number in 0..200 {
        let context = EncryptionContext::new().with("n", number.to_string());
        let sealed = cipher.encrypt(b"m", &context).await.unwrap();
        cipher.decrypt(&sealed, &context).await.unwrap();
    }
    // Those that were forgotten are fetched again.
    let before = source.counts().0;
    for number in 0..200 {
        cipher.encrypt(b"m", &EncryptionContext::new().with("n", number.to_string())).await.unwrap();
    }
    assert!(source.counts().0 >= before + 190, "{}", source.counts().0 - before);
}

#[tokio::test]
async fn nothing_secret_is_shown() {
    let cipher = EnvelopeCipher::new(Source::default(), "k");
    assert!(!format!("{cipher:?}").contains("DataKey"), "{cipher:?}");
    assert_eq!(format!("{:?}", DataKey::new([65; 32])), "DataKey(redacted)");
    let error = cipher.decrypt(b"not an envelope at all", &context()).await.unwrap_err();
    assert!(matches!(error, EnvelopeError::Format(_)), "{error}");
}
