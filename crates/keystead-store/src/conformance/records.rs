use super::{delete, guarded, head, keys, must, must_conflict, put, read};
use crate::{
    Batch, Expect, Horizon, MAX_KEY_BYTES, MAX_KIND_BYTES, MAX_VALUE_BYTES, Range, Record, Store, StoreError,
};

pub(super) async fn an_empty_store_is_empty(store: &dyn Store) {
    assert_eq!(store.horizon(), Horizon::At(0), "rule: an empty store is at revision 0");
    assert_eq!(read(store, "a").await, None, "rule: an empty store has no record");
    assert_eq!(
        must(store.scan(Range::all(), None, 10).await, "a scan"),
        [],
        "rule: an empty store has no record"
    );
    assert_eq!(must(store.count(Range::all()).await, "a count"), 0, "rule: an empty store counts 0");
    let changes = must(store.changes(0, 10).await, "the feed of an empty store");
    assert_eq!((changes.entries.len(), changes.through), (0, 0), "rule: an empty store has no changes");
    let nothing = must(store.commit(Batch::new()).await, "an empty batch");
    assert_eq!(nothing, 0, "rule: an empty batch makes no revision");
}

pub(super) async fn a_record_lives(store: &dyn Store) {
    let mut batch = Batch::new();
    batch.create("k", "kind", 7, *b"one");
    assert_eq!(must(store.commit(batch).await, "a creation"), 1, "rule: the first commit is revision 1");
    let created = read(store, "k").await;
    let expected = Record {
        key: "k".to_owned(),
        kind: "kind".to_owned(),
        format: 7,
        revision: 1,
        value: b"one".to_vec(),
    };
    assert_eq!(created.as_ref(), Some(&expected), "rule: what was created is read");
    assert_eq!(head(store), 1, "rule: the horizon covers what was acknowledged");

    let mut batch = Batch::new();
    batch.replace(&expected, *b"two");
    assert_eq!(
        must(store.commit(batch).await, "a replacement"),
        2,
        "rule: each commit has the next revision"
    );
    let Some(replaced) = read(store, "k").await else { panic!("rule: what was replaced is there") };
    assert_eq!(
        (replaced.kind.as_str(), replaced.format, replaced.revision, replaced.value.as_slice()),
        ("kind", 7, 2, b"two".as_slice()),
        "rule: a replacement keeps kind and format, and has the new revision and value"
    );

    let mut batch = Batch::new();
    batch.put("k", "other", u16::MAX, *b"three");
    must(store.commit(batch).await, "an overwriting");
    let Some(overwritten) = read(store, "k").await else { panic!("rule: what was overwritten is there") };
    assert_eq!(
        (overwritten.kind.as_str(), overwritten.format, overwritten.revision),
        ("other", u16::MAX, 3),
        "rule: a put changes kind and format"
    );

    let mut batch = Batch::new();
    batch.remove(&overwritten);
    assert_eq!(must(store.commit(batch).await, "a deletion"), 4, "rule: a deletion has a revision");
    assert_eq!(read(store, "k").await, None, "rule: what was deleted is gone");
    assert_eq!(
        must(store.commit(delete("k")).await, "deleting what is not there"),
        5,
        "rule: deleting what is not there is a commit like others"
    );
    must(store.commit(guarded("k", Expect::Absent, b"again")).await, "creating anew what was deleted");
}

