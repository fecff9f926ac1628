//! The files of the audit log: what was done to them is found at the exact record; they turn over, go when they are old, and
//! survive crashes.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use keystead_api::ErrorCode;
use keystead_service::audit::verify::{Break, Noted, VerifyError, Wanted, What, verify};
use keystead_service::audit::{HeadVerifier, Outcome};
use keystead_store::Range;
use tempfile::TempDir;

use crate::audited::{Audited, segments};
use crate::harness::World;

/// A closed log of some records in several files.
struct Written {
    dir: TempDir,
    key: HeadVerifier,
    records: u64,
    head: Noted,
}

impl Written {
    async fn new() -> Self {
        let world = World::new().await;
        // Small segments, so that there are several.
        let audited =
            Audited::with(&world, world.store.clone(), |settings| settings.segment_bytes = 8_000).await;
        for number in 0..45 {
            let recording = audited.begin();
            recording.trail().claimed(&format!("Operation{number}"), "LTAI");
            recording.finish(Outcome::GOOD).await.unwrap();
            if number % 15 == 14 {
                // The writer looks at a segment's length after it wrote what there was.
                let files = number / 15 + 2;
                wait(|| segments(&audited.path()).len() >= files).await;
            }
        }
        audited.close().await;
        let report = audited.verify().unwrap();
        assert!(report.segments >= 3 && report.heads >= 3, "{report:?}");
        assert_eq!((report.unsealed, report.first), (0, 1));
        let dir = TempDir::new().unwrap();
        for (path, text) in segments(&audited.path()) {
            fs::write(dir.path().join(path.file_name().unwrap()), text).unwrap();
        }
        Self { dir, key: audited.key(), records: report.records, head: report.last_head.unwrap() }
    }

    /// A copy, to do something to.
    fn copy(&self) -> TempDir {
        let copy = TempDir::new().unwrap();
        for (path, text) in segments(self.dir.path()) {
            fs::write(copy.path().join(path.file_name().unwrap()), text).unwrap();
        }
        copy
    }

    fn verify(&self, dir: &Path) -> Result<u64, Break> {
        self.verify_wanting(dir, Wanted::default())
    }

    fn verify_wanting(&self, dir: &Path, wanted: Wanted) -> Result<u64, Break> {
        match verify(dir, &self.key, wanted) {
            Ok(report) => Ok(report.records),
            Err(VerifyError::Broken(broken)) => Err(*broken),
            Err(error) => panic!("{error}"),
        }
    }
}

/// A file, the place of a line in it, and the line.
type Placed = (PathBuf, u64, String);

/// All lines, with the file and the place in it of each; record n is at n - 1.
fn lines(dir: &Path) -> Vec<Placed> {
    let of = |(path, text): (PathBuf, String)| {
        let numbered = text.lines().zip(1..).map(|(line, number)| (path.clone(), number, line.to_owned()));
        numbered.collect::<Vec<_>>()
    };
    segments(dir).into_iter().flat_map(of).collect()
}

/// Writes lines back into their files.
fn write(lines: &[Placed]) {
    for (path, ..) in lines {
        let text: String = lines
            .iter()
            .filter(|(other, ..)| other == path)
            .map(|(_, _, line)| format!("{line}\n"))
            .collect();
        fs::write(path, text).unwrap();
    }
}

/// Gives a line, changed, the hash that fits it, and the lines after it theirs: what somebody does who knows the format.
fn forge_from(lines: &mut [Placed], from: usize, change: impl Fn(&str) -> String) {
    lines[from].2 = change(&lines[from].2);
    let mut prev: Option<String> = None;
    for (_, _, line) in &mut lines[from..] {
        if let Some(prev) = prev {
            let at = line.find(",\"prev\":\"").unwrap() + 9;
            line.replace_range(at..at + 64, &prev);
        }
        let end = line.len() - 75;
        let hash: String = digest(&SHA256, &line.as_bytes()[..end])
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        line.replace_range(end.., &format!(",\"hash\":\"{hash}\"}}"));
        prev = Some(hash);
    }
}

