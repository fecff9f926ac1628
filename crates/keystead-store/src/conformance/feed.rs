use super::{delete, head, must, must_conflict, put};
use crate::{Batch, Change, Horizon, Revision, Store, StoreError};

async fn changes(store: &dyn Store, after: Revision, limit: usize) -> (Vec<(Revision, String)>, Revision) {
    let changes = must(store.changes(after, limit).await, "the feed");
    let told = changes.entries.into_iter().map(|Change { revision, key }| (revision, key)).collect();
    (told, changes.through)
}

fn told<const N: usize>(entries: [(Revision, &str); N]) -> Vec<(Revision, String)> {
    entries.map(|(revision, key)| (revision, key.to_owned())).to_vec()
}

pub(super) async fn the_feed_tells_everything(store: &dyn Store) {
    must(store.commit(put("a", b"1")).await, "a commit");
    let mut batch = put("c", b"1");
    batch.put("b", "test", 1, *b"1");
    must(store.commit(batch).await, "a commit");
    must(store.commit(delete("a")).await, "a commit");
    let mut stale = put("a", b"2");
    stale.expect_at("a", 1);
    must_conflict(store.commit(stale).await, "a", "an old revision does not replace");
    must(store.commit(put("a", b"3")).await, "a commit");
    assert_eq!(head(store), 4, "rule: the horizon covers what was acknowledged");

    let all = told([(1, "a"), (2, "b"), (2, "c"), (3, "a"), (4, "a")]);
    assert_eq!(
        changes(store, 0, 100).await,
        (all.clone(), 4),
        "rule: the feed tells own commits, creations, replacements and deletions, by revision and key"
    );
    assert_eq!(
        changes(store, 1, 100).await,
        (all[1..].to_vec(), 4),
        "rule: the feed goes on behind any revision"
    );
    assert_eq!(
        changes(store, 3, 100).await,
        (all[4..].to_vec(), 4),
        "rule: the feed goes on behind any revision"
    );
    assert_eq!(changes(store, 4, 100).await, (Vec::new(), 4), "rule: behind the head there is nothing new");
}

pub(super) async fn pages_hold_whole_revisions(store: &dyn Store) {
    let mut expected = Vec::new();
    // Sizes around every limit that is tried below.
    for (index, size) in [1_usize, 3, 2, 7, 1, 1, 5].into_iter().enumerate() {
        let mut batch = Batch::new();
        for number in 0..size {
            let key = format!("k{number}");
            expected.push((index as Revision + 1, key.clone()));
            batch.put(key, "test", 1, [number as u8]);
        }
        must(store.commit(batch).await, "a commit");
    }
    for limit in 0..=expected.len() + 1 {
        let (mut applied, mut found) = (0, Vec::new());
        while applied < 7 {
            let (page, through) = changes(store, applied, limit).await;
            assert!(through > applied, "rule: a page that is not the end moves on (limit {limit})");
            assert!(
                page.iter().all(|(revision, _)| *revision > applied && *revision <= through),
                "rule: a page tells what lies behind `after` up to `through` (limit {limit})"
            );
            let first = page.first().map(|(revision, _)| *revision);
            assert!(
                page.len() <= limit.max(1) || page.iter().all(|(revision, _)| Some(*revision) == first),
                "rule: a page is larger than its limit only for the sake of one revision (limit {limit})"
            );
            found.extend(page);
            applied = through;
        }
        assert_eq!(found, expected, "rule: pages tell everything once, in order (limit {limit})");
    }
}

pub(super) async fn the_feed_refuses_unknown_revisions(store: &dyn Store) {
    must(store.commit(put("a", b"1")).await, "a commit");
    match store.changes(2, 10).await {
        Err(StoreError::FeedGap { .. }) => {}
        other => panic!("rule: a revision beyond the head is a gap, not {other:?}"),
    }
}

pub(super) async fn watchers_wake(store: &dyn Store) {
    let mut watch = store.head_watch();
    watch.mark_unchanged();
    let revision = must(store.commit(put("a", b"1")).await, "a commit");
    if watch.changed().await.is_err() {
        panic!("rule: the watch lives as long as its store");
    }
    assert_eq!(store.horizon(), Horizon::At(revision), "rule: who was woken finds the horizon moved");
    let (told, through) = changes(store, 0, 10).await;
    assert_eq!((told.len(), through), (1, revision), "rule: who was woken finds the change");
}