pub(super) async fn preconditions_decide(store: &dyn Store) {
    must(store.commit(guarded("k", Expect::Absent, b"1")).await, "creating");
    must_conflict(
        store.commit(guarded("k", Expect::Absent, b"2")).await,
        "k",
        "what is there cannot be created",
    );
    must_conflict(
        store.commit(guarded("other", Expect::At(1), b"2")).await,
        "other",
        "what is not there is at no revision",
    );
    must(store.commit(guarded("k", Expect::At(1), b"2")).await, "replacing at the right revision");
    must_conflict(
        store.commit(guarded("k", Expect::At(1), b"3")).await,
        "k",
        "an old revision does not replace",
    );
    must_conflict(
        store.commit(guarded("k", Expect::At(9), b"3")).await,
        "k",
        "a future revision does not replace",
    );

    // A record may be expected without being written.
    let mut batch = put("third", b"x");
    batch.expect_at("k", 2).expect_absent("fourth");
    assert_eq!(
        must(store.commit(batch).await, "a commit with foreign preconditions"),
        3,
        "rule: conflicts take no revision"
    );
    // Preconditions look at the state before the batch, wherever they stand in it.
    let mut batch = put("fifth", b"x");
    batch.expect_absent("fifth").delete("third").expect_at("third", 3);
    must(store.commit(batch).await, "preconditions on the state before the batch");

    let mut only_expects = Batch::new();
    only_expects.expect_at("k", 2);
    assert_eq!(
        must(store.commit(only_expects).await, "a batch of preconditions"),
        4,
        "rule: a batch without writes answers the head"
    );
    let mut only_expects = Batch::new();
    only_expects.expect_at("k", 1);
    must_conflict(store.commit(only_expects).await, "k", "a batch without writes checks its preconditions");
    assert_eq!(head(store), 4, "rule: a batch without writes makes no revision");
}

pub(super) async fn a_conflict_leaves_nothing(store: &dyn Store) {
    must(store.commit(put("kept", b"old")).await, "a commit");
    let mut batch = put("kept", b"new");
    batch.put("new", "test", 1, *b"x").delete("kept").expect_absent("absent").expect_at("late", 1);
    must_conflict(store.commit(batch).await, "late", "one broken precondition stops the batch");
    assert_eq!(
        read(store, "kept").await.map(|record| record.value),
        Some(b"old".to_vec()),
        "rule: a conflict changes nothing"
    );
    assert_eq!(read(store, "new").await, None, "rule: a conflict writes nothing");
    assert_eq!(head(store), 1, "rule: a conflict takes no revision");
    let changes = must(store.changes(0, 10).await, "the feed");
    assert_eq!(changes.entries.len(), 1, "rule: a conflict is not in the feed");
    assert_eq!(
        must(store.commit(put("next", b"x")).await, "a commit after a conflict"),
        2,
        "rule: revisions have no holes"
    );
}

pub(super) async fn many_records_are_one_commit(store: &dyn Store) {
    must(store.commit(put("gone", b"x")).await, "a commit");
    let mut batch = Batch::new();
    batch.create("a", "one", 1, *b"1").create("b", "two", 2, *b"2").delete("gone");
    let revision = must(store.commit(batch).await, "a commit of several records");
    let wanted = ["b", "gone", "a", "never", "a"].map(str::to_owned).to_vec();
    let found = must(store.get_many(wanted).await, "a read of several records");
    let found: Vec<_> = found
        .iter()
        .map(|record| record.as_ref().map(|record| (record.key.as_str(), record.revision)))
        .collect();
    assert_eq!(
        found,
        [Some(("b", revision)), None, Some(("a", revision)), None, Some(("a", revision))],
        "rule: records of one commit have its revision, and get_many answers in the order asked"
    );
    assert_eq!(
        must(store.get_many(Vec::new()).await, "a read of nothing"),
        [],
        "rule: nothing asked, nothing answered"
    );
}

pub(super) async fn the_later_write_of_a_key_counts(store: &dyn Store) {
    let mut batch = Batch::new();
    batch.put("a", "test", 1, *b"1").put("a", "test", 1, *b"2");
    batch.put("b", "test", 1, *b"1").delete("b");
    batch.delete("c").put("c", "test", 1, *b"3");
    must(store.commit(batch).await, "a batch that writes a key twice");
    assert_eq!(
        read(store, "a").await.map(|record| record.value),
        Some(b"2".to_vec()),
        "rule: the later put counts"
    );
    assert_eq!(read(store, "b").await, None, "rule: the later deletion counts");
    assert_eq!(
        read(store, "c").await.map(|record| record.value),
        Some(b"3".to_vec()),
        "rule: the later put counts"
    );
    let changes = must(store.changes(0, 10).await, "the feed");
    let told: Vec<_> = changes.entries.iter().map(|change| change.key.as_str()).collect();
    assert_eq!(told, ["a", "b", "c"], "rule: a commit tells each key once");
}