#[tokio::test]
async fn whatever_is_done_to_the_files_is_found_at_the_exact_record() {
    let log = Written::new().await;
    let whole = lines(log.dir.path());
    assert_eq!(whole.len() as u64, log.records);
    assert_eq!(log.verify(log.dir.path()).unwrap(), log.records);
    let own = |line: &str| line.contains("\"eventType\":\"AuditLog\"");
    let mut cases = 0;
    for at in 0..whole.len() {
        let record = at as u64 + 1;
        let (file, line_number, text) = &whole[at];
        let found = |change: &dyn Fn(&mut Vec<Placed>)| {
            let copy = log.copy();
            let mut changed = lines(copy.path());
            change(&mut changed);
            write(&changed);
            let broken = log.verify(copy.path()).unwrap_err();
            (broken.what, broken.file.file_name().unwrap().to_owned(), broken.line, broken.record)
        };
        let here = |what: What| (what, file.file_name().unwrap().to_owned(), *line_number, record);

        // An edit.
        let edited = |lines: &mut Vec<Placed>| {
            lines[at].2 = lines[at].2.replacen("\"eventVersion\":1", "\"eventVersion\":2", 1);
        };
        assert_eq!(found(&edited), here(What::Changed(record)), "{text}");
        // An edit with a hash that fits: the next record is untouched and shows it. Where there is none, the head is gone.
        if at + 1 < whole.len() && !own(text) {
            let forged = |lines: &mut Vec<Placed>| {
                forge_from(&mut lines[..=at], at, |line| line.replacen("LTAI", "LTAJ", 1));
            };
            let (what, _, _, record_shown) = found(&forged);
            assert_eq!((what, record_shown), (What::Replaced(record), record + 1));
        }
        // A removed record.
        let last_of_all = at + 1 == whole.len();
        let first_of_file = *line_number == 1;
        if !last_of_all && !first_of_file {
            let removed = |lines: &mut Vec<Placed>| drop(lines.remove(at));
            let (what, ..) = found(&removed);
            assert_eq!(what, What::Missing(record, record));
            // Two records that changed places.
            if whole[at + 1].0 == *file {
                let swapped = |lines: &mut Vec<Placed>| {
                    let (left, right) = (lines[at].2.clone(), lines[at + 1].2.clone());
                    (lines[at].2, lines[at + 1].2) = (right, left);
                };
                assert_eq!(found(&swapped), here(What::Missing(record, record)));
            }
        }
        // A record that stands there twice.
        if !last_of_all {
            let doubled = |lines: &mut Vec<Placed>| lines.insert(at + 1, lines[at].clone());
            let (what, ..) = found(&doubled);
            let expected = record + 1;
            assert!(
                matches!(what, What::Moved { expected: e, found } if e == expected && found == record),
                "{what:?}"
            );
        }
        // Something else in its place.
        let garbage = |lines: &mut Vec<Placed>| lines[at].2 = "{}".to_owned();
        assert_eq!(found(&garbage), here(What::NoRecord(record)));
        cases += 1;
    }
    assert!(cases > 50);
}

