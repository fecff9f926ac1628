use super::{keys, must};
use crate::{Batch, MAX_SCAN, Range, Store};

/// Keys that a careless range would mix up: wildcards of SQL, separators, case, and code points around the ends of
/// UTF-8's lengths and of the surrogates.
const KEYS: [&str; 22] = [
    "%",
    "A/1/key/x",
    "_",
    "a",
    "a%1/key/x",
    "a/",
    "a/1",
    "a/1/key",
    "a/1/key/",
    "a/1/key/%",
    "a/1/key/_",
    "a/1/key/b",
    "a/1/key0",
    "a/10/key/x",
    "a_1/key/x",
    "a\u{7f}",
    "a\u{80}",
    "a\u{d7ff}x",
    "a\u{e000}x",
    "a\u{10ffff}",
    "a\u{10ffff}\u{10ffff}x",
    "\u{10ffff}",
];

async fn fill(store: &dyn Store) {
    let mut batch = Batch::new();
    // Not in their order.
    for key in KEYS.iter().rev() {
        batch.create(*key, "test", 1, key.as_bytes());
    }
    must(store.commit(batch).await, "a commit of unusual keys");
}

pub(super) async fn scans_are_ordered_and_paged(store: &dyn Store) {
    fill(store).await;
    let mut expected = KEYS;
    expected.sort_unstable();
    let all = must(store.scan(Range::all(), None, 1000).await, "a scan");
    assert_eq!(keys(&all), expected, "rule: a scan is ordered by the bytes of the keys");
    assert!(all.iter().all(|record| record.value == record.key.as_bytes()), "rule: a scan brings the values");

    for limit in [1, 2, 5, KEYS.len(), KEYS.len() + 1] {
        let mut paged: Vec<String> = Vec::new();
        loop {
            let page = must(store.scan(Range::all(), paged.last().cloned(), limit).await, "a page");
            assert!(page.len() <= limit, "rule: a page holds at most its limit");
            paged.extend(page.iter().map(|record| record.key.clone()));
            if page.len() < limit {
                break;
            }
        }
        assert_eq!(paged, expected, "rule: pages of {limit} tell every record once, in order");
    }
    let behind_nobody = must(store.scan(Range::all(), Some("a/1/key/a".to_owned()), 1).await, "a scan");
    assert_eq!(
        keys(&behind_nobody),
        ["a/1/key/b"],
        "rule: the key behind which a page begins need not exist"
    );
    let before = must(store.scan(Range::prefix("a/1/key/"), Some("A".to_owned()), 1).await, "a scan");
    assert_eq!(keys(&before), ["a/1/key/"], "rule: beginning before the range is beginning at the range");
    let beyond = must(store.scan(Range::prefix("a/1/key/"), Some("b".to_owned()), 9).await, "a scan");
    assert_eq!(keys(&beyond), [""; 0], "rule: behind the range there is nothing");
    assert_eq!(must(store.scan(Range::all(), None, 0).await, "a scan"), [], "rule: a page of none is empty");

    let mut batch = Batch::new();
    for number in 0..=MAX_SCAN {
        batch.put(format!("many/{number:04}"), "test", 1, *b"");
    }
    must(store.commit(batch).await, "a commit");
    let page = must(store.scan(Range::prefix("many/"), None, usize::MAX).await, "a scan without limit");
    assert_eq!(page.len(), MAX_SCAN, "rule: a page is bounded, whatever is asked for");
}

pub(super) async fn prefixes_are_exact(store: &dyn Store) {
    fill(store).await;
    let prefixes = [
        "",
        "a",
        "a/1/key/",
        "a/1",
        "a/1/",
        "a_",
        "a%",
        "%",
        "_",
        "a\u{d7ff}",
        "a\u{10ffff}",
        "\u{10ffff}",
        "zz",
    ];
    for prefix in prefixes {
        let mut expected: Vec<&str> = KEYS.into_iter().filter(|key| key.starts_with(prefix)).collect();
        expected.sort_unstable();
        let found = must(store.scan(Range::prefix(prefix), None, 1000).await, "a scan of a prefix");
        assert_eq!(keys(&found), expected, "rule: the prefix {prefix:?} is exact");
        let count = must(store.count(Range::prefix(prefix)).await, "a count of a prefix");
        assert_eq!(count, expected.len() as u64, "rule: the prefix {prefix:?} counts what it scans");
    }
    let between = must(store.scan(Range::between("a/", "a/1/key/"), None, 1000).await, "a scan");
    assert_eq!(keys(&between), ["a/", "a/1", "a/1/key"], "rule: a range has its start and not its end");
    let backwards = must(store.scan(Range::between("b", "a"), None, 1000).await, "a scan");
    assert_eq!(keys(&backwards), [""; 0], "rule: a range that ends before it starts is empty");
}

pub(super) async fn counts_are_exact(store: &dyn Store) {
    fill(store).await;
    let count = async |range| must(store.count(range).await, "a count");
    assert_eq!(count(Range::all()).await, KEYS.len() as u64, "rule: a count is exact");
    let mut batch = Batch::new();
    batch.delete("a").delete("never").put("a/", "test", 1, *b"again").put("new", "test", 1, *b"");
    must(store.commit(batch).await, "a commit");
    assert_eq!(
        count(Range::all()).await,
        KEYS.len() as u64,
        "rule: a count follows creations and deletions only"
    );
    assert_eq!(
        count(Range::between("a", "a/")).await,
        1,
        "rule: a count has the range's start and not its end"
    );
}
