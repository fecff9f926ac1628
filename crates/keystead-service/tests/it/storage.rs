//! What stands in the store and in logs, and what an engine makes of records that it did not write.

use std::cell::RefCell;
use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, Once};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use keystead_crypto::{Random, RandomError, SystemRandom};
use keystead_service::clock::ManualClock;
use keystead_service::records::{
    AccessKeyRecord, AccountRecord, AliasRecord, InstallationRecord, KeyAliasRecord, KeyRecord,
    KeyVersionRecord, SecretRecord, SecretValueRecord, ServiceCaRecord, Stored, path,
};
use keystead_service::{Engine, EngineConfig, OpenError};
use keystead_store::embedded::EmbeddedOptions;
use keystead_store::faulty::FaultyStore;
use keystead_store::{Batch, Range, Record, Store};
use serde_json::Value;
use tracing::field::{Field, Visit};
use tracing::span;

use crate::harness::{Client, PATIENT, Row, START, World, check, client, root_key, text};

/// The system's randomness, remembered.
#[derive(Default)]
struct Remembering(Mutex<Vec<Vec<u8>>>);

impl Random for Remembering {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
        SystemRandom.fill(out)?;
        self.0.lock().unwrap().push(out.to_vec());
        Ok(())
    }
}

thread_local! {
    static LOG: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Keeps the events of the threads that ask for it. There is one for the process: whether an event is looked at is decided
/// once for each place in the code, so that logs that come and go with tests would miss some.
struct Logs;

impl Logs {
    /// From now on this thread's events are kept.
    fn keep() {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| tracing::subscriber::set_global_default(Logs).unwrap());
        LOG.set(Some(String::new()));
    }

    /// What was logged since.
    fn take() -> String {
        LOG.replace(Some(String::new())).unwrap()
    }

    fn add(write: impl FnOnce(&mut String)) {
        LOG.with_borrow_mut(|log| log.as_mut().map(write));
    }
}

impl tracing::Subscriber for Logs {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, attributes: &span::Attributes<'_>) -> span::Id {
        Self::add(|log| attributes.record(&mut Line(log)));
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, values: &span::Record<'_>) {
        Self::add(|log| values.record(&mut Line(log)));
    }

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        Self::add(|log| {
            write!(log, "{} ", event.metadata().level()).unwrap();
            event.record(&mut Line(log));
            log.push('\n');
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

struct Line<'a>(&'a mut String);

impl Visit for Line<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, "{}={value:?} ", field.name()).unwrap();
    }
}

async fn everything(store: &Arc<dyn Store>) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    loop {
        let after = records.last().map(|record| record.key.clone());
        let page = store.scan(Range::all(), after, 1000).await.unwrap();
        let last = page.len() < 1000;
        records.extend(page);
        if last {
            return records;
        }
    }
}

/// Every text in a record, and what it is when it is base64.
fn contents(value: &Value, out: &mut Vec<Vec<u8>>) {
    match value {
        Value::String(text) => {
            out.extend(STANDARD.decode(text));
            out.push(text.as_bytes().to_vec());
        }
        Value::Array(items) => items.iter().for_each(|item| contents(item, out)),
        Value::Object(fields) => fields.values().for_each(|field| contents(field, out)),
        _ => {}
    }
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// The forms in which a secret could show.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let encoded = STANDARD.encode(secret).trim_end_matches('=').as_bytes().to_vec();
    vec![
        secret.to_vec(),
        encoded,
        hex::encode(secret).into_bytes(),
        hex::encode_upper(secret).into_bytes(),
        // As `{:?}` shows bytes.
        format!("{secret:?}").trim_matches(['[', ']']).as_bytes().to_vec(),
    ]
}