#[tokio::test]
async fn a_log_written_anew_fails_at_its_next_head_and_a_cut_end_at_a_noted_one() {
    let log = Written::new().await;
    let head = Wanted { head: Some(log.head), from: None };
    assert_eq!(log.verify_wanting(log.dir.path(), head).unwrap(), log.records);

    // From record 20 on everything fits; only the signature cannot be made.
    let copy = log.copy();
    let mut forged = lines(copy.path());
    forge_from(&mut forged, 19, |line| line.replacen("LTAI", "LTAJ", 1));
    write(&forged);
    let next_head =
        forged.iter().skip(19).position(|(_, _, line)| line.contains("AuditHead")).unwrap() as u64 + 20;
    let broken = log.verify(copy.path()).unwrap_err();
    assert_eq!((broken.record, broken.what), (next_head, What::BadHead(next_head, log.key.id().to_owned())));
    // Without any head it is found only by whoever noted one.
    let copy = log.copy();
    let mut cut = lines(copy.path());
    cut.truncate(10);
    let (last_file, ..) = cut[9].clone();
    for (path, _) in segments(copy.path()) {
        if path > last_file {
            fs::remove_file(path).unwrap();
        }
    }
    write(&cut);
    assert_eq!(log.verify(copy.path()).unwrap(), 10, "the end of a log is not known from the log");
    let broken = log.verify_wanting(copy.path(), head).unwrap_err();
    assert!(matches!(broken.what, What::Cut { end: 10, .. }), "{broken}");

    // A file in the middle, or the first one, is gone.
    let all: Vec<PathBuf> = segments(log.dir.path()).into_keys().collect();
    for gone in [0, 1] {
        let copy = log.copy();
        fs::remove_file(copy.path().join(all[gone].file_name().unwrap())).unwrap();
        let broken = log.verify(copy.path()).unwrap_err();
        match gone {
            0 => assert!(matches!(broken.what, What::NoBeginning(first) if first > 1), "{broken}"),
            _ => assert!(matches!(broken.what, What::Missing(..)), "{broken}"),
        }
    }
    // Another key's head.
    let other = Written::new().await;
    let broken = match verify(log.dir.path(), &other.key, Wanted::default()) {
        Err(VerifyError::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    };
    assert!(matches!(broken.what, What::BadHead(..)));
    // What was noted of another log.
    let noted = format!("{}:{}", log.head.to_string().split(':').next().unwrap(), "0".repeat(64));
    let wanted = Wanted { head: Some(noted.parse().unwrap()), from: None };
    let broken = log.verify_wanting(log.dir.path(), wanted).unwrap_err();
    assert!(matches!(broken.what, What::OtherHead(_)));
    // Begun in the middle.
    let wanted = Wanted { head: Some(log.head), from: Some(log.records - 5) };
    assert!(log.verify_wanting(log.dir.path(), wanted).unwrap() < log.records);
}

#[tokio::test]
async fn segments_turn_over_by_age_and_the_oldest_go_when_the_log_has_said_so() {
    let world = World::new().await;
    let audited = Audited::with(&world, world.store.clone(), |settings| {
        settings.segment_seconds = 3600;
        settings.keep_seconds = 5 * 3600;
    })
    .await;
    for _ in 0..10 {
        audited.call("ListKeys", &[]).await.unwrap();
        world.clock.advance(3600);
        // The writer looks once a second.
        let files = segments(&audited.path()).len();
        wait(|| segments(&audited.path()).len() != files || !audited.named("AuditRetention").is_empty())
            .await;
    }
    wait(|| !audited.path().join(format!("{:020}.jsonl", 1)).exists()).await;
    audited.close().await;
    let report = audited.verify().unwrap();
    assert!(report.removed > 0 && report.first == report.removed + 1, "{report:?}");
    // Somebody who removes one more is found.
    let first = segments(&audited.path()).into_keys().next().unwrap();
    fs::remove_file(first).unwrap();
    assert!(
        matches!(audited.verify(), Err(VerifyError::Broken(broken)) if matches!(broken.what, What::NoBeginning(_)))
    );
}

async fn wait(mut until: impl FnMut() -> bool) {
    crate::harness::in_time(async {
        while !until() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_half_written_end_is_put_apart_and_said_to_be() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    for _ in 0..5 {
        audited.call("ListKeys", &[]).await.unwrap();
    }
    audited.close().await;
    assert!(!audited.path().join("pending-0").exists(), "nothing waits behind a closed log");
    let records = audited.verify().unwrap().records;
    let (path, text) = segments(&audited.path()).pop_first().unwrap();
    for torn in ["{\"seq\":", "\0\0\0\0\n\0\0"] {
        fs::write(&path, format!("{text}{torn}")).unwrap();
        let after = audited.after_a_crash(&world).await;
        after.call("ListKeys", &[]).await.unwrap();
        after.close().await;
        let report = after.verify().unwrap();
        assert_eq!((report.recoveries, report.unsealed), (1, 0));
        // What was put apart, the start, the request, the head.
        assert_eq!(report.records, records + 4);
        let apart = fs::read_dir(after.path()).unwrap().map(|entry| entry.unwrap().path());
        let apart: Vec<_> = apart.filter(|path| path.to_string_lossy().contains("torn")).collect();
        assert_eq!(fs::read_to_string(&apart[0]).unwrap(), torn);
    }
    // The power went before anything of a new segment was on the disk.
    let empty = audited.path().join(format!("{:020}.jsonl", records + 1));
    fs::write(&path, &text).unwrap();
    fs::write(&empty, "").unwrap();
    let after = audited.after_a_crash(&world).await;
    after.close().await;
    assert_eq!(after.verify().unwrap().records, records + 2);
    // What is no record is kept.
    fs::write(&empty, "something else\n").unwrap();
    let after = audited.after_a_crash(&world).await;
    after.close().await;
    assert_eq!(after.verify().unwrap().records, records + 2);
    let kept = after.path().join(format!("{:020}.torn", records + 1));
    assert_eq!(fs::read_to_string(kept).unwrap(), "something else\n");
}

#[tokio::test]
async fn what_a_crash_leaves_in_the_buffer_goes_on_in_its_file() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    for _ in 0..5 {
        audited.call("ListKeys", &[]).await.unwrap();
    }
    let first = audited.path().join(format!("{:020}.jsonl", 1));
    wait(|| audited.verify().unwrap().records == 7).await;
    // As the kernel has it when the process ends between a record and its write: files before, buffer after.
    let text = fs::read_to_string(&first).unwrap();
    audited.call("ListKeys", &[]).await.unwrap();
    audited.call("DescribeRegions", &[]).await.unwrap();
    let two: Vec<String> =
        audited.records().into_iter().skip(7).map(|record| record["hash"].to_string()).collect();
    // Whole, and within the write of these two.
    let lines: Vec<String> = fs::read_to_string(audited.path().join("pending-0"))
        .unwrap()
        .lines()
        .chain(fs::read_to_string(audited.path().join("pending-1")).unwrap().lines())
        .filter(|line| two.iter().any(|hash| line.contains(&format!("\"hash\":{hash}"))))
        .map(|line| format!("{line}\n"))
        .collect();
    assert_eq!(lines.len(), 2);
    for torn in [0, 1, 100, lines[0].len(), lines[0].len() + 10] {
        let until = lines.concat()[..torn].to_owned();
        let after = audited
            .crashed(&world, |dir| {
                fs::write(dir.join(first.file_name().unwrap()), format!("{text}{until}")).unwrap();
                fs::write(dir.join("pending-0"), lines.concat() + "\0\0\0").unwrap();
                fs::write(dir.join("pending-1"), &text[..200]).unwrap();
                let report = verify(dir, &audited.key(), Wanted::default()).unwrap();
                assert_eq!(report.records + report.buffered, 9);
            })
            .await;
        after.close().await;
        let report = after.verify().unwrap();
        // The start and the head of this one.
        assert_eq!((report.records, report.recoveries), (11, 0), "{torn}");
        assert_eq!(after.records()[7]["hash"].to_string(), two[0]);
    }
    // The disk has lost what was before them.
    let after = audited
        .crashed(&world, |dir| {
            fs::write(dir.join(first.file_name().unwrap()), text.lines().next().unwrap().to_owned() + "\n")
                .unwrap();
            fs::write(dir.join("pending-0"), lines.concat()).unwrap();
            fs::write(dir.join("pending-1"), "").unwrap();
        })
        .await;
    after.close().await;
    assert_eq!(after.verify().unwrap().recoveries, 1);
    let apart = fs::read_to_string(after.path().join("pending.torn-1")).unwrap();
    assert_eq!(apart, lines.concat());
}

#[tokio::test]
async fn a_file_that_is_taken_away_while_it_is_written_is_missed() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    audited.call("ListKeys", &[]).await.unwrap();
    let (first, _) = segments(&audited.path()).pop_first().unwrap();
    fs::rename(&first, audited.path().join("taken")).unwrap();
    wait(|| !segments(&audited.path()).is_empty()).await;
    audited.call("ListKeys", &[]).await.unwrap();
    audited.close().await;
    assert_eq!(audited.named("ListKeys").len(), 1);
    let broken = audited.verify().unwrap_err().to_string();
    assert!(broken.contains("no record says that those before it were removed"), "{broken}");
    fs::rename(audited.path().join("taken"), first).unwrap();
    audited.verify().unwrap();
}

#[tokio::test]
async fn damage_before_a_head_is_no_crash_and_stays_to_be_found() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    for _ in 0..5 {
        audited.call("ListKeys", &[]).await.unwrap();
    }
    audited.close().await;
    let (path, text) = segments(&audited.path()).pop_first().unwrap();
    fs::write(&path, text.replacen("\"ListKeys\"", "\"ListKexs\"", 1)).unwrap();
    let after = audited.after_a_crash(&world).await;
    after.call("ListKeys", &[]).await.unwrap();
    after.close().await;
    let broken = match after.verify() {
        Err(VerifyError::Broken(broken)) => broken,
        other => panic!("{other:?}"),
    };
    assert_eq!(broken.what, What::Changed(3), "after the segment's and the start's record");
    let last = segments(&after.path()).into_values().next_back().unwrap();
    assert!(last.contains("\"ListKeys\""), "the log went on in a file of its own");
}