pub(super) async fn any_value_comes_back(store: &dyn Store) {
    let every_byte: Vec<u8> = (0..=255).collect();
    let large: Vec<u8> = (0..65_536_u32).map(|n| ((n * 31) >> 3) as u8).collect();
    let largest = vec![0xa5; MAX_VALUE_BYTES];
    let longest_key = "k".repeat(MAX_KEY_BYTES);
    let mut batch = Batch::new();
    batch.put("empty", "test", 0, *b"").put("bytes", "test", 1, every_byte.as_slice());
    batch.put("64 KiB", "k".repeat(MAX_KIND_BYTES), 1, large.as_slice()).put(
        longest_key.as_str(),
        "test",
        1,
        *b"x",
    );
    must(store.commit(batch).await, "a commit of unusual values");
    must(store.commit(put("16 MiB", &largest)).await, "a commit of the largest value");
    for (key, value) in [
        ("empty", &Vec::new()),
        ("bytes", &every_byte),
        ("64 KiB", &large),
        ("16 MiB", &largest),
        (&longest_key, &b"x".to_vec()),
    ] {
        let found = read(store, key).await.map(|record| record.value);
        assert!(found.as_ref() == Some(value), "rule: a value comes back as it was ({} bytes)", value.len());
    }
}

pub(super) async fn limits_hold(store: &dyn Store) {
    let mut long_kind = Batch::new();
    long_kind.put("k", "k".repeat(MAX_KIND_BYTES + 1), 1, *b"x");
    let mut no_kind = Batch::new();
    no_kind.put("k", "", 1, *b"x");
    let mut expects_nul = Batch::new();
    expects_nul.expect_absent("a\0b");
    let refused = [
        ("an empty key", put("", b"x")),
        ("an empty key to delete", delete("")),
        ("a key with NUL", put("a\0b", b"x")),
        ("a precondition with NUL", expects_nul),
        ("a key too long", put(&"k".repeat(MAX_KEY_BYTES + 1), b"x")),
        ("a value too long", put("k", &vec![0; MAX_VALUE_BYTES + 1])),
        ("a kind too long", long_kind),
        ("an empty kind", no_kind),
    ];
    for (what, batch) in refused {
        match store.commit(batch).await {
            Err(StoreError::Invalid(_)) => {}
            Err(other) => panic!("rule: {what} is refused as invalid, not as: {other}"),
            Ok(_) => panic!("rule: {what} is refused"),
        }
    }
    assert_eq!(head(store), 0, "rule: what is refused leaves nothing");
}

pub(super) async fn large_batches_work(store: &dyn Store) {
    const COUNT: usize = 10_000;
    let mut batch = Batch::new();
    for number in 0..COUNT {
        batch.create(format!("n/{number:05}"), "test", 1, format!("value {number}"));
    }
    let revision = must(store.commit(batch).await, "a batch of 10,000 records");
    assert_eq!(revision, 1, "rule: a batch is one commit, however large");
    assert_eq!(
        must(store.count(Range::prefix("n/")).await, "a count"),
        10_000,
        "rule: a large batch is written whole"
    );
    let last = must(store.scan(Range::all(), Some("n/09998".to_owned()), 10).await, "a scan");
    assert_eq!(keys(&last), ["n/09999"], "rule: a large batch is written whole");
    assert_eq!(last[0].value, b"value 9999", "rule: a large batch is written as given");
    let changes = must(store.changes(0, 100).await, "the feed");
    assert_eq!(
        (changes.entries.len(), changes.through),
        (COUNT, 1),
        "rule: a revision is told whole, whatever the limit"
    );
}
