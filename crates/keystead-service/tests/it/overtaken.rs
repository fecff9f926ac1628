//! Changes that are overtaken between their reading and their commit: they are decided again.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use keystead_api::Timestamp;
use keystead_service::records::{
    DueKind, DueRecord, KeyRecord, KeyState, SecretRecord, SecretRotation, Stored, path,
};
use keystead_store::{Batch, Changes, Horizon, Range, Record, Revision, Store, StoreFuture};
use serde_json::Value;
use tokio::sync::watch;

use crate::harness::{Client, PATIENT, START, World, check};

/// Commits what it was given just before the next commit, so that this one is overtaken.
struct Overtaking {
    inner: Arc<dyn Store>,
    first: Mutex<Option<Batch>>,
}

impl Store for Overtaking {
    fn get(&self, key: &str) -> StoreFuture<'_, Option<Record>> {
        self.inner.get(key)
    }

    fn get_many(&self, keys: Vec<String>) -> StoreFuture<'_, Vec<Option<Record>>> {
        self.inner.get_many(keys)
    }

    fn scan(&self, range: Range, after: Option<String>, limit: usize) -> StoreFuture<'_, Vec<Record>> {
        self.inner.scan(range, after, limit)
    }

    fn count(&self, range: Range) -> StoreFuture<'_, u64> {
        self.inner.count(range)
    }

    fn commit(&self, batch: Batch) -> StoreFuture<'_, Revision> {
        Box::pin(async move {
            let first = self.first.lock().unwrap().take();
            if let Some(first) = first {
                self.inner.commit(first).await?;
            }
            self.inner.commit(batch).await
        })
    }

    fn changes(&self, after: Revision, limit: usize) -> StoreFuture<'_, Changes> {
        self.inner.changes(after, limit)
    }

    fn horizon(&self) -> Horizon {
        self.inner.horizon()
    }

    fn head_watch(&self) -> watch::Receiver<Revision> {
        self.inner.head_watch()
    }

    fn scrub(&self) -> StoreFuture<'_, ()> {
        self.inner.scrub()
    }

    fn backup(&self, to: PathBuf) -> StoreFuture<'_, ()> {
        self.inner.backup(to)
    }
}

impl Overtaking {
    /// Has a record changed just before the next commit.
    async fn change<T: Stored>(&self, key: &str, change: impl FnOnce(&mut T)) {
        let record = self.inner.get(key).await.unwrap().unwrap();
        let mut value: T = serde_json::from_slice(&record.value).unwrap();
        change(&mut value);
        let mut batch = Batch::new();
        batch.replace(&record, serde_json::to_vec(&value).unwrap());
        *self.first.lock().unwrap() = Some(batch);
    }

    fn has_overtaken(&self) -> bool {
        self.first.lock().unwrap().is_none()
    }
}

async fn start() -> (World, Arc<Overtaking>, Client) {
    let world = World::new().await;
    let store = Arc::new(Overtaking { inner: world.store.clone(), first: Mutex::new(None) });
    let client = world.client_over(store.clone(), PATIENT).await;
    (world, store, client)
}

fn state(to: KeyState) -> impl FnOnce(&mut KeyRecord) {
    move |key| {
        key.state = to;
        key.state_epoch += 1;
    }
}

#[tokio::test]
async fn an_alias_depends_on_the_key_as_it_was_read() {
    let (_world, store, client) = start().await;
    for (to, expected) in
        [(KeyState::Disabled, "ok"), (KeyState::PendingDeletion, "409 Rejected.StateModifiedFailed")]
    {
        let key = client.key().await;
        let alias = format!("alias/{}", to.as_str());
        store.change(&path::key(client.account(), &key), state(to)).await;
        check(&client, &[("CreateAlias", &[("AliasName", &alias), ("KeyId", &key)], expected)]).await;
        assert!(store.has_overtaken());
        let there = if expected == "ok" { "ok" } else { "404 Forbidden.AliasNotFound" };
        check(&client, &[("DescribeKey", &[("KeyId", &alias)], there)]).await;
    }
}

#[tokio::test]
async fn a_switch_depends_on_the_state_as_it_was_read() {
    let (_world, store, client) = start().await;
    for (to, expected, after) in [
        (KeyState::Disabled, "ok", "Disabled"),
        (KeyState::PendingDeletion, "409 Rejected.StateModifiedFailed", "PendingDeletion"),
    ] {
        let key = client.key().await;
        let at = path::key(client.account(), &key);
        store.change(&at, state(to)).await;
        check(&client, &[("DisableKey", &[("KeyId", &key)], expected)]).await;
        assert!(store.has_overtaken());
        let record = store.get(&at).await.unwrap().unwrap();
        let record: Value = serde_json::from_slice(&record.value).unwrap();
        assert_eq!((record["state"].as_str(), record["state_epoch"].as_u64()), (Some(after), Some(1)));
    }
}

