//! What the embedded backend does with its folder.
#![allow(clippy::unwrap_used)]

use std::num::NonZeroU64;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use keystead_store::embedded::{DATABASE_FILE, EmbeddedOptions, EmbeddedStore, FORMAT, LOCK_FILE};
use keystead_store::{Batch, Change, Horizon, Range, Store, StoreError};
use tempfile::TempDir;
use tokio::task::JoinSet;

fn open(dir: &Path) -> Result<EmbeddedStore, StoreError> {
    EmbeddedStore::open(dir, EmbeddedOptions::default())
}

fn put(key: &str, value: &[u8]) -> Batch {
    let mut batch = Batch::new();
    batch.put(key, "test", 1, value);
    batch
}

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

/// Not a test by itself: the second process of the test below.
#[test]
fn second_process() {
    let Some(dir) = std::env::var_os("KEYSTEAD_TEST_SECOND_PROCESS") else { return };
    match open(Path::new(&dir)) {
        Err(error @ StoreError::InUse { .. }) => panic!("refused: {error}."),
        other => panic!("not refused: {:?}", other.map(|store| store.dir().to_owned())),
    }
}

#[test]
fn a_second_process_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().canonicalize().unwrap();
    let store = open(&path).unwrap();
    let second = Command::new(std::env::current_exe().unwrap())
        .args(["second_process", "--exact", "--nocapture"])
        .env("KEYSTEAD_TEST_SECOND_PROCESS", &path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&second.stderr);
    let expected =
        format!("refused: the folder {} is in use by process {};", path.display(), std::process::id());
    assert!(told.contains(&expected), "{told}");

    // In the same process, too.
    match open(&path).map(drop) {
        Err(StoreError::InUse { folder, holder }) => {
            assert_eq!((folder, holder), (path.clone(), Some(std::process::id())));
        }
        other => panic!("{other:?}"),
    }
    drop(store);
    open(&path).unwrap();
}

#[tokio::test]
async fn folder_and_files_are_for_the_owner_alone() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("made/by the store");
    let store = open(&path).unwrap();
    store.commit(put("a", b"1")).await.unwrap();
    assert_eq!(mode(&path), 0o700);
    for suffix in ["", "-wal", "-shm"] {
        assert_eq!(mode(&path.join(format!("{DATABASE_FILE}{suffix}"))), 0o600, "{suffix}");
    }
    assert_eq!(mode(&path.join(LOCK_FILE)), 0o600);
    drop(store);

    let loosen = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    loosen(&path, 0o755);
    loosen(&path.join(DATABASE_FILE), 0o644);
    let _store = open(&path).unwrap();
    assert_eq!(mode(&path), 0o700, "an open folder is closed again");
    assert_eq!(mode(&path.join(DATABASE_FILE)), 0o600);
    assert_eq!(mode(&path.join(format!("{DATABASE_FILE}-wal"))), 0o600);
}

#[test]
fn a_newer_format_is_refused() {
    let dir = TempDir::new().unwrap();
    drop(open(dir.path()).unwrap());
    let file = dir.path().join(DATABASE_FILE);
    let database = rusqlite::Connection::open(&file).unwrap();
    database.execute("UPDATE meta SET value = ?1 WHERE name = 'format'", [(FORMAT + 1).to_string()]).unwrap();
    drop(database);
    let before = std::fs::read(&file).unwrap();
    let error = open(dir.path()).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::NewerFormat { found: 2, known: 1 }), "{error:?}");
    assert!(error.to_string().contains("use a newer version"));
    assert!(std::fs::read(&file).unwrap() == before, "what is refused is not touched");
}

#[test]
fn what_is_no_store_is_refused() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join(DATABASE_FILE);
    rusqlite::Connection::open(&file).unwrap().execute_batch("CREATE TABLE records(a)").unwrap();
    let error = open(dir.path()).map(drop).unwrap_err();
    assert!(matches!(&error, StoreError::Corrupt(why) if why.contains("another program's")), "{error:?}");

    std::fs::write(&file, "not a database, but long enough to look at it; ".repeat(100)).unwrap();
    let error = open(dir.path()).map(drop).unwrap_err();
    assert!(matches!(error, StoreError::Corrupt(_)), "{error:?}");

    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(open(dir.path()).is_err());
}

