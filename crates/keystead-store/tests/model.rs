//! Random batches do to the store what they do to a map.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use keystead_store::embedded::{EmbeddedOptions, EmbeddedStore};
use keystead_store::{Batch, Range, Record, Revision, Store, StoreError};
use proptest::prelude::*;
use tempfile::TempDir;

const KEYS: [&str; 6] = ["a", "a/", "a/%", "a/b", "a_b", "b\u{10ffff}"];

#[derive(Clone, Debug)]
enum Step {
    ExpectAbsent(usize),
    /// Expects what the model has, or a revision that is off by one.
    ExpectPresent(usize, bool),
    Put(usize, u16, Vec<u8>),
    Delete(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let key = 0..KEYS.len();
    prop_oneof![
        1 => key.clone().prop_map(Step::ExpectAbsent),
        2 => (key.clone(), prop::bool::weighted(0.9)).prop_map(|(key, right)| Step::ExpectPresent(key, right)),
        4 => (key.clone(), any::<u16>(), prop::collection::vec(any::<u8>(), 0..40))
            .prop_map(|(key, format, value)| Step::Put(key, format, value)),
        2 => key.prop_map(Step::Delete),
    ]
}

#[derive(Default)]
struct Model {
    records: BTreeMap<String, Record>,
    changes: BTreeSet<(Revision, String)>,
    head: Revision,
}

impl Model {
    /// The batch for the store, and what must come of it.
    fn apply(&mut self, steps: &[Step]) -> (Batch, Result<Revision, String>) {
        let mut batch = Batch::new();
        let mut broken = None;
        let mut after = self.records.clone();
        let mut changed = BTreeSet::new();
        let revision = self.head + 1;
        for step in steps {
            match step {
                Step::ExpectAbsent(key) => {
                    let key = KEYS[*key];
                    batch.expect_absent(key);
                    if self.records.contains_key(key) {
                        broken.get_or_insert(key.to_owned());
                    }
                }
                Step::ExpectPresent(key, right) => {
                    let key = KEYS[*key];
                    let known = self.records.get(key).map_or(0, |record| record.revision);
                    batch.expect_at(key, if *right { known } else { known + 1 });
                    if known == 0 || !right {
                        broken.get_or_insert(key.to_owned());
                    }
                }
                Step::Put(key, format, value) => {
                    let key = KEYS[*key].to_owned();
                    batch.put(key.as_str(), "test", *format, value.as_slice());
                    let kind = "test".to_owned();
                    let record =
                        Record { key: key.clone(), kind, format: *format, revision, value: value.clone() };
                    after.insert(key.clone(), record);
                    changed.insert((revision, key));
                }
                Step::Delete(key) => {
                    batch.delete(KEYS[*key]);
                    after.remove(KEYS[*key]);
                    changed.insert((revision, KEYS[*key].to_owned()));
                }
            }
        }
        if let Some(key) = broken {
            return (batch, Err(key));
        }
        if !changed.is_empty() {
            self.records = after;
            self.changes.extend(changed);
            self.head = revision;
        }
        (batch, Ok(self.head))
    }
}

async fn compare(store: &EmbeddedStore, model: &Model) {
    let all = store.scan(Range::all(), None, 1000).await.unwrap();
    assert!(all.iter().eq(model.records.values()), "{all:?} {:?}", model.records);
    let some = store.get_many(KEYS.map(str::to_owned).to_vec()).await.unwrap();
    assert!(some.iter().map(Option::as_ref).eq(KEYS.map(|key| model.records.get(key))));
    for prefix in ["", "a", "a/", "a_", "b"] {
        let expected = model.records.keys().filter(|key| key.starts_with(prefix)).count() as u64;
        assert_eq!(store.count(Range::prefix(prefix)).await.unwrap(), expected);
    }
    let changes = store.changes(0, 10_000).await.unwrap();
    assert_eq!(changes.through, model.head);
    let told = changes.entries.into_iter().map(|change| (change.revision, change.key));
    assert!(told.eq(model.changes.iter().cloned()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_store_is_a_map(
        batches in prop::collection::vec(prop::collection::vec(step(), 0..8), 1..40),
        reopen_at in 0_usize..40,
        recent_changes in prop_oneof![Just(0_usize), Just(10), Just(65_536)],
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let dir = TempDir::new().unwrap();
            let options = EmbeddedOptions { recent_changes, ..Default::default() };
            let mut store = EmbeddedStore::open(dir.path(), options.clone()).unwrap();
            let mut model = Model::default();
            for (index, steps) in batches.iter().enumerate() {
                let (batch, expected) = model.apply(steps);
                match (store.commit(batch).await, expected) {
                    (Ok(revision), Ok(expected)) => assert_eq!(revision, expected),
                    (Err(StoreError::Conflict { key }), Err(expected)) => assert_eq!(key, expected),
                    (found, expected) => panic!("{found:?} instead of {expected:?}"),
                }
                if index == reopen_at {
                    drop(store);
                    store = EmbeddedStore::open(dir.path(), options.clone()).unwrap();
                }
            }
            compare(&store, &model).await;
        });
    }
}
