//! The sealed file, across starts of a program.
#![allow(clippy::unwrap_used)]

mod scripted;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use keystead_secrets::{
    CacheFile, CachedSecretSource as _, Freshness, SecretClient, SecretClientBuilder, SecretErrorKind,
    SecretId,
};
use scripted::{HOUR, MINUTE, SECOND, Service, answered, away, denied, missing, value};
use tokio::time::{Instant, sleep, timeout};

const KEY: [u8; 32] = [7; 32];
const MORE: &str = r#","SecretType":"Rds","ExtendedConfig":"{\"hush\":1}","NextRotationDate":"2999-01-01T00:00:00Z","RotationInterval":"600s","VersionStages":{"VersionStage":["ACSCurrent"]}"#;

struct Place {
    dir: tempfile::TempDir,
    troubles: Arc<Mutex<Vec<String>>>,
}

impl Place {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), troubles: Arc::default() }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("cache")
    }

    fn file(&self, key: &[u8; 32], name: &str) -> CacheFile {
        let troubles = self.troubles.clone();
        let told =
            move |error: &keystead_secrets::CacheFileError| troubles.lock().unwrap().push(error.to_string());
        CacheFile::new(self.path(), key).bound_to(name).on_trouble(told)
    }

    /// A start of the program.
    fn start(&self, service: &Arc<Service>) -> SecretClient {
        self.settings(service).build().unwrap()
    }

    fn settings(&self, service: &Arc<Service>) -> SecretClientBuilder {
        let client = SecretClient::builder().endpoint("one", service.client()).age(HOUR).stale_for(2 * HOUR);
        client.cache_file(self.file(&KEY, "app"))
    }

    fn troubles(&self) -> Vec<String> {
        std::mem::take(&mut self.troubles.lock().unwrap())
    }

    /// A file with the secrets `text` and `binary`.
    async fn filled(&self) -> Vec<u8> {
        let service = Service::new(|name| match name {
            "binary" => answered("v1", "binary", "AAEC", ""),
            _ => answered("v1", "text", "hush\n\"\\\u{20ac}", MORE),
        });
        let client = self.start(&service);
        client.get_all(&["text", "binary"]).await.into_iter().for_each(|value| drop(value.unwrap()));
        client.save().await.unwrap();
        fs::read(self.path()).unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_while_the_service_is_away() {
    let place = Place::new();
    let bytes = place.filled().await;
    assert!(!String::from_utf8_lossy(&bytes).contains("text") && bytes.starts_with(b"KSTDSEC\x01"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(place.path()).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), 1, "nothing is left beside it");
    let service = Service::new(away);
    let client = place.start(&service);
    assert!(client.cached("text").unwrap().unwrap().is_stale(), "without a request");
    assert_eq!(service.requests(), 0, "nobody asks for what nobody wants");
    let value = client.get("text").await.unwrap();
    let Freshness::Stale { why, .. } = value.freshness() else { panic!("it is said to be young") };
    assert_eq!((why.kind(), service.requests()), (SecretErrorKind::Unavailable, 1));
    assert_eq!((value.text().unwrap(), value.secret_type()), ("hush\n\"\\\u{20ac}", "Rds"));
    assert_eq!(
        (value.extended_config(), value.stages()),
        (Some(r#"{"hush":1}"#), &["ACSCurrent".to_owned()][..])
    );
    assert!(value.next_rotation().is_some() && value.rotation_interval() == Some(10 * MINUTE));
    assert_eq!(client.get("binary").await.unwrap().bytes().unwrap(), [0, 1, 2]);
    assert_eq!(client.get("other").await.unwrap_err().kind(), SecretErrorKind::Unavailable);
    assert_eq!(client.stats().entries, 3);
    // Not for ever: for as long as an old value may stand in.
    sleep(3 * HOUR + MINUTE).await;
    assert_eq!(client.get("text").await.unwrap_err().kind(), SecretErrorKind::Unavailable);
    assert!(place.troubles().is_empty());
    // When it is back, its values are young.
    let client = place.start(&service);
    service.says(|_| scripted::value("v2", "two"));
    let value = client.get("text").await.unwrap();
    assert!(!value.is_stale() && value.version_id() == "v2");
}

#[tokio::test(start_paused = true)]
async fn a_service_that_does_not_answer_is_waited_for_once() {
    let place = Place::new();
    place.filled().await;
    let service = Service::new(|_| value("v2", "two"));
    service.takes(6 * SECOND);
    let client = place.start(&service);
    let mut updates = client.watch("text");
    assert!(updates.next().await.unwrap().is_stale());
    for wait in [2 * SECOND, Duration::ZERO] {
        let before = Instant::now();
        assert!(client.get("text").await.unwrap().is_stale());
        assert!(before.elapsed() <= wait + SECOND / 10, "{:?}", before.elapsed());
    }
    assert_eq!(updates.next().await.unwrap().version_id(), "v2");
    assert!(!client.get("text").await.unwrap().is_stale());
    assert!(service.requests() <= 2);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_used_is_told_and_never_keeps_from_starting() {
    let place = Place::new();
    let good = place.filled().await;
    let service = Service::new(|_| value("v1", "one"));
    let mut version = good.clone();
    version[7] = 9;
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    let seal = "does not open: it is under another key or another name, or was changed or cut";
    for (content, text) in [
        (b"".to_vec(), "is no cache file of secrets"),
        (b"{\"secret\":\"hush\"}".to_vec(), "is no cache file of secrets"),
        (b"KSTDSEC\x01short".to_vec(), seal),
        (good[..good.len() - 1].to_vec(), seal),
        (changed, seal),
        (version, "has version 9 of the format, which is not known here"),
    ] {
        fs::write(place.path(), content).unwrap();
        let client = place.start(&service);
        assert!(client.cached("text").is_none() && client.get("text").await.is_ok());
        let troubles = place.troubles();
        assert!(troubles.len() == 1 && troubles[0].ends_with(text), "{troubles:?}");
        assert!(!troubles[0].contains("hush"));
        // It is replaced by one that can be used.
        client.save().await.unwrap();
        assert!(place.start(&service).cached("text").is_some());
    }
    fs::write(place.path(), &good).unwrap();
    for file in [place.file(&[8; 32], "app"), place.file(&KEY, "other"), place.file(&KEY, "")] {
        let shown = format!("{file:?}");
        assert!(!shown.contains("key"), "{shown}");
        let client =
            SecretClient::builder().endpoint("one", service.client()).cache_file(file).build().unwrap();
        assert!(client.cached("text").is_none());
        assert!(place.troubles()[0].ends_with(seal));
    }
    let small = place.settings(&service).max_bytes(0).max_entries(1);
    fs::write(place.path(), vec![0; 20_000]).unwrap();
    assert!(small.build().unwrap().cached("text").is_none());
    assert!(place.troubles()[0].contains("has more than 16384 bytes"));
    // A directory is in its place.
    fs::remove_file(place.path()).unwrap();
    fs::create_dir(place.path()).unwrap();
    let client = place.start(&service);
    assert!(client.get("text").await.is_ok());
    client.save().await.unwrap_err();
    let troubles = place.troubles();
    assert!(
        troubles[0].contains("cannot be read") && troubles[1].contains("cannot be written"),
        "{troubles:?}"
    );
    assert_eq!(fs::read_dir(place.dir.path()).unwrap().count(), 1, "nothing is left beside it");
}

/// Waits until the background has written a file that a start finds like this.
async fn until(place: &Place, wanted: impl Fn(&SecretClient) -> bool) {
    let nobody = Service::new(away);
    let found = async {
        while !wanted(&place.start(&nobody)) {
            sleep(SECOND / 10).await;
        }
    };
    timeout(20 * SECOND, found).await.expect("the file is written soon after the change");
}

#[tokio::test(start_paused = true)]
async fn changes_are_written_in_the_background_and_what_is_refused_goes() {
    let place = Place::new();
    let service = Service::new(|_| value("v1", "one"));
    let client = place.start(&service);
    let has = |client: &SecretClient, name: &str, version: &str| {
        client.cached(name).is_some_and(|value| value.unwrap().version_id() == version)
    };
    for name in ["denied", "missing", "rotated", "forgotten"] {
        client.get(name).await.unwrap();
    }
    client.get_id(&SecretId::stage("rotated", "ACSPrevious")).await.unwrap();
    until(&place, |client| client.stats().entries == 5).await;
    service.says(|name| match name {
        "denied" => denied(name),
        "missing" => missing(name),
        _ => value("v2", "two"),
    });
    for name in ["denied", "missing", "rotated"] {
        let _ = client.refresh_now(name).await;
    }
    client.invalidate("forgotten").await;
    until(&place, |client| has(client, "rotated", "v2") && client.stats().entries == 2).await;
    // Only its time has changed: that is written too, and not at once.
    let before = fs::read(place.path()).unwrap();
    client.refresh_now("rotated").await.unwrap();
    sleep(10 * SECOND).await;
    assert_eq!(before, fs::read(place.path()).unwrap());
    sleep(MINUTE).await;
    let deadline = Instant::now() + MINUTE;
    while before == fs::read(place.path()).unwrap() {
        assert!(Instant::now() < deadline);
        sleep(SECOND).await;
    }
    assert!(place.troubles().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_was_withdrawn_while_the_program_was_down() {
    let place = Place::new();
    place.filled().await;
    let service = Service::new(denied);
    let client = place.start(&service);
    assert_eq!(client.get("text").await.unwrap_err().kind(), SecretErrorKind::Denied);
    assert_eq!(client.cached("text").unwrap().unwrap_err().kind(), SecretErrorKind::Denied);
    until(&place, |client| client.cached("text").is_none() && client.cached("binary").is_some()).await;
    service.says(away);
    sleep(6 * SECOND).await;
    assert_eq!(client.get("text").await.unwrap_err().kind(), SecretErrorKind::Unavailable);
}

#[test]
fn without_a_directory_it_is_told() {
    let service = Service::new(|_| value("v1", "one"));
    let file = CacheFile::new(Path::new("/nowhere/at/all"), &KEY);
    let client = SecretClient::builder().endpoint("one", service.client()).cache_file(file).build().unwrap();
    let client = keystead_secrets::blocking::SecretClient::new(client).unwrap();
    client.get("s").unwrap();
    assert!(client.save().unwrap_err().to_string().contains("/nowhere/at/all cannot be written"));
}