#[tokio::test]
async fn a_put_depends_on_the_secret_as_it_was_read() {
    let (_world, store, client) = start().await;
    let (in_window, not_found) = ("409 Rejected.ResourceInDeleteWindow", "404 Forbidden.ResourceNotFound");
    let secret = [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "x")];
    client.ok("CreateSecret", &secret).await;
    let at = path::secret(client.account(), "s");
    let put = [("SecretName", "s"), ("VersionId", "v2"), ("SecretData", "y")];
    let delete = |secret: &mut SecretRecord| secret.planned_delete = Some(Timestamp(START.0 + 60));
    store.change(&at, delete).await;
    check(&client, &[("PutSecretValue", &put, in_window)]).await;
    assert!(store.has_overtaken());
    client.rewrite::<SecretRecord>(&at, |secret| secret.planned_delete = None).await;
    check(&client, &[("GetSecretValue", &put[..2], not_found), ("PutSecretValue", &put, "ok")]).await;
}

/// A deletion looks for the values that there are; one that is stored meanwhile is found when it looks again.
#[tokio::test]
async fn a_deletion_depends_on_the_secret_as_it_was_read() {
    let (world, store, client) = start().await;
    let other = world.client().await;
    let secret = [("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "x")];
    client.ok("CreateSecret", &secret).await;
    // What the other node writes is taken out of the store's changes and put in front of the deletion.
    let before = everything(&store.inner).await;
    other.ok("PutSecretValue", &[("SecretName", "s"), ("VersionId", "v2"), ("SecretData", "y")]).await;
    let after = everything(&store.inner).await;
    let mut undo = Batch::new();
    let mut again = Batch::new();
    for record in after.iter().filter(|record| !before.contains(record)) {
        match before.iter().find(|old| old.key == record.key) {
            Some(old) => undo.put(old.key.as_str(), old.kind.as_str(), old.format, old.value.clone()),
            None => undo.delete(record.key.as_str()),
        };
        again.put(record.key.as_str(), record.kind.as_str(), record.format, record.value.clone());
    }
    store.inner.commit(undo).await.unwrap();
    *store.first.lock().unwrap() = Some(again);
    let force = [("SecretName", "s"), ("ForceDeleteWithoutRecovery", "true")];
    check(&client, &[("DeleteSecret", &force, "ok")]).await;
    assert!(store.has_overtaken());
    assert_eq!(store.inner.count(Range::prefix("secret-value/")).await.unwrap(), 0);
    assert_eq!(store.inner.count(Range::prefix("secret/")).await.unwrap(), 0);
}

/// An entry of due work that nothing bears out is dropped, unless a change bears it out at that moment.
#[tokio::test]
async fn dropping_due_work_depends_on_the_secret_as_it_was_read() {
    let (_world, store, client) = start().await;
    client.ok("CreateSecret", &[("SecretName", "s"), ("VersionId", "v1"), ("SecretData", "x")]).await;
    let at = path::secret(client.account(), "s");
    let due = [DueKind::SecretDeletion, DueKind::SecretRotation];
    for due in due.map(|kind| path::due(START, kind, client.account(), "s")) {
        let mut entry = Batch::new();
        entry.put(due.as_str(), DueRecord::KIND, DueRecord::FORMAT, b"{}".to_vec());
        store.inner.commit(entry).await.unwrap();
        store.change(&at, |secret: &mut SecretRecord| secret.updated = secret.updated.plus(1)).await;
        // A deletion is decided again at once, a rotation in the next round.
        client.engine.carry_out_due().await.unwrap();
        assert!(store.has_overtaken());
        client.engine.carry_out_due().await.unwrap();
        assert_eq!(store.get(&due).await.unwrap().map(|record| record.key), None);
    }
    // The change bears it out: it stays.
    let due = path::due(START, DueKind::SecretRotation, client.account(), "s");
    let mut entry = Batch::new();
    entry.put(due.as_str(), DueRecord::KIND, DueRecord::FORMAT, b"{}".to_vec());
    store.inner.commit(entry).await.unwrap();
    store
        .change(&at, |secret: &mut SecretRecord| {
            let rotation = SecretRotation { enabled: true, next: Some(START), ..SecretRotation::default() };
            secret.rotation = Some(Box::new(rotation));
        })
        .await;
    client.engine.carry_out_due().await.unwrap();
    assert!(store.has_overtaken() && store.get(&due).await.unwrap().is_some());
}

async fn everything(store: &Arc<dyn Store>) -> Vec<Record> {
    store.scan(Range::prefix("secret"), None, 100).await.unwrap()
}