#[tokio::test]
async fn two_writers_of_one_folder_are_one_too_many() {
    let world = World::new().await;
    let dir = TempDir::new().unwrap();
    let here = |settings: &mut keystead_service::audit::Settings| settings.dir = dir.path().join("audit");
    let first = Audited::with(&world, world.store.clone(), here).await;
    let config = keystead_service::EngineConfig {
        audit: Some(keystead_service::audit::Settings::in_dir(dir.path().join("audit"))),
        ..Default::default()
    };
    let second = keystead_service::Engine::open(
        world.store.clone(),
        &crate::harness::root_key(),
        world.clock.clone(),
        world.random.clone(),
        config,
    )
    .await;
    assert!(second.err().unwrap().to_string().contains("another process"));
    first.close().await;
}

#[tokio::test]
async fn after_the_end_requests_fail_and_nothing_is_changed() {
    let world = World::new().await;
    let audited = Audited::new(&world).await;
    audited.close().await;
    let error = audited.call("ListKeys", &[]).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ServiceUnavailableTemporary);
    let _ = audited.call("CreateKey", &[]).await.unwrap_err();
    let keys = world.store.scan(Range::prefix("key/"), None, 10).await.unwrap();
    assert!(keys.is_empty(), "{keys:?}");
    audited.verify().unwrap();
}

#[tokio::test]
async fn many_at_once_are_all_there_and_in_one_order() {
    let world = World::new().await;
    for always in [false, true] {
        let audited = Arc::new(
            Audited::with(&world, world.store.clone(), |settings| {
                settings.sync_always = always;
                settings.segment_bytes = 50_000;
            })
            .await,
        );
        let calls = (0..300).map(|_| {
            let audited = audited.clone();
            tokio::spawn(async move { audited.call("ListKeys", &[]).await.map(drop) })
        });
        for call in calls.collect::<Vec<_>>() {
            call.await.unwrap().unwrap();
        }
        audited.close().await;
        assert_eq!(audited.named("ListKeys").len(), 300);
        audited.verify().unwrap();
    }
}