#[tokio::test]
async fn a_folder_of_format_1_opens() {
    let dir = TempDir::new().unwrap();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/v1").join(DATABASE_FILE);
    std::fs::copy(kept, dir.path().join(DATABASE_FILE)).unwrap();
    let store = open(dir.path()).unwrap();
    assert_eq!(store.horizon(), Horizon::At(3));
    let records = store.scan(Range::all(), None, 10).await.unwrap();
    let found: Vec<_> = records
        .iter()
        .map(|record| {
            (
                record.key.as_str(),
                record.kind.as_str(),
                record.format,
                record.revision,
                record.value.as_slice(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("a/1/alias/main", "alias", 2, 1, b"k1".as_slice()),
            ("a/1/key/k1", "key", 1, 2, b"replaced".as_slice()),
            ("a/1/key/\u{5bc6}\u{94a5}", "key", 65_535, 1, [0, 255, 10].as_slice()),
        ]
    );
    let changes = store.changes(0, 100).await.unwrap();
    assert_eq!((changes.entries.len(), changes.through), (6, 3));
    assert_eq!(changes.entries[5], Change { revision: 3, key: "a/1/key/gone".to_owned() });
    assert_eq!(store.commit(put("next", b"1")).await.unwrap(), 4);
}

/// Makes the folder for the test above. Run it once for each released format, and keep what it made for good.
#[tokio::test]
#[ignore = "writes test data"]
async fn make_the_folder_of_this_format() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).unwrap();
    let mut batch = Batch::new();
    batch.create("a/1/key/k1", "key", 1, *b"first").create("a/1/alias/main", "alias", 2, *b"k1");
    batch.create("a/1/key/\u{5bc6}\u{94a5}", "key", 65_535, [0, 255, 10]).create(
        "a/1/key/gone",
        "key",
        1,
        *b"",
    );
    store.commit(batch).await.unwrap();
    let read = store.get("a/1/key/k1").await.unwrap().unwrap();
    let mut batch = Batch::new();
    batch.replace(&read, *b"replaced");
    store.commit(batch).await.unwrap();
    let mut batch = Batch::new();
    batch.delete("a/1/key/gone");
    store.commit(batch).await.unwrap();
    drop(store);
    let to = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/data/v{FORMAT}"));
    std::fs::create_dir_all(&to).unwrap();
    std::fs::copy(dir.path().join(DATABASE_FILE), to.join(DATABASE_FILE)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_beside_live_writes_is_consistent_and_opens() {
    let dir = TempDir::new().unwrap();
    let store = Arc::new(open(&dir.path().join("live")).unwrap());
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        let store = store.clone();
        writers.spawn(async move {
            for number in 0..200 {
                let mut batch = Batch::new();
                batch.put(format!("a/{writer}"), "test", 1, format!("{number}"));
                batch.put(format!("z/{writer}"), "test", 1, format!("{number}"));
                store.commit(batch).await.unwrap();
            }
        });
    }
    let restored = dir.path().join("restored");
    std::fs::create_dir(&restored).unwrap();
    let to = restored.join(DATABASE_FILE);
    // Some of the writes come before it.
    store.head_watch().wait_for(|head| *head >= 50).await.unwrap();
    let before = store.horizon();
    store.backup(to.clone()).await.unwrap();
    writers.join_all().await;
    assert_eq!(mode(&to), 0o600);
    assert!(
        matches!(store.backup(to.clone()).await, Err(StoreError::Io { .. })),
        "a backup is not overwritten"
    );
    assert_eq!(std::fs::read_dir(&restored).unwrap().count(), 1, "nothing is left beside it");

    let copy = open(&restored).unwrap();
    let (Horizon::At(head), Horizon::At(before)) = (copy.horizon(), before) else { panic!("lost") };
    assert!(head >= before && head <= 800, "{before} {head}");
    let changes = copy.changes(0, 10_000).await.unwrap();
    assert_eq!((changes.entries.len() as u64, changes.through), (head * 2, head));
    let first = copy.scan(Range::prefix("a/"), None, 10).await.unwrap();
    let second = copy.scan(Range::prefix("z/"), None, 10).await.unwrap();
    let plain = |records: &[keystead_store::Record]| {
        records.iter().map(|record| (record.revision, record.value.clone())).collect::<Vec<_>>()
    };
    assert_eq!(plain(&first), plain(&second));
    assert_eq!(copy.commit(put("a", b"1")).await.unwrap(), head + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_is_trimmed_and_says_so() {
    let dir = TempDir::new().unwrap();
    let options = EmbeddedOptions {
        kept_revisions: NonZeroU64::new(10).unwrap(),
        recent_changes: 4,
        ..EmbeddedOptions::default()
    };
    let store = Arc::new(EmbeddedStore::open(dir.path(), options.clone()).unwrap());
    let mut commits = JoinSet::new();
    for number in 0..3_000 {
        let store = store.clone();
        commits.spawn(async move { store.commit(put(&format!("{number}"), b"1")).await.unwrap() });
    }
    commits.join_all().await;
    let floor = match store.changes(0, 10).await {
        Err(StoreError::FeedGap { after: 0, floor }) => floor,
        other => panic!("{other:?}"),
    };
    assert!((1_000..=2_990).contains(&floor), "{floor}");
    assert!(matches!(store.changes(floor - 1, 10).await, Err(StoreError::FeedGap { .. })));
    let kept = store.changes(floor, 10_000).await.unwrap();
    assert_eq!((kept.entries.len() as u64, kept.through), (3_000 - floor, 3_000));
    assert_eq!(store.changes(2_998, 10).await.unwrap().entries.len(), 2);
    assert_eq!(store.count(Range::all()).await.unwrap(), 3_000, "trimming the feed leaves the records");

    drop(store);
    let store = EmbeddedStore::open(dir.path(), options).unwrap();
    assert!(matches!(store.changes(floor - 1, 10).await, Err(StoreError::FeedGap { .. })));
    assert_eq!(store.changes(floor, 10_000).await.unwrap(), kept);
}

#[tokio::test]
async fn dropping_the_store_finishes_what_is_queued() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).unwrap();
    for number in 0..100 {
        let mut commit = store.commit(put(&format!("{number:03}"), b"1"));
        // Hands it over and goes.
        std::future::poll_fn(|context| std::task::Poll::Ready(commit.as_mut().poll(context).is_ready()))
            .await;
    }
    drop(store);
    let wal = dir.path().join(format!("{DATABASE_FILE}-wal"));
    assert!(wal.metadata().map_or(0, |wal| wal.len()) == 0, "the log was moved into the database");
    let store = open(dir.path()).unwrap();
    assert_eq!(store.count(Range::all()).await.unwrap(), 100);
    assert_eq!(store.horizon(), Horizon::At(100));
}

/// Values of many sizes, among many that stay, so that pages fill, split, empty and are used again.
#[tokio::test]
async fn what_was_deleted_or_replaced_is_in_no_file_after_a_scrub() {
    let dir = TempDir::new().unwrap();
    let store = open(dir.path()).unwrap();
    // Long enough not to be there by chance; not compressible into one another.
    let value = |number: usize, round: usize| {
        let text = format!("<{number:05} in round {round}>");
        text.repeat(1 + number % 400 / (1 + number % 7)).into_bytes()
    };
    let marker = |number: usize, round: usize| format!("<{number:05} in round {round}>").into_bytes();
    let gone = |number: usize| number.is_multiple_of(3);
    for round in 0..2 {
        for chunk in (0..1_500).collect::<Vec<_>>().chunks(100) {
            let mut batch = Batch::new();
            for number in chunk {
                batch.put(format!("{}", (number * 7_919) % 1_500), "test", 1, value(*number, round));
            }
            store.commit(batch).await.unwrap();
        }
    }
    let mut batch = Batch::new();
    for number in (0..1_500).filter(|number| gone(*number)) {
        batch.delete(format!("{}", (number * 7_919) % 1_500));
    }
    store.commit(batch).await.unwrap();
    let found = || {
        let files = std::fs::read_dir(dir.path()).unwrap();
        let mut found = std::collections::BTreeSet::new();
        for file in files {
            let bytes = std::fs::read(file.unwrap().path()).unwrap();
            for (at, _) in bytes.iter().enumerate().filter(|(_, byte)| **byte == b'<') {
                found.extend(bytes.get(at..at + 18).map(<[u8]>::to_vec));
            }
        }
        found
    };
    assert!(found().contains(&marker(0, 0)), "the search finds what is in the log");
    store.scrub().await.unwrap();
    let found = found();
    for number in 0..1_500 {
        assert!(!found.contains(&marker(number, 0)), "{number} was replaced");
        assert_eq!(found.contains(&marker(number, 1)), !gone(number), "{number}");
    }
    assert_eq!(store.count(Range::all()).await.unwrap(), 1_000);
    assert_eq!(store.commit(put("next", b"1")).await.unwrap(), 32);
}