#[tokio::test]
async fn no_secret_is_stored_or_logged() {
    Logs::keep();
    let random = Arc::new(Remembering::default());
    let world = World::with(random.clone(), EmbeddedOptions::default()).await;
    let client = world.client().await;
    let key = client.key().await;
    let mut answers = Vec::new();

    // Canaries through every operation that takes something secret, also in calls that fail.
    let planted = [
        "canary-plaintext-7f3a",
        "canary-secret-value-91c2",
        "canary-second-value-44de",
        "canary-account-password-58b0",
    ];
    let blob = client.encrypt(&key, planted[0]).await;
    let made = client.ok("GenerateDataKey", &[("KeyId", &key)]).await;
    let data_key = STANDARD.decode(text(&made["Plaintext"])).unwrap();
    let password = text(&client.ok("GetRandomPassword", &[]).await["RandomPassword"]);
    for (name, chosen) in [("without", ""), ("with", key.as_str())] {
        let create = [
            ("SecretName", name),
            ("VersionId", "v1"),
            ("SecretData", planted[1]),
            ("EncryptionKeyId", chosen),
        ];
        client.ok("CreateSecret", &create).await;
        let put = [("SecretName", name), ("VersionId", "v2"), ("SecretData", planted[2])];
        client.ok("PutSecretValue", &put).await;
        let clash = [("SecretName", name), ("VersionId", "v1"), ("SecretData", planted[2])];
        answers.push(client.call("PutSecretValue", &clash).await.unwrap_err());
        client.ok("GetSecretValue", &[("SecretName", name)]).await;
    }
    let login =
        |name: &str| format!(r#"{{"Accounts":[{{"{name}":"app","AccountPassword":"{}"}}]}}"#, planted[3]);
    let (wrong, right) = (login("Name"), login("AccountName"));
    let account = |login| {
        [
            ("SecretName", "account"),
            ("SecretType", "Rds"),
            ("VersionId", "v1"),
            ("ExtendedConfig", r#"{"SecretSubType":"SingleUser","DBInstanceId":"rm-1"}"#),
            ("SecretData", login),
        ]
    };
    answers.push(client.call("CreateSecret", &account(&wrong)).await.unwrap_err());
    answers.push(client.call("CreateSecret", &account(planted[3])).await.unwrap_err());
    client.ok("CreateSecret", &account(&right)).await;
    let list = r#"[{"SecretName":"account"},{"SecretName":"with"},{"SecretName":"none"}]"#;
    client.ok("BatchGetSecretValue", &[("SecretsList", list)]).await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    client.ok("DisableKey", &[("KeyId", &key)]).await;
    answers.push(client.call("Encrypt", &[("KeyId", &key), ("Plaintext", planted[0])]).await.unwrap_err());
    answers.push(client.call("Decrypt", &[("CiphertextBlob", &blob)]).await.unwrap_err());
    let bad = [("KeyId", key.as_str()), ("Plaintext", planted[0]), ("DryRun", planted[0])];
    answers.push(client.call("Encrypt", &bad).await.unwrap_err());
    let bad = [("SecretName", "s"), ("VersionId", "v"), ("SecretData", planted[1]), ("SecretDataType", "x")];
    answers.push(client.call("CreateSecret", &bad).await.unwrap_err());

    // Account keys, key material and data keys are draws of 32 bytes.
    let draws = random.0.lock().unwrap().clone();
    let materials: Vec<_> = draws.into_iter().filter(|draw| draw.len() == 32).collect();
    assert!(materials.len() >= 3 && materials.contains(&data_key), "{}", materials.len());
    let mut secrets: Vec<&[u8]> = planted.iter().map(|text| text.as_bytes()).collect();
    secrets.extend(materials.iter().map(Vec::as_slice));
    secrets.extend([world.access_key_secret.as_bytes(), password.as_bytes()]);
    let root = root_key();
    secrets.push(root.expose());

    let records = everything(&world.store).await;
    let mut stored = Vec::new();
    for record in &records {
        stored.push(record.value.clone());
        stored.push(record.key.clone().into_bytes());
        contents(&serde_json::from_slice(&record.value).unwrap(), &mut stored);
    }
    // The scan does find things: names are stored in plain.
    assert!(stored.iter().any(|bytes| holds(bytes, b"without")));
    let mut files = Vec::new();
    for entry in std::fs::read_dir(world.dir.path().join("data")).unwrap() {
        files.push(std::fs::read(entry.unwrap().path()).unwrap());
    }
    assert!(files.iter().any(|bytes| holds(bytes, b"without")));
    let told = format!(
        "{answers:?} {} {}",
        Logs::take(),
        answers.iter().map(ToString::to_string).collect::<String>()
    );
    for secret in &secrets {
        for form in forms(secret) {
            assert!(!stored.iter().chain(&files).any(|bytes| holds(bytes, &form)), "a secret is stored");
            assert!(!holds(told.as_bytes(), &form), "a secret was told or logged");
        }
    }
    // The context and the plaintext of a sealed value are not in its record either; what is there is declared.
    assert_eq!(kinds(&records), ALL_KINDS);
    for record in &records {
        assert_eq!(Some(record.format), format_of(&record.kind), "{}", record.key);
    }
}

/// Every kind of record with its format, sorted.
const ALL_KINDS: &[&str] = &[
    AccessKeyRecord::KIND,
    AccountRecord::KIND,
    AliasRecord::KIND,
    InstallationRecord::KIND,
    KeyRecord::KIND,
    KeyAliasRecord::KIND,
    KeyVersionRecord::KIND,
    SecretRecord::KIND,
    SecretValueRecord::KIND,
    ServiceCaRecord::KIND,
];

fn kinds(records: &[Record]) -> Vec<&str> {
    let mut kinds: Vec<_> = records.iter().map(|record| record.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds
}

fn format_of(kind: &str) -> Option<u16> {
    let formats = [
        AccessKeyRecord::FORMAT,
        AccountRecord::FORMAT,
        AliasRecord::FORMAT,
        InstallationRecord::FORMAT,
        KeyRecord::FORMAT,
        KeyAliasRecord::FORMAT,
        KeyVersionRecord::FORMAT,
        SecretRecord::FORMAT,
        SecretValueRecord::FORMAT,
        ServiceCaRecord::FORMAT,
    ];
    ALL_KINDS.iter().position(|known| *known == kind).map(|index| formats[index])
}

/// Puts a record back with another kind, format or value.
async fn replace(store: &Arc<dyn Store>, key: &str, kind: Option<&str>, format: u16, value: Option<&[u8]>) {
    let record = store.get(key).await.unwrap().unwrap();
    let mut batch = Batch::new();
    batch.put(key, kind.unwrap_or(&record.kind), format, value.unwrap_or(&record.value));
    store.commit(batch).await.unwrap();
}

const BROKEN: &str = "500 InternalFailure";

#[tokio::test]
async fn a_record_that_cannot_be_understood_is_refused_and_logged() {
    Logs::keep();
    let world = World::new().await;
    let client = world.client().await;
    let key = client.key().await;
    let at = path::key(client.account(), &key);
    let good = world.store.get(&at).await.unwrap().unwrap();
    let rows = [
        ("DescribeKey", &[("KeyId", key.as_str())][..], BROKEN),
        ("Encrypt", &[("KeyId", &key), ("Plaintext", "x")], BROKEN),
        ("EnableKey", &[("KeyId", &key)], BROKEN),
        ("DisableKey", &[("KeyId", &key)], BROKEN),
        ("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)], BROKEN),
        ("ListKeys", &[], BROKEN),
    ];
    let half = &good.value[..good.value.len() / 2];
    let unknown_state =
        String::from_utf8(good.value.clone()).unwrap().replace("\"Enabled\"", "\"Canary-state\"");
    for (kind, format, value) in [
        (None, KeyRecord::FORMAT + 1, None),
        (Some("alias"), KeyRecord::FORMAT, None),
        (None, KeyRecord::FORMAT, Some(half)),
        (None, KeyRecord::FORMAT, Some(b"{}".as_slice())),
        (None, KeyRecord::FORMAT, Some(b"\xff\xfe")),
        // An unknown state allows nothing.
        (None, KeyRecord::FORMAT, Some(unknown_state.as_bytes())),
    ] {
        Logs::take();
        replace(&world.store, &at, kind, format, value).await;
        check(&client, &rows).await;
        let logged = Logs::take();
        assert_eq!(logged.matches("ERROR").count(), rows.len(), "{logged}");
        assert!(logged.contains(&at) && !logged.contains("Canary-state"), "{logged}");
        // The key is as it was, untouched by those who could not read it.
        let record = world.store.get(&at).await.unwrap().unwrap();
        assert_eq!((record.format, &record.value), (format, &value.unwrap_or(&good.value).to_vec()));
        replace(&world.store, &at, Some(KeyRecord::KIND), KeyRecord::FORMAT, Some(&good.value)).await;
        check(&client, &[("Encrypt", &[("KeyId", &key), ("Plaintext", "x")], "ok")]).await;
    }
    // The caller learns nothing of the inside.
    replace(&world.store, &at, None, 99, None).await;
    let error = client.call("DescribeKey", &[("KeyId", &key)]).await.unwrap_err();
    assert_eq!(error.message(), "Internal Failure.");
}

#[tokio::test]
async fn a_newer_format_of_any_record_is_refused() {
    let client = client().await;
    let store = client.engine.store().clone();
    let account = client.account().to_owned();
    let key = client.key().await;
    client.ok("CreateAlias", &[("AliasName", "alias/a"), ("KeyId", &key)]).await;
    let secret = [("SecretName", "s"), ("VersionId", "v"), ("SecretData", "x"), ("EncryptionKeyId", &key)];
    client.ok("CreateSecret", &secret).await;
    let other = [("SecretName", "o"), ("VersionId", "v"), ("SecretData", "x")];
    for record in everything(&store).await {
        let rows: &[Row<'_>] = match record.kind.as_str() {
            "alias" => &[("DescribeKey", &[("KeyId", "alias/a")], BROKEN), ("ListAliases", &[], BROKEN)],
            "key" => &[("DescribeKey", &[("KeyId", &key)], BROKEN), ("GetSecretValue", &secret[..1], BROKEN)],
            "secret" => &[("GetSecretValue", &secret[..1], BROKEN), ("ListSecrets", &[], BROKEN)],
            "secret-value" => &[("GetSecretValue", &secret[..1], BROKEN)],
            "account" => &[("CreateKey", &[], BROKEN), ("CreateSecret", &other, BROKEN)],
            _ => continue,
        };
        replace(&store, &record.key, None, record.format + 1, None).await;
        check(&client, rows).await;
        replace(&store, &record.key, None, record.format, None).await;
    }
    // A key version whose material was opened before is not read again; a new engine has to.
    let version =
        text(&client.ok("DescribeKey", &[("KeyId", &key)]).await["KeyMetadata"]["PrimaryKeyVersion"]);
    let blob = client.encrypt(&key, "x").await;
    replace(&store, &path::key_version(&version), None, KeyVersionRecord::FORMAT + 1, None).await;
    check(&client, &[("Decrypt", &[("CiphertextBlob", &blob)], BROKEN)]).await;

    // Without its installation or its account no engine starts.
    for at in [path::INSTALLATION.to_owned(), path::account(&account)] {
        replace(&store, &at, None, 99, None).await;
        assert!(matches!(open(&store, [0x52; 32]).await, Err(OpenError::Image(_))), "{at}");
        replace(&store, &at, None, 1, None).await;
    }
    assert!(open(&store, [0x52; 32]).await.is_ok());
    assert!(matches!(open(&store, [0x53; 32]).await, Err(OpenError::WrongRootKey)));
    let dir = tempfile::TempDir::new().unwrap();
    let empty =
        keystead_store::embedded::EmbeddedStore::open(dir.path(), EmbeddedOptions::default()).unwrap();
    assert!(matches!(open(&(Arc::new(empty) as _), [0x52; 32]).await, Err(OpenError::NotInstalled)));
}

async fn open(store: &Arc<dyn Store>, root: [u8; 32]) -> Result<Arc<Engine>, OpenError> {
    let root = keystead_crypto::KeyMaterial::from_bytes(zeroize::Zeroizing::new(root.to_vec()));
    let clock = Arc::new(ManualClock::at(START));
    Engine::open(store.clone(), &root, clock, Arc::new(SystemRandom), EngineConfig::default()).await
}

async fn primary(client: &Client, key: &str) -> String {
    text(&client.ok("DescribeKey", &[("KeyId", key)]).await["KeyMetadata"]["PrimaryKeyVersion"])
}

/// Who can write to the store cannot make one key work with another one's material.
#[tokio::test]
async fn material_stands_for_its_own_version_only() {
    let client = client().await;
    let store = client.engine.store().clone();
    let (one, two) = (client.key().await, client.key().await);
    let blob = client.encrypt(&one, "x").await;
    let at =
        [path::key_version(&primary(&client, &one).await), path::key_version(&primary(&client, &two).await)];
    let encrypt = [("KeyId", two.as_str()), ("Plaintext", "x")];

    // The whole record of the one under the other's id.
    let record_of_one = store.get(&at[0]).await.unwrap().unwrap();
    let record_of_two = store.get(&at[1]).await.unwrap().unwrap();
    replace(&store, &at[1], None, 1, Some(&record_of_one.value)).await;
    check(&client, &[("Encrypt", &encrypt, BROKEN), ("GenerateDataKey", &encrypt[..1], BROKEN)]).await;

    // Only the sealed material.
    replace(&store, &at[1], None, 1, Some(&record_of_two.value)).await;
    let of_one: KeyVersionRecord = serde_json::from_slice(&record_of_one.value).unwrap();
    client
        .rewrite::<KeyVersionRecord>(&at[1], |version| {
            version.sealed_material = of_one.sealed_material.clone()
        })
        .await;
    check(&client, &[("Encrypt", &encrypt, BROKEN)]).await;

    // A blob that names the other's version is not opened through a version record that names the first key.
    let forged = {
        let blob = STANDARD.decode(&blob).unwrap();
        STANDARD.encode([primary(&client, &two).await.as_bytes(), &blob[36..]].concat())
    };
    replace(&store, &at[1], None, 1, Some(&record_of_one.value)).await;
    let ended = client.call("Decrypt", &[("CiphertextBlob", &forged)]).await;
    assert!(ended.is_err(), "a blob was opened under another version's id: {ended:?}");

    // The right record again: nothing was broken for good.
    replace(&store, &at[1], None, 1, Some(&record_of_two.value)).await;
    check(&client, &[("Encrypt", &encrypt, "ok"), ("Decrypt", &[("CiphertextBlob", &blob)], "ok")]).await;
}

#[tokio::test]
async fn a_value_stands_for_its_own_secret_and_version_only() {
    let client = client().await;
    let store = client.engine.store().clone();
    let key = client.key().await;
    for (name, chosen) in [("a", ""), ("b", ""), ("c", key.as_str()), ("d", key.as_str())] {
        let create =
            [("SecretName", name), ("VersionId", "v1"), ("SecretData", name), ("EncryptionKeyId", chosen)];
        client.ok("CreateSecret", &create).await;
        let put = [("SecretName", name), ("VersionId", "v2"), ("SecretData", "second")];
        client.ok("PutSecretValue", &put).await;
    }
    let mut at = std::collections::BTreeMap::new();
    for name in ["a", "b", "c", "d"] {
        let record = store.get(&path::secret(client.account(), name)).await.unwrap().unwrap();
        let secret: SecretRecord = serde_json::from_slice(&record.value).unwrap();
        for version in ["v1", "v2"] {
            at.insert((name, version), path::secret_value(client.account(), &secret.uid, version));
        }
    }
    for (from, to) in [
        (("a", "v2"), ("a", "v1")),
        (("b", "v1"), ("a", "v1")),
        (("c", "v1"), ("a", "v1")),
        (("c", "v2"), ("c", "v1")),
        (("d", "v1"), ("c", "v1")),
        (("a", "v1"), ("c", "v1")),
    ] {
        let good = store.get(&at[&to]).await.unwrap().unwrap();
        let other = store.get(&at[&from]).await.unwrap().unwrap();
        replace(&store, &at[&to], None, 1, Some(&other.value)).await;
        let get = [("SecretName", to.0), ("VersionId", to.1)];
        check(&client, &[("GetSecretValue", &get, BROKEN)]).await;
        replace(&store, &at[&to], None, 1, Some(&good.value)).await;
        assert_eq!(text(&client.ok("GetSecretValue", &get).await["SecretData"]), to.0);
    }
}

/// An AccessKey's secret stands for its own id and account.
#[tokio::test]
async fn an_access_key_stands_for_itself() {
    let world = World::new().await;
    let client = world.client().await;
    let record = world.store.get(&path::access_key(&world.access_key_id)).await.unwrap().unwrap();
    let mut stolen: AccessKeyRecord = serde_json::from_slice(&record.value).unwrap();
    stolen.access_key_id = "LTAI5tStolen".to_owned();
    let mut batch = Batch::new();
    let value = serde_json::to_vec(&stolen).unwrap();
    batch.create(path::access_key("LTAI5tStolen"), record.kind, record.format, value);
    world.store.commit(batch).await.unwrap();
    let signed = crate::harness::authenticate(&client.engine, "LTAI5tStolen", &world.access_key_secret).await;
    assert!(signed.is_err());
}

/// What an engine acknowledged is there when the folder is opened again.
#[tokio::test]
async fn an_installation_survives_being_closed() {
    let world = World::new().await;
    let client = world.client().await;
    let key = client.key().await;
    let blob = client.encrypt(&key, "x").await;
    client.ok("CreateSecret", &[("SecretName", "s"), ("VersionId", "v"), ("SecretData", "y")]).await;
    let copy = world.dir.path().join("copy");
    std::fs::create_dir(&copy).unwrap();
    world.store.backup(copy.join(keystead_store::embedded::DATABASE_FILE)).await.unwrap();
    let store: Arc<dyn Store> =
        Arc::new(keystead_store::embedded::EmbeddedStore::open(&copy, EmbeddedOptions::default()).unwrap());
    let again = world.client_over(store, crate::harness::PATIENT).await;
    assert_eq!(text(&again.ok("Decrypt", &[("CiphertextBlob", &blob)]).await["Plaintext"]), "x");
    assert_eq!(text(&again.ok("GetSecretValue", &[("SecretName", "s")]).await["SecretData"]), "y");
    let described = again.ok("DescribeKey", &[("KeyId", &key)]).await;
    assert_eq!(described["KeyMetadata"]["KeyState"], "Enabled");
}

/// What only encrypts needs a key's record and its opened version; that the image holds one record of each key and not two is
/// why twice as many keys fit into it.
#[tokio::test]
async fn a_version_that_was_only_opened_does_not_stay_in_the_image() {
    let world = World::new().await;
    let id = world.client().await.key().await;
    let store = FaultyStore::new(world.store.clone());
    let client = world.client_over(store.clone(), PATIENT).await;
    let mut before = (store.reads(), client.engine.image_bytes());
    let mut added = || {
        let now = (store.reads(), client.engine.image_bytes());
        let (reads, bytes) = (now.0 - before.0, now.1 - before.1);
        before = now;
        (reads, bytes)
    };
    client.ok("DescribeKey", &[("KeyId", &id)]).await;
    added();
    let blob = client.encrypt(&id, "x").await;
    let (reads, _) = added();
    assert!(reads >= 1, "the version is read");
    client.encrypt(&id, "x").await;
    assert_eq!(added(), (0, 0), "it is opened");
    // Who decrypts finds the key by its version: from then on that stays.
    client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await;
    let (reads, bytes) = added();
    assert_eq!(reads, 1);
    assert!(bytes > 0);
    client.ok("Decrypt", &[("CiphertextBlob", &blob)]).await;
    assert_eq!(added(), (0, 0));
}
